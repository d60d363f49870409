"""An affine change of the features changes nothing but units, and both routes of the flow stop by one rule."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import gaussian

from ntpproofs.dynamics import GradientFlow, Trajectory
from ntpproofs.dynamics.flow import wide as structured
from ntpproofs.dynamics.trajectory import Stop
from ntpproofs.geometry import decompose, max_margin
from ntpproofs.logit.asymptotics import asymptotics
from ntpproofs.logit.well_spread import well_spread, well_spread_vectors
from ntpproofs.problems import ConditionalLogit, LinearNTP

SHIFTS = (0, 30, 2019, 5000, 10**6)


def choices(points: tuple[int, ...], chosen: tuple[int, ...], shift: Any = 0, unit: Any = 1, constant: Any = 0) -> ConditionalLogit:
    """Binary choices with an intercept and a covariate: `shift` is added to the covariate, `constant` to all features of a row."""
    rows = []
    for x, z in zip(points, chosen, strict=True):
        features = [[0, 0], [unit, unit * (x + shift)]]
        rows.append((1, z, [[Fraction(entry) + constant for entry in feature] for feature in features]))
    return ConditionalLogit(rows)


def scores(run: Trajectory, problem: ConditionalLogit, w: np.ndarray) -> np.ndarray:
    """Of the last record, relative to the first alternative: what data can tell."""
    rows = [[float(b - a) for a, b in zip(row.features[0], row.features[1], strict=True)] for row in problem.rows]
    return np.array(rows) @ w


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(-4, 4), st.integers(0, 1)), min_size=2, max_size=6), st.sampled_from(SHIFTS), st.sampled_from((1, "1/1000", 60))
)
def test_a_shift_of_a_covariate_and_a_change_of_units(data: list[tuple[int, int]], shift: int, unit: Any) -> None:
    problem = choices(*zip(*data, strict=True), shift, Fraction(unit))  # type: ignore[arg-type]
    run, parts = GradientFlow(log_time=1e4)(problem), decompose(problem)
    assert run.stopped is (Stop.AT_REST if parts.attained else Stop.REACHED), run.notes
    assert not run.details["reference refused"], run.notes
    reference = parts.finite_part.array
    apart = scores(run, problem, run.tied[-1]) - scores(run, problem, reference)
    assert np.abs(apart).max() <= 1e-8 * (1 + np.abs(scores(run, problem, reference)).max()) + 1e-15 * np.linalg.norm(reference) * (5 + shift)
    if not parts.attained:
        u = np.array([float(x) for x in parts.max_margin.direction])
        # A shift may leave margins 1 and 1.0005: the exact rate says how far log time 10^4 gets.
        allowed = 1e-8 + 100 * np.exp(-1e4 * asymptotics(parts).exponent) if parts.max_margin.strictly_complementary else 1e-3
        assert np.linalg.norm(run.slopes[-1] - u) <= allowed * np.linalg.norm(u)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(0, 1)), min_size=2, max_size=5), st.sampled_from(SHIFTS), st.sampled_from((1, -7, "1/3")))
def test_what_all_alternatives_of_a_row_share_is_no_part_of_the_run(data: list[tuple[int, int]], shift: int, constant: Any) -> None:
    points, chosen = zip(*data, strict=True)
    one, other = (GradientFlow(log_time=100.0)(choices(points, chosen, shift, 1, x)) for x in (0, Fraction(constant)))
    np.testing.assert_allclose(one.log_times, other.log_times, rtol=1e-12)
    apart = np.linalg.norm(one.iterates.values - other.iterates.values, axis=1)
    assert (apart == 0).all() if isinstance(constant, int) else (apart <= one.errors["iterate"]).all()


@pytest.mark.parametrize(("shift", "step"), [(0, 1), (0, 10), (1000, 1)])
def test_the_same_data_rest_at_the_same_point_on_both_routes(shift: int, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Contexts (1, x) whose second token grows likelier with x, and falls back now and then: overlap.
    embeddings = [[1, shift + step * k] for k in range(21)]
    problem = LinearNTP(embeddings, [[1, 0] if (7 * k) % 21 > k else [0, 1] for k in range(21)])
    narrow = GradientFlow(log_time=1e4)(problem)
    monkeypatch.setattr(structured, "SMALLEST_WIDE", 1)
    monkeypatch.setattr(structured, "FEW", 0)
    monkeypatch.setattr(structured, "MANY_NARROW", 0)
    wide, reference = GradientFlow(log_time=1e4)(problem), decompose(problem).finite_part.array
    assert "structured" in wide.simulator and "structured" not in narrow.simulator
    for run in (narrow, wide):
        assert run.stopped is Stop.AT_REST, run.notes
        assert np.linalg.norm(run.tied[-1] - reference) <= 1e-8 * (1 + np.linalg.norm(reference))


def test_separated_data_agree_on_both_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = gaussian(6, 5, 5, 2, 4)
    shifted = LinearNTP([[*(x + 40 for x in row), 1] for row in problem.embeddings], problem.probabilities, problem.weights)
    narrow = GradientFlow(log_time=1e5)(shifted)
    monkeypatch.setattr(structured, "SMALLEST_WIDE", 1)
    monkeypatch.setattr(structured, "FEW", 0)
    monkeypatch.setattr(structured, "MANY_NARROW", 0)
    wide, u = GradientFlow(log_time=1e5)(shifted), np.array([float(x) for x in max_margin(shifted).direction])
    assert "structured" in wide.simulator
    for run in (narrow, wide):
        assert run.stopped is Stop.REACHED, run.notes
        assert np.linalg.norm(run.slopes[-1] - u) <= 1e-8 * np.linalg.norm(u)


def test_a_run_rests_only_where_what_remains_is_negligible() -> None:
    # Curvature e^-40 along w: no log time up to the latest switch is enough, and the run does not call that rest.
    slow = ConditionalLogit([(1, 0, [[1], [0]]), (Fraction(1, 10**18), 0, [[-1], [0]])])
    run = GradientFlow(log_time=1e4)(slow)
    off = abs(float(run.tied[-1][0]) - float(decompose(slow).finite_part.array[0]))
    assert (run.stopped is Stop.AT_REST) == (off < 1e-7) and (run.stopped is Stop.AT_REST or any("not at rest" in note for note in run.notes))


def test_well_spread_coordinates_reproduce_the_differences() -> None:
    problem = choices((0, 1, 3), (0, 1, 1), 10**6, Fraction(1, 7))
    found, anchored = well_spread(decompose(problem)), decompose(problem).separation.anchored
    rebuilt = (found.rows * found.spread) @ found.frame.T
    exact = anchored.rows.floats / float(anchored.scale)
    np.testing.assert_allclose(rebuilt, exact, rtol=1e-12)
    np.testing.assert_allclose(found.frame.T @ found.frame, np.eye(2), atol=1e-15)
    assert np.abs(found.rows).max() <= 2.0


def test_vectors_that_differ_in_the_fortieth_digit() -> None:
    tiny = Fraction(1, 10**40)
    found = well_spread_vectors([(Fraction(1), Fraction(1)), (Fraction(1), 1 + tiny)])
    assert found.spread[1] == pytest.approx(1e-40 / 2**0.5) and np.linalg.matrix_rank(found.rows) == 2
