"""The self-attention layer in exact arithmetic, position by position: nothing here knows distinct tokens or multiplicities.

At W = log 2 * N with integer scores the attention weights are rational, so are the outputs f_W(X) = X^T softmax(X W x), the
label scores c_y^T f and the gradient; the loss is a rational combination of logarithms. The reduction is checked against it.
"""

from __future__ import annotations

from fractions import Fraction

from ....exact.logarithms import LogVector, log_sum
from ....exact.rational import dot
from ....exact.vectors import outer, softmax
from ....logit.problem import Vector
from ..problem import AttentionNTP
from ._exact import Matrix, plus, product


def attention(problem: AttentionNTP, exponent: Vector) -> tuple[Vector, ...]:
    """softmax(X W x) per sequence, one entry per position."""
    keys = product(problem.embeddings, problem.lift(exponent))
    rows = []
    for sequence in problem.sequences:
        query = problem.embeddings[sequence[-1]]
        rows.append(softmax(tuple(Fraction(2) ** int(dot(keys[token], query)) for token in sequence)))
    return tuple(rows)


def outputs(problem: AttentionNTP, exponent: Vector) -> Matrix:
    """f_W(X_i) = X_i^T softmax(X_i W x_i)."""
    rows = zip(problem.sequences, attention(problem, exponent))
    return tuple(product([p], [problem.embeddings[token] for token in sequence])[0] for sequence, p in rows)


def label_scores(problem: AttentionNTP, exponent: Vector, head: Matrix) -> Vector:
    """c_{y_i}^T f_W(X_i)."""
    return tuple(dot(head[y], f) for y, f in zip(problem.labels, outputs(problem, exponent)))


def loss(problem: AttentionNTP, exponent: Vector, head: Matrix) -> LogVector:
    """-(1/n) sum_i log c_{y_i}^T f_W(X_i)."""
    scores = label_scores(problem, exponent, head)
    return log_sum((Fraction(-1, len(scores)), u) for u in scores)


def gradient(problem: AttentionNTP, exponent: Vector, head: Matrix) -> Vector:
    """-(1/n) sum_i X_i^T (diag p_i - p_i p_i^T) X_i c_{y_i} x_i^T / (c_{y_i}^T f_i): the chain rule through the softmax."""
    result = (Fraction(0),) * problem.dimension**2
    rows = zip(problem.sequences, problem.labels, attention(problem, exponent), outputs(problem, exponent))
    for sequence, y, p, f in rows:
        values = [dot(head[y], problem.embeddings[token]) for token in sequence]
        score = dot(head[y], f)
        pull = product([tuple(q * (x - score) for q, x in zip(p, values))], [problem.embeddings[token] for token in sequence])[0]
        result = plus(result, outer(pull, problem.embeddings[sequence[-1]]), Fraction(-1, len(problem.sequences)) / score)
    return result
