"""Choices in a table as a conditional logit: one row per observation with classes to choose from, or one row per alternative of a matched set.

Classes: the coefficients are of every class but the first, the reference, times every covariate; with two classes they have the
covariates' names alone. Matched sets (`stratum`): the rows of a set are its alternatives, and the choice column marks the chosen one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..errors import InvalidInput
from ..kernel.reading import brief
from ..language.tables import Column, Frame, frame_of, say
from .row import Row

MARKS = {"0": False, "1": True, "no": False, "yes": True, "false": False, "true": True}
LARGEST = 20_000_000  # entries of all features together


@dataclass(frozen=True)
class Covariates:
    """The covariates of a table: names, and one vector of exact numbers per row; `notes` say how words became numbers."""

    names: tuple[str, ...]
    vectors: tuple[tuple[Fraction, ...], ...]
    notes: tuple[str, ...] = ()


def covariates_of(frame: Frame, columns: Sequence[Column], intercept: bool) -> Covariates:
    """Numbers as they are, words one-hot; with an intercept the first level of every word column is the reference and has no column.

    >>> covariates_of(frame_of({"c": ["red", "blue"]}), frame_of({"c": ["red", "blue"]}).columns, intercept=False).vectors
    ((Fraction(0, 1), Fraction(1, 1)), (Fraction(1, 1), Fraction(0, 1)))
    """
    names: list[str] = []
    entries: list[tuple[Any, ...]] = []
    notes: list[str] = []
    if intercept:
        names.append("(intercept)")
        entries.append((Fraction(1),) * len(frame))
    for column in columns:
        if column.numeric:
            names.append(column.name)
            entries.append(column.cells)
            continue
        frame.require_words(column)
        levels = column.levels[1:] if intercept else column.levels
        names += [f"{column.name}={say(level)}" for level in levels]
        entries += [tuple(Fraction(cell == level) for cell in column.cells) for level in levels]
        kept = f"its reference is {say(column.levels[0])!r}" if intercept else f"{len(levels)} columns, no reference"
        notes.append(f"column {column.name!r} holds words: one-hot, {kept}")
    if not names:
        raise InvalidInput("covariates", "are none", "give a column besides the choice, or --intercept")
    return Covariates(tuple(names), tuple(zip(*entries)), tuple(notes))


@dataclass(frozen=True)
class Choices:
    """The observations of a table, remarks on how it was read, and the names of observations, alternatives and coordinates."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    names: Mapping[int, str]
    tokens: tuple[str, ...]
    coordinates: tuple[str, ...]


def choices(
    table: Any,
    choice: str,
    covariates: Sequence[str] | None = None,
    *,
    intercept: bool = False,
    weight: str | None = None,
    stratum: str | None = None,
    round_to: Any = None,
) -> Choices:
    """The observations of a table with their names. Raises `InvalidInput` for whatever the columns do not allow.

    >>> table = {"ill": ["no", "yes", "no"], "dose": ["0.5", "2.5", 1]}
    >>> found = choices(table, "ill", intercept=True)
    >>> found.coordinates, found.rows[1].features[1]
    (('(intercept)', 'dose'), (Fraction(1, 1), Fraction(5, 2)))
    """
    frame = frame_of(table, round_to)
    if covariates is not None and not isinstance(covariates, (str, list, tuple)):
        raise InvalidInput("covariates", f"are {type(covariates).__name__}", "give a list of names of columns")
    if not isinstance(intercept, bool):
        raise InvalidInput("intercept", f"is {brief(intercept)}", "give True or False")
    named = (choice, *(name for name in (weight, stratum, *(covariates or ())) if name is not None))
    if not all(isinstance(name, str) for name in named) or isinstance(covariates, str):
        raise InvalidInput("columns", "are not given by name", "give the names of columns as strings")
    special = {name for name in (choice, weight, stratum) if name is not None}
    target = frame.column(choice, "--choice")
    if len(special) < sum(name is not None for name in (choice, weight, stratum)):
        raise InvalidInput("--choice, --weight, --stratum", "name one column twice", "give each a column of its own")
    wanted = [column.name for column in frame.columns if column.name not in special] if covariates is None else list(covariates)
    twice = next((name for i, name in enumerate(wanted) if name in wanted[:i]), None)
    if twice is not None:
        raise InvalidInput("--covariates", f"names {twice!r} twice", "name every column once")
    overlap = special.intersection(wanted)
    if overlap:
        raise InvalidInput("--covariates", f"has {min(overlap)!r}, which is the choice, the weight or the stratum", "leave it out")
    if stratum is not None and intercept:
        raise InvalidInput("--intercept", "cancels in every matched set", "drop it, or --stratum")
    found = covariates_of(frame, [frame.column(name, "--covariates") for name in wanted], intercept)
    weights = (Fraction(1),) * len(frame) if weight is None else _weights(frame, frame.column(weight, "--weight"))
    if stratum is not None:
        return _matched(frame, target, frame.column(stratum, "--stratum"), found, weights)
    return _classes(frame, target, found, weights)


