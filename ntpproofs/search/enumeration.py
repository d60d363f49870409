"""Every smallest instance first: what a kind enumerates within the bounds of a strategy, up to its symmetries, in order of size.

One representative of each orbit is kept, so a claim that is not invariant under the symmetries is tried on that representative only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..checking.kinds import kinds
from ..language.strategy_arguments import Domain, domains_of
from .moves import belongs
from .values import values


def enumerated(strategy: Any) -> Iterator[Any] | None:
    """The instances of a strategy, smallest first; None where neither its bounds are known nor its structure can be read."""
    domains = domains_of(strategy)
    if not domains:
        return values(strategy)
    if any(domain.kind not in kinds() for domain in domains):
        return None
    return _merged(domains)


def _merged(domains: Iterable[Domain]) -> Iterator[Any]:
    seen: set[Any] = set()
    for domain in domains:
        for problem in kinds()[domain.kind].enumerate(domain.arguments):
            if problem not in seen and belongs(problem, domain):
                seen.add(problem)
                yield problem
