"""Every support vector of the max-margin programme has a positive multiplier."""

# outcome: refuted certified
# at most: 2 rows

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.geometry import max_margin
from ntpproofs.strategies import conditional_logits

conjecture = Conjecture(
    label="every-support-pair-pushes",
    title="Every support vector of the max-margin programme has a positive multiplier",
    instances=conditional_logits(max_rows=3, max_alternatives=3, max_dimension=2),
    expected="refuted",
)


@conjecture.claim(r"\langle u, d_{iv} \rangle = 1 \Rightarrow \lambda_{iv} > 0")
def strictly_complementary_always(case: Case) -> Equal:
    best = max_margin(case.problem)
    return Equal(best.support, best.strong_support)
