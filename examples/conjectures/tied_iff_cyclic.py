"""A difference is tied iff its edge lies on a cycle of the priority graph."""

# outcome: refuted certified
# at most: 3 tokens
# suggests: independent_embeddings

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.assumptions import distinct_embeddings
from ntpproofs.geometry import cyclic_rows, separation
from ntpproofs.strategies import attention_ntps

conjecture = Conjecture(
    label="tied-iff-cyclic",
    title="A difference is tied iff its edge lies on a cycle of the priority graph",
    instances=attention_ntps(max_tokens=4, max_dimension=2),
    assumptions=(distinct_embeddings,),
    expected="refuted",
)


@conjecture.claim(r"d_{iv} \text{ tied} \iff (y_i, v) \text{ on a cycle}")
def tied_rows_are_cyclic(case: Case) -> Equal:
    return Equal(separation(case.problem.conditional_logit()).tied, cyclic_rows(case.problem))
