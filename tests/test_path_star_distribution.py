"""The distribution: counts by enumeration, an oracle that reads edges only, symmetries, refusals."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from random import Random

import pytest

from ntpproofs.errors import InvalidInput, TooLarge
from ntpproofs.papers.path_star.distribution import (
    Sample,
    count_prefixes,
    count_samples,
    draw_sample,
    every_sample,
    layers,
    node_count,
    relabelled,
    reordered,
    sample_of,
    shape_of,
    solve,
    with_tails_swapped,
)


@pytest.mark.parametrize("size", [(2, 2, 3), (2, 2, 4), (3, 2, 5), (1, 3, 4), (2, 3, 5), (1, 2, 2)])
def test_prefixes_are_counted_by_enumeration(size: tuple[int, int, int]) -> None:
    prefixes = set()
    for sample in every_sample(*size):
        for order in permutations(range(len(sample.edges))):
            shuffled = reordered(sample, order)
            prefixes.add((shuffled.edges, shuffled.start, shuffled.goal))
    assert len(prefixes) == count_prefixes(*size)


def test_numbers_of_the_published_files() -> None:
    assert count_prefixes(2, 2, 50) == 235_200
    assert node_count(2, 5) == 9
    # The label space of (3, 2, 5): 20 edge sets, 60 pairs of an edge set and a goal.
    samples = list(every_sample(3, 2, 5))
    assert len({frozenset(x.edges) for x in samples}) == 20
    assert len({(frozenset(x.edges), x.goal) for x in samples}) == 60


@pytest.mark.parametrize("size", [(2, 3, 6), (1, 3, 4), (4, 2, 5), (2, 2, 3)])
def test_every_prefix_is_equally_likely(size: tuple[int, int, int]) -> None:
    seen = Counter((frozenset(x.edges), x.start, x.goal) for x in every_sample(*size))
    assert len(set(seen.values())) == 1
    assert sum(seen.values()) == count_samples(*size)


def test_the_oracle_agrees_with_the_generator() -> None:
    random = Random(7)
    for _ in range(200):
        arms, length = random.randint(1, 6), random.randint(2, 9)
        labels = node_count(arms, length) + random.randint(0, 10)
        sample = draw_sample(arms, length, labels, random)
        assert solve(sample.edges, sample.start, sample.goal) == sample.path
        assert shape_of(sample.edges, sample.start) == (arms, length)
        assert [len(layer) for layer in layers(sample)] == [1] + [arms] * (length - 1)


def test_goal_arm_and_first_listed_edge_are_uniform() -> None:
    random, hits, runs = Random(3), 0, 4_000
    for _ in range(runs):
        sample = draw_sample(5, 3, 11, random)
        hits += next(v for u, v in sample.edges if u == sample.start) == sample.path[1]
    assert abs(hits - runs / 5) < 5 * (runs * 0.16) ** 0.5


def test_symmetries_commute_with_the_oracle() -> None:
    random = Random(5)
    for _ in range(50):
        sample = draw_sample(3, 4, 12, random)
        names = dict(enumerate(random.sample(range(12), 12)))
        renamed = relabelled(sample, names)
        assert solve(renamed.edges, renamed.start, renamed.goal) == tuple(names[v] for v in sample.path)
        order = random.sample(range(len(sample.edges)), len(sample.edges))
        assert reordered(sample, order).path == sample.path


def test_swapping_tails_changes_the_decision_only() -> None:
    sample = draw_sample(3, 5, 13, Random(11))
    leaf = next(v for v in layers(sample)[-1] if v != sample.goal)
    for layer in range(1, 4):
        swapped = with_tails_swapped(sample, leaf, layer)
        assert swapped.path[layer + 1 :] == sample.path[layer + 1 :]
        assert swapped.path[1] != sample.path[1]
        assert shape_of(swapped.edges, swapped.start) == (3, 5)
        assert len(set(swapped.edges) ^ set(sample.edges)) == 4


@pytest.mark.parametrize(
    "size, subject",
    [((0, 3, 9), "arms"), ((2, 1, 9), "length"), ((2, 3, 4), "labels"), ((True, 3, 9), "arms"), ((2, 3, "9"), "labels"), ((2, 2.0, 9), "length")],
)
def test_refused_sizes(size: tuple[int, int, int], subject: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        draw_sample(*size, Random(0))
    assert caught.value.subject == subject and caught.value.remedy


def test_refused_enumerations_say_their_size() -> None:
    with pytest.raises(TooLarge, match="rows"):
        next(every_sample(2, 4, 17))


@pytest.mark.parametrize(
    "edges, start, why",
    [
        (((0, 1), (2, 1)), 0, "two predecessors"),
        (((0, 1), (1, 2), (1, 3)), 0, "two successors"),
        (((0, 1), (0, 2), (2, 3)), 0, "different lengths"),
        (((0, 1), (1, 0)), 0, "predecessor"),
        (((0, 1), (2, 3), (3, 2)), 0, "are 3"),
        (((1, 2), (2, 1)), 0, "no leaf"),
        (((1, 2),), 0, "no path"),
    ],
)
def test_refused_graphs(edges: tuple[tuple[int, int], ...], start: int, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        shape_of(edges, start)


def test_a_sample_is_a_value() -> None:
    assert sample_of(((0, 1), (0, 2)), 1) == Sample(((0, 1), (0, 2)), 0, 2, (0, 2))
