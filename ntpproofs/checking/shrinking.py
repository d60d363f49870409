"""Shrinking of counterexamples in domain terms: delete contexts, rows, tokens, coordinates, then lower entries.

Hypothesis finds, this minimises: a kind knows that a dataset without one of its contexts is again a dataset. The result is
locally minimal, meaning that every single simplification of its kind was tried and lost the property.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from ..language.frozen_statements import Instance
from .kinds import kind_of


@dataclass(frozen=True)
class Shrunk:
    """The shrunk problem, how many candidates were tried, and whether all of the last round failed (local minimality)."""

    problem: Instance
    tried: int
    locally_minimal: bool


def shrink(problem: Instance, still: Callable[[Any], bool], budget: int = 400) -> Shrunk:
    """Simplify a problem as long as `still(problem)` stays true, trying at most `budget` candidates.

    Law: the result satisfies `still` whenever the input does.
    """
    tried, improved = 0, True
    while improved:
        improved = False
        for candidate in simplifications(problem):
            if tried >= budget:
                return Shrunk(problem, tried, False)
            tried += 1
            if still(candidate):
                problem, improved = candidate, True
                break
    return Shrunk(problem, tried, True)


@singledispatch
def simplifications(problem: Instance) -> Iterator[Any]:
    """Simpler problems in fixed order of preference: deletions first, then smaller entries.

    None for objects of a user's own, unless registered here.
    """
    kind = kind_of(problem)
    yield from kind.simplify(problem) if kind is not None else ()
