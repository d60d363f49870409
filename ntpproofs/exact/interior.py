"""The Goldman-Tucker partition proposed in floats, for systems of many rows: an interior point whose cost is linear in their number.

    min rho |w|^2 / 2 + sum_i h(<w, a_i>),   h(a) = max(1 - a, 0) + (CAP - 1) max(-a, 0)

h asks for a margin of 1 on every row, and for a margin of 0 at a price. As rho tends to 0 rows that some w of the recession cone makes
positive reach 1, and the others are level with a multiplier between 1 and CAP. Both programmes, primal and dual, have interior points
whatever the data are, so that no run diverges. Nothing here is believed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RIDGE, CAP = 1e-12, 1e4
STEPS, TARGET = 100, 1e-10
BOUNDS = np.array([[1.0], [0.0]])
CAPS = np.array([[1.0], [CAP - 1]])


@dataclass(frozen=True)
class _Iterate:
    # w, and for both hinges of every row (2 x n): slack = <w, a> + excess - bound > 0 with multiplier y > 0, excess > 0 with x = cap - y > 0.
    w: np.ndarray
    slack: np.ndarray
    excess: np.ndarray
    y: np.ndarray
    x: np.ndarray

    @property
    def balance(self) -> float:
        return float((self.slack * self.y).sum() + (self.excess * self.x).sum()) / (2 * self.y.size)

    def moved(self, length: float, change: _Iterate) -> _Iterate:
        parts = ("w", "slack", "excess", "y", "x")
        return _Iterate(*(getattr(self, part) + length * getattr(change, part) for part in parts))

    def longest(self, change: _Iterate) -> float:
        pairs = ((getattr(self, part), getattr(change, part)) for part in ("slack", "excess", "y", "x"))
        return min(1.0, *(float((-value[moves < 0] / moves[moves < 0]).min(initial=1.0)) for value, moves in pairs))


def partition_proposal(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Margins <w, a_i> and multipliers y_i with A'y near 0, for rows of length near 1; None where the run fails.

    Rows with a margin below 1/2 are proposed as tied, and have multipliers of at least 1.

    >>> margins, y = partition_proposal(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]))
    >>> (margins > 0.5).tolist(), bool(y[0] > 0.9)
    ([False, False, True], True)
    """
    a, size = _whitened(rows)
    shape = (2, len(a))
    y = np.broadcast_to(CAPS / 2, shape).copy()
    point = _Iterate(np.zeros(a.shape[1]), 2.0 - np.broadcast_to(BOUNDS, shape), np.full(shape, 2.0), y, CAPS - y)
    for _ in range(STEPS):
        gradient = RIDGE * point.w - a.T @ point.y.sum(axis=0)
        if point.balance < TARGET and np.abs(gradient).max(initial=0.0) < 1e-8:
            break
        try:
            point = _stepped(a, point, gradient)
        except np.linalg.LinAlgError:
            return None
    margins, multipliers = a @ point.w, point.y.sum(axis=0) * (size.max(initial=0.0) / size)
    return (margins, multipliers) if np.isfinite(margins).all() and np.isfinite(multipliers).all() else None


def _stepped(a: np.ndarray, point: _Iterate, gradient: np.ndarray) -> _Iterate:
    # Mehrotra's predictor and corrector with one factorisation.
    stiff = 1.0 / (point.slack / point.y + point.excess / point.x)
    matrix = (a.T * stiff.sum(axis=0)) @ a
    matrix[np.diag_indices(len(matrix))] += RIDGE + 1e-13 * np.trace(matrix) / max(1, len(matrix))
    factor = np.linalg.cholesky(matrix)

    def direction(first: np.ndarray, second: np.ndarray) -> _Iterate:
        # first, second: what slack * y and excess * x should change by.
        constant = stiff * (first / point.y - second / point.x)
        dw = _solved(factor, a.T @ constant.sum(axis=0) - gradient)
        dy = constant - stiff * (a @ dw)
        dt = (second + point.excess * dy) / point.x
        return _Iterate(dw, a @ dw + dt, dt, dy, -dy)

    affine = direction(-point.slack * point.y, -point.excess * point.x)
    before, after = point.balance, point.moved(point.longest(affine), affine).balance
    goal = before * max(after / before, 1e-3) ** 3
    change = direction(
        goal - point.slack * point.y - affine.slack * affine.y, goal - point.excess * point.x - affine.excess * affine.x
    )  # fmt: skip
    return point.moved(0.995 * point.longest(change), change)


def _whitened(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # Unit rows in coordinates where A'A is the identity, and their lengths before: the cone and its partition know no scale. Directions
    # that no row has are left out.
    values, vectors = np.linalg.eigh(rows.T @ rows)
    kept = values > 1e-13 * max(float(values.max(initial=0.0)), 1e-300)
    a = rows @ (vectors[:, kept] / np.sqrt(values[kept]))
    size = np.maximum(np.linalg.norm(a, axis=1), 1e-300)
    return a / size[:, None], size


def _solved(factor: np.ndarray, right: np.ndarray) -> np.ndarray:
    from scipy.linalg import solve_triangular

    half = solve_triangular(factor, right, lower=True, check_finite=False)
    return np.asarray(solve_triangular(factor, half, lower=True, trans=1, check_finite=False))


__all__ = ["partition_proposal"]
