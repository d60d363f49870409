"""The registry of kinds: those of this package's papers, and those that other packages bring through the entry point `ntpproofs.papers`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

from ..errors import InvalidInput, InvalidStatement, NtpproofsError
from ..kernel.reading import brief, field
from ..language.kinds import Kind, Problem
from ..language.views import View
from .plugins import plugins, warn_of

_ROOT = __package__.partition(".")[0]


@cache
def kinds() -> Mapping[str, Kind[Any]]:
    """Every kind by name: the conditional logit, the papers of this package, then those of others in the order of their names."""
    found = dict(_own_kinds())
    for entry in plugins():
        brought = {kind.name: kind for kind in brought_kinds(entry)}
        if brought.keys() & found.keys():
            warn_of(entry, InvalidStatement(min(brought.keys() & found.keys()), "is the name of another kind", "choose another name"))
        else:
            found |= brought
    return found


@cache
def _own_kinds() -> Mapping[str, Kind[Any]]:
    return {kind.name: kind for kind in _kinds_at(_own())}


@cache
def brought_kinds(entry: EntryPoint) -> tuple[Kind[Any], ...]:
    """The kinds of somebody else's package; none, with one warning, where it cannot be imported or brings none."""
    try:
        found = kinds_in(importlib.import_module(f"{entry.value}.kind"))
        if not found:
            raise InvalidStatement(f"{entry.value}.kind", "defines no Kind", "create one at the top level of the module")
    except Exception as error:  # the code is somebody else's and may raise anything
        warn_of(entry, error)
        return ()
    return tuple(found)


@cache
def _own() -> tuple[str, ...]:
    from .. import papers

    walked = pkgutil.walk_packages(papers.__path__, papers.__name__ + ".")
    return f"{_ROOT}.logit.kind", *sorted(module.name for module in walked if not module.ispkg and module.name.endswith(".kind"))


def _kinds_at(modules: Iterable[str]) -> Iterator[Kind[Any]]:
    for name in modules:
        yield from kinds_in(importlib.import_module(name))


def kinds_in(module: ModuleType) -> list[Kind[Any]]:
    """The kinds a module defines at its top level."""
    return list({id(value): value for value in vars(module).values() if isinstance(value, Kind)}.values())


def kind_named(name: object, subject: str = "kind") -> Kind[Any]:
    """The kind with a name. Raises `InvalidInput` for an unknown one.

    >>> kind_named("linear-ntp").area
    'linear-ntp'
    """
    found = known_kind(name) if isinstance(name, str) else None
    if found is None:
        raise InvalidInput(subject, f"{brief(name)} is not a kind of problem", f"kinds: {', '.join(kinds())}")
    return found


@cache
def known_kind(name: str) -> Kind[Any] | None:
    """The kind with a name, None for an unknown one; where a paper of this package has that name, no other one is imported.

    >>> known_kind("conditional-logit").name, known_kind("linear") is None
    ('conditional-logit', True)
    """
    first, *papers = _own()
    near = [first, *(module for module in papers if module.split(".")[-2].replace("_", "-") == name)]
    return next((kind for kind in _kinds_at(near) if kind.name == name), None) or kinds().get(name)


def kind_of(problem: object) -> Kind[Any] | None:
    """The kind whose class a problem has; None for objects of a user's own.

    >>> kind_of(42) is None
    True
    """
    own: Any = type(problem)
    if own.__module__.startswith(_ROOT + "."):
        return _kind_beside(own)
    return next((kind for kind in kinds().values() if own is kind.problem), None)


@cache
def _kind_beside(own: type) -> Kind[Any] | None:
    # A class of this package has its kind beside it: no other paper need be imported.
    near = [name for name in _own() if own.__module__.startswith(name.removesuffix("kind"))]
    return next((kind for kind in _kinds_at(near) if kind.problem is own), None)


def is_of_this_package(problem: object) -> bool:
    """Whether a problem is of a kind of this package, not of somebody else's or of a user's own class.

    >>> is_of_this_package(kind_named("linear-ntp").problem([[1]], [[1]])), is_of_this_package(42)
    (True, False)
    """
    return type(problem).__module__.startswith(_ROOT + ".") and kind_of(problem) is not None


def read_instance(record: Any) -> Problem:
    """The problem of an instance record (see the page on file formats). Raises `InvalidInput` for anything else.

    >>> read_instance({"kind": "linear-ntp", "embeddings": [[1]], "probabilities": [["1/2", "1/2"]]}).instance()["weights"]
    ['1']
    """
    problem: Problem = kind_named(field(record, "kind", "instance")).loaded(record).problem
    return problem


def instance_view(record: Any) -> View | None:
    """An instance record for people; None for what is no instance of any kind.

    >>> instance_view({"kind": "linear-ntp", "embeddings": [[1]], "probabilities": [[1]]}).title, instance_view(42)
    ('linear-ntp', None)
    """
    try:
        kind = kind_named(field(record, "kind", "instance"))
        return kind.describe(kind.loaded(record).problem)
    except NtpproofsError:
        return None
