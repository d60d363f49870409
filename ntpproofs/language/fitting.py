"""Whether an object is what a function says it takes: from the annotation of its first argument, where that names a class or a protocol."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, get_type_hints


@cache
def taken(function: Callable[..., Any]) -> type | None:
    """The class that the first argument is annotated with; None where there is none, or more than one.

    >>> def longer(problem: str, than): ...
    >>> taken(longer)
    <class 'str'>
    """
    try:
        hints, names = get_type_hints(function), list(inspect.signature(function).parameters)
    except (NameError, TypeError, ValueError):  # names that exist for type checkers only, and objects without a signature
        return None
    found = hints.get(names[0]) if names else None
    return found if isinstance(found, type) and found not in (object, Any) else None


def fits(value: object, kind: type) -> bool:
    """Whether a value is of a class, or has everything that a protocol asks for; no property is computed.

    >>> fits("x", str), fits(1, str)
    (True, False)
    """
    if not getattr(kind, "_is_protocol", False):
        return isinstance(value, kind)
    own: Any = type(value)
    held = getattr(value, "__dict__", {})
    return not isinstance(value, type) and all(name in held for name in _missing(own, kind))


@cache
def _missing(own: type, protocol: type) -> frozenset[str]:
    # What a protocol asks for and a class does not define: an instance may still have it.
    protocols = [base for base in protocol.__mro__ if getattr(base, "_is_protocol", False)]
    wanted = {name for base in protocols for name in vars(base) if not name.startswith("_")}
    return frozenset(wanted.difference(*(vars(base) for base in own.__mro__)))


__all__ = ["fits", "taken"]
