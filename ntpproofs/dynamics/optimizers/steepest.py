"""Steepest descent in a norm: w_{k+1} = w_k + eta_k v_k, v_k = argmax of <-grad L(w_k), v> over the unit ball of the norm.

    Euclidean    v = -g / |g|                normalised gradient descent
    l-infinity   v = -sign(g)                sign descent
    l1           v = -sign(g_j) e_j          greedy coordinate descent, |g_j| largest
    spectral     v = -U V' of g = U S V'     Muon without momentum

Step sizes eta_k = eta k^-decay; decay 1/2 (the default) makes the sum of squares grow like log k against an arc length of
order sqrt k, which is what the convergence to the max margin of the norm rests on. With decay 0 the margin is only reached
up to O(eta). `scaled` multiplies every step by the dual norm of the gradient: steepest descent in the strict sense.
Effective time is the sum of eta_k / |g_k|_* (of eta_k, if scaled): the time of dw/dt = |g|_* v.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from ...logit.shapes import Iterates, OfInstances
from ..arguments import require_decay, require_switch
from .ensemble import TINY, Ensemble
from .loop import AbstractOptimizer, Memory, log_rate, tick


@dataclass(frozen=True, kw_only=True)
class AbstractSteepestDescent(AbstractOptimizer):
    """Steepest descent in one norm; `step_size` defaults to 1/R, R the largest dual norm of a feature difference.

    A step of that length moves no margin by more than 1. If `scaled` it defaults to 1/beta, beta a smoothness constant in the
    norm, so that constant steps (decay 0) decrease the loss. What is below the rounding of the sum it comes from counts as zero:
    an entry for sign descent, the vector for the Euclidean norm, a singular value for the spectral norm.
    """

    steps: int = 4_000
    decay: float = 0.5
    scaled: bool = False

    def _check(self) -> None:
        require_decay(self.decay)
        require_switch("scaled", self.scaled)

    @property
    @abstractmethod
    def norm(self) -> str:
        """The norm whose max margin is the limit, as `norm_margin` names it."""

    @property
    @abstractmethod
    def dual(self) -> str:
        """The dual norm of a rank-one difference, as `Ensemble.difference_norms` names it."""

    @abstractmethod
    def _unit(self, g: Iterates, rounding: Iterates, shape: tuple[int, int]) -> tuple[Iterates, OfInstances]:
        """The unit vector that increases <g, v> most, and the dual norm of g; entries of g are known up to `rounding`."""

    def _default_step(self, many: Ensemble) -> OfInstances:
        if not self.scaled:
            return many.unit_step(self.dual)
        beta = many.smoothness(self.dual)
        return np.where(beta > 0, 1.0 / np.where(beta > 0, beta, 1.0), 1.0)

    def _start(self, w: Iterates) -> Memory:
        return (np.full(w.shape[1], -np.inf),)

    def _advance(self, k: int, w: Iterates, memory: Memory, many: Ensemble, step: OfInstances) -> tuple[Iterates, Memory]:
        gradient, shift, rounding = many.scaled_gradient(w)
        eta, log_eta = step * k**-self.decay, log_rate(step, k, self.decay)
        unit, size = self._unit(gradient, rounding, many.shape)
        if self.scaled:
            return w - eta * size * np.exp(shift) * unit, (np.logaddexp(memory[0], log_eta),)
        return w - eta * unit, (tick(memory[0], log_eta, size, shift),)

    def _log_time(self, k: int, memory: Memory, step: OfInstances) -> OfInstances:
        return memory[0]


@dataclass(frozen=True, kw_only=True)
class NormalizedGradientDescent(AbstractSteepestDescent):
    """w_{k+1} = w_k - eta_k g_k / |g_k|, eta_k = eta k^-decay (decay 0: constant steps)."""

    @property
    def name(self) -> str:
        """The method in words."""
        return "normalised gradient descent"

    @property
    def norm(self) -> str:
        """The Euclidean (Frobenius) norm."""
        return "frobenius"

    @property
    def dual(self) -> str:
        """The Euclidean norm is its own dual."""
        return "l2"

    def _unit(self, g: Iterates, rounding: Iterates, shape: tuple[int, int]) -> tuple[Iterates, OfInstances]:
        size = np.sqrt((g * g).sum(axis=0))
        known = size > np.sqrt((rounding * rounding).sum(axis=0))
        return g * (known / np.where(known, size, 1.0)), size * known


@dataclass(frozen=True, kw_only=True)
class SignGradientDescent(AbstractSteepestDescent):
    """w_{k+1} = w_k - eta_k sign(g_k): steepest descent in l-infinity."""

    @property
    def name(self) -> str:
        """The method in words."""
        return "sign descent"

    @property
    def norm(self) -> str:
        """l-infinity."""
        return "l-infinity"

    @property
    def dual(self) -> str:
        """l1."""
        return "l1"

    def _unit(self, g: Iterates, rounding: Iterates, shape: tuple[int, int]) -> tuple[Iterates, OfInstances]:
        size = np.abs(g)
        known = size > rounding
        return np.where(known, np.sign(g), 0.0), (size * known).sum(axis=0)


@dataclass(frozen=True, kw_only=True)
class CoordinateDescent(AbstractSteepestDescent):
    """w_{k+1} = w_k - eta_k sign(g_j) e_j for the largest |g_j| (the first of equals): steepest descent in l1."""

    @property
    def name(self) -> str:
        """The method in words."""
        return "coordinate descent"

    @property
    def norm(self) -> str:
        """l1."""
        return "l1"

    @property
    def dual(self) -> str:
        """l-infinity."""
        return "l-infinity"

    def _unit(self, g: Iterates, rounding: Iterates, shape: tuple[int, int]) -> tuple[Iterates, OfInstances]:
        size = np.where(np.abs(g) > rounding, np.abs(g), 0.0)
        largest = size.max(axis=0)
        # Ties up to rounding go to the first coordinate, so that the run does not depend on the last digit.
        chosen = np.argmax(size >= (1 - TINY) * largest, axis=0)
        columns = np.arange(g.shape[1])
        unit = np.zeros_like(g)
        unit[chosen, columns] = np.sign(g[chosen, columns]) * (largest > 0)
        return unit, largest


@dataclass(frozen=True, kw_only=True)
class SpectralDescent(AbstractSteepestDescent):
    """W_{k+1} = W_k - eta_k U V', U S V' the singular value decomposition of the gradient as a matrix (the shape of `lift`).

    On problems whose parameter is a vector the spectral norm is the Euclidean one and this is normalised gradient descent.
    """

    @property
    def name(self) -> str:
        """The method in words."""
        return "spectral descent"

    @property
    def norm(self) -> str:
        """The largest singular value."""
        return "spectral"

    @property
    def dual(self) -> str:
        """The sum of the singular values."""
        return "nuclear"

    def _unit(self, g: Iterates, rounding: Iterates, shape: tuple[int, int]) -> tuple[Iterates, OfInstances]:
        left, values, right = np.linalg.svd(np.moveaxis(g.reshape(*shape, -1), -1, 0), full_matrices=False)
        # Singular values move by at most the Frobenius norm of what is added, and the decomposition has its own rounding.
        kept = values > np.sqrt((rounding * rounding).sum(axis=0))[:, None] + TINY * values[:, :1]
        polar = (left * kept[:, None, :]) @ right
        return np.moveaxis(polar, 0, -1).reshape(g.shape), (values * kept).sum(axis=1)
