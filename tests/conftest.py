"""Independent routes shared by several test files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
import sympy as sp


def _least_norm_on(rows: Sequence[Any]) -> list[Fraction] | None:
    # The point of least norm with <row, w> = side for every pair (row, side): w = A'y with (A A') y = sides.
    matrix = sp.Matrix([[sp.Rational(x.numerator, x.denominator) for x in row] for row, _ in rows])
    sides = sp.Matrix([sp.Rational(side.numerator, side.denominator) for _, side in rows])
    gram = matrix * matrix.T
    if gram.rank() < gram.row_join(sides).rank():
        return None
    solution, parameters = gram.gauss_jordan_solve(sides)
    point = matrix.T * solution.subs(dict.fromkeys(parameters, 0))
    return [Fraction(int(x.p), int(x.q)) for x in point]


def enumerate_least_norm(unequal: Sequence[Any], equal: Sequence[Any]) -> list[Fraction] | None:
    """argmin |w|^2 with <row, w> >= side on `unequal` and = on `equal` (pairs of a rational row and side), by trying every
    set of active rows: exact, exponential, and without any of the library's linear algebra. None if infeasible."""
    width = len([*unequal, *equal][0][0])
    best: tuple[Fraction, list[Fraction]] | None = None
    for size in range(min(len(unequal), width) + 1):
        for active in combinations(unequal, size):
            rows = [*equal, *active]
            point = _least_norm_on(rows) if rows else [Fraction(0)] * width
            if point is None or any(sum(a * x for a, x in zip(row, point)) < side for row, side in unequal):
                continue
            norm = sum((x * x for x in point), Fraction(0))
            if best is None or norm < best[0]:
                best = norm, point
    return None if best is None else best[1]


@pytest.fixture(scope="session")
def least_norm_by_enumeration() -> Callable[..., Any]:
    return enumerate_least_norm
