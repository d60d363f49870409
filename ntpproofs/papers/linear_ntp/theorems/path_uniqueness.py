"""The loss over a ball has one minimiser, and it lies on the sphere (Thrampoulidis 2024, uniqueness of the regularisation path).

A minimiser over the ball exists because the loss is continuous. Inside the ball its gradient would vanish, but
<-grad CE, W^mm> > 0: so it has norm B. Two minimisers have, by convexity, a midpoint that minimises too; it lies
inside the ball unless they agree.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal, Less, Relation
from ....language.statements import Case, Lemma, cite, clause
from ....symbolic import E, Formula, index, total
from ..assumptions import ntp_separable, some_partial_support
from ..problem import LinearNTP
from ._decoders import Matrix, dyadic, gradient, margins, masses, softmax
from ._golden import golden, separable
from ._losses import plus, point, risk
from ._symbols import everything, j, logit, p, u, v, z

lemma = Lemma(
    label="linear-ntp.path-uniqueness",
    title="The ball-constrained minimiser is unique and lies on the sphere",
    source=cite("thrampoulidis2024", "uniqueness of the regularisation path, after equation (8)", "another proof: the loss is not strictly convex"),
    setup=r"Let the data be separable with some $|S_j|<V$, $s_j=\mathrm{softmax}(Wh_j)$, and $m_{jv}\ge1$"
    r" the margins of $W^{\mathrm{mm}}$.",
    clauses=(
        clause(
            r"$\langle-\nabla\mathrm{CE}(W),W^{\mathrm{mm}}\rangle=\sum_j\pi_j\sum_{v\notin"
            r" S_j}s_{j,v}m_{jv}\ge\sum_j\pi_j\sum_{v\notin S_j}s_{j,v}>0$ for every $W$: the gradient"
            r" vanishes nowhere.",
            steps=("pull_step",),
            by=("linear-ntp.gradient",),
            claims=("gradient_points_along_the_margin",),
        ),
        clause(
            r"So every minimiser over $\|W\|\le B$ has norm $B$.",
            steps=("pull_step",),
            by=("linear-ntp.gradient",),
            claims=("loss_falls_along_the_margin",),
        ),
        clause(
            r"There is exactly one: the midpoint of two would be an interior one.",
            steps=("pull_step", "midpoint_step"),
            by=("linear-ntp.gradient", "foundations.convexity-and-smoothness"),
            claims=("loss_falls_along_the_margin",),
        ),
    ),
    uses=("linear-ntp.gradient", "linear-ntp.ntp-svm", "foundations.convexity-and-smoothness"),
    assumptions=(ntp_separable, some_partial_support),
    instances=separable,
    examples=golden,
)

level, margin = sp.Function("c"), sp.Function("m")


@lemma.step("pull along a separating decoder", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum_{z\in S}p_z\sum_us_u(y_z-y_u)=\bigl(\textstyle\sum_zp_z\bigr)\sum_{v\notin S}s_vm_v")  # fmt: skip
def pull_step() -> Equal:
    """In one context, for U h with value c on the support and c - m_v off it."""
    share, score = {k: E(logit(j, k)) / everything(j) for k in (u, v)}, sp.Function("y")
    on = total(p(j, z) * share[u] * (score(j, z) - score(j, u)), (z, "S"), (u, "S"))
    off = total(p(j, z) * share[v] * (score(j, z) - score(j, v)), (z, "S"), (v, "O"))
    right = total(p(j, z), (z, "S")) * total(share[v] * margin(j, v), (v, "O"))
    given = {score(j, z): level(j), score(j, u): level(j), score(j, v): level(j) - margin(j, v)}
    return Equal(Formula(on + off, given=given), Formula(right))


@lemma.step("the midpoint is interior", by="index calculus, normal form", scope="all sizes",
            latex=r"\|\tfrac{X+Y}2\|^2=\tfrac{\|X\|^2+\|Y\|^2}2-\tfrac14\|X-Y\|^2")  # fmt: skip
def midpoint_step() -> Equal:
    """By convexity it would minimise as well, in the open ball, where the gradient would have to vanish."""
    x, y, c = sp.Function("x"), sp.Function("y"), index("c")
    left = total(((x(c) + y(c)) / 2) ** 2, (c, "D"))
    right = (total(x(c) ** 2, (c, "D")) + total(y(c) ** 2, (c, "D"))) / 2 - total((x(c) - y(c)) ** 2, (c, "D")) / 4
    return Equal(Formula(left), Formula(right))


def off_support_mass(problem: LinearNTP, weights: Matrix) -> Fraction:
    """sum_j pi_j (softmax mass off the support)."""
    rows = zip(problem.weights, map(softmax, weights), problem.supports)
    return sum((a * (1 - sum((s[k] for k in support), Fraction(0))) for a, s, support in rows), Fraction(0))


@lemma.claim(r"\langle-\nabla\mathrm{CE}(W),W^{\mathrm{mm}}\rangle=\sum_j\pi_j\sum_{v\notin S}s_{j,v}m_{jv}\ge\sum_j\pi_j\sum_{v\notin S}s_{j,v}>0")
def gradient_points_along_the_margin(case: Case, factor: int = 1) -> All:
    """Exact at dyadic decoders."""
    problem, best = case.problem, case.derived.max_margin.direction
    parts: list[Relation] = []
    found = margins(problem, best)
    for salt in (0, 1, 2):
        weights = masses(problem, dyadic(problem, salt))
        pull = -dot(gradient(problem, weights), best)
        direct = sum((problem.weights[b] * softmax(weights[b])[token] * m for (b, token), m in found.items()), Fraction(0))
        mass = off_support_mass(problem, weights)
        parts += [Equal(pull, direct), AtMost(factor * mass, pull), Less(Fraction(0), mass)]
    return All(*parts)


@lemma.claim(r"\mathrm{CE}(W+tW^{\mathrm{mm}})<\mathrm{CE}(W)\text{ for } t>0:\text{ no interior minimiser}")
def loss_falls_along_the_margin(case: Case, sign: int = 1) -> Less:
    """At rational decoders, in balls, for steps that stay in any ball with W in its interior."""
    problem, best = case.problem, case.derived.max_margin.direction
    pairs = [(point(problem, salt), Fraction(sign, n)) for salt in (0, 1) for n in (1, 1024)]
    return Less(tuple(risk(problem, plus(w, best, t)) for w, t in pairs), tuple(risk(problem, w) for w, _ in pairs))


@lemma.mutant(of=gradient_points_along_the_margin, latex=r"\text{the minimiser may be interior: }\nabla\mathrm{CE}(W)=0\text{ somewhere}")
def interior_minimiser(case: Case) -> Equal:
    """A zero gradient has no pull along W^mm; here the pull is positive (exact)."""
    problem = case.problem
    pulls = [dot(gradient(problem, masses(problem, dyadic(problem, salt))), case.derived.max_margin.direction) for salt in (0, 1, 2)]
    return Equal(0 in pulls, True)


@lemma.mutant(of=gradient_points_along_the_margin, latex=r"\langle-\nabla\mathrm{CE},W^{\mathrm{mm}}\rangle\ge2\sum_j\pi_j\sum_{v\notin S_j}s_{j,v}")
def twice_the_mass(case: Case) -> All:
    """Margins of one are attained."""
    return gradient_points_along_the_margin(case, factor=2)


@lemma.mutant(of=loss_falls_along_the_margin, latex=r"\mathrm{CE}(W-tW^{\mathrm{mm}})<\mathrm{CE}(W)")
def loss_falls_the_other_way(case: Case) -> Less:
    """The loss is convex and falls along W^mm."""
    return loss_falls_along_the_margin(case, sign=-1)


lemma.mutant(of=gradient_points_along_the_margin, without=ntp_separable, latex=r"\text{without separability}")
lemma.mutant(of=gradient_points_along_the_margin, without=some_partial_support, latex=r"\text{with full supports}")
