"""Jobs: pieces of a campaign that run anywhere, in any order. A job is plain data, and its result is a function of it alone.

That law is what makes reports independent of the number of workers, of interruptions, and of the machine a job ran on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any

from ..checking.examining import Examiner, Tell, line_of
from ..checking.kinds import read_instance
from ..checking.processes import Doing, Job, Mark, Result, failure
from ..errors import NtpproofsError
from ..language.strategy_arguments import domains_of
from ..language.verdicts import Outcome
from .drawing import draws, seed_of, steered
from .enumeration import enumerated
from .minimising import minimise
from .moves import admitted, measure, neighbours
from .suggesting import assess
from .transport import decode, encode
from .workbench import Workbench, drawing, shown


class Bench:
    """Performs the jobs of campaigns in a worker."""

    def __init__(self, mark: Tell = lambda mark: None, part: Callable[[Any], None] = lambda content: None) -> None:
        del part  # results of a campaign's jobs come whole
        self.workbench = Workbench(mark)

    def perform(self, job: Job) -> Result:
        """The result of a job; whatever goes wrong with the file or the strategy is a failure in words."""
        try:
            return TASKS[job.task](self.workbench, job)
        except NtpproofsError as error:
            return failure(error.subject, error.reason, error.remedy)
        except (Exception, SystemExit) as error:  # a strategy may raise anything
            line = line_of(error, job.path)
            where = f"{job.path}:{line}" if line else job.path
            return failure(where, f"the strategy raised {type(error).__name__}: {error}", "correct the line")


def _describe(bench: Workbench, job: Job) -> Result:
    # Everything the parent must know; it never imports the user's file itself.
    from hypothesis.strategies import SearchStrategy

    entries = []
    for statement in bench.statements(job.path):
        source, steerable = statement.instances, isinstance(statement.instances, SearchStrategy)
        domains = domains_of(source) if steerable else None
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
                "kinds": sorted({domain.kind for domain in domains or ()}),
                "simulated": statement.simulate is not None,
                "proof": bool(statement.steps or statement.mutants),
            }
        )
    return {"statements": entries}


def _records(examiner: Examiner, pairs: Iterator[tuple[int, Any]], keep: bool) -> list[dict[str, Any]]:
    # Instances travel with their record where somebody will want them: refuted, near a refutation, or among the first.
    records = []
    for number, problem in pairs:
        record = examiner.examine(problem, str(number)).plain()
        record["size"] = list(measure(problem))
        refuted = any(found["outcome"] == "refuted" for found in record["claims"].values())
        close = any(found["slack"] is not None and found["outcome"] == "holds" for found in record["claims"].values())
        if refuted or close or (keep and record["claims"]):
            record["instance"], record["text"] = encode(problem), shown(problem)
        records.append(record)
    return records


def _examples(bench: Workbench, job: Job) -> Result:
    statement = bench.statement(job)
    fixed: list[Any] = list(statement.examples)
    if statement.instances is None and not fixed:
        fixed = [None]  # a statement about no problem is checked once
    return {"records": _records(bench.examiner(job), iter(enumerate(fixed)), keep=True)}


def _enumerate(bench: Workbench, job: Job) -> Result:
    start, count = job.arguments["start"], job.arguments["count"]
    bench.mark(Mark(Doing.ENUMERATING))
    found = bench.enumeration(job, start + count)[start:]
    return {"records": _records(bench.examiner(job), iter(enumerate(found, start)), job.arguments["keep"]), "exhausted": len(found) < count}


def _draw(bench: Workbench, job: Job) -> Result:
    start, count = job.arguments["start"], job.arguments["count"]
    refused = 0

    def pairs() -> Iterator[tuple[int, Any]]:
        nonlocal refused
        bench.mark(drawing(start))
        for number, drawn, problem in draws(source, job.arguments["seed"], job.arguments["label"], start, count):
            if drawn:
                yield number, problem
            else:
                refused += 1
            bench.mark(drawing(number + 1))

    source = bench.statement(job).instances
    records = _records(bench.examiner(job), pairs(), job.arguments["keep"])
    return {"records": records, "refused": refused, "exhausted": len(records) + refused < count}


def _steer(bench: Workbench, job: Job) -> Result:
    statement, examiner = bench.statement(job), bench.examiner(job)
    records: list[dict[str, Any]] = []

    def examine(problem: Any, number: int) -> dict[str, float]:
        (record,) = _records(examiner, iter([(number, problem)]), keep=False)
        records.append(record)
        bench.mark(drawing(number + 1))
        slacks = {name: found["slack"] for name, found in record["claims"].items() if found["slack"] is not None}
        return {name: -slack for name, slack in slacks.items() if isfinite(slack)}

    bench.mark(drawing(0))
    seed = seed_of(job.arguments["seed"], job.arguments["label"], "steered", job.arguments["start"]) % 2**32
    steered(statement.instances, seed, job.arguments["count"], examine)
    return {"records": records}


def _walk(bench: Workbench, job: Job) -> Result:
    # Greedy descent on the slack of one claim, from a near miss, inside the strategy's bounds.
    statement, examiner = bench.statement(job), bench.examiner(job)
    domains, name = domains_of(statement.instances), job.arguments["claim"]
    here, best, records = decode(job.arguments["from"]), float(job.arguments["slack"]), list[dict[str, Any]]()
    improved = True
    while improved and len(records) < job.arguments["count"]:
        improved = False
        for problem in neighbours(here):
            if len(records) >= job.arguments["count"]:
                break
            bench.mark(drawing(len(records)))
            if not admitted(problem, domains):
                continue
            (record,) = _records(examiner, iter([(len(records), problem)]), keep=False)
            records.append(record)
            slack = record["claims"].get(name, {}).get("slack")
            if slack is not None and slack < best:
                here, best, improved = problem, slack, True
                break
    return {"records": records}


def _reduce(bench: Workbench, job: Job) -> Result:
    return minimise(bench, job)


def _assess(bench: Workbench, job: Job) -> Result:
    return assess(bench, job)


def _replay(bench: Workbench, job: Job) -> Result:
    problem = read_instance(job.arguments["instance"])
    return {"records": _records(bench.examiner(job), iter([(0, problem)]), keep=True)}


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
    "enumerate": _enumerate,
    "draw": _draw,
    "steer": _steer,
    "walk": _walk,
    "reduce": _reduce,
    "assess": _assess,
    "replay": _replay,
    "confirm": _confirm,
    "prove": _prove,
}

__all__ = ["Bench", "Job", "Result"]
