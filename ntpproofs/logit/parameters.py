"""Parameters as people give them: arrays of floats of the right size, or exact vectors; anything else is refused in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import InvalidInput
from ..exact.numbers import exactly, number
from ..kernel.reading import brief

# What no entry of a vector is; numbers come as fractions, integers, doubles, balls and written out.
NO_ENTRIES = {list, tuple, dict, set, type(None), bytes, np.ndarray}


def array_of(w: Any, shape: tuple[int, int]) -> np.ndarray:
    """Parameters as a matrix of floats, given flat (row-major) or in that shape. Raises `InvalidInput` for anything else.

    >>> array_of([1, 2], (2, 1)).shape
    (2, 1)
    """
    if isinstance(w, np.ndarray) and w.dtype == np.float64 and w.size == shape[0] * shape[1]:
        return w.reshape(shape)
    remedy = f"give {shape[0] * shape[1]} numbers, flat or of shape {shape[0]} x {shape[1]}"
    try:
        if np.iscomplexobj(w):
            raise TypeError
        found = np.asarray(w, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput("parameters", f"are {brief(w)} ({type(w).__name__}), no array of real numbers", remedy) from None
    if found.size != shape[0] * shape[1]:
        raise InvalidInput("parameters", f"have shape {' x '.join(map(str, found.shape)) or 'of a number'}", remedy)
    return found.reshape(shape)


def sized(w: Any, shape: tuple[int, int]) -> Any:
    """A flat vector of as many entries as the shape has; a matrix of doubles of that size is made flat. Raises `InvalidInput` for anything
    else. Entries of lists may be of any exact kind, and are not looked at beyond that they are no collections."""
    size = w.size if isinstance(w, np.ndarray) and w.ndim and w.dtype.kind in "fiubO" else len(w) if isinstance(w, (list, tuple)) else -1
    if size != shape[0] * shape[1]:
        raise InvalidInput("vector", f"is {type(w).__name__}, or of another length", f"give {shape[0] * shape[1]} entries, flat")
    if isinstance(w, np.ndarray):
        return w.reshape(-1)
    if strange := set(map(type, w)) & NO_ENTRIES:
        raise InvalidInput("vector", f"has entries that are {strange.pop().__name__}", f"give {size} numbers, flat")
    return w


def like(result: np.ndarray, w: Any, shape: tuple[int, int]) -> np.ndarray:
    """A flat result in the shape that the parameters came in: a matrix for a matrix, else flat."""
    return result.reshape(shape) if np.shape(w) == shape else result


def exact_vector(x: Any, size: int) -> tuple[Fraction, ...]:
    """A flat vector of exact numbers. Raises `InvalidInput` for floats, words and other lengths.

    >>> exact_vector([1, "1/2"], 2)
    (Fraction(1, 1), Fraction(1, 2))
    """
    if isinstance(x, (str, bytes, Mapping)) or not isinstance(x, Iterable) or (isinstance(x, np.ndarray) and not x.ndim):
        raise InvalidInput("vector", f"is {brief(x)} ({type(x).__name__})", f"give {size} exact numbers, or an array of floats")
    entries = [number(exactly(entry)) for entry in x]
    if len(entries) != size or any(entry is None for entry in entries):
        raise InvalidInput(
            "vector", f"has {len(entries)} entries, or some that are no exact numbers", f"give {size} exact numbers, or an array of floats"
        )
    return tuple(entry for entry in entries if entry is not None)


__all__ = ["array_of", "exact_vector", "like", "sized"]
