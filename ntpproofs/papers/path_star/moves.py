"""Small instances first, neighbours, and simplifications: what search and shrinking need to know about path-star problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...errors import InvalidInput
from .distribution import count_samples, node_count
from .problem import TRAININGS, PathStar

Measure = tuple[int, ...]


def measure(problem: PathStar) -> Measure:
    """The size that simplifications lower: nodes, spare labels, spare candidates, training, lookback.

    >>> measure(PathStar(1, 2))
    (2, 1, 0, 0, 0, 0)
    """
    spare = problem.candidates - problem.nodes
    return (
        problem.nodes,
        problem.arms,
        problem.labels - problem.nodes,
        abs(spare) * 2 - (spare > 0),
        TRAININGS.index(problem.training),
        problem.lookback + 1,
    )


def changed(problem: PathStar, **fields: Any) -> PathStar | None:
    """The problem with other fields; None where that is no problem. Spare labels and candidates and the missing lookback are kept.

    >>> changed(PathStar(2, 4, lookback=2), length=3).lookback
    1
    """
    arms, length = fields.get("arms", problem.arms), fields.get("length", problem.length)
    if arms < 1 or length < 2:
        return None
    nodes = node_count(arms, length)
    kept = {
        "labels": nodes + problem.labels - problem.nodes,
        "candidates": nodes + problem.candidates - problem.nodes,
        "lookback": min(problem.lookback, length - 2),
    }
    try:
        return replace(problem, **kept | fields)
    except InvalidInput:
        return None


def simplifications(problem: PathStar) -> Iterator[PathStar]:
    """Simpler problems in order of preference; each is strictly smaller by `measure`."""
    nodes = problem.nodes
    tries: tuple[dict[str, Any], ...] = (
        {"arms": problem.arms - 1},
        {"length": problem.length - 1},
        {"labels": nodes},
        {"labels": problem.labels - 1},
        {"candidates": nodes},
        {"candidates": problem.candidates - 1},
        *({"training": name} for name in TRAININGS),
        {"lookback": problem.lookback - 1},
    )
    for fields in tries:
        candidate = changed(problem, **fields)
        if candidate is not None and measure(candidate) < measure(problem):
            yield candidate


def neighbours(problem: PathStar) -> Iterator[PathStar]:
    """Problems one step away in one field."""
    tries: list[dict[str, Any]] = [
        {name: getattr(problem, name) + step} for name in ("arms", "length", "labels", "candidates", "lookback") for step in (1, -1)
    ]
    for fields in [*tries, *({"training": name} for name in TRAININGS if name != problem.training)]:
        candidate = changed(problem, **fields)
        if candidate is not None and candidate != problem:
            yield candidate


def small_problems(bounds: Mapping[str, Any]) -> Iterator[PathStar]:
    """All problems within the bounds of `path_stars`, by number of nodes, then arms, labels, candidates, training, lookback.

    No symmetry is left to divide out: a problem is given by its sizes.

    >>> [(x.arms, x.length) for x in small_problems({"max_arms": 2, "max_length": 2, "max_extra": 0})][::6][:3]
    [(1, 2), (1, 2), (2, 2)]
    """
    rows, extra = bounds.get("max_rows"), bounds.get("max_extra", 4)
    shapes = [(d, l_) for d in range(1, bounds.get("max_arms", 4) + 1) for l_ in range(2, bounds.get("max_length", 6) + 1)]
    for arms, length in sorted(shapes, key=lambda shape: (node_count(*shape), shape)):
        nodes = node_count(arms, length)
        for labels in range(nodes, nodes + extra + 1):
            if rows is not None and count_samples(arms, length, labels) > rows:
                continue
            for candidates in (nodes, *range(nodes + 1, nodes + extra + 1), nodes - 1):
                for training in bounds.get("trainings", TRAININGS):
                    if training == "reversed" and candidates < nodes:
                        continue
                    for lookback in range(-1, length - 1):
                        yield PathStar(arms, length, labels, candidates, training, lookback)


def belongs(problem: PathStar, bounds: Mapping[str, Any]) -> bool:
    """Whether a problem lies within the bounds of `path_stars`."""
    extra, rows = bounds.get("max_extra", 4), bounds.get("max_rows")
    return (
        problem.arms <= bounds.get("max_arms", 4)
        and problem.length <= bounds.get("max_length", 6)
        and problem.training in bounds.get("trainings", TRAININGS)
        and problem.labels - problem.nodes <= extra
        and problem.candidates - problem.nodes <= extra
        and (rows is None or count_samples(problem.arms, problem.length, problem.labels) <= rows)
    )
