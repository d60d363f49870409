"""Alternatives on a cycle of the priority graph are tied, whatever the embeddings."""

# outcome: holds

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.geometry import cyclic_rows, separation
from ntpproofs.strategies import attention_ntps

conjecture = Conjecture(
    label="cyclic-rows-are-tied",
    title="Alternatives on a cycle of the priority graph are tied, whatever the embeddings",
    instances=attention_ntps(max_tokens=4, max_dimension=2),
    expected="holds",
)


@conjecture.claim(r"(y_i, v) \text{ on a cycle} \Rightarrow d_{iv} \text{ tied}")
def cycles_tie(case: Case) -> Equal:
    return Equal(cyclic_rows(case.problem) - separation(case.problem).tied, frozenset())
