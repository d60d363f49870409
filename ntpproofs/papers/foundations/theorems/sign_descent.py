"""Sign descent: SignGradientDescent with decaying steps reaches the max margin in l-infinity."""

from __future__ import annotations

from ....dynamics import SignGradientDescent
from ....language.relations import Converges
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import completely_separable
from ._instances import three_quarters
from ._optimizers import complete, margin_path, tau

proposition = Proposition(
    label="foundations.sign-descent",
    title="Sign descent reaches the max margin in l-infinity",
    source=derived("the potential argument for steepest descent; arc length of order sqrt k against squares of order log k"),
    setup=r"Let the data be completely separated and $\eta_k=\eta_0/\sqrt k$ with $\eta_0$ the inverse of the"
    r" largest dual norm of a difference; follow $w_{k+1}=w_k-\eta_k\operatorname{sign}\nabla L(w_k)$.",
    clauses=(
        clause(
            r"$\min\langle w_k,d\rangle/\|w_k\|_\infty\to1/\tau_\infty$, at least like $k^{-1/4}$ (the bound of"
            r" the potential argument is $\log k/\sqrt k$).",
            claims=("margin_converges",),
        ),
    ),
    uses=("foundations.norm-margin",),
    assumptions=(completely_separable,),
    instances=complete,
    examples=(three_quarters,),
    simulate=SignGradientDescent(steps=3_200),
)


@proposition.claim(r"\min_{iv}\langle w_k,d_{iv}\rangle/\|w_k\|_{\infty}\to1/\tau_{\infty}\text{, at least like }k^{-1/4}")
def margin_converges(case: Case, norm: str = "l-infinity", limit: str = "l-infinity") -> Converges:
    """The value, not the vector: the optimal face need not be a point."""
    return Converges(margin_path(case, norm), tau(case, limit).margin, rate=0.5)


@proposition.mutant(of=margin_converges, latex=r"\text{the Euclidean margin becomes maximal}")
def euclidean_margin(case: Case) -> Converges:
    """The limit maximises another norm's margin; its Euclidean margin stays below the largest."""
    return margin_converges(case, norm="frobenius", limit="frobenius")


@proposition.mutant(of=margin_converges, latex=r"\text{the limit margin is that of }\ell_1")
def margin_of_another_norm(case: Case) -> Converges:
    """The norms have different max margins."""
    return margin_converges(case, limit="l1")


@proposition.mutant(of=margin_converges, without=completely_separable, latex=r"\text{tied pairs do not matter}")
def with_tied_pairs(case: Case) -> Converges:
    """Steps of fixed dual norm cross the tied valley for ever, and the signs that count are those of the crossing."""
    return margin_converges(case)
