"""The differences of any conditional logit as one matrix of doubles, with what the enclosed route has to know about their rounding.

Row r is d_r = x_anchor - x_v for a block and an alternative, divided by a power of two that brings entries near 1. With the margin m
of W on d_r being <W, d_r>, the rows between two labels are the ties C, the others are A.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from flint import nmod_mat

from ..errors import TooLarge
from ..exact.rational import PRIMES, null_space, pivots
from ..exact.rounding import UNIT, WIDER, above, gamma, least_eigenvalue, norm_above
from .anchored import AnchoredRows, anchored_rows
from .problem import ConditionalLogit

if TYPE_CHECKING:
    from .shapes import Indices, Matrix, OfPairs, Square

# Entries of the matrix of differences, and unknowns of a dense system in doubles.
LARGEST_MATRIX, LARGEST_WIDTH = 150_000_000, 6_000
# Rows that are summed at once: rounding grows with that number and with the number of parts, not with their product.
PART = 2_048
# Entries times least side up to which a rank is taken, and widths of factors whose null space is looked for exactly.
LARGEST_RANK, LARGEST_UNSEEN = 1_000_000_000, 400


@dataclass(frozen=True, eq=False)
class RowData:
    """`rows` (n x D) are 2^-exponent d_r up to a relative `error` of every entry; `places` (blocks x widest) has r + 1 for every
    alternative, 0 for the anchor, -1 for padding. `level` marks the rows known to be tied (None: those between labels), `basis` are
    rows that span them (None: all)."""

    anchored: AnchoredRows
    rows: Matrix
    error: float
    exponent: int
    places: Indices
    level: np.ndarray | None = None
    basis: Indices | None = None

    @classmethod
    def of(cls, logit: ConditionalLogit) -> RowData:
        """The differences of a problem. Raises `TooLarge` where they do not fit in memory.

        >>> found = RowData.of(ConditionalLogit([(1, 0, [["3"], ["1"]])]))
        >>> found.rows.tolist(), found.exponent  # the difference is 1/2 times 2^2
        ([[0.5]], 2)
        """
        found = anchored_rows(logit)
        if len(found) * logit.dimension > LARGEST_MATRIX:
            size = f"{len(found):,} differences of {logit.dimension:,} parameters"
            raise TooLarge("the enclosed route", f"keeps {size} in memory, and goes up to {LARGEST_MATRIX:,} entries", "give fewer rows or features")
        lefts, rights, error = _factors(found, logit)
        rows = (lefts[:, :, None] * rights[:, None, :]).reshape(len(found), logit.dimension)
        largest = float(np.abs(rows).max(initial=0.0))
        exponent = math.frexp(largest)[1] if largest else 0
        return cls(found, np.ldexp(rows, -exponent), error, exponent, _places(found, logit))

    @property
    def groups(self) -> tuple[int, ...]:
        """The merged observation that every block belongs to: here its own."""
        return tuple(range(len(self.places)))

    def by_place(self, values: np.ndarray) -> np.ndarray:
        """Entries of rows as blocks x widest: 0 at the anchors and on padding."""
        return np.asarray(np.concatenate([[0.0], values, [0.0]])[self.places])

    @cached_property
    def blocks(self) -> Indices:
        """The block of every row."""
        return np.array(self.anchored.blocks, dtype=np.int64)

    @cached_property
    def lengths(self) -> OfPairs:
        """Upper bounds of the lengths of the rows."""
        return above(self.rows) * (1 + self.error)

    @cached_property
    def is_tie(self) -> np.ndarray:
        """Which rows are level on the cone, as far as is known: those between two labels at least."""
        return np.array(self.anchored.label, dtype=bool) if self.level is None else self.level

    @cached_property
    def ties(self) -> Indices:
        """The rows of C."""
        return np.flatnonzero(self.is_tie) if self.basis is None else self.basis

    @property
    def tied_sets(self) -> list[frozenset[int]]:
        """The alternatives of every block that are level with its first label, itself included."""
        found = [{anchor} for anchor in self.anchored.anchors]
        for r in np.flatnonzero(self.is_tie).tolist():
            found[self.anchored.blocks[r]].add(self.anchored.alternatives[r])
        return [frozenset(tied) for tied in found]

    @cached_property
    def reach(self) -> float:
        """An upper bound of the distance between two alternatives of one block."""
        return float(self.lengths.max(initial=0.0)) * (1 if self.places.shape[1] <= 2 else 2)

    def margins(self, w: np.ndarray) -> tuple[OfPairs, OfPairs]:
        """<w, d_r> and a bound of the error."""
        value = self.rows @ w
        return value, (np.abs(self.rows) @ np.abs(w)) * ((gamma(len(w) + 2) + self.error) * WIDER) + 2.0**-1050

    def combined(self, y: OfPairs, missed: OfPairs | None = None) -> tuple[np.ndarray, np.ndarray]:
        """sum y_r d_r and an entrywise bound of the error, where y may itself be off by `missed`."""
        value, size = self._summed(y), self._summed(np.abs(y), absolute=True)
        wide = size * ((gamma(min(PART, len(y)) + len(y) // PART + 4) + self.error) * WIDER)
        if missed is not None:
            wide = wide + self._summed(missed, absolute=True) * (1 + self.error) * (1 + gamma(len(y) + 4)) * WIDER
        return value, wide + 2.0**-1050

    def _summed(self, y: OfPairs, absolute: bool = False) -> np.ndarray:
        parts = [y[k : k + PART] @ (np.abs(self.rows[k : k + PART]) if absolute else self.rows[k : k + PART]) for k in range(0, len(y), PART)]
        return np.sum(parts, axis=0) if parts else np.zeros(self.rows.shape[1])

    @cached_property
    def independent_ties(self) -> bool:
        """Whether the rows of C are independent: modulo a prime, so that "yes" is a proof."""
        count, width = len(self.ties), self.rows.shape[1]
        if count > width or count > LARGEST_WIDTH:
            return False
        residues = self.anchored.residues(self.ties.tolist(), PRIMES[0])
        return not count or len(pivots(nmod_mat(residues.T.tolist(), PRIMES[0]))) == count

    @cached_property
    def tie_gram(self) -> Square:
        """C C' in doubles."""
        return self.rows[self.ties] @ self.rows[self.ties].T

    @cached_property
    def tie_strength(self) -> float:
        """A lower bound of the least singular value of C: infinite without ties, 0 where they are dependent or nearly so."""
        if not len(self.ties):
            return math.inf
        if len(self.ties) > min(self.rows.shape[1], LARGEST_WIDTH):
            return 0.0
        size = float((self.lengths[self.ties] ** 2).sum())
        found = least_eigenvalue(self.tie_gram, (gamma(self.rows.shape[1] + 2) + 3 * self.error) * size * WIDER)
        return math.sqrt(found) * (1 - 4 * UNIT)

    def tie_solution(self, right: OfPairs) -> OfPairs:
        """(C C')^-1 right in doubles, refined once."""
        from scipy.linalg import cho_solve

        y = cho_solve(self._tie_factor, right)
        return np.asarray(y + cho_solve(self._tie_factor, right - self.tie_gram @ y))

    @cached_property
    def _tie_factor(self) -> tuple[np.ndarray, bool]:
        from scipy.linalg import cho_factor

        return cho_factor(self.tie_gram)

    @cached_property
    def rank(self) -> int | None:
        """A lower bound of the rank: that modulo a prime. None where it would take long."""
        if self.rows.size * min(self.rows.shape) > LARGEST_RANK:
            return None
        if not len(self.rows):
            return 0
        left, _ = self.anchored.spans()
        if self.anchored.problem.shape[1] == 1:  # right factors are numbers, not zero
            return int(nmod_mat([[x % PRIMES[0] for x in row] for row in left], PRIMES[0]).rank())
        return int(nmod_mat(self.anchored.residues(range(len(self.rows)), PRIMES[0]).tolist(), PRIMES[0]).rank())

    @cached_property
    def invariant(self) -> Blind | None:
        """The directions that no difference sees, as the factors show them; None where there are none or too many to look for."""
        height, width = self.anchored.problem.shape
        if self.rank == height * width:
            return None
        left, right = (_unseen(bank, size) for bank, size in zip(self.anchored.spans(), (height, width)))
        if left is None or right is None or not len(left) + len(right):
            return None
        rows = np.vstack([np.kron(left, np.eye(width)), np.kron(np.eye(height), right)])
        return Blind(rows, len(left) * width + height * len(right) - len(left) * len(right))

    @cached_property
    def dimensions(self) -> tuple[int, int] | None:
        """The exact rank of all differences and that of C (independent ties); None where the bounds leave it open."""
        blind = 0 if self.invariant is None else self.invariant.dimension
        if self.rank is None or self.rank != min(self.rows.shape[1] - blind, len(self.rows)):
            return None
        return self.rank, len(self.ties)


