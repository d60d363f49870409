"""Gradient descent on the slice never steps onto the line a + b = 0 that runs into the saddle (question Q8)."""

# outcome: refuted certified
# a + b is multiplied by 1 + eta (alpha - beta ab), which vanishes for eta beta ab = 1 + eta alpha. The flow cannot do that.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.papers.mesa.slice import SliceFlow
from ntpproofs.papers.mesa.two_variables import descent_step

conjecture = Conjecture(
    label="descent-escapes-the-saddle",
    title="A step of gradient descent keeps a + b away from 0",
    instances=st.tuples(st.integers(1, 4), st.integers(-6, 6), st.integers(-6, 6)).filter(lambda start: start[1] + start[2] != 0),
    expected="refuted",
)


@conjecture.claim(r"a + b \ne 0 \implies a_+ + b_+ \ne 0")
def stays_off_the_line(case: Case) -> Equal:
    alpha, a, b = case.problem
    x, y = descent_step(SliceFlow(Fraction(alpha), Fraction(1)), Fraction(a, 2), Fraction(b, 2), Fraction(1, 2))
    return Equal(x + y == 0, False)
