"""Path-star problems under Hypothesis: symmetries of examples, and closed forms against the core on sizes nobody listed."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ntpproofs import PathStar, decompose, max_margin
from ntpproofs.papers.path_star.distribution import draw_sample, layers, relabelled, reordered, with_tails_swapped
from ntpproofs.papers.path_star.learners import logit_of, sample_types, step_types
from ntpproofs.papers.path_star.predictions import predictions
from ntpproofs.strategies import path_stars

STANDARD = path_stars(max_arms=5, max_length=7, max_extra=9, trainings=("standard",))


@given(STANDARD, st.integers(0, 10**6))
def test_symmetries_leave_the_loss_alone(problem: PathStar, seed: int) -> None:
    random = Random(seed)
    sample = draw_sample(problem.arms, problem.length, problem.labels, random)
    types = sample_types(sample, problem.lookback, range(problem.labels))
    names = dict(enumerate(random.sample(range(problem.labels), problem.labels)))
    shuffled = reordered(relabelled(sample, names), random.sample(range(len(sample.edges)), len(sample.edges)))
    assert sample_types(shuffled, problem.lookback, range(problem.labels)) == types
    assert types == step_types(problem.arms, problem.length, problem.lookback, problem.labels)


@given(path_stars(max_arms=4, max_length=6, trainings=("standard",)).filter(lambda x: x.arms > 1 and x.length > 2), st.data())
def test_swapped_tails_change_no_short_lookup(problem: PathStar, data: st.DataObject) -> None:
    sample = draw_sample(problem.arms, problem.length, problem.labels, Random(data.draw(st.integers(0, 99))))
    layer = data.draw(st.integers(1, problem.length - 2))
    leaf = data.draw(st.sampled_from([v for v in layers(sample)[-1] if v != sample.goal]))
    swapped = with_tails_swapped(sample, leaf, layer)
    back, other = sample.path[::-1], swapped.path[::-1]
    known = problem.length - 2 - layer  # lookups that never cross the exchanged edges
    assert back[: known + 1] == other[: known + 1] and back[-2] != other[-2]


@given(path_stars(max_arms=6, max_length=7, max_extra=10))
def test_predictions_against_the_core(problem: PathStar) -> None:
    found = predictions(problem)
    if len(found.max_margin or ()) <= 24:
        best = max_margin(problem)
        assert (best.direction, best.squared_norm) == (found.max_margin, found.excess_constant.exact)
        assert best.strictly_complementary == found.strictly_complementary
        infimum = decompose(problem).infimum
        assert abs(float(infimum.center) * (problem.length - 1) - found.loss_floor.value) < 1e-9


@given(STANDARD)
def test_a_lookup_more_never_hurts(problem: PathStar) -> None:
    if problem.lookback >= 0:
        less = logit_of(step_types(problem.arms, problem.length, problem.lookback - 1, problem.candidates))
        assert decompose(problem).infimum.lower <= decompose(less).infimum.upper
