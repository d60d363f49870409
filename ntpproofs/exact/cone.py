"""The recession cone { w : <w, d_r> >= 0, <w, d_e> = 0 } decided exactly: which rows vanish on all of it.

Goldman and Tucker: the inequality rows split in exactly one way into *tied* rows, which carry a positive combination (with
free multipliers on the equalities) that vanishes, and *separable* rows, on which some w of the cone is positive. One linear
programme proposes the whole pair, max sum s subject to <w, d_r> >= s_r and 0 <= s <= 1: every s is 0 or 1 at an optimum, and as a
tied row stays below its bound 1, its dual multiplier is at least 1. Exact arithmetic corrects the multipliers on a basis of the tied
span and checks that all are positive; the least-norm solution with the tied rows level is the witness on the other side.

Small systems, and what a proposal leaves open, collect Farkas certificates: as long as margins of at least 1 on all remaining rows are
infeasible, the rows of the certificate are tied and become equalities; what is left has a least-norm solution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat

from .interior import partition_proposal
from .programme import Infeasible, Optimal, Rows, least_norm
from .rational import fraction, sub
from .rows import combine

# Below as many entries a Farkas certificate at a time is quicker than the start of a solver of linear programmes.
SMALL = 20_000
# Rows per coordinate from which an interior point is quicker than the simplex method.
TALL = 6
GRID = 2**40


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
    unequal = rows.distinct(inequalities)
    circulation = _proposed_circulation(rows, equalities, unequal) if len(unequal) * rows.coordinates.shape[1] > SMALL else {}
    tied = {r: None for r in unequal if r in circulation}
    while True:
        remaining = [r for r in unequal if r not in tied]
        levelled = [*equalities, *tied]
        answer = least_norm(rows, levelled, remaining)
        if isinstance(answer, Optimal):
            return _for_all(rows, inequalities, Partition(frozenset(tied), circulation, answer))
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


def _for_all(rows: Rows, inequalities: Sequence[int], found: Partition) -> Partition:
    # From one row of every class to all of them: equal rows share their class's multiplier in the circulation.
    if rows.classes is None or len(inequalities) == len(set(rows.classes[list(inequalities)].tolist())):
        return found
    alike: dict[int, list[int]] = {}
    for r in inequalities:
        alike.setdefault(int(rows.classes[r]), []).append(r)
    tied = {r: alike[int(rows.classes[r])] for r in found.tied}
    circulation = {r: x for r, x in found.circulation.items() if r not in tied}
    circulation |= {q: found.circulation[r] / len(all_of_it) for r, all_of_it in tied.items() for q in all_of_it}
    return Partition(frozenset(circulation) & frozenset(inequalities), circulation, found.optimum)


def _proposed_circulation(rows: Rows, equalities: Sequence[int], inequalities: list[int]) -> dict[int, Fraction]:
    # A verified circulation, positive on the rows that a linear programme in floats takes for tied; {} where there is none.
    lengths = np.sqrt(np.array([float(rows.squares[r]) for r in [*equalities, *inequalities]]))
    if not (np.isfinite(lengths).all() and lengths.all()):
        return {}
    proposal = _programme(rows, equalities, inequalities, lengths)
    if proposal is None:
        return {}
    tied, y, z = proposal
    if not tied:
        return {}
    # Multipliers of the rows themselves, on a dyadic grid relative to the lengths.
    exponents = dict(zip([*equalities, *inequalities], np.log2(lengths).round().astype(int).tolist()))
    unit = {r: Fraction(2) ** -e / GRID for r, e in exponents.items()}
    floats = dict(zip([*equalities, *inequalities], np.concatenate([z, y]) / lengths))
    values = {r: round(floats[r] * 2.0 ** exponents[r] * GRID) * unit[r] for r in [*equalities, *tied]}
    return _corrected(rows, list(equalities), tied, values)


def _programme(
    rows: Rows, equalities: Sequence[int], inequalities: list[int], lengths: np.ndarray
) -> tuple[list[int], np.ndarray, np.ndarray] | None:
    # The tied rows by HiGHS on rows of unit length, with their multipliers y >= 1 and those z of the equalities.
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, diags_array, eye_array, hstack

    fixed, count, width = len(equalities), len(inequalities), rows.coordinates.shape[1]
    if count >= TALL * width:
        return _interior(rows, equalities, inequalities)
    floats = csr_matrix(rows.coordinates)[[*equalities, *inequalities]]
    # Coordinates may carry a factor, and then their lengths are not those of the Gram matrix.
    size = np.sqrt(np.asarray(floats.multiply(floats).sum(axis=1)).ravel())
    if not (np.isfinite(size).all() and size.all()):
        return None
    unit = diags_array(1 / size) @ floats
    level = hstack([unit[:fixed], csr_matrix((fixed, count))], format="csr") if fixed else None
    found = linprog(
        np.concatenate([np.zeros(width), -np.ones(count)]), A_ub=hstack([-unit[fixed:], eye_array(count)], format="csr"), b_ub=np.zeros(count),
        A_eq=level, b_eq=np.zeros(fixed) if fixed else None, bounds=[(None, None)] * width + [(0, 1)] * count, method="highs-ds",
    )  # fmt: skip
    if found.status != 0:
        return None
    below = found.x[width:] < 0.5
    tied = [r for r, low in zip(inequalities, below) if low]
    # HiGHS gives the derivatives of -sum s by the right sides: minus y, and for the equalities z of y A + z C = 0 up to the sign.
    return tied, np.where(below, -found.ineqlin.marginals, 0.0), found.eqlin.marginals if fixed else np.zeros(0)


def _interior(rows: Rows, equalities: Sequence[int], inequalities: list[int]) -> tuple[list[int], np.ndarray, np.ndarray] | None:
    # The same by an interior point, where there are many more rows than coordinates; equalities are projected away and solved for.
    floats, level = rows.floats[inequalities], rows.floats[list(equalities)]
    size, scale = np.linalg.norm(floats, axis=1), np.linalg.norm(level, axis=1)
    if not (np.isfinite(size).all() and size.all() and np.isfinite(scale).all() and scale.all()):
        return None
    unit, level = floats / size[:, None], level / scale[:, None]
    _, singular, right = np.linalg.svd(level, full_matrices=False)
    basis = right[singular > 1e-9 * singular.max(initial=0.0)]
    found = partition_proposal(unit - (unit @ basis.T) @ basis)
    if found is None:
        return None
    below = found[0] < 0.5
    y = np.where(below, found[1], 0.0)
    return [r for r, low in zip(inequalities, below) if low], y, -np.linalg.lstsq(level.T, unit.T @ y, rcond=1e-9)[0]


def _corrected(rows: Rows, equalities: list[int], tied: list[int], values: dict[int, Fraction]) -> dict[int, Fraction]:
    # The multipliers outside of a basis of the tied span stay; those of the basis are solved for. Large multipliers are put into the
    # basis first: they can best bear a correction.
    order = [*equalities, *sorted(tied, key=lambda r: -float(values[r]) * float(rows.squares[r]) ** 0.5)]
    basis = rows.independent(order)
    inside = set(basis)
    outside = [r for r in order if r not in inside and values[r]]
    circulation = {r: values[r] for r in outside}
    if basis and outside:
        right, bottom = fmpq_mat([[fmpq(values[r].numerator, values[r].denominator)] for r in outside]).numer_denom()
        solution = sub(rows.gram, basis, basis).solve(sub(rows.gram, basis, outside) * right)
        circulation |= {r: -fraction(solution[i, 0] / bottom) for i, r in enumerate(basis) if solution[i, 0]}
    if any(circulation.get(r, 0) <= 0 for r in tied):
        return {}
    # The combination vanishes iff it is orthogonal to each of its own rows.
    margins = combine(rows, circulation)
    return {} if any(margins[r] for r in circulation) else circulation


def _absorb(
    rows: Rows, equalities: Sequence[int], tied: dict[int, None], circulation: dict[int, Fraction], remaining: list[int]
) -> dict[int, Fraction]:
    # A row in the span of levelled rows is tied as well, d_r = sum x d: add d_r - sum x d to the circulation with a weight
    # small enough to keep the others positive. One exact solve finds all of them, instead of one Farkas round each.
    basis = rows.independent([*equalities, *tied])
    if not basis or not remaining:
        return circulation
    solution = sub(rows.gram, basis, basis).solve(sub(rows.gram, basis, remaining))
    check = sub(rows.gram, remaining, basis)
    for k, r in enumerate(remaining):
        x = [solution[i, k] for i in range(len(basis))]
        inside = sum((check[k, i] * x[i] for i in range(len(basis))), 0 * x[0])
        if inside != rows.squares[r]:
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
