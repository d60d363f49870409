"""The orthogonal decomposition: dimensions add up, projections are idempotent, orthogonal and agree in both arithmetics."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from ntpproofs.errors import TooLarge
from ntpproofs.exact.rational import dot, rank, row_space
from ntpproofs.geometry import decompose, max_margin, separation
from ntpproofs.logit.assemble import assemble, columns, sparse
from ntpproofs.logit.recession import LARGEST_SYSTEM, anchored_rows
from ntpproofs.papers.attention_ntp.attention_limits import training_limits
from ntpproofs.papers.foundations.theorems import _instances
from ntpproofs.papers.linear_ntp.theorems import _golden
from ntpproofs.problems import AttentionNTP, ConditionalLogit, LinearNTP
from ntpproofs.strategies import conditional_logits, linear_ntps

F = Fraction
SETTINGS = settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
PROBLEMS = [*(p.conditional_logit() for p in _golden.golden), *_instances.golden]


def check_decomposition(problem: ConditionalLogit) -> None:
    parts = decompose(problem)
    spaces = (parts.tied, parts.diverging, parts.invariant)
    assert sum(space.dimension for space in spaces) == problem.dimension
    differences = problem.differences()
    tied = [differences[pair] for pair in parts.separation.tied]
    assert parts.tied.dimension == rank(tied) and parts.tied.basis == row_space(tied)
    assert parts.tied.dimension + parts.diverging.dimension == rank(list(differences.values()))
    for space in spaces:
        assert len(space.basis) == space.dimension == space.frame.shape[1] and space.ambient == problem.dimension
        assert all(space.project(vector) == vector for vector in space.basis)
    for i, first in enumerate(spaces):
        for second in spaces[i + 1 :]:
            assert all(dot(x, y) == 0 for x in first.basis for y in second.basis)
    x = tuple(F((7 * k * k + 3) % 11 - 5, 2) for k in range(problem.dimension))
    images = [space.project(x) for space in spaces]
    assert tuple(map(sum, zip(*images))) == x
    for space, image in zip(spaces, images):
        assert space.project(image) == image
        assert dot(image, tuple(a - b for a, b in zip(x, image))) == 0
        floats = np.array([float(a) for a in x])
        assert space.project(floats) == pytest.approx([float(a) for a in image], abs=1e-12)
        assert space.frame.T @ space.frame == pytest.approx(np.eye(space.dimension), abs=1e-13)
    assert all(not any(parts.invariant.project(d)) for d in differences.values())
    assert all(not any(parts.diverging.project(d)) for d in tied)


@pytest.mark.parametrize("problem", PROBLEMS, ids=range(len(PROBLEMS)))
def test_decomposition_of_golden_instances(problem: ConditionalLogit) -> None:
    check_decomposition(problem)


@SETTINGS
@given(conditional_logits(max_rows=4, max_alternatives=3, max_dimension=3))
def test_decomposition_of_logits(problem: ConditionalLogit) -> None:
    check_decomposition(problem)


@SETTINGS
@given(linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2))
def test_decomposition_of_linear_ntp(problem: LinearNTP) -> None:
    check_decomposition(problem.conditional_logit())


def test_projections_with_denominators() -> None:
    # The Gram matrix is that of integer multiples of the differences; the projection must not notice.
    problem = ConditionalLogit([(1, 0, [["1/3", "1/2"], [0, 0]]), (1, 1, [["1/3", "1/2"], [0, 0]]), (1, 0, [["5/7", 0], [0, 0]])])
    parts = decompose(problem)
    # T is spanned by (2, 3): x -> (2 x_1 + 3 x_2) / 13 (2, 3).
    assert parts.tied.project((F(1), F(0))) == (F(4, 13), F(6, 13))
    assert parts.diverging.project((F(1), F(0))) == (F(9, 13), F(-6, 13))
    assert parts.invariant.dimension == 0 and parts.invariant.project((F(1), F(2))) == (F(0), F(0))


def test_coordinates_are_an_isometry_with_clean_tied_rows() -> None:
    for problem in PROBLEMS:
        parts = decompose(problem)
        frame = parts.coordinates
        rows, split = frame.rows, frame.split
        assert rows.shape[2] == parts.tied.dimension + parts.diverging.dimension and split == parts.tied.dimension
        assert not rows[frame.is_tied][:, split:].any()
        assert (frame.is_tied ^ frame.is_separable == problem.arrays.mask).all()
        anchored = parts.separation.anchored
        for r, (b, v) in enumerate(zip(anchored.blocks, anchored.alternatives)):
            squared = float(Fraction(int(anchored.rows.gram[r, r]), anchored.scale**2))
            assert rows[b, v] @ rows[b, v] == pytest.approx(squared, abs=1e-12)
        x = np.arange(problem.dimension, dtype=float)
        inner = parts.tied.project(x) + parts.diverging.project(x)
        assert np.linalg.norm(frame.of(x)) == pytest.approx(np.linalg.norm(inner))


def test_tied_shares_are_the_probabilities_of_compatible_separable_data() -> None:
    for problem in (_golden.ex_three_quarters, _golden.ex_full, _golden.ex_all_full):
        shares = decompose(problem).coordinates.tied_shares
        assert shares == pytest.approx(np.array([[float(p) for p in row] for row in problem.probabilities]), abs=1e-12)


def test_too_many_constraints_are_refused_with_size_and_remedy() -> None:
    contexts, rows = [[int(j == k) for k in range(100)] for j in range(100)], [{0: 1}] * 100
    assert anchored_rows(LinearNTP(contexts, rows, vocabulary_size=61).conditional_logit()).reach == LARGEST_SYSTEM == 6_000
    problem = LinearNTP(contexts, rows, vocabulary_size=62)
    for route in (separation, max_margin, decompose):
        with pytest.raises(TooLarge) as caught:
            route(problem)
        assert "6,100 margin constraints" in caught.value.reason and "6,000" in caught.value.reason
        assert "one-hot" in caught.value.remedy


def test_assembling_block_coefficients() -> None:
    for problem in PROBLEMS:
        coefficients = [{v: F(b + 2 * v - 1, v + 1) for v in range(len(block.alternatives))} for b, block in enumerate(problem.data.blocks)]
        expected = [F(0)] * problem.dimension
        for b, c in enumerate(coefficients):
            for v, x in c.items():
                expected = [y + x * z for y, z in zip(expected, problem.feature(b, v))]
        assert assemble(problem, coefficients) == tuple(expected)


@pytest.mark.parametrize(
    ("entries", "written"),
    [
        ({}, {"entries": {}}),
        ({1: F(1, 2)}, {"entries": {"1": "1/2"}}),
        ({0: F(1), 2: F(-1, 3)}, ["1", "0", "-1/3", "0"]),
        ({3: F(0), 0: F(2)}, {"entries": {"0": "2"}}),
    ],
)
def test_vectors_are_written_in_the_shorter_form(entries: dict[int, Fraction], written: Any) -> None:
    assert sparse(entries, 4) == written


def test_columns_and_defaults() -> None:
    flat = tuple(F(k) for k in range(6))
    assert columns(flat, (3, 2)) == [["0", "2", "4"], ["1", "3", "5"]]


def test_equal_rows_count_once() -> None:
    # 6 500 observations of 26 patterns, far above what 6 500 different ones would be allowed to be.
    patterns = [[i % 5 - 2, i // 5 - 2, 1] for i in range(26)]
    chosen = [int(i % 5 - 2 + 2 * (i // 5 - 2) > 0) for i in range(26)]
    once = [(i + 1, y, [[0, 0, 0], x]) for i, (x, y) in enumerate(zip(patterns, chosen))]
    often = [(F(w, 250), y, x) for w, y, x in once for _ in range(250)]
    few, many = decompose(ConditionalLogit(once)), decompose(ConditionalLogit(often))
    assert many.separation.anchored.distinct == 26
    assert few.max_margin.direction == many.max_margin.direction and few.separation.kind == many.separation.kind
    assert {(i // 250, v) for i, v in many.separation.tied} == few.separation.tied
    assert sum(many.max_margin.multipliers.values()) == few.max_margin.squared_norm


@pytest.mark.parametrize("chosen", [0, 1])
def test_the_finite_part_of_equal_rows_is_that_of_their_total_weight(chosen: int) -> None:
    once = [
        (3, 0, [[1, 0], [0, 1], [0, 0]]),
        (2, chosen, [[1, 0], [0, 1], [0, 0]]),
        (1, 2, [[1, 0], [0, 1], [0, 0]]),
        (F(1, 2), 1, [[1, 1], [2, 0]]),
        (1, 0, [[1, 1], [2, 0]]),
    ]
    often = [(F(w) / 3, y, x) for w, y, x in once for _ in range(3)]
    few, many = decompose(ConditionalLogit(once)).finite_part, decompose(ConditionalLogit(often)).finite_part
    assert np.linalg.norm(few.array - many.array) <= float(few.radius + many.radius) < 1e-12
    assert abs(few.infimum.center - many.infimum.center) <= few.infimum.radius + many.infimum.radius


def test_factors_that_do_not_occur_cost_nothing() -> None:
    few = AttentionNTP([[1, 0], [0, 2], [1, F(1, 3)]], [[1, 0], [2, 1, 0]], [1, 2])
    unused = [[k, F(1, k + 2)] for k in range(20_000)]
    many = AttentionNTP([*few.embeddings, *unused], few.sequences, few.labels)
    assert decompose(few).max_margin.direction == decompose(many).max_margin.direction
    assert decompose(few).finite_part.center == decompose(many).finite_part.center
    assert decompose(few).separation.certificate == decompose(many).separation.certificate
    assert [found.masses for found in training_limits(few)] == [found.masses for found in training_limits(many)]
    alone = AttentionNTP([[1, 0], *unused[:9]], [[0]], [0])
    assert decompose(alone).tied.dimension == decompose(alone).diverging.dimension == 0
