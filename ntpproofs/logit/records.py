"""The kernel records beyond separation and optimal-qp: strict complementarity, uniqueness, next directions, norm margins, enclosures."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor, isqrt
from typing import Any

from flint import arb, ctx, fmpq, fmpq_mat, fmpz_mat

from ..errors import VerificationFailed
from ..exact.balls import exact_arb, interval
from ..exact.rational import fraction, sub, written
from ..kernel.enclosure import Tied, bounds, tied_alternatives
from ..kernel.reading import Vector as Column
from .assemble import assemble, columns, sparse
from .decomposition import Decomposition
from .margin import Level, MaxMargin
from .norm_margins import norm_margin
from .recession import Separation

# Records whose size or cost grows with more than the data are written for small problems only: entries of all witnesses together, tied
# alternatives of an enclosure, parameters of a linear programme in exact vertices.
LARGEST_WITNESSES = 20_000
LARGEST_ENCLOSURE = 400
LARGEST_NORM = 40
# Shares and normalisers of an enclosure carry this many bits; its bounds are rounded outward to them.
BITS = 180
ROUNDING = 140
Record = dict[str, Any]


def further_records(parts: Decomposition) -> Iterator[Record]:
    """What the kernel can check of a decomposition beside its separation and max-margin records.

    Strict complementarity or the next directions; uniqueness of the multipliers; l1 and l-infinity margins; the enclosure of the
    infimum and of the finite part. Records that would be too large are left out.
    """
    best = parts.max_margin
    if best.active:
        if best.strictly_complementary:
            yield strict_complementarity(best)
        else:
            yield next_directions(best)
        unique = unique_multipliers(best)
        if unique is not None:
            yield unique
        if parts.problem.dimension <= LARGEST_NORM:
            found = (norm_margin(parts.problem, norm) for norm in ("l1", "l-infinity"))
            yield from (margin.certificate for margin in found if margin.exact)
    enclosed = enclosure(parts)
    if enclosed is not None:
        yield enclosed


def strict_complementarity(best: MaxMargin) -> Record:
    """The optimal-qp record with a multiplier that is positive on every pair of margin 1."""
    return best.certificate | {"type": "strict-complementarity", **_multipliers(best, best.levels[0])}


def next_directions(best: MaxMargin) -> Record:
    """u, D, D_3, ... with multipliers that are positive on every strong pair of their level."""
    levels = [_level(best, level, direction) for level, direction in zip(best.levels, best.directions)]
    return {"type": "next-directions", "tied": best.certificate["tied"], "levels": levels}


def unique_multipliers(best: MaxMargin) -> Record | None:
    """The uniqueness record; None where equal differences share a multiplier, or where the witnesses have too many entries."""
    anchored = best.separation.anchored
    gram, problem, strong = anchored.rows.gram, anchored.problem, list(best.strong)
    if len(strong) * problem.dimension > LARGEST_WITNESSES:
        return None
    base = anchored.rows.independent([*anchored.equalities, *sorted(best.separation.partition.tied)])
    if len(base) > LARGEST_ENCLOSURE or len(anchored.rows.independent([*base, *strong])) < len(base) + len(strong):
        return None
    rows = [*base, *strong]
    sides = fmpz_mat([[anchored.scale**2 * int(r == s) for s in strong] for r in rows])
    solution = fmpq_mat(sub(gram, rows, rows).solve(sides))
    witnesses = []
    for k, s in enumerate(strong):
        values = {r: fraction(solution[i, k]) for i, r in enumerate(rows)}
        matrix = assemble(problem, anchored.coefficients(values))
        witnesses.append({"block": anchored.blocks[s], "alternative": anchored.alternatives[s], "matrix": columns(matrix, problem.shape)})
    following = columns(best.second_level_direction, problem.shape)
    multipliers = _multipliers(best, best.levels[0])
    return best.certificate | {"type": "unique-multipliers", **multipliers, "next": following, "witnesses": witnesses}


def _multipliers(best: MaxMargin, level: Level) -> Record:
    anchored = best.separation.anchored
    coefficients = anchored.coefficients({r: x * anchored.scale**2 for r, x in level.positive_multipliers.items()})
    sizes = (len(block.alternatives) for block in anchored.problem.data.blocks)
    return {"multipliers": [sparse(c, size) for c, size in zip(coefficients, sizes)]}


def _level(best: MaxMargin, level: Level, direction: tuple[Fraction, ...]) -> Record:
    shape = best.separation.anchored.problem.shape
    squared = sum((x * x for x in direction), Fraction(0))
    return {"solution": columns(direction, shape), **_multipliers(best, level), "squared_norm": written(squared)}


def enclosure(parts: Decomposition) -> Record | None:
    """The enclosure record; None beyond `LARGEST_ENCLOSURE`, or where no radius up to 2 can be shown.

    The shares at the centre are corrected on a basis of the tied span so that their moments are exactly those of the data.
    """
    decided = parts.separation
    problem = decided.anchored.problem
    if sum(map(len, decided.tied_sets)) > LARGEST_ENCLOSURE:
        return None
    data, tied = problem.data, list(decided.tied_sets)
    center = columns(parts.finite_part.center, problem.shape)
    read = {k: Column.decode(column, "center", problem.shape[0]) for k, column in enumerate(center)}
    shares, shifts = _shares(decided, read)
    sizes = [len(block.alternatives) for block in data.blocks]
    circulation = [sparse(c, size) for c, size in zip(_balanced(decided, shares), sizes)]
    vectors = [Column.decode(c, "circulation", size) for c, size in zip(circulation, sizes)]
    try:
        found = list(tied_alternatives(data, tied, vectors, read, shifts))
    except VerificationFailed:
        return None
    least, largest = bounds(found, data)
    lower, upper = -_up(-least), _up(largest)
    radius = _radius(found, upper - lower)
    if radius is None:
        return None
    record = decided.certificate | {"type": "enclosure", "circulation": circulation, "center": center, "normalizers": [written(z) for z in shifts]}
    del record["class"]
    return record | {"lower": written(lower), "upper": written(upper), "radius": written(radius)}


def _up(x: Fraction) -> Fraction:
    return Fraction(-((-x.numerator << ROUNDING) // x.denominator), 2**ROUNDING)


def _shares(decided: Separation, center: dict[int, Column]) -> tuple[list[dict[int, Fraction]], list[Fraction]]:
    # softmax over the tied sets at the centre, and the log-sum-exp of relative counts, as dyadic numbers.
    data = decided.anchored.problem.data
    shares, shifts = [], []
    with ctx.workprec(2 * BITS):
        for block, inside, anchor in zip(data.blocks, decided.tied_sets, decided.anchored.anchors):
            scores = data.scores(center, block)
            counts = block.multiplicities or (Fraction(1),) * len(block.alternatives)
            top = max(scores[v] for v in inside)
            masses = {v: exact_arb(counts[v] / counts[anchor]) * exact_arb(Fraction(scores[v] - top, scores.denominator)).exp() for v in inside}
            total = sum(masses.values(), arb(0))
            rounded = {v: _dyadic(mass / total) for v, mass in masses.items() if v != anchor}
            shares.append(rounded | {anchor: 1 - sum(rounded.values(), Fraction(0))})
            shifts.append(Fraction(top, scores.denominator) + _dyadic(total.log()) if len(inside) > 1 else Fraction(top, scores.denominator))
    return shares, shifts


def _dyadic(x: arb) -> Fraction:
    return Fraction(floor(interval(x).center * 2**BITS), 2**BITS)


def _balanced(decided: Separation, shares: list[dict[int, Fraction]]) -> list[dict[int, Fraction]]:
    # c = a (p - q) by anchored rows, less the combination of a basis that has the same matrix.
    anchored = decided.anchored
    blocks, gram = anchored.problem.data.blocks, anchored.rows.gram
    tied = [*anchored.equalities, *sorted(decided.partition.tied)]
    values = {}
    for r in tied:
        b, v = anchored.blocks[r], anchored.alternatives[r]
        values[r] = blocks[b].weight * (shares[b][v] - blocks[b].labels.get(v, Fraction(0)))
    basis = anchored.rows.independent(tied)
    if basis:
        column = fmpq_mat(len(tied), 1, [fmpq(x.numerator, x.denominator) for x in values.values()])
        excess = fmpq_mat(sub(gram, basis, basis)).solve(fmpq_mat(sub(gram, basis, tied)) * column)
        for i, r in enumerate(basis):
            values[r] -= fraction(excess[i, 0])
    return anchored.coefficients(values)


def _radius(found: list[Tied], gap: Fraction) -> Fraction | None:
    # The smallest radius that the gap allows, doubled until everything else fits.
    least = 128 * gap / min(x.weight * x.q for x in found)
    radius = _root(least)
    while radius <= 2:
        if all(x.near(gap, radius) for x in found):
            return radius
        radius = 2 * radius or Fraction(1, 2**ROUNDING)
    return None


def _root(x: Fraction) -> Fraction:
    return Fraction(isqrt((x.numerator << 2 * ROUNDING) // x.denominator) + 1, 2**ROUNDING) if x else Fraction(0)


__all__ = ["enclosure", "further_records", "next_directions", "strict_complementarity", "unique_multipliers"]
