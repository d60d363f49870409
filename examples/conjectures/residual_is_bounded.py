"""W_t - u log t stays bounded on any data."""

# outcome: refuted observed
# at most: 2 rows
# Smaller than the example of the notes on attention (GI-5, four tokens in three sequences).
# suggests: strictly_complementary

from ntpproofs import Bounded, Case, Conjecture
from ntpproofs.assumptions import something_separable
from ntpproofs.dynamics import GradientFlow
from ntpproofs.strategies import conditional_logits

conjecture = Conjecture(
    label="residual-is-bounded",
    title="W_t - u log t stays bounded on any data",
    instances=conditional_logits(max_rows=2, max_alternatives=3, max_dimension=2),
    assumptions=(something_separable,),
    simulate=GradientFlow(log_time=1e4),
    expected="refuted",
)


@conjecture.claim(r"P_M w_t - u \log t = O(1)")
def residual_bounded(case: Case) -> Bounded:
    return Bounded(case.trajectory.residual(case.derived.max_margin.direction))
