"""What `check` found, as plain frozen data: every rendering reads these, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

from ..checking.kinds import instance_view
from ..language.verdicts import Evidence, Outcome, Verdict
from ..language.views import table_html, view_html, view_latex
from .suggesting import Suggestion


@dataclass(frozen=True)
class NearMiss:
    """A surviving instance close to a violation: its slack and both sides in words."""

    text: str
    slack: float
    detail: str


@dataclass(frozen=True)
class Counterexample:
    """A refuting instance, shrunk.

    `instance` is its record (None for the user's own kinds of object), `text` the same in Python; `detail` the failing relation
    with both sides. `failed` counts the simplifications tried at the end, none of which kept the refutation; `starts` says from
    how many instances it was shrunk. `certificate` is a document for `ntpproofs recheck`.
    """

    claim: str
    label: str
    path: str
    instance: Any
    text: str
    detail: str
    evidence: Evidence
    locally_minimal: bool
    tried: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    starts: int = 1
    found: str = ""
    within_strategy: bool = True
    certificate: dict[str, Any] | None = None

    @property
    def observed(self) -> bool:
        """Whether it was seen in floats only."""
        return not self.evidence.disproves

    def _repr_html_(self) -> str:
        minimal = "yes" if self.locally_minimal else "not shown"
        rows = {"claim": self.claim, "fails": self.detail, "evidence": self.evidence.word, "locally minimal": minimal}
        view = instance_view(self.instance)
        return table_html(f"counterexample to {self.label}", rows) + (f"<code>{escape(self.text[:200])}</code>" if view is None else view_html(view))

    def _repr_latex_(self) -> str | None:
        view = instance_view(self.instance)
        return None if view is None else view_latex(view)


@dataclass(frozen=True)
class ClaimFinding:
    """What was found about one claim. `draws` are independent seeded draws on which it was decided."""

    name: str
    latex: str
    verdict: Verdict
    instances: dict[str, int]
    counterexample: Counterexample | None = None
    near_misses: tuple[NearMiss, ...] = ()
    equalities: int = 0
    equality: str = ""
    margin: float | None = None
    draws: int = 0
    draws_refuted: int = 0
    bound: float | None = None
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TypesFinding:
    """Combinatorial types among the instances that satisfy the assumptions: how many, how many of them met once, among how many
    instances, and (instances, types) at every doubling. `whole` says that there are no further instances."""

    seen: int = 0
    once: int = 0
    looked: int = 0
    growth: tuple[tuple[int, int], ...] = ()
    whole: bool = False

    @property
    def unseen(self) -> float | None:
        """The chance that the next instance is of a new type, as Good and Turing estimate it; None before anything and after everything was seen.

        >>> TypesFinding(2, 1, 4).unseen
        0.25
        """
        return self.once / self.looked if self.looked and not self.whole else None


@dataclass(frozen=True)
class ProofFinding:
    """A step or a mutant of a theorem file: `good` says whether it is as it must be."""

    part: str
    name: str
    found: str
    detail: str
    good: bool


@dataclass(frozen=True)
class ConjectureFinding:
    """What was found about one statement of a file.

    `phases` counts distinct instances by where they came from, `rejected` by the assumption that failed. `failures` are reasons
    why the search itself could not go on. `tried` holds the findings with suggested assumptions added.
    """

    label: str
    kind: str
    title: str
    expected: str | None
    assumptions: tuple[str, ...]
    claims: tuple[ClaimFinding, ...]
    phases: dict[str, int]
    rejected: dict[str, int]
    suggestions: tuple[Suggestion, ...] = ()
    notes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    proof: tuple[ProofFinding, ...] = ()
    tried: tuple[ConjectureFinding, ...] = ()
    ended_by_clock: bool = False
    duplicates: int = 0
    undecided: int = 0
    types: TypesFinding = field(default_factory=TypesFinding)

    @property
    def ran(self) -> bool:
        """Whether anything was examined."""
        return not self.failures or any(claim.instances["satisfied"] for claim in self.claims)

    @property
    def counterexamples(self) -> tuple[Counterexample, ...]:
        """Those of its claims."""
        return tuple(claim.counterexample for claim in self.claims if claim.counterexample is not None)


REFUTED, UNABLE, OBSERVED, OPEN, SURVIVED = 1, 2, 3, 4, 0


def exit_status(findings: tuple[ConjectureFinding, ...] | list[ConjectureFinding]) -> int:
    """1 refuted on exact or enclosed evidence, 3 counterexample seen in floats only, 4 inconclusive or vacuous, 0 not refuted;
    2 if nothing could run."""
    if not any(finding.ran for finding in findings):
        return UNABLE
    verdicts = [claim.verdict for finding in findings for claim in finding.claims]
    refuted = [verdict for verdict in verdicts if verdict.outcome is Outcome.REFUTED]
    proofs = [part for finding in findings for part in finding.proof if not part.good]
    if any(verdict.evidence is not None and verdict.evidence.disproves for verdict in refuted) or any(part.found == "refuted" for part in proofs):
        return REFUTED
    if refuted:
        return OBSERVED
    open_ = any(verdict.outcome is not Outcome.HOLDS for verdict in verdicts) or bool(proofs)
    return OPEN if open_ or any(finding.failures or (not finding.claims and not finding.proof) for finding in findings) else SURVIVED
