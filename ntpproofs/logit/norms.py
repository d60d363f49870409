"""The norms of `norm_margin`: their names, duals, float values and proved upper bounds."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
from flint import arb, ctx

from ..errors import InvalidInput
from ..exact.balls import PRECISION, exact_arb, largest_eigenvalue, round_up, upper
from ..exact.rational import dot
from .linear_programmes import exponent
from .problem import Vector

NORMS = ("l1", "l-infinity", "frobenius", "spectral", "nuclear")
DUALS = {"l1": "l-infinity", "l-infinity": "l1", "frobenius": "frobenius", "spectral": "nuclear", "nuclear": "spectral"}
Norm = str | float | Fraction


def checked(norm: Norm) -> Norm:
    """The norm, if it is one of `NORMS` or an exponent above 1 within the range of floats (`InvalidInput` otherwise)."""
    if isinstance(norm, str) and norm in NORMS:
        return norm
    if isinstance(norm, (int, float)) and not isinstance(norm, bool) and 1 < norm <= sys.float_info.max:
        return float(norm)
    raise InvalidInput("norm", f"is {_short(norm)}", f"write one of {', '.join(NORMS)}, or an exponent above 1 and up to 1.7e308")


def _short(norm: object) -> str:
    if isinstance(norm, int) and norm.bit_length() > 100:
        return "an integer beyond the range of floats"
    return repr(norm)


def dual_norm(norm: Norm) -> Norm:
    """The dual norm: l1 and l-infinity, spectral and nuclear, p and q with 1/p + 1/q = 1 exactly.

    >>> dual_norm("spectral"), dual_norm(1.5)
    ('nuclear', Fraction(3, 1))
    """
    return DUALS[norm] if isinstance(norm, str) else Fraction(norm) / (Fraction(norm) - 1)


def norm_value(norm: Norm, w: np.ndarray, shape: tuple[int, int]) -> float:
    """N(w) in floats, for a flat vector of a parameter of the given shape.

    >>> norm_value("nuclear", np.array([3.0, 0.0, 0.0, 4.0]), (2, 2)), norm_value(1000.0, np.array([1e9, 1e-9]), (2, 1))
    (7.0, 1000000000.0)
    """
    if norm in ("spectral", "nuclear"):
        return float(np.linalg.norm(w.reshape(shape), 2 if norm == "spectral" else "nuc"))
    if isinstance(norm, str):
        return float(np.linalg.norm(w, {"l1": 1, "l-infinity": np.inf, "frobenius": 2}[norm]))
    top = float(np.abs(w).max(initial=0.0))  # the powers of w itself overflow
    return top * float(np.linalg.norm(w / top, float(norm))) if top else 0.0


def norm_bound(norm: Norm, x: Vector, shape: tuple[int, int]) -> Fraction:
    """A rational upper bound of N(x): exact for l1 and l-infinity, tight to about 1e-13 otherwise, for entries of any size.

    >>> norm_bound("l1", (Fraction(1, 2), Fraction(-1)), (2, 1))
    Fraction(3, 2)
    """
    sizes = [abs(entry) for entry in x]
    if norm == "l1":
        return sum(sizes, Fraction(0))
    if norm == "l-infinity":
        return max(sizes, default=Fraction(0))
    if not any(sizes):
        return Fraction(0)
    unit = Fraction(2) ** exponent(max(sizes))
    with ctx.workprec(PRECISION):
        return unit * _bound(norm, tuple(entry / unit for entry in x), shape)


def _bound(norm: Norm, x: Vector, shape: tuple[int, int]) -> Fraction:
    if norm == "frobenius":
        return round_up(upper(exact_arb(dot(x, x)).sqrt()))
    if norm == "spectral":
        return round_up(upper(exact_arb(largest_eigenvalue(_gram(_matrix(x, shape)))).sqrt()))
    if norm == "nuclear":
        return _nuclear_bound(_matrix(x, shape))
    # top (sum (x / top)^p)^(1/p): every power is at most 1, for exponents of any size.
    sizes, p = [abs(entry) for entry in x if entry], exact_arb(Fraction(norm))
    top = max(sizes)
    powers = [(exact_arb(size / top).log() * p).exp().upper() for size in sizes if size < top]
    total = sum((power if power < 1 else arb(1) for power in powers), arb(sizes.count(top)))
    return round_up(upper(exact_arb(top) * (total.log() / p).exp()))


def _matrix(x: Vector, shape: tuple[int, int]) -> list[list[Fraction]]:
    rows = [list(x[i * shape[1] : (i + 1) * shape[1]]) for i in range(shape[0])]
    return rows if shape[0] <= shape[1] else [list(column) for column in zip(*rows)]


def _gram(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    return [[dot(a, b) for b in rows] for a in rows]


def _nuclear_bound(rows: list[list[Fraction]]) -> Fraction:
    # X = sum s u v' + E for float triplets (u, s, v): |X|_* <= sum s |u| |v| + sqrt(rank) |E|_F, everything in balls.
    left, values, right = np.linalg.svd(np.array([[float(x) for x in row] for row in rows]), full_matrices=False)
    total, squared = arb(0), arb(0)
    for k, value in enumerate(values):
        lengths = [sum((exact_arb(float(x)) * exact_arb(float(x)) for x in vector), arb(0)).sqrt() for vector in (left[:, k], right[k])]
        total += exact_arb(float(value)) * lengths[0] * lengths[1]
    for i, row in enumerate(rows):
        for j, x in enumerate(row):
            terms = (exact_arb(float(left[i, k])) * exact_arb(float(values[k])) * exact_arb(float(right[k, j])) for k in range(len(values)))
            gap = exact_arb(x) - sum(terms, arb(0))
            squared += gap * gap
    return round_up(upper(total + (exact_arb(len(values)) * squared.upper()).sqrt()))


__all__ = ["DUALS", "NORMS", "Norm", "checked", "dual_norm", "norm_bound", "norm_value"]
