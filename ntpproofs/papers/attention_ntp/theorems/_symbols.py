"""Generic-size expressions of one sequence of attention NTP, shared by the symbolic steps of this area.

Ranges: A the choice set, In and Out its tokens inside and outside the label's component, P positions of a sequence, D
embedding coordinates. The score of token v is <e_v, W x> with x the query's embedding; `utility` is a free score.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ....symbolic import E, L, index, total

m, utility, e, x, w, head, direction = (sp.Function(name) for name in ("m", "s", "e", "x", "W", "c", "D"))
u, v, y, a, b, r, t = (index(name) for name in ("u", "v", "y", "a", "b", "r", "t"))
A, COORDINATES = "A", "D"


def score(token: Any, matrix: Any = w) -> Any:
    """<e_token, W x>."""
    first, second = index("f"), index("g")
    return total(e(token, first) * matrix(first, second) * x(second), (first, COORDINATES), (second, COORDINATES))


def mass(token: Any, of: Any = utility) -> Any:
    """m_v exp(score)."""
    return m(token) * E(of(token))


def partition_sum(choices: str = A, of: Any = utility) -> Any:
    """sum over the choices of the masses."""
    k = index("k")
    return total(mass(k, of), (k, choices))


def probability(token: Any, choices: str = A, of: Any = utility) -> Any:
    """The attention mass of a token."""
    return mass(token, of) / partition_sum(choices, of)


def sequence_loss(label: Any, choices: str = A, of: Any = utility) -> Any:
    """-log of the label's attention mass, written out."""
    return L(partition_sum(choices, of)) - of(label) - L(m(label))
