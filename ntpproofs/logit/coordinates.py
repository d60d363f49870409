"""A problem in orthonormal float coordinates of T + M, with everything about the tied set at w* that dynamics refer to.

The M-components of tied rows are set to zero, because they are zero: rounding there would leak the tied probabilities into
the diverging part. Nothing here knows the max-margin direction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .differences import left_differences
from .problem import ConditionalLogit
from .shapes import Frame, IsAlternative, Masses, OfAlternatives, OfBlocks, Parameter, Point, Points, Rows, TiedHessian, TiedPoint, TiedPoints
from .well_spread import WellSpread, well_spread

if TYPE_CHECKING:
    from .decomposition import Decomposition

# A direction this much shorter than the longest difference costs a gradient six digits.
NARROW = 1e-3


@dataclass(frozen=True, eq=False)
class Coordinates:
    """A problem in coordinates c = (T-part, M-part) of its parameter, for one decomposition.

    `reference` replaces w* (in tied coordinates, unit length) wherever the expressions below refer to it. In units `length` and `mass`
    the differences are d / length, the weights a / mass and the coordinates length times those of w: scores stay what they are, and
    a gradient flow runs in the time mass length^2 t. With `basis` the coordinates are z_k = spread_k <q_k, w> of `well_spread`: a gradient
    in z is metric = spread^2 times one in w, and a length in w is that of z / spread.
    """

    parts: Decomposition
    reference: TiedPoint | None = None
    length: float = 1.0
    mass: float = 1.0
    basis: WellSpread | None = None

    def natural(self) -> Coordinates:
        """The same problem in units in which the largest difference has length 1 and the weights sum to 1."""
        longest = float(np.sqrt((self.rows**2).sum(axis=2).max(initial=0.0)))
        return replace(self, length=self.length * (longest or 1.0), mass=self.mass * float(self.weights.sum()))

    def spread_well(self) -> Coordinates:
        """The same problem in coordinates in which doubles lose nothing: these, unless some direction is `NARROW` beside the longest one."""
        tied, rest = self.rows[self.is_tied][:, : self.split], self.rows[self.is_separable][:, self.split :]
        narrowest = min((float(np.linalg.svd(x, compute_uv=False)[-1]) for x in (tied, rest) if x.shape[1]), default=1.0)
        if narrowest > NARROW:
            return self
        return replace(self, basis=well_spread(self.parts))

    @cached_property
    def spread(self) -> Point:
        """How long the differences are along every coordinate: 1 without a basis."""
        return np.ones(self.rows.shape[2]) if self.basis is None else self.basis.spread / self.length

    @cached_property
    def metric(self) -> Point:
        """What a gradient in these coordinates is multiplied by to be that of w."""
        return self.spread**2

    def orthonormal(self, c: Points) -> Points:
        """Coordinates of a vector to those in the orthonormal frames, whose lengths are lengths (the last axis of c)."""
        return np.asarray(c / self.spread)

    @cached_property
    def clock(self) -> float:
        """log(mass length^2): what log time is ahead of log t in these units."""
        return float(np.log(self.mass) + 2.0 * np.log(self.length))

    @cached_property
    def weights(self) -> OfBlocks:
        """a_b."""
        return self.problem.arrays.weights / self.mass

    @cached_property
    def target(self) -> OfAlternatives:
        """a_b times the share of every label (blocks x alternatives)."""
        return self.problem.arrays.target / self.mass

    @property
    def problem(self) -> ConditionalLogit:
        """The problem."""
        return self.parts.problem

    @cached_property
    def tied_frame(self) -> Frame:
        """Orthonormal columns spanning T."""
        return self.parts.tied.frame if self.basis is None else self.basis.frame[:, : self.parts.tied.dimension]

    @cached_property
    def diverging_frame(self) -> Frame:
        """Orthonormal columns spanning M."""
        return self.parts.diverging.frame if self.basis is None else self.basis.frame[:, self.parts.tied.dimension :]

    @property
    def split(self) -> int:
        """The number of tied coordinates; the rest are diverging."""
        return int(self.tied_frame.shape[1])

    @cached_property
    def is_tied(self) -> IsAlternative:
        """Blocks x alternatives: inside the tied set (padding is neither)."""
        inside = np.zeros(self.problem.arrays.mask.shape, dtype=bool)
        for b, tied in enumerate(self.parts.separation.tied_sets):
            inside[b, sorted(tied)] = True
        return inside

    @cached_property
    def is_separable(self) -> IsAlternative:
        """Blocks x alternatives: outside the tied set."""
        return self.problem.arrays.mask & ~self.is_tied

    @cached_property
    def rows(self) -> Rows:
        """The differences d_bv in coordinates (blocks x alternatives x coordinates); anchors and padding are zero."""
        a, anchored = self.problem.arrays, self.parts.separation.anchored
        if self.basis is not None:
            rows = np.zeros((*a.mask.shape, self.basis.rows.shape[1]))
            rows[anchored.blocks, anchored.alternatives] = self.basis.rows
            rows[self.is_tied, self.split :] = 0.0
            return rows
        frame = np.hstack([self.tied_frame, self.diverging_frame])
        height, width = self.problem.shape
        frame = frame.reshape(height, width, frame.shape[1])
        rights = frame.transpose(1, 0, 2)[a.right_index] if a.right is None else np.einsum("bq,pqk->bpk", a.right[a.right_index], frame)
        if a.left is None:
            features = np.take_along_axis(rights, a.items[:, :, None], axis=1)
            rows = features[np.arange(len(features)), anchored.anchors][:, None, :] - features
        else:  # differences first, in rationals: a constant added to all features of a block would take their digits
            rows = -np.einsum("bvp,bpk->bvk", left_differences(self.problem), rights)
        rows[~a.mask] = 0.0
        rows[self.is_tied, self.split :] = 0.0
        return rows / self.length

    def of(self, w: Parameter) -> Point:
        """The coordinates of a flat vector."""
        return np.concatenate([self.tied_frame.T @ w, self.diverging_frame.T @ w]) * self.length * self.spread

    @cached_property
    def finite_part(self) -> TiedPoint:
        """w* in tied coordinates (the reference frame of the stable expressions below)."""
        reference = self.tied_frame.T @ self.parts.finite_part.array if self.reference is None else self.reference
        return np.asarray(reference * self.length * self.spread[: self.split])

    @cached_property
    def tied_shares(self) -> OfAlternatives:
        """q*_bv: the in-row softmax over the tied set at w* (zero elsewhere)."""
        logits = np.where(self.is_tied, self.problem.arrays.log_multiplicities - self.rows[:, :, : self.split] @ self.finite_part, -np.inf)
        top = logits.max(axis=1, keepdims=True)
        shares = np.exp(logits - top)
        return shares / shares.sum(axis=1, keepdims=True)

    @cached_property
    def log_odds_out(self) -> OfAlternatives:
        """log q_bv = log[a_b n_bv e^{-<w*, d_bv>} / Z_b^in(w*)] on separable alternatives, -inf elsewhere."""
        a = self.problem.arrays
        logits = a.log_multiplicities - self.rows[:, :, : self.split] @ self.finite_part
        inside = np.where(self.is_tied, logits, -np.inf)
        top = inside.max(axis=1, keepdims=True)
        log_inside = top + np.log(np.exp(inside - top).sum(axis=1, keepdims=True))
        return np.where(self.is_separable, np.log(self.weights)[:, None] + logits - log_inside, -np.inf)

    @cached_property
    def tied_hessian(self) -> TiedHessian:
        """H_T, the Hessian of the tied loss at w* in tied coordinates."""
        rows = self.rows[:, :, : self.split]
        mass = self.weights[:, None] * self.tied_shares
        means = np.einsum("bv,bvk->bk", self.tied_shares, rows)
        flat = rows.reshape(rows.shape[0] * rows.shape[1], self.split)
        return flat.T @ (flat * mass.reshape(-1, 1)) - (means.T * self.weights) @ means

    def displacement(self, masses: Masses) -> TiedPoints:
        """alpha = H_T^{-1} sum_b sum_{separable v} y_bv P_T(d_bv - dbar_b): where scaled masses y hold t (P_T w - w*).

        dbar_b is the mean tied difference under q*; it is the tied mass displaced by the mass outside. Leading axes of
        `masses` (before blocks x alternatives) are kept.
        """
        if not self.split:
            return np.zeros((*masses.shape[:-2], 0))
        rows = self.rows[:, :, : self.split]
        means = np.einsum("bv,bvk->bk", self.tied_shares, rows)
        y = np.where(self.is_separable, masses, 0.0)
        right = np.tensordot(y, rows, 2) - y.sum(axis=-1) @ means
        return np.asarray(np.linalg.lstsq(self.tied_hessian, right.reshape(-1, self.split).T, rcond=None)[0].T.reshape(right.shape))
