"""Newton systems of linear next-token models, solved token by token in floats: proposals for the enclosed route.

With one level t_j per context, what a decoder W (V x d) has to do separates over its rows: for weights Theta (m x V)

    sum_v rho |w_v|^2 + sum_jv Theta_jv (<w_v, h_j> - t_j)^2

has the Hessian P_v = rho I + H' diag(Theta_v) H on the row of each token, and the levels meet in one m x m Schur complement. The barrier
of the margin programme is of this form (Theta = multiplier / slack), and so is the curvature of the cross-entropy, because a variance
is the least mean square around a level: Theta_jv = a_j p_jv.
"""

from __future__ import annotations

import numpy as np

# Contexts up to which the Schur complement is formed; above, conjugate gradients with what the largest weights make of it.
DIRECT = 700
CHUNK = 2**24


class TokenSystem:
    """The system for `embeddings` (m x d), `weights` (m x V) and `ridge`, factored.

    `solve(f, k)` gives dW (V x d) and dt (m) with P_v dw_v - H' (Theta_v dt) = f_v and sum_v Theta_jv (dt_j - <dw_v, h_j>) = k_j.

    >>> system = TokenSystem(np.eye(2), np.ones((2, 3)), 1.0)
    >>> w, t = system.solve(np.ones((3, 2)), np.zeros(2))
    >>> np.allclose(2 * w - t, 1), np.allclose(3 * t - w.sum(axis=0), 0)
    (True, True)
    """

    def __init__(self, embeddings: np.ndarray, weights: np.ndarray, ridge: float) -> None:
        self.embeddings, self.weights = embeddings, weights
        _, width = embeddings.shape
        upper = np.triu_indices(width)
        products = embeddings[:, upper[0]] * embeddings[:, upper[1]]
        packed = weights.T @ products
        blocks = np.zeros((weights.shape[1], width, width))
        blocks[:, upper[0], upper[1]] = packed
        blocks[:, upper[1], upper[0]] = packed
        blocks[:, np.arange(width), np.arange(width)] += ridge
        self.roots = np.linalg.inv(np.linalg.cholesky(blocks))  # P^-1 = R' R
        self.sums = weights.sum(axis=1)
        self._schur = self._factored(weights) if len(weights) <= DIRECT else self._approximate()

    def _factored(self, weights: np.ndarray, floor: float = 0.0) -> tuple[np.ndarray, bool]:
        # diag(sum Theta) - sum_v (Theta_v H) P_v^-1 (Theta_v H)', in chunks of tokens; entries of Theta up to `floor` left out.
        from scipy.linalg import cho_factor

        count, width = self.embeddings.shape
        total = np.diag(self.sums)
        step = max(1, CHUNK // (count * width))
        for start in range(0, weights.shape[1], step):
            part = weights[:, start : start + step]
            if floor:
                for v in range(part.shape[1]):
                    chosen = np.flatnonzero(part[:, v] > floor)
                    scaled = (part[chosen, v, None] * self.embeddings[chosen]) @ self.roots[start + v].T
                    total[np.ix_(chosen, chosen)] -= scaled @ scaled.T
            else:
                images = self.embeddings @ self.roots[start : start + step].transpose(0, 2, 1)  # tokens x contexts x d
                stacked = (images * part.T[:, :, None]).transpose(1, 0, 2).reshape(count, -1)
                total -= stacked @ stacked.T
        total[np.diag_indices(count)] += 1e-13 * self.sums
        return cho_factor(total, check_finite=False)

    def _approximate(self) -> tuple[np.ndarray, bool]:
        # The large weights carry the coupling: about as many per token as there are dimensions.
        count, width = self.embeddings.shape
        kept = min(count, 3 * width)
        floor = float(np.median(np.partition(self.weights, count - kept, axis=0)[count - kept]))
        return self._factored(self.weights, floor)

    def _inverse(self, rows: np.ndarray) -> np.ndarray:
        return np.asarray(np.einsum("vkl,vk->vl", self.roots, np.einsum("vkl,vl->vk", self.roots, rows)))

    def _coupling(self, t: np.ndarray) -> np.ndarray:
        moved = self._inverse((self.weights * t[:, None]).T @ self.embeddings)
        return self.sums * t - (self.weights * (self.embeddings @ moved.T)).sum(axis=1)

    def solve(self, f: np.ndarray, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """dW and dt."""
        from scipy.linalg import cho_solve

        base = self._inverse(f)
        right = k + (self.weights * (self.embeddings @ base.T)).sum(axis=1)
        levels = cho_solve(self._schur, right, check_finite=False)
        if len(right) > DIRECT:
            levels = self._conjugate(right, levels)
        moved = self._inverse((self.weights * levels[:, None]).T @ self.embeddings)
        return base + moved, levels

    def _conjugate(self, right: np.ndarray, start: np.ndarray) -> np.ndarray:
        from scipy.linalg import cho_solve

        x = start
        residual = right - self._coupling(x)
        z = cho_solve(self._schur, residual, check_finite=False)
        direction, product = z, residual @ z
        for _ in range(60):
            image = self._coupling(direction)
            curvature = direction @ image
            if not curvature > 0:
                break
            length = product / curvature
            x, residual = x + length * direction, residual - length * image
            if np.linalg.norm(residual) <= 1e-9 * np.linalg.norm(right):
                break
            z = cho_solve(self._schur, residual, check_finite=False)
            product, before = residual @ z, product
            direction = z + product / before * direction
        return x


__all__ = ["TokenSystem"]
