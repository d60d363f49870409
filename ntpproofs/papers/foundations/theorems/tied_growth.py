"""The tied loss grows away from its minimiser, with constants.

Let f(s) be the tied loss at w + s h and y_v = <h, d_v>. A row's third derivative is the third cumulant kappa_3 of y;
with R at least every |y_u - y_v| over tied u and v of a row, R Var +/- kappa_3 = sum p (y - ybar)^2 (R +/- (y -
ybar)) >= 0, so the third derivative of f is at least -R times the second, and e^{Rs} f''(s) does not decrease. Two
integrations from w = w*, where f'(0) = 0, give f(s) - f(0) >= f''(0) (e^{-Rs} - 1 + Rs) / R^2; both sides and their
slopes agree at s = 0. f''(0) > 0 for 0 != h in T by strict convexity, so the least eigenvalue mu on T is positive.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal, NotExercised, Relation
from ....language.statements import Case, Lemma, clause, derived
from ....logit.enclosures import loss_ball, softmax_balls
from ....symbolic import E, Formula, L, NonNegative, derivative, index, total
from ._instances import contradicting, golden, logits

Vector = tuple[Fraction, ...]

lemma = Lemma(
    label="foundations.tied-growth",
    title="The tied loss grows away from its minimiser, with constants",
    source=derived("the self-concordance of a log-sum-exp: its third cumulant is at most its range times its variance"),
    setup=r"For $h\in T$ let $R_h$ be the largest $|\langle h,x_{iu}-x_{iv}\rangle|$ over tied $u,v$ of a row; $\mu$"
    r" the least eigenvalue of $\nabla^2\bar L(w^*)$ on"
    r" $T$ and $R$ the largest $\|P_T(x_{iu}-x_{iv})\|$.",
    clauses=(
        clause(
            r"$\nabla^2\bar L(w+h)[h,h]\ge e^{-R_h}\nabla^2\bar L(w)[h,h]$.",
            steps=("cumulant_step", "cumulant_bound_step"),
            claims=("curvature_decays_slowly",),
        ),
        clause(
            r"$\bar L(w^*+h)-L^*\ge \nabla^2\bar L(w^*)[h,h]\,(e^{-R_h}-1+R_h)/R_h^2$.",
            steps=("cumulant_step", "cumulant_bound_step", "integration_step"),
            by=("foundations.finite-part",),
            claims=("gap_grows",),
        ),
        clause(
            r"$\mu>0$, and $\bar L(w)-L^*\ge\mu\,(e^{-Rr}-1+Rr)/R^2$ for $w\in T$, $r=\|w-w^*\|$; the right"
            r" side is positive and increases with $r>0$.",
            steps=("cumulant_step", "cumulant_bound_step", "integration_step", "quadratic_step"),
            by=("foundations.finite-part",),
            claims=("gap_grows",),
        ),
    ),
    instances=logits(),
    examples=(*contradicting, *golden),
)


def moments(power: int) -> sp.Expr:
    """sum_v p_v (y_v - ybar)^power over the tied alternatives, p the softmax at slope s."""
    m, y, v = sp.Function("m"), sp.Function("y"), index("v")
    whole = total(m(v), (v, "In"))
    mean = total(m(v) * y(v), (v, "In")) / whole
    return total(m(v) * (y(v) - mean) ** power, (v, "In")) / whole


@lemma.step("third derivative", by="index calculus, derivative and normal form", scope="all sizes",
              latex=r"\tfrac{d^3}{ds^3}\log\textstyle\sum_un_ue^{y_us}=\sum_vp_v(y_v-\bar y)^3")  # fmt: skip
def cumulant_step() -> Equal:
    """The third cumulant of y under the softmax."""
    n, y, u, slope = sp.Function("n"), sp.Function("y"), index("u"), sp.Function("x")(sp.Integer(0))

    def mass(alternative: sp.Expr) -> sp.Expr:
        return n(alternative) * E(y(alternative) * slope)

    third = L(total(mass(u), (u, "In")))
    for _ in range(3):
        third = derivative(third, slope)
    whole = total(mass(u), (u, "In"))
    mean = total(mass(u) * y(u), (u, "In")) / whole
    return Equal(Formula(third), Formula(total(mass(u) * (y(u) - mean) ** 3, (u, "In")) / whole))


@lemma.step("bounded by the variance", by="index calculus, normal form", scope="all sizes",
              latex=r"R\operatorname{Var}\mp\kappa_3=\textstyle\sum_vp_v(y_v-\bar y)^2(R\mp(y_v-\bar y))")  # fmt: skip
def cumulant_bound_step() -> Equal:
    """With |y_v - ybar| <= R no term on the right is negative; here for +, the other sign is -y."""
    m, y, v, radius = sp.Function("m"), sp.Function("y"), index("v"), sp.Symbol("R")
    whole = total(m(v), (v, "In"))
    mean = total(m(v) * y(v), (v, "In")) / whole
    right = total(m(v) * (y(v) - mean) ** 2 * (radius + (y(v) - mean)), (v, "In")) / whole
    return Equal(Formula(radius * moments(2) + moments(3)), Formula(right))


@lemma.step("two integrations", by="derivative and normal form", scope="all reals",
              latex=r"\tfrac{d^2}{ds^2}\tfrac{e^{-Rs}-1+Rs}{R^2}=e^{-Rs}")  # fmt: skip
def integration_step() -> Equal:
    """f''(s) >= f''(0) e^{-Rs}, and both sides of the claim and their slopes agree at s = 0."""
    radius, s = sp.Symbol("R", positive=True), sp.Function("s")(sp.Integer(0))
    bound = (E(-radius * s) - 1 + radius * s) / radius**2
    second = derivative(derivative(bound, s), s)
    return Equal(Formula(second), Formula(E(-radius * s)))


@lemma.step("the bound increases", by="sign of a derivative", scope="all reals", latex=r"e^{-x}-1+x\ge0,\ 1-e^{-x}\ge0")
def quadratic_step() -> All:
    """Positive and increasing in x = R r, so a small gap means a small distance."""
    x = sp.Symbol("x")
    return All(NonNegative(E(-x) - 1 + x, x), NonNegative(1 - E(-x), x))


def curvature(case: Case, w: Vector, direction: Vector) -> arb:
    """D^2 of the tied loss at w along a direction, at the current precision."""
    problem, value = case.problem, arb(0)
    for b, q in enumerate(softmax_balls(problem, w, case.derived.separation.tied_sets)):
        y = {v: exact_arb(dot(problem.feature(b, v), direction)) for v in q}
        mean = sum((q[v] * y[v] for v in q), arb(0))
        value += exact_arb(problem.data.blocks[b].weight) * sum((q[v] * (y[v] - mean) * (y[v] - mean) for v in q), arb(0))
    return value


def widest(case: Case, direction: Vector) -> Fraction:
    """R_D: the largest score gap of two tied alternatives of a row."""
    problem, gaps = case.problem, [Fraction(0)]
    for b, chosen in enumerate(case.derived.separation.tied_sets):
        scores = [dot(problem.feature(b, v), direction) for v in chosen]
        gaps.append(max(scores) - min(scores))
    return max(gaps)


def probes(case: Case) -> list[Vector]:
    """The basis of T, both ways and at twice the length."""
    return [tuple(s * x for x in basis) for basis in case.derived.tied.basis for s in (1, -1, 2, -2)][:12]


@lemma.claim(r"\nabla^2\bar L(w^*+h)[h,h]\ge e^{-R_h}\nabla^2\bar L(w^*)[h,h]")
def curvature_decays_slowly(case: Case, decay: bool = True) -> Relation:
    """In balls at the centre of w*, a rational point; the inequality holds at every point."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    center, lefts, rights = case.derived.finite_part.center, [], []
    with ctx.workprec(PRECISION):
        for probe in probes(case):
            factor = (-exact_arb(widest(case, probe))).exp() if decay else arb(1)
            lefts.append(interval(factor * curvature(case, center, probe)))
            rights.append(interval(curvature(case, tuple(x + y for x, y in zip(center, probe)), probe)))
    return AtMost(tuple(lefts), tuple(rights))


