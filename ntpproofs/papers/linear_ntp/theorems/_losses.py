"""Quantities of linear NTP at rational decoders, exact or in balls: what the statements of this area compare.

Letters as in the paper's text: F the span of in-support generators, M = sqrt(2) max_j |h_j| (every logit gap is at most
M |W|), CE = CE_F + G with G the separable excess, H the entropy. Decoders are flat rational vectors.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, ctx

from ....dynamics.enclosed import EnclosedDescent, EnclosedRun
from ....exact.balls import PRECISION, Enclosure, Interval, exact_arb, interval, lower, upper
from ....exact.programme import Infeasible, least_norm
from ....exact.rational import dot, independent
from ....exact.vectors import Vector as Vector
from ....exact.vectors import plus as plus
from ....exact.vectors import zeros
from ....language.relations import ValuePath
from ....language.statements import Case
from ....logit.assemble import assemble, assemble_balls
from ....logit.decomposition import Subspace
from ....logit.enclosures import exact_scores, loss_ball, ratio_balls, softmax_balls
from ....logit.finite_part import log_odds
from ....logit.recession import anchored_rows
from ....logit.step_size import largest_step
from ..problem import LinearNTP

STEPS = 24


def zero(problem: LinearNTP) -> Vector:
    """The zero decoder."""
    return zeros(problem.vocabulary_size * problem.dimension)


def point(problem: LinearNTP, shift: int = 0) -> Vector:
    """A rational decoder that is nowhere special; another one for each `shift`."""
    return tuple(Fraction((5 * k * k + 3 * k + 2 + 4 * shift) % 17 - 8, 3) for k in range(problem.vocabulary_size * problem.dimension))


def in_support_space(problem: LinearNTP) -> Subspace:
    """F, the span of (e_z - e_z') h_j^T over in-support pairs; for separable data the tied subspace."""
    rows = anchored_rows(problem.conditional_logit())
    return Subspace(rows, tuple(independent(rows.rows.gram, rows.equalities)), ())


def split(problem: LinearNTP, w: Vector) -> tuple[Vector, Vector]:
    """(P_F w, P_perp w), exact."""
    inside = in_support_space(problem).project(w)
    return inside, plus(w, inside, -1)


def margins(problem: LinearNTP, w: Vector) -> dict[tuple[int, int], Fraction]:
    """{(j, v): (e_z - e_v)^T W h_j} for v off the support of j and z its first support token, exact.

    For W orthogonal to F the choice of z does not matter.
    """
    scores = exact_scores(problem.conditional_logit(), w)
    pairs = ((j, v) for j, support in enumerate(problem.supports) for v in range(problem.vocabulary_size) if v not in support)
    return {(j, v): scores[j][min(problem.supports[j])] - scores[j][v] for j, v in pairs}


def gap_constant(problem: LinearNTP) -> arb:
    """M = sqrt(2) max_j |h_j| at the current precision."""
    return exact_arb(2 * max(dot(h, h) for h in problem.embeddings)).sqrt()


def norm(w: Vector) -> arb:
    """|w| at the current precision."""
    return exact_arb(dot(w, w)).sqrt()


def risk(problem: LinearNTP, w: Vector) -> Interval:
    """CE(W)."""
    return loss_ball(problem.conditional_logit(), w)


def restricted_risk(problem: LinearNTP, w: Vector) -> Interval:
    """CE_F(W), the cross-entropy of the softmax restricted to the supports."""
    return loss_ball(problem.conditional_logit(), w, problem.supports)


def ratios(problem: LinearNTP, w: Vector) -> list[arb]:
    """Per context the softmax mass off the support over the mass on it, at the current precision."""
    return ratio_balls(problem.conditional_logit(), w, problem.supports)


def excess(problem: LinearNTP, w: Vector, linear: bool = False) -> Interval:
    """G(W) = sum_j pi_j log(1 + ratio_j), or sum_j pi_j ratio_j if `linear`; relative accuracy, however small."""
    with ctx.workprec(PRECISION):
        terms = (exact_arb(a) * (r if linear else r.log1p()) for a, r in zip(problem.weights, ratios(problem, w)))
        return interval(sum(terms, arb(0)))


def outside_mass(problem: LinearNTP, w: Vector) -> Interval:
    """sum_j pi_j (softmax mass off the support of j)."""
    with ctx.workprec(PRECISION):
        return interval(sum((exact_arb(a) * r / (1 + r) for a, r in zip(problem.weights, ratios(problem, w))), arb(0)))


def pull(problem: LinearNTP, w: Vector, direction: Vector, less: Fraction | int = 0) -> Interval:
    """<-grad CE(W), U> - less * (mass off the supports) for U orthogonal to F, with nothing to cancel:

    sum_j pi_j sum_{v off S_j} softmax_v(W h_j) (margin_jv(U) - less).
    """
    with ctx.workprec(PRECISION):
        shares = softmax_balls(problem.conditional_logit(), w)
        kept = {pair: x - less for pair, x in margins(problem, direction).items() if x != less}
        return interval(sum((exact_arb(problem.weights[j] * x) * shares[j][v] for (j, v), x in kept.items()), arb(0)))


def gradient(problem: LinearNTP, w: Vector, supports_only: bool = False) -> Enclosure:
    """grad CE(W), or grad CE_F(W), enclosed."""
    logit = problem.conditional_logit()
    with ctx.workprec(PRECISION):
        coefficients: list[dict[int, arb]] = []
        for block, shares in zip(logit.data.blocks, softmax_balls(logit, w, problem.supports if supports_only else None)):
            coefficients.append({v: exact_arb(block.weight) * (q - exact_arb(block.labels.get(v, Fraction(0)))) for v, q in shares.items()})
        entries = [interval(x) for x in assemble_balls(logit, coefficients)]
    return Enclosure(tuple(x.center for x in entries), sum((x.radius for x in entries), Fraction(0)))


def gap(x: Interval, y: Interval) -> Interval:
    """x - y."""
    return Interval(x.center - y.center, x.radius + y.radius)


def genie_constant(problem: LinearNTP, finite_norm: arb) -> arb:
    """C = V e^{M |W*|}: W* + R W^mm has risk at most H + C e^{-R}. At the current precision."""
    return problem.vocabulary_size * (gap_constant(problem) * finite_norm).exp()


def finite_norm(case: Case) -> arb:
    """|W*| with the radius of its enclosure, at the current precision."""
    part = case.derived.finite_part
    return arb(norm(part.center), exact_arb(part.radius))


def enclosed(problem: LinearNTP, factor: Fraction | int = 1, initial: Vector | None = None, steps: int = STEPS) -> EnclosedRun:
    """Descent in balls with `factor` times the step 1/beta, from 0 or `initial`; run once per problem."""
    logit = problem.conditional_logit()
    run = EnclosedDescent(steps, factor * largest_step(logit), initial)
    found: EnclosedRun = logit.remember(run, lambda: run(logit))
    return found


def unconstrained_direction(case: Case) -> Vector:
    """The least-norm decoder with margins 1 off the supports and no equalities on them; zero if there is none."""
    anchored = case.derived.separation.anchored
    answer = least_norm(anchored.rows, [], anchored.inequalities)
    if isinstance(answer, Infeasible):
        return zero(case.problem)
    scaled = {r: x * anchored.scale**2 for r, x in answer.multipliers.items()}
    return assemble(case.derived.problem, anchored.coefficients(scaled))


def hull(low: arb, high: arb) -> Interval:
    """The interval from a lower bound of `low` to an upper bound of `high`."""
    a, b = lower(low), upper(high)
    return Interval((a + b) / 2, (b - a) / 2)


def as_floats(vector: Any) -> list[float]:
    """Exact entries as floats, for comparison with a trajectory."""
    return [float(x) for x in vector]


def log_odds_solution(problem: LinearNTP) -> Enclosure | np.ndarray:
    """W*, the least-norm solution of the log-odds equations, enclosed; their least-squares solution (floats) if there is none."""
    system = log_odds(problem)
    if system.closed_form is not None:
        return system.closed_form.enclose()
    anchored = system.anchored
    rows = anchored.rows.floats[anchored.equalities] / anchored.scale
    shares = [problem.probabilities[anchored.blocks[r]] for r in anchored.equalities]
    odds = [float(p[anchored.anchors[anchored.blocks[r]]] / p[anchored.alternatives[r]]) for r, p in zip(anchored.equalities, shares)]
    return np.asarray(np.linalg.lstsq(rows, np.log(odds), rcond=None)[0])


def in_support_part(problem: LinearNTP, path: ValuePath) -> ValuePath:
    """P_F of a path in floats."""
    frame = in_support_space(problem).frame
    return ValuePath(path.log_times, path.values @ frame @ frame.T, path.errors, path.name)
