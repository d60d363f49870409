"""Assumptions on path-star problems, each decided by counting."""

from __future__ import annotations

from ...language.statements import assumption
from .problem import PathStar


@assumption(r"d \ge 2", method="counting arms")
def several_arms(problem: PathStar) -> bool:
    """There is a decision to take: two arms or more."""
    return problem.arms >= 2


@assumption(r"K \le l - 3", method="comparing the lookback with the length")
def truncated_lookback(problem: PathStar) -> bool:
    """The decisive lookup is not a feature."""
    return problem.lookback <= problem.length - 3


@assumption(r"K = l - 2", method="comparing the lookback with the length")
def full_lookback(problem: PathStar) -> bool:
    """Every lookup from the goal is a feature, the decisive one included."""
    return problem.full_lookback


@assumption(r"K \ge 0", method="comparing the lookback with zero")
def some_lookback(problem: PathStar) -> bool:
    """At least one lookup from the goal is a feature."""
    return problem.lookback >= 0


@assumption(r"l \ge 3", method="counting nodes of an arm")
def some_lookup_needed(problem: PathStar) -> bool:
    """The decision needs at least one lookup: it is no copy of the goal."""
    return problem.length >= 3


@assumption(r"l \ge 4", method="counting nodes of an arm")
def two_lookups_needed(problem: PathStar) -> bool:
    """The decision needs at least two lookups."""
    return problem.length >= 4


@assumption(r"C \ge n", method="comparing candidates with nodes")
def start_is_candidate(problem: PathStar) -> bool:
    """The softmax contains every node, the start too."""
    return problem.candidates >= problem.nodes


@assumption(r"\text{standard}", method="reading the training")
def teacher_forced(problem: PathStar) -> bool:
    """True prefixes are the inputs, targets run from the start to the goal."""
    return problem.training == "standard"


@assumption(r"\text{reversed}", method="reading the training")
def reversed_targets(problem: PathStar) -> bool:
    """Targets run from the goal to the start."""
    return problem.training == "reversed"


@assumption(r"\text{teacherless}", method="reading the training")
def without_teacher(problem: PathStar) -> bool:
    """Target inputs are dummy tokens."""
    return problem.training == "teacherless"


NAMES = (
    "several_arms",
    "truncated_lookback",
    "full_lookback",
    "some_lookback",
    "some_lookup_needed",
    "two_lookups_needed",
    "start_is_candidate",
    "teacher_forced",
    "reversed_targets",
    "without_teacher",
)
