"""What a check of one statement found, as plain frozen data: every rendering reads these, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..language.verdicts import Evidence, Outcome, Verdict, meet_evidence, meet_outcomes
from ..language.views import table_html
from ..symbolic.line import Line
from .clauses import ClauseReport


@dataclass(frozen=True)
class Witness:
    """A counterexample: the instance record, the same for people, the failing relation, and whether it is minimal."""

    instance: Any
    text: str
    detail: str
    locally_minimal: bool


@dataclass(frozen=True)
class ClaimReport:
    """What was found about one claim; `instances` counts satisfied, not_exercised, rejected, duplicate, degenerate, undecided.

    Satisfied instances are those on which the claim said something; one on which it says nothing is not exercised.
    """

    name: str
    latex: str
    expected: str
    verdict: Verdict
    instances: dict[str, int]
    rejected: dict[str, int]
    witness: Witness | None = None
    defect: str = ""

    @property
    def as_expected(self) -> bool:
        """Whether the outcome is the expected one."""
        return self.verdict.outcome.value == self.expected

    @property
    def outcome(self) -> Outcome:
        """What this claim contributes to its statement: an announced refutation that came out holds, one that did not refutes."""
        if self.expected != "refuted":
            return self.verdict.outcome
        return {Outcome.REFUTED: Outcome.HOLDS, Outcome.HOLDS: Outcome.REFUTED}.get(self.verdict.outcome, self.verdict.outcome)


@dataclass(frozen=True)
class StepReport:
    """What was found about one step of the proof; `lines` are printed from the formulas that were decided."""

    name: str
    by: str
    latex: str
    verdict: Verdict
    defect: str = ""
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class MutantReport:
    """Whether a mutant was refuted on admissible evidence, and the witness that did it."""

    name: str
    of: str
    latex: str
    killed: bool
    evidence: Evidence | None
    detail: str
    searched: int
    witness: Witness | None
    defect: str = ""


@dataclass(frozen=True)
class StatementReport:
    """Everything found about one statement."""

    label: str
    kind: str
    title: str
    source: str
    expected: str | None
    uses: tuple[str, ...]
    assumptions: tuple[tuple[str, str, str], ...]
    claims: tuple[ClaimReport, ...]
    steps: tuple[StepReport, ...]
    mutants: tuple[MutantReport, ...]
    clauses: tuple[ClauseReport, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {"title": self.title, "outcome": self.outcome.value}
        rows |= {f"clause {number}": f"{entry.text} ({entry.support.word})" for number, entry in enumerate(self.clauses, 1)}
        rows |= {f"claim {claim.name}": f"{claim.verdict.outcome.value}, {claim.verdict.scope}" for claim in self.claims}
        rows["mutants killed"] = f"{len(self.mutants) - len(self.survivors)} of {len(self.mutants)}"
        return table_html(f"{self.kind} {self.label}", rows)

    @property
    def outcome(self) -> Outcome:
        """The outcome of the statement itself. A claim announced as refuted counts as holding where it is refuted."""
        claims = [report.verdict.outcome if self.expected == "refuted" else report.outcome for report in self.claims]
        return meet_outcomes([*claims, *(report.verdict.outcome for report in self.steps)])

    @property
    def evidence(self) -> Evidence | None:
        """The meet over the claims."""
        return meet_evidence(report.verdict.evidence for report in self.claims)

    @property
    def defects(self) -> tuple[tuple[str, str, str], ...]:
        """(part, name, what happened) of everything for which the statement itself is at fault: exceptions nobody foresaw, results
        that are no relation, changed instances. Never a pass, whatever else was found."""
        parts = (("claim", self.claims), ("step", self.steps), ("mutant", self.mutants))
        found = [(part, entry.name, entry.defect) for part, entries in parts for entry in entries if entry.defect]
        return (*(("assumption", name, why) for name, why in self.broken), *found)

    @property
    def survivors(self) -> tuple[MutantReport, ...]:
        """Mutants that were not refuted."""
        return tuple(report for report in self.mutants if not report.killed)

    @property
    def as_expected(self) -> bool:
        """Whether outcome and mutants are what the statement announces (a conjecture without expectation always is)."""
        met = self.expected is None or self.outcome.value == self.expected
        return met and not self.defects and not self.survivors and (self.expected is None or all(self._fits(report) for report in self.claims))

    def _fits(self, report: ClaimReport) -> bool:
        return self.expected == "refuted" or report.as_expected
