"""Which proposals are worth an attack: Fajtlowicz's Dalmatian rule, consequences of what is known, sharpness and generality.

The Dalmatian rule: a bound is kept if on some instance it says more than every bound kept before it. Simple and general ones come
first, so that a complicated one must earn its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log2

import numpy as np

from ..language.forms import ONE, Bound, Monomial
from ..language.invariants import Known
from .proposals import Proposal
from .table import CLEAR, Table

# A bound must say more than all others on this share of the types of instances to which it applies, and touch this share of them,
# and at least so many: what touches less is mostly the edge of the sizes that were drawn.
BETTER, TOUCHED, LEAST = 0.02, 0.1, 4
# Denominators of the multipliers that show how a bound follows from others.
MULTIPLIERS = 60


@dataclass(frozen=True)
class Ranked:
    """A bound that survived so far: on how many instances and types it says something, on how many both sides agree."""

    target: str
    bound: Bound
    instances: int
    types: int
    touching: int
    touching_types: int

    @property
    def sharpness(self) -> float:
        """The share of types at which both sides agree."""
        return self.touching_types / self.types

    @property
    def rank(self) -> tuple[float, float, str]:
        """Sharp, general and short ones first."""
        length = len(self.bound.assuming) + sum(1 + log2(max(x.numerator, -x.numerator, x.denominator)) for _, x in self.bound.gap.terms)
        return -self.sharpness * (self.types**0.5) / length, length, self.bound.text


def dalmatian(table: Table, found: Iterable[Proposal], known: Sequence[Known]) -> list[Proposal]:
    """The proposals that the Dalmatian rule keeps, known bounds on the same target counting as kept before."""
    first = table.representatives
    kept: list[Proposal] = []
    best: dict[tuple[str, bool], np.ndarray] = {}
    seen = set()
    for proposal in sorted(found, key=lambda entry: entry.complexity):
        if proposal.bound.key in seen:
            continue
        seen.add(proposal.bound.key)
        line = proposal.target, proposal.above
        if line not in best:
            best[line] = _known_side(table, *line, known)
        side = proposal.side if proposal.above else -proposal.side
        applies = first & ~np.isnan(side)
        better = applies & (side < best[line] - CLEAR * (1 + np.abs(side)))
        if better.sum() > BETTER * applies.sum():
            kept.append(proposal)
            best[line] = np.fmin(best[line], side)
    return kept


def _known_side(table: Table, target: str, above: bool, known: Sequence[Known]) -> np.ndarray:
    # The best known bound on every row, as an upper bound of the target or of minus the target.
    best = np.full(len(table.rows), np.inf)
    for entry in known:
        gap, own = entry.bound.gap, ((target, 1),)
        factor = gap.coefficients.get(own, Fraction(0))
        if not factor or any(monomial != own and target in dict(monomial) for monomial, _ in gap.terms):
            continue
        if entry.bound.sign == "=" or (factor < 0) == above:
            side = table.floats(gap.times(-1 / factor)) + table.column(target)
            best = np.fmin(best, np.where(table.mask(entry.bound.assuming), side if above else -side, np.inf))
    return best


def follows(bound: Bound, facts: Sequence[Known], closure: frozenset[str]) -> tuple[str, ...] | None:
    """The sources of facts whose non-negative combination is the bound, or leaves a non-negative constant; None where there is none.

    `closure` are the assumptions that hold wherever those of the bound do. A linear programme proposes the multipliers and exact
    arithmetic checks them; equalities may be used with either sign. An equality follows if both its inequalities do.
    """
    if bound.sign == "=":
        sides = (Bound(bound.left, "<=", bound.right, bound.assuming), Bound(bound.right, "<=", bound.left, bound.assuming))
        both = [follows(side, facts, closure) for side in sides]
        return None if both[0] is None or both[1] is None else tuple(dict.fromkeys((*both[0], *both[1])))
    usable = [fact for fact in facts if frozenset(fact.bound.assuming) <= closure]
    gap = bound.gap.coefficients
    order = list(dict.fromkeys([*gap, *(m for fact in usable for m, _ in fact.bound.gap.terms)]))
    found = _multipliers(usable, gap, [monomial for monomial in order if monomial != ONE])
    if found is None:
        return None
    rest = bound.gap
    for fact, y in zip(usable, found):
        rest = rest.plus(fact.bound.gap, -y)
    if any(monomial != ONE for monomial, _ in rest.terms) or rest.coefficients.get(ONE, Fraction(0)) < 0:
        return None
    return tuple(dict.fromkeys(fact.source for fact, y in zip(usable, found) if y)) or ("definition",)


def _multipliers(facts: Sequence[Known], gap: dict[Monomial, Fraction], order: list[Monomial]) -> list[Fraction] | None:
    # As few as possible: the sum of the multipliers is least.
    from scipy.optimize import linprog

    if not facts:
        return None
    matrix = np.array([[float(fact.bound.gap.coefficients.get(m, 0)) for fact in facts] for m in order])
    constants = np.array([[float(fact.bound.gap.coefficients.get(ONE, 0)) for fact in facts]])
    equal = np.array([fact.bound.sign == "=" for fact in facts])
    both = np.hstack([matrix, -matrix[:, equal]])
    limits = np.hstack([constants, -constants[:, equal]])
    right = np.array([float(gap.get(m, 0)) for m in order])
    solved = linprog(np.ones(both.shape[1]), limits, [float(gap.get(ONE, 0))], both, right, method="highs-ds")
    if solved.status != 0:
        return None
    values = solved.x[: len(facts)].copy()
    values[equal] -= solved.x[len(facts) :]
    return [Fraction(float(x)).limit_denominator(MULTIPLIERS) for x in values]


def closure_of(table: Table, assuming: Iterable[str]) -> frozenset[str]:
    """The assumptions that hold on every row on which the given ones do, these included."""
    names = frozenset(assuming)
    held = [row.holds for row in table.rows if names <= row.holds]
    return names.union(frozenset.intersection(*held)) if held else names


def ranked(table: Table, target: str, bound: Bound) -> Ranked | None:
    """The bound with what the rows say about it, decided exactly; None where a row breaks it or too few types touch it.

    Rows on which the target is zero are not counted: there most bounds touch, and say nothing.
    """
    judged = table.judged(bound)
    counted = judged.applies & table.nonzero(target)
    if not judged.holds or not counted.any():
        return None
    types, touching_types = table.kinds_of(counted), table.kinds_of(judged.touching & counted)
    if touching_types < max(LEAST, TOUCHED * types):
        return None
    counts = int(counted.sum()), types, int((judged.touching & counted).sum()), touching_types
    return Ranked(target, bound, *counts)
