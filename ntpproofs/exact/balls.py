"""Enclosures: numbers and vectors known up to a proved radius, and three-valued comparison of them.

Everything here is rational at the border (`Fraction` centre, `Fraction` radius) and Arb inside, so a bound never depends on
the rounding of a float. Precision is an argument or a local context, never a lasting global.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, arb_mat, ctx, fmpq

from ..language.verdicts import Outcome

PRECISION = 160


@dataclass(frozen=True)
class Interval:
    """A real number known to lie within `radius` of `center`.

    Law: sums, differences, products, quotients and whole powers contain every value that numbers of the operands give. Two intervals
    are not ordered by < (they may overlap): use the relations, or `certainly_less`.

    >>> Interval(Fraction(1, 2), Fraction(1, 8)).upper
    Fraction(5, 8)
    >>> x = Interval(Fraction(2), Fraction(1))
    >>> 1 - x, (x * x).upper, (1 / x).lower
    (Interval(center=Fraction(-1, 1), radius=Fraction(1, 1)), Fraction(9, 1), Fraction(1, 3))
    """

    center: Fraction
    radius: Fraction

    @property
    def lower(self) -> Fraction:
        """The left end."""
        return self.center - self.radius

    @property
    def upper(self) -> Fraction:
        """The right end."""
        return self.center + self.radius

    @staticmethod
    def between(lower: Fraction, upper: Fraction) -> Interval:
        """The interval with these ends."""
        return Interval((lower + upper) / 2, (upper - lower) / 2)

    def __float__(self) -> float:
        return float(self.center)

    def __neg__(self) -> Interval:
        return Interval(-self.center, self.radius)

    def __abs__(self) -> Interval:
        least = max(self.lower, -self.upper, Fraction(0))
        return Interval.between(least, max(abs(self.lower), abs(self.upper)))

    def __add__(self, other: Interval | Fraction | int) -> Interval:
        if not isinstance(other, (Interval, Fraction, int)):
            return NotImplemented
        y = as_interval(other)
        return Interval(self.center + y.center, self.radius + y.radius)

    def __sub__(self, other: Interval | Fraction | int) -> Interval:
        return self + -other if isinstance(other, (Interval, Fraction, int)) else NotImplemented

    def __rsub__(self, other: Fraction | int) -> Interval:
        return -self + other if isinstance(other, (Fraction, int)) else NotImplemented

    def __mul__(self, other: Interval | Fraction | int) -> Interval:
        if not isinstance(other, (Interval, Fraction, int)):
            return NotImplemented
        y = as_interval(other)
        ends = [a * b for a in (self.lower, self.upper) for b in (y.lower, y.upper)]
        return Interval.between(min(ends), max(ends))

    def __truediv__(self, other: Interval | Fraction | int) -> Interval:
        if not isinstance(other, (Interval, Fraction, int)):
            return NotImplemented
        y = as_interval(other)
        if y.lower <= 0 <= y.upper:
            raise ZeroDivisionError("the divisor may be zero")
        return self * Interval.between(1 / y.upper, 1 / y.lower)

    def __rtruediv__(self, other: Fraction | int) -> Interval:
        return as_interval(other) / self if isinstance(other, (Fraction, int)) else NotImplemented

    def __pow__(self, exponent: int) -> Interval:
        if not isinstance(exponent, int):
            return NotImplemented
        if exponent < 0:
            return 1 / self**-exponent
        base = abs(self) if exponent % 2 == 0 else self
        return Interval.between(base.lower**exponent, base.upper**exponent)

    __radd__, __rmul__ = __add__, __mul__


@dataclass(frozen=True)
class Enclosure:
    """A vector known to lie within Euclidean (for matrices: Frobenius) distance `radius` of `center`."""

    center: tuple[Fraction, ...]
    radius: Fraction


def certainly_less(a: Interval | Fraction | int, b: Interval | Fraction | int) -> Outcome:
    """Whether a < b: HOLDS, FAILS, or UNDECIDED when the two overlap.

    >>> wide = Interval(Fraction(1), Fraction(1))
    >>> certainly_less(0, 1).value, certainly_less(wide, 1).value, certainly_less(wide, 0).value
    ('holds', 'undecided', 'fails')
    """
    left, right = as_interval(a), as_interval(b)
    if left.upper < right.lower:
        return Outcome.HOLDS
    return Outcome.FAILS if left.lower >= right.upper else Outcome.UNDECIDED


def as_interval(x: Interval | Fraction | int) -> Interval:
    """A number as an interval (exact numbers have radius zero)."""
    return x if isinstance(x, Interval) else Interval(Fraction(x), Fraction(0))


def exact_arb(x: Fraction | float | int) -> arb:
    """A ball around an exact number (a float stands for the rational it is)."""
    x = Fraction(x)
    return arb(fmpq(x.numerator, x.denominator))


def _dyadic(x: arb) -> Fraction:
    if not x.is_finite():
        raise ArithmeticError("the ball is not finite: raise the precision")
    mantissa, exponent = (int(part) for part in x.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent


def interval(x: arb) -> Interval:
    """An Arb ball as rational centre and radius. Raises `ArithmeticError` if it is not finite."""
    return Interval(_dyadic(x.mid()), upper(x.rad()))


def upper(x: arb) -> Fraction:
    """A rational upper bound of a ball (`ArithmeticError` if it is not finite)."""
    return _dyadic(x.upper())


def lower(x: arb) -> Fraction:
    """A rational lower bound of a ball (`ArithmeticError` if it is not finite)."""
    return _dyadic(x.lower())


def from_doubles(balls: Sequence[arb], radius: arb) -> Enclosure:
    """A vector of balls, known up to a further Euclidean `radius`, as nearest doubles with one radius for everything."""
    center = tuple(Fraction(float(x.mid())) for x in balls)
    error = norm(x - exact_arb(c) for x, c in zip(balls, center))
    return Enclosure(center, round_up(upper(error + radius)))


def norm(balls: Iterable[arb]) -> arb:
    """An upper bound, as an exact ball, of the Euclidean norm of a vector of balls."""
    return sum((x * x for x in balls), arb(0)).upper().sqrt().upper()


def round_up(x: Fraction) -> Fraction:
    """A short rational at least as large as `x` >= 0 (a double, next above)."""
    return Fraction(math.nextafter(float(x), math.inf)) if x else x


def logarithm(x: Fraction, precision: int = PRECISION) -> arb:
    """A ball for log x, x > 0 rational."""
    with ctx.workprec(precision):
        return exact_arb(x).log()


def entropy(probabilities: Iterable[Fraction], precision: int = PRECISION) -> arb:
    """A ball for -sum p log p in nats.

    >>> bool(entropy([Fraction(1, 2)] * 2).overlaps(logarithm(Fraction(2))))
    True
    """
    with ctx.workprec(precision):
        return sum((-exact_arb(p) * exact_arb(p).log() for p in probabilities if p), arb(0))


def mean_entropy(rows: Iterable[tuple[Fraction, Iterable[Fraction]]]) -> Interval:
    """The weighted sum of the entropies of (weight, probabilities) rows in nats, enclosed: no cross-entropy with them is less.

    >>> found = mean_entropy([(Fraction(1, 2), [Fraction(1)]), (Fraction(1, 2), [Fraction(1, 2)] * 2)])
    >>> round(float(found.center), 6), found.radius < Fraction(1, 2**100)
    (0.346574, True)
    """
    with ctx.workprec(PRECISION):
        return interval(sum((exact_arb(weight) * entropy(probabilities) for weight, probabilities in rows), arb(0)))


def column(values: Iterable[Fraction | float | arb]) -> arb_mat:
    """A column of balls."""
    return arb_mat([[x if isinstance(x, arb) else exact_arb(x)] for x in values])


def largest_eigenvalue(matrix: Sequence[Sequence[Fraction]]) -> Fraction:
    """A rational upper bound, tight to about 1e-14, of the largest eigenvalue of a rational symmetric matrix.

    With approximate eigenvectors V and D = V' A V, the largest eigenvalue is at most (Gershgorin bound of D) divided by
    the least eigenvalue of V' V, itself at least 1 - |V' V - I| in the max-row-sum norm.

    >>> float(largest_eigenvalue([[Fraction(2), Fraction(1)], [Fraction(1), Fraction(2)]]))
    3.0000000000000...
    """
    import numpy as np

    floats = np.array([[float(x) for x in row] for row in matrix])
    _, vectors = np.linalg.eigh(floats)
    with ctx.workprec(PRECISION):
        v = arb_mat([[arb(float(x)) for x in row] for row in vectors])
        rational = arb_mat([[exact_arb(x) for x in row] for row in matrix])
        rotated, squared = v.transpose() * rational * v, v.transpose() * v
        size = len(matrix)
        tops = [rotated[i, i] + sum((abs(rotated[i, k]) for k in range(size) if k != i), arb(0)) for i in range(size)]
        defect = max(upper(sum((abs(squared[i, k] - int(i == k)) for k in range(size)), arb(0))) for i in range(size))
        top = max(max(upper(x) for x in tops), Fraction(0))
        return round_up(top / (1 - defect))
