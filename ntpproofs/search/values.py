"""Enumeration of plain values: what `st.integers`, `booleans`, `sampled_from`, `tuples`, `lists`, `builds`, unions, maps and filters of
them draw, smallest first.

Every strategy lists its values by level: an integer's distance from the one nearest to zero, an element's place, for tuples and lists
the sum over the entries (and the length). A level is finite, so nothing is left out however many values there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Any

# Where there is no last level: levels in a row without any value (a filter that refuses them) after which nothing more is expected.
EMPTY = 40


@dataclass(frozen=True)
class Levels:
    """The values of a level, and the last level that has any (None: no last one)."""

    at: Callable[[int], Iterator[Any]]
    last: int | None


def values(strategy: Any) -> Iterator[Any] | None:
    """The values of a strategy, smallest first; None where its structure cannot be read.

    >>> from itertools import islice
    >>> from hypothesis import strategies as st
    >>> list(islice(values(st.lists(st.integers(0, 9), max_size=2)), 6))
    [[], [0], [1], [0, 0], [2], [0, 1]]
    >>> list(values(st.sampled_from("ab")))
    ['a', 'b']
    """
    levels = _levels(strategy)
    return None if levels is None else _listed(levels)


def is_finite(strategy: Any) -> bool:
    """Whether the structure of a strategy says that it has finitely many values, all of which `values` lists.

    >>> from hypothesis import strategies as st
    >>> is_finite(st.tuples(st.booleans(), st.integers(0, 9))), is_finite(st.integers(0))
    (True, False)
    """
    levels = _levels(strategy)
    return levels is not None and levels.last is not None


def _listed(levels: Levels) -> Iterator[Any]:
    level, empty = 0, 0
    while empty < EMPTY if levels.last is None else level <= levels.last:
        found = 0
        for value in levels.at(level):
            found += 1
            yield value
        level, empty = level + 1, 0 if found else empty + 1


def _levels(strategy: Any) -> Levels | None:
    # By the class of the strategy; Hypothesis wraps most of them lazily.
    strategy = getattr(strategy, "wrapped_strategy", strategy)
    make = _MAKERS.get(type(strategy).__name__)
    return None if make is None else make(strategy)


def _integers(strategy: Any) -> Levels:
    low, high = strategy.start, strategy.end
    nearest = low if low is not None and low > 0 else high if high is not None and high < 0 else 0

    def at(level: int) -> Iterator[int]:
        for x in dict.fromkeys((nearest + level, nearest - level)):
            if (low is None or x >= low) and (high is None or x <= high):
                yield x

    return Levels(at, None if low is None or high is None else max(high - nearest, nearest - low))


def _elements(elements: Sequence[Any]) -> Levels:
    return Levels(lambda level: iter(elements[level : level + 1]), len(elements) - 1)


def _sampled(strategy: Any) -> Levels:
    # Maps and filters of `sampled_from` and `just` are kept in the strategy itself, in order.
    steps = [(name, function) for name, function, *_ in getattr(strategy, "_transformations", ())]
    elements = _elements(strategy.elements)
    return Levels(lambda level: _changed(elements.at(level), steps), elements.last) if steps else elements


def _changed(found: Iterator[Any], steps: Sequence[tuple[str, Callable[[Any], Any]]]) -> Iterator[Any]:
    for name, function in steps:
        found = map(function, found) if name == "map" else filter(function, found)
    return found


def _product(parts: Sequence[Any], make: Callable[[Any], Any] = tuple) -> Levels | None:
    known = [_levels(part) for part in parts]
    found = [part for part in known if part is not None]
    if len(found) < len(known):
        return None

    def at(level: int) -> Iterator[Any]:
        for split in _splits(level, [part.last for part in found]):
            for entries in product(*(list(part.at(k)) for part, k in zip(found, split))):
                yield make(entries)

    lasts = [part.last for part in found if part.last is not None]
    return Levels(at, sum(lasts) if len(lasts) == len(found) else None)


def _splits(total: int, lasts: Sequence[int | None]) -> Iterator[tuple[int, ...]]:
    if not lasts:
        if total == 0:
            yield ()
        return
    for first in range(total + 1 if lasts[0] is None else min(total, lasts[0]) + 1):
        for rest in _splits(total - first, lasts[1:]):
            yield first, *rest


def _lists(strategy: Any) -> Levels | None:
    element = _levels(strategy.element_strategy)
    if element is None or getattr(strategy, "keys", None):  # lists of different entries
        return None
    least, most = strategy.min_size, strategy.max_size

    def at(level: int) -> Iterator[list[Any]]:
        for size in range(least, min(least + level, most) + 1):
            for split in _splits(level - (size - least), [element.last] * size):
                for entries in product(*(list(element.at(k)) for k in split)):
                    yield list(entries)

    bounded = element.last is not None and most != float("inf")
    return Levels(at, int(most) - least + int(most) * element.last if bounded and element.last is not None else None)


def _union(strategy: Any) -> Levels | None:
    known = [_levels(part) for part in strategy.original_strategies]
    found = [part for part in known if part is not None]
    if len(found) < len(known):
        return None
    lasts = [part.last for part in found if part.last is not None]
    return Levels(lambda level: chain.from_iterable(part.at(level) for part in found), max(lasts) if len(lasts) == len(found) else None)


def _filtered(strategy: Any) -> Levels | None:
    inner = _levels(strategy.filtered_strategy)
    if inner is None:
        return None
    return Levels(lambda level: (x for x in inner.at(level) if all(keep(x) for keep in strategy.flat_conditions)), inner.last)


def _mapped(strategy: Any) -> Levels | None:
    inner = _levels(strategy.mapped_strategy)
    return None if inner is None else Levels(lambda level: map(strategy.pack, inner.at(level)), inner.last)


def _built(strategy: Any) -> Levels | None:
    count, names = len(strategy.args), list(strategy.kwargs)

    def make(entries: tuple[Any, ...]) -> Any:
        return strategy.target(*entries[:count], **dict(zip(names, entries[count:])))

    return _product([*strategy.args, *strategy.kwargs.values()], make)


_MAKERS: dict[str, Callable[[Any], Levels | None]] = {
    "IntegersStrategy": _integers,
    "BooleansStrategy": lambda strategy: _elements((False, True)),
    "SampledFromStrategy": _sampled,
    "JustStrategy": _sampled,
    "TupleStrategy": lambda strategy: _product(strategy.element_strategies),
    "ListStrategy": _lists,
    "OneOfStrategy": _union,
    "FilteredStrategy": _filtered,
    "MappedStrategy": _mapped,
    "BuildsStrategy": _built,
}

__all__ = ["is_finite", "values"]
