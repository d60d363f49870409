"""What is left after W^svm log t: a residual set by label counts, and the 1/t coefficient of the finite part (B-D4)."""

from __future__ import annotations

import numpy as np

from ....language.relations import Bounded, Converges, Implies, Path
from ....language.statements import Case, Proposition, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ...linear_ntp.assumptions import independent_embeddings
from ._instances import between, chain, golden, independent, partly_tied, weak
from ._limits import FLOW, floats, svm, when

proposition = Proposition(
    label="attention-ntp.residual",
    title="The residual and the coefficient of the finite part",
    source=derived("asymptotic matching; measured, a refinement of this project"),
    text=r"Without weak edges $\Pi_\perp W-W^{\mathrm{svm}}\log(\eta\tau)$ stays bounded; on the span $E$ of the supporting cross edges it tends to"
    r" $\widetilde W=\arg\min_{x\in E}\sum_zq_ze^{-\langle z,x\rangle}+\langle W^{\mathrm{svm}},x\rangle$, $q_z$ the limiting odds of the lower"
    r" token against the label's component, over $n$. And $t\,(\Pi_SW-W^{\mathrm{fin}})$ tends to a vector that does not vanish in"
    r" general: on mixed data the finite part converges like $1/\tau$.",
    uses=("foundations.residual", "foundations.finite-part-coefficient", "attention-ntp.log-time-slope"),
    assumptions=(independent_embeddings, strictly_complementary),
    instances=independent,
    examples=(*golden, between),
    simulate=FLOW,
)


def on_support(case: Case, path: Path) -> Path:
    """The projection of a path on the span of the supporting cross edges."""
    span = asymptotics(case.derived).span
    return Path(path.log_times, path.values @ span @ span.T, path.errors, path.name)


@proposition.claim(r"\Pi_\perp W-W^{\mathrm{svm}}\log t=O(1)")
def residual_is_bounded(case: Case, scale: float = 1.0) -> Bounded:
    """Its increments over doublings of log t shrink."""
    return Bounded(case.trajectory.residual(scale * floats(svm(case))), rate=asymptotics(case.derived).exponent)


@proposition.claim(r"\Pi_E[\Pi_\perp W-W^{\mathrm{svm}}\log t]\to\widetilde W")
def residual_converges(case: Case, share: float = 1.0) -> Converges:
    """Against the Newton minimiser of the predicted sum of exponentials; at the smallest rate of the multipliers."""
    predicted = asymptotics(case.derived)
    target = share * np.asarray(predicted.residual.value)
    return Converges(on_support(case, case.trajectory.residual(svm(case))), target, rate=predicted.exponent)


@proposition.claim(r"t\,(\Pi_SW-W^{\mathrm{fin}})\to H^{-1}\textstyle\sum\lambda_z\Pi_Sz")
def finite_part_coefficient(case: Case, scale: float = 1.0) -> Converges:
    """z runs over the differences of the component's mean embedding and a supporting lower token, times the query."""
    predicted = asymptotics(case.derived)
    target = scale * np.asarray(predicted.finite_part_coefficient.value)
    return Converges(case.trajectory.scaled_finite_part, target, rate=min(predicted.exponent, 1.0))


@proposition.claim(r"\text{chain }2\to1\to0:\ \widetilde W\text{ has scores }(\log2,0,-\log2)")
def chain_residual(case: Case) -> Implies:
    """The golden chain, where the residual is known in closed form."""

    def scores() -> Converges:
        path = case.trajectory.residual(svm(case))
        column = Path(path.log_times, path.values[:, ::3], path.errors, "residual scores of the chain")
        return Converges(column, [np.log(2), 0.0, -np.log(2)], rate=0.5)

    return when(case.problem == chain, scores)


@proposition.mutant(of=residual_is_bounded, latex=r"\Pi_\perp W-\tfrac9{10}W^{\mathrm{svm}}\log t=O(1)")
def wrong_slope_leaves_a_drift(case: Case) -> Bounded:
    """A tenth of the slope is left over."""
    return residual_is_bounded(case, 0.9)


@proposition.mutant(of=residual_is_bounded, without=strictly_complementary, instances=[weak], latex=r"\text{bounded with weak edges, too}")
def bounded_with_weak_edges(case: Case) -> Bounded:
    """A tight edge with a forced zero multiplier: the score of token 3 grows like 3/4 log log t."""
    return Bounded(case.trajectory.residual(floats(svm(case))))


@proposition.mutant(of=residual_is_bounded, without=independent_embeddings, instances=[partly_tied], latex=r"\text{the same for all embeddings}")
def graph_svm_always(case: Case) -> Bounded:
    """The embeddings tie a cross edge: the Graph-SVM has no solution to subtract, and the iterates grow like log t."""
    return residual_is_bounded(case)


@proposition.mutant(of=residual_converges, latex=r"\Pi_EW-W^{\mathrm{svm}}\log t\to0")
def residual_vanishes(case: Case) -> Converges:
    """W^svm log t + W^fin is not the whole iterate."""
    return residual_converges(case, share=0.0)


@proposition.mutant(of=finite_part_coefficient, latex=r"\text{the finite part converges faster than }1/t\text{ on mixed data}")
def faster_than_one_over_t(case: Case) -> Converges:
    """Counts 3 and 2 in a cycle above two tokens: tau times the error tends to .7955."""
    return finite_part_coefficient(case, 0.0)


@proposition.mutant(of=finite_part_coefficient, latex=r"\text{the opposite sign}")
def opposite_sign(case: Case) -> Converges:
    """The mass below pushes the finite part in one direction."""
    return finite_part_coefficient(case, -1.0)
