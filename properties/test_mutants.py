"""Every mutant of the registry is refuted, on admissible evidence, for a reason that survives reduction."""

from __future__ import annotations

import pytest

from ntpproofs.checking.laboratory import PROFILES, Laboratory
from ntpproofs.checking.loop import check_mutant
from ntpproofs.checking.registry import collect
from ntpproofs.language.statements import Mutant, Statement
from ntpproofs.language.verdicts import Evidence

PAIRS = [(statement, mutant) for statement in collect().values() for mutant in statement.mutants]


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(PROFILES["quick"], seed=1)


@pytest.mark.parametrize(("statement", "mutant"), PAIRS, ids=[f"{s.label}:{m.name}" for s, m in PAIRS])
def test_mutant_is_killed(statement: Statement, mutant: Mutant, laboratory: Laboratory) -> None:
    report = check_mutant(laboratory, statement, mutant)
    assert report.killed, report.detail
    assert report.evidence is not None and report.evidence >= Evidence.TESTED
    assert report.witness is not None and report.witness.detail


@pytest.mark.parametrize("statement", collect().values(), ids=lambda statement: statement.label)
def test_statement_has_mutants_for_its_claims(statement: Statement) -> None:
    if statement.kind in ("erratum", "definition"):
        return
    assert len(statement.mutants) >= 2, f"{statement.label} has {len(statement.mutants)} mutants"
