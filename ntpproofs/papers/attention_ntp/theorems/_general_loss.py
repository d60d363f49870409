"""Ball minimisers of one attention layer for a decreasing loss and a head, in log scale: exponentially small gaps keep their digits.

With gaps c_iv = gamma_{i,y} - gamma_{iv} of head scores, g_i = sum_v p_iv c_iv is what the score of the label misses. The
objective here is log mean_i [loss(gamma_y - g_i) - loss(gamma_y)] on the sphere of radius R.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....language.relations import ValuePath
from ..problem import AttentionNTP

# Losses by the logarithm of their gap as a function of log g, with its derivative (label score 1).


def log_gap(loss: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log(loss(1 - g) - loss(1)) at x = log g, and its derivative in x.

    >>> [round(float(v), 6) for v in log_gap("squared", np.array([-1.0]))[0]]
    [-2.0]
    """
    if loss == "squared":
        return 2 * x, np.full_like(x, 2.0)
    if loss == "increasing":
        return -x, np.full_like(x, -1.0)
    if loss == "linear":
        return x, np.ones_like(x)
    q = np.exp(np.minimum(x, -1e-12))
    value = -np.log1p(-q)
    small = q < 1e-8
    return np.where(small, x, np.log(np.where(small, 1.0, value))), np.where(small, 1.0, q / ((1 - q) * np.where(small, 1.0, value)))


@dataclass(frozen=True, eq=False)
class BallMinimisers:
    """argmin over |W| = R for growing radii, each started at the one before; the first at minus the gradient at 0."""

    problem: AttentionNTP
    loss: str = "linear"
    gamma: Any = None

    def _rows(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        problem, rows = self.problem, []
        gamma = np.eye(problem.vocabulary_size) if self.gamma is None else np.asarray(self.gamma, dtype=float)
        for tokens, counts, y, k in zip(problem.choice_sets, problem.multiplicities, problem.labels, problem.queries):
            features = np.array([np.outer(problem.embedding_array[v], problem.embedding_array[k]).ravel() for v in tokens])
            gaps = np.array([gamma[y, y] - gamma[y, v] for v in tokens])
            # Sequences that miss nothing whatever W is say nothing about W.
            if (gaps > 0).any():
                rows.append((features, np.log([counts[v] for v in tokens]), np.where(gaps > 0, np.log(np.where(gaps > 0, gaps, 1.0)), -np.inf)))
        return rows

    def objective(self, w: np.ndarray, rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> tuple[float, np.ndarray]:
        """The log of the mean gap (up to a constant) and its gradient."""
        logs, gradients = [], []
        for features, counts, gaps in rows:
            scores = features @ w + counts
            inside, outside = _log_sum(scores), _log_sum(scores + gaps)
            logs.append(outside - inside)
            gradients.append((np.exp(scores + gaps - outside) - np.exp(scores - inside)) @ features)
        values, slopes = log_gap(self.loss, np.array(logs))
        total = _log_sum(values)
        return float(total), (np.exp(values - total) * slopes) @ np.array(gradients)

    def directions(self, radii: Sequence[float]) -> ValuePath:
        """The unit minimisers against the radius."""
        from scipy.optimize import minimize

        rows, found = self._rows(), []
        x = -self.objective(np.zeros(self.problem.dimension**2), rows)[1]
        for radius in radii:

            def on_sphere(z: np.ndarray, radius: float = radius) -> tuple[float, np.ndarray]:
                length = np.linalg.norm(z)
                value, gradient = self.objective(radius * z / length, rows)
                return value, radius / length * (gradient - (gradient @ z) * z / length**2)

            x = minimize(on_sphere, x / np.linalg.norm(x), jac=True, method="L-BFGS-B", options={"maxiter": 400, "ftol": 1e-15, "gtol": 1e-10}).x
            found.append(x / np.linalg.norm(x))
        return ValuePath(np.array(radii), np.array(found), np.full(len(found), 1e-6), f"direction of the ball minimiser, {self.loss} loss")


def _log_sum(x: np.ndarray) -> float:
    top = x.max()
    return float(top + np.log(np.exp(x - top).sum()))