@dataclass(frozen=True, eq=False)
class Blind:
    """Rows (correctly rounded) whose span, of known dimension, no difference sees: kron(l, 1) and kron(1, r) for l, r orthogonal to
    all left differences and all right factors."""

    rows: Matrix
    dimension: int

    def without(self, w: np.ndarray) -> np.ndarray:
        """w less its part in the span, in doubles."""
        _, singular, right = np.linalg.svd(self.rows, full_matrices=False)
        basis = right[singular > 1e-9 * singular.max(initial=0.0)]
        for _ in range(2):
            w = w - basis.T @ (basis @ w)
        return np.asarray(w)

    def added(self, hessian: Square, trace: float) -> tuple[Square, float]:
        """hessian + c N'N with a c that gives both one size, and what rounding may have done to the second."""
        square = self.rows.T @ self.rows
        factor = trace / float(np.trace(square)) if trace else 1.0
        lost = (gamma(len(self.rows) + 4) + 8 * UNIT) * factor * float(np.trace(square)) * 2
        return hessian + factor * square, lost * WIDER

    def part_above(self, w: np.ndarray) -> float:
        """An upper bound of the length of the part of w in the span; infinite where no basis is sure enough."""
        from scipy.linalg import qr

        _, triangle, order = qr(self.rows.T, mode="economic", pivoting=True)
        sizes = np.abs(np.diag(triangle))
        basis = self.rows[order[: int((sizes > 1e-9 * sizes.max(initial=0.0)).sum())]]
        wide = gamma(len(w) + 2) + 4 * UNIT
        strength = least_eigenvalue(basis @ basis.T, float((basis**2).sum()) * 2 * wide * WIDER)
        if len(basis) != self.dimension or not strength > 0:
            return math.inf
        size = norm_above((np.abs(basis @ w) + np.abs(basis) @ np.abs(w) * wide)[None, :])
        return size / math.sqrt(strength) * (1 + 8 * UNIT)


