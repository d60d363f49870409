"""Foundations: what their clauses rest on, elimination, and the numbers that docstrings quote about steps that are too large."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntpproofs.checking.clauses import ClauseReport, StepResult, Support, clause_report, proofs
from ntpproofs.checking.registry import collect
from ntpproofs.dynamics import GradientDescent, GradientFlow
from ntpproofs.geometry import max_margin, separation
from ntpproofs.language.statements import Statement
from ntpproofs.papers.foundations.theorems._instances import START, coin, slow_turn, valley
from ntpproofs.papers.foundations.theorems.direction import unit
from ntpproofs.papers.foundations.theorems.farkas import alternative, weighted

FULL = (
    "convexity-and-smoothness split-identity farkas separation finite-part tied-growth infimum max-margin risk-bound invariant-part"
).split()  # fmt: skip
PARTLY = {"gradient-descent-bias": (5, 7), "finite-part-limit": (1, 2), "overlap-limit": (2, 3), "direction": (0, 2), "regularization-path": (1, 4)}
MEASURED = "momentum hand-off steepest-descent-risk risk-constant log-time-slope".split()


class Report:
    """A statement's clauses as its steps alone leave them; claims are taken to hold."""

    def __init__(self, statement: Statement) -> None:
        results = [StepResult(step.names, step.function().decide(), True) for step in statement.steps if not step.on_instances]
        self.clauses: tuple[ClauseReport, ...] = tuple(clause_report(entry, results, ()) for entry in statement.clauses)


@cache
def reports() -> dict[str, Report]:
    return {label: Report(statement) for label, statement in collect().items() if statement.area == "foundations"}


@pytest.mark.parametrize("name", FULL)
def test_every_clause_is_established(name: str) -> None:
    found = proofs(reports())[f"foundations.{name}"]
    assert found.grade is Support.PROVED, [
        entry.text for entry, support in zip(reports()[f"foundations.{name}"].clauses, found.supports) if support < Support.PROVED
    ]


@pytest.mark.parametrize("name", PARTLY)
def test_limits_are_argued_and_the_inequalities_before_them_established(name: str) -> None:
    found = proofs(reports())[f"foundations.{name}"]
    assert (found.established, len(found.supports)) == PARTLY[name] and found.grade is Support.ARGUED


@pytest.mark.parametrize("name", MEASURED)
def test_one_identity_proves_no_measured_law(name: str) -> None:
    found = proofs(reports())[f"foundations.{name}"]
    assert found.established == 0 and found.grade is Support.INSTANCES


VECTORS = st.lists(st.tuples(*[st.integers(-3, 3).map(Fraction)] * 2).filter(any), min_size=1, max_size=5, unique=True)


@settings(deadline=None, max_examples=50)
@given(VECTORS, st.integers(0, 4))
def test_elimination_finds_one_of_the_two(vectors: list[tuple[Fraction, ...]], place: int) -> None:
    s = place % len(vectors)
    w, y = alternative(vectors, s)
    assert (w is None) != (y is None)
    if w is not None:
        margins = [sum(a * b for a, b in zip(w, d)) for d in vectors]
        assert min(margins) >= 0 and margins[s] >= 1
    if y is not None:
        assert min(y) >= 0 and y[-1] > 0 and not any(weighted((*vectors, vectors[s]), y))


def test_two_tokens_end_in_a_two_cycle() -> None:
    run = GradientDescent(steps=2_001, step_size=5, initial=(Fraction(3, 10), Fraction(-1, 10)))(coin)
    # w = (1/10, 1/10) + (a, -a), and a -> a - 5 (sigma(2a) - 1/2) changes sign where 5 tanh(a) / 2 = 2 a.
    a = abs(run.iterates.values[-1][0] - 0.1)
    assert math.tanh(a) == pytest.approx(0.8 * a, abs=1e-9) and math.sqrt(2) * a == pytest.approx(1.2558, abs=1e-4)


def test_the_scaled_risk_grows_like_the_number_of_steps() -> None:
    run = GradientDescent(steps=10_000, step_size=5, initial=START, spacing=math.sqrt(10))(valley)
    scaled = dict(zip(run.details["steps"].tolist(), run.scaled_excess.values.ravel()))
    assert scaled[10_000] == pytest.approx(17_564, rel=1e-3)


def test_with_a_weak_pair_the_direction_turns_like_log_s_over_s() -> None:
    assert separation(slow_turn).kind == "complete" and not max_margin(slow_turn).strictly_complementary
    scaled = []
    for s in (1e2, 1e4, 1e6):
        w = GradientFlow(log_time=s)(slow_turn).iterates.values[-1]
        scaled.append(s * float(np.linalg.norm(w / np.linalg.norm(w) - unit(max_margin(slow_turn).direction))))
    assert scaled == pytest.approx([8.5, 16.3, 24.0], abs=0.06)
