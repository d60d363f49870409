"""Multi-concept prompts: one seed of the golden run (target 3 s), rest states and the flow to rest (milliseconds), threshold."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from ntpproofs.papers.multi_concept.settling import settle
from ntpproofs.papers.multi_concept.stationary import Landscape, rest_states, threshold
from ntpproofs.papers.multi_concept.training import ConstantSteps, Training, train

F = Fraction


def landscapes() -> Callable[[], tuple[tuple[Landscape, Fraction], dict[str, Any]]]:
    """A new landscape for every round: nothing is answered from a cache."""
    counter = itertools.count(1)

    def setup() -> tuple[tuple[Landscape, Fraction], dict[str, Any]]:
        return (Landscape(F(1), F(1) + F(next(counter), 1000), F(1), F(4), 64, 32), F(1, 1000)), {}

    return setup


def test_golden_run(benchmark: Any) -> None:
    """T = 1500, 31 records of 5000 prompts."""
    training = Training(steps=ConstantSteps(1.0), horizon=1500, every=50)
    run = benchmark.pedantic(train, args=(training, (0,)), rounds=3)
    assert run.error[-1, 0] < 2e-3


def test_rest_states(benchmark: Any) -> None:
    """All rest states, enclosed."""
    found = benchmark.pedantic(rest_states, setup=landscapes(), rounds=20)
    assert [state.stable for state in found.states] == [False, True]


def test_flow_to_rest(benchmark: Any) -> None:
    """From s_0 = 1/2 to the learned state, rest states included."""

    def run(land: Landscape, lam: Fraction) -> bool:
        return settle(land, lam, 0.5).learned

    assert benchmark.pedantic(run, setup=landscapes(), rounds=20)


@pytest.mark.parametrize("c", [F(1), F(1, 100)])
def test_threshold(benchmark: Any, c: Fraction) -> None:
    """The saddle-node, enclosed."""
    counter = itertools.count(1)

    def setup() -> tuple[tuple[Landscape], dict[str, Any]]:
        return (Landscape(F(1), c, F(1) + F(next(counter), 1000), F(2), 16, 8),), {}

    assert benchmark.pedantic(threshold, setup=setup, rounds=10)[0].radius < F(1, 10**12)
