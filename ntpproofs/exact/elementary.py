"""Logarithm, exponential and square root of rationals and intervals, enclosed: irrational claims need no radius made by hand.

    AtMost(log(Fraction(3, 2)), 1)        Equal(sqrt(2) * sqrt(2), 2)        Less(exp(-1), Fraction(1, 2))

Arguments are integers, rationals or intervals; floats are refused, because nobody knows how far they are from what was meant. Sums,
differences, products, quotients and whole powers of intervals are intervals that contain every possible value.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from typing import Any

from flint import arb, ctx

from ..errors import InvalidInput, TooLarge
from .balls import PRECISION, Interval, as_interval, exact_arb, interval

Number = Interval | Fraction | int
LARGEST_EXPONENT = 2_000_000


def log(x: Number, precision: int = PRECISION) -> Interval:
    """An interval that contains log x. Raises `InvalidInput` unless x is certainly positive.

    >>> log(1), float(log(Fraction(1, 2)) + log(2)), log(2).radius < Fraction(1, 10**40)
    (Interval(center=Fraction(0, 1), radius=Fraction(0, 1)), 0.0, True)
    """
    known = _argument(x, "log")
    if known.lower <= 0:
        raise InvalidInput("log", f"of a number that may be {float(known.lower):.6g}", "give a positive one, or a narrower interval")
    return _increasing(known, lambda ball: ball.log(), precision)


def exp(x: Number, precision: int = PRECISION) -> Interval:
    """An interval that contains e^x. Raises `TooLarge` where that has more than a million digits.

    >>> exp(0).center, float(exp(1))
    (Fraction(1, 1), 2.718281828459045)
    """
    known = _argument(x, "exp")
    if max(abs(known.lower), abs(known.upper)) > LARGEST_EXPONENT:
        raise TooLarge("exp", "of a number whose exponential has more than a million digits", f"stay within +-{LARGEST_EXPONENT:,}")
    return _increasing(known, lambda ball: ball.exp(), precision)


def sqrt(x: Number, precision: int = PRECISION) -> Interval:
    """An interval that contains the square root of x; exact for squares of rationals. Raises `InvalidInput` unless x is certainly not negative.

    >>> sqrt(Fraction(9, 4)).center, float(sqrt(2) * sqrt(2))
    (Fraction(3, 2), 2.0)
    """
    known = _argument(x, "sqrt")
    if known.lower < 0:
        raise InvalidInput("sqrt", f"of a number that may be {float(known.lower):.6g}", "give one that is not negative, or a narrower interval")
    roots = isqrt(known.center.numerator), isqrt(known.center.denominator)
    if not known.radius and Fraction(*roots) ** 2 == known.center:
        return as_interval(Fraction(*roots))
    return _increasing(known, lambda ball: ball.sqrt(), precision)


def _argument(x: Any, name: str) -> Interval:
    if isinstance(x, bool) or not isinstance(x, (int, Fraction, Interval)):
        raise InvalidInput(name, f"of {x!r}, which is a {type(x).__name__}", "give an integer, a Fraction or an Interval")
    return as_interval(x)


def _increasing(x: Interval, function: Callable[[arb], arb], precision: int) -> Interval:
    # Of an increasing function the values at the ends enclose all others.
    with ctx.workprec(precision):
        low, high = interval(function(exact_arb(x.lower))), interval(function(exact_arb(x.upper)))
    return Interval.between(low.lower, high.upper)


__all__ = ["exp", "log", "sqrt"]
