"""The exact route of `limit`, in process: separation, both limits, compatibility, every assumption decided, certificates."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from instances import gaussian_free

from ntpproofs.kernel import verify
from ntpproofs.language.answers import Answer
from ntpproofs.limits.answer import answer_of, document
from ntpproofs.problems import LinearNTP


def fresh(vocabulary: int, dimension: int, contexts: int, support: int, bits: int) -> Any:
    seeds = itertools.count()

    def setup() -> tuple[tuple[LinearNTP], dict[str, Any]]:
        return (gaussian_free(vocabulary, dimension, contexts, support, bits, next(seeds)),), {}

    return setup


@pytest.mark.parametrize("bits", [2, 16])
def test_small(benchmark: Any, bits: int) -> None:
    """V = 6, d = 5, m = 5: the target is 20 ms after import."""
    problems = []

    def answered(problem: LinearNTP) -> Answer:
        problems.append(problem)
        return answer_of(problem)

    found: Answer = benchmark.pedantic(answered, setup=fresh(6, 5, 5, 2, bits), rounds=40, warmup_rounds=3)
    assert len(verify(document(problems[-1], found.certificates()))) >= 3


@pytest.mark.parametrize("support", [2, 5, 15])
def test_large(benchmark: Any, support: int) -> None:
    """V = 30, d = 20, m = 16, entries of 16 bits: the target is 3 s."""
    found: Answer = benchmark.pedantic(answer_of, setup=fresh(30, 20, 16, support, 15), rounds=5)
    assert found.record()["separation"]["class"] == "quasi-complete"
