"""Adam."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...logit.shapes import Iterates, OfInstances
from ..arguments import number, require, require_decay
from .ensemble import Ensemble
from .loop import AbstractOptimizer, Memory, log_rate, tick


@dataclass(frozen=True, kw_only=True)
class Adam(AbstractOptimizer):
    """w_{k+1} = w_k - eta_k m_k / (sqrt(v_k) + epsilon) with bias-corrected averages m of g and v of g^2, eta_k = eta k^-decay.

    `step_size` eta defaults to 1/R, R the largest l1 norm of a feature difference (the rule of sign descent, whose relative
    Adam is). Entries of g below the rounding of their sums count as zero, and entries that have been zero so far do not move. The
    averages are kept in units e^s, s following the size of the gradient, so that neither m nor v underflows. Effective time: the
    sum of eta_k / (max_j sqrt(v_j) + epsilon). With constant epsilon the gradient sinks below it in the end and Adam becomes
    gradient descent with step eta_k / epsilon; epsilon = 0 never does. Which of the two a finite run shows is a matter of its length.
    Raises `InvalidInput` for arguments out of range.
    """

    steps: int = 4_000
    decay: float = 0.5
    averages: tuple[float, float] = (0.9, 0.99)
    epsilon: float = 1e-8

    def _check(self) -> None:
        require_decay(self.decay)
        pair = isinstance(self.averages, (tuple, list)) and len(self.averages) == 2 and all(number(b) and 0 <= b < 1 for b in self.averages)
        require(pair, "averages", self.averages, "give two numbers from 0 to below 1")
        require(number(self.epsilon) and self.epsilon >= 0, "epsilon", self.epsilon, "give 0 or a positive number")

    @property
    def name(self) -> str:
        """The method in words."""
        return f"Adam with epsilon {float(self.epsilon):g}"

    def _default_step(self, many: Ensemble) -> OfInstances:
        return many.unit_step("l1")

    def _start(self, w: Iterates) -> Memory:
        return (np.zeros_like(w), np.zeros_like(w), np.full(w.shape[1], -np.inf), np.full(w.shape[1], -np.inf))

    def _advance(self, k: int, w: Iterates, memory: Memory, many: Ensemble, step: OfInstances) -> tuple[Iterates, Memory]:
        gradient, shift, rounding = many.scaled_gradient(w)
        gradient = np.where(np.abs(gradient) > rounding, gradient, 0.0)
        largest = np.abs(gradient).max(axis=0)
        moving = largest > 0
        shift = np.where(moving, shift + np.log(np.where(moving, largest, 1.0)), -np.inf)
        gradient /= np.where(moving, largest, 1.0)
        first, second = map(float, self.averages)
        # e^s bounds the gradients remembered by v; it is 0 where nothing has moved yet, and far below epsilon it does not matter.
        fading = 0.5 * float(np.log(second)) if second else -np.inf
        scale = np.maximum(np.maximum(shift, memory[3] + fading), -600.0 if self.epsilon else -np.inf)
        known = np.isfinite(scale)
        older, newer = (np.exp(np.where(known, x, 0.0) - np.where(known, scale, 0.0)) * known for x in (memory[3], shift))
        mean = first * older * memory[0] + (1 - first) * newer * gradient
        square = second * older**2 * memory[1] + (1 - second) * newer**2 * gradient**2
        eta, log_eta = step * k**-self.decay, log_rate(step, k, self.decay)
        unit = np.where(known, scale, 0.0)
        size = np.sqrt(square / (1 - second**k)) + (float(self.epsilon) * np.exp(-unit) if self.epsilon else 0.0)
        move = eta * (mean / (1 - first**k)) / np.where(size > 0, size, np.inf)
        return w - move, (mean, square, tick(memory[2], log_eta, size.max(axis=0), unit), scale)

    def _log_time(self, k: int, memory: Memory, step: OfInstances) -> OfInstances:
        return memory[2]
