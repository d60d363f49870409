"""Mirror descent with potential |w|_p^2 / 2 reaches the max margin in the p-norm."""

from __future__ import annotations

from ....dynamics import MirrorDescent
from ....language.compared_values import ValuePath
from ....language.relations import Converges
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import completely_separable
from ._optimizers import complete, crossed_valley, margin_path, tau

proposition = Proposition(
    label="foundations.mirror-descent",
    title="Mirror descent with a p-norm potential reaches the max margin in the p-norm",
    source=derived("the dual iterate is a combination of differences: stationarity of the p-norm programme in the limit"),
    setup=r"Let the data be completely separated; mirror descent with potential $\|w\|_p^2/2$ and normalised steps"
    r" $\eta_0/\sqrt k$, $\eta_0$ the inverse of the largest $\ell_1$ norm of a difference.",
    clauses=(
        clause(
            r"$\min\langle w_k,d\rangle/\|w_k\|_p\to1/\tau_p$ for $p=3/2$, at least like $k^{-1/4}$.",
            claims=("margin_converges",),
        ),
        clause(
            r"The same for $p=3$.",
            claims=("cubic_margin_converges",),
        ),
    ),
    uses=("foundations.norm-margin",),
    assumptions=(completely_separable,),
    instances=complete,
    simulate=MirrorDescent(steps=3_200, p=1.5),
)


@proposition.claim(r"\min\langle w_k,d\rangle/\|w_k\|_{3/2}\to1/\tau_{3/2}")
def margin_converges(case: Case, norm: float | str = 1.5, limit: float | str = 1.5) -> Converges:
    """The target is an enclosure from weak duality."""
    return Converges(margin_path(case, norm), tau(case, limit).margin, rate=0.5)


def cubic(case: Case) -> ValuePath:
    """The margin path of the run with p = 3."""
    run = case.problem.remember("mirror, p = 3", lambda: MirrorDescent(steps=3_200, p=3.0)(case.problem))
    return margin_path(Case(case.problem, simulate=lambda _: run), 3.0)


@proposition.claim(r"\min\langle w_k,d\rangle/\|w_k\|_3\to1/\tau_3")
def cubic_margin_converges(case: Case, limit: float | str = 3.0) -> Converges:
    """The same law on the other side of p = 2."""
    return Converges(cubic(case), tau(case, limit).margin, rate=0.5)


@proposition.mutant(of=margin_converges, latex=r"\text{the Euclidean margin becomes maximal}")
def euclidean_margin(case: Case) -> Converges:
    """Only for p = 2."""
    return margin_converges(case, norm="frobenius", limit="frobenius")


@proposition.mutant(of=margin_converges, latex=r"\text{the limit margin is that of the dual exponent }3")
def dual_exponent(case: Case) -> Converges:
    """Potential and dual potential confused."""
    return margin_converges(case, limit=3.0)


@proposition.mutant(of=cubic_margin_converges, latex=r"\text{the limit margin is that of }p=3/2")
def dual_exponent_of_three(case: Case) -> Converges:
    """And the other way round."""
    return cubic_margin_converges(case, limit=1.5)


@proposition.mutant(
    of=margin_converges, without=completely_separable, instances=[crossed_valley], latex=r"\text{rate }k^{-1/2}\text{ with tied pairs, too}"
)
def with_tied_pairs(case: Case) -> Converges:
    """Steps of a fixed length cross the tied valley, and the norm grows like log k only."""
    return margin_converges(case)
