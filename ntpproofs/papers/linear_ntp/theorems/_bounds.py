"""The finite bounds behind the limits of linear NTP, in balls: what descent, the norm and the path owe at a finite time.

C = V e^{M |W*|} is the constant of the comparison decoders W* + R W^mm: their risk is at most H + C e^{-R}.
"""

from __future__ import annotations

from fractions import Fraction

from flint import arb, ctx

from ....dynamics.enclosed import EnclosedRun
from ....exact.balls import PRECISION, Enclosure, Interval, exact_arb, interval
from ....exact.rational import dot
from ....language.statements import Case
from ._losses import Vector, excess, finite_norm, gap_constant, genie_constant, margins, norm, plus, point, split


def risk_bound(case: Case, k: int, eta: Fraction, start: Vector, scale: Fraction = Fraction(1), sharp: bool = False) -> Interval:
    """|W_0 - W* - log k W^mm|^2 / (2 eta k) + C/k; `sharp` puts sum_j pi_j ratio_j(W*) <= C in the place of C."""
    part, u = case.derived.finite_part, case.derived.max_margin.direction
    with ctx.workprec(PRECISION):
        log = arb(k).log()
        entries = (exact_arb(x - a) - log * exact_arb(y) for x, a, y in zip(start, part.center, u))
        distance = sum((x * x for x in entries), arb(0)).sqrt() + exact_arb(part.radius)
        constant = exact_arb(excess(case.problem, part.center, linear=True).upper) if sharp else genie_constant(case.problem, finite_norm(case))
        return interval((distance * distance / (2 * exact_arb(eta) * k) + constant / k) * exact_arb(scale))


def required_norm(case: Case, j: int, risk_excess: Interval, root_two: bool = True) -> Interval:
    """(1/M) log( ((V - s_j)/s_j) / (exp(excess/pi_j) - 1) ): the least norm of a decoder with this risk above the entropy."""
    problem, size = case.problem, len(case.problem.supports[j])
    with ctx.workprec(PRECISION):
        constant = gap_constant(problem) / (1 if root_two else arb(2).sqrt())
        grown = (exact_arb(risk_excess.upper) / exact_arb(problem.weights[j])).exp() - 1
        return interval((exact_arb(Fraction(problem.vocabulary_size - size, size)) / grown).log() / constant)


def partial_contexts(case: Case) -> list[int]:
    """The contexts with a token off their support and a non-zero embedding."""
    pairs = enumerate(zip(case.problem.supports, case.problem.embeddings))
    return [j for j, (support, h) in pairs if len(support) < case.problem.vocabulary_size and any(h)]


def feasible_directions(case: Case) -> list[Vector]:
    """Solutions of (6): W^mm, and 2 W^mm plus a component orthogonal to F that costs no more than the margin to spare."""
    u, across = case.derived.max_margin.direction, split(case.problem, point(case.problem))[1]
    largest = max((abs(x) for x in margins(case.problem, across).values()), default=Fraction(0))
    return [u, plus(tuple(2 * x for x in u), across, Fraction(1) / (1 + largest))]


def reach(case: Case, solution: Enclosure) -> arb | None:
    """R = sqrt(B^2 - |W*|^2) / |W^mm| at the solution's own norm B, at the current precision; None unless certainly B > |W*|."""
    size, finite = arb(norm(solution.center), exact_arb(solution.radius)), finite_norm(case)
    squared = size * size - finite * finite
    u = case.derived.max_margin.squared_norm
    return (squared / exact_arb(u)).sqrt() if u and squared > 0 else None


def late_reach(case: Case, solution: Enclosure) -> arb | None:
    """R where C e^{-R} <= pi_min / 2, so that every context's excess is small; None before."""
    r = reach(case, solution)
    small = exact_arb(min(case.problem.weights)) / 2
    return r if r is not None and genie_constant(case.problem, finite_norm(case)) * (-r).exp() <= small else None


def lag(case: Case, inside: Vector) -> arb:
    """C' = log(2 C V e^{M |P_F W|} / pi_min), at the current precision."""
    problem = case.problem
    constant = 2 * genie_constant(problem, finite_norm(case)) * problem.vocabulary_size / exact_arb(min(problem.weights))
    return constant.log() + gap_constant(problem) * norm(inside)


def widened(case: Case, value: Interval, radius: Fraction) -> Interval:
    """A value at the centre of an enclosure, for the whole enclosure: losses and logit gaps are M-Lipschitz."""
    with ctx.workprec(PRECISION):
        return interval(arb(exact_arb(value.center), exact_arb(value.radius) + gap_constant(case.problem) * exact_arb(radius)))


def perpendicular_norm(case: Case, run: EnclosedRun, k: int) -> arb:
    """|P_perp W_k| of a run in balls, at the current precision; the complement of F gets an orthogonal rational basis.

    Without separability the tied subspace is larger than F, and what it has off F counts.
    """
    basis: list[Vector] = []
    tied = (split(case.problem, b)[1] for b in case.derived.tied.basis)
    for b in (*tied, *case.derived.diverging.basis, *case.derived.invariant.basis):
        for other in basis:
            b = plus(b, other, -dot(b, other) / dot(other, other))
        if any(b):
            basis.append(b)
    parts = [run.component(k, b) for b in basis]
    lengths = [arb(exact_arb(x.center), exact_arb(x.radius)) / norm(b) for x, b in zip(parts, basis)]
    return sum((x * x for x in lengths), arb(0)).sqrt()
