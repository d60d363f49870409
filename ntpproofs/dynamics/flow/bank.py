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

from ...logit.coordinates import NARROW
from ...logit.problem import ConditionalLogit
from ...logit.shapes import (
    BlockIndices,
    ColumnIndices,
    Columns,
    Indices,
    IsToken,
    Matrix,
    OfBlocks,
    OfPairs,
    OfTokens,
    OfWidth,
    PairRights,
    Parameter,
    RightFrame,
    Rights,
    Roots,
    RowIndices,
    RowRights,
    Square,
    Table,
    Whole,
)
from ...logit.well_spread import well_spread_vectors
from ..field import log_mean

Solve = Callable[[np.ndarray], np.ndarray]
# (blocks, tokens) of tied differences.
Pairs = tuple[Indices, Indices]


@dataclass(frozen=True, eq=False)
class Bank:
    """A conditional logit with one-hot left factors, spread over blocks x tokens (-inf log counts where a token is absent).

    `length` and `mass` are units, as in `Coordinates`: W is length times that of the problem, the weights are a / mass. With `frame` (width
    x coordinates) and `spread` the columns of W are coordinates as well: those of `well_spread_vectors` of the right factors.
    """

    right: Rights
    log_counts: OfTokens
    weights: OfBlocks
    target: OfTokens
    anchors: BlockIndices
    length: float = 1.0
    mass: float = 1.0
    frame: RightFrame | None = None
    spread: OfWidth | None = None

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

    def spread_well(self, logit: ConditionalLogit) -> Bank:
        """The same in coordinates in which doubles lose nothing: these, unless some direction is narrow beside the longest right factor."""
        exact = logit.data.right
        if exact is None or not narrow(self.right):
            return self
        basis = well_spread_vectors(exact)
        return replace(self, right=basis.rows[logit.arrays.right_index], frame=basis.frame, spread=basis.spread / self.length)

    @cached_property
    def metric(self) -> OfWidth:
        """What a gradient in these coordinates is multiplied by, per column, to be that of W."""
        return np.ones(self.shape[1]) if self.spread is None else self.spread**2

    @property
    def narrowest(self) -> float:
        """The shortest spread, at most 1: scores this far apart may be points at distance 1."""
        return 1.0 if self.spread is None else min(float(self.spread.min()), 1.0)

    def coordinates(self, w: Parameter) -> Matrix:
        """Of a flat point of the problem (what lies outside the span of the right factors has none)."""
        matrix = w.reshape(self.shape[0], -1) * self.length
        return matrix if self.frame is None or self.spread is None else (matrix @ self.frame) * self.spread

    def in_lengths(self, w: Matrix) -> Parameter:
        """A point in the orthonormal frame, flat, in the width of the problem and in natural units."""
        return (w if self.frame is None or self.spread is None else (w / self.spread) @ self.frame.T).ravel()

    @property
    def clock(self) -> float:
        """log(mass length^2): what log time is ahead of log t in these units."""
        return float(np.log(self.mass) + 2.0 * np.log(self.length))

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of W."""
        return self.log_counts.shape[1], self.right.shape[1]

    @cached_property
    def present(self) -> IsToken:
        """Blocks x tokens: in the choice set."""
        return np.isfinite(self.log_counts)

    @cached_property
    def _rows(self) -> BlockIndices:
        return np.arange(len(self.anchors))

    def log_shares(self, w: Matrix) -> OfTokens:
        """log p_bv at W (-inf where absent)."""
        logits = self.right @ w.T + self.log_counts
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return np.asarray(logits)

    def masses(self, w: Matrix) -> OfTokens:
        """a_b p_bv."""
        return np.asarray(self.weights[:, None] * np.exp(self.log_shares(w)))

    def gather(self, coefficients: OfTokens) -> Matrix:
        """sum c_bv (x_b,anchor - x_bv), W-shaped. The anchor takes minus the sum of the rest, so nothing leaks between parts."""
        c = -coefficients
        c[self._rows, self.anchors] = 0.0
        c[self._rows, self.anchors] = -c.sum(axis=1)
        return np.asarray(c.T @ self.right)

    def spread_scores(self, w: Matrix) -> OfTokens:
        """<w, x_b,anchor - x_bv> for every block and token."""
        scores = self.right @ w.T
        return np.asarray(scores[self._rows, self.anchors][:, None] - scores)

    def force(self, w: Matrix) -> Matrix:
        """-grad L."""
        return self.gather(self.masses(w) - self.target)

    def velocity(self, w: Matrix) -> Matrix:
        """dW/dt: the force, times the metric."""
        return self.force(w) * self.metric

    def inverse_roots(self, masses: OfTokens, weight: float) -> Roots:
        """K_v with K_v' K_v = (G^{-1} + weight sum_b m_bv h_b h_b')^{-1} for every token v, G the metric: inverted Cholesky factors."""
        height, width = self.shape
        blocks = ((weight * masses.T) @ self._outer).reshape(height, width, width)
        blocks[:, np.arange(width), np.arange(width)] += 1.0 / self.metric
        return np.asarray(np.linalg.inv(np.linalg.cholesky(blocks)))

    def rooted_gram(self, roots: Roots, masses: OfTokens) -> Square:
        """sum_v m_bv m_cv h_b' K_v' K_v h_c over the tokens: a product with its own transpose, which costs half of a general one."""
        images = np.matmul(roots, self.right.T) * masses.T[:, None, :]
        images = images.reshape(-1, len(masses))
        return np.asarray(images.T @ images)

    @cached_property
    def _outer(self) -> Table:
        # h_b h_b' as rows: all token blocks are then one product (blocks x width^2 numbers, 7 MB at m = 200, d = 64).
        return np.asarray((self.right[:, :, None] * self.right[:, None, :]).reshape(len(self.right), -1))

    def hessian_solver(self, w: Matrix, weight: float) -> Solve:
        """b -> (I + weight G D^2 L(w))^{-1} b for W-shaped b and the metric G.

        Blocks B by token minus rank `blocks`, u_b = (m_bv h_b)_v:  G^{-1} + weight D^2 L = B - weight sum_b u_b u_b' / a_b. With one choice
        set for all blocks a vector common to all rows of W stays as it is, but at large weights rounding of B would lose it: it is set
        aside, and `weight` / tokens times its projection is added, which changes nothing else.
        """
        mass, (height, width) = self.masses(w), self.shape
        roots = self.inverse_roots(mass, weight)
        common = width if self.present.all() else 0
        core = np.zeros((len(mass) + common, len(mass) + common))
        core[: len(mass), : len(mass)] = self.rooted_gram(roots, mass) - np.diag(self.weights / weight)
        if common:
            inverses = np.matmul(roots.transpose(0, 2, 1), roots)
            core[: len(mass), len(mass) :] = np.einsum("bk,bkl->bl", self.right, np.tensordot(mass, inverses, 1))
            core[len(mass) :, : len(mass)] = core[: len(mass), len(mass) :].T
            core[len(mass) :, len(mass) :] = inverses.sum(axis=0) + np.eye(width) * (height / weight)
        inverse = np.linalg.inv(core)

        def solve(b: Matrix) -> Matrix:
            aside = b.mean(axis=0) if common else 0.0
            b = (b - aside) / self.metric
            start = through(roots, b)
            sides = np.concatenate([(mass * (self.right @ start.T)).sum(axis=1), start.sum(axis=0)[:common]])
            y = inverse @ sides
            right = b - (mass.T * y[: len(mass)]) @ self.right - (y[len(mass) :] if common else 0.0)
            return through(roots, right) + aside

        return solve


def through(roots: Roots, b: Matrix) -> Matrix:
    """K_v' K_v b_v for every token v."""
    return np.asarray(np.matmul(np.matmul(roots, b[:, :, None]).transpose(0, 2, 1), roots)[:, 0, :])


