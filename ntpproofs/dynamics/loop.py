"""The loop that every discrete optimizer shares: parameters, log-spaced records, trajectories, batches.

An optimizer says how it starts, how it steps and how much time a step stands for. *Effective time* is the time of the
continuous flow the method follows, so that laws in log t can be compared across methods: t = eta k for gradient descent,
eta k / (1 - mu) with momentum mu, the sum of eta_k / |g_k|_* for a normalised method, eta k^2 / 4 for accelerated descent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..geometry.decomposition import decompose
from ..problems.conditional_logit import ConditionalLogit
from ..problems.step_size import largest_step
from .arguments import positive, require, starting_point
from .ensemble import Ensemble, ensemble
from .field import Field
from .trajectory import Trajectory

Memory = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Records:
    """What a batch recorded: `steps` k, effective `log_times` (records x instances), `iterates` (records x parameters x instances).

    `previous` holds the iterate one step before each record, for methods that do not come to rest.
    """

    steps: np.ndarray
    log_times: np.ndarray
    iterates: np.ndarray
    previous: np.ndarray
    step_sizes: np.ndarray


@dataclass(frozen=True, kw_only=True)
class AbstractOptimizer(ABC):
    """`steps` steps from `initial` (default 0). Calling it on a problem gives a `Trajectory`; `batch` runs many at once.

    `step_size` defaults to the rule each class documents. Records lie at k = 1, 2, ..., 32 and then at ratio `spacing`;
    `details` of the trajectory has their `steps`. Error bars are rounding only: a law at finite k is compared by its own rate.
    """

    steps: int = 2_000
    step_size: Fraction | float | None = None
    initial: tuple[Any, ...] | None = None
    spacing: float = 1.15

    def __post_init__(self) -> None:
        require(isinstance(self.steps, int) and self.steps >= 3, "steps", self.steps, "give an integer of at least 3")
        require(self.step_size is None or positive(self.step_size), "step_size", self.step_size, "give a positive number, or None")
        require(np.isfinite(self.spacing) and self.spacing > 1, "spacing", self.spacing, "give a ratio above 1")
        self._check()

    def _check(self) -> None:  # noqa: B027 (most methods have nothing to add)
        """Refuse parameters of its own (`InvalidInput`)."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The method in words, for reports."""

    @abstractmethod
    def _default_step(self, many: Ensemble) -> np.ndarray:
        """The step size per instance where none is given."""

    @abstractmethod
    def _start(self, w: np.ndarray) -> Memory:
        """The state beside the iterate."""

    @abstractmethod
    def _advance(self, k: int, w: np.ndarray, memory: Memory, many: Ensemble, step: np.ndarray) -> tuple[np.ndarray, Memory]:
        """Step k = 1, 2, ...: the next iterate and state."""

    @abstractmethod
    def _log_time(self, k: int, memory: Memory, step: np.ndarray) -> np.ndarray:
        """log of the effective time after k steps, per instance."""

    def iterate(self, problems: Sequence[Any]) -> Records:
        """Run on many problems of one shape at once, without any geometry."""
        many = ensemble(problems)
        step = self._default_step(many) if self.step_size is None else np.full(len(many), float(self.step_size))
        w = np.repeat(starting_point(self.initial, many.dimension)[:, None], len(many), axis=1)
        memory, kept, done = self._start(w), record_steps(self.steps, self.spacing), 0
        iterates, times = np.empty((len(kept), *w.shape)), np.empty((len(kept), len(many)))
        previous = np.empty_like(iterates)
        for i, k in enumerate(kept):
            for j in range(done + 1, k + 1):
                previous[i] = w
                w, memory = self._advance(j, w, memory, many, step)
            iterates[i], times[i], done = w, self._log_time(k, memory, step), k
        return Records(np.array(kept), times, iterates, previous, step)

    def batch(self, problems: Sequence[Any]) -> tuple[Trajectory, ...]:
        """Trajectories of many problems of one shape, run together."""
        records = self.iterate(problems)
        return tuple(self._trajectory(problem.conditional_logit(), records, i) for i, problem in enumerate(problems))

    def __call__(self, problem: Any) -> Trajectory:
        """Run. Accepts a conditional logit or anything that reduces to one."""
        return self.batch((problem,))[0]

    def _trajectory(self, logit: ConditionalLogit, records: Records, i: int) -> Trajectory:
        start = starting_point(self.initial, logit.dimension)
        label = f"{self.name}, {records.steps[-1]} steps of {records.step_sizes[i]:.6g}"
        details = {"steps": records.steps, "step_size": float(records.step_sizes[i]), "initial": start}
        return trajectory(logit, records.log_times[:, i], records.iterates[:, :, i], details, label)


