"""The separation of a conditional logit: every pair is tied or separable, with a certificate (foundations, section 2).

A pair that is not tied has some w_s in R with <w_s, d_s> != 0, so > 0. The sum w of these is in R, and at every
separable pair its margin is a sum of non-negative terms with one positive: w separates all of them at once. If sum
lambda d = 0 with lambda > 0 on a set of pairs, the margins of any w in R on that set are non-negative and their
weighted sum is <w, 0>, so each vanishes and the pairs are tied. That such a lambda exists on all tied pairs is
Farkas' lemma, pair by pair. R is defined by the differences alone, and <w, c d> = c <w, d> has the sign of <w, d> for
c > 0.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....kernel import FORMAT, digest, verify
from ....language.relations import All, Equal, Less
from ....language.statements import Case, Theorem, cite, clause
from ....logit.problem import ConditionalLogit, Row
from ....logit.recession import separation
from ....symbolic import Formula, index, total
from ._instances import golden, logits
from ._symbols import inner

theorem = Theorem(
    label="foundations.separation",
    title="Tied and separable pairs partition the alternatives, with a certificate",
    source=cite("goldman1956", "strict complementarity of homogeneous systems", "stated for the recession cone of a conditional logit"),
    setup=r"Let $\mathcal R = \{w : \langle w, d_{iv}\rangle \ge 0\ \forall i,v\}$. A pair is tied iff $\langle"
    r" w,d_{iv}\rangle=0$ on $\mathcal R$, else separable. The class is"
    r" overlap iff no pair is separable, else complete iff only label pairs are tied, else quasi-complete.",
    clauses=(
        clause(
            r"One $w\in\mathcal R$ has $\langle w,d_{iv}\rangle>0$ on all separable pairs.",
            steps=("joint_step",),
            claims=("certificate_is_accepted", "classes_are_as_defined"),
        ),
        clause(
            r"There is $\lambda>0$ on all tied pairs with $\sum\lambda_{iv}d_{iv}=0$.",
            by=("foundations.farkas",),
            claims=("certificate_is_accepted",),
        ),
        clause(
            r"Conversely a $w\in\mathcal R$ and a $\lambda>0$ on the pairs where $w$ has margin $0$, with $\sum\lambda"
            r" d=0$, certify the partition.",
            steps=("circulation_step",),
            claims=("certificate_is_accepted",),
        ),
        clause(
            r"Weights, multiplicities and a common factor $c>0$ of the features change nothing.",
            steps=("scaling_step",),
            claims=("partition_depends_on_differences_only",),
        ),
    ),
    instances=logits(),
    examples=golden,
)


@theorem.step(
    "a circulation ties",
    by="index calculus, normal form",
    scope="all sizes",
    latex=r"\sum_z\lambda_z\langle w,d_z\rangle=\langle w,\sum_z\lambda_zd_z\rangle",
)
def circulation_step() -> Equal:
    """If sum lambda d = 0 with lambda > 0, non-negative margins of any w of the cone add up to zero: each vanishes."""
    lam, d, w = sp.Function("lambda"), sp.Function("d"), sp.Function("w")
    r, c = index("r"), index("c")
    left = total(lam(r) * total(w(c) * d(r, c), (c, "D")), (r, "R"))
    return Equal(Formula(left), Formula(total(w(c) * total(lam(r) * d(r, c), (r, "R")), (c, "D"))))


@theorem.step("one vector for all", by="index calculus, normal form", scope="all sizes",
              latex=r"\langle\textstyle\sum_sw_s,d\rangle=\sum_s\langle w_s,d\rangle")  # fmt: skip
def joint_step() -> Equal:
    """Non-negative terms, and the one with s = z is positive."""
    w, d, s, c = sp.Function("w"), sp.Function("d"), index("s"), index("c")
    left = inner(lambda entry: total(w(s, entry), (s, "S")), d)
    return Equal(Formula(left), Formula(total(total(w(s, c) * d(c), (c, "D")), (s, "S"))))


@theorem.step("scaling", by="index calculus, normal form", scope="all sizes", latex=r"\langle w,cd\rangle=c\langle w,d\rangle")
def scaling_step() -> Equal:
    """The same sign for c > 0, so the same cone."""
    w, d, factor = sp.Function("w"), sp.Function("d"), sp.Symbol("c")
    return Equal(Formula(inner(w, lambda entry: factor * d(entry))), Formula(factor * inner(w, d)))


def document(case: Case) -> dict[str, object]:
    """The separation of a case as a certificate file."""
    body: dict[str, object] = {"format": FORMAT, "instance": case.problem.instance(), "certificates": [case.derived.separation.certificate]}
    return body | {"digest": digest(body)}


@theorem.claim(r"\text{the kernel accepts the Goldman--Tucker pair}")
def certificate_is_accepted(case: Case) -> Equal:
    """The trusted kernel verifies the partition from the instance alone."""
    return Equal(len(verify(document(case))), 1)


@theorem.claim(r"\text{the partition is blind to weights, multiplicities and scale}")
def partition_depends_on_differences_only(case: Case) -> Equal:
    """Weights doubled row by row, multiplicities changed, features scaled by 3."""
    rows = [
        Row(row.weight * (i + 2), row.chosen, tuple(tuple(3 * x for x in f) for f in row.features), tuple(n + 1 for n in row.multiplicities))
        for i, row in enumerate(case.problem.rows)
    ]
    return Equal(separation(ConditionalLogit(rows)).tied, case.derived.separation.tied)


@theorem.claim(r"\text{overlap} \iff \text{nothing separable}; \text{ complete} \iff \text{no tied pair}")
def classes_are_as_defined(case: Case) -> All:
    """The three classes of Albert and Anderson."""
    decided = case.derived.separation
    kind = "overlap" if not decided.separable else "complete" if not decided.tied else "quasi-complete"
    return All(Equal(decided.kind, kind), Equal(decided.tied & decided.separable, frozenset()))


@theorem.mutant(of=partition_depends_on_differences_only, latex=r"\text{a pair is tied iff its features are equal}")
def tied_means_equal_features(case: Case) -> Equal:
    """Overlap ties pairs with different features."""
    equal = frozenset(pair for pair, d in case.problem.differences().items() if not any(d))
    return Equal(equal, case.derived.separation.tied)


@theorem.mutant(of=classes_are_as_defined, latex=r"\text{every pair is separable (complete separation is the only class)}")
def everything_is_separable(case: Case) -> Equal:
    """Contradicting rows tie each other."""
    return Equal(case.derived.separation.tied, frozenset())


@theorem.mutant(of=classes_are_as_defined, latex=r"\text{one vector with non-negative margins that is positive somewhere separates everything}")
def any_recession_direction_separates(case: Case) -> Less:
    """The sum of all differences, where it lies in the cone, need not separate every separable pair."""
    differences = case.problem.differences()
    candidate = tuple(sum(entries, Fraction(0)) for entries in zip(*differences.values())) or (Fraction(0),) * case.problem.dimension
    margins = {pair: dot(candidate, d) for pair, d in differences.items()}
    inside = all(x >= 0 for x in margins.values())
    lowest = min((margins[pair] for pair in case.derived.separation.separable), default=Fraction(1))
    return Less(Fraction(0), lowest if inside else Fraction(1))
