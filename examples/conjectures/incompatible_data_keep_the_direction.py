"""Dropping compatibility keeps the direction orthogonal to the tied differences."""

# outcome: holds

from fractions import Fraction

from ntpproofs import Case, Conjecture, Equal
from ntpproofs.strategies import linear_ntps

conjecture = Conjecture(
    label="incompatible-data-keep-the-direction",
    title="Dropping compatibility keeps the direction orthogonal to the tied differences",
    instances=linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2, compatible=False),
    expected="holds",
)


@conjecture.claim(r"P_{\mathcal T} u = 0 \text{ without compatibility}")
def direction_leaves_tied_scores(case: Case) -> Equal:
    u = case.derived.max_margin.direction
    return Equal(case.derived.tied.project(u), tuple(Fraction(0) for _ in u))