@dataclass(frozen=True, eq=False)
class TiedBank:
    """A bank with its tied sets (blocks x tokens) and a point whose tied scores are the reference of the late system."""

    bank: Bank
    tied: IsToken
    reference: Matrix

    @cached_property
    def separable(self) -> IsToken:
        """Blocks x tokens: outside the tied set."""
        return self.bank.present & ~self.tied

    @cached_property
    def pairs(self) -> Pairs:
        """(blocks, tokens) of a maximal independent set of tied differences x_b,anchor - x_bv."""
        blocks, tokens = self._all_pairs
        everyone = (blocks, tokens)  # whatever the metric: rows are independent or not, and without it their products are of order one
        kept = independent_rows(self._gram_between(everyone, everyone, np.ones(self.bank.shape[1])))
        return blocks[kept], tokens[kept]

    @cached_property
    def _all_pairs(self) -> Pairs:
        blocks, tokens = np.nonzero(self.tied)
        keep = tokens != self.bank.anchors[blocks]
        return blocks[keep], tokens[keep]

    def _gram_between(self, one: tuple[RowIndices, RowIndices], other: tuple[ColumnIndices, ColumnIndices], metric: OfWidth | None = None) -> Table:
        # <d, G d'> for the differences named by two lists of (blocks, tokens) and the metric G.
        def same(i: RowIndices, k: ColumnIndices) -> Table:
            return (i[:, None] == k[None, :]).astype(float)

        (b, v), (c, w), metric = one, other, self.bank.metric if metric is None else metric
        i, k = self.bank.anchors[b], self.bank.anchors[c]
        return np.asarray((same(i, k) - same(i, w) - same(v, k) + same(v, w)) * ((self.bank.right[b] * metric) @ self.bank.right[c].T))

    @cached_property
    def _root(self) -> Square:
        # C with C C' the Gram matrix of the independent tied differences D: C^{-1} D are orthonormal rows that span T.
        return np.linalg.cholesky(self._gram_between(self.pairs, self.pairs))

    def in_tied(self, w: Matrix) -> OfPairs:
        """The orthonormal coordinates in T of P_T w (of a covector times the metric as well)."""
        return _lower(self._root, self.tied_scores(w))

    def from_tied(self, coordinates: OfPairs) -> Matrix:
        """The vector of T with these orthonormal coordinates, W-shaped."""
        return self.combine(_lower(self._root, coordinates, transposed=True))

    @cached_property
    def incidence(self) -> tuple[Any, Any, PairRights]:
        """The independent tied differences as a sparse tokens x pairs matrix (+1 anchor, -1 token), its transpose, their h."""
        from scipy.sparse import csr_array

        blocks, tokens = self.pairs
        n = len(blocks)
        ends = np.concatenate([self.bank.anchors[blocks], tokens])
        signs = np.concatenate([np.ones(n), -np.ones(n)])
        matrix = csr_array((signs, (ends, np.tile(np.arange(n), 2))), shape=(self.bank.shape[0], n))
        return matrix, csr_array(matrix.T), self.bank.right[blocks]

    def tied_scores(self, w: Matrix) -> OfPairs:
        """<w, d> for the independent tied differences d."""
        _, transposed, h = self.incidence
        return np.asarray(np.einsum("nk,nk->n", transposed @ w, h))

    def combine(self, y: OfPairs) -> Matrix:
        """sum y G d over the independent tied differences: the vectors of T."""
        matrix, _, h = self.incidence
        return np.asarray(matrix @ (h * y[:, None])) * self.bank.metric

    def tied_part(self, w: Matrix) -> Matrix:
        """P_T w."""
        if not len(self.pairs[0]):
            return np.zeros(self.bank.shape)
        first = self.from_tied(self.in_tied(w))
        # Along a narrow direction C is right to a few digits only; the same projection of what it left gives as many again.
        return first if self.bank.spread is None else np.asarray(first + self.from_tied(self.in_tied(w - first)))

    def off_tied(self, w: Matrix) -> Matrix:
        """w - P_T w, twice, so that what is left of the tied scores is at rounding level."""
        w = w - self.tied_part(w)
        return np.asarray(w - self.tied_part(w))

    @cached_property
    def shares(self) -> OfTokens:
        """q*_bv: the softmax over each tied set at the reference."""
        logits = np.where(self.tied, self.bank.right @ self.reference.T + self.bank.log_counts, -np.inf)
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    @cached_property
    def log_odds(self) -> OfTokens:
        """log[a_b n_bv e^{-<w*, d_bv>} / Z_b^in(w*)] on separable pairs, -inf elsewhere."""
        bank = self.bank
        logits = bank.right @ self.reference.T + bank.log_counts
        inside = np.where(self.tied, logits, -np.inf)
        top = inside.max(axis=1, keepdims=True)
        log_inside = top + np.log(np.exp(inside - top).sum(axis=1, keepdims=True))
        return np.where(self.separable, np.log(bank.weights)[:, None] + logits - log_inside, -np.inf)

    @cached_property
    def tied_hessian(self) -> Square:
        """The Hessian of the tied loss at the reference, in the orthonormal coordinates of T."""
        blocks, tokens = self._all_pairs
        scores = _lower(self._root, self._gram_between(self.pairs, (blocks, tokens)))
        shares = self.shares[blocks, tokens]
        in_block = np.zeros((len(blocks), len(self.bank.weights)))
        in_block[np.arange(len(blocks)), blocks] = shares
        means = scores @ in_block
        return np.asarray((scores * (shares * self.bank.weights[blocks])) @ scores.T - (means * self.bank.weights) @ means.T)

    def displacement(self, y: OfTokens) -> Matrix:
        """alpha = H_T^{-1} sum y_bv P_T(d_bv - dbar_b) for scaled masses y on separable pairs (blocks x tokens), W-shaped."""
        if not len(self.pairs[0]):
            return np.zeros(self.bank.shape)
        force = self.bank.gather(y - y.sum(axis=1, keepdims=True) * self.shares)
        return self.from_tied(np.linalg.lstsq(self.tied_hessian, self.in_tied(force * self.bank.metric), rcond=1e-13)[0])

    def unrelaxed(self, w: Matrix) -> Matrix:
        """Newton's step on T from here, towards the point where the tied force vanishes, W-shaped (as `Early.unrelaxed`)."""
        if not len(self.pairs[0]):
            return np.zeros(self.bank.shape)
        hessian, force = replace(self, reference=w).tied_hessian, self.in_tied(self.bank.velocity(w))
        step = np.linalg.lstsq(hessian, force, rcond=1e-13)[0]
        left = force - hessian @ step
        size = float(np.linalg.norm(left))
        return self.from_tied(step if size <= max(0.1 * float(np.linalg.norm(force)), 1e-13) else left / size)

    def neglected(self, w: Matrix) -> float:
        """What stage 2 leaves out at W: mass outside the tied sets, the shift of tied scores it causes, what they have to go (`handover`)."""
        outside = np.where(self.separable, self.bank.masses(w), 0.0)
        togo, lengths = self.unrelaxed(w), self.bank.in_lengths
        length = np.linalg.norm(lengths(togo)) / (1.0 + np.linalg.norm(lengths(self.tied_part(w))))
        scores = [np.abs(np.where(self.tied, self.bank.spread_scores(x), 0.0)).max() for x in (self.displacement(outside), togo)]
        return float(max((outside.sum(axis=1) / self.bank.weights).max(), length, *scores))

    def excess(self, w: Matrix) -> float:
        """L(w) - L* by the split identity, as for `Field.excess`."""
        logits = self.bank.right @ w.T + self.bank.log_counts
        at = self.bank.spread_scores(w - self.reference)
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
            right = self.in_tied(gradient * self.bank.metric)  # the force in T
            move = self.from_tied(np.linalg.lstsq(current.tied_hessian, right, rcond=1e-13)[0])
            current = replace(current, reference=current.reference + move)
            if np.abs(move).max() < 1e-13 * (1.0 + np.abs(current.reference).max()):
                break
        return current


def _lower(root: Square, x: Columns, transposed: bool = False) -> Columns:
    from scipy.linalg import solve_triangular

    return np.asarray(solve_triangular(root, x, lower=True, trans=int(transposed), check_finite=False))


def narrow(vectors: RowRights) -> bool:
    """Whether the span of the vectors has a direction `NARROW` beside the longest of them (rounding alone counts as none)."""
    values = np.linalg.svd(vectors, compute_uv=False)
    return bool(((values < NARROW) & (values > 1e-14 * values.max(initial=0.0))).any())


def independent_rows(gram: Square) -> Whole:
    """A maximal set of rows with independent features, by pivoted Cholesky (floats: relative threshold 1e-10)."""
    from scipy.linalg.lapack import dpstrf

    if not len(gram):
        return np.zeros(0, dtype=np.int64)
    _, pivots, rank, _ = dpstrf(gram, tol=1e-10 * float(np.diag(gram).max()), lower=1)
    return np.sort(pivots[:rank] - 1)
