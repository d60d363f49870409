"""Gradients of many conditional logits of one shape at once, in the parameter space itself.

Arrays carry the instance as their *last* axis, so that every reduction over alternatives or parameters is a sum of contiguous
vectors: at V = 6, d = 5 that is several times faster than a stack of small matrix products. Linear NTP keeps its
Kronecker form (scores H W'); everything else uses the dense design. No geometry enters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import InvalidInput
from ..problems.conditional_logit import ConditionalLogit

TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Ensemble:
    """`problems` of one shape. A point is an array (parameters x instances); blocks come before instances in every array.

    Raises `InvalidInput` unless parameters, blocks and alternatives agree in number.

    >>> two = [ConditionalLogit([(1, 0, [["1"], ["0"]], [1, n])]) for n in (1, 3)]
    >>> Ensemble(tuple(two)).gradient(np.zeros((1, 2)))
    array([[-0.5 , -0.75]])
    """

    problems: tuple[ConditionalLogit, ...]

    def __post_init__(self) -> None:
        shapes = {(p.shape, p.arrays.mask.shape) for p in self.problems}
        if len(shapes) != 1:
            raise InvalidInput("batch", f"mixes {len(shapes)} shapes", "give at least one instance, and group instances by shape")

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

    def _stack(self, name: str) -> np.ndarray:
        # blocks x alternatives per instance -> alternatives x blocks x instances
        return np.ascontiguousarray(np.stack([getattr(p.arrays, name) for p in self.problems], axis=-1).swapaxes(0, 1))

    @cached_property
    def log_multiplicities(self) -> np.ndarray:
        """log n, -inf on padding (alternatives x blocks x instances)."""
        return self._stack("log_multiplicities")

    @cached_property
    def target(self) -> np.ndarray:
        """Weight times label share (alternatives x blocks x instances)."""
        return self._stack("target")

    @cached_property
    def weights(self) -> np.ndarray:
        """Block weights (blocks x instances)."""
        return np.stack([p.arrays.weights for p in self.problems], axis=-1)

    @cached_property
    def anchor(self) -> np.ndarray:
        """1 at the first label of each block, 0 elsewhere (alternatives x blocks x instances)."""
        first = self.target > 0
        return (first & (np.cumsum(first, axis=0) == 1)).astype(float)

    @cached_property
    def _rights(self) -> np.ndarray | None:
        # The right factors of linear NTP (blocks x right dimension x instances), None where scores need the dense design.
        structured = all(p.arrays.left is None and p.arrays.mask.all() and p.arrays.items.shape[1] == p.shape[0] for p in self.problems)
        if not structured:
            return None
        rights = [np.eye(self.shape[1]) if p.arrays.right is None else p.arrays.right for p in self.problems]
        return np.ascontiguousarray(np.stack([bank[p.arrays.right_index] for p, bank in zip(self.problems, rights)], axis=-1))

    @cached_property
    def _design(self) -> np.ndarray:
        # Dense features (alternatives x blocks x parameters x instances), zero on padding.
        designs = []
        for p in self.problems:
            a, (height, width) = p.arrays, p.shape
            left = (np.eye(height) if a.left is None else a.left)[a.items]
            right = (np.eye(width) if a.right is None else a.right)[a.right_index]
            dense = np.einsum("bvp,bq->vbpq", left, right) * a.mask.T[:, :, None, None]
            designs.append(dense.reshape(*dense.shape[:2], height * width))
        return np.ascontiguousarray(np.stack(designs, axis=-1))

    def scores(self, w: np.ndarray) -> np.ndarray:
        """<w, x_bv> (alternatives x blocks x instances)."""
        h = self._rights
        if h is None:
            x = self._design
            return (x[..., 0] @ w[:, 0])[:, :, None] if len(self) == 1 else np.einsum("vbdi,di->vbi", x, w)
        matrix = w.reshape(*self.shape, len(self))
        if len(self) == 1:
            return (matrix[:, :, 0] @ h[:, :, 0].T)[:, :, None]
        return np.einsum("vqi,bqi->vbi", matrix, h)

    def combine(self, coefficients: np.ndarray) -> np.ndarray:
        """sum_bv c_bv x_bv (parameters x instances)."""
        h = self._rights
        if h is None:
            x = self._design
            return np.einsum("vb,vbd->d", coefficients[..., 0], x[..., 0])[:, None] if len(self) == 1 else np.einsum("vbi,vbdi->di", coefficients, x)
        if len(self) == 1:
            return (coefficients[:, :, 0] @ h[:, :, 0]).reshape(-1, 1)
        return np.einsum("vbi,bqi->vqi", coefficients, h).reshape(self.dimension, len(self))

    def gradient(self, w: np.ndarray, weights: np.ndarray | None = None, target: np.ndarray | None = None) -> np.ndarray:
        """grad L (parameters x instances), for other block weights and targets if they are given.

        The coefficient of the first label is minus the sum of the others: with one label no two masses are subtracted.
        """
        masses = self.scores(w) + self.log_multiplicities
        masses -= masses.max(axis=0)
        np.exp(masses, out=masses)
        masses *= (self.weights if weights is None else weights) / masses.sum(axis=0)
        masses -= self.target if target is None else target
        masses *= self._others
        masses -= self.anchor * masses.sum(axis=0)
        return self.combine(masses)

    @cached_property
    def _others(self) -> np.ndarray:
        return 1.0 - self.anchor

    def scaled_gradient(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """e^{-shift} grad L and the shift, chosen per instance so that the largest coefficient is 1.

        Normalised methods drive the loss to e^{-thousands}; the direction of its gradient stays known to rounding.
        """
        logits = self.scores(w) + self.log_multiplicities
        logits -= logits.max(axis=0)
        masses = np.exp(logits)
        total = masses.sum(axis=0)
        pushing = logits + (self._offsets - np.log(total))
        shift = np.maximum(pushing.max(axis=(0, 1)), -1e300)  # nothing pushes: every coefficient is zero
        if not self._several:
            coefficients = np.exp(pushing - shift)
        else:
            labels = np.where(self._rivals, 0.0, self.weights / total * masses - self.target) * self._others
            with np.errstate(divide="ignore"):
                shift = np.maximum(shift, np.log(np.abs(labels).max(axis=(0, 1))))
                coefficients = np.exp(pushing - shift) + labels * np.exp(np.minimum(-shift, 700.0))
        coefficients -= self.anchor * coefficients.sum(axis=0)
        return self.combine(coefficients), shift

    @cached_property
    def _offsets(self) -> np.ndarray:
        # log weight on alternatives that push, -inf elsewhere.
        return np.where(self._rivals, np.log(self.weights), -np.inf)

    @cached_property
    def _rivals(self) -> np.ndarray:
        # Alternatives that are no label and whose difference from the anchor is not zero: the masses that push.
        return (self.target == 0) & np.isfinite(self.log_multiplicities) & (self.difference_norms("l2") > 0)

    @cached_property
    def _several(self) -> bool:
        return bool(((self.target > 0).sum(axis=0) > 1).any())

    def difference_norms(self, norm: str) -> np.ndarray:
        """The norm of x_b,anchor - x_bv ("l1", "l2", "l-infinity" or "nuclear"; alternatives x blocks x instances).

        Every difference is a rank-one matrix left (x) right, so each norm is a product of vector norms.
        """
        order = {"l1": 1, "l2": 2, "l-infinity": np.inf, "nuclear": 2}[norm]
        values = []
        for k, p in enumerate(self.problems):
            a, (height, width) = p.arrays, p.shape
            left = (np.eye(height) if a.left is None else a.left)[a.items]
            right = (np.eye(width) if a.right is None else a.right)[a.right_index]
            first = np.argmax(self.anchor[:, :, k], axis=0)
            gaps = left[np.arange(len(first)), first][:, None, :] - left
            values.append((np.linalg.norm(gaps, order, axis=2) * np.linalg.norm(right, order, axis=1)[:, None] * a.mask).T)
        return np.stack(values, axis=-1)

    def smoothness(self, norm: str) -> np.ndarray:
        """sum_b a_b max_v N*(d_bv)^2 per instance: D^2 L[z, z] is at most that times N(z)^2 (`norm` names N*).

        A variance is at most the mean square distance from the anchor's score.
        """
        return np.asarray((self.weights * self.difference_norms(norm).max(axis=0) ** 2).sum(axis=0))

    def unit_step(self, norm: str) -> np.ndarray:
        """1 / R per instance, R the largest dual norm of a difference: a step of that length moves no margin by more than 1."""
        largest = self.difference_norms(norm).max(axis=(0, 1))
        return np.where(largest > 0, 1.0 / np.where(largest > 0, largest, 1.0), 1.0)


def ensemble(problems: Sequence[Any]) -> Ensemble:
    """The ensemble of problems, or of anything that reduces to conditional logits."""
    return Ensemble(tuple(problem.conditional_logit() for problem in problems))
