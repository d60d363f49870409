"""Gradient descent on 256 instances at V = 6, d = 5, m = 5: a Python loop over rows, one vectorised instance, one batch; the other optimizers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from instances import gaussian

from ntpproofs.dynamics.optimizers.catalogue import CHOICES
from ntpproofs.dynamics.optimizers.descent import GradientDescent
from ntpproofs.geometry import norm_margin
from ntpproofs.problems import LinearNTP

PROBLEMS = [gaussian(6, 5, 5, 2, seed) for seed in range(256)]
STEPS = 400


def descend_row_by_row(problem: LinearNTP, steps: int) -> np.ndarray:
    """Gradient descent as one writes it first: one row (context, token of its support) after the other."""
    embeddings, laws = np.array(problem.embeddings, dtype=float), np.array(problem.probabilities, dtype=float)
    weights, decoder = np.array(problem.weights, dtype=float), np.zeros((laws.shape[1], embeddings.shape[1]))
    for _ in range(steps):
        gradient = np.zeros_like(decoder)
        for h, law, weight in zip(embeddings, laws, weights):
            for z in np.flatnonzero(law):
                scores = decoder @ h
                shares = np.exp(scores - scores.max())
                shares /= shares.sum()
                shares[z] -= 1.0
                gradient += weight * law[z] * np.outer(shares, h)
        decoder = decoder - 0.1 * gradient
    return decoder


def rate(benchmark: Any, instances: int) -> None:
    """Instance-steps per second, beside the seconds."""
    benchmark.extra_info["instance-steps per second"] = instances * STEPS / benchmark.stats.stats.median


def test_row_by_row(benchmark: Any) -> None:
    plain = benchmark(descend_row_by_row, PROBLEMS[0], STEPS)
    ours = GradientDescent(steps=STEPS, step_size=0.1).iterate(PROBLEMS[:1]).iterates[-1, :, 0]
    assert np.allclose(plain.ravel(), ours, rtol=0, atol=1e-12)
    rate(benchmark, 1)


def test_one_instance(benchmark: Any) -> None:
    benchmark(GradientDescent(steps=STEPS, step_size=0.1).iterate, PROBLEMS[:1])
    rate(benchmark, 1)


def test_batch(benchmark: Any) -> None:
    benchmark(GradientDescent(steps=STEPS, step_size=0.1).iterate, PROBLEMS)
    rate(benchmark, len(PROBLEMS))


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_every_optimizer_in_a_batch(benchmark: Any, name: str) -> None:
    benchmark(CHOICES[name].make(steps=STEPS, step_size=0.1).iterate, PROBLEMS)
    rate(benchmark, len(PROBLEMS))


@pytest.mark.parametrize("norm", ["l1", "l-infinity", "spectral", "nuclear", 1.5])
def test_norm_margin(benchmark: Any, norm: Any) -> None:
    fresh = iter([gaussian(6, 5, 5, 2, seed) for seed in range(1_000, 1_020)])
    best = benchmark.pedantic(lambda: norm_margin(next(fresh), norm), rounds=20)
    assert 0 < best.lower <= best.upper
