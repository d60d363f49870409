"""Operands of relations: measured values, paths in log time, enclosures, and how two of them compare.

The kind of the operands selects the grade of the verdict: exact -> certified, enclosed -> enclosed, floats -> tested.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, TypeGuard, runtime_checkable

import numpy as np

from ..errors import InvalidStatement
from ..exact.balls import Interval, as_interval, certainly_less
from ..exact.logarithms import LogVector
from ..kernel.reading import brief
from .verdicts import Evidence, Outcome, Verdict, meet
from .views import table_html


@runtime_checkable
class Decidable(Protocol):
    """A value that knows how to decide equality with another of its kind (symbolic expressions)."""

    def decide_equality(self, other: Any) -> Verdict:
        """The verdict on self = other."""
        ...


@runtime_checkable
class Enclosed(Protocol):
    """A value known as centre and radius."""

    @property
    def center(self) -> Any:
        """The centre."""
        ...

    @property
    def radius(self) -> Fraction:
        """The radius."""
        ...


# isinstance on a protocol with data members looks at every member of every base each time: a tenth of the time of an exact claim.
def is_decidable(x: Any) -> TypeGuard[Decidable]:
    """Whether x is `Decidable`, as isinstance says it, but faster."""
    return hasattr(x, "decide_equality")


def is_enclosed(x: Any) -> TypeGuard[Enclosed]:
    """Whether x is `Enclosed`, as isinstance says it, but faster."""
    return hasattr(x, "center") and hasattr(x, "radius")


@dataclass(frozen=True)
class Measured:
    """A floating-point value (scalar or array) with an estimate of its own error, in the same units."""

    value: Any
    error: Any = 0.0


@dataclass(frozen=True, eq=False, repr=False)
class ValuePath:
    """A quantity along a trajectory: `values[i]` (scalar or vector) at log time `log_times[i]`, known up to `errors[i]`."""

    log_times: np.ndarray
    values: np.ndarray
    errors: np.ndarray
    name: str = "path"

    def __post_init__(self) -> None:
        if not all(isinstance(x, np.ndarray) and x.ndim for x in (self.log_times, self.values, self.errors)):
            raise InvalidStatement(self.name, "has records that are no arrays", "give numpy arrays of log times, values and errors")
        if len(self.log_times) != len(self.values) or len(self.errors) != len(self.values) or len(self.values) < 3:
            raise InvalidStatement(self.name, "needs at least three records of equal number", "record more often")

    def __repr__(self) -> str:
        return f"ValuePath({self.name!r}, {len(self.values)} records, log times {self.log_times[0]:g} to {self.log_times[-1]:g})"

    def _repr_html_(self) -> str:
        last = np.round(np.asarray(self.values[-1], dtype=float), 9).tolist()
        return table_html(self.name, {"records": len(self.values), "log time": f"{self.log_times[-1]:g}", "last value": last})

    def distance(self, target: Any) -> np.ndarray:
        """|value - target| at every record."""
        center = np.array([float(x) for x in flatten(target.center if is_enclosed(target) else target)])
        values = self.values.reshape(len(self.values), -1)
        return np.linalg.norm(values - center[None, :], axis=1)

    def since(self, log_time: float, shift: float = 0.0) -> ValuePath:
        """The records from a log time on, on a clock moved by `shift`."""
        keep = self.log_times >= log_time
        return ValuePath(self.log_times[keep] + shift, self.values[keep], self.errors[keep], self.name)

    def at(self, log_time: float) -> int:
        """The index of the record nearest to a log time."""
        return int(np.abs(self.log_times - log_time).argmin())


def flatten(x: Any) -> Iterator[Any]:
    """The leaves of nested lists, tuples and arrays."""
    if isinstance(x, (list, tuple, np.ndarray)):
        for entry in x:
            yield from flatten(entry)
    else:
        yield x


def show(x: Any) -> str:
    """A value for people: exact where that can be read, cut where it is long.

    >>> show(Fraction(1, 3)), show(Fraction(10**30, 2**20 + 1))
    ('1/3', '~9.536734069124156e+23')
    >>> show({(0, 1): Fraction(2, 3)}), show(LogVector((2, 3), ((Fraction(1, 2),), (Fraction(-1),))))
    ('{(0, 1): 2/3}', '1/2 log 2 - log 3')
    """
    if isinstance(x, LogVector):
        return _logarithms(x)
    if is_enclosed(x):
        return f"{show(x.center)} +/- {float(x.radius):.2g}" if x.radius else show(x.center)
    if isinstance(x, Measured):
        return f"{show(x.value)} +/- {show(x.error)}"
    if isinstance(x, (set, frozenset)):
        return "{" + ", ".join(sorted(map(show, x))) + "}"
    if isinstance(x, Mapping):
        return "{" + ", ".join(f"{show(key)}: {show(value)}" for key, value in x.items()) + "}"
    if isinstance(x, (tuple, list)):
        return "(" + ", ".join(show(entry) for entry in x[:24]) + (", ..." if len(x) > 24 else "") + ")"
    if isinstance(x, (float, np.floating)):
        return f"{float(x):.6g}"
    if isinstance(x, np.ndarray):
        return show(tuple(x.ravel().tolist()))
    text = brief(x) if isinstance(x, Fraction) else _word(x)
    return f"~{float(x)!r}" if isinstance(x, Fraction) and len(text) > 24 and abs(x) < 10**300 else text


def _logarithms(x: LogVector) -> str:
    # Every entry as a rational combination of logarithms; one entry stands without brackets.
    entries = [_combination([(part[i], base) for base, part in zip(x.base, x.parts, strict=True)]) for i in range(x.length)]
    return entries[0] if len(entries) == 1 else "(" + ", ".join(entries) + ")"


def _combination(terms: list[tuple[Fraction, int]]) -> str:
    """A sum of logarithms for people.

    >>> _combination([(Fraction(1, 2), 2), (Fraction(-1), 3)])
    '1/2 log 2 - log 3'
    """
    text = ""
    for factor, base in ((factor, base) for factor, base in terms if factor):
        sign = (" - " if factor < 0 else " + ") if text else ("-" if factor < 0 else "")
        text += f"{sign}{'' if abs(factor) == 1 else f'{show(abs(factor))} '}log {base}"
    return text or "0"


def exact_form(x: Any) -> Any:
    """NumPy integers and booleans, and arrays of them, as Python's own; anything else as it is.

    >>> exact_form(np.int64(3)), exact_form(np.array([[1, 2]]))
    (3, ((1, 2),))
    """
    if isinstance(x, (np.integer, np.bool_)):
        return x.item()
    if isinstance(x, np.ndarray) and x.dtype.kind in "iub":
        return as_tuples(x.tolist())
    if isinstance(x, (tuple, list)) and any(isinstance(entry, (np.generic, np.ndarray, tuple, list)) for entry in x):
        return type(x)(map(exact_form, x)) if type(x) in (tuple, list) else x
    return x


def _word(x: Any) -> str:
    # Python refuses to print integers of more than some thousand digits.
    if isinstance(x, int) and abs(x) >= 10**60:
        return f"an integer of {x.bit_length()} bits"
    try:
        return str(x)
    except ValueError:
        return f"a {type(x).__name__} too long to print"


def as_float(x: Fraction) -> float:
    """The nearest float; infinite beyond the range of floats.

    >>> as_float(Fraction(-(10**400)))
    -inf
    """
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def is_float(x: Any) -> bool:
    """Whether a value holds a float somewhere: then nothing about it is exact."""
    if isinstance(x, (np.integer, np.bool_)):
        return False
    if isinstance(x, Mapping):
        return any(map(is_float, x.values()))
    if isinstance(x, (tuple, list, Set)):
        return any(map(is_float, x))
    return isinstance(x, (float, np.ndarray, np.generic, Measured))


def enclosure_of(x: Any) -> tuple[list[Fraction], Fraction] | None:
    """Centre and radius of an enclosure or of an exact vector; None for anything else."""
    if isinstance(x, LogVector):
        x = x.enclose()
    if is_enclosed(x):
        center = x.center if isinstance(x.center, (tuple, list)) else (x.center,)
        return [Fraction(entry) for entry in center], Fraction(x.radius)
    entries = list(flatten(x))
    if all(isinstance(entry, (int, Fraction)) for entry in entries):
        return [Fraction(entry) for entry in entries], Fraction(0)
    return None


def sides(left: Any, right: Any, sign: str) -> str:
    """Both sides of a relation, for the detail of a verdict."""
    return f"{show(left)} {sign} {show(right)}"


def as_tuples(x: Any) -> Any:
    """Nested lists as nested tuples."""
    return tuple(map(as_tuples, x)) if isinstance(x, (tuple, list)) else x


def exact_verdict(holds: bool, left: Any, right: Any, sign: str, slack: float | None = None) -> Verdict:
    """The verdict of an exact comparison."""
    outcome = Outcome.HOLDS if holds else Outcome.REFUTED
    return Verdict(outcome, Evidence.CERTIFIED, detail=sides(left, right, sign), slack=slack)


def as_measured(x: Any) -> Measured:
    """Any operand as floats with an error bar (enclosures bring their radius)."""
    if isinstance(x, Measured):
        return x
    pair = enclosure_of(x)
    if pair is not None:
        return Measured(np.array([float(entry) for entry in pair[0]]), float(pair[1]))
    if isinstance(x, (tuple, list)) and any(is_enclosed(entry) for entry in flatten(x)):
        numbers = [as_number(entry) for entry in flatten(x)]
        return Measured(np.array([float(n.center) for n in numbers]), np.array([float(n.radius) for n in numbers]))
    return Measured(np.asarray(x, dtype=float), 0.0)


def compare(left: Any, right: Any, strict: bool) -> Verdict:
    """left <= right (or <), entrywise, graded by the kind of the operands."""
    sign = "<" if strict else "<="
    left, right = exact_form(left), exact_form(right)
    if is_float(left) or is_float(right):
        a, b = as_measured(left), as_measured(right)
        bars = np.asarray(a.error) + np.asarray(b.error)
        gaps = np.subtract(b.value, a.value, dtype=float)
        # A violation counts only if the lower bound of the left exceeds the upper bound of the right.
        slack = float(np.min(gaps + bars))
        worst = int(np.argmin(np.ravel(gaps + bars)))
        detail = f"{np.ravel(np.broadcast_to(a.value, gaps.shape))[worst]:.9g} {sign} {np.ravel(np.broadcast_to(b.value, gaps.shape))[worst]:.9g}"
        if not np.isfinite(slack):
            return Verdict(Outcome.INCONCLUSIVE, detail=f"{detail}: not finite")
        outcome = Outcome.HOLDS if slack > 0 or (slack == 0 and not strict) else Outcome.REFUTED
        return Verdict(outcome, Evidence.TESTED, detail=detail, slack=slack)
    if isinstance(left, (tuple, list)) or isinstance(right, (tuple, list)):
        size = len(left) if isinstance(left, (tuple, list)) else len(right)
        lefts = left if isinstance(left, (tuple, list)) else [left] * size
        rights = right if isinstance(right, (tuple, list)) else [right] * size
        return meet(compare(x, y, strict) for x, y in zip(lefts, rights, strict=True))
    a_interval, b_interval = as_number(left), as_number(right)
    slack = as_float(b_interval.center - a_interval.center)
    if not a_interval.radius and not b_interval.radius:
        x, y = a_interval.center, b_interval.center
        return exact_verdict(x < y if strict else x <= y, left, right, sign, slack)
    below = certainly_less(a_interval, b_interval) if strict else _certainly_at_most(a_interval, b_interval)
    outcome = {Outcome.HOLDS: Outcome.HOLDS, Outcome.FAILS: Outcome.REFUTED}.get(below, Outcome.INCONCLUSIVE)
    grade = None if outcome is Outcome.INCONCLUSIVE else Evidence.ENCLOSED
    return Verdict(outcome, grade, detail=sides(left, right, sign), slack=slack)


def as_number(x: Any) -> Interval:
    """An exact or enclosed number as an interval."""
    if is_enclosed(x) and not isinstance(x, Interval):
        return Interval(Fraction(x.center), Fraction(x.radius))
    return as_interval(x)


def _certainly_at_most(a: Interval, b: Interval) -> Outcome:
    if a.upper <= b.lower:
        return Outcome.HOLDS
    return Outcome.FAILS if a.lower > b.upper else Outcome.UNDECIDED
