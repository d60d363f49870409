"""The pool: worker processes with a time limit on every evaluation, for `verify` and `check` alike.

A worker notes before each evaluation, in memory that it shares with the pool, what it is about to do. One that does not come back
within the limit, or takes its process down, is ended and replaced; its job starts again and avoids what failed. So a result depends on
the job alone, whichever worker met it. The pool knows nothing of statements: a *bench*, made in the worker, performs jobs.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from time import monotonic, sleep
from typing import Any, Protocol

from .marks import SLOW, STARTING, Board, Doing, Mark, evaluating, processor_time

# Importing a user's file may pull in large libraries: it gets at least this many seconds.
LOADING = 30.0
# On a busy machine a process may get little of the time that passes: the limit is on its own processor time, and on this many
# times as much time passing, for evaluations that sleep or wait.
WAITING = 4.0
# A wait that takes so many seconds longer than it may was none: all processes were stopped (Ctrl-Z), or got no time.
STOPPED = 1.0
# Bytes a worker may use beyond what it starts with.
MEMORY = 2 * 2**30
# Of <sys/prctl.h>: the signal a process gets when its parent ends.
PR_SET_PDEATHSIG = 1

Result = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One piece of work: `task` names what the bench does, `arguments` are plain data, `name` is unique in a run, `avoid` maps marks
    to the reason why they must not be evaluated (again)."""

    name: str
    path: str
    task: str
    arguments: dict[str, Any] = field(default_factory=dict)
    avoid: dict[Mark, str] = field(default_factory=dict)


class Bench(Protocol):
    """Performs jobs inside a worker."""

    def perform(self, job: Job) -> Result:
        """The result of a job; what goes wrong with the user's file is {"failed": reason}."""
        ...


# Makes a bench from `mark` (told what comes next) and `part` (given pieces of the result that are finished early).
MakeBench = Callable[[Callable[[Mark], None], Callable[[Any], None]], Bench]


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
    board: Board
    job: Job | None = None
    mark: Mark = STARTING
    since: float = 0.0
    used: float = 0.0
    noted: int = 0

    def look(self) -> None:
        """Take over what the worker has noted since."""
        found = self.board.read()
        if found is not None and found[0] != self.noted:
            self.noted, self.since, self.used, self.mark = found


def preload() -> None:
    """Import what evaluations use, so that forked workers have it: else the first would pay for it within its time limit."""
    for name in ("ntpproofs.checking.shrinking", "ntpproofs.logit.assumptions", "ntpproofs.logit.decomposition", "ntpproofs.logit.margin"):
        import_module(name)
    for name in ("hypothesis", "scipy.optimize", "scipy.sparse"):
        import_module(name)


def limit_memory(allowed: int) -> None:
    """Let this process use `allowed` bytes of address space beyond what it has now; more raises MemoryError."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[0])
        most, hard = pages * resource.getpagesize() + allowed, resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    except (OSError, ValueError):
        return  # a system that does not tell, or does not allow it


def end_with(parent: int) -> None:
    """Let this process end when its parent does, whatever it is doing then: an evaluation that never returns must not outlive a kill."""
    with suppress(OSError, AttributeError):
        if ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) == 0:
            if os.getppid() != parent:  # it ended before this was said
                os._exit(1)
            return

    def look() -> None:  # systems other than Linux
        while os.getppid() == parent:
            sleep(1.0)
        os._exit(1)

    Thread(target=look, daemon=True).start()


def serve(connection: Connection, board: Board, make: MakeBench, memory: int, parent: int) -> None:
    """The loop of a worker process: receive a job, note every mark, send the result. The worker ends with the process `parent`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with(parent)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    quiet = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # what a claim prints is no part of the report
        os.dup2(quiet, descriptor)
    limit_memory(memory)
    bench = make(board.write, lambda part: connection.send(("part", part)))
    while True:
        try:
            job = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(("done", bench.perform(job)))


