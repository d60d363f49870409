"""The log-time slope of gradient flow tends to the max-margin direction."""

# outcome: holds

from ntpproofs import Case, Conjecture, Converges
from ntpproofs.assumptions import something_separable
from ntpproofs.dynamics import GradientFlow
from ntpproofs.strategies import conditional_logits

conjecture = Conjecture(
    label="slope-is-the-direction",
    title="The log-time slope of gradient flow tends to the max-margin direction",
    instances=conditional_logits(max_rows=2, max_alternatives=3, max_dimension=2),
    assumptions=(something_separable,),
    simulate=GradientFlow(log_time=1e4),
    expected="holds",
)


@conjecture.claim(r"dw_M / d\log t \to u")
def slope_converges(case: Case) -> Converges:
    return Converges(case.trajectory.slope, case.derived.max_margin.direction)
