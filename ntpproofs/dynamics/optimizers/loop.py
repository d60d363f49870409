"""The loop that every discrete optimizer shares: parameters, log-spaced records, trajectories, batches.

An optimizer says how it starts, how it steps and how much time a step stands for. *Effective time* is the time of the
continuous flow the method follows, so that laws in log t can be compared across methods: t = eta k for gradient descent,
eta k / (1 - mu) with momentum mu, the sum of eta_k / |g_k|_* for a normalised method, eta k^2 / 4 for accelerated descent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ...errors import InvalidInput
from ...logit.decomposition import decompose
from ...logit.problem import ConditionalLogit
from ...logit.protocols import Reduces
from ...logit.shapes import Iterates, OfInstances, Parameters, Point, Runs, RunTimes, StepCounts, Times
from ...logit.step_size import largest_step
from ..arguments import LARGEST_ENTRY, number, positive, require, starting_point, whole
from ..field import Field
from ..trajectory import Trajectory
from .bars import bars
from .ensemble import Ensemble, ensemble

Memory = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Records:
    """What a batch recorded: `steps` k, effective `log_times` (records x instances), `iterates` (records x parameters x instances).

    `previous` holds the iterate one step before each record, for methods that do not come to rest.
    """

    steps: StepCounts
    log_times: RunTimes
    iterates: Runs
    previous: Runs
    step_sizes: OfInstances


@dataclass(frozen=True, kw_only=True)
class AbstractOptimizer(ABC):
    """`steps` steps from `initial` (default 0). Calling it on a problem gives a `Trajectory`; `batch` runs many at once.

    `step_size` defaults to the rule each class documents. Records lie at k = 1, 2, ..., 32 and then at ratio `spacing`;
    `details` of the trajectory has their `steps`. Error bars are rounding only: a law at finite k is compared by its own rate. A method
    that may amplify rounding (each but gradient descent with steps up to 2/beta, stochastic or not) is run beside two twins that are
    equal in exact arithmetic but round differently, and the bars cover how far they part. Raises `InvalidInput` where features, weights,
    default steps or iterates leave the range of doubles.
    """

    steps: int = 2_000
    step_size: Fraction | float | None = None
    initial: tuple[Any, ...] | None = None
    spacing: float = 1.15

    def __post_init__(self) -> None:
        require(whole(self.steps, 3), "steps", self.steps, "give an integer of at least 3")
        require(self.step_size is None or positive(self.step_size), "step_size", self.step_size, "give a positive number, or None")
        require(number(self.spacing) and self.spacing > 1, "spacing", self.spacing, "give a ratio above 1")
        self._check()

    def _check(self) -> None:  # noqa: B027 (most methods have nothing to add)
        """Refuse parameters of its own (`InvalidInput`)."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The method in words, for reports."""

    @abstractmethod
    def _default_step(self, many: Ensemble) -> OfInstances:
        """The step size per instance where none is given."""

    @abstractmethod
    def _start(self, w: Iterates) -> Memory:
        """The state beside the iterate."""

    @abstractmethod
    def _advance(self, k: int, w: Iterates, memory: Memory, many: Ensemble, step: OfInstances) -> tuple[Iterates, Memory]:
        """Step k = 1, 2, ...: the next iterate and state."""

    @abstractmethod
    def _log_time(self, k: int, memory: Memory, step: OfInstances) -> OfInstances:
        """log of the effective time after k steps, per instance."""

    def _may_amplify(self, many: Ensemble, step: OfInstances) -> bool:
        """Whether a step can bring two points farther apart by more than their distance."""
        return True

    def iterate(self, problems: Sequence[Any]) -> Records:
        """Run on many problems of one shape at once, without any geometry."""
        return self._run(ensemble(problems))

    def _run(self, many: Ensemble) -> Records:
        step = self._default_step(many) if self.step_size is None else np.full(len(many), float(self.step_size))
        w = np.repeat(starting_point(self.initial, many.dimension)[:, None], len(many), axis=1)
        memory, kept, done = self._start(w), record_steps(int(self.steps), float(self.spacing)), 0
        iterates, times = np.empty((len(kept), *w.shape)), np.empty((len(kept), len(many)))
        previous = np.empty_like(iterates)
        with np.errstate(over="ignore", invalid="ignore"):  # what leaves the range of doubles is refused in words
            for i, k in enumerate(kept):
                for j in range(done + 1, k + 1):
                    previous[i] = w
                    w, memory = self._advance(j, w, memory, many, step)
                    if many.twin:
                        w, memory = rounded_again(w, memory, previous[i], 1.0 + 0.618 * many.twin * j % 1.0)
                iterates[i], times[i], done = w, self._log_time(k, memory, step), k
                if not (np.abs(w) <= LARGEST_ENTRY).all():
                    raise InvalidInput("step_size", f"takes the iterates beyond {LARGEST_ENTRY:g} within {k} steps", "give smaller steps")
        return Records(np.array(kept), times, iterates, previous, step)

    def batch(self, problems: Sequence[Any]) -> tuple[Trajectory, ...]:
        """Trajectories of many problems of one shape, run together."""
        many = ensemble(problems)
        records, twins = self._run(many), []
        if self._may_amplify(many, records.step_sizes):
            twins = [self._run(Ensemble(many.problems, twin)) for twin in (1, 2)]
        return tuple(self._trajectory(problem, records, i, twins) for i, problem in enumerate(many.problems))

    def __call__(self, problem: Reduces) -> Trajectory:
        """Run. Accepts a conditional logit or anything that reduces to one."""
        return self.batch((problem,))[0]

    def _trajectory(self, logit: ConditionalLogit, records: Records, i: int, twins: Sequence[Records]) -> Trajectory:
        field = Field(decompose(logit).coordinates)
        run = recorded(field, records.log_times[:, i], records.iterates[:, :, i])
        others = [recorded(field, twin.log_times[:, i], twin.iterates[:, :, i]) for twin in twins]
        step = float(records.step_sizes[i])
        return replace(
            run,
            errors=bars(field, records.steps.astype(float), run, others),
            simulator=f"{self.name}, {records.steps[-1]} steps of {step:.6g}",
            details={"steps": records.steps, "step_size": step, "initial": starting_point(self.initial, logit.dimension)},
        )


