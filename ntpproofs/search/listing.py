"""One enumeration for all workers: a process of its own lists the smallest instances, a piece ahead of those who examine them."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from ..checking.processes import Job, LocalProcesses
from .jobs import Bench

# Instances asked for at once: few first, so that a verdict comes soon.
FIRST, PIECE = 60, 400


class Listing:
    """The enumerated instances of a statement as plain data, in order. `job(start, count)` makes the job that lists some.

    A listing that takes longer than the pool allows, or fails, ends there; `why` says so. `whole` is the number of all instances that
    the statement has, known after the last one where the strategy is finite and every instance can be written.
    """

    def __init__(self, job: Callable[[int, int], Job], limit: float, deadline: float | None = None) -> None:
        self.job, self.deadline = job, deadline
        self.why = ""
        self.whole: int | None = None
        self._executor: LocalProcesses | None = LocalProcesses(Bench, 1, limit)
        self._known: list[dict[str, Any]] = []
        self._at, self._asked, self._left_out = 0, 0, 0
        self._ask()

    def _ask(self) -> None:
        if self._executor is not None:
            count = PIECE if self._asked else FIRST
            self._executor.submit(self.job(self._asked, count))
            self._asked += count

    def next(self, count: int) -> tuple[int, list[dict[str, Any]]] | None:
        """(number of the first, the next `count` instances, or as many as there are); None after the last."""
        while len(self._known) < count and self._executor is not None:
            self._receive()
        found, self._known = self._known[:count], self._known[count:]
        start, self._at = self._at, self._at + len(found)
        return (start, found) if found else None

    def _receive(self) -> None:
        assert self._executor is not None
        left = None if self.deadline is None else max(0.0, self.deadline - monotonic())
        done = self._executor.finished(left)
        if not done:  # the clock
            self.close()
            return
        ((_, result),) = done
        self.why = result.get("failed", "")
        found = [encoded for encoded in result.get("instances", ()) if encoded is not None]
        self._known += found
        self._left_out += len(result.get("instances", ())) - len(found)
        if result.get("whole") and not self._left_out:
            self.whole = self._at + len(self._known)
        if self.why or result["exhausted"]:
            self.close()
        else:
            self._ask()

    def close(self) -> None:
        """End the process."""
        if self._executor is not None:
            self._executor.close()
            self._executor = None
