"""Slopes where some direction relaxes too fast for doubles to see its balance: the velocity of one short implicit step.

Along such a direction the masses hold each other to sixteen digits and more, so the plain sum of masses times rows is rounding.
But the velocity v solves its own linearisation: with rate e^s f(z) in coordinates of metric G, an implicit Euler step of length e gives

    v = (1 + e) (G^{-1} + e e^s H)^{-1} e^s f,

which divides what doubles do not see by its rate, is off by e dv/ds / 2 to first order, and exact where v is constant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...logit.shapes import DivergingStates, Hessian, Point, States, Times
from ..field import Field

STEP = 1e-4

Solve = Callable[[Point], Point]


@dataclass(frozen=True, eq=False)
class Slopes:
    """d P_M w / ds in the orthonormal frame of M, one row per record: how they feel an error of the scores, and the error of the filter."""

    values: DivergingStates
    stiffness: Times
    bias: Times


def spd_solver(matrix: Hessian) -> Solve:
    """b -> matrix^{-1} b for a positive definite matrix whose entries may differ by any factor; nan where doubles find it indefinite.

    Scaled to unit diagonal first: Cholesky's factor of that is accurate in every entry.
    """
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    scale = 1.0 / np.sqrt(np.diag(matrix))
    try:
        factor = cho_factor(matrix * np.outer(scale, scale), check_finite=False)
    except LinAlgError:
        return lambda b: np.full_like(b, np.nan)
    return lambda b: scale * cho_solve(factor, scale * b, check_finite=False)


def implicit_velocity(metric: Point, hessian: Hessian, pull: Point, step: float = STEP) -> Point:
    """v of the module docstring, for `hessian` e^s H and `pull` e^s f.

    >>> implicit_velocity(np.ones(1), np.eye(1), np.ones(1)).round(9)  # one pair of length 1: r = s - z rests, so z grows like s
    array([1.])
    """
    return (1.0 + step) * spd_solver(np.diag(1.0 / metric) + step * hessian)(pull)


def filtered(metric: Point, hessian: Hessian, pull: Point) -> tuple[Point, Point]:
    """The velocity with the error of first order cancelled, and the error that was."""
    once, twice = (implicit_velocity(metric, hessian, pull, x) for x in (STEP, 2 * STEP))
    return 2 * once - twice, np.abs(twice - once)


def first_slopes(field: Field, t: Times, states: States) -> Slopes:
    """The slopes of stage 1 at natural times t."""
    frame, split = field.frame, field.frame.split
    rows = frame.rows[:, :, split:] * frame.spread[split:]
    # The slope feels an error of the scores through t D^2 L on M, whose norm is at most t sum of mass |x|^2.
    stiffness = t * (np.where(frame.is_separable, field.masses(states), 0.0) * (rows**2).sum(axis=2)).sum(axis=(1, 2))
    pull = t[:, None] * field.force(states)
    if frame.basis is None:
        return Slopes(pull[:, split:], stiffness, np.zeros(len(t)))
    found = [filtered(frame.metric, time * field.hessian(c), f) for time, c, f in zip(t, states, pull, strict=True)]
    values, bias = (np.array([x[k][split:] for x in found]).reshape(len(t), -1) / frame.spread[split:] for k in (0, 1))
    narrowest = float(frame.spread[split:].min(initial=1.0))
    return Slopes(values, np.minimum(stiffness, 1.0 / (STEP * narrowest)), np.linalg.norm(bias, axis=1))