def rounded_again(w: Iterates, memory: Memory, before: Iterates, c: float) -> tuple[Iterates, Memory]:
    """(w c) / c, and the same for averages, where the iterate moved: one more rounding, equal for entries that are equal."""
    moved = (w != before).any(axis=0)
    again = (np.where(moved, x * c / c, x) if x.shape == w.shape else x for x in (w, *memory))
    return next(again), tuple(again)


def log_rate(step: OfInstances, k: int, decay: float) -> OfInstances:
    """log of eta k^-decay, also where the product is no double."""
    return np.asarray(np.log(step) - float(decay) * np.log(k))


def tick(clock: OfInstances, log_eta: OfInstances, size: OfInstances, shift: OfInstances | float = 0.0) -> OfInstances:
    """log t after a further eta / (size e^shift); where nothing moves a step counts eta, so that the clock goes on."""
    if size.all():
        return np.logaddexp(clock, log_eta - np.log(size) - shift)
    moving = size > 0
    return np.logaddexp(clock, log_eta - np.where(moving, np.log(np.where(moving, size, 1.0)) + shift, 0.0))


def recorded(field: Field, times: Times, iterates: Parameters) -> Trajectory:
    """Iterates at effective log times, split along the decomposition, without bars; slopes are increments of P_M w per unit of log time."""
    t_frame, m_frame = field.frame.tied_frame, field.frame.diverging_frame
    tied, diverging = iterates @ t_frame, iterates @ m_frame
    gaps = np.diff(times)
    slopes = np.diff(diverging, axis=0) / np.where(gaps > 0, gaps, 1.0)[:, None]
    with np.errstate(over="ignore"):
        excess = np.array([np.exp(s + log_excess(field, c)) for s, c in zip(times, np.hstack([tied, diverging]))])
        displacement = np.exp(np.minimum(times, 700.0))[:, None] * (tied - field.frame.finite_part) @ t_frame.T
    t_part, m_part = tied @ t_frame.T, diverging @ m_frame.T
    rest, steep = iterates - t_part - m_part, np.vstack([slopes[:1], slopes]) @ m_frame.T
    return Trajectory(times, t_part, m_part, rest, steep, excess, displacement, errors={})


def log_excess(field: Field, c: Point) -> float:
    """log(L - L*), also where L - L* is too small for a double; -inf where nothing is left."""
    value = float(field.excess(c))
    if value > 1e-280:
        return float(np.log(value))
    frame, arrays = field.frame, field.frame.problem.arrays
    logs = np.log(arrays.weights)[:, None] + np.where(frame.is_separable, arrays.log_multiplicities - frame.rows @ c, -np.inf)
    top = logs.max(initial=-np.inf)
    return float(top + np.log(np.exp(logs - top).sum())) if np.isfinite(top) else -np.inf


def descent_step(many: Ensemble) -> OfInstances:
    """1 / beta per instance, with the exact smoothness bound. Raises `InvalidInput` where it is no double with all its digits."""
    try:
        steps = np.array([float(largest_step(problem)) for problem in many.problems])
    except OverflowError:
        steps = np.array([np.inf])
    if not ((steps >= 1e-300) & (steps <= 1e300)).all():
        raise InvalidInput("step_size", "defaults to 1/beta, which lies outside the range of doubles", "rescale features and weights")
    return steps


def record_steps(steps: int, spacing: float) -> list[int]:
    """The step counts at which descent is recorded: every one to 32, then geometric, the last one included.

    >>> record_steps(40, 1.15)[-3:]
    [32, 37, 40]
    """
    kept = list(range(1, min(32, steps) + 1))
    while kept[-1] < steps:
        kept.append(min(max(kept[-1] + 1, round(kept[-1] * spacing)), steps))
    return kept
