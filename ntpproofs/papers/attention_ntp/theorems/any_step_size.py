"""Acyclic data: any constant step has the direction W^svm."""

from __future__ import annotations

from fractions import Fraction

from flint import ctx

from ....dynamics import GradientDescent
from ....dynamics.trajectory import Trajectory
from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import All, Converges, Less, ValuePath
from ....language.statements import Case, Conjecture, clause, derived
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.step_size import largest_step
from ..assumptions import acyclic
from ..problem import AttentionNTP
from ._instances import chain, constant, pair_above, partly_tied, per_query, skew_chain, skew_pair_above
from ._limits import fin, floats, start, svm
from .tie_breaking import one_to_one, two_to_one

FACTORS = (3, 6)

conjecture = Conjecture(
    "attention-ntp.any-step-size",
    "On acyclic data every constant step has the slope W^svm",
    derived("evidence: runs at 3 and 6 times the largest step of the descent lemma; conjecture"),
    setup=r"Independent embeddings, gradient descent with a constant step $\eta>0$ of any size, any $W(0)$.",
    clauses=(
        clause(
            r"On acyclic data the slope of $W(\tau)$ in $\log\tau$ still tends to $W^{\mathrm{svm}}$, although the risk need not"
            r" decrease at first"
            r" (seen at 3 and 6 times $1/\beta$).",
            claims=("slope_converges",),
        ),
        clause(
            r"On cyclic data this fails on the finite part, which can cycle for ever: with $[1,0]\to0,1$ and $\eta=6$ the gap"
            r" alternates between two"
            r" values $\pm\delta$, $\tfrac52<\delta<3$.",
            witness=("two_cycle",),
        ),
    ),
    uses=("attention-ntp.log-time-slope",),
    assumptions=(acyclic, independent_embeddings),
    instances=(chain, per_query, skew_chain, two_to_one, one_to_one, constant),
    examples=(pair_above, skew_pair_above),
)


def run(problem: AttentionNTP, factor: int) -> Trajectory:
    """3 000 steps of `factor` times 1/beta, once per problem. From far off, a longer first step would take e^eta steps to make good: from zero."""
    step = factor * float(largest_step(problem.conditional_logit()))
    descent = GradientDescent(steps=3_000, step_size=step, initial=start(problem) if factor == 3 else None)
    found: Trajectory = problem.conditional_logit().remember(descent, lambda: descent(problem))
    return found


def slope(problem: AttentionNTP, factor: int) -> ValuePath:
    """The slope against the logarithm of the number of steps; the error of increments over 15 % of log time is their rounding."""
    made = run(problem, factor)
    path = made.slope
    times = path.log_times - path.log_times[0]
    return ValuePath(times[1:], path.values[1:], path.errors[1:] * 1e3, f"slope at {factor} times 1/beta")


@conjecture.step("a two-cycle", by="balls", scope="one instance", latex=r"\delta-3\tanh\tfrac\delta2:\ <0\text{ at }\tfrac52,\ >0\text{ at }3")
def two_cycle() -> All:
    """The gap moves by delta <- delta - 6 tanh(delta / 2): to -delta where delta = 3 tanh(delta / 2), and back by symmetry."""
    with ctx.workprec(PRECISION):
        values = [interval(exact_arb(x) - 3 * (exact_arb(x) / 2).tanh()) for x in (Fraction(5, 2), Fraction(3))]
    return All(Less(values[0], 0), Less(0, values[1]))


@conjecture.claim(r"\tfrac{\Delta W}{\Delta\log\tau}\to W^{\mathrm{svm}}\text{ at }\eta=3/\beta,\ 6/\beta")
def slope_converges(case: Case, scale: float = 1.0) -> All:
    """Against the exact Graph-SVM."""
    return All(*(Converges(slope(case.problem, factor), scale * floats(svm(case))) for factor in FACTORS))


@conjecture.mutant(of=slope_converges, latex=r"\text{slope }2W^{\mathrm{svm}}")
def twice_the_slope(case: Case) -> Converges:
    """The norm is pinned down."""
    return Converges(slope(case.problem, 3), 2 * floats(svm(case)), rate=1)


@conjecture.mutant(of=slope_converges, without=acyclic, latex=r"\text{with cycles: the finite part converges at any step, too}")
def finite_part_at_any_step(case: Case) -> Converges:
    """Two-cycles above a token: the score gap of the cycle alternates for ever."""
    return Converges(run(case.problem, 3).finite_part, fin(case).finite_part, rate=1)


@conjecture.mutant(of=slope_converges, without=independent_embeddings, instances=[partly_tied], latex=r"\text{the same for all embeddings}")
def graph_svm_always(case: Case) -> Converges:
    """The embeddings tie a cross edge: the Graph-SVM has no solution, while the slope tends to the direction that keeps the edge level."""
    return Converges(slope(case.problem, 3), floats(svm(case)), rate=1)
