"""Counts of next tokens as probabilities and weights: what follows context j how often."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ...errors import InvalidInput
from ...exact.numbers import number
from ...kernel.reading import brief, listed


def shares(counts: Any) -> tuple[list[Any], list[Fraction], Fraction]:
    """Probabilities (rows, or mappings where the counts are mappings), context weights, and the sum of all counts.

    Counts are exact numbers from 0. Raises `InvalidInput` for anything else and for a context without any.

    >>> shares([[3, 1], {"0": 4}])
    ([[Fraction(3, 4), Fraction(1, 4)], {'0': Fraction(1, 1)}], [Fraction(1, 2), Fraction(1, 2)], Fraction(8, 1))
    """
    rows = [_row(row, f"counts[{j}]") for j, row in enumerate(listed(counts, "counts"))]
    totals = [sum(row.values() if isinstance(row, dict) else row, Fraction(0)) for row in rows]
    for j, total in enumerate(totals):
        if not total:
            raise InvalidInput(f"counts[{j}]", "are all zero: nothing follows the context", "leave the context out")
    whole = sum(totals, Fraction(0))
    divided = [{v: x / s for v, x in row.items()} if isinstance(row, dict) else [x / s for x in row] for row, s in zip(rows, totals)]
    return divided, [s / whole for s in totals], whole


def _row(row: Any, subject: str) -> Any:
    if isinstance(row, Mapping):
        entries = row["entries"] if set(row) == {"entries"} else row
        if not isinstance(entries, Mapping):
            raise InvalidInput(subject, f"is {brief(row)}", 'give a list, or {"entries": {"token": count}}')
        return {str(v): _count(x, f"{subject}[{brief(v)}]") for v, x in entries.items()}
    return [_count(x, f"{subject}[{v}]") for v, x in enumerate(listed(row, subject))]


def _count(value: Any, subject: str) -> Fraction:
    found = number(value)
    if found is None or found < 0:
        raise InvalidInput(subject, f"is {brief(value)}, not a count", "give an integer from 0 (or an exact number)")
    return found
