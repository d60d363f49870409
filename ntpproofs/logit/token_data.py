"""A linear next-token dataset in doubles with what its rounding may be, and its ties with a verified least singular value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import TooLarge
from ..exact.rounding import UNIT, WIDER, above, gamma, least_eigenvalue, norm_above, product
from ..kernel.instances import Block
from .problem import ConditionalLogit
from .shapes import ContextIndices, Embeddings, Indices, IsLabel, Matrix, OfContexts, OfContextTokens, OfPairs, Square

# Ties between labels up to which their Gram matrix is decomposed (its side; 10 000 are 800 MB).
LARGEST_TIES = 10_000
# Context, label and further label of ties.
TieRows = tuple[Indices, Indices, Indices]


@dataclass(frozen=True, eq=False)
class TokenData:
    """Embeddings of contexts divided by 2^`exponent` (lengths near 1), each entry known to a relative `error`; `labels` (m x V) marks
    the supports, `shares` (m x V) are the label probabilities and `masses` (m) the weights, both within a relative 2 u.

    Contexts with one embedding are one context here, with their total weight, the union of their supports and mean shares: that
    changes neither the loss (up to a constant, it is linear in the shares) nor the partition, because a label of one is tied to
    every label of the other from both sides. `groups` says which context each block went to; `exact` has
    weights and shares as given, `vectors` the embeddings. `chosen` are ties that span all of them (None: all, from the first label).
    With `wider` the labels are the tied sets: tokens of share 0 that are tied beside the supports are among them.
    """

    embeddings: Embeddings
    error: float
    exponent: int
    labels: IsLabel
    shares: OfContextTokens
    masses: OfContexts
    groups: tuple[int, ...]
    vectors: tuple[tuple[Fraction, ...], ...]
    exact: tuple[tuple[Fraction, dict[int, Fraction]], ...]
    chosen: TieRows | None = None
    wider: bool = False

    @classmethod
    def of(cls, logit: ConditionalLogit) -> TokenData:
        """From a problem whose alternatives are all tokens, with explicit embeddings. Raises `TooLarge` for any other."""
        data = logit.data
        whole = all(block.alternatives == range(data.shape[0]) and block.multiplicities is None for block in data.blocks)
        if data.left is not None or data.right is None or not whole:
            raise TooLarge("the enclosed route", f"does not reach data of the kind {data.kind}", "give fewer rows or features")
        numbers: dict[Any, int] = {}
        keys = [tuple((x.numerator, x.denominator) for x in data.right[block.right]) for block in data.blocks]
        groups = tuple(numbers.setdefault(key, len(numbers)) for key in keys)
        firsts = [data.right[data.blocks[groups.index(g)].right] for g in range(len(numbers))]
        exponent = _exponent(firsts)
        rows = [[float(x / Fraction(2) ** exponent) for x in row] for row in firsts]
        same = all(Fraction(y) * Fraction(2) ** exponent == x for row, given in zip(rows, firsts) for x, y in zip(given, row))
        exact = _merged(data.blocks, groups)
        labels = np.zeros((len(exact), data.shape[0]), dtype=bool)
        shares = np.zeros(labels.shape)
        for j, (_, distribution) in enumerate(exact):
            for v, share in distribution.items():
                labels[j, v], shares[j, v] = True, float(share)
        masses = np.array([float(weight) for weight, _ in exact])
        return cls(np.array(rows), 0.0 if same else 2 * UNIT, exponent, labels, shares, masses, groups, tuple(firsts), exact)

    @cached_property
    def lengths(self) -> OfContexts:
        """Upper bounds of the lengths of the embeddings."""
        return above(self.embeddings) * (1 + self.error)

    @cached_property
    def anchors(self) -> ContextIndices:
        """The first label of every context."""
        return self.labels.argmax(axis=1)

    @cached_property
    def ties(self) -> TieRows:
        """The context, a label and a further label of every tie: row e_first (x) h - e_label (x) h of the tie matrix C."""
        if self.chosen is not None:
            return self.chosen
        further = self.labels.copy()
        further[np.arange(len(further)), self.anchors] = False
        context, label = np.nonzero(further)
        return context, self.anchors[context], label

    @property
    def meets_all_odds(self) -> bool:
        """Whether independent ties are all there are, between labels: then any log-odds can be met."""
        return not self.wider and len(self.ties[0]) == int(self.labels.sum()) - len(self.labels)

    def logits(self, decoder: Matrix) -> tuple[OfContextTokens, OfContextTokens]:
        """<w_v, h_j> (m x V) for a decoder given in doubles, and a bound of the error per context and per token: error <= x_j y_v."""
        width = self.embeddings.shape[1]
        return self.embeddings @ decoder.T, np.outer(self.lengths, above(decoder) * ((gamma(width + 2) + self.error) * WIDER))

    def combined(self, multipliers: OfContextTokens) -> tuple[Matrix, Matrix]:
        """Z' H (V x d) for multipliers (m x V) in doubles, with entrywise bounds."""
        return product(multipliers.T, self.embeddings, self.error)

    @cached_property
    def tie_gram(self) -> Square:
        """C C' in doubles."""
        context, anchor, label = self.ties
        lefts = sum(
            sign * (x[:, None] == y[None, :]).astype(np.int8)
            for x, y, sign in ((anchor, anchor, 1), (anchor, label, -1), (label, anchor, -1), (label, label, 1))
        )
        return np.asarray(lefts * (self.embeddings @ self.embeddings.T)[np.ix_(context, context)])

    @cached_property
    def tie_strength(self) -> float:
        """A lower bound of the least singular value of C; infinite without ties, 0 where the ties are dependent, nearly so, or too many."""
        context, _, _ = self.ties
        if not len(context):
            return math.inf
        width = self.embeddings.shape[1]
        if len(context) > min(LARGEST_TIES, (self.labels.shape[1] - 1) * width):
            return 0.0
        # |left products| <= 2; an inner product of embeddings is off by at most (gamma + 2 e) |h_j| |h_k|.
        sizes = np.bincount(context, minlength=len(self.embeddings)) * self.lengths**2
        error = 2 * ((gamma(width + 1) + 3 * self.error) * float(sizes.sum())) * WIDER
        found = least_eigenvalue(self.tie_gram, error)
        return math.sqrt(found) * (1 - 4 * UNIT)

    @cached_property
    def _tie_factor(self) -> tuple[np.ndarray, bool]:
        from scipy.linalg import cho_factor

        return cho_factor(self.tie_gram)

    def tie_solution(self, right: OfPairs) -> tuple[OfContextTokens, Matrix]:
        """Multipliers Z (m x V) with Z'H = C' (C C')^-1 right in doubles, the least-norm decoder with given differences of logits, and
        that decoder (only for independent ties)."""
        from scipy.linalg import cho_solve

        y = cho_solve(self._tie_factor, right)
        y = y + cho_solve(self._tie_factor, right - self.tie_gram @ y)
        context, first, label = self.ties
        coefficients = np.zeros(self.labels.shape)
        np.add.at(coefficients, (context, first), y)
        np.add.at(coefficients, (context, label), -y)
        return coefficients, np.asarray(coefficients.T @ self.embeddings)

    def tie_residual(self, decoder: Matrix, right: OfPairs | float = 0.0, slack: OfPairs | float = 0.0) -> tuple[OfPairs, float]:
        """right - C w in doubles, and an upper bound of its exact norm (`slack` bounds the error of `right`)."""
        context, anchor, label = self.ties
        logits, error = self.logits(decoder)
        first, other = logits[context, anchor], logits[context, label]
        found = right - (first - other)
        wide = error[context, anchor] + error[context, label] + slack + 4 * UNIT * (np.abs(first) + np.abs(other) + np.abs(found))
        return found, norm_above((np.abs(found) + wide)[None, :]) if len(context) else 0.0


def _exponent(rows: Sequence[Sequence[Fraction]]) -> int:
    # A power of two that brings the longest row near 1.
    largest = max((abs(x) for row in rows for x in row), default=Fraction(0))
    return largest.numerator.bit_length() - largest.denominator.bit_length() + len(rows[0]).bit_length() // 2 if largest else 0


def _merged(blocks: Sequence[Block], groups: Sequence[int]) -> tuple[tuple[Fraction, dict[int, Fraction]], ...]:
    # Total weight and mean shares of the blocks of every group.
    weights = [Fraction(0)] * (max(groups) + 1)
    parts: list[dict[int, Fraction]] = [{} for _ in weights]
    for block, g in zip(blocks, groups):
        weights[g] += block.weight
        for v, share in block.labels.items():
            parts[g][v] = parts[g].get(v, Fraction(0)) + block.weight * share
    return tuple((weight, {v: x / weight for v, x in part.items()}) for weight, part in zip(weights, parts))


__all__ = ["LARGEST_TIES", "TieRows", "TokenData"]
