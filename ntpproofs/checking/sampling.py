"""Draws without Hypothesis's records: the values of a strategy from a generator of random numbers, at a tenth of the cost.

What is drawn is what the strategy draws; only the probabilities are plain ones: integers and elements uniform, list lengths uniform up
to the first few. With habits (swarm testing, Groce et al., ISSTA 2012) a draw first settles for each range of integers, for each number
of elements and for Booleans what it does there: anything, the largest, the smallest, or a part of the range. Draws with all sizes at
their bounds, or with entries 0 and 1 only, are of types that draws without habits meet seldom or never.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

# Draws that a filter refuses in a row before the whole instance is given up; a list is longer than its least length by so much at most.
REFUSALS, LONGER = 30, 6
# What a habit is, by chance: free, largest, smallest, else a part.
FREE, LARGEST, SMALLEST = 0.45, 0.65, 0.72


class Refused(Exception):
    """A filter refused again and again."""


class Unreadable(Exception):
    """A strategy whose structure is not known here."""


class Sampler:
    """Draws the values of strategies: called with a strategy, as the `draw` of a composite one is.

    >>> from hypothesis import strategies as st
    >>> Sampler(Random(0))(st.lists(st.integers(0, 9), min_size=3, max_size=3))
    [7, 4, 2]
    """

    def __init__(self, random: Random, habits: bool = False) -> None:
        self.random = random
        self._habits: dict[tuple[str, int, int], tuple[int, int]] | None = {} if habits else None

    def __call__(self, strategy: Any) -> Any:
        """A value. Raises `Refused` where filters refuse, `Unreadable` for a strategy that is not known."""
        while (inner := getattr(strategy, "wrapped_strategy", None)) is not None:  # lazy ones, of lazy ones sometimes
            strategy = inner
        draw = _DRAWS.get(type(strategy).__name__)
        if draw is None:
            raise Unreadable(type(strategy).__name__)
        return draw(self, strategy)

    def number(self, low: int, high: int, what: str = "integer") -> int:
        """An integer between two bounds, both included."""
        if self._habits is not None and low < high:
            key = what, low, high
            if key not in self._habits:
                self._habits[key] = self._habit(low, high)
            low, high = self._habits[key]
        return low + int(self.random.random() * (high - low + 1))

    def _habit(self, low: int, high: int) -> tuple[int, int]:
        way = self.random.random()
        if way < FREE:
            return low, high
        if way < LARGEST:
            return high, high
        if way < SMALLEST:
            return low, low
        ends = sorted(self.random.randint(low, high) for _ in "ab")
        return ends[0], ends[1]

    def several(self, element: Any, least: int, most: float) -> list[Any]:
        """A list of values with a length between two bounds."""
        return [self(element) for _ in range(self.number(least, int(min(most, least + LONGER)), "length"))]

    def different(self, strategy: Any) -> list[Any]:
        """A list of values that differ in every key of the strategy."""
        if getattr(strategy, "tuple_suffixes", None) is not None:
            raise Unreadable("lists of records with keys")
        found: list[Any] = []
        seen: list[set[Any]] = [set() for _ in strategy.keys]
        free = Sampler(self.random)  # for values that differ although the habit is to draw the same one
        for tried in range(REFUSALS):
            if len(found) >= strategy.max_size or (len(found) >= strategy.min_size and self.number(0, 3, "length") == 0):
                break
            value = (self if tried < REFUSALS // 2 else free)(strategy.element_strategy)
            keys = [key(value) for key in strategy.keys]
            if not any(key in known for key, known in zip(keys, seen)):
                found.append(value)
                for key, known in zip(keys, seen):
                    known.add(key)
        if len(found) < strategy.min_size:
            raise Refused
        return found


def _integer(draw: Sampler, strategy: Any) -> int:
    if strategy.start is None or strategy.end is None:
        raise Unreadable("integers without bounds")
    return draw.number(strategy.start, strategy.end)


def _element(draw: Sampler, strategy: Any) -> Any:
    elements: Sequence[Any] = strategy.elements
    for _ in range(REFUSALS):
        value = elements[draw.number(0, len(elements) - 1, "element")]
        for name, function, *_ in strategy._transformations:
            if name == "map":
                value = function(value)
            elif not function(value):
                break
        else:
            return value
    raise Refused


def _filtered(draw: Sampler, strategy: Any) -> Any:
    for _ in range(REFUSALS):
        value = draw(strategy.filtered_strategy)
        if all(keep(value) for keep in strategy.flat_conditions):
            return value
    raise Refused


def _permutation(draw: Sampler, strategy: Any) -> list[Any]:
    values = list(strategy.values)
    draw.random.shuffle(values)
    return values


def _nothing(draw: Sampler, strategy: Any) -> Any:
    raise Refused


_DRAWS: dict[str, Callable[[Sampler, Any], Any]] = {
    "IntegersStrategy": _integer,
    "BooleansStrategy": lambda draw, strategy: bool(draw.number(0, 1, "Boolean")),
    "SampledFromStrategy": _element,
    "JustStrategy": _element,
    "TupleStrategy": lambda draw, strategy: tuple(draw(part) for part in strategy.element_strategies),
    "ListStrategy": lambda draw, strategy: draw.several(strategy.element_strategy, strategy.min_size, strategy.max_size),
    "UniqueListStrategy": lambda draw, strategy: draw.different(strategy),
    "UniqueSampledListStrategy": lambda draw, strategy: draw.different(strategy),
    "OneOfStrategy": lambda draw, strategy: draw(draw.random.choice(strategy.original_strategies)),
    "FilteredStrategy": _filtered,
    "Nothing": _nothing,
    "MappedStrategy": lambda draw, strategy: strategy.pack(draw(strategy.mapped_strategy)),
    "PermutationStrategy": _permutation,
    "CompositeStrategy": lambda draw, strategy: strategy.definition(draw, *strategy.args, **strategy.kwargs),
}

__all__ = ["Refused", "Sampler", "Unreadable"]
