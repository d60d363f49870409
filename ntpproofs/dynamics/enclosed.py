"""Gradient descent run in balls: every iterate and every loss with a proved radius, for as many steps as the precision lasts.

Descent with step at most 1/beta is non-expansive, so radii only add up; at 256 bits the first hundreds of steps are known to
dozens of digits. This is what lets a false finite-time bound be *disproved* by a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, ctx

from ..exact.balls import Interval, exact_arb, interval
from ..logit.problem import ConditionalLogit, Vector
from ..logit.protocols import Reduces
from ..logit.step_size import largest_step

BITS = 256


@dataclass(frozen=True, eq=False)
class EnclosedRun:
    """Iterates w_0, ..., w_K as columns of balls, and their losses as intervals."""

    step_size: Fraction
    iterates: tuple[arb_mat, ...]
    losses: tuple[Interval, ...]

    def component(self, k: int, vector: Vector) -> Interval:
        """<w_k, vector>, enclosed."""
        with ctx.workprec(BITS):
            w = self.iterates[k]
            return interval(sum((w[i, 0] * exact_arb(x) for i, x in enumerate(vector) if x), arb(0)))

    def squared_distance(self, k: int, point: Any) -> Interval:
        """|w_k - point|^2 for a rational point or a column of balls, enclosed."""
        with ctx.workprec(BITS):
            w = self.iterates[k]
            entries = [point[i, 0] for i in range(w.nrows())] if isinstance(point, arb_mat) else [exact_arb(x) for x in point]
            gaps = [w[i, 0] - x for i, x in enumerate(entries)]
            return interval(sum((x * x for x in gaps), arb(0)))  # in python-flint ** is not a number for balls around 0


@dataclass(frozen=True)
class EnclosedDescent:
    """`steps` steps of gradient descent with rational `step_size` (default 1/beta) from a rational `initial` (default 0)."""

    steps: int = 24
    step_size: Fraction | None = None
    initial: Vector | None = None

    def __call__(self, problem: Reduces) -> EnclosedRun:
        """Run. Accepts a conditional logit or anything that reduces to one."""
        logit: ConditionalLogit = problem.conditional_logit()
        eta = largest_step(logit) if self.step_size is None else self.step_size
        blocks = logit.data.blocks
        rows = [(b, v) for b, block in enumerate(blocks) for v in range(len(block.alternatives))]
        initial = self.initial or (Fraction(0),) * logit.dimension
        with ctx.workprec(BITS):
            design = arb_mat([[exact_arb(x) for x in logit.feature(b, v)] for b, v in rows])
            transposed, step = design.transpose(), exact_arb(eta)
            w = arb_mat([[exact_arb(x)] for x in initial])
            iterates, losses = [w], []
            for _ in range(self.steps + 1):
                loss, coefficients = _evaluate(logit, design * w, rows)
                losses.append(interval(loss))
                w = w - (transposed * coefficients) * step
                iterates.append(w)
        return EnclosedRun(eta, tuple(iterates[:-1]), tuple(losses))


def _evaluate(logit: ConditionalLogit, scores: arb_mat, rows: list[tuple[int, int]]) -> tuple[arb, arb_mat]:
    # The loss and the coefficients a_b (p_bv - share_bv) of its gradient.
    total, coefficients, position = arb(0), [], 0
    for block in logit.data.blocks:
        size = len(block.alternatives)
        counts = [exact_arb(n) for n in block.multiplicities] if block.multiplicities else [arb(1)] * size
        masses = [counts[v] * scores[position + v, 0].exp() for v in range(size)]
        mass = sum(masses, arb(0))
        weight = exact_arb(block.weight)
        for v in range(size):
            share = exact_arb(block.labels.get(v, Fraction(0)))
            coefficients.append([weight * (masses[v] / mass - share)])
            if v in block.labels:
                total -= weight * share * (masses[v] / mass).log()
        position += size
    return total, arb_mat(coefficients)
