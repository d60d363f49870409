"""What is left after W^svm log t: a residual set by label counts, and the 1/t coefficient of the finite part."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ....language.relations import Bounded, Converges, Equal, Less, ValuePath
from ....language.statements import Case, Proposition, clause, derived
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ....logit.decomposition import decompose
from ....logit.embedding_assumptions import independent_embeddings
from ..graph_programmes import graph_svm
from ._instances import between, chain, golden, independent, mixed, partly_tied, weak
from ._limits import FLOW, floats, svm
from ._reduced_choice_sets import reduced_sets

proposition = Proposition(
    label="attention-ntp.residual",
    title="The residual and the coefficient of the finite part",
    source=derived("asymptotic matching; measured, a refinement given here"),
    setup=r"Independent embeddings, no weak edge, $W(t)$ the gradient flow from any $W(0)$; $E$ is the span of the supporting cross edges $z$ off"
    r" $S_{\mathrm{fin}}$, $q_z$ the limiting odds of the lower token against the label's component, over $n$, and"
    r" $\widetilde W=\arg\min_{x\in E}\sum_zq_ze^{-\langle z,x\rangle}+\langle W^{\mathrm{svm}},x\rangle$.",
    clauses=(
        clause(
            r"$\Pi_\perp W-W^{\mathrm{svm}}\log t$ stays bounded;",
            by=("foundations.residual", "attention-ntp.graph-svm"),
            claims=("residual_is_bounded",),
        ),
        clause(
            r"on $E$ it tends to $\widetilde W$.",
            by=("foundations.residual", "attention-ntp.graph-svm"),
            claims=("residual_converges",),
        ),
        clause(
            r"$t\,(\Pi_SW-W^{\mathrm{fin}})$ tends to $H^{-1}\sum\lambda_z\Pi_Sz$, $z$ the differences of the component's mean"
            r" embedding and a supporting"
            r" lower token, times the query.",
            by=("foundations.finite-part-coefficient", "attention-ntp.finite-part"),
            claims=("finite_part_coefficient",),
        ),
        clause(
            r"That vector can be non-zero: on mixed data the finite part need not converge faster than $1/t$.",
            witness=("pull_on_the_cycle",),
        ),
        clause(r"For the chain $2\to1\to0$, $\widetilde W$ has the scores $(\log2,0,-\log2)$.", witness=("chain_step",)),
    ),
    uses=("foundations.residual", "foundations.finite-part-coefficient", "attention-ntp.log-time-slope"),
    assumptions=(independent_embeddings, strictly_complementary),
    instances=independent,
    examples=(*golden, between),
    simulate=FLOW,
)


def on_support(case: Case, path: ValuePath) -> ValuePath:
    """The projection of a path on the span of the supporting cross edges."""
    span = asymptotics(case.derived).span
    return ValuePath(path.log_times, path.values @ span @ span.T, path.errors, path.name)


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


@proposition.step(
    "the residual of the chain",
    by="exact arithmetic",
    scope="one instance",
    latex=r"q_ze^{-\langle z,\widetilde W\rangle}=\lambda_z=1,\ q_z=\tfrac12",
)
def chain_step() -> Equal:
    """Both supporting edges have the gap -log 2 at these scores: q_z times 2 is the multiplier, and the scores have mean 0, so W lies in E."""
    svm_of_chain, share = graph_svm(chain), Fraction(1, len(chain.labels))
    scores = (Fraction(1), Fraction(0), Fraction(-1))  # over log 2
    found = {edge: share * 2 ** int(scores[edge.lower] - scores[edge.upper]) for edge in svm_of_chain.multipliers}
    return Equal(found, svm_of_chain.multipliers)


@proposition.step("the pull of lower tokens on a cycle", by="exact multipliers", scope="one instance",
                  latex=r"\text{GI-3: }\textstyle\sum_z\lambda_z(\bar p_0-\bar p_1)>0,\ \bar p=(\tfrac35,\tfrac25)\text{ or }(1,0)")  # fmt: skip
def pull_on_the_cycle() -> Less:
    """Pi_S z is (pbar_0 - pbar_1)/2 times (e_0 - e_1) e_0^T; odds 3 to 2 at W^fin, cut down to the reduced choice set of the sequence."""
    odds, pull = {0: Fraction(3), 1: Fraction(2)}, Fraction(0)
    for (i, _), value in decompose(mixed).max_margin.multipliers.items():
        kept = reduced_sets(mixed)[i]
        shares = {v: odds[v] / sum(odds[u] for u in kept) for v in kept}
        pull += value * (shares.get(0, Fraction(0)) - shares.get(1, Fraction(0)))
    return Less(Fraction(0), pull)


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
