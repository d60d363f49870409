"""Demonstrations that match the query's sign carry most attention iff their share beats e^(-2 beta)."""

# outcome: holds
# From the notes on multi-concept prompts (S4), with y = e^beta rational: the concept's own score shifts nothing.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import All, Case, Conjecture, Equal

conjecture = Conjecture(
    label="matching-attention-has-a-threshold",
    title="Demonstrations that match the query's sign carry most attention iff their share beats e^(-2 beta)",
    instances=st.tuples(st.integers(1, 8), st.integers(1, 8), st.fractions("1/4", 4, max_denominator=8), st.fractions("1/4", 4, max_denominator=8)),
    expected="holds",
)


@conjecture.claim(r"A_+ = \frac{n_+ e^{2\beta}}{n_+ e^{2\beta} + n_-} > 1/2 \iff n_-/n_+ < e^{2\beta}")
def threshold(case: Case) -> All:
    matching, opposite, y, concept = case.problem
    weights = [concept * y] * matching + [concept / y] * opposite
    attention = Fraction(sum(weights[:matching])) / sum(weights)
    return All(
        Equal(attention, matching * y**2 / (matching * y**2 + opposite)), Equal(attention > Fraction(1, 2), Fraction(opposite, matching) < y**2)
    )
