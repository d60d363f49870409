"""The max-margin direction u of F4: least norm with level scores on tied pairs and margin 1 on separable ones, exact.

Degenerate programmes are the normal case. Support (margin exactly 1), strong support (positive in some multiplier) and
weak support (zero in every multiplier) are told apart by a second application of the Goldman-Tucker partition, now on the
cone { D : <D, z> >= 0 on the support, <D, u> = 0 }: its separable rows are exactly the weak ones, and its least-norm witness
is the programme one level up. That one can be degenerate again, so the levels are repeated until no weak row is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import fmpq

from ..exact.cone import Partition, partition
from ..exact.programme import Optimal, Rows
from ..exact.rational import fraction, sub, total, written
from ..language.views import table_html
from .assemble import assemble, columns, sparse
from .problem import RowAlternative, Vector
from .protocols import Reduces, reduced
from .recession import AnchoredRows, Separation, separation


@dataclass(frozen=True, eq=False)
class Level:
    """One least-norm programme: `equalities` at margin 0, `inequalities` at margin 1 or more, and its `optimum`.

    The next level asks for margin 1 on the weak rows of this one. Since u = sum lambda z with lambda >= 0, a direction D with
    <D, z> >= 0 on the support has <D, u> = 0 iff <D, z> = 0 wherever lambda > 0: those rows become equalities, and a
    Goldman-Tucker partition finds the strong ones among the rest.
    """

    rows: Rows
    equalities: tuple[int, ...]
    inequalities: tuple[int, ...]
    optimum: Optimal

    @cached_property
    def active(self) -> tuple[int, ...]:
        """The rows with margin exactly 1."""
        return tuple(r for r in self.inequalities if self.optimum.margins[r] == 1)

    @cached_property
    def _positive(self) -> tuple[int, ...]:
        return tuple(r for r in self.active if self.optimum.multipliers.get(r, 0) > 0)

    @cached_property
    def _split(self) -> Partition | None:
        rest = [r for r in self.active if r not in set(self._positive)]
        return partition(self.rows, [*self.equalities, *self._positive], rest) if rest else None

    @cached_property
    def positive_multipliers(self) -> dict[int, Fraction]:
        """A multiplier that is positive on every strong row: the optimal one and a little of the circulation that ties the others."""
        y, circulation = self.optimum.multipliers, {} if self._split is None else self._split.circulation
        share = min((y[r] / (2 * -x) for r, x in circulation.items() if x < 0 and r in self._positive), default=Fraction(1))
        return {r: y.get(r, Fraction(0)) + share * circulation.get(r, Fraction(0)) for r in {**y, **circulation}}

    @cached_property
    def strong(self) -> tuple[int, ...]:
        """The active rows that are positive in some multiplier."""
        also = frozenset(self._positive) | (frozenset() if self._split is None else self._split.tied)
        return tuple(r for r in self.active if r in also)

    @cached_property
    def below(self) -> Level | None:
        """The next level; None without weak rows."""
        weak = tuple(r for r in self.active if r not in set(self.strong))
        if self._split is None or not weak:
            return None
        return Level(self.rows, (*self.equalities, *self.strong), weak, self._split.optimum)


@dataclass(frozen=True, eq=False)
class MaxMargin:
    """u with everything the optimality conditions say about it.

    `direction` is u as a flat rational vector and `squared_norm` its squared norm, which equals the sum of the multipliers;
    u = 0 iff nothing is separable, otherwise the margin of u / |u| is 1 / |u|.
    """

    separation: Separation
    optimum: Optimal

    def _repr_html_(self) -> str:
        rows = {"u": ", ".join(map(str, self.direction)), "squared norm": self.squared_norm, "support": sorted(self.support)}
        return table_html("max-margin direction", rows | {"strictly complementary": "yes" if self.strictly_complementary else "no"})

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
        total, bottom = self._anchored.combination(self.optimum.multipliers)
        scale = self._anchored.scale
        return tuple(fraction(fmpq(scale * x, bottom)) for x in total.entries())

    @cached_property
    def squared_norm(self) -> Fraction:
        """|u|^2, exactly the sum of the multipliers on separable pairs."""
        return total(self._multipliers.get(r, Fraction(0)) for r in self.separable_rows)

    @cached_property
    def separable_rows(self) -> list[int]:
        """The anchored rows that are not tied."""
        tied = self.separation.partition.tied
        return [r for r in self._anchored.inequalities if r not in tied]

    @cached_property
    def _first(self) -> Level:
        anchored = self._anchored
        return Level(anchored.rows, (*anchored.equalities, *sorted(self.separation.partition.tied)), tuple(self.separable_rows), self.optimum)

    @property
    def active(self) -> tuple[int, ...]:
        """The anchored rows with margin exactly 1 (one per block and alternative, labels of a block merged)."""
        return self._first.active

    @property
    def strong(self) -> tuple[int, ...]:
        """The anchored rows that are positive in some multiplier."""
        return self._first.strong

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The programmes of u, D, D_3, ...: each the least norm with margin 1 on the weak rows of the one before (G10, repeated)."""
        found: list[Level] = []
        level: Level | None = self._first
        while level is not None:
            found.append(level)
            level = level.below
        return tuple(found)

    @cached_property
    def directions(self) -> tuple[Vector, ...]:
        """(u, D, D_3, ...), exact: w = u log t + D log log t + D_3 log log log t + ... + O(1) is conjecture G10, repeated.

        Only u where the multipliers are strictly complementary. Every direction is orthogonal to the ones before.

        >>> from ntpproofs.problems import ConditionalLogit
        >>> rows = [(1, 0, [[1, 0, 0], [0, 0, 0]]), (1, 0, [[1, 1, 0], [0, 0, 0]]), (1, 0, [[1, 1, 1], [0, 0, 0]])]
        >>> [[str(x) for x in direction] for direction in max_margin(ConditionalLogit(rows)).directions]
        [['1', '0', '0'], ['0', '1', '0'], ['0', '0', '1']]
        """
        anchored, scale = self._anchored, self._anchored.scale**2
        unscaled = ({r: x * scale for r, x in level.optimum.multipliers.items()} for level in self.levels)
        return tuple(assemble(anchored.problem, anchored.coefficients(values)) for values in unscaled)

    @property
    def second_level_direction(self) -> Vector:
        """D = argmin |D| with <D, z> = 0 on strong and >= 1 on weak support pairs, orthogonal to T: zero without weak pairs."""
        return self.directions[1] if len(self.directions) > 1 else (Fraction(0),) * self._anchored.problem.dimension

    def _pairs(self, rows: tuple[int, ...]) -> frozenset[RowAlternative]:
        anchored, logit = self._anchored, self._anchored.problem
        chosen = {(anchored.blocks[r], anchored.alternatives[r]) for r in rows}
        return frozenset((i, v) for i, (b, _) in enumerate(logit.row_labels) for c, v in chosen if c == b)

    @cached_property
    def block_shares(self) -> dict[int, float]:
        """The share of each block in |u|^2, the sum of its multipliers, in floating point (for people)."""
        mass: dict[int, float] = {}
        for r in self.separable_rows:
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
        for r in self.separable_rows:
            value = self._multipliers.get(r, Fraction(0))
            for i, share in block_rows[anchored.blocks[r]]:
                result[(i, anchored.alternatives[r])] = value * share
        return dict(sorted(result.items()))

    @cached_property
    def unique_multipliers(self) -> bool:
        """Whether the multipliers are unique once pairs with equal P_M d are merged: the strong ones are independent."""
        anchored = self._anchored
        if set(self.strong) <= self.optimum.multipliers.keys():  # a working set, independent together with the tied rows
            return True
        independent = anchored.rows.independent
        base = independent([*anchored.equalities, *sorted(self.separation.partition.tied)])
        both = independent([*base, *self.strong])
        if len(both) == len(base) + len(self.strong):
            return True
        # One row of every class of equal P_M d has to be independent. Rows beyond a basis that agree with a row of it add no class.
        kept = both[len(base) :]
        groups: dict[int, list[int]] = {}
        for r in anchored.rows.distinct([r for r in self.strong if r not in set(kept)]):
            like = next((q for q in kept if self._agree(base, [(r, q)])), None) if len(kept) > 1 else kept[0]
            if like is None:
                return False
            groups.setdefault(like, []).append(r)
        return self._agree(base, [(r, q) for q, members in groups.items() for r in members]) if len(kept) == 1 else True

    def _agree(self, base: list[int], pairs: list[tuple[int, int]]) -> bool:
        # P_M d_r = P_M d_q iff d_r - d_q lies in the tied span: its squared length equals that of its projection.
        rows = self._anchored.rows
        first, second = [r for r, _ in pairs], [q for _, q in pairs]
        left = sub(rows.gram, base, first) - sub(rows.gram, base, second)
        x = sub(rows.gram, base, base).solve(left) if base else None
        for k, (r, q) in enumerate(pairs):
            squared = rows.squares[r] - 2 * int(rows.gram[r, q]) + rows.squares[q]
            if (0 if x is None else sum(x[i, k] * left[i, k] for i in range(len(base)))) != squared:
                return False
        return True

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


def max_margin(problem: Reduces) -> MaxMargin:
    """The max-margin direction of a conditional logit (or of anything that reduces to one), exact.

    Laws: u does not depend on weights or multiplicities; scaling the features by c divides u by c; u is orthogonal to
    every tied difference. Raises `TooLarge` beyond the reach of the exact route.

    See also: `norm_margin` for other norms. Reference: `foundations.max-margin`.

    >>> from ntpproofs.problems import ConditionalLogit
    >>> problem = ConditionalLogit([(1, 0, [["2"], ["0"]], [1, 1])])
    >>> max_margin(problem).direction, max_margin(problem).multipliers
    ((Fraction(1, 2),), {(0, 1): Fraction(1, 4)})
    """
    logit = reduced(problem)
    found: MaxMargin = logit.remember("max margin", lambda: MaxMargin(separation(logit), separation(logit).partition.optimum))
    return found


__all__ = ["Level", "MaxMargin", "max_margin"]
