"""The smoothness constant: an upper bound of every curvature, attained where it should be."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from ntpproofs.papers.linear_ntp.theorems import _golden
from ntpproofs.problems import ConditionalLogit, LinearNTP, largest_step, smoothness
from ntpproofs.strategies import conditional_logits, linear_ntps

F = Fraction
SETTINGS = settings(max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


def check_curvature(problem: ConditionalLogit) -> None:
    beta = float(smoothness(problem))
    rng = np.random.default_rng(3)
    for scale in (0.0, 0.2, 1.0, 5.0):
        top = np.linalg.eigvalsh(problem.hessian(scale * rng.normal(size=problem.dimension)))[-1]
        assert top <= beta * (1 + 1e-12) + 1e-15
    assert (beta == 0) == (not any(any(d) for d in problem.differences().values()))
    assert largest_step(problem) == (1 / smoothness(problem) if beta else 1)


@SETTINGS
@given(conditional_logits(max_rows=4, max_alternatives=4, max_dimension=3))
def test_curvature_of_logits_stays_below(problem: ConditionalLogit) -> None:
    check_curvature(problem)


@SETTINGS
@given(linear_ntps(max_vocabulary=4, max_contexts=3, max_dimension=3))
def test_curvature_of_linear_ntp_stays_below(problem: LinearNTP) -> None:
    check_curvature(problem.conditional_logit())
    # A-D-L: at most half the largest eigenvalue of sum pi h h'.
    h = np.array([[float(x) for x in row] for row in problem.embeddings])
    pi = np.array([float(x) for x in problem.weights])
    moment = np.linalg.eigvalsh((h.T * pi) @ h)[-1]
    assert float(smoothness(problem.conditional_logit())) <= moment / 2 * (1 + 1e-12) + 1e-15


@pytest.mark.parametrize(
    ("problem", "beta"),
    [
        (ConditionalLogit([(1, 0, [[1], [0]])]), F(1, 4)),  # attained at w = 0
        (ConditionalLogit([(1, 0, [[3, 4], [0, 0]])]), F(25, 4)),
        (ConditionalLogit([(2, 0, [[1], [0]]), ("1/2", 0, [[2], [0]])]), F(1)),  # 2/4 + (1/2) 4/4
        (ConditionalLogit([(1, 0, [[1], [1]])]), F(0)),
        (ConditionalLogit([(1, 0, [[1]])]), F(0)),
        (_golden.ex_one_half.conditional_logit(), F(1, 2)),  # A-D-L is tight
        (LinearNTP("one-hot", [{0: 1}, {1: 1}], ["1/4", "3/4"], vocabulary_size=3).conditional_logit(), F(3, 8)),
        (LinearNTP([[1], [1]], [[1], [1]]).conditional_logit(), F(0)),  # one token: nothing to choose
        (LinearNTP([[0]], [[1, 0]]).conditional_logit(), F(0)),
    ],
    ids=range(9),
)
def test_constants_by_hand(problem: ConditionalLogit, beta: Fraction) -> None:
    # The eigenvalue route is rounded outward by about 1e-14.
    assert beta <= smoothness(problem) <= beta * (1 + F(1, 10**12))


def test_each_of_the_two_bounds_is_the_smaller_one_somewhere() -> None:
    # Orthogonal rows of weight 1: the eigenvalue bound sees one direction at a time, Popoviciu adds them up.
    apart = ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[0, 1], [0, 0]])])
    assert smoothness(apart) < F(1, 2) and smoothness(apart) >= F(1, 4)
    # Many alternatives close to two points: the sum over alternatives grows, the range does not.
    crowded = ConditionalLogit([(1, 0, [[1], [0], [1], [0], [1], [0]])])
    assert smoothness(crowded) == F(1, 4)


def test_half_the_constant_fails_at_equal_probabilities() -> None:
    problem = ConditionalLogit([(1, 0, [[1], [0]])])
    assert problem.hessian([0.0])[0, 0] == pytest.approx(float(smoothness(problem)))


def test_scaling_laws() -> None:
    rows = [("1/2", 0, [[1, 2], [0, 1], [3, 0]]), (1, 1, [[1, 1], [-1, 0], [0, 0]])]
    base = smoothness(ConditionalLogit(rows))
    features = ConditionalLogit([(a, y, [[3 * x for x in f] for f in fs]) for a, y, fs in rows])
    weights = ConditionalLogit([(F(a) * 5, y, fs) for a, y, fs in rows])
    doubled = ConditionalLogit(rows + rows)
    for other, factor in ((features, 9), (weights, 5), (doubled, 2)):
        assert float(smoothness(other)) == pytest.approx(factor * float(base), rel=1e-12)
