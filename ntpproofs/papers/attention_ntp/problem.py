"""Next-token prediction with one self-attention layer (2403.08081): fixed token embeddings, one trained matrix W (d x d).

    L(W) = (1/n) sum_i [ log sum_{v in A_i} m_iv exp(e_v' W e_k) - e_y' W e_k - log m_iy ],   y = y_i, k = last token of i

The reduction to a conditional logit sends sequence i to a row of weight 1/n with choice set A_i (its distinct tokens, by
increasing id), multiplicities m_iv and features e_v e_k^T; the way back is `lift`. It is exact for the logarithmic loss and
a head with c_y' e_v = 1[y = v]; `attention_layer` is the layer itself, for any head and loss. The obligation the reduction
adds: tied alternatives are compared with the cycles of the token-priority graphs (`papers.attention_ntp.priority_graph`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ...errors import InvalidInput
from ...exact.numbers import exactly, permutation
from ...exact.rational import fraction, gram_matrix, rank, to_flint
from ...kernel.instances import Dataset, decode_dataset
from ...kernel.reading import brief, index
from ...kernel.writing import sequence
from ...language.views import Matrix, Sentence, Table, View, view_html, view_latex
from ...logit.parameters import array_of, exact_vector, sized
from ...logit.problem import ConditionalLogit, Vector, word

LARGEST_ONE_HOT = 10_000  # tokens whose embeddings are written out


class AttentionNTP:
    """An attention NTP dataset: token embeddings, sequences of token ids and one label per sequence.

    `embeddings` is K x d; the last id of a sequence is the query, ids may repeat and lengths may differ, and the label
    occurs in its sequence. Numbers are integers (NumPy's too), `Fraction`s, `Decimal`s, "p/q" or decimal strings; float embeddings
    need `round_to` (a step such as "1/1000"). Raises `InvalidInput` naming what is wrong.
    Law: permuting the tokens before the last one changes nothing.

    >>> problem = AttentionNTP([[1, 0], [0, 1]], [[1, 0], [0, 1, 0]], [1, 0])
    >>> problem.queries, problem.choice_sets, problem.multiplicities[1]
    ((0, 0), ((0, 1), (0, 1)), {0: 2, 1: 1})
    """

    def __init__(
        self, embeddings: Sequence[Sequence[Any]], sequences: Sequence[Sequence[int]], labels: Sequence[int], *, round_to: Any = None
    ) -> None:
        bank, sequences, labels = exactly(embeddings, round_to), exactly(sequences), exactly(labels)
        self._data = decode_dataset({"kind": "attention-ntp", "embeddings": bank, "sequences": sequences, "labels": labels})
        self._sequences = tuple(tuple(map(int, sequence)) for sequence in sequences)

    @classmethod
    def from_dataset(cls, data: Dataset) -> AttentionNTP:
        """The problem of a decoded `attention-ntp` dataset: tokens by increasing id, then the query. Raises `InvalidInput` for others."""
        if not isinstance(data, Dataset) or data.kind != "attention-ntp":
            raise InvalidInput("dataset", f"is {brief(getattr(data, 'kind', data))}", "give an attention-ntp dataset that the kernel has read")
        problem = cls.__new__(cls)
        problem._data = data
        problem._sequences = tuple(tuple(sequence(block)) for block in data.blocks)
        return problem

    @classmethod
    def one_hot_tokens(cls, size: int, sequences: Sequence[Sequence[int]], labels: Sequence[int]) -> AttentionNTP:
        """The dataset with orthonormal embeddings e_0, ..., e_{K-1} of `size` tokens. Raises `InvalidInput` for a size out of range.

        >>> AttentionNTP.one_hot_tokens(2, [[1, 0]], [1]).embeddings[0]
        (Fraction(1, 1), Fraction(0, 1))
        """
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= LARGEST_ONE_HOT:
            raise InvalidInput("size", f"is {brief(size)}, not a number of tokens", f"give an integer in 1..{LARGEST_ONE_HOT}")
        return cls([[int(v == k) for k in range(size)] for v in range(size)], sequences, labels)

    @property
    def data(self) -> Dataset:
        """The blocks (one per sequence) and the embedding bank."""
        return self._data

    @property
    def vocabulary_size(self) -> int:
        """K."""
        return len(self.embeddings)

    @property
    def dimension(self) -> int:
        """d, the embedding dimension."""
        return self._data.shape[1]

    @property
    def embeddings(self) -> tuple[Vector, ...]:
        """The token embeddings e_v, K x d."""
        bank = self._data.left
        assert bank is not None  # decoding this kind always fills it
        return bank

    @property
    def sequences(self) -> tuple[tuple[int, ...], ...]:
        """The token ids of every sequence, the query last."""
        return self._sequences

    @cached_property
    def labels(self) -> tuple[int, ...]:
        """The label y_i of every sequence."""
        return tuple(block.alternatives[z] for block in self._data.blocks for z in block.labels)

    @property
    def queries(self) -> tuple[int, ...]:
        """The last token k_i of every sequence."""
        return tuple(block.right for block in self._data.blocks)

    @cached_property
    def choice_sets(self) -> tuple[tuple[int, ...], ...]:
        """A_i: the distinct tokens of every sequence by increasing id. Alternative v of row i is the token `choice_sets[i][v]`."""
        return tuple(tuple(block.alternatives) for block in self._data.blocks)

    @cached_property
    def multiplicities(self) -> tuple[dict[int, int], ...]:
        """m_i: how often every token of A_i occurs."""
        return tuple({v: sequence.count(v) for v in tokens} for tokens, sequence in zip(self.choice_sets, self.sequences))

    @cached_property
    def one_hot(self) -> bool:
        """Whether the embeddings are the standard basis."""
        return self.dimension == self.vocabulary_size and all(x == (v == k) for v, row in enumerate(self.embeddings) for k, x in enumerate(row))

    @cached_property
    def embedding_rank(self) -> int:
        """rank(E), exactly."""
        return rank(self.embeddings)

    @cached_property
    def gram(self) -> tuple[Vector, ...]:
        """G = E E^T, the K x K matrix of inner products <e_u, e_v>."""
        return gram_matrix(self.embeddings)

    @cached_property
    def embedding_array(self) -> np.ndarray:
        """E in floating point."""
        return np.array([[float(x) for x in row] for row in self.embeddings])

    def conditional_logit(self) -> ConditionalLogit:
        """The reduction: one row per sequence, features e_v e_k^T."""
        return self._conditional_logit

    @cached_property
    def _conditional_logit(self) -> ConditionalLogit:
        return ConditionalLogit.from_dataset(self._data)

    def lift(self, w: Any) -> Any:
        """A flat vector of the reduction as the matrix W (d x d): a tuple of rows for exact entries, else an array.

        >>> AttentionNTP([[1, 0], [0, 1]], [[1, 0]], [1]).lift((1, 2, 3, 4))[1]
        (3, 4)
        """
        d = self.dimension
        if isinstance(w, np.ndarray):
            return sized(w, (d, d)).reshape(d, d)
        w = sized(w, (d, d))
        return tuple(tuple(w[i * d : (i + 1) * d]) for i in range(d))

    def lower(self, weights: Any) -> np.ndarray:
        """The way there for parameters: a matrix W (d x d) as the flat float vector of the reduction."""
        return array_of(weights, self._data.shape).reshape(-1)

    def scores(self, w: Any) -> Any:
        """S = E W E^T (K x K; column k holds the scores for the query k), exact for a flat rational vector, else in floats.

        >>> AttentionNTP([[1, 0], [0, 1]], [[1, 0]], [1]).scores((1, 2, 3, 4))[1]
        (Fraction(3, 1), Fraction(4, 1))
        """
        if isinstance(w, np.ndarray):
            return self.embedding_array @ self.lift(w) @ self.embedding_array.T
        e = to_flint(self.embeddings)
        table = e * to_flint(self.lift(exact_vector(w, self.dimension**2))) * e.transpose()
        return tuple(tuple(map(fraction, row)) for row in table.tolist())

    def difference(self, first: int, second: int, query: int) -> Vector:
        """The flat vector (e_first - e_second) e_query^T.

        >>> AttentionNTP([[1, 0], [0, 1]], [[1, 0]], [1]).difference(1, 0, 0)
        (Fraction(-1, 1), Fraction(0, 1), Fraction(1, 1), Fraction(0, 1))
        """
        for token in (first, second, query):
            index(token, "token", self.vocabulary_size)
        gap = (a - b for a, b in zip(self.embeddings[first], self.embeddings[second]))
        return tuple(x * y for x in gap for y in self.embeddings[query])

    def loss(self, weights: Any) -> float:
        """L(W) in nats."""
        return self._conditional_logit.loss(self.lower(weights))

    def relabelled(self, tokens: Sequence[int]) -> AttentionNTP:
        """The same data with token v renamed tokens[v]. Raises `InvalidInput` for what is no permutation."""
        tokens = permutation(tokens, self.vocabulary_size, "tokens")
        places = {new: old for old, new in enumerate(tokens)}
        embeddings = [self.embeddings[places[v]] for v in range(self.vocabulary_size)]
        return AttentionNTP(embeddings, [[tokens[t] for t in sequence] for sequence in self.sequences], [tokens[y] for y in self.labels])

    def with_embeddings(self, embeddings: Sequence[Sequence[Any]]) -> AttentionNTP:
        """The same sequences and labels on other embeddings."""
        return AttentionNTP(embeddings, self.sequences, self.labels)

    def instance(self) -> dict[str, Any]:
        """The instance record (see the page on file formats)."""
        rows = [[str(x) for x in row] for row in self.embeddings]
        return {"kind": "attention-ntp", "embeddings": rows, "sequences": [list(s) for s in self.sequences], "labels": list(self.labels)}

    def view(self) -> View:
        """The embeddings and every sequence with its label for people, and how many of what there are."""
        sizes = self.vocabulary_size, len(self.sequences), self.dimension, sum(map(len, self.sequences))
        counts = tuple(zip(("token", "sequence", "coordinate", "occurrence"), sizes))
        if self._is_large:
            return View("attention-ntp", (Sentence(repr(self)),), counts)
        pairs = [(sequence, label, [*map(str, sequence)]) for sequence, label in zip(self.sequences, self.labels)]
        rows = tuple((*words, "→", str(label)) for _, label, words in pairs)
        lines = tuple(f"sequence ({', '.join(words)}), label {label}" for _, label, words in pairs)
        formulas = tuple(rf"({','.join(words)})\mapsto {label}" for _, label, words in pairs)
        table = Table("sequences and labels", (), rows, lines, formulas)
        return View("attention-ntp", (Matrix("token embeddings", self.embeddings, "E", "E (tokens)", row_names="token"), table), counts)

    @property
    def _is_large(self) -> bool:
        return self.vocabulary_size * self.dimension > 400 or sum(map(len, self.sequences)) > 400

    def _repr_html_(self) -> str:
        return view_html(self.view())

    def _repr_latex_(self) -> str | None:
        return view_latex(self.view())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AttentionNTP) and self._conditional_logit == other._conditional_logit

    def __hash__(self) -> int:
        return hash(self._conditional_logit)

    def __repr__(self) -> str:
        if self._is_large:
            return f"AttentionNTP({len(self.sequences)} sequences, {self.vocabulary_size} tokens, dimension {self.dimension})"
        rows = "[" + ", ".join("[" + ", ".join(map(word, row)) + "]" for row in self.embeddings) + "]"
        return f"AttentionNTP(embeddings={rows}, sequences={[list(s) for s in self.sequences]}, labels={list(self.labels)})"


def of_attention(problem: object) -> AttentionNTP:
    """The problem itself. Raises `InvalidInput` for anything but an `AttentionNTP`.

    >>> of_attention(AttentionNTP([[1]], [[0]], [0])).dimension
    1
    """
    if not isinstance(problem, AttentionNTP):
        raise InvalidInput("attention", f"is {brief(problem)} ({type(problem).__name__})", "give an AttentionNTP")
    return problem
