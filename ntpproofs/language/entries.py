"""Moves on instances of small exact numbers: simpler entries, neighbouring ones, what they cost, and candidates that may be invalid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from random import Random
from typing import Any, TypeVar

from ..errors import NtpproofsError

T = TypeVar("T")
# The strategies of this package draw integers of at most 2, and short combinations of such vectors; steps stay within the first.
LARGEST_ENTRY, LARGEST_STEP = 12, 2


def smaller(x: Fraction) -> tuple[Fraction, ...]:
    """Simpler values to try for an entry, simplest first; each costs less.

    >>> smaller(Fraction(3))
    (Fraction(0, 1), Fraction(1, 1), Fraction(2, 1))
    """
    sign = 1 if x > 0 else -1
    ladder = [Fraction(0), Fraction(1), Fraction(sign), Fraction(int(x)), x - sign]
    return tuple(y for i, y in enumerate(ladder) if cost([y]) < cost([x]) and y not in ladder[:i])


def cost(values: Iterable[Fraction]) -> int:
    """How far exact numbers are from zeros, in steps that a person sees: size, denominator, sign.

    >>> cost([Fraction(0)]), cost([Fraction(2)]), cost([Fraction(-2)]), cost([Fraction(1, 2)])
    (0, 2, 3, 3)
    """
    return sum(abs(x.numerator) + 2 * (x.denominator - 1) + (x < 0) for x in values)


def replaced(values: Iterable[T], i: int, x: T) -> list[T]:
    """The values with entry i replaced.

    >>> replaced((1, 2), 0, 5)
    [5, 2]
    """
    return [x if k == i else value for k, value in enumerate(values)]


def without(values: Iterable[T], i: int) -> list[T]:
    """The values without entry i."""
    return [value for k, value in enumerate(values) if k != i]


def attempt(build: Callable[..., T], *arguments: Any) -> Iterator[T]:
    """What `build` makes of the arguments, or nothing where they are no instance."""
    try:
        found = build(*arguments)
    except NtpproofsError:
        return
    yield found


def steps(vectors: Sequence[Sequence[Fraction]]) -> Iterator[list[Sequence[Fraction]]]:
    """The matrix with one entry raised or lowered by one."""
    for j, vector in enumerate(vectors):
        for k, x in enumerate(vector):
            for y in (x - 1, x + 1):
                if abs(y) <= LARGEST_STEP:
                    yield replaced(vectors, j, replaced(vector, k, y))


def are_small(vectors: Iterable[Iterable[Fraction]]) -> bool:
    """Whether all entries are integers of the size that strategies draw."""
    return all(x.denominator == 1 and abs(x) <= LARGEST_ENTRY for vector in vectors for x in vector)


def combined(vectors: Sequence[Sequence[Fraction]], random: Random) -> tuple[Fraction, ...]:
    """A vector in special position to given ones: one of them, its double or opposite, a sum or a difference, or zero.

    >>> combined([(Fraction(1), Fraction(2))], Random(1))
    (Fraction(0, 1), Fraction(0, 1))
    """
    a, b = random.choice(vectors), random.choice(vectors)
    p, q = random.choice(((1, 0), (2, 0), (-1, 0), (1, 1), (1, -1), (1, -1), (2, -1), (0, 0)))
    return tuple(p * x + q * y for x, y in zip(a, b))


def varied_rows(vectors: Sequence[Sequence[Fraction]], random: Random) -> list[tuple[Fraction, ...]]:
    """The vectors with one entry moved, negated or copied, or one vector replaced by one in special position to the others.

    >>> varied_rows([(Fraction(1),), (Fraction(2),)], Random(0)) != [(Fraction(1),), (Fraction(2),)]
    True
    """
    rows = [tuple(row) for row in vectors]
    j = random.randrange(len(rows))
    k, way = random.randrange(len(rows[j])), random.random()
    if way < 0.25:
        rows[j] = combined(rows, random)
        return rows
    x = rows[j][k]
    moved = random.choice((x - 1, x + 1, x - 1, x + 1, -x, 2 * x, Fraction(0), random.choice(rows)[k]))
    rows[j] = (*rows[j][:k], moved, *rows[j][k + 1 :])
    return rows
