"""Erratum: the cross-entropy is not strictly convex; W_B is unique for another reason (2402.18551, section 4, NeurIPS 2024, p. 6).

Printed: CE is strictly convex, thus W_B is unique. CE(W + 1 c^T) = CE(W), so the midpoint of W and W + 1 c^T has
the same loss as its ends. The conclusion survives (linear-ntp.path-uniqueness).
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from ....exact.balls import interval
from ....exact.rational import dot
from ....language.relations import All, Equal, Less
from ....language.statements import Case, Erratum, cite, clause
from ..assumptions import ntp_separable, some_partial_support
from ..problem import LinearNTP
from ._decoders import cross_entropy, dyadic, masses
from ._golden import golden, separable
from ._losses import Vector, plus, point, pull, risk, zero
from .smoothness import curvature

erratum = Erratum(
    label="linear-ntp.erratum-strict-convexity",
    title="The path is unique because gradients never vanish, not because the loss is strictly convex",
    source=cite("thrampoulidis2024", "section 4, uniqueness of W_B, NeurIPS 2024, p. 6"),
    clauses=(
        clause(
            r"Printed: $\mathrm{CE}$ is strictly convex,"
            r" $\mathrm{CE}(\tfrac{W+W'}2)<\tfrac12(\mathrm{CE}(W)+\mathrm{CE}(W'))$ for $W\ne W'$. This is"
            r" false for $W'=W+\mathbf 1c^\top$.",
            witness=("printed",),
        ),
        clause(
            r"It is strictly convex on the span of all differences $(e_u-e_v)h_j^\top$ and constant along"
            r" $\mathbf 1c^\top$.",
            by=("linear-ntp.gradient",),
            claims=("convex_on_the_span",),
            argued="docstring",
        ),
        clause(
            r"For separable data with a partial support its gradient never vanishes, so minimisers on a ball"
            r" lie on its sphere, and there is exactly one: the conclusion survives.",
            by=("linear-ntp.path-uniqueness",),
            claims=("gradient_never_vanishes",),
        ),
    ),
    uses=("linear-ntp.path-uniqueness", "foundations.convexity-and-smoothness"),
    assumptions=(ntp_separable, some_partial_support),
    instances=separable,
    examples=golden,
)


def curvature_at_zero(problem: LinearNTP, direction: Vector) -> Fraction:
    """D^2 CE(0)[U, U], exact: the masses are uniform at W = 0."""
    value, size, width = Fraction(0), problem.vocabulary_size, problem.dimension
    for a, h in zip(problem.weights, problem.embeddings):
        y = [dot(direction[v * width : (v + 1) * width], h) for v in range(size)]
        mean = sum(y, Fraction(0)) / size
        value += a * (sum((x * x for x in y), Fraction(0)) / size - mean**2)
    return value


def shift(problem: LinearNTP) -> Vector:
    """1 c^T with c = (1, 2, 3, ...): the same row for every token."""
    return tuple(Fraction(k + 1) for _ in range(problem.vocabulary_size) for k in range(problem.dimension))


@erratum.claim(r"\text{printed: }\mathrm{CE}(\tfrac{W+W'}2)<\tfrac12(\mathrm{CE}(W)+\mathrm{CE}(W')),\ W'=W+\mathbf 1c^\top", expected="refuted")
def printed(case: Case) -> Less:
    """Exact at dyadic decoders: twice the middle loss against the sum of the losses at the ends."""
    problem, start = case.problem, dyadic(case.problem)
    scale = lcm(*(x.denominator for h in problem.embeddings for x in h))
    losses = [cross_entropy(problem, masses(problem, plus(start, shift(problem), k * scale))) for k in (0, 1, 2)]
    gap = losses[0].minus(losses[1]).minus(losses[1].minus(losses[2]))
    return Less(Fraction(0), Fraction(0) if gap.is_zero() else interval(gap.balls()[0]))


@erratum.claim(r"\text{repaired: strictly convex on the span of the differences, constant along }\mathbf 1c^\top")
def convex_on_the_span(case: Case, everywhere: bool = False) -> All:
    """Along a basis of T + M: exact at zero, enclosed elsewhere; along the shift the loss does not change."""
    problem, w = case.problem, point(case.problem)
    basis = [*case.derived.tied.basis, *case.derived.diverging.basis, *(case.derived.invariant.basis if everywhere else ())]
    parts = [Less(Fraction(0), curvature_at_zero(problem, u)) for u in basis] + [Less(Fraction(0), curvature(problem, w, u)) for u in basis]
    return All(Equal(risk(problem, plus(w, shift(problem))), risk(problem, w)), *parts)


@erratum.claim(r"\text{repaired: }\langle-\nabla\mathrm{CE}(W),W^{\mathrm{mm}}\rangle>0\text{ for every }W")
def gradient_never_vanishes(case: Case, direction: Vector | None = None) -> All:
    """At four decoders, with nothing to cancel."""
    u = case.derived.max_margin.direction
    points = [zero(case.problem), point(case.problem), tuple(20 * x for x in point(case.problem, 2)), plus(case.derived.finite_part.center, u, 40)]
    return All(*(Less(Fraction(0), pull(case.problem, w, u if direction is None else direction)) for w in points))


@erratum.mutant(of=convex_on_the_span, latex=r"\text{strictly convex along the invariant subspace, too}")
def convex_everywhere(case: Case) -> All:
    """It holds the shifts and everything orthogonal to the embeddings."""
    return convex_on_the_span(case, everywhere=True)


@erratum.mutant(of=gradient_never_vanishes, latex=r"\langle-\nabla\mathrm{CE}(W),\mathbf 1c^\top\rangle>0")
def gradient_along_the_shift(case: Case) -> All:
    """Exactly zero."""
    return gradient_never_vanishes(case, shift(case.problem))


@erratum.mutant(of=gradient_never_vanishes, without=ntp_separable, latex=r"\text{without separability}")
def gradient_without_separability(case: Case) -> All:
    """Ex-NonSep: the loss has a minimiser, and u = 0."""
    return gradient_never_vanishes(case)


@erratum.mutant(of=gradient_never_vanishes, without=some_partial_support, latex=r"\text{for full supports, too}")
def gradient_with_full_supports(case: Case) -> All:
    """The gradient vanishes at W*, and W^mm = 0."""
    return gradient_never_vanishes(case)
