"""The learner's gradient flow in log time against the closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...dynamics import GradientFlow, Trajectory
from ...errors import InvalidInput, TooLarge
from ...language.answers import Comparison, SimulationOptions
from ...language.figures import Chart, Curve, Figure
from ...language.wanted import refuse_all_but_the_flow
from .predictions import Forecast
from .problem import PathStar

FLOW = "gradient-flow"
LARGEST_SIMULATION = 400  # weights
WEIGHTS = r"$\beta$ to $\beta^*$"


def compared(problem: PathStar, found: Forecast, options: SimulationOptions) -> Comparison:
    """Follow the flow from zero to log time `options.log_time`; every error is absolute, null where the prediction does not apply.

    Raises `InvalidInput` for another optimizer, `TooLarge` beyond `LARGEST_SIMULATION` weights.
    """
    refuse_run(problem, options)
    path = GradientFlow(log_time=options.log_time)(problem)
    end, last = path.iterates.values[-1], float(path.log_times[-1])
    u = np.array([float(x) for x in found.max_margin or ()])
    values: dict[str, Any] = {"log_time": last, "slope_error": float(np.linalg.norm(path.slope.values[-1] - u))}
    _versus(values, "lookback_weight", float(end[1:].mean()) if found.finite_lookback_weight else None, found.finite_lookback_weight)
    _versus(values, "edge_offset", float(end[0] - last) if found.edge_offset else None, found.edge_offset)
    _versus(values, "excess_constant", float(path.scaled_excess.values[-1]), found.excess_constant)
    _versus(values, "forward_drift", float(np.exp(-end[1]) / last) if found.forward_drift else None, found.forward_drift)
    figure = Figure((Chart("distance to the predictions", r"$\log t$ (nats)", "distance (no unit)", _curves(path, found), "log", "log"),))
    notes = ("beta approaches beta* like t^-rho, the idle weight of reversed targets and weak constraints like log log t",)
    return Comparison(values, notes=notes, pictures=(figure,))


def refuse_run(problem: PathStar, options: SimulationOptions) -> None:
    """Raise what `compared` raises of its options, before any work."""
    if options.optimizer != FLOW:
        raise InvalidInput(
            "--optimizer", f"{options.optimizer!r} is not followed for path-star", f"use {FLOW}, or write the learner as conditional-logit"
        )
    refuse_all_but_the_flow(options, "path-star", "the gradient flow")
    GradientFlow(log_time=options.log_time)
    weights = 2 if problem.training == "reversed" else problem.lookback + 2
    weights = weights if problem.training != "teacherless" else 1 + (problem.length - 1) * (problem.lookback + 1)
    if weights > LARGEST_SIMULATION:
        raise TooLarge("--simulate", f"has {weights} weights to follow", f"stay below {LARGEST_SIMULATION}, or read the closed forms")


def _versus(values: dict[str, Any], name: str, seen: float | None, predicted: Any) -> None:
    values[name] = seen
    values[f"{name}_error"] = None if seen is None or predicted is None else abs(seen - predicted.value)


def _curves(path: Trajectory, found: Forecast) -> tuple[Curve, ...]:
    # Distances clear of rounding, where the law has set in; beta has its law t^-rho drawn beside it.
    late = path.log_times > 1
    if not late.any():
        return ()
    times, w = path.log_times[late], path.iterates.values[late]
    u = np.array([float(x) for x in found.max_margin or ()])
    errors = {"slope to $u$": np.linalg.norm(path.slope.values[late] - u, axis=1)}
    if found.finite_lookback_weight is not None:
        errors[WEIGHTS] = np.abs(w[:, 1:] - found.finite_lookback_weight.value).max(axis=1)
    if found.edge_offset is not None:
        errors[r"$\alpha-\log t$ to $\log\Phi^*$"] = np.abs(w[:, 0] - times - found.edge_offset.value)
    if found.forward_drift is not None:
        errors[r"$e^{-w_F}/\log t$ to its limit"] = np.abs(np.exp(-w[:, 1]) / times - found.forward_drift.value)
    curves = [Curve(times[error > 1e-13], error[error > 1e-13], name) for name, error in errors.items()]
    if found.relaxation_exponent is not None:
        rho, first = found.relaxation_exponent.value, float(errors[WEIGHTS][0])
        law = first * np.exp(-rho * (times - times[0]))
        curves.append(Curve(times[law > 1e-13], law[law > 1e-13], rf"$t^{{-{rho:.3g}}}$", ":", 1.0, 1))
    return tuple(curves)
