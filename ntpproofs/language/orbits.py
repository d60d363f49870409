"""Enumeration up to symmetry: small integer vectors, the signed permutations of their coordinates, and one candidate of every orbit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import permutations, product
from typing import Any, TypeVar

from .entries import attempt

T = TypeVar("T")
Vector = tuple[int, ...]
Signed = tuple[tuple[int, int], ...]
# Matrices of one shape that an enumeration may go through with entries beyond 1.
MATRICES = 400


def shapes(*ranges: tuple[int, int]) -> list[tuple[int, ...]]:
    """All shapes within inclusive ranges, by their sum, then in lexicographic order.

    >>> shapes((1, 2), (1, 2))
    [(1, 1), (1, 2), (2, 1), (2, 2)]
    """
    return sorted(product(*(range(least, most + 1) for least, most in ranges)), key=lambda shape: (sum(shape), shape))


@cache
def signed_permutations(dimension: int) -> tuple[Signed, ...]:
    """The symmetries of the coordinate cube, each as (source coordinate, sign) per coordinate."""
    orders, signs = permutations(range(dimension)), list(product((1, -1), repeat=dimension))
    return tuple(tuple(zip(order, sign)) for order in orders for sign in signs)


def moved(vector: Vector, symmetry: Signed) -> Vector:
    """A vector under a symmetry of the cube."""
    return tuple(sign * vector[k] for k, sign in symmetry)


@cache
def small_vectors(dimension: int, largest: int = 1) -> tuple[Vector, ...]:
    """Every vector of integers up to `largest` in size: small ones first, non-negative ones before others, so that representatives read well.

    >>> small_vectors(1, 2)
    ((0,), (1,), (-1,), (2,), (-2,))
    """
    entries = range(-largest, largest + 1)
    return tuple(sorted(product(entries, repeat=dimension), key=lambda v: (sum(map(abs, v)), [(x < 0, x) for x in v])))


def largest_entry(entries: int) -> int:
    """How large entries may be in an enumeration of matrices with so many of them: at most 3, and at least 1.

    >>> [largest_entry(n) for n in (1, 3, 4, 9)]
    [3, 3, 1, 1]
    """
    return next((largest for largest in (3, 2) if (2 * largest + 1) ** entries <= MATRICES), 1)


def orderly(count: int, size: int, images: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """One multiset of `size` numbers below `count` of every orbit under permutations of the numbers, the least one (written in order).

    Canonical augmentation (Read, Faradzev): if a sorted tuple is the least of its orbit so is every prefix, because a symmetry that
    lowers the prefix lowers the whole. So only least prefixes are extended, and nothing is remembered.

    >>> list(orderly(3, 2, [[0, 1, 2], [1, 0, 2]]))
    [(0, 0), (0, 1), (0, 2), (2, 2)]
    """

    def extended(chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(chosen) == size:
            yield chosen
            return
        for i in range(chosen[-1] if chosen else 0, count):
            longer = (*chosen, i)
            if all(sorted([image[k] for k in longer]) >= [*longer] for image in images):
                yield from extended(longer)

    yield from extended(())


def assignments(count: int, images: Sequence[Sequence[int]], renamings: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """One tuple of numbers below `count` of every orbit, the least one. The numbers may be permuted (`images`), together with the places
    (`renamings`, which say where each place goes and are a group; the length of one is that of the tuples).

    Prefixes that a permutation of the numbers lowers are not extended; the places are looked at when a tuple is complete.

    >>> list(assignments(2, [[0, 1]], [[0, 1], [1, 0]]))
    [(0, 0), (0, 1), (1, 1)]
    >>> list(assignments(2, [[0, 1], [1, 0]], [[0, 1]]))
    [(0, 0), (0, 1)]
    """
    size = len(renamings[0])
    inverse = [[order.index(v) for v in range(size)] for order in renamings]

    def extended(chosen: tuple[int, ...], fixing: list[Sequence[int]]) -> Iterator[tuple[int, ...]]:
        # `fixing` leave the tuple so far as it is: only these can lower a longer one.
        if len(chosen) == size:
            if all(chosen <= tuple(image[chosen[v]] for v in places) for places in inverse for image in images):
                yield chosen
            return
        for i in range(count):
            if all(image[i] >= i for image in fixing):
                yield from extended((*chosen, i), [image for image in fixing if image[i] == i])

    yield from extended((), list(images))


def representatives(candidates: Iterable[T], orbit: Callable[[T], Iterator[Any]]) -> Iterator[T]:
    """The first member of every orbit."""
    seen: set[Any] = set()
    for candidate in candidates:
        least = min(orbit(candidate))
        if least not in seen:
            seen.add(least)
            yield candidate


def attempts(build: Callable[[Any], T], candidates: Iterable[Any]) -> Iterator[T]:
    """The instances that candidates make; those that make none are left out."""
    return (problem for candidate in candidates for problem in attempt(build, candidate))
