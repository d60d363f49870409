"""Exponential against power law: least squares on the logarithm of an error curve, with coefficients of determination and a slope's half-width."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Fit:
    """log err = intercept + slope x with R^2; `half_width` is the 95 % half-width of the slope, `records` how many points were used."""

    slope: float
    intercept: float
    r_squared: float
    half_width: float
    records: int


def linear_fit(x: np.ndarray, y: np.ndarray) -> Fit:
    """Least squares of y on x.

    >>> found = linear_fit(np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 0.0, -1.0, -2.0]))
    >>> round(found.slope, 9), round(found.r_squared, 9)
    (-1.0, 1.0)
    """
    from scipy.stats import t

    slope, intercept = np.polyfit(x, y, 1)
    residual = y - slope * x - intercept
    spread = float(((y - y.mean()) ** 2).sum())
    free = max(len(x) - 2, 1)
    error = np.sqrt(float(residual @ residual) / free / float(((x - x.mean()) ** 2).sum()))
    return Fit(float(slope), float(intercept), 1 - float(residual @ residual) / spread, float(t.ppf(0.975, free) * error), len(x))


@dataclass(frozen=True)
class Comparison:
    """The two fits on one window of an error curve."""

    exponential: Fit
    power: Fit
    window: tuple[float, float]


def compare(times: np.ndarray, errors: np.ndarray, start: float = 0.3, floor: float = 3e-4) -> Comparison:
    """Fit log err on t and on log t over the first window from err < `start` down to err <= `floor` (the whole rest if it is never reached).

    >>> t = np.arange(0, 200, 10.0)
    >>> found = compare(t, 0.5 * np.exp(-0.05 * t))
    >>> round(found.exponential.slope, 6), found.power.r_squared < found.exponential.r_squared
    (-0.05, True)
    """
    first = int(np.argmax(errors < start)) if (errors < start).any() else len(errors) - 3
    below = np.flatnonzero(errors[first:] <= floor)
    last = first + int(below[0]) if len(below) else len(errors) - 1
    chosen = slice(first, max(last, first + 2) + 1)
    t, e = times[chosen], errors[chosen]
    kept = (e > 0) & (t > 0)
    t, y = t[kept], np.log(e[kept])
    return Comparison(linear_fit(t, y), linear_fit(np.log(t), y), (float(t[0]), float(t[-1])))
