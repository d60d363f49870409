"""eta tau times the excess risk tends to the squared norm of W^svm."""

from __future__ import annotations

from ....dynamics import GradientDescent
from ....language.relations import Converges
from ....language.statements import Case, Proposition, clause, derived
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.step_size import largest_step
from ..graph_programmes import graph_svm
from ._instances import between, golden, independent, pair, pair_above, partly_tied, uneven
from ._limits import FLOW, descent, floats, margins_only, start

proposition = Proposition(
    label="attention-ntp.risk-constant",
    title="The excess risk is the squared norm of W^svm over eta tau",
    source=derived("asymptotic matching; measured, a refinement given here"),
    setup=r"Independent embeddings; gradient descent with $0<\eta\le1/\beta$, $t=\eta\tau$, or the gradient flow at time $t$; any $W(0)$.",
    clauses=(
        clause(
            r"$t\,(\mathcal L(W(t))-\mathcal L^*)\to\|W^{\mathrm{svm}}\|_F^2$ along the flow, whatever the counts, repetitions and"
            r" number of sequences.",
            by=("foundations.risk-constant", "attention-ntp.graph-svm"),
            claims=("scaled_risk_converges",),
        ),
        clause(
            r"Gradient descent has the same limit.",
            by=("foundations.risk-constant", "attention-ntp.graph-svm"),
            claims=("descent_has_the_constant",),
        ),
        clause(
            r"For a chain of $m$ tokens on orthonormal embeddings it is $m(m^2-1)/12$.",
            by=("foundations.risk-constant", "attention-ntp.graph-svm-closed-forms"),
            claims=("scaled_risk_converges",),
        ),
    ),
    uses=("foundations.risk-constant", "attention-ntp.global-convergence"),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=(*golden, between),
    simulate=FLOW,
)


@proposition.claim(r"t\,(\mathcal L-\mathcal L^*)\to\|W^{\mathrm{svm}}\|_F^2")
def scaled_risk_converges(case: Case, scale: float = 1.0, power: float = 1.0) -> Converges:
    """Against the exact sum of the multipliers on cross edges."""
    squared = graph_svm(case.problem).squared_norm
    return Converges(case.trajectory.scaled_excess, (scale * float(squared or 0) ** power,))


@proposition.claim(r"\text{gradient descent at }\eta=1/\beta:\ \eta\tau\,(\mathcal L-\mathcal L^*)\to\|W^{\mathrm{svm}}\|_F^2")
def descent_has_the_constant(case: Case, factor: int = 1) -> Converges:
    """3 000 steps from zero, or from `start` at `factor` times the largest step."""
    problem = case.problem
    run = descent(problem)
    if factor > 1:
        size = factor * float(largest_step(problem.conditional_logit()))
        run = GradientDescent(steps=600, step_size=size, initial=start(problem))(problem)
    return Converges(run.scaled_excess, (float(graph_svm(problem).squared_norm or 0),))


@proposition.mutant(of=descent_has_the_constant, latex=r"\text{for any constant }\eta", instances=[pair, uneven, pair_above])
def any_step_size(case: Case) -> Converges:
    """At three times 1/beta the gap of a symmetric two-cycle alternates for ever, and the excess risk does not fall at all."""
    return descent_has_the_constant(case, factor=3)


@proposition.mutant(of=scaled_risk_converges, latex=r"\to\|W^{\mathrm{svm}}\|_F")
def norm_instead_of_its_square(case: Case) -> Converges:
    """The square is meant."""
    return scaled_risk_converges(case, power=0.5)


@proposition.mutant(of=scaled_risk_converges, latex=r"\to\tfrac1n\|W^{\mathrm{svm}}\|_F^2")
def divided_by_the_number_of_sequences(case: Case) -> Converges:
    """The weights 1/n cancel."""
    return scaled_risk_converges(case, scale=1 / len(case.problem.sequences))


@proposition.mutant(of=scaled_risk_converges, latex=r"\to\|W\|^2\text{ of the programme without ties}")
def without_ties(case: Case) -> Converges:
    """A smaller norm."""
    direction = floats(margins_only(case))
    return Converges(case.trajectory.scaled_excess, (float(direction @ direction),))


@proposition.mutant(of=scaled_risk_converges, latex=r"\to(1+10^{-6})\|W^{\mathrm{svm}}\|_F^2")
def off_by_a_millionth(case: Case) -> Converges:
    """A relative error of 1e-6 is seen."""
    return scaled_risk_converges(case, scale=1.000001)


@proposition.mutant(of=scaled_risk_converges, without=independent_embeddings, instances=[partly_tied], latex=r"\text{the same for all embeddings}")
def graph_svm_always(case: Case) -> Converges:
    """The embeddings tie a cross edge: the Graph-SVM has no solution, while the excess risk falls like 1/(2t)."""
    return scaled_risk_converges(case)
