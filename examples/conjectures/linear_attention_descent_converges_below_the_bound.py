"""Gradient descent on the slice converges from starts below eta beta (a0^2 + b0^2) = 2(2 + eta alpha) (question Q8)."""

# outcome: holds
# Starts with eta beta ab = 1 + eta alpha are left out: their first step lands on the line into the saddle (see the next file).

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from ntpproofs import Case, Conjecture, NotExercised
from ntpproofs.papers.mesa.relations import Reaches
from ntpproofs.papers.mesa.slice import SliceFlow
from ntpproofs.papers.mesa.two_variables import descent

conjecture = Conjecture(
    label="descent-converges-below-the-bound",
    title="Gradient descent on two scalars converges below an explicit bound on the start",
    instances=st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 8)),
    expected="holds",
)


@conjecture.claim(r"\eta\beta(a_0^2+b_0^2) < 2(2+\eta\alpha),\ \eta\beta\sqrt{\delta^2+4s^2} < 2 \implies ab \to s")
def converges(case: Case) -> Reaches | NotExercised:
    level, share, angle = case.problem[0] / 10, case.problem[1] / 10, case.problem[2] * np.pi / 16
    radius = (share * 2 * (2 + level)) ** 0.5
    a, b = radius * np.cos(angle), radius * np.sin(angle)
    if ((a * a - b * b) ** 2 + 4 * level**2) ** 0.5 >= 2:
        return NotExercised("the flow's own limit is unstable for this step")
    if abs(a * b - 1 - level) < 1e-9:
        return NotExercised("the first step lands on a + b = 0, the line into the saddle")
    (end,) = descent(SliceFlow(Fraction(case.problem[0], 10), Fraction(1)), np.array([[a, b]]), 1.0, 1_500)
    return Reaches([end[0] * end[1]], [level], 1e-6, "ab")
