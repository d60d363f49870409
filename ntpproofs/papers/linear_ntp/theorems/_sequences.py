"""Small sets of equal-length sequences: their contexts of every length, pooled datasets, and conditional entropies, exact.

A set is a tuple of tuples of tokens 0..V-1; repetitions count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from ....exact.balls import Interval, interval
from ....exact.logarithms import LogVector, coprime_base, exponents
from ....language.relations import AtMost, Less
from ..problem import LinearNTP

Sequences = tuple[tuple[int, ...], ...]
Counts = dict[Any, Counter[int]]


def words(*texts: str) -> Sequences:
    """Sequences from words over 1, 2, 3, ...

    >>> words("112")
    ((0, 0, 1),)
    """
    return tuple(tuple(int(c) - 1 for c in text) for text in texts)


@st.composite
def _sets(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Sequences:
    length, vocabulary = draw(st.integers(2, 4)), draw(st.integers(2, 3))
    sequence = st.tuples(*[st.integers(0, vocabulary - 1)] * length)
    return tuple(sorted(draw(st.lists(sequence, min_size=1, max_size=5))))


sequence_sets: st.SearchStrategy[Sequences] = _sets()
golden_sets = (words("111", "121", "211"), words("111", "112"), words("12"), words("1212", "1221", "2112"), words("11", "12", "12"))


def length(sequences: Sequences) -> int:
    """T, the common length."""
    return len(sequences[0])


def context_counts(sequences: Sequences, t: int) -> Counts:
    """{prefix of length t: how often each token follows it}."""
    counts: Counts = {}
    for s in sequences:
        counts.setdefault(s[:t], Counter())[s[t]] += 1
    return counts


def suffix_counts(sequences: Sequences, t: int) -> Counts:
    """{the t tokens before the last: how often each token is last}."""
    counts: Counts = {}
    for s in sequences:
        counts.setdefault(s[len(s) - 1 - t : len(s) - 1], Counter())[s[-1]] += 1
    return counts


def conditional_entropy(counts: Counts) -> LogVector:
    """H(token | context) of an empirical law, exact: sum (n_az / n) (log n_a - log n_az)."""
    n = sum(sum(row.values()) for row in counts.values())
    terms: Counter[int] = Counter()
    for row in counts.values():
        for k in row.values():
            terms[sum(row.values())] += k
            terms[k] -= k
    base = coprime_base(terms)
    parts = [Fraction(0)] * len(base)
    for g, c in terms.items():
        for k, e in exponents(Fraction(g), base).items():
            parts[k] += Fraction(e * c, n)
    return LogVector(base, tuple((x,) for x in parts), 1)


def difference(x: LogVector, y: LogVector) -> Interval | Fraction:
    """x - y: exactly zero, or enclosed away from zero."""
    gap = x.minus(y)
    return Fraction(0) if gap.is_zero() else interval(gap.balls()[0])


def at_most(x: LogVector, y: LogVector, strict: bool = False) -> AtMost | Less:
    """x <= y (or x < y): equality is decided exactly, the sign of a difference in balls."""
    return Less(Fraction(0), difference(y, x)) if strict else AtMost(Fraction(0), difference(y, x))


def embedding(context: tuple[int, ...], vocabulary: int) -> list[int]:
    """Token counts of a context and its length: contexts of every length live in one space, different ones may coincide."""
    return [context.count(v) for v in range(vocabulary)] + [len(context)]


def dataset(contexts: list[tuple[tuple[int, ...], Counter[int]]], vocabulary: int, one_hot: bool = False) -> LinearNTP:
    """The linear NTP dataset of counted contexts: weights and probabilities by frequency."""
    total = sum(sum(row.values()) for _, row in contexts)
    rows = [{z: Fraction(k, sum(row.values())) for z, k in row.items()} for _, row in contexts]
    weights = [Fraction(sum(row.values()), total) for _, row in contexts]
    embeddings: Any = "one-hot" if one_hot else [embedding(c, vocabulary) for c, _ in contexts]
    return LinearNTP(embeddings, rows, weights, vocabulary_size=vocabulary)


def pooled_contexts(sequences: Sequences) -> list[tuple[tuple[int, ...], Counter[int]]]:
    """All contexts of lengths 1..T-1 with their next tokens."""
    return [pair for t in range(1, length(sequences)) for pair in sorted(context_counts(sequences, t).items())]


def vocabulary_size(sequences: Sequences) -> int:
    """One more than the largest token, at least 2."""
    return max(2, 1 + max(max(s) for s in sequences))
