"""Next-token contexts with small integer data: what datasets with soft labels over one vocabulary are drawn from."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st

from ..language.draws import SMALL, Draw


class Contexts(NamedTuple):
    """Embeddings (m x d), the distribution of the next token by context, weights that sum to 1, and the size of the vocabulary."""

    embeddings: list[list[int]]
    probabilities: list[dict[int, Fraction]]
    weights: list[Fraction]
    vocabulary: int


def draw_contexts(
    draw: Draw,
    vocabularies: tuple[int, int],
    max_contexts: int,
    max_dimension: int,
    separable: bool | None = None,
    compatible: bool | None = None,
    independent: bool = False,
    partial: bool = False,
) -> Contexts:
    """One draw, within bounds of the vocabulary, half of it planted; the flags are those of `linear_ntps`.

    `compatible=False` is left to the caller to filter, and so is `separable=True` with `partial`.
    """
    vocabulary = draw(st.integers(*vocabularies))
    contexts = draw(st.integers(1, max_contexts))
    dimension = draw(st.integers(1, max_dimension))
    if independent:
        contexts = min(contexts, dimension)
    embeddings = _embeddings(draw, contexts, dimension, independent)
    planted = separable is True or (separable is None and draw(st.booleans()))
    if separable is False:
        embeddings, supports = _contradiction(draw, embeddings, vocabulary)
    elif planted and not (independent and draw(st.booleans())):
        supports = _argmax_supports(draw, embeddings, vocabulary)
    else:
        supports = [draw(_supports(vocabulary)) for _ in embeddings]
    if partial and all(len(support) == vocabulary for support in supports):
        supports = [support - {vocabulary - 1} for support in supports] if vocabulary > 1 else supports
    rows = _probabilities(draw, embeddings, supports, vocabulary, compatible)
    counts = [draw(st.integers(1, 3)) for _ in embeddings]
    return Contexts(embeddings, rows, [Fraction(c, sum(counts)) for c in counts], vocabulary)


def _probabilities(
    draw: Draw, embeddings: list[list[int]], supports: list[set[int]], vocabulary: int, compatible: bool | None
) -> list[dict[int, Fraction]]:
    if compatible is True or (compatible is None and draw(st.booleans())):
        # p_{j,z} proportional to 2^{<w_z, h_j>} is compatible, and rational for integer vectors.
        decoder = [[draw(st.integers(-1, 1)) for _ in embeddings[0]] for _ in range(vocabulary)]
        masses = [{z: Fraction(2) ** _dot(decoder[z], h) for z in support} for h, support in zip(embeddings, supports)]
    else:
        masses = [{z: Fraction(draw(st.integers(1, 4))) for z in sorted(support)} for support in supports]
    return [{z: mass / sum(row.values()) for z, mass in sorted(row.items())} for row in masses]


def _dot(x: list[int], y: list[int]) -> int:
    return sum(a * b for a, b in zip(x, y))


def _embeddings(draw: Draw, contexts: int, dimension: int, independent: bool) -> list[list[int]]:
    rows = [[draw(SMALL) for _ in range(dimension)] for _ in range(contexts)]
    if independent:
        # A staircase of non-zero entries makes any draw independent; the rest of the entries stay free.
        for j in range(contexts):
            for k in range(j):
                rows[j][k] = 0
            rows[j][j] = rows[j][j] or 1
        return rows
    if contexts > 1 and draw(st.booleans()):
        # Repeated and collinear contexts: the cases where separability and compatibility are decided by arithmetic.
        factor = draw(st.sampled_from([1, 2, -1]))
        rows[-1] = [factor * x for x in rows[0]]
    return rows


def _supports(vocabulary: int) -> st.SearchStrategy[set[int]]:
    return st.sets(st.integers(0, vocabulary - 1), min_size=1, max_size=vocabulary)


def _argmax_supports(draw: Draw, embeddings: list[list[int]], vocabulary: int) -> list[set[int]]:
    # The sets of best tokens of an integer decoder are NTP-separable: that decoder separates them.
    decoder = [[draw(st.integers(-1, 1)) for _ in embeddings[0]] for _ in range(vocabulary)]
    supports = []
    for h in embeddings:
        scores = [_dot(row, h) for row in decoder]
        supports.append({v for v, score in enumerate(scores) if score == max(scores)})
    return supports


def _contradiction(draw: Draw, embeddings: list[list[int]], vocabulary: int) -> tuple[list[list[int]], list[set[int]]]:
    # Not separable: a zero embedding with a proper support, or two positively collinear contexts with different supports.
    supports = [draw(_supports(vocabulary)) for _ in embeddings]
    proper = supports[0] if len(supports[0]) < vocabulary else supports[0] - {vocabulary - 1}
    supports[0] = proper
    if len(embeddings) == 1 or draw(st.booleans()):
        embeddings[0] = [0] * len(embeddings[0])
    else:
        embeddings[-1] = list(embeddings[0])
        if supports[-1] == proper:
            supports[-1] = proper | {next(v for v in range(vocabulary) if v not in proper)}
    return embeddings, supports
