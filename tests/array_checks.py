"""The type checker of the test run: beartype, for the arrays of a signature alone.

What else an argument may be, the functions that users call say themselves, in words (`dynamics.arguments`); tests give them wrong ones.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, get_args

from beartype import beartype
from jaxtyping import AbstractArray


def arrays_only(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, checked where an annotation has a shape."""
    notes = function.__annotations__
    function.__annotations__ = {name: note if has_shape(note) else Any for name, note in notes.items()}
    return beartype(function) if any(map(has_shape, notes.values())) else function


def has_shape(note: Any) -> bool:
    """Whether an annotation is an array with a shape, or has one among its parts."""
    return (inspect.isclass(note) and issubclass(note, AbstractArray)) or any(map(has_shape, get_args(note)))
