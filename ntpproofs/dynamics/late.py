"""Stage 2 of the flow: the log masses of the separable alternatives, an autonomous system up to relative O(e^-s).

    r_z = log[ a_i n_z e^{s - <w*, d_z>} / Z_i^in(w*) ] - <w_M, x_z>,    dr/ds = 1 - X X' e^r,    dw_M/ds = X' e^r

with x_z = P_M d_z: the entropic mirror flow on the dual of the max-margin programme, whose attracting rest points are the
optimal multipliers. Neither the programme nor its solution is known here. w_M is read off the invariant r + X w_M - s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from .field import Field
from .lsoda import Lsoda
from .rosenbrock import Solve, integrate

TOLERANCE = 1e-12
SECOND_TOLERANCE = 1e-7
WIDER, LIMIT = (1e-9, 1e-6), 10_000
LARGEST = 200.0
# The twin run is this much less accurate, and its distance is multiplied by ten: no record was further than 0.09 of a bar from a run at
# 1e-13, on 250 instances. Twins may agree by accident, so a bar is at least twenty tolerances.
TWIN = 10.0


@dataclass(frozen=True)
class LateRun:
    """Log masses at the times that were reached, the tolerance that was kept, and what went wrong ("" if nothing did)."""

    states: np.ndarray
    tolerance: float
    failure: str


@dataclass(frozen=True, eq=False)
class Late:
    """The late system of one field. `frame.finite_part` is the reference w*; it enters the constants, never the slope."""

    field: Field

    @cached_property
    def rows(self) -> np.ndarray:
        """X: the projected differences of the separable alternatives, in coordinates of M."""
        frame = self.field.frame
        return np.ascontiguousarray(frame.rows[frame.is_separable][:, frame.split :])

    @cached_property
    def lengths(self) -> np.ndarray:
        """|x| for every row."""
        return np.linalg.norm(self.rows, axis=1)

    @cached_property
    def gram(self) -> np.ndarray:
        """X X'."""
        return self.rows @ self.rows.T

    @cached_property
    def _log_odds(self) -> np.ndarray:
        return self.field.frame.log_odds_out[self.field.frame.is_separable]

    @cached_property
    def _inverse(self) -> np.ndarray:
        return np.linalg.pinv(self.rows)  # X has full column rank: its rows span M

    def enter(self, s: float, c: np.ndarray) -> np.ndarray:
        """The log masses at log time s of a state in coordinates."""
        return np.asarray(s + self.field.frame.clock + self._log_odds - self.rows @ c[self.field.frame.split :])

    def diverging(self, times: np.ndarray, r: np.ndarray) -> np.ndarray:
        """w_M from the invariant."""
        return np.asarray((times[:, None] + (self.field.frame.clock + self._log_odds)[None, :] - r) @ self._inverse.T)

    def with_twin(self, r: np.ndarray, times: np.ndarray, size: float) -> tuple[dict[str, np.ndarray], str]:
        """The records after times[0] with error bars, and a note ("" where every time was reached).

        The bars are what the records differ by from a run made less accurately, from a point `size` away in w_M.
        """
        run = self.integrate(r, times)
        move = np.random.default_rng(0).normal(size=self.rows.shape[1])
        other = self.integrate(r - self.rows @ (move * (size / np.linalg.norm(move))), times, TWIN * run.tolerance)
        reached = min(len(run.states), len(other.states))
        note = run.failure or other.failure
        first, second = (self.records(times[1:reached], x.states[1:reached]) for x in (run, other))
        found = with_bars(first, second, max(run.tolerance, other.tolerance / TWIN), size, self.lengths)
        return found, f"stage 2 stopped early, at log time {times[reached - 1]:.6g}: {note}" if reached < len(times) else ""

    def integrate(self, r: np.ndarray, times: np.ndarray, tolerance: float | None = None) -> LateRun:
        """The log masses at `times` from r at times[0]: LSODA, where it gives up at wider tolerances, and at last `rosenbrock`."""
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

    def rate(self, s: float, r: np.ndarray) -> np.ndarray:
        """1 - X X' e^r."""
        return np.asarray(1.0 - self.gram @ np.exp(r))

    def drift(self, s: float, r: np.ndarray) -> np.ndarray | None:
        """Autonomous."""
        return None

    def factor(self, s: float, r: np.ndarray, weight: float) -> Solve:
        """b -> (I + weight X X' diag(y))^{-1} b, through (I + weight X' diag(y) X), which is positive definite."""
        y = np.exp(r)
        try:
            inner = np.linalg.inv(np.eye(self.rows.shape[1]) + weight * (self.rows.T * y) @ self.rows)
        except np.linalg.LinAlgError:  # masses beyond doubles: the caller sees no finite step and shortens it
            return lambda b: np.full_like(b, np.nan)
        return lambda b: b - weight * (self.rows @ (inner @ (self.rows.T @ (y * b))))

    def size(self, error: np.ndarray, r: np.ndarray) -> float:
        """The largest error of a log mass, against the tolerance of the second integrator."""
        return float((np.abs(error) / (1.0 + np.abs(r))).max() / SECOND_TOLERANCE)

    def records(self, times: np.ndarray, r: np.ndarray) -> dict[str, np.ndarray]:
        """Everything a trajectory keeps about the records of stage 2, in coordinates."""
        frame = self.field.frame
        y = np.exp(r)
        full = np.zeros((len(times), *frame.is_separable.shape))
        full[:, frame.is_separable] = y
        alpha = frame.displacement(full)
        return {
            "times": times,
            "tied": frame.finite_part + np.exp(-times - frame.clock)[:, None] * alpha,
            "diverging": self.diverging(times, r),
            "slopes": y @ self.rows,
            "excess": y.sum(axis=1),
            "alpha": alpha,
            "measured": np.zeros(len(times), dtype=bool),
            "states": r,
        }