def trajectory(logit: ConditionalLogit, times: np.ndarray, iterates: np.ndarray, details: dict[str, Any], label: str) -> Trajectory:
    """Iterates at effective log times, split along the decomposition; slopes are increments of P_M w per unit of log time."""
    field = Field(decompose(logit).coordinates)
    t_frame, m_frame = field.frame.tied_frame, field.frame.diverging_frame
    tied, diverging = iterates @ t_frame, iterates @ m_frame
    gaps = np.diff(times)
    slopes = np.diff(diverging, axis=0) / np.where(gaps > 0, gaps, 1.0)[:, None]
    t, k = np.exp(np.minimum(times, 700.0)), np.asarray(details["steps"], dtype=float)
    coordinates = np.hstack([tied, diverging])
    # Rounding adds up like a random walk, and every quantity inherits it; what is multiplied by t inherits it t times.
    rounding = 1e-15 * np.sqrt(k) * (1 + np.abs(iterates).max(axis=1, initial=0.0)) + 1e-14
    names = ("slope", "finite part", "diverging part", "residual", "iterate", "invariant part", "direction", "norm")
    with np.errstate(over="ignore"):
        excess = np.array([np.exp(s + log_excess(field, c)) for s, c in zip(times, coordinates)])
        errors = {name: rounding for name in names} | {"scaled excess": rounding * t, "scaled finite part": rounding * t}
    return Trajectory(
        log_times=times,
        tied=tied @ t_frame.T,
        diverging=diverging @ m_frame.T,
        invariant=iterates - tied @ t_frame.T - diverging @ m_frame.T,
        slopes=np.vstack([slopes[:1], slopes]) @ m_frame.T,
        excess=excess,
        displacement=t[:, None] * (tied - field.frame.finite_part) @ t_frame.T,
        errors=errors,
        simulator=label,
        details=details,
    )


def log_excess(field: Field, c: np.ndarray) -> float:
    """log(L - L*), also where L - L* is too small for a double; -inf where nothing is left."""
    value = float(field.excess(c))
    if value > 1e-280:
        return float(np.log(value))
    frame, arrays = field.frame, field.frame.problem.arrays
    logs = np.log(arrays.weights)[:, None] + np.where(frame.is_separable, arrays.log_multiplicities - frame.rows @ c, -np.inf)
    top = logs.max(initial=-np.inf)
    return float(top + np.log(np.exp(logs - top).sum())) if np.isfinite(top) else -np.inf


def descent_step(many: Ensemble) -> np.ndarray:
    """1 / beta per instance, with the exact smoothness bound."""
    return np.array([float(largest_step(problem)) for problem in many.problems])


def record_steps(steps: int, spacing: float) -> list[int]:
    """The step counts at which descent is recorded: every one to 32, then geometric, the last one included.

    >>> record_steps(40, 1.15)[-3:]
    [32, 37, 40]
    """
    kept = list(range(1, min(32, steps) + 1))
    while kept[-1] < steps:
        kept.append(min(max(kept[-1] + 1, round(kept[-1] * spacing)), steps))
    return kept
