"""Simplifications that change several numbers at once: what one entry at a time cannot reach because every step in between loses the claim.

They work on the matrix of embeddings (or of all features) in an instance record, whatever the kind: all rows translated so that one of
them is zero, a column divided or mirrored, equal rows changed together, two columns merged into one (a projection along their
difference or sum), everything divided by two. Each is kept only where it makes the problem smaller by its kind's measure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import gcd
from typing import Any

from ..checking.kinds import kind_of, read_instance
from ..errors import NtpproofsError
from ..language.entries import smaller
from ..language.orbits import signed_permutations
from .moves import measure

Matrix = list[list[Fraction]]
# Instances of higher dimension are not brought to canonical form: their coordinates have too many symmetries.
LARGEST_DIMENSION = 3


def joint(problem: object) -> Iterator[Any]:
    """Smaller problems with several numbers changed; none for objects of a user's own.

    >>> from ntpproofs.problems import AttentionNTP
    >>> [small.embeddings for small in joint(AttentionNTP([[2], [3]], [[1, 0]], [0]))][0]
    ((Fraction(0, 1),), (Fraction(1, 1),))
    """
    parts = _parts(problem)
    if parts is None:
        return
    matrix, build = parts
    size = measure(problem)
    for changed in _changes(matrix):
        candidate = build(changed)
        if candidate is not None and measure(candidate) < size:
            yield candidate


def canonical(problem: object) -> list[Any]:
    """Problems that differ by the order and the signs of the coordinates only and read better, best first.

    >>> from ntpproofs.problems import AttentionNTP
    >>> canonical(AttentionNTP([[0, -1], [0, 0]], [[1, 0]], [0]))[0].embeddings[0]
    (Fraction(1, 1), Fraction(0, 1))
    """
    parts = _parts(problem)
    if parts is None or len(parts[0][0]) > LARGEST_DIMENSION:
        return []
    matrix, build = parts
    images = [[[sign * row[k] for k, sign in symmetry] for row in matrix] for symmetry in signed_permutations(len(matrix[0]))]
    found = [build(image) for image in sorted(images, key=_reading) if _reading(image) < _reading(matrix)]
    return [candidate for candidate in found if candidate is not None and measure(candidate) <= measure(problem)]


def _reading(matrix: Matrix) -> tuple[Any, ...]:
    # Few negative entries, then large entries early.
    return sum(x < 0 for row in matrix for x in row), [[-x for x in row] for row in matrix]


def _parts(problem: object) -> tuple[Matrix, Callable[[Matrix], Any | None]] | None:
    # The matrix of a problem and what a changed one makes of it; None where its record has none.
    kind = kind_of(problem)
    record = kind.write(problem) if kind is not None else {}
    if isinstance(record.get("embeddings"), list):
        return _numbers(record["embeddings"]), lambda matrix: _read(record | {"embeddings": _words(matrix)})
    rows = record.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) and "features" in row for row in rows):
        return None

    def build(matrix: Matrix) -> Any | None:
        left = iter(_words(matrix))
        return _read(record | {"rows": [row | {"features": [next(left) for _ in row["features"]]} for row in rows]})

    return _numbers([feature for row in rows for feature in row["features"]]), build


def _numbers(rows: Sequence[Sequence[Any]]) -> Matrix:
    return [[Fraction(x) for x in row] for row in rows]


def _words(matrix: Matrix) -> list[list[str]]:
    return [[str(x) for x in row] for row in matrix]


def _read(record: Mapping[str, Any]) -> Any | None:
    try:
        return read_instance(record)
    except NtpproofsError:
        return None


def _changes(matrix: Matrix) -> Iterator[Matrix]:
    width = len(matrix[0])
    for k, other in combinations(range(width), 2):
        for sign in (1, -1):  # merged: the plane of the two coordinates is projected to a line
            yield [[x + sign * row[other] if i == k else x for i, x in enumerate(row) if i != other] for row in matrix]
    for origin in matrix:
        yield [[x - y for x, y in zip(row, origin)] for row in matrix]
    yield [[x / 2 for x in row] for row in matrix]
    for k in range(width):
        column = [row[k] for row in matrix]
        common = gcd(*(int(x) for x in column)) if all(x.denominator == 1 for x in column) else 1
        for factor in (Fraction(1, common) if common > 1 else None, Fraction(-1)):
            if factor is not None:
                yield [[factor * x if i == k else x for i, x in enumerate(row)] for row in matrix]
        for value in sorted({x for x in column if x}):
            for simpler in smaller(value):  # the same entry wherever it stands in the column
                yield [[simpler if i == k and x == value else x for i, x in enumerate(row)] for row in matrix]
    for row in {tuple(row): row for row in matrix if matrix.count(row) > 1}.values():
        for k, x in enumerate(row):
            for simpler in smaller(x):
                changed = [*row[:k], simpler, *row[k + 1 :]]
                yield [changed if other == row else other for other in matrix]


__all__ = ["canonical", "joint"]
