"""Stage 1 of the flow: dw/ds = -e^s grad L(w) in plain coordinates, analytic Jacobian; nothing of the theory enters.

LSODA with tolerance 3e-10, relative to 1 + |c|. A record carries its state, so the flow can be taken up again from any record: that is
the dense output, as accurate as the integration itself, with no interpolation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .field import Field
from .lsoda import Lsoda
from .rosenbrock import Solve, integrate

TOLERANCE = 3e-10
SECOND_TOLERANCE = 1e-8
# Error bars: of scores, of the tied part once it is contracted, and the t from which it is.
SCORE, LATE_TIED, CONTRACTION = 7e-8, 2e-10, 30.0


@dataclass(frozen=True, eq=False)
class EarlyRun:
    """States at the times asked for, what went wrong ("" if nothing did), and how to go on: further times to their states and a failure."""

    states: np.ndarray
    failure: str
    go_on: Callable[[np.ndarray], tuple[np.ndarray, str]]


@dataclass(frozen=True, eq=False)
class Early:
    """The right-hand side of stage 1 for one field, with as few operations as possible: most of a run is spent here.

    Scores are relative to the anchors, so nothing overflows unless an anchor loses by e^700; then `careful` is needed.
    """

    field: Field
    careful: bool = False

    @cached_property
    def _constants(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        # Minus the rows; multiplicity times (row, 1) per block, so that one product gives the sums and the normaliser.
        a, rows = self.field.frame.problem.arrays, self.field.frame.rows
        flat = rows.reshape(a.mask.size, rows.shape[2])
        counted = np.exp(a.log_multiplicities)[:, :, None] * np.concatenate([rows, np.ones((*a.mask.shape, 1))], axis=2)
        return np.ascontiguousarray(-flat), np.ascontiguousarray(counted), a.weights, a.target.ravel() @ flat

    def velocity(self, s: float, c: np.ndarray) -> np.ndarray:
        """-e^s grad L."""
        minus, counted, weights, target = self._constants
        blocks, alternatives, _ = counted.shape
        if self.careful:
            result = -(self.field.masses(c).ravel() @ minus)
        else:
            sums = np.matmul(np.exp(minus.dot(c)).reshape(blocks, 1, alternatives), counted)[:, 0, :]
            result = (weights / sums[:, -1]).dot(sums)[:-1]
        result -= target
        result *= math.exp(s)
        return np.asarray(result)

    def jacobian(self, s: float, c: np.ndarray) -> np.ndarray:
        """-e^s D^2 L."""
        return np.asarray(self.field.hessian(c) * -math.exp(s))

    def run(self, c: np.ndarray, times: np.ndarray) -> EarlyRun:
        """Follow the flow from state c at times[0] through `times`: LSODA, and where it gives up the integrator of `rosenbrock`."""
        if len(c) == 0:
            return EarlyRun(np.zeros((len(times), 0)), "", lambda further: (np.zeros((len(further), 0)), ""))
        # LSODA starts with an explicit method, so its first step has to resolve the contraction, of rate e^s. Now and then it ends in
        # an internal error that depends on its first step only, so another one is tried.
        slow, reached, message = min(1.0, math.exp(-times[0])), c[None, :], ""
        for first_step, careful in ((1e-3 * slow, False), (1e-2 * slow, False), (1e-3 * slow, True), (1e-1 * slow, True)):
            system = replace(self, careful=careful)
            solver = Lsoda(system.velocity, system.jacobian, times[0], c, TOLERANCE, min(first_step, (times[-1] - times[0]) / 8))
            reached, message = solver.through(times)
            if not message:
                return EarlyRun(reached, "", solver.through)
        found = integrate(replace(self, careful=True), c, times, 1e-3, 20_000)
        if not found.failure:
            return EarlyRun(found.states, "", lambda further: self.continued(found.states[-1], np.concatenate([times[-1:], further])))
        return EarlyRun(reached if len(reached) else c[None, :], message, lambda further: (reached[:0], message))

    def continued(self, c: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, str]:
        """The states at times[1:] from state c at times[0], and what went wrong."""
        run = self.run(c, times)
        return run.states[1:], run.failure

    def rate(self, s: float, c: np.ndarray) -> np.ndarray:
        """The velocity, for the second integrator."""
        return self.velocity(s, c)

    def drift(self, s: float, c: np.ndarray) -> np.ndarray | None:
        """The velocity is e^s times a function of c."""
        return self.velocity(s, c)

    def factor(self, s: float, c: np.ndarray, weight: float) -> Solve:
        """b -> (I - weight J)^{-1} b."""
        inverse = np.linalg.inv(np.eye(len(c)) - weight * self.jacobian(s, c))
        return lambda b: inverse @ b

    def size(self, error: np.ndarray, c: np.ndarray) -> float:
        """The largest error of a coordinate, against the tolerance of the second integrator."""
        return float((np.abs(error) / (1.0 + np.abs(c))).max() / SECOND_TOLERANCE)

    def neglected(self, s: float, c: np.ndarray) -> float:
        """What stage 2 leaves out, relative to 1: the mass outside the tied sets and the shift of the tied scores it causes."""
        frame = self.field.frame
        outside = np.where(frame.is_separable, self.field.masses(c), 0.0)
        shift = np.where(frame.is_tied, frame.rows[:, :, : frame.split] @ frame.displacement(outside), 0.0)
        return float(max((outside.sum(axis=1) / frame.problem.arrays.weights).max(), np.abs(shift).max()))


def records(field: Field, times: np.ndarray, states: np.ndarray) -> dict[str, np.ndarray]:
    """Everything a trajectory keeps about the records of stage 1, in coordinates."""
    frame = field.frame
    t = np.exp(times)
    tied, diverging = states[:, : frame.split], states[:, frame.split :]
    forces = field.force(states)[:, frame.split :]
    size = 1.0 + np.abs(states).max(axis=1, initial=0.0)
    excess = t * field.excess(states)
    return {
        "times": times,
        "tied": tied,
        "diverging": diverging,
        "slopes": t[:, None] * forces,
        "excess": excess,
        "alpha": t[:, None] * (tied - frame.finite_part),
        "measured": np.ones(len(times), dtype=bool),
        # Chosen on 70 instances, then measured against runs at 1e-13 on 102 others: distances up to 0.67 of a bar, scores off by up to
        # 4e-8 (1 + |w|). The tied part, which the contraction renews, was off by up to 1e-10 late on.
        "bar": SCORE * size * (1.0 + np.linalg.norm(t[:, None] * forces, axis=1)),
        "excess bar": SCORE * size * (1.0 + excess),
        "score bar": SCORE * size,
        "alpha bar": size * (LATE_TIED * t + SCORE * np.minimum(t, CONTRACTION)),
        "tied bar": size * np.maximum(1e-9, SCORE * np.minimum(1.0, CONTRACTION / t)),
        "states": states,
    }
