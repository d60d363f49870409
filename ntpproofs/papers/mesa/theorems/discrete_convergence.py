"""For which step sizes gradient descent on the slice converges from a given start.

Balanced starts are settled in mesa.gradient-descent up to the interior: below eta beta (a_0^2 + b_0^2) = 2(2 + eta alpha) the size of x stays
bounded. The conjecture is that with eta alpha < 1, so that the limit is stable, every balanced start below this threshold converges, and what is
tested for unbalanced starts is the same bound together with stability of the flow's own limit. Not every start can do: a + b is multiplied by
1 + eta (alpha - beta ab), so that starts with eta beta ab = 1 + eta alpha land on the line into the saddle.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ....language.relations import Equal, NotExercised
from ....language.statements import Case, Conjecture, derived
from ....language.statements import clause as says
from ..relations import Reaches
from ..slice import SliceFlow, slice_flow
from ..two_variables import descent, descent_step
from ._instances import symmetric_golden

SHARES = (0.3, 0.7, 0.95)
ANGLES = ((1.0, 1.0), (1.0, 0.9), (1.0, 0.5), (1.0, 0.0), (2.0, -1.0), (0.2, 1.0))

conjecture = Conjecture(
    label="mesa.discrete-convergence",
    title="Gradient descent on the slice converges below an explicit bound on the start",
    source=derived("an open question"),
    setup=r"$\eta\alpha\in\{\tfrac1{10},\tfrac12,\tfrac9{10}\}$, starts with $a_0+b_0\ne0$.",
    clauses=(
        says(
            r"Balanced: $ab\to s$ for almost every start with $\eta\beta(a_0^2+b_0^2)<2(2+\eta\alpha)$.",
            claims=("balanced_starts_converge",),
        ),
        says(r"Some starts with $a_0+b_0\ne0$ below the bound run into the saddle instead.", witness=("onto_the_line",)),
        says(
            r"Unbalanced: the same bound, and $\eta\beta\sqrt{\delta^2+4s^2}<2$ suffices for almost every start.",
            claims=("unbalanced_starts_converge",),
        ),
    ),
    uses=("mesa.gradient-descent",),
    instances=symmetric_golden,  # in units of alpha and s the map depends on the level and the start alone
)


def runs(case: Case, angles: tuple[tuple[float, float], ...], share: float | None = None) -> list[Reaches]:
    """Runs of 2000 steps from starts in the given directions, at shares of the bound; unstable limits are left out."""
    flow = slice_flow(case.problem.law, case.problem.length)
    alpha, beta, s = float(flow.alpha), float(flow.beta), float(flow.product)
    found = []
    for level in (0.1, 0.5, 0.9):
        step = level / alpha
        starts = []
        for x, y in angles:
            for part in SHARES if share is None else (share,):
                radius = (part * 2 * (2 + level) / (step * beta) / (x * x + y * y)) ** 0.5
                a, b = radius * x, radius * y
                if step * beta * ((a * a - b * b) ** 2 + 4 * s * s) ** 0.5 < 2:
                    starts.append((a, b))
        if starts:
            ends = descent(flow, np.array(starts), step, 2_000)
            found.append(Reaches(np.prod(ends, axis=1) / s, [1] * len(starts), 1e-6, f"ab/s at eta alpha = {level}"))
    return found


@conjecture.step("onto the line a + b = 0", by="exact evaluation", scope="eta = 1, alpha = 1/2, beta = 1, start (1, 3/2)")
def onto_the_line() -> Equal:
    """One step leads to (-1/2, 1/2), which then shrinks to 0."""
    x, y = descent_step(SliceFlow(Fraction(1, 2), Fraction(1)), Fraction(1), Fraction(3, 2), Fraction(1))
    return Equal((x + y, x - y), (0, -1))


@conjecture.claim(r"a_0=b_0:\ ab\to s")
def balanced_starts_converge(case: Case, share: float | None = None) -> list[Reaches]:
    """Up to 95 per cent of the bound."""
    return runs(case, ANGLES[:1], share)


@conjecture.claim(r"a_0\ne b_0:\ ab\to s")
def unbalanced_starts_converge(case: Case, share: float | None = None) -> list[Reaches] | NotExercised:
    """Five directions; starts whose own limit would be unstable are left out."""
    return runs(case, ANGLES[1:], share) or NotExercised("no stable limit")


@conjecture.mutant(of=balanced_starts_converge, latex=r"\text{beyond the bound}")
def beyond_the_bound(case: Case) -> list[Reaches]:
    """Just above it the iterates diverge."""
    return balanced_starts_converge(case, share=1.02)


@conjecture.mutant(of=unbalanced_starts_converge, latex=r"\text{beyond the bound}")
def unbalanced_beyond_the_bound(case: Case) -> list[Reaches] | NotExercised:
    """Some of these starts diverge."""
    return unbalanced_starts_converge(case, share=1.3)
