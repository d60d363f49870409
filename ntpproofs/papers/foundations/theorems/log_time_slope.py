"""The log-time slope tends to u, norm included."""

from __future__ import annotations

import numpy as np

from ....dynamics import GradientFlow
from ....language.relations import Converges, NotExercised, Relation, ValuePath
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ....logit.step_size import largest_step
from ._instances import START, golden, logits, valley, weak_pair
from ._margins_only import margins_only

proposition = Proposition(
    label="foundations.log-time-slope",
    title="The slope in log time is u",
    source=derived("asymptotic matching"),
    setup=r"Let $w(t)$ be the gradient flow and $w_k$ gradient descent with $0<\eta\le1/\beta$, $w_0$ arbitrary."
    r" Assume that no pair is weak; let"
    r" $q=\min(\mu,m-1)$, with $\mu$ the smallest non-zero eigenvalue of $\sum\lambda zz^\top$ for the limiting"
    r" multipliers $\lambda$ and $m$ the smallest"
    r" separable margin off the support.",
    clauses=(
        clause(
            r"$\frac{d}{d\log t}P_Mw(t)\to u$, norm included, with an error that decays at least like"
            r" $t^{-q/2}$ (the exponent is $q$).",
            claims=("slope_converges",),
        ),
        clause(
            r"$\frac{w_{k_2}-w_{k_1}}{\log(k_2/k_1)}\to u$ as $k_1\to\infty$, $k_2\ge ck_1$, $c>1$ (the flow"
            r" that continues 64 steps of descent, from a general start"
            r" and with half the largest step).",
            claims=("descent_then_flow",),
        ),
    ),
    uses=("foundations.direction", "foundations.max-margin"),
    assumptions=(strictly_complementary,),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)


@proposition.claim(r"\tfrac{d}{ds}P_Mw\to u,\ s=\log t,\text{ with error }e^{-qs}")
def slope_converges(case: Case, scale: float = 1.0) -> Relation:
    """Against the certified u; the simulator does not know it."""
    if not case.derived.separation.separable:
        return NotExercised("u = 0: nothing diverges")
    target = [scale * float(x) for x in case.derived.max_margin.direction]
    return Converges(case.trajectory.slope, target, rate=asymptotics(case.derived).exponent)


@proposition.claim(r"\tfrac{d}{ds}P_Mw\to u\text{ after 64 steps of descent with half the largest step, from a general start}")
def descent_then_flow(case: Case) -> Relation:
    """Step size and start do not enter; the hand-off law joins descent and flow."""
    if not case.derived.separation.separable:
        return NotExercised("u = 0: nothing diverges")
    initial = tuple(((5 * k + 1) % 7 - 3) / 4 for k in range(case.problem.dimension))
    flow = GradientFlow(log_time=1e4, after_descent=64, step_size=largest_step(case.problem) / 2, initial=initial)
    run = case.problem.remember("half steps, then flow, general start", lambda: flow(case.problem))
    return Converges(run.slope, [float(x) for x in case.derived.max_margin.direction], rate=asymptotics(case.derived).exponent)


@proposition.mutant(of=descent_then_flow, instances=[valley], latex=r"\tfrac{w_{2k+1}-w_k}{\log((2k+1)/k)}\to u\text{ for every step size}")
def step_of_five(case: Case) -> Relation:
    """V = 3, p = (1/2, 1/2, 0), eta = 5: the tied part jumps to and fro for ever, so an even and an odd iterate differ by more than u log c."""
    if case.problem != valley:
        return NotExercised("the counterexample is one instance")
    w, iterates = np.array([float(x) for x in START]), []
    for _ in range(4_200):
        iterates.append(w)
        w = w - 5.0 * case.problem.gradient(w)
    firsts = [2**j for j in range(2, 12)]
    slopes = np.array([(iterates[2 * k + 1] - iterates[k]) / np.log(2 + 1 / k) for k in firsts])
    path = ValuePath(np.log(firsts), slopes, np.full(len(firsts), 1e-9), "difference quotient of the iterates")
    return Converges(path, [float(x) for x in case.derived.max_margin.direction], rate=asymptotics(case.derived).exponent)


@proposition.mutant(of=slope_converges, latex=r"\text{slope }u/2")
def half_the_slope(case: Case) -> Relation:
    """Same direction, wrong norm."""
    return slope_converges(case, 0.5)


@proposition.mutant(of=slope_converges, latex=r"\text{slope }(1+10^{-6})u")
def off_by_a_millionth(case: Case) -> Relation:
    """The flow resolves a relative error of 1e-6."""
    return slope_converges(case, 1.000001)


@proposition.mutant(of=slope_converges, latex=r"\text{slope of the programme without equalities}")
def without_equalities(case: Case) -> Converges:
    """The tied pairs constrain the direction."""
    return Converges(case.trajectory.slope, margins_only(case))


@proposition.mutant(
    of=slope_converges, without=strictly_complementary, instances=[weak_pair], latex=r"\text{error }e^{-qs}\text{ with weak pairs, too}"
)
def power_with_weak_pairs(case: Case) -> Relation:
    """The error is |D| / s there, slower than any power of t."""
    return slope_converges(case)
