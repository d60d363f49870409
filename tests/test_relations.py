"""Relations in every outcome: exact, enclosed, measured and symbolic operands, paths with known laws, and how verdicts meet."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

from ntpproofs.errors import InvalidStatement
from ntpproofs.exact.balls import Enclosure, Interval
from ntpproofs.exact.logarithms import LogVector, log_vector
from ntpproofs.language.relations import (
    All,
    AtMost,
    Bounded,
    Converges,
    Equal,
    Implies,
    Invariant,
    Less,
    Measured,
    Monotone,
    Rate,
    Relation,
    ValuePath,
    certain,
    require_relation,
)
from ntpproofs.language.verdicts import Evidence, Outcome, Verdict, meet, meet_evidence, meet_outcomes
from ntpproofs.symbolic import Formula

F = Fraction
HOLDS, REFUTED, INCONCLUSIVE, VACUOUS = Outcome.HOLDS, Outcome.REFUTED, Outcome.INCONCLUSIVE, Outcome.VACUOUS
CERTIFIED, ENCLOSED, TESTED, PROVED = Evidence.CERTIFIED, Evidence.ENCLOSED, Evidence.TESTED, Evidence.PROVED
TINY = F(1, 2**40)
X = sp.Symbol("x")


def interval(center: Any, radius: Any) -> Interval:
    return Interval(F(center), F(radius))


def graded(relation: Relation) -> tuple[Outcome, Evidence | None]:
    verdict = relation.decide()
    return verdict.outcome, verdict.evidence


EQUALITIES = [
    # exact operands
    (1, F(2, 2), None, HOLDS, CERTIFIED), (1, 2, None, REFUTED, CERTIFIED), ((1, F(1, 2)), [1, F(2, 4)], None, HOLDS, CERTIFIED),
    ((1, 2), (1, 2, 3), None, REFUTED, CERTIFIED), (((1,), (2,)), [[1], [2]], None, HOLDS, CERTIFIED),
    (frozenset({(0, 1)}), {(0, 1)}, None, HOLDS, CERTIFIED), (frozenset(), {1}, None, REFUTED, CERTIFIED), ("a", "a", None, HOLDS, CERTIFIED),
    (None, 0, None, REFUTED, CERTIFIED), ({"a": 1}, {"a": F(1)}, None, HOLDS, CERTIFIED), ((), (), None, VACUOUS, None),
    ([], (), None, VACUOUS, None),
    (F(10**30 + 1, 10**30), 1, None, REFUTED, CERTIFIED), (True, True, None, HOLDS, CERTIFIED),
    (frozenset(), set(), None, HOLDS, CERTIFIED), ((), (1,), None, REFUTED, CERTIFIED),
    # NumPy integers are integers, and numbers of any length are decided
    (np.int64(3), 3, None, HOLDS, CERTIFIED), (np.int64(2**53 + 1), 2**53, None, REFUTED, CERTIFIED), 
    (np.array([[1, 2]]), ((1, 2),), None, HOLDS, CERTIFIED),
    (np.array([1, 2]), (1, 3), None, REFUTED, CERTIFIED), (10**100_000, 10**100_000 + 1, None, REFUTED, CERTIFIED),
    (F(10**9_000, 7), F(10**9_000 + 1, 7), None, REFUTED, CERTIFIED), ({10**9_000}, {10**9_000}, None, HOLDS, CERTIFIED),
    # exact logarithms
    (log_vector({0: F(4)}, 1), LogVector((2,), ((F(2),),)), None, HOLDS, CERTIFIED),
    (log_vector({0: F(4)}, 1), log_vector({0: F(5)}, 1), None, REFUTED, CERTIFIED),
    (log_vector({}, 2), (0, 0), None, HOLDS, ENCLOSED), (log_vector({0: F(2)}, 1), (F(7, 10),), None, REFUTED, ENCLOSED),
    # enclosures
    (interval(1, TINY), 1, None, HOLDS, ENCLOSED), (interval(1, TINY), F(1) + TINY, None, HOLDS, ENCLOSED),
    (interval(1, TINY), F(1) + 2 * TINY, None, REFUTED, ENCLOSED), (interval(1, F(1, 10)), 1, None, INCONCLUSIVE, None),
    (interval(1, F(1, 10)), 2, None, REFUTED, ENCLOSED), (interval(1, TINY), interval(1, TINY), None, HOLDS, ENCLOSED),
    (interval(0, 1), interval(3, 1), None, REFUTED, ENCLOSED), (interval(0, 1), interval(2, 1), None, INCONCLUSIVE, None),
    (interval(2**20, F(1, 2**15)), 2**20, None, HOLDS, ENCLOSED),  # the resolution is relative
    (Enclosure((F(1), F(2)), TINY), (1, 2), None, HOLDS, ENCLOSED), (Enclosure((F(1), F(2)), TINY), (1, 3), None, REFUTED, ENCLOSED),
    (Enclosure((F(1), F(2)), TINY), (1, 2, 3), None, REFUTED, CERTIFIED), (Enclosure((F(0), F(0)), F(1)), (1, 1), None, REFUTED, ENCLOSED),
    # vectors of enclosures, entry by entry
    ((interval(1, TINY), 2), (1, 2), None, HOLDS, ENCLOSED), ((interval(1, TINY), 2), (1, 3), None, REFUTED, CERTIFIED),
    ((interval(1, F(1, 10)), 2), (1, 2), None, INCONCLUSIVE, None), ((interval(1, TINY),), (1, 2), None, REFUTED, CERTIFIED),
    # floats
    (1.0, 1, None, INCONCLUSIVE, None), (1.0, 1, 1e-9, HOLDS, TESTED), (1.0, F(3, 2), 1e-9, REFUTED, TESTED),
    (Measured(1.0, 0.1), 1.05, None, HOLDS, TESTED), (Measured(1.0, 0.1), 1.2, None, REFUTED, TESTED), (Measured(1.0, 0.1), 1.2, 0.1, HOLDS, TESTED),
    (np.array([3.0, 4.0]), (0, 0), 5.0, HOLDS, TESTED), (np.array([3.0, 4.0]), (0, 0), 4.9, REFUTED, TESTED),
    (Measured(np.array([1.0, 2.0]), np.array([0.3, 0.4])), (1, F(5, 2)), None, HOLDS, TESTED),
    (Measured(float("nan"), 1.0), 0, None, INCONCLUSIVE, None), (Measured(0.0, float("nan")), 0, None, INCONCLUSIVE, None),
    (float("inf"), 0, 1.0, INCONCLUSIVE, None), (Measured(0.0, 0.05), interval(1, 1), None, HOLDS, TESTED),
    (1.0, interval(2, F(1, 2)), 0.6, HOLDS, TESTED), (1.0, interval(2, F(1, 2)), 0.4, REFUTED, TESTED),
    ((1.0, F(1)), (1, 1), 1e-12, HOLDS, TESTED), (np.float64(3), 3, None, INCONCLUSIVE, None), (Measured(1.0), 1, None, HOLDS, TESTED),
    # formulas
    (Formula((X + 1) ** 2), Formula(X**2 + 2 * X + 1), None, HOLDS, PROVED), (Formula(X), Formula(X + 1), None, REFUTED, ENCLOSED),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "tolerance", "outcome", "evidence"), EQUALITIES, ids=range(len(EQUALITIES)))
def test_equal(left: Any, right: Any, tolerance: Any, outcome: Outcome, evidence: Evidence | None) -> None:
    assert graded(Equal(left, right, tolerance)) == (outcome, evidence)
    if not isinstance(left, Formula):
        assert graded(Equal(right, left, tolerance)) == (outcome, evidence)


ORDERS = [
    # (left, right, AtMost, Less)
    (1, 2, (HOLDS, CERTIFIED), (HOLDS, CERTIFIED)), (1, 1, (HOLDS, CERTIFIED), (REFUTED, CERTIFIED)),
    (2, F(1), (REFUTED, CERTIFIED), (REFUTED, CERTIFIED)),
    ((0, 1), (0, 2), (HOLDS, CERTIFIED), (REFUTED, CERTIFIED)), ((0, 3), (1, 2), (REFUTED, CERTIFIED), (REFUTED, CERTIFIED)),
    (0, (1, 2), (HOLDS, CERTIFIED), (HOLDS, CERTIFIED)), ((1, 2), 2, (HOLDS, CERTIFIED), (REFUTED, CERTIFIED)),
    ((), (), (VACUOUS, None), (VACUOUS, None)),
    (interval(0, 1), 2, (HOLDS, ENCLOSED), (HOLDS, ENCLOSED)), (interval(0, 1), 1, (HOLDS, ENCLOSED), (INCONCLUSIVE, None)),
    (interval(0, 1), 0, (INCONCLUSIVE, None), (INCONCLUSIVE, None)), (interval(0, 1), -1, (INCONCLUSIVE, None), (REFUTED, ENCLOSED)),
    (interval(0, 1), -2, (REFUTED, ENCLOSED), (REFUTED, ENCLOSED)), ((interval(0, 1), 5), (2, 4), (REFUTED, CERTIFIED), (REFUTED, CERTIFIED)),
    ((interval(0, 1), 0), (0, 1), (INCONCLUSIVE, None), (INCONCLUSIVE, None)),
    (Enclosure(F(1), F(1, 2)), 2, (HOLDS, ENCLOSED), (HOLDS, ENCLOSED)),  # type: ignore[arg-type]
    (1.0, 2, (HOLDS, TESTED), (HOLDS, TESTED)), (2.0, 1, (REFUTED, TESTED), (REFUTED, TESTED)), (1.0, 1, (HOLDS, TESTED), (REFUTED, TESTED)),
    (Measured(1.05, 0.1), 1, (HOLDS, TESTED), (HOLDS, TESTED)), (Measured(1.2, 0.1), 1, (REFUTED, TESTED), (REFUTED, TESTED)),
    (np.array([1.0, 2.0]), np.array([1.5, 1.9]), (REFUTED, TESTED), (REFUTED, TESTED)),
    (np.array([1.0]), float("nan"), (INCONCLUSIVE, None), (INCONCLUSIVE, None)),
    (interval(1, 1), 1.5, (HOLDS, TESTED), (HOLDS, TESTED)), ((interval(1, 1), interval(0, 1)), (0.5, 0.5), (HOLDS, TESTED), (HOLDS, TESTED)),
    ((interval(2, F(1, 4)),), (1.5,), (REFUTED, TESTED), (REFUTED, TESTED)),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "at_most", "less"), ORDERS, ids=range(len(ORDERS)))
def test_orders(left: Any, right: Any, at_most: Any, less: Any) -> None:
    assert graded(AtMost(left, right)) == at_most
    assert graded(Less(left, right)) == less


def test_vectors_of_different_length_cannot_be_ordered() -> None:
    with pytest.raises(ValueError, match="zip"):
        AtMost((1, 2), (1, 2, 3)).decide()


def test_slack_and_detail() -> None:
    assert AtMost(1, F(3, 2)).decide().slack == 0.5 and AtMost(2, F(3, 2)).decide().slack == -0.5
    assert Equal(Measured(1.0, 0.25), 1.5).decide().slack == pytest.approx(-0.25)
    detail = AtMost((1, 5), (2, 4)).decide().detail
    assert detail == "5 <= 4"  # the entry that fails
    assert "3 <= 2" in AtMost(np.array([1.0, 3.0]), np.array([2.0, 2.0])).decide().detail
    assert "1 = 2" in Equal(1, 2).decide().detail
    assert "to within" in Equal(interval(1, TINY), 1).decide().detail


class Fixed:
    """A relation with a given verdict."""

    def __init__(self, outcome: Outcome, evidence: Evidence | None = None, **more: Any) -> None:
        self.verdict = Verdict(outcome, evidence, **more)

    def decide(self) -> Verdict:
        return self.verdict


def test_implications() -> None:
    true, false = Equal(1, 1), Equal(0, 1)
    assert graded(Implies(True, true)) == (HOLDS, CERTIFIED) and graded(Implies(True, false)) == (REFUTED, CERTIFIED)
    assert graded(Implies(False, false)) == (VACUOUS, None) and graded(Implies(false, false)) == (VACUOUS, None)
    assert graded(Implies(true, false)) == (REFUTED, CERTIFIED)
    # The grade is the weaker of the two: a refutation under a tested premise is no disproof.
    assert graded(Implies(Equal(1.0, 1, 0.1), false)) == (REFUTED, TESTED)
    assert graded(Implies(interval_equality(), true)) == (HOLDS, ENCLOSED)
    assert graded(Implies(Equal(interval(0, 1), 0), true)) == (INCONCLUSIVE, None)
    assert graded(Implies(Implies(False, true), false)) == (VACUOUS, None)
    assert Implies(true, Fixed(REFUTED, TESTED, on_path=True)).decide().on_path


def interval_equality() -> Equal:
    return Equal(interval(1, TINY), 1)


def test_conjunctions() -> None:
    true, false, open_, empty = Equal(1, 1), Equal(0, 1), Equal(1.0, 1), Implies(False, Equal(0, 1))
    assert graded(All(true, interval_equality())) == (HOLDS, ENCLOSED)  # the weakest grade of what holds
    assert graded(All(true, Equal(0.0, 1, 0.1), false)) == (REFUTED, CERTIFIED)  # the strongest counterexample
    assert graded(All(true, open_)) == (INCONCLUSIVE, None) and graded(All(false, open_)) == (REFUTED, CERTIFIED)
    assert graded(All(true, empty)) == (HOLDS, CERTIFIED) and graded(All(empty, empty)) == (VACUOUS, None) and graded(All()) == (VACUOUS, None)
    assert graded(All(All(true), All(empty, false))) == (REFUTED, CERTIFIED)
    assert All(AtMost(1, 3), AtMost(1, 2)).decide().slack == 1.0


SEVERITY = [REFUTED, Outcome.FAILS, INCONCLUSIVE, Outcome.UNDECIDED, VACUOUS, HOLDS]


def test_meets() -> None:
    for i, first in enumerate(SEVERITY):
        for second in SEVERITY[i:]:
            assert meet_outcomes([second, first]) is first and meet([Verdict(second), Verdict(first)]).outcome is first
    assert meet_outcomes([]) is VACUOUS and meet([]) == Verdict(VACUOUS)
    assert meet_evidence([]) is None and meet_evidence([None, PROVED, TESTED]) is TESTED
    found = meet([Verdict(HOLDS, PROVED, "a", "x", 2.0), Verdict(HOLDS, TESTED, "b", "y", 1.0, True), Verdict(HOLDS, CERTIFIED, "a")])
    assert found == Verdict(HOLDS, TESTED, "a; b", "y", 1.0, True)
    # Which of several refutations decides `on_path`: the strongest one.
    found = meet([Verdict(REFUTED, TESTED, on_path=True, detail="path"), Verdict(REFUTED, CERTIFIED, detail="exact")])
    assert found == Verdict(REFUTED, CERTIFIED, detail="exact")
    assert [grade for grade in Evidence if grade.disproves] == [ENCLOSED, CERTIFIED, PROVED]
    assert sorted(Evidence) == [Evidence.CITED, Evidence.OBSERVED, TESTED, ENCLOSED, CERTIFIED, PROVED]
    assert Verdict(HOLDS).holds and not Verdict(VACUOUS).holds and not Verdict(INCONCLUSIVE).holds


def test_monotone_sequences() -> None:
    assert graded(Monotone((3, 2, 2))) == (HOLDS, CERTIFIED) and graded(Monotone((3, 2, 2), strict=True)) == (REFUTED, CERTIFIED)
    assert graded(Monotone((1, 2, 2), increasing=True)) == (HOLDS, CERTIFIED) and graded(Monotone((1, 2, 1), increasing=True)) == (REFUTED, CERTIFIED)
    assert graded(Monotone((1, 2, 3), increasing=True, strict=True)) == (HOLDS, CERTIFIED)
    assert graded(Monotone((interval(3, 1), interval(2, 1)))) == (INCONCLUSIVE, None)
    assert graded(Monotone((interval(5, 1), interval(2, 1)))) == (HOLDS, ENCLOSED)
    assert graded(Monotone((3.0, 2.0, 1.0))) == (HOLDS, TESTED) and graded(Monotone((3,))) == (VACUOUS, None)


TIMES = np.concatenate([np.linspace(0.5, 24, 30), np.geomspace(25, 1e4, 60), 1e4 / 2.0 ** np.arange(1, 8)])
TIMES = np.unique(TIMES)


def path(law: Callable[[np.ndarray], np.ndarray], error: float = 1e-9, times: np.ndarray = TIMES) -> ValuePath:
    values = np.asarray(law(times), dtype=float)
    return ValuePath(times, values, np.full(len(times), error), "synthetic")


def test_monotone_paths() -> None:
    assert graded(Monotone(path(lambda s: 1 / s))) == (HOLDS, TESTED) and Monotone(path(lambda s: 1 / s)).decide().on_path
    assert graded(Monotone(path(lambda s: 1 / s), increasing=True)) == (REFUTED, TESTED)
    wiggle = path(lambda s: 1 / s + 1e-3 * np.cos(40 * s))
    assert graded(Monotone(wiggle)) == (REFUTED, TESTED)
    assert graded(Monotone(path(lambda s: 1 / s + 1e-3 * np.cos(40 * s), error=2e-3))) == (HOLDS, TESTED)  # within its bars
    assert graded(Monotone(path(lambda s: s * np.nan))) == (INCONCLUSIVE, None)


def test_invariance() -> None:
    assert graded(Invariant((F(1), 1, F(2, 2)))) == (HOLDS, CERTIFIED) and graded(Invariant((1, 1, 2))) == (REFUTED, CERTIFIED)
    assert graded(Invariant((interval(1, TINY), interval(1, TINY)))) == (HOLDS, ENCLOSED) and graded(Invariant((1,))) == (VACUOUS, None)
    still = path(lambda s: np.tile([1.0, 2.0], (len(s), 1)))
    assert graded(Invariant(still)) == (HOLDS, TESTED) and Invariant(still).decide().on_path
    assert graded(Invariant(path(lambda s: 1 + 1e-9 * np.sin(s)))) == (HOLDS, TESTED)
    assert graded(Invariant(path(lambda s: 1 + 1e-6 * np.sin(s)))) == (REFUTED, TESTED)
    assert graded(Invariant(path(lambda s: np.where(s > 100, np.nan, 1.0)))) == (INCONCLUSIVE, None)


CONVERGENCE = [
    # law, rate claimed, outcome; the target is 1
    ("hit at once", lambda s: 1 + 0 * s, None, HOLDS),
    ("exponential", lambda s: 1 + np.exp(-s), None, HOLDS),
    ("exponential with its rate", lambda s: 1 + 5 * np.exp(-s / 3), F(1, 3), HOLDS),
    ("the slowest law in use", lambda s: 1 + 2 / s, None, HOLDS),
    ("log s / s", lambda s: 1 + np.log(s) / s, None, HOLDS),
    ("stalled", lambda s: 1.5 + 0 * s, None, REFUTED),
    ("stalled after a fast start", lambda s: 1.01 + np.exp(-s), None, REFUTED),
    ("drifting away", lambda s: 1 + s, None, REFUTED),
    ("double logarithm", lambda s: 1 + np.log(s), None, REFUTED),
    ("slow rate", lambda s: 1 + 1 / np.log(s + 2), None, INCONCLUSIVE),
    ("root", lambda s: 1 + s**-0.25, None, INCONCLUSIVE),
    ("too slow for its rate", lambda s: 1 + 2 / s, F(1, 3), REFUTED),
    ("rate not yet visible", lambda s: 1 + np.exp(-s / 1e4), F(1, 10**4), INCONCLUSIVE),
    ("a third of its rate", lambda s: 1 + np.exp(-s / 3e3), F(1, 10**3), INCONCLUSIVE),
    ("not finite", lambda s: s * np.nan, None, INCONCLUSIVE),
]


@pytest.mark.parametrize(("law", "rate", "outcome"), [row[1:] for row in CONVERGENCE], ids=[row[0] for row in CONVERGENCE])
def test_convergence(law: Any, rate: Any, outcome: Outcome) -> None:
    verdict = Converges(path(law), F(1), rate).decide()
    assert verdict.outcome is outcome
    assert verdict.evidence is (None if outcome is INCONCLUSIVE else TESTED)
    assert verdict.on_path or not np.isfinite(law(TIMES)).all()


def test_convergence_of_vectors_to_enclosures() -> None:
    moving = path(lambda s: np.stack([1 + 1 / s, 2 - 3 / s], axis=1))
    assert graded(Converges(moving, (F(1), F(2)))) == (HOLDS, TESTED)
    assert graded(Converges(moving, Enclosure((F(1), F(2)), TINY))) == (HOLDS, TESTED)
    assert graded(Converges(moving, Enclosure((F(1), F(3)), TINY))) == (REFUTED, TESTED)
    # A stalled distance within the radius of the target is no evidence against it.
    assert Converges(path(lambda s: 1.01 + 0 * s), interval(1, F(1, 100))).decide().outcome is HOLDS
    assert moving.distance((F(1), F(2)))[-1] == pytest.approx(np.sqrt(10) / 1e4)


def test_convergence_in_short_log_time() -> None:
    # Gradient descent: a few units of log time only. A distance that halves while log time doubles is what 1/s looks like.
    short = np.linspace(1, 8, 50)
    assert graded(Converges(path(lambda s: 1 + 1 / s, times=short), F(1))) == (HOLDS, TESTED)
    assert graded(Converges(path(lambda s: 1 + np.exp(-s), times=short), F(1), rate=1)) == (HOLDS, TESTED)
    assert graded(Converges(path(lambda s: 2 + 0 * s, times=short), F(1), rate=1)) == (REFUTED, TESTED)
    assert graded(Converges(path(lambda s: 2 + 0 * s, times=short), F(1), rate=F(1, 10))) == (INCONCLUSIVE, None)
    # A slow mode of the other sign: the distance passes zero at 6.1 and grows again, at a thousandth of what it was.
    long = np.linspace(0, 12.3, 200)
    overshoot = path(lambda s: 1 + np.exp(-s) - np.exp(-s / 4) / 100, times=long)
    assert graded(Converges(overshoot, F(1))) == (INCONCLUSIVE, None) and "log time 20 would do" in Converges(overshoot, F(1)).decide().detail
    assert graded(Converges(overshoot, F(1), rate=1)) == (REFUTED, TESTED)  # its slow mode has the rate 1/4
    twice = path(lambda s: 1 + np.exp(-2 * s) - np.exp(-s) / 100, times=np.linspace(0, 9.2, 200))
    assert graded(Converges(twice, F(1), rate=1)) == (INCONCLUSIVE, None)
    assert graded(Converges(path(lambda s: 1.001 + np.exp(-8 * s), times=long), F(1))) == (REFUTED, TESTED)  # near, but it has stopped
    assert graded(Converges(path(lambda s: 1 + 1e-4 * np.exp(s), times=long), F(1))) == (REFUTED, TESTED)  # away for good


BOUNDEDNESS = [
    ("constant", lambda s: 3 + 0 * s, None, HOLDS),
    ("relaxing", lambda s: 3 + 1 / s, None, HOLDS),
    ("exponential", lambda s: 3 + np.exp(-s), F(1), HOLDS),
    ("double logarithm", lambda s: np.log(s), None, REFUTED),
    ("linear", lambda s: s / 7, None, REFUTED),
    ("faint linear", lambda s: 1e-6 * s, None, REFUTED),
    ("below its bars", lambda s: 1e-14 * s, None, HOLDS),
    ("slow but bounded", lambda s: 1 / np.log(s + 2), None, INCONCLUSIVE),
    ("between", lambda s: np.log(s + 2) ** 0.2, None, INCONCLUSIVE),
    ("too early for its rate", lambda s: np.log(s), F(1, 10**4), INCONCLUSIVE),
    ("not finite", lambda s: s * np.nan, None, INCONCLUSIVE),
]


@pytest.mark.parametrize(("law", "rate", "outcome"), [row[1:] for row in BOUNDEDNESS], ids=[row[0] for row in BOUNDEDNESS])
def test_boundedness(law: Any, rate: Any, outcome: Outcome) -> None:
    verdict = Bounded(path(law), rate).decide()
    assert (verdict.outcome, verdict.evidence, verdict.on_path) == (outcome, None if outcome is INCONCLUSIVE else TESTED, True)


RATES = [
    ("exact", lambda s: np.exp(-s / 3), F(1, 3), 1e-6, HOLDS),
    ("power times log", lambda s: s * np.exp(-s / 3), F(1, 3), 0.1, HOLDS),
    ("wrong exponent", lambda s: np.exp(-s / 3), F(1, 2), 0.1, REFUTED),
    ("constant", lambda s: 1 + 0 * s, F(1, 3), 0.1, REFUTED),
    ("growing", lambda s: np.exp(s / 3), F(1, 3), 0.1, REFUTED),
    ("noisy", lambda s: np.exp(-s / 3 + 6 * np.cos(17 * s)), F(1, 2), 0.02, INCONCLUSIVE),
    ("below the bars", lambda s: 1e-9 * np.exp(-s), F(1), 0.1, INCONCLUSIVE),
    ("gone too fast", lambda s: np.exp(-40 * s), F(40), 0.1, INCONCLUSIVE),
]


@pytest.mark.parametrize(("law", "exponent", "tolerance", "outcome"), [row[1:] for row in RATES], ids=[row[0] for row in RATES])
def test_rates(law: Any, exponent: Any, tolerance: float, outcome: Outcome) -> None:
    verdict = Rate(path(law, times=np.linspace(0, 30, 200)), exponent, tolerance).decide()
    assert (verdict.outcome, verdict.evidence) == (outcome, None if outcome is INCONCLUSIVE else TESTED)
    assert verdict.on_path or outcome is INCONCLUSIVE


def test_rates_of_vectors_follow_the_largest_entry() -> None:
    law = path(lambda s: np.stack([np.exp(-2 * s), -5 * np.exp(-s / 2)], axis=1), times=np.linspace(0, 20, 100))
    assert graded(Rate(law, F(1, 2), 1e-3)) == (HOLDS, TESTED)


@pytest.mark.parametrize(("times", "values", "errors"), [(2, 2, 2), (3, 4, 3), (4, 4, 3)])
def test_paths_need_three_complete_records(times: int, values: int, errors: int) -> None:
    with pytest.raises(InvalidStatement, match="three records"):
        ValuePath(np.arange(float(times)), np.ones(values), np.ones(errors))


def test_records_near_a_time() -> None:
    found = path(lambda s: s)
    assert found.log_times[found.at(5_000)] == 5_000 and found.at(-9) == 0 and found.at(1e9) == len(TIMES) - 1


def test_certain_facts() -> None:
    assert certain(True, "x") == Verdict(HOLDS, CERTIFIED, detail="x") and certain(False, "x") == Verdict(REFUTED, CERTIFIED, detail="x")


@pytest.mark.parametrize("value", [True, None, 1, "holds", [], [Equal(1, 1), True], (), {"a": Equal(1, 1)}, np.bool_(True), Verdict(HOLDS)])
def test_only_relations_are_relations(value: Any) -> None:
    with pytest.raises(InvalidStatement) as caught:
        require_relation(value, "area.name: claim")
    assert caught.value.subject == "area.name: claim" and "not a relation" in caught.value.reason and "Equal" in caught.value.remedy


def test_sequences_of_relations_are_their_conjunction() -> None:
    assert graded(require_relation([Equal(1, 1), Less(2, 1)], "x")) == (REFUTED, CERTIFIED)
    relation = AtMost(0, 1)
    assert require_relation(relation, "x") is relation
