"""The cross-entropy splits into the support-restricted loss and the cost of off-support mass (derived for linear NTP, Id1).

A decoder orthogonal to F moves all logits of a support by one amount, which cancels from the restricted loss; and
the projection changes a decoder by such a one.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import ctx

from ....exact.balls import PRECISION, Interval, interval
from ....language.relations import All, Equal, Implies, Less
from ....language.statements import Case, Lemma, clause, derived
from ....logit.enclosures import loss_ball
from ....symbolic import E, Formula, L, NonNegative, total
from ....symbolic.index_calculus import Delta
from ._decoders import cross_entropy, dyadic, excess, log_sum, masses, off_support, plus, ratios
from ._golden import anything, golden
from ._losses import in_support_space, point
from ._symbols import cross_entropy as cross_entropy_formula
from ._symbols import inside, j, logit, outside, p, pi, u, z

lemma = Lemma(
    label="linear-ntp.split-identity",
    title="Support-restricted loss plus off-support excess",
    source=derived("the definition of CE_F, equation (12) of arXiv 2402.18551 with its inner index set corrected"),
    setup=r"Let $\mathrm{CE}_{\mathcal F}(W)=\sum_j\pi_j\sum_{z\in S_j}p_{j,z}\log\bigl(1+\sum_{z'\in"
    r" S_j\setminus z}e^{-(e_z-e_{z'})^\top Wh_j}\bigr)$ and"
    r" $G(W)=\sum_j\pi_j\log\bigl(1+\sum_{v\notin S_j}e^{\ell_{jv}}/\sum_{z\in"
    r" S_j}e^{\ell_{jz}}\bigr)$.",
    clauses=(
        clause(
            r"$\mathrm{CE}(W)=\mathrm{CE}_{\mathcal F}(W)+G(W)$ for every $W$.",
            steps=("inner_sum_step", "split_step", "normalisation_step"),
            claims=("loss_splits",),
        ),
        clause(
            r"$\mathrm{CE}_{\mathcal F}$ depends on $\mathcal P_{\mathcal F}W$ only.",
            steps=("level_step",),
            claims=("restricted_loss_sees_the_support_space",),
        ),
        clause(
            r"$G\ge0$, and $G>0$ everywhere as soon as some $|S_j|<V$, while $G=0$ if no support is partial.",
            steps=("positive_step",),
            claims=("excess_is_positive",),
        ),
    ),
    uses=("linear-ntp.entropy-identity",),
    instances=anything,
    examples=golden,
)


@lemma.step("the inner sum over the rest of the support", by="index calculus, normal form", scope="all sizes",
            latex=r"1+\sum_{z'\in S\setminus z}e^{\ell_{z'}-\ell_z}=\sum_{z'\in S}e^{\ell_{z'}-\ell_z}")  # fmt: skip
def inner_sum_step() -> Equal:
    """The one is the term z' = z."""
    rest = total((1 - Delta(u, z)) * E(logit(j, u) - logit(j, z)), (u, "S"))
    return Equal(Formula(1 + rest), Formula(inside(j) / E(logit(j, z))))


@lemma.step("splitting every logarithm", by="index calculus, normal form", scope="all sizes",
            latex=r"\mathrm{CE}=\sum_j\pi_j\sum_{z}p_{j,z}\log\sum_{S_j}e^{\ell_{z'}-\ell_z}+\sum_j\pi_j\sum_z p_{j,z}\log(1+\rho_j)")  # fmt: skip
def split_step() -> Equal:
    """The ratio does not depend on z."""
    restricted = total(pi(j) * p(j, z) * L(inside(j) / E(logit(j, z))), (j, "J"), (z, "S"))
    rest = total(pi(j) * p(j, z) * L(1 + outside(j) / inside(j)), (j, "J"), (z, "S"))
    return Equal(Formula(cross_entropy_formula()), Formula(restricted + rest))


