"""What a search knows about linear NTP datasets: which ones a strategy admits, the smallest ones, simpler ones, and those next to one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import permutations, product
from typing import Any

from ...errors import InvalidInput
from ...language.entries import are_small, attempt, cost, replaced, smaller, steps, without
from ...language.orbits import Vector, attempts, largest_entry, moved, orderly, shapes, signed_permutations, small_vectors
from ...logit.finite_part import log_odds
from .assumptions import is_ntp_separable
from .problem import LinearNTP

Row = Sequence[Fraction]


def belongs(problem: LinearNTP, bounds: Mapping[str, Any]) -> bool:
    """Whether a dataset is within the bounds of `linear_ntps`. Probabilities and weights may be any positive rationals."""
    if not bounds["min_vocabulary"] <= problem.vocabulary_size <= bounds["max_vocabulary"]:
        return False
    if len(problem.supports) > bounds["max_contexts"] or problem.dimension > bounds["max_dimension"] or not are_small(problem.embeddings):
        return False
    if bounds["independent"] and problem.embedding_rank < len(problem.supports):
        return False
    if bounds["partial"] and all(len(support) == problem.vocabulary_size for support in problem.supports):
        return False
    separable, compatible = bounds["separable"], bounds["compatible"]
    if separable is not None and is_ntp_separable(problem) is not separable:
        return False
    return compatible is None or log_odds(problem).compatible is compatible


def enumerated(bounds: Mapping[str, Any]) -> Iterator[LinearNTP]:
    """Small datasets up to the order of contexts, names of tokens and symmetries of the cube."""
    ranges = (1, bounds["max_contexts"]), (bounds["min_vocabulary"], bounds["max_vocabulary"]), (1, bounds["max_dimension"])
    for contexts, vocabulary, dimension in shapes(*ranges):
        masses, vectors = _masses(vocabulary), small_vectors(dimension, largest_entry(contexts * dimension))
        options = [(mass, h) for mass in masses for h in vectors]
        names = [_places(masses, [tuple(mass[v] for v in order) for mass in masses]) for order in permutations(range(vocabulary))]
        cube = [_places(vectors, [moved(h, symmetry) for h in vectors]) for symmetry in signed_permutations(dimension)]
        images = [[i * len(vectors) + j for i in x for j in y] for x in names for y in cube]

        def build(places: tuple[int, ...], options: list[tuple[Vector, Vector]] = options) -> LinearNTP:
            chosen = [options[i] for i in places]
            return LinearNTP([h for _, h in chosen], [[Fraction(x, sum(mass)) for x in mass] for mass, _ in chosen])

        yield from attempts(build, orderly(len(options), contexts, images))


@cache
def _masses(vocabulary: int) -> tuple[Vector, ...]:
    # Uniform on every support, then one token twice as likely as the others of a support.
    supports = [s for s in product((0, 1), repeat=vocabulary) if any(s)]
    skewed = [tuple(2 * x if v == heavy else x for v, x in enumerate(s)) for s in supports if sum(s) > 1 for heavy in range(vocabulary) if s[heavy]]
    return tuple(sorted(supports, key=lambda s: (sum(s), s))) + tuple(skewed)


def _places(values: Sequence[Vector], images: Sequence[Vector]) -> list[int]:
    # Where each value goes under a symmetry that permutes them.
    place = {value: i for i, value in enumerate(values)}
    return [place[image] for image in images]


def measure(problem: LinearNTP) -> tuple[int, ...]:
    """Contexts, tokens and dimension, then supports, embeddings, and the counts that the probabilities and weights stand for."""
    entries = [x for h in problem.embeddings for x in h]
    masses = sum(cost(_counts(row)) for row in (*problem.probabilities, problem.weights))
    support = sum(map(len, problem.supports))
    return len(problem.supports) + problem.vocabulary_size + problem.dimension, len(problem.supports), support, cost(entries), masses


def _counts(row: Row) -> list[Fraction]:
    # A distribution scaled so that its smallest mass is 1.
    least = min(x for x in row if x)
    return [x / least for x in row]


def simplifications(problem: LinearNTP) -> Iterator[LinearNTP]:
    """Without a context, a token or a coordinate; then supports, probabilities and embeddings one at a time."""
    rows, weights, embeddings = problem.probabilities, problem.weights, problem.embeddings
    for j in range(len(rows) if len(rows) > 1 else 0):
        yield from attempt(_rescaled, without(embeddings, j), without(rows, j), without(weights, j))
    for v in range(problem.vocabulary_size if problem.vocabulary_size > 1 else 0):
        yield from attempt(_rescaled, embeddings, [without(row, v) for row in rows], weights)
    for k in range(problem.dimension if problem.dimension > 1 else 0):
        yield from attempt(_rescaled, [without(h, k) for h in embeddings], rows, weights)
    if len(set(weights)) > 1:
        yield _rescaled(embeddings, rows, [Fraction(1)] * len(rows))
    for j, row in enumerate(rows):
        for masses in _simpler(row):
            yield _rescaled(embeddings, replaced(rows, j, masses), weights)
    for j, h in enumerate(embeddings):
        for k, x in enumerate(h):
            for y in smaller(x):
                yield _rescaled(replaced(embeddings, j, replaced(h, k, y)), rows, weights)


def _rescaled(embeddings: Sequence[Row], rows: Sequence[Row], weights: Row) -> LinearNTP:
    # Masses of any sums, divided by them.
    sums, total = [sum(row) for row in rows], sum(weights)
    if not all(sums):
        raise InvalidInput("probabilities", "has an empty support", "keep one token of every context")
    return LinearNTP(embeddings, [[x / s for x in row] for row, s in zip(rows, sums)], [x / total for x in weights])


def _simpler(row: Row) -> Iterator[Row]:
    # One token less, all equally likely, a smaller count.
    support, counts = [v for v, x in enumerate(row) if x], _counts(row)
    if len(support) > 1:
        yield from (replaced(row, v, Fraction(0)) for v in support)
    if len({x for x in row if x}) > 1:
        yield [Fraction(bool(x)) for x in row]
        for v in support:
            yield from (replaced(counts, v, x) for x in smaller(counts[v]) if 1 <= x)


def neighbours(problem: LinearNTP) -> Iterator[LinearNTP]:
    """One entry of an embedding raised or lowered by one, or a mass changed by the smallest one of its context."""
    rows = problem.probabilities
    for embeddings in steps(problem.embeddings):
        yield LinearNTP(embeddings, rows, problem.weights)
    for j, row in enumerate(rows):
        least = min(x for x in row if x)
        for v, x in enumerate(row):
            for mass in {Fraction(0), x + least, x - least} - {x}:
                masses = replaced(row, v, mass)
                if mass >= 0 and any(masses) and x != sum(row):  # the only token of its context keeps its mass
                    yield LinearNTP(problem.embeddings, replaced(rows, j, [y / sum(masses) for y in masses]), problem.weights)
