"""`verify --json`: everything the reports say, as plain data with lower-case words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from ..checking.reports import ClaimReport, MutantReport, StatementReport, StepReport, Witness
from ..language.verdicts import Evidence
from .status import Status
from .wording import findings, is_fine


def verify_json(
    reports: Mapping[str, StatementReport],
    statuses: Mapping[str, Status],
    seconds: float | None = None,
    complete: bool = True,
    run: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The document of `verify --json`, statements in the order of `reports`.

    `status` is the outcome with ancestors. The summary counts claims and steps by outcome, the refutations that an erratum
    announces included; `unexpected` counts what is not as it must be. `complete` is false for an interrupted run.
    `run` says how it was made (version, profile, seed, date), so that documents rendered from it later can say so too.
    """
    return {
        "statements": [statement_json(report, statuses[label]) for label, report in reports.items()],
        "summary": _summary(list(reports.values()), seconds, complete),
        "run": dict(run or {}),
    }


def _grade(evidence: Evidence | None) -> str | None:
    return None if evidence is None else evidence.word


def statement_json(report: StatementReport, status: Status) -> dict[str, Any]:
    """One entry of `statements`."""
    return {
        "label": report.label,
        "kind": report.kind,
        "title": report.title,
        "status": status.outcome.value,
        "outcome": status.own.value,
        "expected": report.expected,
        "as_expected": report.as_expected,
        "source": report.source,
        "uses": list(report.uses),
        "proof": {
            "established": status.proof.established,
            "clauses": len(status.proof.supports),
            "grade": status.proof.grade.word,
            "own": status.proof.own_grade.word,
        },
        "evidence": _grade(report.evidence),
        "with_ancestors": {
            "evidence": _grade(status.evidence),
            "weakened_by": list(status.weakened_by),
            "unchecked": list(status.unchecked),
        },
        "clauses": [
            {"text": clause.text, "by": list(clause.named), "grade": grade.word, "own": own.word}
            for clause, grade, own in zip(report.clauses, status.proof.supports, status.proof.own, strict=True)
        ],
        "assumptions": [{"name": name, "latex": latex, "method": method} for name, latex, method in report.assumptions],
        "claims": [_claim(report, claim) for claim in report.claims],
        "steps": [_step(report, step) for step in report.steps],
        "mutants": [_mutant(mutant) for mutant in report.mutants],
        "defects": [{"part": part, "name": name, "detail": detail} for part, name, detail in report.defects],
    }


def _claim(report: StatementReport, claim: ClaimReport) -> dict[str, Any]:
    return {
        "name": claim.name,
        "outcome": claim.verdict.outcome.value,
        "evidence": _grade(claim.verdict.evidence),
        "scope": claim.verdict.scope,
        "instances": claim.instances.get("satisfied", 0),
        "not_exercised": claim.instances.get("not_exercised", 0),
        "counts": dict(claim.instances),
        "rejected": dict(claim.rejected),
        "expected": claim.expected,
        "as_expected": is_fine(report, claim),
        "latex": claim.latex,
        "detail": claim.verdict.detail,
        "counterexample": _witness(claim.witness),
    }


def _step(report: StatementReport, step: StepReport) -> dict[str, Any]:
    return {
        "name": step.name,
        "outcome": step.verdict.outcome.value,
        "by": step.by,
        "scope": step.verdict.scope,
        "evidence": _grade(step.verdict.evidence),
        "algebra": step.verdict.algebra,
        "as_expected": is_fine(report, step),
        "latex": step.latex,
        "lines": [asdict(line) for line in step.lines],
        "detail": step.verdict.detail,
    }


def _mutant(mutant: MutantReport) -> dict[str, Any]:
    return {
        "name": mutant.name,
        "outcome": "killed" if mutant.killed else "survived",
        "evidence": _grade(mutant.evidence),
        "witness": _witness(mutant.witness),
        "of": mutant.of,
        "latex": mutant.latex,
        "searched": mutant.searched,
        "detail": mutant.detail,
    }


def _witness(witness: Witness | None) -> dict[str, Any] | None:
    if witness is None:
        return None
    return {
        "instance": plain(witness.instance),
        "text": witness.text,
        "detail": witness.detail,
        "locally_minimal": witness.locally_minimal,
    }


def plain(value: Any) -> Any:
    """The value as JSON data: rationals become "p/q" strings, anything unknown its repr.

    >>> plain({"weights": (Fraction(1, 2), 1)})
    {'weights': ['1/2', 1]}
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return repr(value)


def _summary(reports: list[StatementReport], seconds: float | None, complete: bool) -> dict[str, Any]:
    claims = [claim for report in reports for claim in report.claims]
    steps = [step for report in reports for step in report.steps]
    mutants = [mutant for report in reports for mutant in report.mutants]
    outcomes = [claim.verdict.outcome.value for claim in claims] + [step.verdict.outcome.value for step in steps]
    return {
        "statements": len(reports),
        "claims": len(claims),
        "steps": len(steps),
        "mutants": len(mutants),
        "killed": sum(mutant.killed for mutant in mutants),
        "refuted": outcomes.count("refuted"),
        "inconclusive": outcomes.count("inconclusive"),
        "vacuous": outcomes.count("vacuous"),
        "refuted_as_expected": sum(
            claim.verdict.outcome.value == "refuted" and is_fine(report, claim) for report in reports for claim in report.claims
        ),
        "unexpected": sum(len([found for found in findings(report) if found.wanted]) for report in reports),
        "complete": complete,
        "seconds": None if seconds is None else round(seconds, 3),
    }
