"""The status of a statement is the meet of what was found about it and about everything it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..checking.loop import ClaimReport, StatementReport
from ..language.verdicts import Evidence, Outcome, meet_evidence, meet_outcomes


@dataclass(frozen=True)
class Status:
    """A statement's outcome and grades, alone and with its ancestors.

    `own` is the outcome of the statement alone, `outcome` the meet with its ancestors. `mathematics` and `evidence` are the
    meets of the grades; None means that somewhere a derivation (or an instance) is missing or does not hold, so that there is
    nothing to grade. `weakened_by` lists the ancestors that lower one of the three, `unchecked` those without a report.
    """

    own: Outcome
    outcome: Outcome
    mathematics: Evidence | None
    evidence: Evidence | None
    weakened_by: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


def statuses(reports: Mapping[str, StatementReport]) -> dict[str, Status]:
    """The status of every report, ancestors taken from `reports` along `uses`, transitively.

    Law: outcome and grades never exceed the statement's own, nor those of any ancestor.
    """
    return {label: _status(reports, label) for label in reports}


def _status(reports: Mapping[str, StatementReport], label: str) -> Status:
    lineage = list(_ancestors(reports, label))
    known = [used for used in lineage if used in reports]
    everyone = [reports[label], *(reports[used] for used in known)]
    return Status(
        own=own_outcome(reports[label]),
        outcome=meet_outcomes(map(own_outcome, everyone)),
        mathematics=_meet([mathematics_grade(report) for report in everyone]),
        evidence=_meet([evidence_grade(report) for report in everyone]),
        weakened_by=tuple(sorted(used for used in known if _weakens(reports[used], reports[label]))),
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


def own_outcome(report: StatementReport) -> Outcome:
    """The outcome of the statement alone; an erratum that turned out as announced holds."""
    return Outcome.HOLDS if report.kind == "erratum" and report.as_expected else report.outcome


def claim_holds(report: StatementReport, claim: ClaimReport) -> bool:
    """Whether a claim is established: it holds, or it is the printed form of an erratum and is refuted as announced."""
    return claim.verdict.holds or (report.kind != "conjecture" and claim.expected == "refuted" and claim.as_expected)


# A grade, or None where there is none to give. The top element stands for "nothing to grade": a definition has nothing to
# derive, and a statement made of steps only has nothing to try on instances.
_TOP = max(Evidence)


def mathematics_grade(report: StatementReport) -> Evidence | None:
    """The meet over the proof steps; None if there are none or one of them does not hold. Definitions without steps pass."""
    if not report.steps:
        return _TOP if report.kind == "definition" else None
    return report.mathematics if all(step.verdict.holds for step in report.steps) else None


def evidence_grade(report: StatementReport) -> Evidence | None:
    """The meet over the claims; None if one of them is not established. A statement without claims passes."""
    if not report.claims:
        return _TOP
    return report.evidence if all(claim_holds(report, claim) for claim in report.claims) else None


def _meet(grades: list[Evidence | None]) -> Evidence | None:
    return None if None in grades else meet_evidence(grades)


def _weakens(ancestor: StatementReport, report: StatementReport) -> bool:
    if own_outcome(ancestor) is not Outcome.HOLDS:
        return True
    pairs = [(grade(ancestor), grade(report)) for grade in (mathematics_grade, evidence_grade)]
    return any(mine is not None and (theirs is None or theirs < mine) for theirs, mine in pairs)
