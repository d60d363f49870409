"""Attention: the exact route on the published setting (target 10 ms) and on 17 one-hot tokens with 300 constraints (target 0.5 s)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from instances import attention_large, attention_published

from ntpproofs.dynamics import GradientFlow
from ntpproofs.geometry import dataset_class, decompose
from ntpproofs.problems import AttentionNTP

SETTINGS: dict[str, Callable[[int], AttentionNTP]] = {"published": attention_published, "large": attention_large}


def exact_route(problem: AttentionNTP) -> str:
    parts = decompose(problem)
    assert parts.max_margin.direction and parts.finite_part.radius < 1e-6
    return dataset_class(problem)


def fresh(name: str) -> Any:
    seeds = itertools.count()
    return lambda: ((SETTINGS[name](next(seeds)),), {})


@pytest.mark.parametrize("name", SETTINGS)
def test_exact_route(benchmark: Any, name: str) -> None:
    kind = benchmark.pedantic(exact_route, setup=fresh(name), rounds=40 if name == "published" else 5, warmup_rounds=2)
    assert kind in ("acyclic", "mixed", "all-cyclic")


def test_exact_route_and_flow(benchmark: Any) -> None:
    """Published setting with the flow to t = e^1000000: the target is 60 ms."""

    def both(problem: AttentionNTP) -> str:
        GradientFlow(log_time=1e6)(problem.conditional_logit())
        return exact_route(problem)

    benchmark.pedantic(both, setup=fresh("published"), rounds=15, warmup_rounds=2)
