"""The separation of a conditional logit: every pair is tied or separable, with a certificate (foundations, section 2)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....kernel import FORMAT, digest, verify
from ....language.relations import All, Equal, Less
from ....language.statements import Case, Theorem, cite
from ....logit.problem import ConditionalLogit, Row
from ....logit.recession import separation
from ....symbolic import Formula, index, total
from ._instances import golden, logits

theorem = Theorem(
    label="foundations.separation",
    title="Tied and separable pairs partition the alternatives, with a certificate",
    source=cite("goldman1956", "strict complementarity of homogeneous systems", "stated for the recession cone of a conditional logit"),
    text=r"Let $R = \{w : \langle w, d_{iv}\rangle \ge 0\ \forall i,v\}$. A pair is tied iff $\langle w,d_{iv}\rangle=0$ on $R$. There are"
    r" $w\in R$ with $\langle w,d_{iv}\rangle>0$ on every other pair and $\lambda>0$ on all tied pairs with $\sum\lambda_{iv}d_{iv}=0$.",
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
