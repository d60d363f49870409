"""Exact parameters at which identities are checked: deterministic, nowhere special, real or complex."""

from __future__ import annotations

from fractions import Fraction

from ..gaussian import Gaussian
from ..model import Matrix, Sequences, embedded, scalar_matrix
from ..problem import LinearAttentionAR

SLICE = ((Fraction(3, 10), Fraction(3, 10)), (Fraction(1), Fraction(-2)), (Fraction(5, 7), Fraction(2, 3)))


def number(seed: int, complex_: bool) -> Fraction | Gaussian:
    """A small rational, or a small Gaussian rational."""
    real, imag = Fraction((7 * seed + 3) % 11 - 5, 1 + seed % 3), Fraction((5 * seed + 1) % 7 - 3, 1 + seed % 2)
    return Gaussian(real, imag) if complex_ else real


def block(rows: int, columns: int, seed: int = 0, complex_: bool = False) -> Matrix:
    """A full matrix of such numbers."""
    return tuple(tuple(number(seed + i * columns + j, complex_) for j in range(columns)) for i in range(rows))


def sequences(problem: LinearAttentionAR) -> Sequences:
    """The tokens of a problem as characters."""
    return Sequences(problem.dimension, problem.length)


def live(problem: LinearAttentionAR, seed: int = 0, complex_: bool = False) -> tuple[Matrix, Matrix]:
    """Full matrices B and A."""
    d = problem.dimension
    return block(d, d, seed, complex_), block(d, d, seed + 17, complex_)


def full_blocks(problem: LinearAttentionAR, seed: int = 0) -> tuple[Matrix, Matrix]:
    """Full matrices P and Q."""
    d = problem.dimension
    return block(d, 2 * d, seed), block(2 * d, 2 * d, seed + 5)


def on_slice(problem: LinearAttentionAR, a: Fraction, b: Fraction) -> tuple[Matrix, Matrix]:
    """P and Q of the diagonal point B = bI, A = aI."""
    d = problem.dimension
    return embedded(scalar_matrix(d, b), scalar_matrix(d, a))


def diagonal_of(matrix: Matrix) -> Matrix:
    """The diagonal part."""
    return tuple(tuple(x if i == j else Fraction(0) for j, x in enumerate(row)) for i, row in enumerate(matrix))
