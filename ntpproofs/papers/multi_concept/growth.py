"""What a search for rare multi-concept problems uses: their type, random ones next to one, and how to meet assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

from ...language.entries import attempt
from .moves import DEFAULTS, NAMES
from .problem import MultiConcept

NORMS = ("b", "c", "d")
FACTORS = tuple(Fraction(x) for x in ("1/2", "2", "3/4", "4/3", "9/10", "10/9", "1/10", "10"))


def outline(problem: MultiConcept) -> tuple[Any, ...]:
    """Concepts up to three, neurons up to eight, whether all are alive, the order of the norms, which rates are zero, the shortest prompt.

    >>> outline(MultiConcept(2))
    (2, 8, True, (0, 0, 0), (False, True, True, True), False)
    """
    norms = [problem.b, problem.c, problem.d]
    order = tuple(sorted(set(norms)).index(x) for x in norms)
    zero = not problem.regularisation, not problem.flips, not problem.word_noise, not problem.label_noise
    return min(problem.concepts, 3), min(problem.neurons, 8), problem.alive == problem.neurons // 2, order, zero, problem.length == 2


def vary(problem: MultiConcept, random: Random) -> Iterator[MultiConcept]:
    """A random problem next to this one: a number scaled, put to its default or equal to another norm, or a count moved. Nothing where the
    change makes none."""
    assert problem.alive is not None
    changes: dict[str, Any] = {}
    way = random.randrange(9)
    if way < 4:
        for name in random.sample(NAMES[:5], random.choice((1, 1, 2))):
            changes[name] = getattr(problem, name) * random.choice(FACTORS)
    elif way == 4:
        one, other = random.sample(NORMS, 2)
        changes[one] = getattr(problem, other)
    elif way == 5:
        name = random.choice(NAMES[:6])
        changes[name] = random.choice((DEFAULTS[name], Fraction(0)))
    elif way == 6:
        changes = random.choice(({"concepts": problem.concepts + random.choice((-1, 1))}, {"length": problem.length + random.choice((-2, 2))}))
    elif way == 7:
        neurons = max(2, problem.neurons + random.choice((-2, 2)))
        changes = {"neurons": neurons, "alive": max(1, min(neurons // 2, problem.alive + random.choice((-1, 0, 1))))}
    else:
        changes["alive"] = random.choice((1, problem.neurons // 2, problem.alive - 1, problem.alive + 1))
    yield from attempt(lambda: replace(problem, **changes))


def _sliding(problem: MultiConcept) -> MultiConcept:
    return problem if problem.c >= problem.d else replace(problem, c=problem.d, d=problem.c)


GENERATORS: Mapping[str, Mapping[str, Any] | Callable[[MultiConcept], MultiConcept]] = {
    "regularised": {"regularised": True},
    "clean_labels": {"flips": False},
    "gates_slide": _sliding,
}

__all__ = ["GENERATORS", "outline", "vary"]
