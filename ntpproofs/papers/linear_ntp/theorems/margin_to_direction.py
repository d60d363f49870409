"""Large margins force the direction: the lemma behind the repaired proof of Theorem 1 (derived, A-D7)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal, NotExercised, Relation
from ....language.statements import Case, Lemma, clause, derived
from ....logit.problem import Vector
from ....symbolic import Formula, index, total
from ..assumptions import ntp_separable
from ._decoders import gaps, margins, margins_only, off_support
from ._golden import anything, golden, separable
from ._losses import plus, point
from .svm_duality import ex_tilted

lemma = Lemma(
    label="linear-ntp.margin-to-direction",
    title="From margins to the direction",
    source=derived("the optimality conditions of the NTP-SVM"),
    setup=r"Let the data be separable and $U\in\mathcal F^\perp$ have all margins at least $\mu$ (of any"
    r" sign).",
    clauses=(
        clause(
            r"$\langle U,W^{\mathrm{mm}}\rangle\ge\mu\|W^{\mathrm{mm}}\|^2$, that is $\langle"
            r" U,W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|\rangle\ge\mu\|W^{\mathrm{mm}}\|$.",
            steps=("mean_step",),
            by=("linear-ntp.svm-duality",),
            claims=("margins_force_the_direction",),
        ),
        clause(
            r"With $\mu=1$: $\|U-W^{\mathrm{mm}}\|^2\le\|U\|^2-\|W^{\mathrm{mm}}\|^2$, so"
            r" $\|U\|\ge\|W^{\mathrm{mm}}\|$ with equality only for $U=W^{\mathrm{mm}}$.",
            steps=("mean_step", "distance_step"),
            by=("linear-ntp.svm-duality",),
            claims=("margins_force_the_norm",),
        ),
    ),
    uses=("linear-ntp.svm-duality", "foundations.max-margin"),
    assumptions=(ntp_separable,),
    instances=separable,
    examples=(*golden, ex_tilted),
)


@lemma.step("a weighted mean of margins", by="index calculus, normal form", scope="all sizes",
            latex=r"\langle U,\textstyle\sum_i\lambda_ix_i\rangle-\mu\sum_i\lambda_i=\sum_i\lambda_i(\langle U,x_i\rangle-\mu)")  # fmt: skip
def mean_step() -> Equal:
    """Every term is non-negative, and sum lambda = |W^mm|^2; <U, x_i> is a margin of U because U is orthogonal to F."""
    lam, x, y, i, c, mu = sp.Function("lambda"), sp.Function("x"), sp.Function("u"), index("i"), index("c"), sp.Symbol("mu")
    inner = total(y(c) * total(lam(i) * x(i, c), (i, "R")), (c, "D"))
    right = total(lam(i) * (total(y(c) * x(i, c), (c, "D")) - mu), (i, "R"))
    return Equal(Formula(inner - mu * total(lam(i), (i, "R"))), Formula(right))


@lemma.step("distance to the optimum", by="index calculus, normal form", scope="all sizes",
            latex=r"\|U\|^2-\|W\|^2-\|U-W\|^2=2(\langle U,W\rangle-\|W\|^2)")  # fmt: skip
def distance_step() -> Equal:
    """With <U, W^mm> >= |W^mm|^2 the right side is not negative."""
    x, y, c = sp.Function("u"), sp.Function("w"), index("c")
    left = total(x(c) ** 2, (c, "D")) - total(y(c) ** 2, (c, "D")) - total((x(c) - y(c)) ** 2, (c, "D"))
    return Equal(Formula(left), Formula(2 * (total(x(c) * y(c), (c, "D")) - total(y(c) ** 2, (c, "D")))))


def candidates(case: Case) -> list[Vector]:
    """Decoders of F^perp: projections of rational decoders, W^mm moved by them, and -2 W^mm moved along tied directions."""
    best = case.derived.max_margin.direction
    moves = [off_support(case.problem, point(case.problem, salt)) for salt in (0, 1, 2)]
    tied = [off_support(case.problem, x) for x in case.derived.tied.basis]  # zero for separable data, whose tied subspace is F
    back = [tuple(-2 * x + sign * y / 4 for x, y in zip(best, way)) for way in tied for sign in (1, -1)]
    return [*moves, *(plus(best, move, Fraction(1, 8)) for move in moves), *back, best]


def smallest_margin(case: Case, decoder: Vector) -> Fraction:
    """min over contexts and off-support tokens (zero if there is none)."""
    return min(margins(case.problem, decoder).values(), default=Fraction(0))


@lemma.claim(r"U\in\mathcal F^\perp:\quad\langle U,W^{\mathrm{mm}}\rangle\ge\min_{j,v}m_{jv}(U)\,\|W^{\mathrm{mm}}\|^2")
def margins_force_the_direction(case: Case, factor: Fraction = Fraction(1), power: int = 1) -> All:
    """Exact, for U in F^perp with margins of either sign."""
    best, squared = case.derived.max_margin.direction, case.derived.max_margin.squared_norm
    ways = candidates(case)
    zero = tuple((Fraction(0),) * len(gaps(case.problem, best)) for _ in ways)
    lower = tuple(factor * smallest_margin(case, way) * squared**power for way in ways)
    return All(Equal(tuple(gaps(case.problem, way) for way in ways), zero), AtMost(lower, tuple(dot(way, best) for way in ways)))


@lemma.claim(r"U\in\mathcal F^\perp,\ m(U)\ge1:\ \|U\|\ge\|W^{\mathrm{mm}}\|\text{, equality only for } U=W^{\mathrm{mm}}")
def margins_force_the_norm(case: Case) -> Relation:
    """Cauchy-Schwarz after scaling to margin one, exactly."""
    best = case.derived.max_margin.direction
    parts: list[Relation] = []
    for way in candidates(case):
        smallest = smallest_margin(case, way)
        if smallest > 0:
            scaled = tuple(x / smallest for x in way)
            parts += [AtMost(dot(best, best), dot(scaled, scaled)), Equal(dot(best, best) == dot(scaled, scaled), scaled == best)]
    return All(*parts) if parts else NotExercised("nothing is off the supports")


@lemma.mutant(of=margins_force_the_direction, latex=r"U\text{ need not be orthogonal to }\mathcal F")
def without_the_subspace(case: Case) -> AtMost:
    """The least-norm decoder under (6b) alone has margin one and points elsewhere."""
    way, best = margins_only(case.problem), case.derived.max_margin.direction
    return AtMost(smallest_margin(case, way) * dot(best, best), dot(way, best))


@lemma.mutant(of=margins_force_the_direction, latex=r"\langle U,W^{\mathrm{mm}}\rangle\ge2\mu\|W^{\mathrm{mm}}\|^2")
def twice_the_bound(case: Case) -> All:
    """Equality holds at W^mm."""
    return margins_force_the_direction(case, factor=Fraction(2))


@lemma.mutant(of=margins_force_the_direction, latex=r"\langle U,W^{\mathrm{mm}}\rangle\ge\mu")
def without_the_norm(case: Case) -> All:
    """Multipliers sum to the squared norm, not to one."""
    return margins_force_the_direction(case, power=0)


lemma.mutant(of=margins_force_the_direction, without=ntp_separable, instances=anything, latex=r"\text{with } u\text{ for all data}")
