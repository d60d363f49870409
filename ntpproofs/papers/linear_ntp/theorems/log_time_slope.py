"""The log-time derivative of the iterates is W^mm (linear brief, 2-R (iv))."""

from __future__ import annotations

import numpy as np

from ....dynamics import GradientFlow
from ....language.relations import Converges, Path
from ....language.statements import Case, Proposition, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ._golden import anything, ex_every_token, golden
from ._losses import as_floats, unconstrained_direction
from ._sharp import spare_token, weak, weak_with_support

proposition = Proposition(
    label="linear-ntp.log-time-slope",
    title="The slope in log time is W^mm, norm and direction",
    source=derived("asymptotic matching, 2-R (iv); measured, not proved"),
    text=r"$\mathcal P_\perp(W_{2k}-W_k)/\log2\to W^{\mathrm{mm}}$, norm included: unlike"
    r" the cosine, which needs $e^{1/\varepsilon}$ steps, the slope tells apart"
    r" directions that enclose a small angle. Without weak pairs its error is $t^{-q}$. Compatibility is not needed, nor is separability with"
    r" the $u$ of the foundations in the place of $W^{\mathrm{mm}}$ (zero for full supports).",
    uses=("foundations.log-time-slope", "linear-ntp.gradient-descent-bias"),
    assumptions=(strictly_complementary,),
    instances=anything,
    examples=(*golden, ex_every_token, spare_token),
    simulate=GradientFlow(log_time=1e4),
)


@proposition.claim(r"\tfrac{d}{d\log t}\mathcal P_\perp W\to W^{\mathrm{mm}}\text{ with error }t^{-q}")
def slope_converges(case: Case, scale: float = 1.0) -> Converges:
    """Against the certified W^mm."""
    target = [scale * x for x in as_floats(case.derived.max_margin.direction)]
    return Converges(case.trajectory.slope, target, rate=asymptotics(case.derived).exponent)


@proposition.claim(r"\mathcal P_\perp(W_{t'}-W_t)/\log(t'/t)\to W^{\mathrm{mm}}\text{ between consecutive records}")
def difference_quotients_converge(case: Case, doubled: bool = False) -> Converges:
    """Difference quotients of the iterates, which are recorded apart from the slope."""
    path = case.trajectory.diverging_part
    gaps = np.diff(path.log_times)
    quotients = np.diff(path.values, axis=0) / (gaps / (2 if doubled else 1))[:, None]
    quotient = Path(path.log_times[1:], quotients, 2 * path.errors[1:] / gaps, "difference quotient")
    return Converges(quotient, as_floats(case.derived.max_margin.direction), rate=asymptotics(case.derived).exponent)


@proposition.mutant(of=slope_converges, latex=r"\text{slope }W^{\mathrm{mm}}/2")
def half_the_slope(case: Case) -> Converges:
    """Same direction, half the norm."""
    return slope_converges(case, 0.5)


@proposition.mutant(of=slope_converges, latex=r"\text{slope }W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|^2")
def inverted_norm(case: Case) -> Converges:
    """Margin and norm exchanged."""
    return slope_converges(case, 1 / float(case.derived.max_margin.squared_norm))


@proposition.mutant(of=slope_converges, latex=r"\text{slope of the programme without (6a)}")
def without_equalities(case: Case) -> Converges:
    """Two directions with cosine 0.99 are told apart as surely as two with cosine 0.7."""
    return Converges(case.trajectory.slope, as_floats(unconstrained_direction(case)))


@proposition.mutant(of=difference_quotients_converge, latex=r"\text{logarithms to base }4")
def another_base(case: Case) -> Converges:
    """The natural logarithm is meant."""
    return difference_quotients_converge(case, doubled=True)


@proposition.mutant(
    of=slope_converges, without=strictly_complementary, instances=[weak, weak_with_support], latex=r"\text{the same rate with weak pairs}"
)
def rate_with_weak_pairs(case: Case) -> Converges:
    """The slope then approaches like 1/log t."""
    return slope_converges(case)
