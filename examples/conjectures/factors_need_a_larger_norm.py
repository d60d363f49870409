"""The least nuclear norm at margin 1 is at least the least Frobenius norm, and at most root of the dimension times it."""

# outcome: holds

from ntpproofs import All, AtMost, Case, Conjecture
from ntpproofs.assumptions import something_separable
from ntpproofs.geometry import norm_margin
from ntpproofs.strategies import attention_ntps

conjecture = Conjecture(
    label="factors-need-a-larger-norm",
    title="The least nuclear norm at margin 1 lies between the least Frobenius norm and root of the dimension times it",
    instances=attention_ntps(max_tokens=3, max_dimension=3, max_sequences=2, max_length=3),
    assumptions=(something_separable,),
    expected="holds",
)


@conjecture.claim(r"\min \|W\|_F \le \min \|W\|_* \le \sqrt d\, \min \|W\|_F")
def between(case: Case) -> All:
    nuclear, frobenius = (norm_margin(case.problem, norm) for norm in ("nuclear", "frobenius"))
    dimension = len(case.problem.embeddings[0])
    return All(AtMost(frobenius.lower, nuclear.upper), AtMost(nuclear.lower**2, dimension * frobenius.upper**2))
