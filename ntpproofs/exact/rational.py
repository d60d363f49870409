"""Rational and integer linear algebra on python-flint, with plain `Fraction`s at the border."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat, fmpz, fmpz_mat, nmod_mat

from ..kernel.reading import rational

__all__ = [
    "are_orthogonal",
    "clear_denominators",
    "dot",
    "fraction",
    "fractions",
    "gram_matrix",
    "independent",
    "inner_products",
    "integer_array",
    "null_space",
    "pivots",
    "primitive",
    "rank",
    "row_space",
    "scaled_floats",
    "sub",
    "to_flint",
    "total",
    "written",
]

Vector = tuple[Fraction, ...]

# Primes just below 2^61: a minor that is non-zero modulo one of them is non-zero, so "independent" is a proof. An unlucky
# prime can only hide independence, which the exact checks downstream notice; then the next prime is tried.
PRIMES = (2**61 - 1, 2**61 - 31, 2**61 - 45)


def fraction(x: fmpq | fmpz | int) -> Fraction:
    """A flint number as a `Fraction`.

    >>> fraction(fmpq(-2, 6))
    Fraction(-1, 3)
    """
    if not isinstance(x, fmpq):
        return Fraction(int(x))
    # flint's rationals are in lowest terms already; Python's own gcd would dominate at tens of thousands of bits.
    result = Fraction.__new__(Fraction)
    result._numerator, result._denominator = int(x.p), int(x.q)  # type: ignore[attr-defined]
    return result


def total(values: Iterable[Fraction]) -> Fraction:
    """The exact sum, with flint's arithmetic.

    >>> total([Fraction(1, 2), Fraction(1, 3)])
    Fraction(5, 6)
    """
    values = list(values)
    bottom = fmpz(1)
    for x in values:
        bottom = bottom.lcm(x.denominator)
    return fraction(fmpq(sum((x.numerator * (bottom // x.denominator) for x in values), fmpz(0)), bottom))


def fractions(values: Iterable[object], subject: str = "vector") -> Vector:
    """Integers, `Fraction`s or "p/q" strings as a tuple of `Fraction`s; floats are refused (`InvalidInput`).

    >>> fractions([1, "1/2"])
    (Fraction(1, 1), Fraction(1, 2))
    """
    return tuple(rational(value, f"{subject}[{i}]") for i, value in enumerate(values))


def dot(x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
    """The inner product of two rational vectors.

    >>> dot((Fraction(1, 2), Fraction(1)), (Fraction(4), Fraction(3)))
    Fraction(5, 1)
    """
    return sum((a * b for a, b in zip(x, y, strict=True)), Fraction(0))


def clear_denominators(rows: Sequence[Sequence[Fraction]]) -> tuple[list[list[int]], int]:
    """Integer rows and the common denominator they were multiplied by.

    >>> clear_denominators([[Fraction(1, 2), Fraction(1, 3)]])
    ([[3, 2]], 6)
    """
    scale = lcm(*(x.denominator for row in rows for x in row))
    return [[x.numerator * (scale // x.denominator) for x in row] for row in rows], scale


def primitive(vector: Sequence[Fraction]) -> Vector:
    """The positive multiple of a rational vector with coprime integer entries (zero stays zero).

    >>> primitive((Fraction(2, 3), Fraction(-4, 3)))
    (Fraction(1, 1), Fraction(-2, 1))
    """
    (integers,), _ = clear_denominators([vector])
    common = gcd(*integers) or 1
    return tuple(Fraction(x // common) for x in integers)


def to_flint(rows: Sequence[Sequence[Fraction]]) -> fmpq_mat:
    """A rational matrix as flint's."""
    return fmpq_mat([[fmpq(x.numerator, x.denominator) for x in row] for row in rows])


def integer_array(rows: Sequence[Sequence[int]], products: int = 1) -> np.ndarray:
    """Integers as an int64 array when sums of `products` pairwise products cannot overflow, else as Python integers.

    >>> integer_array([[1, 2]]).dtype.name, integer_array([[2**40, 1]], products=3).dtype.name
    ('int64', 'object')
    """
    largest = max((abs(x) for row in rows for x in row), default=0)
    return np.array(rows, dtype=np.int64 if largest * largest * products < 2**62 else object)


