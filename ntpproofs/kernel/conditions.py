"""What the records have in common: tied sets, matrices, coefficients, margins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from ..errors import VerificationFailed
from .instances import ONE, Dataset, bounded
from .reading import Vector, field, index, listed, rational

Columns = dict[int, Vector]


def need(condition: bool, message: str) -> None:
    """Reject the certificate unless the condition holds."""
    if not condition:
        raise VerificationFailed(message)


def outside(inside: frozenset[int], *vectors: Vector) -> Iterator[tuple[int, ...]]:
    """The numerators of the vectors at every index not inside.

    One by one where some vector has an entry of its own, and the defaults once if there remains an index that no vector singles out.
    """
    named = set().union(*(vector.offsets.keys() for vector in vectors)) - inside
    yield from (tuple(vector[v] for vector in vectors) for v in named)
    if vectors[0].length > len(named) + len(inside):
        yield tuple(vector.default for vector in vectors)


def tied_sets(record: Any, data: Dataset) -> list[frozenset[int]]:
    """The tied sets of a record: strictly increasing lists of alternatives that hold the labels."""
    sets = []
    for i, (block, given) in enumerate(zip(data.blocks, listed(field(record, "tied", "certificate"), "tied", len(data.blocks)))):
        named = [index(v, f"tied[{i}]", len(block.alternatives)) for v in listed(given, f"tied[{i}]")]
        need(named == sorted(set(named)), f"tied[{i}] is not a strictly increasing list")
        need(set(block.labels) <= set(named), f"tied[{i}] misses a label")
        sets.append(frozenset(named))
    return sets


def read_vectors(given: Any, name: str, lengths: list[int]) -> Columns:
    """Vectors of the given lengths."""
    pairs = enumerate(zip(listed(given, name, len(lengths)), lengths))
    return {i: Vector.decode(vector, f"{name}[{i}]", length) for i, (vector, length) in pairs}


def read_columns(record: Any, name: str, data: Dataset) -> Columns:
    """The columns of a matrix variable."""
    found = read_vectors(field(record, name, "certificate"), name, [data.shape[0]] * data.shape[1])
    bounded(sum(len(found[k].offsets) for block in data.blocks for k in data.right_factor(block)), name)
    return found


def read_coefficients(given: Any, name: str, data: Dataset, *, on_labels: bool = False, vanishing: bool = False) -> list[Vector]:
    """One vector per block over its alternatives, with sum zero.

    sum_b sum_v c_bv x_bv is then a combination of feature differences, whatever alternative they are anchored at. It may be asked to
    use labels only, or to vanish.
    """
    vectors = read_vectors(given, name, [len(block.alternatives) for block in data.blocks])
    bounded(sum(len(vectors[b].offsets) * len(data.right_factor(block)) for b, block in enumerate(data.blocks)), name)
    need(all(vector.total() == 0 for vector in vectors.values()), f"{name}: the coefficients of a block do not sum to zero")
    for block, vector in zip(data.blocks, vectors.values() if on_labels else ()):
        need(not any(c for (c,) in outside(frozenset(block.labels), vector)), f"{name}: a coefficient is not on a label")
    for column in data.adjoint(vectors).values() if vanishing else ():
        need(column.vanishes(), f"{name}: the combination of differences does not vanish")
    return list(vectors.values())


def common(values: Iterable[Any], message: str) -> Any:
    """The one value that all given values have."""
    distinct = set(values)
    need(len(distinct) == 1, message)
    return distinct.pop()


def margins(columns: Columns, tied: list[frozenset[int]], given: list[Vector], data: Dataset) -> Iterator[tuple[str, Fraction, int]]:
    """The name of the block, the margin and the numerator of the coefficient, for every alternative off the tied sets."""
    for i, (block, inside, c) in enumerate(zip(data.blocks, tied, given)):
        scores = data.scores(columns, block)
        level = common((scores[v] for v in inside), f"block {i}: tied alternatives have different scores")
        yield from ((f"block {i}", Fraction(level - score, scores.denominator), sign) for score, sign in outside(inside, scores, c))


def stationary(solution: Columns, given: list[Vector], record: Any, data: Dataset) -> None:
    """The solution is sum c x, and its squared norm is the one of the record."""
    combined = data.adjoint(dict(enumerate(given)))
    for k, w in solution.items():
        minus = [(-ONE, combined[k])] if k in combined else []
        need(Vector.combine(data.shape[0], [(ONE, w), *minus]).vanishes(), "the solution is not sum c x")
    squared = sum((w.squared_norm() for w in solution.values()), Fraction(0))
    need(rational(field(record, "squared_norm", "certificate"), "squared_norm") == squared, "the squared norm is wrong")
