"""What a search for rare linear NTP datasets uses: their type as far as supports tell it, random ones next to one, and how to meet assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from random import Random
from typing import Any

from ...language.entries import attempt, combined, replaced, varied_rows
from .problem import LinearNTP


def outline(problem: LinearNTP) -> tuple[Any, ...]:
    """Rank and number of distinct embeddings, sizes of the supports, and how many pairs of supports are equal, nested, disjoint.

    >>> outline(LinearNTP([[1], [2]], [["1/2", "1/2", 0], [0, 0, 1]]))
    (1, 2, (1, 2), (0, 0, 1))
    """
    supports = problem.supports
    pairs = [(a, b) for i, a in enumerate(supports) for b in supports[:i]]
    relations = sum(a == b for a, b in pairs), sum(a < b or b < a for a, b in pairs), sum(not a & b for a, b in pairs)
    return problem.embedding_rank, len(set(problem.embeddings)), tuple(sorted(map(len, supports))), relations


def vary(problem: LinearNTP, random: Random) -> Iterator[LinearNTP]:
    """A random dataset next to this one: embeddings, supports or masses changed, or one part more. Nothing where the change makes none."""
    bank, rows, weights, size = list(problem.embeddings), list(problem.probabilities), list(problem.weights), problem.vocabulary_size
    j, v = random.randrange(len(rows)), random.randrange(size)
    way = random.randrange(9)
    if way < 4:
        bank = varied_rows(bank, random)
    elif way == 4:
        rows[j] = tuple(replaced(rows[j], v, Fraction(0) if rows[j][v] else max(rows[j])))
    elif way == 5:
        rows[j] = tuple(replaced(rows[j], v, random.choice((2, Fraction(1, 2))) * rows[j][v]))
    elif way == 6:
        bank.append(combined(bank, random))
        rows.append(random.choice((rows[j], tuple(Fraction(int(z == v)) for z in range(size)))))
        weights = [Fraction(1)] * len(rows)
    elif way == 7:
        new = random.randrange(2)
        rows = [(*row, new * max(row) if i == j else Fraction(0)) for i, row in enumerate(rows)]
    else:
        bank = [(*h, Fraction(random.randint(-1, 1))) for h in bank]
    if all(map(any, rows)):
        yield from attempt(LinearNTP, bank, [[x / sum(row) for x in row] for row in rows], [x / sum(weights) for x in weights])


def _single_tokens(problem: LinearNTP) -> LinearNTP:
    # Of every support the most likely token, the first of several.
    tokens = [max(sorted(support), key=lambda z: row[z]) for support, row in zip(problem.supports, problem.probabilities)]
    laws = [[Fraction(int(v == z)) for v in range(problem.vocabulary_size)] for z in tokens]
    return LinearNTP(problem.embeddings, laws, problem.weights)


def _equal_supports(problem: LinearNTP) -> LinearNTP:
    return LinearNTP(problem.embeddings, [problem.probabilities[0]] * len(problem.supports), problem.weights)


def _orthogonal(problem: LinearNTP) -> LinearNTP:
    # At most as many contexts as dimensions; two at a time share a plane, as (a, b) and a multiple of (-b, a), the last has an axis.
    d = problem.dimension
    count = min(d, len(problem.embeddings))
    bank: list[list[Fraction]] = []
    for j, h in enumerate(problem.embeddings[:count]):
        length = next(filter(None, h), Fraction(1))
        if j % 2:
            a, b = bank[-1][j - 1], bank[-1][j]
            bank.append(_placed(j - 1, (-length * b, length * a), d))
        else:
            plane = j + 1 < count and h[j] and h[j + 1]
            bank.append(_placed(j, (h[j], h[j + 1]) if plane else (length,), d))
    kept = problem.weights[:count]
    return LinearNTP(bank, problem.probabilities[:count], [x / sum(kept) for x in kept])


def _placed(start: int, entries: tuple[Fraction, ...], d: int) -> list[Fraction]:
    return [entries[i - start] if 0 <= i - start < len(entries) else Fraction(0) for i in range(d)]


GENERATORS: Mapping[str, Mapping[str, Any] | Callable[[LinearNTP], LinearNTP]] = {
    "independent_embeddings": {"independent": True},
    "wide_embeddings": {"independent": True},
    "orthogonal_embeddings": _orthogonal,
    "ntp_separable": {"separable": True},
    "completely_separable": {"separable": True},
    "ntp_compatible": {"compatible": True},
    "some_partial_support": {"partial": True},
    "binary_vocabulary": {"max_vocabulary": 2},
    "single_token_supports": _single_tokens,
    "equal_supports": _equal_supports,
}

__all__ = ["GENERATORS", "outline", "vary"]
