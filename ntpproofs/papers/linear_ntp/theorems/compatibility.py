"""NTP_H-compatibility, and how it is decided by integer relations (Thrampoulidis 2024, Definition 1).

Write the equations as A w = b, one row per anchored generator, b the log-odds. *Only if*: y^T A = 0 and A w = b
give y^T b = y^T A w = 0, and exp turns that into the product. *If*: let w minimise |b - A w|^2 / 2 and r = b - A w.
The gradient is -A^T r, so r lies in the null space of A^T, which integer vectors y span because A is rational: r =
sum_k c_k y_k. If every product is one then y_k^T b = 0, hence <r, b> = 0; but <r, b> = |r|^2 + <A^T r, w> = |r|^2.
So r = 0 and w is a solution.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot, null_space, primitive
from ....kernel import verify
from ....language.relations import All, Equal
from ....language.statements import Case, Definition, cite, clause
from ....logit.finite_part import log_odds
from ....logit.problem import Vector
from ....symbolic import Formula, derivative, index, total
from ..problem import LinearNTP
from ._decoders import document, generators, log_ratios
from ._golden import anything, golden

# Dependent generators that are consistent all the same: opposite embeddings with inverse odds, equal ones with equal odds.
ex_inverse_odds = LinearNTP([[1], [-1]], [["2/3", "1/3"], ["1/3", "2/3"]])
ex_equal_odds = LinearNTP([[1], [1]], [["2/3", "1/3"], ["2/3", "1/3"]])

definition = Definition(
    label="linear-ntp.compatibility",
    title="NTP-compatible data",
    source=cite("thrampoulidis2024", "Definition 1", "the decision by integer relations is ours"),
    setup=r"A dataset is $\mathrm{NTP}_H$-compatible if some $W$ has $(e_z-e_{z'})^\top"
    r" Wh_j=\log(p_{j,z}/p_{j,z'})$ for all $j$ and $z,z'\in S_j$. Let $A$ be the rational matrix of"
    r" the anchored generators.",
    clauses=(
        clause(
            r"If the data are compatible, then $\prod_i(p_{z_j}/p_z)_i^{y_i}=1$ for every integer vector $y$"
            r" with $y^\top A=0$.",
            steps=("relation_step",),
            claims=("decided_by_integer_relations",),
        ),
        clause(
            r"Conversely, these products decide: if all are one, the data are compatible, and a solution or a"
            r" broken relation is a certificate.",
            steps=("normal_equations_step", "residual_step"),
            claims=("decided_by_integer_relations", "certificate_is_accepted"),
        ),
        clause(
            r"Compatibility depends neither on $\pi$ nor on the scale of $H$.",
            steps=("scale_step",),
            claims=("scale_and_weights_do_not_matter",),
        ),
    ),
    instances=anything,
    examples=(*golden, ex_inverse_odds, ex_equal_odds),
)


@definition.step("solutions satisfy every relation", by="index calculus, normal form", scope="all sizes",
                 latex=r"\sum_iy_i\sum_kA_{ik}w_k=\sum_kw_k\sum_iy_iA_{ik}")  # fmt: skip
def relation_step() -> Equal:
    """So y^T A = 0 and A w = b force y^T b = 0; logarithms of coprime integers turn that into the product of powers."""
    y, a, w, i, k = (*(sp.Function(name) for name in ("y", "A", "w")), index("i"), index("k"))
    rows = total(y(i) * total(a(i, k) * w(k), (k, "D")), (i, "R"))
    return Equal(Formula(rows), Formula(total(w(k) * total(y(i) * a(i, k), (i, "R")), (k, "D"))))


y, a, b, w = (sp.Function(name) for name in ("y", "A", "b", "w"))
i, k = index("i"), index("k")


def residual(row: sp.Expr) -> sp.Expr:
    """(b - A w)_row."""
    return b(row) - total(a(row, k) * w(k), (k, "D"))


@definition.step("the gradient of least squares", by="index calculus, normal form", scope="all sizes",
                 latex=r"\partial_{w_e}\tfrac12\|b-Aw\|^2=-(A^\top r)_e,\quad r=b-Aw")  # fmt: skip
def normal_equations_step() -> Equal:
    """It vanishes at a minimiser, which exists in finite dimension: the residual is itself a relation, y = r."""
    e = index("e")
    left = derivative(total(residual(i) ** 2, (i, "R")) / 2, w(e))
    return Equal(Formula(left, signed=frozenset("yAbw")), Formula(-total(a(i, e) * residual(i), (i, "R"))))


@definition.step("the residual sees b", by="index calculus, normal form", scope="all sizes",
                 latex=r"\langle r,b\rangle=\|r\|^2+\langle A^\top r,w\rangle")  # fmt: skip
def residual_step() -> Equal:
    """With A^T r = 0: if r is a combination of relations y with y^T b = 0, then |r|^2 = <r, b> = 0."""
    left = total(residual(i) * b(i), (i, "R"))
    along = total(w(k) * total(a(i, k) * residual(i), (i, "R")), (k, "D"))
    return Equal(Formula(left, signed=frozenset("yAbw")), Formula(total(residual(i) ** 2, (i, "R")) + along))


@definition.step("relations forget the scale", by="index calculus, normal form", scope="all sizes", latex=r"\sum_iy_i\,cA_{ik}=c\sum_iy_iA_{ik}")
def scale_step() -> Equal:
    """The generators of cH are c times those of H, and no product of powers mentions pi."""
    c = sp.Symbol("c")
    return Equal(Formula(total(y(i) * c * a(i, k), (i, "R"))), Formula(c * total(y(i) * a(i, k), (i, "R"))))


def relations(problem: LinearNTP) -> tuple[Vector, ...]:
    """A basis of {y : y^T A = 0} in coprime integers, A the matrix of the anchored generators."""
    rows = generators(problem)
    columns = list(zip(*rows)) if rows else []
    return tuple(map(primitive, null_space(columns, len(rows))))


def ratio_powers(problem: LinearNTP) -> Vector:
    """prod_i (p_{z_j} / p_z)_i^{y_i} for each relation y, as rationals."""
    blocks = zip(problem.data.blocks, problem.supports)
    ratios = [block.labels[min(s)] / block.labels[z] for block, s in blocks for z in sorted(s - {min(s)})]
    values = []
    for y in relations(problem):
        value = Fraction(1)
        for exponent, x in zip(y, ratios):
            value *= x ** int(exponent)
        values.append(value)
    return tuple(values)


@definition.claim(r"\text{compatible} \iff \textstyle\prod_i(p_{z_j}/p_z)_i^{y_i}=1\ \ \forall\, y\in\mathbb Z^n: y^\top A=0")
def decided_by_integer_relations(case: Case) -> Equal:
    """The decision by solving over a coprime base against products of rationals."""
    return Equal(log_odds(case.problem).compatible, all(x == 1 for x in ratio_powers(case.problem)))


@definition.claim(r"\text{the kernel accepts the solution or the broken relation}")
def certificate_is_accepted(case: Case) -> Equal:
    """Either way, from the instance alone."""
    proved = verify(document(case.problem, [log_odds(case.problem).certificate]))
    return Equal("no solution" not in proved[0], log_odds(case.problem).compatible)


@definition.claim(r"\text{compatibility depends neither on }\pi\text{ nor on the scale of } H")
def scale_and_weights_do_not_matter(case: Case) -> Equal:
    """Embeddings times -2/3, uniform weights."""
    problem = case.problem
    embeddings = [tuple(Fraction(-2, 3) * x for x in h) for h in problem.embeddings]
    other = LinearNTP(embeddings, [dict(b.labels) for b in problem.data.blocks], vocabulary_size=problem.vocabulary_size)
    return Equal(log_odds(other).compatible, log_odds(problem).compatible)


@definition.mutant(of=decided_by_integer_relations, latex=r"\text{every dataset is compatible}")
def everything_is_compatible(case: Case) -> Equal:
    """Collinear contexts with unrelated odds are not."""
    return Equal(log_odds(case.problem).compatible, True)


@definition.mutant(of=decided_by_integer_relations, latex=r"\text{compatible iff the generators are independent}")
def compatible_iff_independent(case: Case) -> Equal:
    """Dependent generators may carry consistent odds."""
    return Equal(log_odds(case.problem).compatible, not relations(case.problem))


@definition.mutant(of=decided_by_integer_relations, latex=r"\text{compatible iff the log-odds of each relation sum to zero with coefficients } |y|")
def relations_without_signs(case: Case) -> All:
    """The sign of a relation matters: opposite generators carry inverse odds."""
    logs = log_ratios(case.problem)
    sums = [tuple(dot(tuple(map(abs, y)), part) for part in logs.parts) for y in relations(case.problem)]
    return All(Equal(log_odds(case.problem).compatible, not any(any(x) for x in sums)))
