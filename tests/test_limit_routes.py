"""The route of `limit` is decided once: closed form and exact route agree on one-hot data, and the closed form has no largest size."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest

from ntpproofs.dynamics import Trajectory
from ntpproofs.geometry import decompose
from ntpproofs.limits.answer import answer_of, load
from ntpproofs.limits.exact_answer import LimitAnswer
from ntpproofs.limits.simulation import LimitSimulation
from ntpproofs.limits.targets import ExactTargets
from ntpproofs.papers.linear_ntp.closed_forms import one_hot_limit
from ntpproofs.papers.linear_ntp.one_hot_answer import OneHotTargets
from ntpproofs.problems import LinearNTP
from ntpproofs.rendering.plots import plot


def one_hot(vocabulary: int, contexts: int, seed: int) -> LinearNTP:
    source = Random(seed)
    rows = []
    for _ in range(contexts):
        support = source.sample(range(vocabulary), source.randint(1, vocabulary))
        counts = {v: source.randint(1, 4) for v in support}
        rows.append({v: Fraction(n, sum(counts.values())) for v, n in counts.items()})
    return LinearNTP("one-hot", rows, vocabulary_size=vocabulary)


@pytest.mark.parametrize("seed", range(12))
def test_closed_form_and_exact_route_have_the_same_targets(seed: int) -> None:
    problem = one_hot(2 + seed % 4, 1 + seed % 3, seed)
    closed, exact = OneHotTargets(problem, one_hot_limit(problem)), ExactTargets(decompose(problem))
    assert closed.exact == exact.exact and closed.squared_norm == exact.squared_norm
    assert np.allclose(closed.finite_part, exact.finite_part.array, atol=1e-12)
    assert closed.strictly_complementary == exact.strictly_complementary
    if not closed.squared_norm:
        return
    assert closed.exponent == pytest.approx(exact.exponent, abs=1e-9)
    frame = exact.parts.diverging.frame
    diverging = np.random.default_rng(seed).normal(size=(3, frame.shape[1])) @ frame.T
    assert np.allclose(np.sort(closed.margins(diverging), axis=1), np.sort(exact.margins(diverging), axis=1), atol=1e-9)
    u = np.array([float(x) for x in closed.exact])
    assert np.allclose(closed.margins(u[None]), 1)


@pytest.mark.parametrize("seed", range(4))
def test_both_routes_answer_alike(seed: int) -> None:
    problem = one_hot(3, 2, seed)
    dense = LinearNTP(problem.embeddings, problem.probabilities, problem.weights)
    closed, exact = answer_of(problem).record(), answer_of(dense).record()
    assert closed["max_margin"] == exact["max_margin"] and closed["assumptions"] == exact["assumptions"]
    assert closed["separation"] == exact["separation"] and closed["dimensions"] == exact["dimensions"]


def test_plot_of_a_one_hot_file_beyond_the_exact_route(tmp_path: Path) -> None:
    # 8 000 parameters and 7 920 margin constraints: the exact route refuses, and nothing here may ask it. The run is the law itself.
    path = tmp_path / "one-hot.json"
    path.write_text(json.dumps(one_hot(100, 80, 1).instance()), encoding="utf-8")
    question = load(path)
    found = question.answer()
    assert isinstance(found, LimitAnswer)
    u, times = np.array([float(x) for x in found.targets.exact]), np.linspace(1.0, 40.0, 30)
    flat = np.zeros((len(times), len(u)))
    tied, slopes = flat + np.asarray(found.targets.finite_part), flat + u
    run = Trajectory(times, tied, times[:, None] * u, flat, slopes, flat[:, 0] + u @ u, flat, {}, "law, structured")
    simulation = LimitSimulation(found.logit(), found.targets, "gradient-flow", run, 0.0)
    record = simulation.record()
    assert record["slope_error"] < 1e-12 and record["direction_error"] < 0.1 and record["finite_part_error"] == 0
    plot((*simulation.figures(), *found.figures()), tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").stat().st_size > 10_000 and simulation.view().parts
