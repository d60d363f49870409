"""The increments of W in log time tend to W^svm itself."""

from __future__ import annotations

from ....dynamics import GradientDescent
from ....language.relations import Converges, Relation
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ....logit.embedding_assumptions import independent_embeddings
from ._instances import between, golden, independent, pair_above, partly_tied, skew_pair_above, weak
from ._limits import FLOW, descent, floats, flow_from_start, margins_only, svm, when

proposition = Proposition(
    label="attention-ntp.log-time-slope",
    title="The slope of W in log time is W^svm, norm included",
    source=derived("asymptotic matching; measured, a refinement given here"),
    setup=r"Independent embeddings, no weak support edge; $W(t)$ follows the gradient flow from any $W(0)$, gradient descent has $t=\eta\tau$,"
    r" $0<\eta\le1/\beta$.",
    clauses=(
        clause(
            r"$\frac{W(t_2)-W(t_1)}{\log(t_2/t_1)}\to W^{\mathrm{svm}}$ along the flow, in norm and direction, at least like"
            r" $t^{-q/2}$ with the exponent"
            r" $q$ of the multipliers; without a cross edge the limit is $W^{\mathrm{svm}}=0$.",
            by=("foundations.log-time-slope", "attention-ntp.graph-svm"),
            claims=("slope_converges",),
        ),
        clause(
            r"The limit does not depend on $W(0)$.",
            by=("foundations.log-time-slope", "attention-ntp.graph-svm"),
            claims=("slope_forgets_the_start",),
        ),
        clause(
            r"Gradient descent has the same limit, whatever $\eta$ is allowed.",
            by=("foundations.log-time-slope", "foundations.hand-off", "attention-ntp.graph-svm"),
            claims=("descent_has_the_slope",),
        ),
    ),
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


@proposition.claim(r"\text{gradient descent at }\eta=1/\beta:\ \tfrac{\Delta W}{\Delta\log\tau}\to W^{\mathrm{svm}}")
def descent_has_the_slope(case: Case) -> Relation:
    """3 000 steps reach log tau = 8: asked where the exponent is at least 1/2."""
    q = asymptotics(case.derived).exponent
    return when(q >= 0.5, lambda: Converges(descent(case.problem).slope, floats(svm(case)), rate=q), "the law sets in too slowly for descent")


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
