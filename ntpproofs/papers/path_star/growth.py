"""What a search for rare path-star problems uses: their type, random ones next to one, and how to meet assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from .moves import changed
from .problem import TRAININGS, PathStar

FIELDS = ("arms", "length", "labels", "candidates", "lookback")


def outline(problem: PathStar) -> tuple[Any, ...]:
    """Training, arms and length up to three and five, whether labels and candidates are as few as may be, and how far the lookback reaches.

    >>> outline(PathStar(2, 5, labels=50, lookback=1))
    ('standard', 2, 5, False, 0, 'some')
    """
    reach = {-1: "none", problem.length - 2: "full", problem.length - 3: "all but one"}.get(problem.lookback, "some")
    spare = problem.candidates - problem.nodes
    return problem.training, min(problem.arms, 3), min(problem.length, 5), problem.labels == problem.nodes, (spare > 0) - (spare < 0), reach


def vary(problem: PathStar, random: Random) -> Iterator[PathStar]:
    """A random problem next to this one: one or two fields moved, or one at an end of its range. Nothing where the change makes none."""
    fields: dict[str, Any] = {}
    for name in random.sample(FIELDS, random.choice((1, 1, 2))):
        fields[name] = getattr(problem, name) + random.choice((-2, -1, 1, 2))
    way = random.randrange(6)
    if way == 0:
        fields["training"] = random.choice(TRAININGS)
    elif way == 1:
        fields = {"lookback": random.choice((-1, problem.length - 3, problem.length - 2))}
    elif way == 2:
        fields = {"candidates": problem.nodes + random.choice((-1, 0, 1))}
    elif way == 3:
        fields = {"labels": problem.nodes}
    found = changed(problem, **fields)
    if found is not None and found != problem:
        yield found


def _put(**fields: Any) -> Callable[[PathStar], PathStar]:
    return lambda problem: changed(problem, **fields) or problem


def _at_least(name: str, least: int) -> Callable[[PathStar], PathStar]:
    return lambda problem: changed(problem, **{name: max(least, getattr(problem, name))}) or problem


GENERATORS: Mapping[str, Mapping[str, Any] | Callable[[PathStar], PathStar]] = {
    "several_arms": _at_least("arms", 2),
    "some_lookup_needed": _at_least("length", 3),
    "two_lookups_needed": _at_least("length", 4),
    "some_lookback": _at_least("lookback", 0),
    "start_is_candidate": lambda problem: changed(problem, candidates=max(problem.candidates, problem.nodes)) or problem,
    "full_lookback": lambda problem: changed(problem, lookback=problem.length - 2) or problem,
    "truncated_lookback": lambda problem: changed(problem, lookback=min(problem.lookback, max(-1, problem.length - 3))) or problem,
    "teacher_forced": _put(training="standard"),
    "reversed_targets": lambda problem: changed(problem, training="reversed", candidates=max(problem.candidates, problem.nodes)) or problem,
    "without_teacher": _put(training="teacherless"),
}

__all__ = ["GENERATORS", "outline", "vary"]
