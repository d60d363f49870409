"""The multiplicative toy: a saddle of order m after the cheat, escape in power time, and no saddle without teacher.

Proof. After the cheat the loss is f(S), S = theta_1 ... theta_m, f(S) = log(1 + (d-1) e^{-rho S})/(l-1). A derivative of order below m
of a function of the product vanishes at 0, since some theta is left as a factor; the m-th mixed one is f'(0) = -rho (1 - 1/d)/(l-1).
theta_i theta_i' = -S f'(S) for every i, so theta_i^2 - theta_j^2 is conserved and the balanced start stays balanced:
theta' = -theta^{m-1} f'(theta^m), the integral of the text. Its integrand lies between its value with e^{rho x^m} = 1 and with the chord of the
exponential, which gives both bounds. Without teacher the slot one lookup away sees theta_1 at first order.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp
from flint import ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import All, AtMost, Equal, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ....symbolic import E, Formula, L, derivative
from ..toy import Toy


@cache
def toys() -> st.SearchStrategy[Toy]:
    """Two to four arms, lengths 3 to 8, starts from 1/10 down to 1/100."""

    @st.composite
    def drawn(draw: Callable[..., Any]) -> Toy:
        start = draw(st.sampled_from([Fraction(1, 10), Fraction(3, 100), Fraction(1, 50), Fraction(1, 100)]))
        return Toy(draw(st.integers(2, 4)), draw(st.integers(3, 8)), Fraction(draw(st.integers(1, 6))), start)

    return drawn()


theorem = Theorem(
    "path-star.multiplicative-toy",
    "Composed hops: exponential escape after the cheat, none without teacher",
    derived("saddle of order m"),
    setup=r"Hop strengths $\theta_1,\dots,\theta_m$, $m=l-2$, $d\ge2$; the score at the slot with $k=l-i$ edges left is"
    r" $\alpha[u\to v]+\rho\,\theta_1\cdots\theta_k[v=B^k(t)]$, without the edge in teacherless training. $C=n$, mean over $l-1$ slots.",
    clauses=(
        clause(
            r"After the cheat all derivatives of order below $m$ vanish at $\theta=0$, and the mixed one of order $m$ is $-\rho(1-\frac1d)/(l-1)$.",
            steps=("slope_at_zero",),
            argued="docstring",
            claims=("saddle_of_order_m",),
        ),
        clause(
            r"$\theta_i^2-\theta_j^2$ is conserved after the cheat.",
            steps=("conserved",),
            claims=("gradients_balance",),
        ),
        clause(
            r"From $\theta_i=\varepsilon$ the time to $\theta^*$ is"
            r" $T=\frac{l-1}\rho\int_\varepsilon^{\theta^*}x^{1-m}(1+\frac{e^{\rho x^m}}{d-1})dx$,"
            r" which is $\frac{(l-1)d}{\rho(d-1)}\frac{\varepsilon^{-(m-2)}}{m-2}$ up to a factor of at least"
            r" $1-(\varepsilon/\theta^*)^{m-2}$ and a bounded addition for $m\ge3$, with $\log\frac1\varepsilon$ for $m=2$.",
            argued="docstring",
            claims=("escape_time_is_bounded", "escape_exponent"),
        ),
        clause(
            r"Without teacher $\partial L/\partial\theta_1=-\rho(1-\frac1C)/(l-1)$ at $0$: there is no saddle.",
            steps=("no_saddle_without_teacher",),
            claims=("first_hop_of_the_teacherless_loss",),
        ),
    ),
    instances=toys(),
    examples=(Toy(2, 7), Toy(2, 8), Toy(2, 8, start=Fraction(1, 100)), Toy(3, 5), Toy(2, 4), Toy(2, 3)),
)


@theorem.step("slope at zero", by="derivative and normal form", scope="all sizes", latex=r"f'(0)=-\tfrac{\rho(1-1/d)}{l-1}")
def slope_at_zero() -> Equal:
    """The derivative by the rules for logarithms and exponentials, at S = 0."""
    s, d, rho, length = sp.symbols("s d rho l")
    slope = derivative(L(1 + (d - 1) * E(-rho * s)) / (length - 1), s)
    return Equal(Formula(slope.value.subs(s, 0)), Formula(-rho * (1 - 1 / d) / (length - 1)))


@theorem.step("conserved", by="derivative and normal form", scope="all sizes", latex=r"\theta_i\partial_if(S)=Sf'(S),\ S=\theta_iR")
def conserved() -> Equal:
    """R is the product of all other hops: what stands on the right depends on S alone, so it is the same for every i."""
    t, r, d, rho = sp.symbols("t R d rho")
    speed = t * derivative(L(1 + (d - 1) * E(-rho * t * r)), t)
    product = t * r
    return Equal(Formula(speed), Formula(-rho * product * (d - 1) * E(-rho * product) / (1 + (d - 1) * E(-rho * product))))


@theorem.step("no saddle without teacher", by="derivative and normal form", scope="all sizes",
              latex=r"\partial_1\bigl[\log(e^z+C-1)-z\bigr]=-\rho R\bigl(1-\tfrac{e^z}{e^z+C-1}\bigr),\ z=\rho\theta_1R")  # fmt: skip
def no_saddle_without_teacher() -> Equal:
    """R = 1 for the slot with one edge left; the further slots have R = theta_2 ..., which vanishes at 0."""
    t, r, c, rho = sp.symbols("t R C rho")
    odds = E(rho * t * r)
    slope = derivative(L(odds + c - 1) - rho * t * r, t)
    return Equal(Formula(slope), Formula(-rho * r * (1 - odds / (odds + c - 1))))


def after_the_cheat(toy: Toy, theta: list[sp.Symbol]) -> sp.Expr:
    """f(theta_1 ... theta_m) as an expression."""
    rho = sp.Rational(Fraction(toy.gain).numerator, Fraction(toy.gain).denominator)
    return sp.log(1 + (toy.arms - 1) * sp.exp(-rho * sp.prod(theta))) / (toy.length - 1)


@theorem.claim(r"\partial_Sf=0\text{ for }|S|<m,\quad\partial_1\cdots\partial_mf=-\tfrac{\rho(1-1/d)}{l-1}\text{ at }0")
def saddle_of_order_m(case: Case, shift: int = 0) -> Equal | NotExercised:
    """Symbolic derivatives at 0, hop by hop: the first j hops, j <= m, and twice the first."""
    toy = case.problem
    m = toy.hops
    if m > 4:
        return NotExercised("symbolic derivatives are taken up to four hops")
    theta = list(sp.symbols(f"t1:{m + 1}"))
    value, found = after_the_cheat(toy, theta), []
    for hop in theta:
        value = sp.diff(value, hop)
        found.append(value.subs(dict.fromkeys(theta, 0)))
    slope = -Fraction(toy.gain) * (1 - Fraction(1, toy.arms)) / (toy.length - 1)
    expected = [Fraction(0)] * (m - 1) + [slope]
    return Equal(tuple(Fraction(int(x.p), int(x.q)) for x in found), tuple(expected[shift:] + expected[:shift]))


@theorem.claim(r"\theta_i\theta_i'=\theta_j\theta_j'")
def gradients_balance(case: Case, power: int = 1) -> Equal | NotExercised:
    """The polynomial theta_i^power dS/dtheta_i at a rational point; f' is a common factor."""
    m = case.problem.hops
    if m < 2:
        return NotExercised("one hop")
    point = [Fraction(k + 1, 7) for k in range(m)]
    whole = Fraction(1)
    for x in point:
        whole *= x
    return Equal(tuple(x**power * whole / x for x in point), (whole,) * m)


