"""The infimum of the loss is the tied minimum, attained iff nothing is separable (foundations, F3)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.balls import Interval
from ....language.relations import All, AtMost, Equal, Implies, Less
from ....language.statements import Case, Theorem, derived
from ....logit.enclosures import loss_ball, outside_ratio
from ....symbolic import L, NonNegative
from ._instances import golden, logits
from .split_identity import point

theorem = Theorem(
    label="foundations.infimum",
    title="inf L is the minimum of the tied loss",
    source=derived("fact F3"),
    text=r"$\inf L = \bar L(w^*) =: L^*$, attained iff nothing is separable; $L(w^* + t\,u) - L^* \le \bar\rho\,e^{-t}$ with"
    r" $\bar\rho = \sum_i a_i\rho_i(w^*)$.",
    uses=("foundations.split-identity", "foundations.finite-part", "foundations.max-margin"),
    instances=logits(),
    examples=golden,
)


@theorem.step("the excess is squeezed", by="sign of a derivative", scope="all reals", latex=r"0\le\log(1+\rho e^{-t})\le\rho e^{-t}")
def squeeze_step() -> All:
    """Along w* + t u the tied loss is unchanged and every ratio is divided by at least e^t."""
    x = sp.Symbol("x")
    return All(NonNegative(L(1 + x), x), NonNegative(x - L(1 + x), x))


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
def attained_iff_nothing_separable(case: Case) -> Implies:
    """Where something is separable the loss stays above its infimum."""
    lowest: Interval = case.derived.infimum
    return Implies(not case.derived.attained, Less(lowest, loss_ball(case.problem, point(case))))


@theorem.claim(r"L^* = L(w^*) \text{ if } u = 0")
def minimum_is_at_the_finite_part(case: Case, always: bool = False) -> Implies:
    """In the overlap class the tied loss is the whole loss."""
    value = loss_ball(case.problem, case.derived.finite_part.center)
    # Within radius r of the minimiser the loss exceeds the minimum by at most beta r^2 / 2, far below the resolution.
    return Implies(
        always or case.derived.attained, Equal(value, Interval(case.derived.infimum.center, case.derived.infimum.radius + Fraction(1, 2**60)))
    )


@theorem.mutant(of=minimum_is_at_the_finite_part, latex=r"\inf L = L(w^*) \text{ always}")
def infimum_is_always_attained(case: Case) -> Implies:
    """With separable pairs L(w*) exceeds L* by the separable excess."""
    return minimum_is_at_the_finite_part(case, always=True)


@theorem.mutant(of=loss_reaches_the_infimum, latex=r"L(w^* - t u) \to L^*")
def wrong_way_along_the_direction(case: Case) -> AtMost:
    """Against u the loss grows without bound."""
    return loss_reaches_the_infimum(case, Fraction(-1))
