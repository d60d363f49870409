"""Ridge solutions of linear NTP in proved balls; each is also the solution on the ball of its own norm.

The objective CE(W) + (mu/2)|W|^2 is mu-strongly convex, so a point where its gradient is g lies within |g| / mu of the
minimiser: floats propose, one gradient in balls decides.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from flint import ctx

from ....dynamics.field import Field
from ....dynamics.path import RegularizationPath, solve_ridge
from ....dynamics.trajectory import Trajectory
from ....exact.balls import PRECISION, Enclosure, exact_arb, round_up, upper
from ....logit.decomposition import decompose
from ..problem import LinearNTP
from ._losses import Vector, gradient, norm, plus

# Multipliers at which hard inequalities are checked: below 10^-6 the constants of the proof no longer matter.
RIDGES = (Fraction(1, 10), Fraction(1, 1000), Fraction(1, 10**6))
GRID = 2**120


def ridge_solution(problem: LinearNTP, ridge: Fraction) -> Enclosure:
    """argmin CE + (ridge/2)|.|^2, enclosed; computed once per problem."""
    found: Enclosure = problem.conditional_logit().remember(("ridge", ridge), lambda: _solve(problem, ridge))
    return found


def ridge_path(problem: LinearNTP) -> Trajectory:
    """The ridge path in floats, for statements whose own trajectory is another one."""
    path = RegularizationPath()
    found: Trajectory = problem.conditional_logit().remember(path, lambda: path(problem))
    return found


def _solve(problem: LinearNTP, ridge: Fraction) -> Enclosure:
    logit, mu = problem.conditional_logit(), float(ridge)
    field = Field(decompose(logit).coordinates)
    c = np.zeros(field.frame.rows.shape[2])
    for warm in (1e-1, 1e-3, 1e-5, mu):
        c = solve_ridge(field, warm, c) if warm >= mu else c
    start = np.hstack([field.frame.tied_frame, field.frame.diverging_frame]) @ c
    w, curvature = tuple(map(Fraction, start.tolist())), logit.hessian(start) + mu * np.eye(logit.dimension)
    for _ in range(4):  # each Newton step with the float Hessian gains about ten digits
        g = _slope(problem, ridge, w).center
        size = max((abs(x) for x in g), default=Fraction(0))
        if not size:
            break
        step = np.linalg.solve(curvature, np.array([float(x / size) for x in g]))
        w = tuple(Fraction(round((x - size * Fraction(float(y))) * GRID), GRID) for x, y in zip(w, step))
    slope = _slope(problem, ridge, w)
    with ctx.workprec(PRECISION):
        radius = upper((norm(slope.center) + exact_arb(slope.radius)) / exact_arb(ridge))
    return Enclosure(w, round_up(radius))


def _slope(problem: LinearNTP, ridge: Fraction, w: Vector) -> Enclosure:
    # The gradient of the ridge objective at a rational point.
    g = gradient(problem, w)
    return Enclosure(plus(g.center, w, ridge), g.radius)
