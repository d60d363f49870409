"""Embeddings of dimension at least the number of contexts make the data NTP-separable."""

# outcome: refuted certified
# at most: 2 contexts
# The notes on linear NTP (M7) have two equal contexts in dimension 3; two dimensions do.
# suggests: independent_embeddings

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.assumptions import wide_embeddings
from ntpproofs.geometry import separation
from ntpproofs.strategies import linear_ntps

conjecture = Conjecture(
    label="wide-embeddings-are-separable",
    title="Embeddings of dimension at least the number of contexts make the data NTP-separable",
    instances=linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2),
    assumptions=(wide_embeddings,),
    expected="refuted",
)


@conjecture.claim(r"d \ge m \Rightarrow \text{tied sets} = \text{supports}")
def tied_sets_are_supports(case: Case) -> Equal:
    return Equal(separation(case.problem).tied_sets, case.problem.supports)
