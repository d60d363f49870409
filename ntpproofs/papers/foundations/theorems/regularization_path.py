r"""Ridge and ball solutions share both limits with gradient descent (derived).

Ball. If |w| <= |w_gamma| then L(w) >= L(w_gamma) + (gamma/2) (|w_gamma|^2 - |w|^2) >= L(w_gamma).

Tied part. With U = w* + log(1/gamma) u, |U|^2 = |w*|^2 + log^2(1/gamma) |u|^2 because w* lies in T and u in M, and L(U) -
L* <= rhobar gamma. So L(w_gamma) - L* <= rhobar gamma + (gamma/2) |U|^2 -> 0; the tied gap is smaller still, and P_T w_gamma -> w*
by the growth of the tied loss.

Direction. The risk tends to an infimum that is not attained, so $B=\|w_\gamma\|\to\infty$. w_gamma is no worse than w* + S
u with S^2 |u|^2 = B^2 - |w*|^2, so its excess is at most rhobar e^{-S}; it is at least a_min kappa e^{-m} / 2 for the
smallest separable margin m of w_gamma (kappa as in the central theorem), so $m\ge S-\mathrm{const}$. A vector x with margins at
least m has <x, u> = sum lambda <x, z> >= m sum lambda = m |u|^2 if its tied part is taken off, so <w_gamma/B, u/|u|> >=
$(S-\mathrm{const})\|u\|/B\to1$.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....dynamics import RegularizationPath
from ....exact.balls import PRECISION, exact_arb, interval
from ....exact.rational import dot
from ....language.relations import All, Converges, Equal, Less, Monotone, NotExercised, Relation
from ....language.statements import Case, Theorem, clause, derived
from ....logit.assumptions import something_separable
from ....logit.enclosures import softmax_balls
from ....symbolic import Formula, index, total
from ._instances import free_row, golden, logits, odds, skew_odds, valley
from ._symbols import gradient, i, inner, margin, probability, v, weight, z
from .direction import unit
from .split_identity import point

theorem = Theorem(
    label="foundations.regularization-path",
    title="The regularisation path has the same limits",
    source=derived("the comparison argument of Ji, Dudik, Schapire and Telgarsky 2020"),
    setup=r"Let $u\ne0$ and $w_\gamma=\arg\min L+\tfrac\gamma2\|w\|^2$.",
    clauses=(
        clause(
            r"$\langle-\nabla L(w),u\rangle>0$ for every $w$: ball solutions lie on the sphere.",
            steps=("pull_step",),
            by=("foundations.convexity-and-smoothness", "foundations.max-margin"),
            claims=("gradient_points_along_u",),
        ),
        clause(r"$w_\gamma$ minimises $L$ over the ball of radius $\|w_\gamma\|$.", argued="the docstring, first paragraph"),
        clause(
            r"$P_Tw_\gamma\to w^*$ as $\gamma\downarrow0$.",
            steps=("comparison_step",),
            by=("foundations.infimum", "foundations.tied-growth"),
            argued="the docstring",
            claims=("tied_part_converges",),
        ),
        clause(
            r"$\|w_\gamma\|\to\infty$ and $w_\gamma/\|w_\gamma\|\to u/\|u\|$ as $\gamma\downarrow0$.",
            steps=("comparison_step", "margin_step"),
            by=("foundations.infimum", "foundations.max-margin"),
            argued="the docstring",
            claims=("direction_converges",),
        ),
    ),
    uses=("foundations.split-identity", "foundations.finite-part", "foundations.max-margin"),
    assumptions=(something_separable,),
    instances=logits(),
    examples=(*golden, valley, free_row, odds, skew_odds),
    simulate=RegularizationPath(),
)


@theorem.step("comparison with w* + b u", by="index calculus, normal form", scope="all sizes",
              latex=r"\|w^*+bu\|^2=\|w^*\|^2+2b\langle w^*,u\rangle+b^2\|u\|^2")  # fmt: skip
def comparison_step() -> Equal:
    """The cross term vanishes: w* lies in T and u in M."""
    w, u, r = sp.Function("w"), sp.Function("u"), sp.Symbol("b")

    def moved(c: sp.Expr) -> sp.Expr:
        return w(c) + r * u(c)

    return Equal(Formula(inner(moved, moved)), Formula(inner(w, w) + 2 * r * inner(w, u) + r**2 * inner(u, u)))


@theorem.step("the gradient along u", by="index calculus, normal form", scope="all sizes",
              latex=r"\langle-\nabla L,u\rangle=\textstyle\sum_ia_i\sum_vp_{iv}\langle u,d_{iv}\rangle")  # fmt: skip
def pull_step() -> Equal:
    """Tied terms vanish and separable ones are at least a p > 0."""
    c = index("alpha")
    pulled = total(weight(i) * probability(i, v) * margin(i, v, z), (i, "I"), (v, "C"))
    return Equal(Formula(-total(z(c) * gradient(c), (c, "D"))), Formula(pulled))


@theorem.step("margins along u", by="index calculus, normal form", scope="all sizes",
              latex=r"\langle x,\textstyle\sum\lambda z\rangle-m\sum\lambda=\sum\lambda(\langle x,z\rangle-m)")  # fmt: skip
def margin_step() -> Equal:
    """Not negative where every margin is at least m; sum lambda = |u|^2."""
    lam, pair, x, m, r, c = *(sp.Function(name) for name in ("lambda", "pair", "x")), sp.Symbol("m"), index("r"), index("c")
    left = total(x(c) * total(lam(r) * pair(r, c), (r, "R")), (c, "D")) - m * total(lam(r), (r, "R"))
    return Equal(Formula(left), Formula(total(lam(r) * (total(x(c) * pair(r, c), (c, "D")) - m), (r, "R"))))


@theorem.claim(r"P_Tw_\gamma\to w^*\text{, at least like }\gamma^{0.4}")
def tied_part_converges(case: Case, scale: float = 1.0) -> Relation:
    """The law is close to mu."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    target = scale * case.derived.finite_part.array
    return Converges(case.trajectory.finite_part, target, rate=0.8)


