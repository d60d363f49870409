"""The answer for one-hot contexts: they decouple, so limit, rates and margins are read off a closed form that has no largest size.

For context j with support S, s = |S|, the direction is u_j = 1_S - (s/V) 1. Its margins are all 1 with multipliers lambda = s/V, and
z_v = 1_S / s - e_v (v off S) have the Gram matrix 11'/s + I, so sum lambda z z' has the eigenvalues 1 and, for two or more tokens
off the support, s/V: the exponent of the sharp laws is the smallest s/V among such contexts, else 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from ...exact.rational import Vector, written
from ...kernel import verify
from ...language.answer_records import LimitRecord
from ...language.answers import Request, decided
from ...language.statements import Assumption
from ...limits.answer import document
from ...limits.coordinates import one_hot_coordinates
from ...limits.exact_answer import LARGEST_MATRIX, WITHIN, Decisive, LimitAnswer, infimum_record, upward
from ...limits.separated import separations
from .closed_forms import one_hot_limit
from .problem import LinearNTP
from .proposals import OneHotLimit


@dataclass(frozen=True, eq=False)
class OneHotTargets:
    """The `Targets` of a simulation, context by context."""

    problem: LinearNTP
    limit: OneHotLimit
    strictly_complementary: bool = True
    drifts: tuple[Vector, ...] = ()

    @cached_property
    def exact(self) -> Vector:
        """u."""
        return tuple(chain.from_iterable(self.limit.max_margin_rows()))

    @property
    def squared_norm(self) -> Fraction:
        """|u|^2."""
        return self.limit.squared_norm

    @cached_property
    def finite_part(self) -> np.ndarray:
        """W*, flat."""
        return np.array(self.limit.finite_part_rows()).ravel()

    @property
    def exponent(self) -> float:
        """The smallest s/V of a context with at least two tokens off its support; 1 where there is none."""
        height = self.problem.vocabulary_size
        return min((len(s) / height for s in self.problem.supports if len(s) <= height - 2), default=1.0)

    def margins(self, diverging: np.ndarray) -> np.ndarray:
        """The mean score on the support minus that of every other token, context by context."""
        scores = diverging.reshape(len(diverging), *self.problem.data.shape)
        found = []
        for j, support in enumerate(self.problem.supports):
            inside = np.isin(np.arange(scores.shape[1]), sorted(support))
            found.append(scores[:, inside, j].mean(axis=1, keepdims=True) - scores[:, ~inside, j])
        return np.concatenate(found, axis=1)


def one_hot_answer(problem: LinearNTP, assumptions: tuple[Assumption, ...], request: Request, **more: Any) -> LimitAnswer:
    """The answer by the closed form, certified by the kernel before anybody sees it."""
    found = one_hot_limit(problem)
    records = found.certificates
    verify(document(problem, records))  # the closed form is a proposal until the kernel has seen it
    height, width = problem.data.shape
    small = height * width <= LARGEST_MATRIX
    partial = any(len(support) < height for support in problem.supports)
    single = all(len(support) == 1 for support in problem.supports)
    body: LimitRecord = {
        "kind": "linear-ntp",
        "route": {"name": "closed form", "why": WITHIN},
        "separation": {"class": "overlap" if not partial else "complete" if single else "quasi-complete"},
        "dimensions": found.dimensions,
        "assumptions": _assumptions(problem, assumptions, partial, single),
        "finite_part": {
            "matrix": found.finite_part_rows() if small else None,
            "radius": upward(found.finite_part_radius) if small else None,
        },
        "max_margin": {
            "matrix": [[written(x) for x in row] for row in found.max_margin_rows()] if small else None,
            "squared_norm": written(found.squared_norm),
            "strictly_complementary": True,
        },
        "infimum": infimum_record(problem.entropy, not partial),
    }
    return LimitAnswer(
        logit=problem.conditional_logit,
        body=body,
        targets=OneHotTargets(problem, found),
        records=lambda: records,
        finite_part_norm=found.finite_part_norm,
        decisive=tuple(Decisive(entry["context"], entry["share"], entry["margin"]) for entry in found.decisive_contexts()),
        request=request,
        coordinates=one_hot_coordinates(problem.supports, height, _Columns(found), request),
        separated=separations(problem.data, problem.supports, "context", lambda b, v: v),
        **more,
    )


@dataclass(frozen=True, eq=False)
class _Columns:
    # The finite part of one context with its radius: where every token is in the support it is the limit itself.
    found: OneHotLimit

    @cached_property
    def rows(self) -> list[list[float]]:
        return self.found.finite_part_rows()

    def __call__(self, context: int) -> Iterator[tuple[int, Fraction, Fraction]]:
        yield from ((v, Fraction(row[context]), self.found.finite_part_radius) for v, row in enumerate(self.rows))


def _assumptions(problem: LinearNTP, assumptions: tuple[Assumption, ...], partial: bool, single: bool) -> dict[str, str]:
    # What the closed form knows is not decided again by the exact route, which would not reach.
    known = {
        "completely_separable": single and problem.vocabulary_size > 1,
        "nothing_separable": not partial,
        "something_separable": partial,
        "strictly_complementary": True,
        "unique_multipliers": True,
    }
    others = decided((entry for entry in assumptions if entry.name not in known), problem)
    words = {name: outcome.value for name, outcome in others.items()} | {name: "holds" if holds else "fails" for name, holds in known.items()}
    return {entry.name: words[entry.name] for entry in assumptions}
