"""Jobs: pieces of a campaign that run anywhere, in any order. A job is plain data, and its result is a function of it alone.

That law is what makes reports independent of the number of workers, of interruptions, and of the machine a job ran on.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from ..checking.drawing import LONGEST, draws
from ..checking.examining import Examiner, Tell, line_of
from ..checking.findings import RAISED, pass_on
from ..checking.processes import Doing, Job, Mark, Result, failure
from ..errors import InvalidInput, NtpproofsError
from ..language.strategy_arguments import domains_of
from ..language.verdicts import Outcome
from .enumeration import enumerated, listed_whole
from .generating import generated
from .minimising import minimise
from .moves import admitted
from .programmes import solve
from .records import Records
from .steering import steer
from .suggesting import assess
from .transport import decode, encode
from .workbench import Workbench, drawing
from .written import kinds_of, read_written


class Bench:
    """Performs the jobs of campaigns in a worker."""

    def __init__(self, mark: Tell = lambda mark: None, part: Callable[[Any], None] = lambda content: None) -> None:
        self.workbench = Workbench(mark, part)

    def perform(self, job: Job) -> Result:
        """The result of a job; whatever goes wrong with the file or the strategy is a failure in words."""
        try:
            return TASKS[job.task](self.workbench, job)
        except NtpproofsError as error:
            return failure(error.subject, error.reason, error.remedy)
        except RAISED as error:  # a strategy may raise anything
            pass_on(error)
            line = line_of(error, job.path)
            where = f"{job.path}:{line}" if line else job.path
            who = "the strategy" if line or job.task in ("draw", "steer", "listed") else f"the task {job.task}"
            return failure(where, f"{who} raised {type(error).__name__}: {error}", "correct the line" if line else "report it with the file")


def _describe(bench: Workbench, job: Job) -> Result:
    # Everything the parent must know; it never imports the user's file itself.
    from hypothesis.strategies import SearchStrategy

    entries = []
    for statement in bench.statements(job.path):
        source, steerable = statement.instances, isinstance(statement.instances, SearchStrategy)
        domains, taken = domains_of(source) if steerable else None, kinds_of(statement)
        entries.append(
            {
                "label": statement.label,
                "kind": statement.kind,
                "title": statement.title,
                "expected": statement.expected,
                "claims": [[claim.name, claim.latex] for claim in statement.claims],
                "assumptions": [[entry.name, entry.latex, entry.method] for entry in statement.assumptions],
                "source": "none" if source is None else "strategy" if steerable else "list",
                "instances": source is not None or bool(statement.examples) or not statement.claims,
                "enumerable": steerable and enumerated(source) is not None,
                "generated": steerable and generated(statement) is not None,
                "habits": bool(domains),
                "kinds": taken if steerable else [],
                "takes": taken,
                "simulated": statement.simulate is not None,
                "proof": bool(statement.steps or statement.mutants),
            }
        )
    return {"statements": entries}


def _examples(bench: Workbench, job: Job) -> Result:
    statement, records = bench.statement(job), Records(bench, job, keep=True)
    fixed: list[Any] = list(statement.examples)
    if statement.instances is None and not fixed:
        fixed = [None]  # a statement about no problem is checked once
    for number, problem in enumerate(fixed):
        records.add(str(number), problem)
    return {"records": records.finished()}


def _list(bench: Workbench, job: Job) -> Result:
    # The next instances of the enumeration, for others to examine.
    start, count = job.arguments["start"], job.arguments["count"]
    bench.mark(Mark(Doing.ENUMERATING))
    found = bench.enumeration(job, start, count)
    exhausted = len(found) < count
    whole = exhausted and listed_whole(bench.statement(job).instances)
    return {"instances": [encode(problem) for problem in found], "exhausted": exhausted, "whole": whole}


def _given(bench: Workbench, job: Job) -> Result:
    # Written instances: enumerated ones, those of a corpus, those that a programme proposes.
    records, start = Records(bench, job, job.arguments.get("keep", False)), job.arguments.get("start", 0)
    domains = domains_of(bench.statement(job).instances)
    for number, encoded in enumerate(job.arguments["instances"], start):
        bench.mark(drawing(number))
        problem = decode(encoded)
        if job.arguments.get("listed") or admitted(problem, domains):
            records.add(str(number), problem)
    return {"records": records.finished()}


def _listed(bench: Workbench, job: Job) -> Result:
    start, count = job.arguments["start"], job.arguments["count"]
    records = Records(bench, job, job.arguments["keep"])
    bench.mark(drawing(start))
    for number, problem in enumerate(islice(iter(bench.statement(job).instances), start, start + count), start):
        records.add(str(number), problem)
        bench.mark(drawing(number + 1))
    return {"records": records.finished(), "exhausted": len(records.records) < count}


def _draw(bench: Workbench, job: Job) -> Result:
    start, count, statement = job.arguments["start"], job.arguments["count"], bench.statement(job)
    records, refused = Records(bench, job, job.arguments["keep"]), 0
    tighter = generated(statement) if job.arguments["generated"] else None
    source = statement.instances if tighter is None else tighter
    opaque = domains_of(statement.instances) is None
    bench.mark(drawing(start))
    place = job.arguments["seed"], job.arguments["label"], start, count
    for number, found in draws(source, *place, job.arguments.get("habits", False), opaque):
        if found is None:
            refused += 1
        else:
            records.add(str(number), found.problem, list(found.choices) if opaque and len(found.choices) <= LONGEST else None)
        bench.mark(drawing(number + 1))
    return {"records": records.finished(), "refused": refused}


def _steer(bench: Workbench, job: Job) -> Result:
    return steer(bench, job)


def _solve(bench: Workbench, job: Job) -> Result:
    return solve(bench, job)


def _shrink(bench: Workbench, job: Job) -> Result:
    return minimise(bench, job)


def _assess(bench: Workbench, job: Job) -> Result:
    return assess(bench, job)


def _replay(bench: Workbench, job: Job) -> Result:
    records = Records(bench, job, keep=True)
    try:
        problem = read_written(job.arguments["instance"], bench.statement(job))
    except InvalidInput as error:
        return failure(error.subject, error.reason, error.remedy) | {"unreadable": True}
    records.add("0", problem)
    return {"records": records.finished()}


def _confirm(bench: Workbench, job: Job) -> Result:
    # Whether a refutation repeats: the written instance, several times, in a process that has evaluated nothing else.
    statement = bench.statement(job)
    examiner = Examiner(statement, job.path, bench.mark, job.avoid)
    claim = next(entry for entry in statement.claims if entry.name == job.arguments["claim"])
    for attempt in range(job.arguments["times"]):
        problem = decode(job.arguments["instance"])
        if not examiner.admits(problem, f"confirming {attempt}"):
            return {"repeats": False}
        found = examiner.evaluate(claim, examiner.case(problem), f"confirming {attempt}", confirm=False)
        if found.outcome is not Outcome.REFUTED or (job.arguments["exact"] and not found.disproof):
            return {"repeats": False}
    return {"repeats": True}


def _prove(bench: Workbench, job: Job) -> Result:
    # Steps and mutants of a theorem file, as `verify` would see them.
    from ..checking.laboratory import Laboratory
    from ..checking.loop import check

    statement = bench.statement(job)
    report = check(statement, Laboratory(seed=job.arguments["seed"]), bench.mark, job.avoid)
    parts = [
        {"part": "step", "name": step.name, "found": step.verdict.outcome.value, "detail": step.verdict.detail, "good": step.verdict.holds}
        for step in report.steps
    ]
    for mutant in report.mutants:
        found = "killed" if mutant.killed else "survived"
        parts.append({"part": "mutant", "name": mutant.name, "found": found, "detail": mutant.detail, "good": mutant.killed})
    return {"parts": parts}


TASKS: dict[str, Callable[[Workbench, Job], Result]] = {
    "describe": _describe,
    "examples": _examples,
    "list": _list,
    "given": _given,
    "listed": _listed,
    "draw": _draw,
    "steer": _steer,
    "solve": _solve,
    "shrink": _shrink,
    "assess": _assess,
    "replay": _replay,
    "confirm": _confirm,
    "prove": _prove,
}

__all__ = ["Bench", "Job", "Result"]
