"""The structured route of the flow: its formulas against dense ones, its runs against dense runs, its integrator against its order."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from instances import gaussian

from ntpproofs.dynamics import GradientFlow
from ntpproofs.dynamics.flow import wide as structured
from ntpproofs.dynamics.flow.bank import Bank, TiedBank, independent_rows
from ntpproofs.dynamics.flow.rosenbrock import integrate, step
from ntpproofs.dynamics.flow.structured_systems import EarlyBank, LateBank
from ntpproofs.errors import InvalidInput, TooLarge
from ntpproofs.geometry import decompose
from ntpproofs.problems import ConditionalLogit, LinearNTP


class Stiff:
    """A stiff non-linear system that depends on time, for the order of the integrator."""

    def rate(self, s: float, y: np.ndarray) -> np.ndarray:
        return np.array([-50 * (y[0] - np.cos(s)) * y[1], -(y[1] ** 2) + np.sin(3 * s) * y[0]])

    def drift(self, s: float, y: np.ndarray) -> np.ndarray | None:
        return np.array([-50 * np.sin(s) * y[1], 3 * np.cos(3 * s) * y[0]])

    def factor(self, s: float, y: np.ndarray, weight: float) -> Any:
        jacobian = np.array([[-50 * y[1], -50 * (y[0] - np.cos(s))], [np.sin(3 * s), -2 * y[1]]])
        return lambda b: np.linalg.solve(np.eye(2) - weight * jacobian, b)

    def size(self, error: np.ndarray, y: np.ndarray) -> float:
        return float(np.abs(error).max() / 1e-7)


def fixed(steps: int) -> np.ndarray:
    y, h = np.array([0.5, 1.0]), 1.5 / steps
    for k in range(steps):
        y, _ = step(Stiff(), k * h, y, h)
    return y


def test_the_integrator_has_order_four() -> None:
    reference = fixed(3200)
    errors = [float(np.abs(fixed(n) - reference).max()) for n in (50, 100, 200)]
    assert all(2**3.7 < a / b < 2**5.5 for a, b in pairwise(errors))
    adaptive = integrate(Stiff(), np.array([0.5, 1.0]), np.array([0.0, 0.7, 1.5]), 1e-3)
    assert not adaptive.failure and np.abs(adaptive.states[-1] - reference).max() < 1e-6


def test_the_integrator_says_when_it_gives_up() -> None:
    found = integrate(Stiff(), np.array([0.5, 1.0]), np.array([0.0, 1.5]), 1e-3, limit=3)
    assert "3 steps at log time" in found.failure and len(found.states) == 1


@pytest.fixture(scope="module")
def small() -> tuple[LinearNTP, Bank, TiedBank]:
    problem = gaussian(6, 5, 5, 2, 0)
    bank = Bank.of(problem.conditional_logit())
    assert bank is not None
    reference = decompose(problem).finite_part.array.reshape(bank.shape)
    return problem, bank, TiedBank(bank, bank.target > 0, reference)


def test_bank_formulas(small: tuple[LinearNTP, Bank, TiedBank]) -> None:
    problem, bank, tied = small
    logit, rng = problem.conditional_logit(), np.random.default_rng(0)
    w, b = rng.normal(size=bank.shape), rng.normal(size=bank.shape)
    np.testing.assert_allclose(bank.force(w).ravel(), -logit.gradient(w.ravel()), atol=1e-14)
    hessian = logit.hessian(w.ravel())
    for weight in (0.1, 1e3):
        np.testing.assert_allclose(bank.hessian_solver(w, weight)(b).ravel(), np.linalg.solve(np.eye(30) + weight * hessian, b.ravel()), atol=1e-11)
    parts = decompose(problem)
    np.testing.assert_allclose(tied.tied_part(w).ravel(), parts.tied.project(w.ravel()), atol=1e-12)
    frame, at = parts.coordinates, problem.conditional_logit().arrays
    y = np.where(frame.is_separable, rng.random(frame.is_separable.shape), 0.0)
    assert (at.items == np.arange(6)).all()
    np.testing.assert_allclose(tied.displacement(y).ravel(), frame.tied_frame @ frame.displacement(y), atol=1e-11)
    shifted = parts.finite_part.array + 0.1 * w.ravel()
    from ntpproofs.dynamics.field import Field

    assert tied.excess(shifted.reshape(bank.shape)) == pytest.approx(Field(frame).excess(frame.of(shifted)), rel=1e-10)


def test_late_system_formulas(small: tuple[LinearNTP, Bank, TiedBank]) -> None:
    _, bank, tied = small
    late, rng = LateBank(tied, 1e-6), np.random.default_rng(1)
    n = late.count
    x = np.array([late.pull(tied.off_tied(e.reshape(bank.shape))) for e in np.eye(30)]).T
    state = np.concatenate([rng.normal(size=n) - 1, rng.normal(size=30)])
    y = np.exp(state[:n])
    np.testing.assert_allclose(late.rate(0.0, state), np.concatenate([1 - x @ x.T @ y, x.T @ y]), atol=1e-13)
    jacobian = np.block([[-x @ x.T * y, np.zeros((n, 30))], [x.T * y, np.zeros((30, 30))]])
    for weight in (0.3, 1e2):
        b = rng.normal(size=n + 30)
        np.testing.assert_allclose(late.factor(0.0, state, weight)(b), np.linalg.solve(np.eye(n + 30) - weight * jacobian, b), atol=1e-8)


def test_polishing_finds_the_finite_part(small: tuple[LinearNTP, Bank, TiedBank]) -> None:
    _, _, tied = small
    off = replace(tied, reference=tied.reference + 0.01)
    np.testing.assert_allclose(off.polished().reference, tied.reference, atol=1e-12)


def test_early_error_is_measured_on_scores(small: tuple[LinearNTP, Bank, TiedBank]) -> None:
    _, bank, _ = small
    same = np.tile(np.arange(5.0), 6)  # the same vector in every row of W: no score difference
    assert EarlyBank(bank, 1e-6).size(same, np.zeros(30)) < 1e-6


def test_structured_and_dense_runs_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = gaussian(12, 8, 6, 3, 3)
    dense = GradientFlow(log_time=1e6)(problem)
    monkeypatch.setattr(structured, "SMALLEST_WIDE", 10)
    initial = tuple(np.random.default_rng(2).normal(size=96))
    for start in (None, initial):
        wide = GradientFlow(log_time=1e6, initial=start)(problem)
        assert "structured" in wide.simulator and "structured" not in dense.simulator
        np.testing.assert_allclose(wide.slopes[-1], dense.slopes[-1], atol=1e-12)
        assert wide.slope_error_bound is not None and wide.slope_error_bound < 1e-10
    again = GradientFlow(log_time=1e6)(problem)
    for s in (5.0, 15.0, 300.0, 1e5):
        one, two = dense.at(s), again.at(s)
        bar = float(again.errors["iterate"][-1])
        np.testing.assert_allclose(one.iterate, two.iterate, atol=bar)
        np.testing.assert_allclose(one.tied, two.tied, atol=bar)
        assert two.excess == pytest.approx(one.excess, rel=1e-2)
    np.testing.assert_allclose(wide.invariant[-1], decompose(problem).invariant.project(np.array(initial)), atol=1e-10)


def test_a_wide_problem_with_a_wrong_reference_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = gaussian(24, 12, 18, 2, 0).conditional_logit()
    parts, (bank, _) = decompose(problem), structured.wide_parts(problem)
    assert bank is not None
    wrong = replace(parts.finite_part, center=tuple(x + 1 for x in parts.finite_part.center[:1]) + parts.finite_part.center[1:])
    monkeypatch.setitem(parts.__dict__, "finite_part", wrong)
    run = structured.WideRun(bank, parts, np.zeros(problem.dimension), None, 100.0, 60, "").trajectory(np.zeros(problem.dimension))
    assert any("refused" in note for note in run.notes)


def test_beyond_the_exact_route_the_tied_sets_are_read_off(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = gaussian(24, 12, 18, 2, 0).conditional_logit()
    exact = GradientFlow(log_time=1e5)(problem)

    def refuse(_: Any) -> Any:
        raise TooLarge("the exact route", "is not available here", "none")

    monkeypatch.setattr(structured, "decompose", refuse)
    run = GradientFlow(log_time=1e5)(problem)
    assert any("not decided" in note for note in run.notes)
    assert run.slope_error_bound is None and run.details["kkt residual"] < 1e-10
    np.testing.assert_allclose(run.slopes[-1], exact.slopes[-1], atol=1e-10)
    np.testing.assert_allclose(run.tied[-1], exact.tied[-1], atol=1e-8)


def test_overlap_on_the_structured_route(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structured, "SMALLEST_WIDE", 1)
    run = GradientFlow(log_time=1e4)(LinearNTP([[1], [1]], [["1/2", "1/2", 0], ["1/2", 0, "1/2"]]))
    assert any("at rest" in note for note in run.notes) and run.slope_error_bound is not None
    np.testing.assert_allclose(run.tied[-1], np.log(2) * np.array([2, -1, -1]) / 3, atol=1e-7)


def test_problems_with_left_factors_have_no_bank() -> None:
    assert Bank.of(ConditionalLogit([(1, 0, [[1], [0]])])) is None


def test_independent_rows_of_a_gram_matrix() -> None:
    x = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    kept = independent_rows(x @ x.T)
    assert len(kept) == 2 and 2 in kept
    assert len(independent_rows(np.zeros((0, 0)))) == 0


def test_dense_output_of_a_finished_run_only() -> None:
    run = GradientFlow(log_time=50.0)(gaussian(24, 12, 18, 2, 0))
    with pytest.raises(InvalidInput, match="simulate further"):
        run.at(60.0)


def test_one_hot_contexts() -> None:
    # Contexts decouple: a certain context has u = e_v - (mean over tokens), whose margins are all 1; the reference is confirmed.
    rows = [{0: 1}, {1: "1/2", 2: "1/2"}, *({k: 1} for k in range(3, 24))]
    run = GradientFlow(log_time=1e5)(LinearNTP("one-hot", rows, vocabulary_size=24))
    assert any("agrees with stage 1" in note for note in run.notes)
    column = run.slopes[-1].reshape(24, -1)[:, 0]
    np.testing.assert_allclose(column, [23 / 24, *[-1 / 24] * 23], atol=1e-12)
    assert run.slope_error_bound is not None and run.slope_error_bound < 1e-12


def test_the_structured_bars_cover_the_distance_to_a_tighter_run() -> None:
    for seed in (901,):
        problem = gaussian(24, 6, 18, 2, seed)
        usual, tight = GradientFlow(log_time=3e3)(problem), GradientFlow(log_time=3e3, tolerance=1e-7)(problem)
        for k, s in list(enumerate(usual.log_times))[::-3]:
            if not tight.log_times[0] <= s <= tight.log_times[-1]:
                continue  # the two start at different times
            here, there = usual.moment(k), tight.at(float(s))
            pairs = {"slope": (here.slope, there.slope), "iterate": (here.iterate, there.iterate), "finite part": (here.tied, there.tied)}
            pairs |= {"scaled excess": (here.excess, there.excess), "scaled finite part": (here.displacement, there.displacement)}
            for name, (one, two) in pairs.items():
                assert np.linalg.norm(np.atleast_1d(one - two)) <= usual.errors[name][k], (seed, name, s)
