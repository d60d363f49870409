"""Draws from a strategy: independent ones, each with a seed of its own, and ones steered towards a violation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import islice
from random import Random
from typing import Any

from hypothesis.control import BuildContext
from hypothesis.errors import StopTest, Unsatisfiable, UnsatisfiedAssumption
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.strategies import SearchStrategy

# Draws a filter may refuse in a row before the strategy counts as yielding nothing here.
REFUSALS = 50


def seed_of(*parts: Any) -> int:
    """A seed from words and numbers, the same on every machine.

    >>> seed_of(0, "label", 1) == seed_of(0, "label", 1) != seed_of(0, "label", 2)
    True
    """
    return int.from_bytes(sha256(repr(parts).encode()).digest()[:8], "big")


def independent_draw(strategy: SearchStrategy[Any], seed: int) -> tuple[bool, Any]:
    """(True, instance) drawn with a generator of its own; (False, None) where filters refused again and again.

    Draws with different seeds are independent and identically distributed, which Hypothesis's own runs are not (those try
    the simplest instance first and mutate earlier ones): only these may be counted in a frequency.
    """
    random = Random(seed)
    for _ in range(REFUSALS):
        data = ConjectureData(random=Random(random.getrandbits(64)))
        try:
            with BuildContext(data, is_final=False, wrapped_test=lambda: None):
                return True, data.draw(strategy)
        except (StopTest, UnsatisfiedAssumption):
            continue
    return False, None


def draws(source: Any, seed: int, label: str, start: int, count: int) -> Iterator[tuple[int, bool, Any]]:
    """(number, drawn, instance) for the draws numbered start, ..., start + count - 1 of a strategy; an iterable is read in order."""
    if isinstance(source, SearchStrategy):
        for number in range(start, start + count):
            yield number, *independent_draw(source, seed_of(seed, label, number))
        return
    for number, problem in enumerate(islice(iter(source), start, start + count), start):
        yield number, True, problem


def steered(strategy: SearchStrategy[Any], seed: int, count: int, examine: Callable[[Any, int], dict[str, float]]) -> None:
    """Draw `count` instances, steered: `examine(problem, number)` returns scores by name, and Hypothesis seeks higher ones."""
    from hypothesis import HealthCheck, Phase, given, settings, target
    from hypothesis import seed as seeded

    number = 0

    @seeded(seed)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate, Phase.target], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def run(problem: Any) -> None:
        nonlocal number
        if number >= count:  # hill climbing may overrun; what is reported must not
            return
        number += 1
        for name, score in examine(problem, number - 1).items():
            target(score, label=name)

    try:
        run()
    except Unsatisfiable:
        return