@lemma.step("probabilities sum to one", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum_z p_{j,z}\log(1+\rho_j)=\log(1+\rho_j),\quad p_{j,z}=n_{j,z}/\textstyle\sum_u n_{j,u}")  # fmt: skip
def normalisation_step() -> Equal:
    """In one context: probabilities are counts divided by their sum, so the excess carries weight one."""
    share = p(j, z) / total(p(j, u), (u, "S"))
    log = L(1 + outside(j) / inside(j))
    return Equal(Formula(total(share * log, (z, "S"))), Formula(log))


@lemma.step("levels cancel", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum_{z'\in S}e^{(\ell_{z'}+c)-(\ell_z+c)}=\sum_{z'\in S}e^{\ell_{z'}}/e^{\ell_z}")  # fmt: skip
def level_step() -> Equal:
    """A decoder orthogonal to F adds one level c_j to all logits of a support."""
    c = sp.Function("c")
    moved = total(E(logit(j, u) + c(j)), (u, "S")) / E(logit(j, z) + c(j))
    return Equal(Formula(moved), Formula(inside(j) / E(logit(j, z))))


@lemma.step("the excess is positive", by="sign of a derivative", scope="all reals", latex=r"\log(1+\rho)\ge\tfrac\rho{1+\rho}\quad(\rho\ge0)")
def positive_step() -> NonNegative:
    """rho is a sum of exponentials over a sum of exponentials: positive as soon as a token is off the support, else an empty sum."""
    x = sp.Symbol("x")
    return NonNegative(L(1 + x) - x / (1 + x), x)


@lemma.claim(r"\mathrm{CE}(W)=\mathrm{CE}_{\mathcal F}(W)+G(W)\text{ exactly, at dyadic decoders}")
def loss_splits(case: Case, linear: bool = False, twice: bool = False) -> All:
    """`linear` replaces log(1 + rho) by rho; `twice` counts z' = z in the inner sum as well."""
    problem, parts = case.problem, []
    for salt in (0, 1):
        weights = masses(problem, dyadic(problem, salt))
        restricted = cross_entropy(problem, weights, problem.supports)
        if twice:
            pairs = [(b, row, sum((row[v] for v in s), Fraction(0))) for b, row, s in zip(problem.data.blocks, weights, problem.supports)]
            restricted = log_sum((b.weight * q, 1 + inner / row[z]) for b, row, inner in pairs for z, q in b.labels.items())
        if linear:
            rest = sum((a * rho for a, rho in zip(problem.weights, ratios(problem, weights))), Fraction(0))
            parts.append(Equal(cross_entropy(problem, weights).minus(restricted).enclose(), (rest,)))
        else:
            parts.append(Equal(cross_entropy(problem, weights), plus(restricted, excess(problem, weights))))
    return All(*parts)


@lemma.claim(r"\mathrm{CE}_{\mathcal F}(W)=\mathrm{CE}_{\mathcal F}(\mathcal P_{\mathcal F}W)")
def restricted_loss_sees_the_support_space(case: Case, complement: bool = False) -> Equal:
    """At a rational decoder, in balls; the projection is exact."""
    problem, w = case.problem, point(case.problem)
    inner = off_support(problem, w) if complement else in_support_space(problem).project(w)
    logit = problem.conditional_logit()
    return Equal(loss_ball(logit, w, problem.supports), loss_ball(logit, inner, problem.supports))


@lemma.claim(r"G(W) > 0 \iff \exists j: |S_j|<V;\quad \mathrm{CE}>\mathrm{CE}_{\mathcal F}\text{ then}")
def excess_is_positive(case: Case) -> All:
    """Exactly zero when every support is full."""
    problem = case.problem
    value = excess(problem, masses(problem, dyadic(problem)))
    partial = any(len(s) < problem.vocabulary_size for s in problem.supports)
    with ctx.workprec(PRECISION):
        enclosed: Interval = interval(value.balls()[0])
    return All(Equal(value.is_zero(), not partial), Implies(partial, Less(Fraction(0), enclosed)))


@lemma.mutant(of=loss_splits, latex=r"\mathrm{CE}=\mathrm{CE}_{\mathcal F}+\sum_j\pi_j\rho_j")
def excess_without_logarithm(case: Case) -> All:
    """log(1 + rho) < rho."""
    return loss_splits(case, linear=True)


@lemma.mutant(of=loss_splits, latex=r"\text{inner sum over all of } S_j")
def inner_sum_counts_itself(case: Case) -> All:
    """The index set must leave out z: the one is already its term."""
    return loss_splits(case, twice=True)


@lemma.mutant(of=restricted_loss_sees_the_support_space, latex=r"\mathrm{CE}_{\mathcal F}(W)=\mathrm{CE}_{\mathcal F}(\mathcal P_\perp W)")
def restricted_loss_on_the_complement(case: Case) -> Equal:
    """On F^perp the restricted loss is constant."""
    return restricted_loss_sees_the_support_space(case, complement=True)
