"""The regularisation path: argmin L + (mu/2)|w|^2 for decreasing mu, and argmin L over balls of growing radius.

Every ridge solution is the ball solution of its own norm, so one solver serves both; it starts each mu from the last
solution and takes Newton steps. The Hessian is never formed: with rows A = sqrt(mass) (d - mean) it is A'A + mu I, and the factor of
the stacked rows (A, sqrt(mu) I), taken with pivots and with the longest rows first, keeps directions that differ in curvature by
10^30 apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from ..logit.decomposition import decompose
from ..logit.protocols import Reduces
from ..logit.shapes import Point, States, Times
from .arguments import conditional_logit, positive, positives, require
from .field import Field
from .optimizers.differences import require_doubles
from .trajectory import Trajectory


@dataclass(frozen=True)
class RegularizationPath:
    """Ridge solutions for `ridges` (decreasing), or ball solutions for `radii` (increasing); a `Trajectory` either way.

    Log time is log(1/mu), so 1/mu plays the part of t; for balls mu is the multiplier of the constraint. In the overlap
    class a ball larger than |w*| contains the minimiser, which is then returned (the one of least norm) with mu at `floor`. Raises `InvalidInput` for
    fewer than three ridges or radii, or any that are not positive.
    """

    ridges: tuple[float, ...] = tuple(10.0**-k for k in range(1, 13))
    radii: tuple[float, ...] | None = None
    floor: float = 1e-13

    def __post_init__(self) -> None:
        require(positives(self.ridges, 3), "ridges", self.ridges, "give at least three positive numbers")
        require(self.radii is None or positives(self.radii, 3), "radii", self.radii, "give at least three positive numbers, or None")
        require(positive(self.floor), "floor", self.floor, "give a positive number")

    def __call__(self, problem: Reduces) -> Trajectory:
        """Follow the path; ridges and radii are taken in order of size."""
        logit = conditional_logit(problem)
        require_doubles(logit)
        field = Field(decompose(logit).coordinates)
        if self.radii is None:
            ridges = sorted(map(float, self.ridges), reverse=True)
            states, c = [], np.zeros(field.frame.rows.shape[2])
            for mu in ridges:
                c = solve_ridge(field, mu, c)
                states.append(c)
        else:
            ridges, states = [], []
            for radius in sorted(map(float, self.radii)):
                mu, c = _solve_ball(field, radius, float(self.floor))
                ridges.append(mu)
                states.append(c)
        return _trajectory(field, np.array(ridges), np.array(states), self.radii is not None)


def solve_ridge(field: Field, mu: float, start: Point) -> Point:
    """argmin L + (mu/2)|c|^2 in coordinates, by damped Newton from `start`."""
    c = start.copy()
    if not len(c):
        return c
    value = _objective(field, mu, c)
    for _ in range(300):
        gradient = mu * c - field.force(c)
        step = -_newton(field, mu, c, gradient)
        decrement = float(-gradient @ step)
        length, trial = 1.0, c
        while length > 1e-10:
            trial = c + length * step
            candidate = _objective(field, mu, trial)
            if candidate <= value - 0.1 * length * decrement + 1e-15 * abs(value):
                break
            length /= 2
        c, value = trial, _objective(field, mu, trial)
        if decrement <= 1e-24 * mu * (1 + float(c @ c)) or float(np.abs(step).max()) < 1e-15 * (1 + float(np.abs(c).max())):
            break
    return c


def _newton(field: Field, mu: float, c: Point, gradient: Point) -> Point:
    # (D^2 L + mu I)^{-1} gradient, in units in which every column of the factor has length 1.
    mass, rows = field.masses(c), field.frame.rows
    means = np.einsum("bv,bvk->bk", mass, rows) / field.frame.weights[:, None]
    stacked = np.vstack([(np.sqrt(mass)[:, :, None] * (rows - means[:, None, :])).reshape(-1, len(c)), np.sqrt(mu) * np.eye(len(c))])
    scale = 1.0 / np.linalg.norm(stacked, axis=0)
    stacked = stacked[np.argsort(-np.abs(stacked).max(axis=1), kind="stable")] * scale
    factor, pivots = scipy.linalg.qr(stacked, mode="r", pivoting=True, check_finite=False)
    factor = factor[: len(c)]
    inner = scipy.linalg.solve_triangular(factor, (scale * gradient)[pivots], trans="T", check_finite=False)
    step = np.empty_like(c)
    step[pivots] = scipy.linalg.solve_triangular(factor, inner, check_finite=False)
    return scale * step


def _objective(field: Field, mu: float, c: Point) -> float:
    return float(field.excess(c)) + 0.5 * mu * float(c @ c)


def _solve_ball(field: Field, radius: float, floor: float) -> tuple[float, Point]:
    # |c(mu)| decreases in mu: bracket the multiplier in log mu and bisect, then polish with the secant rule.
    def norm_at(log_mu: float, start: Point) -> tuple[float, Point]:
        c = solve_ridge(field, float(np.exp(log_mu)), start)
        return float(np.linalg.norm(c)) - radius, c

    low, c = np.log(floor), np.zeros(field.frame.rows.shape[2])
    high = 2.0
    while norm_at(high, c)[0] > 0:
        high += 3.0
    gap, c = _descend(norm_at, high, low, c)
    return gap, c


def _descend(norm_at: Callable[[float, Point], tuple[float, Point]], high: float, low: float, c: Point) -> tuple[float, Point]:
    position = high
    while position > low:
        nearer = max(position - 2.3, low)
        gap, trial = norm_at(nearer, c)
        if gap >= 0:
            left, right = nearer, position
            for _ in range(60):
                middle = (left + right) / 2
                gap, trial = norm_at(middle, c)
                left, right = (middle, right) if gap >= 0 else (left, middle)
                if abs(gap) < 1e-12:
                    break
            return float(np.exp(middle)), trial
        position, c = nearer, trial
    return float(np.exp(low)), c


def _trajectory(field: Field, ridges: Times, states: States, balls: bool) -> Trajectory:
    split, times = field.frame.split, -np.log(ridges)
    t_frame, m_frame = field.frame.tied_frame, field.frame.diverging_frame
    diverging = states[:, split:]
    increments = np.zeros_like(diverging)
    gaps = np.diff(times)
    increments[1:] = np.diff(diverging, axis=0) / np.where(gaps == 0, 1.0, gaps)[:, None]
    increments[:1] = increments[1:2]
    error = np.full(len(times), 1e-9)
    names = ("slope", "finite part", "diverging part", "residual", "iterate", "direction", "norm", "scaled excess")
    return Trajectory(
        log_times=times,
        tied=states[:, :split] @ t_frame.T,
        diverging=diverging @ m_frame.T,
        invariant=np.zeros((len(times), field.frame.problem.dimension)),
        slopes=increments @ m_frame.T,
        excess=np.array([field.excess(c) for c in states]) / ridges,
        displacement=(states[:, :split] - field.frame.finite_part) @ t_frame.T / ridges[:, None],
        errors={name: error for name in names},
        simulator="ball path" if balls else "ridge path",
        details={"ridges": ridges, "norms": np.linalg.norm(states, axis=1)},
    )
