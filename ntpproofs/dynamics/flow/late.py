"""Stage 2 of the flow: the log masses of the separable alternatives, an autonomous system up to relative O(e^-s).

    r_z = log[ a_i n_z e^{s - <w*, d_z>} / Z_i^in(w*) ] - <w_M, x_z>,    dr/ds = 1 - X X' e^r,    dw_M/ds = X' e^r

with x_z = P_M d_z: the entropic mirror flow on the dual of the max-margin programme, whose attracting rest points are the
optimal multipliers. Neither the programme nor its solution is known here. w_M is read off the invariant r + X w_M - s.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from ...logit.shapes import DivergingPoint, DivergingStates, OfSeparable, Point, SeparableRows, SeparableStates, Square, Table, Times
from ..field import Field
from .filtered import filtered, implicit_velocity, spd_solver
from .lsoda import Lsoda
from .records import ErrorBars, Quantities, Stage
from .rosenbrock import Solve, integrate

TOLERANCE = 1e-12
SECOND_TOLERANCE = 1e-7
# Of the second integrator on straightened log masses, which carry nothing that grows.
STRAIGHT = 1e-9
# From so many log masses their Jacobian, rows by rows, costs more than that of the coordinates.
MANY = 400
WIDER, LIMIT = (1e-9, 1e-6), 10_000
LARGEST = 200.0
# The twin run is this much less accurate, and its distance is multiplied by ten: no record was further than 0.09 of a bar from a run at
# 1e-13, on 250 instances. Twins may agree by accident, so a bar is at least twenty tolerances.
TWIN = 10.0


@dataclass(frozen=True)
class LateRun:
    """Log masses at the times that were reached, the tolerance that was kept, and what went wrong ("" if nothing did)."""

    states: SeparableStates
    tolerance: float
    failure: str


@dataclass(frozen=True, eq=False)
class Late:
    """The late system of one field. `frame.finite_part` is the reference w*; it enters the constants, never the slope."""

    field: Field

    @cached_property
    def rows(self) -> SeparableRows:
        """X: the projected differences of the separable alternatives, in coordinates of M."""
        frame = self.field.frame
        return np.ascontiguousarray(frame.rows[frame.is_separable][:, frame.split :])

    @cached_property
    def lengths(self) -> OfSeparable:
        """|x| for every row."""
        return np.linalg.norm(self.rows * self.field.frame.spread[self.field.frame.split :], axis=1)

    @property
    def metric(self) -> Point:
        """Of the coordinates of M."""
        return self.field.frame.metric[self.field.frame.split :]

    @cached_property
    def gram(self) -> Square:
        """X X'."""
        return (self.rows * self.metric) @ self.rows.T

    @cached_property
    def _log_odds(self) -> OfSeparable:
        return self.field.frame.log_odds_out[self.field.frame.is_separable]

    @cached_property
    def _inverse(self) -> Table:
        return np.linalg.pinv(self.rows)  # X has full column rank: its rows span M

    def enter(self, s: float, c: Point) -> OfSeparable:
        """The log masses at log time s of a state in coordinates."""
        return np.asarray(s + self.field.frame.clock + self._log_odds - self.rows @ c[self.field.frame.split :])

    def diverging(self, times: Times, r: SeparableStates) -> DivergingStates:
        """w_M from the invariant."""
        return np.asarray((times[:, None] + (self.field.frame.clock + self._log_odds)[None, :] - r) @ self._inverse.T)

    def with_twin(self, r: OfSeparable, times: Times, size: float) -> tuple[Stage, str]:
        """The records after times[0] with error bars, and a note ("" where every time was reached).

        The bars are what the records differ by from a run made less accurately, from a point `size` away in the coordinates of M.
        """
        run = self.integrate(r, times)
        move = self._aside(r)
        other = self.integrate(r - self.rows @ (move * (size / np.linalg.norm(move))), times, TWIN * run.tolerance)
        reached = min(len(run.states), len(other.states))
        note, kept = run.failure or other.failure, times[1:reached]
        twin, _ = self.quantities(kept, other.states[1:reached])
        narrowest = float(self.field.frame.spread.min(initial=1.0))
        found = with_bars(kept, run, self, twin, max(run.tolerance, other.tolerance / TWIN), size / narrowest)
        return found, f"stage 2 stopped early, at log time {times[reached - 1]:.6g}: {note}" if reached < len(times) else ""

    def _aside(self, r: OfSeparable) -> DivergingPoint:
        # A direction in which stage 1 may be off: any, but for what relaxes at once (one implicit step of length 1 takes it out).
        move = np.asarray(np.random.default_rng(0).normal(size=self.rows.shape[1]))
        if self.field.frame.basis is None:
            return move
        return spd_solver(np.diag(1.0 / self.metric) + (self.rows.T * np.exp(r)) @ self.rows)(move / self.metric)

    def integrate(self, r: OfSeparable, times: Times, tolerance: float | None = None) -> LateRun:
        """The log masses at `times` from r at times[0]: LSODA, where it gives up at wider tolerances, and at last `rosenbrock`."""
        if self.field.frame.basis is not None or len(r) > MANY:
            return straightened(self, r, times, STRAIGHT if tolerance is None else tolerance)
        tolerance = TOLERANCE if tolerance is None else tolerance
        gram, best = self.gram, LateRun(r[None, :], tolerance, "")
        for allowed in (tolerance, *(x for x in WIDER if x > tolerance)):
            # Between events the masses move so little that steps grow past the next one, where a dormant mass has become e^{s}: cut off
            # at a size that no mass has, it makes the step fail, while an overflow would be taken for success.
            solver = Lsoda(
                lambda s, r: 1.0 - gram.dot(np.exp(np.minimum(r, LARGEST))), lambda s, r: -gram * np.exp(np.minimum(r, LARGEST)),
                times[0], r, allowed, limit=LIMIT,
            )  # fmt: skip
            states, message = solver.through(times)
            if not message:
                return LateRun(states, allowed, "")
            best = LateRun(states, allowed, message) if len(states) > len(best.states) else replace(best, failure=message)
        found = integrate(self, r, times, 0.1, LIMIT)
        if not found.failure or len(found.states) > len(best.states):
            return LateRun(found.states, SECOND_TOLERANCE, found.failure)
        return best

    def rate(self, s: float, r: OfSeparable) -> OfSeparable:
        """1 - X X' e^r."""
        return np.asarray(1.0 - self.gram @ np.exp(r))

    def drift(self, s: float, r: OfSeparable) -> OfSeparable | None:
        """Autonomous."""
        return None

    def factor(self, s: float, r: OfSeparable, weight: float) -> Solve:
        """b -> (I + weight X X' diag(y))^{-1} b, through (I + weight X' diag(y) X), which is positive definite (metric 1)."""
        y = np.exp(r)
        try:
            inner = np.linalg.inv(np.eye(self.rows.shape[1]) + weight * (self.rows.T * y) @ self.rows)
        except np.linalg.LinAlgError:  # masses beyond doubles: the caller sees no finite step and shortens it
            return lambda b: np.full_like(b, np.nan)
        return lambda b: b - weight * (self.rows @ (inner @ (self.rows.T @ (y * b))))

    def size(self, error: OfSeparable, r: OfSeparable) -> float:
        """The largest error of a log mass, against the tolerance of the second integrator."""
        return float((np.abs(error) / (1.0 + np.abs(r))).max() / SECOND_TOLERANCE)

    def quantities(self, times: Times, r: SeparableStates) -> tuple[Quantities, Times]:
        """What log masses at user log times mean, and the error of their slopes where those are filtered."""
        frame, split = self.field.frame, self.field.frame.split
        y = np.exp(r)
        full = np.zeros((len(times), *frame.is_separable.shape))
        full[:, frame.is_separable] = y
        alpha = frame.displacement(full)
        inner, outer = frame.spread[:split], frame.spread[split:]
        slopes, bias = self._slopes(y)
        tied = (frame.finite_part + np.exp(-times - frame.clock)[:, None] * alpha) / inner
        return Quantities(tied, self.diverging(times, r) / outer, slopes / outer, y.sum(axis=1), alpha / inner), bias

    def _slopes(self, y: SeparableStates) -> tuple[DivergingStates, Times]:
        # X' y in coordinates, filtered where rows are nearly parallel; the length of what the filter may leave.
        if self.field.frame.basis is None:
            return y @ self.rows, np.zeros(len(y))
        found = [filtered(self.metric, (self.rows.T * masses) @ self.rows, self.rows.T @ masses) for masses in y]
        values, bias = (np.array([x[k] for x in found]).reshape(len(y), self.rows.shape[1]) for k in (0, 1))
        return values, np.linalg.norm(bias / self.field.frame.spread[self.field.frame.split :], axis=1)


