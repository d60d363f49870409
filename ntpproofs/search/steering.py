"""Steps from a known instance: a walk that prefers instances nearer to a violation and goes on where they are as near.

Instances of a kind are changed by the kind's moves (an entry, a part less, a part more) within the strategy's domain; any others by
changing what the strategy chose, which never leaves it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any

from ..checking.drawing import LONGEST, changed, drawn, seed_of
from ..checking.kinds import kind_of
from ..checking.processes import Job
from ..checking.shrinking import simplifications
from ..language.frozen_statements import Instance
from ..language.strategy_arguments import Domain, domains_of
from .elites import Score, score_of
from .moves import admitted, neighbours
from .records import Records
from .transport import decode
from .workbench import Workbench, drawing

# Moves looked at from one instance, and how many more candidates than evaluations may fall outside the strategy.
POOL, OUTSIDE = 60, 6
# The share of moves that are random ones of the kind.
VARIED = 0.85


@dataclass
class _Here:
    # Where a walk stands.
    problem: Instance
    choices: list[Any] | None
    score: Score


def steer(bench: Workbench, job: Job) -> dict[str, Any]:
    """Walks of `count` evaluations from every parent of a job."""
    records = Records(bench, job)
    source = bench.statement(job).instances
    domains = domains_of(source)
    for number, parent in enumerate(job.arguments["parents"]):
        random = Random(seed_of(job.arguments["seed"], job.arguments["label"], job.arguments["number"], number))
        here = _Here(decode(parent), parent.get("choices"), tuple(parent["score"]))
        proposals = _moved(here, random, domains) if domains is not None else _rechosen(here, random, source)
        bench.mark(drawing(number))
        _walk(here, islice(proposals, job.arguments["count"]), records, bench, parent, number)
    return {"records": records.finished()}


def _walk(
    here: _Here, proposals: Iterator[tuple[Any, list[Any] | None]], records: Records, bench: Workbench, parent: Mapping[str, Any], number: int
) -> None:
    for step, (problem, choices) in enumerate(proposals):
        record = records.add(f"{number}.{step}", problem, choices)
        score = score_of(record, parent["claim"], parent.get("touching", False))
        if score <= here.score:
            here.problem, here.choices, here.score = problem, choices, score
        bench.mark(drawing(step))


def _moved(here: _Here, random: Random, domains: tuple[Domain, ...]) -> Iterator[tuple[Any, None]]:
    # Moves from where the walk stands: random ones of its kind, and simplifications, most of which lead to a smaller shape.
    standing, pool = None, list[Any]()
    kind = kind_of(here.problem)
    vary = None if kind is None else kind.vary
    outside = 0
    while outside < OUTSIDE * POOL:
        if vary is not None and random.random() < VARIED:
            proposed = list(vary(here.problem, random))
        else:
            if standing is not here.problem:
                standing, pool = here.problem, _steps(here.problem, random, vary is None)
            proposed = [pool.pop()] if pool else []
        inside = [problem for problem in proposed if admitted(problem, domains)]
        outside += not inside
        yield from ((problem, None) for problem in inside)


def _steps(problem: object, random: Random, also_near: bool) -> list[Any]:
    steps = list(islice(simplifications(problem), POOL)) + (list(islice(neighbours(problem), POOL)) if also_near else [])
    random.shuffle(steps)
    return steps


def _rechosen(here: _Here, random: Random, strategy: Any) -> Iterator[tuple[Any, list[Any] | None]]:
    outside = 0
    while here.choices and outside < OUTSIDE * POOL:
        found = drawn(strategy, random, changed(here.choices, random))
        if found is None or len(found.choices) > LONGEST or list(found.choices) == here.choices:
            outside += 1
            continue
        yield found.problem, list(found.choices)


__all__ = ["steer"]
