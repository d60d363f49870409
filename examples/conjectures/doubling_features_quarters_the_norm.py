"""Doubling all features divides the squared norm of the direction by four."""

# outcome: holds

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.geometry import max_margin
from ntpproofs.problems import ConditionalLogit
from ntpproofs.strategies import conditional_logits

conjecture = Conjecture(
    label="doubling-features-quarters-the-norm",
    title="Doubling all features divides the squared norm of the direction by four",
    instances=conditional_logits(max_rows=3, max_alternatives=3, max_dimension=2),
    expected="holds",
)


@conjecture.claim(r"u(2X) = u(X)/2")
def scaled_features(case: Case) -> Equal:
    rows = [(row.weight, row.chosen, [[2 * x for x in f] for f in row.features], row.multiplicities) for row in case.problem.rows]
    return Equal(4 * max_margin(ConditionalLogit(rows)).squared_norm, max_margin(case.problem).squared_norm)
