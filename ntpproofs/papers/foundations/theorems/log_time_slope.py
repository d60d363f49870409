"""The log-time slope tends to u, norm included (foundations, G7 with its relaxation exponent)."""

from __future__ import annotations

from ....dynamics import GradientFlow
from ....language.relations import Converges
from ....language.statements import Case, Proposition, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ._instances import golden, logits, weak_pair
from ._margins_only import margins_only

proposition = Proposition(
    label="foundations.log-time-slope",
    title="The slope in log time is u",
    source=derived("G7, by asymptotic matching"),
    text=r"$\frac{w_{k_2}-w_{k_1}}{\log(k_2/k_1)}\to u$, norm included, independent of $\eta$, the weights and $w_0$."
    r" Without weak pairs the error is $t^{-q}$,"
    r" $q=\min(\mu,m-1)$, with $\mu$ the smallest non-zero eigenvalue of $\sum\lambda zz^\top$ and $m$ the smallest margin off the support.",
    uses=("foundations.direction", "foundations.max-margin"),
    assumptions=(strictly_complementary,),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)


@proposition.claim(r"\tfrac{d}{ds}P_Mw\to u,\ s=\log t,\text{ with error }e^{-qs}")
def slope_converges(case: Case, scale: float = 1.0) -> Converges:
    """Against the certified u; the simulator does not know it."""
    target = [scale * float(x) for x in case.derived.max_margin.direction]
    return Converges(case.trajectory.slope, target, rate=asymptotics(case.derived).exponent)


@proposition.mutant(of=slope_converges, latex=r"\text{slope }u/2")
def half_the_slope(case: Case) -> Converges:
    """Same direction, wrong norm."""
    return slope_converges(case, 0.5)


@proposition.mutant(of=slope_converges, latex=r"\text{slope }(1+10^{-6})u")
def off_by_a_millionth(case: Case) -> Converges:
    """The flow resolves a relative error of 1e-6."""
    return slope_converges(case, 1.000001)


@proposition.mutant(of=slope_converges, latex=r"\text{slope of the programme without equalities}")
def without_equalities(case: Case) -> Converges:
    """The tied pairs constrain the direction."""
    return Converges(case.trajectory.slope, margins_only(case))


@proposition.mutant(
    of=slope_converges, without=strictly_complementary, instances=[weak_pair], latex=r"\text{error }e^{-qs}\text{ with weak pairs, too}"
)
def power_with_weak_pairs(case: Case) -> Converges:
    """The error is |D| / s there, slower than any power of t."""
    return slope_converges(case)
