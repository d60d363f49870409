"""Optimality conditions and dual of the NTP-SVM: the kernel form W = A H^T (derived).

Necessity is that of the foundations: W^mm = sum lambda P_M d with lambda >= 0 on margin one and sum lambda =
|W^mm|^2; each d and each generator of F is (e_z - e_v) h_j^T, a column of sum zero times h_j^T, so the sum is A H^T
with 1^T a_j = 0, -lambda_jv off S_j. Sufficiency and duality: for W feasible and A in the cone, 1/2 |W|^2 less the
dual value is 1/2 |W - A H^T|^2 + sum lambda (m - 1), two terms that are not negative. It vanishes for a pair with
complementary slackness and W = A H^T, so such a W is optimal; and no dual value exceeds 1/2 |W^mm|^2.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal, Relation
from ....language.statements import Case, Proposition, clause, derived
from ....logit.problem import Vector
from ....symbolic import Formula, index, total
from ....symbolic.index_calculus import Delta
from ..assumptions import ntp_separable
from ..problem import LinearNTP
from ._decoders import margins, outer
from ._golden import anything, golden, separable

# Two contexts that tie both tokens, and a third whose margin sees the tied direction as well.
ex_tilted = LinearNTP([[1, 0], [1, 0], [1, 1]], [[1, 0], [0, 1], [1, 0]])

proposition = Proposition(
    label="linear-ntp.svm-duality",
    title="Optimality conditions, kernel form and dual of the NTP-SVM",
    source=derived("the conditions of Karush, Kuhn and Tucker for Definition 3 of arXiv 2402.18551"),
    setup=r"Let the data be separable, $K=H^\top H$, $m_{jv}$ the margins of $W$; the dual cone:"
    r" $\mathbf1^\top a_j=0$, $a_{j,v}=-\lambda_{jv}\le0$ off $S_j$, free on $S_j$.",
    clauses=(
        clause(
            r"$W^{\mathrm{mm}}=\sum_ja_jh_j^\top=AH^\top$ for some $A$ in the cone with"
            r" $\lambda_{jv}(m_{jv}-1)=0$ and $\sum\lambda=\|W^{\mathrm{mm}}\|^2$.",
            steps=("column_step",),
            by=("foundations.max-margin",),
            claims=("optimality_conditions",),
        ),
        clause(
            r"Conversely a feasible $W=AH^\top$ with $A$ in the cone and $\lambda_{jv}(m_{jv}-1)=0$ is"
            r" $W^{\mathrm{mm}}$.",
            steps=("square_step", "slackness_step"),
            claims=("conditions_suffice",),
        ),
        clause(
            r"$A$ solves the dual $\max_A\sum_j\mathbf1_{S_j}^\top a_j-\tfrac12\operatorname{tr}(AKA^\top)$"
            r" over the cone; its value is $\tfrac12\|W^{\mathrm{mm}}\|^2$.",
            steps=("square_step", "slackness_step"),
            by=("foundations.max-margin",),
            claims=("strong_duality",),
        ),
    ),
    uses=("linear-ntp.ntp-svm", "foundations.max-margin"),
    assumptions=(ntp_separable,),
    instances=separable,
    examples=(*golden, ex_tilted),
)

j, u, v, c = index("j"), index("u"), index("v"), index("c")
w, x, beta, lam, m, level = (sp.Function(name) for name in ("w", "x", "beta", "lambda", "m", "c"))


@proposition.step("duality gap, the square", by="index calculus, normal form", scope="all sizes",
                 latex=r"\tfrac12\|W\|^2+\tfrac12\|X\|^2=\tfrac12\|W-X\|^2+\langle W,X\rangle,\quad X=AH^\top")  # fmt: skip
def square_step() -> Equal:
    """tr(A K A^T) = |A H^T|^2, so primal minus dual is 1/2 |W - A H^T|^2 + <W, A H^T> - sum_j 1_{S_j}^T a_j."""
    left = total(w(c) ** 2, (c, "D")) / 2 + total(x(c) ** 2, (c, "D")) / 2
    return Equal(Formula(left), Formula(total((w(c) - x(c)) ** 2, (c, "D")) / 2 + total(w(c) * x(c), (c, "D"))))


@proposition.step("duality gap, the slackness", by="index calculus, normal form", scope="all sizes",
                 latex=r"\sum_va_{j,v}\ell_{jv}-\mathbf1_{S_j}^\top a_j=\sum_{v\notin S_j}\lambda_{jv}(m_{jv}-1)")  # fmt: skip
def slackness_step() -> Equal:
    """For logits c_j on S_j and c_j - m_jv off it; a_j on S_j is any vector with sum sum_v lambda_jv."""
    pull = total(lam(j, v), (v, "O"))
    share = beta(j, u) / total(beta(j, v), (v, "S")) * pull
    scores = total(share * level(j), (u, "S")) - total(lam(j, v) * (level(j) - m(j, v)), (v, "O"))
    return Equal(Formula(scores - total(share, (u, "S"))), Formula(total(lam(j, v) * (m(j, v) - 1), (v, "O"))))


@proposition.step("columns sum to zero", by="index calculus, normal form", scope="all sizes", latex=r"\sum_t(e_z-e_v)_t=0\quad(z,v\text{ tokens})")
def column_step() -> Equal:
    """Every row of the programme is such a column times an embedding, so 1^T a_j = 0."""
    t = index("t")
    z, y = sp.Function("x")(v), sp.Function("x")(u)
    kept = total((Delta(t, v) - Delta(t, u)) * x(t), (t, "A"))
    return Equal(Formula(kept), Formula(z - y))


def coefficients(case: Case) -> tuple[dict[int, Fraction], ...]:
    """A, column by column: W^mm = sum_j a_j h_j^T, from the multipliers (the free part on the supports included)."""
    best = case.derived.max_margin
    sums = best.separation.anchored.coefficients({r: y * best.separation.anchored.scale**2 for r, y in best.optimum.multipliers.items()})
    return tuple(sums)


@proposition.claim(r"W^{\mathrm{mm}}=AH^\top,\ \mathbf1^\top a_j=0,\ \lambda\ge0,\ \lambda_{jv}(m_{jv}-1)=0,\ \sum\lambda=\|W^{\mathrm{mm}}\|^2")
def optimality_conditions(case: Case, power: int = 1) -> All:
    """Exact, context by context."""
    problem, decoder = case.problem, case.derived.max_margin.direction
    a, found = coefficients(case), margins(problem, decoder)
    lambdas = {(b, token): -a[b].get(token, Fraction(0)) for b, token in found}
    return All(
        Equal(kernel_form(problem, a), decoder),
        Equal(tuple(sum(column.values(), Fraction(0)) for column in a), (Fraction(0),) * len(a)),
        *([AtMost((Fraction(0),) * len(found), tuple(lambdas.values()))] if found else []),
        Equal(tuple(lambdas[key] * (found[key] - 1) for key in found), (Fraction(0),) * len(found)),
        Equal(sum(lambdas.values(), Fraction(0)), dot(decoder, decoder) ** power),
    )


@proposition.claim(
    r"W\text{ feasible},\ A\text{ in the cone}:\ \tfrac12\|W\|^2-\text{dual}(A)=\tfrac12\|W-AH^\top\|^2+\sum\lambda_{jv}(m_{jv}-1)\ge0"
)
def conditions_suffice(case: Case, slackness: bool = True) -> All:
    """Exact, for W^mm, its double and a shifted decoder against A and the centred indicators: the gap is zero only for the optimal pair."""
    problem, best, height = case.problem, case.derived.max_margin.direction, case.problem.vocabulary_size
    centred = tuple({token: Fraction(token in s) - Fraction(len(s), height) for token in range(height)} for s in problem.supports)
    shifted = tuple(y + 1 for y in best)
    parts: list[Relation] = []
    for decoder in (best, tuple(2 * y for y in best), shifted):
        found = margins(problem, decoder)
        for a in (coefficients(case), centred):
            other = kernel_form(problem, a)
            slack = sum((-a[b].get(token, Fraction(0)) * (y - 1) for (b, token), y in found.items()), Fraction(0))
            apart = tuple(p - q for p, q in zip(decoder, other))
            gap = dot(decoder, decoder) / 2 - dual_value(problem, a)
            parts += [Equal(gap, dot(apart, apart) / 2 + (slack if slackness else 0)), AtMost(Fraction(0), gap)]
    return All(*parts)


def kernel_form(problem: LinearNTP, a: tuple[dict[int, Fraction], ...]) -> Vector:
    """A H^T as a flat decoder."""
    result = (Fraction(0),) * (problem.vocabulary_size * problem.dimension)
    for column, embedding in zip(a, problem.embeddings):
        dense = tuple(column.get(token, Fraction(0)) for token in range(problem.vocabulary_size))
        result = tuple(p + q for p, q in zip(result, outer(dense, embedding)))
    return result


def dual_value(problem: LinearNTP, a: tuple[dict[int, Fraction], ...]) -> Fraction:
    """sum_j 1_{S_j}^T a_j - 1/2 tr(A K A^T)."""
    linear = sum((column.get(z, Fraction(0)) for column, s in zip(a, problem.supports) for z in s), Fraction(0))
    pairs = ((p, q, k) for p, row in zip(a, problem.gram) for q, k in zip(a, row))
    return linear - sum((k * sum((y * q.get(token, Fraction(0)) for token, y in p.items()), Fraction(0)) for p, q, k in pairs), Fraction(0)) / 2


@proposition.claim(r"\max_A\textstyle\sum_j\mathbf1_{S_j}^\top a_j-\tfrac12\operatorname{tr}(AKA^\top)=\tfrac12\|W^{\mathrm{mm}}\|^2")
def strong_duality(case: Case, factor: Fraction = Fraction(1, 2)) -> All:
    """Equality at A, and weak duality at multiples of A and of the centred support indicators."""
    problem, best, height = case.problem, case.derived.max_margin.squared_norm, case.problem.vocabulary_size
    a = coefficients(case)
    centred = tuple({token: Fraction(token in s) - Fraction(len(s), height) for token in range(height)} for s in problem.supports)
    others = [tuple({t: k * y for t, y in column.items()} for column in b) for b in (a, centred) for k in (Fraction(1, 2), Fraction(2))]
    values = [dual_value(problem, b) for b in others]
    return All(Equal(dual_value(problem, a), factor * best), AtMost(tuple(values), (factor * best,) * len(values)))


@proposition.mutant(of=optimality_conditions, latex=r"\sum\lambda=\|W^{\mathrm{mm}}\|^4")
def multipliers_sum_to_another_power(case: Case) -> All:
    """The sum is the squared norm."""
    return optimality_conditions(case, power=2)


@proposition.mutant(of=strong_duality, latex=r"\text{the dual optimum is }\|W^{\mathrm{mm}}\|^2")
def dual_without_the_half(case: Case) -> All:
    """Half of the squared norm."""
    return strong_duality(case, factor=Fraction(1))


@proposition.mutant(of=conditions_suffice, latex=r"\text{the gap is }\tfrac12\|W-AH^\top\|^2\text{ alone}")
def gap_without_slackness(case: Case) -> All:
    """Margins beyond one cost as well."""
    return conditions_suffice(case, slackness=False)


proposition.mutant(of=optimality_conditions, without=ntp_separable, instances=anything, latex=r"\text{also where the programme is infeasible}")
