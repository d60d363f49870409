"""What a search knows about instances: whether a strategy admits one, how large it is, and which ones are next to it. Kinds know the rest."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from typing import Any

from ..checking.instances import text_of
from ..checking.kinds import kind_of, known_kind
from ..language.strategy_arguments import Domain


def admitted(problem: object, domains: tuple[Domain, ...] | None) -> bool:
    """Whether some domain admits a problem; anything is admitted where the domains are unknown."""
    return domains is None or any(belongs(problem, domain) for domain in domains)


def belongs(problem: object, domain: Domain) -> bool:
    """Whether a problem is within the bounds and filters of a domain."""
    kind = known_kind(domain.kind)
    if kind is None or type(problem) is not kind.problem:
        return False
    return kind.domain(problem, domain.arguments) and all(bool(keep(problem)) for keep in domain.filters)


@singledispatch
def measure(problem: object) -> tuple[int, ...]:
    """The size by which counterexamples are ordered. Register your own types, or bring a kind."""
    kind = kind_of(problem)
    if kind is not None:
        return kind.measure(problem)
    text = text_of(problem)
    return len(text), *text.encode()[:40]


@singledispatch
def neighbours(problem: object) -> Iterator[Any]:
    """Instances one step away. None for objects of a user's own, unless registered."""
    kind = kind_of(problem)
    yield from kind.neighbours(problem) if kind is not None else ()


def counts(problem: object) -> dict[str, int]:
    """Countable parts of an instance, by name in the singular; none for objects of a user's own."""
    kind = kind_of(problem)
    return {} if kind is None else dict(kind.describe(problem).counts)
