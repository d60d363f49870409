"""Attention NTP with the logarithmic loss and a dual head is a conditional logit, exactly.

Positions that hold one token have one key, so the attention of a token is m_v exp(score) over the sum, m_v the number of its positions.
C E^T = I makes the head read one of these masses, and -log of it is a row of a conditional logit whose features are e_v e_k^T, because
<W, e_v e_k^T> = e_v^T W e_k. With independent embeddings G = E E^T is invertible (x^T G x = |E^T x|^2 > 0 for x != 0), and C = G^-1 E has
C E^T = G^-1 G = I. Conversely C E^T = I gives x_u = <c_u, sum_v x_v e_v>, so that a vanishing combination of embeddings is trivial.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from ....exact.logarithms import log_sum
from ....exact.rational import dot
from ....exact.vectors import softmax
from ....language.relations import All, Equal
from ....language.statements import Case, Theorem, clause, derived
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.enclosures import exact_scores
from ....logit.problem import Vector
from ....symbolic import Delta, E, Formula, L, derivative, index, total
from . import _layer
from ._exact import Matrix, dual_head, dyadic, lifted, masses, probabilities, residuals, transpose, zero
from ._instances import dependent_golden, golden, independent
from ._symbols import COORDINATES, A, a, b, e, head, partition_sum, probability, score, sequence_loss, t, utility, v, w, x, y
from ._symbols import m as counts

coefficient = sp.Function("z")

theorem = Theorem(
    label="attention-ntp.reduction",
    title="One attention layer with a dual head is a conditional logit",
    source=derived("the model of arXiv 2403.08081 as in its authors' code and in summaries; own proof"),
    setup=r"Let $y_i\in A_i$, $\ell=-\log$, $S=EWE^\top$ and $p_{iv}=m_{iv}e^{S_{vk_i}}/\sum_u m_{iu}e^{S_{uk_i}}$; the head is dual, $CE^\top=I$.",
    clauses=(
        clause(
            r"A dual head exists if the embeddings are independent: $C=(EE^\top)^{-1}E$.",
            steps=("gram_step", "inverse_step"),
            claims=("dual_head_exists",),
        ),
        clause(r"Only independent embeddings have a dual head.", steps=("converse_step",)),
        clause(
            r"$c_{y_i}^\top f_W(X_i)=p_{iy_i}$.",
            steps=("positions_step", "head_step"),
            claims=("label_score_is_the_attention_mass",),
        ),
        clause(
            r"$L(W)$ is the loss of the conditional logit with one row per sequence, features $e_ve_{k_i}^\top$ and multiplicities"
            r" $m_{iv}$.",
            steps=("loss_step", "feature_step"),
            claims=("loss_is_that_of_the_logit",),
        ),
        clause(
            r"$\nabla L=E^\top\Gamma E$ with $\Gamma_{\cdot k}=\tfrac1n\sum_{k_i=k}(p_i-\epsilon_{y_i})$.",
            steps=("gradient_step",),
            claims=("gradient_is_as_claimed",),
        ),
        clause(r"$\mathbf 1^\top\Gamma=0$.", steps=("column_step",), claims=("gradient_is_as_claimed",)),
    ),
    uses=(),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=golden,
)


@theorem.step("independent embeddings have an invertible Gram matrix", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum_{u,v}x_ux_v\langle e_u,e_v\rangle=\|\sum_ux_ue_u\|^2")  # fmt: skip
def gram_step() -> Equal:
    """So G x = 0 only if a combination of the embeddings vanishes."""
    form = total(coefficient(v) * coefficient(t) * total(e(v, a) * e(t, a), (a, COORDINATES)), (v, "K"), (t, "K"))
    return Equal(Formula(form), Formula(total(total(coefficient(v) * e(v, a), (v, "K")) ** 2, (a, COORDINATES))))


@theorem.step("the inverse Gram matrix gives a dual head", by="index calculus, normal form", scope="all sizes",
              latex=r"\langle\sum_tH_{yt}e_t,e_v\rangle=\sum_tH_{yt}\langle e_t,e_v\rangle")  # fmt: skip
def inverse_step() -> Equal:
    """With H the inverse of G the right side is [y = v]."""
    inverse = sp.Function("H")
    left = total(total(inverse(y, t) * e(t, a), (t, "K")) * e(v, a), (a, COORDINATES))
    return Equal(Formula(left), Formula(total(inverse(y, t) * total(e(t, a) * e(v, a), (a, COORDINATES)), (t, "K"))))


@theorem.step("a dual head reads coefficients", by="index calculus, normal form", scope="all sizes",
              latex=r"\langle c_y,\sum_vx_ve_v\rangle=\sum_vx_v\langle c_y,e_v\rangle,\quad\sum_vx_v[v=y]=x_y")  # fmt: skip
def converse_step() -> All:
    """If the combination vanishes, so does every coefficient."""
    left = total(head(y, a) * total(coefficient(v) * e(v, a), (v, "K")), (a, COORDINATES))
    right = total(coefficient(v) * total(head(y, a) * e(v, a), (a, COORDINATES)), (v, "K"))
    collapsed = total(coefficient(v) * Delta(v, y), (v, "K"))
    return All(Equal(Formula(left), Formula(right)), Equal(Formula(collapsed), Formula(coefficient(y))))


@theorem.step("positions of one token share its key", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum_t\sum_v[a_t=v]e^{s_v}e_v=\sum_vm_ve^{s_v}e_v,\quad m_v=\sum_t[a_t=v]")  # fmt: skip
def positions_step() -> Equal:
    """The sum over positions t, sorted by the token a_t they hold; with e_v replaced by 1 it is the normalisation."""
    holds, place = sp.Function("h"), index("t")
    left = total(total(holds(place, v) * E(utility(v)) * e(v, a), (v, A)), (place, "P"))
    return Equal(Formula(left), Formula(total(total(holds(place, v), (place, "P")) * E(utility(v)) * e(v, a), (v, A))))


@theorem.step("scores are inner products with features", by="index calculus, normal form", scope="all sizes",
              latex=r"e_v^\top We_k=\langle W,e_ve_k^\top\rangle")  # fmt: skip
def feature_step() -> Equal:
    """Linear in W: a conditional logit."""
    left = total(e(v, a) * total(w(a, b) * x(b), (b, COORDINATES)), (a, COORDINATES))
    return Equal(Formula(left), Formula(total(w(a, b) * (e(v, a) * x(b)), (a, COORDINATES), (b, COORDINATES))))


@theorem.step("the head reads one attention mass", by="index calculus, normal form", scope="all sizes",
              latex=r"c_y^\top\sum_v p_ve_v=\sum_v p_v\,c_y^\top e_v,\quad\sum_v p_v[v=y]=p_y")  # fmt: skip
def head_step() -> All:
    """Exchange the sums, then use c_y^T e_v = [v = y] with y in the choice set."""
    left = total(head(y, a) * total(probability(v) * e(v, a), (v, A)), (a, COORDINATES))
    right = total(probability(v) * total(head(y, a) * e(v, a), (a, COORDINATES)), (v, A))
    return All(Equal(Formula(left), Formula(right)), Equal(Formula(total(probability(v) * Delta(v, y), (v, A))), Formula(probability(y))))


@theorem.step("the loss of a sequence", by="index calculus, normal form", scope="all sizes",
              latex=r"-\log p_y=\log\sum_v m_ve^{s_v}-s_y-\log m_y")  # fmt: skip
def loss_step() -> Equal:
    """The logarithm of the attention mass of the label."""
    return Equal(Formula(-L(counts(y) * E(utility(y)) / partition_sum())), Formula(sequence_loss(y)))


@theorem.step("gradient", by="index calculus, normal form", scope="all sizes",
              latex=r"\partial_{W_{ab}}=\sum_v(p_v-[v=y])\,e_{va}x_b")  # fmt: skip
def gradient_step() -> Equal:
    """By the chain rule of the index calculus, entry (a, b) of e x^T."""
    gradient = total((probability(v, of=score) - Delta(v, y)) * e(v, a) * x(b), (v, A))
    return Equal(Formula(derivative(sequence_loss(y, of=score), w(a, b))), Formula(gradient))


@theorem.step("columns of Gamma sum to zero", by="index calculus, normal form", scope="all sizes", latex=r"\sum_v(p_v-[v=y])=0")
def column_step() -> Equal:
    """Probabilities sum to one, and so does the unit vector of a label of the choice set."""
    return Equal(Formula(total(probability(t) - Delta(t, y), (t, A))), Formula(0))


def points(case: Case) -> tuple[Vector, ...]:
    """W = 0 and two dyadic matrices, as exponents of 2."""
    return zero(case.problem), dyadic(case.problem), dyadic(case.problem, 1)


@theorem.claim(r"c_{y_i}^\top f_W(X_i)=p_{iy_i}\text{ at } W=0\text{ and at dyadic } W")
def label_score_is_the_attention_mass(case: Case, head_of: Any = dual_head, counted: bool = True) -> Equal:
    """The layer is evaluated position by position, with the exact dual head."""
    problem = case.problem
    layer = tuple(_layer.label_scores(problem, n, head_of(problem)) for n in points(case))
    rows = (probabilities(masses(problem, n, counted=counted)) for n in points(case))
    return Equal(layer, tuple(tuple(p[y] for p, y in zip(row, problem.labels)) for row in rows))


@theorem.claim(r"L(W)=\tfrac1n\sum_i\bigl[\log\sum_v m_{iv}e^{S_{vk_i}}-S_{y_ik_i}-\log m_{iy_i}\bigr]")
def loss_is_that_of_the_logit(case: Case, counted: bool = True) -> All:
    """Exact logarithms; the right side from the rows of the conditional logit alone."""
    problem, logit = case.problem, case.problem.conditional_logit()
    parts = []
    for n in points(case):
        terms = []
        for row, scores in zip(logit.rows, exact_scores(logit, n)):
            counts = row.multiplicities if counted and row.multiplicities else (Fraction(1),) * len(scores)
            weights = [c * Fraction(2) ** int(s) for c, s in zip(counts, scores)]
            terms.append((row.weight, sum(weights, Fraction(0)) / weights[row.chosen]))
        parts.append(Equal(_layer.loss(problem, n, dual_head(problem)), log_sum(terms)))
    return All(*parts)


def logit_gradient(case: Case, exponent: Vector) -> Vector:
    """- sum_i a_i sum_v p_iv d_iv from the rows of the conditional logit."""
    logit = case.problem.conditional_logit()
    result = zero(case.problem)
    for row, scores in zip(logit.rows, exact_scores(logit, exponent)):
        counts = row.multiplicities or (Fraction(1),) * len(scores)
        p = softmax(tuple(c * Fraction(2) ** int(s) for c, s in zip(counts, scores)))
        chosen = row.features[row.chosen]
        for q, feature in zip(p, row.features):
            result = tuple(z - row.weight * q * (f - g) for z, f, g in zip(result, chosen, feature))
    return result


@theorem.claim(r"\nabla L(W)=E^\top\Gamma E,\quad\mathbf 1^\top\Gamma=0")
def gradient_is_as_claimed(case: Case, labelled: bool = True) -> All:
    """The layer's gradient by the chain rule through its softmax, Gamma from masses, and the logit's own gradient."""
    problem, parts = case.problem, []
    for n in points(case):
        gamma: Matrix = residuals(problem, probabilities(masses(problem, n)), labelled)
        claimed = lifted(problem, gamma)
        parts += [
            Equal(_layer.gradient(problem, n, dual_head(problem)), claimed),
            Equal(logit_gradient(case, n), claimed),
            Equal(tuple(sum(column, Fraction(0)) for column in transpose(gamma)), (Fraction(0),) * problem.vocabulary_size),
        ]
    return All(*parts)


@theorem.claim(r"C=(EE^\top)^{-1}E\text{ is a dual head: } CE^\top=I")
def dual_head_exists(case: Case) -> Equal:
    """Exactly; conversely C E^T = I makes the embeddings independent."""
    rows = dual_head(case.problem)
    found = tuple(tuple(dot(c, x) for x in case.problem.embeddings) for c in rows)
    size = case.problem.vocabulary_size
    return Equal(found, tuple(tuple(Fraction(u == v) for v in range(size)) for u in range(size)))


@theorem.mutant(of=loss_is_that_of_the_logit, latex=r"\text{repeated tokens count once}")
def multiplicities_are_ignored(case: Case) -> All:
    """L0-a: every occurrence of a token has its own key, so log m_v is added to its score."""
    return loss_is_that_of_the_logit(case, counted=False)


@theorem.mutant(of=label_score_is_the_attention_mass, latex=r"C=E\text{ reads the attention mass of the label}")
def embeddings_as_head(case: Case) -> Equal:
    """Only orthonormal embeddings are their own dual head."""
    return label_score_is_the_attention_mass(case, head_of=lambda problem: problem.embeddings)


@theorem.mutant(of=gradient_is_as_claimed, latex=r"\Gamma_{\cdot k}=\tfrac1n\sum_{k_i=k}p_i")
def gradient_without_the_label(case: Case) -> All:
    """The label's unit vector is taken off."""
    return gradient_is_as_claimed(case, labelled=False)


theorem.mutant(of=dual_head_exists, without=independent_embeddings, instances=dependent_golden, latex=r"\text{dependent embeddings have a dual head}")
theorem.mutant(of=label_score_is_the_attention_mass, without=independent_embeddings, instances=dependent_golden,
               latex=r"\text{some head reads the attention masses of dependent embeddings}")  # fmt: skip
