"""The excess risk of descent is |W^mm|^2 / t.

With steps beyond 2/L descent may cycle on F, and t (CE - H) grows without bound: one context with p = (1/2, 1/2,
0), W_0 = (0.3, -0.1, 0) and eta = 5 > 4 = 2/L reaches 175, 1756, 17564 at k = 10^2, 10^3, 10^4.
"""

from __future__ import annotations

from fractions import Fraction

from ....dynamics import GradientDescent, GradientFlow
from ....language.relations import Converges, Equal
from ....language.statements import Case, Proposition, clause, derived
from ..assumptions import ntp_compatible, ntp_separable
from ._asymptotic_instances import DESCENT_THEN_FLOW, weak, weak_with_support
from ._golden import ex_every_token, ex_one_half, golden, well_posed

proposition = Proposition(
    label="linear-ntp.asymptotic-risk",
    title="The risk approaches the entropy like the squared norm of W^mm over t",
    source=derived("asymptotic matching; measured, not proved"),
    setup=r"Let the data be compatible and separable, with weak support pairs or without, and $t$ the time"
    r" of the gradient flow, or $t=\eta k$ for gradient descent with $0<\eta\le1/L$.",
    clauses=(
        clause(
            r"$t\,(\mathrm{CE}(W_t)-\mathcal H)\to\|W^{\mathrm{mm}}\|^2$ along the flow,",
            claims=("scaled_risk_converges",),
        ),
        clause(
            r"and along descent (64 steps, continued by the flow).",
            claims=("descent_has_the_same_constant",),
        ),
        clause(
            r"The limit is the sum of the multipliers.",
            by=("linear-ntp.svm-duality",),
            claims=("multipliers_sum_to_the_constant",),
        ),
    ),
    uses=("foundations.risk-constant", "linear-ntp.gradient-descent-bias"),
    assumptions=(ntp_compatible, ntp_separable),
    instances=well_posed,
    examples=(*golden, weak, weak_with_support, ex_every_token),
    simulate=GradientFlow(log_time=1e4),
)


@proposition.claim(r"t\,(\mathrm{CE}-\mathcal H)\to\|W^{\mathrm{mm}}\|^2")
def scaled_risk_converges(case: Case, power: float = 1.0, scale: float = 1.0) -> Converges:
    """Along the flow, evaluated by the split identity; the infimum is the entropy because the data are compatible."""
    return Converges(case.trajectory.scaled_excess, (scale * float(case.derived.max_margin.squared_norm) ** power,))


@proposition.claim(r"\eta\le1/L:\ \eta k\,(\mathrm{CE}(W_k)-\mathcal H)\to\|W^{\mathrm{mm}}\|^2")
def descent_has_the_same_constant(case: Case, beyond: GradientDescent | None = None) -> Converges:
    """64 steps of 1/L, then the flow; or descent alone, with steps of one's own."""
    run = beyond or DESCENT_THEN_FLOW
    found = case.problem.conditional_logit().remember(("risk", run), lambda: run(case.problem))
    return Converges(found.scaled_excess, (float(case.derived.max_margin.squared_norm),))


@proposition.claim(r"\textstyle\sum\lambda=\|W^{\mathrm{mm}}\|^2:\text{ the masses off the supports are the multipliers over }t")
def multipliers_sum_to_the_constant(case: Case) -> Equal:
    """Exact: what the limit adds up."""
    best = case.derived.max_margin
    return Equal(sum(best.multipliers.values()), best.squared_norm)


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(\mathrm{CE}-\mathcal H)\to\|W^{\mathrm{mm}}\|")
def norm_instead_of_its_square(case: Case) -> Converges:
    """The square is meant."""
    return scaled_risk_converges(case, power=0.5)


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(\mathrm{CE}-\mathcal H)\to\gamma^2=\|W^{\mathrm{mm}}\|^{-2}")
def squared_margin(case: Case) -> Converges:
    """A larger margin means a smaller risk."""
    return scaled_risk_converges(case, power=-1.0)


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(\mathrm{CE}-\mathcal H)\to\tfrac12\|W^{\mathrm{mm}}\|^2")
def half_the_constant(case: Case) -> Converges:
    """The factor of the quadratic objective does not enter."""
    return scaled_risk_converges(case, scale=0.5)


@proposition.mutant(of=descent_has_the_same_constant, instances=[ex_one_half], latex=r"\text{for every }\eta>0")
def any_step_size(case: Case) -> Converges:
    """eta = 5: 175 at k = 100, a hundred times as much at k = 10^4."""
    start = (Fraction(3, 10), Fraction(-1, 10), Fraction(0))
    return descent_has_the_same_constant(case, GradientDescent(steps=10_000, step_size=5, initial=start))


@proposition.mutant(of=multipliers_sum_to_the_constant, latex=r"\textstyle\sum\lambda=\|W^{\mathrm{mm}}\|")
def multipliers_sum_to_the_norm(case: Case) -> Equal:
    """Squared, to stay rational."""
    best = case.derived.max_margin
    return Equal(sum(best.multipliers.values()) ** 2, best.squared_norm)


@proposition.mutant(
    of=scaled_risk_converges,
    without=ntp_compatible,
    latex=r"t\,(\mathrm{CE}-\mathcal H)\to\|W^{\mathrm{mm}}\|^2\text{"
    r" without compatibility}",
)
def entropy_without_compatibility(case: Case) -> Equal:
    """The infimum is then above the entropy, so t (CE - H) diverges."""
    return Equal(case.derived.infimum, case.problem.entropy)


@proposition.mutant(of=scaled_risk_converges, without=ntp_separable, latex=r"\text{the same without separability}")
def entropy_without_separability(case: Case) -> Equal:
    """Tied tokens off the supports keep the infimum above the entropy."""
    return Equal(case.derived.infimum, case.problem.entropy)
