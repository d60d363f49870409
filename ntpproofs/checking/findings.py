"""What was found on one instance, and what many such findings amount to: the one rule for verdicts, for `verify` and `check`.

A claim holds on the instances on which it was decided. One on which it says nothing is not exercised; one that was left open is
counted beside the others; an exception nobody foresaw is a defect of the statement and never passes.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..language.verdicts import Evidence, Outcome, Verdict, meet_evidence

# What code under examination may raise: anything, Ctrl-C included.
RAISED = (Exception, SystemExit, KeyboardInterrupt)


def pass_on(error: BaseException) -> None:
    """Raise Ctrl-C of a person again; a KeyboardInterrupt where that signal is ignored, as in a worker, is of the code's own making."""
    if isinstance(error, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        raise error


class Trouble(StrEnum):
    """Why an evaluation gave no verdict."""

    RAISED = "raised"
    INVALID = "invalid"
    CHANGED = "changed"
    MEMORY = "memory"
    REFUSED = "refused"
    LIMIT = "limit"
    UNCONFIRMED = "unconfirmed"

    @property
    def defect(self) -> bool:
        """Whether the statement itself is at fault: an unforeseen exception, no relation returned, the instance changed.

        >>> [trouble.value for trouble in Trouble if trouble.defect]
        ['raised', 'invalid', 'changed']
        """
        return self in (Trouble.RAISED, Trouble.INVALID, Trouble.CHANGED)


@dataclass(frozen=True)
class Finding:
    """The verdict of one claim, step or mutant on one instance, and the trouble that left it open, if any."""

    verdict: Verdict
    trouble: Trouble | None = None

    @property
    def outcome(self) -> Outcome:
        """The verdict's outcome."""
        return self.verdict.outcome

    @property
    def disproof(self) -> bool:
        """Whether it is a refutation on exact or enclosed evidence."""
        return self.outcome is Outcome.REFUTED and self.verdict.evidence is not None and self.verdict.evidence.disproves

    def plain(self) -> dict[str, Any]:
        """As plain data, to travel between processes and into journals; long details of what holds are cut."""
        verdict = self.verdict
        slack = None if verdict.slack is None or verdict.slack != verdict.slack else float(verdict.slack)
        return {
            "outcome": verdict.outcome.value,
            "evidence": None if verdict.evidence is None else verdict.evidence.word,
            "slack": slack,
            "detail": verdict.detail if verdict.outcome is not Outcome.HOLDS or slack == 0 else verdict.detail[:200],
            "on_path": verdict.on_path,
            "trouble": None if self.trouble is None else self.trouble.value,
        }

    @staticmethod
    def of(plain: Mapping[str, Any]) -> Finding:
        """The finding of `plain`.

        >>> found = Finding(Verdict(Outcome.HOLDS, Evidence.CERTIFIED, detail="1 = 1"))
        >>> Finding.of(found.plain()) == found
        True
        """
        grade = None if plain["evidence"] is None else Evidence[plain["evidence"].upper()]
        verdict = Verdict(Outcome(plain["outcome"]), grade, "", plain["detail"], plain["slack"], plain["on_path"])
        return Finding(verdict, None if plain["trouble"] is None else Trouble(plain["trouble"]))


def left_open(trouble: Trouble, detail: str) -> Finding:
    """A finding without a verdict."""
    return Finding(Verdict(Outcome.INCONCLUSIVE, detail=detail), trouble)


@dataclass
class Findings:
    """Findings of one claim (or step) over instances, absorbed one by one; what is kept does not depend on their order much:
    counts do not, and the details shown are the first of the strongest grade."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    grades: set[tuple[Outcome, Evidence]] = field(default_factory=set)
    troubles: Counter[Trouble] = field(default_factory=Counter)
    errors: dict[str, str] = field(default_factory=dict)
    strongest: Finding | None = None
    example: Finding | None = None
    on_path: bool = False
    derived: bool = False

    def absorb(self, found: Finding) -> None:
        """Count one finding on a new instance."""
        verdict = found.verdict
        self.outcomes[found.outcome] += 1
        if verdict.evidence is not None:
            self.grades.add((found.outcome, verdict.evidence))
        if found.trouble is not None:
            self.troubles[found.trouble] += 1
        if found.outcome is Outcome.INCONCLUSIVE:
            self.errors.setdefault(found.trouble.value if found.trouble is not None else "undecided", verdict.detail)
        if found.outcome is Outcome.REFUTED and (self.strongest is None or (verdict.evidence or 0) > (self.strongest.verdict.evidence or 0)):
            self.strongest = found
        if found.outcome is Outcome.HOLDS:
            self.example = self.example or found
            self.on_path |= verdict.on_path
            self.derived |= not verdict.algebra

    @property
    def holding(self) -> int:
        """Instances on which it holds."""
        return self.outcomes[Outcome.HOLDS]

    @property
    def decided(self) -> int:
        """Instances on which it holds or is refuted."""
        return self.holding + self.outcomes[Outcome.REFUTED]

    @property
    def open(self) -> int:
        """Instances on which it was left open."""
        return self.outcomes[Outcome.INCONCLUSIVE]

    @property
    def not_exercised(self) -> int:
        """Instances on which it says nothing."""
        return self.outcomes[Outcome.VACUOUS]

    @property
    def defect(self) -> str:
        """The first thing for which the statement itself is at fault; "" where there is none."""
        return next((self.errors[trouble.value] for trouble in Trouble if trouble.defect and self.troubles[trouble]), "")

    def _extent(self) -> str:
        # On how many instances it holds; where some were left open, of how many, and how many of those reached a limit.
        if not self.open:
            return f"{self.holding} instances"
        hung = self.troubles[Trouble.LIMIT] + self.troubles[Trouble.MEMORY]
        others = ((hung, "hung or ran out of memory"), (self.open - hung, "undecided"))
        named = ", ".join(f"{count} {word}" for count, word in others if count)
        return f"{self.holding} of {self.holding + self.open} instances decided, {named}"

    def verdict(self, undecided: Mapping[str, str] | None = None) -> Verdict:
        """The verdict over all instances; `undecided` says why assumptions could not be decided, by their names.

        A refutation refutes. A defect leaves everything inconclusive: a statement that fails on some instances has said
        nothing that can be trusted about the others. With more left open than holding it is inconclusive too. Where no
        instance was exercised the claim is vacuous, unless some assumption could not be decided.
        """
        if self.strongest is not None:
            verdict, scope = self.strongest.verdict, f"{self.outcomes[Outcome.REFUTED]} of {self.decided} instances"
            return Verdict(Outcome.REFUTED, verdict.evidence, scope, verdict.detail, verdict.slack, verdict.on_path)
        if self.defect:
            return Verdict(Outcome.INCONCLUSIVE, None, f"{self.open} of {self.decided + self.open} instances left open", self.defect)
        if self.open and self.open >= max(self.holding, 1):
            detail = next(iter(self.errors.values()))
            scope = f"{self.open} of {self.decided + self.open} instances left open" if self.decided else f"{self.open} instances"
            return Verdict(Outcome.INCONCLUSIVE, None, scope, detail)
        if self.example is not None:
            scope = self._extent()
            grade = meet_evidence(grade for outcome, grade in self.grades if outcome is Outcome.HOLDS)
            return Verdict(Outcome.HOLDS, grade, scope, self.example.verdict.detail, None, self.on_path, not self.derived)
        if undecided:
            name, why = next(iter(undecided.items()))
            return Verdict(Outcome.INCONCLUSIVE, None, "0 instances", f"assumption {name} was not decided: {why}")
        silent = self.not_exercised
        detail = f"no instance exercises it ({silent} say nothing)" if silent else "no instance satisfies the assumptions"
        return Verdict(Outcome.VACUOUS, None, "0 instances", detail)
