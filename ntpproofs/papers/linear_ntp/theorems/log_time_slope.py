"""The log-time derivative of the iterates is W^mm."""

from __future__ import annotations

import numpy as np

from ....dynamics import GradientFlow
from ....language.relations import Converges, ValuePath
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ._asymptotic_instances import DESCENT_THEN_FLOW, spare_token, weak, weak_with_support
from ._golden import anything, ex_every_token, golden
from ._losses import as_floats, unconstrained_direction

proposition = Proposition(
    label="linear-ntp.log-time-slope",
    title="The slope in log time is W^mm, norm and direction",
    source=derived("asymptotic matching; measured, not proved"),
    setup=r"Without weak pairs, compatible or not, separable or not ($W^{\mathrm{mm}}$ is then the $u$ of"
    r" the foundations, zero if nothing is separable), along the gradient flow $W_t$, with $q$ the"
    r" relaxation exponent:",
    clauses=(
        clause(
            r"$\tfrac{d}{d\log t}\mathcal P_\perp W_t\to W^{\mathrm{mm}}$, norm included, at least like"
            r" $t^{-q/2}$.",
            claims=("slope_converges",),
        ),
        clause(
            r"Difference quotients $\mathcal P_\perp(W_{t'}-W_t)/\log(t'/t)$ of consecutive records do, too.",
            claims=("difference_quotients_converge",),
        ),
        clause(
            r"Gradient descent with $0<\eta\le1/L$ has the same slope (64 steps, continued by the flow).",
            claims=("descent_has_the_same_slope",),
        ),
    ),
    uses=("foundations.log-time-slope", "linear-ntp.gradient-descent-bias"),
    assumptions=(strictly_complementary,),
    instances=anything,
    examples=(*golden, ex_every_token, spare_token),
    simulate=GradientFlow(log_time=1e4),
)


@proposition.claim(r"\tfrac{d}{d\log t}\mathcal P_\perp W\to W^{\mathrm{mm}}\text{, at least like }t^{-q/2}")
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
    quotient = ValuePath(path.log_times[1:], quotients, 2 * path.errors[1:] / gaps, "difference quotient")
    return Converges(quotient, as_floats(case.derived.max_margin.direction), rate=asymptotics(case.derived).exponent)


@proposition.claim(r"\text{descent, }\eta\le1/L:\ \tfrac{d}{d\log t}\mathcal P_\perp W\to W^{\mathrm{mm}}")
def descent_has_the_same_slope(case: Case, scale: float = 1.0) -> Converges:
    """64 steps of 1/L, then the flow. (A larger step may cycle on F; where that was tried the slope was the same.)"""
    found = case.problem.conditional_logit().remember("slope after descent", lambda: DESCENT_THEN_FLOW(case.problem))
    return Converges(found.slope, [scale * x for x in as_floats(case.derived.max_margin.direction)])


@proposition.mutant(of=descent_has_the_same_slope, latex=r"\text{slope }\eta W^{\mathrm{mm}}\text{ at }\eta=2/3")
def slope_times_the_step(case: Case) -> Converges:
    """Time is eta k: the step does not scale the slope in its logarithm."""
    return descent_has_the_same_slope(case, 2 / 3)


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
