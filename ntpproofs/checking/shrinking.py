"""Reduction of counterexamples in domain terms: delete contexts, rows, tokens, coordinates, then lower entries.

Hypothesis finds, this minimises: it knows that a dataset without one of its contexts is again a dataset. The result is
locally minimal, meaning that every single simplification listed by `simplifications` was tried and lost the property.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import singledispatch
from typing import Any

from ..errors import InvalidInput, NtpproofsError
from ..logit.problem import ConditionalLogit, Row
from ..papers.attention_ntp.problem import AttentionNTP
from ..papers.linear_ntp.problem import LinearNTP


@dataclass(frozen=True)
class Reduction:
    """The reduced problem, how many candidates were tried, and whether all of the last round failed (local minimality)."""

    problem: Any
    tried: int
    locally_minimal: bool


def reduce_problem(problem: Any, still: Callable[[Any], bool], budget: int = 400) -> Reduction:
    """Simplify a problem as long as `still(problem)` stays true, trying at most `budget` candidates.

    Law: the result satisfies `still` whenever the input does.
    """
    tried, improved = 0, True
    while improved:
        improved = False
        for candidate in simplifications(problem):
            if tried >= budget:
                return Reduction(problem, tried, False)
            tried += 1
            if still(candidate):
                problem, improved = candidate, True
                break
    return Reduction(problem, tried, True)


@singledispatch
def simplifications(problem: Any) -> Iterator[Any]:
    """Simpler problems in fixed order of preference: deletions first, then smaller entries. None for unknown kinds."""
    del problem
    yield from ()


def smaller(x: Fraction) -> tuple[Fraction, ...]:
    """Simpler values to try for an entry, simplest first.

    >>> smaller(Fraction(3))
    (Fraction(0, 1), Fraction(1, 1), Fraction(2, 1))
    """
    sign = 1 if x > 0 else -1
    ladder = [Fraction(0), Fraction(1), Fraction(sign), Fraction(int(x)), x - sign]
    size = _complexity(x)
    return tuple(y for i, y in enumerate(ladder) if _complexity(y) < size and y not in ladder[:i])


def _complexity(x: Fraction) -> tuple[int, int, int]:
    return abs(x.numerator) + x.denominator, x.denominator, int(x < 0)


def _attempt(build: Callable[..., Any], *arguments: Any) -> Iterator[Any]:
    # The simplified problem, unless the simplification left something invalid.
    try:
        candidate = build(*arguments)
    except NtpproofsError:
        return
    yield candidate


@simplifications.register
def _(problem: LinearNTP) -> Iterator[LinearNTP]:
    rows, weights, embeddings = problem.probabilities, problem.weights, problem.embeddings
    contexts, tokens, width = range(len(rows)), range(problem.vocabulary_size), problem.dimension

    def build(h: Any, p: Any, pi: Any) -> LinearNTP:
        total, sums = sum(pi), [sum(row) for row in p]
        if not all(sums):
            raise InvalidInput("probabilities", "has an empty support", "keep one token of every context")
        rows_ = [[x / s for x in row] for row, s in zip(p, sums)]
        return LinearNTP(h, rows_, [x / total for x in pi])

    def without(values: Any, j: int) -> list[Any]:
        return [x for i, x in enumerate(values) if i != j]

    for j in contexts:
        if len(rows) > 1:
            yield from _attempt(build, without(embeddings, j), without(rows, j), without(weights, j))
    for v in tokens:
        if len(tokens) > 1:
            yield from _attempt(build, embeddings, [without(row, v) for row in rows], weights)
    for k in range(width):
        if width > 1:
            yield from _attempt(build, [without(h, k) for h in embeddings], rows, weights)
    if len(set(weights)) > 1:
        yield build(embeddings, rows, [Fraction(1)] * len(rows))
    for j in contexts:
        support = sorted(problem.supports[j])
        for v in support if len(support) > 1 else []:
            yield from _attempt(build, embeddings, _replace(rows, j, _replace(rows[j], v, Fraction(0))), weights)
        flat = [Fraction(1) if x else Fraction(0) for x in rows[j]]
        if len({x for x in rows[j] if x}) > 1:
            yield build(embeddings, _replace(rows, j, flat), weights)
            counts = [x / min(y for y in rows[j] if y) for x in rows[j]]
            for v in support:
                for x in smaller(counts[v]) if counts[v] != 1 else ():
                    if x > 0:
                        yield build(embeddings, _replace(rows, j, _replace(counts, v, x)), weights)
    for j in contexts:
        for k in range(width):
            for x in smaller(embeddings[j][k]):
                yield build(_replace(embeddings, j, _replace(embeddings[j], k, x)), rows, weights)


def _replace(values: Any, i: int, x: Any) -> list[Any]:
    return [x if k == i else value for k, value in enumerate(values)]


@simplifications.register
def _(problem: ConditionalLogit) -> Iterator[ConditionalLogit]:
    rows = problem.rows
    width = problem.dimension

    def swap(i: int, **changes: Any) -> ConditionalLogit:
        names = ("weight", "chosen", "features", "multiplicities")
        values = {name: changes.get(name, getattr(rows[i], name)) for name in names}
        return ConditionalLogit(_replace(rows, i, Row(**values)))

    for i in range(len(rows) if len(rows) > 1 else 0):
        yield ConditionalLogit([row for k, row in enumerate(rows) if k != i])
    for i, row in enumerate(rows):
        for v in range(len(row.features)):
            if v != row.chosen:
                keep = [u for u in range(len(row.features)) if u != v]
                features, counts = tuple(row.features[u] for u in keep), tuple(row.multiplicities[u] for u in keep)
                yield swap(i, chosen=keep.index(row.chosen), features=features, multiplicities=counts)
    for k in range(width if width > 1 else 0):
        cut = [tuple(tuple(x for c, x in enumerate(f) if c != k) for f in row.features) for row in rows]
        yield ConditionalLogit([Row(row.weight, row.chosen, f, row.multiplicities) for row, f in zip(rows, cut)])
    for i, row in enumerate(rows):
        if row.weight != 1:
            yield swap(i, weight=Fraction(1))
        for v, n in enumerate(row.multiplicities):
            if n != 1:
                yield swap(i, multiplicities=tuple(_replace(row.multiplicities, v, Fraction(1))))
        for v, feature in enumerate(row.features):
            for k, x in enumerate(feature):
                for y in smaller(x):
                    yield swap(i, features=tuple(_replace(row.features, v, tuple(_replace(feature, k, y)))))


@simplifications.register
def _(problem: AttentionNTP) -> Iterator[AttentionNTP]:
    bank, sequences, labels = problem.embeddings, problem.sequences, problem.labels

    def without_token(t: int) -> AttentionNTP:
        # Where it is the label or the query the whole sequence goes; elsewhere the token does.
        kept = [(s, y) for s, y in zip(sequences, labels) if t not in (y, s[-1])]
        cut = [[v - (v > t) for v in s if v != t] for s, _ in kept]
        return AttentionNTP([row for v, row in enumerate(bank) if v != t], cut, [y - (y > t) for _, y in kept])

    for t in range(len(bank) if len(bank) > 1 else 0):
        yield from _attempt(without_token, t)
    for i in range(len(sequences) if len(sequences) > 1 else 0):
        yield AttentionNTP(bank, [s for k, s in enumerate(sequences) if k != i], [y for k, y in enumerate(labels) if k != i])
    for k in range(problem.dimension if problem.dimension > 1 else 0):
        yield AttentionNTP([[x for c, x in enumerate(row) if c != k] for row in bank], sequences, labels)
    for i, sequence in enumerate(sequences):
        for k in range(len(sequence) if len(sequence) > 1 else 0):
            shorter = [v for c, v in enumerate(sequence) if c != k]
            if labels[i] in shorter:
                yield AttentionNTP(bank, _replace(sequences, i, shorter), labels)
    for v, row in enumerate(bank):
        for k, x in enumerate(row):
            for y in smaller(x):
                yield AttentionNTP(_replace(bank, v, _replace(row, k, y)), sequences, labels)
