"""Linear programmes solved exactly: HiGHS proposes a vertex, rationals re-solve and check it.

    min <c, x>  subject to  G x >= h,  E x = 0        max <h, y>  subject to  G'y + E'z = c,  y >= 0

The simplex method ends in a basis: the rows active at its x determine x, and the rows with positive y (with E) determine y. Both
linear systems are solved over the rationals; feasible x and y with <c, x> = <h, y> are optimal, whatever proposed them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat

from ..exact.rational import dot, fraction
from ..problems.conditional_logit import RowAlternative, Vector

Row = Sequence[Fraction]
SLACK = 1e-7


@dataclass(frozen=True)
class Vertex:
    """A primal point and dual multipliers on (block, alternative)."""

    point: Vector
    multipliers: dict[RowAlternative, Fraction]


def solve_exactly(cost: Row, rows: Sequence[Row], sides: Row, equalities: Sequence[Row]) -> tuple[Vector, Vector, Vector] | None:
    """Optimal x, y, z as rationals, proved optimal by equal objectives; None if the proposal could not be confirmed.

    >>> one, zero = Fraction(1), Fraction(0)
    >>> solve_exactly([one + one, one], [[one, zero], [zero, one], [one, one]], [zero, zero, Fraction(1, 3)], [])[0]
    (Fraction(0, 1), Fraction(1, 3))
    """
    from scipy.optimize import linprog

    g, e = (np.array([[float(x) for x in row] for row in part]).reshape(-1, len(cost)) for part in (rows, equalities))
    floats = np.array([float(x) for x in sides])
    found = linprog(
        [float(x) for x in cost], A_ub=-g, b_ub=-floats, A_eq=e if len(e) else None, b_eq=np.zeros(len(e)) if len(e) else None,
        bounds=(None, None), method="highs-ds",
    )  # fmt: skip
    if found.status != 0:
        return None
    slack = g @ found.x - floats
    order = np.argsort(slack, kind="stable")
    active = [int(r) for r in order if slack[r] <= SLACK]
    x = _solve([*equalities, *(rows[r] for r in active)], [Fraction(0)] * len(e) + [sides[r] for r in active], found.x)
    marginals = -found.ineqlin.marginals
    basis = [r for r in range(len(rows)) if marginals[r] > SLACK * marginals.max()]
    columns = [*(rows[r] for r in basis), *equalities]
    guess = np.concatenate([marginals[basis], found.eqlin.marginals if len(e) else np.zeros(0)])
    yz = _solve([list(row) for row in zip(*columns)], list(cost), guess) if columns else None
    if x is None or yz is None:
        return None
    y = [Fraction(0)] * len(rows)
    for r, value in zip(basis, yz):
        y[r] = value
    feasible = all(dot(row, x) >= side for row, side in zip(rows, sides)) and not any(dot(row, x) for row in equalities)
    optimal = min(y, default=Fraction(0)) >= 0 and dot(cost, x) == dot(sides, y)
    return (x, tuple(y), yz[len(basis) :]) if feasible and optimal else None


def _solve(rows: Sequence[Row], right: Row, guess: np.ndarray) -> Vector | None:
    # The solution of a consistent system; unknowns it leaves free keep their guessed value. None if it is inconsistent.
    width = len(guess)
    matrix = fmpq_mat([[fmpq(x.numerator, x.denominator) for x in (*row, b)] for row, b in zip(rows, right)])
    reduced, rank = matrix.rref()
    pivots = [next(j for j in range(width + 1) if reduced[i, j]) for i in range(rank)]
    if width in pivots:
        return None
    solution = [Fraction(float(x)).limit_denominator(2**16) for x in guess]
    free = [j for j in range(width) if j not in set(pivots)]
    for i, pivot in enumerate(pivots):
        solution[pivot] = fraction(reduced[i, width]) - sum((fraction(reduced[i, j]) * solution[j] for j in free if reduced[i, j]), Fraction(0))
    return tuple(solution)
