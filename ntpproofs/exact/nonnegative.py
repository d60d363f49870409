"""Non-negative least squares for a handful of unknowns, where doubles leave no doubt: small data then need no solver, and no time to load one."""

from __future__ import annotations

import numpy as np

# Unknowns up to which the rule below is tried, and how far from undecided it has to end.
FEW, CLEAR = 40, 1e-7


def clear_minimiser(system: np.ndarray, target: np.ndarray) -> np.ndarray | None:
    """argmin |A y - b| over y >= 0 by the rule of Lawson and Hanson; None for more than `FEW` unknowns or an end that is not clear.

    It is clear where the positive entries are, their columns are independent, and |A y - b| grows strictly in every other entry: then
    there is one minimiser, and every solver finds the same entries positive. Nothing else may be read off it: it is a proposal.

    >>> clear_minimiser(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), np.array([2.0, 1.0, -1.0])).round(9).tolist()
    [1.5, 0.0]
    >>> clear_minimiser(np.array([[1.0, 1.0]]), np.array([1.0])) is None  # the two columns are one
    True
    """
    count = system.shape[1]
    if count > FEW or not np.isfinite(system).all() or not np.isfinite(target).all():
        return None
    y, inside = np.zeros(count), np.zeros(count, dtype=bool)
    scale = float(np.linalg.norm(system) * np.linalg.norm(target)) or 1.0
    for _ in range(3 * count + 1):
        pull = np.where(inside, -np.inf, system.T @ (target - system @ y))
        if inside.all() or pull.max() <= CLEAR * scale:
            return y if _is_clear(system, y, inside, pull, scale) else None
        inside[int(np.argmax(pull))] = True
        y = _with_positive(system, target, y, inside)
    return None


def _with_positive(system: np.ndarray, target: np.ndarray, y: np.ndarray, inside: np.ndarray) -> np.ndarray:
    # The least squares on the entries inside; those that would turn negative leave (`inside` changes).
    while True:
        found = np.zeros(len(y))
        found[inside] = np.linalg.lstsq(system[:, inside], target, rcond=None)[0]
        negative = inside & (found <= 0.0)
        if not negative.any():
            return found
        share = float((y[negative] / np.maximum(y[negative] - found[negative], 1e-300)).min())
        y = y + share * (found - y)
        inside &= y > 1e-14 * np.abs(y).max()
        y = np.where(inside, y, 0.0)


def _is_clear(system: np.ndarray, y: np.ndarray, inside: np.ndarray, pull: np.ndarray, scale: float) -> bool:
    if not inside.any() or (y[inside] <= CLEAR * y.max()).any() or (pull[~inside] >= -CLEAR * scale).any():
        return False
    values = np.linalg.svd(system[:, inside], compute_uv=False)
    return bool(len(values) == inside.sum() and values[-1] > CLEAR * values[0])
