"""The fate of every coordinate, with names: coefficients of a conditional logit, logits of (context, token) pairs for the models.

A logit is taken less the mean of its context: training never moves that mean, so that from W = 0 it is the logit itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

from ..exact.rational import written
from ..language.answer_records import CoordinateRecord
from ..language.answers import Request
from ..language.naming import visibly
from ..language.views import Part, Sentence, Table
from ..logit.decomposition import Decomposition
from ..logit.fates import Course, Fate, Fates, scores
from ..logit.problem import Vector

# Entries of functions and rays together beyond which only the largest coordinates are worked out, unless all are asked for; and how many.
LARGEST_WORK, LISTED, SHOWN = 2_000_000, 40, 12
LARGEST_LIST = 5_000  # entries of a closed form
LARGEST_CONE = 60_000  # separable differences times parameters: the cone is described by them, and every sign asks about all
ZERO = Fraction(0)
LOGITS = "logits, each less the mean of its context (training never moves that mean)"
SETTLED = {"data": "tends to a constant that the data determine", "start": "tends to a constant that depends on the start"}


@dataclass(frozen=True)
class Coordinate:
    """A function of the parameters by its name: a coefficient, or the logit of a token in a context (`pair` says which)."""

    name: str
    course: Course
    pair: tuple[int, int] | None = None

    def record(self) -> CoordinateRecord:
        """The entry of `coordinates` in the JSON."""
        course = self.course
        where = {} if self.pair is None else {"context": self.pair[0], "token": self.pair[1]}
        found: dict[str, Any] = {
            "name": self.name,
            **where,
            "fate": course.fate.value,
            "value": None if course.value is None else float(course.value),
            "radius": None if course.value is None else _above(abs(Fraction(float(course.value)) - course.value) + (course.radius or 0)),
            "log_t": written(course.log_t),
            "log_log_t": written(course.log_log_t),
            "settles": course.settles or None,
        }
        return cast(CoordinateRecord, found)

    def row(self) -> tuple[str, str, str]:
        """The same for people."""
        return visibly(self.name), fate_word(self.course), descent_word(self.course)


@dataclass(frozen=True)
class Coordinates:
    """Entries in the order of the problem; `total` says how many there are where only the largest were worked out."""

    entries: tuple[Coordinate, ...]
    total: int
    title: str = "coefficients"

    def record(self) -> list[CoordinateRecord]:
        """The value of the JSON key `coordinates`."""
        return [entry.record() for entry in self.entries]

    def notes(self) -> list[str]:
        """What to know about entries that are missing."""
        if len(self.entries) == self.total:
            return []
        if not self.entries:
            return [f"coordinates: {self.total:,} of them, whose signs take long at this size; --all works them out"]
        return [f"coordinates: the {len(self.entries)} that grow fastest of {self.total:,}; --all works out every one"]

    def parts(self, everything: bool = False) -> list[Part]:
        """A table, the largest first; all of them only where that is asked for."""
        ranked = sorted(self.entries, key=_size, reverse=True)
        shown = ranked if everything else ranked[:SHOWN]
        if not shown:
            return [Sentence(note, faint=True) for note in self.notes()]
        rows = tuple(entry.row() for entry in shown)
        columns = "name", "along every maximiser of the likelihood", "under gradient descent"
        found: list[Part] = [Table(f"the fate of every coordinate: {self.title}", columns, rows)]
        if len(shown) < self.total:
            found.append(Sentence(f"the largest {len(shown)} of {self.total:,}; --all shows every one", faint=True))
        if any(entry.course.fate not in (Fate.FINITE, Fate.NOT_IDENTIFIED) for entry in shown):
            found.append(Sentence("where a coordinate is unbounded no number is an estimate of it, zero least of all", faint=True))
        return found


def fate_word(course: Course) -> str:
    """The fate in words, with the value where there is one."""
    if course.value is None:
        return course.fate.value
    radius = float(course.radius or 0)
    return f"finite: {float(course.value):.9g}" + (f", known to {radius:.2g}" if radius else "")


def descent_word(course: Course) -> str:
    """What gradient descent does with a coordinate, in words.

    >>> descent_word(Course(Fate.UP, Fraction(1, 2), Fraction(0)))
    'like 1/2 log t'
    """
    if course.fate is Fate.FINITE:
        return "tends to that value"
    tail = " plus a constant that depends on the start" if course.fate is Fate.NOT_IDENTIFIED else ""
    for factor, growth in ((course.log_t, "log t"), (course.log_log_t, "log log t")):
        if factor:
            exact = written(factor)
            return f"like {exact if len(exact) <= 24 else f'{float(factor):.9g}'} {growth}{tail}"
    if course.deeper:
        return f"slower than log log t{tail}"
    return SETTLED["start"] if course.fate is Fate.NOT_IDENTIFIED else SETTLED[course.settles or "start"]


def coefficients(parts: Decomposition, request: Request) -> Coordinates:
    """The fates of the coefficients of a conditional logit."""
    width = parts.problem.dimension
    if _is_wide(parts) and not request.everything:
        return Coordinates((), width)
    units = [tuple(Fraction(i == k) for i in range(width)) for k in range(width)]
    names = request.coordinates or parts.problem.coordinate_names or tuple(f"w[{k}]" for k in range(width))
    return _worked_out(parts, units, names, [None] * width, request, "coefficients")


def logits(parts: Decomposition, request: Request, tokens: Sequence[Sequence[int]], unit: str) -> Coordinates:
    """The fates of the logits of every block; `tokens` gives the token of each of its alternatives."""
    pairs = [(b, v) for b, row in enumerate(tokens) for v in row]
    size = len(pairs) * parts.problem.dimension
    if _is_wide(parts) and not request.everything:
        return Coordinates((), len(pairs), LOGITS)
    chosen = range(len(tokens))
    if size > LARGEST_WORK and not request.everything:  # the blocks that carry the margin
        shares = parts.max_margin.block_shares
        chosen = sorted(sorted(shares, key=lambda b: -shares[b])[: max(1, LISTED // max(map(len, tokens)))])  # type: ignore[assignment]
    functions = [c for b in chosen for c in scores(parts, b)]
    listed = [(b, v) for b in chosen for v in tokens[b]]
    names = [pair_name(request, b, v, unit) for b, v in listed]
    return _worked_out(parts, functions, names, listed, request, LOGITS, len(pairs))


def _is_wide(parts: Decomposition) -> bool:
    return len(parts.separation.anchored) * parts.problem.dimension > LARGEST_CONE


def pair_name(request: Request, block: int, token: int, unit: str) -> str:
    """A (context, token) pair in words."""
    word = repr(request.tokens[token]) if token < len(request.tokens) else f"token {token}"
    where = f"{unit} {block}" if block not in request.names else repr(request.names[block])
    return f"{word} after {where}" if block in request.names and unit == "context" else f"{word} in {where}"


def _worked_out(
    parts: Decomposition,
    functions: Sequence[Vector],
    names: Sequence[str],
    pairs: Sequence[tuple[int, int] | None],
    request: Request,
    title: str,
    total: int | None = None,
) -> Coordinates:
    fates, chosen = Fates(parts), range(len(functions))
    work = (len(functions) + len(parts.separation.anchored)) * parts.problem.dimension * max(1, len(functions) // LISTED)
    if work > LARGEST_WORK and not request.everything and len(functions) > LISTED:
        growths = fates.growths(functions)
        chosen = sorted(sorted(chosen, key=lambda k: -abs(growths[k]))[:LISTED])  # type: ignore[assignment]
    courses = fates.courses([functions[k] for k in chosen])
    entries = tuple(Coordinate(names[k], course, pairs[k]) for k, course in zip(chosen, courses))
    return Coordinates(entries, len(functions) if total is None else total, title)


def _size(entry: Coordinate) -> tuple[Fraction, Fraction, Fraction]:
    course = entry.course
    return abs(course.log_t), abs(course.log_log_t), abs(course.value or Fraction(0))


def _above(x: Fraction) -> float:
    from math import inf, nextafter

    return nextafter(float(x), inf) if x else 0.0


def one_hot_coordinates(supports: Sequence[Iterable[int]], size: int, values: Any, request: Request) -> Coordinates:
    """The same for one-hot contexts, in closed form: they decouple.

    With s tokens of V in the support of a context, a token of the support gains (1 - s/V) log t, any other loses (s/V) log t. The
    centred logit of a token off the support is -b_v (1 - 1/V) + sum of the others' b / V for gaps b >= 0: of one sign only when it is
    the only one. Where the support is everything the value is finite, from `values(context)`: (token, value, radius).
    """
    sizes = [frozenset(members) for members in supports]
    chosen = range(len(sizes))
    if len(sizes) * size > LARGEST_LIST and not request.everything:
        chosen = sorted(sorted(chosen, key=lambda j: len(sizes[j]))[: max(1, LARGEST_LIST // size)])  # type: ignore[assignment]
    found: list[Coordinate] = []
    for j in chosen:
        courses = _decoupled(sizes[j], size) if len(sizes[j]) < size else (Course(Fate.FINITE, ZERO, ZERO, x, r) for _, x, r in values(j))
        found += [Coordinate(pair_name(request, j, v, "context"), course, (j, v)) for v, course in enumerate(courses)]
    return Coordinates(tuple(found), len(sizes) * size, LOGITS)


def _decoupled(support: frozenset[int], size: int) -> Iterator[Course]:
    share = Fraction(len(support), size)
    inside = Course(Fate.UP, 1 - share, ZERO)
    outside = Course(Fate.DOWN if len(support) == size - 1 else Fate.UNDETERMINED, -share, ZERO)
    return (inside if v in support else outside for v in range(size))
