"""What establishes a clause: the meet of all that is named; algebra, prose, citations and instances never do."""

from __future__ import annotations

from typing import Any

import pytest

from ntpproofs.checking.clauses import ClaimResult, StepResult, Support, clause_report
from ntpproofs.language.statements import clause
from ntpproofs.language.verdicts import Evidence, Outcome, Verdict

PROVED = StepResult(("proved",), Verdict(Outcome.HOLDS, Evidence.PROVED), True)
ALGEBRA = StepResult(("algebra",), Verdict(Outcome.HOLDS, Evidence.PROVED, algebra=True), True)
SMALL = StepResult(("small",), Verdict(Outcome.HOLDS, Evidence.CERTIFIED), True)
SAMPLED = StepResult(("sampled",), Verdict(Outcome.HOLDS, Evidence.PROVED), False)
OPEN = StepResult(("open",), Verdict(Outcome.INCONCLUSIVE), True)
FALSE = StepResult(("false",), Verdict(Outcome.REFUTED, Evidence.CERTIFIED), True)
HOLDING = ClaimResult("holding", Verdict(Outcome.HOLDS, Evidence.CERTIFIED), False)
LIMIT = ClaimResult("limit", Verdict(Outcome.HOLDS, Evidence.TESTED, on_path=True), False)
REFUTED = ClaimResult("refuted", Verdict(Outcome.REFUTED, Evidence.CERTIFIED), False)
PRINTED = ClaimResult("printed", Verdict(Outcome.REFUTED, Evidence.CERTIFIED), True)
FLOATS = ClaimResult("floats", Verdict(Outcome.REFUTED, Evidence.TESTED), True)
UNREFUTED = ClaimResult("unrefuted", Verdict(Outcome.HOLDS, Evidence.CERTIFIED), True)


def support(**named: Any) -> Support:
    steps = [PROVED, ALGEBRA, SMALL, SAMPLED, OPEN, FALSE]
    claims = [HOLDING, LIMIT, REFUTED, PRINTED, FLOATS, UNREFUTED]
    return clause_report(clause("text", **named), steps, claims).support


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"steps": ("proved",)}, Support.PROVED),
        ({"steps": ("proved", "algebra")}, Support.PROVED),
        ({"steps": ("algebra",)}, Support.INSTANCES),
        ({"steps": ("algebra",), "argued": "here"}, Support.ARGUED),
        ({"steps": ("proved",), "argued": "here"}, Support.ARGUED),
        ({"steps": ("proved",), "cited": "there"}, Support.CITED),
        ({"steps": ("proved", "small")}, Support.INSTANCES),
        ({"steps": ("sampled",)}, Support.INSTANCES),
        ({"steps": ("proved", "open")}, Support.OPEN),
        ({"steps": ("false",), "argued": "here"}, Support.OPEN),
        ({"claims": ("holding",)}, Support.INSTANCES),
        ({"by": ("a.b",)}, Support.PROVED),
        ({"by": ("a.b",), "steps": ("algebra",)}, Support.PROVED),
        ({"steps": ("proved",), "claims": ("holding",)}, Support.PROVED),
        ({"steps": ("proved",), "claims": ("limit",)}, Support.ARGUED),
        ({"by": ("a.b",), "claims": ("limit",)}, Support.ARGUED),
        ({"steps": ("proved",), "claims": ("refuted",)}, Support.OPEN),
        ({"witness": ("printed",)}, Support.CERTIFIED),
        ({"witness": ("small",)}, Support.CERTIFIED),
        ({"witness": ("floats",)}, Support.OPEN),
        ({"witness": ("unrefuted",)}, Support.OPEN),
        ({"witness": ("holding",)}, Support.OPEN),
        ({"witness": ("sampled",)}, Support.OPEN),
        ({"claims": ("printed",)}, Support.INSTANCES),
        ({"claims": ("unrefuted",)}, Support.OPEN),
    ],
)
def test_a_clause_is_as_strong_as_its_weakest_support(named: dict[str, Any], expected: Support) -> None:
    assert support(**named) is expected


def test_only_checked_steps_and_witnesses_establish() -> None:
    assert [grade for grade in Support if grade.establishes] == [Support.CERTIFIED, Support.PROVED]
