"""The rounds of a discovery: propose, select, attack by the campaign of `check`, learn from counterexamples, until nothing is refuted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Any

from ..checking.invariants import discovery_of, named_invariant
from ..checking.kinds import kinds
from ..checking.processes import LocalProcesses
from ..errors import InvalidInput
from ..language.forms import Bound
from ..language.invariants import Known
from ..language.kinds import Kind
from ..search.journal import Journal
from .attacking import Attack, attack
from .filling import Filling, Maker, fill
from .proposals import Proposal
from .proposer import Proposer
from .rows import RowBench
from .selection import Ranked, closure_of, follows, ranked
from .table import Table

# Bounds attacked in a round, and kept for the page.
ATTACKED, PAGE = 24, 14
# Shares of the time limit after which filling the table ends, proposing does, and short attacks do.
FILLING, PROPOSING, SKIRMISHING = 0.1, 0.2, 0.3
# Instances of the attack of a round, and of the campaign against survivors.
SKIRMISH, CAMPAIGN = 2_000, 100_000
# Seconds for one row.
ROW = 20.0


@dataclass(frozen=True)
class Plan:
    """What a discovery was asked for; `limit` is in seconds, `campaign` the instances that survivors must withstand."""

    area: str
    target: str | None = None
    seed: int = 0
    limit: float = 600.0
    workers: int = 1
    save: Path | None = None
    campaign: int = CAMPAIGN
    skirmish: int = SKIRMISH


@dataclass(frozen=True)
class Refuted:
    """A bound that a campaign refuted, and the instance that did, which is now a row of the table."""

    bound: Bound
    instance: Any


@dataclass(frozen=True)
class Familiar:
    """A bound found again although it needs no conjecture, and what it follows from."""

    ranked: Ranked
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Survivor:
    """A bound that nothing refuted: what the table says, and the instances the last campaign decided it on, with its verdict."""

    ranked: Ranked
    decided: int
    examined: int
    verdict: str


@dataclass
class Discovered:
    """What a discovery found; `ended` says what ended it ("fixed point" or "time"), `rounds` (attacked, instances, refuted)."""

    kind: Kind[Any]
    plan: Plan
    table: Table
    filling: Filling
    rounds: list[tuple[int, int, int]] = field(default_factory=list)
    survivors: list[Survivor] = field(default_factory=list)
    familiar: list[Familiar] = field(default_factory=list)
    refuted: list[Refuted] = field(default_factory=list)
    ended: str = "time"

    @property
    def symbols(self) -> dict[str, str]:
        """The LaTeX of every invariant."""
        return {entry.name: entry.latex for entry in discovery_of(self.kind).invariants}


Watch = Callable[[str], None]


def kind_of_area(area: str) -> Kind[Any]:
    """The kind whose statements have this area. Raises `InvalidInput` for an unknown one, with the list."""
    found = {kind.area: kind for kind in kinds().values()}
    if area not in found:
        raise InvalidInput(f"area {area!r}", "is unknown, or has no kind of problem", f"areas: {', '.join(found)}")
    return found[area]


def discover(plan: Plan, watch: Watch = lambda doing: None) -> Discovered:
    """Fill a table, then propose and attack until a campaign refutes nothing, or the time is used up.

    Raises `InvalidInput` for an unknown area or invariant, and for a directory that cannot be used. Law: unless time ends it, what is
    found depends on the plan only, not on the number of workers; with `save`, what was computed before is read and not computed.
    """
    start = monotonic()
    kind = kind_of_area(plan.area)
    if plan.target is not None:
        named_invariant(kind, plan.target)
    discovery = discovery_of(kind)
    header = {"discover": kind.name, "seed": plan.seed, "families": [dict(family) for family in discovery.families]}
    journal = Journal(None if plan.save is None else plan.save / "table", header)
    table = Table(discovery.invariants, [entry.name for entry in kind.assumptions])
    pool = LocalProcesses(RowBench, plan.workers, ROW)
    try:
        maker = Maker(kind.name, plan.seed, pool, journal)
        filling = fill(table, maker, len(discovery.families), start + FILLING * plan.limit, watch)
        found = Discovered(kind, plan, table, filling)
        _Rounds(found, Proposer(table, discovery, plan.target), maker, start, watch).run()
        return found
    finally:
        pool.close()
        journal.close()


@dataclass
class _Rounds:
    found: Discovered
    proposer: Proposer
    maker: Maker
    start: float
    watch: Watch
    withstood: dict[Bound, Survivor] = field(default_factory=dict)

    def until(self, share: float) -> float:
        return self.start + share * self.found.plan.limit

    def run(self) -> None:
        """Short attacks on what is open until one refutes nothing, then the long one; what that refutes starts it over.

        A bound that withstood the long one is not attacked again.
        """
        known = discovery_of(self.found.kind).known
        final = False
        while True:
            late = monotonic() >= self.until(SKIRMISHING)
            limit = self.until(1.0 if self.found.rounds else PROPOSING)
            bounds, kept = self.proposer.propose(limit, self.watch)
            hurried = monotonic() >= limit
            self.watch(f"round {len(self.found.rounds) + 1}: choosing among {len(bounds) + len(kept)} bounds")
            opened, self.found.familiar = select(self.found.table, known, bounds, kept)
            final = final or late
            plan, chosen = self.found.plan, opened[: PAGE if final else ATTACKED]
            fresh = [entry for entry in chosen if entry.bound not in self.withstood]
            if not fresh:
                self.found.survivors = [replace(self.withstood[entry.bound], ranked=entry) for entry in chosen]
                self.found.ended = "time" if hurried else "fixed point"
                return
            result = self._attack(fresh, plan.campaign if final else plan.skirmish)
            held = {entry.bound: _survivor(entry, result) for entry in fresh if entry.bound in result.decided}
            if final and result.complete:
                self.withstood |= held
            standing = held | self.withstood
            self.found.survivors = [replace(standing[entry.bound], ranked=entry) for entry in chosen if entry.bound in standing]
            if result.refuted and monotonic() < self.until(1.0):
                self.proposer.learn()
            elif result.refuted or not result.complete or final:
                self.found.ended = "fixed point" if result.complete and not result.refuted else "time"
                return
            else:
                final = True

    def _attack(self, chosen: list[Ranked], examples: int) -> Attack:
        found, number = self.found, len(self.found.rounds) + 1
        deadline = self.until(1.0)
        bounds = [(entry.target, entry.bound) for entry in chosen]
        result = attack(found.kind, found.plan, bounds, number, examples, deadline, self.watch)
        instances = [instance for _, instance in result.refuted if instance is not None]
        found.table.add(self.maker.of_instances(instances, f"round {number}"))
        found.refuted += [Refuted(bound, instance) for bound, instance in result.refuted]
        found.rounds.append((len(chosen), examples, len(result.refuted)))
        return result


def _survivor(entry: Ranked, result: Attack) -> Survivor:
    return Survivor(entry, result.decided[entry.bound], result.examined, result.verdicts[entry.bound])


def select(table: Table, known: Sequence[Known], bounds: Iterable[Bound], kept: Iterable[Proposal]) -> tuple[list[Ranked], list[Familiar]]:
    """Open and familiar bounds, best first: sharp enough, and not implied by known ones, nor by better ones that are open themselves."""
    pairs = [(_derived_name(table, bound), bound) for bound in bounds] + [(proposal.target, proposal.bound) for proposal in kept]
    judged = (ranked(table, target, bound) for target, bound in pairs)
    opened, familiar, facts = list[Ranked](), list[Familiar](), list(known)
    closures: dict[tuple[str, ...], frozenset[str]] = {}
    for entry in sorted((entry for entry in judged if entry is not None), key=lambda entry: entry.rank):
        if entry.bound.assuming not in closures:
            closures[entry.bound.assuming] = closure_of(table, entry.bound.assuming)
        closure = closures[entry.bound.assuming]
        sources = follows(entry.bound, known, closure)
        if sources is not None:
            weaker = any(set(other.ranked.bound.assuming) <= closure and other.ranked.bound.gap == entry.bound.gap for other in familiar)
            familiar += [] if weaker else [Familiar(entry, sources)]
        elif follows(entry.bound, facts, closure) is None:
            opened.append(entry)
            facts.append(Known(entry.bound, "an open bound"))
    return opened, familiar


def _derived_name(table: Table, bound: Bound) -> str:
    given = {entry.name for entry in table.invariants if entry.given}
    return min(bound.left.names - given, default=min(bound.names - given))