def inner_products(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The exact inner products of integer rows; in doubles, where every partial sum stays below 2^53, otherwise in integers.

    >>> inner_products(np.array([[1, 2]]), np.array([[3, 4], [0, 1]])).tolist()
    [[11, 2]]
    """
    largest = int(np.abs(x).max(initial=0)) * int(np.abs(y).max(initial=0)) * x.shape[1]
    if largest < 2**53:
        return np.asarray((x.astype(float) @ y.astype(float).T).astype(np.int64))
    return np.asarray(x @ y.T)


def written(x: Fraction) -> str:
    """A rational as the files write it, "p/q" or "p", of any length (Python itself prints no integer beyond 4300 digits).

    >>> written(Fraction(-2, 6)), len(written(Fraction(10**5000)))
    ('-1/3', 5001)
    """
    return str(fmpq(x.numerator, x.denominator))


def scaled_floats(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Integers of any length as floats, divided by one power of two if they exceed 2^100: for proposals, where scale is free.

    Products of three such numbers have squares within the range of floats.

    >>> scaled_floats([[3, 0]]), scaled_floats([[2**5000, 2**4999]]) / 2**100
    (array([[3., 0.]]), array([[1. , 0.5]]))
    """
    largest = max((abs(int(x)) for row in rows for x in row), default=0)
    unit = 2 ** max(0, largest.bit_length() - 101)
    return np.array([[int(x) / unit for x in row] for row in rows] if unit > 1 else rows, dtype=float)


def sub(matrix: Any, rows: Sequence[int], columns: Sequence[int]) -> fmpz_mat:
    """The submatrix of an integer array, as flint's (empty index lists are allowed)."""
    if not rows or not columns:
        return fmpz_mat(len(rows), len(columns))
    if not isinstance(matrix, np.ndarray):
        return fmpz_mat(matrix[np.ix_(list(rows), list(columns))].tolist())
    return fmpz_mat(matrix[list(rows)][:, list(columns)].tolist())  # twice one index is faster than `np.ix_`, which checks much


def independent(gram: Any, rows: Sequence[int], prime: int = PRIMES[0]) -> list[int]:
    """The lexicographically first maximal independent subset of the given rows, known by their integer Gram matrix.

    Rows of a real matrix are independent iff their Gram matrix is; one modular reduction decides. "Independent" is a proof,
    "dependent" is one unless the prime is unlucky.

    >>> independent(np.array([[1, 2, 0], [2, 4, 0], [0, 0, 1]]), [0, 1, 2])
    [0, 2]
    """
    if not rows:
        return []
    return [rows[k] for k in pivots(nmod_mat(sub(gram, rows, rows), prime))]


def pivots(matrix: nmod_mat) -> list[int]:
    """The columns of a matrix modulo a prime that are independent of those before.

    >>> pivots(nmod_mat([[1, 2, 0], [0, 0, 1]], 7))
    [0, 2]
    """
    reduced, size = matrix.rref()
    found, column = [], 0
    for i in range(size):
        while int(reduced[i, column]) == 0:
            column += 1
        found.append(column)
    return found


def rank(rows: Sequence[Sequence[Fraction]]) -> int:
    """The exact rank of a rational matrix.

    >>> rank([[Fraction(1), Fraction(2)], [Fraction(2), Fraction(4)]])
    1
    """
    if not rows or not rows[0]:
        return 0
    return int(fmpz_mat(clear_denominators(rows)[0]).rank())


def gram_matrix(rows: Sequence[Sequence[Fraction]]) -> tuple[Vector, ...]:
    """All inner products of rational vectors.

    >>> gram_matrix([[Fraction(1, 2), Fraction(1)], [Fraction(2), Fraction(0)]])[0]
    (Fraction(5, 4), Fraction(1, 1))
    """
    integers, scale = clear_denominators(rows)
    matrix = fmpz_mat(integers)
    product = matrix * matrix.transpose()
    return tuple(tuple(Fraction(int(product[i, k]), scale**2) for k in range(len(integers))) for i in range(len(integers)))


def are_orthogonal(rows: Sequence[Sequence[Fraction]]) -> bool:
    """Whether vectors are non-zero and pairwise orthogonal.

    More of them than dimensions cannot be, and one product that is not zero settles it; all products are formed for the others only.

    >>> one, zero = Fraction(1), Fraction(0)
    >>> are_orthogonal([[one, zero], [zero, one]]), are_orthogonal([[one, zero], [zero, one], [one, one]]), are_orthogonal([[zero]])
    (True, False, False)
    """
    if len(rows) > len(rows[0]) or not all(map(any, rows)) or any(dot(rows[0], row) for row in rows[1:]):
        return False
    matrix = fmpz_mat(clear_denominators(rows)[0])
    product = matrix * matrix.transpose()
    return not any(product[i, k] for i in range(len(rows)) for k in range(i))


def row_space(rows: Sequence[Sequence[Fraction]]) -> tuple[Vector, ...]:
    """The reduced echelon basis of the row space: canonical, so equal spaces give equal bases.

    >>> row_space([[Fraction(2), Fraction(2)], [Fraction(1), Fraction(1)]])
    ((Fraction(1, 1), Fraction(1, 1)),)
    """
    if not rows or not rows[0]:
        return ()
    reduced, size = to_flint(rows).rref()
    return tuple(tuple(fraction(reduced[i, k]) for k in range(reduced.ncols())) for i in range(size))


def null_space(rows: Sequence[Sequence[Fraction]], width: int) -> tuple[Vector, ...]:
    """A basis of {x : A x = 0} in reduced form (the identity on the free coordinates).

    >>> null_space([[Fraction(1), Fraction(2)]], 2)
    ((Fraction(-2, 1), Fraction(1, 1)),)
    """
    echelon = row_space(rows)
    pivots = [next(k for k, x in enumerate(row) if x) for row in echelon]
    free = [k for k in range(width) if k not in set(pivots)]
    basis = []
    for k in free:
        vector = [Fraction(0)] * width
        vector[k] = Fraction(1)
        for pivot, row in zip(pivots, echelon):
            vector[pivot] = -row[k]
        basis.append(tuple(vector))
    return tuple(basis)
