"""With independent embeddings a difference is tied iff its edge lies on a cycle."""

# outcome: holds

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.assumptions import independent_embeddings
from ntpproofs.geometry import cyclic_rows, separation
from ntpproofs.strategies import attention_ntps

conjecture = Conjecture(
    label="tied-iff-cyclic-independent",
    title="With independent embeddings a difference is tied iff its edge lies on a cycle",
    instances=attention_ntps(max_tokens=4, max_dimension=4),
    assumptions=(independent_embeddings,),
    expected="holds",
)


@conjecture.claim(r"d_{iv} \text{ tied} \iff (y_i, v) \text{ on a cycle}")
def tied_rows_are_cyclic(case: Case) -> Equal:
    return Equal(separation(case.problem).tied, cyclic_rows(case.problem))
