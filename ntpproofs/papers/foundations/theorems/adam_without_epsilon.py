"""Adam with epsilon = 0 and decaying steps goes where sign descent goes: the max margin in l-infinity."""

from __future__ import annotations

from ....dynamics import Adam
from ....language.relations import Converges
from ....language.statements import Case, Conjecture, clause, derived
from ....logit.assumptions import completely_separable
from ._instances import three_quarters
from ._optimizers import complete, margin_path, tau

conjecture = Conjecture(
    "foundations.adam-without-epsilon",
    "Adam with epsilon = 0 reaches the max margin in l-infinity",
    derived("averages of a slowly turning gradient: m / sqrt(v) tends to its signs; measured, not proved here"),
    setup=r"Let the data be completely separated, $\epsilon=0$ and $\eta_k=\eta_0/\sqrt k$ with the default $\eta_0$"
    r" (the inverse of the largest $\ell_1$ norm of a difference).",
    clauses=(
        clause(
            r"Adam's iterates satisfy $\min\langle w_k,d\rangle/\|w_k\|_\infty\to1/\tau_\infty$, at least like"
            r" $k^{-1/4}$.",
            claims=("margin_converges",),
        ),
    ),
    uses=("foundations.sign-descent",),
    assumptions=(completely_separable,),
    instances=complete,
    examples=(three_quarters,),
    simulate=Adam(steps=3_200, epsilon=0.0),
    expected="holds",
)


@conjecture.claim(r"\min_{iv}\langle w_k,d_{iv}\rangle/\|w_k\|_\infty\to1/\tau_\infty")
def margin_converges(case: Case, norm: str = "l-infinity", limit: str = "l-infinity") -> Converges:
    """Per unit norm, in log k."""
    return Converges(margin_path(case, norm), tau(case, limit).margin, rate=0.5)


@conjecture.mutant(of=margin_converges, latex=r"\text{the Euclidean margin becomes maximal, as for gradient descent}")
def shares_the_direction_of_gradient_descent(case: Case) -> Converges:
    """The direction of u has another l-infinity margin."""
    return margin_converges(case, norm="frobenius", limit="frobenius")


@conjecture.mutant(of=margin_converges, without=completely_separable, latex=r"\text{tied pairs do not matter}")
def with_tied_pairs(case: Case) -> Converges:
    """The averages see the zigzag across the valley, not the slope along it."""
    return margin_converges(case)
