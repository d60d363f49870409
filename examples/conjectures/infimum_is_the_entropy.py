"""The infimum of the cross-entropy is the entropy of the data."""

# outcome: refuted enclosed
# at most: 2 contexts
# As small as the examples of the notes on linear NTP (M3): two contexts.
# suggests: independent_embeddings

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.strategies import linear_ntps

conjecture = Conjecture(
    label="infimum-is-the-entropy",
    title="The infimum of the cross-entropy is the entropy of the data",
    instances=linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2),
    expected="refuted",
)


@conjecture.claim(r"\inf_W \mathrm{CE}(W) = \mathcal H")
def infimum_is_entropy(case: Case) -> Equal:
    return Equal(case.derived.infimum, case.problem.entropy)
