"""The tied part of gradient descent and of the flow converges to w* (foundations, G2).

S3. By the split identity the tied gap is at most the risk, tied loss(P_T w_k) - L* <= L(w_k) - L*, and the risk tends to 0: for
descent by the risk bound, for the flow because d/dt |w - U|^2 / 2 = -<grad L, w - U> <= L(U) - L(w) and L(w(t)) does not increase,
so t (L(w(t)) - L(U)) <= |w(0) - U|^2 / 2 for every U.

Growth. Along w* + s D, |D| = 1, D in T, let f(s) be the tied loss. A row's third derivative is the third cumulant of y_v = <D, d_v>; with
R at least every |<D, d_u - d_v>|, R Var -/+ kappa_3 = sum p (y - ybar)^2 (R -/+ (y - ybar)) >= 0, so the third derivative of f is at least -R times the
second and e^{Rs} f''(s) does not decrease. Two integrations from f'(0) = 0 give f(s) - f(0) >= f''(0) (e^{-Rs} - 1 + Rs) / R^2, and f''(0) >= mu > 0, the least
eigenvalue on T. The right side increases with s, so a tied gap that tends to 0 forces |P_T w_k - w*| to 0.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....dynamics import GradientDescent, GradientFlow
from ....language.relations import All, AtMost, Converges, Equal, NotExercised, Relation
from ....language.statements import Case, Theorem, clause, derived
from ....logit.enclosures import loss_ball
from ....logit.problem import ConditionalLogit, Row
from ....logit.step_size import largest_step
from ....symbolic import E, Formula, L, NonNegative, derivative, index, total
from ._instances import HALF, START, golden, logits, valley
from .risk_bound import STEPS, enclosed, moves

theorem = Theorem(
    label="foundations.finite-part-limit",
    title="The tied part converges to w*",
    source=derived("G2 with S3"),
    setup=r"Let $0<\eta\le1/\beta$ and $w_0$ arbitrary; $w(t)$ is the gradient flow.",
    clauses=(
        clause(
            r"$\bar L(P_Tw)-L^*\le L(w)-L^*$.",
            by=("foundations.split-identity",),
            claims=("tied_gap_is_below_the_risk",),
        ),
        clause(
            r"$\bar L(w)-L^*\ge\mu\,(e^{-Rr}-1+Rr)/R^2$ for $w\in T$, $r=\|w-w^*\|$, $\mu>0$ the least eigenvalue of $D^2\bar L(w^*)$ on $T$ and $R$"
            r" the largest $\|P_T(x_{iu}-x_{iv})\|$ over tied $u,v$ of a row.",
            steps=("cumulant_step", "cumulant_bound_step", "integration_step", "quadratic_step"),
            by=("foundations.finite-part",),
        ),
        clause(
            r"$P_Tw_k\to w^*$ for $k\to\infty$, and $P_Tw(t)\to w^*$ for $t\to\infty$.",
            by=("foundations.risk-bound", "foundations.finite-part"),
            argued="the docstring: the risk tends to 0 and bounds the tied gap, which bounds the distance",
            claims=("descent_tied_part_converges", "tied_part_converges"),
        ),
    ),
    uses=("foundations.risk-bound", "foundations.finite-part", "foundations.split-identity"),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)


def moments(power: int) -> sp.Expr:
    """sum_v p_v (y_v - ybar)^power over the tied alternatives, p the softmax at slope s."""
    m, y, v = sp.Function("m"), sp.Function("y"), index("v")
    whole = total(m(v), (v, "In"))
    mean = total(m(v) * y(v), (v, "In")) / whole
    return total(m(v) * (y(v) - mean) ** power, (v, "In")) / whole


@theorem.step("third derivative", by="index calculus, derivative and normal form", scope="all sizes",
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


@theorem.step("bounded by the variance", by="index calculus, normal form", scope="all sizes",
              latex=r"R\operatorname{Var}\mp\kappa_3=\textstyle\sum_vp_v(y_v-\bar y)^2(R\mp(y_v-\bar y))")  # fmt: skip
def cumulant_bound_step() -> Equal:
    """With |y_v - ybar| <= R no term on the right is negative; here for +, the other sign is -y."""
    m, y, v, radius = sp.Function("m"), sp.Function("y"), index("v"), sp.Symbol("R")
    whole = total(m(v), (v, "In"))
    mean = total(m(v) * y(v), (v, "In")) / whole
    right = total(m(v) * (y(v) - mean) ** 2 * (radius + (y(v) - mean)), (v, "In")) / whole
    return Equal(Formula(radius * moments(2) + moments(3)), Formula(right))


@theorem.step("two integrations", by="derivative and normal form", scope="all reals",
              latex=r"\tfrac{d^2}{ds^2}\tfrac{e^{-Rs}-1+Rs}{R^2}=e^{-Rs}")  # fmt: skip
def integration_step() -> Equal:
    """f''(s) >= f''(0) e^{-Rs}, and both sides of the claim and their slopes agree at s = 0."""
    radius, s = sp.Symbol("R", positive=True), sp.Function("s")(sp.Integer(0))
    bound = (E(-radius * s) - 1 + radius * s) / radius**2
    second = derivative(derivative(bound, s), s)
    return Equal(Formula(second), Formula(E(-radius * s)))


@theorem.step("the bound increases", by="sign of a derivative", scope="all reals", latex=r"e^{-x}-1+x\ge0,\ 1-e^{-x}\ge0")
def quadratic_step() -> All:
    """Positive and increasing in x = R r, so a small gap means a small distance."""
    x = sp.Symbol("x")
    return All(NonNegative(E(-x) - 1 + x, x), NonNegative(1 - E(-x), x))


@theorem.claim(r"\bar L(P_Tw_k)-L^*\le L(w_k)-L^*,\ k=1,8,16")
def tied_gap_is_below_the_risk(case: Case, swapped: bool = False) -> Relation:
    """At iterates of descent run in balls (their centres, which are rational points)."""
    if not case.derived.separation.separable:
        return NotExercised("the tied loss is the loss")
    run, sets = enclosed(case), case.derived.separation.tied_sets
    unit = [tuple(Fraction(int(i == k)) for k in range(case.problem.dimension)) for i in range(case.problem.dimension)]
    points = [tuple(run.component(k, e).center for e in unit) for k in (1, STEPS // 2, STEPS)]
    tied = tuple(loss_ball(case.problem, w, sets) for w in points)
    whole = tuple(loss_ball(case.problem, w) for w in points)
    return AtMost(whole, tied) if swapped else AtMost(tied, whole)


@theorem.claim(r"P_Tw_k\to w^*\text{, at least like }k^{-1/4}")
def descent_tied_part_converges(case: Case, factor: int = 1) -> Relation:
    """4000 steps with the largest allowed step (or `factor` times it); w* is not used by the run."""
    if not case.derived.tied.dimension or not moves(case):
        return NotExercised("T is a point, or descent starts at its limit")
    run = case.problem.remember(("descent", factor), lambda: GradientDescent(steps=4_000, step_size=factor * largest_step(case.problem))(case.problem))
    return Converges(run.finite_part, case.derived.finite_part, rate=HALF)


@theorem.claim(r"P_Tw(t)\to w^*\text{, at least like }t^{-1/2}")
def tied_part_converges(case: Case) -> Relation:
    """Along the part of the flow integrated in plain coordinates, which knows nothing of w*."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    return Converges(case.trajectory.finite_part, case.derived.finite_part, rate=1)


