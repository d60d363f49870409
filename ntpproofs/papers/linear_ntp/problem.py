"""Linear next-token prediction (2402.18551, section 2): fixed context embeddings, a trained decoder W (V x d).

    CE(W) = - sum_j pi_j sum_{z in S_j} p_{j,z} log softmax_z(W h_j)

The reduction to a conditional logit sends context j and token z of its support to a row with weight pi_j p_{j,z}, choice
set the vocabulary and features e_v h_j^T; the way back is `lift`. The obligation it adds: rows of one context share their
tied set, so tied sets are compared with supports (`ntp_separable`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ...errors import InvalidInput
from ...exact.balls import Interval, mean_entropy
from ...exact.numbers import exactly, permutation
from ...exact.rational import gram_matrix, rank
from ...kernel.instances import Dataset, decode_dataset
from ...kernel.reading import brief
from ...kernel.writing import encode_dataset
from ...language.views import Matrix, Part, Sentence, View, view_html, view_latex
from ...logit.parameters import array_of, sized
from ...logit.problem import ConditionalLogit, Vector, word
from .counts import shares


class LinearNTP:
    """A linear NTP dataset: one embedding and one next-token distribution per context, and context weights.

    `embeddings` is m x d (or the string "one-hot"), `probabilities` m x V with rows summing to 1 (a row may be sparse,
    {token: p}, when `vocabulary_size` is given), `weights` sums to 1 and defaults to uniform. Numbers are integers (NumPy's
    too), `Fraction`s, `Decimal`s, "p/q" or decimal strings; floats are embeddings only, and only with `round_to` (a step such
    as "1/1000"). Raises `InvalidInput` naming what is wrong.

    >>> problem = LinearNTP([[1]], [["3/4", "1/4", 0]])
    >>> problem.supports
    (frozenset({0, 1}),)
    """

    def __init__(
        self,
        embeddings: Sequence[Sequence[Any]] | str,
        probabilities: Sequence[Any],
        weights: Sequence[Any] | None = None,
        *,
        vocabulary_size: int | None = None,
        round_to: Any = None,
    ) -> None:
        rows = exactly(probabilities)
        if isinstance(rows, list):
            rows = [{"entries": {str(v): p for v, p in row.items()}} if isinstance(row, Mapping) else row for row in rows]
        record: dict[str, Any] = {"kind": "linear-ntp", "embeddings": exactly(embeddings, round_to), "probabilities": rows}
        if weights is not None:
            record["weights"] = exactly(weights)
        if vocabulary_size is not None:
            record["vocabulary_size"] = vocabulary_size
        self._data = decode_dataset(record)

    @classmethod
    def from_counts(
        cls, embeddings: Sequence[Sequence[Any]] | str, counts: Sequence[Any], *, vocabulary_size: int | None = None, round_to: Any = None
    ) -> LinearNTP:
        """The dataset of next-token counts (m x V, or {token: count} per context with `vocabulary_size`): contexts weigh what they count.

        >>> LinearNTP.from_counts("one-hot", [[3, 1], [0, 4]]).weights
        (Fraction(1, 2), Fraction(1, 2))
        """
        rows, weights, _ = shares(exactly(counts))
        return cls(embeddings, rows, weights, vocabulary_size=vocabulary_size, round_to=round_to)

    @classmethod
    def from_dataset(cls, data: Dataset) -> LinearNTP:
        """The problem of a decoded `linear-ntp` dataset. Raises `InvalidInput` for others."""
        if not isinstance(data, Dataset) or data.kind != "linear-ntp":
            raise InvalidInput("dataset", f"is {brief(getattr(data, 'kind', data))}", "give a linear-ntp dataset that the kernel has read")
        problem = cls.__new__(cls)
        problem._data = data
        return problem

    @property
    def data(self) -> Dataset:
        """The blocks (one per context) and the embedding bank."""
        return self._data

    @property
    def vocabulary_size(self) -> int:
        """V."""
        return self._data.shape[0]

    @property
    def dimension(self) -> int:
        """d, the embedding dimension."""
        return self._data.shape[1]

    @property
    def one_hot(self) -> bool:
        """Whether the embeddings are the standard basis, kept implicit."""
        return self._data.right is None

    @cached_property
    def embeddings(self) -> tuple[Vector, ...]:
        """The context embeddings h_j, m x d."""
        size = len(self._data.blocks)
        return self._data.right or tuple(tuple(Fraction(j == k) for k in range(size)) for j in range(size))

    @cached_property
    def probabilities(self) -> tuple[Vector, ...]:
        """The next-token distributions p_j, m x V."""
        return tuple(tuple(block.labels.get(v, Fraction(0)) for v in range(self.vocabulary_size)) for block in self._data.blocks)

    @property
    def weights(self) -> Vector:
        """The context weights pi, summing to 1."""
        return tuple(block.weight for block in self._data.blocks)

    @cached_property
    def supports(self) -> tuple[frozenset[int], ...]:
        """S_j = {z : p_{j,z} > 0}."""
        return tuple(frozenset(block.labels) for block in self._data.blocks)

    @cached_property
    def embedding_rank(self) -> int:
        """rank(H), exactly."""
        return len(self._data.blocks) if self.one_hot else rank(self.embeddings)

    @cached_property
    def gram(self) -> tuple[Vector, ...]:
        """K = H^T H, the m x m matrix of inner products <h_i, h_j>."""
        return gram_matrix(self.embeddings)

    def conditional_logit(self) -> ConditionalLogit:
        """The reduction: rows (context j, token z of its support), features e_v h_j^T."""
        return self._conditional_logit

    @cached_property
    def _conditional_logit(self) -> ConditionalLogit:
        return ConditionalLogit.from_dataset(self._data)

    def lift(self, w: Any) -> Any:
        """A flat vector of the reduction as the decoder W (V x d): a tuple of rows for exact entries, else an array.

        >>> LinearNTP([[1, 0]], [["1", "0"]]).lift((Fraction(1), Fraction(2), Fraction(3), Fraction(4)))[1]
        (Fraction(3, 1), Fraction(4, 1))
        """
        if isinstance(w, np.ndarray):
            return sized(w, self._data.shape).reshape(self._data.shape)
        w = sized(w, self._data.shape)
        return tuple(tuple(w[v * self.dimension : (v + 1) * self.dimension]) for v in range(self.vocabulary_size))

    def lower(self, decoder: Any) -> np.ndarray:
        """The way there for parameters: a decoder W (V x d) as the flat float vector of the reduction."""
        return array_of(decoder, self._data.shape).reshape(-1)

    def loss(self, decoder: Any) -> float:
        """CE(W) in nats."""
        return self._conditional_logit.loss(self.lower(decoder))

    @cached_property
    def entropy(self) -> Interval:
        """H_ent = - sum_j pi_j sum_z p_{j,z} log p_{j,z} in nats, enclosed."""
        return mean_entropy((b.weight, b.labels.values()) for b in self._data.blocks)

    def relabelled(self, tokens: Sequence[int]) -> LinearNTP:
        """The same data with token v renamed tokens[v]. Raises `InvalidInput` for what is no permutation."""
        tokens = permutation(tokens, self.vocabulary_size, "tokens")
        rows = [{tokens[v]: p for v, p in block.labels.items()} for block in self._data.blocks]
        return LinearNTP("one-hot" if self.one_hot else self.embeddings, rows, self.weights, vocabulary_size=self.vocabulary_size)

    def instance(self) -> dict[str, Any]:
        """The instance record; one-hot embeddings and their sparse rows stay compact."""
        return encode_dataset(self._data)

    def view(self) -> View:
        """The matrices H and P for people, the weights where they are not all equal, and how many of what there are."""
        contexts, support = len(self._data.blocks), sum(len(block.labels) for block in self._data.blocks)
        counts = ("context", contexts), ("token", self.vocabulary_size), ("coordinate", self.dimension), ("token of a support", support)
        if self._is_large:
            return View("linear-ntp", (Sentence(repr(self)),), counts)
        parts: list[Part] = [Matrix("embeddings", self.embeddings, "H", "H (contexts)", row_names="context")]
        parts.append(Matrix("probabilities", self.probabilities, "P", "P (next token)", row_names="context", column_names="token"))
        if len(set(self.weights)) > 1:
            parts.append(Matrix("weights", (self.weights,), r"\pi", "weights"))
        return View("linear-ntp", tuple(parts), counts)

    @property
    def _is_large(self) -> bool:
        return len(self._data.blocks) * max(self.vocabulary_size, self.dimension) > 400

    def _repr_html_(self) -> str:
        return view_html(self.view())

    def _repr_latex_(self) -> str | None:
        return view_latex(self.view())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LinearNTP) and self._conditional_logit == other._conditional_logit

    def __hash__(self) -> int:
        return hash(self._conditional_logit)

    def __repr__(self) -> str:
        def rows(matrix: Sequence[Vector]) -> str:
            return "[" + ", ".join("[" + ", ".join(map(word, row)) + "]" for row in matrix) + "]"

        if self._is_large:
            return f"LinearNTP({len(self._data.blocks)} contexts, {self.vocabulary_size} tokens, dimension {self.dimension})"
        uniform = len(set(self.weights)) == 1
        tail = "" if uniform else f", weights={rows([self.weights])[1:-1]}"
        return f"LinearNTP(embeddings={rows(self.embeddings)}, probabilities={rows(self.probabilities)}{tail})"
