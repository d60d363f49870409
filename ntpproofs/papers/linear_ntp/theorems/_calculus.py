"""The cross-entropy in the decoder at generic size: one range A for the vocabulary (p = 0 off the supports), D for coordinates."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ....symbolic import E, L, index, total
from ._symbols import h, j, p, pi, score, u, z

t, r, c, e = index("t"), index("r"), index("c"), index("e")
direction = sp.Function("U")
ALL, D = "A", "D"


def move(context: Any, token: Any) -> Any:
    """(U h_j)_token."""
    return total(direction(token, c) * h(context, c), (c, D))


def probability(context: Any, token: Any) -> Any:
    """softmax_token(W h_j) over the whole vocabulary."""
    return E(score(context, token)) / total(E(score(context, u)), (u, ALL))


def loss_formula() -> Any:
    """CE as a function of the decoder."""
    log = score(j, z) - L(total(E(score(j, u)), (u, ALL)))
    return -total(pi(j) * p(j, z) * log, (j, "J"), (z, ALL))


def gradient_formula(token: Any, coordinate: Any) -> Any:
    """sum_j pi_j ((sum_z p_jz) softmax_t - p_jt) h_jc: the entry of (softmax(WH) - P) diag(pi) H^T once sum p = 1."""
    first = total(pi(j) * p(j, z) * probability(j, token) * h(j, coordinate), (j, "J"), (z, ALL))
    return first - total(pi(j) * p(j, token) * h(j, coordinate), (j, "J"))
