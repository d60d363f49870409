"""Whole distributions, kept once, and the small shapes on which statements about examples are decided by enumeration."""

from __future__ import annotations

from functools import cache
from random import Random

from ..distribution import Sample, draw_sample, every_sample, layers
from ..problem import PathStar
from ..strategies import path_stars

# One per degenerate corner: one arm, length 2 and 3, N = n, N > n; at most 15 120 rows each.
ENUMERABLE = tuple(
    PathStar(d, length, labels) for d, length, labels in ((2, 2, 3), (2, 3, 5), (3, 2, 5), (1, 3, 4), (2, 3, 6), (4, 2, 5), (2, 4, 7), (3, 3, 7))
)
enumerable_problems = path_stars(max_arms=4, max_length=4, max_extra=2, trainings=("standard",), max_rows=1500)


@cache
def all_samples(arms: int, length: int, labels: int) -> tuple[Sample, ...]:
    """Every (injection, goal arm) of a small distribution, each equally likely."""
    return tuple(every_sample(arms, length, labels))


def samples_of(problem: PathStar) -> tuple[Sample, ...]:
    """The distribution of a problem by enumeration, up to the order of the edges."""
    return all_samples(problem.arms, problem.length, problem.labels)


@cache
def _from_one_start(arms: int, length: int, labels: int) -> tuple[Sample, ...]:
    return tuple(x for x in all_samples(arms, length, labels) if x.start == 0)


def samples_from_one_start(problem: PathStar) -> tuple[Sample, ...]:
    """The examples whose start has label 0: the whole distribution up to a renaming, for what is asked given the graph and s."""
    return _from_one_start(problem.arms, problem.length, problem.labels)


def some_samples(problem: PathStar, count: int = 3) -> list[Sample]:
    """A few examples of any size, the same in every run."""
    random = Random(1)
    return [draw_sample(problem.arms, problem.length, problem.labels, random) for _ in range(count)]


def graph_of(sample: Sample) -> tuple[frozenset[tuple[int, int]], int]:
    """What is known without the goal, up to the order of the edges."""
    return frozenset(sample.edges), sample.start


def arms_of(sample: Sample) -> tuple[tuple[int, ...], ...]:
    """The arms of an enumerated example in the order of its edges."""
    step = len(sample.path) - 1
    blocks = [sample.edges[i : i + step] for i in range(0, len(sample.edges), step)]
    return tuple((block[0][0], *(child for _, child in block)) for block in blocks)


@cache
def word_of(sample: Sample) -> tuple[tuple[tuple[int, ...], ...], int, int]:
    """((sigma_1, ..., sigma_m), T, R): the edges between sorted layers as permutations, the index of the goal, that of the first hop."""
    found = layers(sample)
    after = {u: v for u, v in sample.edges if u != sample.start}
    sigmas = tuple(tuple(found[j + 1].index(after[u]) for u in found[j]) for j in range(1, len(found) - 1))
    return sigmas, found[-1].index(sample.goal), found[1].index(sample.path[1])
