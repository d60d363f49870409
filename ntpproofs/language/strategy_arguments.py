"""Arguments of strategies: validated at once, and remembered, so that a search knows which instances a strategy admits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from ..errors import InvalidInput
from ..kernel.reading import brief

Make = TypeVar("Make", bound=Callable[..., Any])


def check_bounds(**bounds: tuple[int, int]) -> None:
    """Raise `InvalidInput` for any name whose value is not an integer of at least its least value.

    >>> check_bounds(max_rows=(3, 1))
    """
    for name, (value, least) in bounds.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InvalidInput(name, f"is {value!r}", f"give an integer of at least {least}")


@dataclass(frozen=True)
class Domain:
    """What a strategy of this package draws from: the kind of problem, the arguments it was made with, further filters."""

    kind: str
    arguments: Mapping[str, Any]
    filters: tuple[Callable[[Any], Any], ...] = ()


def described(kind: str) -> Callable[[Make], Make]:
    """Decorator of a strategy function: what it returns carries its `Domain`, read by `domains_of`."""

    def decorate(make: Make) -> Make:
        @wraps(make)
        def strategy(*positional: Any, **named: Any) -> Any:
            bound = signature(make).bind(*positional, **named)
            bound.apply_defaults()
            for name, value in bound.arguments.items():
                _check_kind(name, value, signature(make).parameters[name].annotation)
            made = make(*positional, **named)
            # A composite strategy is lazy: filters are recorded beside the function that draws, so the mark sits there.
            made.function.domain = Domain(kind, dict(bound.arguments))
            return made

        return strategy  # type: ignore[return-value]

    return decorate


def _check_kind(name: str, value: Any, annotation: Any) -> None:
    # Strategies are kept by their arguments, so these are hashable; and a truth is True or False.
    truths = {"bool": (bool,), "bool | None": (bool, type(None))}.get(str(annotation))
    if truths is not None and not isinstance(value, truths):
        raise InvalidInput(name, f"is {brief(value)}", "give True or False" + (", or None for both" if len(truths) > 1 else ""))
    try:
        hash(value)
    except TypeError:
        raise InvalidInput(name, f"is {brief(value)} ({type(value).__name__})", "give a number, a name, or a tuple of names") from None


def domains_of(strategy: Any) -> tuple[Domain, ...] | None:
    """The domains a strategy draws from (several for a union), None if it is not made of this package's strategies by
    filters and unions: then nothing is known about it.

    >>> from ntpproofs.strategies import linear_ntps
    >>> domains_of(linear_ntps(max_contexts=2))[0].arguments["max_contexts"]
    2
    >>> domains_of(linear_ntps().map(repr)) is None
    True
    """
    parts = getattr(strategy, "original_strategies", None)
    if parts is not None:
        found = [domains_of(part) for part in parts]
        return None if any(domains is None for domains in found) else tuple(d for domains in found for d in domains or ())
    inner = getattr(strategy, "filtered_strategy", None)
    if inner is not None:
        domains = domains_of(inner)
        extra = tuple(getattr(strategy, "flat_conditions", ()))
        return None if domains is None else tuple(Domain(d.kind, d.arguments, d.filters + extra) for d in domains)
    domain = getattr(getattr(strategy, "function", None), "domain", None)
    steps = getattr(strategy, "_transformations", None)
    if not isinstance(domain, Domain) or steps is None or any(step[0] != "filter" for step in steps):
        return None
    return (Domain(domain.kind, domain.arguments, tuple(step[1] for step in steps)),)
