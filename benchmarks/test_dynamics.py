"""Simulators on V = 6, d = 5, m = 5: flow to t = e^10000 and e^1000000, gradient descent per thousand steps, the ridge path."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from instances import gaussian_free

from ntpproofs.dynamics import GradientDescent, GradientFlow, RegularizationPath
from ntpproofs.geometry import decompose

PROBLEM = gaussian_free(6, 5, 5, 2, 3, seed=1)
_ = decompose(PROBLEM).finite_part  # the geometry is timed in its own file


@pytest.mark.parametrize("log_time", [24.0, 1e4, 1e6])
def test_flow(benchmark: Any, log_time: float) -> None:
    run = benchmark(GradientFlow(log_time=log_time), PROBLEM)
    assert np.isfinite(run.slopes).all()


def test_descent(benchmark: Any) -> None:
    run = benchmark(GradientDescent(steps=1_000), PROBLEM)
    assert np.isfinite(run.tied).all()


def test_ridge_path(benchmark: Any) -> None:
    run = benchmark(RegularizationPath(), PROBLEM)
    assert np.isfinite(run.diverging).all()
