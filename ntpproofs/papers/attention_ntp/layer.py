"""The self-attention layer itself, for any head and any decreasing loss: forward pass, loss and gradient in W.

    f_W(X_i) = X_i^T softmax(X_i W x_i),   L(W) = (1/n) sum_i loss(c_{y_i}^T f_W(X_i)),   x_i the last row of X_i

X_i stacks the embeddings of sequence i position by position: nothing here knows distinct tokens, multiplicities or the
reduction to a conditional logit, which is therefore checked against this module. With the dual head (c_y' e_v = 1[y = v])
the score is the attention mass on the label, and with the loss -log u the two agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...errors import InvalidInput
from .problem import AttentionNTP


@dataclass(frozen=True)
class Loss:
    """A loss of the score c_y^T f with its derivative; `latex` writes it in the score u."""

    value: Callable[[np.ndarray], np.ndarray]
    derivative: Callable[[np.ndarray], np.ndarray]
    latex: str


LOG = Loss(lambda u: -np.log(u), lambda u: -1.0 / u, r"-\log u")
LINEAR = Loss(lambda u: -u, lambda u: -np.ones_like(u), "-u")
SQUARED = Loss(lambda u: (1 - u) ** 2, lambda u: -2 * (1 - u), "(1-u)^2")


def dual_head(problem: AttentionNTP) -> np.ndarray:
    """C = (E E^T)^{-1} E, the head with C E^T = I.

    Raises `InvalidInput` for linearly dependent embeddings, which have none.

    >>> dual_head(AttentionNTP([[2, 0], [0, 1]], [[1, 0]], [1])).tolist()
    [[0.5, 0.0], [0.0, 1.0]]
    """
    if problem.embedding_rank < problem.vocabulary_size:
        reason = f"have rank {problem.embedding_rank} for {problem.vocabulary_size} tokens, so no head satisfies C E^T = I"
        raise InvalidInput("embeddings", reason, "give independent embeddings or use label_mass_scores")
    e = problem.embedding_array
    return np.linalg.solve(e @ e.T, e)


def head_scores(problem: AttentionNTP, head: Any) -> np.ndarray:
    """gamma = C E^T (K x K): entry [y, v] is the score of label y if all attention is on token v, for a head C (K x d).

    >>> head_scores(AttentionNTP([[1, 0], [1, 1]], [[1, 0]], [1]), [[1, 0], [1, 1]]).tolist()
    [[1.0, 1.0], [1.0, 2.0]]
    """
    return np.asarray(head, dtype=float) @ problem.embedding_array.T


def label_mass_scores(problem: AttentionNTP) -> np.ndarray:
    """gamma = I: the classifier that reads the attention mass of the label, with or without a head that does it."""
    return np.eye(problem.vocabulary_size)


@dataclass(frozen=True, eq=False)
class AttentionLayer:
    """One attention layer on a dataset: `gamma[y, v]` are its head scores (default: the mass of the label), `loss` its loss."""

    problem: AttentionNTP
    gamma: np.ndarray | None = None
    criterion: Loss = LOG

    @cached_property
    def _inputs(self) -> list[np.ndarray]:
        return [self.problem.embedding_array[list(sequence)] for sequence in self.problem.sequences]

    @cached_property
    def _position_scores(self) -> list[np.ndarray]:
        # gamma[y_i, token at position t]: the label's score of every position.
        gamma = label_mass_scores(self.problem) if self.gamma is None else np.asarray(self.gamma, dtype=float)
        return [gamma[label, list(sequence)] for label, sequence in zip(self.problem.labels, self.problem.sequences)]

    def attention(self, weights: Any) -> list[np.ndarray]:
        """softmax(X_i W x_i) for every sequence, position by position."""
        w = np.asarray(weights, dtype=float).reshape(self.problem.dimension, -1)
        return [_softmax(x @ w @ x[-1]) for x in self._inputs]

    def outputs(self, weights: Any) -> np.ndarray:
        """f_W(X_i), one row per sequence (n x d)."""
        return np.array([x.T @ p for x, p in zip(self._inputs, self.attention(weights))])

    def label_scores(self, weights: Any) -> np.ndarray:
        """c_{y_i}^T f_W(X_i) for every sequence."""
        return np.array([p @ g for p, g in zip(self.attention(weights), self._position_scores)])

    def loss(self, weights: Any) -> float:
        """L(W)."""
        return float(self.criterion.value(self.label_scores(weights)).mean())

    def gradient(self, weights: Any) -> np.ndarray:
        """The gradient in W (d x d): the mean of loss' * X^T (diag p - p p^T) gamma x^T."""
        slopes = self.criterion.derivative(self.label_scores(weights))
        total = np.zeros((self.problem.dimension, self.problem.dimension))
        for x, p, g, slope in zip(self._inputs, self.attention(weights), self._position_scores, slopes):
            # g_v - <p, g> as the sum of p_u (g_v - g_u): no cancellation where one mass is nearly 1.
            total += slope * np.outer(x.T @ (p * ((g[:, None] - g[None, :]) @ p)), x[-1])
        return total / len(slopes)


def _softmax(logits: np.ndarray) -> np.ndarray:
    masses = np.exp(logits - logits.max())
    return masses / masses.sum()
