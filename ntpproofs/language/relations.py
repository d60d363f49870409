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
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, Protocol, TypeGuard, runtime_checkable

import numpy as np

from ..errors import InvalidStatement
from ..exact.balls import Interval
from ..exact.logarithms import LogVector
from .compared_values import (
    Decidable,
    Enclosed,
    Measured,
    ValuePath,
    as_float,
    as_measured,
    as_tuples,
    compare,
    enclosure_of,
    exact_form,
    exact_verdict,
    flatten,
    is_decidable,
    is_enclosed,
    is_float,
    sides,
)
from .path_relations import Bounded, Converges, Rate
from .verdicts import Evidence, Outcome, Verdict, decided_html, meet

__all__ = [
    "All", "AtMost", "Bounded", "Converges", "Decidable", "Enclosed", "Equal", "Implies", "Interval", "Invariant", "Less", "Measured", "Monotone",
    "NotExercised", "Rate", "Relation", "ValuePath", "certain", "require_relation",
]  # fmt: skip

# Two enclosures that overlap agree only up to their radii. They count as equal (grade: enclosed) when both are known to
# this relative accuracy; wider ones are inconclusive, so a useless enclosure can never pass.
RESOLUTION = Fraction(1, 2**30)


@runtime_checkable
class Relation(Protocol):
    """Anything with `decide() -> Verdict`."""

    def decide(self) -> Verdict:
        """The verdict."""
        ...


def is_relation(x: Any) -> TypeGuard[Relation]:
    """Whether x is a `Relation`, as isinstance says it, but faster."""
    return hasattr(x, "decide")


@dataclass(frozen=True)
class NotExercised:
    """What a claim returns on an instance about which it says nothing; such an instance is never counted as holding.

    >>> NotExercised("no token is separable").decide().outcome.value
    'vacuous'
    """

    reason: str

    _repr_html_ = decided_html

    def decide(self) -> Verdict:
        """VACUOUS, with the reason."""
        return Verdict(Outcome.VACUOUS, detail=self.reason)


@dataclass(frozen=True)
class Equal:
    """left = right.

    Exact operands are compared exactly. Enclosures are refuted when certainly apart, and hold (grade enclosed) when they
    overlap and both are known to 2^-30; floats need `tolerance` (absolute, Euclidean norm) or `Measured` error bars. Two empty
    vectors have nothing to compare: VACUOUS (two empty sets are equal).

    >>> Equal(Fraction(1, 2), Fraction(2, 4)).decide().outcome.value
    'holds'
    >>> Equal(Interval(Fraction(0), Fraction(1)), 1).decide().outcome.value
    'inconclusive'
    """

    left: Any
    right: Any
    tolerance: float | None = None

    _repr_html_ = decided_html

    def decide(self) -> Verdict:
        """Decide by the kind of the operands; floats without an error bar or a tolerance are inconclusive."""
        left, right = exact_form(self.left), exact_form(self.right)
        if isinstance(left, (tuple, list)) and isinstance(right, (tuple, list)) and not left and not right:
            return Verdict(Outcome.VACUOUS, detail="both sides are empty")
        if is_decidable(left):
            return left.decide_equality(right)
        if is_decidable(right):
            return right.decide_equality(left)
        if is_float(left) or is_float(right):
            return self._by_error_bars()
        if isinstance(left, LogVector) and isinstance(right, LogVector):
            return exact_verdict(left == right, left, right, "=")
        if any(isinstance(x, LogVector) or is_enclosed(x) for x in (left, right)):
            return self._by_radii()
        if isinstance(left, (tuple, list)) and isinstance(right, (tuple, list)):
            if len(left) == len(right) and any(isinstance(x, LogVector) or is_enclosed(x) for x in flatten((left, right))):
                return meet(Equal(x, y).decide() for x, y in zip(left, right))
            left, right = as_tuples(left), as_tuples(right)
        equal = bool(left == right)
        return exact_verdict(equal, left, right, "=", None if equal else _apart(left, right))

    def _by_error_bars(self) -> Verdict:
        a, b = as_measured(self.left), as_measured(self.right)
        gap = np.linalg.norm(np.subtract(a.value, b.value, dtype=float).ravel())
        bars = float(np.linalg.norm(np.ravel(a.error)) + np.linalg.norm(np.ravel(b.error)))
        stated = self.tolerance is not None or isinstance(self.left, Measured) or isinstance(self.right, Measured)
        allowed = bars + (self.tolerance or 0.0)
        detail = sides(self.left, self.right, "=") + f", difference {gap:.3g}"
        if not stated or not np.isfinite(gap) or np.isnan(allowed):
            return Verdict(Outcome.INCONCLUSIVE, detail=detail + " (floats need a tolerance or Measured error bars)")
        outcome = Outcome.HOLDS if gap <= allowed else Outcome.REFUTED
        return Verdict(outcome, Evidence.TESTED, detail=detail, slack=float(allowed - gap))

    def _by_radii(self) -> Verdict:
        a, b = enclosure_of(self.left), enclosure_of(self.right)
        if a is None or b is None or len(a[0]) != len(b[0]):
            return exact_verdict(False, self.left, self.right, "=")
        squared = sum(((x - y) ** 2 for x, y in zip(a[0], b[0])), Fraction(0))
        radius = a[1] + b[1]
        detail = sides(self.left, self.right, "=")
        slack = float(radius) - math.sqrt(squared)
        if squared > radius**2:
            return Verdict(Outcome.REFUTED, Evidence.ENCLOSED, detail=detail, slack=slack)
        scale = max([Fraction(1), *(abs(x) for x in (*a[0], *b[0]))])
        if radius <= RESOLUTION * scale:
            return Verdict(Outcome.HOLDS, Evidence.ENCLOSED, detail=f"{detail}, to within {float(2 * radius):.2g}", slack=slack)
        return Verdict(Outcome.INCONCLUSIVE, detail=f"{detail}: the enclosures are too wide")


