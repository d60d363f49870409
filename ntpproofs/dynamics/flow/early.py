"""Stage 1 of the flow: dw/ds = -e^s grad L(w) in plain coordinates, analytic Jacobian; nothing of the theory enters.

The problem is in its natural units (longest difference 1, weights of sum 1), so that tolerances and switches mean the same for every
problem. LSODA with tolerance 3e-10, relative to 1 + |c|. A record carries its state, so the flow can be taken up again from any record: that is
the dense output, as accurate as the integration itself, with no interpolation.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ...logit.shapes import Hessian, Point, Reached, States, TiedPoint, TiedStates, Times
from ..field import Field
from .filtered import first_slopes
from .lsoda import Lsoda
from .records import ErrorBars, Quantities, Stage
from .rosenbrock import Solve, integrate

TOLERANCE = 3e-10
# LSODA steps beyond the time it is asked for and comes back; there e^s need not be a double.
FARTHEST = 700.0
SECOND_TOLERANCE = 1e-8
# Error bars: of scores, of the tied part once it is contracted, and the contraction from which it is.
SCORE, LATE_TIED, CONTRACTION = 7e-8, 2e-10, 30.0


@dataclass(frozen=True, eq=False)
class EarlyRun:
    """States at the times asked for, what went wrong ("" if nothing did), and how to go on: further times to their states and a failure."""

    states: States
    failure: str
    go_on: Callable[[Times], tuple[States, str]]


@dataclass(frozen=True, eq=False)
class Early:
    """The right-hand side of stage 1 for one field, with as few operations as possible: most of a run is spent here.

    Scores are relative to the anchors, so nothing overflows unless an anchor loses by e^700; then `careful` is needed.
    """

    field: Field
    careful: bool = False
    overflows: list[float] = dataclasses.field(default_factory=list)

    @property
    def clock(self) -> float:
        """How far the time of the natural units is ahead of t, in logarithms."""
        return self.field.frame.clock

    @cached_property
    def _constants(self) -> tuple[Any, ...]:
        # Minus the rows; multiplicity times (row, 1) per block, so that one product gives the sums and the normaliser.
        a, rows = self.field.frame.problem.arrays, self.field.frame.rows
        flat = rows.reshape(a.mask.size, rows.shape[2])
        counted = np.exp(a.log_multiplicities)[:, :, None] * np.concatenate([rows, np.ones((*a.mask.shape, 1))], axis=2)
        weights, pull = self.field.frame.weights, self.field.frame.target.ravel() @ flat
        return np.ascontiguousarray(-flat), np.ascontiguousarray(counted), weights, pull, np.ones(len(weights)), self.clock, self.field.frame.metric

    def velocity(self, s: float, c: Point) -> Point:
        """-e^s grad L, in coordinates."""
        minus, counted, weights, target, ones, clock, metric = self._constants
        blocks, alternatives, _ = counted.shape
        if self.careful:
            result = -(self.field.masses(c).ravel() @ minus)
        else:
            sums = np.matmul(np.exp(minus.dot(c)).reshape(blocks, 1, alternatives), counted)[:, 0, :]
            normalisers = sums[:, -1]
            if not ones.dot(normalisers) < math.inf:  # the products would give nan or nothing, and LSODA takes either for success
                self.overflows.append(s)
            result = (weights / normalisers).dot(sums)[:-1]
        result -= target
        result *= metric * math.exp(min(s + clock, FARTHEST))
        return np.asarray(result)

    def jacobian(self, s: float, c: Point) -> Hessian:
        """-e^s D^2 L, in coordinates."""
        return np.asarray(self.field.frame.metric[:, None] * self.field.hessian(c) * -math.exp(min(s + self.clock, FARTHEST)))

    def run(self, c: Point, times: Times) -> EarlyRun:
        """Follow the flow from state c at times[0] through `times`: LSODA, and where it gives up the integrator of `rosenbrock`."""
        if len(c) == 0:
            return EarlyRun(np.zeros((len(times), 0)), "", lambda further: (np.zeros((len(further), 0)), ""))
        # LSODA starts with an explicit method, so its first step has to resolve the contraction, of rate e^s. Now and then it ends in
        # an internal error that depends on its first step only, so another one is tried.
        slow, reached, message = min(1.0, math.exp(-times[0] - self.clock)), c[None, :], ""
        for first_step, careful in ((1e-3 * slow, False), (1e-2 * slow, False), (1e-3 * slow, True), (1e-1 * slow, True)):
            system = replace(self, careful=careful, overflows=[])
            solver = Lsoda(system.velocity, system.jacobian, times[0], c, TOLERANCE, min(first_step, (times[-1] - times[0]) / 8))
            reached, message = solver.through(times)
            if not message and not system.overflows:
                return EarlyRun(reached, "", solver.through)
        found = integrate(replace(self, careful=True), c, times, 1e-3, 20_000)
        if not found.failure:
            return EarlyRun(found.states, "", lambda further: self.continued(found.states[-1], np.concatenate([times[-1:], further])))
        return EarlyRun(reached if len(reached) else c[None, :], message, lambda further: (reached[:0], message))

    def continued(self, c: Point, times: Times) -> tuple[Reached, str]:
        """The states at times[1:] from state c at times[0], and what went wrong."""
        run = self.run(c, times)
        return run.states[1:], run.failure

    def rate(self, s: float, c: Point) -> Point:
        """The velocity, for the second integrator."""
        return self.velocity(s, c)

    def drift(self, s: float, c: Point) -> Point | None:
        """The velocity is e^s times a function of c."""
        return self.velocity(s, c)

    def factor(self, s: float, c: Point, weight: float) -> Solve:
        """b -> (I - weight J)^{-1} b."""
        inverse = np.linalg.inv(np.eye(len(c)) - weight * self.jacobian(s, c))
        return lambda b: inverse @ b

    def size(self, error: Point, c: Point) -> float:
        """The largest error of a coordinate, against the tolerance of the second integrator."""
        return float((np.abs(error) / (1.0 + np.abs(c))).max() / SECOND_TOLERANCE)

    def neglected(self, c: Point) -> float:
        """What stage 2 leaves out, relative to 1: mass outside the tied sets, the shift of tied scores it causes, what they have to go yet.

        The last is Newton's step on T from here: P_T w is quasi-static when it vanishes, and a step of order 1 means far away. Its length
        counts as well, relative to 1 + |P_T w|: scores may be close while w is not, along a direction in which no difference is long.
        """
        frame = self.field.frame
        outside = np.where(frame.is_separable, self.field.masses(c), 0.0)
        tied, togo, inner = frame.rows[:, :, : frame.split], self.unrelaxed(c), frame.spread[: frame.split]
        length = np.linalg.norm(togo / inner) / (1.0 + np.linalg.norm(c[: frame.split] / inner))
        scores = [np.abs(np.where(frame.is_tied, tied @ x, 0.0)).max() for x in (frame.displacement(outside), togo)]
        return float(max((outside.sum(axis=1) / frame.weights).max(), length, *scores))

    def unrelaxed(self, c: Point) -> TiedPoint:
        """Newton's step on the tied coordinates, towards the point where their force vanishes.

        Far out every share is saturated and the Hessian has no digits left: a force it does not explain counts as a step of length 1.
        """
        split = self.field.frame.split
        if not split:
            return np.zeros(0)
        hessian, force = self.field.hessian(c)[:split, :split], self.field.force(c)[:split]
        step = np.linalg.lstsq(hessian, force, rcond=None)[0]
        left = force - hessian @ step
        size = float(np.linalg.norm(left))
        return np.asarray(step if size <= max(0.1 * float(np.linalg.norm(force)), 1e-13) else left / size)


def first_stage(field: Field, times: Times, states: States) -> Stage:
    """Stage 1 from its states (`times` are the user's)."""
    frame = field.frame
    t = np.exp(times + frame.clock)
    size = 1.0 + np.maximum.accumulate(np.abs(states).max(axis=1, initial=0.0))
    excess, slopes = t * field.excess(states), first_slopes(field, t, states)
    tied = states[:, : frame.split]
    contracted = np.minimum(1.0, CONTRACTION / np.maximum(contraction(field, t, tied), 1e-300))
    inner, outer = (float(1.0 / x.min(initial=1.0)) for x in (frame.spread[: frame.split], frame.spread[frame.split :]))
    found = Quantities(
        tied=tied / frame.spread[: frame.split],
        diverging=states[:, frame.split :] / frame.spread[frame.split :],
        slopes=slopes.values,
        excess=excess,
        displacement=t[:, None] * (tied - frame.finite_part) / frame.spread[: frame.split],
    )
    # Chosen on 70 instances, then measured against runs at 1e-13 on 102 others: distances up to 0.67 of a bar, scores off by up to
    # 4e-8 (1 + |w|). The tied part, which the contraction renews, was off by up to 1e-10 late on.
    bars = ErrorBars(
        slopes=SCORE * size * (1.0 + np.linalg.norm(slopes.values, axis=1) + slopes.stiffness) + slopes.bias,
        excess=SCORE * size * (1.0 + excess),
        score=SCORE * size * max(inner, outer),
        displacement=size * t * (LATE_TIED + SCORE * contracted) * inner,
        tied=size * np.maximum(1e-9, SCORE * contracted) * inner,
    )
    return Stage(times, states, found, bars, measured=True)


def contraction(field: Field, t: Times, tied: TiedStates) -> Times:
    """mu (t - t_0): an error of the tied part has shrunk by e to minus that since t_0, when its scores came within 1 of their limit.

    mu is the smallest curvature of the tied loss at the reference; within distance 1 the curvature is that up to a factor e.
    """
    frame = field.frame
    if not frame.split:
        return np.full(len(t), np.inf)
    gaps = np.abs(np.einsum("bvk,rk->rbv", np.where(frame.is_tied[:, :, None], frame.rows[:, :, : frame.split], 0.0), tied - frame.finite_part))
    far = gaps.max(axis=(1, 2)) > 1.0
    arrival = float(t[np.flatnonzero(far)[-1]]) if far.any() else 0.0
    if frame.basis is None:
        return np.asarray(np.linalg.eigvalsh(frame.tied_hessian)[0] * np.maximum(t - arrival, 0.0))
    inner = frame.spread[: frame.split]  # the largest of the inverse is known to all digits, the smallest of the Hessian is not
    slowest = np.linalg.eigvalsh(np.linalg.inv(frame.tied_hessian) / np.outer(inner, inner))[-1]
    return np.asarray(np.maximum(t - arrival, 0.0) / slowest)
