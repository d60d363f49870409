"""Batches of path-star examples as token arrays, drawn online in NumPy, in the paper's tokenisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..problem import PathStar

Array = np.ndarray


@dataclass(frozen=True)
class Batch:
    """`prefixes` (count x (3E + 3)) and `targets` (count x l) of token ids; separators follow the labels: | = / $."""

    prefixes: Array
    targets: Array


def draw_batch(problem: PathStar, count: int, rng: np.random.Generator) -> Batch:
    """Independent examples of the distribution of `draw_sample`, as tokens; reversed targets run from the goal to the start.

    >>> draw_batch(PathStar(2, 3, 10), 4, np.random.default_rng(0)).prefixes.shape
    (4, 15)
    """
    d, length, labels, edges = problem.arms, problem.length, problem.labels, problem.nodes - 1
    names = rng.random((count, labels)).argsort(axis=1)[:, : problem.nodes]
    arms = np.empty((count, d, length), dtype=np.int64)
    arms[:, :, 0] = names[:, :1]
    arms[:, :, 1:] = names[:, 1:].reshape(count, d, length - 1)
    pairs = np.stack([arms[:, :, :-1], arms[:, :, 1:]], axis=-1).reshape(count, edges, 2)
    order = rng.random((count, edges)).argsort(axis=1)
    pairs = np.take_along_axis(pairs, order[:, :, None], axis=1)
    goal = rng.integers(d, size=count)
    path = arms[np.arange(count), goal]
    prefixes = np.empty((count, 3 * edges + 3), dtype=np.int64)
    prefixes[:, 0 : 3 * edges : 3], prefixes[:, 1 : 3 * edges : 3] = pairs[:, :, 0], pairs[:, :, 1]
    prefixes[:, 2 : 3 * edges - 1 : 3] = labels
    prefixes[:, 3 * edges - 1] = labels + 2
    prefixes[:, -3], prefixes[:, -2], prefixes[:, -1] = path[:, 0], path[:, -1], labels + 1
    return Batch(prefixes, path[:, ::-1].copy() if problem.training == "reversed" else path)


def inputs_of(problem: PathStar, batch: Batch) -> Array:
    """The token inputs of one forward pass: the prefix, then the true targets but the last, or dummies without teacher."""
    shown = batch.targets[:, :-1]
    if problem.training == "teacherless":
        shown = np.full_like(shown, problem.labels + 3)
    return np.concatenate([batch.prefixes, shown], axis=1)
