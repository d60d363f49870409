"""The recursion of gradient descent run for one problem, compared with its forecast."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import InvalidInput, TooLarge
from ...language.answers import Comparison
from .flow import late_constant
from .forecast import forecast
from .pictures import run_figures
from .problem import MultiConcept
from .recursion import Law, Reduced, margins, step
from .settling import follow
from .stationary import COLLAPSED

# Steps of the recursion before a run counts as too long (about 30 microseconds each).
STEPS = 400_000
RECORDS = 200


def simulate(problem: MultiConcept, log_time: float) -> Comparison:
    """Descent with small steps until rest (or to time e^log_time), then with a tenth of the step, because sliding neurons chatter by one step.

    Raises `TooLarge` if that takes more than 400 000 steps, `InvalidInput` for a log time that is no positive number.
    """
    if not log_time > 0:
        raise InvalidInput("--log-time", f"is {log_time}", "give a positive number")
    if not problem.regularisation:
        return _unregularised(problem, min(log_time, 18.0))
    refuse_long(problem, log_time)
    found, (horizon, size) = forecast(problem), _steps(problem, log_time)
    lam, k = float(problem.regularisation), problem.concepts
    b, c, d = (np.array([float(x)]) for x in (problem.b, problem.c, problem.d))
    law = Law(b, c, d, problem.neurons, lam, float(problem.flips), np.array([1 / k]), ((0.0, 1.0),))
    times, betas, outputs = _run(law, _start(problem), size, horizon, float(problem.b))
    values: dict[str, Any] = {"time": float(times[-1]), "beta": float(betas[-1]), "margin": float(outputs[-1])}
    for name, target in (("beta", found.beta), ("margin", found.margin)):
        values[f"{name}_error"] = None if target is None else abs(values[name] - float(target))
    collapsed = values["margin"] < 1e-3 and values["beta"] < 0.05
    values["regime"] = COLLAPSED if collapsed else "learned"
    values["agrees"] = collapsed is (found.regime == COLLAPSED)
    targets = tuple(float(x) for x in (found.beta, found.margin) if x is not None)
    return Comparison(values, {}, (), run_figures(times, betas, outputs, targets))


def refuse_long(problem: MultiConcept, log_time: float) -> None:
    """Raise `TooLarge` if the run would take more than 400 000 steps."""
    if not problem.regularisation:
        return
    horizon, size = _steps(problem, log_time)
    if horizon / size > STEPS:
        raise TooLarge("--simulate", f"needs {horizon / size:.3g} steps", "give a shorter --log-time or a problem with larger regularisation")


def _steps(problem: MultiConcept, log_time: float) -> tuple[float, float]:
    # The time to follow, and the size of a step.
    lam = float(problem.regularisation)
    horizon = 40 / lam if log_time > 50 else min(40 / lam, math.exp(log_time))
    fastest = max(lam, float(max(problem.b, problem.c, problem.d)) * max(1.0, _size(problem)) / (2 * problem.concepts))
    return horizon, min(0.02 / lam, 0.2 / fastest)


def _size(problem: MultiConcept) -> float:
    return max(float(problem.initial_gate), abs(float(problem.initial_lift)), 1.0) * 2 * (problem.alive or 0) / problem.neurons


def _start(problem: MultiConcept) -> Reduced:
    scale, alive = np.array([float(problem.initial_scale)]), np.ones((max(problem.alive or 0, 1), 1))
    on = 1.0 if problem.alive else 0.0
    return Reduced(scale, scale.copy(), on * float(problem.initial_gate) * alive, on * float(problem.initial_lift) * alive)


def _run(law: Law, state: Reduced, size: float, horizon: float, b: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows, time = [], 0.0
    phases = ((size, int(0.9 * horizon / size)), (size / 10, int(horizon / size)))
    for eta, count in phases:
        every = max(1, count // RECORDS)
        for t in range(count):
            if t % every == 0:
                rows.append((time, float(state.query[0] * state.key[0] * b), float(margins(state, law)[0])))
            state, time = step(state, law, eta), time + eta
    rows.append((time, float(state.query[0] * state.key[0] * b), float(margins(state, law)[0])))
    times, betas, outputs = np.array(rows).T
    return times, betas, outputs


def _unregularised(problem: MultiConcept, log_time: float) -> Comparison:
    run = follow(problem.landscape, float(problem.initial_scale), float(problem.initial_gate), float(problem.initial_lift), math.exp(log_time))
    times, states = np.array([t for t, _ in run]), np.array([s for _, s in run])
    p, u, v = states.T
    betas = float(problem.b) * p**2
    rho = np.tanh(betas)
    outputs = (problem.alive or 0) / problem.neurons * np.minimum(np.maximum(u + rho * v, 0.0), 2 * rho * v)
    scaled = float(times[-1] * np.log1p(np.exp(-outputs[-1])))
    values: dict[str, Any] = {"time": float(times[-1]), "beta": float(betas[-1]), "margin": float(outputs[-1]), "late_loss": scaled}
    regime = forecast(problem).late_regime
    if regime is not None and problem.alive and not problem.flips:
        values["late_loss_error"] = abs(scaled - float(late_constant(problem.neurons, problem.concepts, problem.alive, problem.c, problem.d, regime)))
    return Comparison(values, {}, (), run_figures(times, betas, outputs, ()))
