"""Steps from a known instance: a walk that prefers instances nearer to a violation and goes on where they are as near.

Instances of a kind are changed by the kind's moves (an entry, a part less, a part more) within the strategy's domain; any others by
changing what the strategy chose, which never leaves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any

from ..checking.kinds import kind_of
from ..checking.processes import Job
from ..checking.shrinking import simplifications
from ..language.strategy_arguments import Domain, domains_of
from .drawing import LONGEST, changed, drawn, seed_of
from .elites import Score, score_of
from .moves import admitted, neighbours
from .records import Records
from .transport import decode
from .workbench import Workbench, drawing

# Moves looked at from one instance, and how many more candidates than evaluations may fall outside the strategy.
POOL, OUTSIDE = 60, 6
# Of ten moves: neighbours, simplifications (smaller shape, mostly), enlargements.
MIX = ("near",) * 6 + ("less",) * 2 + ("more",) * 2


@dataclass
class _Here:
    # Where a walk stands.
    problem: Any
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
        _walk(here, proposals, records, bench, parent["claim"], job.arguments["count"], number)
    return {"records": records.finished()}


def _walk(
    here: _Here, proposals: Iterator[tuple[Any, list[Any] | None]], records: Records, bench: Workbench, claim: str, count: int, number: int
) -> None:
    for step, (problem, choices) in enumerate(islice(proposals, count)):
        record = records.add(f"{number}.{step}", problem, choices)
        score = score_of(record, claim)
        if score <= here.score:
            here.problem, here.choices, here.score = problem, choices, score
        bench.mark(drawing(step))


def _moved(here: _Here, random: Random, domains: tuple[Domain, ...]) -> Iterator[tuple[Any, None]]:
    # Moves from where the walk stands, in random order; looked up again when it has moved on.
    standing, pools = None, dict[str, list[Any]]()
    outside = 0
    while outside < OUTSIDE * POOL:
        if standing is not here.problem:
            standing, pools = here.problem, {}
        way = random.choice(MIX)
        if way not in pools:
            pools[way] = list(islice(_WAYS[way](standing), 4 * POOL))
            random.shuffle(pools[way])
        problem = pools[way].pop() if pools[way] else None
        if problem is None or not admitted(problem, domains):
            outside += 1
            continue
        yield problem, None


def _rechosen(here: _Here, random: Random, strategy: Any) -> Iterator[tuple[Any, list[Any] | None]]:
    outside = 0
    while here.choices and outside < OUTSIDE * POOL:
        found = drawn(strategy, random, changed(here.choices, random))
        if found is None or len(found.choices) > LONGEST or list(found.choices) == here.choices:
            outside += 1
            continue
        yield found.problem, list(found.choices)


def enlarged(problem: Any) -> Iterator[Any]:
    """Problems with one part more; none for objects of a user's own."""
    kind = kind_of(problem)
    yield from kind.enlarge(problem) if kind is not None else ()


_WAYS: dict[str, Callable[[Any], Iterator[Any]]] = {"near": neighbours, "less": simplifications, "more": enlarged}

__all__ = ["enlarged", "steer"]