@lemma.claim(r"\bar L(w^*+h)-L^*\ge \nabla^2\bar L(w^*)[h,h]\,(e^{-R_h}-1+R_h)/R_h^2")
def gap_grows(case: Case, factor: int = 1) -> Relation:
    """Both sides in balls; the radius of w* is far below what the inequality leaves."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    center, lowest, lefts, rights = case.derived.finite_part.center, case.derived.infimum, [], []
    with ctx.workprec(PRECISION):
        for probe in probes(case):
            radius = exact_arb(widest(case, probe))
            bound = ((-radius).exp() - 1 + radius) / (radius * radius)
            lefts.append(interval(factor * curvature(case, center, probe) * bound))
            value = loss_ball(case.problem, tuple(x + y for x, y in zip(center, probe)), case.derived.separation.tied_sets)
            rights.append(Interval(value.center - lowest.center, value.radius + lowest.radius))
    return AtMost(tuple(lefts), tuple(rights))


@lemma.mutant(of=curvature_decays_slowly, latex=r"\nabla^2\bar L(w+h)[h,h]\ge \nabla^2\bar L(w)[h,h]")
def curvature_does_not_decay(case: Case) -> Relation:
    """The probabilities concentrate away from w*."""
    return curvature_decays_slowly(case, decay=False)


@lemma.mutant(of=gap_grows, latex=r"\text{four times the bound}")
def four_times_the_bound(case: Case) -> Relation:
    """For small R_D both sides are close to half of the curvature."""
    return gap_grows(case, 4)
