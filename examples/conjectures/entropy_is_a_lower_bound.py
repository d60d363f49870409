"""The entropy of the data bounds the cross-entropy from below."""

# outcome: holds

from ntpproofs import AtMost, Case, Conjecture
from ntpproofs.strategies import linear_ntps

conjecture = Conjecture(
    label="entropy-is-a-lower-bound",
    title="The entropy of the data bounds the cross-entropy from below",
    instances=linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2),
    expected="holds",
)


@conjecture.claim(r"\mathcal H \le \inf_W \mathrm{CE}(W)")
def entropy_below(case: Case) -> AtMost:
    return AtMost(case.problem.entropy.lower, case.derived.infimum.upper)
