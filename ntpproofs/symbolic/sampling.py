"""The cross-check of an identity: many points of its domain, at which the two sides are compared in balls.

Points run through all combinations of sizes from 0 (or the least declared size) to 4 while there are few, and through a fixed
selection of them otherwise; free indices take different and equal positions; symbols take rational values of either sign,
except where the domain needs them positive. Everything is pseudo-random and the same in every run.

The limits: an identity of expressions analytic in their symbols that is false differs at almost every point, so a handful of
draws for each combination of sizes finds it; LARGEST = 4 shows every coincidence of small sizes (0, 1, 2) and leaves them;
POINTS and WORK keep one check of the widest shipped step (four nested sums) within a second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from math import prod

import sympy as sp
from flint import ctx

from .domain import Domain
from .evaluation import Point, Values, compiled
from .expressions import Sigma

__all__ = ["CrossCheck", "cross_check", "pseudo_random"]

BITS = 200
LARGEST = 4
POINTS = 160
WORK = 60_000  # sums, exponentials and powers evaluated
FIRST = ((2, 3), (3, 2))  # tried before all others: ranges of different sizes, large enough to show what is wrong
SCALES = (Fraction(1), Fraction(1, 4), Fraction(3))


@dataclass(frozen=True)
class CrossCheck:
    """What evaluations found: the point at which the expression is certainly not zero, if any, and how many were defined."""

    apart: str = ""
    values: str = ""
    points: int = 0


def pseudo_random(name: str, indices: tuple[int, ...], signed: bool = False, draw: int = 0) -> Fraction:
    """A small positive rational (any sign if `signed`) that depends on a name, indices and draw only: the same in every run.

    >>> pseudo_random("w", (0,)) == pseudo_random("w", (0,))
    True
    """
    seed = _digest(f"{name}{indices}{draw or ''}")
    value = Fraction(1 + seed[0] % 13, 1 + seed[1] % 7) * SCALES[draw % len(SCALES)]
    return -value if signed and seed[2] % 2 else value


def cross_check(gap: sp.Expr, domain: Domain, names: set[str]) -> CrossCheck:
    """Evaluates an expression that should be zero at the points of its domain; `names` are the ranges that occur.

    A ball that excludes zero ends it: there the expression is certainly not zero.
    """
    program, guards = compiled(gap), [compiled(part) for part in domain.nonzero if not _inner(part, gap)]
    free = sorted((k for k in gap.free_symbols if k.is_integer), key=sp.default_sort_key)
    count = work = 0
    with ctx.workprec(BITS):
        for draw, (turn, sizes, scope) in enumerate(islice(_places(sorted(names), free, domain), POINTS)):
            point = Point(sizes, _values(draw, (draw + turn) % 3, domain))
            if any(guard(point, scope).contains(0) for guard in guards):
                continue
            ball = program(point, scope)
            count, work = count + bool(ball.is_finite()), work + point.count
            if ball.is_finite() and not ball.contains(0):
                return CrossCheck(_scope(sizes), _describe(gap, point, scope), count)
            if work > WORK:
                break
    return CrossCheck(points=count)


def _inner(part: sp.Expr, gap: sp.Expr) -> bool:
    # A denominator inside a sum has bound indices: it is met when the sum is evaluated, whose ball is then not finite.
    return any(k.is_integer and k not in gap.free_symbols for k in part.free_symbols)


def _values(draw: int, signs: int, domain: Domain) -> Values:
    # signs = 0: all positive; 1: all negative that may be; 2: mixed.
    def value(name: str, indices: tuple[int, ...]) -> Fraction:
        positive = name in domain.positive
        drawn = pseudo_random(name, indices, signed=not positive and signs == 2, draw=draw)
        return -drawn if signs == 1 and not positive else drawn

    return value


def _places(names: list[str], free: list[sp.Symbol], domain: Domain) -> Iterator[tuple[int, dict[str, int], dict[sp.Symbol, int]]]:
    # Every combination of sizes once, then again with other values, until the limits of the caller end it.
    combinations = list(_sizes(names, domain))
    for turn in range(POINTS):
        for sizes in combinations:
            bounds = [sizes.get(str(domain.members.get(k)), LARGEST) for k in free]
            if all(bounds):
                yield turn, sizes, {k: _position(k, i, turn, bound) for i, (k, bound) in enumerate(zip(free, bounds))}


def _position(k: sp.Symbol, i: int, turn: int, bound: int) -> int:
    # Different positions, then equal ones, then any.
    if turn < 2:
        return i % bound if turn == 0 else 0
    return _digest(f"{k}{turn}")[0] % bound


def _sizes(names: list[str], domain: Domain) -> Iterator[dict[str, int]]:
    least = [domain.least(name) for name in names]
    first = [tuple(max(pattern[i % 2], least[i]) for i in range(len(names))) for pattern in FIRST]
    small = [tuple(max(size, 1) for size in least), tuple(least)]
    for sizes in dict.fromkeys([*first, *small, *_selection([range(low, max(LARGEST, low + 2) + 1) for low in least])]):
        found = dict(zip(names, sizes))
        if all(any(found.get(name, 1) for name in group) for group in domain.inhabited):
            yield found


def _selection(choices: list[range]) -> list[tuple[int, ...]]:
    # All combinations in a fixed mixed order; a fixed selection where there are more than can be tried.
    if prod(map(len, choices)) <= 10 * POINTS:
        return sorted(product(*choices), key=lambda sizes: _digest(str(sizes)))
    return [tuple(choice[_digest(f"{n} {i}")[0] % len(choice)] for i, choice in enumerate(choices)) for n in range(POINTS)]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _scope(sizes: Mapping[str, int]) -> str:
    return ", ".join([*(f"{name} of size {size}" for name, size in sizes.items()), "pseudo-random rationals"])


def _describe(gap: sp.Expr, point: Point, scope: Mapping[sp.Symbol, int]) -> str:
    # Plain symbols and free indices by value: with the sizes they make the point of a formula without indexed symbols.
    over = {r for node in sp.preorder_traversal(gap) if isinstance(node, Sigma) for _, r in node.bindings}
    symbols = sorted((x for x in gap.free_symbols - over if not x.is_integer), key=str)
    named = [*(f"{k} = {position}" for k, position in scope.items()), *(f"{x} = {point.values(x.name, ())}" for x in symbols)]
    return ", ".join(named)
