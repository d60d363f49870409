"""Wherever the cheat can be expressed, the limit of teacher forcing is the cheat."""

# outcome: refuted certified
# Open question 6 of the notes on path-star graphs: the cheat is not sufficient for failure.
# Found: in M(l - 2) it is a feature, and the limit is always right.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.geometry import max_margin
from ntpproofs.papers.path_star.problem import PathStar

conjecture = Conjecture(
    label="cheat-in-the-class-means-failure",
    title="Wherever the cheat can be expressed, the limit of teacher forcing is right once in d",
    instances=st.tuples(st.integers(2, 4), st.integers(3, 6), st.integers(-1, 4)).filter(lambda x: x[2] <= x[1] - 2),
    expected="refuted",
)


@conjecture.claim(r"P(\text{greedy} = r) = 1/d \text{ in } M(K)")
def limit_is_the_cheat(case: Case) -> Equal:
    arms, length, lookback = case.problem
    problem, chance = PathStar(arms, length, lookback=lookback), Fraction(1)
    u = max_margin(problem).direction
    for true, others in problem.types:
        score = sum(a * b for a, b in zip(u, true))
        chance /= 1 + sum(count for kind, count in others.items() if sum(a * b for a, b in zip(u, kind)) >= score)
    return Equal(chance, Fraction(1, arms))
