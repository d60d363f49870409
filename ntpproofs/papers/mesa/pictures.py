"""Charts of an answer: ab along the flow against its limit, and the limit against the length of the sequences."""

from __future__ import annotations

import numpy as np

from ...language.figures import Chart, Curve, Figure
from .problem import LinearAttentionAR
from .simulation import Simulation
from .slice import SliceFlow, constants
from .two_variables import horizon, solution

POINTS = 160


def answer_figures(problem: LinearAttentionAR, flow: SliceFlow) -> tuple[Figure, ...]:
    """ab over time by the closed form, with s; and s over the length, with its value for infinite length."""
    times = np.linspace(0.0, horizon(flow, problem.start) / 2, POINTS)
    a, b = solution(flow, problem.start, times)
    path = Chart("Training from the given start", "time $t$ of the flow", "$ab$", (Curve(times, a * b, "$ab$"),), levels=(float(flow.product),))
    return (Figure((path, _lengths(problem)), "linear attention on autoregressive data"),)


def _lengths(problem: LinearAttentionAR) -> Chart:
    found = constants(problem.law)
    terms = np.arange(1, max(60, 2 * problem.length))
    average = np.cumsum(1.0 / terms) / terms
    fourth, sixth, row = (float(x[0]) for x in (found.fourth, found.sixth, found.rows))
    curve = Curve(terms + 2, fourth / (sixth + row * average), "$s$ at length $T$")
    return Chart("The limit of $ab$", "length $T$, tokens", "$s$", (curve,), x_scale="log", levels=(fourth / sixth,))


def run_figures(problem: LinearAttentionAR, flow: SliceFlow | None, found: Simulation) -> tuple[Figure, ...]:
    """ab along the simulated flow (mean over the diagonal), the closed form beside it, and the distance from the slice."""
    d, run = problem.dimension, found.run
    lefts, rights = run.lefts[:, :, :d], run.rights[:, -d:, :d]
    products = np.mean(np.einsum("njj->nj", lefts) * np.einsum("njj->nj", rights), axis=1).real
    curves = [Curve(run.times, products, "simulated")]
    if flow is not None:
        a, b = solution(flow, problem.start, run.times)
        curves.append(Curve(run.times, a * b, "closed form", style="--", like=0))
    off = [float(abs(x - np.mean(np.diag(x)) * np.eye(d)).max()) for x in lefts]
    off_right = [float(abs(x - np.mean(np.diag(x)) * np.eye(d)).max()) for x in rights]
    path = Chart("$ab$ along the flow", "time $t$ of the flow", "mean of the diagonal products", tuple(curves))
    away = Chart(
        "Distance from the diagonal slice",
        "time $t$ of the flow",
        "largest entry",
        (Curve(run.times, off, "$B$"), Curve(run.times, off_right, "$A$")),
    )
    return (Figure((path, away), "flow of full matrices"),)
