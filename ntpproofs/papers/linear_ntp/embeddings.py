"""Embeddings of contexts named on the command line: one-hot, Gaussian, or an array of one row per context or per token.

Floats become rational by rounding, row by row: to multiples of 2^-16, or of a smaller power of two, 2^-16 of the largest entry of the
row, where the whole row is below 1. So a row never rounds to nothing, and an array of integers keeps its entries.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from ...errors import InvalidInput

LARGEST_ARRAY = 2**30
BITS = 16
# Entries up to 2^40, and largest entries of a row from 2^-200: products of two fit everywhere.
LARGEST, SMALLEST = 40, -200
POOLS = ("mean", "last", "sum")


class Counted(Protocol):
    """What has contexts and tokens: a text or a table of counts. The contexts of a text are tuples of token ids."""

    @property
    def contexts(self) -> Sequence[Any]:
        """One for each row of the embeddings."""

    @property
    def tokens(self) -> Sequence[str]:
        """The vocabulary."""


def embeddings_for(corpus: Counted, choice: str, pool: str | None = None) -> tuple[Any, str]:
    """The embeddings named by `--embedding` and a sentence on how they were obtained.

    `one-hot`; `gaussian:D[:SEED]` (standard normal entries); or the path of an .npy file with one row per context, or with `pool`
    (mean, last or sum over the tokens of a context) one row per token. Raises `InvalidInput` for anything else.
    """
    if pool is not None and (pool not in POOLS or not choice.endswith(".npy")):
        wrong = pool not in POOLS
        reason = f"is {pool[:60]!r}" if wrong else "applies to --embedding FILE.npy with one row per token"
        raise InvalidInput("--pool", reason, f"write {', '.join(POOLS)}" if wrong else "drop the option")
    if choice == "one-hot":
        return "one-hot", "one-hot embeddings"
    count = len(corpus.contexts)
    match = re.fullmatch(r"gaussian:([0-9]{1,6})(?::([0-9]{1,18}))?", choice)
    if match:
        width, seed = int(match[1]), int(match[2] or 0)
        if width < 1:
            raise InvalidInput("--embedding", "asks for dimension 0", "give gaussian:D with D at least 1")
        rows, how = rounded(np.random.default_rng(seed).normal(size=(count, width)), choice)
        return rows, f"Gaussian embeddings of dimension {width}, seed {seed}, {how}"
    if not choice.endswith(".npy"):
        raise InvalidInput("--embedding", f"{choice!r} is unknown", "write one-hot, gaussian:D[:SEED] or the path of an .npy file")
    array = _load_array(choice)
    _check_shape(array, corpus, choice, pool)
    rows, how = rounded(array, choice)
    if pool is None:
        return rows, f"embeddings from {choice}, {how}"
    words = {"mean": "mean", "sum": "sum", "last": "last one"}
    return pooled(rows, corpus.contexts, pool), f"the {words[pool]} of the embeddings of a context's tokens from {choice}, {how}"


def pooled(rows: Sequence[Sequence[Fraction]], contexts: Sequence[Sequence[int]], pool: str) -> list[list[Fraction]]:
    """The embeddings of contexts from those of tokens, exactly.

    >>> pooled([[Fraction(1)], [Fraction(2)]], [(0, 1), (1, 1)], "mean")
    [[Fraction(3, 2)], [Fraction(2, 1)]]
    """
    if pool == "last":
        return [list(rows[context[-1]]) for context in contexts]
    divisors = [len(context) if pool == "mean" else 1 for context in contexts]
    sums = ([sum(column, Fraction(0)) for column in zip(*(rows[t] for t in context))] for context in contexts)
    return [[x / divisor for x in row] for row, divisor in zip(sums, divisors)]


def rounded(array: np.ndarray, subject: str) -> tuple[list[list[Fraction]], str]:
    """Rows of floats as rationals, and the grid in words.

    >>> rows, how = rounded(np.array([[3.0, 0.25], [7e-6, 0.0]]), "array")
    >>> rows[0], how, 6.9e-6 < rows[1][0] < 7.1e-6
    ([Fraction(3, 1), Fraction(1, 4)], 'rounded row by row to multiples of 2^-34 to 2^-16', True)
    """
    largest = np.abs(array).max(axis=1, initial=0.0)
    if largest.max(initial=0.0) >= 2.0**LARGEST:
        raise InvalidInput(subject, f"has entries of 2^{LARGEST} or more", "scale the embeddings down")
    if ((largest > 0) & (largest < 2.0**SMALLEST)).any():
        raise InvalidInput(subject, f"has a row whose entries are all below 2^{SMALLEST}", "scale the embeddings up")
    sizes = np.frexp(np.where(largest > 0, largest, 1.0))[1] - 1
    exponents = np.minimum(sizes, 0) - BITS
    multiples = np.rint(np.ldexp(array, -exponents[:, None]))
    rows = [[Fraction(int(x)) * step for x in row] for row, step in zip(multiples.tolist(), (Fraction(2) ** int(e) for e in exponents))]
    least, most = int(exponents.min()), int(exponents.max())
    how = f"rounded to multiples of 2^{most}" if least == most else f"rounded row by row to multiples of 2^{least} to 2^{most}"
    lost = int(((multiples == 0) & (array != 0)).sum())
    return rows, how + (f" ({lost:,} entries far below the others of their row became 0)" if lost else "")


def _check_shape(array: np.ndarray, corpus: Counted, choice: str, pool: str | None) -> None:
    count, tokens = len(corpus.contexts), len(corpus.tokens)
    if pool is not None and not all(isinstance(context, tuple) for context in corpus.contexts):
        raise InvalidInput("--pool", "applies to texts, whose contexts are tokens", "give one row per context and drop the option")
    if array.ndim != 2 or array.shape[0] != (count if pool is None else tokens) or array.shape[1] < 1:
        what, needed = (f"{count} contexts", count) if pool is None else (f"{tokens} tokens", tokens)
        remedy = f"give an array of shape ({needed}, D)"
        if pool is None and array.ndim == 2 and array.shape[0] == tokens:
            remedy += ", or --pool mean, last or sum for one row per token"
        raise InvalidInput(choice, f"has shape {array.shape}, but the text has {what}", remedy)
    if not np.isfinite(array).all():
        raise InvalidInput(choice, "has entries that are not finite", "replace NaN and infinities")


def _load_array(choice: str) -> np.ndarray:
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


__all__ = ["embeddings_for", "pooled", "rounded"]
