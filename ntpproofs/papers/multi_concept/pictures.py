"""Charts of an answer: the curve whose roots are the rest states, and a run against its prediction."""

from __future__ import annotations

import numpy as np

from ...language.figures import Chart, Curve, Figure
from .forecast import Forecast
from .stationary import levels


def answer_figures(found: Forecast) -> tuple[Figure, ...]:
    """lambda as a function of beta at rest: its roots at the given lambda are the rest states, its maximum is the threshold."""
    problem = found.problem
    if not problem.alive:
        return ()
    betas = np.linspace(0.01, max(4.0, *(1.3 * float(s.beta) for s in found.rest.states)) if found.rest.states else 4.0, 300)
    curve = Curve(betas, levels(problem.landscape, betas), r"$\lambda$ of a rest state at $\beta$")
    lines = (float(problem.regularisation),) if problem.regularisation else ()
    return (Figure((Chart("Rest states", r"$\beta$", r"$\lambda$", (curve,), levels=lines),), "multi-concept prompts"),)


def run_figures(times: np.ndarray, betas: np.ndarray, margins: np.ndarray, targets: tuple[float, ...]) -> tuple[Figure, ...]:
    """beta and F along the recursion, with the predicted rest values as levels."""
    chart = Chart(
        "The recursion from the stated start",
        "time, steps times step size",
        "value",
        (Curve(times, betas, r"$\beta$"), Curve(times, margins, "$F$")),
        levels=targets,
    )
    return (Figure((chart,), "multi-concept prompts"),)
