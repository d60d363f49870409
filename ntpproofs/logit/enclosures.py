"""Losses of a conditional logit at rational points, enclosed: exact scores, then logarithms and exponentials in balls."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, ctx

from ..errors import InvalidInput
from ..exact.balls import PRECISION, Interval, exact_arb, interval
from ..kernel.reading import Vector as Column
from ..kernel.reading import brief
from .parameters import exact_vector
from .problem import ConditionalLogit, Vector
from .protocols import reduced


def exact_scores(problem: ConditionalLogit, w: Vector) -> list[Vector]:
    """The exact scores <w, x_bv> of every block at a rational point.

    >>> from fractions import Fraction
    >>> exact_scores(ConditionalLogit([(1, 0, [["2"], ["0"]], [1, 1])]), (Fraction(1, 3),))
    [(Fraction(2, 3), Fraction(0, 1))]
    """
    height, width = problem.shape
    columns = {k: Column.dense([(w[i * width + k].numerator, w[i * width + k].denominator) for i in range(height)]) for k in range(width)}
    return [tuple(problem.data.scores(columns, block)) for block in problem.data.blocks]


def log_sums(problem: ConditionalLogit, w: Vector, subsets: Sequence[frozenset[int]] | None = None) -> list[arb]:
    """log sum_{v in subset} n_v e^{score_v} per block, at the current precision (0 stands for an empty subset)."""
    result = []
    for b, (block, scores) in enumerate(zip(problem.data.blocks, exact_scores(problem, w))):
        chosen = range(len(scores)) if subsets is None else sorted(subsets[b])
        counts = block.multiplicities
        masses = [exact_arb(scores[v]).exp() * (1 if counts is None else exact_arb(counts[v])) for v in chosen]
        result.append(sum(masses, arb(0)).log() if masses else arb(0))
    return result


def loss_ball(problem: ConditionalLogit, w: Vector, subsets: Sequence[frozenset[int]] | None = None, precision: int = PRECISION) -> Interval:
    """L(w) at a rational point, or with `subsets` the loss restricted to those alternatives (the tied loss for tied sets).

    Raises `InvalidInput` for what is no problem, point or precision.

    >>> from fractions import Fraction
    >>> problem = ConditionalLogit([(1, 0, [["1"], ["0"]], [1, 1])])
    >>> round(float(loss_ball(problem, (Fraction(0),))), 6)
    0.693147
    """
    if not isinstance(precision, int) or precision < 2:
        raise InvalidInput("precision", f"is {brief(precision)}", "give a number of bits")
    problem = reduced(problem)
    w = exact_vector(w, problem.dimension)
    with ctx.workprec(precision):
        sums, total = log_sums(problem, w, subsets), arb(0)
        for block, scores, log_sum in zip(problem.data.blocks, exact_scores(problem, w), sums):
            inner = arb(0)
            for z, share in block.labels.items():
                count = arb(0) if block.multiplicities is None else exact_arb(block.multiplicities[z]).log()
                inner += exact_arb(share) * (log_sum - exact_arb(scores[z]) - count)
            total += exact_arb(block.weight) * inner
        return interval(total)


def outside_ratio(problem: ConditionalLogit, w: Vector, tied_sets: Sequence[frozenset[int]], precision: int = PRECISION) -> Interval:
    """rhobar(w) = sum_i a_i Z_i^out / Z_i^in, enclosed."""
    with ctx.workprec(precision):
        return interval(sum((exact_arb(b.weight) * r for b, r in zip(problem.data.blocks, ratio_balls(problem, w, tied_sets))), arb(0)))


def ratio_balls(problem: ConditionalLogit, w: Vector, tied_sets: Sequence[frozenset[int]]) -> list[arb]:
    """rho_b = Z_b^out / Z_b^in per block, at the current precision."""
    inside = log_sums(problem, w, tied_sets)
    outside = [frozenset(range(len(block.alternatives))) - tied for block, tied in zip(problem.data.blocks, tied_sets)]
    return [(x - y).exp() if out else arb(0) for x, y, out in zip(log_sums(problem, w, outside), inside, outside)]


def softmax_balls(problem: ConditionalLogit, w: Vector, subsets: Sequence[frozenset[int]] | None = None) -> list[dict[int, arb]]:
    """The in-row probabilities on the given alternatives (default: all), per block, at the current precision."""
    sums = log_sums(problem, w, subsets)
    result = []
    for b, (block, scores) in enumerate(zip(problem.data.blocks, exact_scores(problem, w))):
        chosen = range(len(scores)) if subsets is None else sorted(subsets[b])
        counts = block.multiplicities
        logs = {v: exact_arb(scores[v]) + (0 if counts is None else exact_arb(counts[v]).log()) for v in chosen}
        result.append({v: (x - sums[b]).exp() for v, x in logs.items()})
    return result
