"""Relations: what a claim returns. They say *what* holds; the operands decide *how* it is checked.

    exact operands (integers, `Fraction`s, sets, tuples, exact logarithms)   -> certified
    enclosures (anything with a rational `center` and `radius`)              -> enclosed
    floats, arrays and `Measured` values                                     -> tested
    symbolic values (anything with `decide_equality`)                        -> whatever their procedure reaches

Nothing here has a default tolerance on targets: inside a radius or an error bar there is no evidence either way. Paths
(quantities along a trajectory, in log time) are compared by their drift, never by an angle at a fixed time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any, Protocol, runtime_checkable

import numpy as np

from .errors import InvalidStatement
from .exact.balls import Interval, as_interval, certainly_less
from .exact.logarithms import LogVector
from .verdicts import Evidence, Outcome, Verdict, meet

# Two enclosures that overlap agree only up to their radii. They count as equal (grade: enclosed) when both are known to
# this relative accuracy; wider ones are inconclusive, so a useless enclosure can never pass.
RESOLUTION = Fraction(1, 2**30)


@runtime_checkable
class Relation(Protocol):
    """Anything with `decide() -> Verdict`."""

    def decide(self) -> Verdict: ...


@runtime_checkable
class Decidable(Protocol):
    """A value that knows how to decide equality with another of its kind (symbolic expressions)."""

    def decide_equality(self, other: Any) -> Verdict: ...


@runtime_checkable
class Enclosed(Protocol):
    """A value known as centre and radius."""

    @property
    def center(self) -> Any: ...
    @property
    def radius(self) -> Fraction: ...


@dataclass(frozen=True)
class Measured:
    """A floating-point value (scalar or array) with an estimate of its own error, in the same units."""

    value: Any
    error: Any = 0.0


@dataclass(frozen=True, eq=False)
class Path:
    """A quantity along a trajectory: `values[i]` (scalar or vector) at log time `log_times[i]`, known up to `errors[i]`."""

    log_times: np.ndarray
    values: np.ndarray
    errors: np.ndarray
    name: str = "path"

    def __post_init__(self) -> None:
        if len(self.log_times) != len(self.values) or len(self.errors) != len(self.values) or len(self.values) < 3:
            raise InvalidStatement(self.name, "needs at least three records of equal number", "record more often")

    def distance(self, target: Any) -> np.ndarray:
        """|value - target| at every record."""
        center = np.array([float(x) for x in _flat(target.center if isinstance(target, Enclosed) else target)])
        values = self.values.reshape(len(self.values), -1)
        return np.linalg.norm(values - center[None, :], axis=1)

    def at(self, log_time: float) -> int:
        """The index of the record nearest to a log time."""
        return int(np.abs(self.log_times - log_time).argmin())


def _flat(x: Any) -> Iterator[Any]:
    if isinstance(x, (list, tuple, np.ndarray)):
        for entry in x:
            yield from _flat(entry)
    else:
        yield x


def _show(x: Any) -> str:
    if isinstance(x, Enclosed):
        return f"{_show(x.center)} +/- {float(x.radius):.2g}"
    if isinstance(x, Measured):
        return f"{_show(x.value)} +/- {_show(x.error)}"
    if isinstance(x, (set, frozenset)):
        return "{" + ", ".join(map(str, sorted(x, key=repr))) + "}"
    if isinstance(x, (tuple, list)):
        return "(" + ", ".join(_show(entry) for entry in x[:24]) + (", ..." if len(x) > 24 else "") + ")"
    if isinstance(x, (float, np.floating)):
        return f"{float(x):.6g}"
    if isinstance(x, np.ndarray):
        return _show(tuple(x.ravel().tolist()))
    return str(x)


def _is_float(x: Any) -> bool:
    if isinstance(x, Mapping):
        return any(map(_is_float, x.values()))
    if isinstance(x, (tuple, list, Set)):
        return any(map(_is_float, x))
    return isinstance(x, (float, np.ndarray, np.generic, Measured))


def _enclosure(x: Any) -> tuple[list[Fraction], Fraction] | None:
    # Centre and radius of an enclosure or of an exact vector; None for anything else.
    if isinstance(x, LogVector):
        x = x.enclose()
    if isinstance(x, Enclosed):
        center = x.center if isinstance(x.center, (tuple, list)) else (x.center,)
        return [Fraction(entry) for entry in center], Fraction(x.radius)
    entries = list(_flat(x))
    if all(isinstance(entry, (int, Fraction)) for entry in entries):
        return [Fraction(entry) for entry in entries], Fraction(0)
    return None


def _sides(left: Any, right: Any, sign: str) -> str:
    return f"{_show(left)} {sign} {_show(right)}"


@dataclass(frozen=True)
class Equal:
    """left = right.

    Exact operands are compared exactly. Enclosures are refuted when certainly apart, and hold (grade enclosed) when they
    overlap and both are known to 2^-30; floats need `tolerance` (absolute, Euclidean norm) or `Measured` error bars.

    >>> Equal(Fraction(1, 2), Fraction(2, 4)).decide().outcome.value
    'holds'
    >>> Equal(Interval(Fraction(0), Fraction(1)), 1).decide().outcome.value
    'inconclusive'
    """

    left: Any
    right: Any
    tolerance: float | None = None

    def decide(self) -> Verdict:
        """Decide by the kind of the operands; floats without an error bar or a tolerance are inconclusive."""
        left, right = self.left, self.right
        if isinstance(left, Decidable):
            return left.decide_equality(right)
        if _is_float(left) or _is_float(right):
            return self._measured()
        if isinstance(left, LogVector) and isinstance(right, LogVector):
            return _exact(left == right, left, right, "=")
        if isinstance(left, (Enclosed, LogVector)) or isinstance(right, (Enclosed, LogVector)):
            return self._enclosed()
        if isinstance(left, (tuple, list)) and isinstance(right, (tuple, list)):
            left, right = _tuples(left), _tuples(right)
        return _exact(bool(left == right), left, right, "=")

    def _measured(self) -> Verdict:
        a, b = _measured(self.left), _measured(self.right)
        gap = np.linalg.norm(np.subtract(a.value, b.value, dtype=float).ravel())
        allowed = self.tolerance
        if isinstance(self.left, Measured) or isinstance(self.right, Measured):
            bars = float(np.linalg.norm(np.ravel(a.error)) + np.linalg.norm(np.ravel(b.error)))
            allowed = bars if allowed is None else allowed + bars
        detail = _sides(self.left, self.right, "=") + f", difference {gap:.3g}"
        if allowed is None or not np.isfinite(gap):
            return Verdict(Outcome.INCONCLUSIVE, detail=detail + " (floats need a tolerance or Measured error bars)")
        outcome = Outcome.HOLDS if gap <= allowed else Outcome.REFUTED
        return Verdict(outcome, Evidence.TESTED, detail=detail, slack=float(allowed - gap))

    def _enclosed(self) -> Verdict:
        a, b = _enclosure(self.left), _enclosure(self.right)
        if a is None or b is None or len(a[0]) != len(b[0]):
            return _exact(False, self.left, self.right, "=")
        squared = sum(((x - y) ** 2 for x, y in zip(a[0], b[0])), Fraction(0))
        radius = a[1] + b[1]
        detail = _sides(self.left, self.right, "=")
        slack = float(radius) - math.sqrt(squared)
        if squared > radius**2:
            return Verdict(Outcome.REFUTED, Evidence.ENCLOSED, detail=detail, slack=slack)
        scale = max(1, *(abs(x) for x in (*a[0], *b[0])))
        if radius <= RESOLUTION * scale:
            return Verdict(Outcome.HOLDS, Evidence.ENCLOSED, detail=f"{detail}, to within {float(2 * radius):.2g}", slack=slack)
        return Verdict(Outcome.INCONCLUSIVE, detail=f"{detail}: the enclosures are too wide")


def _tuples(x: Any) -> Any:
    return tuple(map(_tuples, x)) if isinstance(x, (tuple, list)) else x


def _exact(holds: bool, left: Any, right: Any, sign: str, slack: float | None = None) -> Verdict:
    outcome = Outcome.HOLDS if holds else Outcome.REFUTED
    return Verdict(outcome, Evidence.CERTIFIED, detail=_sides(left, right, sign), slack=slack)


def _measured(x: Any) -> Measured:
    if isinstance(x, Measured):
        return x
    pair = _enclosure(x)
    if pair is not None:
        return Measured(np.array([float(entry) for entry in pair[0]]), float(pair[1]))
    return Measured(np.asarray(x, dtype=float), 0.0)


def _compare(left: Any, right: Any, strict: bool) -> Verdict:
    sign = "<" if strict else "<="
    if _is_float(left) or _is_float(right):
        a, b = _measured(left), _measured(right)
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
        return meet(_compare(x, y, strict) for x, y in zip(lefts, rights, strict=True))
    a_interval, b_interval = _as_number(left), _as_number(right)
    slack = float(b_interval.center - a_interval.center)
    if not a_interval.radius and not b_interval.radius:
        x, y = a_interval.center, b_interval.center
        return _exact(x < y if strict else x <= y, left, right, sign, slack)
    below = certainly_less(a_interval, b_interval) if strict else _certainly_at_most(a_interval, b_interval)
    outcome = {Outcome.HOLDS: Outcome.HOLDS, Outcome.FAILS: Outcome.REFUTED}.get(below, Outcome.INCONCLUSIVE)
    grade = None if outcome is Outcome.INCONCLUSIVE else Evidence.ENCLOSED
    return Verdict(outcome, grade, detail=_sides(left, right, sign), slack=slack)


def _as_number(x: Any) -> Interval:
    if isinstance(x, Enclosed) and not isinstance(x, Interval):
        return Interval(Fraction(x.center), Fraction(x.radius))
    return as_interval(x)


def _certainly_at_most(a: Interval, b: Interval) -> Outcome:
    if a.upper <= b.lower:
        return Outcome.HOLDS
    return Outcome.FAILS if a.lower > b.upper else Outcome.UNDECIDED


@dataclass(frozen=True)
class AtMost:
    """left <= right, entrywise for vectors.

    >>> AtMost(1, Fraction(3, 2)).decide().slack
    0.5
    """

    left: Any
    right: Any

    def decide(self) -> Verdict:
        """Certified for exact operands, enclosed for intervals, tested for floats."""
        return _compare(self.left, self.right, strict=False)


@dataclass(frozen=True)
class Less:
    """left < right, entrywise for vectors.

    >>> Less(1, 1).decide().outcome.value
    'refuted'
    """

    left: Any
    right: Any

    def decide(self) -> Verdict:
        """Certified for exact operands, enclosed for intervals, tested for floats."""
        return _compare(self.left, self.right, strict=True)


def certain(flag: bool, detail: str) -> Verdict:
    """A verdict for an exactly decided fact."""
    return Verdict(Outcome.HOLDS if flag else Outcome.REFUTED, Evidence.CERTIFIED, detail=detail)


@dataclass(frozen=True)
class Implies:
    """premise => conclusion. The premise is a bool decided exactly or a relation; a false premise makes it VACUOUS.

    >>> Implies(False, Equal(0, 1)).decide().outcome.value
    'vacuous'
    """

    premise: Any
    conclusion: Relation

    def decide(self) -> Verdict:
        """The verdict of the conclusion where the premise holds."""
        if isinstance(self.premise, Relation):
            first = self.premise.decide()
            if first.outcome is Outcome.REFUTED:
                return Verdict(Outcome.VACUOUS, detail=f"the premise fails: {first.detail}")
            if first.outcome is not Outcome.HOLDS:
                return first
            second = self.conclusion.decide()
            grade = min((g for g in (first.evidence, second.evidence) if g is not None), default=None)
            return Verdict(second.outcome, grade, second.scope, second.detail, second.slack, second.on_path)
        if not self.premise:
            return Verdict(Outcome.VACUOUS, detail="the premise fails")
        return self.conclusion.decide()


@dataclass(frozen=True, init=False)
class All:
    """The conjunction of several relations; parts that are VACUOUS are left out as long as one is not.

    >>> All(Equal(1, 1), Implies(False, Equal(0, 1))).decide().outcome.value
    'holds'
    """

    relations: tuple[Relation, ...]

    def __init__(self, *relations: Relation) -> None:
        object.__setattr__(self, "relations", relations)

    def decide(self) -> Verdict:
        """The meet of the parts."""
        verdicts = [relation.decide() for relation in self.relations]
        exercised = [verdict for verdict in verdicts if verdict.outcome is not Outcome.VACUOUS]
        return meet(exercised or verdicts)


@dataclass(frozen=True)
class Monotone:
    """A sequence of numbers or a scalar path is non-increasing (or non-decreasing; `strict` forbids equality).

    >>> Monotone((3, 2, 2)).decide().outcome.value, Monotone((3, 2, 2), strict=True).decide().outcome.value
    ('holds', 'refuted')
    """

    values: Any
    increasing: bool = False
    strict: bool = False

    def decide(self) -> Verdict:
        """The meet over consecutive pairs."""
        if isinstance(self.values, Path):
            path = self.values
            series = Measured(path.values.ravel()[1:], path.errors[1:]), Measured(path.values.ravel()[:-1], path.errors[:-1])
            later, earlier = series
            verdict = _compare(earlier, later, self.strict) if self.increasing else _compare(later, earlier, self.strict)
            return Verdict(verdict.outcome, verdict.evidence, verdict.scope, verdict.detail, verdict.slack, on_path=True)
        pairs = [(y, x) if self.increasing else (x, y) for x, y in pairwise(self.values)]
        return meet(_compare(b, a, self.strict) for a, b in pairs)


@dataclass(frozen=True)
class Invariant:
    """A path, or a sequence of exact values, does not change (a path: by more than its own error bars)."""

    values: Any

    def decide(self) -> Verdict:
        """Exact sequences are compared exactly; for a path the largest distance from its first record is tested."""
        if not isinstance(self.values, Path):
            return meet(Equal(x, self.values[0]).decide() for x in self.values[1:])
        path = self.values
        drift = path.distance(path.values[0])
        excess = drift - path.errors - path.errors[0]
        worst = int(excess.argmax())
        outcome = Outcome.HOLDS if excess[worst] <= 0 else Outcome.REFUTED
        detail = f"{path.name} moves by {drift[worst]:.3g}, error bar {path.errors[worst] + path.errors[0]:.3g}"
        return Verdict(outcome, Evidence.TESTED, detail=detail, slack=float(-excess[worst]), on_path=True)


@dataclass(frozen=True)
class Converges:
    """A path converges to `target` (a vector, or centre and radius).

    With e(s) the distance to the target at log time s and bar(s) the path's error plus the target's radius:

    * e(end) within three bars holds (the simulator cannot see any difference);
    * with `rate` q (e = O(t^-q) = O(e^{-q s})), the last half of log time must shrink e by at least exp(-q ds / 2) if q ds
      is at least 2, and refutes when it shrinks by less than exp(-q ds / 10);
    * without a rate (1/s is the slowest law in use) e must fall by a quarter while s doubles; it refutes when it changes by
      less than one part in a thousand there: it has stalled at a positive distance.

    Anything between is inconclusive. Always graded tested.
    """

    path: Path
    target: Any
    rate: Any = None

    def decide(self) -> Verdict:
        """Compare the decay of the distance with the law."""
        path = self.path
        e = path.distance(self.target)
        radius = float(self.target.radius) if isinstance(self.target, Enclosed) else 0.0
        bar = path.errors[-1] + radius
        middle = path.at(path.log_times[-1] / 2 if path.log_times[-1] > 0 else path.log_times[0])
        detail = f"{path.name}: distance {e[-1]:.3g} at log time {path.log_times[-1]:.6g}, {e[middle]:.3g} at {path.log_times[middle]:.6g}, error bar {bar:.2g}"
        if not np.isfinite(e).all():
            return Verdict(Outcome.INCONCLUSIVE, detail=f"{path.name} is not finite")

        def verdict(outcome: Outcome) -> Verdict:
            grade = None if outcome is Outcome.INCONCLUSIVE else Evidence.TESTED
            return Verdict(outcome, grade, detail=detail, slack=float(3 * bar - e[-1]), on_path=True)

        if e[-1] <= 3 * bar:
            return verdict(Outcome.HOLDS)
        ratio = e[-1] / e[middle] if e[middle] > 0 else math.inf
        if self.rate is not None:
            expected = float(self.rate) * (path.log_times[-1] - path.log_times[middle])
            if expected < 2:
                return verdict(Outcome.INCONCLUSIVE)
            if ratio <= math.exp(-expected / 2):
                return verdict(Outcome.HOLDS)
            return verdict(Outcome.REFUTED if ratio > math.exp(-expected / 10) and e[-1] > 10 * bar else Outcome.INCONCLUSIVE)
        if ratio <= 0.75:
            return verdict(Outcome.HOLDS)
        return verdict(Outcome.REFUTED if ratio > 0.999 and e[-1] > 10 * bar else Outcome.INCONCLUSIVE)


@dataclass(frozen=True)
class Bounded:
    """A path stays bounded as log time goes to infinity.

    The increments over the last two doublings of log time are compared: a convergent path has shrinking increments, a
    log log t drift equal ones, a drift in log t doubling ones. With `rate` q (the slowest relaxation) nothing is concluded
    before q s = 20, when the transient has died.
    """

    path: Path
    rate: Any = None

    def decide(self) -> Verdict:
        """Tested by the ratio of the increments."""
        path, end = self.path, self.path.log_times[-1]
        i, j = path.at(end / 4), path.at(end / 2)
        first = float(np.linalg.norm(path.values[j] - path.values[i]))
        second = float(np.linalg.norm(path.values[-1] - path.values[j]))
        bar = path.errors[-1] + path.errors[j]
        detail = f"{path.name} moves by {first:.3g}, then {second:.3g} over the last doublings of log time, error bar {bar:.2g}"
        early = self.rate is not None and float(self.rate) * end < 20
        outcome = Outcome.INCONCLUSIVE
        if second <= 3 * bar or (second <= 0.75 * first and not early):
            outcome = Outcome.HOLDS
        elif second >= 0.95 * first and second > 10 * bar and not early:
            outcome = Outcome.REFUTED
        grade = None if outcome is Outcome.INCONCLUSIVE else Evidence.TESTED
        return Verdict(outcome, grade, detail=detail, slack=0.95 * first - second, on_path=True)


@dataclass(frozen=True)
class Rate:
    """A positive scalar path decays like t^-exponent: the fitted slope of its logarithm against log time.

    `tolerance` is the allowed absolute error of the fitted exponent, chosen by whoever states the law and printed with it.
    The fit uses the last half of the records that stand clear of the error bars.
    """

    path: Path
    exponent: Any
    tolerance: float
    minimum_records: int = field(default=4)

    def decide(self) -> Verdict:
        """Tested by least squares; the 95 % half-width of the slope widens the tolerance."""
        path = self.path
        values = np.abs(path.values.reshape(len(path.values), -1)).max(axis=1)
        clear = np.flatnonzero((values > 10 * path.errors) & (values > 0))
        clear = clear[len(clear) // 2 :]
        if len(clear) < self.minimum_records:
            return Verdict(Outcome.INCONCLUSIVE, detail=f"{path.name}: too few records above the error bars to fit a rate")
        s, y = path.log_times[clear], np.log(values[clear])
        (slope, intercept), residual = np.polyfit(s, y, 1), 0.0
        residual = y - slope * s - intercept
        spread = np.sqrt((residual @ residual) / max(len(s) - 2, 1) / ((s - s.mean()) @ (s - s.mean())))
        gap = abs(-slope - float(self.exponent))
        detail = f"{path.name}: fitted exponent {-slope:.5g} +/- {2 * spread:.2g}, claimed {float(self.exponent):.5g}"
        outcome = Outcome.HOLDS if gap <= self.tolerance else Outcome.REFUTED
        if outcome is Outcome.REFUTED and gap <= self.tolerance + 2 * spread:
            return Verdict(Outcome.INCONCLUSIVE, detail=detail)
        return Verdict(outcome, Evidence.TESTED, detail=detail, slack=float(self.tolerance - gap), on_path=True)


def require_relation(value: Any, subject: str) -> Relation:
    """`value` if it is a relation (a sequence of relations is their conjunction); otherwise `InvalidStatement`."""
    if isinstance(value, Relation):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str) and value and all(isinstance(x, Relation) for x in value):
        return All(*value)
    reason = f"returned {type(value).__name__}, not a relation"
    raise InvalidStatement(subject, reason, "return Equal(...), AtMost(...), Converges(...) or another relation")
