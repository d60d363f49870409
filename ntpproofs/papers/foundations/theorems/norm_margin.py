"""Max margins in other norms and their certificates.

Weak duality: for feasible w and y >= 0 on separable pairs, <w, sum y d> - sum_sep y = sum_sep y (<w, d> - 1) +
sum_tied y <w, d> >= 0, and <w, x> <= N(w) N*(x) is the definition of the dual norm. Equality for l1 and l-infinity:
N(w) <= s is a finite system of linear inequalities, with the constraints of the programme solvable iff s >= tau. For
s < tau Farkas' lemma gives non-negative weights that combine the constraints to sum_sep y - s N*(sum y d) > 0, and
after scaling N*(sum y d) <= 1 and sum y > s (N* vanishes only if sum y d = 0, and then the constraints alone would be
contradictory); finitely many vertices of the dual, so the supremum is attained. The order of the values follows from
that of the norms on one feasible set: for p_c = |w_c|, (sum p)^2 = sum p^2 + sum over c != e of p_c p_e, and sum p^2
is at least each of its terms. For matrices p are the singular values.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal, NotExercised, Relation
from ....language.statements import Case, Lemma, clause, derived
from ....logit.assumptions import something_separable
from ....logit.norm_margins import combination, norm_bound, norm_margin
from ....logit.problem import ConditionalLogit
from ....symbolic import Delta, Formula, index, total
from ._instances import golden, logits
from ._margins_only import margins_only
from ._optimizers import complete, quasi_complete

POLYHEDRAL = (("l1", "l-infinity"), ("l-infinity", "l1"))

lemma = Lemma(
    label="foundations.norm-margin",
    title="Least norms with margin 1, in any norm, and their dual certificates",
    source=derived("weak duality between a norm and its dual"),
    setup=r"Let $\tau_N=\min\{N(w):\langle w,d\rangle=0\text{ on tied},\ \ge1\text{ on separable pairs}\}$ for a norm"
    r" $N$ with dual norm $N^*$.",
    clauses=(
        clause(
            r"$\sum_{\mathrm{separable}}y\le\langle w,\sum yd\rangle\le N(w)N^*(\sum yd)$ for feasible $w$ and"
            r" $y\ge0$ on separable pairs.",
            steps=("duality_step",),
            claims=("complementary_slackness",),
        ),
        clause(
            r"For $\ell_1$ and $\ell_\infty$: $\tau_N=\max\{\sum y:N^*(\sum yd)\le1\}$, attained at rational points.",
            by=("foundations.farkas",),
            argued="the docstring: linear programmes",
            claims=("values_agree",),
        ),
        clause(
            r"$\tau_\infty\le\tau_2=\|u\|\le\tau_1$, and for matrices $\tau_{\mathrm{op}}\le\tau_2\le\tau_*$.",
            steps=("norms_step", "largest_step"),
            by=("foundations.max-margin",),
            claims=("values_are_ordered", "spectral_values_are_ordered"),
        ),
        clause(r"Minimisers need not be unique.", witness=("two_minimisers",)),
    ),
    uses=("foundations.max-margin",),
    assumptions=(something_separable,),  # without it every margin is zero and there is no programme
    instances=logits(),
    examples=(*golden, *complete, *quasi_complete),
)


@lemma.step("weak duality", by="index calculus, normal form", scope="all sizes",
            latex=r"\langle w,\textstyle\sum yd\rangle-\sum y=\sum y(\langle w,d\rangle-1)")  # fmt: skip
def duality_step() -> Equal:
    """Over separable pairs; a tied pair contributes y <w, d> = 0."""
    y, d, w, r, c = *(sp.Function(name) for name in ("y", "d", "w")), index("r"), index("c")
    left = total(w(c) * total(y(r) * d(r, c), (r, "R")), (c, "D")) - total(y(r), (r, "R"))
    return Equal(Formula(left), Formula(total(y(r) * (total(w(c) * d(r, c), (c, "D")) - 1), (r, "R"))))


@lemma.step("l1 against l2", by="index calculus, normal form", scope="all sizes",
            latex=r"\bigl(\textstyle\sum_cp_c\bigr)^2=\sum_cp_c^2+\sum_{c,e}(1-[c=e])p_cp_e")  # fmt: skip
def norms_step() -> Equal:
    """For p_c = |w_c| the last sum is not negative."""
    p, c, e = sp.Function("p"), index("c"), index("e")
    right = total(p(c) ** 2, (c, "D")) + total((1 - Delta(c, e)) * p(c) * p(e), (c, "D"), (e, "D"))
    return Equal(Formula(total(p(c), (c, "D")) ** 2), Formula(right))


@lemma.step("l2 against l-infinity", by="index calculus, normal form", scope="all sizes",
            latex=r"\textstyle\sum_cp_c^2=p_e^2+\sum_c(1-[c=e])p_c^2")  # fmt: skip
def largest_step() -> Equal:
    """At the largest entry e."""
    p, c, e = sp.Function("p"), index("c"), index("e")
    return Equal(Formula(total(p(c) ** 2, (c, "D"))), Formula(p(e) ** 2 + total((1 - Delta(c, e)) * p(c) ** 2, (c, "D"))))


@lemma.step("two minimisers", by="exact arithmetic", scope="one instance", latex=r"d=(1,1):\ \|e_1\|_1=\|e_2\|_1=\tau_1=1")
def two_minimisers() -> All:
    """One pair with difference (1, 1): both unit vectors have margin 1 and least l1 norm."""
    one_pair = ConditionalLogit([(1, 0, [[1, 1], [0, 0]])])
    first, second, value = (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)), norm_margin(one_pair, "l1")
    margins = [Equal(dot(w, one_pair.differences()[0, 1]), 1) for w in (first, second)]
    return All(*margins, *(Equal(norm_bound("l1", w, one_pair.shape), value.lower) for w in (first, second)))


@lemma.claim(r"\langle w,\textstyle\sum yd\rangle=\sum y=N(w)N^*(\sum yd)\text{ at the two vertices}")
def complementary_slackness(case: Case) -> All:
    """At the two vertices the chain of inequalities collapses."""
    parts = []
    for norm, dual in POLYHEDRAL:
        best = norm_margin(case.problem, norm)
        pushed = combination(best.constraints, best.multipliers)
        shape = case.problem.shape
        weight = sum((y for pair, y in best.multipliers.items() if pair in best.constraints.separable), 0)
        parts += [Equal(dot(best.vector, pushed), weight), Equal(norm_bound(norm, best.vector, shape) * norm_bound(dual, pushed, shape), weight)]
    return All(*parts)


@lemma.claim(r"\tau_1,\tau_\infty\text{: primal value}=\text{dual value, as rationals}")
def values_agree(case: Case, swapped: bool = False) -> All:
    """Both bounds come from feasible points; equality is optimality."""
    parts = []
    for norm, dual in POLYHEDRAL:
        best = norm_margin(case.problem, norm)
        other = norm_margin(case.problem, dual) if swapped else best
        parts.append(Equal(best.upper, other.lower))
    return All(*parts)


@lemma.claim(r"\tau_\infty^2\le\|u\|^2\le\tau_1^2")
def values_are_ordered(case: Case, reverse: bool = False) -> All:
    """|w|_inf <= |w|_2 <= |w|_1 on one feasible set; the middle value is exact from the max-margin direction."""
    small, large = (norm_margin(case.problem, norm).lower ** 2 for norm in ("l-infinity", "l1"))
    middle = case.derived.max_margin.squared_norm
    return All(AtMost(middle, small), AtMost(large, middle)) if reverse else All(AtMost(small, middle), AtMost(middle, large))


@lemma.claim(r"\tau_{\mathrm{op}}\le\|u\|\le\tau_*")
def spectral_values_are_ordered(case: Case, reverse: bool = False) -> Relation:
    """Compared through proved bounds: a lower bound of the left with an upper bound of the right. Vectors have one norm here."""
    if 1 in case.problem.shape:
        return NotExercised("the parameter is a vector: all three norms agree")
    low, high = norm_margin(case.problem, "spectral"), norm_margin(case.problem, "nuclear")
    middle = case.derived.max_margin.squared_norm
    return AtMost(high.lower**2, low.upper**2) if reverse else All(AtMost(low.lower**2, middle), AtMost(middle, high.upper**2))


@lemma.mutant(of=complementary_slackness, latex=r"\sum y=N(w)\,N(\sum yd)")
def the_norm_is_its_own_dual(case: Case) -> All:
    """The dual norm of l1 is l-infinity."""
    parts = []
    for norm, _ in POLYHEDRAL:
        best = norm_margin(case.problem, norm)
        pushed = combination(best.constraints, best.multipliers)
        total_weight = sum((y for pair, y in best.multipliers.items() if pair in best.constraints.separable), 0)
        parts.append(Equal(norm_bound(norm, best.vector, case.problem.shape) * norm_bound(norm, pushed, case.problem.shape), total_weight))
    return All(*parts)


@lemma.mutant(of=values_agree, latex=r"\tau_1=\tau_\infty")
def norms_do_not_matter(case: Case) -> All:
    """The dual bound of the wrong norm."""
    return values_agree(case, swapped=True)


@lemma.mutant(of=values_are_ordered, latex=r"\tau_1\le\|u\|\le\tau_\infty")
def reversed_order(case: Case) -> All:
    """The larger norm has the larger value."""
    return values_are_ordered(case, reverse=True)


@lemma.mutant(of=spectral_values_are_ordered, latex=r"\tau_*\le\tau_{\mathrm{op}}")
def nuclear_below_spectral(case: Case) -> Relation:
    """False as soon as the optimal matrix has rank two."""
    return spectral_values_are_ordered(case, reverse=True)


@lemma.mutant(of=values_are_ordered, latex=r"\tau_\infty\text{ bounds the programme without equalities}")
def without_equalities(case: Case) -> AtMost:
    """Dropping the tied equalities enlarges the feasible set: its Euclidean value can fall below tau_inf."""
    free = margins_only(case)
    return AtMost(norm_margin(case.problem, "l-infinity").lower ** 2, dot(free, free))
