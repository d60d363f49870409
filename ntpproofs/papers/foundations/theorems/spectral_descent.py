"""Spectral descent: SpectralDescent with decaying steps reaches the max margin in the spectral norm."""

from __future__ import annotations

from ....dynamics import SpectralDescent
from ....language.relations import Converges
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import completely_separable
from ._optimizers import complete, margin_path, tau, two_supports

proposition = Proposition(
    label="foundations.spectral-descent",
    title="Spectral descent reaches the max margin in the spectral norm",
    source=derived("the potential argument for steepest descent; arc length of order sqrt k against squares of order log k"),
    setup=r"Let the data be completely separated and $\eta_k=\eta_0/\sqrt k$ with $\eta_0$ the inverse of the"
    r" largest dual norm of a difference; follow $W_{k+1}=W_k-\eta_kUV^\top$, $U\Sigma V^\top=\nabla L(W_k)$"
    r" (Muon without momentum).",
    clauses=(
        clause(
            r"$\min\langle w_k,d\rangle/\|w_k\|_{\mathrm{op}}\to1/\tau_{\mathrm{op}}$, at least like $k^{-1/4}$"
            r" (the bound of the potential argument is $\log k/\sqrt k$).",
            claims=("margin_converges",),
        ),
    ),
    uses=("foundations.norm-margin",),
    assumptions=(completely_separable,),
    instances=complete,
    examples=(two_supports,),
    simulate=SpectralDescent(steps=3_200),
)


@proposition.claim(r"\min_{iv}\langle w_k,d_{iv}\rangle/\|w_k\|_{\mathrm{op}}\to1/\tau_{\mathrm{op}}\text{, at least like }k^{-1/4}")
def margin_converges(case: Case, norm: str = "spectral", limit: str = "spectral") -> Converges:
    """The value, not the vector: the optimal face need not be a point."""
    return Converges(margin_path(case, norm), tau(case, limit).margin, rate=0.5)


@proposition.mutant(of=margin_converges, latex=r"\text{the Euclidean margin becomes maximal}")
def euclidean_margin(case: Case) -> Converges:
    """The limit maximises another norm's margin; its Euclidean margin stays below the largest."""
    return margin_converges(case, norm="frobenius", limit="frobenius")


@proposition.mutant(of=margin_converges, latex=r"\text{the limit margin is that of the nuclear norm}")
def margin_of_another_norm(case: Case) -> Converges:
    """The norms have different max margins."""
    return margin_converges(case, limit="nuclear")


@proposition.mutant(of=margin_converges, without=completely_separable, latex=r"\text{tied pairs do not matter}")
def with_tied_pairs(case: Case) -> Converges:
    """Steps of fixed dual norm cross the tied valley for ever, and the signs that count are those of the crossing."""
    return margin_converges(case)
