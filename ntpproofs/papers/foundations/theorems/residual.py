"""What is left of the diverging part after u log t (foundations, G8)."""

from __future__ import annotations

import numpy as np

from ....dynamics import GradientFlow
from ....language.relations import Bounded, Converges, Path
from ....language.statements import Case, Proposition, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ._instances import golden, logits

proposition = Proposition(
    label="foundations.residual",
    title="The residual settles at the minimiser of a sum of exponentials",
    source=derived("G8, by asymptotic matching"),
    text=r"Without weak pairs $P_Mw_k-u\log t$ stays bounded and its projection on $E=\mathrm{span}$ of the support tends to"
    r" $x^*=\arg\min_{x\in E}\sum q_{iv}e^{-\langle z_{iv},x\rangle}+\langle u,x\rangle$,"
    r" $q_{iv}=a_in_{iv}e^{-\langle w^*,d_{iv}\rangle}/Z_i^{\mathrm{in}}(w^*)$.",
    uses=("foundations.log-time-slope", "foundations.finite-part"),
    assumptions=(strictly_complementary,),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)


def on_support_span(case: Case, path: Path) -> Path:
    """The projection of a path on the span of the support."""
    span = asymptotics(case.derived).span
    return Path(path.log_times, path.values @ span @ span.T, path.errors, path.name)


@proposition.claim(r"P_Mw-u\log t=O(1)")
def residual_is_bounded(case: Case, scale: float = 1.0) -> Bounded:
    """Its increments over doublings of log t shrink."""
    u = [scale * float(x) for x in case.derived.max_margin.direction]
    return Bounded(case.trajectory.residual(u), rate=asymptotics(case.derived).exponent)


@proposition.claim(r"P_E[P_Mw-u\log t]\to x^*")
def residual_converges(case: Case, shift: float = 0.0) -> Converges:
    """Against the Newton minimiser of the predicted sum of exponentials."""
    predicted = asymptotics(case.derived)
    path = on_support_span(case, case.trajectory.residual(case.derived.max_margin.direction))
    return Converges(path, np.asarray(predicted.residual.value) + shift * predicted.span.sum(axis=1), rate=predicted.exponent)


@proposition.mutant(of=residual_is_bounded, latex=r"P_Mw-\tfrac{9}{10}u\log t=O(1)")
def wrong_slope_leaves_a_drift(case: Case) -> Bounded:
    """A tenth of the slope is left over."""
    return residual_is_bounded(case, 0.9)


@proposition.mutant(of=residual_is_bounded, without=strictly_complementary, latex=r"\text{bounded with weak pairs too}")
def bounded_without_complementarity(case: Case) -> Bounded:
    """Weak pairs make the residual drift like log log t."""
    return Bounded(case.trajectory.residual(case.derived.max_margin.direction))


@proposition.mutant(of=residual_converges, latex=r"P_E[P_Mw-u\log t]\to 0")
def residual_vanishes(case: Case) -> Converges:
    """W_k - u log k does not tend to the finite part."""
    path = on_support_span(case, case.trajectory.residual(case.derived.max_margin.direction))
    return Converges(path, np.zeros(case.problem.dimension), rate=asymptotics(case.derived).exponent)
