r"""One attention layer and a ReLU network, trained jointly (brief, section 1.3), with hand-derived gradients (S1).

    s_l = (W_K x_l)^T (W_Q x_q),  A = softmax(s),  o = sum_l A_l y_l,  f = r^T ReLU(W_O o),  r_i = +-1/m fixed
    loss = mean l(y f) + (lambda / 2)(|W_Q|^2 + |W_K|^2 + |W_O|^2),  l(z) = log(1 + e^-z)

With act = 1[W_O o > 0], delta = -sigma(-y f) y, back = W_O^T (r act), q_l = <back, y_l>, t = A (q - A^T q):

    grad W_O = delta (r act) o^T + lambda W_O
    G = delta (sum_l t_l x_l) x_q^T,  grad W_Q = W_K G + lambda W_Q,  grad W_K = W_Q G^T + lambda W_K

Arrays may carry leading axes: one model per seed, one batch per model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from .dictionary import Dictionary
from .prompts import Prompts


@dataclass(frozen=True, eq=False)
class Weights:
    """Parameters: `query`, `key` (..., d_X, d_X), `output` (..., m, d_Y); `signs` r (m,) is fixed."""

    query: np.ndarray
    key: np.ndarray
    output: np.ndarray
    signs: np.ndarray

    @property
    def score(self) -> np.ndarray:
        """Gamma = W_K^T W_Q: the score of word x for query x_q is x^T Gamma x_q."""
        return np.swapaxes(self.key, -1, -2) @ self.query

    def moved(self, gradient: Weights, step: float) -> Weights:
        """One step of descent."""
        return Weights(self.query - step * gradient.query, self.key - step * gradient.key, self.output - step * gradient.output, self.signs)


@dataclass(frozen=True, eq=False)
class Forward:
    """What the layer computes: `attention` A (..., n, L), `pooled` o (..., n, d_Y), `hidden` W_O o (..., n, m), `output` f (..., n)."""

    attention: np.ndarray
    pooled: np.ndarray
    hidden: np.ndarray
    output: np.ndarray

    def matching_mass(self, prompts: Prompts) -> np.ndarray:
        """A_+: the attention on demonstrations whose sign agrees with the query's."""
        return np.asarray((self.attention * (prompts.signs == prompts.query_sign[..., None])).sum(axis=-1))

    def errors(self, prompts: Prompts) -> np.ndarray:
        """Per prompt 1 for a wrong sign, 1/2 for f = 0, else 0, against the sign of the query (not the flipped target)."""
        product = self.output * prompts.query_sign
        return np.where(product > 0, 0.0, np.where(product == 0, 0.5, 1.0))


def neuron_signs(neurons: int) -> np.ndarray:
    """r: +1/m for the first half of the neurons, -1/m for the second."""
    half = neurons // 2
    return np.concatenate([np.full(half, 1.0), np.full(neurons - half, -1.0)]) / neurons


def initial_weights(
    generator: np.random.Generator, dictionary: Dictionary, neurons: int, initial_scale: float, output_scale: float, mirrored: bool = False
) -> Weights:
    """W_Q = W_K = s_0 I and Gaussian rows of W_O with standard deviation s_1; `mirrored` makes the second half F w, F = I - 2 sum_k P_{d_k}."""
    eye = initial_scale * np.eye(dictionary.word_dimension)
    half = neurons // 2
    rows = output_scale * generator.standard_normal((neurons, dictionary.label_dimension))
    if mirrored:
        rows = np.concatenate([rows[:half], mirror(rows[:half], dictionary)])
    return Weights(eye, eye.copy(), rows, neuron_signs(neurons))


def mirror(rows: np.ndarray, dictionary: Dictionary) -> np.ndarray:
    """F w for every row w, F = I - 2 sum_k P_{d_k}."""
    units = dictionary.d / np.linalg.norm(dictionary.d, axis=-1, keepdims=True)
    return np.asarray(rows - 2 * (rows @ units.T) @ units)


def stacked(models: list[Weights]) -> Weights:
    """Models of one shape along a new first axis."""
    query, key, output = (np.stack([getattr(w, name) for w in models]) for name in ("query", "key", "output"))
    return Weights(query, key, output, models[0].signs)


def forward(weights: Weights, prompts: Prompts) -> Forward:
    """The layer on every prompt."""
    directed = prompts.query @ np.swapaxes(weights.score, -1, -2)
    scores = (prompts.words @ directed[..., None])[..., 0]
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    attention = exponentials / exponentials.sum(axis=-1, keepdims=True)
    pooled = (attention[..., None, :] @ prompts.labels)[..., 0, :]
    hidden = pooled @ np.swapaxes(weights.output, -1, -2)
    return Forward(attention, pooled, hidden, np.maximum(hidden, 0) @ weights.signs)


def loss(weights: Weights, prompts: Prompts, importance: np.ndarray | None = None, regularisation: float = 0.0) -> np.ndarray:
    """The cross-entropy, averaged over prompts (weighted by `importance`, which sums to 1), plus the penalty."""
    values = np.logaddexp(0.0, -prompts.target * forward(weights, prompts).output)
    data = values.mean(axis=-1) if importance is None else values @ importance
    squares = sum((getattr(weights, name) ** 2).sum(axis=(-1, -2)) for name in ("query", "key", "output"))
    return np.asarray(data + 0.5 * regularisation * squares)


def gradient(weights: Weights, prompts: Prompts, importance: np.ndarray | None = None, regularisation: float = 0.0) -> Weights:
    """The gradient of `loss`, by the formulas above (0 at the kink of the ReLU)."""
    state = forward(weights, prompts)
    count = prompts.target.shape[-1]
    share = 1.0 / count if importance is None else importance
    delta = -scipy.special.expit(-prompts.target * state.output) * prompts.target * share
    gated = np.where(state.hidden > 0, weights.signs, 0.0)
    back = gated @ weights.output
    value = (prompts.labels @ back[..., None])[..., 0]
    centred = value - (state.attention * value).sum(axis=-1, keepdims=True)
    pull = ((state.attention * centred)[..., None, :] @ prompts.words)[..., 0, :]
    score = np.swapaxes(delta[..., None] * pull, -1, -2) @ prompts.query
    output = np.swapaxes(delta[..., None] * gated, -1, -2) @ state.pooled
    return Weights(
        weights.key @ score + regularisation * weights.query,
        weights.query @ np.swapaxes(score, -1, -2) + regularisation * weights.key,
        output + regularisation * weights.output,
        weights.signs,
    )
