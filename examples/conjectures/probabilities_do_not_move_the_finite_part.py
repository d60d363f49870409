"""The finite part depends on the supports only, not on the probabilities."""

# outcome: refuted enclosed
# at most: 1 context

from fractions import Fraction

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.geometry import decompose
from ntpproofs.problems import LinearNTP
from ntpproofs.strategies import linear_ntps

conjecture = Conjecture(
    label="probabilities-do-not-move-the-finite-part",
    title="The finite part depends on the supports only, not on the probabilities",
    instances=linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2),
    expected="refuted",
)


@conjecture.claim(r"w^\star(P) = w^\star(\text{uniform on the supports of } P)")
def finite_part_of_supports(case: Case) -> Equal:
    problem = case.problem
    flat = [{v: Fraction(1, len(support)) for v in support} for support in problem.supports]
    uniform = LinearNTP(problem.embeddings, flat, vocabulary_size=problem.vocabulary_size)
    return Equal(decompose(problem).finite_part, decompose(uniform).finite_part)
