"""Coordinate descent: CoordinateDescent with decaying steps reaches the max margin in l1."""

from __future__ import annotations

from ....dynamics import CoordinateDescent
from ....language.relations import Converges
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import completely_separable
from ._instances import three_quarters
from ._optimizers import complete, margin_path, tau, two_supports

proposition = Proposition(
    label="foundations.coordinate-descent",
    title="Greedy coordinate descent reaches the max margin in l1",
    source=derived("the potential argument for steepest descent; arc length of order sqrt k against squares of order log k"),
    setup=r"Let the data be completely separated and $\eta_k=\eta_0/\sqrt k$ with $\eta_0$ the inverse of the"
    r" largest dual norm of a difference; follow greedy coordinate descent (AdaBoost with decaying steps).",
    clauses=(
        clause(
            r"$\min\langle w_k,d\rangle/\|w_k\|_1\to1/\tau_1$, at least like $k^{-1/4}$ (the bound of the"
            r" potential argument is $\log k/\sqrt k$).",
            claims=("margin_converges",),
        ),
    ),
    uses=("foundations.norm-margin",),
    assumptions=(completely_separable,),
    instances=complete,
    examples=(three_quarters,),
    simulate=CoordinateDescent(steps=3_200),
)


@proposition.claim(r"\min_{iv}\langle w_k,d_{iv}\rangle/\|w_k\|_{1}\to1/\tau_{1}\text{, at least like }k^{-1/4}")
def margin_converges(case: Case, norm: str = "l1", limit: str = "l1") -> Converges:
    """The value, not the vector: the optimal face need not be a point."""
    return Converges(margin_path(case, norm), tau(case, limit).margin, rate=0.5)


@proposition.mutant(of=margin_converges, latex=r"\text{the Euclidean margin becomes maximal}")
def euclidean_margin(case: Case) -> Converges:
    """The limit maximises another norm's margin; its Euclidean margin stays below the largest."""
    return margin_converges(case, norm="frobenius", limit="frobenius")


@proposition.mutant(of=margin_converges, latex=r"\text{the limit margin is that of }\ell_\infty")
def margin_of_another_norm(case: Case) -> Converges:
    """The norms have different max margins."""
    return margin_converges(case, limit="l-infinity")


@proposition.mutant(of=margin_converges, without=completely_separable, instances=[two_supports], latex=r"\text{tied pairs do not matter}")
def with_tied_pairs(case: Case) -> Converges:
    """Steps of fixed dual norm cross the tied valley for ever. (On h = 1, p = (3/4, 1/4, 0) the distance from the bottom of the valley and
    the mass outside shrink together until doubles cannot tell which entry is larger: that run is known for some hundred steps only.)"""
    return margin_converges(case)
