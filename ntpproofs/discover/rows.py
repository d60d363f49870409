"""Rows of the table: an instance with every invariant computed and every assumption decided, as plain data that travels.

Jobs compute rows in worker processes; the result of a job depends on the job alone, so a journal can replay it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

from ..checking.drawing import independent_draw, seed_of
from ..checking.instances import key_of
from ..checking.invariants import discovery_of, invariants_of
from ..checking.kinds import kind_named, read_instance
from ..checking.processes import Doing, Job, Mark, Result, evaluating, failure
from ..errors import NtpproofsError
from ..exact.balls import Interval
from ..language.forms import Value
from ..language.kinds import Kind, Problem
from ..language.strategy_arguments import domains_of
from ..language.verdicts import Outcome


@dataclass(frozen=True)
class Row:
    """One instance: its record, the values of the invariants (None where not defined), the assumptions that hold, those that fail."""

    key: str
    instance: dict[str, Any]
    values: dict[str, Value | None]
    holds: frozenset[str]
    fails: frozenset[str]
    origin: str

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        values = {name: written(value) for name, value in self.values.items()}
        sets = {"holds": sorted(self.holds), "fails": sorted(self.fails)}
        return {"key": self.key, "instance": self.instance, "values": values, **sets, "origin": self.origin}

    @classmethod
    def of(cls, record: dict[str, Any]) -> Row:
        """The row of its JSON."""
        values = {name: read_value(value) for name, value in record["values"].items()}
        return cls(record["key"], record["instance"], values, frozenset(record["holds"]), frozenset(record["fails"]), record["origin"])


def written(value: Value | None) -> Any:
    """A value as JSON: an integer, "p/q", [centre, radius], or null.

    >>> written(Fraction(1, 2)), written(Interval(Fraction(1), Fraction(1, 4)))
    ('1/2', ['1', '1/4'])
    """
    if isinstance(value, Interval):
        return [str(value.center), str(value.radius)]
    return str(value) if isinstance(value, Fraction) else value


def read_value(value: Any) -> Value | None:
    """The value of its JSON."""
    if isinstance(value, list):
        return Interval(Fraction(value[0]), Fraction(value[1]))
    return Fraction(value) if isinstance(value, str) else value


def row_of(problem: Problem, origin: str) -> Row:
    """The row of a problem. An invariant or an assumption that its size puts out of reach is not defined, or undecided."""
    found = invariants_of(problem)
    decided = {entry.name: _outcome(found.outcome, entry.name) for entry in found.kind.assumptions}
    values = {name: _value(found.__getitem__, name) for name in found}
    holds = frozenset(name for name, outcome in decided.items() if outcome is Outcome.HOLDS)
    fails = frozenset(name for name, outcome in decided.items() if outcome is Outcome.FAILS)
    return Row(key_of(problem), problem.instance(), values, holds, fails, origin)


def _outcome(decide: Callable[[str], Outcome], name: str) -> Outcome:
    try:
        return decide(name)
    except NtpproofsError:
        return Outcome.UNDECIDED


def _value(compute: Callable[[str], Value | None], name: str) -> Value | None:
    try:
        return compute(name)
    except NtpproofsError:
        return None


class RowBench:
    """Performs the jobs of a table in a worker: `enumerate` and `draw` from a family of the kind, `read` written instances."""

    def __init__(self, mark: Callable[[Mark], None] = lambda mark: None, part: Callable[[Any], None] = lambda content: None) -> None:
        del part
        self.mark = mark
        self._enumerations: dict[tuple[str, int], tuple[Iterator[Any], list[Any]]] = {}

    def perform(self, job: Job) -> Result:
        """The rows of a job; an instance whose row took too long is left out."""
        try:
            pairs = {"enumerate": self._enumerated, "draw": self._drawn, "read": self._read}[job.task](job)
            rows = []
            for number, problem in pairs:
                mark = evaluating(str(number), "row")
                if mark not in job.avoid:
                    self.mark(mark)
                    rows.append(row_of(problem, job.task).plain())
            return {"rows": rows}
        except NtpproofsError as error:
            return failure(error.subject, error.reason, error.remedy)

    def _strategy(self, job: Job) -> tuple[Kind[Any], Any]:
        kind = kind_named(job.arguments["kind"])
        return kind, kind.strategy(**discovery_of(kind).families[job.arguments["family"]])

    def _enumerated(self, job: Job) -> Iterator[tuple[int, Any]]:
        self.mark(Mark(Doing.ENUMERATING))
        kind, strategy = self._strategy(job)
        key = kind.name, job.arguments["family"]
        if key not in self._enumerations:
            domains = domains_of(strategy) or ()
            self._enumerations[key] = (kind.enumerate(domains[0].arguments) if domains else iter(())), []
        iterator, known = self._enumerations[key]
        start, stop = job.arguments["start"], job.arguments["start"] + job.arguments["count"]
        known += islice(iterator, max(0, stop - len(known)))
        return enumerate(known[start:stop], start)

    def _drawn(self, job: Job) -> Iterator[tuple[int, Any]]:
        _, strategy = self._strategy(job)
        place = job.arguments["seed"], job.arguments["kind"], job.arguments["family"]
        for number in range(job.arguments["start"], job.arguments["start"] + job.arguments["count"]):
            self.mark(Mark(Doing.DRAWING, str(number)))
            drawn, problem = independent_draw(strategy, seed_of(*place, number))
            if drawn:
                yield number, problem

    def _read(self, job: Job) -> Iterator[tuple[int, Any]]:
        return enumerate(map(read_instance, job.arguments["instances"]))
