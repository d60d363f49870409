"""Linear attention: exact answers, the calculus at published sizes, flows of full matrices."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ntpproofs.limits.answer import answer_of
from ntpproofs.papers.mesa.laws import AtomLaw, symmetrised
from ntpproofs.papers.mesa.matrices import full, reduced
from ntpproofs.papers.mesa.named_laws import IndependentLaw, OnesLaw
from ntpproofs.papers.mesa.problem import LinearAttentionAR
from ntpproofs.papers.mesa.simulation import simulate
from ntpproofs.papers.mesa.slice import constants, counted_slice_gradient, criterion, real_slice_gradient, slice_gradient
from ntpproofs.papers.mesa.starts import random_run
from ntpproofs.papers.mesa.tensors import tensors

ATOMS = symmetrised(AtomLaw([[1, 2, 0], [3, 1, 1]]))
SMALL = LinearAttentionAR(3, 6, ATOMS)
GAUSSIAN = IndependentLaw("gaussian", (Fraction(1),) * 2)
FIVE = IndependentLaw("gaussian", (Fraction(1),) * 5)


def forget() -> None:
    """Empty the caches, so that each round computes."""
    for cached in (constants, criterion, slice_gradient, tensors, reduced, full, simulate, random_run):
        cached.cache_clear()
    ATOMS._moments.clear()


def test_exact_answer(benchmark: Any) -> None:
    found = benchmark.pedantic(lambda: answer_of(SMALL).record(), setup=forget, rounds=20)
    assert found["predictions"]["ab"]["exact"]


def test_slice_formulas(benchmark: Any) -> None:
    assert benchmark(real_slice_gradient, FIVE, 100)


def test_slice_by_counts(benchmark: Any) -> None:
    assert benchmark(counted_slice_gradient, FIVE, 100)


def test_exact_loss_at_published_sizes(benchmark: Any) -> None:
    assert benchmark.pedantic(lambda: tensors(FIVE, 100), setup=forget, rounds=5).quadratic


def test_flow_of_all_blocks(benchmark: Any) -> None:
    problem = LinearAttentionAR(2, 5, GAUSSIAN)
    assert not benchmark.pedantic(lambda: simulate(problem, all_blocks=True), setup=forget, rounds=5).leaves


def test_flow_that_leaves_the_slice(benchmark: Any) -> None:
    problem = LinearAttentionAR(2, 5, OnesLaw(2))
    assert benchmark.pedantic(lambda: simulate(problem), setup=forget, rounds=5).leaves


def test_flow_from_random_complex_blocks(benchmark: Any) -> None:
    problem = LinearAttentionAR(2, 5, GAUSSIAN)
    assert benchmark.pedantic(lambda: random_run(problem, 1, all_blocks=True), setup=forget, rounds=3).losses[-1] < 2
