"""Linearly independent embeddings make the data compatible and separable (Thrampoulidis 2024, Lemma 1, with d >= m enough).

If rank H = m there are dual vectors g_k with <g_k, h_j> = [k = j] (the rows of K^{-1} H^T), and W = sum_k c_k g_k^T
has the logits W h_j = c_j: every table of logits is met. Logits log p on the supports solve (4); logits 1 on and 0
off the supports satisfy (6) with every margin one. Adding 1 c^T changes no difference of logits, so there are
infinitely many of either. The anchored system (e_{z_j} - e_u) W h_j = c_ju is part of such a table, hence solvable
for every right side: its rank is the number of its rows.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot, rank
from ....kernel import verify
from ....language.relations import All, Equal, Implies, Less
from ....language.statements import Case, Lemma, cite, clause
from ....logit.finite_part import log_odds
from ....logit.recession import separation
from ....symbolic import Formula, index, total
from ....symbolic.index_calculus import Delta
from ..assumptions import independent_embeddings
from ..closed_forms import closed_form_all_active, inverse_gram
from ..problem import LinearNTP
from ..strategies import linear_ntps
from ._decoders import apply, difference, document, gaps, generators, log_ratios, margins, outer, pseudo_inverse_decoder, size
from ._golden import anything, ex_figure_one, golden
from ._losses import in_support_space, plus
from ._symbols import decoder as entry
from ._symbols import h, j, score, v, z

# One context with the zero embedding: wider than it has contexts, and not separable.
zero_context = LinearNTP([[0, 0]], [[Fraction(1), Fraction(0)]])

lemma = Lemma(
    label="linear-ntp.overparameterised",
    title="Independent embeddings: compatible and separable",
    source=cite("thrampoulidis2024", "Lemma 1", "stated there as sufficient with d > m; rank H = m, hence d >= m, is what the proof needs"),
    setup=r"Let $\operatorname{rank}H=m$ (so $d\ge m$).",
    clauses=(
        clause(
            r"Every table of logits $WH$ is met by some $W$, so $(e_{z_j}-e_u)^\top Wh_j=c_{ju}$, $u\ne z_j$,"
            r" is solvable for every right side and has rank $m(V-1)$.",
            steps=("duals_step",),
            claims=("full_system_has_full_rank",),
        ),
        clause(
            r"Hence the data are compatible and separable ($UH^+$ solves (4), $\tilde SH^+$ satisfies (6) with"
            r" every margin one).",
            steps=("duals_step",),
            claims=("data_are_compatible_and_separable", "explicit_solutions"),
        ),
        clause(
            r"Both in infinitely many ways.",
            steps=("shift_step",),
            claims=("solutions_are_not_unique",),
        ),
        clause(
            r"$d=m$ is allowed.",
            steps=("duals_step",),
            claims=("square_embeddings_suffice",),
        ),
        clause(
            r"$d\ge m$ is not necessary: data with the supports of the paper's first figure are compatible and"
            r" separable at $d=2<m=3$.",
            witness=("figure_one",),
        ),
    ),
    uses=("linear-ntp.compatibility", "linear-ntp.constraint-counts", "linear-ntp.ntp-svm"),
    assumptions=(independent_embeddings,),
    instances=linear_ntps(max_vocabulary=4, max_contexts=3, max_dimension=3, independent=True),
    examples=[*(p for p in golden if independent_embeddings(p).holds), zero_context],
)


@lemma.step("H has a left inverse", by="exact elimination", scope="each instance",
            latex=r"(K^{-1}H^\top)H=I,\ \text{so }W=CK^{-1}H^\top\text{ has }WH=C")  # fmt: skip
def left_inverse_step(case: Case) -> Equal:
    """Any table C of logits is met."""
    embeddings, inverse = case.problem.embeddings, inverse_gram(case.problem.embeddings)
    product = tuple(tuple(dot(row, column) for column in zip(*case.problem.gram)) for row in inverse)
    return Equal(product, tuple(tuple(Fraction(i == k) for k in range(len(embeddings))) for i in range(len(embeddings))))


@lemma.step("dual vectors", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum_kc_{v,k}\langle g_k,h_j\rangle=c_{v,j}\text{ when }\langle g_k,h_j\rangle=[k=j]")  # fmt: skip
def duals_step() -> Equal:
    """The logits of W = sum_k c_k g_k^T."""
    c, v, j, k = sp.Function("c"), index("v"), index("j"), index("k")
    return Equal(Formula(total(c(v, k) * Delta(k, j), (k, "J"))), Formula(c(v, j)))


@lemma.step("shifts are not seen", by="index calculus, normal form", scope="all sizes",
            latex=r"\langle w_z+x,h\rangle-\langle w_v+x,h\rangle=\langle w_z,h\rangle-\langle w_v,h\rangle")  # fmt: skip
def shift_step() -> Equal:
    """1 x^T moves all logits of a context alike."""
    x, c = sp.Function("x"), index("c")
    moved = [total((entry(token, c) + x(c)) * h(j, c), (c, "D")) for token in (z, v)]
    return Equal(Formula(moved[0] - moved[1]), Formula(score(j, z) - score(j, v)))


@lemma.claim(r"\text{the full system has rank } m(V-1)\text{, its number of rows}")
def full_system_has_full_rank(case: Case) -> Equal:
    """Exact rank of all anchored differences."""
    problem = case.problem
    pairs = [(j, min(s), v) for j, s in enumerate(problem.supports) for v in range(problem.vocabulary_size) if v != min(s)]
    return Equal(rank([difference(problem, *pair) for pair in pairs]), len(problem.supports) * (problem.vocabulary_size - 1))


def decided(problem: LinearNTP) -> tuple[bool, bool]:
    """(compatible, separable), each decided exactly."""
    return log_odds(problem).compatible, separation(problem).tied_sets == problem.supports


@lemma.claim(r"\text{compatible and separable; the kernel accepts both certificates}")
def data_are_compatible_and_separable(case: Case) -> All:
    """From the instance alone."""
    records = [separation(case.problem).certificate, log_odds(case.problem).certificate]
    return All(Equal(decided(case.problem), (True, True)), Equal(len(verify(document(case.problem, records))), 2))


@lemma.claim(r"d=m\text{ with }\operatorname{rank}H=m\text{ suffices}")
def square_embeddings_suffice(case: Case) -> Implies:
    """The boundary case that d > m leaves out."""
    return Implies(case.problem.dimension == len(case.problem.supports), Equal(decided(case.problem), (True, True)))


@lemma.claim(r"UH^+\text{ solves (4); }\tilde SH^+\text{ satisfies (6) with every margin } 1")
def explicit_solutions(case: Case) -> All:
    """Exact; either is one of infinitely many, since 1 c^T may be added."""
    problem, form = case.problem, closed_form_all_active(case.problem)
    assert form is not None
    shift = outer((Fraction(1),) * problem.vocabulary_size, tuple(Fraction(k + 1) for k in range(problem.dimension)))
    parts = [Equal(apply(generators(problem), pseudo_inverse_decoder(problem)), log_ratios(problem))]
    for decoder in (form.decoder, plus(form.decoder, shift)):
        found = tuple(margins(problem, decoder).values())
        parts += [Equal(gaps(problem, decoder), (Fraction(0),) * len(gaps(problem, decoder))), Equal(found, (Fraction(1),) * len(found))]
    return All(*parts)


@lemma.claim(r"\dim\mathcal F^\perp=Vd-\sum_j(s_j-1)>0")
def solutions_are_not_unique(case: Case) -> Equal:
    """The equations are independent, and fewer than there are entries."""
    free = size(case.problem) - in_support_space(case.problem).dimension
    return Equal((free, free > 0), (size(case.problem) - sum(len(s) - 1 for s in case.problem.supports), True))


@lemma.step("three contexts in the plane", by="exact decisions", scope="one instance", latex=r"d=2<m=3,\text{ compatible and separable}")
def figure_one() -> All:
    """Decided exactly on data with the supports of the paper's first figure."""
    narrow = Less(ex_figure_one.dimension, len(ex_figure_one.supports))
    return All(narrow, Equal(decided(ex_figure_one), (True, True)))


