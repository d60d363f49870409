"""Findings and their sums: what travels between processes, what is counted, what is said where nothing was exercised."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from flint import arb

from ntpproofs.checking.examining import Examiner
from ntpproofs.checking.findings import Finding, Findings, Trouble, left_open
from ntpproofs.exact.balls import interval
from ntpproofs.language.relations import AtMost, Equal
from ntpproofs.language.statements import Theorem
from ntpproofs.language.verdicts import Evidence, Outcome, Verdict
from ntpproofs.problems import ConditionalLogit

VERDICTS = [
    Verdict(Outcome.HOLDS, Evidence.CERTIFIED, detail="1 = 1", slack=0.5),
    Verdict(Outcome.HOLDS, Evidence.ENCLOSED, detail="1 < 2", slack=0.0),
    Verdict(Outcome.REFUTED, Evidence.TESTED, detail="1 = 2", slack=-1.0, on_path=True),
    Verdict(Outcome.VACUOUS, detail="nothing is said"),
]


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("trouble", [None, *Trouble])
def test_a_finding_arrives_as_it_was_sent(verdict: Verdict, trouble: Trouble | None) -> None:
    found = Finding(verdict, trouble)
    assert Finding.of(found.plain()) == found


def test_long_details_are_cut_where_it_holds_with_room() -> None:
    # What is refuted, or holds with equality, is shown to people; the rest would fill journals.
    long = "x" * 500
    for outcome, slack, kept in (
        (Outcome.HOLDS, 1.0, 200),
        (Outcome.HOLDS, 0.0, 500),
        (Outcome.REFUTED, 1.0, 500),
        (Outcome.INCONCLUSIVE, None, 500),
    ):
        assert len(Finding(Verdict(outcome, Evidence.CERTIFIED, detail=long, slack=slack)).plain()["detail"]) == kept


def summed(*verdicts: Verdict) -> Verdict:
    found = Findings()
    for verdict in verdicts:
        found.absorb(Finding(verdict))
    return found.verdict()


def test_nothing_exercised_says_why() -> None:
    silent = Verdict(Outcome.VACUOUS)
    assert "no instance exercises it (2 say nothing)" in summed(silent, silent).detail
    assert summed().detail == "no instance satisfies the assumptions"


def test_the_weakest_grade_of_what_holds_stands() -> None:
    strong, weak = VERDICTS[0], Verdict(Outcome.HOLDS, Evidence.TESTED, detail="close")
    assert summed(strong, strong).evidence is Evidence.CERTIFIED and summed(strong, weak).evidence is Evidence.TESTED
    # Refutations are graded by the strongest of their own.
    refuted = summed(weak, VERDICTS[2], Verdict(Outcome.REFUTED, Evidence.CERTIFIED, detail="3 = 4"))
    assert refuted.outcome is Outcome.REFUTED and refuted.evidence is Evidence.CERTIFIED and "3 = 4" in refuted.detail


def test_what_failed_for_want_of_memory_twice_is_not_tried_again() -> None:
    tried = []
    draft = Theorem("foundations.test", "Test", instances=range(5))

    @draft.claim()
    def x(case: Any) -> Equal:
        tried.append(case.problem)
        raise MemoryError

    examiner = Examiner(draft.statement())
    found = [examiner.examine(k, f"instance {k}").claims["x"] for k in range(4)]
    assert tried == [0, 1] and [f.trouble for f in found] == [Trouble.MEMORY, Trouble.MEMORY, Trouble.LIMIT, Trouble.LIMIT]
    assert "not evaluated after it twice needed more memory than allowed" in found[3].verdict.detail


def test_left_open_is_no_verdict() -> None:
    assert left_open(Trouble.RAISED, "why").outcome is Outcome.INCONCLUSIVE


def test_how_far_apart_numbers_and_balls_are() -> None:
    assert Equal(Fraction(3, 2), 5).decide().slack == -3.5 and Equal(-2, 2).decide().slack == -4
    # Two enclosures that meet hold to within the sum of both diameters.
    third = interval(arb(1) / 3)
    assert f"to within {float(4 * third.radius):.2g}" in Equal(third, third).decide().detail


def test_a_violation_in_floats_is_seen_again_with_what_the_default_derives() -> None:
    draft = Theorem("foundations.test", "Test", instances=[ConditionalLogit([(1, 0, [["1"], ["0"]])])])

    @draft.claim()
    def no_direction(case: Any) -> AtMost:
        return AtMost(float(case.derived.max_margin.squared_norm), 0.0)

    (problem,) = draft.statement().instances
    found = Examiner(draft.statement()).examine(problem, "instance 1").claims["no_direction"]
    assert found.outcome is Outcome.REFUTED and found.verdict.evidence is Evidence.TESTED and "seen again" in found.verdict.detail
