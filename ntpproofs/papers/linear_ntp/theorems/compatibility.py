"""NTP_H-compatibility, and how it is decided by integer relations (Thrampoulidis 2024, Definition 1)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot, null_space, primitive
from ....kernel import verify
from ....language.relations import All, Equal
from ....language.statements import Case, Definition, cite
from ....logit.finite_part import log_odds
from ....logit.problem import Vector
from ....symbolic import Formula, index, total
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
    text=r"A dataset is $\mathrm{NTP}_H$-compatible if some $W$ has $(e_z-e_{z'})^\top Wh_j=\log(p_{j,z}/p_{j,z'})$ for all $j$ and"
    r" $z,z'\in S_j$. With $A$ the rational matrix of the anchored generators this holds iff $\prod_i(p_{z_j}/p_z)_i^{y_i}=1$ for every"
    r" integer vector $y$ with $y^\top A=0$.",
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
