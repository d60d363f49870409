"""An instance: a path-star distribution, a way to train on it, and the convex learner M(K) that is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ...errors import InvalidInput, TooLarge
from ...kernel.reading import brief, field, only
from ...language.views import Facts, Sentence, View, view_html, view_latex
from ...logit.parameters import sized
from ...logit.problem import ConditionalLogit
from .distribution import check_size, node_count
from .learners import TypeCounts, logit_of, reversed_types, step_types, teacherless_types

TRAININGS = ("standard", "reversed", "teacherless")
FIELDS = ("kind", "arms", "length", "labels", "candidates", "training", "lookback")
# Entries of the features of a conditional logit that are written out; the closed forms need none of them.
LARGEST_FEATURES = 1_000_000
LARGEST_FIELD = 10**9


@dataclass(frozen=True)
class Weights:
    """The weights of M(K): `edge` is alpha (w_B for reversed targets), `lookups` the lookback weights beta_0..beta_K (w_F), one row, or
    without teacher one row for each slot r_2..r_l."""

    edge: Any
    lookups: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class PathStar:
    """Arms d, nodes of an arm l (start included), label space N, softmax candidates C, training, and lookback K of M(K).

    `labels` and `candidates` default to the number of nodes n = 1 + d (l - 1), `lookback` to -1 (no lookup from the goal). The
    forward and teacherless targets never are the start, so C may be n - 1 there. Reversed targets need no lookback; theirs is
    read and has no effect. Raises `InvalidInput` naming the field, what is wrong with it, and what to give.

    >>> PathStar(2, 5, labels=50, lookback=1).nodes
    9
    """

    arms: int
    length: int
    labels: int = 0
    candidates: int = 0
    training: str = "standard"
    lookback: int = -1

    def __post_init__(self) -> None:
        for name in ("arms", "length", "labels", "candidates"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                raise InvalidInput(name, f"is {brief(value)} ({type(value).__name__})", "give an integer")
            if value > LARGEST_FIELD:
                raise InvalidInput(name, f"is {brief(value)}, beyond {LARGEST_FIELD}", "give a smaller number")
        if self.labels == 0:
            check_size(self.arms, self.length, node_count(self.arms, self.length) if _sized(self) else 1)
            object.__setattr__(self, "labels", self.nodes)
        check_size(self.arms, self.length, self.labels)
        if not isinstance(self.training, str) or self.training not in TRAININGS:
            raise InvalidInput("training", f"is {brief(self.training)}", f"give one of {', '.join(TRAININGS)}")
        if self.candidates == 0:
            object.__setattr__(self, "candidates", self.nodes)
        self._check_candidates()
        deepest = self.length - 2
        if isinstance(self.lookback, bool) or not isinstance(self.lookback, int) or not -1 <= self.lookback <= deepest:
            reason = f"is {brief(self.lookback)}, not in -1..{deepest}: an arm of length {self.length} has {deepest} lookups before the decision"
            raise InvalidInput("lookback", reason, f"give K with -1 <= K <= {deepest} (K + 1 lookups from the goal)")

    def _check_candidates(self) -> None:
        least = self.nodes - (self.training != "reversed")
        if self.candidates < least:
            whom = "all nodes (the start is a reversed target)" if self.training == "reversed" else "all nodes but the start"
            raise InvalidInput("candidates", f"is {brief(self.candidates)}, but the softmax ranges over {whom}", f"give at least {least}")

    @property
    def nodes(self) -> int:
        """n = 1 + d (l - 1)."""
        return node_count(self.arms, self.length)

    @property
    def lookups(self) -> int:
        """m = l - 2, the lookups from the goal that are composed before the decision."""
        return self.length - 2

    @property
    def one_step(self) -> Fraction:
        """1/(l - 1): losses of the learners are means over the steps, floors are per sequence."""
        return Fraction(1, self.length - 1)

    @property
    def full_lookback(self) -> bool:
        """K = l - 2: the decisive feature is in the class."""
        return self.lookback == self.lookups

    @property
    def size(self) -> tuple[int, int, int, int]:
        """(d, l, K, C), the arguments of the closed forms."""
        return self.arms, self.length, self.lookback, self.candidates

    @property
    def types(self) -> tuple[TypeCounts, ...]:
        """The steps of the population loss: true features and {features: number of competitors}.

        Raises `TooLarge` where they have more than `LARGEST_FEATURES` entries.
        """
        width = (self.length - 1) * (self.lookback + 1) if self.training == "teacherless" else self.lookback + 2
        entries = (self.length - 1) * (self.lookback + 4) * (width + 1)
        if entries > LARGEST_FEATURES:
            raise TooLarge(repr(self), f"has {entries:.3g} feature entries when written out", "use the closed forms, or a smaller length or lookback")
        if self.training == "reversed":
            return reversed_types(self.length, self.candidates)
        build = step_types if self.training == "standard" else teacherless_types
        return build(*self.size)

    def conditional_logit(self) -> ConditionalLogit:
        """The population loss (mean over the l - 1 steps without the copy of s) as a conditional logit: the reduction."""
        return logit_of(self.types)

    def lift(self, w: Any) -> Weights:
        """A flat vector of the reduction as the learner's weights; exact entries stay exact.

        >>> PathStar(2, 4, lookback=1).lift((Fraction(1), Fraction(2), Fraction(3))).lookups
        ((Fraction(2, 1), Fraction(3, 1)),)
        """
        rows = self.length - 1 if self.training == "teacherless" else 1
        width = 1 if self.training == "reversed" else self.lookback + 1
        entries = tuple(sized(w, (1, 1 + rows * width)))
        return Weights(entries[0], tuple(entries[1 + i * width : 1 + (i + 1) * width] for i in range(rows)))

    def lower(self, weights: Weights) -> np.ndarray:
        """The way back: the learner's weights as the flat float vector of the reduction. Raises `InvalidInput` for anything but weights."""
        if not isinstance(weights, Weights):
            raise InvalidInput("weights", f"are {type(weights).__name__}", "give what lift returns")
        return np.array([weights.edge, *(x for row in weights.lookups for x in row)], dtype=float)

    def instance(self) -> dict[str, Any]:
        """The instance record; `problem_of` reads it back."""
        values = (self.arms, self.length, self.labels, self.candidates, self.training, self.lookback)
        return {"kind": "path-star", **dict(zip(FIELDS[1:], values))}

    @property
    def facts(self) -> Facts:
        """Graph, training, learner and softmax in words."""
        learner = (
            "one lookup per step"
            if self.training == "reversed"
            else f"M({self.lookback}): {self.lookback + 1} lookup{'s' * (self.lookback != 0)} from the goal"
        )
        entries = (
            ("graph", f"G({self.arms}, {self.length}): {self.nodes} nodes, {self.nodes - 1} edges, {self.labels} labels"),
            ("training", self.training),
            ("learner", learner),
            ("softmax", f"{self.candidates} candidates"),
        )
        return Facts(entries)

    def view(self) -> View:
        """The instance for people."""
        numbers = rf"d={self.arms},\ l={self.length},\ N={self.labels},\ C={self.candidates},\ K={self.lookback},\ \text{{{self.training}}}"
        counts = ("arm", self.arms), ("node of an arm", self.length), ("lookup", self.lookback + 1)
        return View("path-star", (self.facts, Sentence(repr(self), numbers, faint=True)), counts)

    def _repr_html_(self) -> str:
        return view_html(self.view())

    def _repr_latex_(self) -> str | None:
        return view_latex(self.view())


