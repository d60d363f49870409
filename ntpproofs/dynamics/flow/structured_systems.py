"""The two systems of the flow for a `Bank`: plain coordinates, and log masses, with fast linear solves for both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...logit.shapes import Matrix, OfSeparable, OfTokens, PairRights, Point, Rights, Roots, RowIndices, RowRights, Square, Table
from .bank import Bank, Solve, TiedBank, through


@dataclass(frozen=True, eq=False)
class EarlyBank:
    """dw/ds = -e^s grad L(w): stage 1, state w flat."""

    bank: Bank
    tolerance: float

    def rate(self, s: float, y: Point) -> Point:
        """-e^s grad L, in coordinates."""
        return np.exp(s + self.bank.clock) * self.bank.velocity(y.reshape(self.bank.shape)).ravel()

    def drift(self, s: float, y: Point) -> Point | None:
        """The rate is e^s times a function of w."""
        return self.rate(s, y)

    def factor(self, s: float, y: Point, weight: float) -> Solve:
        """(I + weight e^s D^2 L)^{-1}."""
        solve = self.bank.hessian_solver(y.reshape(self.bank.shape), weight * float(np.exp(s + self.bank.clock)))
        return lambda b: solve(b.reshape(self.bank.shape)).ravel()

    def size(self, error: Point, y: Point) -> float:
        """The largest error of a score."""
        bank = self.bank
        scores = np.where(bank.present, bank.spread_scores(y.reshape(bank.shape)), 0.0)
        errors = np.where(bank.present, bank.spread_scores(error.reshape(bank.shape)), 0.0)
        return float((np.abs(errors) / (1.0 + np.abs(scores))).max() / self.tolerance)


@dataclass(frozen=True, eq=False)
class LateBank:
    """dr/ds = 1 - X X' e^r, dw_M/ds = X' e^r: stage 2, state (r, w_M) flat; X w = scores of P_M w.

    The Jacobian is -(X; -I) X' diag(y), so every solve reduces to (I + weight X' diag(y) X) q = g on M: per block
    sum_v y_v (c - s_v)^2 with c the anchor's score, a diagonal in the tokens (anchors included) minus the cross terms
    2 c sum y_v s_v, which have rank two; w in M adds the tied differences as constraints. One bordered system.
    """

    tied: TiedBank
    tolerance: float

    @cached_property
    def count(self) -> int:
        """The number of log masses."""
        return int(self.tied.separable.sum())

    def enter(self, s: float, w: Matrix) -> Point:
        """The state at log time s of a point W."""
        diverging = self.tied.off_tied(w)
        return np.concatenate([s + self.tied.bank.clock + self.tied.log_odds[self.tied.separable] - self.pull(diverging), diverging.ravel()])

    def pull(self, w: Matrix) -> OfSeparable:
        """X w for w in M."""
        return np.asarray(self.tied.bank.spread_scores(w)[self.tied.separable])

    def push(self, y: OfSeparable) -> Matrix:
        """G X' y, W-shaped, G the metric."""
        return self.tied.off_tied(self.tied.bank.gather(self._full(y)) * self.tied.bank.metric)

    def _full(self, y: OfSeparable) -> OfTokens:
        full = np.zeros(self.tied.separable.shape)
        full[self.tied.separable] = y
        return full

    def rate(self, s: float, y: Point) -> Point:
        """(1 - X X' e^r, X' e^r)."""
        slope = self.push(np.exp(y[: self.count]))
        return np.concatenate([1.0 - self.pull(slope), slope.ravel()])

    def drift(self, s: float, y: Point) -> Point | None:
        """Autonomous."""
        return None

    def size(self, error: Point, y: Point) -> float:
        """The largest error of a log mass."""
        r = y[: self.count]
        return float((np.abs(error[: self.count]) / (1.0 + np.abs(r))).max() / self.tolerance)

    def factor(self, s: float, y: Point, weight: float) -> Solve:
        """b -> (b_r - weight X q, b_w + weight q) with (I + weight X' diag(y) X) q = X' diag(y) b_r."""
        masses = np.exp(y[: self.count])
        restricted = self._restricted(self._full(masses), weight)

        def solve(b: Point) -> Point:
            q = restricted(self.push(masses * b[: self.count]))
            return np.concatenate([b[: self.count] - weight * self.pull(q), b[self.count :] + weight * q.ravel()])

        return solve

    def _restricted(self, y: OfTokens, weight: float) -> Solve:
        return Bordered(self.tied, y, weight).solve


