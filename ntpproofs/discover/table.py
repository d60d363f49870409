"""The table: rows without repetition, columns in floating point for proposals, exact values for decisions, combinatorial types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..exact.balls import Interval
from ..language.forms import Bound, Form, Value
from ..language.invariants import ProblemInvariant
from .rows import Row

# Floats this far apart are apart: rounding of the few operations behind a bound is smaller by several orders.
CLEAR = 1e-6
LARGEST = 2.0**40


class Table:
    """Instances with their invariants and assumptions; grows, never shrinks.

    The *type* of an instance is which assumptions hold and what its integer invariants are, given sizes left out.
    """

    def __init__(self, invariants: Sequence[ProblemInvariant], predicates: Sequence[str]) -> None:
        self.invariants, self.predicates = tuple(invariants), tuple(predicates)
        self.rows: list[Row] = []
        self._keys: set[str] = set()
        self._types: dict[Any, int] = {}
        self._type_of: list[int] = []
        self._columns: dict[str, np.ndarray] = {}
        self._whole: dict[str, np.ndarray] = {}
        self._masks: dict[frozenset[str], np.ndarray] = {}

    def add(self, rows: Iterable[Row]) -> int:
        """Add rows whose instances are new; returns how many brought a new type."""
        before = len(self._types)
        for row in rows:
            if row.key not in self._keys:
                self._keys.add(row.key)
                self._type_of.append(self._types.setdefault(self._type(row), len(self.rows)))
                self.rows.append(row)
                self._columns.clear()
                self._whole.clear()
                self._masks.clear()
        return len(self._types) - before

    def _type(self, row: Row) -> Any:
        numbers = ((entry.name, row.values[entry.name]) for entry in self.invariants if not entry.given)
        return row.holds, tuple((name, x) for name, x in numbers if isinstance(x, int))

    @property
    def types(self) -> int:
        """The number of types."""
        return len(self._types)

    @property
    def representatives(self) -> np.ndarray:
        """The first row of every type, as a mask."""
        mask = np.zeros(len(self.rows), dtype=bool)
        mask[list(self._types.values())] = True
        return mask

    def column(self, name: str) -> np.ndarray:
        """An invariant in floating point, NaN where it is not defined."""
        if name not in self._columns:
            values = (row.values[name] for row in self.rows)
            self._columns[name] = np.array([np.nan if value is None else float(value) for value in values])
        return self._columns[name]

    def exact(self, name: str) -> bool:
        """Whether an invariant is a rational number wherever it is defined."""
        return not any(isinstance(row.values[name], Interval) for row in self.rows)

    def mask(self, assuming: Iterable[str]) -> np.ndarray:
        """The rows on which all these assumptions hold."""
        wanted = frozenset(assuming)
        if wanted not in self._masks:
            self._masks[wanted] = np.array([wanted <= row.holds for row in self.rows], dtype=bool)
        return self._masks[wanted]

    def floats(self, form: Form) -> np.ndarray:
        """A form on every row, in floating point."""
        total = np.zeros(len(self.rows))
        for monomial, x in form.terms:
            term = np.full(len(self.rows), float(x))
            for name, power in monomial:
                term = term * self.column(name) ** power
            total = total + term
        return total

    def side(self, form: Form, assuming: Iterable[str]) -> np.ndarray:
        """A form in floating point where the assumptions hold, NaN elsewhere."""
        return np.where(self.mask(assuming), self.floats(form), np.nan)

    def judged(self, bound: Bound) -> Judgement:
        """What the rows say about a bound: floats decide where they are clear, exact arithmetic where they are not."""
        gaps = self.floats(bound.gap)
        scale = 1 + np.abs(self.floats(bound.left)) + np.abs(self.floats(bound.right))
        applies = self.mask(bound.assuming) & ~np.isnan(gaps)
        close = applies & (np.abs(gaps) <= CLEAR * scale)
        broken = applies & ~close & ((gaps < 0) if bound.sign == "<=" else True)
        # Sums of products of integers far below 2^53 are exact in floats.
        whole = close & self._integral(bound) & (scale < LARGEST)
        broken |= whole & ((gaps < 0) if bound.sign == "<=" else (gaps != 0))
        touching = whole & (gaps == 0)
        for i in np.flatnonzero(close & ~whole):
            sign = self._sign(bound.gap, self.rows[i].values)
            broken[i] = sign < 0 or (sign > 0 and bound.sign == "=")
            touching[i] = sign == 0
        return Judgement(applies, broken, touching)

    def _integral(self, bound: Bound) -> np.ndarray:
        # The rows on which everything that enters a bound is an integer.
        mask = np.ones(len(self.rows), dtype=bool)
        if any(x.denominator > 1 for form in (bound.left, bound.right) for _, x in form.terms):
            return ~mask
        for name in bound.names:
            if name not in self._whole:
                self._whole[name] = np.array([isinstance(row.values[name], int) for row in self.rows], dtype=bool)
            mask = mask & self._whole[name]
        return mask

    def agrees(self, bound: Bound) -> bool:
        """Whether both sides agree in floats on every row to which the bound applies."""
        gaps = np.abs(self.floats(bound.gap))[self.mask(bound.assuming)]
        return bool(np.nanmax(gaps, initial=0.0) <= CLEAR)

    @staticmethod
    def _sign(gap: Form, values: Mapping[str, Value | None]) -> int:
        # Zero also where an enclosure contains zero: nothing is known there.
        found = gap.evaluate({name: value for name, value in values.items() if value is not None})
        low, high = (found.lower, found.upper) if isinstance(found, Interval) else (found, found)
        return 1 if low > 0 else -1 if high < 0 else 0

    def nonzero(self, name: str) -> np.ndarray:
        """The rows on which an invariant is defined and not zero."""
        column = self.column(name)
        return ~np.isnan(column) & (column != 0)

    def kinds_of(self, mask: np.ndarray) -> int:
        """The number of types among some rows."""
        return len({self._type_of[i] for i in np.flatnonzero(mask)})


class Judgement:
    """The rows to which a bound applies, those that break it, and those at which both sides agree, as masks."""

    def __init__(self, applies: np.ndarray, broken: np.ndarray, touching: np.ndarray) -> None:
        self.applies, self.broken, self.touching = applies, broken, touching

    @property
    def holds(self) -> bool:
        """Whether it applies somewhere and no row breaks it."""
        return bool(self.applies.any()) and not self.broken.any()
