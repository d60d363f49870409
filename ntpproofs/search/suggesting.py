"""Suggested assumptions: which conditions of the library exclude every counterexample found, weakest first.

A condition on the data (supports, ranks, graphs) is preferred to one that is decided from the solution (separation, multipliers):
the latter often restates the claim. Among incomparable ones the richer remains first: more separation classes, then more instances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ..checking.kinds import kinds, known_kind
from ..checking.processes import Job, Result, evaluating
from ..errors import NtpproofsError
from ..language.kinds import Problem
from ..language.statements import Assumption
from ..language.verdicts import Outcome
from ..logit.protocols import reduces
from .transport import decode
from .workbench import Workbench

NOTHING = "-"


def derived_assumptions() -> frozenset[str]:
    """The assumptions of all kinds that are decided from the solution."""
    return frozenset(name for kind in kinds().values() for name in kind.derived)


@dataclass(frozen=True)
class Suggestion:
    """Assumptions that together exclude every counterexample found; `kept` of `survivors` remain."""

    names: tuple[str, ...]
    kept: int
    survivors: int
    derived: bool


def assess(bench: Workbench, job: Job) -> Result:
    """Decide the library's assumptions on the instances of a job: {name: one letter (h, f, u) per instance}, and separation classes."""
    assumed = {entry.name for entry in bench.statement(job).assumptions}
    problems = [decode(encoded) for encoded in job.arguments["instances"]]
    kind = known_kind(job.arguments["kind"])
    offered = [entry for entry in (kind.assumptions if kind is not None else ()) if entry.name not in assumed]
    table = {entry.name: "".join(_letter(bench, job, entry, i, problem) for i, problem in enumerate(problems)) for entry in offered}
    return {"table": table, "classes": [_class(bench, job, i, problem) for i, problem in enumerate(problems)]}


def _letter(bench: Workbench, job: Job, entry: Assumption, i: int, problem: Problem) -> str:
    mark = evaluating(str(i), f"assumption {entry.name}")
    if mark in job.avoid:
        return "u"
    bench.mark(mark)
    try:
        return {Outcome.HOLDS: "h", Outcome.FAILS: "f"}.get(entry(problem).outcome, "u")
    except NtpproofsError:  # an assumption that refuses an instance decides nothing about it
        return "u"


def _class(bench: Workbench, job: Job, i: int, problem: Problem) -> str:
    from ..logit.recession import separation

    mark = evaluating(str(i), "separation class")
    if mark in job.avoid or not reduces(problem):
        return NOTHING
    bench.mark(mark)
    try:
        return separation(problem).kind
    except NtpproofsError:  # beyond the size of the exact route
        return NOTHING


def suggestions(table: Mapping[str, str], classes: Sequence[str], refuting: int) -> tuple[Suggestion, ...]:
    """The weakest conditions that fail on the first `refuting` instances and hold on some of the others, best first.

    Weaker means: holds wherever the other one holds, on all instances of the table. Pairs are tried where no single one does.
    """
    singles: dict[tuple[str, ...], str] = {(name,): word for name, word in table.items()}
    found = _excluding(singles, refuting)
    if not found:
        pairs = combinations(sorted(table), 2)
        found = _excluding({pair: _both(table[pair[0]], table[pair[1]]) for pair in pairs}, refuting)
    from_solution = derived_assumptions()
    derived = {names: bool(from_solution & set(names)) for names in found}
    weakest = {
        names: word
        for names, word in found.items()
        if not any(_weaker(other, word) for them, other in found.items() if derived[them] <= derived[names])
    }

    def rank(names: tuple[str, ...]) -> tuple[Any, ...]:
        kept = [kind for letter, kind in zip(weakest[names][refuting:], classes[refuting:]) if letter == "h"]
        return derived[names], -len(set(kept)), -len(kept), names

    total = len(classes) - refuting
    return tuple(Suggestion(names, weakest[names][refuting:].count("h"), total, derived[names]) for names in sorted(weakest, key=rank))


def _excluding(words: Mapping[tuple[str, ...], str], refuting: int) -> dict[tuple[str, ...], str]:
    return {names: word for names, word in words.items() if set(word[:refuting]) == {"f"} and "h" in word[refuting:]}


def _both(first: str, second: str) -> str:
    return "".join("f" if "f" in pair else "u" if "u" in pair else "h" for pair in zip(first, second))


def _weaker(other: str, word: str) -> bool:
    # Strictly: holds wherever `word` does, and somewhere else too.
    return other != word and all(x == "h" for x, y in zip(other, word) if y == "h")
