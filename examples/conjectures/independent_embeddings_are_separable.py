"""Linearly independent context embeddings make the data NTP-separable."""

# outcome: holds

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.assumptions import independent_embeddings
from ntpproofs.geometry import separation
from ntpproofs.strategies import linear_ntps

conjecture = Conjecture(
    label="independent-embeddings-are-separable",
    title="Linearly independent context embeddings make the data NTP-separable",
    instances=linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2),
    assumptions=(independent_embeddings,),
    expected="holds",
)


@conjecture.claim(r"\operatorname{rank} H = m \Rightarrow \text{tied sets} = \text{supports}")
def tied_sets_are_supports(case: Case) -> Equal:
    return Equal(separation(case.problem).tied_sets, case.problem.supports)
