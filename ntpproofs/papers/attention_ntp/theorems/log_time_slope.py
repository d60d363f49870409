"""The increments of W in log time tend to W^svm itself (B-D2)."""

from __future__ import annotations

from ....dynamics import GradientDescent
from ....language.relations import Converges
from ....language.statements import Case, Proposition, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ...linear_ntp.assumptions import independent_embeddings
from ._instances import between, golden, independent, pair_above, partly_tied, skew_pair_above, weak
from ._limits import FLOW, floats, flow_from_start, margins_only, svm

proposition = Proposition(
    label="attention-ntp.log-time-slope",
    title="The slope of W in log time is W^svm, norm included",
    source=derived("asymptotic matching; measured, a refinement of this project"),
    text=r"If no support edge is weak, $\frac{W(\tau_2)-W(\tau_1)}{\log(\tau_2/\tau_1)}\to W^{\mathrm{svm}}$ in norm and direction, for every"
    r" $W(0)$ and every allowed $\eta$, whatever the counts and repetitions; the error is $\tau^{-q}$ with the exponent of the multipliers."
    r" Without a cross edge the slope tends to $W^{\mathrm{svm}}=0$.",
    uses=("foundations.log-time-slope", "attention-ntp.global-convergence"),
    assumptions=(independent_embeddings, strictly_complementary),
    instances=independent,
    examples=(*golden, between),
    simulate=FLOW,
)


@proposition.claim(r"\tfrac{dW}{d\log t}\to W^{\mathrm{svm}}")
def slope_converges(case: Case, scale: float = 1.0) -> Converges:
    """Against the exact Graph-SVM; the simulator does not know it."""
    return Converges(case.trajectory.slope, scale * floats(svm(case)), rate=asymptotics(case.derived).exponent)


@proposition.claim(r"\text{the same from a start off every subspace}")
def slope_forgets_the_start(case: Case) -> Converges:
    """W(0) enters the residual only."""
    logit = case.problem.conditional_logit()
    run = logit.remember("flow from start", lambda: flow_from_start(case.problem))
    return Converges(run.slope, floats(svm(case)), rate=asymptotics(case.derived).exponent)


@proposition.mutant(of=slope_converges, latex=r"\text{slope }(1+10^{-6})W^{\mathrm{svm}}")
def off_by_a_millionth(case: Case) -> Converges:
    """The norm is seen to a millionth."""
    return slope_converges(case, 1.000001)


@proposition.mutant(of=slope_converges, latex=r"\text{slope }\widehat W=W^{\mathrm{svm}}/\|W^{\mathrm{svm}}\|")
def unit_slope(case: Case) -> Converges:
    """The direction is not the whole law."""
    size = float(case.derived.max_margin.squared_norm) ** 0.5
    return slope_converges(case, 1 / (size or 1.0))


@proposition.mutant(of=slope_converges, latex=r"\text{the slope of the programme without ties}")
def without_ties(case: Case) -> Converges:
    """Ties on cycles hold the scores level."""
    return Converges(case.trajectory.slope, floats(margins_only(case)), rate=asymptotics(case.derived).exponent)


@proposition.mutant(of=slope_converges, latex=r"\text{slope }\eta W^{\mathrm{svm}}", instances=[pair_above, skew_pair_above])
def slope_in_the_step_size(case: Case) -> Converges:
    """Descent at half the largest step has the same slope in log tau: eta only shifts the time."""
    run = case.problem.conditional_logit().remember("half steps", lambda: GradientDescent(steps=3_000, step_size=0.25)(case.problem))
    return Converges(run.slope, 0.25 * floats(svm(case)), rate=1)


@proposition.mutant(of=slope_converges, without=strictly_complementary, instances=[weak], latex=r"\text{a power of }t\text{ with weak edges, too}")
def power_with_weak_edges(case: Case) -> Converges:
    """A forced zero multiplier leaves an error of order 1/log t."""
    return Converges(case.trajectory.slope, floats(svm(case)), rate=1)


@proposition.mutant(of=slope_converges, without=independent_embeddings, instances=[partly_tied], latex=r"\text{the same for all embeddings}")
def graph_svm_always(case: Case) -> Converges:
    """The embeddings tie a cross edge: the Graph-SVM has no solution, while the slope tends to the direction that keeps the edge level."""
    return slope_converges(case)