def with_bars(records: dict[str, np.ndarray], twin: dict[str, np.ndarray], noise: float, start: float, lengths: np.ndarray) -> dict[str, np.ndarray]:
    """Records with error bars: ten times the distance to the twin, never less than twenty times the `noise` of the integrator.

    The largest distance of a record and its neighbours counts, so that an accidental agreement at one time makes no bar. An error
    `start` of the point at which stage 2 begins may stay in w_M for good, in a direction the twin did not try. The slope is a sum of
    masses times rows of the given `lengths`, whose rounding counts where they nearly cancel.
    """

    if not len(records["times"]):  # the twin went no further than the switch: nothing to give bars to
        return records | dict.fromkeys(("bar", "excess bar", "score bar", "alpha bar", "tied bar"), np.zeros(0))

    def bar(name: str, floor: Any) -> np.ndarray:
        gap = (records[name] - twin[name]).reshape(len(records["times"]), -1)
        distance = np.linalg.norm(gap, axis=1)
        padded = np.concatenate([distance[:1], distance, distance[-1:]])
        return np.asarray(10.0 * np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:]) + 20.0 * floor)

    size = 1.0 + np.linalg.norm(records["slopes"], axis=1)
    return records | {
        "bar": bar("slopes", noise * size + 1e-16 * np.exp(records["states"]) @ lengths),
        "excess bar": bar("excess", noise * (1.0 + records["excess"])),
        # w_M is read off all log masses, and those off the support, of size s, are integrated to a relative tolerance only.
        "score bar": bar("diverging", 0.02 * start + noise * (1e3 + np.abs(records["times"]) + np.linalg.norm(records["diverging"], axis=1))),
        # Where multipliers are not unique the masses may move among them; nothing but rounding does that, at every unit of log time.
        "alpha bar": bar("alpha", (noise + 5e-16 * np.abs(records["times"])) * (1.0 + np.abs(records["alpha"]).max(axis=1, initial=0.0))),
        "tied bar": np.full(len(size), 1e-8),
    }
