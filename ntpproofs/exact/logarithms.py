"""Exact arithmetic with logarithms of rationals: sum_k log(g_k) q_k over pairwise coprime integers g_k > 1.

Pairwise coprime integers above 1 are multiplicatively independent (look at one prime factor of each), so their logarithms
are linearly independent over the rationals: such a combination vanishes iff every q_k does. Factoring is never needed,
greatest common divisors are enough. This is how W* of linear NTP is known exactly and compatibility decided by rational
linear algebra alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

from flint import arb, ctx

from ..errors import InvalidInput
from .balls import PRECISION, Enclosure, from_doubles, logarithm
from .rational import Vector, dot


def coprime_base(numbers: Iterable[int]) -> tuple[int, ...]:
    """Pairwise coprime integers above 1 of which every given positive integer is a product of powers, increasing.

    >>> coprime_base([12, 18])
    (2, 3)
    >>> coprime_base([6, 36])
    (6,)

    Raises `InvalidInput` for a number that is not positive: it is no product of powers of such integers.
    """
    base: list[int] = []
    for number in sorted(set(numbers)):
        if number < 1:
            raise InvalidInput("coprime base", f"{number} is not positive", "give positive integers")
        pending = [number]
        while pending:
            x = pending.pop()
            if x == 1:
                continue
            clash = next((b for b in base if gcd(b, x) > 1), None)
            if clash is None:
                base.append(x)
            elif clash == x:
                continue
            else:
                common = gcd(clash, x)
                base.remove(clash)
                pending += [clash // common, common, x // common]
    return tuple(sorted(base))


def exponents(x: Fraction, base: tuple[int, ...]) -> dict[int, int]:
    """The exponents of x > 0 over a coprime base, {index: non-zero exponent}.

    >>> exponents(Fraction(4, 9), (2, 3))
    {0: 2, 1: -2}
    """
    result: dict[int, int] = {}
    rest = x.numerator, x.denominator
    for k, g in enumerate(base):
        for sign, n in ((1, rest[0]), (-1, rest[1])):
            while n % g == 0:
                n //= g
                result[k] = result.get(k, 0) + sign
    return result


@dataclass(frozen=True)
class LogVector:
    """The exact vector sum_k log(base[k]) parts[k] (parts are rational vectors of equal length).

    Canonical form of equality: two of them are equal iff their difference has only zero parts over a common base.

    >>> LogVector((4,), ((Fraction(1),),)) == LogVector((2,), ((Fraction(2),),))
    True
    """

    base: tuple[int, ...]
    parts: tuple[Vector, ...]
    length: int = -1

    def __post_init__(self) -> None:
        if self.length < 0:
            object.__setattr__(self, "length", len(self.parts[0]) if self.parts else 0)

    def over(self, base: tuple[int, ...]) -> LogVector:
        """The same vector over a finer coprime base."""
        parts = [[Fraction(0)] * self.length for _ in base]
        for g, part in zip(self.base, self.parts):
            for k, e in exponents(Fraction(g), base).items():
                parts[k] = [x + e * y for x, y in zip(parts[k], part)]
        return LogVector(base, tuple(map(tuple, parts)), self.length)

    def is_zero(self) -> bool:
        """Whether the vector is exactly zero."""
        return not any(any(part) for part in self.parts)

    def minus(self, other: LogVector) -> LogVector:
        """The difference, over the common refinement of the two bases."""
        base = coprime_base([*self.base, *other.base])
        a, b = self.over(base), other.over(base)
        return LogVector(base, tuple(tuple(x - y for x, y in zip(p, q)) for p, q in zip(a.parts, b.parts)), self.length)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LogVector) and self.length == other.length and self.minus(other).is_zero()

    def __hash__(self) -> int:
        return hash(self.length)

    def balls(self, precision: int = PRECISION) -> list[arb]:
        """The entries as Arb balls."""
        with ctx.workprec(precision):
            logs = [logarithm(Fraction(g), precision) for g in self.base]
            scales = [lcm(*(x.denominator for x in part)) for part in self.parts]
            entries = [arb(0)] * self.length
            for log, scale, part in zip(logs, scales, self.parts):
                unit = log / scale
                entries = [y + unit * int(x * scale) if x else y for x, y in zip(part, entries)]
            return entries

    def enclose(self, precision: int = PRECISION) -> Enclosure:
        """The vector as nearest doubles with a proved radius."""
        with ctx.workprec(precision):
            return from_doubles(self.balls(precision), arb(0))


def log_vector(terms: Mapping[int, Fraction] | Iterable[tuple[int, Fraction]], length: int) -> LogVector:
    """The vector with entries log(x_i) for the given {i: x_i > 0}, zero elsewhere.

    >>> log_vector({0: Fraction(1, 2)}, 2).base
    (2,)
    """
    entries = dict(terms)
    base = coprime_base(n for x in entries.values() for n in (x.numerator, x.denominator))
    parts = [[Fraction(0)] * length for _ in base]
    for i, x in entries.items():
        for k, e in exponents(x, base).items():
            parts[k][i] = Fraction(e)
    return LogVector(base, tuple(map(tuple, parts)), length)


def log_entries(values: Sequence[Fraction]) -> LogVector:
    """The vector of the logarithms of positive rationals.

    >>> log_entries([Fraction(4), Fraction(1, 2)]).parts
    ((Fraction(2, 1), Fraction(-1, 1)),)
    """
    base = coprime_base(n for x in values for n in (x.numerator, x.denominator))
    powers = [exponents(x, base) for x in values]
    return LogVector(base, tuple(tuple(Fraction(e.get(k, 0)) for e in powers) for k in range(len(base))), len(values))


def log_sum(terms: Iterable[tuple[Fraction, Fraction]]) -> LogVector:
    """sum of coefficient * log x over the (coefficient, x > 0) pairs, exactly (a vector of length 1).

    >>> log_sum([(Fraction(1, 2), Fraction(4)), (Fraction(-1), Fraction(2))]).is_zero()
    True
    """
    pairs = [(c, x) for c, x in terms if c]
    logs = log_entries([x for _, x in pairs])
    weights = tuple(c for c, _ in pairs)
    return LogVector(logs.base, tuple((dot(weights, part),) for part in logs.parts), 1)


def plus(x: LogVector, y: LogVector) -> LogVector:
    """The sum of two vectors of logarithms."""
    return x.minus(LogVector(y.base, tuple(tuple(-a for a in part) for part in y.parts), y.length))
