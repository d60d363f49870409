"""An explicit bound on the risk of gradient descent at every step.

Descent lemma: along the step s -> w - s eta g the second derivative of L is at most beta eta^2 |g|^2, so L(w+) <=
L(w) - eta |g|^2 + beta eta^2 |g|^2 / 2 <= L(w) - eta |g|^2 / 2. Since w+ - w = -eta g, the squared steps add up to at
most 2 eta (L(w_0) - L(w_k)).

S1: by convexity L(w) - L(U) <= <g, w - U>, so 2 eta (L(w+) - L(U)) <= 2 eta <g, w - U> - eta^2 |g|^2 = |w - U|^2 -
|w+ - U|^2. Summed over k steps, with L(w_k) the least of the losses: 2 eta k (L(w_k) - L(U)) <= |w_0 - U|^2.

S2: at U = w* + (log k) u + P_N w_0 tied scores are those of w*, and a separable mass is divided by k^{1+s}, s >= 0,
so rho_i(U) <= rho_i(w*) / k and L(U) - L* <= sum a_i log(1 + rho_i(U)) <= rhobar / k.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....dynamics import GradientDescent
from ....dynamics.enclosed import BITS, EnclosedDescent, EnclosedRun
from ....exact.balls import Interval, exact_arb, interval, norm
from ....language.relations import All, AtMost, Equal, Measured, Monotone, NotExercised, Relation
from ....language.statements import Case, Theorem, clause, derived
from ....logit.enclosures import loss_ball, outside_ratio
from ....logit.problem import ConditionalLogit, Vector
from ....logit.step_size import largest_step
from ....symbolic import E, Formula, L, NonNegative
from ._instances import golden, logits
from ._symbols import inner
from .split_identity import point

STEPS = 16
# Two separable rows of different lengths: the bound is within a factor two of the excess risk.
narrow = ConditionalLogit([(1, 1, [[0, 0], [0, 1]]), (1, 1, [[0, 0], [1, -1]])])

theorem = Theorem(
    label="foundations.risk-bound",
    title="Gradient descent decreases the risk at rate log^2 k / k, with constants",
    source=derived("descent lemma and telescoping"),
    setup=r"Let $0<\eta\le1/\beta$, $w_0$ arbitrary and $w_{k+1}=w_k-\eta\nabla L(w_k)$.",
    clauses=(
        clause(
            r"$L(w_{k+1})\le L(w_k)-\tfrac\eta2\|\nabla L(w_k)\|^2$.",
            steps=("descent_step",),
            by=("foundations.convexity-and-smoothness",),
            claims=("risk_decreases",),
        ),
        clause(
            r"$\sum_{j<k}\|w_{j+1}-w_j\|^2\le2\eta\,(L(w_0)-L(w_k))$.",
            steps=("descent_step",),
            by=("foundations.convexity-and-smoothness",),
            claims=("squared_steps_add_up",),
        ),
        clause(
            r"$L(w_k)\le L(U)+\|U-w_0\|^2/(2\eta k)$ for every $U$ and $k\ge1$.",
            steps=("telescoping_step", "descent_step"),
            by=("foundations.convexity-and-smoothness",),
            claims=("comparison_with_any_point",),
        ),
        clause(
            r"$$L(w_k)-L^*\le\frac{\bar\rho}{k}+\frac{\|w^*+(\log k)\,u-(I-P_N)w_0\|^2}{2\eta k}\quad(k\ge1),"
            r"\qquad \bar\rho=\sum_i a_i\rho_i(w^*).$$",
            steps=("telescoping_step", "descent_step", "shrink_step", "exponential_step", "logarithm_step"),
            by=("foundations.convexity-and-smoothness", "foundations.split-identity", "foundations.max-margin", "foundations.infimum"),
            claims=("risk_is_bounded", "risk_is_bounded_later"),
        ),
    ),
    uses=("foundations.convexity-and-smoothness", "foundations.split-identity", "foundations.max-margin", "foundations.infimum"),
    instances=logits(),
    examples=(*golden, narrow),
    simulate=GradientDescent(steps=2_000),
)


@theorem.step("descent lemma", by="index calculus, normal form", scope="all sizes",
              latex=r"-\langle g,\eta g\rangle+\tfrac\beta2\|\eta g\|^2=-\tfrac\eta2\|g\|^2-\tfrac\eta2(1-\beta\eta)\|g\|^2")  # fmt: skip
def descent_step() -> Equal:
    """The quadratic bound along the step -eta g; the last term is not positive for eta beta <= 1."""
    g, (eta, beta) = sp.Function("g"), sp.symbols("eta beta")

    def move(c: sp.Expr) -> sp.Expr:
        return eta * g(c)

    left = -inner(g, move) + beta / 2 * inner(move, move)
    return Equal(Formula(left), Formula(-eta / 2 * inner(g, g) - eta / 2 * (1 - beta * eta) * inner(g, g)))


@theorem.step("telescoping", by="index calculus, normal form", scope="all sizes",
              latex=r"\|w-U\|^2-\|w-\eta g-U\|^2=2\eta\langle g,w-U\rangle-\eta^2\|g\|^2")  # fmt: skip
def telescoping_step() -> Equal:
    """With convexity and the descent lemma, 2 eta (L(w+) - L(U)) <= |w - U|^2 - |w+ - U|^2."""
    w, u, g, eta = *(sp.Function(name) for name in ("w", "U", "g")), sp.Symbol("eta")

    def gap(c: sp.Expr) -> sp.Expr:
        return w(c) - u(c)

    def after(c: sp.Expr) -> sp.Expr:
        return w(c) - eta * g(c) - u(c)

    return Equal(Formula(inner(gap, gap) - inner(after, after)), Formula(2 * eta * inner(g, gap) - eta**2 * inner(g, g)))


@theorem.step("separable masses shrink by k", by="index calculus, normal form", scope="all reals",
              latex=r"ne^{-(y+\log k\,(1+s))}=\tfrac1k\,ne^{-y}\,e^{-s\log k}")  # fmt: skip
def shrink_step() -> Equal:
    """<u, d> = 1 + s with s >= 0 on separable pairs."""
    (n, y, s), k = sp.symbols("n y s"), sp.Symbol("k", positive=True)
    return Equal(Formula(n * E(-(y + L(k) * (1 + s)))), Formula(n * E(-y) * E(-s * L(k)) / k))


@theorem.step("the last factor is at most 1", by="sign of a derivative", scope="all reals", latex=r"e^{-x}\le1\quad(x\ge0)")
def exponential_step() -> NonNegative:
    """With x = s log k, k >= 1."""
    x = sp.Symbol("x")
    return NonNegative(1 - E(-x), x)


@theorem.step("separable excess is at most rho", by="sign of a derivative", scope="all reals", latex=r"\log(1+x)\le x")
def logarithm_step() -> NonNegative:
    """At U = w* + (log k) u the ratios shrink by at least k."""
    x = sp.Symbol("x")
    return NonNegative(x - L(1 + x), x)


def enclosed(case: Case, factor: int = 1, initial: Vector | None = None) -> EnclosedRun:
    """The first steps of descent in balls, with `factor` times the largest allowed step."""
    run = EnclosedDescent(STEPS, factor * largest_step(case.problem), initial)
    found: EnclosedRun = case.problem.remember(run, lambda: run(case.problem))
    return found


def elsewhere(case: Case) -> Vector:
    """A start with components everywhere."""
    return tuple(Fraction(1 + k % 3, 2) for k in range(case.problem.dimension))


def moves(case: Case) -> bool:
    """Whether descent from 0 moves: otherwise both sides of every bound here are 0."""
    return bool(case.derived.separation.separable) or any(case.derived.finite_part.center)


@theorem.claim(r"L(w_k)\le L(U)+\|U-w_0\|^2/(2\eta k),\ k=1,\dots,16")
def comparison_with_any_point(case: Case, share: Fraction = Fraction(1)) -> Relation:
    """S1 against a point that is nowhere special, for every k up to 16."""
    if not any(map(any, case.problem.differences().values())):
        return NotExercised("the loss is constant")
    run, target = enclosed(case), point(case)
    value, squared = loss_ball(case.problem, target), run.squared_distance(0, target)
    centers = [value.center + share * squared.center / (2 * run.step_size * k) for k in range(1, STEPS + 1)]
    return AtMost(run.losses[1:], tuple(Interval(x, value.radius + squared.radius) for x in centers))


@theorem.claim(r"\textstyle\sum_{j<k}\|w_{j+1}-w_j\|^2\le2\eta(L(w_0)-L(w_k)),\ k=1,\dots,16")
def squared_steps_add_up(case: Case, scale: Fraction = Fraction(2)) -> Relation:
    """Each squared step is at most 2 eta times what the risk loses."""
    if not moves(case):
        return NotExercised("descent starts at its limit")
    run, lefts, rights, sums = enclosed(case), [], [], Interval(Fraction(0), Fraction(0))
    for k in range(STEPS):
        step = run.squared_distance(k, run.iterates[k + 1])
        sums = Interval(sums.center + step.center, sums.radius + step.radius)
        lost = Interval(run.losses[0].center - run.losses[k + 1].center, run.losses[0].radius + run.losses[k + 1].radius)
        lefts.append(sums)
        rights.append(Interval(scale * run.step_size * lost.center, scale * run.step_size * lost.radius))
    return AtMost(tuple(lefts), tuple(rights))


def bounds(case: Case, eta: Fraction, scale: Fraction, distance: bool, start: Vector) -> tuple[Interval, ...]:
    """The right side at k = 1, ..., 16, in balls: the distance is at most that of the centre of w* plus its radius."""
    start = tuple(x - y for x, y in zip(start, case.derived.invariant.project(start)))
    part, u = case.derived.finite_part, case.derived.max_margin.direction
    rho = outside_ratio(case.problem, part.center, case.derived.separation.tied_sets)
    result = []
    with ctx.workprec(BITS):
        for k in range(1, STEPS + 1):
            log = arb(k).log()
            length = norm(exact_arb(x - z) + log * exact_arb(y) for x, y, z in zip(part.center, u, start)) + exact_arb(part.radius)
            total = exact_arb(rho.upper) / k + (length**2 / (2 * exact_arb(eta) * k) if distance else 0)
            result.append(interval(total * exact_arb(scale)))
    return tuple(result)


@theorem.claim(r"L(w_k)-L^*\le\bar\rho/k+\|w^*+(\log k)u-(I-P_N)w_0\|^2/(2\eta k),\ k=1,\dots,16")
def risk_is_bounded(case: Case, scale: Fraction = Fraction(1), distance: bool = True) -> Relation:
    """Both sides enclosed, from w_0 = 0 and from a start with components everywhere: descent run in balls, the bound with its logarithm."""
    if not moves(case):
        return NotExercised("descent starts at its limit, and the bound reads 0 <= 0")
    parts: list[Relation] = []
    for start in ((Fraction(0),) * case.problem.dimension, elsewhere(case)):
        run, lowest = enclosed(case, initial=start), case.derived.infimum
        lefts = tuple(Interval(x.center - lowest.center, x.radius + lowest.radius) for x in run.losses[1:])
        parts.append(AtMost(lefts, bounds(case, run.step_size, scale, distance, start)))
    return All(*parts)


@theorem.claim(r"L(w_{k+1})\le L(w_k)")
def risk_decreases(case: Case, factor: int = 1) -> Relation:
    """Enclosed losses of consecutive iterates, up to their radii."""
    if not moves(case):
        return NotExercised("descent starts at its limit")
    losses = enclosed(case, factor).losses
    return Monotone(tuple(Interval(x.center - k * Fraction(1, 2**180), x.radius + Fraction(1, 2**190)) for k, x in enumerate(losses)))


@theorem.claim(r"\text{the same bound at all recorded } k\le 2000")
def risk_is_bounded_later(case: Case) -> Relation:
    """Floating point, evaluated by the split identity, with error bars."""
    if not moves(case):
        return NotExercised("descent starts at its limit")
    run = case.trajectory
    k, eta = run.details["steps"].astype(float), run.details["step_size"]
    part, u = case.derived.finite_part.array, np.array([float(x) for x in case.derived.max_margin.direction])
    rho = outside_ratio(case.problem, case.derived.finite_part.center, case.derived.separation.tied_sets)
    squared = ((part[None, :] + np.log(k)[:, None] * u[None, :]) ** 2).sum(axis=1)
    right = float(rho.upper) / k + squared / (2 * eta * k)
    return AtMost(Measured(run.excess / (eta * k), run.errors["scaled excess"] / (eta * k)), Measured(right, 1e-14 * right))


@theorem.mutant(of=risk_is_bounded, latex=r"\text{half the bound}")
def half_the_bound(case: Case) -> Relation:
    """The constants leave less than a factor two."""
    return risk_is_bounded(case, scale=Fraction(1, 2))


@theorem.mutant(of=risk_is_bounded, latex=r"L(w_k)-L^*\le\bar\rho/k")
def without_the_distance(case: Case) -> Relation:
    """In the overlap class rho = 0 but descent still needs time."""
    return risk_is_bounded(case, distance=False)


@theorem.mutant(of=squared_steps_add_up, latex=r"\textstyle\sum\|w_{j+1}-w_j\|^2\le\tfrac12\eta\,(L(w_0)-L(w_k))")
def smaller_sum(case: Case) -> Relation:
    """Short steps lose eta |g|^2 to first order, that is a sum of eta times the loss."""
    return squared_steps_add_up(case, Fraction(1, 2))


@theorem.mutant(of=comparison_with_any_point, latex=r"L(w_k)\le L(U)\text{ for every }U")
def comparison_without_distance(case: Case) -> Relation:
    """Descent needs time to get to a good point."""
    return comparison_with_any_point(case, Fraction(0))


@theorem.mutant(of=risk_decreases, latex=r"\text{monotone for every step size}")
def any_step_size(case: Case) -> Relation:
    """Forty times the allowed step overshoots."""
    return risk_decreases(case, factor=40)
