"""Rational vectors as tuples: sums, products, shares (inner products are `rational.dot`)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpz_mat

from .rational import Vector, clear_denominators, fraction


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


def combination(coefficients: Sequence[Fraction], vectors: Sequence[Vector]) -> Vector:
    """sum of coefficient * vector.

    >>> combination([Fraction(2)], [(Fraction(1), Fraction(3))])
    (Fraction(2, 1), Fraction(6, 1))
    """
    return tuple(sum((c * x for c, x in zip(coefficients, entries)), Fraction(0)) for entries in zip(*vectors))


def outer(left: Vector, right: Vector) -> Vector:
    """left right^T, flat."""
    return tuple(x * y for x in left for y in right)


def softmax(row: Sequence[Fraction]) -> Vector:
    """The probabilities in proportion to positive masses.

    >>> softmax((Fraction(1), Fraction(3)))
    (Fraction(1, 4), Fraction(3, 4))
    """
    total = sum(row, Fraction(0))
    return tuple(x / total for x in row)


def inverse_gram(vectors: Sequence[Vector]) -> tuple[Vector, ...]:
    """(H'H)^{-1} for linearly independent vectors h_j.

    >>> inverse_gram([(Fraction(2), Fraction(0))])
    ((Fraction(1, 4),),)
    """
    integers, scale = clear_denominators(vectors)
    rows = fmpz_mat(integers)
    inverse = (rows * rows.transpose()).inv()
    size = len(integers)
    return tuple(tuple(scale**2 * fraction(inverse[i, k]) for k in range(size)) for i in range(size))


__all__ = ["Vector", "combination", "inverse_gram", "outer", "plus", "softmax", "zeros"]
