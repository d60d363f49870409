"""The registry of kinds: those of this package's papers, and those that other packages bring through the entry point `ntpproofs.papers`."""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

from ..errors import InvalidInput, InvalidStatement, NtpproofsError
from ..kernel.reading import brief, field
from ..language.kinds import Kind, Problem
from ..language.views import View

GROUP = "ntpproofs.papers"


class BrokenPlugin(UserWarning):
    """A package that announces a paper and cannot be used; the message names it."""


@cache
def kinds() -> Mapping[str, Kind[Any]]:
    """Every kind by name: the conditional logit, the papers of this package, then those of others in the order of their names.

    A package of somebody else that cannot be imported, that brings no kind, or one whose name is taken, is left out with one warning.
    """
    found = {kind.name: kind for name in _own() for kind in kinds_in(importlib.import_module(name))}
    for entry in plugins():
        try:
            brought = kinds_in(importlib.import_module(f"{entry.value}.kind"))
            if not brought:
                raise InvalidStatement(f"{entry.value}.kind", "defines no Kind", "create one at the top level of the module")
            taken = next((kind.name for kind in brought if kind.name in found), None)
            if taken is not None:
                raise InvalidStatement(taken, "is the name of another kind", "choose another name")
        except Exception as error:  # the code is somebody else's and may raise anything
            warn_of(entry, error)
            continue
        found |= {kind.name: kind for kind in brought}
    return found


def _own() -> Iterator[str]:
    from .. import papers

    yield f"{__package__.partition('.')[0]}.logit.kind"
    walked = pkgutil.walk_packages(papers.__path__, papers.__name__ + ".")
    yield from sorted(module.name for module in walked if not module.ispkg and module.name.endswith(".kind"))


def kinds_in(module: ModuleType) -> list[Kind[Any]]:
    """The kinds a module defines at its top level."""
    return list({id(value): value for value in vars(module).values() if isinstance(value, Kind)}.values())


@cache
def plugins() -> tuple[EntryPoint, ...]:
    """The papers that other installed packages announce, by name."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)))


def warn_of(entry: EntryPoint, error: Exception) -> None:
    """One warning that names a package that cannot be used."""
    distribution = f" of {entry.dist.name}" if entry.dist is not None else ""
    reason = str(error) if isinstance(error, InvalidStatement) else f"{type(error).__name__}: {error}"
    warnings.warn(f"the paper {entry.name!r}{distribution} ({entry.value}) is left out: {reason}", BrokenPlugin, stacklevel=2)


def kind_named(name: object, subject: str = "kind") -> Kind[Any]:
    """The kind with a name. Raises `InvalidInput` for an unknown one.

    >>> kind_named("linear-ntp").area
    'linear-ntp'
    """
    found = kinds()
    if not isinstance(name, str) or name not in found:
        raise InvalidInput(subject, f"{brief(name)} is not a kind of problem", f"kinds: {', '.join(found)}")
    return found[name]


def kind_of(problem: object) -> Kind[Any] | None:
    """The kind whose class a problem has; None for objects of a user's own.

    >>> kind_of(42) is None
    True
    """
    return next((kind for kind in kinds().values() if type(problem) is kind.problem), None)


def read_instance(record: Any) -> Problem:
    """The problem of an instance record (see the page on file formats). Raises `InvalidInput` for anything else.

    >>> read_instance({"kind": "linear-ntp", "embeddings": [[1]], "probabilities": [["1/2", "1/2"]]}).instance()["weights"]
    ['1']
    """
    problem: Problem = kind_named(field(record, "kind", "instance")).read(record)
    return problem


def instance_view(record: Any) -> View | None:
    """An instance record for people; None for what is no instance of any kind.

    >>> instance_view({"kind": "linear-ntp", "embeddings": [[1]], "probabilities": [[1]]}).title, instance_view(42)
    ('linear-ntp', None)
    """
    try:
        kind = kind_named(field(record, "kind", "instance"))
        return kind.describe(kind.read(record))
    except NtpproofsError:
        return None
