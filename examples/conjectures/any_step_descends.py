"""Gradient descent with step 1 decreases the loss on any data."""

# outcome: refuted enclosed
# at most: 3 rows
# The learning-rate threshold 2/beta is real: large features overshoot.

from fractions import Fraction

from ntpproofs import AtMost, Case, Conjecture
from ntpproofs.problems import loss_ball
from ntpproofs.strategies import conditional_logits

conjecture = Conjecture(
    label="any-step-descends",
    title="Gradient descent with step 1 decreases the loss on any data",
    instances=conditional_logits(max_rows=3, max_alternatives=3, max_dimension=2).filter(lambda p: any(p.gradient((0,) * p.dimension))),
    expected="refuted",
)


@conjecture.claim(r"L(w_1) \le L(w_0),\ \eta = 1")
def first_step_descends(case: Case) -> AtMost:
    problem = case.problem
    zero = (Fraction(0),) * problem.dimension
    step = tuple(-Fraction(float(x)) for x in problem.gradient(zero))
    return AtMost(loss_ball(problem, step), loss_ball(problem, zero))
