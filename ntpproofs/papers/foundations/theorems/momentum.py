"""Momentum changes the clock, not the limits: t = eta k / (1 - theta), or eta k^2 / 4 for accelerated descent."""

from __future__ import annotations

import sympy as sp

from ....dynamics import MomentumGradientDescent
from ....language.compared_values import ValuePath
from ....language.relations import Converges, Equal, NotExercised, Relation
from ....language.statements import Case, Proposition, clause, derived
from ....symbolic import Formula, L, derivative
from ._instances import START, full, single_pair, three_quarters, valley, weighted_pair
from ._margins_only import margins_only

proposition = Proposition(
    label="foundations.momentum",
    title="Heavy ball, Nesterov and accelerated descent share limits of gradient descent, each in its own time",
    source=derived("matching w = u log t + O(1) in the second-order flow; measured"),
    setup=r"Heavy ball and Nesterov with constant momentum $\theta=1/2$, $0<\eta\le(1-\theta)/\beta$ and $t=\eta"
    r" k/(1-\theta)$; accelerated descent ($\theta_k=(k-1)/(k+2)$) with $0<\eta\le1/\beta$ and $t=\eta k^2/4$. Checked"
    r" at the largest step, $w_0=0$.",
    clauses=(
        clause(
            r"Heavy ball: $t(L(w_k)-L^*)\to\|u\|^2$, at least like $t^{-1/4}$.",
            claims=("risk_constant",),
        ),
        clause(
            r"Accelerated: $t(L(w_k)-L^*)\to\|u\|^2$, at least like $t^{-1/4}$.",
            claims=("accelerated_risk_constant",),
        ),
        clause(
            r"Nesterov: the slope of $P_Mw_k$ in $\log t$ tends to $u$, at least like $t^{-1/4}$.",
            claims=("slope_converges",),
        ),
        clause(
            r"Heavy ball: $P_Tw_k\to w^*$, at least like $t^{-1/2}$.",
            claims=("tied_part_converges",),
        ),
    ),
    uses=("foundations.risk-constant", "foundations.log-time-slope", "foundations.finite-part-limit"),
    instances=(single_pair, three_quarters, full, weighted_pair),
    simulate=MomentumGradientDescent(steps=4_000, momentum=0.5),
)


@proposition.step("the clock of accelerated descent", by="rational normal form", scope="all reals",
                  latex=r"\ddot w+\tfrac3r\dot w=u\,/\,(r^2/4)\text{ for }w=u\log(r^2/4)")  # fmt: skip
def accelerated_clock() -> Equal:
    """The flow w'' + (3/r) w' = force needs the force u / t of gradient flow with t = r^2 / 4."""
    r, u = sp.symbols("r u", positive=True)
    speed = derivative(u * L(r**2 / 4), r)
    return Equal(Formula(derivative(speed, r) + 3 / r * speed), Formula(u / (r**2 / 4)))


def run_of(case: Case, kind: str) -> Case:
    """The instance with the trajectory of one kind of momentum."""
    if kind == "heavy-ball":
        return case
    run = case.problem.remember(("momentum", kind), lambda: MomentumGradientDescent(steps=4_000, momentum=0.5, kind=kind)(case.problem))
    return Case(case.problem, case.derive, lambda _: run)


def late(path: ValuePath, shift: float = 0.0) -> ValuePath:
    """The records after the first hundred steps, when the velocity has forgotten the start; `shift` moves the clock."""
    return path.since(path.log_times[0] + 4.0, shift)


@proposition.claim(r"t\,(L(w_k)-L^*)\to\|u\|^2,\ t=\eta k/(1-\theta)")
def risk_constant(case: Case, kind: str = "heavy-ball", slower: int = 1) -> Converges:
    """`slower` is a factor by which a wrong clock would run."""
    path = late(run_of(case, kind).trajectory.scaled_excess)
    return Converges(path, (slower * case.derived.max_margin.squared_norm,), rate=0.5)


@proposition.claim(r"t\,(L(w_k)-L^*)\to\|u\|^2,\ t=\eta k^2/4\text{ (accelerated)}")
def accelerated_risk_constant(case: Case, slower: int = 1) -> Converges:
    """Quadratic in k."""
    return risk_constant(case, "accelerated", slower)


@proposition.claim(r"\Delta P_Mw/\Delta\log t\to u\text{ (Nesterov)}")
def slope_converges(case: Case, free: bool = False) -> Converges:
    """The direction and its norm are those of gradient descent."""
    target = margins_only(case) if free else case.derived.max_margin.direction
    return Converges(late(run_of(case, "nesterov").trajectory.slope), [float(x) for x in target], rate=0.5)


@proposition.claim(r"P_Tw_k\to w^*\text{, at least like }t^{-1/2}")
def tied_part_converges(case: Case, kind: str = "heavy-ball", shrink: float = 1.0) -> Relation:
    """The finite part does not know about momentum."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    center = [shrink * float(x) for x in case.derived.finite_part.center]
    target = case.derived.finite_part if shrink == 1.0 else center
    return Converges(late(run_of(case, kind).trajectory.finite_part), target, rate=1)


@proposition.mutant(of=risk_constant, latex=r"t=\eta k\text{ for momentum }1/2")
def clock_of_gradient_descent(case: Case) -> Converges:
    """Half the true time: the constant would come out as half of |u|^2, here stated for the true clock as twice."""
    return risk_constant(case, slower=2)


def heavy_ball_of_twenty(case: Case) -> Case:
    """V = 3, p = (1/2, 1/2, 0), mu = 1/2, eta = 20, forty times the allowed step: the tied part swings for ever."""
    run = MomentumGradientDescent(steps=4_000, momentum=0.5, step_size=20, initial=START)
    return Case(case.problem, case.derive, run)


@proposition.mutant(of=risk_constant, instances=[valley], latex=r"t\,(L(w_k)-L^*)\to\|u\|^2\text{ for every step size}")
def risk_at_step_twenty(case: Case) -> Relation:
    """The excess stays above a positive constant, and t times it grows."""
    if case.problem != valley:
        return NotExercised("the counterexample is one instance")
    return risk_constant(heavy_ball_of_twenty(case))


@proposition.mutant(of=tied_part_converges, instances=[valley], latex=r"P_Tw_k\to w^*\text{ for every step size}")
def tied_part_at_step_twenty(case: Case) -> Relation:
    """It does not come to rest at w* = 0."""
    if case.problem != valley:
        return NotExercised("the counterexample is one instance")
    return tied_part_converges(heavy_ball_of_twenty(case))


@proposition.mutant(of=accelerated_risk_constant, latex=r"t=\eta k^2/2\text{ for accelerated descent}")
def wrong_accelerated_clock(case: Case) -> Converges:
    """The 4 comes from 1 + 3 in the flow."""
    return accelerated_risk_constant(case, slower=2)


@proposition.mutant(of=slope_converges, latex=r"\text{slope of the programme without equalities}")
def without_equalities(case: Case) -> Converges:
    """Tied scores stay level."""
    return slope_converges(case, free=True)


@proposition.mutant(of=tied_part_converges, latex=r"P_Tw_k\to(1-\theta)w^*")
def damped_finite_part(case: Case) -> Relation:
    """The clock does not enter a rest point."""
    return tied_part_converges(case, shrink=0.5)
