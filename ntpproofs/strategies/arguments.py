"""Validation of strategy arguments: a bad bound raises at once instead of silently weakening a test."""

from __future__ import annotations

from ..errors import InvalidInput


def check_bounds(**bounds: tuple[int, int]) -> None:
    """Raise `InvalidInput` for any name whose value is not an integer of at least its least value.

    >>> check_bounds(max_rows=(3, 1))
    """
    for name, (value, least) in bounds.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InvalidInput(name, f"is {value!r}", f"give an integer of at least {least}")
