"""Adam."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arguments import require
from .ensemble import Ensemble
from .loop import AbstractOptimizer, Memory
from .steepest import tick


@dataclass(frozen=True, kw_only=True)
class Adam(AbstractOptimizer):
    """w_{k+1} = w_k - eta_k m_k / (sqrt(v_k) + epsilon) with bias-corrected averages m of g and v of g^2, eta_k = eta k^-decay.

    `step_size` eta defaults to 1/R, R the largest l1 norm of a feature difference (the rule of sign descent, whose relative
    Adam is); entries with m = 0 do not move. Effective time: the sum of eta_k / (max_j sqrt(v_j) + epsilon). With constant
    epsilon the gradient sinks below it in the end and Adam becomes gradient descent with step eta_k / epsilon; epsilon = 0
    never does. Which of the two a finite run shows is a matter of its length.
    """

    steps: int = 4_000
    decay: float = 0.5
    averages: tuple[float, float] = (0.9, 0.99)
    epsilon: float = 1e-8

    def _check(self) -> None:
        require(0 <= self.decay <= 1, "decay", self.decay, "give a number from 0 (constant steps) to 1")
        require(len(self.averages) == 2 and all(0 <= b < 1 for b in self.averages), "averages", self.averages, "give two numbers from 0 to below 1")
        require(np.isfinite(self.epsilon) and self.epsilon >= 0, "epsilon", self.epsilon, "give 0 or a positive number")

    @property
    def name(self) -> str:
        """The method in words."""
        return f"Adam with epsilon {self.epsilon:g}"

    def _default_step(self, many: Ensemble) -> np.ndarray:
        return many.unit_step("l1")

    def _start(self, w: np.ndarray) -> Memory:
        return (np.zeros_like(w), np.zeros_like(w), np.full(w.shape[1], -np.inf))

    def _advance(self, k: int, w: np.ndarray, memory: Memory, many: Ensemble, step: np.ndarray) -> tuple[np.ndarray, Memory]:
        gradient = many.gradient(w)
        first, second = self.averages
        mean = first * memory[0] + (1 - first) * gradient
        square = second * memory[1] + (1 - second) * gradient**2
        eta = step * k**-self.decay
        size = np.sqrt(square / (1 - second**k)) + self.epsilon
        move = eta * (mean / (1 - first**k)) / np.where(size > 0, size, np.inf)
        return w - move, (mean, square, tick(memory[2], eta, size.max(axis=0)))

    def _log_time(self, k: int, memory: Memory, step: np.ndarray) -> np.ndarray:
        return memory[2]
