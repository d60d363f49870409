"""Gradient descent on the attention layer itself: on W for any head and loss, and without embeddings in score space.

    W <- W - eta grad L(W)                 any `AttentionLayer`
    Lambda <- Lambda - eta Gamma(S),       S = S_0 + G Lambda G,  G = E E^T

In score space only the Gram matrix G enters: W = W_0 + E^T Lambda E is never formed, and with orthonormal embeddings the
columns of S are independent choice models, one per last token. Plain iterations in floating point, for comparison with the
reduction and for losses and heads that do not reduce; the log-time instruments are in `flow`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dynamics.arguments import LARGEST_ENTRY, number, positive, require, require_decay, require_switch, vector, whole
from ...dynamics.optimizers.descent import record_steps
from ...errors import InvalidInput
from .layer import AttentionLayer
from .problem import AttentionNTP


@dataclass(frozen=True, eq=False)
class LayerRun:
    """Matrices W at the recorded steps (records x d x d), with their losses."""

    steps: np.ndarray
    weights: np.ndarray
    losses: np.ndarray


@dataclass(frozen=True)
class LayerDescent:
    """Gradient descent on an attention layer; `normalised` divides every gradient by its norm (the published protocol).

    `decay` p multiplies the step of iteration k by k^-p. A gradient of zero ends all motion.
    """

    steps: int
    step_size: float
    normalised: bool = False
    decay: float = 0.0
    spacing: float = 1.15

    def __post_init__(self) -> None:
        _check(self.steps, self.step_size, self.spacing)
        require_decay(self.decay)
        require_switch("normalised", self.normalised)

    def __call__(self, layer: AttentionLayer, initial: Any = None) -> LayerRun:
        """Run from `initial` (default 0)."""
        require(isinstance(layer, AttentionLayer), "layer", layer, "give an AttentionLayer")
        size = layer.problem.dimension
        w = _matrix("initial", initial, size)
        kept, weights, done = record_steps(int(self.steps), float(self.spacing)), [], 0
        for k in kept:
            for i in range(done + 1, k + 1):
                gradient = layer.gradient(w)
                length = float(np.linalg.norm(gradient)) if self.normalised else 1.0
                w = w - float(self.step_size) * i ** -float(self.decay) * (gradient / length if length else gradient)
            _require_bounded(w, k)
            weights.append(w)
            done = k
        return LayerRun(np.array(kept), np.array(weights), np.array([layer.loss(w) for w in weights]))


@dataclass(frozen=True, eq=False)
class ScoreRun:
    """Scores S at the recorded steps (records x K x K) and the coefficients Lambda of the movement of W."""

    steps: np.ndarray
    scores: np.ndarray
    coefficients: np.ndarray

    def squared_movement(self, gram: np.ndarray) -> np.ndarray:
        """|W - W_0|^2 = tr(Lambda' G Lambda G) at every record, without W."""
        images = gram @ self.coefficients @ gram
        return np.asarray(np.einsum("tuv,tuv->t", self.coefficients, images))


@dataclass(frozen=True)
class ScoreDescent:
    """Gradient descent for the logarithmic loss in score space; needs sequences, labels and the Gram matrix only."""

    steps: int
    step_size: float
    spacing: float = 1.15

    def __post_init__(self) -> None:
        _check(self.steps, self.step_size, self.spacing)

    def __call__(self, problem: AttentionNTP, initial_scores: Any = None) -> ScoreRun:
        """Run from the scores S_0 = E W_0 E^T (default 0)."""
        require(isinstance(problem, AttentionNTP), "problem", problem, "give an AttentionNTP")
        size = problem.vocabulary_size
        gram = np.array([[float(x) for x in row] for row in problem.gram])
        start = _matrix("initial_scores", initial_scores, size)
        moved, scores = np.zeros((size, size)), start
        kept, done = record_steps(int(self.steps), float(self.spacing)), 0
        states, coefficients = [], []
        for k in kept:
            for _ in range(k - done):
                moved = moved - float(self.step_size) * score_gradient(problem, scores)
                scores = start + gram @ moved @ gram
            _require_bounded(scores, k)
            states.append(scores)
            coefficients.append(moved)
            done = k
        return ScoreRun(np.array(kept), np.array(states), np.array(coefficients))


def score_gradient(problem: AttentionNTP, scores: Any) -> np.ndarray:
    """Gamma (K x K): column k is (1/n) sum over sequences with last token k of p_i - e_{y_i}; every column sums to zero.

    >>> score_gradient(AttentionNTP.one_hot_tokens(2, [[1, 0]], [1]), np.zeros((2, 2))).tolist()
    [[0.5, 0.0], [-0.5, 0.0]]
    """
    arrays = problem.conditional_logit().arrays
    table = np.asarray(scores, dtype=float)
    logits = np.where(arrays.mask, table[arrays.items, arrays.right_index[:, None]] + arrays.log_multiplicities, -np.inf)
    masses = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = masses / masses.sum(axis=1, keepdims=True)
    # p - 1 at the label is minus the other probabilities: no cancellation when the label's probability nears 1.
    labelled = arrays.target > 0
    others = np.where(labelled, 0.0, p).sum(axis=1, keepdims=True)
    result = np.zeros_like(table)
    np.add.at(result, (arrays.items, arrays.right_index[:, None]), np.where(labelled, -others, p) / len(p))
    return result


def _check(steps: Any, step_size: Any, spacing: Any) -> None:
    require(whole(steps, 3), "steps", steps, "give an integer of at least 3")
    require(positive(step_size), "step_size", step_size, "give a positive step")
    require(number(spacing) and spacing > 1, "spacing", spacing, "give a ratio above 1")


def _matrix(name: str, entries: Any, size: int) -> np.ndarray:
    return np.zeros((size, size)) if entries is None else vector(name, entries, size * size).reshape(size, size)


def _require_bounded(x: np.ndarray, steps: int) -> None:
    if not (np.abs(x) <= LARGEST_ENTRY).all():
        raise InvalidInput("step_size", f"takes the run beyond {LARGEST_ENTRY:g} within {steps} steps", "give a smaller step")