@dataclass(frozen=True, eq=False)
class Bordered:
    """g -> (I + weight G X' diag(y) X)^{-1} g on M for masses y (blocks x tokens) and the metric G, by one bordered system.

    With E_b = e_anchor (x) h_b, S_b = sum_v y_bv e_v (x) h_b and the independent tied differences D, columns all of them,

        X' diag(y) X = sum over tokens of diag - E S' - S E',      q in M:  D' q = 0,      B = G^{-1} + weight diag,

        [ E'B^-E          E'B^-S - 1/w    E'B^-D ] [ z_E ]   [ E'B^-g ]
        [ S'B^-E - 1/w    S'B^-S          S'B^-D ] [ z_S ] = [ S'B^-g ],      q = B^-g - B^-(E z_E + S z_S + D z_D)
        [ D'B^-E          D'B^-S          D'B^-D ] [ z_D ]   [ D'B^-g ]

    (the middle matrix of the cross terms is -weight [[0, 1], [1, 0]], so minus its inverse enters with the opposite sign).
    """

    tied: TiedBank
    y: OfTokens
    weight: float

    @property
    def bank(self) -> Bank:
        """The bank."""
        return self.tied.bank

    @cached_property
    def roots(self) -> Roots:
        """K_v with K_v' K_v the block of B^- of token v; the diagonal counts every mass at its token and once more at the anchor."""
        diagonal = self.y.copy()
        diagonal[np.arange(len(self.y)), self.bank.anchors] += self.y.sum(axis=1)
        return self.bank.inverse_roots(diagonal, self.weight)

    def _images(self, tokens: RowIndices, blocks: RowIndices) -> RowRights:
        # B^- (e_token (x) h_block), which lives on the token's block.
        return through(self.roots[tokens], self.bank.right[blocks])

    @cached_property
    def of_anchors(self) -> Rights:
        """B^- E."""
        return self._images(self.bank.anchors, np.arange(len(self.y)))

    @cached_property
    def of_pairs(self) -> tuple[PairRights, PairRights]:
        """B^- D on the anchors' blocks, and minus it on the tokens' blocks."""
        blocks, tokens = self.tied.pairs
        return self._images(self.bank.anchors[blocks], blocks), self._images(tokens, blocks)

    def _anchors_with_pairs(self, tokens: RowIndices, images: RowRights) -> Table:
        # <B^- e_token (x) h, D_n> for images B^- (e_token (x) h) and every pair n.
        blocks, others = self.tied.pairs
        same = (tokens[:, None] == self.bank.anchors[blocks][None, :]).astype(float) - (tokens[:, None] == others[None, :])
        return np.asarray((images @ self.bank.right[blocks].T) * same)

    def _masses_with_pairs(self) -> Table:
        # S'B^-D.
        (blocks, tokens), (first, second), h = self.tied.pairs, self.of_pairs, self.bank.right
        return np.asarray((h @ first.T) * self.y[:, self.bank.anchors[blocks]] - (h @ second.T) * self.y[:, tokens])

    @cached_property
    def matrix(self) -> Square:
        """The matrix of the class docstring."""
        anchors, h, (blocks, tokens), (first, second) = self.bank.anchors, self.bank.right, self.tied.pairs, self.of_pairs
        ee = (self.of_anchors @ h.T) * (anchors[:, None] == anchors[None, :])
        es = (self.of_anchors @ h.T) * self.y[:, anchors].T - np.eye(len(anchors)) / self.weight
        ed, sd = self._anchors_with_pairs(anchors, self.of_anchors), self._masses_with_pairs()
        dd = self._anchors_with_pairs(anchors[blocks], first) - self._anchors_with_pairs(tokens, second)
        return np.block([[ee, es, ed], [es.T, self.bank.rooted_gram(self.roots, self.y), sd], [ed.T, sd.T, dd]])

    @cached_property
    def _factors(self) -> Any:
        from scipy.linalg import lu_factor

        return lu_factor(self.matrix, check_finite=False)

    @cached_property
    def _places(self) -> tuple[Any, Any, Any]:
        blocks, tokens = self.tied.pairs
        return tuple(placing(x, self.bank.shape[0]) for x in (self.bank.anchors, self.bank.anchors[blocks], tokens))

    def solve(self, g: Matrix) -> Matrix:
        """The solution q for one W-shaped right-hand side."""
        from scipy.linalg import lu_solve

        start, m, (first, second) = through(self.roots, g / self.bank.metric), len(self.y), self.of_pairs
        scores = self.bank.right @ start.T
        sides = np.concatenate([scores[np.arange(m), self.bank.anchors], (self.y * scores).sum(axis=1), self.tied.tied_scores(start)])
        z_e, z_s, z_d = np.split(lu_solve(self._factors, sides, check_finite=False), [m, 2 * m])
        at_anchors, at_pairs, at_tokens = self._places
        correction = through(self.roots, (self.y.T * z_s) @ self.bank.right) + at_anchors @ (self.of_anchors * z_e[:, None])
        correction += at_pairs @ (first * z_d[:, None]) - at_tokens @ (second * z_d[:, None])
        return self.tied.off_tied(start - correction)


def placing(tokens: RowIndices, height: int) -> Any:
    """The sparse 0-1 matrix that adds row k of a matrix to row tokens[k] of the result."""
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(tokens)), (tokens, np.arange(len(tokens)))), shape=(height, len(tokens)))