@theorem.mutant(of=tied_gap_is_below_the_risk, latex=r"L(w_k)\le\bar L(P_Tw_k)")
def risk_below_the_tied_gap(case: Case) -> Relation:
    """The separable excess is positive."""
    return tied_gap_is_below_the_risk(case, swapped=True)


@theorem.mutant(of=descent_tied_part_converges, instances=[valley], latex=r"P_Tw_k\to w^*\text{ for every step size}")
def any_step_size(case: Case) -> Converges:
    """V = 3, p = (1/2, 1/2, 0), eta = 5: the tied part ends in a two-cycle around w*."""
    run = GradientDescent(steps=4_000, step_size=5, initial=START)(case.problem)
    return Converges(run.finite_part, case.derived.finite_part, rate=HALF)


@theorem.mutant(of=tied_part_converges, latex=r"P_Tw(t)\to\tfrac{1001}{1000}w^*")
def slightly_larger_limit(case: Case) -> Converges:
    """A target off by one part in a thousand stalls."""
    target = tuple(x * 1001 / 1000 for x in case.derived.finite_part.center)
    return Converges(case.trajectory.finite_part, target, rate=1)


@theorem.mutant(of=tied_part_converges, latex=r"P_Tw(t)\to w^*\text{ of the data without multiplicities and weights}")
def blind_to_frequencies(case: Case) -> Converges:
    """The finite part is a maximum-likelihood estimate: counts matter."""
    from ....logit.decomposition import decompose

    plain = [Row(row.weight * 0 + 1, row.chosen, row.features, (row.weight * 0 + 1,) * len(row.features)) for row in case.problem.rows]
    return Converges(case.trajectory.finite_part, decompose(ConditionalLogit(plain)).finite_part, rate=1)
