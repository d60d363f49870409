"""Linear NTP datasets from text: contexts are ordered N-tuples of tokens, probabilities are the counts of what follows.

How a text is split is the business of `tokens`; case is kept, and token and context ids count by first appearance.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from ...errors import InvalidInput
from ...kernel.reading import content
from .problem import LinearNTP
from .tokens import tokenised

CORPUS_LIMIT = 64 * 2**20
LARGEST_ARRAY = 2**30
GRID = 2**16


class Counted(Protocol):
    """What has contexts: a text or a table of counts."""

    @property
    def contexts(self) -> Sequence[Any]:
        """One for each row of the embeddings."""


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
        reason = f"has {len(stream_of_tokens)} tokens, too few for contexts of {context}"
        raise InvalidInput(name, reason, "give a longer text or a shorter context")
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


def embeddings_for(corpus: Counted, choice: str) -> tuple[Any, str]:
    """The embeddings named by `--embedding` and a sentence on how they were obtained.

    `one-hot`; `gaussian:D[:SEED]` (standard normal entries); or the path of an .npy file with one row per context. Floats are
    rounded to multiples of 2^-16, so the dataset is rational. Raises `InvalidInput` for anything else.
    """
    if choice == "one-hot":
        return "one-hot", "one-hot embeddings"
    import numpy as np

    count = len(corpus.contexts)
    match = re.fullmatch(r"gaussian:([0-9]{1,6})(?::([0-9]{1,18}))?", choice)
    if match:
        width, seed = int(match[1]), int(match[2] or 0)
        if width < 1:
            raise InvalidInput("--embedding", "asks for dimension 0", "give gaussian:D with D at least 1")
        array = np.random.default_rng(seed).normal(size=(count, width))
        how = f"Gaussian embeddings of dimension {width}, seed {seed}"
    elif choice.endswith(".npy"):
        array, how = _load_array(choice), f"embeddings from {choice}"
        if array.ndim != 2 or array.shape[0] != count or array.shape[1] < 1:
            raise InvalidInput(choice, f"has shape {array.shape}, but the text has {count} contexts", f"give an array of shape ({count}, D)")
        if not np.isfinite(array).all():
            raise InvalidInput(choice, "has entries that are not finite", "replace NaN and infinities")
    else:
        raise InvalidInput("--embedding", f"{choice!r} is unknown", "write one-hot, gaussian:D[:SEED] or the path of an .npy file")
    if np.abs(array).max() >= 2**40:
        raise InvalidInput(choice, "has entries of 2^40 or more", "scale the embeddings down")
    rounded = np.rint(array * GRID).astype(np.int64)
    rows = [[Fraction(int(x), GRID) for x in row] for row in rounded]
    return rows, f"{how}, rounded to multiples of 2^-16"


def _load_array(choice: str) -> Any:
    import numpy as np

    try:
        array = np.load(choice, mmap_mode="r", allow_pickle=False)  # mapped: a header can promise any size
    except OSError as error:
        raise InvalidInput(choice, f"cannot be read ({error.strerror or error})", "give the path of an .npy file") from None
    except Exception as error:  # a damaged header makes NumPy raise nearly anything
        raise InvalidInput(choice, f"is no array that NumPy reads ({type(error).__name__})", "save it with numpy.save") from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu":
        what = f"holds {array.dtype}" if isinstance(array, np.ndarray) else "is an archive of arrays"
        raise InvalidInput(choice, f"{what}, not real numbers", "save one array of floats or integers with numpy.save")
    if array.nbytes > LARGEST_ARRAY:
        raise InvalidInput(choice, f"holds {array.nbytes:,} bytes, above {LARGEST_ARRAY:,}", "give fewer contexts or dimensions")
    return np.asarray(array, dtype=float)
