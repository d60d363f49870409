"""The proposer: which assumptions and targets are looked at, and what earlier rounds proposed and new rows did not break."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from time import monotonic

from ..language.forms import Bound, Monomial, variable
from ..language.invariants import Discovery, ProblemInvariant
from .equalities import Relations, equalities
from .proposals import Proposal, choices, generalised, monomials, proposals, runs_away, valid
from .selection import dalmatian
from .table import Table

# Assumptions considered one at a time with all terms, and in pairs with sizes only: the most frequent ones.
SINGLES, PAIRS = 5, 4
# The share of rows on which an assumption, or a pair, must hold, and below which it must stay, to divide the table.
DIVIDES, PAIR_DIVIDES = (0.05, 0.95), (0.02, 0.9)
Premise = tuple[str, ...]


class Proposer:
    """Proposes bounds from a table; what was proposed before is computed anew only where new rows broke it."""

    def __init__(self, table: Table, discovery: Discovery, target: str | None) -> None:
        self.table, self.discovery = table, discovery
        self.targets = [entry for entry in discovery.invariants if entry.name == target or (target is None and not entry.given)]
        self._relations: dict[Premise, Relations] = {}
        self._found: dict[tuple[Premise, str], list[Proposal]] = {}
        self._premises: list[Premise] | None = None

    @property
    def premises(self) -> list[Premise]:
        """No assumption, those the kind asks for, the most frequent ones that divide the table, and pairs of such."""
        if self._premises is None:
            rows, predicates = len(self.table.rows), self.table.predicates
            counts = {name: int(self.table.mask((name,)).sum()) for name in predicates}
            dividing = sorted(name for name in predicates if DIVIDES[0] * rows <= counts[name] <= DIVIDES[1] * rows)
            singles = sorted(dividing, key=lambda name: (-counts[name], name))
            pairs = [(int(self.table.mask(pair).sum()), pair) for pair in combinations(dividing, 2)]
            useful = [(n, pair) for n, pair in pairs if PAIR_DIVIDES[0] * rows <= n < PAIR_DIVIDES[1] * min(counts[name] for name in pair)]
            chosen = [pair for _, pair in sorted(useful, key=lambda entry: (-entry[0], entry[1]))]
            self._premises = [*dict.fromkeys([(), *self.discovery.premises, *((name,) for name in singles[:SINGLES]), *chosen[:PAIRS]])]
        return self._premises

    def propose(self, deadline: float, watch: Callable[[str], None]) -> tuple[list[Bound], list[Proposal]]:
        """Equalities, and inequalities after the Dalmatian rule, over all premises; whatever fits before the deadline."""
        found = list[Proposal]()
        for assuming in self.premises:
            for target in self.targets:
                if (assuming, target.name) not in self._found and monotonic() < deadline:
                    watch(f"bounds on {target.name}" + (f" given {', '.join(assuming)}" if assuming else ""))
                    self._found[assuming, target.name] = self._fresh(assuming, target)
                found += [self._today(proposal) for proposal in self._found.get((assuming, target.name), [])]
        names = {target.name for target in self.targets}
        bounds = [bound for relations in self._relations.values() for bound in relations.bounds if names & bound.names]
        return bounds, dalmatian(self.table, found, self.discovery.known)

    def learn(self) -> None:
        """Forget what new rows broke, so that it is proposed anew."""
        for assuming, relations in list(self._relations.items()):
            if not all(self.table.agrees(bound) for bound in relations.bounds):
                del self._relations[assuming]
                self._found = {key: found for key, found in self._found.items() if key[0] != assuming}
        for key, found in list(self._found.items()):
            heights = self.table.column(key[1])
            if not all(valid(self._today(proposal).side, heights, proposal.above) for proposal in found):
                del self._found[key]

    def _order(self) -> list[Monomial]:
        entries = self.discovery.invariants
        sizes = [variable(entry.name) for entry in entries if entry.given]
        return [*sizes, *monomials(entries), *(variable(entry.name) for entry in entries if not entry.given)]

    def _fresh(self, assuming: Premise, target: ProblemInvariant) -> list[Proposal]:
        entries, fixing = self.discovery.invariants, self.discovery.units & frozenset(assuming)
        if assuming not in self._relations:
            given = frozenset(entry.name for entry in entries if entry.given)
            self._relations[assuming] = equalities(self.table, assuming, self._order(), given)
        expressed = self._relations[assuming].expressed
        if target.name in expressed:
            return []
        usable = [entry for entry in entries if entry.name not in expressed]
        terms = choices(usable, target, sizes_only=len(assuming) > 1, units=bool(fixing))
        found = proposals(self.table, target.name, assuming, terms, free=bool(fixing) or target.scale == 0)
        unbounded = frozenset() if fixing else frozenset(entry.name for entry in entries if entry.unbounded)
        return [generalised(self.table, proposal, fixing) for proposal in found if not runs_away(proposal.bound, unbounded)]

    def _today(self, proposal: Proposal) -> Proposal:
        # With a side as long as the table is now.
        if len(proposal.side) == len(self.table.rows):
            return proposal
        side = self.table.side(proposal.other, proposal.bound.assuming)
        return Proposal(proposal.target, proposal.above, proposal.bound, side)
