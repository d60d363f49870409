"""The tied part of gradient descent and of the flow converges to w*.

S3. By the split identity the tied gap, the tied loss at P_T w_k minus L*, is at most the risk L(w_k) - L*, and the risk tends
to 0: for descent by the risk bound, for the flow because d/dt |w - U|^2 / 2 = -<grad L, w - U> <= L(U) - L(w) and
L(w(t)) does not increase, so t (L(w(t)) - L(U)) <= |w(0) - U|^2 / 2 for every U.

By the growth of the tied loss, a tied gap that tends to 0 forces |P_T w_k - w*| to 0.
"""

from __future__ import annotations

from fractions import Fraction

from ....dynamics import GradientDescent, GradientFlow
from ....language.relations import AtMost, Converges, NotExercised, Relation
from ....language.statements import Case, Theorem, clause, derived
from ....logit.enclosures import loss_ball
from ....logit.problem import ConditionalLogit, Row
from ....logit.step_size import largest_step
from ._instances import HALF, START, golden, logits, valley
from .risk_bound import STEPS, enclosed, moves

theorem = Theorem(
    label="foundations.finite-part-limit",
    title="The tied part converges to w*",
    source=derived("excess risk of the tied loss against its growth"),
    setup=r"Let $0<\eta\le1/\beta$ and $w_0$ arbitrary; $w(t)$ is the gradient flow.",
    clauses=(
        clause(
            r"$\bar L(P_Tw)-L^*\le L(w)-L^*$.",
            by=("foundations.split-identity",),
            claims=("tied_gap_is_below_the_risk",),
        ),
        clause(
            r"$P_Tw_k\to w^*$ for $k\to\infty$, and $P_Tw(t)\to w^*$ for $t\to\infty$.",
            by=("foundations.risk-bound", "foundations.tied-growth"),
            argued="the docstring: the risk tends to 0 and bounds the tied gap, which bounds the distance",
            claims=("descent_tied_part_converges", "tied_part_converges"),
        ),
    ),
    uses=("foundations.risk-bound", "foundations.finite-part", "foundations.split-identity"),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)


@theorem.claim(r"\bar L(P_Tw_k)-L^*\le L(w_k)-L^*,\ k=1,8,16")
def tied_gap_is_below_the_risk(case: Case, swapped: bool = False) -> Relation:
    """At iterates of descent run in balls (their centres, which are rational points)."""
    if not case.derived.separation.separable:
        return NotExercised("the tied loss is the loss")
    run, sets = enclosed(case), case.derived.separation.tied_sets
    unit = [tuple(Fraction(int(i == k)) for k in range(case.problem.dimension)) for i in range(case.problem.dimension)]
    points = [tuple(run.component(k, e).center for e in unit) for k in (1, STEPS // 2, STEPS)]
    tied = tuple(loss_ball(case.problem, w, sets) for w in points)
    whole = tuple(loss_ball(case.problem, w) for w in points)
    return AtMost(whole, tied) if swapped else AtMost(tied, whole)


@theorem.claim(r"P_Tw_k\to w^*\text{, at least like }k^{-1/4}")
def descent_tied_part_converges(case: Case, factor: int = 1) -> Relation:
    """4000 steps with the largest allowed step (or `factor` times it); w* is not used by the run."""
    if not case.derived.tied.dimension or not moves(case):
        return NotExercised("T is a point, or descent starts at its limit")
    run = case.problem.remember(
        ("descent", factor), lambda: GradientDescent(steps=4_000, step_size=factor * largest_step(case.problem))(case.problem)
    )
    return Converges(run.finite_part, case.derived.finite_part, rate=HALF)


@theorem.claim(r"P_Tw(t)\to w^*\text{, at least like }t^{-1/2}")
def tied_part_converges(case: Case) -> Relation:
    """Along the part of the flow integrated in plain coordinates, which knows nothing of w*."""
    if not case.derived.tied.dimension:
        return NotExercised("T is a point")
    return Converges(case.trajectory.finite_part, case.derived.finite_part, rate=1)


@theorem.mutant(of=tied_gap_is_below_the_risk, latex=r"L(w_k)\le\bar L(P_Tw_k)")
def risk_below_the_tied_gap(case: Case) -> Relation:
    """The separable excess is positive."""
    return tied_gap_is_below_the_risk(case, swapped=True)


@theorem.mutant(of=descent_tied_part_converges, instances=[valley], latex=r"P_Tw_k\to w^*\text{ for every step size}")
def any_step_size(case: Case) -> Relation:
    """V = 3, p = (1/2, 1/2, 0), eta = 5: the tied part ends in a two-cycle around w*."""
    if case.problem != valley:
        return NotExercised("the counterexample is one instance")
    run = GradientDescent(steps=4_000, step_size=5, initial=START)(case.problem)
    return Converges(run.finite_part, case.derived.finite_part, rate=HALF)


@theorem.mutant(of=tied_part_converges, latex=r"P_Tw(t)\to\tfrac{1001}{1000}w^*")
def slightly_larger_limit(case: Case) -> Converges:
    """A target off by one part in a thousand stalls."""
    target = tuple(x * 1001 / 1000 for x in case.derived.finite_part.center)
    return Converges(case.trajectory.finite_part, target, rate=1)


@theorem.mutant(of=tied_part_converges, latex=r"P_Tw(t)\to w^*\text{ of the data without multiplicities and weights}")
def blind_to_frequencies(case: Case) -> Converges:
    """The finite part is a maximum-likelihood estimate: counts matter."""
    from ....logit.decomposition import decompose

    plain = [Row(row.weight * 0 + 1, row.chosen, row.features, (row.weight * 0 + 1,) * len(row.features)) for row in case.problem.rows]
    return Converges(case.trajectory.finite_part, decompose(ConditionalLogit(plain)).finite_part, rate=1)
