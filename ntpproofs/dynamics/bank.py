"""Problems whose features are e_v (x) h_b, too wide for dense coordinates: the parameter is a matrix W (tokens x width).

Scores are H W', gradients C' H, and the Hessian is one (width x width) block per token minus a matrix of rank `blocks`, so an
implicit step costs one batch of small inversions and one product (Woodbury). Everything is floating point: this is the route
for problems beyond the exact one, and it also carries medium ones faster than dense coordinates do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..logit.problem import ConditionalLogit
from .field import log_mean

Solve = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Bank:
    """A conditional logit with one-hot left factors, spread over blocks x tokens (-inf log counts where a token is absent).

    `length` and `mass` are units, as in `Coordinates`: W is length times that of the problem, the weights are a / mass.
    """

    right: np.ndarray
    log_counts: np.ndarray
    weights: np.ndarray
    target: np.ndarray
    anchors: np.ndarray
    length: float = 1.0
    mass: float = 1.0

    @classmethod
    def of(cls, logit: ConditionalLogit) -> Bank | None:
        """The bank of a problem, or None if its left factors are not one-hot or a token occurs twice in a choice set."""
        a, height = logit.arrays, logit.shape[0]
        blocks = logit.data.blocks
        if a.left is not None or any(len(set(b.alternatives)) < len(b.alternatives) for b in blocks):
            return None
        right = np.eye(logit.shape[1])[a.right_index] if a.right is None else a.right[a.right_index]
        counts, target = np.full((len(blocks), height), -np.inf), np.zeros((len(blocks), height))
        here, there = np.nonzero(a.mask)
        counts[here, a.items[here, there]] = a.log_multiplicities[here, there]
        target[here, a.items[here, there]] = a.target[here, there]
        anchors = np.array([b.alternatives[min(b.labels)] for b in blocks])
        return cls(np.ascontiguousarray(right), counts, a.weights, target, anchors)

    def natural(self) -> Bank:
        """The same problem in units in which the longest h and the sum of the weights are 1."""
        length, mass = float(np.sqrt((self.right**2).sum(axis=1).max())) or 1.0, float(self.weights.sum())
        return replace(
            self,
            right=self.right / length,
            weights=self.weights / mass,
            target=self.target / mass,
            length=self.length * length,
            mass=self.mass * mass,
        )

    @property
    def clock(self) -> float:
        """log(mass length^2): what log time is ahead of log t in these units."""
        return float(np.log(self.mass) + 2.0 * np.log(self.length))

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of W."""
        return self.log_counts.shape[1], self.right.shape[1]

    @cached_property
    def present(self) -> np.ndarray:
        """Blocks x tokens: in the choice set."""
        return np.isfinite(self.log_counts)

    @cached_property
    def _rows(self) -> np.ndarray:
        return np.arange(len(self.anchors))

    def log_shares(self, w: np.ndarray) -> np.ndarray:
        """log p_bv at W (-inf where absent)."""
        logits = self.right @ w.T + self.log_counts
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return np.asarray(logits)

    def masses(self, w: np.ndarray) -> np.ndarray:
        """a_b p_bv."""
        return np.asarray(self.weights[:, None] * np.exp(self.log_shares(w)))

    def gather(self, coefficients: np.ndarray) -> np.ndarray:
        """sum c_bv (x_b,anchor - x_bv), W-shaped. The anchor takes minus the sum of the rest, so nothing leaks between parts."""
        c = -coefficients
        c[self._rows, self.anchors] = 0.0
        c[self._rows, self.anchors] = -c.sum(axis=1)
        return np.asarray(c.T @ self.right)

    def spread(self, w: np.ndarray) -> np.ndarray:
        """<w, x_b,anchor - x_bv> for every block and token."""
        scores = self.right @ w.T
        return np.asarray(scores[self._rows, self.anchors][:, None] - scores)

    def force(self, w: np.ndarray) -> np.ndarray:
        """-grad L."""
        return self.gather(self.masses(w) - self.target)

    def inverse_roots(self, masses: np.ndarray, weight: float) -> np.ndarray:
        """K_v with K_v' K_v = (I + weight sum_b m_bv h_b h_b')^{-1}, for every token v: inverted Cholesky factors."""
        height, width = self.shape
        blocks = ((weight * masses.T) @ self._outer).reshape(height, width, width)
        blocks[:, np.arange(width), np.arange(width)] += 1.0
        return np.asarray(np.linalg.inv(np.linalg.cholesky(blocks)))

    def rooted_gram(self, roots: np.ndarray, masses: np.ndarray) -> np.ndarray:
        """sum_v m_bv m_cv h_b' K_v' K_v h_c over the tokens: a product with its own transpose, which costs half of a general one."""
        images = np.matmul(roots, self.right.T) * masses.T[:, None, :]
        images = images.reshape(-1, len(masses))
        return np.asarray(images.T @ images)

    @cached_property
    def _outer(self) -> np.ndarray:
        # h_b h_b' as rows: all token blocks are then one product (blocks x width^2 numbers, 7 MB at m = 200, d = 64).
        return np.asarray((self.right[:, :, None] * self.right[:, None, :]).reshape(len(self.right), -1))

    def hessian_solver(self, w: np.ndarray, weight: float) -> Solve:
        """b -> (I + weight D^2 L(w))^{-1} b for W-shaped b: blocks by token minus rank `blocks`."""
        mass = self.masses(w)
        roots = self.inverse_roots(mass, weight)
        core = np.linalg.inv(np.diag(self.weights / weight) - self.rooted_gram(roots, mass))

        def solve(b: np.ndarray) -> np.ndarray:
            y = core @ (mass * (self.right @ through(roots, b).T)).sum(axis=1)
            return through(roots, b + (mass.T * y) @ self.right)

        return solve