def _unseen(bank: list[list[int]], width: int) -> Matrix | None:
    # A basis of the vectors orthogonal to all of the bank, each with largest entry 1 and correctly rounded; None: too many to look for.
    if width > LARGEST_UNSEEN:
        return None
    chosen = pivots(nmod_mat([[row[k] % PRIMES[0] for row in bank] for k in range(width)], PRIMES[0])) if bank else []
    found = null_space([tuple(map(Fraction, bank[i])) for i in chosen], width)
    if any(sum(a * b for a, b in zip(v, row)) for v in found for row in bank):
        return None  # an unlucky prime
    return np.array([[float(x) for x in _shortened(v)] for v in found]).reshape(len(found), width)


def _shortened(vector: tuple[Fraction, ...]) -> list[Fraction]:
    largest = max(abs(x) for x in vector)
    return [x / largest for x in vector]


def _factors(found: AnchoredRows, logit: ConditionalLogit) -> tuple[np.ndarray, np.ndarray, float]:
    # Left differences and right factors of all rows, each correctly rounded from exact numbers; the common scale is divided out.
    lefts, rights = found.exact_factors()
    exact = all(part.dtype != object and np.abs(part).max(initial=0) < 2**26 for part in (lefts, rights)) and found.scale & (found.scale - 1) == 0
    return _doubles(lefts, found.left_scale), _doubles(rights, found.right_scale), 0.0 if exact else 4 * UNIT


def _doubles(values: np.ndarray, scale: int) -> np.ndarray:
    if values.dtype != object and np.abs(values).max(initial=0) < 2**53 and scale < 2**53:
        return np.asarray(values / float(scale))
    return np.array([[int(x) / scale for x in row] for row in values.tolist()], dtype=float).reshape(values.shape)


def _places(found: AnchoredRows, logit: ConditionalLogit) -> Indices:
    sizes = [len(block.alternatives) for block in logit.data.blocks]
    places = np.full((len(sizes), max(sizes)), -1, dtype=np.int64)
    places[np.arange(len(sizes)), found.anchors] = 0
    places[found.blocks, found.alternatives] = np.arange(len(found)) + 1
    return places


__all__ = ["LARGEST_MATRIX", "LARGEST_WIDTH", "PART", "Blind", "RowData"]
