"""Every claim says something about at least a third of the instances on which it is counted: those of the quick profile."""

from __future__ import annotations

from typing import Any

import pytest

from ntpproofs.checking.examining import Examiner
from ntpproofs.checking.laboratory import PROFILES, Laboratory
from ntpproofs.checking.registry import collect
from ntpproofs.language.relations import Equal, NotExercised
from ntpproofs.language.statements import Case, Statement, Theorem
from ntpproofs.language.verdicts import Outcome


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(PROFILES["quick"], seed=0)


def shares(statement: Statement, laboratory: Laboratory) -> dict[str, tuple[int, int]]:
    """{claim: (instances it says something about, instances that satisfy the assumptions)}, a repeated instance counted once."""
    examiner = Examiner(statement, cases=lambda problem: laboratory.case(statement, problem))
    drawn = laboratory.pool(statement.instances, laboratory.profile.instances)
    problems: list[Any] = [*statement.examples, *drawn]
    if not problems and statement.instances is None:
        problems = [None]
    found = {claim.name: [0, 0] for claim in statement.claims}
    seen = set()
    for problem in problems:
        examined = examiner.examine(problem, "property")
        if examined.key in seen or not examined.admitted:
            continue
        seen.add(examined.key)
        for name, finding in examined.claims.items():
            found[name][0] += finding.outcome is not Outcome.VACUOUS
            found[name][1] += 1
    return {name: (exercised, whole) for name, (exercised, whole) in found.items()}


def seldom(statement: Statement, laboratory: Laboratory) -> dict[str, tuple[int, int]]:
    """The claims that say nothing on more than two thirds of the instances."""
    return {name: pair for name, pair in shares(statement, laboratory).items() if 3 * pair[0] < pair[1]}


@pytest.mark.parametrize("statement", collect().values(), ids=lambda statement: statement.label)
def test_claims_are_exercised(statement: Statement, laboratory: Laboratory) -> None:
    assert seldom(statement, laboratory) == {}


def test_a_claim_that_seldom_speaks_is_found(laboratory: Laboratory) -> None:
    theorem = Theorem("foundations.silent", "Silent", instances=range(9))

    @theorem.claim("")
    def speaks(case: Case) -> Equal | NotExercised:
        return Equal(case.problem % 3, 0) if case.problem % 3 == 0 else NotExercised("not a multiple of three")

    @theorem.claim("")
    def silent(case: Case) -> Equal | NotExercised:
        return Equal(case.problem, 0) if case.problem == 0 else NotExercised("not zero")

    assert shares(theorem.statement(), laboratory) == {"speaks": (3, 9), "silent": (1, 9)}
    assert seldom(theorem.statement(), laboratory) == {"silent": (1, 9)}
