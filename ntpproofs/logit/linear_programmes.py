"""Linear programmes solved exactly: HiGHS proposes a basis, rational pivots finish it.

    min <c, x>  subject to  G x >= h,  E x = 0        max <h, y>  subject to  G'y + E'z = c,  y >= 0

A basis is a set of independent rows, as many as unknowns and all of E among them: its rows held at their sides determine x, and
with multipliers on them alone they determine y and z. Both linear systems are solved over the rationals; feasible x and y with a
common basis are optimal, whatever proposed it. Where they are not feasible, the criss-cross method with least indices pivots on,
exactly: it starts from any basis and is finite, so tolerances of the proposal cost time only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat, nmod_mat

from ..exact.rational import PRIMES, clear_denominators, fraction, to_flint
from .problem import RowAlternative, Vector

Row = Sequence[Fraction]
SLACK = 1e-7
# From a proposed basis a handful is usual; a programme of the largest size does some pivots a second.
LARGEST_NUMBER_OF_PIVOTS = 300


@dataclass(frozen=True)
class Vertex:
    """A primal point and dual multipliers on (block, alternative)."""

    point: Vector
    multipliers: dict[RowAlternative, Fraction]


def exponent(x: Fraction) -> int:
    """e with 2^(e-1) < |x| < 2^(e+1), for x not zero."""
    return x.numerator.bit_length() - x.denominator.bit_length()


def shifted(x: Fraction, shift: int) -> float:
    """x 2^shift as a float, for x of any size; what is below the range of floats is zero, and what is above stays at 2^1000."""
    size = exponent(x) + shift if x else 0
    if not x or size < -1000:
        return 0.0
    if size > 1000:
        return math.copysign(2.0**1000, x)
    return math.ldexp(float(x), shift) if abs(size - shift) < 1000 else float(x * Fraction(2) ** shift)


def solve_exactly(cost: Row, rows: Sequence[Row], sides: Row, equalities: Sequence[Row]) -> tuple[Vector, Vector, Vector] | None:
    """Optimal x, y, z as rationals for independent equalities; None if there is no optimal basis, or none within 300 pivots.

    >>> one, zero = Fraction(1), Fraction(0)
    >>> solve_exactly([one + one, one], [[one, zero], [zero, one], [one, one]], [zero, zero, Fraction(1, 3)], [])[0]
    (Fraction(0, 1), Fraction(1, 3))
    """
    everything, fixed, size = [*equalities, *rows], len(equalities), len(cost)
    order = [fixed + r for r in _proposed(cost, rows, sides, equalities)]
    basis = _independent([everything[r] for r in (*range(fixed), *order)])
    if len(basis) < size:
        return None
    basis = [r if r < fixed else order[r - fixed] for r in basis]
    matrix = to_flint(everything)
    right = [Fraction(0)] * fixed + list(sides)
    h, c = _column(right), _column(cost)
    for _ in range(LARGEST_NUMBER_OF_PIVOTS):
        inside = set(basis)
        chosen = fmpq_mat(size, size, [matrix[r, j] for r in basis for j in range(size)])
        x = chosen.solve(_column([right[r] for r in basis]))
        y = chosen.transpose().solve(c)
        slack = matrix * x - h
        # The least index that is infeasible: a negative slack outside of the basis, a negative multiplier inside.
        violated = [r for r in range(len(everything)) if r not in inside and slack[r, 0] < 0]
        negative = [r for k, r in enumerate(basis) if r >= fixed and y[k, 0] < 0]
        wrong = min([*violated, *negative], default=None)
        if wrong is None:
            multipliers = dict(zip(basis, (fraction(y[k, 0]) for k in range(size))))
            found = tuple(multipliers.get(r, Fraction(0)) for r in range(len(everything)))
            return tuple(fraction(x[j, 0]) for j in range(size)), found[fixed:], found[:fixed]
        if wrong in inside:  # away from this row the cost falls, until another one blocks
            step = matrix * chosen.solve(_column([Fraction(int(r == wrong)) for r in basis]))
            blocking = [r for r in range(fixed, len(everything)) if r not in inside and step[r, 0] < 0]
            leaving, entering = wrong, min(blocking, default=-1)
        else:  # this row is to be reached, at the cost of one of the basis
            weights = chosen.transpose().solve(fmpq_mat(size, 1, [matrix[wrong, j] for j in range(size)]))
            leaving, entering = min((r for k, r in enumerate(basis) if r >= fixed and weights[k, 0] > 0), default=-1), wrong
        if min(leaving, entering) < 0:
            return None  # infeasible, or unbounded
        basis = [r for r in basis if r != leaving] + [entering]
    return None


def _column(values: Row) -> fmpq_mat:
    return fmpq_mat(len(values), 1, [fmpq(x.numerator, x.denominator) for x in values])


def _independent(rows: Sequence[Row]) -> list[int]:
    # The first maximal independent subset, from one modular reduction: independent is a proof.
    integers = [clear_denominators([row])[0][0] for row in rows]
    reduced, rank = nmod_mat([[int(x) % PRIMES[0] for x in column] for column in zip(*integers)], PRIMES[0]).rref()
    pivots, column = [], 0
    for i in range(rank):
        while int(reduced[i, column]) == 0:
            column += 1
        pivots.append(column)
    return pivots


def _proposed(cost: Row, rows: Sequence[Row], sides: Row, equalities: Sequence[Row]) -> list[int]:
    # The rows in the order in which they should enter a basis: positive multipliers first, then the smallest slacks.
    from scipy.optimize import linprog

    fixed, every = len(equalities), range(len(rows))
    across, down = _equilibrated([*equalities, *rows])
    matrix = np.array([[shifted(x, r + k) for x, k in zip(row, down)] for row, r in zip([*equalities, *rows], across)])
    e, g = matrix[:fixed], matrix[fixed:]
    h = _unit([shifted(x, r) for x, r in zip(sides, across[fixed:])])
    found = linprog(
        _unit([shifted(x, k) for x, k in zip(cost, down)]), A_ub=-g, b_ub=-h, A_eq=e if fixed else None, b_eq=np.zeros(fixed) if fixed else None,
        bounds=(None, None), method="highs-ds",
    )  # fmt: skip
    if found.status != 0:
        return list(every)
    y, slack = -found.ineqlin.marginals, g @ found.x - h
    return sorted(every, key=lambda r: (0, -y[r]) if y[r] > SLACK * y.max() else (1, slack[r]))


def _unit(values: list[float]) -> np.ndarray:
    return np.array(values) / (max(map(abs, values), default=0.0) or 1.0)


def _equilibrated(rows: Sequence[Row]) -> tuple[list[int], list[int]]:
    # Powers of two for rows and columns that bring the largest and the smallest entry of each to opposite sides of 1.
    sizes = np.array([[exponent(x) if x else np.nan for x in row] for row in rows])
    across, down = np.zeros(sizes.shape[0]), np.zeros(sizes.shape[1])
    for _ in range(4):
        across = -_middle((sizes + down).T)
        down = -_middle(sizes + across[:, None])
    return [round(x) for x in across], [round(x) for x in down]


def _middle(sizes: np.ndarray) -> np.ndarray:
    # The mean of the largest and the smallest entry of every column; 0 for a column of zeros.
    seen = np.isfinite(sizes)
    top = np.where(seen, sizes, -np.inf).max(axis=0, initial=-np.inf)
    low = np.where(seen, sizes, np.inf).min(axis=0, initial=np.inf)
    return np.where(seen.any(axis=0), (np.where(seen.any(axis=0), top, 0) + np.where(seen.any(axis=0), low, 0)) / 2, 0.0)


__all__ = ["Vertex", "exponent", "shifted", "solve_exactly"]
