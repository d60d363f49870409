"""Gradient descent decreases the loss for steps up to 1/beta."""

# outcome: holds

from ntpproofs import Case, Conjecture, Monotone
from ntpproofs.dynamics.enclosed import EnclosedDescent
from ntpproofs.strategies import conditional_logits

conjecture = Conjecture(
    label="small-steps-descend",
    title="Gradient descent decreases the loss for steps up to 1/beta",
    instances=conditional_logits(max_rows=2, max_alternatives=3, max_dimension=2),
    simulate=EnclosedDescent(steps=6),
    expected="holds",
)


@conjecture.claim(r"L(w_{k+1}) \le L(w_k),\ \eta = 1/\beta")
def losses_decrease(case: Case) -> Monotone:
    return Monotone([loss.lower for loss in case.trajectory.losses])
