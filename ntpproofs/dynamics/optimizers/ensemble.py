"""Gradients of many conditional logits of one shape at once, in the parameter space itself.

Arrays carry the instance as their *last* axis, so that every reduction over alternatives or parameters is a sum of contiguous
vectors: at V = 6, d = 5 that is several times faster than a stack of small matrix products. Linear NTP keeps its
Kronecker form (scores H W'); everything else uses the dense differences d_bv = x_bv - x_b,anchor, the anchor of a block being its
first label. They are taken in rationals, so what all alternatives of a block share is no part of any score or gradient: the
entry of a feature that is constant in every block is exactly zero. No geometry enters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...errors import InvalidInput
from ...logit.differences import left_differences
from ...logit.problem import ConditionalLogit
from ...logit.shapes import (
    Batch,
    BatchRights,
    BatchRows,
    BlockWeights,
    ColumnIndices,
    InstanceCounts,
    IsInBatch,
    Iterates,
    OfInstances,
    RowsOfColumns,
)
from ..arguments import conditional_logit
from .differences import combine_dense, order, require_range, vector_norm

TINY = 1e-12
TILT = 0.3


@dataclass(frozen=True, eq=False)
class Ensemble:
    """`problems` of one shape. A point is an array (parameters x instances); blocks come before instances in every array.

    Raises `InvalidInput` unless parameters, blocks and alternatives agree in number. With `twin` 1 or 2 the same sums are taken over blocks
    and alternatives in another order, and a constant is added to all scores: equal in exact arithmetic, rounded differently.

    >>> two = [ConditionalLogit([(1, 0, [["1"], ["0"]], [1, n])]) for n in (1, 3)]
    >>> Ensemble(tuple(two)).gradient(np.zeros((1, 2)))
    array([[-0.5 , -0.75]])
    """

    problems: tuple[ConditionalLogit, ...]
    twin: int = 0

    def __post_init__(self) -> None:
        try:
            shapes = {(p.shape, p.arrays.mask.shape) for p in self.problems}
        except OverflowError:
            raise InvalidInput("features, weights", "are beyond the range of doubles", "rescale them") from None
        if len(shapes) != 1:
            raise InvalidInput("batch", f"mixes {len(shapes)} shapes", "give at least one instance, and group instances by shape")
        require_range("weights", self.weights)
        if self._rights is None:
            require_range("features", self._differences)

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the parameter as a matrix."""
        return self.problems[0].shape

    @property
    def dimension(self) -> int:
        """The number of parameters of one instance."""
        return self.problems[0].dimension

    def __len__(self) -> int:
        return len(self.problems)

    def _stack(self, arrays: list[np.ndarray]) -> np.ndarray:
        # blocks x alternatives per instance -> alternatives x blocks x instances
        return self._arranged(np.stack(arrays, axis=-1).swapaxes(0, 1))

    def _arranged(self, x: np.ndarray) -> np.ndarray:
        # Alternatives x blocks x ... in the order of this twin; the alternatives of linear NTP are parameters, and stay.
        if self._rights is None:
            x = x[order(x.shape[0], self.twin)]
        return np.ascontiguousarray(x[:, order(x.shape[1], self.twin)])

    @cached_property
    def log_multiplicities(self) -> Batch:
        """log n, -inf on padding (alternatives x blocks x instances)."""
        return self._stack([p.arrays.log_multiplicities for p in self.problems])

    @cached_property
    def target(self) -> Batch:
        """Weight times label share (alternatives x blocks x instances)."""
        return self._stack([p.arrays.target for p in self.problems])

    @cached_property
    def row_counts(self) -> InstanceCounts:
        """The number of rows (block, label) of every instance."""
        return np.asarray((self.target > 0).sum(axis=(0, 1)))

    @cached_property
    def row_groups(self) -> list[tuple[int, ColumnIndices, RowsOfColumns]]:
        """Instances with the same number n of rows: n, their indices, and their rows in order as flat positions in `target` (n x instances)."""
        flat, groups = (self.target > 0).reshape(-1, len(self)), []
        listed = np.argsort(self._arranged(np.arange(len(flat)).reshape(*self.target.shape[:2], 1)).ravel())
        for count in np.unique(self.row_counts):
            columns = np.flatnonzero(self.row_counts == count)
            groups.append((int(count), columns, np.stack([listed[flat[listed, i]] for i in columns], axis=1)))
        return groups

    @cached_property
    def weights(self) -> BlockWeights:
        """Block weights (blocks x instances)."""
        found = np.stack([p.arrays.weights for p in self.problems], axis=-1)
        return found[order(len(found), self.twin)]

    @cached_property
    def anchor(self) -> Batch:
        """1 at the first label of each block, 0 elsewhere (alternatives x blocks x instances)."""
        labels = [p.arrays.target > 0 for p in self.problems]
        return self._stack([(x & (np.cumsum(x, axis=1) == 1)).astype(float) for x in labels])

    @cached_property
    def _rights(self) -> BatchRights | None:
        # The right factors of linear NTP (blocks x right dimension x instances), None where scores need the dense differences.
        structured = all(p.arrays.left is None and p.arrays.mask.all() and p.arrays.items.shape[1] == p.shape[0] for p in self.problems)
        if not structured:
            return None
        rights = [np.eye(self.shape[1]) if p.arrays.right is None else p.arrays.right for p in self.problems]
        found = np.ascontiguousarray(np.stack([bank[p.arrays.right_index] for p, bank in zip(self.problems, rights)], axis=-1))
        require_range("features", found)
        return np.ascontiguousarray(found[order(len(found), self.twin)])

    @cached_property
    def _factors(self) -> list[tuple[np.ndarray, np.ndarray]]:
        # Per instance the factors of d_bv: left_v - left_anchor (blocks x alternatives x left dimension, zero on padding), right.
        return [(left_differences(p), np.eye(p.shape[1]) if p.arrays.right is None else p.arrays.right) for p in self.problems]

    @cached_property
    def _differences(self) -> BatchRows:
        # d_bv dense (alternatives x blocks x parameters x instances), zero at anchors and on padding.
        dense = [np.einsum("bvp,bq->vbpq", left, right[p.arrays.right_index]) for p, (left, right) in zip(self.problems, self._factors)]
        return self._arranged(np.stack([x.reshape(*x.shape[:2], self.dimension) for x in dense], axis=-1))

    def scores(self, w: Iterates) -> Batch:
        """<w, x_bv>, up to a constant per block (alternatives x blocks x instances)."""
        h = self._rights
        if h is None:
            x = self._differences
            return (x[..., 0] @ w[:, 0])[:, :, None] if len(self) == 1 else np.einsum("vbdi,di->vbi", x, w)
        matrix = w.reshape(*self.shape, len(self))
        if len(self) == 1:
            return (matrix[:, :, 0] @ h[:, :, 0].T)[:, :, None]
        return np.einsum("vqi,bqi->vbi", matrix, h)

    def combine(self, coefficients: Batch) -> Iterates:
        """sum_bv c_bv d_bv (parameters x instances); coefficients of anchors are overwritten."""
        h = self._rights
        if h is None:
            return combine_dense(coefficients, self._differences)
        coefficients *= self._others
        coefficients -= self.anchor * coefficients.sum(axis=0)
        return self._over_blocks(coefficients, h)

    def _over_blocks(self, coefficients: Batch, h: BatchRights) -> Iterates:
        if len(self) == 1:
            return (coefficients[:, :, 0] @ h[:, :, 0]).reshape(-1, 1)
        return np.einsum("vbi,bqi->vqi", coefficients, h).reshape(self.dimension, len(self))

    def gradient(self, w: Iterates, weights: BlockWeights | None = None, target: Batch | None = None) -> Iterates:
        """grad L (parameters x instances), for other block weights and targets if they are given.

        Coefficients multiply differences from the first label, which needs none: with one label no two masses are subtracted.
        """
        masses = self.scores(w) + self.log_multiplicities
        masses -= masses.max(axis=0)
        if self.twin:
            masses += TILT * self.twin
        np.exp(masses, out=masses)
        masses *= (self.weights if weights is None else weights) / masses.sum(axis=0)
        masses -= self.target if target is None else target
        return self.combine(masses)

    @cached_property
    def _others(self) -> Batch:
        return 1.0 - self.anchor

    def scaled_gradient(self, w: Iterates) -> tuple[Iterates, OfInstances, Iterates]:
        """e^{-shift} grad L, the shift, chosen per instance so that the largest coefficient is 1, and the rounding of every entry.

        Normalised methods drive the loss to e^{-thousands}; the direction of its gradient stays known to rounding. With several
        labels z of shares s in a block, p_z = q_z (1 - out), q the shares within the labels and what equals the anchor, the coefficient
        is a (q_z - s_z) - a q_z out: the second term is known however small, and the first is zero where q and s agree to rounding.
        An entry below its rounding is not known to differ from zero.
        """
        logits = self.scores(w) + self.log_multiplicities
        logits -= logits.max(axis=0) - TILT * self.twin
        masses = np.exp(logits)
        pushing = logits + (self._offsets - np.log(masses.sum(axis=0)))
        shift = np.maximum(pushing.max(axis=(0, 1)), -1e300)  # nothing pushes: every coefficient is zero
        unit = self._unit(w)
        if not self._several:
            coefficients = np.exp(pushing - shift)
            noise = coefficients
        else:
            shares = np.exp(logits + self._inside - (logits + self._inside).max(axis=0))
            shares /= shares.sum(axis=0)
            unequal = self._labelled & (np.abs(shares - self._wanted) > unit * (shares + self._wanted))
            gaps = np.where(unequal, self.weights * (shares - self._wanted), 0.0)
            largest = np.abs(gaps).max(axis=(0, 1))
            shift = np.maximum(shift, np.log(largest, out=np.full_like(largest, -np.inf), where=largest > 0))
            scale = np.exp(np.minimum(-shift, 700.0))
            outside = np.exp(pushing - shift)
            off = outside.sum(axis=0) * shares
            coefficients = outside + gaps * scale - off
            noise = outside + np.where(unequal, self.weights * (shares + self._wanted), 0.0) * scale + off
        sizes = self._sizes(noise)
        return self.combine(coefficients), shift, unit * sizes

    def _unit(self, w: Iterates) -> OfInstances:
        # Relative rounding of a coefficient and of the sum over them: half an ulp for each term and for each unit of a score.
        if self._rights is None:
            scores = (self._reach * np.abs(w)).sum(axis=0)
        else:
            scores = 2.0 * (self._reach * np.abs(w).reshape(*self.shape, len(self))).sum(axis=1).max(axis=0)
        alternatives, blocks = self.target.shape[:2]
        return np.asarray(np.finfo(float).eps * (8.0 + alternatives + blocks + scores))

    @cached_property
    def _reach(self) -> np.ndarray:
        # The largest |d_bv| in every coordinate.
        return np.abs(self._differences).max(axis=(0, 1)) if self._rights is None else np.abs(self._rights).max(axis=0)

    def _sizes(self, noise: Batch) -> Iterates:
        # sum_bv c_bv |d_bv| for positive c.
        h = self._rights
        if h is None:
            return combine_dense(noise, self._absolute)
        others = noise * self._others
        return self._over_blocks(others + self.anchor * others.sum(axis=0), self._absolute)

    @cached_property
    def _absolute(self) -> np.ndarray:
        return np.abs(self._differences if self._rights is None else self._rights)

    @cached_property
    def _wanted(self) -> Batch:
        return self.target / self.weights

    @cached_property
    def _labelled(self) -> IsInBatch:
        # Labels beside the anchor.
        return (self.target > 0) & (self.anchor == 0)

    @cached_property
    def _inside(self) -> Batch:
        # 0 on labels and on what has the anchor's feature, -inf elsewhere.
        return np.where(self._rivals | ~np.isfinite(self.log_multiplicities), -np.inf, 0.0)

    @cached_property
    def _offsets(self) -> Batch:
        # log weight on alternatives that push, -inf elsewhere.
        return np.where(self._rivals, np.log(self.weights), -np.inf)

    @cached_property
    def _rivals(self) -> IsInBatch:
        # Alternatives that are no label and whose difference from the anchor is not zero: the masses that push.
        return (self.target == 0) & np.isfinite(self.log_multiplicities) & (self.difference_norms("l2") > 0)

    @cached_property
    def _several(self) -> bool:
        return bool(((self.target > 0).sum(axis=0) > 1).any())

    def difference_norms(self, norm: str | float) -> Batch:
        """The norm of d_bv ("l1", "l2", "l-infinity", "nuclear" or an exponent; alternatives x blocks x instances).

        Every difference is a rank-one matrix left (x) right, so each norm is a product of vector norms.
        """
        power = {"l1": 1, "l2": 2, "l-infinity": np.inf, "nuclear": 2}[norm] if isinstance(norm, str) else norm
        values = []
        for p, (left, right) in zip(self.problems, self._factors):
            lengths, widths = vector_norm(left, power), vector_norm(right, power)[p.arrays.right_index]
            values.append(lengths * widths[:, None])
        return self._stack(values)

    def smoothness(self, norm: str) -> OfInstances:
        """sum_b a_b max_v N*(d_bv)^2 per instance: D^2 L[z, z] is at most that times N(z)^2 (`norm` names N*).

        A variance is at most the mean square distance from the anchor's score.
        """
        return np.asarray((self.weights * self.difference_norms(norm).max(axis=0) ** 2).sum(axis=0))

    def unit_step(self, norm: str | float) -> OfInstances:
        """1 / R per instance, R the largest dual norm of a difference: a step of that length moves no margin by more than 1."""
        largest = self.difference_norms(norm).max(axis=(0, 1))
        return np.where(largest > 0, 1.0 / np.where(largest > 0, largest, 1.0), 1.0)


def ensemble(problems: Sequence[Any]) -> Ensemble:
    """The ensemble of problems, or of anything that reduces to conditional logits; `InvalidInput` for what does not."""
    if isinstance(problems, str) or not hasattr(problems, "__iter__"):
        raise InvalidInput("batch", f"is {problems!r}", "give a list of problems of one shape")
    return Ensemble(tuple(conditional_logit(problem) for problem in problems))
