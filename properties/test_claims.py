"""Every claim of the registry under Hypothesis, on instances that satisfy the statement's assumptions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis.strategies import SearchStrategy

from ntpproofs.checking.examining import Examiner
from ntpproofs.checking.findings import Finding
from ntpproofs.checking.registry import collect
from ntpproofs.language.statements import Claim, Statement
from ntpproofs.language.verdicts import Outcome

PAIRS = [(statement, claim) for statement in collect().values() for claim in statement.claims]


def finding_of(statement: Statement, claim: Claim, problem: Any) -> Finding:
    examiner = Examiner(statement)
    found = examiner.evaluate(claim, examiner.case(problem), "property", confirm=False)
    assert found.trouble is None or not found.trouble.defect, found.verdict.detail
    return found


def admitted(statement: Statement, problem: Any) -> bool:
    return Examiner(statement).admits(problem, "property")


@pytest.mark.parametrize(("statement", "claim"), PAIRS, ids=[f"{s.label}:{c.name}" for s, c in PAIRS])
def test_claim_is_never_refuted(statement: Statement, claim: Claim) -> None:
    strategy = statement.instances if isinstance(statement.instances, SearchStrategy) else None
    fixed = [*statement.examples, *(() if strategy is not None else statement.instances or ())] or [None]
    if claim.expected == "refuted" or statement.expected == "refuted":
        assert any(finding_of(statement, claim, problem).outcome is Outcome.REFUTED for problem in fixed)
        return
    exercised = [finding_of(statement, claim, problem) for problem in fixed if problem is None or admitted(statement, problem)]
    refuted = [found for found in exercised if found.outcome is Outcome.REFUTED]
    assert not refuted, refuted[0].verdict.detail
    if strategy is None:
        assert any(found.outcome is Outcome.HOLDS for found in exercised)
        return
    outcomes = {found.outcome for found in exercised}
    # Trajectories cost tens of milliseconds each: fewer examples there, the full number everywhere else.
    examples = settings().max_examples if statement.simulate is None else max(settings().max_examples // 3, 3)

    @settings(max_examples=examples)
    @given(strategy)
    def check(problem: Any) -> None:
        assume(admitted(statement, problem))
        found = finding_of(statement, claim, problem)
        outcomes.add(found.outcome)
        assert found.outcome is not Outcome.REFUTED, found.verdict.detail

    check()
    assert Outcome.HOLDS in outcomes
