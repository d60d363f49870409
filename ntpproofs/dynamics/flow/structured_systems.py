"""The two systems of the flow for a `Bank`: plain coordinates, and log masses, with fast linear solves for both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .bank import Bank, Solve, TiedBank, through


@dataclass(frozen=True, eq=False)
class EarlyBank:
    """dw/ds = -e^s grad L(w): stage 1, state w flat."""

    bank: Bank
    tolerance: float

    def rate(self, s: float, y: np.ndarray) -> np.ndarray:
        """-e^s grad L, in coordinates."""
        return np.exp(s + self.bank.clock) * self.bank.velocity(y.reshape(self.bank.shape)).ravel()

    def drift(self, s: float, y: np.ndarray) -> np.ndarray | None:
        """The rate is e^s times a function of w."""
        return self.rate(s, y)

    def factor(self, s: float, y: np.ndarray, weight: float) -> Solve:
        """(I + weight e^s D^2 L)^{-1}."""
        solve = self.bank.hessian_solver(y.reshape(self.bank.shape), weight * float(np.exp(s + self.bank.clock)))
        return lambda b: solve(b.reshape(self.bank.shape)).ravel()

    def size(self, error: np.ndarray, y: np.ndarray) -> float:
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

    def enter(self, s: float, w: np.ndarray) -> np.ndarray:
        """The state at log time s of a point W."""
        diverging = self.tied.off_tied(w)
        return np.concatenate([s + self.tied.bank.clock + self.tied.log_odds[self.tied.separable] - self.pull(diverging), diverging.ravel()])

    def pull(self, w: np.ndarray) -> np.ndarray:
        """X w for w in M."""
        return np.asarray(self.tied.bank.spread_scores(w)[self.tied.separable])

    def push(self, y: np.ndarray) -> np.ndarray:
        """G X' y, W-shaped, G the metric."""
        return self.tied.off_tied(self.tied.bank.gather(self._full(y)) * self.tied.bank.metric)

    def _full(self, y: np.ndarray) -> np.ndarray:
        full = np.zeros(self.tied.separable.shape)
        full[self.tied.separable] = y
        return full

    def rate(self, s: float, y: np.ndarray) -> np.ndarray:
        """(1 - X X' e^r, X' e^r)."""
        slope = self.push(np.exp(y[: self.count]))
        return np.concatenate([1.0 - self.pull(slope), slope.ravel()])

    def drift(self, s: float, y: np.ndarray) -> np.ndarray | None:
        """Autonomous."""
        return None

    def size(self, error: np.ndarray, y: np.ndarray) -> float:
        """The largest error of a log mass."""
        r = y[: self.count]
        return float((np.abs(error[: self.count]) / (1.0 + np.abs(r))).max() / self.tolerance)

    def factor(self, s: float, y: np.ndarray, weight: float) -> Solve:
        """b -> (b_r - weight X q, b_w + weight q) with (I + weight X' diag(y) X) q = X' diag(y) b_r."""
        masses = np.exp(y[: self.count])
        restricted = self._restricted(self._full(masses), weight)

        def solve(b: np.ndarray) -> np.ndarray:
            q = restricted(self.push(masses * b[: self.count]))
            return np.concatenate([b[: self.count] - weight * self.pull(q), b[self.count :] + weight * q.ravel()])

        return solve

    def _restricted(self, y: np.ndarray, weight: float) -> Solve:
        # (I + weight X' diag(y) X)^{-1} on M, by the bordered system of the class docstring.
        bank, shape = self.tied.bank, self.tied.bank.shape
        m, (pair_blocks, pair_tokens) = len(y), self.tied.pairs
        rows, n = np.arange(m), len(pair_blocks)
        diagonal = y.copy()
        diagonal[rows, bank.anchors] += y.sum(axis=1)
        roots = bank.inverse_roots(diagonal, weight)

        def images(tokens: np.ndarray, blocks: np.ndarray) -> np.ndarray:
            # B^{-1} of e_token (x) h_block, which lives on the token's block.
            return through(roots[tokens], bank.right[blocks])

        anchored = images(bank.anchors, rows)
        first, second = images(bank.anchors[pair_blocks], pair_blocks), images(pair_tokens, pair_blocks)

        def sparse(blocks: np.ndarray, tokens: np.ndarray, values: np.ndarray) -> np.ndarray:
            # <B^{-1} (e_token (x) h_block), e_anchor_b (x) h_b> for all b, with values = B_token^{-1} h_block.
            return np.asarray((values @ bank.right.T) * (tokens[:, None] == bank.anchors[None, :]))

        def against_pairs(tokens: np.ndarray, values: np.ndarray) -> np.ndarray:
            products = values @ bank.right[pair_blocks].T
            same_anchor = tokens[:, None] == bank.anchors[pair_blocks][None, :]
            return np.asarray(products * (same_anchor.astype(float) - (tokens[:, None] == pair_tokens[None, :])))

        system = np.zeros((2 * m + n, 2 * m + n))
        system[:m, :m] = sparse(rows, bank.anchors, anchored)
        system[:m, m : 2 * m] = (anchored @ bank.right.T) * y[:, bank.anchors].T
        system[m : 2 * m, :m] = system[:m, m : 2 * m].T
        system[m : 2 * m, m : 2 * m] = bank.rooted_gram(roots, y)
        if n:
            anchors = bank.anchors[pair_blocks]
            system[:m, 2 * m :] = against_pairs(bank.anchors, anchored)
            system[m : 2 * m, 2 * m :] = ((first @ bank.right.T) * y[:, anchors].T - (second @ bank.right.T) * y[:, pair_tokens].T).T
            system[2 * m :, : 2 * m] = system[: 2 * m, 2 * m :].T
            system[2 * m :, 2 * m :] = against_pairs(anchors, first) - against_pairs(pair_tokens, second)
        # Middle matrix of the cross terms: -weight [[0, 1], [1, 0]], so minus its inverse enters with the opposite sign.
        system[rows, m + rows] -= 1.0 / weight
        system[m + rows, rows] -= 1.0 / weight
        from scipy.linalg import lu_factor, lu_solve

        factors = lu_factor(system, check_finite=False)
        at_anchors, at_pairs, at_tokens = (placing(x, shape[0]) for x in (bank.anchors, bank.anchors[pair_blocks], pair_tokens))

        def solve(g: np.ndarray) -> np.ndarray:
            start = through(roots, g / bank.metric)
            scores = bank.right @ start.T
            sides = np.concatenate([scores[rows, bank.anchors], (y * scores).sum(axis=1), self.tied.tied_scores(start)])
            z = lu_solve(factors, sides, check_finite=False)
            correction = through(roots, (y.T * z[m : 2 * m]) @ bank.right) + at_anchors @ (anchored * z[:m, None])
            if n:
                correction += at_pairs @ (first * z[2 * m :, None]) - at_tokens @ (second * z[2 * m :, None])
            return self.tied.off_tied(start - correction)

        return solve


def placing(tokens: np.ndarray, height: int) -> Any:
    """The sparse 0-1 matrix that adds row k of a matrix to row tokens[k] of the result."""
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(tokens)), (tokens, np.arange(len(tokens)))), shape=(height, len(tokens)))
