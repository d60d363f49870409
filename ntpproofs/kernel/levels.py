"""Programmes one below the other: the next directions of degenerate data, and the uniqueness of multipliers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .conditions import Columns, common, need, read_coefficients, read_columns, stationary, tied_sets
from .instances import Dataset, bounded
from .reading import Vector, field, index, listed, only

# Per block: the alternatives that are level, and those that are at least 1 below them; the others are free.
Programme = list[tuple[set[int], set[int]]]


def _first(tied: list[frozenset[int]], data: Dataset) -> Programme:
    return [(set(inside), set(range(len(block.alternatives))) - inside) for block, inside in zip(data.blocks, tied)]


def _margins(columns: Columns, programme: Programme, data: Dataset) -> Iterator[dict[int, Fraction]]:
    # Per block the margins of the alternatives that are level (zero) or below.
    for i, (block, (level, below)) in enumerate(zip(data.blocks, programme)):
        scores = data.scores(columns, block)
        top = common((scores[v] for v in level), f"block {i}: level alternatives have different scores")
        yield {v: Fraction(top - scores[v], scores.denominator) for v in below}


def _hold(record: Any, solution: Columns, given: list[Vector], programme: Programme, data: Dataset) -> Programme:
    # The solution is of least norm in the programme, by its multipliers. Returns the next programme: negative coefficients become level, those
    # that vanish at margin 1 stay below.
    following = []
    for i, (margins, (level, below), c) in enumerate(zip(_margins(solution, programme, data), programme, given)):
        need(all(margin >= 1 for margin in margins.values()), f"block {i}: an alternative has margin below 1")
        need(all(c[v] <= 0 for v in below), f"block {i}: a multiplier has the wrong sign")
        need(all(c[v] == 0 or margins[v] == 1 for v in below), f"block {i}: a multiplier is positive off the support")
        need(all(c[v] == 0 for v in range(c.length) if v not in level and v not in below), f"block {i}: a free alternative has a multiplier")
        strong = {v for v in below if c[v] < 0}
        following.append((level | strong, {v for v in below - strong if margins[v] == 1}))
    stationary(solution, given, record, data)
    return following


def _read(record: Any, data: Dataset) -> tuple[Columns, list[Vector]]:
    return read_columns(record, "solution", data), read_coefficients(field(record, "multipliers", "certificate"), "multipliers", data)


def next_directions(record: Any, data: Dataset) -> str:
    """u, D, D_3, ...: each of least norm in the programme that the one before leaves, until no pair is weak.

    The next programme levels the pairs with a positive multiplier and asks for margin 1 on the other pairs of margin 1; that it has a solution
    shows (Goldman and Tucker) that these vanish in every multiplier.
    """
    programme = _first(tied_sets(record, data), data)
    levels = listed(field(record, "levels", "certificate"), "levels")
    bounded(len(levels) * sum(len(block.alternatives) for block in data.blocks), "levels")
    for level in levels:
        solution, multipliers = _read(level, data)
        only(level, ("solution", "multipliers", "squared_norm"), "levels")
        programme = _hold(level, solution, multipliers, programme, data)
    need(not any(below for _, below in programme), "a pair is weak at the last level")
    return f"{len(levels)} directions, each of least norm in the programme that the one before leaves, and no pair is weak at the last"


def unique_multipliers(record: Any, data: Dataset) -> str:
    """The multipliers of the least-norm programme are unique off the tied sets.

    `next` is level where c < 0 and positive on all other pairs of margin 1: these vanish in every multiplier. Each witness has margin 1
    at one pair with c < 0 and 0 at all others, so its product with the solution is the multiplier of that pair.
    """
    programme = _first(tied_sets(record, data), data)
    solution, multipliers = _read(record, data)
    following = _hold(record, solution, multipliers, programme, data)
    strong = {(i, v) for i, (c, (_, below)) in enumerate(zip(multipliers, programme)) for v in below if c[v] < 0}
    given = listed(field(record, "witnesses", "certificate"), "witnesses")
    bounded((1 + len(given)) * sum(len(block.alternatives) for block in data.blocks), "witnesses")
    for i, (margins, (_, weak)) in enumerate(zip(_margins(read_columns(record, "next", data), programme, data), following)):
        need(all(margins[v] > 0 for v in weak), f"block {i}: a pair without a multiplier is not shown to be weak")
        need(all(margin == 0 for v, margin in margins.items() if (i, v) in strong), f"block {i}: the next direction meets a pair with a multiplier")
    seen = set()
    for witness in given:
        b = index(field(witness, "block", "witnesses"), "block", len(data.blocks))
        pair = b, index(field(witness, "alternative", "witnesses"), "alternative", len(data.blocks[b].alternatives))
        matrix = read_columns(witness, "matrix", data)
        only(witness, ("block", "alternative", "matrix"), "witnesses")
        for i, margins in enumerate(_margins(matrix, programme, data)):
            need(all(margin == ((i, v) == pair) for v, margin in margins.items() if (i, v) in strong), f"the witness of {pair} meets block {i}")
        seen.add(pair)
    need(strong <= seen, "a pair with a multiplier has no witness")
    return "the solution has the least norm among vectors with level scores on tied sets and margins of at least 1, and its multipliers are unique"
