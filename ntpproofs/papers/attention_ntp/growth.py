"""What a search for rare attention datasets uses: their type as far as graphs tell it, random ones next to one, and how to meet assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from random import Random
from typing import Any

from ...language.entries import attempt, combined, replaced, varied_rows
from .problem import AttentionNTP


def outline(problem: AttentionNTP) -> tuple[Any, ...]:
    """Per query, up to order: sizes of the strongly connected components, edges between them, and the longest chain of components.

    >>> outline(AttentionNTP([[1, 0], [0, 1]], [[1, 0], [0, 1, 0]], [0, 1]))
    (2, (((2,), 0, 1),))
    """
    below: dict[int, dict[int, set[int]]] = {}
    for query, sequence, label in zip(problem.queries, problem.sequences, problem.labels):
        graph = below.setdefault(query, {})
        for token in sequence:
            graph.setdefault(token, set())
        graph[label] |= set(sequence) - {label}
    return problem.embedding_rank, tuple(sorted(map(_shape, below.values())))


def _shape(graph: Mapping[int, set[int]]) -> tuple[tuple[int, ...], int, int]:
    reach = {token: _reached(graph, token) for token in graph}
    component = {token: frozenset(other for other in graph if other in reach[token] and token in reach[other]) for token in graph}
    cross = sum(component[other] != component[token] for token, others in graph.items() for other in others)
    components = set(component.values())
    # Along the order of components by what they reach, every chain goes down in size of the reached set.
    height: dict[frozenset[int], int] = {}
    for part in sorted(components, key=lambda part: len(reach[min(part)])):
        lower = {component[other] for token in part for other in graph[token]} - {part}
        height[part] = 1 + max((height[other] for other in lower), default=0)
    return tuple(sorted(map(len, components))), cross, max(height.values())


def _reached(graph: Mapping[int, set[int]], token: int) -> set[int]:
    found, pending = {token}, [token]
    while pending:
        new = graph[pending.pop()] - found
        found |= new
        pending += new
    return found


def vary(problem: AttentionNTP, random: Random) -> Iterator[AttentionNTP]:
    """A random dataset next to this one: embeddings, sequences or labels changed, or one part more. Nothing where the change makes none."""
    bank, pairs = list(problem.embeddings), list(zip(problem.sequences, problem.labels))
    i, t = random.randrange(len(pairs)), random.randrange(len(bank))
    sequence, label = pairs[i]
    way = random.randrange(10)
    if way < 3:
        bank = varied_rows(bank, random)
    elif way == 3:
        pairs[i] = sequence, random.choice(sequence)
    elif way == 4:
        pairs[i] = tuple(replaced(sequence, random.randrange(len(sequence)), t)), label
    elif way == 5:
        pairs[i] = (t, *sequence), random.choice((label, t))
    elif way == 6:
        pairs.append((sequence, random.choice(sequence)))
    elif way == 7:
        pairs.append(((t, *sequence[1:]), t))
    elif way == 8:
        bank.append(combined(bank, random))
        pairs[i] = (len(bank) - 1, *sequence), random.choice((label, len(bank) - 1))
    else:
        bank = [(*row, Fraction(random.randint(-1, 1))) for row in bank]
    yield from attempt(AttentionNTP, bank, [sequence for sequence, _ in pairs], [label for _, label in pairs])


def _one_length(problem: AttentionNTP) -> AttentionNTP:
    # The first token of a sequence repeated until all are as long as the longest.
    longest = max(map(len, problem.sequences))
    sequences = [(sequence[0],) * (longest - len(sequence)) + tuple(sequence) for sequence in problem.sequences]
    return AttentionNTP(problem.embeddings, sequences, problem.labels)


GENERATORS: Mapping[str, Mapping[str, Any] | Callable[[AttentionNTP], AttentionNTP]] = {
    "independent_embeddings": {"independent": True},
    "wide_embeddings": {"independent": True},
    "orthonormal_embeddings": {"embeddings": "one-hot"},
    "orthogonal_embeddings": {"embeddings": "one-hot"},
    "acyclic": {"kind": "acyclic"},
    "completely_separable": {"kind": "acyclic"},
    "strongly_connected": {"kind": "all-cyclic"},
    "no_repeated_tokens": {"repeats": False},
    "one_query": {"single_query": True},
    "equal_lengths": _one_length,
}

__all__ = ["GENERATORS", "outline", "vary"]
