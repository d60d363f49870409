"""Linear attention: random signs in the place of random phases lead to the same product ab (question Q6)."""

# outcome: refuted certified
# The notes give 5/9 against 4/7 for Rademacher starts at d = 2, T = 4; Fejer-type sums of Fourier coefficients predict the value.

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.papers.mesa.slice import slice_flow
from ntpproofs.papers.mesa.theorems.general_phases import literal
from ntpproofs.strategies import autoregressive_laws

conjecture = Conjecture(
    label="signs-replace-phases",
    title="Random signs in the place of phases give the same product on the slice",
    instances=autoregressive_laws(max_dimension=2, max_length=4, laws="symmetric"),
    expected="refuted",
)


@conjecture.claim(r"ab\text{ for }\lambda_j = \pm1\text{ equals }ab\text{ for the circle}")
def same_product(case: Case) -> Equal:
    return Equal(literal(case.problem, 2), slice_flow(case.problem.law, case.problem.length).product)
