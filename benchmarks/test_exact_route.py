"""The exact route of `limit`, in process: separation, both limits, compatibility, every assumption decided, certificates."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from instances import gaussian_free

from ntpproofs.kernel import verify
from ntpproofs.limits.answer import Limit, Loaded, limit


def fresh(vocabulary: int, dimension: int, contexts: int, support: int, bits: int) -> Any:
    seeds = itertools.count()

    def setup() -> tuple[tuple[Loaded], dict[str, Any]]:
        return (Loaded(gaussian_free(vocabulary, dimension, contexts, support, bits, next(seeds)), "linear-ntp"),), {}

    return setup


@pytest.mark.parametrize("bits", [2, 16])
def test_small(benchmark: Any, bits: int) -> None:
    """V = 6, d = 5, m = 5: the target is 20 ms after import."""
    found: Limit = benchmark.pedantic(limit, setup=fresh(6, 5, 5, 2, bits), rounds=40, warmup_rounds=3)
    assert len(verify(found.certificate())) == 3


@pytest.mark.parametrize("support", [2, 5, 15])
def test_large(benchmark: Any, support: int) -> None:
    """V = 30, d = 20, m = 16, entries of 16 bits: the target is 3 s."""
    found: Limit = benchmark.pedantic(limit, setup=fresh(30, 20, 16, support, 15), rounds=5)
    assert found.record["separation"]["class"] == "quasi-complete"
