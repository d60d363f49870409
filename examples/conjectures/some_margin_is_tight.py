"""Where something is separable, some margin constraint is active."""

# outcome: holds

from ntpproofs import Case, Conjecture, Less
from ntpproofs.assumptions import something_separable
from ntpproofs.geometry import max_margin
from ntpproofs.strategies import conditional_logits

conjecture = Conjecture(
    label="some-margin-is-tight",
    title="Where something is separable, some margin constraint is active",
    instances=conditional_logits(max_rows=3, max_alternatives=3, max_dimension=2),
    assumptions=(something_separable,),
    expected="holds",
)


@conjecture.claim(r"u \ne 0 \Rightarrow \exists (i, v): \langle u, d_{iv} \rangle = 1")
def some_support(case: Case) -> Less:
    return Less(0, len(max_margin(case.problem).support))
