"""The tied part of gradient descent and of the flow converges to w* (foundations, G2)."""

from __future__ import annotations

import sympy as sp

from ....dynamics import GradientFlow
from ....language.relations import Converges
from ....language.statements import Case, Theorem, derived
from ....logit.problem import ConditionalLogit, Row
from ....symbolic import E, NonNegative
from ._instances import golden, logits

theorem = Theorem(
    label="foundations.finite-part-limit",
    title="The tied part converges to w*",
    source=derived("G2 with S3"),
    text=r"$P_Tw_k\to w^*$ for every $w_0$ and $0<\eta\le1/\beta$; the flow at time $t$ is within $O(1/t)$ of $w^*$.",
    uses=("foundations.risk-bound", "foundations.finite-part", "foundations.split-identity"),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)


@theorem.step("strong convexity near w*", by="sign of a derivative", scope="all reals", latex=r"e^{-x}-1+x\ge0")
def quadratic_step() -> NonNegative:
    """Curvature along a line changes by at most e^{-R r}, so a small tied gap forces a small distance to w*."""
    x = sp.Symbol("x")
    return NonNegative(E(-x) - 1 + x, x)


@theorem.claim(r"P_Tw(t) - w^* = O(1/t)")
def tied_part_converges(case: Case) -> Converges:
    """Along the part of the flow integrated in plain coordinates, which knows nothing of w*."""
    return Converges(case.trajectory.finite_part, case.derived.finite_part, rate=1)


@theorem.mutant(of=tied_part_converges, latex=r"P_Tw(t)\to\tfrac{1001}{1000}w^*")
def slightly_larger_limit(case: Case) -> Converges:
    """A target off by one part in a thousand stalls."""
    target = tuple(x * 1001 / 1000 for x in case.derived.finite_part.center)
    return Converges(case.trajectory.finite_part, target, rate=1)


@theorem.mutant(of=tied_part_converges, latex=r"P_Tw(t)\to w^*\text{ of the data without multiplicities and weights}")
def blind_to_frequencies(case: Case) -> Converges:
    """The finite part is a maximum-likelihood estimate: counts matter."""
    from ....logit.decomposition import decompose

    plain = [Row(row.weight * 0 + 1, row.chosen, row.features, (row.weight * 0 + 1,) * len(row.features)) for row in case.problem.rows]
    return Converges(case.trajectory.finite_part, decompose(ConditionalLogit(plain)).finite_part, rate=1)
