"""The simulation behind `ntpproofs limit --simulate`: run an optimizer on the loaded problem, compare its end with the limit."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain
from time import perf_counter
from typing import Any

import numpy as np

from ..dynamics import GradientFlow, Trajectory
from ..dynamics.catalogue import FLOW, choice
from ..dynamics.flow import LARGEST_LOG_TIME
from ..dynamics.wide_run import wide_parts
from ..errors import InvalidInput, TooLarge
from ..logit.asymptotics import asymptotics
from ..logit.decomposition import decompose
from ..logit.norm_margins import achieved_margin, norm_margin
from ..papers.linear_ntp.closed_forms import one_hot_limit
from ..papers.linear_ntp.problem import LinearNTP
from .answer import Limit

# Parameters: dense simulators, and the flow on its structured route (V = 1000, d = 64).
LARGEST_SIMULATION = 1_500
LARGEST_STRUCTURED = 64_000


def run_simulation(found: Limit, log_time: float, optimizer: str = "gradient-flow") -> tuple[Trajectory, float]:
    """Simulate the loaded problem: the trajectory and the seconds it took.

    The flow has a structured route for wide linear NTP data, whose notes say that it was taken. Raises `InvalidInput` for an unknown
    optimizer and `TooLarge` beyond the reach of the simulators.
    """
    chosen = None if optimizer == FLOW else choice(optimizer)
    if not 0 < log_time <= LARGEST_LOG_TIME:
        raise InvalidInput("--log-time", f"is {log_time}", f"give a number above 0 and up to {LARGEST_LOG_TIME:g}")
    logit = found.loaded.problem.conditional_logit()
    structured = chosen is None and wide_parts(logit)[0] is not None
    largest = LARGEST_STRUCTURED if structured else LARGEST_SIMULATION
    if logit.dimension > largest:
        who = "the flow on its structured route" if structured else f"{optimizer} on these data"
        reason = f"would follow {logit.dimension:,} parameters; {who} handles {largest:,}"
        wider = f" (on wide linear NTP data --optimizer {FLOW} handles {LARGEST_STRUCTURED:,})" if chosen is not None else ""
        raise TooLarge("--simulate", reason, f"drop --simulate, or give fewer contexts or a smaller vocabulary{wider}")
    simulator = GradientFlow(log_time=log_time) if chosen is None else chosen.make(steps=steps_for(log_time, chosen.most_steps))
    started = perf_counter()
    trajectory = simulator(logit)
    return trajectory, perf_counter() - started


def simulation_record(found: Limit, trajectory: Trajectory, seconds: float, optimizer: str = "gradient-flow") -> dict[str, Any]:
    """The `simulation` object of `limit --json`: how far the end of a trajectory is from the limit.

    For discrete optimizers it also has `optimizer`, `steps`, the `norm` whose max margin belongs to the method, the `margin` per
    unit norm that was reached and the `max_margin` of that norm (null where nothing is separable); slope and direction are
    compared with u only for methods of the Euclidean norm, and null for the others.
    """
    problem = found.loaded.problem
    exact, finite_part = _targets(problem)
    u = np.array([float(x) for x in exact])
    length = float(np.linalg.norm(u))
    record: dict[str, Any] = {
        "log_time": float(trajectory.log_times[-1]),
        "slope_error": _distance(trajectory.slopes[-1], exact) / (length or 1.0),
        "direction_error": float(trajectory.direction.distance(u / length)[-1]) if length else None,
        "finite_part_error": float(trajectory.finite_part.distance(finite_part)[-1]),
        "seconds": round(seconds, 3),
    }
    if optimizer == FLOW:
        return record | ({"notes": list(trajectory.notes)} if trajectory.simulator.endswith("structured") else {})
    norm = choice(optimizer).norm
    record |= {"optimizer": optimizer, "steps": int(trajectory.details["steps"][-1]), "norm": norm, "margin": None, "max_margin": None}
    if norm != "frobenius":
        record |= {"slope_error": None, "direction_error": None}
    if length:
        reached = achieved_margin(problem.conditional_logit(), norm, trajectory.diverging[-1] + trajectory.invariant[-1])  # level on tied pairs
        record |= {"margin": reached, "max_margin": float(norm_margin(problem.conditional_logit(), norm).margin)}
    return record


def laws(found: Limit, trajectory: Trajectory) -> list[tuple[str, str]]:
    """What the sharp laws say about a run of the flow, for people: (quantity, sentence) pairs.

    The bound of the slope error that was proved without u, t (L - L*) against |u|^2, how fast the slope can approach u on these data,
    and with weak pairs the measured coefficient of log log t against the exact one.
    """
    logit = found.loaded.problem.conditional_logit()
    if trajectory.simulator.endswith("structured"):  # its notes are shown; the exact programmes may be out of reach
        return []
    best = decompose(logit).max_margin
    length, squared = float(best.squared_norm) ** 0.5, float(best.squared_norm)
    said = []
    if trajectory.slope_error_bound is not None and length:
        said.append(("slope error, proved without u", f"at most {trajectory.slope_error_bound / length:.3g}"))
    risk = float(trajectory.excess[-1])
    said.append(("t (L - L*)", f"{risk:.9g}, tends to |u|^2 = {squared:.9g}"))
    if not length:
        return said
    if best.strictly_complementary:
        rate = asymptotics(decompose(logit)).exponent
        said.append(("relaxation of the slope", f"like t^-{rate:.4g}, by 1e-10 in {np.log(1e10) / rate:.3g} of log time"))
        return said
    drift = np.array([float(x) for x in best.second_level_direction])
    expected = np.linalg.norm(drift) / length / trajectory.log_times[-1]
    said.append(("slope error by the law", f"{expected:.3g} = |D| / (|u| log t), because of weak pairs; more log time is free"))
    try:
        measured = trajectory.log_log_drift
    except InvalidInput as error:
        return [*said, ("log log t coefficient", f"not measured: this run {error.reason}; take --log-time 600 or more")]
    off, size = float(measured.distance(drift)[-1]), float(np.linalg.norm(drift))
    deeper = f", {len(best.directions)} levels of degeneracy" if len(best.directions) > 2 else ""
    return [*said, ("log log t coefficient", f"|D| = {size:.6g}, measured to {off / size:.2g}{deeper}")]


def _targets(problem: Any) -> tuple[tuple[Fraction, ...], Any]:
    # The max-margin direction and the finite part; for one-hot contexts from the closed form, which has no largest size.
    if isinstance(problem, LinearNTP) and problem.one_hot:
        closed = one_hot_limit(problem)
        return tuple(chain.from_iterable(closed.max_margin_rows())), np.array(closed.finite_part_rows()).ravel()
    parts = decompose(problem)
    return parts.max_margin.direction, parts.finite_part


def _distance(x: np.ndarray, exact: Sequence[Fraction]) -> float:
    # |x - exact| for the doubles x as they are: rounding the target would hide, or fake, errors of its last digit.
    return float(np.linalg.norm([float(Fraction(a) - b) for a, b in zip(x.tolist(), exact, strict=True)]))


def steps_for(log_time: float, most: int = 100_000) -> int:
    """Steps of a discrete optimizer for a log time: e^s of them, at most `most`.

    >>> steps_for(5.0), steps_for(1e4)
    (148, 100000)
    """
    return most if log_time > np.log(most) else max(3, int(np.exp(log_time)))
