"""Where the exact route ends for linear NTP, and the answer of the enclosed one with the assumptions it decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ...language.answers import Request, decided
from ...language.statements import Assumption
from ...language.verdicts import Outcome
from ...limits.enclosed_answer import EnclosedAnswer, enclosed_answer
from ...logit.anchored import reach
from ...logit.assumptions import LOGIT_ASSUMPTIONS
from .problem import LinearNTP

# The exact route takes minutes above: numerators grow with the rank, its linear programme with rank times rows. With many more rows than
# dimensions little can be separated, and then the finite part is proved in balls, a product of rows, rank and rank.
LARGEST_RANK = 1_500
LARGEST_WORK = 30_000_000
TALL, LARGEST_PROOF = 6, 300_000_000


def too_long(problem: LinearNTP) -> str:
    """Why the exact route would take minutes, from counting alone; empty where it would not.

    >>> too_long(LinearNTP([[1], [2]], [[1, 0], [0, 1]]))
    ''
    """
    rank, rows = reach(problem.conditional_logit()), len(problem.supports) * (problem.vocabulary_size - 1)
    if rank > LARGEST_RANK:
        return f"exact numbers of rank up to {rank:,} have too many digits (the exact route goes to {LARGEST_RANK:,} by itself)"
    if rank * rows > LARGEST_WORK:
        return f"{rows:,} margins of rank up to {rank:,} would take the exact route minutes"
    if rows >= TALL * rank and rows * rank * rank > LARGEST_PROOF:
        return f"{rows:,} margins of rank up to {rank:,} crowd, and an exact proof of the finite part would take minutes"
    return ""


def enclosed(problem: LinearNTP, assumptions: Sequence[Assumption], request: Request, facts: tuple[tuple[str, str], ...], why: str) -> EnclosedAnswer:
    """The enclosed answer, and `why` it is not the exact one.

    What the data decide themselves is decided exactly; separability and compatibility follow from the enclosure where no two contexts
    are one: the former from the tied sets, the latter from independent ties or from an infimum above the entropy.
    """
    solved = {"ntp_separable", "ntp_compatible", *(entry.name for entry in LOGIT_ASSUMPTIONS)}
    known = decided([entry for entry in assumptions if entry.name not in solved], problem)
    found = enclosed_answer("linear-ntp", problem, assumptions, known, request, facts=facts, why=why)
    return replace(found, body={**found.body, "assumptions": {**found.body["assumptions"], **_separability(problem, found, known)}})


def is_open(problem: LinearNTP, found: EnclosedAnswer) -> bool:
    """Whether the exact route may still decide what the enclosed one could not: it is slow there, not out of reach."""
    undecided = found.body["separation"]["class"] == "undecided" and found.body["stopped"] != "interrupted"
    return undecided and reach(problem.conditional_logit()) <= LARGEST_RANK


def _separability(problem: LinearNTP, found: EnclosedAnswer, known: Mapping[str, Outcome]) -> dict[str, str]:
    word, groups = found.body["separation"]["class"], found.separated
    if word == "overlap":
        separable = known["some_partial_support"] is Outcome.FAILS
        return {"ntp_separable": (Outcome.HOLDS if separable else Outcome.FAILS).value}
    if groups is None or known["distinct_embeddings"] is not Outcome.HOLDS:
        return {}
    partial = sum(len(support) < problem.vocabulary_size for support in problem.supports)
    if any(group.tied for group in groups.groups) or sum(len(group.observations) for group in groups.groups) < partial:
        return {"ntp_separable": Outcome.FAILS.value}
    return {"ntp_separable": Outcome.HOLDS.value, "ntp_compatible": _compatible(problem, found.body).value}


def _compatible(problem: LinearNTP, body: Mapping[str, Any]) -> Outcome:
    # Where the supports are the tied sets: independent ties meet any log-odds, and what meets them brings the loss down to the entropy.
    if body["dimensions"] is not None and body["dimensions"]["tied"] == sum(len(support) - 1 for support in problem.supports):
        return Outcome.HOLDS
    return Outcome.FAILS if Fraction(body["infimum"]["lower"]) > problem.entropy.upper else Outcome.UNDECIDED


__all__ = ["enclosed", "is_open", "too_long"]
