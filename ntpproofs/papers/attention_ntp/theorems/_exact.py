"""Exact arithmetic on attention datasets, shared by the statements of this area.

Two kinds of matrices W make claims exact. At a rational W scores, margins and projections are rational. At a dyadic one,
W = log 2 * N with integer scores E N E^T, every softmax is rational and every loss a rational combination of logarithms.
Matrices W are flat vectors in row-major order (d x d); S = E W E^T has one column per query.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from flint import ctx

from ....exact.balls import PRECISION, Enclosure, Interval, exact_arb, interval
from ....exact.logarithms import LogVector, log_sum
from ....exact.rational import dot, to_flint
from ....exact.rational import fraction as to_fraction
from ....exact.vectors import Vector, combination, inverse_gram, softmax, zeros
from ....exact.vectors import plus as plus
from ..problem import AttentionNTP

Matrix = tuple[Vector, ...]
Masses = tuple[dict[int, Fraction], ...]


def dyadic(problem: AttentionNTP, salt: int = 0) -> Vector:
    """An integer N for which all scores E N E^T are integers: W = log 2 * N has rational softmaxes."""
    scale = lcm(*(x.denominator for row in problem.embeddings for x in row)) ** 2
    return tuple(Fraction(scale * ((3 * k * k + 2 * k + 1 + salt) % 5 - 2)) for k in range(problem.dimension**2))


def point(problem: AttentionNTP, shift: int = 0) -> Vector:
    """A rational W that is nowhere special; another one for each `shift`."""
    return tuple(Fraction((5 * k * k + 3 * k + 2 + 4 * shift) % 17 - 8, 3) for k in range(problem.dimension**2))


def masses(problem: AttentionNTP, exponent: Vector, subsets: Sequence[Iterable[int]] | None = None, counted: bool = True) -> Masses:
    """{v: m_iv 2^(S_vk)} per sequence, at W = log 2 * N; `subsets` cuts the choice sets down, not `counted` drops multiplicities."""
    table = problem.scores(exponent)
    kept = problem.choice_sets if subsets is None else [sorted(subset) for subset in subsets]
    rows = zip(kept, problem.queries, problem.multiplicities)
    return tuple({v: (m[v] if counted else 1) * Fraction(2) ** int(table[v][k]) for v in tokens} for tokens, k, m in rows)


def probabilities(rows: Masses) -> Masses:
    """Every row of masses divided by its sum."""
    return tuple(dict(zip(row, softmax(tuple(row.values())))) for row in rows)


def loss(problem: AttentionNTP, rows: Masses) -> LogVector:
    """(1/n) sum_i log(sum of masses / mass of the label), exactly."""
    n = len(rows)
    return log_sum((Fraction(1, n), sum(row.values(), Fraction(0)) / row[y]) for row, y in zip(rows, problem.labels))


def residuals(problem: AttentionNTP, attention: Masses, labelled: bool = True) -> Matrix:
    """Gamma: column k is (1/n) sum over the sequences with query k of (p_i - unit vector of y_i); K x K."""
    size, n = problem.vocabulary_size, len(attention)
    table = [[Fraction(0)] * size for _ in range(size)]
    for row, k, y in zip(attention, problem.queries, problem.labels):
        for v, p in row.items():
            table[v][k] += (p - (v == y if labelled else 0)) / n
    return tuple(map(tuple, table))


def product(*matrices: Sequence[Sequence[Fraction]]) -> Matrix:
    """The exact product of rational matrices."""
    result = to_flint(matrices[0])
    for matrix in matrices[1:]:
        result = result * to_flint(matrix)
    return tuple(tuple(map(to_fraction, row)) for row in result.tolist())


def transpose(matrix: Sequence[Sequence[Fraction]]) -> Matrix:
    """The transpose."""
    return tuple(zip(*matrix))


def flat(matrix: Sequence[Sequence[Fraction]]) -> Vector:
    """The entries in row-major order."""
    return tuple(x for row in matrix for x in row)


def lifted(problem: AttentionNTP, table: Matrix) -> Vector:
    """E^T (K x K table) E as a flat W."""
    return flat(product(transpose(problem.embeddings), table, problem.embeddings))


def dual_head(problem: AttentionNTP) -> Matrix:
    """C with C E^T = I for independent embeddings; otherwise the dual head of the first independent ones, zero for the rest."""
    chosen: list[int] = []
    for v in range(problem.vocabulary_size):
        if _independent([problem.embeddings[u] for u in (*chosen, v)]):
            chosen.append(v)
    rows = [problem.embeddings[v] for v in chosen]
    duals = {v: combination(row, rows) for v, row in zip(chosen, inverse_gram(rows) if rows else ())}
    return tuple(duals.get(v, (Fraction(0),) * problem.dimension) for v in range(problem.vocabulary_size))


def _independent(rows: Sequence[Vector]) -> bool:
    from ....exact.rational import rank

    return rank(rows) == len(rows)


def with_scores(problem: AttentionNTP, table: Matrix) -> Vector:
    """W = E^+ S E^+T: the matrix with these scores, for independent embeddings (C = E^+T is the dual head)."""
    head = dual_head(problem)
    return flat(product(transpose(head), table, head))


def gaps(problem: AttentionNTP, w: Vector, edges: Iterable[Any]) -> Vector:
    """(e_upper - e_lower)^T W e_query for priority edges (or plain triples query, upper, lower), exactly."""
    table = problem.scores(w)
    return tuple(table[u][k] - table[v][k] for k, u, v in edges)


def enclosed_gaps(problem: AttentionNTP, w: Any, edges: Iterable[Any]) -> tuple[Interval, ...]:
    """The gaps of an enclosed W: a difference vector of norm r turns the radius into r times the radius."""
    edges = list(edges)
    found = []
    for edge, center in zip(edges, gaps(problem, w.center, edges)):
        row = problem.difference(edge[1], edge[2], edge[0])
        with ctx.workprec(PRECISION):
            length = interval(exact_arb(dot(row, row)).sqrt()).upper
        found.append(Interval(center, length * w.radius))
    return tuple(found)


def enclosure(part: Any) -> Enclosure:
    """A finite part as a plain enclosure."""
    return Enclosure(part.center, part.radius)


def zero(problem: AttentionNTP) -> Vector:
    """W = 0."""
    return zeros(problem.dimension**2)


def total_mass(row: Mapping[int, Fraction]) -> Fraction:
    """The sum of a row of masses."""
    return sum(row.values(), Fraction(0))
