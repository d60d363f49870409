"""The linear programme behind a proposal: the plane above all points that lies closest to them on average.

    minimise  mean_i (x_i . a - t_i)   subject to   x_i . a >= t_i   for every point i

Its dual, max sum t_i y_i with sum y_i x_i = mean x and y >= 0, has as many equations as there are coefficients (two to four), so a
basis is a handful of points and the simplex method takes microseconds per pivot; a general solver spends milliseconds on its set-up,
and a round solves ten thousand of these. The optimal basis is what the plane touches. Floats propose here: the coefficients are
rounded to small fractions and decided exactly in the table.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import numpy as np

PIVOTS = 80
TOUCH = 1e-9
# Numerators over the common denominator are at most this.
SMALL = 12
ROUNDING = 1e-7


def facet(points: np.ndarray, heights: np.ndarray, mean: np.ndarray) -> np.ndarray | None:
    """The coefficients a, or None where they are not determined (points in a common plane) or the pivots run out.

    `points` is n x k with a column of ones where a constant is wanted, `mean` a point of their convex hull.

    >>> x = np.array([[1.0, 1], [2, 1], [3, 1], [2, 1]])
    >>> facet(x, np.array([1.0, 2, 3, 0]), x.mean(axis=0)).round(9)
    array([1., 0.])
    """
    scale = np.abs(points).max(axis=0)
    if not scale.all():
        return None
    x, target, size = points / scale, mean / scale, points.shape[1]
    penalty = 1e5 * (1 + np.abs(heights).max())
    signs = np.where(target >= 0, 1.0, -1.0)
    basis, costs, members = np.diag(signs), np.full(size, -penalty), [-1] * size
    tolerance = TOUCH * (1 + np.abs(heights).max())
    for _ in range(PIVOTS):
        try:
            a, weights = np.linalg.solve(basis.T, costs), np.linalg.solve(basis, target)
            gaps = heights - x @ a
            entering = int(gaps.argmax())
            if gaps[entering] <= tolerance:
                return None if -1 in members else a / scale
            direction = np.linalg.solve(basis, x[entering])
        except np.linalg.LinAlgError:
            return None
        positive = direction > 1e-11
        if not positive.any():
            return None
        ratios = np.where(positive, np.maximum(weights, 0) / np.where(positive, direction, 1.0), np.inf)
        # Among equal ratios an artificial column leaves first, then the one with the largest pivot.
        close = ratios <= ratios.min() + 1e-12
        leaving = max(np.flatnonzero(close), key=lambda i: (members[i] == -1, direction[i]))
        basis[:, leaving], costs[leaving], members[leaving] = x[entering], heights[entering], entering
    return None


def small_fractions(values: np.ndarray, denominator: int) -> tuple[Fraction, ...] | None:
    """The small fractions that floats stand for; None where one stands for none.

    They are small if over a common denominator of at most `denominator` all numerators are at most `SMALL`.

    >>> small_fractions(np.array([0.5, -1.5]), 4), small_fractions(np.array([0.2]), 4)
    ((Fraction(1, 2), Fraction(-3, 2)), None)
    """
    found = tuple(Fraction(float(value)).limit_denominator(denominator) for value in values)
    common = lcm(*(x.denominator for x in found))
    if common > denominator or any(abs(x * common) > SMALL for x in found):
        return None
    if any(abs(float(x) - value) > ROUNDING * (1 + abs(value)) for x, value in zip(found, values)):
        return None
    return found
