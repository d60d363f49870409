"""What a run was: the facts every document carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Run:
    """The command that reproduces a run, the version of the code, seed and profile, the day, and how long it took.

    Fields that are unknown are "" or None and are left out of documents.
    """

    command: str = ""
    version: str = ""
    seed: int | None = None
    profile: str = ""
    date: str = ""
    seconds: float | None = None
    complete: bool = True

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Names and values for a title page, without the command.

        >>> Run(version="1.0", seed=0, seconds=2.0).facts
        (('version', '1.0'), ('seed', '0'), ('time', '2.0 s'))
        """
        seconds = "" if self.seconds is None else f"{self.seconds} s"
        seed = "" if self.seed is None else str(self.seed)
        found = (("version", self.version), ("date", self.date), ("profile", self.profile), ("seed", seed), ("time", seconds))
        return tuple((name, value) for name, value in found if value)


def read_run(document: Mapping[str, Any]) -> Run:
    """The facts of a stored run; empty where the document does not say.

    >>> read_run({"run": {"seed": 1}, "summary": {"seconds": 2.0}})
    Run(command='', version='', seed=1, profile='', date='', seconds=2.0, complete=True)
    """
    run, summary = document.get("run", {}), document.get("summary", {})
    known = {name: run[name] for name in ("command", "version", "seed", "profile", "date") if run.get(name) is not None}
    return Run(**known, seconds=summary.get("seconds"), complete=summary.get("complete", True))
