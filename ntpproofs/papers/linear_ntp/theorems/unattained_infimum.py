"""A remark on Lemma 3: the norm diverges iff the infimum is not attained (2402.18551, NeurIPS 2024, p. 21).

The lemma has no hypothesis of its own; the sentence before it restricts to functions that do not attain their
infimum. That is needed: the gradient is co-coercive, <g, W - Z> >= |g|^2 / L at a minimiser Z, so descent with eta
<= 2/L never moves away from Z. If something is separable the infimum is not attained, and every step gains along u.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import sympy as sp

from ....exact.balls import Interval
from ....language.relations import AtMost, Equal, Implies, Less
from ....language.statements import Case, Proposition, cite, clause
from ....logit.decomposition import decompose
from ....symbolic import Formula, index, total
from ..problem import LinearNTP
from ._golden import anything, ex_every_token, ex_not_separable, fractions, golden
from ._losses import STEPS, Vector, enclosed, point

# Full supports, contradicting certain tokens, and opposite embeddings: infima that are attained.
attained = (
    LinearNTP([[1], [2]], [fractions("2/3", "1/3"), fractions("1/2", "1/2")]),
    LinearNTP([[1], [1]], [[1, 0], [0, 1]]),
    LinearNTP([[1, 0], [-1, 0]], [[1, 0], [1, 0]]),
    LinearNTP([[1, 1], [2, 2]], [fractions("1/4", "3/4"), fractions("1/2", "1/2")]),
)

remark = Proposition(
    label="linear-ntp.unattained-infimum",
    title="The norm of the iterates diverges iff the infimum is not attained",
    source=cite("thrampoulidis2024", "Lemma 3, NeurIPS 2024, p. 21", "a remark: the hypothesis stands in the sentence before the lemma"),
    clauses=(
        clause(
            r"At a minimiser $W_\infty$ descent with $0<\eta\le2/L$ never moves away,"
            r" $\|W_{k+1}-W_\infty\|\le\|W_k-W_\infty\|$, so the iterates stay in a ball.",
            steps=("fejer",),
            claims=("iterates_stay",),
            argued="docstring",
        ),
        clause(
            r"So the hypothesis of Lemma 3 is needed: two contexts $h=1$ with supports $\{1,2\}$ and $\{1,3\}$"
            r" have an attained infimum.",
            witness=("without_the_hypothesis",),
        ),
        clause(
            r"If something is separable, then $\langle W_{k+1}-W_k,u\rangle>0$ for every $k$, with $u$ the"
            r" max-margin direction, and the norm grows without bound.",
            by=("foundations.infimum", "foundations.direction"),
            claims=("iterates_advance",),
            argued="docstring",
        ),
    ),
    uses=("foundations.infimum", "foundations.overlap-limit", "foundations.direction", "linear-ntp.loss-and-norm"),
    instances=anything,
    examples=(*golden, ex_every_token, *attained),
)


def shifted_minimiser(case: Case, start: Vector) -> Vector:
    """The minimiser nearest to the start: w* + (I - P_T) W_0, up to the radius of w*."""
    part = case.derived.finite_part.center
    return tuple(x + y - z for x, y, z in zip(part, start, case.derived.tied.project(start)))


@remark.step("descent approaches every minimiser", by="index calculus, normal form", scope="all sizes",
             latex=r"\|W-\eta g-Z\|^2=\|W-Z\|^2-2\eta\langle g,W-Z\rangle+\eta^2\|g\|^2")  # fmt: skip
def fejer() -> Equal:
    """<g, W - Z> >= |g|^2 / L at a minimiser Z (co-coercivity), so the distance does not grow for eta <= 2/L."""
    away, g, eta, c = sp.Function("x"), sp.Function("g"), sp.Symbol("eta"), index("c")
    inner = total(g(c) * away(c), (c, "D"))
    right = total(away(c) ** 2, (c, "D")) - 2 * eta * inner + eta**2 * total(g(c) ** 2, (c, "D"))
    return Equal(Formula(total((away(c) - eta * g(c)) ** 2, (c, "D"))), Formula(right))


@remark.step("an attained infimum", by="exact decision", scope="one instance", latex=r"h_1=h_2=1,\ S_1=\{1,2\},\ S_2=\{1,3\}:\text{ attained}")
def without_the_hypothesis() -> Equal:
    """Nothing is separable there, so descent stays near a minimiser."""
    return Equal(decompose(ex_not_separable).attained, True)


@remark.claim(r"\text{attained: }\|W_k-W_\infty\|\le\|W_0-W_\infty\|,\ k\le24")
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


@remark.claim(r"\text{not attained: }\langle W_{k+1}-W_k,u\rangle>0\text{ for every }k<24\text{, with }u\text{ the max-margin direction}")
def iterates_advance(case: Case, always: bool = False) -> Implies:
    """Enclosed; u is zero exactly where the infimum is attained."""
    run, u = enclosed(case.problem), case.derived.max_margin.direction
    positions = [run.component(k, u) for k in range(STEPS + 1)]
    gains = tuple(Interval(b.center - a.center, a.radius + b.radius) for a, b in pairwise(positions))
    return Implies(always or not case.derived.attained, Less(Fraction(0), gains))


@remark.mutant(of=iterates_stay, latex=r"\text{for every step size}")
def any_step_size(case: Case) -> Implies:
    """Forty times the allowed step overshoots."""
    return iterates_stay(case, factor=40)


@remark.mutant(of=iterates_stay, latex=r"\text{attained or not, within the first distance of }w^*+(I-P_T)W_0")
def always_near_the_finite_part(case: Case) -> Implies:
    """With separable pairs the iterates leave."""
    return iterates_stay(case, always=True)


@remark.mutant(of=iterates_advance, latex=r"\text{the iterates always advance}")
def always_advance(case: Case) -> Implies:
    """With nothing separable u = 0."""
    return iterates_advance(case, always=True)
