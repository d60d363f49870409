"""Rational vectors as tuples: sums and zero (inner products are `rational.dot`)."""

from __future__ import annotations

from fractions import Fraction

Vector = tuple[Fraction, ...]


def plus(x: Vector, y: Vector, factor: Fraction | int = 1, own: Fraction | int = 1) -> Vector:
    """own x + factor y, for vectors of one dimension.

    >>> plus((Fraction(1),), (Fraction(2),), 3)
    (Fraction(7, 1),)
    """
    return tuple(own * a + factor * b for a, b in zip(x, y, strict=True))


def zeros(dimension: int) -> Vector:
    """The zero vector.

    >>> zeros(2)
    (Fraction(0, 1), Fraction(0, 1))
    """
    return (Fraction(0),) * dimension


__all__ = ["Vector", "plus", "zeros"]
