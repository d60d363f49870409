"""Generic-size expressions of a conditional logit, shared by the symbolic steps of this area.

Ranges: I rows, C alternatives of a row, In and Out its tied and separable alternatives, D coordinates of the
parameter.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ....symbolic import E, L, index, total

w, d, n, weight, z = (sp.Function(name) for name in ("w", "d", "n", "a", "z"))
i, u, v, k = (index(name) for name in "iuvk")
a, b = index("alpha"), index("beta")


def inner(x: Any, y: Any) -> Any:
    """<x, y>, for two functions of a coordinate."""
    c = index("c")
    return total(x(c) * y(c), (c, "D"))


def margin(row: Any, alternative: Any, parameter: Any = w) -> Any:
    """<parameter, d_iv>."""
    c = index("c")
    return total(parameter(c) * d(row, alternative, c), (c, "D"))


def mass(row: Any, alternative: Any) -> Any:
    """n_iv exp(-<w, d_iv>)."""
    return n(row, alternative) * E(-margin(row, alternative))


def partition_sum(row: Any, choices: str = "C") -> Any:
    """Z_i = sum over the choice set (or over In, Out) of the masses."""
    return total(mass(row, u), (u, choices))


def probability(row: Any, alternative: Any) -> Any:
    """p_iv(w)."""
    return mass(row, alternative) / partition_sum(row)


def loss() -> Any:
    """L(w) without the constant: sum_i a_i log Z_i."""
    return total(weight(i) * L(partition_sum(i)), (i, "I"))


def gradient(coordinate: Any) -> Any:
    """The claimed gradient -sum_i a_i sum_v p_iv d_iv, one coordinate."""
    return -total(weight(i) * probability(i, v) * d(i, v, coordinate), (i, "I"), (v, "C"))


def variance(row: Any) -> Any:
    """Var_{v ~ p_i} <z, d_iv>."""
    first = total(probability(row, v) * margin(row, v, z), (v, "C"))
    return total(probability(row, v) * margin(row, v, z) ** 2, (v, "C")) - first**2
