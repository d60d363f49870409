"""When all sequences end in the same token, only cycles tie."""

# outcome: refuted certified
# at most: 3 tokens
# suggests: independent_embeddings

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.assumptions import distinct_embeddings, nonzero_embeddings
from ntpproofs.geometry import cyclic_rows, separation
from ntpproofs.strategies import attention_ntps

conjecture = Conjecture(
    label="one-query-has-no-extra-ties",
    title="When all sequences end in the same token, only cycles tie",
    instances=attention_ntps(max_tokens=3, max_dimension=4, single_query=True),
    assumptions=(distinct_embeddings, nonzero_embeddings),
    expected="refuted",
)


@conjecture.claim(r"k_1 = \dots = k_n \Rightarrow \text{tied} = \text{cyclic}")
def only_cycles_tie(case: Case) -> Equal:
    return Equal(separation(case.problem).tied, cyclic_rows(case.problem))
