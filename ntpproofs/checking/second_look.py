"""What makes a second look at a violation in floats better than the first: a longer run, more bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any

from ..errors import NtpproofsError

# Factors by which a simulator is run again before a violation in floats is believed.
LONGER = {"log_time": 10.0, "steps": 4, "records": 2}


def lengthened(simulate: Any) -> tuple[Any, str]:
    """A simulator made to run longer, and what was done in words; a simulator without known settings is run as it is."""
    if simulate is None or not is_dataclass(simulate) or isinstance(simulate, type):
        return simulate, "twice the precision"
    changes = {}
    for entry in fields(simulate):
        value = getattr(simulate, entry.name)
        if entry.name in LONGER and isinstance(value, (int, float)) and not isinstance(value, bool):
            changes[entry.name] = type(value)(value * LONGER[entry.name])
    try:
        longer = replace(simulate, **changes)
    except NtpproofsError:  # a simulator that refuses is used as it is
        return simulate, "twice the precision"
    return longer, ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in changes.items()) or "twice the precision"


@contextmanager
def higher_precision() -> Iterator[None]:
    """Balls and mpmath numbers get twice the usual bits inside."""
    import flint
    import mpmath  # type: ignore[import-untyped]

    bits = flint.ctx.prec
    flint.ctx.prec = 2 * bits
    try:
        with mpmath.workprec(2 * mpmath.mp.prec):
            yield
    finally:
        flint.ctx.prec = bits
