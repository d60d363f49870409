"""Linear attention: exchangeable laws with vanishing moments of a lone first power keep training in the diagonal slice."""

# outcome: refuted certified
# The recalled wording of Assumption 4.1 of arXiv 2405.16845. Centred skewed coordinates have E u1^3 u2^3 = 4.

from ntpproofs import Case, Conjecture, Equal, NotExercised
from ntpproofs.assumptions import exchangeable
from ntpproofs.papers.mesa.slice import criterion
from ntpproofs.papers.mesa.theorems.slice_invariance import lone_first_powers_vanish
from ntpproofs.strategies import autoregressive_laws

conjecture = Conjecture(
    label="centred-coordinates-suffice",
    title="Moments with a lone first power decide whether training stays in the slice",
    instances=autoregressive_laws(max_dimension=2, max_length=4, laws="exchangeable"),
    assumptions=(exchangeable,),
    expected="refuted",
)


@conjecture.claim(r"\mathbb E u_1u_2^r = 0 \implies \text{the slice is invariant}")
def slice_is_kept(case: Case) -> Equal | NotExercised:
    problem = case.problem
    if not lone_first_powers_vanish(problem):
        return NotExercised("a moment with a lone first power does not vanish")
    return Equal(criterion(problem.law, problem.length).invariant, True)
