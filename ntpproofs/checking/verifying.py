"""Checking many registered statements in a pool: the same reports whatever the number of workers, each handed on when it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import NtpproofsError
from ..language.statements import Statement
from .laboratory import PROFILES, Laboratory
from .loop import check
from .processes import Job, LocalProcesses, Mark, Result
from .registry import needed
from .reports import StatementReport
from .time_limits import VERIFYING

# Statements of one job share a laboratory: small enough that two workers end at about the same time.
GROUP = 5


class VerifyBench:
    """Checks groups of registered statements in a worker; the reports of a group are sent one by one."""

    def __init__(self, mark: Callable[[Mark], None], part: Callable[[Any], None]) -> None:
        self.mark, self.part = mark, part

    def perform(self, job: Job) -> Result:
        """Check the statements that a job names."""
        laboratory, statements = Laboratory(PROFILES[job.arguments["profile"]], job.arguments["seed"]), needed(job.arguments["labels"])
        for label in job.arguments["labels"]:
            # Marks carry the statement's label, so that what one must avoid another does not.
            avoid = {replace(mark, label=""): why for mark, why in job.avoid.items() if mark.label == label}

            def tell(mark: Mark, label: str = label) -> None:
                self.mark(replace(mark, label=label))

            self.part(check(statements[label], laboratory, tell, avoid))
        return {}


def verify(
    labels: Sequence[str],
    profile: str,
    seed: int,
    workers: int,
    done: Callable[[StatementReport], None],
    limit: float = VERIFYING,
) -> dict[str, StatementReport]:
    """Check registered statements; `done` is called as each report arrives, the result is in the order of `labels`.

    `limit` is the number of seconds one evaluation may take. Laws: the reports do not depend on `workers`; on
    KeyboardInterrupt the workers are ended and the exception is passed on, and what `done` has seen is complete. Raises
    `NtpproofsError` if a group of statements could not be checked at all.
    """
    statements = needed(labels)
    reports: dict[str, StatementReport] = {}

    def part(job: Job, report: StatementReport) -> None:
        if report.label not in reports:  # a job that had to start again repeats what it had finished
            reports[report.label] = report
            done(report)

    pending = [
        Job(f"verify {number}", names[0], "verify", {"labels": names, "profile": profile, "seed": seed})
        for number, names in enumerate(group(statements, labels))
    ]
    pool = LocalProcesses(VerifyBench, min(workers, len(pending)), limit, part=part)
    try:
        running = 0
        while pending or running:
            while pending and pool.room:
                pool.submit(_unfinished(pending.pop(0), reports))
                running += 1
            for job, result in pool.finished():
                running -= 1
                if "failed" in result:
                    raise NtpproofsError(", ".join(job.arguments["labels"]), result["failed"], "check them one by one with `ntpproofs show`")
    finally:
        pool.close()
    return {label: reports[label] for label in labels}


def _unfinished(job: Job, reports: Mapping[str, StatementReport]) -> Job:
    names = [label for label in job.arguments["labels"] if label not in reports]
    return replace(job, arguments=job.arguments | {"labels": names})


def group(statements: Mapping[str, Statement], labels: Sequence[str]) -> list[list[str]]:
    """Labels in groups that share instances and simulators (so they share decompositions and trajectories), largest first."""
    shared: dict[tuple[int, str], list[str]] = {}
    for label in labels:
        statement = statements[label]
        shared.setdefault((id(statement.instances), repr(statement.simulate)), []).append(label)
    groups = [names[i : i + GROUP] for names in shared.values() for i in range(0, len(names), GROUP)]
    return sorted(groups, key=lambda names: (-len(names), names))


__all__ = ["verify"]
