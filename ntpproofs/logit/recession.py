"""Separation: which alternatives every recession direction ties, decided exactly with a certificate (section 2).

Rows of one block share their tied set (each label is tied to every other from both sides), so the cone is described by
anchored rows: for block b with first label z_b, the differences x_{b,z_b} - x_{b,v}. Label rows are equalities.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import TooLarge
from ..exact.cone import Partition, partition
from ..exact.programme import Rows
from ..exact.rational import clear_denominators, integer_array, scaled_floats
from .problem import ConditionalLogit, RowAlternative
from .protocols import Reduces

# A Gram matrix of 6 000 rows takes 288 MB and one exact solve on it minutes: beyond that the exact route is refused.
LARGEST_SYSTEM = 6_000


class AnchoredRows:
    """The differences x_{b,z_b} - x_{b,v} of a problem, scaled to integers, with their Gram matrix.

    `blocks`, `alternatives` name the rows, `label` marks those whose alternative is a label; d_r is `scale` times the
    difference. Nothing of size rows x dimension is formed exactly: the Gram matrix comes from the factor banks.
    """

    def __init__(self, problem: ConditionalLogit) -> None:
        data = problem.data
        self.problem = problem
        self.anchors = [min(block.labels) for block in data.blocks]
        names = [(b, v) for b, block in enumerate(data.blocks) for v in range(len(block.alternatives)) if v != self.anchors[b]]
        if len(names) > LARGEST_SYSTEM:
            raise TooLarge(
                "the exact route",
                f"needs {len(names):,} margin constraints, above the {LARGEST_SYSTEM:,} it handles in minutes",
                "use one-hot embeddings (closed form at any size), fewer contexts or a smaller vocabulary",
            )
        self.blocks = [b for b, _ in names]
        self.alternatives = [v for _, v in names]
        self.label = [v in data.blocks[b].labels for b, v in names]
        self.index = {name: r for r, name in enumerate(names)}
        left, left_scale = ([], 1) if data.left is None else clear_denominators(data.left)
        right, right_scale = ([], 1) if data.right is None else clear_denominators(data.right)
        self.scale = left_scale * right_scale
        self._left, self._right = left, right

    def __len__(self) -> int:
        return len(self.blocks)

    @cached_property
    def equalities(self) -> list[int]:
        """Rows between two labels of a block."""
        return [r for r in range(len(self)) if self.label[r]]

    @cached_property
    def inequalities(self) -> list[int]:
        """Rows from a label to an alternative that is none."""
        return [r for r in range(len(self)) if not self.label[r]]

    @cached_property
    def rows(self) -> Rows:
        """Gram matrix and float coordinates (up to one factor) of the scaled differences."""
        return Rows(self._gram(), self._floats())

    def _items(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        blocks = self.problem.data.blocks
        anchor = np.array([blocks[b].alternatives[self.anchors[b]] for b in self.blocks], dtype=np.int64)
        other = np.array([blocks[b].alternatives[v] for b, v in zip(self.blocks, self.alternatives)], dtype=np.int64)
        right = np.array([blocks[b].right for b in self.blocks], dtype=np.int64)
        return anchor, other, right

    def _gram(self) -> np.ndarray:
        anchor, other, right = self._items()
        if not len(self):
            return np.zeros((0, 0), dtype=np.int64)

        def left_gram(i: np.ndarray, k: np.ndarray) -> np.ndarray:
            if bank is None:
                return (i[:, None] == k[None, :]).astype(np.int64)
            return bank[np.ix_(i, k)]

        bank = None
        if self.problem.data.left is not None:
            array = integer_array(self._left, 4 * len(self._left[0]))
            bank = array @ array.T
        lefts = left_gram(anchor, anchor) - left_gram(anchor, other) - left_gram(other, anchor) + left_gram(other, other)
        if self.problem.data.right is None:
            rights: np.ndarray = (right[:, None] == right[None, :]).astype(np.int64)
        else:
            array = integer_array(self._right, len(self._right[0]))
            rights = (array @ array.T)[np.ix_(right, right)]
        largest = int(np.abs(lefts).max()) * int(np.abs(rights).max())
        if largest >= 2**62:
            lefts, rights = lefts.astype(object), rights.astype(object)
        return np.asarray(lefts * rights)

    def _floats(self) -> np.ndarray:
        anchor, other, right = self._items()
        height, width = self.problem.shape
        bank = np.eye(height, dtype=np.int64) if self.problem.data.left is None else integer_array(self._left, 4)
        lefts = scaled_floats((bank[anchor] - bank[other]).tolist())  # exact first: what alternatives share takes no digits
        rights = np.eye(width) if self.problem.data.right is None else scaled_floats(self._right)
        return np.einsum("rp,rq->rpq", lefts.reshape(len(self), height), rights[right]).reshape(len(self), height * width)

    def coefficients(self, multipliers: dict[int, Any]) -> list[dict[int, Any]]:
        """Per block, the coefficients c_bv with sum_r multipliers[r] (x_anchor - x_v) = sum_b sum_v c_bv x_bv.

        The multipliers may be of any one number type (`Fraction`, ball).
        """
        result: list[dict[int, Any]] = [{} for _ in self.anchors]
        for r, x in multipliers.items():
            b, v, c = self.blocks[r], self.alternatives[r], result[self.blocks[r]]
            c[self.anchors[b]] = c[self.anchors[b]] + x if self.anchors[b] in c else x
            c[v] = c[v] - x if v in c else -x
        return result


@dataclass(frozen=True, eq=False)
class Separation:
    """The separation of a problem: `kind` is "overlap", "quasi-complete" or "complete".

    `tied` and `separable` are sets of (row, alternative), the chosen alternative excluded; `certificate` is the kernel's
    record of the Goldman-Tucker pair. `tied_sets` gives the tied alternatives of each block, labels included.
    """

    kind: str
    tied: frozenset[RowAlternative]
    separable: frozenset[RowAlternative]
    tied_sets: tuple[frozenset[int], ...]
    anchored: AnchoredRows
    partition: Partition

    @cached_property
    def certificate(self) -> dict[str, Any]:
        """The `separation` record: tied sets, a separator, a circulation."""
        from .assemble import assemble, columns, sparse

        optimum = {r: x * self.anchored.scale**2 for r, x in self.partition.optimum.multipliers.items()}
        separator = assemble(self.anchored.problem, self.anchored.coefficients(optimum))
        circulation = self.anchored.coefficients(self.partition.circulation)
        sizes = [len(block.alternatives) for block in self.anchored.problem.data.blocks]
        return {
            "type": "separation",
            "class": self.kind,
            "tied": [sorted(tied) for tied in self.tied_sets],
            "separator": columns(separator, self.anchored.problem.shape),
            "circulation": [sparse(c, size) for c, size in zip(circulation, sizes)],
        }


def separation(problem: Reduces) -> Separation:
    """Decide exactly which alternatives are tied on the recession cone and which can be separated.

    Accepts a conditional logit or anything with a `conditional_logit()` reduction. Raises `TooLarge` beyond the reach of
    the exact route. Law: the partition does not depend on weights, multiplicities or the scale of the features.

    >>> problem = ConditionalLogit([(1, 0, [["1"], ["0"]], [1, 1])])
    >>> separation(problem).kind, sorted(separation(problem).separable)
    ('complete', [(0, 1)])
    """
    logit = problem.conditional_logit()
    found: Separation = logit.remember("separation", lambda: _decide(logit))
    return found


def anchored_rows(logit: ConditionalLogit) -> AnchoredRows:
    """The anchored rows of a problem, built once."""
    rows: AnchoredRows = logit.remember("anchored rows", lambda: AnchoredRows(logit))
    return rows


def _decide(logit: ConditionalLogit) -> Separation:
    anchored = anchored_rows(logit)
    found = partition(anchored.rows, anchored.equalities, anchored.inequalities)
    tied_sets = [set(block.labels) for block in logit.data.blocks]
    for r in found.tied:
        tied_sets[anchored.blocks[r]].add(anchored.alternatives[r])
    sets = tuple(map(frozenset, tied_sets))
    tied: list[RowAlternative] = []
    separable: list[RowAlternative] = []
    for i, (b, z) in enumerate(logit.row_labels):
        for v in range(len(logit.data.blocks[b].alternatives)):
            if v != z:
                (tied if v in sets[b] else separable).append((i, v))
    complete = all(len(inside) == 1 for inside in sets)
    kind = "overlap" if not separable else "complete" if complete else "quasi-complete"
    return Separation(kind, frozenset(tied), frozenset(separable), sets, anchored, found)


__all__ = ["AnchoredRows", "Separation", "anchored_rows", "separation"]
