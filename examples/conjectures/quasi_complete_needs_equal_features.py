"""Quasi-complete separation only occurs where two alternatives have the same features."""

# outcome: refuted certified
# at most: 3 rows

from ntpproofs import Case, Conjecture, Equal, Implies
from ntpproofs.geometry import separation
from ntpproofs.strategies import conditional_logits

conjecture = Conjecture(
    label="quasi-complete-needs-equal-features",
    title="Quasi-complete separation only occurs where two alternatives have the same features",
    instances=conditional_logits(max_rows=3, max_alternatives=3, max_dimension=2),
    expected="refuted",
)


@conjecture.claim(r"\text{quasi-complete} \Rightarrow \exists x_{iu} = x_{iv}")
def repeated_features(case: Case) -> Implies:
    repeated = any(len(set(row.features)) < len(row.features) for row in case.problem.rows)
    return Implies(separation(case.problem).kind == "quasi-complete", Equal(repeated, True))
