"""With one hop the toy leaves the cheat in bounded time, however small its start."""

# outcome: holds
# Open question 7 of the notes on path-star graphs: is teacher forcing on arms of length 3 slower for real networks? The toy with m = 1
# predicts no separation, so a positive answer would need another mechanism. Single runs are in the guide.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import AtMost, Case, Conjecture
from ntpproofs.exact.balls import interval
from ntpproofs.papers.path_star.toy import Toy

conjecture = Conjecture(
    label="one-hop-has-no-saddle",
    title="With one hop the time after the cheat is at most (2/rho)(1 + e^rho/(d - 1))",
    instances=st.tuples(st.integers(2, 6), st.integers(1, 6), st.integers(1, 9)),
    expected="holds",
)


@conjecture.claim(r"T \le \tfrac2\rho\bigl(1 + \tfrac{e^\rho}{d-1}\bigr)")
def time_is_bounded(case: Case) -> AtMost:
    arms, gain, digits = case.problem
    toy = Toy(arms, 3, Fraction(gain), Fraction(1, 10**digits))
    bound = Fraction(2, gain) * (1 + Fraction(3) ** gain / (arms - 1))  # e < 3
    return AtMost(interval(toy.escape_integral(Fraction(1))), bound)
