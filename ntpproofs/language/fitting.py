"""Whether an object is what a function says it takes: from the annotation of its first argument, where that names a class or a protocol."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, get_type_hints

MISSING = object()


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
    protocols = [base for base in kind.__mro__ if getattr(base, "_is_protocol", False)]
    wanted = {name for base in protocols for name in vars(base) if not name.startswith("_")}
    return not isinstance(value, type) and all(inspect.getattr_static(value, name, MISSING) is not MISSING for name in wanted)


__all__ = ["fits", "taken"]
