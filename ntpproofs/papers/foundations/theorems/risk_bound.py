"""An explicit bound on the risk of gradient descent at every step (foundations, G1 with S1 and S2)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....dynamics import GradientDescent
from ....dynamics.enclosed import BITS, EnclosedDescent, EnclosedRun
from ....exact.balls import Interval, exact_arb, interval, norm
from ....language.relations import AtMost, Equal, Implies, Measured, Monotone
from ....language.statements import Case, Theorem, derived
from ....logit.enclosures import loss_ball, outside_ratio
from ....logit.problem import ConditionalLogit
from ....logit.step_size import largest_step
from ....symbolic import Formula, L, NonNegative
from ._instances import golden, logits
from .split_identity import point

STEPS = 16
# Two separable rows of different lengths: the bound is within a factor two of the excess risk.
narrow = ConditionalLogit([(1, 1, [[0, 0], [0, 1]]), (1, 1, [[0, 0], [1, -1]])])

theorem = Theorem(
    label="foundations.risk-bound",
    title="Gradient descent decreases the risk at rate log^2 k / k, with constants",
    source=derived("G1 with S1 and S2"),
    text=r"For $0<\eta\le1/\beta$ and any $w_0$: $L(w_k)$ is non-increasing and for every $k\ge1$"
    r" $$L(w_k)-L^*\le\frac{\bar\rho}{k}+\frac{\|w^*+(\log k)\,u-(I-P_N)w_0\|^2}{2\eta k},\qquad \bar\rho=\sum_i a_i\rho_i(w^*).$$",
    uses=("foundations.convexity-and-smoothness", "foundations.split-identity", "foundations.max-margin", "foundations.infimum"),
    instances=logits(),
    examples=(*golden, narrow),
    simulate=GradientDescent(steps=2_000),
)


@theorem.step("descent lemma", by="rational normal form", scope="all reals", latex=r"\eta-\tfrac{\beta\eta^2}2=\tfrac\eta2+\tfrac\eta2(1-\beta\eta)")
def descent_step() -> Equal:
    """L(w+) <= L(w) - (eta - beta eta^2 / 2) |g|^2, at least eta/2 |g|^2 for eta beta <= 1."""
    eta, beta = sp.symbols("eta beta")
    return Equal(Formula(eta - beta * eta**2 / 2), Formula(eta / 2 + eta * (1 - beta * eta) / 2))


@theorem.step("telescoping", by="rational normal form", scope="all reals",
              latex=r"\|w-U\|^2-\|w-\eta g-U\|^2=2\eta\langle g,w-U\rangle-\eta^2\|g\|^2")  # fmt: skip
def telescoping_step() -> Equal:
    """Coordinatewise; with convexity and the descent lemma, 2 eta (L(w+) - L(U)) <= |w - U|^2 - |w+ - U|^2."""
    w, u, g, eta = sp.symbols("w U g eta")
    return Equal(Formula((w - u) ** 2 - (w - eta * g - u) ** 2), Formula(2 * eta * g * (w - u) - eta**2 * g**2))


@theorem.step("separable excess is at most rho", by="sign of a derivative", scope="all reals", latex=r"\log(1+x)\le x")
def logarithm_step() -> NonNegative:
    """At U = w* + (log k) u the ratios shrink by at least k."""
    x = sp.Symbol("x")
    return NonNegative(x - L(1 + x), x)


@theorem.step("comparison with any point", by="balls, gradient descent enclosed", scope="",
              latex=r"L(w_k)\le L(U)+\|U-w_0\|^2/(2\eta k)")  # fmt: skip
def comparison_step(case: Case) -> AtMost:
    """S1 against a point that is nowhere special, for every k up to 16."""
    run, target = enclosed(case), point(case)
    value, squared = loss_ball(case.problem, target), run.squared_distance(0, target)
    rights = tuple(Interval(value.center + squared.center / (2 * run.step_size * k), value.radius + squared.radius) for k in range(1, STEPS + 1))
    return AtMost(run.losses[1:], rights)


def enclosed(case: Case, factor: int = 1) -> EnclosedRun:
    """The first steps of descent in balls, with `factor` times the largest allowed step."""
    run = EnclosedDescent(STEPS, factor * largest_step(case.problem))
    found: EnclosedRun = case.problem.remember(run, lambda: run(case.problem))
    return found


def bounds(case: Case, eta: Fraction, scale: Fraction, distance: bool) -> tuple[Interval, ...]:
    """The right side at k = 1, ..., 16 for w_0 = 0, in balls: |w* + (log k) u| is at most that of the centre plus the radius."""
    part, u = case.derived.finite_part, case.derived.max_margin.direction
    rho = outside_ratio(case.problem, part.center, case.derived.separation.tied_sets)
    result = []
    with ctx.workprec(BITS):
        for k in range(1, STEPS + 1):
            log = arb(k).log()
            length = norm(exact_arb(x) + log * exact_arb(y) for x, y in zip(part.center, u)) + exact_arb(part.radius)
            total = exact_arb(rho.upper) / k + (length**2 / (2 * exact_arb(eta) * k) if distance else 0)
            result.append(interval(total * exact_arb(scale)))
    return tuple(result)


@theorem.claim(r"L(w_k)-L^*\le\bar\rho/k+\|w^*+(\log k)u-w_0\|^2/(2\eta k),\ k=1,\dots,16")
def risk_is_bounded(case: Case, scale: Fraction = Fraction(1), distance: bool = True) -> Implies:
    """Both sides enclosed: descent run in balls, the bound with its logarithm. Starting at the limit it reads 0 <= 0."""
    run, lowest = enclosed(case), case.derived.infimum
    lefts = tuple(Interval(x.center - lowest.center, x.radius + lowest.radius) for x in run.losses[1:])
    moves = bool(case.derived.separation.separable) or any(case.derived.finite_part.center)
    return Implies(moves, AtMost(lefts, bounds(case, run.step_size, scale, distance)))


@theorem.claim(r"L(w_{k+1})\le L(w_k)")
def risk_decreases(case: Case, factor: int = 1) -> Monotone:
    """Enclosed losses of consecutive iterates; equal up to their radii where the gradient vanishes."""
    losses = enclosed(case, factor).losses
    return Monotone(tuple(Interval(x.center - k * Fraction(1, 2**180), x.radius + Fraction(1, 2**190)) for k, x in enumerate(losses)))


@theorem.claim(r"\text{the same bound at all recorded } k\le 2000")
def risk_is_bounded_later(case: Case) -> AtMost:
    """Floating point, evaluated by the split identity, with error bars."""
    run = case.trajectory
    k, eta = run.details["steps"].astype(float), run.details["step_size"]
    part, u = case.derived.finite_part.array, np.array([float(x) for x in case.derived.max_margin.direction])
    rho = outside_ratio(case.problem, case.derived.finite_part.center, case.derived.separation.tied_sets)
    squared = ((part[None, :] + np.log(k)[:, None] * u[None, :]) ** 2).sum(axis=1)
    right = float(rho.upper) / k + squared / (2 * eta * k)
    return AtMost(Measured(run.excess / (eta * k), run.errors["scaled excess"] / (eta * k)), Measured(right, 1e-14 * right))


@theorem.mutant(of=risk_is_bounded, latex=r"\text{half the bound}")
def half_the_bound(case: Case) -> Implies:
    """The constants leave less than a factor two."""
    return risk_is_bounded(case, scale=Fraction(1, 2))


@theorem.mutant(of=risk_is_bounded, latex=r"L(w_k)-L^*\le\bar\rho/k")
def without_the_distance(case: Case) -> Implies:
    """In the overlap class rho = 0 but descent still needs time."""
    return risk_is_bounded(case, distance=False)


@theorem.mutant(of=risk_decreases, latex=r"\text{monotone for every step size}")
def any_step_size(case: Case) -> Monotone:
    """Forty times the allowed step overshoots."""
    return risk_decreases(case, factor=40)
