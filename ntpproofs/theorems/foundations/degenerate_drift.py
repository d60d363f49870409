"""With weak pairs the residual drifts like D log log t, D the max-margin direction one level up (foundations, G10)."""

from __future__ import annotations

import numpy as np

from ...assumptions import something_separable, strictly_complementary
from ...dynamics import GradientFlow
from ...exact.rational import dot
from ...problems import ConditionalLogit
from ...relations import All, Converges, Equal, Path
from ...statements import Assumption, Case, Conjecture, derived
from ...verdicts import Outcome
from ._instances import degenerate, golden, logits

has_weak_pairs = Assumption(
    "has_weak_pairs",
    lambda problem: something_separable(problem).outcome is Outcome.HOLDS and strictly_complementary(problem).outcome is Outcome.FAILS,
    r"\text{some support pair is weak}",
    "second-level Goldman-Tucker partition on the support",
)

weak_pair = ConditionalLogit([(1, 0, [[1, 1], [0, 1], [0, 0]])])

conjecture = Conjecture(
    "foundations.degenerate-drift",
    "Weak pairs drift like log log t",
    derived("G10, by asymptotic matching; conjecture"),
    text=r"With weak pairs $w_k=u\log t+D\log\log t+O(1)$, $D=\arg\min\|D\|$ subject to $\langle D,z\rangle=0$ on strong and $\ge1$ on weak pairs"
    r" (as long as that programme is itself not degenerate).",
    uses=("foundations.log-time-slope", "foundations.residual"),
    assumptions=(has_weak_pairs,),
    instances=logits(),
    examples=(*golden, degenerate, weak_pair),
    simulate=GradientFlow(log_time=1e6),
    expected="holds",
)


def scaled_slope_gap(case: Case) -> Path:
    """s (slope - u): tends to D, because d/ds (D log s) = D / s."""
    path = case.trajectory.slope
    u = np.array([float(x) for x in case.derived.max_margin.direction])
    late = path.log_times >= 1e3
    values = path.log_times[late, None] * (path.values[late] - u[None, :])
    return Path(path.log_times[late], values, path.errors[late] * path.log_times[late] + 1e-9, "s (slope - u)")


@conjecture.claim(r"s\,(\dot w_M-u)\to D")
def slope_gap_gives_the_drift(case: Case, scale: float = 1.0) -> Converges:
    """D comes from the exact second-level programme."""
    drift = case.derived.max_margin.second_level_direction
    return Converges(scaled_slope_gap(case), scale * np.array([float(x) for x in drift]))


@conjecture.claim(r"\langle D,u\rangle=0,\ D\ne0")
def drift_is_orthogonal(case: Case) -> All:
    """D is orthogonal to the strong support, hence to u."""
    best = case.derived.max_margin
    drift = best.second_level_direction
    return All(Equal(dot(drift, best.direction), 0), Equal(any(drift), True))


@conjecture.mutant(of=slope_gap_gives_the_drift, latex=r"\text{no drift}")
def no_drift(case: Case) -> Converges:
    """The increments of the residual over doublings of log t do not shrink."""
    return slope_gap_gives_the_drift(case, 0.0)


@conjecture.mutant(of=slope_gap_gives_the_drift, latex=r"D/2")
def half_the_drift(case: Case) -> Converges:
    """The coefficient is pinned down."""
    return slope_gap_gives_the_drift(case, 0.5)
