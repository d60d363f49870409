"""A weak decisive feature is learned in time sigma^-2, in closed form.

Proof. With the cheat learned (alpha infinite) only the d children compete at the decision: L = log(1 + (d-1) e^{-y})/(l-1) with
y = sigma beta_m. The flow beta_m' = -dL/d beta_m gives y' = sigma^2/((l-1)(1 + e^y/(d-1))); so (y + (e^y - 1)/(d-1))' = sigma^2/(l-1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp
from flint import arb, ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import All, AtMost, Equal, Less
from ....language.statements import Case, Proposition, clause, derived
from ....symbolic import E, Formula, L, derivative


@dataclass(frozen=True)
class SlowFeature:
    """Arms, nodes of an arm, scale sigma of the decisive feature, and a time t."""

    arms: int
    length: int
    scale: Fraction
    time: Fraction

    @property
    def clock(self) -> Fraction:
        """sigma^2 t/(l - 1)."""
        return self.scale**2 * self.time / (self.length - 1)


def left_side(problem: SlowFeature, y: arb) -> arb:
    """y + (e^y - 1)/(d - 1)."""
    return y + (y.exp() - 1) / (problem.arms - 1)


def score(problem: SlowFeature) -> Interval:
    """The y > 0 with y + (e^y - 1)/(d - 1) = sigma^2 t/(l - 1), enclosed by bisection: the left side increases."""
    with ctx.workprec(PRECISION):
        clock = exact_arb(problem.clock)
        low, high = Fraction(0), problem.clock + 1
        while high - low > Fraction(1, 2**60):
            middle = (low + high) / 2
            if left_side(problem, exact_arb(middle)) < clock:
                low = middle
            else:
                high = middle
        bracketed = bool(left_side(problem, exact_arb(low)) <= clock) or low == 0
        if not bracketed or not left_side(problem, exact_arb(high + Fraction(1, 2**60))) > clock:
            raise ArithmeticError("the bracket is not proved: raise the precision")
        return Interval((low + high) / 2, high - low + Fraction(1, 2**60))


@cache
def slow_features() -> st.SearchStrategy[SlowFeature]:
    """Two to five arms, lengths 3 to 8, scales down to 1/10, times up to 500."""

    @st.composite
    def drawn(draw: Callable[..., Any]) -> SlowFeature:
        scale, time = Fraction(draw(st.integers(1, 10)), 10), Fraction(draw(st.integers(1, 500)))
        return SlowFeature(draw(st.integers(2, 5)), draw(st.integers(3, 8)), scale, time)

    return drawn()


# Goldens of the notes, rounded to six digits.
GOLDEN = {SlowFeature(2, 5, Fraction(3, 10), Fraction(500)): "2.297794", SlowFeature(5, 8, Fraction(1, 10), Fraction(20_000)): "4.574581"}

proposition = Proposition(
    "path-star.slow-feature",
    "Starvation of a weak decisive feature, in closed form",
    derived("separation of variables"),
    setup=r"$K=l-2$, $d\ge2$, the decisive feature scaled by $\sigma$, the cheat already learned; $y=\sigma\beta_m$, flow from $0$.",
    clauses=(
        clause(r"$y+\frac{e^y-1}{d-1}=\frac{\sigma^2t}{l-1}$.", steps=("derivative_of_the_loss", "separated"), claims=("golden_values",)),
        clause(
            r"The time to reach a given $y$ is proportional to $\sigma^{-2}$.", argued="the display", claims=("time_scales_with_the_inverse_square",)
        ),
        clause(r"$y$ increases with $t$ and decreases with $l$.", argued="the display", claims=("longer_arms_are_slower",)),
    ),
    instances=slow_features(),
    examples=tuple(GOLDEN),
)


@proposition.step("derivative of the loss", by="derivative and normal form", scope="all sizes",
                  latex=r"-\tfrac d{dy}\log(1+(d-1)e^{-y})=\tfrac1{1+e^y/(d-1)}")  # fmt: skip
def derivative_of_the_loss() -> Equal:
    """The speed of y, up to sigma^2/(l - 1)."""
    d, y = sp.Symbol("d"), sp.Function("y")(sp.Integer(0))
    loss = L(1 + (d - 1) * E(-y))
    return Equal(Formula(-derivative(loss, y)), Formula(1 / (1 + E(y) / (d - 1))))


@proposition.step("separated", by="derivative and normal form", scope="all sizes", latex=r"\bigl(1+\tfrac{e^y}{d-1}\bigr)\,y'=\tfrac{\sigma^2}{l-1}")
def separated() -> Equal:
    """The derivative of the left side along the flow."""
    d, sigma, length = sp.symbols("d sigma l")
    y = sp.Function("y")(sp.Integer(0))
    left = y + (E(y) - 1) / (d - 1)
    speed = sigma**2 / (length - 1) / (1 + E(y) / (d - 1))
    return Equal(Formula(derivative(left, y) * speed), Formula(sigma**2 / (length - 1)))


@proposition.claim(r"y\text{ of the two examples worked by hand}")
def golden_values(case: Case) -> All | Equal:
    """The implicit equation holds at the enclosed root; on the goldens the six printed digits agree."""
    problem, root = case.problem, score(case.problem)
    if problem in GOLDEN:
        printed, half = Fraction(GOLDEN[problem]), Fraction(1, 2 * 10**6)
        return All(AtMost(printed - half, root), AtMost(root, printed + half))
    with ctx.workprec(PRECISION):
        left = left_side(problem, exact_arb(root.lower).union(exact_arb(root.upper)))
    return Equal(interval(left), problem.clock)


@proposition.claim(r"T_\sigma(y)=\sigma^{-2}T_1(y)")
def time_scales_with_the_inverse_square(case: Case, power: int = 2) -> Equal:
    """The same y at sigma = 1 and time sigma^2 t."""
    problem = case.problem
    unscaled = SlowFeature(problem.arms, problem.length, Fraction(1), problem.scale**power * problem.time)
    return Equal(score(problem), score(unscaled))


@proposition.claim(r"y(l+1)<y(l)")
def longer_arms_are_slower(case: Case) -> Less:
    """The mean over more steps leaves less for the decision."""
    problem = case.problem
    return Less(score(SlowFeature(problem.arms, problem.length + 1, problem.scale, problem.time)), score(problem))


@proposition.mutant(of=time_scales_with_the_inverse_square, latex=r"T_\sigma(y)=\sigma^{-1}T_1(y)")
def time_scales_linearly(case: Case) -> Equal:
    """sigma enters in the score and in its speed."""
    return time_scales_with_the_inverse_square(case, power=1)


@proposition.mutant(of=longer_arms_are_slower, latex=r"y\text{ does not depend on }l")
def length_does_not_matter(case: Case) -> Equal:
    """The loss is a mean over the steps."""
    problem = case.problem
    return Equal(score(SlowFeature(problem.arms, problem.length + 1, problem.scale, problem.time)), score(problem))


@proposition.mutant(of=golden_values, latex=r"y+\tfrac{e^y-1}d=\tfrac{\sigma^2t}{l-1}")
def one_arm_more(case: Case) -> Equal:
    """d - 1 others, not d."""
    problem, root = case.problem, score(case.problem)
    with ctx.workprec(PRECISION):
        y = exact_arb(root.lower).union(exact_arb(root.upper))
        return Equal(interval(y + (y.exp() - 1) / problem.arms), problem.clock)
