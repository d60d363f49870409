"""Checking conjectures: enumerate, draw, steer, shrink; workers that can be killed; reports that do not depend on them."""

from typing import TYPE_CHECKING

from ..lazy import lazy_exports

if TYPE_CHECKING:
    from ..checking.processes import Executor, LocalProcesses
    from .files import Options, check_file, replay
    from .findings import ClaimFinding, ConjectureFinding, Counterexample, exit_status

_HOMES = {
    "ntpproofs.checking.processes": ("Executor", "LocalProcesses"),
    ".files": ("Options", "check_file", "replay"),
    ".findings": ("ClaimFinding", "ConjectureFinding", "Counterexample", "exit_status"),
}
__all__ = [
    "ClaimFinding", "ConjectureFinding", "Counterexample", "Executor", "LocalProcesses", "Options", "check_file", "exit_status", "replay",
]  # fmt: skip
__getattr__, __dir__ = lazy_exports(__name__, {name: home for home, names in _HOMES.items() for name in names})
