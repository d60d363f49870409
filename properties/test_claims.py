"""Every claim of the registry under Hypothesis, on instances that satisfy the statement's assumptions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis.strategies import SearchStrategy

from ntpproofs.checking.loop import derive_default, evaluate
from ntpproofs.checking.registry import collect
from ntpproofs.language.statements import Case, Claim, Statement
from ntpproofs.language.verdicts import Outcome

PAIRS = [(statement, claim) for statement in collect().values() for claim in statement.claims]


def verdict_of(statement: Statement, claim: Claim, problem: Any) -> Any:
    case = Case(problem, statement.derive or derive_default, statement.simulate)
    return evaluate(claim.function, f"{statement.label}: {claim.name}", case)


def admitted(statement: Statement, problem: Any) -> bool:
    return all(entry(problem).outcome is Outcome.HOLDS for entry in statement.assumptions)


@pytest.mark.parametrize(("statement", "claim"), PAIRS, ids=[f"{s.label}:{c.name}" for s, c in PAIRS])
def test_claim_is_never_refuted(statement: Statement, claim: Claim) -> None:
    strategy = statement.instances if isinstance(statement.instances, SearchStrategy) else None
    fixed = [*statement.examples, *(() if strategy is not None else statement.instances or ())] or [None]
    if claim.expected == "refuted" or statement.expected == "refuted":
        assert any(verdict_of(statement, claim, problem).outcome is Outcome.REFUTED for problem in fixed)
        return
    exercised = [verdict_of(statement, claim, problem) for problem in fixed if problem is None or admitted(statement, problem)]
    refuted = [verdict for verdict in exercised if verdict.outcome is Outcome.REFUTED]
    assert not refuted, refuted[0].detail
    if strategy is None:
        assert any(verdict.outcome is Outcome.HOLDS for verdict in exercised)
        return
    found = {verdict.outcome for verdict in exercised}
    # Trajectories cost tens of milliseconds each: fewer examples there, the full number everywhere else.
    examples = settings().max_examples if statement.simulate is None else max(settings().max_examples // 3, 3)

    @settings(max_examples=examples)
    @given(strategy)
    def check(problem: Any) -> None:
        assume(admitted(statement, problem))
        verdict = verdict_of(statement, claim, problem)
        found.add(verdict.outcome)
        assert verdict.outcome is not Outcome.REFUTED, verdict.detail

    check()
    assert Outcome.HOLDS in found