class LocalProcesses:
    """Worker processes on this machine, forked; also a single worker is a process, so that a claim which never returns ends.

    `limit` is in seconds per evaluation, `memory` in bytes per worker. `part` receives pieces of results as they are finished.
    """

    def __init__(
        self,
        make: MakeBench,
        workers: int = 1,
        limit: float = 10.0,
        memory: int = MEMORY,
        part: Callable[[Job, Any], None] = lambda job, content: None,
    ) -> None:
        self.make, self.limit, self.memory, self.part = make, limit, memory, part
        preload()
        self._context = get_context("fork")
        self._workers = [self._spawn() for _ in range(max(1, workers))]
        self._left = monotonic()

    def _spawn(self) -> _Worker:
        here, there = self._context.Pipe()
        board = Board()
        process = self._context.Process(target=serve, args=(there, board, self.make, self.memory, os.getpid()), daemon=True)
        process.start()
        there.close()
        return _Worker(process, here, board)

    @property
    def room(self) -> int:
        """Idle workers."""
        return sum(worker.job is None for worker in self._workers)

    def submit(self, job: Job) -> None:
        """Give a job to an idle worker."""
        self._start(next(worker for worker in self._workers if worker.job is None), job)

    def _start(self, worker: _Worker, job: Job) -> None:
        worker.look()  # what it noted of the job before
        worker.job, worker.mark, worker.since, worker.used = job, STARTING, monotonic(), processor_time(worker.process.pid)
        try:
            worker.connection.send(job)
        except (BrokenPipeError, OSError):
            pass  # its end is noticed while waiting

    def finished(self, timeout: float | None = None) -> list[tuple[Job, Result]]:
        """Jobs that are done. A worker past its limit is replaced."""
        deadline = None if timeout is None else monotonic() + timeout
        done: list[tuple[Job, Result]] = []
        self._allow_for_stops(self._left)
        while not done:
            busy = {worker.connection: worker for worker in self._workers if worker.job is not None}
            if not busy:
                return done
            # A job begins with what may be slow: a look now and then sees when it has come to evaluations, which have less time.
            pause = min(self.limit / 4, *(self._remaining(worker) for worker in busy.values()))
            if deadline is not None:
                pause = min(pause, deadline - monotonic())
            begun, pause = monotonic(), max(0.0, pause)
            ready = wait(list(busy), pause)
            self._allow_for_stops(begun + pause)
            for connection in ready:
                done += self._received(busy[connection])  # type: ignore[index]
            for worker in self._workers:
                if worker.job is not None and self._remaining(worker) <= 0 and not worker.connection.poll():
                    done += self._replaced(worker, f"did not return within {self.limit:g} s")
            self._left = monotonic()
            if deadline is not None and monotonic() >= deadline:
                return done
        return done

    def _allow_for_stops(self, expected: float) -> None:
        # What passed while nothing could run counts for no evaluation that was under way.
        stopped = monotonic() - expected
        if stopped > STOPPED:
            for worker in self._workers:
                worker.look()
                worker.since += stopped if worker.since <= expected else 0.0

    def _received(self, worker: _Worker) -> list[tuple[Job, Result]]:
        try:
            kind, content = worker.connection.recv()
        except (EOFError, OSError):
            return self._replaced(worker, "ended its process")
        assert worker.job is not None
        if kind == "done":
            job, worker.job = worker.job, None
            return [(job, content)]
        self.part(worker.job, content)
        return []

    def _remaining(self, worker: _Worker) -> float:
        worker.look()
        allowed = max(self.limit, LOADING) if worker.mark.doing in SLOW else self.limit
        passed = monotonic() - worker.since
        if passed < allowed:
            return allowed - passed
        used = processor_time(worker.process.pid) - worker.used
        return min(max(allowed - used, 0.0), WAITING * allowed - passed)

    def _replaced(self, worker: _Worker, reason: str) -> list[tuple[Job, Result]]:
        # The job again, without what just failed; given up where avoiding cannot help (loading, drawing) or did not.
        worker.look()
        job, mark = worker.job, worker.mark
        assert job is not None
        self._end(worker)
        fresh = self._spawn()
        self._workers[self._workers.index(worker)] = fresh
        if mark in job.avoid or mark.doing is not Doing.EVALUATING:
            what = mark.doing.value + (f" (at {mark.place})" if mark.place else "")
            return [(job, failure(job.path, f"{what} {reason}", "correct the file, or allow more time"))]
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


def failure(subject: str, reason: str, remedy: str) -> Result:
    """The result of a job that could not be performed.

    >>> failure("f.py:3", "raised ValueError", "correct the line")["failed"]
    'f.py:3: raised ValueError'
    """
    return {"failed": f"{subject}: {reason}", "error": [subject, reason, remedy]}


__all__ = ["Bench", "Doing", "Executor", "Job", "LocalProcesses", "Mark", "Result", "evaluating", "failure", "serve"]
