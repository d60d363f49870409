"""The iterates diverge in the direction of u: the theorem's limit, read off in log time.

How fast depends on the weak pairs: without any the distance to u/|u| is of order 1/log t (`residual`), with some it
is of order log log t / log t (`foundations.degenerate-drift`). After 10^5 steps it is still a hundredth, so no angle at a fixed
time is compared.
"""

from __future__ import annotations

import numpy as np

from ....dynamics import GradientFlow
from ....language.relations import Converges, Monotone, ValuePath
from ....language.statements import Case, Theorem, clause, derived
from ....logit.assumptions import something_separable
from ._instances import golden, incompatible, logits
from ._margins_only import margins_only

theorem = Theorem(
    label="foundations.direction",
    title="Gradient descent diverges in the max-margin direction",
    source=derived("telescoped margins against norms of the iterates"),
    setup=r"Let $u\ne0$; $w(t)$ is the gradient flow, and $w_k$ gradient descent with $0<\eta\le1/\beta$.",
    clauses=(
        clause(
            r"$\|w_k\|\to\infty$ and $\|w(t)\|\to\infty$.",
            by=("foundations.gradient-descent-bias",),
            argued="as in the statement named; for the flow with time in place of $\\eta k$",
            claims=("norm_grows",),
        ),
        clause(
            r"$w_k/\|w_k\|\to u/\|u\|$ and $w(t)/\|w(t)\|\to u/\|u\|$.",
            by=("foundations.gradient-descent-bias",),
            argued="as in the statement named; for the flow the steps are infinitesimal and the sum of their squares is 0",
            claims=("direction_converges", "descent_then_flow"),
        ),
    ),
    assumptions=(something_separable,),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)


def unit(vector: object) -> np.ndarray:
    """A vector of any exact kind as a float unit vector; zero stays zero."""
    x = np.array([float(entry) for entry in vector])  # type: ignore[attr-defined]
    return np.asarray(x / (np.linalg.norm(x) or 1.0))


def late(path: ValuePath) -> ValuePath:
    """The records from a hundredth of the last log time on."""
    return path.since(path.log_times[-1] / 100)


@theorem.claim(r"w(t)/\|w(t)\|\to u/\|u\|")
def direction_converges(case: Case) -> Converges:
    """The distance halves when log t doubles."""
    return Converges(late(case.trajectory.direction), unit(case.derived.max_margin.direction))


@theorem.claim(r"\text{the same along the flow that continues 64 steps of descent}")
def descent_then_flow(case: Case) -> Converges:
    """The hand-off law joins descent and flow."""
    run = case.problem.remember("descent, then flow", lambda: GradientFlow(log_time=1e4, after_descent=64)(case.problem))
    return Converges(late(run.direction), unit(case.derived.max_margin.direction))


@theorem.claim(r"\|w(t)\|\to\infty")
def norm_grows(case: Case, increasing: bool = True) -> Monotone:
    """The norm increases along the late records."""
    return Monotone(late(case.trajectory.norm), increasing=increasing, strict=True)


@theorem.mutant(of=norm_grows, latex=r"\|w(t)\|\text{ decreases}")
def norm_shrinks(case: Case) -> Monotone:
    """It grows like |u| log t."""
    return norm_grows(case, increasing=False)


@theorem.mutant(of=direction_converges, latex=r"\text{direction of the programme without equalities}")
def without_equalities(case: Case) -> Converges:
    """Ex-Full: the two directions enclose an angle of 45 degrees."""
    return Converges(late(case.trajectory.direction), unit(margins_only(case)))


@theorem.mutant(of=direction_converges, latex=r"w(t)/\|w(t)\|\to (u + 10^{-2}\|u\| e_1)/\|\cdot\|")
def tilted_direction(case: Case) -> Converges:
    """A direction tilted by one percent is told apart although both have cosine 0.9999 with the iterate."""
    u = np.array([float(x) for x in case.derived.max_margin.direction])
    tilted = u.copy()
    tilted[int(np.abs(u).argmin())] += 0.01 * np.linalg.norm(u)
    return Converges(late(case.trajectory.direction), unit(tilted))


@theorem.mutant(of=direction_converges, without=something_separable, instances=[incompatible], latex=r"w(t)/\|w(t)\|\to u/\|u\|\text{ for }u=0")
def direction_without_separation(case: Case) -> Converges:
    """The iterates converge, and their direction is that of a finite vector."""
    return direction_converges(case)
