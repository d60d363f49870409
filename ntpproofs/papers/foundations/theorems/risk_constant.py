"""t times the excess risk tends to the squared norm of u, weak pairs or not (foundations, G6)."""

from __future__ import annotations

import math

from ....dynamics import GradientFlow
from ....language.relations import Converges
from ....language.statements import Case, Proposition, derived
from ._instances import golden, logits

proposition = Proposition(
    label="foundations.risk-constant",
    title="The excess risk is |u|^2 / t",
    source=derived("G6, by asymptotic matching"),
    text=r"$t\,(L(w_k)-L^*)\to\|u\|^2$ with $t=\eta k$ (or $t$ the time of the flow), for any weights and any $w_0$; with weak pairs the error is"
    r" $O(1/\log^2t)$.",
    uses=("foundations.max-margin", "foundations.split-identity", "foundations.direction"),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)


@proposition.claim(r"t\,(L-L^*)\to\|u\|^2")
def scaled_risk_converges(case: Case, scale: float = 1.0, power: float = 1.0) -> Converges:
    """Evaluated in the log domain by the split identity."""
    return Converges(case.trajectory.scaled_excess, (scale * float(case.derived.max_margin.squared_norm) ** power,))


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(L-L^*)\to\|u\|")
def norm_instead_of_its_square(case: Case) -> Converges:
    """The square is meant."""
    return scaled_risk_converges(case, power=0.5)


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(L-L^*)\to\|u\|^{-2}")
def margin_instead_of_norm(case: Case) -> Converges:
    """Margin and norm inverted."""
    squared = float(case.derived.max_margin.squared_norm)
    return scaled_risk_converges(case, power=-1.0 if squared else 1.0)


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(L-L^*)\to(1+10^{-6})\|u\|^2")
def off_by_a_millionth(case: Case) -> Converges:
    """A relative error of 1e-6 is seen."""
    return scaled_risk_converges(case, scale=1.0 + math.ldexp(1.0, -20))
