"""The tied part approaches w* like a fixed vector over t (foundations, G9)."""

from __future__ import annotations

import numpy as np

from ....dynamics import GradientFlow
from ....language.relations import Converges
from ....language.statements import Case, Proposition, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ...linear_ntp.problem import LinearNTP
from ._instances import golden, logits

# The second context leaves two labels tied; its pair with the first context's label is weak.
weak_with_ties = LinearNTP([[1, 0], [1, 1]], [[0, 0, 1], [0, "1/2", "1/2"]]).conditional_logit()

proposition = Proposition(
    label="foundations.finite-part-coefficient",
    title="The coefficient of 1/t in the finite part",
    source=derived("G9, by asymptotic matching"),
    text=r"$t\,(P_Tw_k-w^*)\to H_T^{-1}\sum_{\mathrm{strong}}\lambda_{iv}P_T(d_{iv}-\bar d_i)$ with $\bar d_i$ the mean tied difference under $q^*_i$"
    r" and $H_T$ the Hessian of $\bar L$ at $w^*$ on $T$.",
    uses=("foundations.finite-part-limit", "foundations.residual"),
    assumptions=(strictly_complementary,),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)


@proposition.claim(r"t\,(P_Tw-w^*)\to H_T^{-1}\sum\lambda_{iv}P_T(d_{iv}-\bar d_i)")
def scaled_tied_part_converges(case: Case, scale: float = 1.0) -> Converges:
    """Against the prediction from the limiting multipliers."""
    predicted = asymptotics(case.derived)
    target = scale * np.asarray(predicted.finite_part_coefficient.value)
    return Converges(case.trajectory.scaled_finite_part, target, rate=min(predicted.exponent, 1.0))


@proposition.mutant(of=scaled_tied_part_converges, latex=r"\text{the coefficient vanishes (faster than }1/t)")
def faster_than_one_over_t(case: Case) -> Converges:
    """The error is Theta(1/t) in general."""
    return scaled_tied_part_converges(case, 0.0)


@proposition.mutant(of=scaled_tied_part_converges, latex=r"\text{the opposite sign}")
def opposite_sign(case: Case) -> Converges:
    """The separable mass pushes the tied part in one direction."""
    return scaled_tied_part_converges(case, -1.0)


@proposition.mutant(of=scaled_tied_part_converges, latex=r"H_T^{-1}\sum\lambda_{iv}P_Td_{iv}\text{ (displaced tied mass forgotten)}")
def displaced_mass_forgotten(case: Case) -> Converges:
    """Leaving out -dbar_i is wrong wherever the mean tied difference does not vanish."""
    frame, parts = case.derived.coordinates, case.derived
    predicted = asymptotics(parts)
    anchored, right = parts.separation.anchored, np.zeros(frame.split)
    for r, y in zip(parts.max_margin.strong, predicted.multipliers):
        right += y * frame.rows[anchored.blocks[r], anchored.alternatives[r], : frame.split]
    value = frame.tied_frame @ np.linalg.lstsq(frame.tied_hessian, right, rcond=None)[0] if frame.split else np.zeros(case.problem.dimension)
    return Converges(case.trajectory.scaled_finite_part, value, rate=min(predicted.exponent, 1.0))


@proposition.mutant(
    of=scaled_tied_part_converges,
    without=strictly_complementary,
    instances=[weak_with_ties],
    latex=r"\text{error }t^{-q}\text{ with weak pairs, too}",
)
def power_with_weak_pairs(case: Case) -> Converges:
    """The limit is the same, but weak masses die like 1/log t."""
    return scaled_tied_part_converges(case)
