"""Every smallest instance first: what a kind enumerates within the bounds of a strategy, up to its symmetries, in order of size.

One representative of each orbit is kept, so a claim that is not invariant under the symmetries is tried on that representative only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..checking.kinds import known_kind
from ..language.kinds import Kind
from ..language.strategy_arguments import Domain, domains_of
from .moves import belongs
from .values import is_finite, values


def enumerated(strategy: Any) -> Iterator[Any] | None:
    """The instances of a strategy, smallest first; None where neither its bounds are known nor its structure can be read."""
    domains = domains_of(strategy)
    if not domains:
        return values(strategy)
    known = [(known_kind(domain.kind), domain) for domain in domains]
    pairs = [(kind, domain) for kind, domain in known if kind is not None]
    return _merged(pairs) if len(pairs) == len(known) else None


def listed_whole(strategy: Any) -> bool:
    """Whether `enumerated` lists all there is: plain values of a finite strategy. What a kind enumerates is up to its symmetries only."""
    return not domains_of(strategy) and is_finite(strategy)


def _merged(pairs: Iterable[tuple[Kind[Any], Domain]]) -> Iterator[Any]:
    seen: set[Any] = set()
    for kind, domain in pairs:
        for problem in kind.enumerate(domain.arguments):
            if problem not in seen and belongs(problem, domain):
                seen.add(problem)
                yield problem
