"""Papers of other people: installed packages that announce themselves through the entry point `ntpproofs.papers`.

An entry names a package with a module `kind` (at least one `Kind`) and, if it has statements, a subpackage `theorems`. One that cannot
be used is left out with one warning.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from ..errors import BrokenPlugin, NtpproofsError

GROUP = "ntpproofs.papers"


@cache
def plugins() -> tuple[EntryPoint, ...]:
    """The papers that other installed packages announce, by name."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)))


def warn_of(entry: EntryPoint, error: Exception) -> None:
    """One warning that names a package that cannot be used, and why."""
    distribution = f" of {entry.dist.name}" if entry.dist is not None else ""
    reason = str(error) if isinstance(error, NtpproofsError) else f"{type(error).__name__}: {error}"
    warnings.warn(f"the paper {entry.name!r}{distribution} ({entry.value}) is left out: {reason}", BrokenPlugin, stacklevel=3)
