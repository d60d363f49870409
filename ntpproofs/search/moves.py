"""What a search knows about instances: whether a strategy admits one, how large it is, and which ones are next to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import singledispatch
from typing import Any

from ..errors import NtpproofsError
from ..language.strategy_arguments import Domain
from ..logit.problem import ConditionalLogit, Row
from ..papers.attention_ntp.problem import AttentionNTP
from ..papers.linear_ntp.problem import LinearNTP

# The strategies of this package draw integers of at most 2, and short combinations of such vectors; steps stay within the first.
LARGEST_ENTRY, LARGEST_STEP = 12, 2


def admitted(problem: Any, domains: tuple[Domain, ...] | None) -> bool:
    """Whether some domain admits a problem; anything is admitted where the domains are unknown."""
    return domains is None or any(belongs(problem, domain) for domain in domains)


def belongs(problem: Any, domain: Domain) -> bool:
    """Whether a problem is within the bounds and filters of a domain. Probabilities and weights may be any positive rationals."""
    check = _BELONGS.get(domain.kind)
    return check is not None and check(problem, domain.arguments) and all(bool(keep(problem)) for keep in domain.filters)


def _small(vectors: Any) -> bool:
    return all(x.denominator == 1 and abs(x) <= LARGEST_ENTRY for vector in vectors for x in vector)


def _linear(problem: Any, arguments: Mapping[str, Any]) -> bool:
    if not isinstance(problem, LinearNTP) or not arguments["min_vocabulary"] <= problem.vocabulary_size <= arguments["max_vocabulary"]:
        return False
    if len(problem.supports) > arguments["max_contexts"] or problem.dimension > arguments["max_dimension"] or not _small(problem.embeddings):
        return False
    if arguments["independent"] and problem.embedding_rank < len(problem.supports):
        return False
    if arguments["partial"] and all(len(support) == problem.vocabulary_size for support in problem.supports):
        return False
    return _fits(problem, arguments["separable"], arguments["compatible"])


def _fits(problem: LinearNTP, separable: bool | None, compatible: bool | None) -> bool:
    if separable is not None:
        from ..papers.linear_ntp.assumptions import is_ntp_separable

        if is_ntp_separable(problem) is not separable:
            return False
    if compatible is not None:
        from ..logit.finite_part import log_odds

        return log_odds(problem).compatible is compatible
    return True


def _logit(problem: Any, arguments: Mapping[str, Any]) -> bool:
    if not isinstance(problem, ConditionalLogit) or problem.dimension > arguments["max_dimension"]:
        return False
    rows = problem.rows
    widest = max(len(row.features) for row in rows)
    return len(rows) <= arguments["max_rows"] and widest <= arguments["max_alternatives"] and all(_small(row.features) for row in rows)


def _attention(problem: Any, arguments: Mapping[str, Any]) -> bool:
    if not isinstance(problem, AttentionNTP) or problem.vocabulary_size > arguments["max_tokens"]:
        return False
    longest = max(map(len, problem.sequences))
    if len(problem.sequences) > arguments["max_sequences"] or longest > arguments["max_length"] or problem.dimension > arguments["max_dimension"]:
        return False
    if arguments["single_query"] and len(set(problem.queries)) > 1:
        return False
    if not arguments["repeats"] and any(len(set(sequence)) < len(sequence) for sequence in problem.sequences):
        return False
    independent = problem.embedding_rank == problem.vocabulary_size
    if arguments["independent"] is not None and independent is not arguments["independent"]:
        return False
    return problem.one_hot if arguments["embeddings"] == "one-hot" else _small(problem.embeddings)


_BELONGS: dict[str, Callable[[Any, Mapping[str, Any]], bool]] = {
    "linear-ntp": _linear,
    "conditional-logit": _logit,
    "attention-ntp": _attention,
}


@singledispatch
def measure(problem: Any) -> tuple[int, ...]:
    """The size by which counterexamples are ordered: tokens, contexts, dimension, then the numbers. Register your own types."""
    text = repr(problem)
    return len(text), *text.encode()[:40]


def _cost(values: Any) -> int:
    return sum(abs(x.numerator) + 2 * (x.denominator - 1) + (x < 0) for x in values)


@measure.register
def _(problem: LinearNTP) -> tuple[int, ...]:
    entries = [x for h in problem.embeddings for x in h]
    masses = sum(x.denominator for row in problem.probabilities for x in row) + sum(x.denominator for x in problem.weights)
    support = sum(map(len, problem.supports))
    return len(problem.supports) + problem.vocabulary_size + problem.dimension, len(problem.supports), support, _cost(entries), masses


@measure.register
def _(problem: ConditionalLogit) -> tuple[int, ...]:
    rows = problem.rows
    alternatives = sum(len(row.features) for row in rows)
    entries = [x for row in rows for feature in row.features for x in feature]
    extra = sum(_cost(row.multiplicities) + _cost([row.weight]) for row in rows)
    return len(rows) + alternatives + problem.dimension, len(rows), alternatives, _cost(entries), extra


@measure.register
def _(problem: AttentionNTP) -> tuple[int, ...]:
    lengths, entries = sum(map(len, problem.sequences)), [x for row in problem.embeddings for x in row]
    return problem.vocabulary_size, len(problem.sequences), lengths, problem.dimension, _cost(entries)


@singledispatch
def neighbours(problem: Any) -> Iterator[Any]:
    """Instances one step away, none larger in shape: an entry by one, another label, one token more or less in a support."""
    del problem
    yield from ()


def _replaced(values: Any, i: int, x: Any) -> list[Any]:
    return [x if k == i else value for k, value in enumerate(values)]


def _attempt(build: Callable[[], Any]) -> Iterator[Any]:
    try:
        found = build()
    except NtpproofsError:
        return
    yield found


def _steps(vectors: Any) -> Iterator[list[Any]]:
    # The matrix with one entry raised or lowered by one.
    for j, vector in enumerate(vectors):
        for k, x in enumerate(vector):
            for y in (x - 1, x + 1):
                if abs(y) <= LARGEST_STEP:
                    yield _replaced(vectors, j, _replaced(vector, k, y))


@neighbours.register
def _(problem: LinearNTP) -> Iterator[LinearNTP]:
    rows = problem.probabilities
    for embeddings in _steps(problem.embeddings):
        yield LinearNTP(embeddings, rows, problem.weights)
    for j, row in enumerate(rows):
        least = min(x for x in row if x)
        for v, x in enumerate(row):
            for mass in {Fraction(0), x + least, x - least} - {x}:
                masses = _replaced(row, v, mass)
                if mass >= 0 and any(masses):
                    yield LinearNTP(problem.embeddings, _replaced(rows, j, [y / sum(masses) for y in masses]), problem.weights)


@neighbours.register
def _(problem: ConditionalLogit) -> Iterator[ConditionalLogit]:
    rows = problem.rows
    for i, row in enumerate(rows):
        for features in _steps(row.features):
            yield ConditionalLogit(_replaced(rows, i, Row(row.weight, row.chosen, tuple(map(tuple, features)), row.multiplicities)))
        for chosen in range(len(row.features)):
            if chosen != row.chosen:
                yield ConditionalLogit(_replaced(rows, i, Row(row.weight, chosen, row.features, row.multiplicities)))


@neighbours.register
def _(problem: AttentionNTP) -> Iterator[AttentionNTP]:
    bank, sequences, labels = problem.embeddings, problem.sequences, problem.labels
    for embeddings in _steps(bank):
        yield from _attempt(lambda embeddings=embeddings: AttentionNTP(embeddings, sequences, labels))  # type: ignore[misc]
    for i, sequence in enumerate(sequences):
        for y in sorted(set(sequence) - {labels[i]}):
            yield from _attempt(lambda y=y, i=i: AttentionNTP(bank, sequences, _replaced(labels, i, y)))  # type: ignore[misc]
        for k in range(len(sequence)):
            for t in range(len(bank)):
                changed = _replaced(sequence, k, t)
                if t != sequence[k] and labels[i] in changed:
                    yield from _attempt(lambda c=changed, i=i: AttentionNTP(bank, _replaced(sequences, i, c), labels))  # type: ignore[misc]
