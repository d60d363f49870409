"""One step of gradient descent on the least-squares loss of a context, as characters."""

from __future__ import annotations

from .characters import Characters, total
from .model import Sequences


def least_squares_gradient(sequences: Sequences, t: int) -> list[list[Characters]]:
    """The gradient at W = 0 of (1/2) sum_{i<t} |x_{i+1} - W x_i|^2, d x d: - sum_i x_{i+1} x_i^*.

    >>> least_squares_gradient(Sequences(1, 3), 2)[0][0].terms
    {((1,), (1,), (1,)): Fraction(-1, 1)}
    """
    tokens = [sequences.token(i) for i in range(1, t + 1)]
    every = range(sequences.dimension)
    pairs = list(zip(tokens[1:], tokens))
    return [[total(y[j] * x[k].conjugate() for y, x in pairs).scaled(-1) for k in every] for j in every]
