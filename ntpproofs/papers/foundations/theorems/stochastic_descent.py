"""Stochastic gradient descent over rows with constant steps: the limits of gradient descent without tied pairs."""

from __future__ import annotations

import numpy as np

from ....dynamics import StochasticGradientDescent
from ....language.operands import Path
from ....language.relations import Converges
from ....language.statements import Case, Proposition, derived
from ....logit.assumptions import completely_separable
from ._instances import corner, three_quarters
from ._optimizers import in_steps, single_tokens

proposition = Proposition(
    label="foundations.stochastic-descent",
    title="Stochastic gradient descent shares the limits of gradient descent without tied pairs",
    source=derived("the noise is as small as the gradient, because every row's gradient vanishes in the limit; measured"),
    text=r"Minibatches of one row without replacement, constant step, $t=\eta k$: for completely separated data $t(L(w_k)-L^*)\to\|u\|^2$. With"
    r" tied pairs the rows pull in opposite directions, the noise does not vanish, and $P_Tw_k$ does not converge at constant steps.",
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


@proposition.claim(r"P_Tw_k\to w^*")
def tied_part_converges(case: Case) -> Converges:
    """Trivial where nothing is tied; its mutant is the point. Eight records in a row, so that no phase of an epoch is singled out."""
    path = in_steps(case, case.trajectory.finite_part)
    gaps = path.distance(case.derived.finite_part)
    worst = np.array([gaps[max(i - 7, 0) : i + 1].max() for i in range(len(gaps))])
    return Converges(Path(path.log_times, worst, path.errors, "largest distance of eight records"), (0.0,), rate=0.5)


@proposition.mutant(of=risk_constant, latex=r"t\,(L-L^*)\to2\|u\|^2")
def twice_the_constant(case: Case) -> Converges:
    """An epoch counts as much time as its steps."""
    return risk_constant(case, factor=2)


@proposition.mutant(of=tied_part_converges, without=completely_separable, latex=r"P_Tw_k\to w^*\text{ at constant steps}")
def with_tied_pairs(case: Case) -> Converges:
    """Every visit to one label of a soft target moves the tied part by a fixed amount."""
    return tied_part_converges(case)
