"""Normalised descent with a constant step finds the finite part."""

# outcome: refuted observed
# at most: 3 rows

from ntpproofs import Case, Conjecture, Converges, assumption
from ntpproofs.dynamics import NormalizedGradientDescent
from ntpproofs.geometry import separation
from ntpproofs.strategies import conditional_logits


@assumption(r"\text{quasi-complete}")
def quasi_complete(problem) -> bool:
    """Something is tied and something is separable."""
    return separation(problem).kind == "quasi-complete"


conjecture = Conjecture(
    label="constant-normalised-steps-settle",
    title="Normalised descent with a constant step finds the finite part",
    instances=conditional_logits(max_rows=3, max_alternatives=2, max_dimension=2),
    assumptions=(quasi_complete,),
    simulate=NormalizedGradientDescent(steps=800, decay=0.0),
    expected="refuted",
)


@conjecture.claim(r"P_{\mathcal T} w_k \to w^\star,\ \eta_k = \eta")
def finite_part_converges(case: Case) -> Converges:
    return Converges(case.trajectory.finite_part, case.derived.finite_part, rate=0.5)
