"""Independent routes shared by several test files, in plain fractions: none of the library's linear algebra is used here.

The first lines check the shapes of arrays wherever tests reach, in the modules named (`ntpproofs.logit.shapes`).
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from jaxtyping import install_import_hook

# The hook sees only what is imported after it, so no test helper comes before. What optimizers call at every step would take ten times
# as long: `test_shapes` checks that in short runs of its own.
CHECKED = [f"ntpproofs.dynamics.{name}" for name in ("arguments", "enclosed", "field", "flow", "path", "trajectory", "optimizers.bars")]
CHECKED += [f"ntpproofs.logit.{name}" for name in ("asymptotics", "coordinates", "differences", "token_data", "well_spread")]
install_import_hook(CHECKED, "array_checks.arrays_only")

# A shell starts what it puts in the background with interrupts ignored, which children inherit; several tests interrupt commands.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ZERO = Fraction(0)


def solve(matrix: Sequence[Sequence[Any]], right: Sequence[Any]) -> list[Fraction] | None:
    """One solution of a linear system by Gauss and Jordan (free variables zero), None if there is none."""
    rows = [[Fraction(x) for x in row] + [Fraction(side)] for row, side in zip(matrix, right, strict=True)]
    width, pivots = len(rows[0]) - 1, []
    for k in range(width):
        pivot = next((i for i in range(len(pivots), len(rows)) if rows[i][k]), None)
        if pivot is None:
            continue
        i = len(pivots)
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [x / rows[i][k] for x in rows[i]]
        for j, row in enumerate(rows):
            if j != i and row[k]:
                rows[j] = [x - row[k] * y for x, y in zip(row, rows[i])]
        pivots.append(k)
    if any(row[-1] for row in rows[len(pivots) :]):
        return None
    solution = [ZERO] * width
    for i, k in enumerate(pivots):
        solution[k] = rows[i][-1]
    return solution


def _least_norm_on(rows: Sequence[Any]) -> list[Fraction] | None:
    # The point of least norm with <row, w> = side for every pair (row, side): w = A'y with (A A') y = sides.
    gram = [[sum((a * b for a, b in zip(x, y)), ZERO) for y, _ in rows] for x, _ in rows]
    y = solve(gram, [side for _, side in rows])
    return None if y is None else [sum((c * row[k] for c, (row, _) in zip(y, rows)), ZERO) for k in range(len(rows[0][0]))]


def enumerate_least_norm(unequal: Sequence[Any], equal: Sequence[Any]) -> list[Fraction] | None:
    """argmin |w|^2 with <row, w> >= side on `unequal` and = on `equal` (pairs of a rational row and side), by trying every
    set of active rows: exact and exponential. None if infeasible."""
    width = len([*unequal, *equal][0][0])
    best: tuple[Fraction, list[Fraction]] | None = None
    for size in range(min(len(unequal), width) + 1):
        for active in combinations(unequal, size):
            rows = [*equal, *active]
            point = _least_norm_on(rows) if rows else [ZERO] * width
            if point is None or any(sum((a * x for a, x in zip(row, point)), ZERO) < side for row, side in unequal):
                continue
            norm = sum((x * x for x in point), ZERO)
            if best is None or norm < best[0]:
                best = norm, point
    return None if best is None else best[1]


@pytest.fixture(scope="session")
def least_norm_by_enumeration() -> Callable[..., Any]:
    return enumerate_least_norm


@pytest.fixture(scope="session")
def solve_by_elimination() -> Callable[..., Any]:
    return solve
