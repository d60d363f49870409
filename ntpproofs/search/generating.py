"""Assumptions as generators: draws that satisfy a statement's assumptions by construction, where its kind knows how to meet one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

from hypothesis.strategies import SearchStrategy, one_of

from ..checking.kinds import known_kind
from ..errors import InvalidInput
from ..language.kinds import Kind
from ..language.statements import Statement
from ..language.strategy_arguments import Domain, domains_of
from .moves import belongs


def generated(statement: Statement) -> SearchStrategy[Any] | None:
    """Instances of a statement's strategy that meet the assumptions its kind has generators for; None where there is nothing to gain.

    >>> from ntpproofs import Conjecture
    >>> from ntpproofs.language.statements import as_statement
    >>> from ntpproofs.assumptions import distinct_embeddings, independent_embeddings
    >>> from ntpproofs.strategies import linear_ntps
    >>> assuming = lambda entry: as_statement(Conjecture("x", instances=linear_ntps(), assumptions=(entry,)))
    >>> generated(assuming(independent_embeddings)) is None, generated(assuming(distinct_embeddings)) is None
    (False, True)
    """
    if not isinstance(statement.instances, SearchStrategy):
        return None
    names = [entry.name for entry in statement.assumptions]
    found = [_meeting(names, domain) for domain in domains_of(statement.instances) or ()]
    tightened = [strategy for strategy in found if strategy is not None]
    return one_of(tightened) if tightened else None


def _meeting(names: list[str], domain: Domain) -> SearchStrategy[Any] | None:
    kind = known_kind(domain.kind)
    if kind is None:
        return None
    chosen = [kind.generators[name] for name in names if name in kind.generators]
    return _tightened(kind, domain, chosen) if chosen else None


def _tightened(kind: Kind[Any], domain: Domain, chosen: list[Any]) -> SearchStrategy[Any] | None:
    bounds = dict(domain.arguments)
    for tighter in chosen:
        if isinstance(tighter, Mapping):
            bounds |= {name: _tighter(name, bounds[name], value) for name, value in tighter.items() if name in bounds}
    maps: list[Callable[[Any], Any]] = [change for change in chosen if callable(change)]
    try:
        strategy = kind.strategy(**bounds)
        strategy.validate()
    except InvalidInput:
        return None  # bounds that admit nothing together: draws and filters have to do
    return strategy.map(lambda problem: reduce(lambda found, change: change(found), maps, problem)).filter(lambda problem: belongs(problem, domain))


def _tighter(name: str, known: Any, value: Any) -> Any:
    numbers = [x for x in (known, value) if isinstance(x, int) and not isinstance(x, bool)]
    if len(numbers) < 2:
        return value
    return max(numbers) if name.startswith("min_") else min(numbers)
