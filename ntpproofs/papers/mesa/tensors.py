"""The reduced model yhat_t = B S_t A x_t as one quadratic form in the products B_jm A_kl, with exact coefficients for any length.

With W_{j,(m,k,l)} = B_jm A_kl and the features of `coincidences`,

    L(B, A) = (1/2) sum_j [ W_j H W_j^* - 2 Re c_j W_j^* ] + (1/2) (T-2) sum_j E|u_j|^2,
    H[f, g] = sum_t E Phi_f conj(Phi_g),   c[j, f] = sum_t E x_{t+1,j} conj(Phi_f).

H and c are moments of u of degree six and four times counts of coincidences; nothing grows with the length T.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from .coincidences import Count, Indices, canonical, pair_count, target_count
from .gaussian import real_part
from .laws import Law, unit_powers
from .model import Matrix, matrix

Feature = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Tensors:
    """The sparse exact coefficients H, c and the constant of the loss of one law, summed over the predicted positions."""

    dimension: int
    quadratic: Mapping[tuple[Feature, Feature], Fraction]
    linear: Mapping[tuple[int, Feature], Fraction]
    constant: Fraction

    def arrays(self) -> tuple[np.ndarray, np.ndarray, float]:
        """H (d^3 x d^3), c (d x d^3) and the constant in doubles; feature (m, k, l) has index (m d + k) d + l."""
        d = self.dimension
        quadratic, linear = np.zeros((d,) * 6), np.zeros((d,) * 4)
        for (f, g), value in self.quadratic.items():
            quadratic[f + g] = float(value)
        for (j, f), value in self.linear.items():
            linear[(j, *f)] = float(value)
        return quadratic.reshape(d**3, d**3), linear.reshape(d, d**3), float(self.constant)


def _averaged(count: Count, length: int, position: int | None, power: int) -> Fraction:
    if position is not None:
        return Fraction(count.at(position), (position - 1) ** power)
    return count.averaged(length, power)


@lru_cache(maxsize=4096)
def pair_average(pattern: Indices, length: int, position: int | None = None) -> Fraction:
    """sum_t (number of coincidences of two features) / (t-1)^2 over t = 2, ..., T-1, or the one term at `position`.

    >>> pair_average((0, 1, 1, 0, 1, 1), 5)  # H_3
    Fraction(11, 6)
    """
    return _averaged(pair_count(pattern), length, position, 2)


@lru_cache(maxsize=512)
def target_average(pattern: Indices, length: int, position: int | None = None) -> Fraction:
    """sum_t (number of coincidences of a target and a feature) / (t-1).

    >>> target_average((0, 0, 0, 0), 5)
    Fraction(3, 1)
    """
    return _averaged(target_count(pattern), length, position, 1)


def pair_moment(law: Law, f: Feature, g: Feature, length: int, position: int | None = None) -> Fraction:
    """H[f, g]: the moment E u_m conj(u_k) u_l conj(u_m') u_k' conj(u_l') times the averaged count."""
    weight = pair_average(canonical((*f, *g)), length, position)
    if not weight:
        return weight
    d = law.dimension
    return weight * law.moment(unit_powers(d, (f[0], f[2], g[1])), unit_powers(d, (f[1], g[0], g[2])))


def target_moment(law: Law, j: int, f: Feature, length: int, position: int | None = None) -> Fraction:
    """c[j, f]: the moment E u_j conj(u_m) u_k conj(u_l) times the averaged count."""
    weight = target_average(canonical((j, *f)), length, position)
    if not weight:
        return weight
    d = law.dimension
    return weight * law.moment(unit_powers(d, (j, f[1])), unit_powers(d, (f[0], f[2])))


@lru_cache(maxsize=64)
def tensors(law: Law, length: int, position: int | None = None) -> Tensors:
    """H, c and the constant for a law and a length T (or for the single predicted position t).

    >>> from .named_laws import OnesLaw
    >>> tensors(OnesLaw(1), 5).quadratic
    {((0, 0, 0), (0, 0, 0)): Fraction(3, 1)}
    """
    d = law.dimension
    features: list[Feature] = list(product(range(d), repeat=3))  # type: ignore[arg-type]
    quadratic, linear = {}, {}
    for f in features:
        for g in features:
            if f <= g:
                value = pair_moment(law, f, g, length, position)
                if value:
                    quadratic[f, g] = quadratic[g, f] = value
        for j in range(d):
            value = target_moment(law, j, f, length, position)
            if value:
                linear[j, f] = value
    terms = 1 if position is not None else length - 2
    squares = sum((law.moment(unit_powers(d, (j,)), unit_powers(d, (j,))) for j in range(d)), Fraction(0))
    return Tensors(d, quadratic, linear, terms * squares / 2)


def reduced_loss(coefficients: Tensors, left: Matrix, right: Matrix) -> Fraction:
    """L(B, A) for exact (also complex) B and A."""
    result = coefficients.constant
    for row in left:
        for (f, g), value in coefficients.quadratic.items():
            x, y = row[f[0]] * right[f[1]][f[2]], row[g[0]] * right[g[1]][g[2]]
            if x != 0 and y != 0:
                result += value * real_part(x * y.conjugate()) / 2
    for (j, f), value in coefficients.linear.items():
        result -= value * real_part(left[j][f[0]] * right[f[1]][f[2]])
    return result


def reduced_gradient(coefficients: Tensors, left: Matrix, right: Matrix) -> tuple[Matrix, Matrix]:
    """grad_B and grad_A (each d x d) for exact B and A, in the convention of `model`.

    With G_j = W_j H - c_j:  grad_B[j, m] = sum_kl G_jmkl conj(A_kl),  grad_A[k, l] = sum_jm conj(B_jm) G_jmkl.
    """
    d = coefficients.dimension
    zero = Fraction(0)
    to_left: list[list[Any]] = [[zero] * d for _ in range(d)]
    to_right: list[list[Any]] = [[zero] * d for _ in range(d)]

    def add(j: int, g: Feature, value: Any) -> None:
        m, k, line = g
        to_left[j][m] += value * right[k][line].conjugate()
        to_right[k][line] += left[j][m].conjugate() * value

    for j in range(d):
        for (f, g), value in coefficients.quadratic.items():
            x = left[j][f[0]] * right[f[1]][f[2]]
            if x != 0:
                add(j, g, x * value)
    for (j, g), value in coefficients.linear.items():
        add(j, g, -value)
    return matrix(to_left), matrix(to_right)
