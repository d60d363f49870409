"""Lazy re-exports (PEP 562), so that importing a package costs nothing until a name is used. Standard library only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_exports(module: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The module-level `__getattr__` and `__dir__` that resolve each name in the module `homes` gives for it.

    A home with a leading dot is read as an import statement of `module` would read it.
    """

    def resolve(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return getattr(import_module(homes[name], sys.modules[module].__package__), name)

    return resolve, lambda: sorted(homes)


def names_by_module(homes: Mapping[str, str]) -> dict[str, str]:
    """The module of each name, from the names of each module.

    >>> names_by_module({".margin": "MaxMargin max_margin"})
    {'MaxMargin': '.margin', 'max_margin': '.margin'}
    """
    return {name: home for home, names in homes.items() for name in names.split()}
