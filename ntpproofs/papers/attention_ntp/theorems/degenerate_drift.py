"""Weak edges: the iterates drift like log log t."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ....dynamics import GradientFlow
from ....exact.rational import dot
from ....language.relations import All, Bounded, Converges, Equal, Relation
from ....language.statements import Case, Conjecture, clause, derived
from ...foundations.theorems.degenerate_drift import has_weak_pairs
from ..problem import AttentionNTP
from ._instances import one_hot, weak
from ._limits import floats, svm_or_reduction, when
from .tie_breaking import two_to_one

# The same graph with other counts and a repeated query: neither W^svm nor D sees them.
weak_counted = one_hot(4, ([0, 1, 2], 0), ([0, 1, 2], 0), ([1, 2], 1), ([3, 2, 2], 3))
# Dependent embeddings: token 4 repeats token 3 and is below it, so the Graph-SVM has no solution; four tokens in three dimensions have one.
weak_twins = AttentionNTP([*weak.embeddings, weak.embeddings[3]], [[0, 1, 2], [1, 2], [4, 3, 2]], [0, 1, 3])
weak_dependent = weak.with_embeddings([[1, -1, 1], [1, 0, 1], [1, 2, 0], [2, 1, 1]])

conjecture = Conjecture(
    "attention-ntp.degenerate-drift",
    "Weak edges drift like log log t, with a direction of a second Graph-SVM",
    derived("asymptotic matching; conjecture, measured to t = e^1000000"),
    setup=r"Let some supporting edge have multiplier zero in every solution (weak edges), and $D=\arg\min\|D\|$, zero on strong supporting edges and"
    r" ties, at least $1$ on weak edges. $W(t)$ follows the gradient flow. Where dependent embeddings leave the Graph-SVM without a"
    r" solution, ties and"
    r" supporting edges are those of the reduction, and its max-margin direction takes the place of $W^{\mathrm{svm}}$.",
    clauses=(
        clause(
            r"$W(t)=W^{\mathrm{svm}}\log t+D\log\log t+O(1)$.",
            by=("foundations.degenerate-drift",),
            claims=("slopes_give_the_drift",),
        ),
        clause(r"$D\ne0$ is orthogonal to $W^{\mathrm{svm}}$.", claims=("drift_is_orthogonal",)),
        clause(r"GI-5: $D$ has the scores $(-\tfrac14,-\tfrac14,-\tfrac14,\tfrac34)$.", claims=("golden_drift",)),
    ),
    uses=("foundations.degenerate-drift", "attention-ntp.log-time-slope"),
    assumptions=(has_weak_pairs,),
    instances=(weak, weak_counted, weak_twins, weak_dependent),
    simulate=GradientFlow(log_time=1e6),
    expected="holds",
)


@conjecture.claim(r"\theta\,(\tfrac{dW}{d\theta}(\theta/2)-\tfrac{dW}{d\theta}(\theta))\to D,\ \theta=\log\tau")
def slopes_give_the_drift(case: Case, scale: float = 1.0) -> Converges:
    """The coefficient is read off the slopes of the run, without W^svm; D is that of the exact second-level programme."""
    return Converges(case.trajectory.log_log_drift, scale * floats(case.derived.max_margin.second_level_direction))


@conjecture.claim(r"\text{GI-5: }D=(-\tfrac14,-\tfrac14,-\tfrac14,\tfrac34)\text{ in the column of the query}")
def golden_drift(case: Case) -> Relation:
    """Exact; counts and repetitions do not enter."""
    quarter = Fraction(1, 4)

    def column() -> tuple[Fraction, ...]:
        return tuple(row[2] for row in case.problem.lift(case.derived.max_margin.second_level_direction))

    return when(case.problem in (weak, weak_counted), lambda: Equal(column(), (-quarter, -quarter, -quarter, 3 * quarter)))


@conjecture.claim(r"\langle D,W^{\mathrm{svm}}\rangle=0,\ D\ne0")
def drift_is_orthogonal(case: Case) -> All:
    """Exact."""
    drift = case.derived.max_margin.second_level_direction
    return All(Equal(dot(drift, svm_or_reduction(case)), 0), Equal(any(drift), True))


@conjecture.mutant(of=slopes_give_the_drift, latex=r"W(\tau)-W^{\mathrm{svm}}\log\tau=O(1)")
def bounded_residual(case: Case) -> Bounded:
    """Its increments over doublings of log t do not shrink."""
    return Bounded(case.trajectory.residual(np.asarray(floats(svm_or_reduction(case)))))


@conjecture.mutant(of=slopes_give_the_drift, latex=r"\tfrac12D\log\log\tau")
def half_the_drift(case: Case) -> Converges:
    """The coefficient is pinned down."""
    return slopes_give_the_drift(case, 0.5)


@conjecture.mutant(of=drift_is_orthogonal, without=has_weak_pairs, instances=[two_to_one], latex=r"D\ne0\text{ without weak edges, too}")
def drift_without_weak_edges(case: Case) -> All:
    """Two tokens above one: both edges have positive multipliers, no second programme is left and D = 0."""
    return drift_is_orthogonal(case)
