"""Attention on matching demonstrations is the sigmoid of beta, whatever the composition."""

# outcome: refuted certified
# The notes on multi-concept prompts list it as a false variant (mutation 10); the score difference is 2 beta, and counts enter.
# Found: one demonstration of each sign.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Equal

conjecture = Conjecture(
    label="matching-attention-is-a-sigmoid-of-beta",
    title="Attention on matching demonstrations is the sigmoid of beta, whatever the composition",
    instances=st.tuples(st.integers(1, 8), st.integers(1, 8), st.fractions("1/4", 4, max_denominator=8)),
    expected="refuted",
)


@conjecture.claim(r"A_+ = \sigma(\beta)")
def sigmoid(case: Case) -> Equal:
    matching, opposite, y = case.problem
    weights = [y] * matching + [1 / y] * opposite
    return Equal(Fraction(sum(weights[:matching])) / sum(weights), y / (1 + y))
