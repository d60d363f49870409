"""Running many checks: in one process or in several, the same report either way, and what is finished survives an interrupt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context

from ..language.statements import Statement
from .loop import PROFILES, Laboratory, StatementReport, check
from .registry import collect

GROUP = 5


def verify(labels: Sequence[str], profile: str, seed: int, workers: int, done: Callable[[StatementReport], None]) -> dict[str, StatementReport]:
    """Check registered statements; `done` is called as each report arrives, the result is in the order of `labels`.

    Law: the reports do not depend on `workers`. On KeyboardInterrupt the workers are stopped and the exception is passed on;
    what `done` has seen is complete.
    """
    statements = collect()
    reports: dict[str, StatementReport] = {}
    for report in _reports(statements, labels, profile, seed, workers):
        reports[report.label] = report
        done(report)
    return {label: reports[label] for label in labels}


def _reports(statements: Mapping[str, Statement], labels: Sequence[str], profile: str, seed: int, workers: int) -> Iterator[StatementReport]:
    groups = group(statements, labels)
    if workers <= 1 or len(groups) == 1:
        for names in groups:
            yield from check_group(names, profile, seed)
        return
    # Forked workers inherit the imported registry; each group has a laboratory of its own, so results do not depend on
    # which worker took it.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("fork"), initializer=_one_thread)
    try:
        pending: set[Future[list[StatementReport]]] = {pool.submit(_checked, names, profile, seed) for names in groups}
        while pending:
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                yield from future.result()
    except BaseException:
        _stop(pool)
        raise
    pool.shutdown()


def _stop(pool: ProcessPoolExecutor) -> None:
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()


def _one_thread() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


def group(statements: Mapping[str, Statement], labels: Sequence[str]) -> list[list[str]]:
    """Labels in groups that share instances and simulators (so they share decompositions and trajectories), largest first."""
    shared: dict[tuple[int, str], list[str]] = {}
    for label in labels:
        statement = statements[label]
        shared.setdefault((id(statement.instances), repr(statement.simulate)), []).append(label)
    groups = [names[i : i + GROUP] for names in shared.values() for i in range(0, len(names), GROUP)]
    return sorted(groups, key=lambda names: (-len(names), names))


def check_group(names: Sequence[str], profile: str, seed: int) -> Iterator[StatementReport]:
    """Check the named statements in one laboratory, one report at a time."""
    laboratory = Laboratory(PROFILES[profile], seed)
    statements = collect()
    for name in names:
        yield check(statements[name], laboratory)


def _checked(names: list[str], profile: str, seed: int) -> list[StatementReport]:
    return list(check_group(names, profile, seed))
