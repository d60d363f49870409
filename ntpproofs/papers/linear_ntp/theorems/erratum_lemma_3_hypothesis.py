"""Erratum: the norm diverges only if the infimum is not attained (2402.18551, Lemma 3)."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import sympy as sp

from ....exact.balls import Interval
from ....language.relations import AtMost, Equal, Implies, Less
from ....language.statements import Case, Erratum, cite
from ....symbolic import Formula
from ._golden import anything, golden
from ._losses import STEPS, Vector, enclosed, point

erratum = Erratum(
    label="linear-ntp.erratum-lemma-3-hypothesis",
    title="The norm of the iterates diverges iff the infimum is not attained",
    source=cite("thrampoulidis2024", "Lemma 3"),
    text=r"Printed without hypothesis: $\mathrm{CE}(W_k)\to\inf\mathrm{CE}$ and"
    r" $\|W_k\|\to\infty$. The second needs that the infimum is not attained: at a minimiser"
    r" $W_\infty$ descent never moves away, $\|W_{k+1}-W_\infty\|\le\|W_k-W_\infty\|$, so the iterates stay in a ball (two contexts $h=1$"
    r" with supports $\{1,2\}$ and"
    r" $\{1,3\}$: norm at most $0.566$). If something is separable the infimum is not attained and the norm grows without bound.",
    uses=("foundations.infimum", "foundations.overlap-limit", "foundations.direction", "linear-ntp.loss-and-norm"),
    instances=anything,
    examples=golden,
)


def shifted_minimiser(case: Case, start: Vector) -> Vector:
    """The minimiser nearest to the start: w* + (I - P_T) W_0, up to the radius of w*."""
    part = case.derived.finite_part.center
    return tuple(x + y - z for x, y, z in zip(part, start, case.derived.tied.project(start)))


@erratum.step("descent approaches every minimiser", by="rational normal form", scope="all reals",
              latex=r"\|W-\eta g-Z\|^2=\|W-Z\|^2-2\eta\langle g,W-Z\rangle+\eta^2\|g\|^2")  # fmt: skip
def fejer() -> Equal:
    """<g, W - Z> >= |g|^2 / L at a minimiser Z (co-coercivity), so the distance does not grow for eta <= 2/L."""
    w, z, g, eta = sp.symbols("w z g eta")
    return Equal(Formula((w - eta * g - z) ** 2), Formula((w - z) ** 2 - 2 * eta * g * (w - z) + eta**2 * g**2))


@erratum.claim(r"\text{printed: }\|W_k\|\to\infty\text{ for any data, so the infimum is never attained}", expected="refuted")
def printed(case: Case) -> Equal:
    """Iterates that leave every ball are incompatible with a minimiser, by the step above; attainment is decided exactly."""
    return Equal(case.derived.attained, False)


@erratum.claim(r"\text{attained: }\|W_k-W_\infty\|\le\|W_0-W_\infty\|,\ k\le24")
def iterates_stay(case: Case, factor: int = 1, always: bool = False) -> Implies:
    """Squared, descent in balls from a start that is nowhere special; the radius of the minimiser is added."""
    start = point(case.problem)
    run, wanted = enclosed(case.problem, factor, start), shifted_minimiser(case, start)
    squares, radius = [run.squared_distance(k, wanted) for k in range(STEPS + 1)], case.derived.finite_part.radius
    # Distances to the centre and to the minimiser differ by at most r, so squares by 4 r d + 4 r^2 with d <= 1 + d^2.
    room = 4 * radius * (1 + squares[0].upper) + 4 * radius**2
    first = Interval(squares[0].center + room, squares[0].radius)
    moves = any(case.derived.tied.project(start)) or bool(case.derived.separation.separable)
    return Implies((always or case.derived.attained) and moves, AtMost(tuple(squares[1:]), first))


@erratum.claim(r"\text{not attained: }\langle W_{k+1}-W_k,u\rangle>0\text{ for every }k<24\text{, with }u\text{ the max-margin direction}")
def iterates_advance(case: Case, always: bool = False) -> Implies:
    """Enclosed; u is zero exactly where the infimum is attained."""
    run, u = enclosed(case.problem), case.derived.max_margin.direction
    positions = [run.component(k, u) for k in range(STEPS + 1)]
    gains = tuple(Interval(b.center - a.center, a.radius + b.radius) for a, b in pairwise(positions))
    return Implies(always or not case.derived.attained, Less(Fraction(0), gains))


@erratum.mutant(of=iterates_stay, latex=r"\text{for every step size}")
def any_step_size(case: Case) -> Implies:
    """Forty times the allowed step overshoots."""
    return iterates_stay(case, factor=40)


@erratum.mutant(of=iterates_stay, latex=r"\text{attained or not, within the first distance of }w^*+(I-P_T)W_0")
def always_near_the_finite_part(case: Case) -> Implies:
    """With separable pairs the iterates leave."""
    return iterates_stay(case, always=True)


@erratum.mutant(of=iterates_advance, latex=r"\text{the iterates always advance}")
def always_advance(case: Case) -> Implies:
    """With nothing separable u = 0."""
    return iterates_advance(case, always=True)
