"""The convex learners: type counts from samples, closed forms against the exact solvers, goldens of the notes."""

from __future__ import annotations

from fractions import Fraction
from math import exp, log
from random import Random

import numpy as np
import pytest

from ntpproofs.geometry import decompose, max_margin
from ntpproofs.papers.path_star import closed_forms, floors
from ntpproofs.papers.path_star.distribution import draw_sample, node_count, relabelled, reordered
from ntpproofs.papers.path_star.information import ZERO_NATS, enclosed, logarithms
from ntpproofs.papers.path_star.learners import (
    logit_of,
    reversed_types,
    sample_reversed_types,
    sample_types,
    step_types,
    teacherless_types,
)


def sizes(arms: int = 3, length: int = 5) -> list[tuple[int, int, int, int]]:
    """(d, l, K, C) with C = n - 1, n, n + 5."""
    shapes = [(d, nodes, k) for d in range(1, arms + 1) for nodes in range(2, length + 1) for k in range(-1, nodes - 1)]
    return [(d, nodes, k, node_count(d, nodes) + extra) for d, nodes, k in shapes for extra in (-1, 0, 5)]


def nats(number: object) -> float:
    return float(enclosed(number).center)  # type: ignore[arg-type]


def test_every_sample_has_the_type_counts() -> None:
    random = Random(1)
    for _ in range(80):
        d, length = random.randint(1, 4), random.randint(2, 6)
        labels = node_count(d, length) + random.randint(0, 4)
        sample = draw_sample(d, length, labels, random)
        for lookback in range(-1, length - 1):
            assert sample_types(sample, lookback, range(labels)) == step_types(d, length, lookback, labels)
            without_start = [v for v in range(labels) if v != sample.start]
            assert sample_types(sample, lookback, without_start) == step_types(d, length, lookback, labels - 1)
        assert sample_reversed_types(sample, range(labels)) == reversed_types(length, labels)
        names = dict(enumerate(random.sample(range(labels), labels)))
        assert sample_types(relabelled(reordered(sample, range(len(sample.edges))), names), 0, range(labels)) == step_types(d, length, 0, labels)


@pytest.mark.parametrize("size", sizes(), ids=str)
def test_standard_closed_forms(size: tuple[int, int, int, int]) -> None:
    problem = logit_of(step_types(*size))
    best = max_margin(problem)
    assert best.direction == closed_forms.standard_direction(*size)
    assert best.strictly_complementary == closed_forms.standard_strictly_complementary(*size)
    assert float(decompose(problem).infimum.center) * (size[1] - 1) == pytest.approx(nats(floors.teacher_forced_floor(*size[:3])), abs=1e-12)


@pytest.mark.parametrize("size", sizes(2, 5), ids=str)
def test_teacherless_closed_forms(size: tuple[int, int, int, int]) -> None:
    arms, length, lookback, candidates = size
    problem = logit_of(teacherless_types(*size))
    assert max_margin(problem).direction == closed_forms.teacherless_direction(*size)
    assert nats(floors.teacherless_floor(*size)) == pytest.approx((length - 2 - lookback) * log(max(candidates - lookback - 1, 1)))
    for layers in range(length):
        for start in (False, True)[: 1 + (candidates >= node_count(arms, length))]:
            problem = logit_of(teacherless_types(*size, layers=layers, start=start))
            found = float(decompose(problem).infimum.center) * (length - 1)
            assert found == pytest.approx(nats(floors.teacherless_floor(*size, layers=layers, start=start)), abs=1e-10)
    shared = logit_of(teacherless_types(*size, shared=True))
    assert float(decompose(shared).infimum.center) == pytest.approx(nats(floors.shared_floor(length, lookback, candidates)), abs=1e-10)


@pytest.mark.parametrize("length, candidates", [(n, c) for n in range(2, 7) for c in (n, n + 1, 2 * n + 3)])
def test_reversed_closed_forms(length: int, candidates: int) -> None:
    problem = logit_of(reversed_types(length, candidates))
    best = max_margin(problem)
    assert best.direction == closed_forms.reversed_direction()
    assert best.strictly_complementary == (length == 2)
    assert float(decompose(problem).infimum.center) == 0
    w = np.array([0.7, -0.4])
    tail = (length - 2) * log(1 + exp(w[1] - w[0]) + (candidates - 2) * exp(-w[0]))
    assert problem.loss(w) == pytest.approx((log(1 + (candidates - 1) * exp(-w[0])) + tail) / (length - 1))


GOLDEN_WEIGHTS = {(2, 5, 0, 9): 0.58158, (2, 5, 1, 9): 0.77022, (2, 5, 2, 9): 1.24245, (2, 10, 5, 19): 0.82433, (1, 5, 1, 5): 0.2027}
GOLDEN_EXPONENTS = {(2, 5, 0, 9): 0.3447, (2, 5, 1, 9): 0.2762, (2, 5, 2, 9): 0.1883, (2, 10, 5, 19): 0.0891, (3, 7, 3, 19): 0.1360}


def test_goldens_of_the_notes() -> None:
    for size, value in GOLDEN_WEIGHTS.items():
        assert float(closed_forms.finite_lookback_weight(*size)) == pytest.approx(value, abs=6e-5)
    for size, value in GOLDEN_EXPONENTS.items():
        assert float(closed_forms.relaxation_exponent(*size)) == pytest.approx(value, abs=6e-5)
    assert closed_forms.forward_drift(5, 9) == Fraction(3, 29)
    staircase = [nats(floors.teacherless_floor(2, 5, lookback, 9)) for lookback in range(-1, 4)]
    assert staircase == pytest.approx([8.789, 6.238, 3.892, 1.792, 0], abs=6e-4)
    assert floors.shared_floor(5, 3, 9) == logarithms({4: 1})
    # J >= 1 with K = l - 3: the slot of r_2 costs log d, no more.
    assert floors.teacherless_floor(2, 5, 2, 9, layers=1) == logarithms({2: 1})
    assert floors.teacherless_floor(2, 5, 3, 9) == ZERO_NATS


@pytest.mark.parametrize("size", [x for x in sizes(3, 6) if 0 <= x[2] <= x[1] - 3], ids=str)
def test_the_reduced_potential_is_stationary_at_the_finite_weight(size: tuple[int, int, int, int]) -> None:
    """An independent route: minimise the loss of the edges at a large alpha, by the competitor sums alone."""
    _, length, lookback, _ = size
    beta = float(closed_forms.finite_lookback_weight(*size))
    potential, gradient = 0.0, np.zeros(lookback + 1)
    for true, others in step_types(*size):
        tied = 1 + others.get(true, 0)
        for features, count in others.items():
            if features != true:
                gap = np.array(features) - np.array(true)
                mass = count / tied * np.exp(beta * gap[1:].sum()) / (length - 1)
                potential += mass
                gradient += mass * gap[1:]
    assert np.abs(gradient).max() < 1e-12 * potential
    assert potential == pytest.approx(float(closed_forms.potential_minimum(*size)), rel=1e-12)


@pytest.mark.parametrize("size", [(2, 40, 17, 79), (7, 1000, 400, 7000), (6, 9, 6, 60)])
def test_any_size(size: tuple[int, int, int, int]) -> None:
    beta = float(closed_forms.finite_lookback_weight(*size))
    assert beta == pytest.approx(0.5 * log((size[3] - 1 - size[2]) / (size[1] - 3 - size[2] + 1 / size[0])))
    assert 0 < float(closed_forms.relaxation_exponent(*size)) < 1
