"""Separation: which alternatives every recession direction ties, decided exactly with a certificate (section 2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..exact.cone import Partition, partition
from ..language.views import table_html
from .anchored import LARGEST_SYSTEM, AnchoredRows, anchored_rows
from .problem import ConditionalLogit, RowAlternative
from .protocols import Reduces, reduced


@dataclass(frozen=True, eq=False)
class Separation:
    """The separation of a problem: `kind` is "overlap", "quasi-complete" or "complete".

    `tied` and `separable` are sets of (row, alternative), the chosen alternative excluded; `certificate` is the kernel's
    record of the Goldman-Tucker pair. `tied_sets` gives the tied alternatives of each block, labels included.
    """

    kind: str
    tied: frozenset[RowAlternative]
    separable: frozenset[RowAlternative]
    tied_sets: tuple[frozenset[int], ...]
    anchored: AnchoredRows = field(repr=False)
    partition: Partition = field(repr=False)

    def _repr_html_(self) -> str:
        tied = ", ".join(f"({i}, {v})" for i, v in sorted(self.tied)) or "none"
        separable = ", ".join(f"({i}, {v})" for i, v in sorted(self.separable)) or "none"
        return table_html(f"separation: {self.kind}", {"tied (row, alternative)": tied, "separable": separable})

    @cached_property
    def certificate(self) -> dict[str, Any]:
        """The `separation` record: tied sets, a separator, a circulation."""
        from .assemble import assemble, columns, sparse

        optimum = {r: x * self.anchored.scale**2 for r, x in self.partition.optimum.multipliers.items()}
        separator = assemble(self.anchored.problem, self.anchored.coefficients(optimum))
        circulation = self.anchored.coefficients(self.partition.circulation)
        sizes = [len(block.alternatives) for block in self.anchored.problem.data.blocks]
        return {
            "type": "separation",
            "class": self.kind,
            "tied": [sorted(tied) for tied in self.tied_sets],
            "separator": columns(separator, self.anchored.problem.shape),
            "circulation": [sparse(c, size) for c, size in zip(circulation, sizes)],
        }


def separation(problem: Reduces) -> Separation:
    """Decide exactly which alternatives are tied on the recession cone and which can be separated.

    Accepts a conditional logit or anything with a `conditional_logit()` reduction. Raises `TooLarge` beyond the reach of
    the exact route. Law: the partition does not depend on weights, multiplicities or the scale of the features.

    See also: `decompose` for the subspaces, `max_margin` for the direction. Reference: `foundations.separation`.

    >>> problem = ConditionalLogit([(1, 0, [["1"], ["0"]], [1, 1])])
    >>> separation(problem).kind, sorted(separation(problem).separable)
    ('complete', [(0, 1)])
    """
    logit = reduced(problem)
    found: Separation = logit.remember("separation", lambda: _decide(logit))
    return found


def _decide(logit: ConditionalLogit) -> Separation:
    anchored = anchored_rows(logit)
    found = partition(anchored.rows, anchored.equalities, anchored.inequalities)
    tied_sets = [set(block.labels) for block in logit.data.blocks]
    for r in found.tied:
        tied_sets[anchored.blocks[r]].add(anchored.alternatives[r])
    sets = tuple(map(frozenset, tied_sets))
    tied: list[RowAlternative] = []
    separable: list[RowAlternative] = []
    for i, (b, z) in enumerate(logit.row_labels):
        for v in range(len(logit.data.blocks[b].alternatives)):
            if v != z:
                (tied if v in sets[b] else separable).append((i, v))
    complete = all(len(inside) == 1 for inside in sets)
    kind = "overlap" if not separable else "complete" if complete else "quasi-complete"
    return Separation(kind, frozenset(tied), frozenset(separable), sets, anchored, found)


__all__ = ["LARGEST_SYSTEM", "AnchoredRows", "Separation", "anchored_rows", "separation"]
