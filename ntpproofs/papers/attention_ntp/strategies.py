"""Attention NTP datasets: acyclic, mixed and all-cyclic ones, repeated tokens, independent and dependent embeddings."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from ...errors import InvalidInput
from ...language.draws import SMALL, Draw
from ...language.strategy_arguments import check_bounds, described
from .priority_graph import dataset_class
from .problem import AttentionNTP

EMBEDDINGS = ("integer", "one-hot")
# The tokens (and sequences) each class needs: a mixed dataset is a two-cycle with a token above or below it.
CLASSES = {"acyclic": 1, "all-cyclic": 2, "mixed": 3}


@described("attention-ntp")
@cache
def attention_ntps(
    max_tokens: int = 4,
    max_dimension: int = 4,
    max_sequences: int = 4,
    max_length: int = 4,
    embeddings: str = "integer",
    *,
    independent: bool | None = None,
    kind: str | None = None,
    repeats: bool = True,
    single_query: bool = False,
) -> st.SearchStrategy[AttentionNTP]:
    """Attention NTP datasets: small integer (or one-hot) embeddings, the label in its sequence, the query last.

    `independent` asks for linearly independent embeddings (True), for dependent ones (False) or mixes both; `kind` restricts to
    "acyclic", "mixed" or "all-cyclic" datasets; `repeats` False forbids repeated tokens in a sequence; `single_query` gives
    all sequences one last token. With one-hot embeddings the dimension is the number of tokens, at most both bounds. Law:
    every value satisfies what was asked; by construction where there is one, else by a filter that seldom refuses.

    A third of the draws is raw; the others are planted: labels by a fixed order of the tokens (acyclic), one sequence chosen
    in several ways (cycles), or both. Repeated and zero embeddings occur unless independence is asked for. Raises
    `InvalidInput` for bounds that admit nothing.
    """
    check_bounds(max_tokens=(max_tokens, 1), max_dimension=(max_dimension, 1), max_sequences=(max_sequences, 1), max_length=(max_length, 1))
    if embeddings not in EMBEDDINGS:
        raise InvalidInput("embeddings", f"{embeddings!r} is unknown", f"write one of {', '.join(EMBEDDINGS)}")
    if kind not in (None, *CLASSES):
        raise InvalidInput("kind", f"{kind!r} is unknown", f"write one of {', '.join(CLASSES)}, or None")
    if embeddings == "one-hot" and independent is False:
        raise InvalidInput("independent", "is False, but one-hot embeddings are independent", "drop it or ask for integer embeddings")
    most = min(max_tokens, max_dimension) if embeddings == "one-hot" or independent else max_tokens
    reach = 1 if max_length < 2 else min(most, max_sequences)
    fits = 1 if kind is None else CLASSES[kind]
    if fits > reach:
        raise InvalidInput("kind", f"{kind!r} needs {fits} tokens and {fits} sequences of 2 tokens", "raise the bounds")

    @st.composite
    def datasets(draw: Draw) -> AttentionNTP:
        tokens = draw(st.integers(max(fits, min(2, most)), most))
        table = _one_hot(tokens) if embeddings == "one-hot" else _integer(draw, tokens, max_dimension, independent)
        drawn = _Samples(draw, tokens, max_sequences, max_length, repeats, single_query)
        possible = [name for name, needed in CLASSES.items() if needed <= min(tokens, reach)]
        # The last class possible is the one raw draws seldom reach.
        sequences, labels = drawn.of(kind or draw(st.sampled_from([None, *possible, possible[-1]])))
        return AttentionNTP(table, sequences, labels)

    found = datasets()
    if independent is False:
        found = found.filter(lambda problem: problem.embedding_rank < problem.vocabulary_size)
    return found if kind is None else found.filter(lambda problem: dataset_class(problem) == kind)


def _one_hot(size: int) -> list[list[int]]:
    return [[int(v == k) for k in range(size)] for v in range(size)]


def _integer(draw: Draw, tokens: int, max_dimension: int, independent: bool | None) -> list[list[int]]:
    if independent is None:
        independent = tokens <= max_dimension and draw(st.booleans())
    if not independent:
        dimension = draw(st.integers(1, max_dimension))
        rows = [[draw(SMALL) for _ in range(dimension)] for _ in range(tokens)]
        _degenerate(draw, rows)
        return rows
    # A staircase of non-zero entries makes any draw independent; the other entries stay free.
    dimension = draw(st.integers(tokens, max_dimension))
    rows = [[draw(SMALL) if k > v else 0 for k in range(dimension)] for v in range(tokens)]
    for v, row in enumerate(rows):
        row[v] = draw(st.sampled_from([1, 1, 2, -1]))
    return rows


def _degenerate(draw: Draw, rows: list[list[int]]) -> None:
    # Where the recession cone ties more than the cycles: a zero query, collinear or repeated tokens, a token between two others.
    place = draw(st.sampled_from(["anywhere", "zero", "collinear", "between"]))
    if place == "zero":
        rows[0] = [0] * len(rows[0])
    elif place == "collinear" and len(rows) > 1:
        factor = draw(st.sampled_from([2, -1, 1]))
        rows[-1] = [factor * x for x in rows[0]]
    elif place == "between" and len(rows) > 2:
        rows[-1] = [2 * x - y for x, y in zip(rows[1], rows[0])]


class _Samples:
    """Sequences with labels drawn for one dataset: each method returns at most `count` of them."""

    def __init__(self, draw: Draw, tokens: int, count: int, length: int, repeats: bool, single_query: bool) -> None:
        self.draw, self.tokens, self.count, self.length, self.repeats = draw, tokens, count, length, repeats
        self.query = draw(st.integers(0, tokens - 1)) if single_query else None

    def of(self, kind: str | None) -> tuple[list[list[int]], list[int]]:
        """Sequences and labels of (mostly) the given class; None is raw."""
        if kind == "acyclic":
            pairs = self._ranked(self.draw(st.integers(1, self.count)))
        elif kind == "all-cyclic":
            pairs = self._cycle(self.count)
        elif kind == "mixed":
            pairs = self._mixed()
        else:
            sequences = [self._sequence() for _ in range(self.draw(st.integers(1, self.count)))]
            pairs = [(sequence, self.draw(st.sampled_from(sorted(set(sequence))))) for sequence in sequences]
        return [sequence for sequence, _ in pairs], [label for _, label in pairs]

    def _pick(self, population: list[int]) -> int:
        return int(self.draw(st.sampled_from(population)))

    def _sequence(self) -> list[int]:
        # Short lists with the query last; half of the sequences of a dataset end in token 0, so that queries are shared.
        query = self.query if self.query is not None else self.draw(st.sampled_from([0, *range(self.tokens)]))
        others = st.integers(0, self.tokens - 1)
        if self.repeats:
            return [*self.draw(st.lists(others, min_size=min(1, self.length - 1), max_size=self.length - 1)), query]
        rest = [v for v in range(self.tokens) if v != query]
        size = min(self.length - 1, len(rest))
        before = self.draw(st.lists(st.sampled_from(rest), unique=True, min_size=min(1, size), max_size=size)) if rest else []
        return [*before, query]

    def _ranked(self, count: int) -> list[tuple[list[int], int]]:
        # The label is the first token of a fixed order that occurs: no cycle.
        order = self.draw(st.permutations(range(self.tokens)))
        sequences = [self._sequence() for _ in range(count)]
        return [(sequence, min(sequence, key=order.index)) for sequence in sequences]

    def _cycle(self, count: int) -> list[tuple[list[int], int]]:
        # One sequence, each of its tokens the label once: its graph is strongly connected. Further copies change counts.
        sequence = self._pair()
        while len(set(sequence)) < min(count, self.length, self.tokens) and self.draw(st.booleans()):
            sequence = [self._pick([v for v in range(self.tokens) if v not in sequence]), *sequence]
        tokens = sorted(set(sequence))
        again = self.draw(st.integers(0, count - len(tokens)))
        extra = [self._again(sequence) for _ in range(again)]
        return [*((sequence, v) for v in tokens), *((longer, self._pick(tokens)) for longer in extra)]

    def _pair(self) -> list[int]:
        query = self.query if self.query is not None else self._pick(list(range(self.tokens)))
        return [self._pick([v for v in range(self.tokens) if v != query]), query]

    def _again(self, sequence: list[int]) -> list[int]:
        # The same tokens, one of them once more.
        if not self.repeats or len(sequence) >= self.length:
            return sequence
        return [self._pick(sorted(set(sequence))), *sequence]

    def _mixed(self) -> list[tuple[list[int], int]]:
        # A two-cycle, and one of its tokens above (or below) a further token.
        pair = self._pair()
        other = self._pick([v for v in range(self.tokens) if v not in pair])
        over = [(self._again([other, pair[-1]]), self._pick([pair[-1], other]))]
        rest = self._ranked(self.draw(st.integers(0, self.count - 3)))
        return [(pair, pair[0]), (self._again(pair), pair[1]), *over, *rest]


__all__ = ["attention_ntps"]