def _lengths(gap: np.ndarray) -> np.ndarray:
    # Of rows whose squares need not be doubles.
    largest = np.abs(gap).max(axis=1, initial=0.0)
    return np.asarray(largest * np.linalg.norm(gap / np.where(largest > 0, largest, 1.0)[:, None], axis=1))


def with_bars(times: Times, run: LateRun, late: Late, twin: Quantities, noise: float, start: float) -> Stage:
    """Stage 2 with error bars: ten times the distance to the twin, never less than twenty times the `noise` of the integrator.

    The largest distance of a record and its neighbours counts, so that an accidental agreement at one time makes no bar. An error
    `start` of the point at which stage 2 begins may stay in w_M for good, in a direction the twin did not try. The slope is a sum of
    masses times rows, whose rounding counts where they nearly cancel.
    """
    states = run.states[1 : 1 + len(times)]
    found, bias = late.quantities(times, states)
    if not len(times):  # the twin went no further than the switch: nothing to give bars to
        return Stage(times, states, found, ErrorBars(*(np.zeros(0) for _ in fields(ErrorBars))), measured=False)

    def bar(name: str, floor: Any) -> Times:
        gap = (getattr(found, name) - getattr(twin, name)).reshape(len(times), -1)
        distance = _lengths(gap)
        padded = np.concatenate([distance[:1], distance, distance[-1:]])
        return np.asarray(10.0 * np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:]) + 20.0 * floor)

    size, narrowest = 1.0 + np.linalg.norm(found.slopes, axis=1), float(late.field.frame.spread.min(initial=1.0))
    rounding = 1e-16 * np.exp(states) @ late.lengths if late.field.frame.basis is None else noise / narrowest
    bars = ErrorBars(
        slopes=bar("slopes", noise * size + rounding) + bias,
        excess=bar("excess", noise * (1.0 + found.excess)),
        # w_M is read off all log masses, and those off the support, of size s, are integrated to a relative tolerance only.
        score=bar("diverging", 0.02 * start + noise * (1e3 + np.abs(times) + np.linalg.norm(found.diverging, axis=1))),
        # Where multipliers are not unique the masses may move among them; nothing but rounding does that, at every unit of log time.
        displacement=bar("displacement", (noise + 5e-16 * np.abs(times)) * (1.0 + np.abs(found.displacement).max(axis=1, initial=0.0))),
        tied=np.full(len(size), 1e-8),
    )
    return Stage(times, states, found, bars, measured=False)


