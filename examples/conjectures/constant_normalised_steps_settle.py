"""Normalised descent with a constant step finds the finite part."""

# outcome: refuted observed
# at most: 1 context
# As small as the example of the notes on linear NTP (M24): one context, three tokens, probabilities that are not equal.

from ntpproofs import Case, Conjecture, Converges, assumption
from ntpproofs.dynamics import NormalizedGradientDescent
from ntpproofs.geometry import separation
from ntpproofs.strategies import linear_ntps


@assumption(r"\text{quasi-complete}")
def quasi_complete(problem) -> bool:
    """Something is tied and something is separable."""
    return separation(problem).kind == "quasi-complete"


@assumption(r"p_{jz} \text{ not uniform on a support}")
def uneven(problem) -> bool:
    """Else descent starts at the finite part, an unstable fixed point that only rounding leaves."""
    return any(len(set(row) - {0}) > 1 for row in problem.probabilities)


conjecture = Conjecture(
    label="constant-normalised-steps-settle",
    title="Normalised descent with a constant step finds the finite part",
    instances=linear_ntps(max_vocabulary=3, max_contexts=2, max_dimension=1),
    assumptions=(quasi_complete, uneven),
    simulate=NormalizedGradientDescent(steps=800, decay=0.0),
    expected="refuted",
)


@conjecture.claim(r"P_{\mathcal T} w_k \to w^\star,\ \eta_k = \eta")
def finite_part_converges(case: Case) -> Converges:
    return Converges(case.trajectory.finite_part, case.derived.finite_part, rate=0.5)
