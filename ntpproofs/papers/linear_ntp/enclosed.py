"""Where the exact route ends for linear NTP, and the answer of the enclosed one with the assumptions it decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...language.answers import Request, decided
from ...language.statements import Assumption
from ...language.verdicts import Outcome
from ...limits.enclosed_answer import EnclosedAnswer, enclosed_answer
from ...logit.anchored import reach
from ...logit.assumptions import LOGIT_ASSUMPTIONS
from .problem import LinearNTP

# The exact route takes minutes above: numerators grow with the rank, its linear programme with rank times rows.
LARGEST_RANK = 1_500
LARGEST_WORK = 30_000_000


def is_large(problem: LinearNTP) -> bool:
    """Whether the exact route would take minutes, from counting alone."""
    rank = reach(problem.conditional_logit())
    return rank > LARGEST_RANK or rank * len(problem.supports) * problem.vocabulary_size > LARGEST_WORK


def enclosed(problem: LinearNTP, assumptions: Sequence[Assumption], request: Request, facts: tuple[tuple[str, str], ...]) -> EnclosedAnswer:
    """The enclosed answer. What the data decide themselves is decided exactly; separability and compatibility follow from the enclosure
    where no two contexts are one."""
    solved = {"ntp_separable", "ntp_compatible", *(entry.name for entry in LOGIT_ASSUMPTIONS)}
    known = decided([entry for entry in assumptions if entry.name not in solved], problem)
    found = enclosed_answer("linear-ntp", problem, assumptions, known, request, facts=facts)
    return replace(found, body={**found.body, "assumptions": {**found.body["assumptions"], **_separability(found.body, known)}})


def _separability(body: Mapping[str, Any], known: Mapping[str, Outcome]) -> dict[str, str]:
    word = body["separation"]["class"]
    if word == "overlap":
        separable = known["some_partial_support"] is Outcome.FAILS
        return {"ntp_separable": (Outcome.HOLDS if separable else Outcome.FAILS).value}
    if word == "undecided" or known["distinct_embeddings"] is not Outcome.HOLDS:
        return {}
    # Independent ties: some decoder has any differences of logits on the supports, the log-odds among them.
    return {"ntp_separable": Outcome.HOLDS.value, "ntp_compatible": Outcome.HOLDS.value}


__all__ = ["enclosed", "is_large"]
