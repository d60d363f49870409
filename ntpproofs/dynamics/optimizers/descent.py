"""Gradient descent with a constant step, one problem or many of one shape at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...logit.shapes import Iterates, OfInstances
from .ensemble import Ensemble
from .loop import AbstractOptimizer, Memory, descent_step, record_steps


@dataclass(frozen=True, kw_only=True)
class GradientDescent(AbstractOptimizer):
    """w_{k+1} = w_k - eta grad L(w_k), t = eta k.

    `step_size` eta defaults to 1/beta with the exact smoothness bound beta. Limits: slope u, finite part w*.

    >>> from ntpproofs.problems import LinearNTP
    >>> run = GradientDescent(steps=1000)(LinearNTP([[1]], [["1/2", "1/2", 0]]))
    >>> [round(float(x), 2) for x in run.slope.values[-1]]
    [0.33, 0.33, -0.67]
    """

    @property
    def name(self) -> str:
        """The method in words."""
        return "gradient descent"

    def _default_step(self, many: Ensemble) -> OfInstances:
        return descent_step(many)

    def _start(self, w: Iterates) -> Memory:
        return ()

    def _advance(self, k: int, w: Iterates, memory: Memory, many: Ensemble, step: OfInstances) -> tuple[Iterates, Memory]:
        return w - step * many.gradient(w), memory

    def _log_time(self, k: int, memory: Memory, step: OfInstances) -> OfInstances:
        return np.log(step) + np.log(k)

    def _may_amplify(self, many: Ensemble, step: OfInstances) -> bool:
        # w -> w - eta grad L(w) is non-expansive for eta <= 2/beta.
        return self.step_size is not None and bool((step > 2 * descent_step(many)).any())


__all__ = ["GradientDescent", "record_steps"]
