"""The cross-entropy in the decoder at generic size: one range A for the vocabulary (p = 0 off the supports), D for coordinates."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ....language.relations import Equal
from ....symbolic import E, Formula, L, index, total
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


def cauchy_schwarz() -> Equal:
    """|h|^2 |x|^2 - <h, x>^2 is half a sum of squares (Lagrange), so <h, x>^2 <= |h|^2 |x|^2."""
    f, x = sp.Function("h"), sp.Function("x")
    squares = total(f(c) ** 2, (c, D)) * total(x(c) ** 2, (c, D)) - total(f(c) * x(c), (c, D)) ** 2
    return Equal(Formula(squares), Formula(total((f(c) * x(e) - f(e) * x(c)) ** 2, (c, D), (e, D)) / 2))


def largest_gap() -> Equal:
    """(a - b)^2 <= 2 (a^2 + b^2) for a, b two logits <w, h>; with <w, h>^2 <= |w|^2 |h|^2 a gap is at most sqrt(2) |h| |W|."""
    h_, first, second = sp.Function("h"), sp.Function("x"), sp.Function("y")
    a, b = (total(row(c) * h_(c), (c, D)) for row in (first, second))
    difference, sum_ = (total((first(c) + sign * second(c)) * h_(c), (c, D)) for sign in (-1, 1))
    return Equal(Formula(2 * (a**2 + b**2) - difference**2), Formula(sum_**2))
