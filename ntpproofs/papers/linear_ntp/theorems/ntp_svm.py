"""The NTP-SVM: sizes, uniqueness, margin form (Thrampoulidis 2024, Definitions 2 and 3)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from ....exact.programme import Optimal, Rows, least_norm
from ....exact.rational import dot
from ....kernel import verify
from ....language.relations import All, AtMost, Equal, NotExercised, Relation
from ....language.statements import Case, Definition, cite, clause
from ....logit.assemble import assemble
from ....logit.problem import Vector
from ....symbolic import Formula, index, total
from ..assumptions import ntp_separable
from ..problem import LinearNTP
from ._decoders import document, gaps, margins, margins_only, off_support
from ._golden import golden, separable
from ._losses import point
from ._symbols import decoder, h, j, score, v, z

definition = Definition(
    label="linear-ntp.ntp-svm",
    title="NTP-separable data and the NTP-SVM",
    source=cite("thrampoulidis2024", "Definitions 2 and 3"),
    setup=r"A dataset is NTP-separable if some $W$ satisfies (6a): $(e_z-e_{z'})^\top Wh_j=0$ for $z,z'\in"
    r" S_j$, and (6b): $(e_z-e_v)^\top Wh_j\ge1$ for $z\in S_j$, $v\notin S_j$. Let the data be"
    r" separable.",
    clauses=(
        clause(
            r"$W^{\mathrm{mm}}=\arg\min\|W\|$ subject to (6) exists and is unique.",
            by=("foundations.max-margin",),
            claims=("decoder_is_feasible", "largest_margin_per_norm"),
        ),
        clause(
            r"Anchored at one token of each support, (6) is $\sum_js_j-m$ equalities and $mV-\sum_js_j$"
            r" inequalities.",
            steps=("count_step",),
            claims=("programme_sizes",),
        ),
        clause(
            r"The margin of $W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|$, which is $1/\|W^{\mathrm{mm}}\|$, is the"
            r" largest of unit decoders in $\mathcal F^\perp$ (some $|S_j|<V$).",
            steps=("scale_step",),
            by=("foundations.max-margin",),
            claims=("largest_margin_per_norm",),
        ),
        clause(
            r"Any positive margin in (6b) gives the same direction.",
            steps=("scale_step",),
            claims=("any_positive_margin",),
        ),
    ),
    uses=("foundations.max-margin", "linear-ntp.split-identity"),
    assumptions=(ntp_separable,),
    instances=separable,
    examples=golden,
)


@definition.step("margins and norms scale", by="index calculus, normal form", scope="all sizes",
                 latex=r"\text{margin}(W/r)=\text{margin}(W)/r,\quad\|W/r\|^2=\|W\|^2/r^2")  # fmt: skip
def scale_step() -> All:
    """W -> W / r is a bijection between decoders with margin r and with margin 1, and keeps the order of norms."""
    r, c = sp.Symbol("r"), index("c")
    scaled = total((decoder(z, c) / r - decoder(v, c) / r) * h(j, c), (c, "D"))
    squares = total((decoder(v, c) / r) ** 2, (v, "A"), (c, "D"))
    return All(
        Equal(Formula(scaled), Formula((score(j, z) - score(j, v)) / r)),
        Equal(Formula(squares), Formula(total(decoder(v, c) ** 2, (v, "A"), (c, "D")) / r**2)),
    )


@definition.step("counting rows", by="index calculus, normal form", scope="all sizes",
                 latex=r"\sum_j(s_j-1)=\sum_js_j-m,\quad\sum_j(V-s_j)=mV-\sum_js_j")  # fmt: skip
def count_step() -> All:
    """A context has s_j - 1 pairs with its anchor and V - s_j tokens off its support."""
    s, height = sp.Function("s"), sp.Symbol("V")
    contexts = total(sp.Integer(1), (j, "J"))
    return All(
        Equal(Formula(total(s(j) - 1, (j, "J"))), Formula(total(s(j), (j, "J")) - contexts)),
        Equal(Formula(total(height - s(j), (j, "J"))), Formula(contexts * height - total(s(j), (j, "J")))),
    )


@definition.claim(r"\#\text{inequalities}=mV-\sum_js_j,\quad\#\text{equalities}=\sum_js_j-m\text{ (anchored)}")
def programme_sizes(case: Case, pairwise: bool = False) -> Equal:
    """Counted on the rows the solver sees; `pairwise` counts all pairs of a support instead of the anchored ones."""
    rows, problem = case.derived.separation.anchored, case.problem
    sizes = [len(s) for s in problem.supports]
    equalities = sum(s * (s - 1) // 2 for s in sizes) if pairwise else sum(sizes) - len(sizes)
    return Equal((len(rows.inequalities), len(rows.equalities)), (len(sizes) * problem.vocabulary_size - sum(sizes), equalities))


@definition.claim(r"W^{\mathrm{mm}}\text{ satisfies (6a) and (6b), for every anchor; the kernel accepts its certificate}")
def decoder_is_feasible(case: Case) -> All:
    """Exact margins over all tokens of the support."""
    decoder, records = case.derived.max_margin.direction, [case.derived.separation.certificate, case.derived.max_margin.certificate]
    found = margins(case.problem, decoder)
    return All(
        Equal(gaps(case.problem, decoder), (Fraction(0),) * len(gaps(case.problem, decoder))),
        *([AtMost((Fraction(1),) * len(found), tuple(found.values()))] if found else []),
        Equal(len(verify(document(case.problem, records))), 2),
    )


def feasible_direction(problem: LinearNTP, decoder: Vector) -> Vector | None:
    """The multiple of a decoder of F^perp whose smallest margin is 1, if that margin is positive."""
    smallest = min(margins(problem, decoder).values(), default=Fraction(0))
    if any(gaps(problem, decoder)) or smallest <= 0:
        return None
    return tuple(entry / smallest for entry in decoder)


def competitors(case: Case) -> list[Vector]:
    """Feasible decoders: W^mm moved inside F^perp, its entrywise signs, and its single columns."""
    problem, best = case.problem, case.derived.max_margin.direction
    width = problem.dimension
    signs = tuple(Fraction((y > 0) - (y < 0)) for y in best)
    columns = [tuple(y if i % width == k else Fraction(0) for i, y in enumerate(best)) for k in range(width)]
    kicks = [tuple(y + z / 16 for y, z in zip(best, off_support(problem, point(problem, salt)))) for salt in (0, 1)]
    found = (feasible_direction(problem, y) for y in [best, signs, *columns, *kicks])
    return [y for y in found if y is not None]


@definition.claim(r"U\in\mathcal F^\perp:\ \text{margin}(U)/\|U\|\le1/\|W^{\mathrm{mm}}\|\text{ (uniqueness: equality only at } W^{\mathrm{mm}})")
def largest_margin_per_norm(case: Case, norm: Any = None) -> Relation:
    """Against decoders of margin one, exactly; `norm` replaces the squared Frobenius norm."""
    size = norm or (lambda y: dot(y, y))
    best = case.derived.max_margin.direction
    rivals = competitors(case)
    unique = [Equal(size(best) == size(y), best == y) for y in rivals if norm is None]
    if not any(best):
        return NotExercised("nothing is off the supports, so W^mm is zero and has no margin")
    return All(*(AtMost(size(best), size(y)) for y in rivals), *unique)


@definition.claim(r"\text{(6b) with any positive margin gives the same direction}")
def any_positive_margin(case: Case) -> Equal:
    """All rows times 3, so margins of 1/3 instead of 1: the answer is W^mm / 3."""
    anchored, factor = case.derived.separation.anchored, 3
    rows = Rows(anchored.rows.gram * factor**2, anchored.rows.floats * factor)
    answer = least_norm(rows, anchored.equalities, anchored.inequalities)
    assert isinstance(answer, Optimal)
    scaled = {r: y * anchored.scale**2 * factor for r, y in answer.multipliers.items()}
    decoder = assemble(anchored.problem, anchored.coefficients(scaled))
    return Equal(tuple(factor * y for y in decoder), case.derived.max_margin.direction)


@definition.mutant(of=any_positive_margin, latex=r"\text{(6a) can be dropped}")
def without_equalities(case: Case) -> Equal:
    """Least norm under (6b) alone, for all z and v, leaves F^perp where contexts overlap."""
    return Equal(margins_only(case.problem), case.derived.max_margin.direction)


@definition.mutant(of=largest_margin_per_norm, latex=r"W^{\mathrm{mm}}\text{ has the largest margin per entrywise maximum norm}")
def largest_margin_per_max_norm(case: Case) -> Relation:
    """Signs beat it: that is where Adam goes."""
    return largest_margin_per_norm(case, norm=lambda y: max(map(abs, y)))


@definition.mutant(of=largest_margin_per_norm, latex=r"W^{\mathrm{mm}}\text{ has the largest margin per entrywise sum norm}")
def largest_margin_per_sum_norm(case: Case) -> Relation:
    """One column beats it."""
    return largest_margin_per_norm(case, norm=lambda y: sum(map(abs, y)))


@definition.mutant(of=programme_sizes, latex=r"\#\text{equalities}=\sum_j\tbinom{s_j}2")
def all_pairs_are_counted(case: Case) -> Equal:
    """One equality per pair with the anchor suffices."""
    return programme_sizes(case, pairwise=True)


definition.mutant(of=decoder_is_feasible, without=ntp_separable, latex=r"u\text{ satisfies (6) for all data}")
