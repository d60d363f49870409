"""The squared norm of the direction is at most the number of separable pairs."""

# outcome: refuted certified
# at most: 2 rows

from ntpproofs import AtMost, Case, Conjecture
from ntpproofs.geometry import max_margin, separation
from ntpproofs.strategies import conditional_logits

conjecture = Conjecture(
    label="norm-below-the-number-of-pairs",
    title="The squared norm of the direction is at most the number of separable pairs",
    instances=conditional_logits(max_rows=3, max_alternatives=3, max_dimension=2),
    expected="refuted",
)


@conjecture.claim(r"\|u\|^2 \le |\text{separable}|")
def norm_by_counting(case: Case) -> AtMost:
    return AtMost(max_margin(case.problem).squared_norm, len(separation(case.problem).separable))
