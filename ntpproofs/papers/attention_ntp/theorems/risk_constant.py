"""eta tau times the excess risk tends to the squared norm of W^svm (B-D3)."""

from __future__ import annotations

from ....language.relations import Converges
from ....language.statements import Case, Proposition, derived
from ...linear_ntp.assumptions import independent_embeddings
from ..graph_programmes import graph_svm
from ._instances import between, golden, independent, partly_tied
from ._limits import FLOW, floats, margins_only

proposition = Proposition(
    label="attention-ntp.risk-constant",
    title="The excess risk is the squared norm of W^svm over eta tau",
    source=derived("asymptotic matching; measured, a refinement of this project"),
    text=r"$\eta\tau\,(\mathcal L(W(\tau))-\mathcal L^*)\to\|W^{\mathrm{svm}}\|_F^2$, whatever the counts, repetitions and number of sequences; a"
    r" chain of $m$ tokens on orthonormal embeddings gives $m(m^2-1)/12$.",
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
