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
TOUCH, CLOSE = 1e-9, 1e-8
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
    largest = 1 + float(np.abs(heights).max())
    signs = np.where(target >= 0, 1.0, -1.0)
    # The inverse of the basis, its prices, and what is in it (-1: an artificial column, as dear as nothing else is).
    inverse, prices, members = np.diag(signs), np.full(size, -1e5 * largest), [-1] * size
    for _ in range(PIVOTS):
        gaps = heights - x @ (prices @ inverse)
        entering = int(gaps.argmax())
        if gaps[entering] <= TOUCH * largest:
            break
        leaving = _leaving(inverse @ target, inverse @ x[entering], members)
        if leaving is None:
            return None
        direction = inverse @ x[entering]
        row = inverse[leaving] / direction[leaving]
        inverse = inverse - np.outer(direction, row)
        inverse[leaving], prices[leaving], members[leaving] = row, heights[entering], entering
    if -1 in members or len(set(members)) < size:
        return None
    try:
        found = np.linalg.solve(x[members], heights[members])
    except np.linalg.LinAlgError:
        return None
    return None if (heights - x @ found).max() > CLOSE * largest else found / scale


def _leaving(weights: np.ndarray, direction: np.ndarray, members: list[int]) -> int | None:
    # Among equal ratios an artificial column leaves first, then the one with the largest pivot.
    ratios = [max(w, 0.0) / d if d > 1e-11 else np.inf for w, d in zip(weights, direction)]
    least = min(ratios)
    if least == np.inf:
        return None
    close = [i for i, ratio in enumerate(ratios) if ratio <= least + 1e-12]
    return max(close, key=lambda i: (members[i] == -1, direction[i]))


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
