"""The simulation behind `ntpproofs limit --simulate`: an optimizer follows a conditional logit, its end is compared with the limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from time import perf_counter
from typing import Any

import numpy as np

from ..dynamics import GradientFlow, Trajectory
from ..dynamics.flow.gradient_flow import LARGEST_LOG_TIME
from ..dynamics.flow.wide import wide_parts
from ..dynamics.optimizers.catalogue import FLOW, Choice, choice
from ..dynamics.trajectory import Stop
from ..errors import InvalidInput, TooLarge
from ..language.answers import SimulationOptions
from ..language.figures import Figure
from ..language.views import Table, View
from ..logit.norm_margins import achieved_margin, norm_margin
from ..logit.problem import ConditionalLogit
from .charts import errors_chart, margins_chart
from .targets import Targets, direction

# Parameters: dense simulators, and the flow on its structured route (V = 1000, d = 64).
LARGEST_SIMULATION = 1_500
LARGEST_STRUCTURED = 64_000
MOST_STEPS = 1_000_000
# Log time behind the first at which the slope can be near u.
SETTLING = 5.0


@dataclass(frozen=True, eq=False)
class LimitSimulation:
    """A run of an optimizer on a conditional logit against its certified limit."""

    logit: ConditionalLogit
    targets: Targets
    optimizer: str
    trajectory: Trajectory
    seconds: float

    @property
    def norm(self) -> str | float:
        """The norm whose max margin belongs to the method."""
        return "frobenius" if self.optimizer == FLOW else choice(self.optimizer).norm

    @property
    def structured(self) -> bool:
        """Whether the flow took its route for wide problems."""
        return bool(self.trajectory.details.get("structured"))

    def record(self) -> dict[str, Any]:
        """The `simulation` object of `limit --json`: how far the end of the trajectory is from the limit.

        For discrete optimizers it also has `optimizer`, `steps`, the `norm` whose max margin belongs to the method, the `margin` per
        unit norm that was reached and the `max_margin` of that norm (null where nothing is separable); slope and direction are
        compared with u only for methods of the Euclidean norm, and null for the others.
        """
        run, u = self.trajectory, direction(self.targets)
        length = float(np.linalg.norm(u))
        record: dict[str, Any] = {
            "log_time": float(run.log_times[-1]),
            "slope_error": _distance(run.slopes[-1], self.targets.exact) / (length or 1.0),
            "direction_error": float(run.direction.distance(u / length)[-1]) if length else None,
            "finite_part_error": float(run.finite_part.distance(self.targets.finite_part)[-1]),
            "stopped": run.stopped.value,
            "notes": [*run.notes, *self._measured(), *self._early()],
            "seconds": round(self.seconds, 3),
        }
        if self.optimizer == FLOW:
            return record
        norm = self.norm
        record |= {"optimizer": self.optimizer, "steps": int(run.details["steps"][-1]), "norm": norm, "margin": None, "max_margin": None}
        if norm != "frobenius":
            record |= {"slope_error": None, "direction_error": None}
        if length:
            reached = achieved_margin(self.logit, norm, run.diverging[-1] + run.invariant[-1])  # level on tied pairs
            record |= {"margin": reached, "max_margin": float(norm_margin(self.logit, norm).margin)}
        return record

    def _measured(self) -> tuple[str, ...]:
        # Stage 2 refers the tied part to the exact one, so its error is that of the last record before.
        measured, last = (float(x.log_times[-1]) for x in (self.trajectory.finite_part, self.trajectory))
        if measured == last or not self.trajectory.tied.any():
            return ()
        return (f"the finite part error is that at log time {measured:g}, the last at which it was integrated",)

    def _early(self) -> tuple[str, ...]:
        # L - L* tends to |u|^2 / t, which must first come below the loss that it starts with.
        run, squared = self.trajectory, float(self.targets.squared_norm)
        if self.optimizer != FLOW or not squared or not run.excess[0] > 0:
            return ()
        begins = math.log(squared) - math.log(float(run.excess[0]))
        if float(run.log_times[-1]) > begins + SETTLING:
            return ()
        ends = f"|u|^2 / t is above the loss of the start until log time {begins:.4g}, and no slope is near u before"
        return (f"{ends}; take --log-time {math.ceil(2 * begins + 10 * SETTLING)}",)

    def view(self) -> View:
        """The record for people, and what the sharp laws say about this run of the flow."""
        said = laws(self.targets, self.trajectory) if self.optimizer == FLOW and not self.structured else []
        where = f" at log time {float(self.trajectory.finite_part.log_times[-1]):.4g}" if self._measured() else ""
        rows = _rows(self.record(), said, self.structured, where)
        if not any(name in ("note", "route") for name, _ in rows):  # which have the notes in them
            rows += [("too early", note) for note in self._early()]
        return View("simulation", (Table("simulation against the limit", ("quantity", "value"), tuple(rows)),))

    def figures(self) -> tuple[Figure, ...]:
        """Distances to the limit and the smallest margins against log10 t."""
        errors = errors_chart(self.logit, self.targets, self.trajectory, self.norm, self.optimizer)
        return (Figure((errors, margins_chart(self.targets, self.trajectory))),)


def simulate(logit: ConditionalLogit, targets: Targets, options: SimulationOptions) -> LimitSimulation:
    """Follow an optimizer on a conditional logit.

    The flow has a structured route for wide linear NTP data, whose notes say that it was taken. Raises `InvalidInput` for an unknown
    optimizer and `TooLarge` beyond the reach of the simulators.
    """
    follows = simulator(logit.dimension, options)
    if options.optimizer == FLOW and logit.dimension > LARGEST_SIMULATION and wide_parts(logit) == (None, None):
        raise _too_wide(logit.dimension, LARGEST_SIMULATION, options.optimizer)
    started = perf_counter()
    trajectory = follows(logit)
    return LimitSimulation(logit, targets, options.optimizer, trajectory, perf_counter() - started)


def simulator(dimension: int, options: SimulationOptions) -> Any:
    """What follows a problem of so many parameters with these options: everything about them that can be refused is refused here.

    Raises `InvalidInput` for options that do not apply, `TooLarge` for more parameters than any simulator follows.

    >>> simulator(3, SimulationOptions(log_time=10.0)).log_time
    10.0
    """
    optimizer, log_time = options.optimizer, options.log_time
    chosen = None if optimizer == FLOW else choice(optimizer)
    if not 0 < log_time <= LARGEST_LOG_TIME:
        raise InvalidInput("--log-time", f"is {log_time}", f"give a number above 0 and up to {LARGEST_LOG_TIME:g}")
    largest = LARGEST_STRUCTURED if chosen is None else LARGEST_SIMULATION
    if dimension > largest:
        raise _too_wide(dimension, largest, optimizer)
    if chosen is not None:
        return _optimizer(chosen, options)
    options.refuse_steps(f"{FLOW}, which has no steps (--log-time says how far it goes)")
    return GradientFlow(log_time=log_time)


def _too_wide(dimension: int, largest: int, optimizer: str) -> TooLarge:
    who = "the flow on wide data" if largest == LARGEST_STRUCTURED else f"{optimizer} on these data"
    reason = f"would follow {dimension:,} parameters; {who} handles {largest:,}"
    wider = "" if optimizer == FLOW else f" (on wide linear NTP data --optimizer {FLOW} handles {LARGEST_STRUCTURED:,})"
    return TooLarge("--simulate", reason, f"drop --simulate, or give fewer contexts or a smaller vocabulary{wider}")


def _optimizer(chosen: Choice, options: SimulationOptions) -> Any:
    # What is asked for about steps; a parameter the method does not have is refused.
    steps = options.steps if options.steps is not None else steps_for(options.log_time, chosen.most_steps)
    if options.steps is not None and options.steps > MOST_STEPS:
        raise InvalidInput("--steps", f"is {options.steps:,}", f"give at most {MOST_STEPS:,}")
    more = {name: value for name in ("step_size", "batch_size") if (value := getattr(options, name)) is not None}
    try:
        return chosen.make(steps=steps, **more)
    except TypeError:
        raise InvalidInput("--batch-size", f"does not apply to {options.optimizer}", "drop it, or give stochastic-gradient-descent") from None
    except InvalidInput as error:
        raise InvalidInput(f"--{error.subject.replace('_', '-')}", error.reason, error.remedy.replace("or None", "or drop the option")) from None


def _rows(found: dict[str, Any], said: Sequence[tuple[str, str]], structured: bool, where: str = "") -> list[tuple[str, str]]:
    early = "" if found["stopped"] == Stop.REACHED.value else f" ({found['stopped']})"
    rows = [("log time reached", f"{found['log_time']:g}{early}")]
    if "optimizer" in found:
        rows.append(("optimizer", f"{found['optimizer']}, {found['steps']:,} steps"))
    if found["slope_error"] is not None:
        angle = found["direction_error"]
        rows.append(("slope error", f"{found['slope_error']:.3g}"))
        rows.append(("direction error", "no direction (u = 0)" if angle is None else f"{angle:.3g}"))
    if found.get("margin") is not None:
        norm = found["norm"] if isinstance(found["norm"], str) else f"{found['norm']:g}"
        reached, largest = found["margin"], found["max_margin"]
        rows.append((f"margin per unit {norm} norm", f"{reached:.6g} of at most {largest:.6g} ({reached / largest:.2%})"))
    rows += [("finite part error", f"{found['finite_part_error']:.3g}{where}"), *said]
    if structured:
        rows.append(("route", "structured, for wide problems; " + "; ".join(found["notes"])))
    elif early:
        rows += [("note", note) for note in found["notes"]]
    return [*rows, ("seconds", f"{found['seconds']:.2f}")]


def laws(targets: Targets, trajectory: Trajectory) -> list[tuple[str, str]]:
    """What the sharp laws say about a run of the flow, for people: (quantity, sentence) pairs.

    The bound of the slope error that was proved without u, t (L - L*) against |u|^2, how fast the slope can approach u on these data,
    and with weak pairs the measured coefficient of log log t against the exact one.
    """
    length, squared = float(targets.squared_norm) ** 0.5, float(targets.squared_norm)
    said = []
    if trajectory.slope_error_bound is not None and length:
        said.append(("slope error, proved without u", f"at most {trajectory.slope_error_bound / length:.3g}"))
    risk = float(trajectory.excess[-1])
    said.append(("t (L - L*)", f"{risk:.9g}, tends to |u|^2 = {squared:.9g}"))
    if not length:
        return said
    if targets.strictly_complementary:
        try:
            rate = targets.exponent
        except np.linalg.LinAlgError:  # multipliers further apart than doubles reach
            return [*said, ("relaxation of the slope", "not computed: the multipliers are too far apart for doubles")]
        if not rate > 0:
            return [*said, ("relaxation of the slope", "slower than every power of t that a double holds")]
        said.append(("relaxation of the slope", f"like t^-{rate:.4g}, by 1e-10 in {np.log(1e10) / rate:.3g} of log time"))
        return said
    drift = np.array([float(x) for x in targets.drifts[0]])
    expected = np.linalg.norm(drift) / length / trajectory.log_times[-1]
    said.append(("slope error by the law", f"{expected:.3g} = |D| / (|u| log t), because of weak pairs; more log time is free"))
    try:
        measured = trajectory.log_log_drift
    except InvalidInput as error:
        return [*said, ("log log t coefficient", f"not measured: this run {error.reason}; take --log-time 600 or more")]
    off, size = float(measured.distance(drift)[-1]), float(np.linalg.norm(drift))
    deeper = f", {len(targets.drifts) + 1} levels of degeneracy" if len(targets.drifts) > 1 else ""
    return [*said, ("log log t coefficient", f"|D| = {size:.6g}, measured to {off / size:.2g}{deeper}")]


def _distance(x: np.ndarray, exact: Sequence[Fraction]) -> float:
    # |x - exact| for the doubles x as they are: rounding the target would hide, or fake, errors of its last digit.
    return float(np.linalg.norm([float(Fraction(a) - b) for a, b in zip(x.tolist(), exact, strict=True)]))


def steps_for(log_time: float, most: int = 100_000) -> int:
    """Steps of a discrete optimizer for a log time: e^s of them, at most `most`.

    >>> steps_for(5.0), steps_for(1e4)
    (148, 100000)
    """
    return most if log_time > np.log(most) else max(3, int(np.exp(log_time)))
