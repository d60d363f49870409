"""The unique minimiser of a tied conditional-logit loss, enclosed in a ball (`foundations`, section 5, last paragraph).

    f(b) = sum_i alpha_i [ log sum_v n_iv exp(-<x_iv, b>) + sum_z share_iz <x_iz, b> - sum_z share_iz log n_iz ]

Newton's method in floats proposes a point, Arb refines it and decides: curvature along a line changes by at most a factor
exp(R r) within distance r (R the largest distance between two alternatives of one row), so if g exp(R r) / mu < r, with g
the gradient norm and mu a verified lower bound of the Hessian's eigenvalues at the point, there is exactly one minimiser
within r.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, arb_mat, ctx

from .balls import PRECISION, Interval, exact_arb, lower, norm, upper


@dataclass(frozen=True)
class TiedChoice:
    """One row of the tied loss: `rows` index the design matrix, None is the alternative every difference refers to."""

    weight: Fraction
    rows: tuple[int | None, ...]
    shares: tuple[Fraction, ...]
    multiplicities: tuple[Fraction, ...]


@dataclass(frozen=True)
class Minimum:
    """The minimiser lies within `radius` of the point `center`; the minimum lies in `value`."""

    center: arb_mat
    radius: arb
    value: Interval


class _Arrays:
    # The tied loss in floats: every choice padded to the largest, index 0 of the padded design is the zero row.
    def __init__(self, design: np.ndarray, choices: Sequence[TiedChoice]) -> None:
        widest = max(len(choice.rows) for choice in choices)
        self.design = np.vstack([np.zeros((1, design.shape[1])), design])
        self.index = np.zeros((len(choices), widest), dtype=np.int64)
        self.log_counts = np.full(self.index.shape, -np.inf)
        self.target = np.zeros(self.index.shape)
        self.weights = np.array([float(choice.weight) for choice in choices])
        for i, choice in enumerate(choices):
            size = len(choice.rows)
            self.index[i, :size] = [0 if r is None else r + 1 for r in choice.rows]
            self.log_counts[i, :size] = np.log([float(n) for n in choice.multiplicities])
            self.target[i, :size] = [float(choice.weight * share) for share in choice.shares]

    def evaluate(self, b: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        products = (self.design @ b)[self.index]
        logits = self.log_counts - products
        top = logits.max(axis=1, keepdims=True)
        masses = np.exp(logits - top)
        totals = masses.sum(axis=1, keepdims=True)
        p = self.weights[:, None] * masses / totals
        value = self.weights @ (top + np.log(totals))[:, 0] + (self.target * products).sum()
        gradient = np.bincount(self.index.ravel(), (self.target - p).ravel(), len(self.design)) @ self.design
        diagonal = np.bincount(self.index.ravel(), p.ravel(), len(self.design))
        means = np.einsum("iv,ivk->ik", p / self.weights[:, None], self.design[self.index])
        hessian = (self.design.T * diagonal) @ self.design - (means.T * self.weights) @ means
        return float(value), gradient, hessian


def _newton(arrays: _Arrays, size: int) -> tuple[np.ndarray, np.ndarray]:
    # Damped Newton: the loss is convex and coercive on the tied subspace, so the line search always ends.
    b = np.zeros(size)
    value, gradient, hessian = arrays.evaluate(b)
    for _ in range(200):
        shift = 1e-14 * np.trace(hessian) / size + 1e-300
        step = -np.linalg.solve(hessian + shift * np.eye(size), gradient)
        decrement = float(-gradient @ step)
        if decrement <= 1e-22 * (1 + abs(value)):
            break
        # Where the curvature nearly vanishes the full step is too long by many orders of magnitude: halve until it descends.
        length = 1.0
        while length > 1e-300:
            trial = arrays.evaluate(b + length * step)
            if trial[0] <= value - 0.25 * length * decrement + 1e-15 * (1 + abs(value)):
                break
            length /= 2
        b = b + length * step
        value, gradient, hessian = trial
    return b, hessian


def minimise(design: arb_mat, choices: Sequence[TiedChoice], precision: int = PRECISION) -> Minimum:
    """Enclose the minimiser of the tied loss; `design` has one row per tied difference, in well-scaled coordinates.

    Raises `ArithmeticError` if the ball test cannot be met at 2560 bits (the loss is then not strictly convex).
    """
    floats = np.array([[float(x.mid()) for x in row] for row in design.tolist()]).reshape(design.nrows(), design.ncols())
    point, hessian = _newton(_Arrays(floats, choices), design.ncols())
    inverse = np.linalg.pinv(hessian)
    center = arb_mat([[arb(float(x))] for x in point])
    while precision <= 2560:
        with ctx.workprec(precision):
            center = _polish(design, choices, center, inverse)
            found = _enclose(design, choices, center, inverse)
        if found is not None:
            return found
        precision *= 2
    raise ArithmeticError("no ball around the proposed minimiser could be verified")


def _masses(design: arb_mat, choices: Sequence[TiedChoice], center: arb_mat) -> tuple[arb_mat, list[list[arb]], arb]:
    # The gradient, the in-row probabilities and the value at a point, as balls.
    products = design * center
    residual = [arb(0)] * design.nrows()
    probabilities, value = [], arb(0)
    for choice in choices:
        weight = exact_arb(choice.weight)
        logits = [-products[r, 0] if r is not None else arb(0) for r in choice.rows]
        counts = [exact_arb(n) for n in choice.multiplicities]
        masses = [n * x.exp() for n, x in zip(counts, logits)]
        total = sum(masses, arb(0))
        p = [mass / total for mass in masses]
        probabilities.append(p)
        value += weight * total.log()
        for r, q, share, x, n in zip(choice.rows, p, choice.shares, logits, counts):
            if share:
                value -= weight * exact_arb(share) * (x + n.log())
            if r is not None:
                residual[r] += weight * (exact_arb(share) - q)
    return design.transpose() * arb_mat([[x] for x in residual]), probabilities, value


def _polish(design: arb_mat, choices: Sequence[TiedChoice], center: arb_mat, inverse: np.ndarray) -> arb_mat:
    # Newton steps with the float inverse gain about ten digits each; midpoints carry the full precision.
    for _ in range(2 + ctx.prec // 40):
        gradient, _, _ = _masses(design, choices, center)
        size = max(abs(float(gradient[i, 0].mid())) for i in range(gradient.nrows()))
        if size == 0.0:
            break
        scaled = np.array([float((gradient[i, 0] / size).mid()) for i in range(gradient.nrows())])
        step = inverse @ scaled
        center = arb_mat([[(center[i, 0] - arb(float(step[i])) * size).mid()] for i in range(center.nrows())])
        if size < 2.0 ** (-0.8 * ctx.prec):
            break
    return center


def _enclose(design: arb_mat, choices: Sequence[TiedChoice], center: arb_mat, inverse: np.ndarray) -> Minimum | None:
    gradient, probabilities, value = _masses(design, choices, center)
    size = design.ncols()
    g = norm(gradient[i, 0] for i in range(size))
    diagonal = [arb(0)] * design.nrows()
    means = []
    for choice, p in zip(choices, probabilities):
        weight = exact_arb(choice.weight)
        mean = [arb(0)] * design.nrows()
        for r, q in zip(choice.rows, p):
            if r is not None:
                diagonal[r] += weight * q
                mean[r] += q * weight.sqrt()
        means.append(mean)
    weighted = arb_mat([[diagonal[r] * x for x in row] for r, row in enumerate(design.tolist())])
    averages = arb_mat(means) * design
    hessian = design.transpose() * weighted - averages.transpose() * averages
    approximate = arb_mat([[arb(float(x)) for x in row] for row in inverse])
    product = approximate * hessian
    defect = max(upper(sum((abs(int(i == k) - product[i, k]) for k in range(size)), arb(0))) for i in range(size))
    inverse_norm = max(upper(sum((abs(approximate[i, k]) for k in range(size)), arb(0))) for i in range(size))
    if defect >= 1 or inverse_norm == 0:
        return None
    mu = exact_arb((1 - defect) / inverse_norm)
    reach = max((norm(row) for row in design.tolist()), default=arb(0))
    radius = (3 * g / mu).upper()
    if not g * (2 * reach * radius).exp() / mu < radius and g != 0:
        return None
    # Convexity: the minimum is between f(center) - g r and f(center).
    low = lower(value - g * radius)
    high = upper(value)
    return Minimum(center, radius, Interval((low + high) / 2, (high - low) / 2))


__all__ = ["Minimum", "TiedChoice", "minimise"]
