"""Jobs handed out as they are asked for, results handed back in the order of the jobs, whoever finishes first.

The next job may depend on the results handed back so far, hence on nothing that workers do. When the clock ends first, what was
finished is handed back, and of jobs under way the part that had come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from ..checking.processes import Executor, Job, Result
from .journal import Journal

# Jobs under way or waiting to be handed back, at most.
AHEAD = 256


@dataclass
class Parts:
    """Records that unfinished jobs have sent, by job and place within it: a job that starts again sends the same ones again."""

    sent: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)

    def keep(self, job: Job, content: tuple[int, list[dict[str, Any]]]) -> None:
        """Keep records of a job, the first of which has the given place."""
        first, records = content
        self.sent.setdefault(job.name, {}).update(enumerate(records, first))

    def take(self, job: Job) -> list[dict[str, Any]]:
        """The records of a job, which are then forgotten."""
        return [record for _, record in sorted(self.sent.pop(job.name, {}).items())]


@dataclass
class Schedule:
    """Runs the jobs of a source. `cut` says that the deadline came first."""

    executor: Executor
    journal: Journal
    deadline: float | None = None
    parts: Parts = field(default_factory=Parts)
    cut: bool = False
    _waiting: deque[Job] = field(default_factory=deque)
    _finished: dict[str, Result] = field(default_factory=dict)
    _running: set[str] = field(default_factory=set)
    _again: deque[Job] = field(default_factory=deque)

    def results(self, source: Callable[[], Job | None]) -> Iterator[tuple[Job, Result]]:
        """(job, result) in order. `source` is asked whenever there is room; None means: nothing before another result was absorbed.

        A consumer that stops early leaves jobs running, and discards them.
        """
        while True:
            self._fill(source)
            if self._waiting and self._waiting[0].name in self._finished:
                job = self._waiting.popleft()
                yield job, self._finished.pop(job.name)
            elif not self._waiting:
                return
            elif self.deadline is not None and monotonic() >= self.deadline:
                self.cut = True
                yield from self._remains()
                return
            else:
                self._wait()

    def _fill(self, source: Callable[[], Job | None]) -> None:
        while self.executor.room and len(self._waiting) < AHEAD:
            job = self._again.popleft() if self._again else source()
            if job is None:
                return
            self._waiting.append(job)
            known = self.journal.result(job)
            if known is not None:
                self._finished[job.name] = known
            else:
                self.executor.submit(job)
                self._running.add(job.name)

    def _wait(self) -> None:
        left = None if self.deadline is None else max(0.0, self.deadline - monotonic())
        for job, result in self.executor.finished(left):
            if job.name in self._running:
                self._running.discard(job.name)
                self.parts.take(job)
                self._finished[job.name] = result
                self.journal.keep(job, result)

    def _remains(self) -> Iterator[tuple[Job, Result]]:
        # In order, what is finished; of the others what they sent before the clock.
        self.executor.discard()
        for job in self._waiting:
            records = self.parts.take(job)
            result = self._finished.get(job.name)
            if result is None and records:
                result = {"records": records}
            if result is not None:
                yield job, result

    def revise(self, change: Callable[[Job], Job | None]) -> None:
        """Start everything not yet handed back again, changed."""
        self.executor.discard()
        for job in self._waiting:
            self.parts.take(job)
        jobs = [change(job) for job in (*self._waiting, *self._again)]
        self._again = deque(job for job in jobs if job is not None)
        self._waiting.clear()
        self._finished.clear()
        self._running.clear()


def run_all(executor: Executor, journal: Journal, jobs: list[Job]) -> list[Result]:
    """The results of jobs, in their order."""
    left = iter(jobs)
    return [result for _, result in Schedule(executor, journal).results(lambda: next(left, None))]
