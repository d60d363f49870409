"""What a job says of the instances it examined: one record each, and the instances themselves where somebody will want them.

Wanted are refuting instances, the first ones (for contrast), and of every type the one nearest to refuting a claim.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from ..checking.examining import Examiner
from ..checking.instances import shown
from ..checking.processes import Job
from ..language.frozen_statements import Instance
from .elites import kind_in, score_of
from .moves import measure
from .novelty import type_of
from .transport import encode
from .workbench import Workbench

# Seconds after which finished records are sent ahead of the rest of their job, so that no clock loses them.
PATIENCE = 0.5
# Refuting instances of a job that travel.
TRAVELLING = 40

Part = Callable[[Any], None]


class Records:
    """The records of one job, in the order of examination."""

    def __init__(self, bench: Workbench, job: Job, keep: bool = False) -> None:
        self.examiner = Examiner(bench.statement(job), job.path, bench.mark, job.avoid, job.arguments.get("skip", ()), observe=type_of)
        self.keep, self.part = keep, bench.part
        self.records: list[dict[str, Any]] = []
        self._problems: list[Any] = []
        self._choices: list[list[Any] | None] = []
        self._sent, self._since = 0, monotonic()

    def add(self, place: str, problem: Instance, choices: list[Any] | None = None) -> dict[str, Any]:
        """Examine an instance; `choices` are those a strategy made for it."""
        record = self.examiner.examine(problem, place).plain()
        record["type"], record["size"] = record.pop("observed"), list(measure(problem))
        self.records.append(record)
        self._problems.append(problem)
        self._choices.append(choices)
        if monotonic() - self._since > PATIENCE:
            self.part((self._sent, self._carrying(self._sent)))
            self._sent, self._since = len(self.records), monotonic()
        return record

    def finished(self) -> list[dict[str, Any]]:
        """All records. What they carry is a function of the job alone, not of what was sent ahead."""
        return self._carrying(0)

    def _carrying(self, start: int) -> list[dict[str, Any]]:
        chosen = range(start, len(self.records))
        wanted = self._refuting(chosen) | self._best(chosen) | {i for i in chosen if self.keep and self.records[i]["claims"]}
        return [self._with_instance(i) if i in wanted else self.records[i] for i in chosen]

    def _refuting(self, chosen: range) -> set[int]:
        refuting = [i for i in chosen if any(found["outcome"] == "refuted" for found in self.records[i]["claims"].values())]
        return set(sorted(refuting, key=lambda i: self.records[i]["size"])[:TRAVELLING])

    def _best(self, chosen: range) -> set[int]:
        best: dict[tuple[str, str], int] = {}
        for i in chosen:
            record = self.records[i]
            for claim in record["claims"] or ("",):
                key = claim, kind_in(record)
                if key not in best or self._rank(i, claim) < self._rank(best[key], claim):
                    best[key] = i
        return set(best.values())

    def _rank(self, i: int, claim: str) -> tuple[Any, ...]:
        return score_of(self.records[i], claim), self.records[i]["size"]

    def _with_instance(self, i: int) -> dict[str, Any]:
        carried = {"instance": encode(self._problems[i]), "text": shown(self._problems[i])}
        choices = {} if self._choices[i] is None else {"choices": self._choices[i]}
        return self.records[i] | carried | choices
