"""What a search knows about attention NTP datasets: which ones a strategy admits, the smallest ones, simpler ones, and those next to one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations_with_replacement, permutations
from typing import Any

from ...language.entries import are_small, attempt, cost, replaced, smaller, steps, without
from ...language.orbits import Vector, assignments, attempts, largest_entry, moved, orderly, shapes, signed_permutations, small_vectors
from .priority_graph import dataset_class
from .problem import AttentionNTP

# Tokens before the query in any order, the query, the label.
Observation = tuple[Vector, int, int]


def belongs(problem: AttentionNTP, bounds: Mapping[str, Any]) -> bool:
    """Whether a dataset is within the bounds of `attention_ntps`."""
    longest = max(map(len, problem.sequences))
    if problem.vocabulary_size > bounds["max_tokens"] or problem.dimension > bounds["max_dimension"]:
        return False
    if len(problem.sequences) > bounds["max_sequences"] or longest > bounds["max_length"]:
        return False
    if bounds["single_query"] and len(set(problem.queries)) > 1:
        return False
    if not bounds["repeats"] and any(len(set(sequence)) < len(sequence) for sequence in problem.sequences):
        return False
    independent = problem.embedding_rank == problem.vocabulary_size
    if bounds["independent"] is not None and independent is not bounds["independent"]:
        return False
    if bounds["kind"] is not None and dataset_class(problem) != bounds["kind"]:
        return False
    return problem.one_hot if bounds["embeddings"] == "one-hot" else are_small(problem.embeddings)


def enumerated(bounds: Mapping[str, Any]) -> Iterator[AttentionNTP]:
    """Small datasets up to the order of sequences and of the tokens before a query, names of tokens and symmetries of the cube.

    First sequences and labels, one of every orbit under the names of tokens; then embeddings, one of every orbit under the symmetries
    of the cube and those names that leave the sequences as they are.
    """
    one_hot = bounds["embeddings"] == "one-hot"
    ranges = (2, bounds["max_tokens"]), (1, bounds["max_sequences"]), (2, bounds["max_length"]), (1, 1 if one_hot else bounds["max_dimension"])
    for size, count, longest, dimension in shapes(*ranges):
        vectors = _unit_vectors(size) if one_hot else small_vectors(dimension, largest_entry(size * dimension))
        place = {x: i for i, x in enumerate(vectors)}
        cube = [] if one_hot else [[place[moved(x, symmetry)] for x in vectors] for symmetry in signed_permutations(dimension)]
        for seen, renamings in _samples(size, count, longest):
            banks = [tuple(range(size))] if one_hot else assignments(len(vectors), cube, renamings)
            yield from attempts(_dataset, ((tuple(vectors[x] for x in bank), seen) for bank in banks))


def _unit_vectors(size: int) -> tuple[Vector, ...]:
    return tuple(tuple(int(u == v) for v in range(size)) for u in range(size))


def _samples(size: int, count: int, longest: int) -> Iterator[tuple[tuple[Observation, ...], list[tuple[int, ...]]]]:
    # Sequences with labels in which all tokens occur, one of every orbit under renaming; with the renamings that leave it as it is.
    observations, names = _observations(size, longest), list(permutations(range(size)))
    place = {seen: i for i, seen in enumerate(observations)}
    images = [[place[_renamed(seen, order)] for seen in observations] for order in names]
    for chosen in orderly(len(observations), count, images):
        seen = tuple(observations[i] for i in chosen)
        full = max(len(prefix) for prefix, _, _ in seen) == longest - 1
        if full and len({t for prefix, last, _ in seen for t in (*prefix, last)}) == size:
            yield seen, [order for order, image in zip(names, images) if sorted(image[i] for i in chosen) == [*chosen]]


def _renamed(seen: Observation, order: tuple[int, ...]) -> Observation:
    prefix, last, label = seen
    return tuple(sorted(order[t] for t in prefix)), order[last], order[label]


def _dataset(pair: tuple[tuple[Vector, ...], tuple[Observation, ...]]) -> AttentionNTP:
    bank, seen = pair
    return AttentionNTP(bank, [(*prefix, last) for prefix, last, _ in seen], [y for _, _, y in seen])


@cache
def _observations(size: int, longest: int) -> tuple[Observation, ...]:
    # With at least two distinct tokens: others have no alternative.
    found = []
    for length in range(1, longest):
        for prefix in combinations_with_replacement(range(size), length):
            for last in range(size):
                present = sorted({*prefix, last})
                found += [(prefix, last, y) for y in present if len(present) > 1]
    return tuple(found)


def measure(problem: AttentionNTP) -> tuple[int, ...]:
    """Tokens, sequences, their lengths, dimension, then the embeddings."""
    lengths, entries = sum(map(len, problem.sequences)), [x for row in problem.embeddings for x in row]
    return problem.vocabulary_size, len(problem.sequences), lengths, problem.dimension, cost(entries)


def simplifications(problem: AttentionNTP) -> Iterator[AttentionNTP]:
    """Without a token, a sequence, a coordinate or an occurrence; then embeddings one entry at a time."""
    bank, sequences, labels = problem.embeddings, problem.sequences, problem.labels

    def without_token(t: int) -> AttentionNTP:
        # Where it is the label or the query the whole sequence goes; elsewhere the token does.
        kept = [(s, y) for s, y in zip(sequences, labels) if t not in (y, s[-1])]
        cut = [[v - (v > t) for v in s if v != t] for s, _ in kept]
        return AttentionNTP(without(bank, t), cut, [y - (y > t) for _, y in kept])

    for t in range(len(bank) if len(bank) > 1 else 0):
        yield from attempt(without_token, t)
    for i in range(len(sequences) if len(sequences) > 1 else 0):
        yield AttentionNTP(bank, without(sequences, i), without(labels, i))
    for k in range(problem.dimension if problem.dimension > 1 else 0):
        yield AttentionNTP([without(row, k) for row in bank], sequences, labels)
    for i, sequence in enumerate(sequences):
        for k in range(len(sequence)):
            shorter = without(sequence, k)
            if labels[i] in shorter:
                yield AttentionNTP(bank, replaced(sequences, i, shorter), labels)
    for v, row in enumerate(bank):
        for k, x in enumerate(row):
            for y in smaller(x):
                yield AttentionNTP(replaced(bank, v, replaced(row, k, y)), sequences, labels)


def neighbours(problem: AttentionNTP) -> Iterator[AttentionNTP]:
    """One entry of an embedding raised or lowered by one, another label, or another token at one place."""
    bank, sequences, labels = problem.embeddings, problem.sequences, problem.labels
    for embeddings in steps(bank):
        yield from attempt(AttentionNTP, embeddings, sequences, labels)
    for i, sequence in enumerate(sequences):
        for y in sorted(set(sequence) - {labels[i]}):
            yield from attempt(AttentionNTP, bank, sequences, replaced(labels, i, y))
        for k in range(len(sequence)):
            for t in range(len(bank)):
                changed = replaced(sequence, k, t)
                if t != sequence[k] and labels[i] in changed:
                    yield from attempt(AttentionNTP, bank, replaced(sequences, i, changed), labels)
