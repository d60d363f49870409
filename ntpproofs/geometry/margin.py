"""The max-margin direction u of F4: least norm with level scores on tied pairs and margin 1 on separable ones, exact.

Degenerate programmes are the normal case. Support (margin exactly 1), strong support (positive in some multiplier) and
weak support (zero in every multiplier) are told apart by a second application of the Goldman-Tucker partition, now on the
cone { D : <D, z> >= 0 on the support, <D, u> = 0 }: its separable rows are exactly the weak ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpz_mat

from ..exact.cone import Partition, partition
from ..exact.programme import Optimal, Rows, combine
from ..exact.rational import clear_denominators, independent, scaled_floats, sub, total, written
from ..problems.conditional_logit import RowAlternative, Vector
from .assemble import assemble, columns, sparse
from .recession import AnchoredRows, Separation, separation


@dataclass(frozen=True, eq=False)
class MaxMargin:
    """u with everything the optimality conditions say about it.

    `direction` is u as a flat rational vector and `squared_norm` its squared norm, which equals the sum of the multipliers;
    u = 0 iff nothing is separable, otherwise the margin of u / |u| is 1 / |u|.
    """

    separation: Separation
    optimum: Optimal

    @property
    def _anchored(self) -> AnchoredRows:
        return self.separation.anchored

    @cached_property
    def _multipliers(self) -> dict[int, Fraction]:
        # Per anchored row, for the unscaled differences: d = D / scale turns w = sum y D into sum scale^2 y d.
        return {r: x * self._anchored.scale**2 for r, x in self.optimum.multipliers.items()}

    @cached_property
    def direction(self) -> Vector:
        """u, a flat vector of length `dimension` (row-major for matrices)."""
        return assemble(self._anchored.problem, self._anchored.coefficients(self._multipliers))

    @cached_property
    def squared_norm(self) -> Fraction:
        """|u|^2, exactly the sum of the multipliers on separable pairs."""
        return total(self._multipliers.get(r, Fraction(0)) for r in self._separable)

    @cached_property
    def _separable(self) -> list[int]:
        tied = self.separation.partition.tied
        return [r for r in self._anchored.inequalities if r not in tied]

    @cached_property
    def active(self) -> tuple[int, ...]:
        """The anchored rows with margin exactly 1 (one per block and alternative, labels of a block merged)."""
        return tuple(r for r in self._separable if self.optimum.margins[r] == 1)

    @cached_property
    def _second_level(self) -> Partition | None:
        # None when the vertex found is already strictly positive on the whole support.
        if all(self._multipliers.get(r, 0) > 0 for r in self.active):
            return None
        anchored = self._anchored
        tied = [*anchored.equalities, *sorted(self.separation.partition.tied)]
        chosen = [*tied, *self.active]
        numerators, _ = clear_denominators([list(self.optimum.multipliers.values())])
        scaled = dict(zip(self.optimum.multipliers, map(Fraction, numerators[0])))
        products = [int(x) for x in combine(anchored.rows, scaled)]
        squared = int(sum(scaled[r] * products[r] for r in scaled))
        size = len(chosen)
        gram = np.empty((size + 1, size + 1), dtype=object)
        gram[:size, :size] = anchored.rows.gram[np.ix_(chosen, chosen)]
        gram[size, :size] = gram[:size, size] = [products[r] for r in chosen]
        gram[size, size] = squared
        keys = list(self.optimum.multipliers)
        u = scaled_floats(numerators)[0] @ anchored.rows.floats[keys]
        floats = np.vstack([anchored.rows.floats[chosen], u[None, :]])
        return partition(Rows(gram, floats), [*range(len(tied)), size], list(range(len(tied), size)))

    @cached_property
    def second_level_direction(self) -> Vector:
        """D = argmin |D| with <D, z> = 0 on strong and >= 1 on weak support pairs, orthogonal to T: zero without weak pairs.

        The same programme as u, one level up (G10 of the foundations). D is orthogonal to u.
        """
        level = self._second_level
        anchored = self._anchored
        if level is None:
            return (Fraction(0),) * anchored.problem.dimension
        rows = [*anchored.equalities, *sorted(self.separation.partition.tied), *self.active]
        # The row appended for u is sum y_r D_r with integer y: unfold its multiplier onto the rows of the optimum.
        numerators, _ = clear_denominators([list(self.optimum.multipliers.values())])
        values: dict[int, Fraction] = {}
        for k, x in level.optimum.multipliers.items():
            terms = [(rows[k], Fraction(1))] if k < len(rows) else list(zip(self.optimum.multipliers, map(Fraction, numerators[0])))
            for r, y in terms:
                values[r] = values.get(r, Fraction(0)) + x * y
        scaled = {r: x * anchored.scale**2 for r, x in values.items()}
        return assemble(anchored.problem, anchored.coefficients(scaled))

    @cached_property
    def strong(self) -> tuple[int, ...]:
        """The anchored rows that are positive in some multiplier."""
        level = self._second_level
        if level is None:
            return self.active
        offset = len(self._anchored.equalities) + len(self.separation.partition.tied)
        return tuple(r for k, r in enumerate(self.active) if k + offset in level.tied)

    def _pairs(self, rows: tuple[int, ...]) -> frozenset[RowAlternative]:
        anchored, logit = self._anchored, self._anchored.problem
        chosen = {(anchored.blocks[r], anchored.alternatives[r]) for r in rows}
        return frozenset((i, v) for i, (b, _) in enumerate(logit.row_labels) for c, v in chosen if c == b)

    @cached_property
    def block_shares(self) -> dict[int, float]:
        """The share of each block in |u|^2, the sum of its multipliers, in floating point (for people)."""
        mass: dict[int, float] = {}
        for r in self._separable:
            block = self._anchored.blocks[r]
            mass[block] = mass.get(block, 0.0) + float(self.optimum.multipliers.get(r, 0))
        whole = sum(mass.values())
        return {block: x / whole for block, x in mass.items() if x > 0}

    @cached_property
    def support(self) -> frozenset[RowAlternative]:
        """Separable (row, alternative) pairs with margin exactly 1."""
        return self._pairs(self.active)

    @cached_property
    def strong_support(self) -> frozenset[RowAlternative]:
        """Support pairs that are positive in some optimal multiplier."""
        return self._pairs(self.strong)

    @property
    def weak_support(self) -> frozenset[RowAlternative]:
        """Support pairs that are zero in every optimal multiplier."""
        return self.support - self.strong_support

    @property
    def strictly_complementary(self) -> bool:
        """Whether some multiplier is positive on the whole support."""
        return len(self.strong) == len(self.active)

    @cached_property
    def multipliers(self) -> dict[RowAlternative, Fraction]:
        """One optimal multiplier per separable pair: u = sum lambda_iv P_M d_iv.

        The multiplier of a (block, alternative) is shared among the rows of the block in proportion to their weights.
        """
        anchored, logit = self._anchored, self._anchored.problem
        block_rows: dict[int, list[tuple[int, Fraction]]] = {}
        for i, (b, z) in enumerate(logit.row_labels):
            block_rows.setdefault(b, []).append((i, logit.data.blocks[b].labels[z]))
        result = {}
        for r in self._separable:
            value = self._multipliers.get(r, Fraction(0))
            for i, share in block_rows[anchored.blocks[r]]:
                result[(i, anchored.alternatives[r])] = value * share
        return dict(sorted(result.items()))

    @cached_property
    def unique_multipliers(self) -> bool:
        """Whether the multipliers are unique once pairs with equal P_M d are merged: the strong ones are independent."""
        anchored = self._anchored
        gram = anchored.rows.gram
        base = independent(gram, [*anchored.equalities, *sorted(self.separation.partition.tied)])
        kept: list[int] = []
        for r in self.strong if len(independent(gram, [*base, *self.strong])) < len(base) + len(self.strong) else ():
            if not any(self._agree(base, r, q) for q in kept):
                kept.append(r)
        return len(independent(gram, [*base, *kept])) == len(base) + len(kept)

    def _agree(self, base: list[int], r: int, q: int) -> bool:
        # P_M d_r = P_M d_q iff d_r - d_q lies in the tied span: its squared length equals that of its projection.
        gram = self._anchored.rows.gram
        gap = [int(gram[b, r]) - int(gram[b, q]) for b in base]
        squared = int(gram[r, r]) - 2 * int(gram[r, q]) + int(gram[q, q])
        if not any(gap):
            return squared == 0
        x = sub(gram, base, base).solve(fmpz_mat([[g] for g in gap]))
        return sum(x[i, 0] * g for i, g in enumerate(gap)) == squared

    @cached_property
    def smallest_gap(self) -> Fraction | None:
        """The smallest separable margin off the support, or None when every separable pair is in the support."""
        return min((self.optimum.margins[r] for r in self._separable if self.optimum.margins[r] > 1), default=None)

    @property
    def certificate(self) -> dict[str, Any]:
        """The `optimal-qp` record: tied sets, solution, multipliers, squared norm."""
        problem = self._anchored.problem
        sizes = [len(block.alternatives) for block in problem.data.blocks]
        coefficients = self._anchored.coefficients(self._multipliers)
        return {
            "type": "optimal-qp",
            "tied": [sorted(tied) for tied in self.separation.tied_sets],
            "solution": columns(self.direction, problem.shape),
            "multipliers": [sparse(c, size) for c, size in zip(coefficients, sizes)],
            "squared_norm": written(self.squared_norm),
        }


def max_margin(problem: Any) -> MaxMargin:
    """The max-margin direction of a conditional logit (or of anything that reduces to one), exact.

    Laws: u does not depend on weights or multiplicities; scaling the features by c divides u by c; u is orthogonal to
    every tied difference. Raises `TooLarge` beyond the reach of the exact route.

    >>> from ntpproofs.problems import ConditionalLogit
    >>> problem = ConditionalLogit([(1, 0, [["2"], ["0"]], [1, 1])])
    >>> max_margin(problem).direction, max_margin(problem).multipliers
    ((Fraction(1, 2),), {(0, 1): Fraction(1, 4)})
    """
    logit = problem.conditional_logit()
    found: MaxMargin = logit.remember("max margin", lambda: MaxMargin(separation(logit), separation(logit).partition.optimum))
    return found


__all__ = ["MaxMargin", "max_margin"]
