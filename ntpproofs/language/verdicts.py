"""Outcomes, evidence grades and their meets: the vocabulary every report is written in.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any

from .views import table_html


class Outcome(Enum):
    """What a check found. Assumptions use HOLDS / FAILS / UNDECIDED, claims HOLDS / REFUTED / INCONCLUSIVE / VACUOUS."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    VACUOUS = "vacuous"


class Evidence(IntEnum):
    """How a verdict was obtained, strongest last so that `min` is the meet.

    PROVED: symbolic, all sizes. CERTIFIED: exact arithmetic on this instance or size. ENCLOSED: interval
    arithmetic. TESTED: floating point on n instances. OBSERVED: a floating-point violation that was not
    confirmed exactly (conjectures only). CITED: taken from the literature, not checked here.
    """

    CITED = 0
    OBSERVED = 1
    TESTED = 2
    ENCLOSED = 3
    CERTIFIED = 4
    PROVED = 5

    @property
    def word(self) -> str:
        """The grade as printed and as written in JSON.

        >>> Evidence.CERTIFIED.word
        'certified'
        """
        return self.name.lower()

    @property
    def disproves(self) -> bool:
        """Whether a refutation of this grade is a disproof: exact or enclosed.

        >>> [grade.word for grade in Evidence if grade.disproves]
        ['enclosed', 'certified', 'proved']
        """
        return self >= Evidence.ENCLOSED


@dataclass(frozen=True)
class Verdict:
    """Outcome, grade and scope of one check, with a sentence of detail for people.

    `evidence` is None exactly when nothing was exercised (VACUOUS) or nothing could be decided. `slack` says how far the
    check is from being refuted, in the relation's own units (negative when it is refuted, None when that has no meaning).
    `on_path` marks a statement about the limit or the rate of a trajectory: only there is a refutation graded TESTED
    accepted as the end of a mutant. `algebra` marks an identity that expanding both sides as written settles: it is true,
    and alone it establishes nothing.
    """

    outcome: Outcome
    evidence: Evidence | None = None
    scope: str = ""
    detail: str = ""
    slack: float | None = None
    on_path: bool = False
    algebra: bool = False

    @property
    def holds(self) -> bool:
        """True for HOLDS only: vacuous and inconclusive are not green."""
        return self.outcome is Outcome.HOLDS

    def _repr_html_(self) -> str:
        grade = "none" if self.evidence is None else self.evidence.word
        rows = {"outcome": self.outcome.value, "evidence": grade, "scope": self.scope, "detail": self.detail}
        return table_html("verdict", {name: value for name, value in rows.items() if value})

    def _repr_latex_(self) -> str:
        grade = "" if self.evidence is None else rf"\ \text{{({self.evidence.word})}}"
        return rf"$\textsf{{{self.outcome.value}}}{grade}$"


def decided_html(relation: Any) -> str:
    """What a notebook shows of a relation: its verdict."""
    verdict: Verdict = relation.decide()
    return verdict._repr_html_()


# Worst first: one refutation refutes the whole, an undecided part leaves it undecided, an unexercised part leaves
# it unexercised.
_SEVERITY = (Outcome.REFUTED, Outcome.FAILS, Outcome.INCONCLUSIVE, Outcome.UNDECIDED, Outcome.VACUOUS, Outcome.HOLDS)


def meet_outcomes(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst outcome present; VACUOUS for none at all.

    >>> meet_outcomes([Outcome.HOLDS, Outcome.VACUOUS]).value
    'vacuous'
    >>> meet_outcomes([]).value
    'vacuous'
    """
    present = set(outcomes)
    return next((outcome for outcome in _SEVERITY if outcome in present), Outcome.VACUOUS)


def meet_evidence(grades: Iterable[Evidence | None]) -> Evidence | None:
    """The weakest grade present; None when there is none (absent grades are ignored).

    >>> meet_evidence([Evidence.PROVED, None, Evidence.TESTED]).word
    'tested'
    """
    present = [grade for grade in grades if grade is not None]
    return min(present) if present else None


def meet(verdicts: Iterable[Verdict]) -> Verdict:
    """The meet of several verdicts: worst outcome, weakest grade among the verdicts that have that outcome.

    For HOLDS this is the weakest grade of all of them; for REFUTED it is the strongest, because one exact
    counterexample is enough. It is algebra only where every verdict that decides it is.

    >>> meet([Verdict(Outcome.HOLDS, Evidence.PROVED), Verdict(Outcome.REFUTED, Evidence.TESTED),
    ...       Verdict(Outcome.REFUTED, Evidence.CERTIFIED)]).evidence.word
    'certified'
    >>> expanded, derived = Verdict(Outcome.HOLDS, Evidence.PROVED, algebra=True), Verdict(Outcome.HOLDS, Evidence.PROVED)
    >>> meet([expanded, expanded]).algebra, meet([expanded, derived]).algebra
    (True, False)
    """
    verdicts = list(verdicts)
    outcome = meet_outcomes(verdict.outcome for verdict in verdicts)
    deciding = [verdict for verdict in verdicts if verdict.outcome is outcome]
    grades = [verdict.evidence for verdict in deciding if verdict.evidence is not None]
    refuted = outcome in (Outcome.REFUTED, Outcome.FAILS)
    grade = (max if refuted else min)(grades, default=None)
    slacks = [verdict.slack for verdict in verdicts if verdict.slack is not None]
    return Verdict(
        outcome,
        grade,
        "; ".join(dict.fromkeys(v.scope for v in deciding if v.scope)),
        next((v.detail for v in deciding if v.detail and v.evidence == grade), ""),
        min(slacks, default=None),
        any(v.on_path for v in deciding if v.evidence == grade),
        bool(deciding) and all(v.algebra for v in deciding),
    )
