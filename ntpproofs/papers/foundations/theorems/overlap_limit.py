"""In the overlap class gradient descent converges to w* plus the untouched part of its start.

S8. Every difference is tied, so M = {0} and every gradient, a combination of differences, lies in T: (I - P_T) w_k =
(I - P_T) w_0. Let x_k = w_k - (w* + (I - P_T) w_0), in T, and r = |x_0|. For 0 < eta <= 1/beta the distance never
increases, and within distance r of w* the curvature along x is at least e^{-R_x} grad^2 L(w*)[x,x] >= mu e^{-Rr} |x|^2
=: m |x|^2, by `tied-growth`. So L(w*) >= L(w) + <g, w* - w> + (m/2) |x|^2, and |x_+|^2 = |x|^2 - 2 eta <g, x> + eta^2
|g|^2 <= (1 - eta m) |x|^2 - 2 eta (L(w) - L*) + eta^2 |g|^2, where the descent lemma gives eta |g|^2 / 2 <= L(w) -
L(w_+) <= L(w) - L*. Hence |x_{k+1}|^2 <= (1 - eta m) |x_k|^2.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp
from flint import ctx

from ....dynamics import GradientDescent, GradientFlow
from ....dynamics.enclosed import EnclosedDescent
from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import AtMost, Converges, Equal, NotExercised, Relation, ValuePath
from ....language.statements import Case, Theorem, clause, derived
from ....logit.assumptions import nothing_separable
from ....logit.step_size import largest_step
from ....symbolic import Formula
from ._instances import coin, contradicting, golden, logits, overlaps
from ._symbols import inner
from .tied_growth import curvature, widest

theorem = Theorem(
    label="foundations.overlap-limit",
    title="With nothing separable the iterates converge",
    source=derived("descent lemma and strict convexity where nothing is separable"),
    setup=r"Let $u=0$, $0<\eta\le1/\beta$, $w_0$ arbitrary, $w_\infty=w^*+(I-P_T)w_0$ and $r=\|w_0-w_\infty\|$.",
    clauses=(
        clause(
            r"$M=\{0\}$, and $(I-P_T)w_k=(I-P_T)w_0$ for all $k$.",
            by=("foundations.invariant-part", "foundations.max-margin"),
            claims=("diverging_subspace_is_trivial",),
        ),
        clause(
            r"For $x_k=w_k-w_\infty$: $\|x_{k+1}\|^2\le\|x_k\|^2-\eta"
            r" e^{-R_{x_k}}\nabla^2L(w^*)[x_k,x_k]\le(1-\eta\,\mu e^{-Rr})\|x_k\|^2$, with $R_x$, $R$, $\mu>0$ of the"
            r" growth of the tied loss: linear convergence.",
            steps=("contraction_step",),
            by=("foundations.tied-growth", "foundations.risk-bound", "foundations.invariant-part"),
            claims=("distance_contracts",),
        ),
        clause(
            r"$w_k\to w_\infty$ under gradient descent, and $w(t)\to w_\infty$ along the flow.",
            by=("foundations.tied-growth", "foundations.risk-bound", "foundations.invariant-part"),
            argued="the contraction, step by step for descent, and with small steps for the flow",
            claims=("descent_converges", "iterates_converge"),
        ),
    ),
    assumptions=(nothing_separable,),
    instances=logits(),
    examples=(coin, *contradicting, *overlaps, *golden),
    simulate=lambda problem: GradientFlow(log_time=24.0, initial=start(problem.dimension))(problem),
)


def start(dimension: int) -> tuple[Fraction, ...]:
    """An initial point off every subspace."""
    return tuple(Fraction(1 + k % 3, 2) for k in range(dimension))


@theorem.step("contraction", by="index calculus, normal form", scope="all sizes",
              latex=r"\|x-\eta g\|^2=\|x\|^2-2\eta\langle g,x\rangle+\eta^2\|g\|^2")  # fmt: skip
def contraction_step() -> Equal:
    """With <g, x> >= L(w) - L* + m |x|^2 / 2 and eta |g|^2 <= 2 (L(w) - L*) the right side is at most (1 - eta m) |x|^2."""
    x, g, eta = sp.Function("x"), sp.Function("g"), sp.Symbol("eta")

    def moved(c: sp.Expr) -> sp.Expr:
        return x(c) - eta * g(c)

    return Equal(Formula(inner(moved, moved)), Formula(inner(x, x) - 2 * eta * inner(g, x) + eta**2 * inner(g, g)))


def limit(case: Case) -> tuple[Fraction, ...]:
    """w* plus what descent never moves, by the centre of w*."""
    w0 = start(case.problem.dimension)
    return tuple(c + x - y for c, x, y in zip(case.derived.finite_part.center, w0, case.derived.tied.project(w0)))


@theorem.claim(r"\|x_{k+1}\|^2\le\|x_k\|^2-\eta e^{-R_{x_k}}\nabla^2L(w^*)[x_k,x_k],\ k\le12")
def distance_contracts(case: Case, factor: int = 1) -> Relation:
    """Descent in balls from a start with components everywhere."""
    if not case.derived.tied.dimension:
        return NotExercised("the loss is constant")
    run = EnclosedDescent(12, factor * largest_step(case.problem), start(case.problem.dimension))(case.problem)
    target, part, lefts, rights = limit(case), case.derived.finite_part, [], []
    unit = [tuple(Fraction(int(i == k)) for k in range(case.problem.dimension)) for i in range(case.problem.dimension)]
    for k in range(12):
        square, later = run.squared_distance(k, target), run.squared_distance(k + 1, target)
        if square.center < Fraction(1, 10**12):
            break
        x = tuple(run.component(k, e).center - y for e, y in zip(unit, target))
        with ctx.workprec(PRECISION):
            lost = interval(exact_arb(run.step_size) * (-exact_arb(widest(case, x))).exp() * curvature(case, part.center, x))
        # The target is known up to the radius of w*.
        moved = 4 * part.radius * (1 + square.center)
        lefts.append(Interval(later.center, later.radius + moved))
        rights.append(Interval(square.center - lost.center, square.radius + lost.radius + moved))
    return AtMost(tuple(lefts), tuple(rights)) if lefts else NotExercised("descent starts at its limit")


@theorem.claim(r"w_k\to w_\infty\text{ at least like }\varrho^{k/2},\ \varrho=1-\eta\mu")
def descent_converges(case: Case, faster: float = 1.0, step: int | None = None) -> Relation:
    """The rate of the linearisation at the limit, against k; from a start with components everywhere."""
    if not case.derived.tied.dimension:
        return NotExercised("the loss is constant")
    eta = float(largest_step(case.problem)) if step is None else float(step)
    run = GradientDescent(steps=4_000, step_size=step, initial=start(case.problem.dimension))(case.problem)
    hessian = case.derived.coordinates.tied_hessian
    rate = -np.log1p(-min(eta * float(np.linalg.eigvalsh(hessian)[0]), 0.999))
    steps, gaps = run.details["steps"].astype(float), run.iterates.distance(limit(case))
    # From the fourth step on, until the distance reaches rounding.
    keep = (steps >= 4) & (gaps > 1e-9)
    if keep.sum() < 4 or faster * rate * (steps[keep][-1] - steps[keep][0]) < 8:
        return NotExercised("descent is at its limit after a few steps, or the rate is too small for 4000")
    path = ValuePath(rate * steps[keep], gaps[keep][:, None], run.iterates.errors[keep], "distance from the limit")
    return Converges(path, (0.0,), rate=faster)


@theorem.claim(r"M = \{0\}")
def diverging_subspace_is_trivial(case: Case, excess: int = 0) -> Equal:
    """Every difference is tied, so the tied ones span everything that moves."""
    return Equal(case.derived.diverging.dimension + excess * case.derived.invariant.dimension, 0)


@theorem.claim(r"w(t)\to w^*+(I-P_T)w_0")
def iterates_converge(case: Case, keep_start: bool = True) -> Converges:
    """The whole iterate, from a start that has components everywhere."""
    target = limit(case) if keep_start else case.derived.finite_part.center
    return Converges(case.trajectory.iterates, [float(x) for x in target])


@theorem.mutant(of=distance_contracts, latex=r"\text{the distance decreases for every step size}")
def steps_that_overshoot(case: Case) -> Relation:
    """Forty times the allowed step jumps across the minimiser."""
    return distance_contracts(case, factor=40)


@theorem.mutant(of=descent_converges, latex=r"w_k\to w_\infty\text{ like }\varrho^{12k}")
def much_faster(case: Case) -> Relation:
    """Linear convergence with the rate of the slowest mode, not a multiple of it."""
    return descent_converges(case, faster=12.0)


@theorem.mutant(of=descent_converges, instances=[coin], latex=r"w_k\to w_\infty\text{ for every step size}")
def step_of_five(case: Case) -> Relation:
    """V = 2, p = (1/2, 1/2), eta = 5: a two-cycle at distance 1.2558 from w*."""
    if case.problem != coin:
        return NotExercised("the counterexample is one instance")
    run = GradientDescent(steps=2_000, step_size=5, initial=(Fraction(3, 10), Fraction(-1, 10)))(case.problem)
    target = [x + float(y) for x, y in zip((0.1, 0.1), case.derived.finite_part.center)]
    return Converges(run.iterates, target)


@theorem.mutant(of=iterates_converge, latex=r"w(t)\to w^*\text{ from every }w_0")
def start_is_forgotten(case: Case) -> Converges:
    """The part of the start orthogonal to T never moves."""
    return iterates_converge(case, keep_start=False)


@theorem.mutant(of=diverging_subspace_is_trivial, latex=r"T = \mathbb R^p")
def everything_is_tied(case: Case) -> Equal:
    """Directions orthogonal to all differences are left over."""
    return diverging_subspace_is_trivial(case, excess=1)


@theorem.mutant(of=diverging_subspace_is_trivial, without=nothing_separable, latex=r"M=\{0\}\text{ always}")
def diverging_subspace_is_always_trivial(case: Case) -> Equal:
    """A separable pair spans a diverging direction."""
    return diverging_subspace_is_trivial(case)


@theorem.mutant(of=iterates_converge, without=nothing_separable, latex=r"\text{the iterates always converge}")
def iterates_always_converge(case: Case) -> Converges:
    """With separable pairs they diverge like u log t."""
    return iterates_converge(case)
