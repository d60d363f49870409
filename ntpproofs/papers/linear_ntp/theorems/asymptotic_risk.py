"""The excess risk of descent is |W^mm|^2 / t (linear brief, 2-R (i))."""

from __future__ import annotations

from ....dynamics import GradientFlow
from ....language.relations import Converges, Equal
from ....language.statements import Case, Proposition, derived
from ..assumptions import ntp_compatible, ntp_separable
from ._golden import ex_every_token, golden, well_posed
from ._sharp import weak, weak_with_support

proposition = Proposition(
    label="linear-ntp.asymptotic-risk",
    title="The risk approaches the entropy like the squared norm of W^mm over t",
    source=derived("asymptotic matching, 2-R (i); measured, not proved"),
    text=r"$t\,(\mathrm{CE}(W_k)-H)\to\|W^{\mathrm{mm}}\|^2$ with $t=\eta k$, for every $W_0$, with weak support pairs as well as without (then the"
    r" error is only $O(1/\log^2t)$). With full supports only, $W^{\mathrm{mm}}=0$ and the risk falls exponentially to its minimum $H$.",
    uses=("foundations.risk-constant", "linear-ntp.gradient-descent-bias"),
    assumptions=(ntp_compatible, ntp_separable),
    instances=well_posed,
    examples=(*golden, weak, weak_with_support, ex_every_token),
    simulate=GradientFlow(log_time=1e4),
)


@proposition.claim(r"t\,(\mathrm{CE}-H)\to\|W^{\mathrm{mm}}\|^2")
def scaled_risk_converges(case: Case, power: float = 1.0, scale: float = 1.0) -> Converges:
    """Along the flow, evaluated by the split identity; the infimum is the entropy because the data are compatible."""
    return Converges(case.trajectory.scaled_excess, (scale * float(case.derived.max_margin.squared_norm) ** power,))


@proposition.claim(r"\textstyle\sum\lambda=\|W^{\mathrm{mm}}\|^2:\text{ the masses off the supports are the multipliers over }t")
def multipliers_sum_to_the_constant(case: Case) -> Equal:
    """Exact: what the limit adds up."""
    best = case.derived.max_margin
    return Equal(sum(best.multipliers.values()), best.squared_norm)


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(\mathrm{CE}-H)\to\|W^{\mathrm{mm}}\|")
def norm_instead_of_its_square(case: Case) -> Converges:
    """The square is meant."""
    return scaled_risk_converges(case, power=0.5)


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(\mathrm{CE}-H)\to\gamma^2=\|W^{\mathrm{mm}}\|^{-2}")
def squared_margin(case: Case) -> Converges:
    """A larger margin means a smaller risk."""
    return scaled_risk_converges(case, power=-1.0)


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(\mathrm{CE}-H)\to\tfrac12\|W^{\mathrm{mm}}\|^2")
def half_the_constant(case: Case) -> Converges:
    """The factor of the quadratic objective does not enter."""
    return scaled_risk_converges(case, scale=0.5)


@proposition.mutant(of=multipliers_sum_to_the_constant, latex=r"\textstyle\sum\lambda=\|W^{\mathrm{mm}}\|")
def multipliers_sum_to_the_norm(case: Case) -> Equal:
    """Squared, to stay rational."""
    best = case.derived.max_margin
    return Equal(sum(best.multipliers.values()) ** 2, best.squared_norm)


@proposition.mutant(
    of=scaled_risk_converges,
    without=ntp_compatible,
    latex=r"t\,(\mathrm{CE}-H)\to\|W^{\mathrm{mm}}\|^2\text{"
    r" without compatibility}",
)
def entropy_without_compatibility(case: Case) -> Equal:
    """The infimum is then above the entropy, so t (CE - H) diverges."""
    return Equal(case.derived.infimum, case.problem.entropy)


@proposition.mutant(of=scaled_risk_converges, without=ntp_separable, latex=r"\text{the same without separability}")
def entropy_without_separability(case: Case) -> Equal:
    """Tied tokens off the supports keep the infimum above the entropy."""
    return Equal(case.derived.infimum, case.problem.entropy)
