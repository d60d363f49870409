"""Invariants: named numbers that an instance has, exact or enclosed, and what is known about them. `discover` conjectures about these.

A kind of problem brings its own in `Kind.discovery`; one that brings none has the generic ones of `checking.invariants`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .forms import Bound, Value, read_bound


@dataclass(frozen=True)
class ProblemInvariant:
    """A number that depends on the problem only: `compute(problem)` is an integer, a `Fraction`, an `Interval` that encloses it, or
    None where it is not defined.

    `given` says that it is read off the data (a size, a count, a length), so that bounding it would say nothing; all others come out
    of the solution and are targets. `powers` is the largest power in which it may enter a bound. Multiplying all embeddings by c
    multiplies it by c^`scale`: a bound between numbers that scale differently would only tell in which units the instances were made.
    `unbounded` says that the lengths and angles of the embeddings can make it as large as one likes without changing a count.
    """

    name: str
    compute: Callable[[Any], Value | None]
    latex: str
    says: str
    given: bool = False
    powers: int = 1
    scale: int = 0
    unbounded: bool = False


def invariant(
    latex: str, *, given: bool = False, powers: int = 1, scale: int = 0, unbounded: bool = False, name: str = ""
) -> Callable[[Callable[[Any], Value | None]], ProblemInvariant]:
    """Decorator: the function becomes a `ProblemInvariant` with its own name; the first line of its docstring says what it is.

    >>> @invariant("m", given=True)
    ... def contexts(problem):
    ...     '''The number of contexts.'''
    ...     return 3
    >>> contexts.name, contexts.says, contexts.compute(None)
    ('contexts', 'The number of contexts.', 3)
    """

    def wrap(compute: Callable[[Any], Value | None]) -> ProblemInvariant:
        summary = (compute.__doc__ or "").strip().splitlines()
        return ProblemInvariant(name or compute.__name__, compute, latex, summary[0] if summary else "", given, powers, scale, unbounded)

    return wrap


@dataclass(frozen=True)
class Known:
    """A bound that needs no conjecture: it follows from the definitions of its invariants, or from the statement named by `source`."""

    bound: Bound
    source: str


def known(text: str, *assuming: str, source: str = "definition") -> Known:
    """A known bound, from text.

    >>> known("multipliers = squared_norm", source="foundations.max-margin").bound.text
    'multipliers = squared_norm'
    """
    return Known(read_bound(text, *assuming), source)


@dataclass(frozen=True)
class Discovery:
    """What `discover` works with for one kind: invariants, known bounds, and the families of instances it draws from, each given by
    bounds of the kind's strategy. Assumptions in `units` fix the scale of the embeddings; `premises` are combinations of assumptions
    that are worth a look besides the most frequent ones."""

    invariants: tuple[ProblemInvariant, ...]
    known: tuple[Known, ...] = ()
    families: tuple[Mapping[str, Any], ...] = ({},)
    units: frozenset[str] = frozenset()
    premises: tuple[tuple[str, ...], ...] = ()
