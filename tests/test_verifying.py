"""Verify's pool: what hangs or raises in a registered statement is named, and the other statements are finished."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ntpproofs.checking import verifying
from ntpproofs.checking.reports import StatementReport
from ntpproofs.commands.verify import verification_status
from ntpproofs.language.relations import AtMost, Equal
from ntpproofs.language.statements import Case, Statement, Theorem


def statement(label: str, function: Callable[[Case], Any]) -> Statement:
    theorem = Theorem(label, "T", instances=[1, 2, 3])
    theorem.claim("x")(function)
    return theorem.statement()


def good(case: Case) -> AtMost:
    return AtMost(0, case.problem)


def hangs(case: Case) -> Equal:
    while case.problem == 2:
        pass
    return Equal(case.problem, case.problem)


def raises(case: Case) -> Equal:
    if case.problem == 2:
        raise AttributeError("no such thing")
    return Equal(case.problem, case.problem)


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> dict[str, StatementReport]:
    named = {f"foundations.{name}": statement(f"foundations.{name}", f) for name, f in (("good", good), ("hangs", hangs), ("raises", raises))}
    monkeypatch.setattr(verifying, "needed", lambda labels: named)
    told: list[str] = []
    found = verifying.verify(list(named), "quick", 0, 2, lambda report: told.append(report.label), limit=3.0)
    assert sorted(told) == sorted(named) and list(found) == list(named)
    return found


def test_what_hangs_is_left_open_and_what_raises_is_a_defect(reports: dict[str, StatementReport]) -> None:
    assert reports["foundations.good"].as_expected and verification_status({"a": reports["foundations.good"]}) == 0
    hanging = reports["foundations.hangs"].claims[0]
    assert hanging.verdict.outcome.value == "holds" and hanging.instances["undecided"] == 1
    assert hanging.verdict.scope == "2 of 3 instances decided, 1 hung or ran out of memory"
    raising = reports["foundations.raises"]
    assert raising.claims[0].verdict.outcome.value == "inconclusive" and "AttributeError: no such thing" in raising.defects[0][2]
    assert "test_verifying.py:" in raising.defects[0][2] and verification_status({"a": raising}) == 1
