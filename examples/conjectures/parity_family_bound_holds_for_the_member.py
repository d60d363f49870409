"""The bound for the family of all parities holds for the one fixed parity that path-star is."""

# outcome: refuted certified
# Open question 5 of the notes on path-star graphs: hardness of the fixed word problem.
# Found: the family's bound is no proof, it fails for the target itself.

from fractions import Fraction
from itertools import product

from hypothesis import strategies as st

from ntpproofs import AtMost, Case, Conjecture

conjecture = Conjecture(
    label="parity-family-bound-holds-for-the-member",
    title="The squared correlation of the fixed parity with any function of m bits is at most 2^-m times its second moment",
    instances=st.integers(1, 3).flatmap(lambda m: st.lists(st.integers(-2, 2), min_size=2**m, max_size=2**m).map(tuple)),
    expected="refuted",
)


@conjecture.claim(r"(E \chi_{[m]} g)^2 \le 2^{-m} E g^2")
def member_is_bounded(case: Case) -> AtMost:
    values = case.problem
    points = list(product((0, 1), repeat=len(values).bit_length() - 1))
    correlation = Fraction(sum(g * (-1) ** sum(point) for g, point in zip(values, points)), len(values))
    return AtMost(correlation**2, Fraction(sum(g * g for g in values), len(values) ** 2))
