"""With weak pairs the residual drifts like D log log t, D the max-margin direction one level up, and so on."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import sympy as sp

from ....dynamics import GradientFlow
from ....exact.rational import dot
from ....language.relations import All, Bounded, Converges, Equal, ValuePath
from ....language.statements import Assumption, Case, Conjecture, clause, derived
from ....language.verdicts import Outcome
from ....logit.assumptions import something_separable, strictly_complementary
from ....logit.problem import ConditionalLogit
from ....symbolic import Formula, index, total
from ._instances import degenerate, golden, logits, single_pair, slow_turn
from .direction import unit

has_weak_pairs = Assumption(
    "has_weak_pairs",
    lambda problem: something_separable(problem).outcome is Outcome.HOLDS and strictly_complementary(problem).outcome is Outcome.FAILS,
    r"\text{some support pair is weak}",
    "second-level Goldman-Tucker partition on the support",
)

weak_pair = ConditionalLogit([(1, 0, [[1, 1], [0, 1], [0, 0]])])
# Differences e_1, e_1 + e_2, e_1 + e_2 + e_3: the second level is degenerate as well, and the directions are e_1, e_2, e_3.
three_levels = ConditionalLogit([(1, 0, [[int(i <= k) for i in range(3)], [0, 0, 0]]) for k in range(3)])

conjecture = Conjecture(
    "foundations.degenerate-drift",
    "Weak pairs drift like log log t",
    derived("asymptotic matching; a conjecture"),
    setup=r"Assume that some support pair is weak; let $D=\arg\min\|D\|$ subject to $\langle D,z\rangle=0$ on strong"
    r" and $\ge1$ on weak pairs, and $D_3,\dots$ the same one level further up, until no pair is weak. $w(t)$ is"
    r" the gradient flow.",
    clauses=(
        clause(
            r"$P_Mw(t)=u\log t+D\log\log t+D_3\log\log\log t+\dots+O(1)$.",
            claims=("expansion_is_complete",),
        ),
        clause(
            r"The slope in $s=\log t$ approaches $u$ like $D/s$: $s\,(\dot w_M(s/2)-\dot w_M(s))\to D$.",
            claims=("slopes_give_the_drift",),
        ),
        clause(
            r"$D\ne0$, and the directions $u,D,D_3,\dots$ are orthogonal.",
            steps=("orthogonality_step",),
            by=("foundations.max-margin",),
            claims=("levels_are_orthogonal",),
        ),
        clause(
            r"$\tfrac{\log t}{\log\log t}\bigl\|w/\|w\|-u/\|u\|\bigr\|\to\|D\|/\|u\|$.",
            claims=("direction_is_slower",),
        ),
    ),
    uses=("foundations.log-time-slope", "foundations.residual"),
    assumptions=(has_weak_pairs,),
    instances=logits(),
    examples=(*golden, degenerate, weak_pair, three_levels, slow_turn),
    simulate=GradientFlow(log_time=1e7),
    expected="holds",
)


def directions(case: Case) -> list[np.ndarray]:
    """u, D, D_3, ... from the exact programmes."""
    return [np.array([float(x) for x in direction]) for direction in case.derived.max_margin.directions]


@conjecture.claim(r"s\,(\dot w_M(s/2)-\dot w_M(s))\to D,\ s=\log t")
def slopes_give_the_drift(case: Case, scale: float = 1.0) -> Converges:
    """The simulator reads the coefficient off its own slopes, without u; D comes from the exact second-level programme."""
    drift = np.array([float(x) for x in case.derived.max_margin.second_level_direction])
    return Converges(case.trajectory.log_log_drift, scale * drift)


@conjecture.claim(r"P_Mw-u\log t-D\log\log t-D_3\log\log\log t-\dots=O(1)")
def expansion_is_complete(case: Case, levels: int | None = None) -> Bounded:
    """On the clock of log s the increments of what is left shrink; a level left out makes them grow.

    A weak mass that starts at e^-r reaches its law only when s is beyond e^r: until the slopes show D to a quarter, nothing is concluded.
    """
    run, known = case.trajectory, directions(case)[:levels]
    late = run.log_times >= 20.0  # log log log t needs log log t > 0 with room
    clock, left = run.log_times[late], run.diverging[late]
    for direction in known:
        left = left - clock[:, None] * direction[None, :]
        clock = np.log(clock)
    drift = np.array([float(x) for x in case.derived.max_margin.second_level_direction])
    settled = run.log_log_drift.distance(drift)[-1] <= np.linalg.norm(drift) / 4
    path = ValuePath(np.log(run.log_times[late]), left, run.errors["diverging part"][late], "remainder")
    return Bounded(path, rate=None if settled else 0.0)


@conjecture.claim(r"\langle D_i,D_j\rangle=0\ (i\ne j),\ D\ne0")
def levels_are_orthogonal(case: Case) -> All:
    """Each level is orthogonal to the strong support of the ones before, hence to their directions."""
    best = case.derived.max_margin
    orthogonal = (Equal(dot(one, other), 0) for one, other in combinations(best.directions, 2))
    return All(*orthogonal, Equal(any(best.second_level_direction), True))


@conjecture.step("orthogonal levels", by="index calculus, normal form", scope="all sizes",
                 latex=r"\langle\textstyle\sum\lambda z,D\rangle=\sum\lambda\langle z,D\rangle")  # fmt: skip
def orthogonality_step() -> Equal:
    """u = sum lambda z over strong pairs, on which <D, z> = 0; D = 0 would violate <D, z> >= 1 on a weak pair."""
    lam, pair, drift, r, c = *(sp.Function(name) for name in ("lambda", "pair", "drift")), index("r"), index("c")
    left = total(drift(c) * total(lam(r) * pair(r, c), (r, "R")), (c, "D"))
    return Equal(Formula(left), Formula(total(lam(r) * total(pair(r, c) * drift(c), (c, "D")), (r, "R"))))


@conjecture.claim(r"\tfrac{s}{\log s}\bigl\|w/\|w\|-u/\|u\|\bigr\|\to\|D\|/\|u\|,\ s=\log t")
def direction_is_slower(case: Case, logarithm: bool = True) -> Converges:
    """On the clock of log s: D log s / (|u| s) leads, and D is orthogonal to u; the rest falls like one over the clock.

    `logarithm` False claims the order 1/s of instances without weak pairs.
    """
    path = case.trajectory.direction
    length, drift = (float(np.linalg.norm(direction)) for direction in directions(case)[:2])
    keep = path.log_times >= 20.0
    clock = np.log(path.log_times[keep])
    values = path.log_times[keep] / (clock if logarithm else 1.0) * path.distance(unit(case.derived.max_margin.direction))[keep]
    scaled = ValuePath(clock, values[:, None], path.errors[keep] * path.log_times[keep], "scaled direction error")
    return Converges(scaled, (drift / length,))


@conjecture.mutant(of=direction_is_slower, latex=r"\|w/\|w\|-u/\|u\|\|=O(1/\log t)")
def as_fast_as_without_weak_pairs(case: Case) -> Converges:
    """The drift turns the direction at order log log t / log t."""
    return direction_is_slower(case, logarithm=False)


@conjecture.mutant(of=slopes_give_the_drift, latex=r"\text{no drift}")
def no_drift(case: Case) -> Converges:
    """The slope approaches u like D / log t, not faster."""
    return slopes_give_the_drift(case, 0.0)


@conjecture.mutant(of=slopes_give_the_drift, latex=r"\tfrac12D")
def half_the_drift(case: Case) -> Converges:
    """The coefficient is pinned down."""
    return slopes_give_the_drift(case, 0.5)


@conjecture.mutant(of=slopes_give_the_drift, latex=r"(1+10^{-2})D")
def off_by_a_hundredth(case: Case) -> Converges:
    """To more than two digits, and this is without knowing u."""
    return slopes_give_the_drift(case, 1.01)


@conjecture.mutant(of=expansion_is_complete, latex=r"P_Mw-u\log t=O(1)")
def bounded_residual(case: Case) -> Bounded:
    """The increments of D log log t do not shrink."""
    return expansion_is_complete(case, levels=1)


@conjecture.mutant(of=expansion_is_complete, latex=r"P_Mw-u\log t-D\log\log t=O(1)\text{ always}")
def two_levels_suffice(case: Case) -> Bounded:
    """Where the second programme has weak pairs there is a third level."""
    return expansion_is_complete(case, levels=2)


@conjecture.mutant(of=levels_are_orthogonal, without=has_weak_pairs, instances=[single_pair], latex=r"D\ne0\text{ always}")
def drift_without_weak_pairs(case: Case) -> All:
    """The expansion ends with u where the multipliers are strictly complementary."""
    return levels_are_orthogonal(case)
