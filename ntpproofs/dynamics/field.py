"""The vector field of a conditional logit in coordinates of T + M, stable to the last digit that matters.

With rows d_bv = x_{b,anchor} - x_bv the negative gradient is sum_b sum_v (a_b p_bv - target_bv) d_bv. Two things keep it
exact where it is small: the M-components of tied rows are set to zero, because they are zero, so rounding in the tied
probabilities never leaks into the diverging part; and the diverging part is a sum of non-negative masses, with nothing
to cancel. The field knows the tied partition and the finite part (`foundations`, section 6), not the max-margin direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..geometry.decomposition import Decomposition
from ..problems.conditional_logit import ConditionalLogit


@dataclass(frozen=True, eq=False)
class Field:
    """A problem in coordinates c = (T-part, M-part) of its parameter, for one decomposition."""

    parts: Decomposition

    @property
    def problem(self) -> ConditionalLogit:
        """The problem."""
        return self.parts.problem

    @cached_property
    def tied_frame(self) -> np.ndarray:
        """Orthonormal columns spanning T."""
        return self.parts.tied.frame

    @cached_property
    def diverging_frame(self) -> np.ndarray:
        """Orthonormal columns spanning M."""
        return self.parts.diverging.frame

    @property
    def split(self) -> int:
        """The number of tied coordinates; the rest are diverging."""
        return int(self.tied_frame.shape[1])

    @cached_property
    def is_tied(self) -> np.ndarray:
        """Blocks x alternatives: inside the tied set (padding is neither)."""
        inside = np.zeros(self.problem.arrays.mask.shape, dtype=bool)
        for b, tied in enumerate(self.parts.separation.tied_sets):
            inside[b, sorted(tied)] = True
        return inside

    @cached_property
    def is_separable(self) -> np.ndarray:
        """Blocks x alternatives: outside the tied set."""
        return self.problem.arrays.mask & ~self.is_tied

    @cached_property
    def rows(self) -> np.ndarray:
        """The differences d_bv in coordinates (blocks x alternatives x coordinates); anchors and padding are zero."""
        a, anchors = self.problem.arrays, self.parts.separation.anchored.anchors
        frame = np.hstack([self.tied_frame, self.diverging_frame])
        height, width = self.problem.shape
        frame = frame.reshape(height, width, -1)
        rights = frame.transpose(1, 0, 2)[a.right_index] if a.right is None else np.einsum("bq,pqk->bpk", a.right[a.right_index], frame)
        features = np.take_along_axis(rights, a.items[:, :, None], axis=1) if a.left is None else np.einsum("bvp,bpk->bvk", a.left[a.items], rights)
        rows = features[np.arange(len(anchors)), anchors][:, None, :] - features
        rows[~a.mask] = 0.0
        rows[self.is_tied, self.split :] = 0.0
        return rows

    @cached_property
    def _flat(self) -> np.ndarray:
        return self.rows.reshape(-1, self.rows.shape[2])

    def coordinates(self, w: np.ndarray) -> np.ndarray:
        """The coordinates of a flat vector."""
        return np.concatenate([self.tied_frame.T @ w, self.diverging_frame.T @ w])

    def masses(self, c: np.ndarray) -> np.ndarray:
        """a_b p_bv at coordinates c (blocks x alternatives)."""
        a = self.problem.arrays
        logits = a.log_multiplicities - self.rows @ c
        top = logits.max(axis=1, keepdims=True)
        exponentials = np.exp(logits - top)
        return a.weights[:, None] * exponentials / exponentials.sum(axis=1, keepdims=True)

    def force(self, c: np.ndarray) -> np.ndarray:
        """-grad L in coordinates."""
        return (self.masses(c) - self.problem.arrays.target).ravel() @ self._flat

    def hessian(self, c: np.ndarray) -> np.ndarray:
        """D^2 L in coordinates."""
        mass = self.masses(c)
        means = np.einsum("bv,bvk->bk", mass, self.rows)
        weighted = self._flat * mass.reshape(-1, 1)
        return self._flat.T @ weighted - (means / self.problem.arrays.weights[:, None]).T @ means

    @cached_property
    def finite_part(self) -> np.ndarray:
        """w* in tied coordinates (the reference frame of the stable expressions below)."""
        return self.tied_frame.T @ self.parts.finite_part.array

    @cached_property
    def tied_shares(self) -> np.ndarray:
        """q*_bv: the in-row softmax over the tied set at w* (zero elsewhere)."""
        logits = np.where(self.is_tied, self.problem.arrays.log_multiplicities - self.rows[:, :, : self.split] @ self.finite_part, -np.inf)
        top = logits.max(axis=1, keepdims=True)
        shares = np.exp(logits - top)
        return shares / shares.sum(axis=1, keepdims=True)

    @cached_property
    def log_odds_out(self) -> np.ndarray:
        """log q_bv = log[a_b n_bv e^{-<w*, d_bv>} / Z_b^in(w*)] on separable alternatives, -inf elsewhere."""
        a = self.problem.arrays
        logits = a.log_multiplicities - self.rows[:, :, : self.split] @ self.finite_part
        inside = np.where(self.is_tied, logits, -np.inf)
        top = inside.max(axis=1, keepdims=True)
        log_inside = top + np.log(np.exp(inside - top).sum(axis=1, keepdims=True))
        return np.where(self.is_separable, np.log(a.weights)[:, None] + logits - log_inside, -np.inf)

    @cached_property
    def tied_hessian(self) -> np.ndarray:
        """H_T, the Hessian of the tied loss at w* in tied coordinates."""
        rows = self.rows[:, :, : self.split]
        mass = self.problem.arrays.weights[:, None] * self.tied_shares
        means = np.einsum("bv,bvk->bk", self.tied_shares, rows)
        flat = rows.reshape(-1, self.split)
        return flat.T @ (flat * mass.reshape(-1, 1)) - (means.T * self.problem.arrays.weights) @ means

    def excess(self, c: np.ndarray) -> float:
        """L(w) - L* by the split identity: tied part by its expansion at w*, separable part by log1p; no cancellation.

        The tied part is sum_b a_b [ log sum q* e^{delta} - sum q* delta ] with delta_v = -<w - w*, d_v>: first-order terms
        vanish because w* is stationary.
        """
        a = self.problem.arrays
        delta = -(self.rows[:, :, : self.split] @ (c[: self.split] - self.finite_part))
        delta = np.where(self.is_tied, delta, 0.0)
        shares = self.tied_shares
        growth = np.log1p((shares * np.expm1(delta)).sum(axis=1))
        tied = growth - (shares * delta).sum(axis=1)
        logits = np.where(a.mask, a.log_multiplicities - self.rows @ c, -np.inf)
        inside = np.where(self.is_tied, logits, -np.inf)
        top = inside.max(axis=1, keepdims=True)
        inside_mass = np.exp(inside - top).sum(axis=1)
        out = np.where(self.is_separable, np.exp(np.minimum(logits - top, 700.0)), 0.0).sum(axis=1)
        return float(a.weights @ (np.maximum(tied, 0.0) + np.log1p(out / inside_mass)))

    def displacement(self, masses: np.ndarray) -> np.ndarray:
        """alpha = H_T^{-1} sum_b sum_{separable v} y_bv P_T(d_bv - dbar_b): where scaled masses y hold t (P_T w - w*).

        dbar_b is the mean tied difference under q*; it is the tied mass displaced by the mass outside.
        """
        if not self.split:
            return np.zeros(0)
        rows = self.rows[:, :, : self.split]
        means = np.einsum("bv,bvk->bk", self.tied_shares, rows)
        y = np.where(self.is_separable, masses, 0.0)
        right = np.einsum("bv,bvk->k", y, rows) - y.sum(axis=1) @ means
        return np.linalg.lstsq(self.tied_hessian, right, rcond=None)[0]
