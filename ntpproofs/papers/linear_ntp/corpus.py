"""Linear NTP datasets from text: contexts are ordered N-tuples of tokens, probabilities are the counts of what follows.

How a text is split is the business of `tokens`; case is kept, and token and context ids count by first appearance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ...errors import InvalidInput
from ...kernel.reading import content
from .problem import LinearNTP
from .tokens import SPACELESS, runs_on, tokenised

CORPUS_LIMIT = 64 * 2**20


@dataclass(frozen=True, eq=False)
class Corpus:
    """A text as next-token counts: `tokens` and `contexts` by id, `counts[j]` = {token: how often it follows context j}."""

    tokens: tuple[str, ...]
    contexts: tuple[tuple[int, ...], ...]
    counts: tuple[Counter[int], ...]

    @property
    def length(self) -> int:
        """The number of predicted tokens."""
        return sum(sum(row.values()) for row in self.counts)

    def words(self, context: int) -> str:
        """A context in words."""
        return " ".join(self.tokens[t] for t in self.contexts[context])

    def problem(self, embeddings: Any = "one-hot") -> LinearNTP:
        """The dataset with the given context embeddings ("one-hot" or a matrix with one row per context)."""
        sums = [sum(row.values()) for row in self.counts]
        length = sum(sums)
        rows = [{t: Fraction(c, s) for t, c in sorted(row.items())} for row, s in zip(self.counts, sums)]
        weights = [Fraction(s, length) for s in sums]
        return LinearNTP(embeddings, rows, weights, vocabulary_size=len(self.tokens))


def read_corpus(text: str, context: int = 2, name: str = "corpus", rule: str = "words") -> Corpus:
    """Count what follows every context of `context` tokens; `rule` splits the text (`--tokens`).

    Raises `InvalidInput` for a context length below 1 and for a text too short to hold one context and its successor.

    >>> corpus = read_corpus("a b a b a c", context=1)
    >>> corpus.tokens, [dict(row) for row in corpus.counts]
    (('a', 'b', 'c'), [{1: 2, 2: 1}, {0: 2}])
    """
    return corpus_of(tokenised(text, rule, name)[0], context, name)


def corpus_of(stream_of_tokens: Sequence[str], context: int, name: str) -> Corpus:
    """The counts of a text that is split already."""
    if context < 1:
        raise InvalidInput("--context", f"is {context}", "give at least one token of context")
    if len(stream_of_tokens) <= context:
        reason = f"has {len(stream_of_tokens)} token{'' if len(stream_of_tokens) == 1 else 's'}, too few for contexts of {context}"
        split = f"; {SPACELESS}" if runs_on(stream_of_tokens) else ""
        raise InvalidInput(name, reason, f"give a longer text{' or a shorter context' if context > 1 else ''}{split}")
    ids: dict[str, int] = {}
    stream = [ids.setdefault(token, len(ids)) for token in stream_of_tokens]
    order: dict[tuple[int, ...], int] = {}
    counts: list[Counter[int]] = []
    for i in range(context, len(stream)):
        window = tuple(stream[i - context : i])
        if window not in order:
            order[window] = len(order)
            counts.append(Counter())
        counts[order[window]][stream[i]] += 1
    return Corpus(tuple(ids), tuple(order), tuple(counts))


def load_corpus(path: str | Path, context: int = 2, rule: str = "words") -> tuple[Corpus, str]:
    """`read_corpus` of a UTF-8 text file of at most 64 MB and how it was split; `InvalidInput` says what is wrong with any other."""
    tokens, how = tokenised(content(path, CORPUS_LIMIT, "give a part of the text"), rule, str(path))
    return corpus_of(tokens, context, str(path)), how