def through(roots: np.ndarray, b: np.ndarray) -> np.ndarray:
    """K_v' K_v b_v for every token v."""
    return np.asarray(np.matmul(np.matmul(roots, b[:, :, None]).transpose(0, 2, 1), roots)[:, 0, :])


@dataclass(frozen=True, eq=False)
class TiedBank:
    """A bank with its tied sets (blocks x tokens) and a point whose tied scores are the reference of the late system."""

    bank: Bank
    tied: np.ndarray
    reference: np.ndarray

    @cached_property
    def separable(self) -> np.ndarray:
        """Blocks x tokens: outside the tied set."""
        return self.bank.present & ~self.tied

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """(blocks, tokens) of a maximal independent set of tied differences x_b,anchor - x_bv."""
        blocks, tokens = self._all_pairs
        kept = independent_rows(self._gram_between((blocks, tokens), (blocks, tokens)))
        return blocks[kept], tokens[kept]

    @cached_property
    def _all_pairs(self) -> tuple[np.ndarray, np.ndarray]:
        blocks, tokens = np.nonzero(self.tied)
        keep = tokens != self.bank.anchors[blocks]
        return blocks[keep], tokens[keep]

    def _gram_between(self, one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        # <d, d'> for the differences named by two lists of (blocks, tokens).
        def same(i: np.ndarray, k: np.ndarray) -> np.ndarray:
            return (i[:, None] == k[None, :]).astype(float)

        (b, v), (c, w) = one, other
        i, k = self.bank.anchors[b], self.bank.anchors[c]
        return np.asarray((same(i, k) - same(i, w) - same(v, k) + same(v, w)) * (self.bank.right[b] @ self.bank.right[c].T))

    @cached_property
    def _inverse_gram(self) -> np.ndarray:
        return np.linalg.inv(self._gram_between(self.pairs, self.pairs))

    @cached_property
    def incidence(self) -> tuple[Any, Any, np.ndarray]:
        """The independent tied differences as a sparse tokens x pairs matrix (+1 anchor, -1 token), its transpose, their h."""
        from scipy.sparse import csr_array

        blocks, tokens = self.pairs
        n = len(blocks)
        ends = np.concatenate([self.bank.anchors[blocks], tokens])
        signs = np.concatenate([np.ones(n), -np.ones(n)])
        matrix = csr_array((signs, (ends, np.tile(np.arange(n), 2))), shape=(self.bank.shape[0], n))
        return matrix, csr_array(matrix.T), self.bank.right[blocks]

    def tied_scores(self, w: np.ndarray) -> np.ndarray:
        """<w, d> for the independent tied differences d."""
        _, transposed, h = self.incidence
        return np.asarray(np.einsum("nk,nk->n", transposed @ w, h))

    def combine(self, y: np.ndarray) -> np.ndarray:
        """sum y d over the independent tied differences."""
        matrix, _, h = self.incidence
        return np.asarray(matrix @ (h * y[:, None]))

    def tied_part(self, w: np.ndarray) -> np.ndarray:
        """P_T w."""
        return self.combine(self._inverse_gram @ self.tied_scores(w)) if len(self.pairs[0]) else np.zeros(self.bank.shape)

    def off_tied(self, w: np.ndarray) -> np.ndarray:
        """w - P_T w, twice, so that what is left of the tied scores is at rounding level."""
        w = w - self.tied_part(w)
        return np.asarray(w - self.tied_part(w))

    @cached_property
    def shares(self) -> np.ndarray:
        """q*_bv: the softmax over each tied set at the reference."""
        logits = np.where(self.tied, self.bank.right @ self.reference.T + self.bank.log_counts, -np.inf)
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    @cached_property
    def log_odds(self) -> np.ndarray:
        """log[a_b n_bv e^{-<w*, d_bv>} / Z_b^in(w*)] on separable pairs, -inf elsewhere."""
        bank = self.bank
        logits = bank.right @ self.reference.T + bank.log_counts
        inside = np.where(self.tied, logits, -np.inf)
        top = inside.max(axis=1, keepdims=True)
        log_inside = top + np.log(np.exp(inside - top).sum(axis=1, keepdims=True))
        return np.where(self.separable, np.log(bank.weights)[:, None] + logits - log_inside, -np.inf)

    @cached_property
    def tied_hessian(self) -> np.ndarray:
        """The Hessian of the tied loss at the reference, in the independent tied differences."""
        blocks, tokens = self._all_pairs
        scores = self._gram_between(self.pairs, (blocks, tokens))
        shares = self.shares[blocks, tokens]
        in_block = np.zeros((len(blocks), len(self.bank.weights)))
        in_block[np.arange(len(blocks)), blocks] = shares
        means = scores @ in_block
        return np.asarray((scores * (shares * self.bank.weights[blocks])) @ scores.T - (means * self.bank.weights) @ means.T)

    def displacement(self, y: np.ndarray) -> np.ndarray:
        """alpha = H_T^{-1} sum y_bv P_T(d_bv - dbar_b) for scaled masses y on separable pairs (blocks x tokens), W-shaped."""
        if not len(self.pairs[0]):
            return np.zeros(self.bank.shape)
        force = self.bank.gather(y - y.sum(axis=1, keepdims=True) * self.shares)
        return self.combine(np.linalg.lstsq(self.tied_hessian, self.tied_scores(force), rcond=1e-13)[0])

    def excess(self, w: np.ndarray) -> float:
        """L(w) - L* by the split identity, as for `Field.excess`."""
        logits = self.bank.right @ w.T + self.bank.log_counts
        at = self.bank.spread(w - self.reference)
        delta = np.where(self.tied, -at, 0.0)
        growth = log_mean(self.shares, delta) - (self.shares * delta).sum(axis=1)
        inside = np.where(self.tied, logits, -np.inf)
        top = inside.max(axis=1, keepdims=True)
        outside = np.where(self.separable, np.exp(np.minimum(logits - top, 700.0)), 0.0).sum(axis=1)
        return float(self.bank.weights @ (np.maximum(growth, 0.0) + np.log1p(outside / np.exp(inside - top).sum(axis=1))))

    def polished(self, rounds: int = 6) -> TiedBank:
        """The same tied sets with the reference moved to the minimiser of the tied loss, by Newton steps in T."""
        if not len(self.pairs[0]):
            return replace(self, reference=np.zeros(self.bank.shape))
        current = replace(self, reference=self.tied_part(self.reference))
        for _ in range(rounds):
            gradient = current.bank.gather(np.where(self.tied, self.bank.weights[:, None] * current.shares - self.bank.target, 0.0))
            right = self.tied_scores(gradient)  # the force in T, tested with the differences
            move = self.combine(np.linalg.lstsq(current.tied_hessian, right, rcond=1e-13)[0])
            current = replace(current, reference=current.reference + move)
            if np.abs(move).max() < 1e-13 * (1.0 + np.abs(current.reference).max()):
                break
        return current


def independent_rows(gram: np.ndarray) -> np.ndarray:
    """A maximal set of rows with independent features, by pivoted Cholesky (floats: relative threshold 1e-10)."""
    from scipy.linalg.lapack import dpstrf

    if not len(gram):
        return np.zeros(0, dtype=np.int64)
    _, pivots, rank, _ = dpstrf(gram, tol=1e-10 * float(np.diag(gram).max()), lower=1)
    return np.sort(pivots[:rank] - 1)
