"""Which route answers a table or an attention problem: the exact one where a predicted cost says that it ends in minutes, else the enclosed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..errors import OutOfTime
from ..language.answers import Request, decided
from ..language.statements import Assumption
from ..logit.anchored import LONG_RANK, anchored_rows
from ..logit.protocols import Reducible
from .clock import TimeIsUp, within
from .enclosed_answer import EnclosedAnswer, enclosed_answer
from .exact_answer import LimitAnswer


def too_long(problem: Reducible) -> str:
    """Why the exact route would take minutes, from counting alone; empty where it would not.

    >>> from ntpproofs.problems import ConditionalLogit
    >>> too_long(ConditionalLogit([(1, 0, [["1"], ["0"]])]))
    ''
    """
    rows = anchored_rows(problem.conditional_logit())
    if not rows.takes_long:
        return ""
    if rows.reach > LONG_RANK:
        return f"exact numbers of rank up to {rows.reach:,} have too many digits (the exact route goes to {LONG_RANK:,} by itself)"
    return f"{rows.distinct:,} differences of rank up to {rows.reach:,} would take the exact route minutes"


def answer_by_size(
    name: str,
    problem: Reducible,
    assumptions: Sequence[Assumption],
    derived: frozenset[str],
    request: Request,
    exact: Callable[[Request], LimitAnswer],
    **more: Any,
) -> LimitAnswer | EnclosedAnswer:
    """The exact answer where it is within reach (or insisted on), else the enclosed one.

    Where that leaves the class open, and no time was set, the exact route has the last word as far as it goes; under a time limit it has
    half of the time, and the enclosed one the other half. Assumptions that follow
    from the solution (`derived`) are those the enclosure decides.
    """
    effort, why = request.effort, "" if request.effort.exact else too_long(problem)
    if not why and (effort.seconds is None or effort.exact or "attend" in request.options):
        return exact(request)
    if not why and effort.seconds is not None:
        # Half of the time is for the exact answer, the other half for an enclosed one where that was too little.
        request = replace(request, effort=replace(effort, seconds=effort.seconds / 2))
        try:
            with within(effort.seconds / 2):
                return exact(replace(request, effort=replace(effort, seconds=None)))
        except (TimeIsUp, OutOfTime):
            why = f"the exact route was not through after {effort.seconds / 2:g} s"
    known = decided([entry for entry in assumptions if entry.name not in derived], problem)
    found = enclosed_answer(name, problem, assumptions, known, request, why=why, **more)
    is_open = found.body["separation"]["class"] == "undecided" and effort.seconds is None and found.body["stopped"] != "interrupted"
    return exact(request) if is_open and not anchored_rows(problem.conditional_logit()).out_of_reach else found


__all__ = ["answer_by_size", "too_long"]
