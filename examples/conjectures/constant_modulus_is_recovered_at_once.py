"""Trained linear attention makes no error on first tokens of constant modulus, at any length."""

# outcome: refuted certified
# found: (1, 2, 3)
# The notes on autoregressive linear attention (2.10) give the error 1 - s c^2 > 0, .0850 at length 50 in dimension 2.
# Found: dimension 2 and length 3, the smallest with a loss.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Equal

conjecture = Conjecture(
    label="constant-modulus-is-recovered-at-once",
    title="Trained linear attention makes no error on first tokens of constant modulus, at any length",
    instances=st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(3, 12)),
    expected="refuted",
)


@conjecture.claim(r"1 - s\, k_1/m_2 = 0,\ u_j = \pm c")
def no_error(case: Case) -> Equal:
    modulus, dimension, length = case.problem
    terms = length - 2
    harmonic = sum(Fraction(1, n) for n in range(1, terms + 1))
    product = Fraction(modulus**4) / (modulus**6 + (dimension - 1) * modulus**6 * harmonic / terms)
    return Equal(1 - product * modulus**2, 0)
