"""Every margin constraint is active at the max-margin direction."""

# outcome: refuted certified
# at most: 2 rows

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.geometry import max_margin, separation
from ntpproofs.strategies import conditional_logits

conjecture = Conjecture(
    label="every-margin-is-tight",
    title="Every margin constraint is active at the max-margin direction",
    instances=conditional_logits(max_rows=3, max_alternatives=3, max_dimension=2),
    expected="refuted",
)


@conjecture.claim(r"\langle u, d_{iv} \rangle = 1 \text{ for every separable pair}")
def all_tight(case: Case) -> Equal:
    return Equal(max_margin(case.problem).support, separation(case.problem).separable)
