"""Gradient descent with momentum: heavy ball, Nesterov with constant momentum, Nesterov with momentum (k-1)/(k+2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...logit.shapes import Iterates, OfInstances
from ..arguments import number, require
from .ensemble import Ensemble
from .loop import AbstractOptimizer, Memory, descent_step

KINDS = ("heavy-ball", "nesterov", "accelerated")


@dataclass(frozen=True, kw_only=True)
class MomentumGradientDescent(AbstractOptimizer):
    """Momentum in one of three forms; the state is the last step v_k = w_k - w_{k-1}.

        heavy-ball    w_{k+1} = w_k + mu v_k - eta grad L(w_k)
        nesterov      w_{k+1} = w_k + mu v_k - eta grad L(w_k + mu v_k)
        accelerated   the same with mu_k = (k - 1) / (k + 2); `momentum` is not used

    `step_size` eta defaults to (1 - mu)/beta, and to 1/beta for accelerated descent. Effective time: eta k / (1 - mu), because
    a constant force is followed at that speed; for accelerated descent eta k^2 / 4: its flow w'' + (3/r) w' = -grad L,
    r = k sqrt(eta), has w = u log(r^2 / 4) + O(1) on the diverging part. Limits: slope u in log t, finite part w*.
    Raises `InvalidInput` for arguments out of range.
    """

    kind: str = "heavy-ball"
    momentum: float = 0.9

    def _check(self) -> None:
        require(isinstance(self.kind, str) and self.kind in KINDS, "kind", self.kind, f"write one of {', '.join(KINDS)}")
        require(number(self.momentum) and 0 <= self.momentum < 1, "momentum", self.momentum, "give a number from 0 up to, not including, 1")

    @property
    def name(self) -> str:
        """The method in words."""
        return {"heavy-ball": "heavy-ball momentum", "nesterov": "Nesterov momentum", "accelerated": "accelerated gradient descent"}[self.kind]

    def _default_step(self, many: Ensemble) -> OfInstances:
        return descent_step(many) * (1.0 if self.kind == "accelerated" else 1.0 - float(self.momentum))

    def _start(self, w: Iterates) -> Memory:
        return (np.zeros_like(w),)

    def _advance(self, k: int, w: Iterates, memory: Memory, many: Ensemble, step: OfInstances) -> tuple[Iterates, Memory]:
        coasting = ((k - 1) / (k + 2) if self.kind == "accelerated" else float(self.momentum)) * memory[0]
        at = w if self.kind == "heavy-ball" else w + coasting
        move = coasting - step * many.gradient(at)
        return w + move, (move,)

    def _log_time(self, k: int, memory: Memory, step: OfInstances) -> OfInstances:
        return np.log(step) + (2 * np.log(k) - np.log(4) if self.kind == "accelerated" else np.log(k) - np.log(1 - float(self.momentum)))