def escape(toy: Toy, target: Fraction) -> Interval:
    """T, enclosed."""
    return interval(toy.escape_integral(target))


@theorem.claim(r"T_0(1-(\varepsilon/\theta^*)^{m-2})\le T\le T_0+\tfrac{l-1}\rho\tfrac{e^{\rho\theta^{*m}}-1}{2(d-1)}\theta^{*2-m}")
def escape_time_is_bounded(case: Case) -> All | NotExercised:
    """theta* = 1; the upper bound is the chord of the exponential."""
    toy = case.problem
    if toy.hops < 3:
        return NotExercised("a power law needs three hops")
    found, leading = escape(toy, Fraction(1)), interval(toy.leading_order())
    share = 1 - Fraction(toy.start) ** (toy.hops - 2)
    with ctx.workprec(PRECISION):
        rho = exact_arb(Fraction(toy.gain))
        addition = interval((rho.exp() - 1) * (toy.length - 1) / (2 * rho * (toy.arms - 1)))
    below = Interval(leading.center * share, leading.radius)
    above = Interval(leading.center + addition.center, leading.radius + addition.radius)
    return All(AtMost(below, found), AtMost(found, above))


@theorem.claim(r"T(\varepsilon/8)/T(\varepsilon)\in[8^{m-2-\frac12},8^{m-2+\frac12}]")
def escape_exponent(case: Case, lost: int = 2) -> All | NotExercised:
    """The exponent is m - 2 = l - 4; theta* = 1/2, where the integrand is near its leading order."""
    toy = case.problem
    if toy.hops < 3 or toy.gain > 4:
        return NotExercised("a power law needs three hops, and a short time is not yet one")
    start = Fraction(1, 100)
    long, short = (escape(Toy(toy.arms, toy.length, toy.gain, x), Fraction(1, 2)) for x in (start / 8, start))
    power = toy.hops - lost
    with ctx.workprec(PRECISION):
        ratio = interval(exact_arb(long.center) / exact_arb(short.center))
        half = exact_arb(Fraction(8)).sqrt()
        bounds = [interval(exact_arb(Fraction(8) ** power) * factor) for factor in (1 / half, half)]
    return All(AtMost(bounds[0], ratio), AtMost(ratio, bounds[1]))


