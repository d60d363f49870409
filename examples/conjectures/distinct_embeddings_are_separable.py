"""Distinct context embeddings make the data NTP-separable."""

# outcome: refuted certified
# at most: 2 contexts
# As small as the example of the notes on linear NTP (M8): two collinear contexts.
# suggests: independent_embeddings

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.assumptions import distinct_embeddings
from ntpproofs.geometry import separation
from ntpproofs.strategies import linear_ntps

conjecture = Conjecture(
    label="distinct-embeddings-are-separable",
    title="Distinct context embeddings make the data NTP-separable",
    instances=linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2),
    assumptions=(distinct_embeddings,),
    expected="refuted",
)


@conjecture.claim(r"\text{tied sets} = \text{supports}")
def tied_sets_are_supports(case: Case) -> Equal:
    return Equal(separation(case.problem).tied_sets, case.problem.supports)
