"""Differences of features as floats: what scores and gradients are made of, and the numbers that doubles can carry."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidInput
from ...logit.differences import left_differences
from ...logit.problem import ConditionalLogit
from ...logit.shapes import Batch, BatchRows, InstanceLast, Iterates, Lengths, Vectors

# Squares, and products of two differences and a weight, have to be doubles.
LARGEST_FEATURE = 1e140


def order(size: int, twin: int) -> Any:
    """The order of sums of twin 0 (as it stands), 1 (reversed) and 2 (shuffled), as an index."""
    return np.random.default_rng(twin).permutation(size) if twin > 1 else slice(None, None, -1 if twin else None)


def vector_norm(x: Vectors, power: float) -> Lengths:
    """The norm of an exponent over the last axis, safe for any size of entries."""
    largest = np.abs(x).max(axis=-1, initial=0.0)
    scaled = np.abs(x) / np.where(largest > 0, largest, 1.0)[..., None]
    return np.asarray(largest if power == np.inf else largest * (scaled**power).sum(axis=-1) ** (1 / power))


def require_doubles(problem: ConditionalLogit) -> None:
    """Refuse a problem whose features or weights leave the range of doubles."""
    try:
        a = problem.arrays
    except OverflowError:
        raise InvalidInput("features, weights", "are beyond the range of doubles", "rescale them") from None
    left = 1.0 if a.left is None else np.abs(left_differences(problem)).max()
    right = 1.0 if a.right is None else np.abs(a.right).max()
    require_range("weights", a.weights[:, None])
    require_range("features", np.array([[left]]))
    require_range("features", np.array([[right]]))


def combine_dense(coefficients: Batch, x: BatchRows) -> Iterates:
    """sum_bv c_bv x_bv for instances in the last axis, one or many."""
    if x.shape[-1] == 1:
        return np.einsum("vb,vbd->d", coefficients[..., 0], x[..., 0])[:, None]
    return np.einsum("vbi,vbdi->di", coefficients, x)


def require_range(name: str, x: InstanceLast) -> None:
    """Refuse instances whose largest entry in absolute value is no double that can be squared and multiplied by another (zeros are fine)."""
    largest = np.abs(x).reshape(-1, x.shape[-1]).max(axis=0, initial=0.0)
    outside = largest[(largest > 0) & ~((largest >= 1 / LARGEST_FEATURE) & (largest <= LARGEST_FEATURE))]
    if len(outside):
        remedy = f"rescale to between {1 / LARGEST_FEATURE:g} and {LARGEST_FEATURE:g}: squares and products have to be doubles"
        raise InvalidInput(name, f"reach {float(outside[0]):.3g}", remedy)
