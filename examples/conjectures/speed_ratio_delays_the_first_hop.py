"""A faster cheat delays the first hop of the multiplicative toy, up to the escape time after the cheat."""

# outcome: holds
# Open question 1 of the notes on path-star graphs: T increases with kappa^2 and tends to the time after the cheat.
# Floats only, on shapes where the integration takes a second; no counterexample, no proof.

from fractions import Fraction

from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, Measured, Monotone
from ntpproofs.papers.path_star.toy import Toy, time_to_first_hop

conjecture = Conjecture(
    label="speed-ratio-delays-the-first-hop",
    title="A faster cheat delays the first hop, up to the escape time after the cheat",
    instances=st.sampled_from([(2, 5, 10), (3, 5, 10)]),
    expected="holds",
)


@conjecture.claim(r"T_{\kappa^2=1} \le T_{10} \le T_{\text{post-cheat}}")
def times_increase(case: Case) -> Monotone:
    arms, length, inverse = case.problem
    toy = Toy(arms, length, start=Fraction(1, inverse))
    together = [time_to_first_hop(toy, speed_ratio=ratio, tolerance=1e-6) for ratio in (1.0, 10.0)]
    after = float(toy.escape_integral(Fraction(float(toy.target_strength(Fraction(9, 10)).mid()))).mid())
    return Monotone([Measured(t, 1e-3 * t) for t in (*together, after)], increasing=True)
