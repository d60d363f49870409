r"""The regularisation path of linear NTP: finite part W*, direction W^mm (2402.18551, Theorem 1).

1. W* + R W^mm has norm B because W* lies in F and W^mm off it. It costs at most H + C e^{-R}
(linear-ntp.entropy-limit), so W_B, which is at least as good, does too. 2. CE - H = (CE_F - H) + G with two terms
that are not negative: both are at most C e^{-R}. So CE_F(P_F W_B) -> H and P_F W_B -> W*, the only minimiser of a
convex function on F. 3. Once C e^{-R} <= pi_min / 2 every ratio rho_j is below e^{1/2} - 1 < 1, so rho_j / 2 <=
log(1 + rho_j) <= C e^{-R} / pi_min. The ratio of a margin x is at least e^{-x - M |P_F W_B|} / V: every margin of P_perp W_B
is at least R - C', C' = log(2 C V e^{M |P_F W_B|} / pi_min). 4. By `margin-to-direction` <W_B, W^mm> >= (R - C')
|W^mm|^2. 5. Divided by B |W^mm|, with R |W^mm| / B = sqrt(1 - |W*|^2 / B^2) and C' bounded: the cosine is $1-O(1/B)$. 6.
W_B solves the ridge problem for some mu: grad CE + mu W = 0. Along W^mm the mass m = sum pi_j (mass off S_j) is at
most <-grad CE, W^mm> = mu <W, W^mm>. On F the gradient of CE_F is -P_F grad G - mu P_F W, and |grad G| <= M m,
because grad G is a sum of off-support probabilities times (e_v - q_j) h_j^T. CE_F is strongly convex near W*, so
|P_F W - W*| is O(mu |W|).
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....dynamics import RegularizationPath
from ....exact.balls import PRECISION, Enclosure, Interval, exact_arb, interval
from ....exact.rational import dot
from ....language.relations import All, AtMost, Converges, Equal, Implies
from ....language.statements import Case, Theorem, cite, clause
from ....symbolic import Formula, L, NonNegative, index, total
from ....symbolic.index_calculus import Delta
from ..assumptions import ntp_compatible, ntp_separable, some_partial_support
from ._bounds import lag, late_reach, reach, widened
from ._calculus import cauchy_schwarz, largest_gap
from ._golden import ex_every_token, golden, well_posed
from ._losses import (
    as_floats,
    excess,
    finite_norm,
    gap,
    gap_constant,
    genie_constant,
    gradient,
    in_support_part,
    log_odds_solution,
    margins,
    norm,
    plus,
    point,
    risk,
    split,
    unconstrained_direction,
)
from ._ridge import RIDGES, ridge_solution

theorem = Theorem(
    label="linear-ntp.regularization-path",
    title="The regularisation path selects W* and the NTP-SVM direction",
    source=cite("thrampoulidis2024", "Theorem 1", "proved by finite inequalities; ridge solutions are ball solutions of their own norm"),
    setup=r"Let the data be compatible and separable with some $|S_j|<V$, $W_B=\arg\min_{\|W\|\le"
    r" B}\mathrm{CE}(W)$, $R=\sqrt{B^2-\|W^*\|^2}/\|W^{\mathrm{mm}}\|$, $M=\sqrt2\max_j\|h_j\|$,"
    r" $C=Ve^{M\|W^*\|}$ and $C'=\log(2CVe^{M\|\mathcal P_{\mathcal F}W_B\|}/\pi_{\min})$.",
    clauses=(
        clause(
            r"$\mathrm{CE}(W_B)-\mathcal H\le Ce^{-R}$ for $B\ge\|W^*\|$.",
            steps=("genie_norm",),
            by=("linear-ntp.entropy-limit",),
            claims=("risk_meets_the_genie",),
        ),
        clause(
            r"$\langle W_B,W^{\mathrm{mm}}\rangle\ge(R-C')\|W^{\mathrm{mm}}\|^2$ once"
            r" $Ce^{-R}\le\pi_{\min}/2$.",
            steps=("genie_norm", "logarithm_from_below", "largest_gap", "cauchy_schwarz"),
            by=("linear-ntp.entropy-limit", "linear-ntp.split-identity", "linear-ntp.margin-to-direction"),
            claims=("path_is_aligned",),
        ),
        clause(
            r"$W_B/\|W_B\|\to W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|$ as $B\to\infty$, with $1-\cos=O(1/B)$.",
            by=("linear-ntp.path-uniqueness",),
            claims=("direction_converges",),
            argued="docstring",
        ),
        clause(
            r"$\mathcal P_{\mathcal F}W_B\to W^*$.",
            by=("linear-ntp.restricted-loss",),
            claims=("finite_part_converges",),
            argued="docstring",
        ),
        clause(
            r"With $\mu$ the ridge parameter of $W_B$, $\|\mathcal P_{\mathcal F}\nabla\mathrm{CE}_{\mathcal"
            r" F}(W_B)\|\le\mu\bigl(M\|W^{\mathrm{mm}}\|\|\mathcal P_\perp W_B\|+\|\mathcal P_{\mathcal"
            r" F}W_B\|\bigr)$,",
            steps=("column_step", "cauchy_schwarz"),
            by=("linear-ntp.gradient", "linear-ntp.path-uniqueness"),
            claims=("finite_part_is_first_order",),
        ),
        clause(
            r"so $\|\mathcal P_{\mathcal F}W_B-W^*\|=O(\mu B)$.",
            by=("linear-ntp.restricted-loss",),
            claims=("finite_part_converges",),
            argued="docstring",
        ),
    ),
    uses=("foundations.regularization-path", "linear-ntp.path-uniqueness", "linear-ntp.split-identity", "linear-ntp.margin-to-direction",
          "linear-ntp.restricted-loss"),
    assumptions=(ntp_compatible, ntp_separable, some_partial_support),
    instances=well_posed,
    examples=golden,
    simulate=RegularizationPath(),
)  # fmt: skip


@theorem.step("the norm of the genie", by="index calculus, normal form", scope="all sizes",
              latex=r"\|W^*+RW^{\mathrm{mm}}\|^2=\|W^*\|^2+R^2\|W^{\mathrm{mm}}\|^2+2R\langle W^*,W^{\mathrm{mm}}\rangle")  # fmt: skip
def genie_norm() -> Equal:
    """Step 1: the last term vanishes, W* in F and W^mm orthogonal to F, so the genie lies on the sphere of radius B."""
    x, y, r, c = sp.Function("x"), sp.Function("y"), sp.Symbol("R"), index("c")
    cross = 2 * r * total(x(c) * y(c), (c, "D"))
    squares = total(x(c) ** 2, (c, "D")) + r**2 * total(y(c) ** 2, (c, "D"))
    return Equal(Formula(total((x(c) + r * y(c)) ** 2, (c, "D"))), Formula(squares + cross))


theorem.step("logit gaps are at most M|W|", by="index calculus, normal form", scope="all sizes",
             latex=r"2(a^2+b^2)-(a-b)^2=(a+b)^2,\quad a=\langle w_u,h\rangle,\ b=\langle w_v,h\rangle")(largest_gap)  # fmt: skip
theorem.step("Cauchy and Schwarz", by="index calculus, normal form", scope="all sizes",
             latex=r"\|h\|^2\|x\|^2-\langle h,x\rangle^2=\tfrac12\sum_{c,e}(h_cx_e-h_ex_c)^2")(cauchy_schwarz)  # fmt: skip


@theorem.step("the genie", by="balls", scope="", latex=r"\mathrm{CE}(W^*+RW^{\mathrm{mm}})-\mathcal H=G(W^*+RW^{\mathrm{mm}})\le Ce^{-R}")
def genie(case: Case) -> AtMost:
    """Step 1 at R = 0, 1, 8, 64."""
    reaches = (0, 1, 8, 64)
    lefts = [excess(case.problem, plus(case.derived.finite_part.center, case.derived.max_margin.direction, r)) for r in reaches]
    with ctx.workprec(PRECISION):
        rights = [interval(genie_constant(case.problem, finite_norm(case)) * arb(-r).exp()) for r in reaches]
    return AtMost(tuple(lefts), tuple(rights))


@theorem.step("columns of the excess", by="index calculus, normal form", scope="all sizes",
              latex=r"\Bigl(\sum_zq_z\Bigr)^2-\sum_zq_z^2=\sum_{z\ne z'}q_zq_{z'}\ge0")  # fmt: skip
def column_step() -> Equal:
    """So |e_v - q_j|^2 = 1 + |q_j|^2 <= 2 for v off S_j, and grad G, a sum of off-support masses times (e_v - q_j) h_j^T, is at most M m."""
    q, y, z = sp.Function("q"), index("y"), index("z")
    left = total(q(z), (z, "S")) ** 2 - total(q(z) ** 2, (z, "S"))
    return Equal(Formula(left), Formula(total((1 - Delta(z, y)) * q(z) * q(y), (z, "S"), (y, "S"))))


@theorem.step("log(1+x) >= x/2 up to 1", by="sign of a derivative", scope="0 <= x <= 1", latex=r"\log(1+x)\ge x/2")
def logarithm_from_below() -> NonNegative:
    """Step 3: a small excess has small ratios. (An excess below pi_min/2 forces x below e^{1/2}-1 < 1.)"""
    x = sp.Symbol("x")
    return NonNegative(L(1 + x) - x / 2, x, upto=1)


@theorem.step("margins of the path", by="ridge solutions enclosed", scope="",
              latex=r"\text{margin}_{jv}(\mathcal P_\perp W_B)\ge R-C'\text{ once }Ce^{-R}\le\pi_{\min}/2")  # fmt: skip
def margins_grow(case: Case) -> All:
    """Step 3: every margin of the part orthogonal to F."""
    parts = []
    for solution in (ridge_solution(case.problem, ridge) for ridge in RIDGES):
        inside, across = split(case.problem, solution.center)
        with ctx.workprec(PRECISION):
            r = late_reach(case, solution)
            least = interval(arb(0) if r is None else r - lag(case, inside))
        lowest = Interval(min(margins(case.problem, across).values()), Fraction(0))
        parts.append(Implies(r is not None, AtMost(least, widened(case, lowest, solution.radius))))
    return All(*parts)


@theorem.step("margin to direction", by="exact arithmetic", scope="",
              latex=r"\langle U,W^{\mathrm{mm}}\rangle\ge\min_{j,v}\text{margin}_{jv}(U)\,\|W^{\mathrm{mm}}\|^2\ (U\perp\mathcal F)")  # fmt: skip
def margin_to_direction(case: Case) -> AtMost:
    """Step 4, for ridge solutions and for decoders that are nowhere special."""
    points = [ridge_solution(case.problem, ridge).center for ridge in RIDGES] + [point(case.problem, k) for k in range(3)]
    best, across = case.derived.max_margin, [split(case.problem, w)[1] for w in points]
    lefts = tuple(min(margins(case.problem, u).values()) * best.squared_norm for u in across)
    return AtMost(lefts, tuple(dot(u, best.direction) for u in across))


@theorem.claim(r"\mathrm{CE}(W_B)-\mathcal H\le Ce^{-R}")
def risk_meets_the_genie(case: Case, rate: int = 1) -> All:
    """Ridge solutions at 1/10, 1/1000, 1e-6, enclosed; below |W*| there is no genie to compare with."""
    parts = []
    for solution in (ridge_solution(case.problem, ridge) for ridge in RIDGES):
        left = widened(case, gap(risk(case.problem, solution.center), case.problem.entropy), solution.radius)
        with ctx.workprec(PRECISION):
            r = reach(case, solution)
            right = interval(genie_constant(case.problem, finite_norm(case)) * (arb(0) if r is None else -rate * r).exp())
        parts.append(Implies(r is not None, AtMost(left, right)))
    return All(*parts)


@theorem.claim(r"\langle W_B,W^{\mathrm{mm}}\rangle\ge(R-C')\|W^{\mathrm{mm}}\|^2\text{ once }Ce^{-R}\le\pi_{\min}/2")
def path_is_aligned(case: Case, lagging: bool = True) -> All:
    """Steps 3 to 5 as one inequality."""
    parts, best = [], case.derived.max_margin
    for solution in (ridge_solution(case.problem, ridge) for ridge in RIDGES):
        with ctx.workprec(PRECISION):
            r = late_reach(case, solution)
            behind = lag(case, split(case.problem, solution.center)[0]) if lagging else arb(0)
            left = interval((r - behind if r is not None else arb(0)) * exact_arb(best.squared_norm))
            right = interval(arb(exact_arb(dot(solution.center, best.direction)), exact_arb(solution.radius) * norm(best.direction)))
        parts.append(Implies(r is not None, AtMost(left, right)))
    return All(*parts)


@theorem.claim(r"W_B/\|W_B\|\to W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|")
def direction_converges(case: Case, target: tuple[Fraction, ...] | None = None) -> Converges:
    """Along the ridge path down to 1e-12, whose solutions are those on balls of their own norm."""
    u = np.array(as_floats(case.derived.max_margin.direction if target is None else target))
    return Converges(case.trajectory.direction, u / (np.linalg.norm(u) or 1.0))


@theorem.claim(r"\mathcal P_{\mathcal F}W_B\to W^*")
def finite_part_converges(case: Case) -> Converges:
    """Down to 1e-12; at least like the root of the ridge parameter."""
    return Converges(in_support_part(case.problem, case.trajectory.iterates), log_odds_solution(case.problem), rate=1)


@theorem.claim(
    r"\|\mathcal P_{\mathcal F}\nabla\mathrm{CE}_{\mathcal F}(W_\mu)\|\le\mu\bigl(M\|W^{\mathrm{mm}}\|\|\mathcal P_\perp W_\mu\|"
    r"+\|\mathcal P_{\mathcal F}W_\mu\|\bigr)"
)
def finite_part_is_first_order(case: Case, power: int = 1) -> AtMost:
    """Step 6 at ridge solutions, enclosed; the gradient of CE_F is Lipschitz with constant max |h|^2 at most."""
    problem, best, lefts, rights = case.problem, case.derived.max_margin.direction, [], []
    lipschitz = max(dot(h, h) for h in problem.embeddings)
    for ridge in RIDGES:
        solution = ridge_solution(problem, ridge)
        slope, (inside, across) = gradient(problem, solution.center, supports_only=True), split(problem, solution.center)
        with ctx.workprec(PRECISION):
            size = gap_constant(problem) * norm(best)
            left = norm(split(problem, slope.center)[0])
            lefts.append(interval(arb(left, exact_arb(slope.radius + lipschitz * solution.radius))))
            right = exact_arb(ridge**power) * (size * norm(across) + norm(inside))
            rights.append(interval(arb(right, exact_arb(solution.radius) * (size + 1))))
    return AtMost(tuple(lefts), tuple(rights))


@theorem.mutant(of=finite_part_converges, latex=r"\mathcal P_{\mathcal F}W_B=W^*\text{ at finite }B")
def finite_part_is_exact(case: Case) -> Equal:
    """The separable mass displaces it as long as B is finite."""
    solution = ridge_solution(case.problem, RIDGES[1])
    return Equal(Enclosure(split(case.problem, solution.center)[0], solution.radius), case.derived.finite_part)


@theorem.mutant(of=risk_meets_the_genie, latex=r"\mathrm{CE}(W_B)-\mathcal H\le Ce^{-2R}")
def twice_the_rate(case: Case) -> All:
    """The margin of the path is R, not 2R."""
    return risk_meets_the_genie(case, rate=2)


@theorem.mutant(of=path_is_aligned, latex=r"\langle W_B,W^{\mathrm{mm}}\rangle\ge R\|W^{\mathrm{mm}}\|^2")
def path_is_not_behind(case: Case) -> All:
    """At finite B the finite part is longer than W*, or the rest is not parallel to W^mm."""
    return path_is_aligned(case, lagging=False)


@theorem.mutant(of=direction_converges, latex=r"\text{direction of the programme without (6a)}")
def without_equalities(case: Case) -> Converges:
    """Ex-Full: the two directions enclose 45 degrees."""
    return direction_converges(case, unconstrained_direction(case))


@theorem.mutant(of=finite_part_is_first_order, latex=r"\dots\le\mu^2(\dots)")
def quadratic_rate(case: Case) -> AtMost:
    """It is first order in the ridge parameter."""
    return finite_part_is_first_order(case, 2)


@theorem.mutant(of=risk_meets_the_genie, without=ntp_compatible, latex=r"\mathrm{CE}(W_B)\to \mathcal H\text{ without compatibility}")
def entropy_without_compatibility(case: Case) -> All:
    """The infimum then lies strictly above the entropy."""
    return risk_meets_the_genie(case)


@theorem.mutant(of=finite_part_converges, without=ntp_separable, latex=r"\mathcal P_{\mathcal F}W_B\to W^*\text{ without separability}")
def finite_part_without_separability(case: Case) -> Converges:
    """Ex-NonSep: tied tokens off the support enter the likelihood, W* = 0 is not the limit."""
    return finite_part_converges(case)


@theorem.mutant(
    of=direction_converges,
    without=some_partial_support,
    instances=[ex_every_token],
    latex=r"\text{direction }W^{\mathrm{mm}}\text{ with full supports, too}",
)
def direction_with_full_supports(case: Case) -> Converges:
    """Then W^mm = 0 has no direction (read as zero), while the path ends at W* with its own."""
    return direction_converges(case)
