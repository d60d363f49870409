"""Mirror descent with p-norm potentials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...logit.shapes import Iterates, OfInstances
from ..arguments import number, require, require_decay, require_switch
from .ensemble import Ensemble
from .loop import AbstractOptimizer, Memory, log_rate, tick


@dataclass(frozen=True, kw_only=True)
class MirrorDescent(AbstractOptimizer):
    """theta_{k+1} = theta_k - eta_k g_k, w = grad of |theta|_q^2 / 2, 1/p + 1/q = 1: potential |w|_p^2 / 2.

    The potential is homogeneous of degree 2 for every p, so theta has the units of w. The state is theta. `normalised` (the
    default) divides g by its q-norm; eta_k = eta k^-decay. `step_size` defaults to 1/R, R the largest l1 norm of a feature difference,
    at least its q-norm. For p <= 2 the potential is (p-1)-strongly convex in its norm, so that w moves by at most 1/(p-1) times as far
    as theta and no margin by more than eta R/(p-1); for p > 2 coordinates near zero react to theta without bound and descent at every
    step is not guaranteed. Entries of g below the rounding of their sums count as zero. Effective time: the sum of eta_k / |g_k|_q (of
    eta_k if not normalised). The limit is the max margin in the p-norm. p = 2 is gradient descent. Raises `InvalidInput` for
    arguments out of range.
    """

    steps: int = 4_000
    p: float = 1.5
    decay: float = 0.5
    normalised: bool = True

    def _check(self) -> None:
        require(number(self.p) and self.p > 1, "p", self.p, "give a finite number above 1")
        require_decay(self.decay)
        require_switch("normalised", self.normalised)

    @property
    def name(self) -> str:
        """The method in words."""
        return f"mirror descent with p = {float(self.p):g}"

    @property
    def dual_exponent(self) -> float:
        """q with 1/p + 1/q = 1."""
        return float(self.p) / (float(self.p) - 1)

    def _default_step(self, many: Ensemble) -> OfInstances:
        # |x|_q <= |x|_1 for q >= 1.
        return many.unit_step("l1")

    def _start(self, w: Iterates) -> Memory:
        return (link(w, float(self.p)), np.full(w.shape[1], -np.inf))

    def _advance(self, k: int, w: Iterates, memory: Memory, many: Ensemble, step: OfInstances) -> tuple[Iterates, Memory]:
        gradient, shift, rounding = many.scaled_gradient(w)
        # The link turns a rounding error of theta into its (q - 1)-th power: an entry that may be zero is zero.
        gradient = np.where(np.abs(gradient) > rounding, gradient, 0.0)
        eta, log_eta = step * k**-self.decay, log_rate(step, k, self.decay)
        size = p_norm(gradient, self.dual_exponent)
        if self.normalised:
            theta = memory[0] - eta * gradient / np.where(size > 0, size, 1.0)
            clock = tick(memory[1], log_eta, size, shift)
        else:
            theta, clock = memory[0] - eta * np.exp(shift) * gradient, np.logaddexp(memory[1], log_eta)
        return link(theta, self.dual_exponent), (theta, clock)

    def _log_time(self, k: int, memory: Memory, step: OfInstances) -> OfInstances:
        return memory[1]


def p_norm(x: Iterates, p: float) -> OfInstances:
    """The p-norm of every column, safe for any size of entries."""
    largest = np.abs(x).max(axis=0)
    scaled = np.abs(x) / np.where(largest > 0, largest, 1.0)
    return np.asarray(largest * (scaled**p).sum(axis=0) ** (1 / p))


def link(x: Iterates, p: float) -> Iterates:
    """The gradient of |x|_p^2 / 2: sign(x) |x|^{p-1} |x|_p^{2-p}, columnwise. Law: link(., q) inverts link(., p).

    >>> x = np.array([[3.0], [-1.0]])
    >>> bool(np.allclose(link(link(x, 3.0), 1.5), x))
    True
    """
    size = p_norm(x, p)
    ratio = np.abs(x) / np.where(size > 0, size, 1.0)
    return np.asarray(np.sign(x) * ratio ** (p - 1) * size)
