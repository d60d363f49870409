"""Adam with constant epsilon becomes gradient descent once the gradient is below epsilon: both limits of gradient
descent.

sqrt(v) + epsilon tends to epsilon, and what is left is heavy-ball descent in the time eta k / epsilon. The crossover
comes when log t is about log(1/epsilon): a run with epsilon = 10^-8 shows the limit of epsilon = 0 first. Checked at
epsilon = 1.
"""

from __future__ import annotations

from ....dynamics import Adam
from ....language.compared_values import ValuePath
from ....language.relations import Converges
from ....language.statements import Case, Proposition, clause, derived
from ._instances import full, three_quarters, weighted_pair
from ._margins_only import margins_only
from ._optimizers import in_steps

proposition = Proposition(
    label="foundations.adam-with-epsilon",
    title="Adam with constant epsilon shares both limits with gradient descent",
    source=derived("sqrt(v) + epsilon tends to epsilon; measured at epsilon = 1, where the crossover is early"),
    setup=r"Adam with constant $\epsilon=1$, averages $0.9$ and $0.999$, and the constant default step $\eta$ (the"
    r" inverse of the largest $\ell_1$ norm of a difference); $t=\eta k/\epsilon$.",
    clauses=(
        clause(
            r"The slope of $P_Mw_k$ in $\log t$ tends to $u$, at least like $k^{-1/4}$.",
            claims=("slope_converges",),
        ),
        clause(
            r"$P_Tw_k\to w^*$, at least like $k^{-1/2}$.",
            claims=("tied_part_converges",),
        ),
    ),
    uses=("foundations.momentum",),
    instances=(three_quarters, full, weighted_pair),
    simulate=Adam(steps=4_000, epsilon=1.0, decay=0.0),
)


def late(case: Case, path: ValuePath) -> ValuePath:
    """From step 50 on, in log k."""
    return in_steps(case, path).since(3.9)


@proposition.claim(r"\Delta P_Mw/\Delta\log t\to u")
def slope_converges(case: Case, free: bool = False) -> Converges:
    """The Euclidean max-margin direction, norm included."""
    target = margins_only(case) if free else case.derived.max_margin.direction
    return Converges(late(case, case.trajectory.slope), [float(x) for x in target], rate=0.5)


@proposition.claim(r"P_Tw_k\to w^*")
def tied_part_converges(case: Case, epsilon: float = 1.0) -> Converges:
    """The law is 1/k."""
    run = case.trajectory
    if not epsilon:
        # Without averages of g: with them the jumps are chaotic bursts, and a run is not known after some hundred steps.
        adam = Adam(steps=4_000, epsilon=0.0, decay=0.0, averages=(0.0, 0.9))
        run = case.problem.remember("Adam, epsilon 0", lambda: adam(case.problem))
    return Converges(in_steps(case, run.finite_part), case.derived.finite_part, rate=1)


@proposition.mutant(of=slope_converges, latex=r"\text{slope of the programme without equalities}")
def without_equalities(case: Case) -> Converges:
    """Tied scores stay level."""
    return slope_converges(case, free=True)


@proposition.mutant(of=tied_part_converges, latex=r"\epsilon=0\text{ and constant steps share the finite part}")
def without_epsilon(case: Case) -> Converges:
    """Without epsilon a constant step never shrinks: the tied part keeps jumping."""
    return tied_part_converges(case, epsilon=0.0)
