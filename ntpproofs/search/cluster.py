"""Jobs on a dask cluster (the extra `cluster`): the same jobs, the same results, hence the same report as on one process.

Each thread of a dask worker drives one companion: a process of its own that keeps the conjecture file loaded and ends what does
not return. A dask worker may be a daemon, which may not fork; so companions are started as commands. Workers see the file at the
same path, and have this package installed. A job whose worker is killed runs again elsewhere; its result counts once.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from ..checking.processes import Job, LocalProcesses, Result, failure
from ..errors import InvalidInput
from .jobs import Bench

# Jobs under way per thread of the cluster: one running, one waiting.
AHEAD = 2


class _Companion:
    """A command that performs jobs one after another, written to and read from as pickles."""

    def __init__(self, limit: float, directory: str | None) -> None:
        command = [sys.executable, "-m", "ntpproofs.search.cluster", str(limit)]
        self.directory = directory
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=directory)
        atexit.register(self.process.kill)

    def perform(self, job: Job) -> Result:
        """The result of a job."""
        assert self.process.stdin is not None and self.process.stdout is not None
        pickle.dump(job, self.process.stdin)
        self.process.stdin.flush()
        found: Result = pickle.load(self.process.stdout)
        return found


_THREAD = threading.local()


def perform(job: Job, limit: float, directory: str | None = None) -> Result:
    """Perform a job in the companion of this thread, started when first needed and replaced if it ended.

    A relative path is meant from `directory`, where whoever asks was started; the dask worker was started elsewhere.
    """
    companion = getattr(_THREAD, "companion", None)
    if companion is None or companion.process.poll() is not None or companion.directory != directory:
        if companion is not None:
            companion.process.kill()
        companion = _THREAD.companion = _Companion(limit, directory)
    found: Result = companion.perform(job)
    return found


def companion_loop(limit: float, jobs: BinaryIO, results: BinaryIO) -> None:
    """Perform pickled jobs until the input ends."""
    executor = LocalProcesses(Bench, 1, limit)
    try:
        while True:
            try:
                job = pickle.load(jobs)
            except EOFError:
                return
            executor.submit(job)
            ((_, result),) = executor.finished()
            pickle.dump(result, results)
            results.flush()
    except BrokenPipeError:
        return  # the dask worker that asked was killed: its job runs again elsewhere
    finally:
        executor.close()


class DaskCluster:
    """An executor on a dask cluster, given a connected `distributed.Client`."""

    def __init__(self, client: Any, limit: float = 10.0, cluster: Any = None) -> None:
        self.client, self.limit, self.cluster = client, limit, cluster
        self._running: dict[Any, Job] = {}

    @property
    def room(self) -> int:
        """How many more jobs keep the cluster busy."""
        threads = sum(self.client.nthreads().values())
        return max(0, AHEAD * max(1, threads) - len(self._running))

    def submit(self, job: Job) -> None:
        """Hand a job to the scheduler."""
        # A job runs again wherever its worker was killed, however often: it is the claim's time limit that ends bad ones.
        directory = None if Path(job.path).is_absolute() else os.getcwd()
        future = self.client.submit(perform, job, self.limit, directory, pure=False, retries=3)
        self._running[future] = job

    def finished(self, timeout: float | None = None) -> list[tuple[Job, Result]]:
        """Jobs that are done; one that no worker could perform comes back failed."""
        if not self._running:
            return []
        from distributed import wait

        try:
            wait(list(self._running), timeout=timeout, return_when="FIRST_COMPLETED")
        except TimeoutError:
            return []
        ready = [future for future in self._running if future.done()]
        done = []
        for future in ready:
            job = self._running.pop(future)
            error = future.exception() if future.status != "finished" else None
            lost = failure(job.path, f"the cluster lost the job ({error})", "look at the cluster's own log")
            done.append((job, lost if error is not None else future.result()))
            future.release()
        return done

    def discard(self) -> None:
        """Cancel what is not finished."""
        self.client.cancel(list(self._running))
        self._running.clear()

    def close(self) -> None:
        """Discard, and leave the cluster (a local one is shut down)."""
        self.discard()
        self.client.close()
        if self.cluster is not None:
            self.cluster.close()


def connect(address: str, limit: float = 10.0) -> DaskCluster:
    """The executor for `local:N` (a cluster of N processes on this machine) or the address of a scheduler, such as tcp://host:8786.

    Raises `InvalidInput` where dask.distributed is not installed, the address is neither, or nobody answers there.
    """
    name, _, count = address.partition(":")
    if name == "local" and not (count.isdigit() and int(count) > 0):
        raise InvalidInput("--cluster", f"{address!r} names no number of processes", "write local:N with N at least 1")
    if name not in ("local", "tcp", "tls", "ucx", "ws", "wss"):
        raise InvalidInput("--cluster", f"{address!r} is no address", "write local:N or the address of a scheduler, such as tcp://host:8786")
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InvalidInput("--cluster", "needs dask.distributed", "install it with: pip install 'ntpproofs[cluster]'") from None
    if name == "local":
        cluster = LocalCluster(n_workers=int(count), threads_per_worker=1, processes=True, dashboard_address=None)
        return DaskCluster(Client(cluster), limit, cluster)
    try:
        return DaskCluster(Client(address, timeout=10), limit)
    except (OSError, ValueError) as error:
        raise InvalidInput(
            "--cluster", f"nobody answers at {address} ({type(error).__name__})", "start a scheduler there, or check the address"
        ) from None


if __name__ == "__main__":
    companion_loop(float(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
