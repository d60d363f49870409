"""Reduced choice sets A_i cut down to the label's component C_i: as tokens, as alternatives, and the curvature of losses on them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ....exact.rational import dot
from ....logit.problem import Vector
from ..priority_graph import label_components
from ..problem import AttentionNTP
from ._exact import Masses, probabilities


def reduced_sets(problem: AttentionNTP) -> tuple[tuple[int, ...], ...]:
    """A_i within C_i, as tokens."""
    pairs = zip(problem.choice_sets, label_components(problem))
    return tuple(tuple(v for v in tokens if v in inside) for tokens, inside in pairs)


def reduced_alternatives(problem: AttentionNTP) -> tuple[frozenset[int], ...]:
    """The same as alternatives of the rows of the reduction."""
    pairs = zip(problem.choice_sets, label_components(problem))
    return tuple(frozenset(n for n, v in enumerate(tokens) if v in inside) for tokens, inside in pairs)


def reduced_rows(problem: AttentionNTP) -> tuple[Vector, ...]:
    """(e_y - e_v) e_k^T for v in the reduced choice sets."""
    rows = zip(problem.queries, problem.labels, reduced_sets(problem))
    return tuple(problem.difference(y, v, k) for k, y, tokens in rows for v in tokens if v != y)


def curvature(problem: AttentionNTP, rows: Masses, direction: Vector, squared: bool = False) -> Fraction:
    """D^2 L[D, D] at the given masses, exactly; `squared`: of the loss (1 - p_y)^2 instead of -log p_y.

    With p_y' = p_y (d_y - dbar) and p_y'' = p_y ((d_y - dbar)^2 - Var) the first is 2 p_y'^2 - 2 (1 - p_y) p_y'', the second Var.
    """
    table, total = problem.scores(direction), Fraction(0)
    for p, k, y in zip(probabilities(rows), problem.queries, problem.labels):
        moves = {v: table[v][k] for v in p}
        mean = sum((q * moves[v] for v, q in p.items()), Fraction(0))
        variance = sum((q * (moves[v] - mean) ** 2 for v, q in p.items()), Fraction(0))
        gap = moves[y] - mean
        total += 2 * (p[y] * gap) ** 2 - 2 * (1 - p[y]) * p[y] * (gap**2 - variance) if squared else variance
    return total / len(problem.labels)


def smoothness_constant(problem: AttentionNTP) -> Fraction:
    """L_s = 1/4 max_i max_{u,v in A_i} |e_u - e_v|^2 |e_k|^2."""
    largest = Fraction(0)
    for tokens, k in zip(problem.choice_sets, problem.queries):
        rows = [problem.difference(u, v, k) for u in tokens for v in tokens if u < v]
        largest = max([largest, *(dot(row, row) for row in rows)])
    return largest / 4


def combinations_of(rows: Sequence[Vector], size: int) -> list[Vector]:
    """The rows and an alternating sum of all of them (zero left out)."""
    alternating = tuple(sum(((-1) ** i * (i + 1) * row[k] for i, row in enumerate(rows)), Fraction(0)) for k in range(size))
    return [row for row in (*rows, alternating) if any(row)]


def projection(rows: Sequence[Vector], x: Vector) -> Vector:
    """The orthogonal projection of x onto the span of rational rows, by Gram-Schmidt over the rationals.

    >>> projection([(Fraction(1), Fraction(1))], (Fraction(1), Fraction(0)))
    (Fraction(1, 2), Fraction(1, 2))
    """
    orthogonal: list[Vector] = []
    for row in rows:
        rest = row
        for q in orthogonal:
            factor = dot(rest, q) / dot(q, q)
            rest = tuple(a - factor * b for a, b in zip(rest, q))
        orthogonal += [rest] if any(rest) else []
    factors = [dot(x, q) / dot(q, q) for q in orthogonal]
    return tuple(sum((f * q[k] for f, q in zip(factors, orthogonal)), Fraction(0)) for k in range(len(x)))
