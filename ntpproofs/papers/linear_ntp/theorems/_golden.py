"""The golden instances of linear NTP, with hand-computed answers in the tests, and the strategies shared by this area.

Tokens and contexts count from 0.
"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from ..problem import LinearNTP
from ..strategies import linear_ntps


def fractions(*words: str) -> list[Fraction]:
    """Rationals from words.

    >>> fractions("1/2", "0")
    [Fraction(1, 2), Fraction(0, 1)]
    """
    return [Fraction(word) for word in words]


def one_context(p: Fraction) -> LinearNTP:
    """Ex-1(p): V = 3, one context h = 1, next token 0 with probability p, else 1."""
    return LinearNTP([[1]], [[p, 1 - p, 0]])


ex_one_half = one_context(Fraction(1, 2))
ex_three_quarters = one_context(Fraction(3, 4))
# Ex-Full: a full support kills its direction; dropping the equalities changes the margin programme.
ex_full = LinearNTP([[1, 0], [1, 1]], [fractions("1/2", "1/4", "1/4"), [1, 0, 0]])
# Ex-Inc: separable, not compatible.
ex_incompatible = LinearNTP([[1, 0], [2, 0]], [fractions("3/4", "1/4", "0"), fractions("2/5", "3/5", "0")])
# Ex-NonSep: compatible, not separable.
ex_not_separable = LinearNTP([[1], [1]], [fractions("1/2", "1/2", "0"), fractions("1/2", "0", "1/2")])
# M5: W* is not U H^+ when the Gram matrix is not diagonal and the supports differ.
ex_not_pseudo_inverse = LinearNTP([[1, 0], fractions("3/5", "4/5")], [fractions("3/4", "1/4", "0"), fractions("0", "4/5", "1/5")])
# Supports of the paper's first figure (d = 2 < m = 3), with embeddings that make the data separable.
ex_figure_one = LinearNTP(
    [[1, 0], [0, 1], [-1, -1]],
    [fractions("1/2", "1/4", "0", "0", "1/4"), fractions("1/3", "0", "0", "1/3", "1/3"), fractions("0", "1/5", "2/5", "2/5", "0")],
)
# Adam's exact counterexample: one context h = (2, 1).
ex_adam = LinearNTP([[2, 1]], [fractions("1/2", "1/2", "0")])
ex_all_full = LinearNTP([[1]], [fractions("3/4", "1/4")])
# Every token follows every context: W^mm = 0, and descent converges.
ex_every_token = LinearNTP([[1, 0], [1, 1]], [fractions("1/2", "1/4", "1/4"), fractions("1/3", "1/3", "1/3")])
ex_one_hot_labels = LinearNTP([[1, 0], [0, 1]], [[1, 0, 0], [0, 1, 0]])
ex_zero_embedding = LinearNTP([[0]], [[1, 0]])
ex_repeated = LinearNTP([[1, 0, 0], [1, 0, 0]], [fractions("1/2", "1/2", "0"), fractions("1/2", "0", "1/2")])
ex_opposite = LinearNTP([[1], [-1]], [[1, 0, 0], [1, 0, 0]])

golden = (
    ex_one_half, ex_three_quarters, ex_full, ex_incompatible, ex_not_separable, ex_not_pseudo_inverse, ex_figure_one, ex_adam, ex_all_full,
    ex_one_hot_labels, ex_zero_embedding, ex_repeated, ex_opposite,
)  # fmt: skip

# The strategies of this area: use these objects, so that instances, decompositions and trajectories are shared.
anything: st.SearchStrategy[LinearNTP] = linear_ntps(max_vocabulary=4, max_contexts=3, max_dimension=3)
separable: st.SearchStrategy[LinearNTP] = linear_ntps(max_vocabulary=4, max_contexts=3, max_dimension=3, separable=True, partial=True)
well_posed: st.SearchStrategy[LinearNTP] = linear_ntps(
    max_vocabulary=4, max_contexts=3, max_dimension=3, separable=True, compatible=True, partial=True
)
