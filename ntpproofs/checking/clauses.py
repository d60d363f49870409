"""What "proved" means: each clause of a statement with what establishes it, alone and with the statements it rests on.

A clause is *established* by steps that are symbolic at all sizes, by statements all of whose clauses are established, or, where it
only says that something exists or fails, by one exact instance. Rearranging an equation (*algebra*), prose, a citation and
any number of instances establish nothing; they are shown as what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from ..language.statements import Clause
from ..language.verdicts import Evidence, Outcome, Verdict


class Support(IntEnum):
    """What a clause rests on, strongest last so that `min` is the meet.

    OPEN: something it names fails or is undecided. UNCHECKED: a statement it names was not part of the run. INSTANCES: tested on
    instances or at fixed sizes only. CITED: proved in a source. ARGUED: proved in prose. CERTIFIED: an existential clause with an
    exact witness. PROVED: symbolic steps at all sizes.
    """

    OPEN = 0
    UNCHECKED = 1
    INSTANCES = 2
    CITED = 3
    ARGUED = 4
    CERTIFIED = 5
    PROVED = 6

    @property
    def word(self) -> str:
        """The grade as printed and as written in JSON.

        >>> Support.ARGUED.word
        'argued'
        """
        return self.name.lower()

    @property
    def establishes(self) -> bool:
        """Whether the clause counts as established.

        >>> [grade.word for grade in Support if grade.establishes]
        ['certified', 'proved']
        """
        return self >= Support.CERTIFIED


@dataclass(frozen=True)
class ClauseReport:
    """A clause and its support without ancestors; `by` are the labels it also needs, `named` everything it names, in words."""

    text: str
    named: tuple[str, ...]
    by: tuple[str, ...]
    support: Support


@dataclass(frozen=True)
class StepResult:
    """A step's verdict under both its names; `once` is false for a step checked instance by instance."""

    names: tuple[str, ...]
    verdict: Verdict
    once: bool


@dataclass(frozen=True)
class ClaimResult:
    """A claim's verdict over the instances, and whether it was announced as refuted."""

    name: str
    verdict: Verdict
    announced_refuted: bool


def clause_report(clause: Clause, steps: Iterable[StepResult], claims: Iterable[ClaimResult]) -> ClauseReport:
    """The support of a clause from its own steps and claims.

    Laws: the meet of everything named; steps that are only algebra add nothing and, alone, leave no more than instances; a
    clause tested by a claim about the limit or the rate of a trajectory is at most argued, because no finite run and no
    identity proves a limit; a clause whose test fails is open.
    """
    by_name = {name: step for step in steps for name in step.names}
    claimed = {claim.name: claim for claim in claims}
    tests = [claimed[name] for name in clause.claims if name in claimed]
    parts = [Support.ARGUED] if clause.argued else []
    parts += [Support.CITED] if clause.cited else []
    named = [by_name[name] for name in clause.steps]
    if named:
        parts += _of_steps(named)
    for name in clause.witness:
        parts.append(_of_witness(claimed.get(name), by_name.get(name)))
    if not parts and not clause.by:
        parts.append(Support.INSTANCES)
    support = min(parts, default=Support.PROVED)
    if any(test.verdict.on_path for test in tests):
        support = min(support, Support.ARGUED)
    if any(_fails(test) for test in tests):
        support = Support.OPEN
    return ClauseReport(clause.text, clause.named, clause.by, support)


def _of_steps(steps: list[StepResult]) -> list[Support]:
    if any(not step.verdict.holds for step in steps):
        return [Support.OPEN]
    telling = [step for step in steps if not step.verdict.algebra]
    proved = [step.once and step.verdict.evidence is Evidence.PROVED for step in telling]
    return [Support.PROVED if all(proved) else Support.INSTANCES] if telling else []


def _of_witness(claim: ClaimResult | None, step: StepResult | None) -> Support:
    if step is not None:
        exact = step.verdict.holds and step.once and step.verdict.evidence is not None and step.verdict.evidence.disproves
        return Support.CERTIFIED if exact else Support.OPEN
    if claim is None or not claim.announced_refuted or claim.verdict.outcome is not Outcome.REFUTED:
        return Support.OPEN
    return Support.CERTIFIED if claim.verdict.evidence is not None and claim.verdict.evidence.disproves else Support.OPEN


def _fails(test: ClaimResult) -> bool:
    if test.announced_refuted:
        return test.verdict.outcome is not Outcome.REFUTED
    return test.verdict.outcome in (Outcome.REFUTED, Outcome.INCONCLUSIVE)


@dataclass(frozen=True)
class Proof:
    """The badge `proof k/n`: the supports of the clauses with those of the ancestors they name, and alone."""

    supports: tuple[Support, ...]
    own: tuple[Support, ...]

    @property
    def established(self) -> int:
        """How many clauses are established."""
        return sum(support.establishes for support in self.supports)

    @property
    def grade(self) -> Support:
        """The meet over the clauses: "proved" only where every clause is, by symbolic steps at all sizes."""
        return min(self.supports, default=Support.OPEN)

    @property
    def own_grade(self) -> Support:
        """The same without ancestors."""
        return min(self.own, default=Support.OPEN)

    @property
    def badge(self) -> str:
        """The badge as printed.

        >>> Proof((Support.PROVED, Support.ARGUED), (Support.PROVED, Support.ARGUED)).badge
        '1/2 argued'
        """
        return f"{self.established}/{len(self.supports)} {self.grade.word}"


class Stated(Protocol):
    """A statement's report, as far as proofs look at it."""

    @property
    def clauses(self) -> tuple[ClauseReport, ...]:
        """Its clauses."""
        ...


def proofs(reports: Mapping[str, Stated]) -> dict[str, Proof]:
    """The proof badge of every report, ancestors taken from `reports` along the labels that clauses name.

    Law: a clause is never stronger than any statement it names; one that is not among the reports leaves it unchecked.
    """
    found: dict[str, Proof] = {}

    def proof(label: str) -> Proof:
        if label not in found:
            clauses = reports[label].clauses
            found[label] = Proof(tuple(map(with_ancestors, clauses)), tuple(clause.support for clause in clauses))
        return found[label]

    def with_ancestors(clause: ClauseReport) -> Support:
        return min([clause.support, *(proof(used).grade if used in reports else Support.UNCHECKED for used in clause.by)])

    return {label: proof(label) for label in reports}
