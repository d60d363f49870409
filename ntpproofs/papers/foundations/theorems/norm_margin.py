"""Max margins in other norms and their certificates (weak duality)."""

from __future__ import annotations

from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal, Implies, Relation
from ....language.statements import Case, Lemma, derived
from ....logit.assumptions import something_separable
from ....logit.norm_margins import combination, norm_bound, norm_margin
from ._instances import golden, logits
from ._margins_only import margins_only
from ._optimizers import complete, quasi_complete

POLYHEDRAL = (("l1", "l-infinity"), ("l-infinity", "l1"))

lemma = Lemma(
    label="foundations.norm-margin",
    title="Least norms with margin 1, in any norm, and their dual certificates",
    source=derived("weak duality: sum y <= <w, sum y d> <= N(w) N*(sum y d)"),
    text=r"$\tau_N=\min\{N(w):\langle w,d\rangle=0\text{ on tied},\ \ge1\text{ on separable pairs}\}=\max\{\sum y:N^*(\sum yd)\le1,"
    r"\ y\ge0\text{ on separable pairs}\}$. For $\ell_1$ and $\ell_\infty$ both programmes have rational vertices;"
    r" $\tau_\infty\le\tau_2=\|u\|\le\tau_1$ and $\tau_{\mathrm{op}}\le\tau_2\le\tau_{*}$. Minimisers need not be unique.",
    uses=("foundations.max-margin",),
    assumptions=(something_separable,),  # without it every margin is zero and there is no programme
    instances=logits(),
    examples=(*golden, *complete, *quasi_complete),
)


@lemma.step("weak duality is tight", by="exact arithmetic", scope="", latex=r"\langle w,\textstyle\sum yd\rangle=\sum y=N(w)N^*(\sum yd)")
def complementary_slackness(case: Case) -> All:
    """At the two vertices the chain of inequalities collapses."""
    parts = []
    for norm, dual in POLYHEDRAL:
        best = norm_margin(case.problem, norm)
        pushed = combination(best.constraints, best.multipliers)
        shape = case.problem.shape
        total = sum((y for pair, y in best.multipliers.items() if pair in best.constraints.separable), 0)
        parts += [Equal(dot(best.vector, pushed), total), Equal(norm_bound(norm, best.vector, shape) * norm_bound(dual, pushed, shape), total)]
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
        return Implies(False, Equal(0, 0))
    low, high = norm_margin(case.problem, "spectral"), norm_margin(case.problem, "nuclear")
    middle = case.derived.max_margin.squared_norm
    return AtMost(high.lower**2, low.upper**2) if reverse else All(AtMost(low.lower**2, middle), AtMost(middle, high.upper**2))


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
