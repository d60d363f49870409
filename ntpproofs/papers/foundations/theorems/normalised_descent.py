"""Normalised gradient descent with decaying steps shares both limits with gradient descent; with constant steps only one."""

from __future__ import annotations

from ....dynamics import NormalizedGradientDescent
from ....language.compared_values import ValuePath
from ....language.relations import Converges, NotExercised, Relation
from ....language.statements import Case, Proposition, clause, derived
from ._instances import full, three_quarters, weighted_pair
from ._margins_only import margins_only
from ._optimizers import in_steps, one_token

proposition = Proposition(
    label="foundations.normalised-descent",
    title="Normalised gradient descent with decaying steps shares both limits with gradient descent",
    source=derived("gradient descent in the time t = sum of eta_k / |g_k|; measured"),
    setup=r"Let $w_{k+1}=w_k-\eta_kg_k/\|g_k\|$ with $\eta_k=\eta_0/\sqrt k$, $\eta_0$ the inverse of the largest"
    r" length of a difference, and $t_k=\sum_{j<k}\eta_j/\|g_j\|$.",
    clauses=(
        clause(
            r"The slope of $P_Mw_k$ in $\log t_k$ tends to $u$, at least like $k^{-1/4}$.",
            claims=("slope_converges",),
        ),
        clause(
            r"$P_Tw_k\to w^*$, at least like $k^{-1/4}$.",
            claims=("tied_part_converges",),
        ),
    ),
    uses=("foundations.log-time-slope", "foundations.finite-part-limit"),
    instances=(three_quarters, one_token, full, weighted_pair),
    simulate=NormalizedGradientDescent(steps=3_200),
)


def late_slope(case: Case) -> ValuePath:
    """The slope in log t, in the metre log k in which it converges; the first records are transient."""
    path = in_steps(case, case.trajectory.slope)
    late = path.log_times >= 2.0
    return ValuePath(path.log_times[late], path.values[late], path.errors[late] * 100, path.name)


@proposition.claim(r"\Delta P_Mw/\Delta\log t\to u")
def slope_converges(case: Case, scale: float = 1.0) -> Converges:
    """Norm included, although every step has the length eta_k."""
    return Converges(late_slope(case), [scale * float(x) for x in case.derived.max_margin.direction], rate=0.5)


@proposition.claim(r"P_Tw_k\to w^*\text{, at least like }k^{-1/4}")
def tied_part_converges(case: Case, decay: float = 0.5) -> Relation:
    """The valley is crossed by steps that shrink."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    run = (
        case.trajectory if decay else case.problem.remember("constant steps", lambda: NormalizedGradientDescent(steps=3_200, decay=0.0)(case.problem))
    )
    return Converges(in_steps(Case(case.problem, simulate=lambda _: run), run.finite_part), case.derived.finite_part, rate=0.5)


@proposition.mutant(of=slope_converges, latex=r"\text{slope }2u")
def twice_the_slope(case: Case) -> Converges:
    """Time is measured by the same clock for every method."""
    return slope_converges(case, 2.0)


@proposition.mutant(of=slope_converges, latex=r"\text{slope of the programme without equalities}")
def without_equalities(case: Case) -> Converges:
    """Tied scores stay level on the way out."""
    return Converges(late_slope(case), [float(x) for x in margins_only(case)], rate=0.5)


@proposition.mutant(of=tied_part_converges, latex=r"P_Tw_k\to w^*\text{ at constant steps}")
def constant_steps(case: Case) -> Relation:
    """A step of fixed length cannot come to rest."""
    return tied_part_converges(case, decay=0.0)
