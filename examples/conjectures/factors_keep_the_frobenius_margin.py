"""Training key and query factors (nuclear norm) finds a margin as large as training their product (Frobenius norm)."""

# outcome: refuted enclosed
# at most: 3 tokens
# The notes on attention leave open whether factors select the nuclear norm (CJ5); here only the two programmes are compared.

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.assumptions import something_separable
from ntpproofs.geometry import norm_margin
from ntpproofs.strategies import attention_ntps

conjecture = Conjecture(
    label="factors-keep-the-frobenius-margin",
    title="The least nuclear norm at margin 1 is the least Frobenius norm at margin 1",
    instances=attention_ntps(max_tokens=3, max_dimension=3, max_sequences=2, max_length=3, embeddings="one-hot"),
    assumptions=(something_separable,),
    expected="refuted",
)


@conjecture.claim(r"\min \|W\|_* = \min \|W\|_F")
def same_value(case: Case) -> Equal:
    return Equal(norm_margin(case.problem, "nuclear").least_norm, norm_margin(case.problem, "frobenius").least_norm)