@theorem.claim(r"\partial_1L=-\tfrac{\rho(1-1/C)}{l-1}\text{ at }\theta=0,\text{ teacherless}")
def first_hop_of_the_teacherless_loss(case: Case, flat: bool = False) -> Equal:
    """Symbolic derivative of all slots' losses at 0, each slot a softmax over C = n candidates, one of which is the lookup."""
    toy = case.problem
    nodes = 1 + toy.arms * (toy.length - 1)
    slope = -Fraction(toy.gain) * (1 - Fraction(1, nodes)) / (toy.length - 1)
    return Equal(teacherless_slope(toy), Fraction(0) if flat else slope)


def teacherless_slope(toy: Toy) -> Fraction:
    """dL/dtheta_1 at theta = 0, by differentiating the printed loss."""
    nodes = 1 + toy.arms * (toy.length - 1)
    rho = sp.Rational(Fraction(toy.gain).numerator, Fraction(toy.gain).denominator)
    theta = sp.symbols(f"t1:{toy.hops + 1}")
    # At 0 only theta_1 may move: products of several hops have no first-order term in it alone.
    moving = [sp.Integer(1), theta[0], *(theta[0] * sp.prod([0] * (k - 1)) for k in range(2, toy.hops + 1))]
    slots = [sp.log(sp.exp(rho * strength) + nodes - 1) - rho * strength for strength in moving]
    found = sp.diff(sum(slots), theta[0]).subs(theta[0], 0) / (toy.length - 1)
    return Fraction(int(found.p), int(found.q))


@theorem.mutant(of=escape_exponent, latex=r"T\sim\varepsilon^{-(l-2)}")
def exponent_is_the_number_of_hops(case: Case) -> All | NotExercised:
    """M21: two hops are spent on the integral."""
    return escape_exponent(case, lost=0)


@theorem.mutant(of=saddle_of_order_m, latex=r"\partial_1f\ne0\text{ after the cheat}")
def no_saddle(case: Case) -> Equal | NotExercised:
    """The first derivative vanishes for two hops or more."""
    return saddle_of_order_m(case, shift=max(case.problem.hops - 1, 0))


@theorem.mutant(of=gradients_balance, latex=r"\theta_i'=\theta_j'")
def speeds_are_equal(case: Case) -> Equal | NotExercised:
    """Only balanced starts stay balanced."""
    return gradients_balance(case, power=0)


@theorem.mutant(of=first_hop_of_the_teacherless_loss, latex=r"\partial_1L=0\text{ without teacher, too}")
def teacherless_saddle(case: Case) -> Equal:
    """The slot one lookup away is rewarded for the first hop alone."""
    return first_hop_of_the_teacherless_loss(case, flat=True)
