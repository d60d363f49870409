r"""The time to leave a small start scales like 1/s_0.

Proof. Along the flow from w(0) = 0, q = p^2 = beta / B obeys q' = 4 g (1 - rho^2) w B q / K and w' = (2 kappa / K) g
rho with kappa = N D / (2 m^2). Replacing g by 1/2, 1 - rho^2 by 1 and rho by beta makes both faster; that system has
w^2 = kappa (q - q_0) and q' = (2 B / K) sqrt(kappa (q - q_0)) q, whose time to q_1 is (K / (B sqrt(kappa q_0)))
arctan sqrt(q_1/q_0 - 1): a lower bound. On the way g (1 - rho^2) and, with rho >= beta (1 - rho^2), the rates are at
least 2 g_1 (1 - rho_1^2) times the linear ones: an upper bound.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import All, AtMost, Equal, Less, Measured
from ....language.statements import Case, Proposition, clause, derived
from ....symbolic import NonNegative
from ..flow import LinearFlow
from .first_integral import FLOWS, GOLDEN, FlowPoint

F = Fraction

proposition = Proposition(
    label="multi-concept.escape-time",
    title="Escape takes a time proportional to the inverse of the initial scale",
    source=derived("comparison of the rates"),
    setup=r"The flow of the first integral from $\bar v(0)=0$, $q=p^2$, $\kappa=ND/(2m^2)$; $T$ is the time from $\beta_0=s_0^2B$ to $\beta_1$ and"
    r" $T_{\mathrm{lin}}=\frac{K}{B\sqrt{\kappa q_0}}\arctan\sqrt{q_1/q_0-1}$.",
    clauses=(
        clause(
            r"$T_{\mathrm{lin}}\le T\le T_{\mathrm{lin}}/(2g_1(1-\rho_1^2))$, with $g_1,\rho_1$ at the exit.",
            argued="comparison of the rates, docstring",
            steps=("growth_step",),
            claims=("time_is_in_the_sandwich",),
        ),
        clause(r"$T_{\mathrm{lin}}$ solves $\dot q=\tfrac{2B}K\sqrt{\kappa(q-q_0)}\,q$.", claims=("linear_time_solves_its_equation",)),
        clause(
            r"Halving $s_0$ doubles $T_{\mathrm{lin}}$ as $s_0\to0$.", argued="$\\arctan\\to\\pi/2$", claims=("halving_the_start_doubles_the_time",)
        ),
    ),
    uses=("multi-concept.first-integral",),
    instances=st.builds(FlowPoint, FLOWS, st.just(F(0)), st.sampled_from([F(1, 4), F(1, 2), F(1, 10)])),
    examples=(FlowPoint(GOLDEN, F(0), F(1, 4)),),
)

STARTS = (F(1, 10), F(1, 20))


@proposition.step("the drive is slower than linear", by="sign of the derivative", scope="all sizes", latex=r"\beta-\tanh\beta\ge0")
def growth_step() -> NonNegative:
    """beta - tanh beta >= 0 in the variable x = e^{2 beta} - 1: log(1 + x)/2 - x/(2 + x)."""
    from ....symbolic import L

    x = sp.Symbol("x")
    return NonNegative(L(1 + x) / 2 - x / (2 + x), x)


@proposition.claim(r"T_{\mathrm{lin}}\le T\le T_{\mathrm{lin}}/(2g_1(1-\rho_1^2))")
def time_is_in_the_sandwich(case: Case) -> All:
    """T by quadrature (relative error below 1e-6) from beta_0 = s_0^2 B at two starts."""
    x: FlowPoint = case.problem
    parts = []
    for scale in STARTS:
        start = scale**2 * x.flow.b
        low, high = x.flow.escape_bounds(start, x.beta)
        time = x.flow.escape_time(start, x.beta)
        parts += [AtMost(low, Measured(time, 1e-6 * time)), AtMost(Measured(time, 1e-6 * time), high)]
    return All(*parts)


@proposition.claim(r"\tfrac{d}{dq_1}T_{\mathrm{lin}}=\bigl(\tfrac{2B}K\sqrt{\kappa(q_1-q_0)}\,q_1\bigr)^{-1}")
def linear_time_solves_its_equation(case: Case, factor: int = 2) -> Less:
    """A difference quotient with step 2^-40 against the inverse rate, to one part in 2^30."""
    x: FlowPoint = case.problem
    flow, h = x.flow, F(1, 2**40)
    start = STARTS[0] ** 2 * flow.b
    later, here = flow.linear_escape(start, x.beta + h), flow.linear_escape(start, x.beta)
    with ctx.workprec(PRECISION):
        slope = (_ball(later) - _ball(here)) / exact_arb(h / flow.b)
        kappa, q0, q1 = flow.active * flow.d / (2 * flow.neurons**2), start / flow.b, x.beta / flow.b
        rate = factor * exact_arb(flow.b / Fraction(flow.concepts)) * exact_arb(kappa * (q1 - q0)).sqrt() * exact_arb(q1)
        return Less(interval(abs(slope * rate - 1)), F(1, 2**30))


def _ball(x: Interval) -> arb:
    return arb(exact_arb(x.center), exact_arb(x.radius))


def _ratio(flow: LinearFlow, end: Fraction, scale: Fraction, logarithmic: bool = False) -> Interval:
    times = [flow.linear_escape((scale / 2**k) ** 2 * flow.b, end) for k in range(3)]
    with ctx.workprec(PRECISION):
        first, second, third = map(_ball, times)
        return interval((third - second) / (second - first) if logarithmic else second / first)


@proposition.claim(r"T_{\mathrm{lin}}(s_0/2)/T_{\mathrm{lin}}(s_0)\to2")
def halving_the_start_doubles_the_time(case: Case, logarithmic: bool = False) -> All | Equal:
    """Between 2 and 2 + 2 s_0 at s_0 = 2^-20; `logarithmic` claims instead that each halving adds the same time (false)."""
    x: FlowPoint = case.problem
    small = F(1, 2**20)
    ratio = _ratio(x.flow, x.beta, small, logarithmic)
    return Equal(ratio, F(1)) if logarithmic else All(Less(ratio, 2 + 4 * small), Less(2 - 4 * small, ratio))


@proposition.mutant(of=halving_the_start_doubles_the_time, latex=r"T\propto\log(1/s_0)")
def escape_time_is_logarithmic(case: Case) -> All | Equal:
    """The drive of p is bilinear in p and w, both of which start small."""
    return halving_the_start_doubles_the_time(case, logarithmic=True)


@proposition.mutant(of=linear_time_solves_its_equation, latex=r"\dot q=\tfrac BK\sqrt{\kappa(q-q_0)}\,q")
def half_of_the_rate(case: Case) -> Less:
    """Both p_Q and p_K move."""
    return linear_time_solves_its_equation(case, factor=1)
