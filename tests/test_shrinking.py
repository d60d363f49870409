"""Shrinking of counterexamples: the property is kept, the result is locally minimal, candidates are valid and simpler."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from ntpproofs.checking.shrinking import Shrunk, shrink, simplifications
from ntpproofs.geometry import max_margin, separation
from ntpproofs.language.entries import smaller
from ntpproofs.papers.foundations.theorems import _instances
from ntpproofs.papers.linear_ntp.theorems import _golden
from ntpproofs.problems import ConditionalLogit, LinearNTP

F = Fraction


def size(problem: Any) -> tuple[int, ...]:
    """Contexts or rows, alternatives, dimension, then the sizes of all numbers: what a simplification must lower."""
    if isinstance(problem, LinearNTP):
        entries = [x for h in problem.embeddings for x in h]
        supports = sum(len(support) for support in problem.supports)
        counts = sum(x.denominator + x.numerator for row in problem.probabilities for x in row if x)
        weights = sum(x.denominator for x in problem.weights)
        structure = (len(problem.supports), problem.vocabulary_size, problem.dimension, supports)
    else:
        rows = problem.rows
        entries = [x for row in rows for feature in row.features for x in feature]
        counts = sum(n.numerator + n.denominator for row in rows for n in row.multiplicities)
        weights = sum(row.weight.numerator + row.weight.denominator for row in rows)
        structure = (len(rows), sum(len(row.features) for row in rows), problem.dimension)
    return (*structure, sum(abs(x.numerator) + x.denominator for x in entries), sum(x.denominator + (x < 0) for x in entries), counts, weights)


WEAK = ConditionalLogit([(1, 0, [["2/3", 0, 1], [0, 0, 1]]), (3, 1, [[0, 0, 0], [2, "-1/2", 0], [0, 0, 5]]), (1, 0, [["2/3", 4, 0], [0, 0, 0]])])
ALL_ACTIVE = LinearNTP([[2, 0], [1, 1]], [[1, 0, 0], [0, 1, 0]])
PROBLEMS = [*_golden.golden, *_instances.golden[4:], WEAK, ALL_ACTIVE]


@pytest.mark.parametrize("problem", PROBLEMS, ids=range(len(PROBLEMS)))
def test_simplifications_are_valid_and_simpler(problem: Any) -> None:
    candidates = list(simplifications(problem))
    assert all(type(candidate) is type(problem) and candidate != problem for candidate in candidates)
    # No candidate is larger in structure, and each is smaller in some number.
    assert all(any(a < b for a, b in zip(size(candidate), size(problem))) for candidate in candidates)
    structure = 4 if isinstance(problem, LinearNTP) else 3
    assert all(all(a <= b for a, b in zip(size(candidate)[:structure], size(problem)[:structure])) for candidate in candidates)


@pytest.mark.parametrize("problem", PROBLEMS, ids=range(len(PROBLEMS)))
def test_everything_goes_when_nothing_is_asked(problem: Any) -> None:
    found = shrink(problem, lambda candidate: True)
    assert found.locally_minimal and list(simplifications(found.problem)) == []
    if isinstance(problem, LinearNTP):
        assert found.problem == LinearNTP([[0]], [[1]])
    else:
        assert found.problem == ConditionalLogit([(1, 0, [[0]])])


@pytest.mark.parametrize(
    "still",
    [
        lambda p: separation(p).kind == "quasi-complete",
        lambda p: separation(p).kind == "overlap" and bool(separation(p).tied),
        lambda p: max_margin(p).squared_norm > 1,
        lambda p: not max_margin(p).strictly_complementary,
        lambda p: len(p.conditional_logit().rows) >= 2,
    ],
    ids=["quasi-complete", "overlap", "long", "degenerate", "two rows"],
)
def test_shrinking_keeps_the_property_and_is_locally_minimal(still: Any) -> None:
    tried = 0
    for problem in PROBLEMS:
        if not still(problem):
            continue
        tried += 1
        found = shrink(problem, still, budget=5_000)
        assert still(found.problem) and found.locally_minimal
        assert not any(still(candidate) for candidate in simplifications(found.problem))
    assert tried


def test_shrinking_of_a_known_counterexample() -> None:
    # Quasi-complete needs two tied tokens and a separable one: Ex-1(1/2).
    found = shrink(_golden.ex_figure_one, lambda p: separation(p).kind == "quasi-complete", budget=5_000).problem
    assert found == LinearNTP([[1]], [["1/2", "1/2", 0]])


def test_budget_and_count() -> None:
    calls: list[Any] = []

    def never(candidate: Any) -> bool:
        calls.append(candidate)
        return False

    found = shrink(_golden.ex_full, never)
    assert found == Shrunk(_golden.ex_full, len(calls), True) and len(calls) == len(list(simplifications(_golden.ex_full)))
    stopped = shrink(_golden.ex_full, never, budget=3)
    assert (stopped.tried, stopped.locally_minimal, stopped.problem) == (3, False, _golden.ex_full)
    assert shrink(_golden.ex_full, never, budget=0).tried == 0


def test_unknown_kinds_are_left_alone() -> None:
    assert list(simplifications(42)) == [] and shrink(42, lambda n: True) == Shrunk(42, 0, True)


@pytest.mark.parametrize("x", [F(0), F(1), F(-1), F(3), F(-3), F(5, 2), F(-7, 3), F(1, 2), F(100)])
def test_smaller_entries(x: Fraction) -> None:
    values = smaller(x)
    assert x not in values and len(set(values)) == len(values)
    cost = [(abs(y.numerator) + y.denominator, y.denominator, y < 0) for y in (*values, x)]
    assert all(c < cost[-1] for c in cost[:-1])
    assert (F(0) in values) == (x != 0)
    assert smaller(F(0)) == ()
