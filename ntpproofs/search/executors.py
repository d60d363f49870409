"""Executors: where jobs run. The local one keeps a few processes, and ends and replaces one that does not come back.

The seam is small on purpose: an executor accepts jobs while it has room and hands back finished ones in any order. It knows
nothing of conjectures, so a cluster can stand in for it.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Protocol

from .jobs import Bench, Job, Result

# Importing a user's file may pull in large libraries: it gets at least this many seconds.
LOADING = 30.0
# On a busy machine a process may get little of the time that passes: the limit is on its own processor time, and on this many
# times as much time passing, for evaluations that sleep or wait.
WAITING = 4.0


class Executor(Protocol):
    """Runs jobs somewhere. Law: every submitted job is handed back exactly once, unless `discard` comes first."""

    @property
    def room(self) -> int:
        """How many more jobs may be submitted now."""
        ...

    def submit(self, job: Job) -> None:
        """Accept a job."""
        ...

    def finished(self, timeout: float | None = None) -> list[tuple[Job, Result]]:
        """Wait for at least one job (at most `timeout` seconds) and return those that are done."""
        ...

    def discard(self) -> None:
        """Forget all jobs that are not finished."""
        ...

    def close(self) -> None:
        """Discard, and release everything."""
        ...


@dataclass(eq=False)
class _Worker:
    process: BaseProcess
    connection: Connection
    job: Job | None = None
    mark: str = ""
    since: float = 0.0
    used: float = 0.0


def preload() -> None:
    """Import what jobs use, so that forked workers have it: else the first evaluation would pay for it within its time limit."""
    for name in (
        "papers.attention_ntp.assumptions",
        "logit.assumptions",
        "papers.linear_ntp.assumptions",
        "logit.decomposition",
        "logit.margin",
        "checking.shrinking",
    ):
        import_module(f"ntpproofs.{name}")
    for name in ("hypothesis.internal.conjecture.engine", "scipy.optimize", "scipy.sparse", "ntpproofs.papers.attention_ntp.strategies"):
        import_module(name)


def processor_time(pid: int | None) -> float:
    """Seconds of processor time a process has used; the time that passes where the system does not tell."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, IndexError):
        return monotonic()


def serve(connection: Connection) -> None:
    """The loop of a worker process: receive a job, tell every mark, send the result."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    quiet = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # what a claim prints is no part of the report
        os.dup2(quiet, descriptor)
    bench, parent = Bench(lambda text: connection.send(("at", text))), os.getppid()
    while True:
        try:
            while not connection.poll(2.0):
                if os.getppid() != parent:  # the parent was killed: nobody waits for results
                    return
            job = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(("done", bench.perform(job)))


class LocalProcesses:
    """Worker processes on this machine, forked; also a single worker is a process, so that a claim which never returns ends.

    An evaluation that exceeds `limit` seconds, or takes its process down, is not repeated: the job starts again elsewhere and
    avoids it, so the result is the same whichever worker met it.
    """

    def __init__(self, workers: int = 1, limit: float = 10.0) -> None:
        self.limit = limit
        preload()
        self._context = get_context("fork")
        self._workers = [self._spawn() for _ in range(max(1, workers))]

    def _spawn(self) -> _Worker:
        here, there = self._context.Pipe()
        process = self._context.Process(target=serve, args=(there,), daemon=True)
        process.start()
        there.close()
        return _Worker(process, here)

    @property
    def room(self) -> int:
        """Idle workers."""
        return sum(worker.job is None for worker in self._workers)

    def submit(self, job: Job) -> None:
        """Give a job to an idle worker."""
        self._start(next(worker for worker in self._workers if worker.job is None), job)

    def _start(self, worker: _Worker, job: Job) -> None:
        worker.job, worker.mark, worker.since, worker.used = job, "", monotonic(), processor_time(worker.process.pid)
        try:
            worker.connection.send(job)
        except (BrokenPipeError, OSError):
            pass  # its end is noticed while waiting

    def finished(self, timeout: float | None = None) -> list[tuple[Job, Result]]:
        """Jobs that are done. Marks are followed on the way, and a worker past its limit is replaced."""
        deadline = None if timeout is None else monotonic() + timeout
        done: list[tuple[Job, Result]] = []
        while not done:
            busy = {worker.connection: worker for worker in self._workers if worker.job is not None}
            if not busy:
                return done
            pause = min(self._remaining(worker) for worker in busy.values())
            if deadline is not None:
                pause = min(pause, deadline - monotonic())
            for connection in wait(list(busy), max(0.0, pause)):
                worker = busy[connection]  # type: ignore[index]
                try:
                    kind, content = worker.connection.recv()
                except (EOFError, OSError):
                    done += self._replaced(worker, "ended its process")
                    continue
                if kind == "at":
                    worker.mark, worker.since, worker.used = content, monotonic(), processor_time(worker.process.pid)
                else:
                    assert worker.job is not None
                    done.append((worker.job, content))
                    worker.job = None
            for worker in self._workers:
                if worker.job is not None and self._remaining(worker) <= 0 and not worker.connection.poll():
                    done += self._replaced(worker, f"did not return within {self.limit:g} s")
            if deadline is not None and monotonic() >= deadline:
                return done
        return done

    def _remaining(self, worker: _Worker) -> float:
        allowed = max(self.limit, LOADING) if worker.mark in ("", "load", "enumeration") else self.limit
        passed = monotonic() - worker.since
        if passed < allowed:
            return allowed - passed
        used = processor_time(worker.process.pid) - worker.used
        return min(max(allowed - used, 0.0), WAITING * allowed - passed)

    def _replaced(self, worker: _Worker, reason: str) -> list[tuple[Job, Result]]:
        # The job again, without what just failed; given up where avoiding cannot help (loading, drawing) or did not.
        job, mark = worker.job, worker.mark
        assert job is not None
        self._end(worker)
        fresh = self._spawn()
        self._workers[self._workers.index(worker)] = fresh
        if mark in job.avoid or not ("claim" in mark or "assumption" in mark or "degenerate" in mark or "candidate" in mark):
            what = {"": "the file", "load": "loading the file", "enumeration": "the enumeration"}.get(mark, f"the strategy ({mark})")
            return [(job, {"failed": f"{job.path}: {what} {reason}"})]
        self._start(fresh, replace(job, avoid=job.avoid | {mark: reason}))
        return []

    def _end(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.connection.close()

    def discard(self) -> None:
        """Replace every busy worker."""
        for i, worker in enumerate(self._workers):
            if worker.job is not None:
                self._end(worker)
                self._workers[i] = self._spawn()

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            self._end(worker)
        self._workers = []


__all__ = ["Executor", "LocalProcesses", "serve"]
