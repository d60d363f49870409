"""Normalised gradient descent, the protocol of the published experiment: what converges and what does not."""

from __future__ import annotations

import numpy as np

from ....dynamics import NormalizedGradientDescent
from ....dynamics.trajectory import Trajectory
from ....language.relations import AtMost, Converges, Measured, Relation, ValuePath
from ....language.statements import Case, Conjecture, clause, derived
from ....logit.embedding_assumptions import independent_embeddings
from ..problem import AttentionNTP
from ._instances import between, one_hot, pair, skew_pair_above, uneven
from ._limits import fin, floats, margins_only, svm, when

STEPS, STEP = 3_200, 0.2
# Counts 2 and 1 inside the cycle, one token below it.
uneven_above = one_hot(3, ([1, 0], 0), ([1, 0], 0), ([1, 0], 1), ([2, 0], 0))

conjecture = Conjecture(
    "attention-ntp.normalised-descent",
    "Normalised descent: both limits at decaying steps, half a step short of W^fin at constant ones",
    derived("evidence: runs of the published protocol; conjecture"),
    setup=r"$W\leftarrow W-\eta_k\nabla\mathcal L/\|\nabla\mathcal L\|$, $t=\sum\eta_k/\|\nabla\mathcal L\|$; independent embeddings. Without a cross"
    r" edge all this holds with $W^{\mathrm{svm}}=0$.",
    clauses=(
        clause(
            r"With $\eta_k=\eta_0/\sqrt k$ the slope in $\log t$ tends to $W^{\mathrm{svm}}$,",
            by=("foundations.normalised-descent",),
            claims=("slope_converges",),
        ),
        clause(
            r"and $\Pi_SW\to W^{\mathrm{fin}}$, at least like $k^{-1/4}$.",
            by=("foundations.normalised-descent",),
            claims=("cyclic_part_converges",),
        ),
        clause(
            r"With constant $\eta$ and a one-dimensional $S_{\mathrm{fin}}$, $\Pi_SW$ ends in a jump across $W^{\mathrm{fin}}$: the"
            r" mean distance of its ends"
            r" is at most $\eta/2$.",
            claims=("mean_of_the_ends",),
        ),
        clause(
            r"The bound $\tfrac\eta2\sqrt{\dim S_{\mathrm{fin}}}$ for every iterate is false: the two ends are not equally far away"
            r" (seen in floating"
            r" point).",
            claims=("every_end_is_near",),
        ),
    ),
    uses=("foundations.normalised-descent", "attention-ntp.log-time-slope"),
    assumptions=(independent_embeddings,),
    instances=(uneven_above, skew_pair_above, uneven, pair),
    simulate=NormalizedGradientDescent(steps=STEPS),
)


def constant(problem: AttentionNTP) -> Trajectory:
    """Constant steps of 1/5; once per problem."""
    descent = NormalizedGradientDescent(steps=STEPS, step_size=STEP, decay=0.0)
    found: Trajectory = problem.conditional_logit().remember(descent, lambda: descent(problem))
    return found


def in_steps(run: Trajectory, path: ValuePath, first: float = 0.0) -> ValuePath:
    """A path in the logarithm of the number of steps."""
    times = np.log(run.details["steps"].astype(float))
    keep = times >= first
    return ValuePath(times[keep], path.values[keep], path.errors[keep] * 100, path.name)


def distances(case: Case) -> tuple[float, float]:
    """|Pi_S W - W^fin| at the last iterate of the constant protocol and one step later; a gradient that vanishes makes no step."""
    run, parts = constant(case.problem), case.derived
    w, gradient = run.iterates.values[-1], case.problem.conditional_logit().gradient(run.iterates.values[-1])
    after, frame = w - STEP * gradient / (np.linalg.norm(gradient) or 1.0), parts.coordinates.tied_frame
    first, second = (float(np.linalg.norm(frame.T @ (x - fin(case).finite_part.array))) for x in (w, after))
    return first, second


@conjecture.claim(r"\eta_k=\eta_0/\sqrt k:\ \tfrac{\Delta W}{\Delta\log t}\to W^{\mathrm{svm}}")
def slope_converges(case: Case, ties: bool = True) -> Converges:
    """Norm included, although every step has the length eta_k."""
    path = in_steps(case.trajectory, case.trajectory.slope, 2.0)
    return Converges(path, floats(svm(case) if ties else margins_only(case)), rate=0.5)


@conjecture.claim(r"\eta_k=\eta_0/\sqrt k:\ \Pi_SW\to W^{\mathrm{fin}}")
def cyclic_part_converges(case: Case, decaying: bool = True) -> Converges:
    """The valley of the cycles is crossed by steps that shrink."""
    run = case.trajectory if decaying else constant(case.problem)
    return Converges(in_steps(run, run.finite_part), fin(case).finite_part, rate=0.5)


@conjecture.claim(
    r"\text{constant }\eta,\ \dim S_{\mathrm{fin}}=1:\ \text{two ends of a jump, their mean distance to }W^{\mathrm{fin}}\text{ at"
    r" most }\eta/2"
)
def mean_of_the_ends(case: Case, worst: bool = False) -> Relation:
    """The jump is at most as long as the step; W^fin lies between its ends. One part in a hundred is left for what still goes across."""
    one = case.derived.tied.dimension == 1

    def bound() -> AtMost:
        ends = distances(case)
        value = max(ends) if worst else sum(ends) / 2
        return AtMost(Measured(value, 1e-9), Measured(STEP / 2, 1e-2 * STEP))

    return when(one, bound)


@conjecture.claim(
    r"\text{constant }\eta:\ \|\Pi_SW-W^{\mathrm{fin}}\|\le\tfrac\eta2\sqrt{\dim S_{\mathrm{fin}}}\text{ in the"
    r" end}",
    expected="refuted",
)
def every_end_is_near(case: Case) -> Relation:
    """False: from zero with counts 2 and 1 one end is farther away."""
    return mean_of_the_ends(case, worst=True)


@conjecture.mutant(of=cyclic_part_converges, latex=r"\text{constant }\eta:\ \Pi_SW\to W^{\mathrm{fin}}")
def constant_steps_converge(case: Case) -> Converges:
    """The published protocol: a step of fixed length cannot come to rest."""
    return cyclic_part_converges(case, decaying=False)


@conjecture.mutant(of=slope_converges, latex=r"\text{the slope of the programme without ties}")
def without_ties(case: Case) -> Converges:
    """Tied scores stay level on the way out."""
    return slope_converges(case, ties=False)


@conjecture.mutant(of=cyclic_part_converges, without=independent_embeddings, instances=[between], latex=r"\text{the same for all embeddings}")
def cycles_decide_always(case: Case) -> Converges:
    """A token halfway between two others and above both is tied to them without a cycle, and W^fin of the cycles is 0."""
    return cyclic_part_converges(case)
