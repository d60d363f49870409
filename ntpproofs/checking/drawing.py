"""Draws from a strategy: independent ones, each with a seed of its own, and ones that repeat another one's choices with changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Any

from hypothesis.control import BuildContext
from hypothesis.errors import StopTest, UnsatisfiedAssumption
from hypothesis.internal.conjecture.choice import choice_permitted
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.conjecture.providers import GLOBAL_CONSTANTS, HypothesisProvider
from hypothesis.strategies import SearchStrategy

from ..language.frozen_statements import Instance
from ..language.strategy_arguments import domains_of
from .instances import identity
from .sampling import Refused, Sampler, Unreadable

# Draws a filter may refuse in a row before the strategy counts as yielding nothing here.
REFUSALS = 50
# Longer choice sequences are not kept: their instances are too large to be changed usefully.
LONGEST = 400
# Draws per instance wanted, where no two may be equal.
TRIES = 10


@dataclass(frozen=True)
class Drawn:
    """An instance with the choices (numbers, words) that a strategy made for it."""

    problem: Instance
    choices: tuple[Any, ...]


def seed_of(*parts: Any) -> int:
    """A seed from words and numbers, the same on every machine.

    >>> seed_of(0, "label", 1) == seed_of(0, "label", 1) != seed_of(0, "label", 2)
    True
    """
    return int.from_bytes(sha256(repr(parts).encode()).digest()[:8], "big")


class _Choices(HypothesisProvider):
    # Hypothesis also draws numbers and words that it finds in the source of the modules loaded at the moment, unless they are
    # installed: then the same seed would give other instances in another process, or after an unrelated import.
    def _maybe_draw_constant(self, choice_type: Any, constraints: Any, *, p: float = 0.05) -> Any:
        assert self._random is not None
        if self._random.random() > p:
            return None
        known = [value for value in GLOBAL_CONSTANTS.set_for_type(choice_type) if choice_permitted(value, constraints)]
        return self._random.choice(known) if known else None


def drawn(strategy: SearchStrategy[Any], random: Random, choices: Sequence[Any] = ()) -> Drawn | None:
    """What a strategy makes of given choices, completed at random; None where a filter refuses it.

    >>> from hypothesis import strategies as st
    >>> drawn(st.tuples(st.integers(0, 9), st.booleans()), Random(0), (7, True)).problem
    (7, True)
    """
    data = ConjectureData(random=random, prefix=tuple(choices) or None, provider=_Choices)
    try:
        with BuildContext(data, is_final=False, wrapped_test=lambda: None):
            problem = data.draw(strategy)
    except (StopTest, UnsatisfiedAssumption):
        return None
    return Drawn(problem, tuple(data.choices))


def independent(strategy: SearchStrategy[Any], seed: int, habits: bool = False, record: bool | None = None) -> Drawn | None:
    """An instance drawn with a generator of its own; None where filters refused again and again.

    Draws with different seeds are independent and identically distributed, which Hypothesis's own runs are not (those try
    the simplest instance first and mutate earlier ones): only these may be counted in a frequency. Without a `record` of choices, which
    nobody needs for strategies of kinds (the default there), a draw takes a tenth of the time; `habits` applies to these (see `sampling`).
    """
    random = Random(seed)
    if record is False or (record is None and domains_of(strategy) is not None):
        try:
            return Drawn(Sampler(random, habits)(strategy), ())
        except Refused:
            return None
        except Unreadable:  # a paper of somebody else, with strategies that only Hypothesis knows
            random = Random(seed)
    tries = (drawn(strategy, Random(random.getrandbits(64))) for _ in range(REFUSALS))
    return next((found for found in tries if found is not None), None)


def different(strategy: SearchStrategy[Any], seed: int, count: int) -> list[Any]:
    """Up to `count` instances of which no two are equal, every other one drawn with habits; fewer where the strategy yields no more.

    >>> from hypothesis import strategies as st
    >>> sorted(different(st.integers(0, 4), 0, 10))
    [0, 1, 2, 3, 4]
    """
    found: dict[Any, Any] = {}
    for number in range(TRIES * count):
        if len(found) >= count:
            break
        one = independent(strategy, seed_of(seed, "instance", number), habits=number % 2 == 1, record=False)
        if one is not None:
            found.setdefault(identity(one.problem), one.problem)
    return list(found.values())


def independent_draw(strategy: SearchStrategy[Any], seed: int) -> tuple[bool, Any]:
    """(True, instance) of `independent`; (False, None) where there is none."""
    found = independent(strategy, seed)
    return (False, None) if found is None else (True, found.problem)


def draws(
    strategy: SearchStrategy[Any], seed: int, label: str, start: int, count: int, habits: bool = False, record: bool | None = None
) -> Iterator[tuple[int, Drawn | None]]:
    """(number, draw) for the draws numbered start, ..., start + count - 1 of a strategy."""
    for number in range(start, start + count):
        yield number, independent(strategy, seed_of(seed, label, number), habits, record)


def changed(choices: Sequence[Any], random: Random) -> list[Any]:
    """Choices with one change: a number moved a little or anywhere within the numbers seen, a bit turned, a stretch repeated or left out.

    >>> changed((5, True, 3), Random(1)) != [5, True, 3]
    True
    """
    found = list(choices)
    if not found:
        return found
    i = random.randrange(len(found))
    way = random.random()
    if way < 0.1 and len(found) > 1:
        del found[i : i + random.randint(1, 3)]
    elif way < 0.2:
        found[i:i] = found[i : i + random.randint(1, 3)]
    else:
        found[i] = _moved(found[i], found, random)
    return found


def _moved(value: Any, others: Sequence[Any], random: Random) -> Any:
    if isinstance(value, bool):
        return not value
    alike = [x for x in others if type(x) is type(value) and x != value]
    if isinstance(value, (int, float)) and (random.random() < 0.7 or not alike):
        return value + random.choice((-2, -1, 1, 2))
    if alike:
        return random.choice(alike)
    return value[:-1] if value else value


__all__ = ["Drawn", "changed", "drawn", "draws", "independent", "independent_draw", "seed_of"]
