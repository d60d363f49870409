"""What is left of the diverging part after u log t."""

from __future__ import annotations

import numpy as np

from ....dynamics import GradientDescent, GradientFlow
from ....language.relations import Bounded, Converges, NotExercised, Relation, ValuePath
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ._instances import START, golden, logits, slow_turn, valley
from .direction import late, unit

proposition = Proposition(
    label="foundations.residual",
    title="The residual settles at the minimiser of a sum of exponentials",
    source=derived("asymptotic matching"),
    setup=r"Let $w(t)$ be the gradient flow, $w_k$ gradient descent with $0<\eta\le1/\beta$ and $t=\eta k$. Assume"
    r" that no pair is weak; let $E$ be the span of the"
    r" support, $q_{iv}=a_in_{iv}e^{-\langle w^*,d_{iv}\rangle}/Z_i^{\mathrm{in}}(w^*)$ and"
    r" $x^*=\arg\min_{x\in E}\sum q_{iv}e^{-\langle z_{iv},x\rangle}+\langle u,x\rangle$.",
    clauses=(
        clause(r"$P_Mw(t)-u\log t$ stays bounded.", claims=("residual_is_bounded",)),
        clause(
            r"$P_E[P_Mw(t)-u\log t]\to x^*$, at least like $t^{-q/2}$ with the relaxation exponent $q$.",
            claims=("residual_converges",),
        ),
        clause(r"$P_E[P_Mw_k-u\log t]\to x^*$ (the flow that continues 64 steps of descent).", claims=("descent_then_flow",)),
        clause(r"If $u\ne0$, $\log t\,\bigl\|w(t)/\|w(t)\|-u/\|u\|\bigr\|$ stays bounded.", claims=("direction_error_is_one_over_log_time",)),
    ),
    uses=("foundations.log-time-slope", "foundations.finite-part"),
    assumptions=(strictly_complementary,),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)


def on_support_span(case: Case, path: ValuePath) -> ValuePath:
    """The projection of a path on the span of the support."""
    span = asymptotics(case.derived).span
    return ValuePath(path.log_times, path.values @ span @ span.T, path.errors, path.name)


@proposition.claim(r"P_Mw-u\log t=O(1)")
def residual_is_bounded(case: Case, scale: float = 1.0) -> Relation:
    """Its increments over doublings of log t shrink."""
    if not case.derived.separation.separable:
        return NotExercised("u = 0: nothing diverges")
    u = [scale * float(x) for x in case.derived.max_margin.direction]
    return Bounded(case.trajectory.residual(u), rate=asymptotics(case.derived).exponent)


@proposition.claim(r"P_E[P_Mw-u\log t]\to x^*")
def residual_converges(case: Case, shift: float = 0.0) -> Relation:
    """Against the Newton minimiser of the predicted sum of exponentials."""
    if not case.derived.separation.separable:
        return NotExercised("u = 0: nothing diverges")
    predicted = asymptotics(case.derived)
    path = on_support_span(case, case.trajectory.residual(case.derived.max_margin.direction))
    return Converges(path, np.asarray(predicted.residual.value) + shift * predicted.span.sum(axis=1), rate=predicted.exponent)


@proposition.claim(r"P_E[P_Mw-u\log t]\to x^*\text{ after 64 steps of descent from a general start}")
def descent_then_flow(case: Case) -> Relation:
    """On E neither the path nor the start matters; the hand-off law joins descent and flow."""
    if not case.derived.separation.separable:
        return NotExercised("u = 0: nothing diverges")
    predicted = asymptotics(case.derived)
    initial = tuple(((5 * k + 1) % 7 - 3) / 4 for k in range(case.problem.dimension))
    run = case.problem.remember(
        "descent, then flow, general start", lambda: GradientFlow(log_time=1e4, after_descent=64, initial=initial)(case.problem)
    )
    path = on_support_span(case, run.residual(case.derived.max_margin.direction))
    return Converges(path, np.asarray(predicted.residual.value), rate=predicted.exponent)


def scaled_direction_error(case: Case) -> ValuePath:
    """log t times the distance of w/|w| from u/|u|."""
    path = late(case.trajectory.direction)
    values = path.log_times * path.distance(unit(case.derived.max_margin.direction))
    return ValuePath(path.log_times, values[:, None], path.errors * path.log_times, "log t times the direction's error")


@proposition.claim(r"\log t\,\bigl\|w/\|w\|-u/\|u\|\bigr\|=O(1)")
def direction_error_is_one_over_log_time(case: Case) -> Relation:
    """w = u log t + O(1) turns like 1/log t."""
    if not case.derived.separation.separable:
        return NotExercised("u = 0: the iterates converge")
    return Bounded(scaled_direction_error(case), rate=asymptotics(case.derived).exponent)


@proposition.mutant(
    of=direction_error_is_one_over_log_time,
    without=strictly_complementary,
    instances=[slow_turn],
    latex=r"\text{error }1/\log t\text{ with weak pairs, too}",
)
def direction_error_with_weak_pairs(case: Case) -> Relation:
    """log t times the distance is 8.5, 16.3 and 24.0 at log t = 10^2, 10^4 and 10^6: it grows like log log t."""
    return Bounded(scaled_direction_error(case))


@proposition.mutant(of=descent_then_flow, instances=[valley], latex=r"P_E[P_Mw_k-u\log t]\to x^*\text{ for every step size}")
def step_of_five(case: Case) -> Relation:
    """V = 3, p = (1/2, 1/2, 0), eta = 5: the two-cycle of the tied part changes the masses against it, and so the constant."""
    if case.problem != valley:
        return NotExercised("the counterexample is one instance")
    run = GradientDescent(steps=10_000, step_size=5, initial=START)(case.problem)
    path = on_support_span(case, run.residual(case.derived.max_margin.direction))
    return Converges(path, np.asarray(asymptotics(case.derived).residual.value), rate=asymptotics(case.derived).exponent)


@proposition.mutant(of=residual_is_bounded, latex=r"P_Mw-\tfrac{9}{10}u\log t=O(1)")
def wrong_slope_leaves_a_drift(case: Case) -> Relation:
    """A tenth of the slope is left over."""
    return residual_is_bounded(case, 0.9)


@proposition.mutant(of=residual_is_bounded, without=strictly_complementary, latex=r"\text{bounded with weak pairs too}")
def bounded_without_complementarity(case: Case) -> Bounded:
    """Weak pairs make the residual drift like log log t."""
    return Bounded(case.trajectory.residual(case.derived.max_margin.direction))


@proposition.mutant(of=residual_converges, latex=r"P_E[P_Mw-u\log t]\to 0")
def residual_vanishes(case: Case) -> Converges:
    """W_k - u log k does not tend to the finite part."""
    path = on_support_span(case, case.trajectory.residual(case.derived.max_margin.direction))
    return Converges(path, np.zeros(case.problem.dimension), rate=asymptotics(case.derived).exponent)
