"""Next-token counts from a table: a column of contexts, one of next tokens, and one of counts where rows are not single observations."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from ...errors import InvalidInput
from ...language.tables import Column, Frame, say


@dataclass(frozen=True, eq=False)
class CountTable:
    """The counts: `contexts` and `tokens` by first appearance, `counts[j]` = {token: how often it follows context j}."""

    contexts: tuple[str, ...]
    tokens: tuple[str, ...]
    counts: tuple[Counter[int], ...]

    @property
    def length(self) -> Fraction:
        """The sum of all counts."""
        return sum((Fraction(sum(row.values())) for row in self.counts), Fraction(0))


def count_table(frame: Frame, context: str, following: str, count: str | None = None) -> CountTable:
    """Count what follows which context; rows that are equal add up, and rows of count zero are no observation.

    Raises `InvalidInput` for unknown columns, for one column named twice, and for counts that are no numbers from 0.

    >>> from ntpproofs.language.tables import frame_of
    >>> found = count_table(frame_of({"before": ["a", "b", "a"], "after": ["b", "a", "b"]}), "before", "after")
    >>> found.contexts, found.tokens, [dict(row) for row in found.counts]
    (('a', 'b'), ('b', 'a'), [{0: Fraction(2, 1)}, {1: Fraction(1, 1)}])
    """
    if len({context, following, count}) < 3:
        raise InvalidInput("--context, --next, --count", "name one column twice", "give each a column of its own")
    before, after = frame.words(context, "--context"), frame.words(following, "--next")
    numbers = (Fraction(1),) * len(frame) if count is None else _counts(frame.column(count, "--count"), frame)
    contexts: dict[str, int] = {}
    tokens: dict[str, int] = {}
    rows: list[Counter[int]] = []
    for c, t, n in zip(before, after, numbers):
        token = tokens.setdefault(t, len(tokens))
        if n:
            j = contexts.setdefault(c, len(contexts))
            if j == len(rows):
                rows.append(Counter())
            rows[j][token] += n  # type: ignore[assignment]
    if not rows:
        raise InvalidInput("--count", "is zero in every row", "give some row a count")
    return CountTable(tuple(contexts), tuple(tokens), tuple(rows))


def _counts(column: Column, frame: Frame) -> tuple[Fraction, ...]:
    frame.require_words(column)
    for row, cell in enumerate(column.cells):
        if not isinstance(cell, Fraction) or cell < 0:
            raise InvalidInput(f"--count, {frame.place(row)}", f"is {say(cell)[:40]}", "give numbers from 0")
    return column.cells  # type: ignore[return-value]
