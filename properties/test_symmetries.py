"""Metamorphic laws: what relabelling, scaling, duplicating and shifting do to the limit, exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ntpproofs.dynamics import GradientFlow
from ntpproofs.exact.rational import dot
from ntpproofs.geometry import decompose, max_margin, separation
from ntpproofs.language.relations import Equal
from ntpproofs.language.verdicts import Outcome
from ntpproofs.logit.enclosed_by_rows import enclosed_by_rows
from ntpproofs.problems import ConditionalLogit, LinearNTP, Row
from ntpproofs.strategies import conditional_logits, linear_ntps

DATASETS = linear_ntps(max_vocabulary=4, max_contexts=3, max_dimension=3)


def decoder(problem: LinearNTP) -> list[tuple[Fraction, ...]]:
    return list(problem.lift(max_margin(problem).direction))


@given(DATASETS, st.randoms(use_true_random=False))
def test_relabelling_tokens_permutes_the_direction(problem: LinearNTP, random: object) -> None:
    order = list(range(problem.vocabulary_size))
    random.shuffle(order)  # type: ignore[attr-defined]
    other = problem.relabelled(order)
    original, permuted = decoder(problem), decoder(other)
    assert all(permuted[order[v]] == original[v] for v in range(problem.vocabulary_size))
    assert separation(other).kind == separation(problem).kind


@given(DATASETS)
def test_context_order_does_not_matter(problem: LinearNTP) -> None:
    reverse = slice(None, None, -1)
    other = LinearNTP(problem.embeddings[reverse], problem.probabilities[reverse], problem.weights[reverse])
    assert decoder(other) == decoder(problem)
    assert Equal(decompose(other).finite_part, decompose(problem).finite_part).decide().outcome is Outcome.HOLDS


@given(DATASETS, st.integers(2, 5))
def test_scaling_embeddings_divides_both_limits(problem: LinearNTP, factor: int) -> None:
    other = LinearNTP([[factor * x for x in h] for h in problem.embeddings], problem.probabilities, problem.weights)
    assert [tuple(factor * x for x in row) for row in decoder(other)] == decoder(problem)
    scaled = decompose(other).finite_part
    assert np.allclose(factor * scaled.array, decompose(problem).finite_part.array, rtol=0, atol=1e-12 * (1 + np.abs(scaled.array).max()))


@given(conditional_logits())
def test_duplicating_the_dataset_changes_nothing(problem: ConditionalLogit) -> None:
    twice = ConditionalLogit([*problem.rows, *problem.rows])
    assert max_margin(twice).direction == max_margin(problem).direction
    assert Equal(decompose(twice).finite_part, decompose(problem).finite_part).decide().outcome is Outcome.HOLDS


@given(DATASETS)
def test_direction_ignores_probabilities_and_weights(problem: LinearNTP) -> None:
    uniform = [{z: Fraction(1, len(support)) for z in sorted(support)} for support in problem.supports]
    other = LinearNTP(problem.embeddings, uniform, vocabulary_size=problem.vocabulary_size)
    assert decoder(other) == decoder(problem)


@given(DATASETS)
def test_common_shift_of_all_tokens_is_invariant(problem: LinearNTP) -> None:
    # The loss does not see W + 1 c^T: that direction is in N, and every limit is orthogonal to it.
    parts = decompose(problem)
    for k in range(problem.dimension):
        shift = tuple(Fraction(int(i % problem.dimension == k)) for i in range(parts.problem.dimension))
        assert parts.invariant.project(shift) == shift
        assert dot(parts.max_margin.direction, shift) == 0


@given(DATASETS)
def test_frozen_part_survives_the_flow(problem: LinearNTP) -> None:
    logit = problem.conditional_logit()
    initial = tuple(Fraction(1 + k % 3, 2) for k in range(logit.dimension))
    run = GradientFlow(log_time=5.0, initial=initial)(problem)
    frozen = decompose(problem).invariant.project(np.array([float(x) for x in initial]))
    assert np.allclose(run.invariant[-1], frozen, atol=1e-12)


@given(DATASETS)
def test_gradient_of_the_plain_loss_has_no_frozen_part(problem: LinearNTP) -> None:
    logit = problem.conditional_logit()
    w = np.linspace(-1.0, 1.0, logit.dimension)
    assert np.abs(decompose(problem).invariant.project(logit.gradient(w))).max(initial=0.0) <= 1e-12


def moved(problem: ConditionalLogit, shift: list[int], factor: Fraction = Fraction(1), chosen_only: bool = False) -> ConditionalLogit:
    """Every feature times a factor, plus a vector that all alternatives of a row share (or, which is no symmetry, the chosen one alone)."""

    def feature(row: Row, v: int) -> list[Fraction]:
        added = [Fraction(shift[k % len(shift)]) for k in range(len(row.features[v]))]
        return [factor * x + (y if v == row.chosen or not chosen_only else 0) for x, y in zip(row.features[v], added)]

    return ConditionalLogit([(r.weight, r.chosen, [feature(r, v) for v in range(len(r.features))], r.multiplicities) for r in problem.rows])


def same(first: ConditionalLogit, second: ConditionalLogit, factor: Fraction = Fraction(1)) -> bool:
    one, other = decompose(first), decompose(second)
    finite = np.allclose(
        one.finite_part.array, float(factor) * other.finite_part.array, rtol=0, atol=1e-9 * (1 + np.abs(one.finite_part.array).max())
    )
    directions = one.max_margin.direction == tuple(factor * x for x in other.max_margin.direction)
    return one.separation.kind == other.separation.kind and directions and bool(finite)


SHIFTS, FACTORS = st.lists(st.integers(-1000, 1000), min_size=3, max_size=3), st.sampled_from([Fraction(1, 7), Fraction(-3), Fraction(1000)])


@given(conditional_logits(), SHIFTS, FACTORS)
def test_affine_changes_of_features_change_the_units_only(problem: ConditionalLogit, shift: list[int], factor: Fraction) -> None:
    assert same(problem, moved(problem, shift, factor), factor)


@given(conditional_logits())
def test_a_row_may_be_split_into_equal_ones(problem: ConditionalLogit) -> None:
    parts = [(r.weight * share, r.chosen, r.features, r.multiplicities) for r in problem.rows for share in (Fraction(1, 3), Fraction(2, 3))]
    assert same(problem, ConditionalLogit(parts))


@given(conditional_logits())
def test_both_routes_agree(problem: ConditionalLogit) -> None:
    exact, found = decompose(problem), enclosed_by_rows(problem)
    assert found.kind == exact.separation.kind
    if found.margin is not None:
        assert found.margin.least**2 <= exact.max_margin.squared_norm <= found.margin.most**2
    assert found.finite is not None and found.infimum.lower <= exact.infimum.upper and exact.infimum.lower <= found.infimum.upper
    apart = sum((x - Fraction(float(y))) ** 2 for x, y in zip(exact.finite_part.center, found.finite.decoder))
    assert apart <= ((found.finite.radius + exact.finite_part.radius) * (1 + Fraction(1, 10**9))) ** 2


def test_what_is_no_symmetry_is_seen() -> None:
    problem = ConditionalLogit([(1, 0, [[1, 2], [0, 1]]), (2, 1, [[3, -1], [1, 1]]), (1, 1, [[1, 0], [2, 5]])])
    assert same(problem, moved(problem, [5, -7, 1])) and not same(problem, moved(problem, [5, -7, 1], chosen_only=True))
    assert not same(problem, moved(problem, [0], Fraction(2)))
