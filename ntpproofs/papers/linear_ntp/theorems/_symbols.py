"""Generic-size expressions of linear NTP, shared by the symbolic steps of this area.

Ranges: J contexts, S tokens of a support, O tokens off it, A the whole vocabulary where no split is needed, D embedding coordinates.
Logits l_{j,v} are free positive symbols unless a statement writes them as <w_v, h_j>.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ....symbolic import E, L, index, total

p, pi, logit, decoder, h = (sp.Function(name) for name in ("p", "pi", "ell", "W", "h"))
j, u, v, z = (index(name) for name in "juvz")


def score(context: Any, token: Any) -> Any:
    """<w_v, h_j> = sum_c W_vc h_jc."""
    c = index("c")
    return total(decoder(token, c) * h(context, c), (c, "D"))


def inside(context: Any, of: Any = logit) -> Any:
    """sum over the support of exp(logit)."""
    return total(E(of(context, u)), (u, "S"))


def outside(context: Any, of: Any = logit) -> Any:
    """sum off the support of exp(logit)."""
    return total(E(of(context, u)), (u, "O"))


def everything(context: Any, of: Any = logit) -> Any:
    """sum over the vocabulary, split in two ranges."""
    return inside(context, of) + outside(context, of)


def log_softmax(context: Any, token: Any, of: Any = logit) -> Any:
    """log softmax_token of the logits of a context."""
    return of(context, token) - L(everything(context, of))


def cross_entropy(of: Any = logit) -> Any:
    """CE = - sum_j pi_j sum_{z in S} p_jz log softmax_z."""
    return -total(pi(j) * p(j, z) * log_softmax(j, z, of), (j, "J"), (z, "S"))