def _apart(left: Any, right: Any) -> float | None:
    # How far from equal, as a slack: minus the size of the symmetric difference of sets, minus the distance of numbers.
    if isinstance(left, (set, frozenset)) and isinstance(right, (set, frozenset)):
        return -float(len(left ^ right))
    if isinstance(left, (int, Fraction)) and isinstance(right, (int, Fraction)):
        return -abs(as_float(Fraction(left) - Fraction(right)))
    if isinstance(left, tuple) and isinstance(right, tuple) and len(left) == len(right):
        return -float(sum(x != y for x, y in zip(left, right)))
    return None


@dataclass(frozen=True)
class AtMost:
    """left <= right, entrywise for vectors.

    >>> AtMost(1, Fraction(3, 2)).decide().slack
    0.5
    """

    left: Any
    right: Any

    _repr_html_ = decided_html

    def decide(self) -> Verdict:
        """Certified for exact operands, enclosed for intervals, tested for floats."""
        return compare(self.left, self.right, strict=False)


@dataclass(frozen=True)
class Less:
    """left < right, entrywise for vectors.

    >>> Less(1, 1).decide().outcome.value
    'refuted'
    """

    left: Any
    right: Any

    _repr_html_ = decided_html

    def decide(self) -> Verdict:
        """Certified for exact operands, enclosed for intervals, tested for floats."""
        return compare(self.left, self.right, strict=True)


def certain(flag: bool, detail: str) -> Verdict:
    """A verdict for an exactly decided fact."""
    return Verdict(Outcome.HOLDS if flag else Outcome.REFUTED, Evidence.CERTIFIED, detail=detail)


@dataclass(frozen=True)
class Implies:
    """premise => conclusion. The premise is a bool decided exactly or a relation; a false premise makes it VACUOUS, and by how much a
    relation fails (its slack) tells a search how far the premise is from holding.

    >>> Implies(False, Equal(0, 1)).decide().outcome.value
    'vacuous'
    """

    premise: Any
    conclusion: Relation

    _repr_html_ = decided_html

    def decide(self) -> Verdict:
        """The verdict of the conclusion where the premise holds."""
        if is_relation(self.premise):
            first = self.premise.decide()
            if first.outcome is Outcome.REFUTED:
                return Verdict(Outcome.VACUOUS, detail=f"the premise fails: {first.detail}", slack=first.slack)
            if first.outcome is not Outcome.HOLDS:
                return first
            second = self.conclusion.decide()
            grade = min((g for g in (first.evidence, second.evidence) if g is not None), default=None)
            return replace(second, evidence=grade)
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

    _repr_html_ = decided_html

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

    _repr_html_ = decided_html

    def decide(self) -> Verdict:
        """The meet over consecutive pairs."""
        if isinstance(self.values, ValuePath):
            path = self.values
            series = Measured(path.values.ravel()[1:], path.errors[1:]), Measured(path.values.ravel()[:-1], path.errors[:-1])
            later, earlier = series
            verdict = compare(earlier, later, self.strict) if self.increasing else compare(later, earlier, self.strict)
            return Verdict(verdict.outcome, verdict.evidence, verdict.scope, verdict.detail, verdict.slack, on_path=True)
        pairs = [(y, x) if self.increasing else (x, y) for x, y in pairwise(self.values)]
        return meet(compare(b, a, self.strict) for a, b in pairs)


@dataclass(frozen=True)
class Invariant:
    """A path, or a sequence of exact values, does not change (a path: by more than its own error bars)."""

    values: Any

    _repr_html_ = decided_html

    def decide(self) -> Verdict:
        """Exact sequences are compared exactly; for a path the largest distance from its first record is tested."""
        if not isinstance(self.values, ValuePath):
            return meet(Equal(x, self.values[0]).decide() for x in self.values[1:])
        path = self.values
        drift = path.distance(path.values[0])
        excess = drift - path.errors - path.errors[0]
        worst = int(excess.argmax())
        if not np.isfinite(excess).all():
            return Verdict(Outcome.INCONCLUSIVE, detail=f"{path.name} is not finite")
        outcome = Outcome.HOLDS if excess[worst] <= 0 else Outcome.REFUTED
        detail = f"{path.name} moves by {drift[worst]:.3g}, error bar {path.errors[worst] + path.errors[0]:.3g}"
        return Verdict(outcome, Evidence.TESTED, detail=detail, slack=float(-excess[worst]), on_path=True)


def require_relation(value: Any, subject: str) -> Relation:
    """`value` if it is a relation (a sequence of relations is their conjunction); otherwise `InvalidStatement`."""
    if is_relation(value):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str) and value and all(map(is_relation, value)):
        return All(*value)
    reason = f"returned {type(value).__name__}, not a relation"
    raise InvalidStatement(subject, reason, "return Equal(...), AtMost(...), Converges(...) or another relation")
