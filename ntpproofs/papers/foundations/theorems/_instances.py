"""Instances shared by the statements of this area: golden ones, and strategies that reach every separation class."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from ....language.draws import Draw
from ....logit.context_draws import Contexts, draw_contexts
from ....logit.problem import ConditionalLogit
from ....logit.strategies import conditional_logits
from ._contexts import contexts

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)

# Golden instances of section 4 of the linear brief, as conditional logits.
full = contexts([[1, 0], [1, 1]], [[HALF, QUARTER, QUARTER], [1, 0, 0]])
three_quarters = contexts([[1]], [[Fraction(3, 4), QUARTER, 0]])
incompatible = contexts([[1, 0], [2, 0]], [[Fraction(3, 4), QUARTER, 0], [Fraction(2, 5), Fraction(3, 5), 0]])
not_separable = contexts([[1], [1]], [[HALF, HALF, 0], [HALF, 0, HALF]])
# Two alternatives, label counted once, rival thrice: the smallest problem where multiplicities matter.
weighted_pair = ConditionalLogit([(1, 0, [[1], [0]], [1, 3]), (1, 1, [[1], [0]], [1, 3])])
# Four support pairs in the plane: their multipliers are not unique.
degenerate = ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[1, 1], [0, 0]]), (1, 0, [[1, -1], [0, 0]]), (1, 0, [[1, 0], [0, 1]])])
single_pair = ConditionalLogit([(1, 0, [[1], [0]])])

# The sum of the three differences lies in the recession cone, on the face where the second margin vanishes.
corner = ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[0, 1], [0, 0]]), (1, 0, [[1, -1], [0, 0]])])

# Differences (1, 0) and (1, 1): u = (1, 0) has both margins 1, and the second multiplier is zero in every solution (a weak pair).
weak_pair = ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[1, 1], [0, 0]])])

# Where steps above 2/beta fail: two or three tokens, one context, p = (1/2, 1/2[, 0]). With eta = 5 from START the tied part of the second
# ends in a two-cycle at distance 1.2558 from w* = 0; the third token stays separable.
coin = contexts([[1]], [[HALF, HALF]])
valley = contexts([[1]], [[HALF, HALF, 0]])
START = (Fraction(3, 10), Fraction(-1, 10), Fraction(0))

# Pairs tied by rows that contradict each other: both labels of one pair, and a triangle whose differences sum to zero beside a free row.
contradiction = ConditionalLogit([(2, 0, [[1], [0]]), (1, 1, [[1], [0]])])
triangle = ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[0, 1], [0, 0]]), (1, 0, [[-1, -1], [0, 0]])])
free_row = ConditionalLogit([(2, 0, [[1, 0], [0, 0]]), (1, 1, [[1, 0], [0, 0]]), (1, 0, [[1, 1], [0, 0]])])
# Odds 1 : 3 on a tied pair beside what diverges.
odds = contexts([[1]], [[QUARTER, Fraction(3, 4), 0]])
skew_odds = ConditionalLogit([(3, 0, [[1, 1], [0, 0]]), (1, 1, [[1, 1], [0, 0]]), (1, 0, [[1, 0], [0, 0]])])
contradicting = (contradiction, triangle, free_row)

# Nothing separable, with slow and fast modes.
# A weak pair beside strong ones: the distance to u/|u| goes like log s / s (8.5 / s, 16.3 / s and 24.0 / s at s = 10^2, 10^4, 10^6).
slow_turn = contexts([[1, 0, 0], [1, 1, 0], [1, "-1/3", 1], [1, "1/2", 2]], [[1, 0]] * 4, weights=["1/10", "1/5", "3/10", "2/5"])
overlaps = (
    ConditionalLogit([(2, 0, [[1, 0], [0, 1]]), (1, 1, [[1, 0], [0, 1]]), (3, 0, [[1, 1], [0, 0]]), (1, 1, [[1, 1], [0, 0]])]),
    ConditionalLogit([(5, 0, [[2], [0]]), (1, 1, [[2], [0]])]),
    ConditionalLogit([(1, 0, [[1], [0], [-1]]), (2, 2, [[1], [0], [-1]])]),
    contexts([[1, 0], [1, 1]], [[HALF, QUARTER, QUARTER], ["1/3", "1/3", "1/3"]]),
)

golden = (full, three_quarters, incompatible, not_separable, weighted_pair, degenerate, single_pair, corner, weak_pair)


def logits() -> st.SearchStrategy[ConditionalLogit]:
    """Conditional logits of every class: general ones, and next-token contexts with soft labels."""
    return _LOGITS


@st.composite
def _soft_labels(draw: Draw) -> Contexts:
    return draw_contexts(draw, (2, 3), 3, 2)


def _logit(found: Contexts) -> ConditionalLogit:
    return contexts(found.embeddings, [[row.get(v, 0) for v in range(found.vocabulary)] for row in found.probabilities], found.weights)


_LOGITS = conditional_logits(max_rows=4, max_alternatives=3, max_dimension=3) | _soft_labels().map(_logit)