lemma.mutant(of=full_system_has_full_rank, without=independent_embeddings, instances=anything, latex=r"\text{full rank for all embeddings}")


@lemma.mutant(of=data_are_compatible_and_separable, without=independent_embeddings, instances=anything, latex=r"d>m\text{ suffices}")
def width_suffices(case: Case) -> Implies:
    """Repeated contexts with contradicting supports are not separable in any dimension."""
    return Implies(case.problem.dimension > len(case.problem.supports), Equal(decided(case.problem), (True, True)))


@lemma.mutant(of=square_embeddings_suffice, without=independent_embeddings, instances=anything, latex=r"\operatorname{rank}H\ge m-1\text{ suffices}")
def one_dimension_less_suffices(case: Case) -> Implies:
    """Two collinear contexts with other odds, or opposite ones with one support."""
    return Implies(case.problem.embedding_rank >= len(case.problem.supports) - 1, Equal(decided(case.problem), (True, True)))


@lemma.mutant(of=data_are_compatible_and_separable, without=independent_embeddings, instances=anything, latex=r"d\ge m\text{ is necessary}")
def width_is_necessary(case: Case) -> Implies:
    """The supports of the paper's first figure are separable with d = 2 < m = 3."""
    return Implies(decided(case.problem) == (True, True), Equal(case.problem.dimension >= len(case.problem.supports), True))
