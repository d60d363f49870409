"""Filling the table: the smallest instances of every family up to symmetry, then draws, until new types of instances become rare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import monotonic

from ..checking.processes import Executor, Job, Result
from ..errors import InvalidInput
from ..search.journal import Journal
from .rows import Row
from .table import Table

# Enumerated instances per family, draws of one family between two looks at the types, and the most draws of one family.
ENUMERATED, SWEEP, MOST = 150, 40, 800
BATCH = 20
# Types are saturated when a sweep brings fewer new ones than this share of its rows.
SATURATED = 0.05


@dataclass(frozen=True)
class Filling:
    """How the table was filled: rows and types after every sweep, and what ended it ("saturated", "enough rows" or "time")."""

    curve: tuple[tuple[int, int], ...]
    ended: str


def fill(table: Table, maker: Maker, families: int, deadline: float, watch: Callable[[str], None]) -> Filling:
    """Fill the table from all families in turn. Law: unless time ends it, the rows depend on kind and seed only."""
    starts = range(0, ENUMERATED, BATCH)
    jobs = [maker.job("enumerate", family, start=start, count=BATCH) for start in starts for family in range(families)]
    curve = []
    for rows in maker.rows(jobs, deadline):
        table.add(rows)
        watch(_state(table))
    for start in range(0, MOST, SWEEP):
        curve.append((len(table.rows), table.types))
        if monotonic() >= deadline:
            return Filling(tuple(curve), "time")
        places = [(family, first) for first in range(start, start + SWEEP, BATCH) for family in range(families)]
        for rows in maker.rows([maker.job("draw", family, start=first, count=BATCH, seed=maker.seed) for family, first in places], deadline):
            table.add(rows)
            watch(_state(table))
        rows_before, types_before = curve[-1]
        if table.types - types_before < SATURATED * max(1, len(table.rows) - rows_before):
            return Filling((*curve, (len(table.rows), table.types)), "saturated")
    return Filling((*curve, (len(table.rows), table.types)), "enough rows")


def _state(table: Table) -> str:
    return f"table: {len(table.rows):,} rows of {table.types:,} types"


@dataclass
class Maker:
    """Makes rows in worker processes; results that the journal knows are not computed again."""

    kind: str
    seed: int
    executor: Executor
    journal: Journal

    def job(self, task: str, family: int, **arguments: object) -> Job:
        """A job of rows from a family."""
        name = f"{task}/{family}/{arguments.get('start', '')}"
        return Job(name, "", task, {"kind": self.kind, "family": family, **arguments})

    def of_instances(self, instances: list[object], name: str) -> list[Row]:
        """The rows of written instances, such as counterexamples."""
        job = Job(f"read/{name}", "", "read", {"kind": self.kind, "instances": instances})
        return [row for rows in self.rows([job], None) for row in rows] if instances else []

    def rows(self, jobs: Iterable[Job], deadline: float | None) -> Iterator[list[Row]]:
        """The rows of jobs, which run concurrently, in the order of the jobs; those after the deadline are dropped."""
        waiting, results, pending = list[str](), dict[str, Result](), list(jobs)
        while pending or waiting:
            while pending and self.executor.room:
                job = pending.pop(0)
                waiting.append(job.name)
                known = self.journal.result(job)
                if known is not None:
                    results[job.name] = known
                else:
                    self.executor.submit(job)
            while waiting and waiting[0] in results:
                yield self._read(results.pop(waiting.pop(0)))
            if not waiting:
                continue
            if deadline is not None and monotonic() >= deadline:
                self.executor.discard()
                return
            for job, result in self.executor.finished(None if deadline is None else max(0.0, deadline - monotonic())):
                results[job.name] = result
                self.journal.keep(job, result)

    @staticmethod
    def _read(result: Result) -> list[Row]:
        if "failed" in result:
            raise InvalidInput(*result["error"])
        return [Row.of(record) for record in result["rows"]]
