"""What a search for rare conditional logits uses: random ones next to one, and their type as far as the data tell it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

from ..language.entries import attempt, combined, varied_rows
from .problem import ConditionalLogit, Row


def outline(problem: ConditionalLogit) -> tuple[Any, ...]:
    """Dimension, and the numbers of alternatives of the rows.

    >>> outline(ConditionalLogit([(1, 0, [[1], [0]]), (1, 1, [[0], [1], [2]])]))
    (1, (2, 3))
    """
    return problem.dimension, tuple(sorted(len(row.features) for row in problem.rows))


def vary(problem: ConditionalLogit, random: Random) -> Iterator[ConditionalLogit]:
    """A random problem next to this one: features or the choice changed, or one part more. Nothing where the change makes none."""
    rows = list(problem.rows)
    i = random.randrange(len(rows))
    row, features = rows[i], list(rows[i].features)
    way = random.randrange(8)
    if way < 4:
        rows[i] = Row(row.weight, row.chosen, tuple(varied_rows(features, random)), row.multiplicities)
    elif way == 4:
        rows[i] = Row(row.weight, random.randrange(len(features)), row.features, row.multiplicities)
    elif way == 5:
        extra = combined([feature for other in rows for feature in other.features], random)
        rows[i] = Row(row.weight, row.chosen, (*features, extra), (*row.multiplicities, Fraction(1)))
    elif way == 6:
        changed = tuple(varied_rows(features, random))
        rows.append(Row(row.weight, row.chosen, changed, row.multiplicities))
    else:
        rows = [_longer(other, random) for other in rows]
    yield from attempt(ConditionalLogit, rows)


def _longer(row: Row, random: Random) -> Row:
    return Row(row.weight, row.chosen, tuple((*feature, Fraction(random.randint(-1, 1))) for feature in row.features), row.multiplicities)


__all__ = ["outline", "vary"]
