"""Normalised gradient descent and Adam in floats, for the statements about optimisers other than gradient descent.

Both run in the decoder space itself; a record is kept at step numbers that grow geometrically.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...dynamics.descent import record_steps
from ...problems import LinearNTP
from ...relations import Path


@dataclass(frozen=True)
class Run:
    """Decoders (flat) at recorded steps; `previous` holds the decoder one step earlier."""

    steps: np.ndarray
    decoders: np.ndarray
    previous: np.ndarray

    def path(self, values: np.ndarray, error: float, name: str) -> Path:
        """A quantity at the records as a path in log k."""
        return Path(np.log(self.steps), values, np.full(len(self.steps), error), name)

    @property
    def direction(self) -> Path:
        """W / |W|."""
        return self.path(self.decoders / np.linalg.norm(self.decoders, axis=1, keepdims=True), 1e-9, "direction")


def normalised_descent(problem: LinearNTP, step: Callable[[int], float], steps: int) -> Run:
    """W_{k+1} = W_k - step(k) g_k / |g_k| from W_0 = 0."""

    def update(k: int, gradient: np.ndarray) -> np.ndarray:
        return np.asarray(-step(k) * gradient / np.linalg.norm(gradient))

    return _run(problem, update, steps)


def adam(problem: LinearNTP, step: float, steps: int, decays: tuple[float, float] = (0.9, 0.99), epsilon: float = 1e-8) -> Run:
    """Adam with bias correction from W_0 = 0."""
    first = np.zeros(problem.vocabulary_size * problem.dimension)
    second = first.copy()

    def update(k: int, gradient: np.ndarray) -> np.ndarray:
        nonlocal first, second
        first = decays[0] * first + (1 - decays[0]) * gradient
        second = decays[1] * second + (1 - decays[1]) * gradient**2
        mean, square = first / (1 - decays[0] ** (k + 1)), second / (1 - decays[1] ** (k + 1))
        return np.asarray(-step * mean / (np.sqrt(square) + epsilon))

    return _run(problem, update, steps)


def _run(problem: LinearNTP, update: Callable[[int, np.ndarray], np.ndarray], steps: int) -> Run:
    h, p = np.array(problem.embeddings, dtype=float), np.array(problem.probabilities, dtype=float)
    weights = np.array(problem.weights, dtype=float)[:, None]
    on_support = p > 0
    w, kept, decoders, previous = np.zeros(p.shape[1] * h.shape[1]), record_steps(steps, 1.15), [], []
    marks = set(kept)
    for k in range(steps):
        logits = h @ w.reshape(p.shape[1], h.shape[1]).T
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        outside = np.where(on_support, 0.0, shares).sum(axis=1, keepdims=True)
        # With one support token 1 - share is the mass off it, without cancellation.
        defect = np.where(on_support.sum(axis=1, keepdims=True) == 1, np.where(on_support, -outside, shares), shares - p)
        gradient = ((weights * defect).T @ h).ravel()
        before, w = w, w + update(k, gradient)
        if k + 1 in marks:
            decoders.append(w)
            previous.append(before)
    return Run(np.array(kept, dtype=float), np.array(decoders), np.array(previous))
