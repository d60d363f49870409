"""The direction depends on the supports only, not on the probabilities."""

# outcome: holds

from fractions import Fraction

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.geometry import max_margin
from ntpproofs.problems import LinearNTP
from ntpproofs.strategies import linear_ntps

conjecture = Conjecture(
    label="probabilities-do-not-turn-the-direction",
    title="The direction depends on the supports only, not on the probabilities",
    instances=linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2),
    expected="holds",
)


@conjecture.claim(r"u(P) = u(\text{uniform on the supports of } P)")
def direction_of_supports(case: Case) -> Equal:
    problem = case.problem
    flat = [{v: Fraction(1, len(support)) for v in support} for support in problem.supports]
    uniform = LinearNTP(problem.embeddings, flat, vocabulary_size=problem.vocabulary_size)
    return Equal(max_margin(problem).direction, max_margin(uniform).direction)
