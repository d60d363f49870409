"""The separable excess as a function of the diverging part, in balls: shared by the margin-comparison steps.

With the tied part fixed, sum_i a_i log(1 + rho_i) is a function of the margins <P_M w, d_bv> alone:
rho_b = sum_v kappa_bv e^{-margin_bv}, kappa_bv = n_bv e^{-<P_T w, d_bv>} / Z_b^in(P_T w).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from ....exact.balls import exact_arb
from ....exact.rational import dot
from ....language.statements import Case
from ....logit.enclosures import exact_scores, log_sums

Vector = tuple[Fraction, ...]


@dataclass(frozen=True)
class SeparableExcess:
    """Per separable (block, alternative): weight a_b, log kappa, and the exact feature difference."""

    weights: tuple[Fraction, ...]
    pairs: tuple[tuple[int, Vector], ...]
    log_kappa: tuple[arb, ...]

    def margins(self, vector: Vector) -> list[Fraction]:
        """<vector, d> for every pair."""
        return [dot(vector, d) for _, d in self.pairs]

    def at(self, margins: list[arb]) -> arb:
        """sum_i a_i log(1 + sum_v kappa e^{-margin})."""
        totals = [arb(0)] * len(self.weights)
        for (b, _), log_kappa, margin in zip(self.pairs, self.log_kappa, margins):
            totals[b] += (log_kappa - margin).exp()
        return sum((exact_arb(a) * total.log1p() for a, total in zip(self.weights, totals)), arb(0))

    def outside(self) -> arb:
        """C = sum_i a_i rho_i at margin zero: the excess is at most C e^{-smallest margin}."""
        return sum((exact_arb(self.weights[b]) * x.exp() for (b, _), x in zip(self.pairs, self.log_kappa)), arb(0))


def separable_excess(case: Case, tied_part: Vector) -> SeparableExcess:
    """The excess around a rational tied part, at the current precision."""
    problem, sets = case.problem, case.derived.separation.tied_sets
    scores, inside = exact_scores(problem, tied_part), log_sums(problem, tied_part, sets)
    pairs, logs = [], []
    for b, block in enumerate(problem.data.blocks):
        anchor = min(block.labels)
        for v in range(len(block.alternatives)):
            if v not in sets[b]:
                difference = tuple(x - y for x, y in zip(problem.feature(b, anchor), problem.feature(b, v)))
                count = arb(0) if block.multiplicities is None else exact_arb(block.multiplicities[v]).log()
                pairs.append((b, case.derived.diverging.project(difference)))
                logs.append(count + exact_arb(scores[b][v]) - inside[b])
    return SeparableExcess(tuple(block.weight for block in problem.data.blocks), tuple(pairs), tuple(logs))
