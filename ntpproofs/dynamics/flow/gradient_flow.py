"""Gradient flow in log time, followed to t = e^s for s up to a million (`foundations`, sections 5 and 6).

Stage 1 (`early`) integrates dw/ds = -e^s grad L(w) in plain coordinates from t = e^-18, or from real gradient-descent
iterates; nothing of the theory enters. When the mass outside the tied sets is negligible, stage 2 (`late`) follows the log
masses. Neither the max-margin direction nor its programme is known here: the simulator reads the tied partition and w*, and
w* is cross-checked against stage 1 and refused if it disagrees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ...errors import InvalidInput
from ...logit.decomposition import Decomposition, decompose
from ...logit.problem import ConditionalLogit
from ...logit.protocols import Reduces
from ...logit.shapes import Parameter, Point
from ...logit.step_size import largest_step
from ..arguments import conditional_logit, positive, require, starting_point, vector, whole
from ..field import Field
from ..trajectory import Trajectory
from .bank import Bank
from .handover import SWITCH
from .narrow import NarrowRun
from .wide import WideRun, wide_parts

LARGEST_LOG_TIME = 1e15
Force = Callable[[Point], Point]


@dataclass(frozen=True)
class GradientFlow:
    """Gradient flow from `initial` (default 0) to t = e^`log_time`; calling it on a problem gives a `Trajectory`.

    With `after_descent` = K the flow starts at t = eta K from the K-th gradient-descent iterate (`step_size` eta defaults to
    1/beta). `records` log-spaced records are kept; `trajectory.at(s)` is the run at any s. `finite_part` replaces the
    reference w* of stage 2, to see a wrong one refused. `tolerance` is that of the integrator on the structured route, which wide
    problems take (the default grows with their size; the slope ends at rounding whatever it is). Raises `InvalidInput` for arguments out of range.

    >>> from ntpproofs.problems import LinearNTP
    >>> run = GradientFlow(log_time=200.0)(LinearNTP([[1]], [["1/2", "1/2", 0]]))
    >>> [round(float(x), 6) for x in run.slope.values[-1]], run.slope_error_bound < 1e-9
    ([0.333333, 0.333333, -0.666667], True)
    """

    log_time: float = 1e4
    initial: tuple[Any, ...] | None = None
    records: int = 60
    after_descent: int = 0
    step_size: Fraction | float | None = None
    finite_part: tuple[Any, ...] | None = None
    tolerance: float | None = None

    def __post_init__(self) -> None:
        within = positive(self.log_time) and float(self.log_time) <= LARGEST_LOG_TIME
        require(within, "log_time", self.log_time, f"give a number above 0 and up to {LARGEST_LOG_TIME:g}, beyond which doubles lose the units")
        require(whole(self.records, 2), "records", self.records, "give an integer of at least 2")
        require(whole(self.after_descent, 0), "after_descent", self.after_descent, "give K >= 0 steps")
        require(self.step_size is None or positive(self.step_size), "step_size", self.step_size, "give a positive number, or None")
        require(self.tolerance is None or positive(self.tolerance), "tolerance", self.tolerance, "give a positive number, or None")

    def __call__(self, problem: Reduces) -> Trajectory:
        """Simulate. Accepts a conditional logit or anything that reduces to one."""
        logit = conditional_logit(problem)
        w0, end = starting_point(self.initial, logit.dimension), float(self.log_time)
        bank, parts = (None, None) if self.finite_part is not None else wide_parts(logit)
        if bank is not None:
            return self._wide(logit, bank, parts, w0)
        frame = decompose(logit).coordinates.natural().spread_well()
        if self.finite_part is not None:
            frame = replace(frame, reference=frame.tied_frame.T @ vector("finite_part", self.finite_part, logit.dimension))
        field = Field(frame)
        start, c, about = self._hand_off(logit, field.velocity, field.frame.of(w0), field.frame.clock)
        return NarrowRun(field, w0, end, self.records, about).trajectory(c, start)

    def _wide(self, logit: ConditionalLogit, bank: Bank, parts: Decomposition | None, w0: Parameter) -> Trajectory:
        bank = bank.natural().spread_well(logit)
        start, w, about = self._hand_off(logit, lambda w: bank.velocity(w.reshape(bank.shape)).ravel(), bank.coordinates(w0).ravel(), bank.clock)
        return WideRun(bank, parts, w0, start, float(self.log_time), self.records, about, self.tolerance).trajectory(w)

    def _hand_off(self, logit: ConditionalLogit, force: Force, c: Point, clock: float = 0.0) -> tuple[float | None, Point, str]:
        # Where the flow starts: at t = eta K from descent, or (None) at t close to 0. In units whose clock is ahead, so is eta.
        if not self.after_descent:
            return None, c, ""
        eta = float(largest_step(logit) if self.step_size is None else self.step_size)
        start, latest = float(np.log(eta * self.after_descent)), min(float(self.log_time), SWITCH - clock)
        if start >= latest:
            raise InvalidInput("after_descent", f"ends at log time {start:.4g}", f"take fewer or smaller steps, to end before log time {latest:.4g}")
        for _ in range(self.after_descent):
            c = c + eta * np.exp(clock) * force(c)
        return start, c, f" after {self.after_descent} steps of {eta:.6g}"
