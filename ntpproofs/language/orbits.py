"""Enumeration up to symmetry: small integer vectors, the signed permutations of their coordinates, and one candidate of every orbit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import permutations, product
from typing import Any, TypeVar

from .entries import attempt

T = TypeVar("T")
Vector = tuple[int, ...]
Signed = tuple[tuple[int, int], ...]


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
def small_vectors(dimension: int) -> tuple[Vector, ...]:
    """Every vector of entries -1, 0, 1, non-negative ones first, so that representatives read well."""
    return tuple(sorted(product((0, 1, -1), repeat=dimension), key=lambda v: (sum(map(abs, v)), [(x < 0, x) for x in v])))


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