def _weights(frame: Frame, column: Column) -> tuple[Fraction, ...]:
    frame.require_words(column)
    for row, cell in enumerate(column.cells):
        if not isinstance(cell, Fraction) or cell < 0:
            raise InvalidInput(f"--weight, {frame.place(row)}", f"is {say(cell)[:40]}", "give numbers from 0")
    if not any(column.cells):
        raise InvalidInput("--weight", "is zero in every row", "give some row a weight")
    return column.cells  # type: ignore[return-value]


def _dropped(weights: Sequence[Fraction]) -> tuple[str, ...]:
    none = sum(not weight for weight in weights)
    return (f"{none:,} {'row' if none == 1 else 'rows'} of weight zero {'was' if none == 1 else 'were'} left out",) if none else ()


def _classes(frame: Frame, target: Column, found: Covariates, weights: Sequence[Fraction]) -> Choices:
    rows = [i for i, weight in enumerate(weights) if weight]
    classes = sorted({target.cells[i] for i in rows})
    if len(classes) < 2:
        raise InvalidInput("--choice", f"has one class only, {say(classes[0])!r}", "with nothing to choose there is nothing to fit")
    width, others = len(found.names), len(classes) - 1
    size = len(rows) * len(classes) * width * others
    if size > LARGEST:
        reason = f"stands for {size:,} entries of features, above {LARGEST:,}"
        raise InvalidInput("table", reason, "merge equal rows and count them in a --weight column")
    zero = (Fraction(0),) * width

    def features(vector: tuple[Fraction, ...]) -> tuple[tuple[Fraction, ...], ...]:
        return tuple(sum((vector if v == k else zero for k in range(1, others + 1)), ()) for v in range(others + 1))

    built = [Row(weights[i], classes.index(target.cells[i]), features(found.vectors[i])) for i in rows]
    names = found.names if others == 1 else tuple(f"{say(c)}: {name}" for c in classes[1:] for name in found.names)
    against = f"{say(classes[1])!r} against {say(classes[0])!r}" if others == 1 else f"every class against {say(classes[0])!r}"
    notes = (f"{len(rows):,} rows, {target.name}: coefficients are of {against}, the reference class", *found.notes, *_dropped(weights))
    words = tuple(map(say, classes))
    return Choices(tuple(built), notes, {k: frame.place(i) for k, i in enumerate(rows)}, words, names)


def _matched(frame: Frame, target: Column, stratum: Column, found: Covariates, weights: Sequence[Fraction]) -> Choices:
    sets: dict[Any, list[int]] = {}
    for i, cell in enumerate(stratum.cells):
        sets.setdefault(cell, []).append(i)
    built: list[Row] = []
    names: dict[int, str] = {}
    single = 0
    for cell, members in sets.items():
        where = f"stratum {say(cell)[:60]!r}"
        chosen = [k for k, i in enumerate(members) if _marked(target.cells[i], f"{target.name}, {frame.place(i)}")]
        if len(chosen) != 1:
            raise InvalidInput(where, f"has {len(chosen)} chosen rows", "mark exactly one row of every set; split sets with several cases")
        if len({weights[i] for i in members}) > 1:
            raise InvalidInput(where, "has rows of different weights", "give all rows of a set the weight of the set")
        single += len(members) == 1
        if weights[members[0]]:
            names[len(built)] = f"{stratum.name} {say(cell)}"
            built.append(Row(weights[members[0]], chosen[0], tuple(found.vectors[i] for i in members)))
    notes = [f"{len(built):,} matched sets by {stratum.name}, the chosen row marked by {target.name}", *found.notes, *_dropped(weights)]
    if single:
        notes.append("1 set has one row only and says nothing" if single == 1 else f"{single:,} sets have one row only and say nothing")
    return Choices(tuple(built), tuple(notes), names, (), found.names)


def _marked(cell: Any, subject: str) -> bool:
    found = MARKS.get(say(cell).lower())
    if found is None:
        remedy = "mark the chosen row of a matched set with 1 (yes, true) and the others with 0 (no, false)"
        raise InvalidInput(subject, f"is {say(cell)[:40]!r}", remedy)
    return found
