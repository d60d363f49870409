"""Verified bounds for sums and matrix products of doubles: an a-priori bound of the rounding error, not a ball per entry.

In round-to-nearest with unit u = 2^-53 a sum of n products, in any order and with or without fused operations, differs from the exact
one by at most gamma_n sum |x_i y_i|, gamma_n = n u / (1 - n u) (Higham, Accuracy and Stability, section 3.1). Underflow adds at most
n 2^-1074. Bounds are themselves computed in doubles and then widened by a factor that covers their own rounding.
"""

from __future__ import annotations

import math

import numpy as np

UNIT = 2.0**-53
TINY = 2.0**-1060
WIDER = 1.0 + 2.0**-20


def gamma(n: int) -> float:
    """gamma_n, rounded up.

    >>> gamma(64) > 64 * UNIT
    True
    """
    return n * UNIT / (1 - 2 * n * UNIT) * (1 + 4 * UNIT)


def product(x: np.ndarray, y: np.ndarray, data: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """x @ y in doubles and an entrywise bound of its error, where entries of x and y may be off by a relative `data` each.

    >>> value, error = product(np.array([[0.1, 0.2]]), np.array([[0.3], [0.4]]))
    >>> bool(0 < error[0, 0] < 1e-15)
    True
    """
    size = np.abs(x) @ np.abs(y)
    return x @ y, size * ((gamma(x.shape[1] + 1) + 2 * data + data * data) * WIDER) + TINY


def above(x: np.ndarray) -> np.ndarray:
    """Upper bounds of the Euclidean norms of the rows."""
    return np.sqrt(np.einsum("ij,ij->i", x, x)) * (1 + gamma(x.shape[1] + 4)) + TINY


def norm_above(x: np.ndarray) -> float:
    """An upper bound of the Frobenius norm of a matrix.

    >>> norm_above(np.array([[3.0, 4.0]])) >= 5
    True
    """
    return math.nextafter(math.sqrt(math.fsum(above(x) ** 2)) * (1 + 8 * UNIT), math.inf)


def total_below(x: np.ndarray) -> float:
    """A lower bound of the sum of all entries (`math.fsum` is correctly rounded)."""
    return math.nextafter(math.fsum(x.ravel().tolist()), -math.inf)


def total_above(x: np.ndarray) -> float:
    """An upper bound of the sum of all entries."""
    return math.nextafter(math.fsum(x.ravel().tolist()), math.inf)


def least_eigenvalue(matrix: np.ndarray, error: float) -> float:
    """A lower bound of the least eigenvalue of every symmetric matrix within spectral distance `error`; 0.0 where none is positive.

    Rump (Verification of positive definiteness, BIT 2006): if the floating-point Cholesky decomposition of A - c I runs to its end, then
    A is positive semidefinite, for any c >= gamma_{n+1} / (1 - gamma_{n+1}) tr(A) up to underflow. So A - s I is semidefinite as
    soon as A - (s + c) I has a decomposition; the subtraction on the diagonal rounds by at most u times its size.

    >>> 0.99 < least_eigenvalue(np.array([[2.0, 1.0], [1.0, 2.0]]), 0.0) <= 1
    True
    >>> least_eigenvalue(np.array([[1.0, 1.0], [1.0, 1.0]]), 0.0)
    0.0
    """
    size = len(matrix)
    if size == 0:
        return math.inf
    trace = float(np.abs(np.diag(matrix)).sum()) * (1 + gamma(size + 2))
    least = 2 * gamma(size + 2) * trace + TINY
    guess = float(np.linalg.eigvalsh(matrix)[0]) if size <= 1_000 else _guessed(matrix)
    for share in (0.999, 0.9, 0.5, 0.1):
        shift = share * guess
        if shift <= least + error:
            break
        try:
            np.linalg.cholesky(matrix - (shift + least + 4 * UNIT * trace) * np.eye(size))
        except np.linalg.LinAlgError:
            continue
        return max(0.0, (shift - error) * (1 - 4 * UNIT))
    return 0.0


def _guessed(matrix: np.ndarray) -> float:
    # The least eigenvalue by inverse iteration; nothing here is believed.
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    try:
        factor = cho_factor(matrix)
    except LinAlgError:
        return 0.0
    x = np.random.default_rng(0).normal(size=len(matrix))
    for _ in range(12):
        x = cho_solve(factor, x / np.linalg.norm(x))
    return float(1 / np.linalg.norm(x))


__all__ = ["UNIT", "WIDER", "above", "gamma", "least_eigenvalue", "norm_above", "product", "total_above", "total_below"]
