"""The differences that separation is about, one per block and alternative, as rows of a homogeneous system.

Rows of one block share their tied set (each label is tied to every other from both sides), so the recession cone is described by
anchored rows: for block b with first label z_b, the differences x_{b,z_b} - x_{b,v}. Label rows are equalities. Everything exact is
done in the factor banks: d = (left_a - left_v) (x) right_b, so a combination of all rows is L' C R for one matrix C of coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpq, fmpz, fmpz_mat

from ..errors import TooLarge
from ..exact.rational import clear_denominators, fraction, inner_products, integer_array, scaled_floats
from ..exact.rows import Products, Rows
from .problem import ConditionalLogit

# Beyond that rank one exact solve takes minutes and its numbers have 10^5 digits: the exact route is refused.
LARGEST_SYSTEM = 6_000
# Up to here the Gram matrix is small enough to be formed at once, which is quicker to index.
SMALL = 400
# Above, as many rows as HiGHS takes in minutes.
LARGEST_PROGRAMME = 60_000
# Of few coordinates any number: entries of the rows in floats, with proofs that take minutes at that.
LARGEST_TALL = 20_000_000
# Where the exact route takes minutes: numerators grow with the rank, linear programmes with rank times rows.
LONG_RANK, LONG_WORK = 1_500, 30_000_000


class AnchoredRows:
    """The differences x_{b,z_b} - x_{b,v} of a problem, scaled to integers.

    `blocks`, `alternatives` name the rows, `label` marks those whose alternative is a label, `classes` has one number for all rows
    with equal differences; d_r is `scale` times the difference. Nothing of size rows x rows is formed.
    """

    def __init__(self, problem: ConditionalLogit) -> None:
        data = problem.data
        self.problem = problem
        self.anchors = [min(block.labels) for block in data.blocks]
        names = [(b, v) for b, block in enumerate(data.blocks) for v in range(len(block.alternatives)) if v != self.anchors[b]]
        self.blocks = [b for b, _ in names]
        self.alternatives = [v for _, v in names]
        self.label = [v in data.blocks[b].labels for b, v in names]
        self.index = {name: r for r, name in enumerate(names)}
        # Factors that no row has cost nothing: the banks are cut down to the others.
        self._lefts = sorted({data.blocks[b].alternatives[v] for b, v in names} | {data.blocks[b].alternatives[self.anchors[b]] for b, _ in names})
        self._rights = sorted({data.blocks[b].right for b in self.blocks})
        left, left_scale = ([], 1) if data.left is None else clear_denominators([data.left[i] for i in self._lefts])
        right, right_scale = ([], 1) if data.right is None else clear_denominators([data.right[k] for k in self._rights])
        self.left_scale, self.right_scale, self.scale = left_scale, right_scale, left_scale * right_scale
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
    def _items(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        blocks = self.problem.data.blocks
        anchor = np.array([blocks[b].alternatives[self.anchors[b]] for b in self.blocks], dtype=np.int64)
        other = np.array([blocks[b].alternatives[v] for b, v in zip(self.blocks, self.alternatives)], dtype=np.int64)
        right = np.array([blocks[b].right for b in self.blocks], dtype=np.int64)
        if self.problem.data.left is not None:
            anchor, other = np.searchsorted(self._lefts, anchor), np.searchsorted(self._lefts, other)
        if self.problem.data.right is not None:
            right = np.searchsorted(self._rights, right)
        return anchor, other, right

    @cached_property
    def classes(self) -> np.ndarray:
        """A number per row, the same for rows with equal left differences and equal right factors."""
        anchor, other, right = (part.tolist() for part in self._items)
        rights = list(range(self.problem.shape[1])) if self.problem.data.right is None else _numbered(map(tuple, self._right))
        if self.problem.data.left is None:
            keys: Any = ((a, v, rights[j]) for a, v, j in zip(anchor, other, right))
        else:
            known: dict[tuple[int, int], tuple[int, ...]] = {}
            for a, v in zip(anchor, other):
                if (a, v) not in known:
                    known[a, v] = tuple(x - y for x, y in zip(self._left[a], self._left[v]))
            keys = ((known[a, v], rights[j]) for a, v, j in zip(anchor, other, right))
        return np.array(_numbered(keys), dtype=np.int64)

    @cached_property
    def reach(self) -> int:
        """An upper bound of the rank of the system, from counting: no working set is larger."""
        height, width = self.problem.shape
        lefts = height - 1 if self.problem.data.left is None else min(height, len(self._left))
        rights = min(width, len({self.problem.data.blocks[b].right for b in self.blocks}))
        return min(self.distinct, lefts * rights)

    @property
    def distinct(self) -> int:
        """The number of different differences."""
        return int(self.classes.max(initial=-1)) + 1

    @property
    def takes_long(self) -> bool:
        """Whether the exact route would take minutes, from counting alone."""
        return self.reach > LONG_RANK or self.distinct * self.reach > LONG_WORK

    @property
    def out_of_reach(self) -> bool:
        """Whether the exact route is refused."""
        return self.reach > LARGEST_SYSTEM or (self.distinct > LARGEST_PROGRAMME and self.distinct * self.reach > LARGEST_TALL)

    @cached_property
    def rows(self) -> Rows:
        """The scaled differences as exact rows. Raises `TooLarge` beyond the reach of the exact route."""
        if self.out_of_reach:
            size = f"{self.distinct:,} margin constraints of rank up to {self.reach:,}"
            raise TooLarge(
                "the exact route",
                f"needs {size}, and goes up to {LARGEST_PROGRAMME:,} of rank {LARGEST_SYSTEM:,}, or {LARGEST_TALL:,} for rows times rank",
                "take the enclosed answer of `ntpproofs limit`, one-hot embeddings (closed form at any size) or fewer contexts",
            )
        if len(self) <= SMALL:
            every = np.arange(len(self))
            return Rows(self._gram(every, every), self._floats(), classes=self.classes)
        return Rows(Products(len(self), self._gram), self._coordinates(), self._image, self.residues, self.classes)

    @cached_property
    def _factors(self) -> tuple[np.ndarray | None, np.ndarray | None]:
        # The left differences of all rows and the right bank, as integers; None stands for basis vectors.
        anchor, other, _ = self._items
        left = integer_array(self._left, 4 * len(self._left[0])) if self._left else None
        right = integer_array(self._right, len(self._right[0])) if self._right else None
        return None if left is None else left[anchor] - left[other], right

    def exact_factors(self) -> tuple[np.ndarray, np.ndarray]:
        """The left difference and the right factor of every row, integers scaled by `left_scale` and `right_scale`."""
        anchor, other, right = self._items
        height, width = self.problem.shape
        differences, bank = self._factors
        if differences is None:
            differences = np.eye(height, dtype=np.int64)[anchor] - np.eye(height, dtype=np.int64)[other]
        return differences, (np.eye(width, dtype=np.int64) if bank is None else bank)[right]

    def spans(self) -> tuple[list[list[int]], list[list[int]]]:
        """Integer vectors that span the left differences and the right factors of all rows."""
        left, right = (np.unique(part, axis=0).tolist() if part.dtype != object else part.tolist() for part in self.exact_factors())
        return left, right

    def _gram(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        if not len(self):
            return np.zeros((0, 0), dtype=np.int64)
        anchor, other, right = self._items
        differences, bank = self._factors
        if differences is None:
            a, v, b, w = anchor[rows], other[rows], anchor[columns], other[columns]
            lefts = _equal(a, b) - _equal(a, w) - _equal(v, b) + _equal(v, w)
        else:
            lefts = inner_products(differences[rows], differences[columns])
        i, k = right[rows], right[columns]
        rights = _equal(i, k) if bank is None else inner_products(bank[i], bank[k])
        largest = int(np.abs(lefts).max(initial=0)) * int(np.abs(rights).max(initial=0))
        if largest >= 2**62:
            lefts, rights = lefts.astype(object), rights.astype(object)
        return np.asarray(lefts * rights)

    def _floats(self) -> np.ndarray:
        anchor, other, right = self._items
        height, width = self.problem.shape
        if not len(self):
            return np.zeros((0, height * width))
        differences = self._factors[0]
        if differences is None:
            lefts = np.eye(height)[anchor] - np.eye(height)[other]
        else:  # exact first: what alternatives share takes no digits
            lefts = scaled_floats(differences.tolist())
        rights = np.eye(width) if self.problem.data.right is None else scaled_floats(self._right)
        return np.einsum("rp,rq->rpq", lefts.reshape(len(self), height), rights[right]).reshape(len(self), height * width)

    def _coordinates(self) -> Any:
        # Sparse where the left factors are basis vectors: 2 d entries a row instead of V d.
        if self.problem.data.left is not None:
            return self._floats()
        from scipy.sparse import csr_matrix

        anchor, other, right = self._items
        height, width = self.problem.shape
        if self.problem.data.right is None:
            columns = np.stack([anchor * width + right, other * width + right], axis=1)
            entries = np.tile([1.0, -1.0], (len(self), 1))
        else:
            bank, across = scaled_floats(self._right)[right], np.arange(width)
            columns = np.hstack([anchor[:, None] * width + across, other[:, None] * width + across])
            entries = np.hstack([bank, -bank])
        bounds = np.arange(0, columns.size + 1, columns.shape[1])
        found = csr_matrix((entries.ravel(), columns.ravel(), bounds), shape=(len(self), height * width))
        found.sort_indices()
        return found

    def residues(self, rows: Sequence[int], prime: int) -> np.ndarray:
        """Integer coordinates of the given rows modulo a prime."""
        anchor, other, right = (part[list(rows)] for part in self._items)
        height, width = self.problem.shape
        # Entries below the prime; a product of two may need 122 bits, and then Python's integers are the way.
        lefts = np.eye(height, dtype=np.int64) if self.problem.data.left is None else integer_array(self._left, 4)
        rights = np.eye(width, dtype=np.int64) if self.problem.data.right is None else integer_array(self._right, 4)
        differences = lefts[anchor] - lefts[other]
        if int(np.abs(differences).max(initial=0)) * int(np.abs(rights).max(initial=0)) >= 2**62:
            differences, rights = differences.astype(object), rights.astype(object)
        return np.asarray(differences[:, :, None] * rights[right][:, None, :] % prime).reshape(len(rows), height * width)

    @cached_property
    def _matrices(self) -> tuple[fmpz_mat | None, fmpz_mat | None]:
        return (fmpz_mat(self._left) if self._left else None, fmpz_mat(self._right) if self._right else None)

    def combination(self, multipliers: dict[int, Fraction]) -> tuple[fmpz_mat, fmpz]:
        """sum multipliers[r] d_r over the scaled rows, as a matrix of numerators and its denominator."""
        height, width = self.problem.shape
        bottom = fmpz(1)
        for x in multipliers.values():
            bottom = bottom.lcm(x.denominator)
        left, right = self._matrices
        items, factors = (height if left is None else left.nrows()), (width if right is None else right.nrows())
        anchor, other, places = self._items
        total = fmpz_mat(items, factors)
        for r, x in multipliers.items():
            y, a, v, j = x.numerator * (bottom // x.denominator), int(anchor[r]), int(other[r]), int(places[r])
            total[a, j] += y
            total[v, j] -= y
        if left is not None:
            total = left.transpose() * total
        return (total if right is None else total * right), bottom

    def _image(self, multipliers: dict[int, Fraction]) -> tuple[Fraction, ...]:
        total, bottom = self.combination(multipliers)
        left, right = self._matrices
        if right is not None:
            total = total * right.transpose()
        if left is not None:
            total = left * total
        anchor, other, places = (part.tolist() for part in self._items)
        return tuple(fraction(fmpq(total[a, j] - total[v, j], bottom)) for a, v, j in zip(anchor, other, places))

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


def _equal(i: np.ndarray, k: np.ndarray) -> np.ndarray:
    return (i[:, None] == k[None, :]).astype(np.int64)


def _numbered(keys: Any) -> list[int]:
    # Equal keys get the same number, in order of appearance.
    numbers: dict[Any, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def reach(logit: ConditionalLogit) -> int:
    """An upper bound of the rank of all differences of a problem, from counting alone.

    >>> reach(ConditionalLogit([(1, 0, [["1"], ["0"]]), (1, 1, [["1"], ["0"]])]))
    1
    """
    data = logit.data
    if data.left is not None:
        return anchored_rows(logit).reach
    height, width = data.shape
    rights = {data.right[block.right] if data.right is not None else block.right for block in data.blocks}
    return (height - 1) * min(width, len(rights))


def anchored_rows(logit: ConditionalLogit) -> AnchoredRows:
    """The anchored rows of a problem, built once.

    >>> len(anchored_rows(ConditionalLogit([(1, 0, [["1"], ["0"]])])))
    1
    """
    rows: AnchoredRows = logit.remember("anchored rows", lambda: AnchoredRows(logit))
    return rows


__all__ = ["LARGEST_PROGRAMME", "LARGEST_SYSTEM", "AnchoredRows", "anchored_rows", "reach"]
