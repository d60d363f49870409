"""The flow on the slice, a' = b(alpha - beta ab), b' = a(alpha - beta ab): what it conserves, its closed form, its rate and its limit.

(a+b)^2 = z obeys a logistic equation (the step), which is solved by z_+ - z_- r e^{-kappa tau} over 1 - r e^{-kappa tau}. Since
z_- <= 0 < z_+, every start with z_0 > 0 tends to z_+ = 2s + sqrt(4s^2 + delta^2); with a - b = delta/(a+b) this gives both limits, and
4ab = z - delta^2/z gives ab -> s. The surrogate loss satisfies l' = -2 beta (a^2+b^2) l, and (a^2+b^2)^2 = delta^2 + 4(ab)^2 with ab monotone
bounds the exponent from below (Gronwall).
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import All, AtMost, Equal, NotExercised, Relation
from ....language.statements import Case, Lemma, derived
from ....language.statements import clause as says
from ..model import scalar_matrix
from ..relations import AlongFlow
from ..slice import SliceFlow, constants, slice_flow
from ..tensors import reduced_loss, tensors
from ..two_variables import balanced_product, exact_root, limit, rate, solution_ball, surrogate, surrogate_gradient
from ._instances import gaussian, problem, rademacher, symmetric, symmetric_golden
from ._points import SLICE

# From a_0 = b_0, of both signs, below and above the limit: draws rarely start there.
STARTS = [Fraction(k, 10) for k in (-20, -7, -1, 3, 10, 20)]
balanced = [problem(law, 4, (start, start)) for law in (gaussian(2), rademacher(3)) for start in STARTS]

theorem = Lemma(
    label="mesa.two-variable-flow",
    title="The flow of two scalars: conserved quantity, closed form, rate, limit",
    source=derived("the equations on the slice (the closed form for every start is new here)"),
    setup=r"$a'=b(\alpha-\beta ab)$, $b'=a(\alpha-\beta ab)$, $s=\alpha/\beta$, $\delta=a_0^2-b_0^2$, $\ell=(\alpha-\beta ab)^2/(2\beta)$.",
    clauses=(
        says(r"$a^2-b^2=\delta$ for all time, and $(ab)'=(a^2+b^2)(\alpha-\beta ab)$.", steps=("conservation", "product_equation")),
        says(r"$\ell'=-\|\nabla\ell\|^2=-2\beta(a^2+b^2)\,\ell$, and $L=d\,\ell+L^*$.", steps=("decay",), claims=("surrogate_is_the_loss",)),
        says(
            r"$z=(a+b)^2$ obeys $z'=-\tfrac\beta2(z-z_+)(z-z_-)$, $z_\pm=2s\pm\sqrt{4s^2+\delta^2}$, solved by"
            r" $z=\frac{z_+-z_-re^{-\kappa\tau}}{1-re^{-\kappa\tau}}$, $\kappa=\beta\sqrt{4s^2+\delta^2}$, $r=\frac{z_0-z_+}{z_0-z_-}$.",
            steps=("logistic_equation", "logistic_solution"),
            claims=("balanced_closed_form",),
        ),
        says(
            r"If $a_0+b_0\ne0$ then $a\to\tilde a$, $b\to\tilde b$ with $\tilde a\tilde b=s$, $\tilde a^2-\tilde b^2=\delta$ and the sign of"
            r" $a_0+b_0$; if $a_0+b_0=0$ both tend to 0.",
            steps=("logistic_equation", "saddle_line"),
            argued="docstring: a logistic equation tends to its attracting root",
            claims=("limit_solves_the_equations",),
        ),
        says(
            r"$\ell(\tau)\le\ell(0)e^{-2\beta m\tau}$ with $m=\min(a_0^2+b_0^2,\sqrt{\delta^2+4s^2})$ if $a_0b_0>0$ and $m=|\delta|$ otherwise.",
            steps=("decay", "product_equation"),
            argued="docstring: Gronwall",
            claims=("decay_bound",),
        ),
    ),
    uses=("mesa.restricted-loss",),
    instances=symmetric,
    examples=[*symmetric_golden, *balanced],
)

a, b, alpha, beta = sp.symbols("a b alpha beta")
FORCE = alpha - beta * a * b
FLOW = {a: b * FORCE, b: a * FORCE}
LOGISTIC = "chain rule, rational normal form"


@theorem.step("conservation", by=LOGISTIC, scope="all reals", latex=r"(a^2-b^2)'=0")
def conservation() -> AlongFlow:
    """The two terms cancel."""
    return AlongFlow(a**2 - b**2, FLOW, 0)


@theorem.step("equation of the product", by=LOGISTIC, scope="all reals", latex=r"(ab)'=(a^2+b^2)(\alpha-\beta ab)")
def product_equation() -> AlongFlow:
    """So ab moves monotonically towards s."""
    return AlongFlow(a * b, FLOW, (a**2 + b**2) * FORCE)


@theorem.step("decay of the surrogate", by=LOGISTIC, scope="all reals", latex=r"\ell'=-2\beta(a^2+b^2)\ell")
def decay() -> AlongFlow:
    """The Polyak-Lojasiewicz inequality is an equality here."""
    return AlongFlow(FORCE**2 / (2 * beta), FLOW, -2 * beta * (a**2 + b**2) * FORCE**2 / (2 * beta))


@theorem.step("logistic equation", by=LOGISTIC, scope="all reals", latex=r"z'=-\tfrac\beta2(z^2-4sz-\delta^2)")
def logistic_equation() -> AlongFlow:
    """z = (a+b)^2; the roots of the bracket are 2s +- sqrt(4s^2 + delta^2)."""
    z, delta = (a + b) ** 2, a**2 - b**2
    return AlongFlow(z, FLOW, -beta / 2 * (z**2 - 4 * alpha / beta * z - delta**2))


@theorem.step("its solution", by=LOGISTIC, scope="all reals")
def logistic_solution() -> AlongFlow:
    """Differentiate the closed form; kappa = beta (z_+ - z_-)/2."""
    tau, top, low, r = sp.symbols("tau z_p z_m r")
    fading = r * sp.exp(-beta * (top - low) / 2 * tau)
    z = (top - low * fading) / (1 - fading)
    return AlongFlow(z, {tau: 1}, -beta / 2 * (z - top) * (z - low))


@theorem.step("the line into the saddle", by=LOGISTIC, scope="all reals", latex=r"(a+b)'=(a+b)(\alpha-\beta ab)")
def saddle_line() -> AlongFlow:
    """a + b = 0 is invariant; on it ab <= 0, so that (a-b)^2 decays at rate at least 2 alpha."""
    return AlongFlow(a + b, FLOW, (a + b) * FORCE)


def flow_of(case: Case) -> SliceFlow:
    """alpha and beta of the problem."""
    return slice_flow(case.problem.law, case.problem.length)


@theorem.claim(r"L(bI,aI)=d\,\ell+L^*")
def surrogate_is_the_loss(case: Case, factor: int = 1) -> All:
    """At three points, with the exact gradient of the surrogate: |grad l|^2 = 2 beta (a^2 + b^2) l."""
    p, flow, d = case.problem, flow_of(case), case.problem.dimension
    best = sum((m2 - k1 * flow.product for m2, k1 in zip(constants(p.law).second, constants(p.law).fourth)), Fraction(0)) * (p.length - 2) / 2
    parts = []
    for x, y in SLICE:
        ell, slopes = surrogate(flow, x, y), surrogate_gradient(flow, x, y)
        whole = reduced_loss(tensors(p.law, p.length), scalar_matrix(d, y), scalar_matrix(d, x))
        parts += [Equal(whole, d * ell + best), Equal(slopes[0] ** 2 + slopes[1] ** 2, 2 * flow.beta * factor * (x * x + y * y) * ell)]
    return All(*parts)


def ball(x: Interval | Fraction) -> arb:
    """A number as a ball."""
    return arb(exact_arb(x.center), exact_arb(x.radius)) if isinstance(x, Interval) else exact_arb(x)


def times(case: Case) -> list[Fraction]:
    """Three times on the scale of the problem."""
    return [Fraction(k, 4) / flow_of(case).alpha for k in (1, 4, 12)]


@theorem.claim(r"a_0=b_0:\ ab=s/(1+(s/p_0-1)e^{-2\alpha\tau})")
def balanced_closed_form(case: Case, speed: int = 1) -> All | NotExercised:
    """The closed form for every start against the balanced formula, enclosed."""
    start, flow = case.problem.start, flow_of(case)
    if start.delta or not start.escapes:
        return NotExercised("the start is not balanced, or on the line into the saddle")
    parts = []
    for time in times(case):
        x, y = solution_ball(flow, start, time)
        with ctx.workprec(PRECISION):
            parts.append(Equal(interval(ball(x) * ball(y)), interval(balanced_product(flow, exact_arb(start.a * start.b), exact_arb(speed * time)))))
    return All(*parts)


@theorem.claim(r"\tilde a\tilde b=s,\ \tilde a^2-\tilde b^2=\delta")
def limit_solves_the_equations(case: Case, balanced: bool = False, shift: Fraction = Fraction(0)) -> All | NotExercised:
    """Enclosed; the sign is that of a_0 + b_0."""
    start, flow = case.problem.start, flow_of(case)
    if not start.escapes:
        return NotExercised("the start is on the line into the saddle")
    found = limit(flow, start)
    x, y = found.a, found.b
    if balanced:
        with ctx.workprec(PRECISION):
            x = y = interval(exact_arb(flow.product).sqrt()) if exact_root(flow.product) is None else exact_root(flow.product) or Fraction(0)
    with ctx.workprec(PRECISION):
        sign = 1 if start.a + start.b > 0 else -1
        parts: list[Relation] = [
            Equal(interval(ball(x) * ball(y)), flow.product + shift),
            Equal(interval(ball(x) ** 2 - ball(y) ** 2), start.delta),
            AtMost(0, interval(sign * (ball(x) + ball(y)))),
        ]
    return All(*parts)


@theorem.claim(r"\ell(\tau)\le\ell(0)e^{-2\beta m\tau}")
def decay_bound(case: Case, factor: int = 1) -> AtMost | NotExercised:
    """At three times, enclosed by the closed form."""
    start, flow = case.problem.start, flow_of(case)
    if not start.escapes:
        return NotExercised("the start is on the line into the saddle")
    first, m = surrogate(flow, start.a, start.b), rate(flow, start)
    if not first or not m.upper:
        return NotExercised("the start is at the minimum, or the bound is constant")
    lefts, rights = [], []
    for time in times(case):
        x, y = solution_ball(flow, start, time, 4 * PRECISION)
        with ctx.workprec(4 * PRECISION):
            force = exact_arb(flow.alpha) - exact_arb(flow.beta) * ball(x) * ball(y)
            lefts.append(interval(force**2 / (2 * exact_arb(flow.beta))))
            rights.append(interval(exact_arb(first) * (-2 * factor * exact_arb(flow.beta) * ball(m) * exact_arb(time)).exp()))
    return AtMost(tuple(lefts), tuple(rights))


@theorem.mutant(of=surrogate_is_the_loss, latex=r"\|\nabla\ell\|^2=\beta(a^2+b^2)\ell\cdot4")
def twice_the_gradient(case: Case) -> All:
    """The Wirtinger derivative and the real gradient differ by such a factor."""
    return surrogate_is_the_loss(case, factor=2)


@theorem.mutant(of=balanced_closed_form, latex=r"e^{-\alpha\tau}\text{ replaced by a doubled rate}")
def doubled_speed(case: Case) -> All | NotExercised:
    """The rate is 2 alpha, not 4 alpha."""
    return balanced_closed_form(case, speed=2)


@theorem.mutant(of=limit_solves_the_equations, latex=r"\tilde a=\tilde b=\sqrt s\text{ from every start}")
def both_are_the_root(case: Case) -> All | NotExercised:
    """Only if |a_0| = |b_0|."""
    return limit_solves_the_equations(case, balanced=True)


@theorem.mutant(of=decay_bound, latex=r"\ell(\tau)\le\ell(0)e^{-4\beta m\tau}")
def twice_the_rate(case: Case) -> AtMost | NotExercised:
    """The exponent is attained up to the variation of a^2 + b^2."""
    return decay_bound(case, factor=2)
