"""Linear attention: at the minimiser the Hessian over real (B, A) has the scaling as its only flat direction, at every length (question Q2)."""

# outcome: refuted certified
# The notes ask for k3 > 0 and T >= 4; without the second, constant modulus at T = 3 has more flat directions.

from ntpproofs import Case, Conjecture, Equal, NotExercised
from ntpproofs.papers.mesa.slice import constants
from ntpproofs.papers.mesa.theorems.all_minimisers import hessian_rank
from ntpproofs.strategies import autoregressive_laws

conjecture = Conjecture(
    label="one-flat-direction",
    title="The scaling is the only flat direction at the minimiser",
    instances=autoregressive_laws(max_dimension=2, max_length=5, laws="symmetric"),
    expected="refuted",
)


@conjecture.claim(r"\dim\ker\nabla^2L = 1,\ k_3 > 0")
def one_direction(case: Case) -> Equal | NotExercised:
    problem = case.problem
    if not constants(problem.law).rows[0]:
        return NotExercised("at most one coordinate of the first token is not zero")
    return Equal(2 * problem.dimension**2 - hessian_rank(problem), 1)
