"""Gradient flow of full complex matrices, in doubles: the two live blocks (B, A), or all blocks (P, Q).

The loss is a quadratic form in the products of entries, so with w = vec(left) vec(right)^T, reshaped to rows j,

    G = w H - c,    grad_left = G conj(vec(right)),    grad_right = conj(vec(left)) G,

which is all that a step of the integrator needs. Moments of the law enter through H and c, exact before they are rounded once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product

import numpy as np
import scipy

from ...errors import InvalidInput, TooLarge
from .coincidences import canonical
from .laws import Law, unit_powers
from .tensors import tensors

# d^3 features give d^6 coefficients: 1.8 million at d = 11.
LARGEST_DIMENSION = 8
LARGEST_FULL_DIMENSION = 3
# Evaluations of the gradient spent on going on beyond the horizon: a fraction of a second.
PATIENCE = 20_000

Token = tuple[int, int]  # (coordinate, 0 for x_i and 1 for x_{i-1})


@dataclass(frozen=True, eq=False)
class Loss:
    """A loss (1/2) sum_j [w_j H w_j^* - 2 Re c_j w_j^*] + constant in doubles: left is d x m, right m x m, H m^3 x m^3, c d x m^3."""

    quadratic: np.ndarray
    linear: np.ndarray
    constant: float
    shapes: tuple[tuple[int, int], tuple[int, int]]

    def value(self, left: np.ndarray, right: np.ndarray) -> float:
        """L(left, right)."""
        w = self._products(left, right)
        return float(self.constant + (0.5 * np.sum((w @ self.quadratic) * w.conj()) - np.sum(self.linear * w.conj())).real)

    def gradient(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The gradients in both blocks, dL/dRe + i dL/dIm."""
        residual = (self._products(left, right) @ self.quadratic - self.linear).reshape(left.size, right.size)
        to_left, to_right = residual @ right.ravel().conj(), left.ravel().conj() @ residual
        return to_left.reshape(left.shape), to_right.reshape(right.shape)

    def _products(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.outer(left.ravel(), right.ravel()).reshape(len(left), -1)


@lru_cache(maxsize=32)
def reduced(law: Law, length: int) -> Loss:
    """The loss of the two live blocks, B and A both d x d. Raises `TooLarge` beyond dimension 8."""
    d = law.dimension
    if d > LARGEST_DIMENSION:
        raise TooLarge("dimension", f"is {d}: the matrix flow would need {d**6:,} coefficients", f"give at most {LARGEST_DIMENSION}")
    quadratic, linear, constant = tensors(law, length).arrays()
    return Loss(quadratic, linear, constant, ((d, d), (d, d)))


@lru_cache(maxsize=32)
def full(law: Law, length: int) -> Loss:
    """The loss of all blocks, P d x 2d and Q 2d x 2d. Raises `TooLarge` beyond dimension 3."""
    d = law.dimension
    if d > LARGEST_FULL_DIMENSION:
        reason = f"is {d}: the flow of all blocks would need {(2 * d) ** 6:,} coefficients"
        raise TooLarge("dimension", reason, f"give at most {LARGEST_FULL_DIMENSION}, or follow the live blocks alone")
    tokens = [(c, lag) for lag in (0, 1) for c in range(d)]
    features: list[tuple[Token, Token, Token]] = list(product(tokens, repeat=3))  # type: ignore[arg-type]
    charges = [charge((f[0][1], f[1][1], f[2][1])) for f in features]
    quadratic = np.zeros((len(features),) * 2)
    linear = np.zeros((d, len(features)))
    for x, f in enumerate(features):
        for y in range(x + 1):
            if charges[x] == charges[y]:
                quadratic[x, y] = quadratic[y, x] = float(_full_pair(law, f, features[y], length))
        for j in range(d):
            if charges[x] == 0:
                linear[j, x] = float(_full_target(law, j, f, length))
    squares = sum((law.moment(unit_powers(d, (j,)), unit_powers(d, (j,))) for j in range(d)), Fraction(0))
    return Loss(quadratic, linear, float((length - 2) * squares / 2), ((d, 2 * d), (2 * d, 2 * d)))


def charge(lags: tuple[int, int, int]) -> int:
    """The charge, relative to the target's t, of entry (p, q) of M_t times part r of e_t under l -> e^{i phi} l; lags 0 and 1 stand for
    x_i and x_{i-1}. Entry (p, q) has charge lag(q) - lag(p), part r has t - 1 - lag(r).

    >>> charge((0, 1, 0)), charge((0, 0, 0))
    (0, -1)
    """
    p, q, r = lags
    return q - p - r - 1


def _full_exponents(feature: tuple[Token, Token, Token], t: int, size: int) -> Counter[tuple[int, ...]]:
    (p, lag_p), (q, lag_q), (r, lag_r) = feature
    first = 1 + max(lag_p, lag_q)  # x_0 = 0
    return Counter(
        tuple((i - 1 - lag_p) * (c == p) - (i - 1 - lag_q) * (c == q) + (t - 1 - lag_r) * (c == r) for c in range(size)) for i in range(first, t + 1)
    )


@lru_cache(maxsize=200_000)
def _full_count(pattern: tuple[int, ...], lags: tuple[int, ...], length: int) -> Fraction:
    left, right = tuple(zip(pattern[:3], lags[:3])), tuple(zip(pattern[3:], lags[3:]))
    total = Fraction(0)
    for t in range(2, length):
        lefts, rights = _full_exponents(left, t, 6), _full_exponents(right, t, 6)  # type: ignore[arg-type]
        total += Fraction(sum(n * rights[key] for key, n in lefts.items()), (t - 1) ** 2)
    return total


def _full_pair(law: Law, f: tuple[Token, ...], g: tuple[Token, ...], length: int) -> Fraction:
    indices, lags = tuple(c for c, _ in (*f, *g)), tuple(lag for _, lag in (*f, *g))
    weight = _full_count(canonical(indices), lags, length)
    p, q, r, p2, q2, r2 = indices
    d = law.dimension
    return weight * law.moment(unit_powers(d, (p, r, q2)), unit_powers(d, (q, p2, r2))) if weight else weight


def _full_target(law: Law, j: int, f: tuple[Token, Token, Token], length: int) -> Fraction:
    d, (p, q, r) = law.dimension, (c for c, _ in f)
    total = Fraction(0)
    for t in range(2, length):
        goal = tuple(t * (c == j) for c in range(d))
        total += Fraction(_full_exponents(f, t, d)[goal], t - 1)
    return total * law.moment(unit_powers(d, (j, q)), unit_powers(d, (p, r))) if total else total


@dataclass(frozen=True, eq=False)
class MatrixRun:
    """A trajectory: `times` (n), `lefts` (n x d x m), `rights` (n x m x m), the loss at each record."""

    times: np.ndarray
    lefts: np.ndarray
    rights: np.ndarray
    losses: np.ndarray

    @property
    def left(self) -> np.ndarray:
        """The last left block."""
        return self.lefts[-1]

    @property
    def right(self) -> np.ndarray:
        """The last right block."""
        return self.rights[-1]

    @property
    def imbalance(self) -> np.ndarray:
        """|left|^2 - |right|^2 (Frobenius), conserved by the flow."""
        return np.sum(abs(self.lefts) ** 2, axis=(1, 2)) - np.sum(abs(self.rights) ** 2, axis=(1, 2))


def settle(loss: Loss, left: np.ndarray, right: np.ndarray, time: float, *, masked: bool = False, tolerance: float = 1e-11) -> MatrixRun:
    """`follow` up to `time`, and on to ten, a thousand, a hundred thousand times it, until the gradient is down to the integrator's accuracy."""
    run = follow(loss, left, right, time, masked=masked, tolerance=tolerance)
    for factor in (9, 990, 99_000):
        size = max(float(abs(run.left).max()), float(abs(run.right).max()), 1e-300)
        force = max(float(abs(gradient * cut).max()) for gradient, cut in zip(loss.gradient(run.left, run.right), _masks(loss, masked)))
        if force <= 1e2 * tolerance * size * float(abs(loss.linear).max()):  # the last factor: the curvature per unit of product
            return run
        try:
            more = follow(loss, run.left, run.right, factor * time, masked=masked, tolerance=tolerance, evaluations=PATIENCE)
        except TooLarge:  # algebraically slow directions: the run ends where it is
            return run
        run = _joined(run, more)
    return run


def _joined(first: MatrixRun, second: MatrixRun) -> MatrixRun:
    times = np.concatenate([first.times, first.times[-1] + second.times[1:]])
    parts = ((x, y[1:]) for x, y in ((first.lefts, second.lefts), (first.rights, second.rights), (first.losses, second.losses)))
    return MatrixRun(times, *(np.concatenate(pair) for pair in parts))


def _masks(loss: Loss, masked: bool) -> list[np.ndarray]:
    return [np.eye(*shape) if masked else np.ones(shape) for shape in loss.shapes]


def follow(
    loss: Loss,
    left: np.ndarray,
    right: np.ndarray,
    time: float,
    *,
    masked: bool = False,
    tolerance: float = 1e-11,
    records: int = 65,
    evaluations: int = 400_000,
) -> MatrixRun:
    """Gradient flow from (left, right) up to `time`, by LSODA with relative tolerance `tolerance`.

    `masked` zeroes the off-diagonal entries of both gradients. Raises `InvalidInput` if the integrator fails and `TooLarge` beyond
    the given number of evaluations of the gradient.
    """
    complex_ = np.iscomplexobj(left) or np.iscomplexobj(right)
    if complex_:  # cast once, not in every product
        loss = Loss(loss.quadratic.astype(complex), loss.linear.astype(complex), loss.constant, loss.shapes)
    start = np.concatenate([np.asarray(left).ravel(), np.asarray(right).ravel()])
    cut = loss.shapes[0][0] * loss.shapes[0][1]
    keep = np.concatenate([mask.ravel() for mask in _masks(loss, masked)])

    def blocks(state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return state[:cut].reshape(loss.shapes[0]), state[cut:].reshape(loss.shapes[1])

    count = 0

    def force(_: float, packed: np.ndarray) -> np.ndarray:
        nonlocal count
        count += 1
        if count > evaluations:
            raise TooLarge("the flow", f"needs more than {evaluations:,} gradients", "shorten the time or choose other units")
        state = packed.view(complex) if complex_ else packed
        to_left, to_right = loss.gradient(*blocks(state))
        change = -np.concatenate([to_left.ravel(), to_right.ravel()]) * keep
        return change.view(float) if complex_ else change

    packed = start.astype(complex).view(float) if complex_ else start.astype(float)
    scale = max(float(np.abs(packed).max()), 1e-300)
    accuracy = {"rtol": tolerance, "atol": 1e-3 * tolerance * min(scale, 1.0)}
    run = scipy.integrate.solve_ivp(force, (0.0, time), packed, "LSODA", t_eval=_record_times(time, records), **accuracy)
    if not run.success:
        raise InvalidInput("the flow", f"could not be followed ({run.message})", "shorten the time or start nearer to the origin")
    states = np.ascontiguousarray(run.y.T)
    return _recorded(loss, run.t, [blocks(state) for state in (states.view(complex) if complex_ else states)])


def _record_times(time: float, records: int) -> np.ndarray:
    return np.concatenate([[0.0], time * np.geomspace(1e-4, 1.0, records - 1)])


def _recorded(loss: Loss, times: np.ndarray, pairs: list[tuple[np.ndarray, np.ndarray]]) -> MatrixRun:
    lefts, rights = (np.array([pair[i] for pair in pairs]) for i in (0, 1))
    return MatrixRun(times, lefts, rights, np.array([loss.value(*pair) for pair in pairs]))
