"""Differences of features as doubles, each rounded once: what all alternatives of a block share is no part of them."""

from __future__ import annotations

import numpy as np

from .problem import ConditionalLogit
from .shapes import LeftRows


def left_differences(problem: ConditionalLogit) -> LeftRows:
    """left_v - left_anchor of every alternative, each rounded once (blocks x alternatives x left dimension; zero on padding)."""
    a, bank = problem.arrays, problem.data.left
    anchors = np.argmax(a.target > 0, axis=1)
    if bank is None:
        frame = np.eye(problem.shape[0])
        return np.asarray((frame[a.items] - frame[a.items[np.arange(len(anchors)), anchors]][:, None, :]) * a.mask[:, :, None])
    found, known = np.zeros((*a.items.shape, problem.shape[0])), {}
    for b, v in np.argwhere(a.mask).tolist():
        pair = int(a.items[b, v]), int(a.items[b, anchors[b]])
        if pair not in known:
            known[pair] = [float(x - y) for x, y in zip(bank[pair[0]], bank[pair[1]])]
        found[b, v] = known[pair]
    return found
