"""Strategies for tabular models: laws with models (C1) and tasks with targets (C2), small and rational."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import strategies as st

from .compounding import LawAndModel, Table, Task, prefixes

Draw = Callable[..., Any]


def _table(draw: Draw, vocabulary: int, length: int, least: int) -> Table:
    rows = []
    for _ in prefixes(vocabulary, length):
        counts = [draw(st.integers(least, 4)) for _ in range(vocabulary)]
        counts[0] += not any(counts)
        rows.append(tuple(Fraction(c, sum(counts)) for c in counts))
    return Table(vocabulary, length, tuple(rows))


@cache
def laws_and_models() -> st.SearchStrategy[LawAndModel]:
    """A law (zeros allowed) and a positive model on V^T, V and T in 2..3; one draw in four takes the law itself as the model."""

    @st.composite
    def pairs(draw: Draw) -> LawAndModel:
        vocabulary, length = draw(st.sampled_from([(2, 2), (3, 2), (2, 3)]))
        law = _table(draw, vocabulary, length, draw(st.integers(0, 1)))
        same = min(min(row) for row in law.rows) > 0 and draw(st.integers(0, 3)) == 0
        return LawAndModel(law, law if same else _table(draw, vocabulary, length, 1))

    return pairs()


@cache
def tasks() -> st.SearchStrategy[Task]:
    """One to four prefixes with weights, targets in V^T and positive tables, V and T in 2..3; ties occur."""

    @st.composite
    def drawn(draw: Draw) -> Task:
        vocabulary, length, count = draw(st.sampled_from([(2, 2), (3, 2), (2, 3)])) + (draw(st.integers(1, 4)),)
        weights = [draw(st.integers(1, 3)) for _ in range(count)]
        targets = tuple(tuple(draw(st.integers(0, vocabulary - 1)) for _ in range(length)) for _ in range(count))
        tables = tuple(_table(draw, vocabulary, length, 1) for _ in range(count))
        return Task(tuple(Fraction(w, sum(weights)) for w in weights), targets, tables)

    return drawn()


__all__ = ["laws_and_models", "tasks"]
