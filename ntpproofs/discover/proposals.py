"""Proposals: bounds on one invariant by one or two others, or by powers of sizes, each the closest plane above or below all rows.

This is the method of TxGraffiti (R. Davila, arXiv 2409.19379): a linear programme per target, direction, choice of terms and
assumption, whose solution touches instances, with few small rational coefficients. The library `txgraffiti` (0.4.1) was read and is
not used: it needs CBC or GLPK on the path, holds all values as floats and rounds coefficients to denominators up to 10^6, so that
neither touching nor truth could be decided, and it has no place for enclosed values or for invariants that are not defined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np

from ..language.forms import ONE, Bound, Form, Monomial, degree, variable
from ..language.invariants import ProblemInvariant
from .facets import facet, small_fractions
from .table import CLEAR, Table

# Fewer rows than this say too little about an assumption.
FEWEST = 24
# Common denominators of coefficients: of plain terms, and where powers or products occur.
LARGEST, LARGEST_POWERS = 4, 12
Terms = tuple[Monomial, ...]


@dataclass(frozen=True)
class Proposal:
    """A bound on `target` from above or below, with its other side in floats on every row (NaN where it does not apply)."""

    target: str
    above: bool
    bound: Bound
    side: np.ndarray

    @property
    def other(self) -> Form:
        """What bounds the target."""
        own, other = (self.bound.left, self.bound.right) if self.above else (self.bound.right, self.bound.left)
        return other.times(1 / own.coefficients[variable(self.target)])

    @property
    def complexity(self) -> tuple[int, int, int, str]:
        """Assumptions, terms and sizes of numbers: simpler first."""
        other = self.bound.right if self.above else self.bound.left
        sizes = sum(abs(x.numerator) + x.denominator for _, x in other.terms)
        return len(self.bound.assuming), len(other.terms), sizes, self.bound.text


def monomials(invariants: Sequence[ProblemInvariant]) -> tuple[Monomial, ...]:
    """Products of two sizes, and powers where an invariant allows them: what equalities may contain besides the invariants."""
    sizes = [entry for entry in invariants if entry.given]
    powers = [variable(entry.name, p) for entry in sizes for p in range(2, entry.powers + 1)]
    pairs = [tuple(sorted([(a.name, 1), (b.name, 1)])) for a, b in combinations(sizes, 2)]
    return (*powers, *pairs)


def choices(invariants: Sequence[ProblemInvariant], target: ProblemInvariant, sizes_only: bool, units: bool) -> Iterator[Terms]:
    """The terms of a bound on `target`: none, one or two invariants, powers of one size, a product of two.

    Unless the assumptions fix the `units` of the embeddings, all terms scale like the target.
    """
    usable = [
        entry for entry in invariants if entry.name != target.name and (entry.given or not sizes_only) and (units or entry.scale == target.scale)
    ]
    yield ()
    yield from ((variable(entry.name),) for entry in usable)
    for entry in usable:
        for power in range(2, entry.powers + 1):
            yield (variable(entry.name, power),)
            yield variable(entry.name, power), variable(entry.name)
    yield from ((variable(a.name), variable(b.name)) for a, b in combinations(usable, 2))
    for a, b in combinations([entry for entry in usable if entry.powers > 1], 2):
        product: Monomial = tuple(sorted([(a.name, 1), (b.name, 1)]))
        yield from ((product,), (product, variable(a.name)), (product, variable(b.name)))


def proposals(table: Table, target: str, assuming: tuple[str, ...], terms: Iterable[Terms], free: bool = True) -> Iterator[Proposal]:
    """The bounds on a target under some assumptions, from above and from below, that all rows satisfy in floats.

    With `free` a constant is added to the terms.
    """
    mask, heights = table.mask(assuming), table.column(target)
    columns: dict[Monomial, np.ndarray] = {}
    first = table.representatives
    for choice in terms:
        for monomial in choice:
            if monomial not in columns:
                columns[monomial] = table.floats(Form.of({monomial: 1}))
        constant = [np.ones(len(table.rows))] if free else []
        if not choice and not constant:
            continue
        points = np.column_stack([*(columns[monomial] for monomial in choice), *constant])
        usable = mask & ~np.isnan(heights) & ~np.isnan(points).any(axis=1)
        if usable.sum() < FEWEST or any(np.ptp(points[usable, k]) == 0 for k in range(len(choice))):
            continue
        denominator = LARGEST_POWERS if any(degree(monomial) > 1 for monomial in choice) else LARGEST
        for above in (True, False):
            coefficients = _coefficients(points, heights if above else -heights, usable, usable & first)
            found = None if coefficients is None else small_fractions(coefficients if above else -coefficients, denominator)
            if found is None or not all(found[: len(choice)]):
                continue
            side = np.where(usable, points @ np.array([float(x) for x in found]), np.nan)
            if valid(side, heights, above):
                yield Proposal(target, above, _bound(target, above, dict(zip((*choice, ONE), found)), assuming), side)


def _coefficients(points: np.ndarray, heights: np.ndarray, usable: np.ndarray, first: np.ndarray) -> np.ndarray | None:
    # Mostly one row per type decides; the others are constraints where they are needed.
    few = first if first.sum() >= points.shape[1] else usable
    mean = points[few].mean(axis=0)
    found = facet(points[few], heights[few], mean)
    if found is None or (points[usable] @ found - heights[usable]).min() >= -CLEAR:
        return found
    return facet(points[usable], heights[usable], mean)


def runs_away(bound: Bound, unbounded: frozenset[str]) -> bool:
    """Whether the bound keeps an unbounded invariant below counts: it only tells how large the entries of the embeddings were.

    >>> from ntpproofs.language.forms import read_bound
    >>> runs_away(read_bound("margin <= 4*contexts"), frozenset({"margin"})), runs_away(read_bound("contexts <= margin"), frozenset({"margin"}))
    (True, False)
    """
    signs = [x > 0 for monomial, x in bound.gap.terms if unbounded & {name for name, _ in monomial}]
    return bool(signs) and not any(signs)


def valid(side: np.ndarray, heights: np.ndarray, above: bool) -> bool:
    """Whether a side bounds the heights wherever both are defined, up to the rounding of floats."""
    gaps = (side - heights) if above else (heights - side)
    return bool(np.nanmin(gaps + CLEAR * (1 + np.abs(heights))) >= 0)


def _bound(target: str, above: bool, coefficients: dict[Monomial, Fraction], assuming: tuple[str, ...]) -> Bound:
    own, other = Form.of({variable(target): 1}), Form.of(coefficients)
    return (Bound(own, "<=", other, assuming) if above else Bound(other, "<=", own, assuming)).cleared


def generalised(table: Table, proposal: Proposal, needed: frozenset[str] = frozenset()) -> Proposal:
    """The proposal without the assumptions that no row needs, those that are `needed` for another reason excepted."""
    heights, form = table.column(proposal.target), proposal.other
    kept = proposal.bound.assuming
    for predicate in sorted(set(proposal.bound.assuming) - needed):
        fewer = tuple(name for name in kept if name != predicate)
        side = table.side(form, fewer)
        if valid(side, heights, proposal.above):
            kept = fewer
    if kept == proposal.bound.assuming:
        return proposal
    bound = Bound(proposal.bound.left, "<=", proposal.bound.right, kept)
    return Proposal(proposal.target, proposal.above, bound, table.side(form, kept))
