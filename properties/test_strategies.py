"""Strategy quality: every class is reached with a stated frequency, what is promised holds, and counterexamples shrink."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.strategies import SearchStrategy

from ntpproofs.assumptions import ntp_compatible, ntp_separable
from ntpproofs.checking.laboratory import draw
from ntpproofs.checking.shrinking import shrink
from ntpproofs.errors import InvalidInput
from ntpproofs.geometry import decompose, separation
from ntpproofs.problems import LinearNTP
from ntpproofs.strategies import conditional_logits, linear_ntps

# Draws are deterministic (one seed), so these are facts about the generators, not chances.
DRAWS = 300
KINDS = ("overlap", "quasi-complete", "complete")


def census(strategy: SearchStrategy[Any], classify: Callable[[Any], str]) -> Counter[str]:
    return Counter(classify(problem) for problem in draw(strategy, DRAWS, seed=0))


@pytest.mark.parametrize("strategy", [linear_ntps(), conditional_logits()], ids=["linear_ntps", "conditional_logits"])
def test_every_separation_class_is_reached(strategy: SearchStrategy[Any]) -> None:
    found = census(strategy, lambda problem: separation(problem).kind)
    assert all(found[kind] >= DRAWS // 10 for kind in KINDS), found


@pytest.mark.parametrize("strategy", [linear_ntps(separable=True, partial=True), conditional_logits()], ids=["linear_ntps", "conditional_logits"])
def test_degenerate_programmes_are_reached(strategy: SearchStrategy[Any]) -> None:
    found = census(strategy, lambda problem: "strict" if decompose(problem).max_margin.strictly_complementary else "weak")
    assert found["weak"] >= 3, found


def test_special_datasets_are_reached() -> None:
    def traits(problem: LinearNTP) -> set[str]:
        sizes = {len(support) for support in problem.supports}
        found = {"single token support"} if 1 in sizes else set()
        found |= {"full support"} if problem.vocabulary_size in sizes else set()
        found |= {"rank deficient"} if problem.embedding_rank < len(problem.supports) else set()
        found |= {"repeated context"} if len(set(problem.embeddings)) < len(problem.embeddings) else set()
        found |= {"zero embedding"} if any(not any(h) for h in problem.embeddings) else set()
        return found | ({"incompatible"} if not ntp_compatible(problem).holds else set())

    found = Counter(trait for problem in draw(linear_ntps(), DRAWS, seed=0) for trait in traits(problem))
    expected = ("single token support", "full support", "rank deficient", "repeated context", "zero embedding", "incompatible")
    assert all(found[trait] >= DRAWS // 30 for trait in expected), found


@pytest.mark.parametrize("separable", [True, False])
def test_separability_is_as_asked(separable: bool) -> None:
    problems = draw(linear_ntps(separable=separable), 100, seed=0)
    assert len(problems) == 100
    assert all(ntp_separable(problem).holds is separable for problem in problems)


@pytest.mark.parametrize("compatible", [True, False])
def test_compatibility_is_as_asked(compatible: bool) -> None:
    problems = draw(linear_ntps(compatible=compatible), 100, seed=0)
    assert len(problems) == 100
    assert all(ntp_compatible(problem).holds is compatible for problem in problems)


def test_independent_embeddings_are_separable_and_compatible() -> None:
    for problem in draw(linear_ntps(independent=True, partial=True), 100, seed=0):
        assert problem.embedding_rank == len(problem.supports)
        assert ntp_separable(problem).holds and ntp_compatible(problem).holds
        assert any(len(support) < problem.vocabulary_size for support in problem.supports)


def minimal(strategy: SearchStrategy[Any], condition: Callable[[Any], bool]) -> Any:
    options = settings(max_examples=3_000, database=None, derandomize=True, deadline=None, phases=[Phase.generate, Phase.shrink],
                       suppress_health_check=list(HealthCheck))  # fmt: skip
    return find(strategy, condition, settings=options)


def test_smallest_separable_dataset_is_readable() -> None:
    found = minimal(linear_ntps(), lambda problem: bool(separation(problem).separable))
    assert found.vocabulary_size == 2 and len(found.supports) == 1 and found.dimension == 1
    assert {abs(x) for x in found.embeddings[0]} == {1}


def test_incompatible_datasets_reduce_to_one_context() -> None:
    # Hypothesis finds, the domain reducer minimises: deleting a context is one step for it and many for the shrinker. A
    # single zero embedding forces uniform probabilities, so it is the smallest obstruction.
    found = minimal(linear_ntps(compatible=False), lambda problem: True)
    reduced = shrink(found, lambda problem: not ntp_compatible(problem).holds)
    assert reduced.locally_minimal
    assert reduced.problem.embeddings == ((0,),)
    assert sorted(reduced.problem.probabilities[0]) == [Fraction(1, 3), Fraction(2, 3)]


def test_impossible_bounds_are_refused() -> None:
    for options in (
        {"max_vocabulary": 0},
        {"max_contexts": 0},
        {"max_dimension": 0},
        {"max_vocabulary": True},
        {"separable": False, "max_vocabulary": 1, "min_vocabulary": 1},
    ):
        with pytest.raises(InvalidInput, match="Remedy"):
            linear_ntps(**options)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="independent"):
        linear_ntps(independent=True, separable=False)
