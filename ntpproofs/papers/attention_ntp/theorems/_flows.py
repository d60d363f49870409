"""Walks on a token-priority graph as flows: the identities behind every argument along a path, round a cycle or by what a token reaches.

Let f(u, v) count how often a walk takes the edge u -> v. A closed walk leaves every token as often as it enters it; a walk from p to
q leaves p once more than it enters it and enters q once more than it leaves it. Signs count a step against an edge negatively.
"""

from __future__ import annotations

import sympy as sp

from ....language.relations import All, Equal
from ....symbolic import Delta, Formula, index, total
from ._symbols import u, v

TOKENS = "K"
f, s, r = sp.Function("f"), sp.Function("s"), sp.Function("r")
p, q = index("p"), index("q")


def gaps_along_a_walk() -> All:
    """sum f(u, v) (s_u - s_v) = sum_u s_u (out_u - in_u), and this is s_p - s_q for out - in = [u = p] - [u = q], 0 for a closed walk."""
    gaps = total(f(u, v) * (s(u) - s(v)), (u, TOKENS), (v, TOKENS))
    net = total(f(u, v), (v, TOKENS)) - total(f(v, u), (v, TOKENS))
    ends = total(s(u) * (Delta(u, p) - Delta(u, q)), (u, TOKENS))
    return All(Equal(Formula(gaps), Formula(total(s(u) * net, (u, TOKENS)))), Equal(Formula(ends), Formula(s(p) - s(q))))


def reach_shrinks() -> Equal:
    """R_p - R_q = r(p, p) - r(q, p) + sum over tokens other than p of (r(p, x) - r(q, x)), with R_p = sum_x r(p, x).

    r(p, x) is 1 if a path leads from p to x, else 0. If p => q then r(p, p) = 1, r(q, p) = 0 and r(q, x) <= r(p, x): R_p >= R_q + 1.
    """
    counts = total(r(p, u) - r(q, u), (u, TOKENS))
    others = total((1 - Delta(u, p)) * (r(p, u) - r(q, u)), (u, TOKENS))
    return Equal(Formula(counts), Formula(r(p, p) - r(q, p) + others))
