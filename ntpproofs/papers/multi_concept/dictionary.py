"""The dictionary of concepts: words mu_k^+- = a_k +- b_k and labels q_k^+- = c_k +- d_k (brief, section 1.1).

Concepts are orthogonal: all a_j, b_j are orthogonal to one another, and all c_j, d_j. Norms are given squared, as A,
B, C, D, one number for all concepts or one per concept. Arrays may carry leading axes (one dictionary per seed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...errors import InvalidInput

UNIT_NORMS = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}


@dataclass(frozen=True, eq=False)
class Dictionary:
    """Concept vectors: `a`, `b` (..., K, d_X) and `c`, `d` (..., K, d_Y).

    >>> book = random_dictionary(np.random.default_rng(0), 2, 5, 4)
    >>> words, labels = book.words(1), book.labels(1)
    >>> np.allclose(words - book.words(-1), 2 * book.b), labels.shape
    (True, (2, 4))
    """

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    d: np.ndarray

    @property
    def concepts(self) -> int:
        """K."""
        return int(self.a.shape[-2])

    @property
    def word_dimension(self) -> int:
        """d_X."""
        return int(self.a.shape[-1])

    @property
    def label_dimension(self) -> int:
        """d_Y."""
        return int(self.c.shape[-1])

    def words(self, sign: int) -> np.ndarray:
        """mu_k^+ = a_k + b_k or mu_k^- = a_k - b_k, (..., K, d_X)."""
        return self.a + sign * self.b

    def labels(self, sign: int) -> np.ndarray:
        """q_k^+ = c_k + d_k or q_k^- = c_k - d_k, (..., K, d_Y)."""
        return self.c + sign * self.d

    def norms(self) -> dict[str, np.ndarray]:
        """The squared norms A_k, B_k, C_k, D_k, each (..., K)."""
        return {name: np.sum(getattr(self, name) ** 2, axis=-1) for name in "abcd"}

    def recombined(self, words: Any = None, labels: Any = None, **coefficients: Any) -> Dictionary:
        """New concepts built from these: a* = sum_k theta_k a_k and so on (S14).

        `words` (J, K) mixes both a and b, `labels` both c and d; `a=`, `b=`, `c=`, `d=` mix one of them and win.

        >>> book = random_dictionary(np.random.default_rng(0), 2, 5, 4)
        >>> swapped = book.recombined(labels=[[0, 1], [1, 0]])
        >>> np.array_equal(swapped.d[0], book.d[1])
        True
        """
        mixed = {}
        for name in "abcd":
            matrix = coefficients.get(name, words if name in "ab" else labels)
            mixed[name] = getattr(self, name) if matrix is None else np.asarray(matrix, dtype=float) @ getattr(self, name)
        return replace(self, **mixed)


def stacked(dictionaries: Sequence[Dictionary]) -> Dictionary:
    """Several dictionaries of one shape along a new first axis."""
    return Dictionary(*(np.stack([getattr(book, name) for book in dictionaries]) for name in "abcd"))


def random_dictionary(
    generator: np.random.Generator, concepts: int, word_dimension: int, label_dimension: int, norms: Mapping[str, Any] = UNIT_NORMS
) -> Dictionary:
    """A dictionary in a uniformly random orthonormal frame, with squared norms `norms` (a number or K of them for each of a, b, c, d).

    Raises `InvalidInput` if 2 K orthogonal vectors do not fit into either dimension.
    """
    for name, dimension in (("word_dimension", word_dimension), ("label_dimension", label_dimension)):
        if dimension < 2 * concepts:
            raise InvalidInput(
                name, f"is {dimension}, but {concepts} concepts need {2 * concepts} orthogonal vectors", f"give at least {2 * concepts}"
            )
    vectors = {}
    for names, dimension in (("ab", word_dimension), ("cd", label_dimension)):
        frame = _orthonormal(generator, dimension)
        for i, name in enumerate(names):
            length = np.sqrt(np.broadcast_to(np.asarray(norms.get(name, 1.0), dtype=float), (concepts,)))
            vectors[name] = length[:, None] * frame[i * concepts : (i + 1) * concepts]
    return Dictionary(**vectors)


def standard_dictionary(concepts: int, norms: Mapping[str, Any] = UNIT_NORMS) -> Dictionary:
    """The dictionary in the standard basis of R^{2K}: a_k along e_k, b_k along e_{K+k}, and likewise c_k, d_k.

    >>> standard_dictionary(1, {"b": 4.0}).b
    array([[0., 2.]])
    """
    eye = np.eye(2 * concepts)
    lengths = {name: np.sqrt(np.broadcast_to(np.asarray(norms.get(name, 1.0), dtype=float), (concepts,)))[:, None] for name in "abcd"}
    first, second = eye[:concepts], eye[concepts:]
    return Dictionary(lengths["a"] * first, lengths["b"] * second, lengths["c"] * first, lengths["d"] * second)


def _orthonormal(generator: np.random.Generator, dimension: int) -> np.ndarray:
    # Haar measure: the QR factor of a Gaussian matrix with the signs of R's diagonal divided out. Rows are orthonormal.
    q, r = np.linalg.qr(generator.standard_normal((dimension, dimension)))
    return np.asarray((q * np.sign(np.diag(r))).T)