@dataclass(frozen=True, eq=False)
class Straightened:
    """Stage 2 from log masses r_0 at s_0 in coordinates that move with the slope v found there: z = z_0 + (s - s_0) v + x.

        r = r_0 + (s - s_0) (1 - X v) - X x,    dx/ds = G X' e^r - v

    with rows X of order one and the metric G, which alone spans many orders. x stays small and nothing that matters cancels: the
    masses that balance each other to all digits of a double only do so through x, which an implicit step finds from its balance.
    """

    rows: SeparableRows
    metric: Point
    tolerance: float
    s: float
    r: OfSeparable

    @cached_property
    def slope(self) -> Point:
        """v."""
        y = np.exp(self.r)
        return implicit_velocity(self.metric, (self.rows.T * y) @ self.rows, self.rows.T @ y)

    @cached_property
    def _away(self) -> OfSeparable:
        return 1.0 - self.rows @ self.slope

    def log_masses(self, s: float, x: Point) -> OfSeparable:
        """r."""
        return np.asarray(self.r + (s - self.s) * self._away - self.rows @ x)

    def rate(self, s: float, x: Point) -> Point:
        """G X' e^r - v."""
        return np.asarray(self.metric * (self.rows.T @ np.exp(self.log_masses(s, x))) - self.slope)

    def drift(self, s: float, x: Point) -> Point | None:
        """G X' (e^r (1 - X v))."""
        return np.asarray(self.metric * (self.rows.T @ (np.exp(self.log_masses(s, x)) * self._away)))

    def factor(self, s: float, x: Point, weight: float) -> Solve:
        """b -> (I + weight G X' Y X)^{-1} b."""
        y = np.exp(self.log_masses(s, x))
        solve = spd_solver(np.diag(1.0 / self.metric) + weight * (self.rows.T * y) @ self.rows)
        return lambda b: solve(b / self.metric)

    def size(self, error: Point, x: Point) -> float:
        """The largest error of a log mass, against the tolerance."""
        return float((np.abs(self.rows @ error) / (1.0 + np.abs(self.r))).max() / self.tolerance)


def straightened(late: Late, r: OfSeparable, times: Times, tolerance: float) -> LateRun:
    """The log masses at `times` from r at times[0], straightened anew from every record."""
    states, step, steps = [r], 0.1, 0
    for s, target in pairwise(times):
        system = Straightened(late.rows, late.metric, tolerance, float(s), states[-1])
        found = integrate(system, np.zeros(late.rows.shape[1]), np.array([s, target]), step, LIMIT - steps)
        steps, step = steps + found.steps, found.step
        if found.failure:
            return LateRun(np.array(states), tolerance, found.failure)
        states.append(system.log_masses(float(target), found.states[-1]))
    return LateRun(np.array(states), tolerance, "")
