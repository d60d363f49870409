"""t times the excess risk tends to the squared norm of u, weak pairs or not."""

from __future__ import annotations

import math

from ....dynamics import GradientDescent, GradientFlow
from ....language.relations import Converges, NotExercised, Relation
from ....language.statements import Case, Proposition, clause, derived
from ._instances import START, golden, logits, valley
from .risk_bound import moves

proposition = Proposition(
    label="foundations.risk-constant",
    title="The excess risk is |u|^2 / t",
    source=derived("asymptotic matching"),
    setup=r"Let $w(t)$ be the gradient flow, $w_k$ gradient descent with $0<\eta\le1/\beta$ and $t=\eta k$.",
    clauses=(
        clause(r"$t\,(L(w(t))-L^*)\to\|u\|^2$, for any weights, with weak pairs or without.", claims=("scaled_risk_converges",)),
        clause(r"$t\,(L(w_k)-L^*)\to\|u\|^2$ (the flow that continues 64 steps of descent).", claims=("descent_then_flow",)),
    ),
    uses=("foundations.max-margin", "foundations.split-identity", "foundations.direction"),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)


@proposition.claim(r"t\,(L-L^*)\to\|u\|^2")
def scaled_risk_converges(case: Case, scale: float = 1.0, power: float = 1.0) -> Relation:
    """Evaluated in the log domain by the split identity."""
    if not moves(case):
        return NotExercised("the flow starts at its limit")
    return Converges(case.trajectory.scaled_excess, (scale * float(case.derived.max_margin.squared_norm) ** power,))


@proposition.claim(r"t\,(L-L^*)\to\|u\|^2\text{ after 64 steps of descent from a general start}")
def descent_then_flow(case: Case) -> Converges:
    """The constant does not depend on the start; the hand-off law joins descent and flow."""
    initial = tuple(((5 * k + 1) % 7 - 3) / 4 for k in range(case.problem.dimension))
    run = case.problem.remember(
        "descent, then flow, general start", lambda: GradientFlow(log_time=1e4, after_descent=64, initial=initial)(case.problem)
    )
    return Converges(run.scaled_excess, (float(case.derived.max_margin.squared_norm),))


@proposition.mutant(of=descent_then_flow, instances=[valley], latex=r"t\,(L(w_k)-L^*)\to\|u\|^2\text{ for every step size}")
def step_of_five(case: Case) -> Relation:
    """V = 3, p = (1/2, 1/2, 0), eta = 5: t (L - L*) is 175, 1756 and 17564 at k = 10^2, 10^3 and 10^4, because the tied part does not settle."""
    if case.problem != valley:
        return NotExercised("the counterexample is one instance")
    run = GradientDescent(steps=10_000, step_size=5, initial=START)(case.problem)
    return Converges(run.scaled_excess, (float(case.derived.max_margin.squared_norm),))


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(L-L^*)\to\|u\|")
def norm_instead_of_its_square(case: Case) -> Relation:
    """The square is meant."""
    return scaled_risk_converges(case, power=0.5)


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(L-L^*)\to\|u\|^{-2}")
def margin_instead_of_norm(case: Case) -> Relation:
    """Margin and norm inverted."""
    squared = float(case.derived.max_margin.squared_norm)
    return scaled_risk_converges(case, power=-1.0 if squared else 1.0)


@proposition.mutant(of=scaled_risk_converges, latex=r"t\,(L-L^*)\to(1+10^{-6})\|u\|^2")
def off_by_a_millionth(case: Case) -> Relation:
    """A relative error of 1e-6 is seen."""
    return scaled_risk_converges(case, scale=1.0 + math.ldexp(1.0, -20))
