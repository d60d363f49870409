"""The notation of every paper: the module `notation` of its package, where it has one."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from ..language.notation import Notation
from .plugins import plugins, warn_of


@cache
def notations() -> Mapping[str, Notation]:
    """Area to notation, for the papers of this package and those that other packages bring.

    >>> "foundations" in notations()
    True
    """
    from .. import papers

    walked = pkgutil.walk_packages(papers.__path__, papers.__name__ + ".")
    found = {_area(module.name): _in(module.name) for module in walked if module.name.endswith(".notation")}
    for entry in plugins():
        try:
            found.setdefault(entry.name, _in(f"{entry.value}.notation"))
        except ModuleNotFoundError:
            continue  # a package need not have one
        except Exception as error:  # the code is somebody else's and may raise anything
            warn_of(entry, error)
    return {area: notation for area, notation in found.items() if notation is not None}


def _area(module: str) -> str:
    return module.split(".")[-2].replace("_", "-")


def _in(module: str) -> Notation | None:
    return next((value for value in vars(importlib.import_module(module)).values() if isinstance(value, Notation)), None)
