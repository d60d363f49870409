"""Orthonormal coordinates of T and M in which no direction is lost beside a longer one, by Gram-Schmidt in balls.

A covariate far from zero makes differences nearly parallel: of (1, 2019) and (1, 2020) doubles keep twelve digits less of what tells
them apart. Pivoted Gram-Schmidt on the exact Gram matrix takes the longest difference first and of every other one what is left (it
centres the covariate); divided by its pivots (it scales) every coordinate of every difference is of order one and known to the last
digit of a double, whatever was added to the features and in whatever units they came:

    d_r = sum_k rows_rk spread_k q_k,    q_k orthonormal, |rows_rk| <= 1 for the rows among which q_k was chosen.

The flow of w is that of z_k = spread_k <q_k, w> with rate spread_k^2 times the gradient: only numbers of order one are added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, arb_mat, ctx

from ..exact.balls import exact_arb
from ..exact.rational import clear_denominators, independent, integer_array
from ..exact.rows import Products
from .assemble import assemble
from .problem import Vector
from .shapes import Frame, Point, SpreadRows

if TYPE_CHECKING:
    from .decomposition import Decomposition

# Rows among which pivots are chosen, and how many.
Groups = list[tuple[list[int], int]]

# Digits that a pivot keeps after cancellation, and how often the precision is doubled for them.
DIGITS, DOUBLINGS = 70, 6


@dataclass(frozen=True, eq=False)
class WellSpread:
    """`frame`: orthonormal columns (ambient x coordinates); `rows` (vectors x coordinates) and `spread`, so that vectors = rows spread frame'.

    Rows of the separable alternatives may be large in tied coordinates: what counts there is the tied loss.
    """

    frame: Frame
    rows: SpreadRows
    spread: Point


def well_spread(parts: Decomposition) -> WellSpread:
    """The coordinates of one decomposition: first those of T, then those of M; one row per anchored row.

    >>> from ntpproofs.geometry import decompose
    >>> from ntpproofs.problems import ConditionalLogit
    >>> shifted = ConditionalLogit([(1, 0, [[0, 0], [1, 10**6]]), (1, 1, [[0, 0], [1, 10**6 + 1]])])
    >>> found = well_spread(decompose(shifted))
    >>> found.rows.round(6).tolist(), [f"{x:.4g}" for x in found.spread]
    ([[-0.999999, 1.0], [1.0, 0.0]], ['1e+06', '1e-06'])
    """
    anchored = parts.separation.anchored
    kept = anchored.rows.distinct(range(len(anchored)))  # equal differences have equal coordinates
    place = {int(anchored.classes[r]): k for k, r in enumerate(kept)}
    tied_rows = {*anchored.equalities, *parts.separation.partition.tied}
    groups = [[k for k, r in enumerate(kept) if r in tied_rows], [k for k, r in enumerate(kept) if r not in tied_rows]]
    counts = [parts.tied.dimension, parts.diverging.dimension]
    gram = anchored.rows.gram
    products = Products(len(kept), lambda i, k: gram[np.ix_([kept[r] for r in i], [kept[r] for r in k])])

    def differences(pivots: list[int]) -> list[Vector]:
        return [assemble(anchored.problem, anchored.coefficients({kept[k]: Fraction(1)})) for k in pivots]

    found = _gram_schmidt(products, anchored.scale, list(zip(groups, counts, strict=True)), differences, anchored.problem.dimension)
    return replace(found, rows=found.rows[[place[int(c)] for c in anchored.classes]])


def well_spread_vectors(vectors: Sequence[Vector]) -> WellSpread:
    """The coordinates of a list of rational vectors, in their span.

    >>> found = well_spread_vectors([(Fraction(1), Fraction(2019)), (Fraction(1), Fraction(2020)), (Fraction(0), Fraction(0))])
    >>> [f"{x:.4g}" for x in found.spread], np.abs(found.rows).max(axis=1).round(6).tolist()
    (['2020', '0.000495'], [1.0, 1.0, 0.0])
    """
    whole, scale = clear_denominators(vectors)
    integers = integer_array(whole, len(vectors[0]))
    gram = integers @ integers.T
    everyone = list(range(len(vectors)))
    return _gram_schmidt(gram, scale, [(everyone, len(independent(gram, everyone)))], lambda rows: [vectors[r] for r in rows], len(vectors[0]))


def _gram_schmidt(gram: Any, scale: int, groups: Groups, vectors: Callable[[list[int]], list[Vector]], ambient: int) -> WellSpread:
    largest = max((abs(int(gram[r, r])) for r in range(gram.shape[0])), default=1)
    bits = 192 + 4 * largest.bit_length()
    for _ in range(DOUBLINGS):
        with ctx.workprec(bits):
            found = _factor(gram, groups)
            if found is not None:
                return _in_doubles(*found, scale, vectors, ambient)
        bits *= 2
    raise ArithmeticError(f"Gram-Schmidt lost its pivots at {bits} bits")


def _factor(gram: Any, groups: Groups) -> tuple[arb_mat, list[int]] | None:
    # L with L L' = gram, one column per pivot, and the rows of its pivots; None where a pivot has too few digits.
    size, total = int(gram.shape[0]), sum(count for _, count in groups)
    factor, pivots = arb_mat(size, total), list[int]()
    left = [arb(int(gram[r, r])) for r in range(size)]
    for group, count in groups:
        for _ in range(count):
            pivot = max(group, key=lambda r: float(left[r].mid()))
            if not left[pivot] > 0 or left[pivot].rel_accuracy_bits() < DIGITS:
                return None
            root, k = left[pivot].sqrt(), len(pivots)
            column = gram[:, pivot].tolist()
            products = factor * arb_mat([[factor[pivot, j]] for j in range(total)])
            for r in range(size):
                factor[r, k] = (arb(int(column[r])) - products[r, 0]) / root
                left[r] -= factor[r, k] * factor[r, k]  # ** is no number for balls around 0
            pivots.append(pivot)
    return factor, pivots


def _in_doubles(factor: arb_mat, pivots: list[int], scale: int, vectors: Callable[[list[int]], list[Vector]], ambient: int) -> WellSpread:
    size, total = factor.nrows(), len(pivots)
    if not total:
        return WellSpread(np.zeros((ambient, 0)), np.zeros((size, 0)), np.zeros(0))
    unit, diagonal = arb(scale), [factor[r, k] for k, r in enumerate(pivots)]
    chosen = arb_mat([[factor[r, k] / unit if k <= j else arb(0) for k in range(total)] for j, r in enumerate(pivots)])
    frame = chosen.solve(arb_mat([[exact_arb(x) for x in vector] for vector in vectors(pivots)]))
    return WellSpread(
        frame=np.array([[float(frame[k, i].mid()) for k in range(total)] for i in range(ambient)]),
        rows=np.array([[float((factor[r, k] / diagonal[k]).mid()) for k in range(total)] for r in range(size)]),
        spread=np.array([float((x / unit).mid()) for x in diagonal]),
    )