@theorem.claim(r"\|w_\gamma\|\to\infty,\ \langle w_\gamma,u\rangle/(\|w_\gamma\|\|u\|)\text{ increases to }1")
def direction_converges(case: Case, tilt: float = 0.0) -> All:
    """The distance to u/|u| shrinks along the path, and the norm grows."""
    u = np.array([float(x) for x in case.derived.max_margin.direction])
    tilted = u.copy()
    tilted[int(np.abs(u).argmin())] += tilt * np.linalg.norm(u)
    return All(Converges(case.trajectory.direction, unit(tilted)), Monotone(case.trajectory.norm, increasing=True))


@theorem.claim(r"\langle-\nabla L(w),u\rangle>0\text{ for every }w\ (\Rightarrow\text{ball solutions lie on the sphere})")
def gradient_points_along_u(case: Case) -> Less:
    """The inner product is sum a p <u, d> over separable pairs; enclosed at two rational points."""
    u, values = case.derived.max_margin.direction, []
    with ctx.workprec(PRECISION):
        for w in (point(case), tuple(-x for x in point(case))):
            total = arb(0)
            for b, (block, p) in enumerate(zip(case.problem.data.blocks, softmax_balls(case.problem, w))):
                label = dot(case.problem.feature(b, min(block.labels)), u)
                for v in set(p) - case.derived.separation.tied_sets[b]:
                    total += exact_arb(block.weight * (label - dot(case.problem.feature(b, v), u))) * p[v]
            values.append(interval(total))
    return Less((Fraction(0), Fraction(0)), tuple(values))


@theorem.mutant(of=tied_part_converges, latex=r"P_Tw_\gamma\to(1+10^{-3})w^*")
def slightly_larger_limit(case: Case) -> Relation:
    """A limit off by one part in a thousand stalls."""
    return tied_part_converges(case, 1.001)


@theorem.mutant(of=direction_converges, latex=r"\text{the direction is the opposite one}")
def opposite_direction(case: Case) -> Converges:
    """A sign error never converges."""
    return Converges(case.trajectory.slope, [-float(x) for x in case.derived.max_margin.direction], rate=0.3)


@theorem.mutant(of=gradient_points_along_u, without=something_separable, latex=r"\text{ball solutions always lie on the sphere}")
def spheres_without_separation(case: Case) -> Less:
    """In the overlap class u = 0 and a large ball contains the minimiser."""
    return gradient_points_along_u(case)
