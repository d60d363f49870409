"""Exact numbers as people write them: decimals in quotes, `Decimal`, NumPy integers and arrays, as the integers and fractions of the formats.

The kernel reads integers and "p/q" strings only. What people hand over passes through `exactly` first. A float is never exact: 0.1 is not
one tenth, and which rational was meant nobody can know, so that floats are rounded to a grid that the caller names, or refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Integral
from typing import Any

from ..errors import InvalidInput
from ..kernel.reading import brief

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
# Exponents and digits of a decimal beyond which it is no measurement but an attack on memory.
LARGEST_EXPONENT, MOST_DIGITS = 4_000, 4_000
# Names are words even where they look like numbers.
NAMES = frozenset({"tokens", "contexts", "coordinates", "alternatives", "observations", "kind", "name"})


def exactly(value: Any, round_to: Any = None) -> Any:
    """A value with every number in it exact: lists and mappings are walked, everything else is left to the reader of the format.

    Floats and arrays of floats are rounded to multiples of `round_to` if it is given and are otherwise left (single ones) or refused
    (arrays). Raises `InvalidInput`.

    >>> exactly(["1.5", "3e-2", Decimal("0.25"), "1/3", 7])
    [Fraction(3, 2), Fraction(3, 100), Fraction(1, 4), '1/3', 7]
    >>> exactly([0.26], round_to="1/8")
    [Fraction(1, 4)]
    """
    step = None if round_to is None else grid(round_to)
    try:
        return _exactly(value, step)
    except RecursionError:
        raise InvalidInput("value", "is nested too deeply", "no format needs more than seven levels") from None


def permutation(value: Any, size: int, subject: str) -> list[int]:
    """A permutation of 0..size-1. Raises `InvalidInput` for what is none.

    >>> permutation((1, 0), 2, "tokens")
    [1, 0]
    """
    found = exactly(value)
    if not isinstance(found, list) or not all(type(x) is int for x in found) or sorted(found) != list(range(size)):
        raise InvalidInput(subject, f"{brief(value)} is not a permutation", f"rearrange 0..{size - 1}")
    return found


def grid(step: Any) -> Fraction:
    """A positive step to round to, as an exact number.

    >>> grid("0.001")
    Fraction(1, 1000)
    """
    found = number(step)
    if found is None or found <= 0:
        raise InvalidInput("round_to", f"is {brief(step)}, not a positive exact number", 'give an integer or a string such as "1/1000" or "0.001"')
    return found


def number(value: Any) -> Fraction | None:
    """One exact number, or None for what is none (a word, a float).

    >>> number("-2.50"), number("1/3"), number("three"), number(0.5)
    (Fraction(-5, 2), Fraction(1, 3), None, None)
    """
    if isinstance(value, str):
        word = value.strip()
        found = _decimal(word)
        if found is None and re.fullmatch(r"[+-]?[0-9]{1,4000}/[0-9]{1,4000}", word) and int(word.partition("/")[2]):
            top, _, bottom = word.partition("/")
            return Fraction(int(top), int(bottom))
        return found
    if isinstance(value, Decimal):
        return _of_decimal(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, Integral):
        return Fraction(int(value))
    return value if isinstance(value, Fraction) else None


def rounded(x: float, step: Fraction) -> Fraction:
    """The multiple of `step` nearest to a float (ties to even). Raises `InvalidInput` for NaN and infinities."""
    if x != x or x in (float("inf"), float("-inf")):
        raise InvalidInput("number", f"is {x}", "replace NaN and infinities")
    return round(Fraction(x) / step) * step


def _exactly(value: Any, step: Fraction | None) -> Any:
    kind = type(value)
    if kind in (int, Fraction, bool) or value is None:
        return value
    if kind is str:
        found = _decimal(value) if not value.isdecimal() else None
        return value if found is None else found
    if kind is float:
        return value if step is None else rounded(value, step)
    if isinstance(value, Mapping):
        return {name: entry if name in NAMES else _within(entry, step, name) for name, entry in value.items()}
    if isinstance(value, (list, tuple, range)):
        return _entries(value, step)
    if isinstance(value, Decimal):
        return _of_decimal(value)
    if isinstance(value, Integral):
        return int(value)
    return _array(value, step)


def _within(value: Any, step: Fraction | None, where: object) -> Any:
    try:
        return _exactly(value, step)
    except InvalidInput as error:
        raise InvalidInput(f"{brief(where)}: {error.subject}", error.reason, error.remedy) from None


def _entries(values: Iterable[Any], step: Fraction | None) -> list[Any]:
    return [_exactly(entry, step) for entry in values]


def _array(value: Any, step: Fraction | None) -> Any:
    # NumPy arrays and scalars by what they offer; anything else is the reader's to refuse.
    dtype = getattr(value, "dtype", None)
    if dtype is None or not callable(getattr(value, "tolist", None)):
        return value
    if getattr(dtype, "kind", "") == "f" and step is None:
        reason = "is a float" if not getattr(value, "shape", ()) else "is an array of floats"
        raise InvalidInput("number", f"{reason}, and floats are not exact", 'give integers, or strings such as "1/2" or "0.5", or round_to="1/1000"')
    if getattr(dtype, "kind", "") not in "fiubOUS":
        raise InvalidInput("number", f"is an array of {dtype}, not of numbers", "give integers, or floats with round_to=")
    found = value.tolist()
    return found if getattr(dtype, "kind", "") in "iu" else _exactly(found, step)


def _decimal(word: str) -> Fraction | None:
    if len(word) > MOST_DIGITS or not _DECIMAL.fullmatch(word):
        return None
    exponent = re.search(r"[eE]([+-]?[0-9]+)", word)
    if exponent and (len(exponent[1]) > 6 or abs(int(exponent[1])) > LARGEST_EXPONENT):
        raise InvalidInput("number", f"{word[:40]} has an exponent beyond {LARGEST_EXPONENT:,}", "choose other units")
    return Fraction(word)


def _of_decimal(value: Decimal) -> Fraction:
    if not value.is_finite():
        raise InvalidInput("number", f"is {value}", "give a finite number")
    if abs(value.adjusted()) > LARGEST_EXPONENT or len(value.as_tuple().digits) > MOST_DIGITS:
        raise InvalidInput("number", "has too many digits or too large an exponent", "choose other units")
    return Fraction(value)


__all__ = ["exactly", "grid", "number", "rounded"]
