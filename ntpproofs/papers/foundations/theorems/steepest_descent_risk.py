"""Steepest descent in a norm: t (L - L*) tends to the squared least norm, tied pairs or not."""

from __future__ import annotations

import sympy as sp

from ....dynamics import SignGradientDescent
from ....language.compared_values import ValuePath
from ....language.relations import Converges, Equal
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import something_separable
from ....symbolic import Formula, derivative
from ._instances import three_quarters
from ._optimizers import one_token, single_tokens, tau

proposition = Proposition(
    label="foundations.steepest-descent-risk",
    title="Steepest descent in a norm decreases the risk like the squared least norm over t",
    source=derived("the loss falls at the rate of the squared dual norm of its gradient"),
    setup=r"Steepest descent in $\ell_\infty$: $w_{k+1}=w_k-\eta\|g_k\|_1\operatorname{sign}g_k$ with"
    r" $\eta=1/\beta_\infty$, $\beta_\infty$ a smoothness constant in $\ell_\infty$; $t=\eta k$. Only instances"
    r" on which the signs settle are claimed: where they keep alternating a constant step changes the constant,"
    r" by a few per cent for $d=(2,1),(1,-1),(2,2)$.",
    clauses=(
        clause(
            r"$t(L(w_k)-L^*)\to\tau_\infty^2$, with tied pairs as well, on the three instances checked.",
            claims=("scaled_risk_converges",),
        ),
    ),
    uses=("foundations.norm-margin", "foundations.risk-constant"),
    assumptions=(something_separable,),  # without it every margin is zero and there is no programme
    instances=(three_quarters, one_token, single_tokens),
    simulate=SignGradientDescent(steps=3_200, scaled=True, decay=0.0),
)


@proposition.step("the flow's risk", by="rational normal form", scope="all reals", latex=r"\dot E=-E^2/\tau^2\text{ for }E=\tau^2/t")
def risk_equation() -> Equal:
    """E = tau^2 / t solves dE/dt = -(E / tau)^2."""
    t, tau_ = sp.symbols("t tau", positive=True)
    risk, rate = sp.symbols("E E'")
    excess = tau_**2 / t
    return Equal(Formula(rate, given={rate: derivative(excess, t)}), Formula(-((risk / tau_) ** 2), given={risk: excess}))


def excess_path(case: Case) -> ValuePath:
    """t (L - L*) from the time on when the transient has died."""
    path = case.trajectory.scaled_excess
    late = path.log_times >= 1.0
    return ValuePath(path.log_times[late], path.values[late], path.errors[late], path.name)


@proposition.claim(r"t\,(L(w_k)-L^*)\to\tau_\infty^2")
def scaled_risk_converges(case: Case, norm: str = "l-infinity", factor: int = 1) -> Converges:
    """Against the exact least norm."""
    return Converges(excess_path(case), (factor * tau(case, norm).upper ** 2,))


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(L(w_k)-L^*)\to\|u\|^2")
def euclidean_constant(case: Case) -> Converges:
    """The constant of gradient descent."""
    return scaled_risk_converges(case, "frobenius")


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(L(w_k)-L^*)\to\tau_1^2")
def dual_norm_constant(case: Case) -> Converges:
    """The norm and its dual confused."""
    return scaled_risk_converges(case, "l1")
