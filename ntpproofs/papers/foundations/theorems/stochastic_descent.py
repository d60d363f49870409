"""Stochastic gradient descent over rows with constant steps: the risk of gradient descent where nothing is tied.

Every row's gradient vanishes in the limit, so the noise is as small as the gradient. With tied pairs the rows pull in
opposite directions and P_T w_k does not converge at constant steps.
"""

from __future__ import annotations

from ....dynamics import StochasticGradientDescent
from ....language.relations import Converges
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import completely_separable
from ._instances import corner, three_quarters
from ._optimizers import single_tokens

proposition = Proposition(
    label="foundations.stochastic-descent",
    title="Stochastic gradient descent has the risk of gradient descent where nothing is tied",
    source=derived("the noise is as small as the gradient, because every row's gradient vanishes in the limit; measured"),
    setup=r"Let the data be completely separated; minibatches of one of $n$ rows without replacement, constant step"
    r" $\eta=1/(n\beta)$ with the row gradient multiplied by $n$, $t=\eta k$.",
    clauses=(
        clause(
            r"$t(L(w_k)-L^*)\to\|u\|^2$, at least like $k^{-0.3}$.",
            claims=("risk_constant",),
        ),
    ),
    uses=("foundations.risk-constant",),
    assumptions=(completely_separable,),
    instances=(single_tokens, corner),
    examples=(three_quarters,),
    simulate=StochasticGradientDescent(steps=6_000),
)


@proposition.claim(r"t\,(L(w_k)-L^*)\to\|u\|^2")
def risk_constant(case: Case, factor: int = 1) -> Converges:
    """Norm of u included."""
    return Converges(case.trajectory.scaled_excess, (factor * case.derived.max_margin.squared_norm,), rate=0.6)


@proposition.mutant(of=risk_constant, latex=r"t\,(L-L^*)\to2\|u\|^2")
def twice_the_constant(case: Case) -> Converges:
    """An epoch counts as much time as its steps."""
    return risk_constant(case, factor=2)


@proposition.mutant(of=risk_constant, without=completely_separable, latex=r"\text{the same with tied pairs}")
def with_tied_pairs(case: Case) -> Converges:
    """Every visit to one label of a soft target moves the tied part by a fixed amount: the excess does not vanish, and t times it grows."""
    return risk_constant(case)
