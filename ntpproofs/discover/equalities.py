"""Equalities: the linear relations that invariants and products of sizes satisfy exactly on every row, from one exact reduction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat

from ..exact.rational import fraction
from ..language.forms import ONE, Bound, Form, Monomial, degree
from .facets import SMALL
from .rows import Row
from .table import Table

# A relation with more terms is an accident of few rows, or of no use to people.
LONGEST = 4
# Rows per column in the reduction; the others only check what it says.
ROWS_PER_COLUMN = 3
FEWEST = 12


@dataclass(frozen=True)
class Relations:
    """The equalities found under some assumptions, and the invariants they express by others (of no use in further bounds)."""

    bounds: tuple[Bound, ...]
    expressed: frozenset[str]


def equalities(table: Table, assuming: tuple[str, ...], order: Sequence[Monomial], given: frozenset[str]) -> Relations:
    """The relations among the monomials of `order`, each expressing a later one by earlier ones.

    The reduced row echelon form of the matrix of values (a row per instance, a column per monomial and one for the constant) writes
    every column that depends on earlier ones as their combination; short ones with small coefficients that all rows satisfy are
    kept. A relation among `given` sizes alone says how the instances were made and is no conjecture, but its monomial is left out.
    """
    chosen = _rows(table, assuming, order)
    columns = [ONE, *(monomial for monomial in order if all(_defined(table.rows[i], monomial) for i in chosen))]
    if len(chosen) < FEWEST:
        return Relations((), frozenset())
    reduced, rank = _matrix([table.rows[i] for i in chosen], columns).rref()
    pivots = [next(j for j in range(len(columns)) if reduced[i, j]) for i in range(rank)]
    bounds, expressed = list[Bound](), set[str]()
    for j in sorted(set(range(len(columns))) - set(pivots)):
        parts = {columns[p]: fraction(reduced[i, j]) for i, p in enumerate(pivots) if reduced[i, j]}
        bound = Bound(Form.of({columns[j]: 1}), "=", Form.of(parts), assuming).cleared
        if len(parts) > LONGEST or any(max(abs(x.numerator), x.denominator) > SMALL for x in parts.values()):
            continue
        conjecture = not bound.names <= given
        if table.judged(bound).holds if conjecture else table.agrees(bound):
            bounds += [bound] if conjecture else []
            expressed |= {columns[j][0][0]} if degree(columns[j]) == 1 else set()
    return Relations(tuple(bounds), frozenset(expressed))


def _rows(table: Table, assuming: tuple[str, ...], order: Sequence[Monomial]) -> list[int]:
    # First rows of types, then others, evenly: enough to see every relation that holds, too few to cost anything.
    mask = table.mask(assuming)
    first, rest = np.flatnonzero(mask & table.representatives), np.flatnonzero(mask & ~table.representatives)
    wanted = ROWS_PER_COLUMN * (len(order) + 1)
    both = np.concatenate([first, rest])
    if len(both) <= wanted:
        return [int(i) for i in both]
    return [int(both[i]) for i in np.unique(np.linspace(0, len(both) - 1, wanted).astype(int))]


def _defined(row: Row, monomial: Monomial) -> bool:
    return all(isinstance(row.values[name], (int, Fraction)) for name, _ in monomial)


def _matrix(rows: Sequence[Row], columns: Sequence[Monomial]) -> fmpq_mat:
    entries = []
    for row in rows:
        for monomial in columns:
            product = Fraction(1)
            for name, power in monomial:
                value = row.values[name]
                assert isinstance(value, (int, Fraction))
                product *= Fraction(value) ** power
            entries.append(fmpq(product.numerator, product.denominator))
    return fmpq_mat(len(rows), len(columns), entries)
