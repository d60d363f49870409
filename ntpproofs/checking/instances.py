"""Instances under examination: guarded against changes by those who see them, told apart by a key, and made anew."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any, TypeVar

from .kinds import kind_of

T = TypeVar("T")


def identity(problem: object) -> Any:
    """What equal problems have in common: the problem itself where it can be hashed, else its text."""
    try:
        hash(problem)
    except TypeError:
        return repr(problem)
    return problem


def guarded(problem: T) -> tuple[T, Callable[[], bool]]:
    """The instance an evaluation may see, and whether it has been changed since.

    A value (hashable, with an equality of its own) is passed on as it is, and the identity of its fields is compared; anything
    else is copied.

    >>> own, changed = guarded([1])
    >>> own.append(2); changed()
    True
    """
    if _is_value(problem):
        before = _fields_of(problem)
        return problem, lambda: any(_fields_of(problem).get(name, before) is not value for name, value in before.items())
    try:
        own = deepcopy(problem)
    except Exception:  # what cannot be copied is passed on
        return problem, lambda: False
    return own, lambda: not _same(own, problem)


def _is_value(problem: object) -> bool:
    if kind_of(problem) is not None:
        return True
    try:
        hash(problem)
    except TypeError:
        return False
    return _compares(problem)


def _compares(value: Any) -> bool:
    # Whether its class says what equality is; otherwise two objects are equal only if they are one.
    equality: Any = type(value).__eq__
    return equality is not object.__eq__


def _fields_of(problem: object) -> dict[str, Any]:
    if is_dataclass(problem):
        return {entry.name: getattr(problem, entry.name, None) for entry in fields(problem)}
    return dict(getattr(problem, "__dict__", {}))


def _same(left: Any, right: Any) -> bool:
    if _compares(left):
        try:
            return bool(left == right)
        except (ValueError, TypeError):  # arrays compare entry by entry
            return repr(left) == repr(right)
    return repr(vars(left)) == repr(vars(right)) if hasattr(left, "__dict__") else True


def key_of(problem: object) -> str:
    """A short digest, equal for equal instances."""
    instance = getattr(problem, "instance", None)
    text = repr(instance()) if callable(instance) else repr(problem)
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def anew(problem: T) -> T:
    """An equal problem without anything derived from it, so that it is derived anew; itself where it cannot be rebuilt."""
    rebuild, data = getattr(type(problem), "from_dataset", None), getattr(problem, "data", None)
    if callable(rebuild) and data is not None:
        again: T = rebuild(data)
        return again
    try:
        return deepcopy(problem)
    except Exception:  # what cannot be copied is used again
        return problem
