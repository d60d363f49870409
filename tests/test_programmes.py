"""The readable cvxpy forms, the direct solver call and the exact answer agree; the two formulations are the same problem."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from ntpproofs.errors import InvalidInput
from ntpproofs.geometry import max_margin
from ntpproofs.logit.programmes import solve_directly
from ntpproofs.papers.linear_ntp.programmes import assemble_ntp_svm, ntp_svm, ntp_svm_dual, ntp_svm_margin
from ntpproofs.papers.linear_ntp.theorems._golden import ex_full, ex_not_separable
from ntpproofs.problems import LinearNTP
from ntpproofs.strategies import linear_ntps

SEPARABLE = linear_ntps(max_vocabulary=4, max_contexts=3, max_dimension=3, separable=True, partial=True)
# Clarabel is wrong in the fifth digit where an active constraint has multiplier zero (METHODS section 1), so floats are
# compared with the exact answer at 1e-4 and the exact answer carries the claim.
FLOAT_ERROR = 1e-4


def exact(problem: LinearNTP) -> np.ndarray:
    return np.array([float(x) for x in max_margin(problem).direction]).reshape(problem.vocabulary_size, problem.dimension)


@settings(max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(SEPARABLE)
def test_three_forms_agree_with_the_exact_answer(problem: LinearNTP) -> None:
    target = exact(problem)
    norm = np.linalg.norm(target)
    primal = ntp_svm(problem).solve()
    assert primal is not None and np.linalg.norm(primal - target) <= FLOAT_ERROR * norm
    margin = ntp_svm_margin(problem)
    unit = margin.solve()
    assert unit is not None and np.linalg.norm(unit - target / norm) <= 1e-3
    assert margin.problem.value == pytest.approx(1 / norm, rel=1e-5)
    dual = ntp_svm_dual(problem)
    a = dual.solve()
    embeddings = np.array([[float(x) for x in h] for h in problem.embeddings])
    assert a is not None and np.linalg.norm(a @ embeddings - target) <= FLOAT_ERROR * norm
    assert dual.problem.value == pytest.approx(norm**2 / 2, rel=1e-6)


@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(SEPARABLE)
def test_direct_call_agrees_with_the_exact_answer(problem: LinearNTP) -> None:
    target = exact(problem).ravel()
    assert np.linalg.norm(solve_directly(assemble_ntp_svm(problem)) - target) <= FLOAT_ERROR * np.linalg.norm(target)


@settings(max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(SEPARABLE)
def test_both_formulations_build_the_same_problem(problem: LinearNTP) -> None:
    programme, rows = ntp_svm(problem), assemble_ntp_svm(problem)
    height, width = problem.vocabulary_size, problem.dimension
    rng = np.random.default_rng(0)
    for _ in range(3):
        w = rng.normal(size=(height, width))
        programme.variable.value = w
        equalities = [float(c.args[0].value - c.args[1].value) for c in programme.problem.constraints if type(c).__name__ == "Equality"]
        # cvxpy writes a >= b as b - a <= 0.
        slacks = [float(c.args[1].value - c.args[0].value) for c in programme.problem.constraints if type(c).__name__ == "Inequality"]
        assert np.allclose(rows.equalities @ w.ravel(), equalities, atol=1e-12)
        assert np.allclose(rows.inequalities @ w.ravel() - 1, slacks, atol=1e-12)
        assert float(programme.problem.objective.value) == pytest.approx(float(w.ravel() @ w.ravel()) / 2)


def test_golden_programme() -> None:
    assert np.allclose(exact(ex_full), np.outer([2 / 3, -1 / 3, -1 / 3], [0, 1]))
    primal = ntp_svm(ex_full).solve()
    assert primal is not None and np.allclose(primal, exact(ex_full), atol=1e-6)


def test_infeasible_programmes_say_so() -> None:
    assert ntp_svm(ex_not_separable).solve() is None
    with pytest.raises(InvalidInput, match="Clarabel answers"):
        solve_directly(assemble_ntp_svm(ex_not_separable))
