"""Closed form of W^mm where every margin is one (derived: independent embeddings).

W = A H^T has the logits A K = S~, so every margin is (1 - s/V) + s/V = 1 and supports are level; the columns of A
sum to zero. By the optimality conditions (linear-ntp.svm-duality), whose slackness holds because all margins are
one, W is W^mm iff it is B H^T with columns of sum zero and B <= 0 off the supports. H has full column rank, so B =
A is the only choice: the condition is A_vj <= 0 there, lambda = -A, and sum lambda = |W|^2 = tr(A K A^T) = tr(S~
K^{-1} S~^T). The multipliers are unique, and every pair is on the margin: none is weak iff all are positive.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot, rank
from ....language.relations import All, Equal, Implies, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ....symbolic import Formula, index, total
from ....symbolic.index_calculus import Delta
from ..assumptions import independent_embeddings
from ..closed_forms import Proposal, closed_form_all_active, is_certified
from ..problem import LinearNTP
from ..strategies import linear_ntps
from ._decoders import gaps, margins
from ._golden import anything, golden

# Embeddings at an acute angle with one support: the second coefficient has the wrong sign, and the form does not apply.
ex_acute = LinearNTP([[1, 0], [2, 1]], [[1, 0, 0], [1, 0, 0]])
# On the way there the second coefficient vanishes: the form applies with zero multipliers.
ex_weak = LinearNTP([[1, 0], [1, 1]], [[1, 0, 0], [1, 0, 0]])

theorem = Theorem(
    label="linear-ntp.closed-form-all-active",
    title="All margins active: W^mm in closed form",
    source=derived("the optimality conditions of the NTP-SVM for independent embeddings"),
    setup=r"Let $\operatorname{rank}H=m$, $S$ the 0/1 support matrix, $\tilde"
    r" S=(I-\mathbf1\mathbf1^\top/V)S$, $K=H^\top H$, $A=\tilde SK^{-1}$ and $W=AH^\top=\tilde SH^+$.",
    clauses=(
        clause(
            r"$W$ has every margin equal to one and level supports.",
            claims=("every_margin_is_one",),
            steps=("logits_step",),
        ),
        clause(
            r"It is $W^{\mathrm{mm}}$ iff $A_{v,j}\le0$ for all $v\notin S_j$.",
            steps=("centring_step",),
            by=("linear-ntp.svm-duality",),
            claims=("form_applies_iff",),
            argued="docstring",
        ),
        clause(
            r"Then $\lambda_{jv}=-A_{v,j}$ and $\|W^{\mathrm{mm}}\|^2=\operatorname{tr}(\tilde SK^{-1}\tilde"
            r" S^\top)$,",
            by=("linear-ntp.svm-duality",),
            claims=("norm_is_as_claimed",),
            argued="docstring",
        ),
        clause(
            r"and strict complementarity holds iff all these entries are negative.",
            claims=("strictness",),
            argued="docstring",
        ),
    ),
    uses=("linear-ntp.svm-duality", "linear-ntp.overparameterised"),
    assumptions=(independent_embeddings,),
    instances=linear_ntps(max_vocabulary=4, max_contexts=3, max_dimension=3, independent=True),
    examples=[*(p for p in golden if independent_embeddings(p).holds), ex_acute, ex_weak],
)


@theorem.step("centred indicators sum to zero", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum_{z\in S}\bigl(1-\tfrac sV\bigr)-\sum_{v\notin S}\tfrac sV=0,\quad V=s+|S^{\mathrm c}|")  # fmt: skip
def centring_step() -> Equal:
    """So every column of A sums to zero."""
    u = index("u")
    s, o = total(sp.Integer(1), (u, "S")), total(sp.Integer(1), (u, "O"))
    return Equal(Formula(total(1 - s / (s + o), (u, "S")) - total(s / (s + o), (u, "O"))), Formula(sp.Integer(0)))


@theorem.step("logits of the closed form", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum_i\tilde S_{vi}(K^{-1}K)_{ik}=\tilde S_{vk}\text{ with }(K^{-1}K)_{ik}=[i=k]")  # fmt: skip
def logits_step() -> Equal:
    """W H = A K = S~: 1 - s/V on the support and -s/V off it, so every margin is one."""
    table, v, i, k = sp.Function("S"), index("v"), index("i"), index("k")
    return Equal(Formula(total(table(v, i) * Delta(i, k), (i, "J"))), Formula(table(v, k)))


def proposal(problem: LinearNTP) -> Proposal:
    """The closed form (the embeddings are independent)."""
    found = closed_form_all_active(problem)
    assert found is not None
    return found


@theorem.claim(r"WH=\tilde SK^{-1}K=\tilde S:\text{ every margin is one}")
def every_margin_is_one(case: Case) -> All:
    """Whether or not the form gives W^mm."""
    decoder = proposal(case.problem).decoder
    found = tuple(margins(case.problem, decoder).values())
    level = gaps(case.problem, decoder)
    return All(Equal(found, (Fraction(1),) * len(found)), Equal(level, (Fraction(0),) * len(level)))


@theorem.claim(r"\tilde SH^+=W^{\mathrm{mm}}\iff A_{v,j}\le0\ \forall v\notin S_j;\quad\text{the kernel agrees}")
def form_applies_iff(case: Case, always: bool = False, strictly: bool = False) -> All:
    """`always` forgets the condition, `strictly` asks for negative entries."""
    form = proposal(case.problem)
    values = form.multipliers.values()
    condition = always or all(x > 0 if strictly else x >= 0 for x in values)
    same = form.decoder == case.derived.max_margin.direction
    return All(Equal(same, condition), Equal(is_certified(form), same))


@theorem.claim(r"\lambda_{jv}=-A_{v,j},\ \textstyle\sum\lambda=\|W^{\mathrm{mm}}\|^2=\operatorname{tr}(\tilde SK^{-1}\tilde S^\top)")
def norm_is_as_claimed(case: Case, sign: int = 1) -> Implies:
    """Where the form applies."""
    form, best = proposal(case.problem), case.derived.max_margin
    values = (Fraction(0), *form.multipliers.values())
    decoder = form.decoder
    sums = (sign * sum(values, Fraction(0)), form.squared_norm, dot(decoder, decoder))
    return Implies(form.decoder == best.direction, Equal(sums, (best.squared_norm,) * 3))


@theorem.claim(r"\text{strict complementarity}\iff A_{v,j}<0\ \forall v\notin S_j")
def strictness(case: Case) -> Implies:
    """The multipliers are unique, because H has full column rank, and every pair is on the margin."""
    form, best = proposal(case.problem), case.derived.max_margin
    negative = all(x > 0 for x in form.multipliers.values())
    return Implies(form.decoder == best.direction, Equal(best.strictly_complementary, negative))


@theorem.mutant(of=form_applies_iff, latex=r"W^{\mathrm{mm}}=\tilde SH^+\text{ always}")
def without_the_condition(case: Case) -> All:
    """A positive entry of A off the supports is a multiplier of the wrong sign."""
    return form_applies_iff(case, always=True)


@theorem.mutant(of=form_applies_iff, latex=r"W^{\mathrm{mm}}=\tilde SH^+\iff A_{v,j}<0\ \forall v\notin S_j")
def with_a_strict_condition(case: Case) -> All:
    """Zero entries are allowed: those pairs are on the margin with multiplier zero."""
    return form_applies_iff(case, strictly=True)


@theorem.mutant(of=norm_is_as_claimed, latex=r"\lambda_{jv}=A_{v,j}")
def multipliers_with_the_wrong_sign(case: Case) -> Implies:
    """Off-support logits are pushed down."""
    return norm_is_as_claimed(case, sign=-1)


@theorem.mutant(of=form_applies_iff, without=independent_embeddings, instances=anything, latex=r"\text{an independent subset of contexts decides}")
def independent_contexts_suffice(case: Case) -> Implies | NotExercised:
    """Dependent contexts bring constraints of their own."""
    problem, chosen = case.problem, list[int]()
    for j, h in enumerate(problem.embeddings):
        if rank([*(problem.embeddings[i] for i in chosen), h]) > len(chosen):
            chosen.append(j)
    if not chosen:
        return NotExercised("every embedding is zero")
    rows = [dict(problem.data.blocks[j].labels) for j in chosen]
    part = proposal(LinearNTP([problem.embeddings[j] for j in chosen], rows, vocabulary_size=problem.vocabulary_size))
    return Implies(is_certified(part), Equal(part.decoder, case.derived.max_margin.direction))
