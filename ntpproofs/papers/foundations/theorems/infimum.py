"""The infimum of the loss is the tied minimum, attained iff nothing is separable.

By the split identity L(w) - L* = [tied loss(P_T w) - L*] + sum_i a_i log(1 + rho_i(w)), both terms >= 0. Along w* + t
u the first vanishes, and a separable mass n e^{-y} has margin y + t (1 + s) with s >= 0, so it is divided by at least
e^t: the second is at most rhobar e^{-t}. A separable pair makes some rho positive at every point, so the second term
is at least a rho / (1 + rho) > 0 and L* is not attained; without one L is the tied loss, with minimiser w*.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.balls import Interval
from ....language.relations import All, AtMost, Equal, Implies, Less, NotExercised, Relation
from ....language.statements import Case, Theorem, clause, derived
from ....logit.enclosures import loss_ball, outside_ratio
from ....symbolic import E, Formula, L, NonNegative
from ._instances import golden, logits
from .split_identity import point

theorem = Theorem(
    label="foundations.infimum",
    title="inf L is the minimum of the tied loss",
    source=derived("a path along the max-margin direction"),
    setup=r"Let $L^*=\bar L(w^*)$ and $\bar\rho = \sum_i a_i\rho_i(w^*)$.",
    clauses=(
        clause(
            r"$L(w^* + t\,u) - L^* \le \bar\rho\,e^{-t}$ for $t\ge0$.",
            steps=("shrink_step", "exponential_step", "squeeze_step"),
            by=("foundations.split-identity", "foundations.max-margin"),
            claims=("loss_reaches_the_infimum",),
        ),
        clause(
            r"$\inf L = L^*$.",
            steps=("shrink_step", "exponential_step", "squeeze_step"),
            by=("foundations.split-identity", "foundations.finite-part", "foundations.max-margin"),
            claims=("loss_reaches_the_infimum",),
        ),
        clause(
            r"If some pair is separable, $L(w)-L^*\ge\sum_i a_i\rho_i(w)/(1+\rho_i(w))>0$ for every $w$: not attained.",
            steps=("positive_step",),
            by=("foundations.split-identity", "foundations.finite-part"),
            claims=("attained_iff_nothing_separable",),
        ),
        clause(
            r"If none is, $L^*=L(w^*)$ is attained.",
            by=("foundations.split-identity", "foundations.finite-part"),
            claims=("minimum_is_at_the_finite_part",),
        ),
    ),
    uses=("foundations.split-identity", "foundations.finite-part", "foundations.max-margin"),
    instances=logits(),
    examples=golden,
)


@theorem.step("the excess is squeezed", by="sign of a derivative", scope="all reals", latex=r"0\le\log(1+\rho e^{-t})\le\rho e^{-t}")
def squeeze_step() -> All:
    """Along w* + t u the tied loss is unchanged and every ratio is divided by at least e^t."""
    x = sp.Symbol("x")
    return All(NonNegative(L(1 + x), x), NonNegative(x - L(1 + x), x))


@theorem.step("margins grow by at least t", by="index calculus, normal form", scope="all reals",
              latex=r"ne^{-(y+t(1+s))}=e^{-t}\,ne^{-y}\,e^{-ts}")  # fmt: skip
def shrink_step() -> Equal:
    """<u, d> = 1 + s with s >= 0 on separable pairs; tied masses do not change, because <u, d> = 0 there."""
    n, y, t, s = sp.symbols("n y t s")
    return Equal(Formula(n * E(-(y + t * (1 + s)))), Formula(E(-t) * n * E(-y) * E(-t * s)))


@theorem.step("the last factor is at most 1", by="sign of a derivative", scope="all reals", latex=r"e^{-x}\le1\quad(x\ge0)")
def exponential_step() -> NonNegative:
    """With x = t s."""
    x = sp.Symbol("x")
    return NonNegative(1 - E(-x), x)


@theorem.step("not attained", by="sign of a derivative", scope="all reals", latex=r"\log(1+\rho)-\tfrac{\rho}{1+\rho}\ge0")
def positive_step() -> NonNegative:
    """A separable pair has rho > 0 at every finite point, so its excess is at least rho / (1 + rho) > 0."""
    x = sp.Symbol("x")
    return NonNegative(L(1 + x) - x / (1 + x), x)


def along(case: Case, t: Fraction) -> tuple[Fraction, ...]:
    """The point w* + t u (centre of w*)."""
    return tuple(x + t * y for x, y in zip(case.derived.finite_part.center, case.derived.max_margin.direction))


@theorem.claim(r"L(w^* + t u) \le L^* + \bar\rho\,2^{-t}\quad(t = 0, 4, 16, 64)")
def loss_reaches_the_infimum(case: Case, scale: Fraction = Fraction(1)) -> AtMost:
    """e^-t <= 2^-t keeps the right side rational; the centre of w* is within its radius, covered by the slack of the bound."""
    rho = outside_ratio(case.problem, case.derived.finite_part.center, case.derived.separation.tied_sets)
    times = (Fraction(4), Fraction(16), Fraction(64)) if case.derived.separation.separable else (Fraction(0),)
    lefts = [loss_ball(case.problem, along(case, scale * t)) for t in times]
    spread = case.derived.infimum.radius + Fraction(1, 2**40)
    rights = [case.derived.infimum.upper + rho.upper * Fraction(1, 2 ** int(t)) + spread for t in times]
    return AtMost(tuple(lefts), tuple(rights))


@theorem.claim(r"\text{attained} \iff u = 0;\quad L(w) > L^* \text{ otherwise}")
def attained_iff_nothing_separable(case: Case, strict: bool = True) -> Relation:
    """Where something is separable the loss stays above its infimum, far along u as well."""
    lowest: Interval = case.derived.infimum
    if not case.derived.separation.separable:
        return NotExercised("nothing is separable")
    values = tuple(loss_ball(case.problem, w) for w in (point(case), along(case, Fraction(8))))
    return Less((lowest, lowest), values) if strict else AtMost(values[1], lowest)


@theorem.claim(r"L^* = L(w^*) \text{ if } u = 0")
def minimum_is_at_the_finite_part(case: Case, always: bool = False) -> Implies:
    """In the overlap class the tied loss is the whole loss."""
    value = loss_ball(case.problem, case.derived.finite_part.center)
    # Within radius r of the minimiser the loss exceeds the minimum by at most beta r^2 / 2, far below the resolution.
    return Implies(
        always or case.derived.attained, Equal(value, Interval(case.derived.infimum.center, case.derived.infimum.radius + Fraction(1, 2**60)))
    )


@theorem.mutant(of=attained_iff_nothing_separable, latex=r"L^*\text{ is attained at a finite point of the ray }w^*+tu")
def attained_along_the_ray(case: Case) -> Relation:
    """The excess is positive at every finite point."""
    return attained_iff_nothing_separable(case, strict=False)


@theorem.mutant(of=minimum_is_at_the_finite_part, latex=r"\inf L = L(w^*) \text{ always}")
def infimum_is_always_attained(case: Case) -> Implies:
    """With separable pairs L(w*) exceeds L* by the separable excess."""
    return minimum_is_at_the_finite_part(case, always=True)


@theorem.mutant(of=loss_reaches_the_infimum, latex=r"L(w^* - t u) \to L^*")
def wrong_way_along_the_direction(case: Case) -> AtMost:
    """Against u the loss grows without bound."""
    return loss_reaches_the_infimum(case, Fraction(-1))
