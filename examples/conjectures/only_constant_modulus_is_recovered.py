"""Trained linear attention recovers long sequences iff the first token's coordinates have one modulus where they are not zero."""

# outcome: holds
# From the notes on autoregressive linear attention (2.10): asymptotic relative error 1 - k1^2 / (k2 m2), laws symmetric under signs.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Equal

conjecture = Conjecture(
    label="only-constant-modulus-is-recovered",
    title="Long sequences are recovered iff the coordinates of the first token have one modulus where they are not zero",
    instances=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5)), min_size=1, max_size=4).map(tuple).filter(lambda law: any(x for x, _ in law)),
    expected="holds",
)


@conjecture.claim(r"1 - \frac{k_1^2}{k_2 m_2} = 0 \iff |u_j| \in \{0, c\}")
def recovery(case: Case) -> Equal:
    second, fourth, sixth = (sum(Fraction(w) * x**power for x, w in case.problem) for power in (2, 4, 6))
    return Equal(1 - fourth**2 / (sixth * second) == 0, len({x for x, _ in case.problem if x}) == 1)
