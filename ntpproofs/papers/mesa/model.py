"""One layer of linear causal attention on x_{t+1} = W x_t, in the character calculus: predictions, loss and gradients, exactly.

Embedding e_t = (x_t; x_{t-1}), x_0 = 0. Prediction yhat_t = P M_t Q e_t with M_t = (1/(t-1)) sum_{i<=t} e_i e_i^*, P (d x 2d), Q (2d x 2d).
Loss L = sum_{t=2}^{T-1} E (1/2) |yhat_t - x_{t+1}|^2. Gradients are packed as dL/dRe + i dL/dIm (twice the derivative in the conjugate):

    grad_P = sum_t E[r_t (M_t Q e_t)^*],   grad_Q = sum_t E[M_t^* P^* r_t e_t^*],   r_t = yhat_t - x_{t+1}.

This is the slow and literal route, straight from the definition; `tensors` computes the same numbers from counts of coincidences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .characters import Characters, Moments, expectation, inner, total
from .gaussian import real_part

Matrix = tuple[tuple[Any, ...], ...]
Vector = list[Characters]
Normalisation = Callable[[int], Fraction]


def context_size(t: int) -> Fraction:
    """rho_t = t - 1, the normalisation of the released code."""
    return Fraction(t - 1)


def matrix(rows: Sequence[Sequence[Any]]) -> Matrix:
    """Rows as nested tuples."""
    return tuple(tuple(row) for row in rows)


def scalar_matrix(dimension: int, value: Any) -> Matrix:
    """value * I.

    >>> scalar_matrix(2, 3)
    ((3, Fraction(0, 1)), (Fraction(0, 1), 3))
    """
    return tuple(tuple(value if i == j else Fraction(0) for j in range(dimension)) for i in range(dimension))


def embedded(left: Matrix, right: Matrix) -> tuple[Matrix, Matrix]:
    """The full blocks P = (B, 0), Q = ((0, 0), (A, 0)) of the two live blocks B and A."""
    d = len(left)
    zeros = (Fraction(0),) * d
    p = tuple(row + zeros for row in left)
    q = tuple((*zeros, *zeros) for _ in range(d)) + tuple(row + zeros for row in right)
    return p, q


@dataclass(frozen=True)
class Sequences:
    """The tokens of length T in dimension d as characters, with the statistics a prediction needs."""

    dimension: int
    length: int
    normalisation: Normalisation = context_size

    def token(self, t: int) -> Vector:
        """x_t = W^{t-1} u, and x_0 = 0."""
        return [Characters.token(self.dimension, j, t - 1) if t else Characters.zero() for j in range(self.dimension)]

    def embedding(self, t: int) -> Vector:
        """e_t = (x_t; x_{t-1})."""
        return [*self.token(t), *self.token(t - 1)]

    def statistic(self, t: int, first: int = 1) -> list[Vector]:
        """M_t, 2d x 2d, with the sum from i = `first`."""
        size, scale = 2 * self.dimension, 1 / self.normalisation(t)
        embeddings = [self.embedding(i) for i in range(first, t + 1)]
        return [[total((e[p] * e[q].conjugate()).scaled(scale) for e in embeddings) for q in range(size)] for p in range(size)]

    @property
    def times(self) -> range:
        """The predicted positions t = 2, ..., T - 1."""
        return range(2, self.length)


def product(weights: Matrix, values: Sequence[Characters]) -> Vector:
    """A numerical matrix times a vector of characters."""
    return [total(v.scaled(w) for w, v in zip(row, values) if w != 0) for row in weights]


def applied(statistic: Sequence[Vector], values: Sequence[Characters]) -> Vector:
    """A matrix of characters times a vector of characters."""
    return [total(m * v for m, v in zip(row, values)) for row in statistic]


def adjoint(weights: Matrix) -> Matrix:
    """The conjugate transpose."""
    return tuple(tuple(x.conjugate() for x in column) for column in zip(*weights))


def residuals(sequences: Sequences, p: Matrix, q: Matrix) -> list[tuple[int, Vector, Vector, list[Vector]]]:
    """For each t: r_t, M_t Q e_t and M_t."""
    found = []
    for t in sequences.times:
        statistic = sequences.statistic(t)
        features = applied(statistic, product(q, sequences.embedding(t)))
        target = sequences.token(t + 1)
        found.append((t, [y + x.scaled(-1) for y, x in zip(product(p, features), target)], features, statistic))
    return found


def loss(sequences: Sequences, law: Moments, p: Matrix, q: Matrix, modulus: int | None = None) -> Fraction:
    """L(P, Q), exactly; with `modulus` N the average over N-th roots of unity instead."""
    parts = (expectation(inner(r, r, modulus), law) for _, rs, _, _ in residuals(sequences, p, q) for r in rs)
    return sum(map(real_part, parts), Fraction(0)) / 2


def gradient(sequences: Sequences, law: Moments, p: Matrix, q: Matrix, modulus: int | None = None) -> tuple[Matrix, Matrix]:
    """grad_P (d x 2d) and grad_Q (2d x 2d), exactly; with `modulus` N for l_j uniform on the N-th roots of unity.

    >>> from .named_laws import OnesLaw
    >>> sequences, one = Sequences(1, 3), scalar_matrix(1, Fraction(1))
    >>> gradient(sequences, OnesLaw(1), *embedded(one, one))[0]
    ((Fraction(0, 1), Fraction(0, 1)),)
    """
    d = sequences.dimension
    left = [[Fraction(0) for _ in range(2 * d)] for _ in range(d)]
    right = [[Fraction(0) for _ in range(2 * d)] for _ in range(2 * d)]
    for t, rs, features, statistic in residuals(sequences, p, q):
        back = product(adjoint(p), rs)
        columns = [[row[k].conjugate() for row in statistic] for k in range(2 * d)]
        pulled = [total(c * b for c, b in zip(column, back)) for column in columns]
        embedding = sequences.embedding(t)
        for j in range(d):
            for k in range(2 * d):
                left[j][k] += expectation(inner(rs[j], features[k], modulus), law)
        for j in range(2 * d):
            for k in range(2 * d):
                right[j][k] += expectation(inner(pulled[j], embedding[k], modulus), law)
    return matrix(left), matrix(right)
