"""Instances under examination: guarded against changes by those who see them, told apart by a key, and made anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import fields, is_dataclass
from fractions import Fraction
from hashlib import sha256
from inspect import unwrap
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
    return text_of(left) == text_of(right) and text_of(vars(left)) == text_of(vars(right)) if hasattr(left, "__dict__") else True


def text_of(value: Any, around: tuple[int, ...] = ()) -> str:
    """An object in Python's notation, the same in every process: sets in order, and no address where a class has no notation of its own.

    >>> text_of((frozenset("cab"), [2, 1])), text_of(type("Pair", (), {})())
    ("(frozenset({'a', 'b', 'c'}), [2, 1])", '<Pair>')
    """
    kind, inside = type(value), (*around, id(value))

    def listed(parts: Iterable[Any]) -> str:
        return ", ".join(text_of(part, inside) for part in parts)

    if id(value) in around:
        return "..."
    if kind is tuple:
        return f"({listed(value)}{',' if len(value) == 1 else ''})"
    if kind is list:
        return f"[{listed(value)}]"
    if kind is dict:
        return "{" + ", ".join(f"{text_of(key, inside)}: {text_of(part, inside)}" for key, part in value.items()) + "}"
    if kind in (set, frozenset) and value:
        return f"{'frozenset(' if kind is frozenset else ''}{{{listed(_sorted(value))}}}{')' if kind is frozenset else ''}"
    if is_dataclass(value) and _generated(kind):
        named = ((entry.name, getattr(value, entry.name)) for entry in fields(value) if entry.repr)
        return f"{kind.__qualname__}({', '.join(f'{name}={text_of(part, inside)}' for name, part in named)})"
    notation: Any = kind.__repr__
    if notation is object.__repr__ and hasattr(value, "__dict__"):
        return "<" + " ".join([kind.__qualname__, *(f"{name}={text_of(part, inside)}" for name, part in vars(value).items())]) + ">"
    return repr(value)


def shown(problem: object) -> str:
    """The same, cut where it is long."""
    text = text_of(problem)
    return text if len(text) <= 2_000 else text[:2_000] + " ..."


def _sorted(values: Iterable[Any]) -> list[Any]:
    found = list(values)
    total = all(isinstance(x, (int, Fraction)) for x in found) or all(isinstance(x, str) for x in found)
    return sorted(found) if total else sorted(found, key=text_of)


def _generated(kind: type) -> bool:
    # Whether a dataclass has the notation that dataclasses make.
    code = getattr(unwrap(kind.__repr__), "__code__", None)
    return code is not None and code.co_filename == "<string>"


def key_of(problem: object) -> str:
    """A short digest, equal for equal instances."""
    instance = getattr(problem, "instance", None)
    text = repr(instance()) if callable(instance) else text_of(problem)
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