def _sized(problem: PathStar) -> bool:
    return all(isinstance(x, int) and not isinstance(x, bool) for x in (problem.arms, problem.length))


def problem_of(record: Any) -> PathStar:
    """The problem of an instance record; law: `problem_of(problem.instance()) == problem`.

    Raises `InvalidInput` for a missing, unknown or malformed field.

    >>> problem_of({"kind": "path-star", "arms": 2, "length": 5, "labels": 50, "training": "reversed"}).candidates
    9
    """
    kind = field(record, "kind", "instance")
    if kind != "path-star":
        raise InvalidInput("kind", f"is {brief(kind)}", 'write "kind": "path-star"')
    only(record, FIELDS, "instance")
    values: Mapping[str, Any] = {name: record[name] for name in FIELDS[1:] if name in record}
    for name in ("arms", "length"):
        field(record, name, "instance")
    for name, value in values.items():
        wanted = str if name == "training" else int
        if isinstance(value, bool) or not isinstance(value, wanted):
            remedy = f"give one of {', '.join(TRAININGS)}" if name == "training" else "give an integer (no float, no string)"
            raise InvalidInput(name, f"is {brief(value)}", remedy)
    for name in ("labels", "candidates"):
        if values.get(name) == 0:
            raise InvalidInput(name, "is 0", "give a positive integer, or leave it out for the number of nodes")
    return PathStar(**values)
