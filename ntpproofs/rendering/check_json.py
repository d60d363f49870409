"""`check --json`: findings about conjectures as plain data with lower-case words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..search.findings import ClaimFinding, ConjectureFinding, Counterexample
from .counterexamples import latex_of, pytest_of, replay_of


def check_json(
    findings: Sequence[ConjectureFinding],
    seed: int,
    seconds: float | None,
    certificates: Mapping[tuple[str, str], str] | None = None,
    complete: bool = True,
) -> dict[str, Any]:
    """The document of `check --json`; `certificates` gives the path written for a (label, claim)."""
    written = certificates or {}
    return {
        "conjectures": [_conjecture(finding, written) for finding in findings],
        "seed": seed,
        "complete": complete,
        "seconds": None if seconds is None else round(seconds, 3),
    }


def _conjecture(finding: ConjectureFinding, written: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    record = {
        "label": finding.label,
        "kind": finding.kind,
        "title": finding.title,
        "expected": finding.expected,
        "assumptions": list(finding.assumptions),
        "claims": [_claim(finding, claim, written) for claim in finding.claims],
        "suggested_assumptions": [" and ".join(suggestion.names) for suggestion in finding.suggestions],
        "suggestions": [
            {"names": list(entry.names), "kept": entry.kept, "survivors": entry.survivors, "decided_from_the_solution": entry.derived}
            for entry in finding.suggestions
        ],
        "phases": finding.phases,
        "rejected": finding.rejected,
        "types": {
            "seen": finding.types.seen,
            "once": finding.types.once,
            "instances": finding.types.looked,
            "growth": [*map(list, finding.types.growth)],
        },
        "notes": list(finding.notes),
        "failures": list(finding.failures),
        "ended_by_clock": finding.ended_by_clock,
    }
    if finding.proof:
        record["proof"] = [{"part": e.part, "name": e.name, "outcome": e.found, "detail": e.detail} for e in finding.proof]
    if finding.tried:
        record["tried"] = [_conjecture(entry, written) for entry in finding.tried]
    return record


def _types(finding: ConjectureFinding) -> dict[str, Any]:
    types = finding.types
    return {"seen": types.seen, "once": types.once, "instances": types.looked, "growth": [list(pair) for pair in types.growth]}


def _claim(finding: ConjectureFinding, claim: ClaimFinding, written: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    verdict, example = claim.verdict, claim.counterexample
    return {
        "name": claim.name,
        "latex": claim.latex,
        "outcome": verdict.outcome.value,
        "evidence": None if verdict.evidence is None else verdict.evidence.word,
        "scope": verdict.scope,
        "detail": verdict.detail,
        "instances": claim.instances,
        "counterexample": None if example is None else _example(example, written.get((finding.label, claim.name))),
        "near_misses": [{"text": entry.text, "slack": entry.slack, "detail": entry.detail} for entry in claim.near_misses],
        "equalities": {"count": claim.equalities, "smallest": claim.equality or None},
        "best_margin": claim.margin,
        "independent_draws": {"decided": claim.draws, "refuted": claim.draws_refuted, "failure_frequency_below": claim.bound},
        "errors": claim.errors,
    }


def _example(example: Counterexample, certificate: str | None) -> dict[str, Any]:
    return {
        "instance": example.instance,
        "text": example.text,
        "detail": example.detail,
        "evidence": example.evidence.word,
        "locally_minimal": example.locally_minimal,
        "shrinking": {"starts": example.starts, "tried": example.tried, "failed": example.failed, "within_strategy": example.within_strategy},
        "found": example.found,
        "certificate": certificate,
        "replay": replay_of(example),
        "pytest": pytest_of(example),
        "latex": latex_of(example),
    }
