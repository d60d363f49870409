"""A linearly implicit integrator for systems whose linear solves the caller knows how to do fast: RODAS, order 4(3), L-stable.

Coefficients of Hairer and Wanner, Solving Ordinary Differential Equations II (1996), section IV.10; the order is tested. One
factorisation and six right-hand sides a step. SciPy's implicit methods factor dense Jacobians, which is what limits them here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ...logit.shapes import Point, States, Times

Solve = Callable[[np.ndarray], np.ndarray]

GAMMA = 0.25
STAGES = (
    (),
    (1.544,),
    (0.9466785280815826, 0.2557011698983284),
    (3.314825187068521, 2.896124015972201, 0.9986419139977817),
    (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950),
    (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1.0),
)
COUPLING = (
    (),
    (-5.6688,),
    (-2.430093356833875, -0.2063599157091915),
    (-0.1073529058151375, -9.594562251023355, -20.47028614809616),
    (7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160),
    (8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054),
)
NODES = (0.0, 0.386, 0.21, 0.63, 1.0, 1.0)
DRIFTS = (0.25, -0.1043, 0.1035, -0.0362, 0.0, 0.0)


class System(Protocol):
    """dy/ds = rate(s, y), with what an implicit step needs."""

    def rate(self, s: float, y: Point) -> Point:
        """The right-hand side."""
        ...

    def drift(self, s: float, y: Point) -> Point | None:
        """Its partial derivative in s, None where it has none."""
        ...

    def factor(self, s: float, y: Point, weight: float) -> Solve:
        """b -> (I - weight J)^{-1} b with J the Jacobian at (s, y)."""
        ...

    def size(self, error: Point, y: Point) -> float:
        """The norm of a local error, in units of the tolerance: a step is taken when it is at most 1."""
        ...


@dataclass(frozen=True, eq=False)
class Solution:
    """States at the times asked for, the number of steps, what went wrong ("" if nothing did), and the step to go on with."""

    states: States
    steps: int
    failure: str
    step: float = 0.1


def integrate(system: System, y: Point, times: Times, first_step: float, limit: int = 4_000) -> Solution:
    """Follow the system from y at times[0] through all `times`, with adaptive steps that land on each of them."""
    states, s, h, steps = [y], float(times[0]), first_step, 0
    for target in times[1:]:
        while s < target:
            if steps >= limit or h < 1e-14 * max(1.0, abs(s)):
                why = f"{steps} steps" if steps >= limit else f"the step fell to {h:.2g}"
                return Solution(np.array(states), steps, f"{why} at log time {s:.6g}")
            reach = float(target) - s
            # A step that would leave a sliver is shortened, and never lengthens the next one.
            length = reach if h >= reach else min(h, reach / 2) if h > 0.7 * reach else h
            new, error = step(system, s, y, length)
            steps += 1
            size = system.size(error, y) if np.isfinite(new).all() else np.inf
            factor = 0.2 if not np.isfinite(size) else min(5.0, max(0.2, 0.9 * (size + 1e-12) ** -0.25))
            if size <= 1.0:
                s, y = (float(target) if length == reach else s + length), new
                h = max(h, length * factor) if length < h else length * factor
            else:
                h = length * min(factor, 0.7)
        states.append(y)
    return Solution(np.array(states), steps, "", h)


def step(system: System, s: float, y: Point, h: float) -> tuple[Point, Point]:
    """One step of length h: the new state and the estimate of its local error."""
    with np.errstate(all="ignore"):  # a step too long overflows; the caller sees it in the result and shortens it
        solve, drift = system.factor(s, y, h * GAMMA), system.drift(s, y)
        stages: list[Point] = []
        for weights, couplings, node, slant in zip(STAGES, COUPLING, NODES, DRIFTS, strict=True):
            here = y.copy()
            for a, u in zip(weights, stages, strict=True):
                here += a * u
            right = system.rate(s + node * h, here) if stages else system.rate(s, y)
            for c, u in zip(couplings, stages, strict=True):
                right = right + (c / h) * u
            if drift is not None and slant:
                right = right + (h * slant) * drift
            stages.append(solve(right) * (h * GAMMA))
            if not np.isfinite(stages[-1]).all():
                return np.full_like(y, np.nan), stages[-1]
        return here + stages[-1], stages[-1]
