"""Closed form of W^mm and W* for orthogonal embeddings, one-hot ones included (derived).

For a diagonal Gram matrix the logits of context k are its own column a_k. The columns 1_S - (s/V) 1 over |h_j|^2
have sum zero, margins (1 - s/V) + s/V = 1 and entries -s_j / (V |h_j|^2) off the supports: the sufficient
conditions of linear-ntp.svm-duality. The columns u_j solve the log-odds equations and are combinations of the rows
of E_j (linear-ntp.constraint-counts), so sum u_j h_j^T / |h_j|^2 lies in F. Generators of different contexts are
orthogonal, those of one context have rank s_j - 1.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.logarithms import LogVector
from ....exact.rational import dot
from ....language.relations import All, Equal
from ....language.statements import Case, Theorem, clause, derived
from ....logit.finite_part import log_odds
from ....logit.problem import Vector
from ....symbolic import Formula, index, total
from ....symbolic.index_calculus import Delta
from ..assumptions import orthogonal_embeddings
from ..closed_forms import certify, closed_form_orthogonal
from ..problem import LinearNTP
from ._decoders import centred_log_probabilities, log_entries, outer, plus, size
from ._golden import anything, golden
from ._losses import in_support_space

THREE, FOUR = Fraction(3, 5), Fraction(4, 5)


def orthogonalised(problem: LinearNTP) -> LinearNTP:
    """The dataset with orthogonal embeddings of assorted lengths, rotated for odd context counts above one."""
    count = len(problem.supports)
    lengths = [Fraction(1 + int(sum(map(abs, h), Fraction(0))) % 3) for h in problem.embeddings]
    bank = [tuple(lengths[j] * (j == k) for k in range(count)) for j in range(count)]
    if count > 1 and sum(lengths) % 2:
        bank = [(THREE * h[0] - FOUR * h[1], FOUR * h[0] + THREE * h[1], *h[2:]) for h in bank]
    rows = [dict(block.labels) for block in problem.data.blocks]
    return LinearNTP(bank, rows, problem.weights, vocabulary_size=problem.vocabulary_size)


theorem = Theorem(
    label="linear-ntp.closed-form-orthogonal",
    title="Orthogonal embeddings: contexts decouple",
    source=derived("the optimality conditions of the NTP-SVM for a diagonal Gram matrix"),
    setup=r"Let $h_i^\top h_j=0$ for $i\ne j$ and $h_j\ne0$, and $u_j$ the log-probabilities centred on"
    r" $S_j$.",
    clauses=(
        clause(
            r"$W^{\mathrm{mm}}=\sum_j\bigl(\mathbf1_{S_j}-\tfrac{s_j}V\mathbf1\bigr)h_j^\top/\|h_j\|^2$, with"
            r" $\lambda_{jv}=s_j/(V\|h_j\|^2)$,",
            steps=("decoupling_step",),
            by=("linear-ntp.svm-duality",),
            claims=("margin_decoder", "norm_and_multipliers"),
        ),
        clause(
            r"and $\|W^{\mathrm{mm}}\|^2=\sum_js_j(V-s_j)/(V\|h_j\|^2)$.",
            steps=("decoupling_step", "norm_step"),
            by=("linear-ntp.svm-duality",),
            claims=("norm_and_multipliers",),
        ),
        clause(
            r"$W^\star=\sum_ju_jh_j^\top/\|h_j\|^2$ and $\dim\mathcal F=\sum_j(s_j-1)$.",
            steps=("decoupling_step",),
            by=("linear-ntp.log-odds-solution",),
            claims=("finite_part",),
            argued="docstring",
        ),
    ),
    uses=("linear-ntp.svm-duality", "linear-ntp.log-odds-solution", "linear-ntp.constraint-counts"),
    assumptions=(orthogonal_embeddings,),
    instances=anything.map(orthogonalised),
    examples=[p for p in golden if orthogonal_embeddings(p).holds],
)

j, k, v, u = index("j"), index("k"), index("v"), index("u")


@theorem.step("logits decouple", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum_ja_{j,v}\,h_j^\top h_k/\|h_j\|^2=a_{k,v}")  # fmt: skip
def decoupling_step() -> Equal:
    """For a diagonal Gram matrix the logits of context k are its own coefficients; margins (1 - s/V) + s/V = 1 follow."""
    a, n = sp.Function("a"), sp.Function("n")
    return Equal(Formula(total(a(j, v) / n(j) * Delta(j, k) * n(j), (j, "J"))), Formula(a(k, v)))


@theorem.step("squared norm of a centred indicator", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum_{z\in S}(1-\tfrac sV)^2+\sum_{v\notin S}(\tfrac sV)^2=\tfrac{s(V-s)}V")  # fmt: skip
def norm_step() -> Equal:
    """With V = s + |S^c|."""
    s, o = total(sp.Integer(1), (u, "S")), total(sp.Integer(1), (u, "O"))
    left = total((1 - s / (s + o)) ** 2, (u, "S")) + total((s / (s + o)) ** 2, (u, "O"))
    return Equal(Formula(left), Formula(s * o / (s + o)))


def by_formula(problem: LinearNTP, centre: str = "all") -> Vector:
    """sum_j (1_{S_j} - (s_j/V) 1) h_j^T / |h_j|^2 written out; `centre` "off" puts -s/(V-s) off the support and nothing on it."""
    height, result = problem.vocabulary_size, (Fraction(0),) * size(problem)
    for support, h in zip(problem.supports, problem.embeddings):
        square, s = dot(h, h), len(support)
        if centre == "all":
            left = tuple(Fraction(token in support) - Fraction(s, height) for token in range(height))
        else:
            left = tuple(Fraction(1) if token in support else Fraction(-s, height - s) for token in range(height))
        term = outer(left, h)
        result = tuple(x + y / (square or 1) for x, y in zip(result, term))
    return result


@theorem.claim(r"W^{\mathrm{mm}}=\sum_j(\mathbf1_{S_j}-\tfrac{s_j}V\mathbf1)h_j^\top/\|h_j\|^2")
def margin_decoder(case: Case, centre: str = "all") -> All:
    """Against the exact programme; the compact proposal says the same and the kernel accepts it."""
    form = closed_form_orthogonal(case.problem)
    found = by_formula(case.problem, centre)
    parts = [Equal(found, case.derived.max_margin.direction)]
    return All(*parts, *([Equal(form.decoder, found), Equal(len(certify(form)), 3)] if form is not None else []))


@theorem.claim(r"\|W^{\mathrm{mm}}\|^2=\sum_js_j(V-s_j)/(V\|h_j\|^2),\ \lambda_{jv}=s_j/(V\|h_j\|^2)")
def norm_and_multipliers(case: Case, share: bool = True) -> All:
    """Multipliers per context and off-support token; they are unique. Without `share`, 1/V instead of s_j/V."""
    problem, height = case.problem, case.problem.vocabulary_size
    best, found = case.derived.max_margin, dict[tuple[int, int], Fraction]()
    rows = problem.conditional_logit().row_labels
    for (row, token), x in best.multipliers.items():
        key = rows[row][0], token
        found[key] = found.get(key, Fraction(0)) + x
    sizes = [(len(s), dot(h, h)) for s, h in zip(problem.supports, problem.embeddings)]
    claimed = {(b, token): Fraction(sizes[b][0] if share else 1, height) / sizes[b][1] for b, token in found}
    squared = sum((Fraction(s * (height - s), height) / square for s, square in sizes), Fraction(0))
    return All(Equal(found, claimed), Equal(best.squared_norm, squared), Equal(sum(claimed.values(), Fraction(0)), squared))


@theorem.claim(r"W^\star=\sum_ju_jh_j^\top/\|h_j\|^2,\quad\dim\mathcal F=\sum_j(s_j-1)")
def finite_part(case: Case, centred: bool = True) -> All:
    """Exact logarithms, against the log-odds system."""
    problem, result = case.problem, LogVector((), (), size(case.problem))
    for b, (block, h) in enumerate(zip(problem.data.blocks, problem.embeddings)):
        logs = [block.labels.get(token, Fraction(1)) for token in range(problem.vocabulary_size)]
        column = centred_log_probabilities(problem, b) if centred else log_entries(logs)
        scaled = tuple(x / dot(h, h) for x in h)
        result = plus(result, LogVector(column.base, tuple(outer(part, scaled) for part in column.parts), size(problem)))
    form = closed_form_orthogonal(problem)
    space = in_support_space(problem).dimension
    same = Equal(form.finite_part if form else None, log_odds(problem).closed_form)
    return All(Equal(result, log_odds(problem).closed_form), same, Equal(space, sum(len(s) - 1 for s in problem.supports)))


@theorem.mutant(of=margin_decoder, latex=r"W^{\mathrm{mm}}=\sum_j(\mathbf1_{S_j}-\tfrac{s_j}{V-s_j}\mathbf1_{S_j^{\mathrm c}})h_j^\top/\|h_j\|^2")
def unit_weight_on_the_support(case: Case) -> All:
    """Columns must sum to zero and margins must be one."""
    return margin_decoder(case, centre="off")


@theorem.mutant(of=norm_and_multipliers, latex=r"\lambda_{jv}=1/(V\|h_j\|^2)")
def multipliers_without_the_support_size(case: Case) -> All:
    """Every in-support token pushes."""
    return norm_and_multipliers(case, share=False)


@theorem.mutant(of=finite_part, latex=r"W^\star=\sum_j\log p_j\,h_j^\top/\|h_j\|^2")
def uncentred_log_probabilities(case: Case) -> All:
    """Without centring it is a solution, but not the one in F."""
    return finite_part(case, centred=False)


theorem.mutant(of=margin_decoder, without=orthogonal_embeddings, instances=anything, latex=r"\text{the formula for all embeddings}")
