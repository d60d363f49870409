"""Least-norm programmes, solved exactly: min |w|^2 / 2 subject to <w, d_r> >= 1 and <w, d_e> = 0.

The rows enter through their integer Gram matrix only, because every quantity of the dual is a combination of inner
products: w = sum y_r d_r, margins = G y. A float solver proposes the working set (Lawson and Hanson's least-distance
reduction to non-negative least squares, whose answer is a vertex and therefore independent rows); the working set is
re-solved over the integers, and if a sign or a margin disagrees the dual active-set method of Goldfarb and Idnani is run
exactly from there. Each of its full steps raises the dual objective, so it ends, with an optimum or a Farkas certificate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import fmpz_mat

from .nonnegative import clear_minimiser
from .rational import PRIMES, fraction, sub
from .rows import Rows, combine

# Entries of a system from which factorising blocks is quicker than a row at a time, and how often in a row that may bring nothing.
LARGE = 100_000
PATIENCE = 3
# Rows per coordinate from which only some of them are looked at, rows that join at least, and how often they may.
TALL, SMALLEST_CUT, ROUNDS = 6, 50, 200


@dataclass(frozen=True)
class Optimal:
    """The unique optimum w = sum multipliers[r] d_r: multipliers >= 0 on inequalities, free on equalities.

    `margins[r]` = <w, d_r> for every row of the system, exact.
    """

    multipliers: dict[int, Fraction]
    margins: tuple[Fraction, ...]


@dataclass(frozen=True)
class Infeasible:
    """Farkas: sum multipliers[r] d_r = 0, multipliers >= 0 on inequalities and not all zero there, free on equalities."""

    multipliers: dict[int, Fraction]


def least_norm(rows: Rows, equalities: Sequence[int], inequalities: Sequence[int]) -> Optimal | Infeasible:
    """Solve the programme exactly.

    >>> rows = Rows(np.array([[4, 0], [0, 1]]), np.array([[2.0, 0.0], [0.0, 1.0]]))
    >>> dict(sorted(least_norm(rows, [], [0, 1]).multipliers.items()))
    {0: Fraction(1, 4), 1: Fraction(1, 1)}
    """
    for prime in PRIMES:
        fixed = rows.independent(equalities, prime)
        guess = _propose(rows.floats, fixed, rows.distinct(inequalities))
        working = rows.independent(fixed + guess, prime)
        circuit = _circuit(rows, working, set(fixed), [r for r in guess if r not in working])
        answer = circuit or _dual_active_set(rows, working, set(fixed), list(inequalities))
        # An unlucky prime can drop an equality that is independent of the others: then its margin is not zero.
        if isinstance(answer, Infeasible) or all(answer.margins[e] == 0 for e in equalities):
            return answer
    raise ArithmeticError("three primes in a row hid an independent equality")  # probability below 1e-50


def _propose(floats: np.ndarray, equalities: list[int], inequalities: list[int]) -> list[int]:
    # Least-distance programming: with E = [A'; 1'] and f = (0, ..., 0, 1), the residual of min |E y - f|, y >= 0, gives
    # w, and the positive entries of y are the rows that carry it, largest multiplier first. A zero residual means
    # infeasible, and then y itself is the Farkas proposal. Nothing here is believed.
    if not inequalities:
        return []
    a = floats[inequalities]
    if equalities:
        scaled = _normalised(floats[equalities])
        _, singular, right = np.linalg.svd(scaled, full_matrices=False)
        basis = right[singular > 1e-9 * max(singular.max(initial=0.0), 1e-300)]
        a = a - (a @ basis.T) @ basis
    norms = np.linalg.norm(a, axis=1)
    original = np.linalg.norm(floats[inequalities], axis=1)
    vanishing = norms <= 1e-9 * np.maximum(original, 1e-300)
    if vanishing.any():
        return [inequalities[i] for i in np.flatnonzero(vanishing)[:1]]
    bounds = norms.min() / norms  # margin 1 on d_r is margin 1 / |d_r| on the unit row
    y = multipliers(a / norms[:, None], bounds)
    if y is None:
        return []
    order = sorted(np.flatnonzero(y > 0), key=lambda i: -y[i])
    return [inequalities[i] for i in order]


def multipliers(unit: np.ndarray, bounds: np.ndarray, watch: Callable[[], None] = lambda: None) -> np.ndarray | None:
    """Multipliers of the least vector with margin `bounds` on unit rows, in doubles; None where none are found.

    `watch` is called before every round, and may raise to end them.
    """
    # Of many more rows than coordinates few are tight: the programme of some of them is solved, and those it violates most join it.
    count, width = unit.shape
    if unit.size <= LARGE or count < TALL * width:
        return _whole(unit, bounds, watch)
    chosen = np.unique(np.linspace(0, count - 1, TALL * width // 2).astype(int))
    for _ in range(ROUNDS):
        watch()
        y, found = np.zeros(count), _whole(unit[chosen], bounds[chosen], watch)
        if found is None:
            return None
        y[chosen] = found
        size = 1.0 - float(bounds @ y)
        if size <= 1e-12 * (1 + float(bounds @ y)):
            return y  # no w has these margins: a Farkas certificate
        short = bounds * (1 - 1e-9) * size - unit @ (unit[chosen].T @ found)
        short[chosen] = -1.0
        if not (short > 0).any():
            return y
        worst = np.argsort(-short)[: max(width, SMALLEST_CUT)]
        kept = chosen[(found > 0) | (unit[chosen] @ (unit[chosen].T @ found) < 2 * size * bounds[chosen])]
        chosen = np.union1d(kept, worst[short[worst] > 0])
    return None


def _whole(unit: np.ndarray, bounds: np.ndarray, watch: Callable[[], None]) -> np.ndarray | None:
    # Multipliers y of min |E y - f|: w = A'y / (1 - b'y).
    if unit.size > LARGE:
        y = _pivoted(unit, bounds, watch)
        if y is not None:  # those of min y'Gy/2 - b'y: the same up to a factor
            return y / (1.0 + float(bounds @ y))
    system, target = np.vstack([unit.T, bounds[None, :]]), np.zeros(unit.shape[1] + 1)
    target[-1] = 1.0
    if (y := clear_minimiser(system, target)) is not None:
        return y
    from scipy.optimize import nnls  # half of the start of a command, for what is not clear without it

    try:
        return np.asarray(nnls(system, target, maxiter=20 * len(unit) + 100)[0])
    except RuntimeError:
        return None


def _pivoted(unit: np.ndarray, bounds: np.ndarray, watch: Callable[[], None]) -> np.ndarray | None:
    # Block principal pivoting on the dual, min y'Gy/2 - b'y over y >= 0 (Portugal, Judice and Vicente 1994): every row on the wrong
    # side of complementarity changes sides at once. With more unknowns than tight rows a dozen factorisations do; where the rows crowd
    # around the rank of the system it cycles, and Lawson and Hanson's row at a time is quicker anyway.
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    gram = unit @ unit.T
    inside, least, patience = np.zeros(len(gram), dtype=bool), len(gram) + 1, PATIENCE
    while True:
        watch()
        chosen, y = np.flatnonzero(inside), np.zeros(len(gram))
        if len(chosen):
            block = gram[np.ix_(chosen, chosen)]
            block[np.diag_indices(len(chosen))] += 1e-11
            try:
                y[chosen] = cho_solve(cho_factor(block, overwrite_a=True), bounds[chosen])
            except LinAlgError:
                return None
        wrong = np.where(inside, y < 0, gram @ y < bounds * (1 - 1e-9))
        count = int(wrong.sum())
        if not count:
            return y
        patience = PATIENCE if count < least else patience - 1
        least = min(least, count)
        if patience < 0:
            return None
        inside ^= wrong


def _normalised(a: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(a, axis=1)
    return a[norms > 0] / norms[norms > 0, None]


def _circuit(rows: Rows, working: list[int], fixed: set[int], dependent: list[int]) -> Infeasible | None:
    # A proposed row that depends on the others closes a circuit; if the dependency has one sign it is a Farkas certificate.
    for q in dependent:
        (ratio,) = _solve(rows, working, [[int(rows.gram[r, q]) for r in working]])
        squared = sum((x * int(rows.gram[r, q]) for x, r in zip(ratio, working)), Fraction(0))
        if squared == int(rows.gram[q, q]) and all(x <= 0 for x, r in zip(ratio, working) if r not in fixed):
            return Infeasible({q: Fraction(1)} | {r: -x for x, r in zip(ratio, working) if x})
    return None


def _solve(rows: Rows, working: list[int], right: list[list[int]]) -> list[list[Fraction]]:
    # Exact solution of (Gram on the working set) y = right, one column per list.
    if not working:
        return [[] for _ in right]
    matrix = sub(rows.gram, working, working)
    solution = matrix.solve(fmpz_mat([list(entries) for entries in zip(*right)]))
    return [[fraction(solution[i, k]) for i in range(len(working))] for k in range(len(right))]


def _dual_active_set(rows: Rows, working: list[int], fixed: set[int], inequalities: list[int]) -> Optimal | Infeasible:
    while True:
        (y,) = _solve(rows, working, [[0 if r in fixed else 1 for r in working]])
        wrong = [(value, r) for value, r in zip(y, working) if r not in fixed and value < 0]
        if not wrong:
            break
        working = [r for r in working if r != min(wrong)[1]]
    multipliers = dict(zip(working, y))
    while True:
        margins = combine(rows, multipliers)
        violated = [(margins[r], r) for r in inequalities if margins[r] < 1]
        if not violated:
            return Optimal({r: x for r, x in multipliers.items() if x}, margins)
        entering = min(violated)[1]
        outcome = _enter(rows, multipliers, fixed, entering, margins[entering])
        if outcome is not None:
            return outcome


def _enter(rows: Rows, multipliers: dict[int, Fraction], fixed: set[int], entering: int, margin: Fraction) -> Infeasible | None:
    # One Goldfarb-Idnani iteration: raise the multiplier of the violated row until it is satisfied, dropping rows whose
    # multiplier reaches zero on the way. Changes `multipliers` in place; w = sum multipliers d throughout.
    multipliers[entering] = Fraction(0)
    while True:
        working = [r for r in multipliers if r != entering]
        products = [int(rows.gram[r, entering]) for r in working]
        (ratio,) = _solve(rows, working, [products])
        curvature = int(rows.gram[entering, entering]) - sum((x * g for x, g in zip(ratio, products)), Fraction(0))
        blocking = [(multipliers[r] / x, r) for x, r in zip(ratio, working) if x > 0 and r not in fixed]
        if curvature == 0 and not blocking:
            farkas = {entering: Fraction(1)} | {r: -x for x, r in zip(ratio, working) if x}
            return Infeasible(farkas)
        # A full step satisfies the row; a partial one stops where the first multiplier reaches zero.
        steps = [*blocking, *([((1 - margin) / curvature, -1)] if curvature else [])]
        step, leaving = min(steps)
        for r, x in zip(working, ratio):
            multipliers[r] -= step * x
        multipliers[entering] += step
        margin += step * curvature
        if leaving < 0:
            return None
        del multipliers[leaving]


__all__ = ["Infeasible", "Optimal", "Rows", "combine", "least_norm"]
