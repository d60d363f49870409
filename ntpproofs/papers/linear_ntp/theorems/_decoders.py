"""Exact arithmetic on decoders of linear NTP, shared by the statements of this area.

Two kinds of decoders make claims exact. At a rational decoder margins and projections are rational. At a dyadic one,
W = log 2 * N with integer logits N h_j, the softmax is rational and every loss is a rational combination of logarithms.
Decoders are flat vectors in row-major order (V x d).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm

import numpy as np

from ....exact.logarithms import LogVector
from ....exact.logarithms import log_entries as log_entries
from ....exact.logarithms import log_sum as log_sum
from ....exact.logarithms import plus as plus
from ....exact.programme import Infeasible, Rows, least_norm
from ....exact.rational import clear_denominators, dot
from ....exact.vectors import combination, inverse_gram
from ....exact.vectors import outer as outer
from ....exact.vectors import softmax as softmax
from ....kernel import FORMAT, digest
from ....logit.enclosures import exact_scores
from ....logit.problem import Vector
from ..problem import LinearNTP
from ._losses import in_support_space

Matrix = tuple[Vector, ...]


def size(problem: LinearNTP) -> int:
    """V d, the number of entries of a decoder."""
    return problem.vocabulary_size * problem.dimension


def dyadic(problem: LinearNTP, salt: int = 0) -> Vector:
    """An integer N for which all logits N h_j are integers: the decoder log 2 * N has a rational softmax."""
    scale = lcm(*(x.denominator for h in problem.embeddings for x in h))
    return tuple(Fraction(scale * ((3 * k * k + 2 * k + 1 + salt) % 5 - 2)) for k in range(size(problem)))


def logits(problem: LinearNTP, decoder: Vector) -> Matrix:
    """W h_j for every context, exactly (m x V)."""
    return tuple(exact_scores(problem.conditional_logit(), decoder))


def masses(problem: LinearNTP, exponent: Vector) -> Matrix:
    """2^logit for a decoder log 2 * N with integer logits."""
    return tuple(tuple(Fraction(2) ** int(x) for x in row) for row in logits(problem, exponent))


def difference(problem: LinearNTP, context: int, first: int, second: int) -> Vector:
    """(e_first - e_second) h_context^T."""
    unit = tuple(Fraction((v == first) - (v == second)) for v in range(problem.vocabulary_size))
    return outer(unit, problem.embeddings[context])


def generators(problem: LinearNTP) -> tuple[Vector, ...]:
    """The anchored generators (e_{z_j} - e_z) h_j^T of F, z over the support without its first token."""
    pairs = ((j, min(s), z) for j, s in enumerate(problem.supports) for z in sorted(s - {min(s)}))
    return tuple(difference(problem, *pair) for pair in pairs)


def log_ratios(problem: LinearNTP) -> LogVector:
    """log(p_{z_j} / p_z), one entry per anchored generator."""
    rows = [block.labels for block in problem.data.blocks]
    ratios = [row[min(s)] / row[z] for row, s in zip(rows, problem.supports) for z in sorted(s - {min(s)})]
    return log_entries(ratios)


def off_support(problem: LinearNTP, decoder: Vector) -> Vector:
    """The part of a decoder in F^perp."""
    return tuple(x - y for x, y in zip(decoder, in_support_space(problem).project(decoder)))


def gaps(problem: LinearNTP, decoder: Vector) -> Vector:
    """(e_{z_j} - e_z)^T W h_j over the anchored generators: all zero iff W satisfies (6a)."""
    rows = zip(logits(problem, decoder), problem.supports)
    return tuple(row[min(s)] - row[z] for row, s in rows for z in sorted(s - {min(s)}))


def margins(problem: LinearNTP, decoder: Vector) -> dict[tuple[int, int], Fraction]:
    """{(j, v): min over z in S_j of (e_z - e_v)^T W h_j} for v off the support: all at least 1 iff W satisfies (6b)."""
    return {
        (j, v): min(row[z] for z in support) - row[v]
        for j, (row, support) in enumerate(zip(logits(problem, decoder), problem.supports))
        for v in range(problem.vocabulary_size)
        if v not in support
    }


def apply(rows: Sequence[Vector], vector: LogVector) -> LogVector:
    """The inner products of a vector of logarithms with rational rows, exactly."""
    return LogVector(vector.base, tuple(tuple(dot(row, part) for row in rows) for part in vector.parts), len(rows))


def entropy(problem: LinearNTP) -> LogVector:
    """H_ent = - sum_j pi_j sum_z p_jz log p_jz, exactly."""
    return log_sum((-block.weight * p, p) for block in problem.data.blocks for p in block.labels.values())


def cross_entropy(problem: LinearNTP, weights: Matrix, subsets: Sequence[Iterable[int]] | None = None) -> LogVector:
    """CE for the masses exp(logit), exactly; with `subsets` the loss restricted to those tokens (CE_F for the supports)."""
    blocks, terms = problem.data.blocks, []
    for j, (block, row) in enumerate(zip(blocks, weights)):
        total = sum((row[v] for v in (range(len(row)) if subsets is None else subsets[j])), Fraction(0))
        terms += [(block.weight * p, total / row[z]) for z, p in block.labels.items()]
    return log_sum(terms)


def ratios(problem: LinearNTP, weights: Matrix) -> Vector:
    """rho_j = (mass off the support) / (mass on it), exactly."""
    pairs = list(zip(weights, problem.supports))
    inside = [sum((row[z] for z in support), Fraction(0)) for row, support in pairs]
    return tuple((sum(row, Fraction(0)) - x) / x for (row, _), x in zip(pairs, inside))


def excess(problem: LinearNTP, weights: Matrix) -> LogVector:
    """G = sum_j pi_j log(1 + rho_j), exactly."""
    return log_sum((weight, 1 + rho) for weight, rho in zip(problem.weights, ratios(problem, weights)))


def gradient(problem: LinearNTP, weights: Matrix, weighted: bool = True) -> Vector:
    """(softmax(WH) - P) diag(pi) H^T for the masses exp(logit), exactly."""
    result = [Fraction(0)] * (problem.vocabulary_size * problem.dimension)
    for weight, row, q, h in zip(problem.weights, weights, problem.probabilities, problem.embeddings):
        column = tuple((weight if weighted else 1) * (a - b) for a, b in zip(softmax(row), q))
        result = [x + y for x, y in zip(result, outer(column, h))]
    return tuple(result)


def row_gradient(problem: LinearNTP, weights: Matrix) -> Vector:
    """- sum_i a_i sum_v p_iv d_iv over the rows of the reduction, exactly: the second route."""
    logit = problem.conditional_logit()
    result = [Fraction(0)] * logit.dimension
    for (i, alternative), d in logit.differences().items():
        share = logit.rows[i].weight * softmax(weights[logit.row_labels[i][0]])[alternative]
        result = [x - share * y for x, y in zip(result, d)]
    return tuple(result)


def hessian_form(problem: LinearNTP, weights: Matrix, way: Vector, centred: bool = True) -> Fraction:
    """sum_j pi_j Var_{s_j}((U h_j)_u), exactly; not `centred`: the second moment."""
    result = Fraction(0)
    for weight, row, y in zip(problem.weights, weights, logits(problem, way)):
        s = softmax(row)
        mean = dot(s, y) if centred else Fraction(0)
        result += weight * dot(s, tuple((x - mean) ** 2 for x in y))
    return result


def centred_log_probabilities(problem: LinearNTP, j: int, over_vocabulary: bool = False) -> LogVector:
    """log p_jz minus its mean over the support (or, wrongly, over V), zero off the support."""
    width, labels = problem.vocabulary_size, problem.data.blocks[j].labels
    logs = log_entries([labels.get(v, Fraction(1)) for v in range(width)])
    count = width if over_vocabulary else len(labels)
    rows = [tuple(Fraction(v == x) - Fraction(v in labels and x in labels, count) for x in range(width)) for v in range(width)]
    return apply(rows, logs)


def pseudo_inverse_decoder(problem: LinearNTP) -> LogVector:
    """U H^+ with U the centred log-probabilities, for independent embeddings."""
    columns = [centred_log_probabilities(problem, j) for j in range(len(problem.supports))]
    inverse = inverse_gram(problem.embeddings)
    duals = [combination(row, problem.embeddings) for row in inverse]
    result = LogVector((), (), size(problem))
    for u, h in zip(columns, duals):
        result = plus(result, LogVector(u.base, tuple(outer(part, h) for part in u.parts), size(problem)))
    return result


def least_norm_vector(rows: Sequence[Vector], equalities: Sequence[Vector] = ()) -> Vector | None:
    """argmin |w| subject to <w, row> >= 1 (and = 0 on the equalities), exactly; None if there is none.

    >>> least_norm_vector([(Fraction(2), Fraction(0))])
    (Fraction(1, 2), Fraction(0, 1))
    """
    everything = [*rows, *equalities]
    integers, scale = clear_denominators(everything)
    array = np.array(integers, dtype=object)
    inside = range(len(rows), len(everything))
    found = least_norm(Rows(array @ array.T, array.astype(float)), inside, range(len(rows)))
    if isinstance(found, Infeasible):
        return None
    # The integer rows are scale * row: w = sum y D with <w, D> >= 1 becomes sum (scale^2 y) row.
    values = [found.multipliers.get(r, Fraction(0)) * scale**2 for r in range(len(everything))]
    return combination(values, everything)


def margins_only(problem: LinearNTP) -> Vector:
    """The least-norm decoder with (e_z - e_v)^T W h_j >= 1 for all z on and v off the supports: (6b) without (6a); zero if none."""
    pairs = [(j, z, v) for j, s in enumerate(problem.supports) for z in sorted(s) for v in range(problem.vocabulary_size) if v not in s]
    found = least_norm_vector([difference(problem, *pair) for pair in pairs]) if pairs else None
    return found or (Fraction(0),) * size(problem)


def document(problem: LinearNTP, records: Sequence[dict[str, object]]) -> dict[str, object]:
    """A certificate file for the kernel."""
    body: dict[str, object] = {"format": FORMAT, "instance": problem.instance(), "certificates": list(records)}
    return body | {"digest": digest(body)}
