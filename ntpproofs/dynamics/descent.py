"""Gradient descent with a constant step, in the stable coordinates of `Field`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import InvalidInput
from ..geometry.decomposition import decompose
from ..problems.step_size import largest_step
from .field import Field
from .flow import starting_point
from .trajectory import Trajectory


@dataclass(frozen=True)
class GradientDescent:
    """w_{k+1} = w_k - eta grad L(w_k), from `initial` (default 0), for `steps` steps; calling it gives a `Trajectory`.

    `step_size` defaults to 1/beta with the exact smoothness bound beta. Records lie at k = 1, 2, ..., 32 and then at ratio
    `spacing`, in log time log(eta k); `slopes` are the increments of P_M w per unit of log k between records. The recorded
    errors are rounding only: descent is compared with a law at finite k by that law's own rate.
    """

    steps: int = 2_000
    step_size: Fraction | float | None = None
    initial: tuple[Any, ...] | None = None
    spacing: float = 1.15

    def __call__(self, problem: Any) -> Trajectory:
        """Run. Accepts a conditional logit or anything that reduces to one."""
        logit = problem.conditional_logit()
        eta = float(largest_step(logit) if self.step_size is None else self.step_size)
        if self.steps < 3 or not np.isfinite(eta) or eta <= 0:
            raise InvalidInput("steps, step_size", f"are {self.steps} and {eta}", "give at least 3 steps and a positive step")
        field = Field(decompose(logit).coordinates)
        w0 = starting_point(self.initial, logit.dimension)
        kept = record_steps(self.steps, self.spacing)
        states = np.empty((len(kept), field.frame.rows.shape[2]))
        c, done = field.frame.of(w0), 0
        for i, k in enumerate(kept):
            for _ in range(k - done):
                c = c + eta * field.force(c)
            states[i], done = c, k
        return _trajectory(field, w0, kept, states, eta)


def record_steps(steps: int, spacing: float) -> list[int]:
    """The step counts at which descent is recorded: every one to 32, then geometric, the last one included.

    >>> record_steps(40, 1.15)[-3:]
    [32, 37, 40]
    """
    kept = list(range(1, min(32, steps) + 1))
    while kept[-1] < steps:
        kept.append(min(max(kept[-1] + 1, round(kept[-1] * spacing)), steps))
    return kept


def _trajectory(field: Field, w0: np.ndarray, kept: list[int], states: np.ndarray, eta: float) -> Trajectory:
    k = np.array(kept, dtype=float)
    times = np.log(eta * k)
    split = field.frame.split
    start = field.frame.of(w0)
    previous = np.vstack([start[None, :], states[:-1]])[:, split:]
    gaps = np.diff(np.log(k), prepend=np.nan)
    slopes = (states[:, split:] - previous) / gaps[:, None]
    slopes[0] = slopes[1] if len(slopes) > 1 else 0.0
    t_frame, m_frame = field.frame.tied_frame, field.frame.diverging_frame
    invariant = w0 - t_frame @ (t_frame.T @ w0) - m_frame @ (m_frame.T @ w0)
    rounding = 1e-15 * np.sqrt(k) * (1 + np.abs(states).max(axis=1, initial=0.0)) + 1e-14
    names = ("slope", "finite part", "diverging part", "residual", "iterate", "invariant part", "direction", "norm")
    errors = {name: rounding for name in names}
    errors |= {"scaled excess": rounding * eta * k, "scaled finite part": rounding * eta * k}
    return Trajectory(
        log_times=times,
        tied=states[:, :split] @ t_frame.T,
        diverging=states[:, split:] @ m_frame.T,
        invariant=np.tile(invariant, (len(k), 1)),
        slopes=slopes @ m_frame.T,
        excess=eta * k * np.array([field.excess(c) for c in states]),
        displacement=(eta * k)[:, None] * (states[:, :split] - field.frame.finite_part) @ t_frame.T,
        errors=errors,
        simulator=f"gradient descent, {kept[-1]} steps of {eta:.6g}",
        details={"steps": np.array(kept), "step_size": eta, "initial": w0},
    )
