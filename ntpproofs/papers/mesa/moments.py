"""Which finite sequences of numbers are moments of a law on the real line (truncated Hamburger problem), decided exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ...exact.rational import rank, to_flint


def hankel_defect(moments: Sequence[Fraction]) -> str:
    """Why (m_0, ..., m_2n) are moments of no law, or the empty string if they are.

    Law (Curto and Fialkow 1991, Theorem 3.9): a representing measure exists iff the Hankel matrix H is positive semidefinite and
    its rank is the size of its largest leading positive definite block.

    >>> hankel_defect([Fraction(x) for x in (1, 0, 1, 0, 3, 0, 15)])
    ''
    >>> hankel_defect([Fraction(x) for x in (1, 0, 1, 0, 0, 0, 1)])
    'the leading Hankel block of size 3 has determinant -1'
    """
    size = len(moments) // 2 + 1
    matrix = [[moments[i + j] for j in range(size)] for i in range(size)]
    for leading in range(1, size + 1):
        determinant = to_flint([row[:leading] for row in matrix[:leading]]).det()
        if determinant < 0:
            return f"the leading Hankel block of size {leading} has determinant {determinant}"
        if determinant == 0:
            return "" if rank(matrix) == leading - 1 and _semidefinite(matrix) else f"a law with these moments would live on {leading - 1} points"
    return ""


def _semidefinite(matrix: list[list[Fraction]]) -> bool:
    # Symmetric elimination: a zero pivot needs a zero row.
    rows = [list(row) for row in matrix]
    size = len(rows)
    for k in range(size):
        pivot = rows[k][k]
        if pivot < 0 or (pivot == 0 and any(rows[k][j] for j in range(k, size))):
            return False
        if pivot == 0:
            continue
        for i in range(k + 1, size):
            factor = rows[i][k] / pivot
            rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k])]
    return True


def positive_semidefinite(matrix: Sequence[Sequence[Fraction]]) -> bool:
    """Whether a rational symmetric matrix is positive semidefinite, by exact symmetric elimination.

    >>> positive_semidefinite([[Fraction(1), Fraction(1)], [Fraction(1), Fraction(1)]])
    True
    >>> positive_semidefinite([[Fraction(0), Fraction(1)], [Fraction(1), Fraction(5)]])
    False
    """
    return _semidefinite([list(row) for row in matrix])
