"""The invariants of a problem by name: those its kind brings, or the counts and predictions that every kind has.

A conjecture file that `discover` writes derives these (`derive=invariants_of`), and its claims say bounds in words:
`case.derived.says("12*squared_norm <= tokens^3 - tokens", "one_query", "orthonormal_embeddings")`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from itertools import islice
from typing import Any

from ..errors import InvalidInput, NtpproofsError
from ..exact.balls import Interval
from ..language.answers import Quantity, Request
from ..language.forms import Bound, Value, read_bound
from ..language.frozen_statements import Assumption
from ..language.invariants import Discovery, ProblemInvariant
from ..language.kinds import Kind, Problem
from ..language.relations import AtMost, Equal, NotExercised, Relation
from ..language.verdicts import Outcome
from .kinds import kind_named, kind_of

# How many of the smallest instances say which counts and predictions a kind has.
LOOKED_AT = 5


class Invariants(Mapping[str, Value | None]):
    """The invariants of one problem, each computed on first access; None where one is not defined."""

    def __init__(self, problem: Problem) -> None:
        kind = kind_of(problem)
        if kind is None:
            raise InvalidInput("problem", f"a {type(problem).__name__} is of no registered kind", "give a problem of a kind that `discover` knows")
        self.problem, self.kind = problem, kind
        self._all = {entry.name: entry for entry in discovery_of(kind).invariants}
        self._known: dict[str, Value | None] = {}
        self._decided: dict[str, Outcome] = {}

    def __getitem__(self, name: str) -> Value | None:
        if name not in self._known:
            self._known[name] = self._invariant(name).compute(self.problem)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def _invariant(self, name: str) -> ProblemInvariant:
        return named_invariant(self.kind, name)

    def outcome(self, predicate: str) -> Outcome:
        """The decision of an assumption of the kind, by name. Raises `InvalidInput` for an unknown one."""
        if predicate not in self._decided:
            (entry,) = assumptions_of(self.kind.name, predicate)
            self._decided[predicate] = entry(self.problem).outcome
        return self._decided[predicate]

    def says(self, bound: str, *assuming: str) -> Relation:
        """The relation that a bound in words asserts about this problem, or `NotExercised` where it says nothing."""
        return self.relation(_read(bound, assuming))

    def relation(self, bound: Bound) -> Relation:
        """The same for a bound that has been read."""
        for predicate in bound.assuming:
            if self.outcome(predicate) is not Outcome.HOLDS:
                return NotExercised(f"{predicate} does not hold here")
        values: dict[str, Value] = {}
        for name in sorted(bound.names):
            value = self[name]
            if value is None:
                return NotExercised(f"{name} is not defined here")
            values[name] = value
        left, right = bound.left.evaluate(values), bound.right.evaluate(values)
        return Equal(left, right) if bound.sign == "=" else AtMost(left, right)


@cache
def _read(text: str, assuming: tuple[str, ...]) -> Bound:
    return read_bound(text, *assuming)


def invariants_of(problem: Problem) -> Invariants:
    """The invariants of a problem of any registered kind. Raises `InvalidInput` for other objects.

    >>> from ntpproofs.problems import AttentionNTP
    >>> found = invariants_of(AttentionNTP.one_hot_tokens(3, [[1, 0], [2, 1, 0]], [1, 2]))
    >>> found["squared_norm"], found.says("12*squared_norm = tokens^3 - tokens", "one_query").decide().outcome.value
    (Fraction(2, 1), 'holds')
    """
    return Invariants(problem)


def named_invariant(kind: Kind[Any], name: str) -> ProblemInvariant:
    """An invariant of a kind. Raises `InvalidInput`, which lists them all, for an unknown one."""
    found = {entry.name: entry for entry in discovery_of(kind).invariants}
    if name not in found:
        raise InvalidInput(name, f"is no invariant of {kind.name}", f"invariants: {', '.join(found)}")
    return found[name]


def instances_of(name: str) -> Any:
    """The strategy `discover` draws from for the kind with this name: the union of its families."""
    kind = kind_named(name)
    first, *others = (kind.strategy(**bounds) for bounds in discovery_of(kind).families)
    for strategy in others:
        first = first | strategy
    return first


def assumptions_of(name: str, *assumed: str) -> tuple[Assumption, ...]:
    """Assumptions of the kind with this name, by their own names. Raises `InvalidInput`, which lists them, for an unknown one.

    >>> [entry.method for entry in assumptions_of("linear-ntp", "nonzero_embeddings")]
    ['comparing rows']
    """
    known = {entry.name: entry for entry in kind_named(name).assumptions}
    for entry in assumed:
        if entry not in known:
            raise InvalidInput(entry, f"is no assumption of {name}", f"assumptions: {', '.join(sorted(known))}")
    return tuple(known[entry] for entry in assumed)


def discovery_of(kind: Kind[Any]) -> Discovery:
    """What `discover` works with for a kind: its own, or counts and predictions.

    >>> [entry.name for entry in discovery_of(kind_named("conditional-logit")).invariants]
    ['rows', 'alternatives', 'coordinates']
    """
    return kind.discovery or _generic(kind.name)


@cache
def _generic(name: str) -> Discovery:
    kind = kind_named(name)
    bounds = _defaults(kind)
    found: dict[str, ProblemInvariant] = {}
    for problem in islice(kind.enumerate(bounds), LOOKED_AT):
        for singular, _ in kind.describe(problem).counts:
            found.setdefault(_word(singular) + "s", _count(kind, singular))
        for prediction, value in predictions_of(kind, problem).items():
            if isinstance(value, Quantity):
                found.setdefault(_word(prediction), _prediction(kind, prediction))
    return Discovery(tuple(found.values()))


def _defaults(kind: Kind[Any]) -> Mapping[str, Any]:
    from ..language.strategy_arguments import domains_of

    domains = domains_of(kind.strategy())
    return domains[0].arguments if domains else {}


def _word(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip())


def _symbol(name: str) -> str:
    return rf"\mathrm{{{_word(name).replace('_', '-')}}}"


def _count(kind: Kind[Any], singular: str) -> ProblemInvariant:
    def count(problem: Problem) -> Value | None:
        return dict(kind.describe(problem).counts).get(singular)

    return ProblemInvariant(_word(singular) + "s", count, _symbol(singular + "s"), f"The number: {singular}.", given=True, powers=2)


def _prediction(kind: Kind[Any], name: str) -> ProblemInvariant:
    def predicted(problem: Problem) -> Value | None:
        value = predictions_of(kind, problem).get(name)
        if not isinstance(value, Quantity):
            return None
        return value.exact if value.exact is not None else Interval(Fraction(value.value), Fraction(value.radius))

    return ProblemInvariant(_word(name), predicted, _symbol(name), f"The prediction {name} of `limit`.")


def predictions_of(kind: Kind[Any], problem: Problem) -> Mapping[str, Any]:
    """The predictions of a problem by name; none where the kind makes none, or not for this problem."""
    if kind.answer is None:
        return {}
    try:
        answer = kind.answer(problem, Request())
    except NtpproofsError:
        return {}
    values: Mapping[str, Any] = getattr(answer, "values", {})
    return values
