r"""A first integral of the flow without regularisation.

With w the mean lift of N linear-regime neurons: beta' = (4/K) g (1 - rho^2) w B beta and w' = N D g rho / (m^2 K).
d/dt w^2 = 2 w w' and, since Shi'(x) = sinh x / x, d/dt Shi(2 beta) = sinh(2 beta) beta' / beta. With sinh(2 beta) (1
- rho^2) / 2 = tanh beta the two terms of I cancel.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import sympy as sp
from flint import arb, arb_series, ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import Equal
from ....language.statements import Case, Proposition, clause, derived
from ....symbolic import E, Formula
from ..flow import LinearFlow

F = Fraction


@dataclass(frozen=True)
class FlowPoint:
    """A linear-regime flow at (w, beta)."""

    flow: LinearFlow
    lift: Fraction
    beta: Fraction

    def instance(self) -> dict[str, Any]:
        """The record printed with a witness."""
        names = ("b", "d", "concepts", "neurons", "active")
        body = {name: str(getattr(self.flow, name)) for name in names}
        return {"kind": "linear-flow", **body, "lift": str(self.lift), "beta": str(self.beta)}


NORM = st.sampled_from([F(1), F(1, 2), F(2), F(3, 2)])
FLOWS = st.builds(LinearFlow, NORM, NORM, st.integers(1, 4), st.sampled_from([4, 8, 16]), st.integers(1, 2))
POINTS = st.builds(FlowPoint, FLOWS, st.integers(-6, 6).map(lambda k: F(k, 5)), st.integers(1, 12).map(lambda k: F(k, 4)))
GOLDEN = LinearFlow(F(1), F(1), 2, 16, 8)

proposition = Proposition(
    label="multi-concept.first-integral",
    title="The flow without regularisation has a first integral with Shi",
    source=derived("separation of variables"),
    setup=r"$\lambda=0$, $N$ plus neurons of a concept in the linear regime $u_i>\rho|v_i|$, the rest dead; $\bar v=\tfrac1m\sum_{i}v_i$, $p_Q=p_K$.",
    clauses=(
        clause(
            r"$I=\bar v^2-\dfrac{ND}{4m^2B}\,\mathrm{Shi}(2\beta)$ is constant, $\mathrm{Shi}(x)=\int_0^x\sinh(s)/s\,ds$.",
            steps=("double_angle_step", "cancellation_step"),
            claims=("integral_is_constant",),
        ),
    ),
    uses=("multi-concept.reduced-recursion",),
    instances=POINTS,
    examples=(FlowPoint(GOLDEN, F(0), F(1, 4)), FlowPoint(GOLDEN, F(1, 3), F(2)), FlowPoint(GOLDEN, F(-1, 5), F(3, 2))),
)

beta = sp.symbols("beta", positive=True)


@proposition.step("double angle", by="index calculus, normal form", scope="all sizes", latex=r"\tfrac12\sinh(2\beta)(1-\tanh^2\beta)=\tanh\beta")
def double_angle_step() -> Equal:
    """With exponentials."""
    rho = (E(2 * beta) - 1) / (E(2 * beta) + 1)
    return Equal(Formula((E(2 * beta) - E(-2 * beta)) / 4 * (1 - rho**2)), Formula(rho))


@proposition.step(
    "the two rates cancel",
    by="index calculus, normal form",
    scope="all sizes",
    latex=r"2\bar v\dot{\bar v}=\tfrac{ND}{4m^2B}\tfrac{\sinh2\beta}{\beta}\dot\beta",
)
def cancellation_step() -> Equal:
    """Both rates inserted; Shi' = sinh(x)/x is the definition of Shi."""
    g, w, n, d, m, k, b = sp.symbols("g w N D m K B", positive=True)
    rho = (E(2 * beta) - 1) / (E(2 * beta) + 1)
    lift, score = n * d * g * rho / (m**2 * k), 4 * g * (1 - rho**2) * w * b * beta / k
    shi = (E(2 * beta) - E(-2 * beta)) / 2 / beta * score
    return Equal(Formula(2 * w * lift), Formula(n * d / (4 * m**2 * b) * shi))


@proposition.claim(r"\dot I=0")
def integral_is_constant(case: Case, shape: Literal["shi", "sinh", "linear"] = "shi") -> Equal:
    """The derivative of I along the field, by power series in balls."""
    x: FlowPoint = case.problem
    with ctx.workprec(PRECISION):
        cap, ctx.cap = ctx.cap, 2
        try:
            rise, turn = x.flow.field(exact_arb(x.lift), exact_arb(x.beta))
            lift, double = arb_series([exact_arb(x.lift), rise], prec=2), arb_series([exact_arb(2 * x.beta), 2 * turn], prec=2)
            shaped = {"shi": double.shi, "sinh": lambda: (double.exp() - (-double).exp()) / 2, "linear": lambda: double}[shape]()
            moved = (lift * lift - shaped * exact_arb(x.flow.factor))[1]
        finally:
            ctx.cap = cap
        return Equal(interval(arb(moved)), F(0))


@proposition.mutant(of=integral_is_constant, latex=r"\sinh(2\beta)\text{ for }\mathrm{Shi}(2\beta)")
def integral_with_sinh(case: Case) -> Equal:
    """They agree to first order only."""
    return integral_is_constant(case, shape="sinh")


@proposition.mutant(of=integral_is_constant, latex=r"2\beta\text{ for }\mathrm{Shi}(2\beta)")
def integral_with_its_linear_part(case: Case) -> Equal:
    """They agree to first order only."""
    return integral_is_constant(case, shape="linear")
