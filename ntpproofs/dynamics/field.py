"""The vector field of a conditional logit, stable to the last digit that matters.

With rows d_bv = x_{b,anchor} - x_bv the negative gradient is sum_b sum_v (a_b p_bv - target_bv) d_bv. Its diverging part is a
sum of non-negative masses with nothing to cancel, because tied rows have no component there; its tied part vanishes at w*
only up to rounding of the probabilities, which the contraction on T keeps at rounding level.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..logit.coordinates import Coordinates
from ..logit.shapes import BlockNumbers, Hessian, Masses, Numbers, OfAlternatives, OfBlocks, Points, Table


@dataclass(frozen=True, eq=False)
class Field:
    """Force, Hessian and excess loss in the coordinates `frame` of a decomposition."""

    frame: Coordinates

    @cached_property
    def _flat(self) -> Table:
        blocks, alternatives, size = self.frame.rows.shape
        return np.ascontiguousarray(self.frame.rows.reshape(blocks * alternatives, size))

    @cached_property
    def _constants(self) -> tuple[OfAlternatives, OfBlocks, OfAlternatives]:
        return self.frame.problem.arrays.log_multiplicities, self.frame.weights, self.frame.target

    def masses(self, c: Points) -> Masses:
        """a_b p_bv at coordinates c (blocks x alternatives); leading axes of c are kept."""
        counts, weights, _ = self._constants
        mass = counts - (c @ self._flat.T).reshape(*c.shape[:-1], *counts.shape)
        mass -= np.maximum.reduce(mass, axis=-1, keepdims=True)
        np.exp(mass, mass)
        mass *= (weights / np.add.reduce(mass, axis=-1))[..., None]
        return np.asarray(mass)

    def force(self, c: Points) -> Points:
        """-grad L in coordinates; leading axes of c are kept."""
        mass = self.masses(c)
        mass -= self._constants[2]
        return np.asarray(mass.reshape(*c.shape[:-1], -1) @ self._flat)

    def hessian(self, c: Points) -> Hessian:
        """D^2 L in coordinates."""
        mass = self.masses(c)
        means = np.matmul(mass[:, None, :], self.frame.rows)[:, 0, :]
        return np.asarray(self._flat.T @ (self._flat * mass.reshape(-1, 1)) - means.T @ (means / self._constants[1][:, None]))

    def velocity(self, c: Points) -> Points:
        """dc/dt = -grad L: the force, times the metric of the coordinates; leading axes of c are kept."""
        return np.asarray(self.force(c) * self.frame.metric)

    def excess(self, c: Points) -> Numbers:
        """L(w) - L* by the split identity: tied part by its expansion at w*, separable part by log1p; no cancellation.

        The tied part is sum_b a_b [ log sum q* e^{delta} - sum q* delta ] with delta_v = -<w - w*, d_v>: first-order terms
        vanish because w* is stationary. Leading axes of c are kept.
        """
        a, frame, shape = self.frame.problem.arrays, self.frame, (*c.shape[:-1], *self.frame.is_tied.shape)
        delta = -((c[..., : frame.split] - frame.finite_part) @ self._flat[:, : frame.split].T).reshape(shape)
        delta = np.where(frame.is_tied, delta, 0.0)
        shares = frame.tied_shares
        tied = log_mean(shares, delta) - (shares * delta).sum(axis=-1)
        logits = np.where(a.mask, a.log_multiplicities - (c @ self._flat.T).reshape(shape), -np.inf)
        inside = np.where(frame.is_tied, logits, -np.inf)
        top = inside.max(axis=-1, keepdims=True)
        inside_mass = np.exp(inside - top).sum(axis=-1)
        out = np.where(frame.is_separable, np.exp(np.minimum(logits - top, 700.0)), 0.0).sum(axis=-1)
        return np.asarray((np.maximum(tied, 0.0) + np.log1p(out / inside_mass)) @ frame.weights)


def log_mean(shares: OfAlternatives, delta: Masses) -> BlockNumbers:
    """log sum_v q_v e^{delta_v} over the last axis, accurate for small delta (log1p of expm1) and without overflow for large ones."""
    top = delta.max(axis=-1, keepdims=True)
    total = (shares * np.expm1(np.minimum(delta, 30.0))).sum(axis=-1)
    direct = (total < -0.5) | (top[..., 0] > 30.0)
    with np.errstate(divide="ignore"):  # each form is used where it is accurate
        far = top[..., 0] + np.log((shares * np.exp(np.maximum(delta - top, -700.0))).sum(axis=-1))
    return np.where(direct, far, np.log1p(np.where(direct, 0.0, total)))
