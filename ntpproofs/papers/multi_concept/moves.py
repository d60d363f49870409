"""What a search knows about multi-concept problems: which ones a strategy admits, the smallest ones, simpler ones, and those next to one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from fractions import Fraction
from itertools import product
from typing import Any

from ...errors import NtpproofsError
from .problem import MultiConcept

NAMES = ("b", "c", "d", "regularisation", "initial_scale", "flips", "word_noise", "label_noise", "initial_gate", "initial_lift")


def belongs(problem: MultiConcept, arguments: Mapping[str, Any]) -> bool:
    """Whether a problem is within the bounds of `multi_concepts(**arguments)`; its rational numbers may be any."""
    if not isinstance(problem, MultiConcept) or problem.concepts > arguments["max_concepts"] or problem.neurons > arguments["max_neurons"]:
        return False
    if problem.length > arguments["max_length"] or (problem.flips and not arguments["flips"]):
        return False
    if arguments.get("one_sided") and problem.c >= problem.d:
        return False
    return arguments["regularised"] is None or bool(problem.regularisation) is arguments["regularised"]


def enumerate_problems(arguments: Mapping[str, Any]) -> Iterator[MultiConcept]:
    """All small problems of `multi_concepts(**arguments)` in order of size: counts by their sum, norms 1, 1/2 and 2, three ridges, two starts.

    >>> first = next(enumerate_problems({"max_concepts": 2, "max_neurons": 4, "max_length": 2, "regularised": True, "flips": False}))
    >>> (first.concepts, first.neurons)
    (1, 2)
    """
    ridges = [Fraction(0)] if arguments["regularised"] is not True else []
    ridges += [Fraction(1, 100), Fraction(1, 1000), Fraction(1, 20)] if arguments["regularised"] is not False else []
    norms = sorted(product((Fraction(1), Fraction(1, 2), Fraction(2)), repeat=3), key=lambda x: sum(y != 1 for y in x))
    shapes = product(range(1, arguments["max_concepts"] + 1), range(1, arguments["max_neurons"] // 2 + 1))
    for concepts, half in sorted(shapes, key=lambda shape: (sum(shape), shape)):
        found = []
        for (b, c, d), ridge, scale in product(norms, ridges, (Fraction(1, 2), Fraction(1))):
            found.append(MultiConcept(concepts, b, c, d, 2 * half, ridge, scale, length=2))
        yield from sorted(found, key=measure)


def measure(problem: MultiConcept) -> tuple[int, ...]:
    """The order by which counterexamples are reduced: counts first, then the numbers."""
    assert problem.alive is not None
    half = problem.neurons // 2
    counts = (problem.concepts + half + problem.length // 2, problem.concepts, half, half - problem.alive)
    return *counts, sum(_cost(getattr(problem, name), name) for name in NAMES)


DEFAULTS = {entry.name: entry.default for entry in fields(MultiConcept)}


def _cost(x: Fraction, name: str) -> int:
    return 0 if x == DEFAULTS[name] else 1 + abs(x.numerator) + x.denominator


def simplifications(problem: MultiConcept) -> Iterator[MultiConcept]:
    """Strictly simpler problems by `measure`: fewer concepts, neurons and demonstrations, all neurons alive, then plainer numbers.

    >>> all(measure(x) < measure(MultiConcept(3, 2, alive=5)) for x in simplifications(MultiConcept(3, 2, alive=5)))
    True
    """
    for candidate in _candidates(problem):
        if candidate is not None and measure(candidate) < measure(problem):
            yield candidate


def _changed(problem: MultiConcept, **changes: Any) -> MultiConcept | None:
    try:
        return replace(problem, **changes)
    except NtpproofsError:
        return None


def _candidates(problem: MultiConcept) -> Iterator[MultiConcept | None]:
    assert problem.alive is not None
    for fewer in dict.fromkeys((1, problem.concepts - 1)):
        yield _changed(problem, concepts=fewer)
    for m in dict.fromkeys((2, (problem.neurons // 4) * 2, problem.neurons - 2)):
        yield _changed(problem, neurons=m, alive=min(problem.alive, m // 2))
    yield _changed(problem, length=2)
    yield _changed(problem, alive=problem.neurons // 2)
    for name in NAMES:
        x = getattr(problem, name)
        yield _changed(problem, **{name: DEFAULTS[name]})
        for y in (
            Fraction(0),
            Fraction(1),
            Fraction(round(x)),
            Fraction(1, max(1, round(1 / x))) if x else x,
            x.limit_denominator(max(1, x.denominator // 2)),
        ):
            yield _changed(problem, **{name: y})


def neighbours(problem: MultiConcept) -> Iterator[MultiConcept]:
    """Problems one step away: a number doubled or halved, a neuron more or less alive, a concept more or less."""
    assert problem.alive is not None
    moves: list[MultiConcept | None] = [_changed(problem, concepts=problem.concepts + s) for s in (-1, 1)]
    moves += [_changed(problem, alive=problem.alive + s) for s in (-1, 1)]
    moves += [
        _changed(problem, **{name: getattr(problem, name) * s}) for name in NAMES for s in (Fraction(1, 2), Fraction(2)) if getattr(problem, name)
    ]
    yield from (move for move in moves if move is not None)
