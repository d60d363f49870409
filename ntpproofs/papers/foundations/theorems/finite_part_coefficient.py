"""The tied part approaches w* like a fixed vector over t."""

from __future__ import annotations

import numpy as np

from ....dynamics import GradientDescent, GradientFlow
from ....language.relations import Converges, NotExercised, Relation
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ._contexts import contexts
from ._instances import START, contradicting, golden, logits, overlaps, valley

# The second context leaves two labels tied; its pair with the first context's label is weak.
weak_with_ties = contexts([[1, 0], [1, 1]], [[0, 0, 1], [0, "1/2", "1/2"]])

proposition = Proposition(
    label="foundations.finite-part-coefficient",
    title="The coefficient of 1/t in the finite part",
    source=derived("asymptotic matching"),
    setup=r"Let $w(t)$ be the gradient flow, $w_k$ gradient descent with $0<\eta\le1/\beta$ and $t=\eta k$. Assume"
    r" that no pair is weak; let $\lambda$ be the"
    r" limiting multipliers, $\bar d_i$ the mean tied difference under $q^*_i$ and $H_T$ the Hessian of $\bar"
    r" L$ at $w^*$ on $T$.",
    clauses=(
        clause(
            r"$t\,(P_Tw(t)-w^*)\to H_T^{-1}\sum_{\mathrm{strong}}\lambda_{iv}P_T(d_{iv}-\bar d_i)$, at least"
            r" like $t^{-q/2}$ with the relaxation exponent $q\le1$.",
            claims=("scaled_tied_part_converges",),
        ),
        clause(
            r"$t\,(P_Tw_k-w^*)$ has the same limit (the flow that continues 64 steps of descent).",
            claims=("descent_then_flow",),
        ),
    ),
    uses=("foundations.finite-part-limit", "foundations.residual"),
    assumptions=(strictly_complementary,),
    instances=logits(),
    examples=(*golden, *contradicting, *overlaps),
    simulate=GradientFlow(log_time=1e4),
)


@proposition.claim(r"t\,(P_Tw-w^*)\to H_T^{-1}\sum\lambda_{iv}P_T(d_{iv}-\bar d_i)")
def scaled_tied_part_converges(case: Case, scale: float = 1.0) -> Relation:
    """Against the prediction from the limiting multipliers."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    predicted = asymptotics(case.derived)
    target = scale * np.asarray(predicted.finite_part_coefficient.value)
    return Converges(case.trajectory.scaled_finite_part, target, rate=min(predicted.exponent, 1.0))


@proposition.claim(r"t\,(P_Tw-w^*)\text{ after 64 steps of descent from a general start}")
def descent_then_flow(case: Case) -> Relation:
    """The coefficient does not depend on the start; the hand-off law joins descent and flow."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    predicted = asymptotics(case.derived)
    initial = tuple(((5 * k + 1) % 7 - 3) / 4 for k in range(case.problem.dimension))
    run = case.problem.remember(
        "descent, then flow, general start", lambda: GradientFlow(log_time=1e4, after_descent=64, initial=initial)(case.problem)
    )
    return Converges(run.scaled_finite_part, np.asarray(predicted.finite_part_coefficient.value), rate=min(predicted.exponent, 1.0))


@proposition.mutant(of=descent_then_flow, instances=[valley], latex=r"t\,(P_Tw_k-w^*)\text{ converges for every step size}")
def step_of_five(case: Case) -> Relation:
    """V = 3, p = (1/2, 1/2, 0), eta = 5: P_T w_k does not converge at all."""
    if case.problem != valley:
        return NotExercised("the counterexample is one instance")
    predicted = asymptotics(case.derived)
    run = GradientDescent(steps=10_000, step_size=5, initial=START)(case.problem)
    return Converges(run.scaled_finite_part, np.asarray(predicted.finite_part_coefficient.value), rate=min(predicted.exponent, 1.0))


@proposition.mutant(of=scaled_tied_part_converges, latex=r"\text{the coefficient vanishes (faster than }1/t)")
def faster_than_one_over_t(case: Case) -> Relation:
    """The error is Theta(1/t) in general."""
    return scaled_tied_part_converges(case, 0.0)


@proposition.mutant(of=scaled_tied_part_converges, latex=r"\text{the opposite sign}")
def opposite_sign(case: Case) -> Relation:
    """The separable mass pushes the tied part in one direction."""
    return scaled_tied_part_converges(case, -1.0)


@proposition.mutant(of=scaled_tied_part_converges, latex=r"H_T^{-1}\sum\lambda_{iv}P_Td_{iv}\text{ (displaced tied mass forgotten)}")
def displaced_mass_forgotten(case: Case) -> Converges:
    """Leaving out -dbar_i is wrong wherever the mean tied difference does not vanish."""
    frame, parts = case.derived.coordinates, case.derived
    predicted = asymptotics(parts)
    anchored, right = parts.separation.anchored, np.zeros(frame.split)
    for r, y in zip(parts.max_margin.strong, predicted.multipliers):
        right += y * frame.rows[anchored.blocks[r], anchored.alternatives[r], : frame.split]
    value = frame.tied_frame @ np.linalg.lstsq(frame.tied_hessian, right, rcond=None)[0] if frame.split else np.zeros(case.problem.dimension)
    return Converges(case.trajectory.scaled_finite_part, value, rate=min(predicted.exponent, 1.0))


@proposition.mutant(
    of=scaled_tied_part_converges,
    without=strictly_complementary,
    instances=[weak_with_ties],
    latex=r"\text{error }t^{-q}\text{ with weak pairs, too}",
)
def power_with_weak_pairs(case: Case) -> Relation:
    """The limit is the same, but weak masses die like 1/log t."""
    return scaled_tied_part_converges(case)
