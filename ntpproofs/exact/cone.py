"""The recession cone { w : <w, d_r> >= 0, <w, d_e> = 0 } decided exactly: which rows vanish on all of it.

Goldman and Tucker: the inequality rows split in exactly one way into *tied* rows, which carry a positive combination (with
free multipliers on the equalities) that vanishes, and *separable* rows, on which some w of the cone is positive. The
algorithm collects Farkas certificates: as long as margins of at least 1 on all remaining rows are infeasible, the rows of
the certificate are tied and become equalities; what is left has a least-norm solution, which is the witness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .programme import Infeasible, Optimal, Rows, least_norm
from .rational import independent, sub


@dataclass(frozen=True)
class Partition:
    """The Goldman-Tucker partition with both witnesses.

    `tied`: inequality rows that vanish on the cone. `circulation`: positive on every tied row, free on the equalities, and
    sum circulation[r] d_r = 0. `optimum`: the least-norm w with margin 1 on the separable rows and 0 on the others.
    """

    tied: frozenset[int]
    circulation: dict[int, Fraction]
    optimum: Optimal


def partition(rows: Rows, equalities: Sequence[int], inequalities: Sequence[int]) -> Partition:
    """Split the inequality rows into tied and separable, exactly.

    >>> import numpy as np
    >>> d = np.array([[1, 0], [-1, 0], [0, 1]])
    >>> sorted(partition(Rows(d @ d.T, d.astype(float)), [], [0, 1, 2]).tied)
    [0, 1]
    """
    tied: dict[int, None] = {}
    circulation: dict[int, Fraction] = {}
    while True:
        remaining = [r for r in inequalities if r not in tied]
        levelled = [*equalities, *tied]
        answer = least_norm(rows, levelled, remaining)
        if isinstance(answer, Optimal):
            return Partition(frozenset(tied), circulation, answer)
        found = answer.multipliers
        # Earlier tied rows are equalities by now, so the new certificate may be negative there: add as much of the old
        # circulation as keeps every multiplier positive.
        deficit = max((-found.get(r, Fraction(0)) / circulation[r] for r in tied), default=Fraction(0))
        share = Fraction(int(max(deficit, Fraction(0))) + 1)
        keys = {**circulation, **found}
        circulation = {r: share * circulation.get(r, Fraction(0)) + found.get(r, Fraction(0)) for r in keys}
        fresh = [r for r in remaining if circulation.get(r, 0) > 0]
        tied.update(dict.fromkeys(fresh))
        circulation = _absorb(rows, equalities, tied, circulation, [r for r in remaining if r not in tied])


def _absorb(
    rows: Rows, equalities: Sequence[int], tied: dict[int, None], circulation: dict[int, Fraction], remaining: list[int]
) -> dict[int, Fraction]:
    # A row in the span of levelled rows is tied as well, d_r = sum x d: add d_r - sum x d to the circulation with a weight
    # small enough to keep the others positive. One exact solve finds all of them, instead of one Farkas round each.
    basis = independent(rows.gram, [*equalities, *tied])
    if not basis or not remaining:
        return circulation
    solution = sub(rows.gram, basis, basis).solve(sub(rows.gram, basis, remaining))
    check = sub(rows.gram, remaining, basis)
    for k, r in enumerate(remaining):
        x = [solution[i, k] for i in range(len(basis))]
        inside = sum((check[k, i] * x[i] for i in range(len(basis))), 0 * x[0])
        if inside != int(rows.gram[r, r]):
            continue
        terms = {b: Fraction(int(value.p), int(value.q)) for b, value in zip(basis, x) if value}
        weight = min((circulation[b] / (2 * v) for b, v in terms.items() if b in tied and v > 0), default=Fraction(1))
        weight = min(weight, Fraction(1))
        circulation[r] = weight
        for b, value in terms.items():
            circulation[b] = circulation.get(b, Fraction(0)) - weight * value
        tied[r] = None
    return circulation


__all__ = ["Infeasible", "Optimal", "Partition", "Rows", "partition"]
