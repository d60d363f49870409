"""Rows of a homogeneous system, known by exact inner products and by float coordinates; nothing of their number squared need exist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat, nmod_mat

from .rational import PRIMES, fraction, independent, pivots, sub

CHUNK = 64
Margins = Callable[[dict[int, Fraction]], tuple[Fraction, ...]]


class Products:
    """The integer Gram matrix of `size` rows, computed by `block(rows, columns)` where it is asked for, and indexed like an array.

    >>> gram = Products(3, lambda i, k: np.multiply.outer(i + 1, k + 1))
    >>> int(gram[1, 2]), gram[np.ix_([0, 2], [1])].tolist(), gram.shape
    (6, [[2], [6]], (3, 3))
    """

    def __init__(self, size: int, block: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> None:
        self.shape = (size, size)
        self._block = block

    def __getitem__(self, key: Any) -> Any:
        row, column = (self._indices(part) for part in key)
        found = self._block(row, column)
        single = tuple(0 if isinstance(part, (int, np.integer)) else slice(None) for part in key)
        return found[single]

    def diagonal(self) -> np.ndarray:
        """The squared lengths of all rows, in blocks."""
        parts = (np.arange(k, min(k + CHUNK, self.shape[0])) for k in range(0, self.shape[0], CHUNK))
        return np.concatenate([np.zeros(0, dtype=np.int64), *(np.diagonal(self._block(part, part)) for part in parts)])

    def _indices(self, part: Any) -> np.ndarray:
        if isinstance(part, slice):
            return np.arange(*part.indices(self.shape[0]))
        return np.asarray(part, dtype=np.int64).reshape(-1)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows d_r by their integer Gram matrix `gram` (n x n) and by float `coordinates` (n x k, up to an isometry and a factor).

    What a structured system knows better: `image` gives the inner products of a combination with every row, `residues` the integer
    coordinates of rows modulo a prime (rows x k), `classes` numbers rows so that two of one class are equal. `coordinates` may be a
    SciPy sparse matrix.
    """

    gram: Any
    coordinates: Any
    image: Margins | None = None
    residues: Callable[[Sequence[int], int], np.ndarray] | None = None
    classes: np.ndarray | None = None

    def __len__(self) -> int:
        return int(self.gram.shape[0])

    @cached_property
    def floats(self) -> np.ndarray:
        """The coordinates as a dense array."""
        return self.coordinates if isinstance(self.coordinates, np.ndarray) else self.coordinates.toarray()

    @cached_property
    def squares(self) -> list[int]:
        """The squared lengths of all rows, exact."""
        return [int(x) for x in self.gram.diagonal()]

    def distinct(self, chosen: Sequence[int]) -> list[int]:
        """The first of the given rows of every class, in order."""
        if self.classes is None:
            return list(chosen)
        return list({int(self.classes[r]): r for r in reversed(chosen)}.values())[::-1]

    def independent(self, chosen: Sequence[int], prime: int = PRIMES[0]) -> list[int]:
        """The lexicographically first maximal independent subset of the given rows, as `rational.independent` says."""
        chosen = self.distinct(chosen)
        if self.residues is None or self.coordinates.shape[1] >= len(chosen):
            return independent(self.gram, chosen, prime)
        return [chosen[k] for k in pivots(nmod_mat(self.residues(chosen, prime).T.tolist(), prime))]


def combine(rows: Rows, multipliers: dict[int, Fraction]) -> tuple[Fraction, ...]:
    """The inner products of sum multipliers[r] d_r with every row.

    >>> combine(Rows(np.array([[4, 2], [2, 1]]), np.array([[2.0], [1.0]])), {0: Fraction(1, 2)})
    (Fraction(2, 1), Fraction(1, 1))
    """
    if not multipliers:
        return (Fraction(0),) * len(rows)
    if rows.image is not None:
        return rows.image(multipliers)
    keys = list(multipliers)
    column = fmpq_mat([[fmpq(x.numerator, x.denominator)] for x in multipliers.values()])
    top, bottom = column.numer_denom()
    product = sub(rows.gram, range(len(rows)), keys) * top
    return tuple(fraction(fmpq(product[r, 0], bottom)) for r in range(len(rows)))


__all__ = ["Products", "Rows", "combine"]
