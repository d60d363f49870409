"""The status of a statement is the meet of what was found about it and about everything it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..checking.clauses import Proof, proofs
from ..checking.reports import StatementReport
from ..language.verdicts import Evidence, Outcome, meet_evidence, meet_outcomes


@dataclass(frozen=True)
class Status:
    """A statement's outcome and grades, alone and with its ancestors.

    `own` is the outcome of the statement alone, `outcome` the meet with its ancestors. `proof` says which clauses are
    established, `evidence` is the meet of the grades on instances; None means that somewhere an instance is missing or a claim does
    not hold, so that there is nothing to grade. `weakened_by` lists the ancestors that lower one of the three, `unchecked`
    those without a report.
    """

    own: Outcome
    outcome: Outcome
    proof: Proof
    evidence: Evidence | None
    weakened_by: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


def statuses(reports: Mapping[str, StatementReport]) -> dict[str, Status]:
    """The status of every report, ancestors taken from `reports` along `uses`, transitively.

    Law: outcome and grades never exceed the statement's own, nor those of any ancestor.
    """
    found = proofs(reports)
    return {label: _status(reports, found, label) for label in reports}


def _status(reports: Mapping[str, StatementReport], found: Mapping[str, Proof], label: str) -> Status:
    lineage = list(_ancestors(reports, label))
    known = [used for used in lineage if used in reports]
    everyone = [reports[label], *(reports[used] for used in known)]
    named = {used for clause in reports[label].clauses for used in clause.by}
    lower = {used for used in named if used in found and found[used].grade < found[label].own_grade}
    return Status(
        own=reports[label].outcome,
        outcome=meet_outcomes(report.outcome for report in everyone),
        proof=found[label],
        evidence=_meet([evidence_grade(report) for report in everyone]),
        weakened_by=tuple(sorted(used for used in known if used in lower or _weakens(reports[used], reports[label]))),
        unchecked=tuple(sorted(used for used in lineage if used not in reports)),
    )


def _ancestors(reports: Mapping[str, StatementReport], label: str) -> Iterator[str]:
    seen, pending = {label}, list(reports[label].uses)
    while pending:
        used = pending.pop(0)
        if used not in seen:
            seen.add(used)
            yield used
            pending += reports[used].uses if used in reports else ()


# The top element stands for "nothing to grade": a statement made of steps only has nothing to try on instances.
_TOP = max(Evidence)


def evidence_grade(report: StatementReport) -> Evidence | None:
    """The meet over the claims; None if one of them is not established. A statement without claims passes."""
    if not report.claims:
        return _TOP
    return report.evidence if all(claim.outcome is Outcome.HOLDS for claim in report.claims) else None


def _meet(grades: list[Evidence | None]) -> Evidence | None:
    return None if None in grades else meet_evidence(grades)


def _weakens(ancestor: StatementReport, report: StatementReport) -> bool:
    if ancestor.outcome is not Outcome.HOLDS:
        return True
    theirs, mine = evidence_grade(ancestor), evidence_grade(report)
    return mine is not None and (theirs is None or theirs < mine)
