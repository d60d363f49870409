"""The one convex problem: weighted conditional logit (`foundations`, section 1).

    L(w) = sum_i a_i [ log sum_{v in C_i} n_iv exp(-<w, d_iv>) - log n_{i,y_i} ],   d_iv = x_{i,y_i} - x_iv

A problem is a view on a `Dataset`: features keep their Kronecker form left_v (x) right_b and rows that share a choice set
are one block with several labels, so nothing of size rows x alternatives x dimension is built unless a person asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidInput
from ..exact.numbers import exactly
from ..exact.vectors import Vector as Vector
from ..kernel.instances import Dataset, decode_dataset
from ..kernel.reading import index
from ..kernel.writing import encode_dataset
from ..language.views import Matrix, Part, Sentence, View, view_html, view_latex
from .parameters import array_of, like, sized
from .row import Row as Row

if TYPE_CHECKING:
    from .shapes import AlternativeIndices, BlockIndices, IsAlternative, OfAlternatives, OfBlocks, Parameter, Square, Table

RowAlternative = tuple[int, int]
LARGEST_VIEW = 4_000  # features times coordinates


@dataclass(frozen=True)
class Arrays:
    """The problem in floating point, padded to the largest choice set.

    `items` (blocks x alternatives) and `right_index` (blocks) address the factor banks; `mask` marks real alternatives;
    `target` is weight times label share; `log_multiplicities` is -inf on padding.
    """

    left: Table | None
    right: Table | None
    items: AlternativeIndices
    right_index: BlockIndices
    mask: IsAlternative
    log_multiplicities: OfAlternatives
    weights: OfBlocks
    target: OfAlternatives


class ConditionalLogit:
    """A weighted conditional logit problem with rational data.

    Built from rows, each a `Row`, or a mapping or tuple (weight, chosen, features, multiplicities) of exact numbers;
    raises `InvalidInput` for anything malformed. Weights are any positive rationals, used as given. Numbers are integers (NumPy's
    too), `Fraction`s, `Decimal`s, "p/q" or decimal strings; floats need `round_to` (a step such as "1/1000").

    Vectors w are flat arrays of length `dimension`; for structured problems they are matrices of shape `shape` in row-major
    order (vocabulary x d for linear NTP, d x d for attention), and both forms are accepted.

    >>> problem = ConditionalLogit([(1, 0, [["1"], ["0"]], [1, 1])])
    >>> problem.dimension, round(problem.loss([0.0]), 6)
    (1, 0.693147)
    """

    def __init__(self, rows: Iterable[Any], *, round_to: Any = None) -> None:
        names = ("weight", "chosen", "features", "multiplicities")
        rows = exactly(rows, round_to) if hasattr(rows, "dtype") else rows
        if not isinstance(rows, Iterable) or isinstance(rows, (str, Mapping)):
            raise InvalidInput("rows", f"is {type(rows).__name__}, not a list of rows", "give rows (weight, chosen, features, multiplicities)")
        records: list[Any] = []
        for row in rows:
            if isinstance(row, Row) and isinstance(row.multiplicities, (tuple, list)):
                records.append({name: getattr(row, name) for name in (names if row.multiplicities else names[:3])})
                continue
            given = dict(zip(names, row)) if isinstance(row, (list, tuple)) else vars(row) if isinstance(row, Row) else row
            records.append(exactly(given, round_to))
        self._data = decode_dataset({"kind": "conditional-logit", "rows": records})

    @classmethod
    def from_table(
        cls,
        frame: Any,
        choice: str,
        covariates: Sequence[str] | None = None,
        *,
        intercept: bool = False,
        weight: str | None = None,
        stratum: str | None = None,
        round_to: Any = None,
    ) -> ConditionalLogit:
        """The choices in a table: a pandas data frame, {column: cells} or a list of mappings.

        `choice` is the column of classes, or with `stratum` (matched sets) the one that marks the chosen row with 1; `covariates` are all
        other columns unless they are named. Words are one-hot; the first class is the reference. `coordinate_names` keeps the names.

        >>> ConditionalLogit.from_table({"ill": [0, 1], "dose": [1, 2]}, "ill").coordinate_names
        ('dose',)
        """
        from .tables import choices

        found = choices(frame, choice, covariates, intercept=intercept, weight=weight, stratum=stratum, round_to=round_to)
        problem = cls(found.rows)
        problem.remember("coordinate names", lambda: found.coordinates)
        return problem

    @property
    def coordinate_names(self) -> tuple[str, ...]:
        """The names of the coordinates, where the problem came from a table; they are no part of the data."""
        names: tuple[str, ...] = self.memo.get("coordinate names", ())
        return names

    @classmethod
    def from_dataset(cls, data: Dataset) -> ConditionalLogit:
        """The problem of any dataset the kernel can read (linear NTP and attention NTP included). Raises `InvalidInput` for anything else."""
        if not isinstance(data, Dataset):
            raise InvalidInput("dataset", f"is {type(data).__name__}", "give one that the kernel has read")
        problem = cls.__new__(cls)
        problem._data = data
        return problem

    def conditional_logit(self) -> ConditionalLogit:
        """The problem itself: a conditional logit is its own reduction."""
        return self

    def lift(self, w: Any) -> Any:
        """The vector itself. Raises `InvalidInput` for another number of entries."""
        return sized(w, self.shape)

    def lower(self, parameters: Any) -> Parameter:
        """The vector itself, as floats."""
        return array_of(parameters, self.shape).reshape(-1)

    @property
    def data(self) -> Dataset:
        """The blocks and factor banks behind the problem."""
        return self._data

    @cached_property
    def memo(self) -> dict[Any, Any]:
        """What has been derived from this problem; a problem never changes, so a fact about it is computed once."""
        return {}

    def remember(self, name: Any, compute: Callable[[], Any]) -> Any:
        """The value kept under `name`, computed on first use."""
        if name not in self.memo:
            self.memo[name] = compute()
        return self.memo[name]

    def __getstate__(self) -> dict[str, Any]:
        return {"_data": self._data}

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the parameter as a matrix (left dimension, right dimension)."""
        return self._data.shape

    @property
    def dimension(self) -> int:
        """The number of parameters."""
        return self.shape[0] * self.shape[1]

    @cached_property
    def row_labels(self) -> tuple[tuple[int, int], ...]:
        """For each row, its block and the position of its chosen alternative: the order every row index refers to."""
        return tuple((b, z) for b, block in enumerate(self._data.blocks) for z in sorted(block.labels))

    def feature(self, block: int, alternative: int) -> Vector:
        """The feature x_bv as a flat vector of length `dimension`."""
        data, b = self._data, self._data.blocks[index(block, "block", len(self._data.blocks))]
        item = b.alternatives[index(alternative, "alternative", len(b.alternatives))]
        height, width = self.shape
        left = data.left[item] if data.left is not None else tuple(Fraction(v == item) for v in range(height))
        right = data.right_factor(b)
        return tuple(x * right.get(k, Fraction(0)) for x in left for k in range(width))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every row written out (for people and small problems; structured problems expand here)."""
        expanded = []
        for b, z in self.row_labels:
            block = self._data.blocks[b]
            size = len(block.alternatives)
            features = tuple(self.feature(b, v) for v in range(size))
            counts = block.multiplicities or (Fraction(1),) * size
            expanded.append(Row(block.weight * block.labels[z], z, features, counts))
        return tuple(expanded)

    def differences(self) -> dict[RowAlternative, Vector]:
        """{(row, alternative): d_iv = x_{i,y_i} - x_iv} for every alternative but the chosen one."""
        return {
            (i, v): tuple(a - b for a, b in zip(row.features[row.chosen], row.features[v]))
            for i, row in enumerate(self.rows)
            for v in range(len(row.features))
            if v != row.chosen
        }

    @cached_property
    def arrays(self) -> Arrays:
        """The padded floating-point form used by every numerical routine."""
        blocks = self._data.blocks
        widest = max(len(block.alternatives) for block in blocks)
        items = np.zeros((len(blocks), widest), dtype=np.int64)
        mask = np.zeros(items.shape, dtype=bool)
        log_counts = np.full(items.shape, -np.inf)
        target = np.zeros(items.shape)
        for b, block in enumerate(blocks):
            size = len(block.alternatives)
            items[b, :size] = block.alternatives
            mask[b, :size] = True
            log_counts[b, :size] = 0.0 if block.multiplicities is None else np.log([float(n) for n in block.multiplicities])
            for z, share in block.labels.items():
                target[b, z] = float(block.weight * share)
        banks = [None if bank is None else np.array([[float(x) for x in row] for row in bank]) for bank in (self._data.left, self._data.right)]
        weights = np.array([float(block.weight) for block in blocks])
        right_index = np.array([block.right for block in blocks], dtype=np.int64)
        return Arrays(banks[0], banks[1], items, right_index, mask, log_counts, weights, target)

    def scores(self, w: Any) -> OfAlternatives:
        """The scores <w, x_bv> (blocks x alternatives; meaningless on padding)."""
        a = self.arrays
        matrix = array_of(w, self.shape)
        images = matrix.T[a.right_index] if a.right is None else (a.right @ matrix.T)[a.right_index]
        if a.left is None:
            return images if a.items.shape[1] == self.shape[0] else np.take_along_axis(images, a.items, axis=1)
        return np.take_along_axis(images @ a.left.T, a.items, axis=1)

    def assemble(self, coefficients: OfAlternatives) -> Parameter:
        """The flat vector sum_b sum_v c_bv x_bv for an array of coefficients (blocks x alternatives, zero on padding).

        Raises `InvalidInput` for anything but such an array of numbers.
        """
        a = self.arrays
        try:
            coefficients = np.asarray(coefficients)
        except ValueError:
            raise InvalidInput("coefficients", "are ragged", f"give numbers of shape {a.mask.shape}: one per block and alternative") from None
        if coefficients.shape != a.mask.shape or coefficients.dtype.kind not in "fiub":
            is_what = f"is {coefficients.dtype} of shape {coefficients.shape}"
            raise InvalidInput("coefficients", is_what, f"give numbers of shape {a.mask.shape}: one per block and alternative")
        bank = np.zeros((len(self._data.blocks), self.shape[0] if a.left is None else len(a.left)))
        np.add.at(bank, (np.arange(len(bank))[:, None], a.items), np.where(a.mask, coefficients, 0.0))
        lefts = bank if a.left is None else bank @ a.left
        if a.right is None:
            result = np.zeros(self.shape)
            np.add.at(result.T, a.right_index, lefts)
            return result.ravel()
        return (lefts.T @ a.right[a.right_index]).ravel()

    def log_probabilities(self, w: Any) -> OfAlternatives:
        """log p_bv(w) (blocks x alternatives, -inf on padding)."""
        logits = self.scores(w) + self.arrays.log_multiplicities
        top = logits.max(axis=1, keepdims=True)
        return logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))

    def loss(self, w: Any) -> float:
        """L(w) in nats: minus the weighted log-probability of the chosen alternatives."""
        a = self.arrays
        labelled = a.target > 0
        return float(-(a.target[labelled] * self.log_probabilities(w)[labelled]).sum())

    def gradient(self, w: Any) -> np.ndarray:
        """The gradient -sum_i a_i sum_v p_iv d_iv: flat, or a matrix for a matrix."""
        a = self.arrays
        p = np.exp(self.log_probabilities(w))
        coefficients = a.weights[:, None] * p - a.target
        # For a single label p - 1 is minus the other probabilities: no cancellation when the label's probability nears 1.
        single = (a.target > 0).sum(axis=1) == 1
        others = np.where(a.target > 0, 0.0, p).sum(axis=1) * a.weights
        exact = np.where(a.target > 0, -others[:, None], a.weights[:, None] * p)
        return like(self.assemble(np.where(single[:, None], exact, coefficients)), w, self.shape)

    def hessian(self, w: Any) -> Square:
        """The Hessian sum_i a_i Cov_{p_i}(x_i) as a (dimension x dimension) array."""
        a = self.arrays
        height, width = self.shape
        p = np.exp(self.log_probabilities(w))
        left = np.eye(height) if a.left is None else a.left
        right = np.eye(width) if a.right is None else a.right
        total = np.zeros((height, width, height, width))
        for b in range(len(p)):
            x = left[a.items[b][a.mask[b]]]
            q = p[b][a.mask[b]]
            mean = q @ x
            covariance = (x - mean).T @ (q[:, None] * (x - mean))
            h = right[a.right_index[b]]
            total += a.weights[b] * np.einsum("pr,q,s->pqrs", covariance, h, h)
        return total.reshape(self.dimension, self.dimension)

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """A hashable value that determines the problem."""
        data = self._data
        blocks = tuple((b.weight, tuple(sorted(b.labels.items())), tuple(b.alternatives), b.multiplicities, b.right) for b in data.blocks)
        return (data.shape, data.left, data.right, blocks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ConditionalLogit) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        rows = ", ".join(
            f"Row(weight={word(row.weight)}, chosen={row.chosen}, features={_show(row.features)}"
            + ("" if all(n == 1 for n in row.multiplicities) else f", multiplicities={_show([row.multiplicities])[1:-1]}")
            + ")"
            for row in self.rows[:12]
        )
        return f"ConditionalLogit([{rows}{', ...' if len(self.rows) > 12 else ''}])"

    def view(self) -> View:
        """Every row for people: its features, the chosen alternative, weight and multiplicities where they are not one."""
        counts = ("row", len(self.row_labels)), ("alternative", sum(len(self._data.blocks[b].alternatives) for b, _ in self.row_labels))
        sizes = (*counts, ("coordinate", self.dimension))
        if len(self.row_labels) * self.dimension > LARGEST_VIEW:
            return View("conditional-logit", (Sentence(repr(self)),), sizes)
        return View("conditional-logit", tuple(part for i, row in enumerate(self.rows) for part in _row_parts(i, row)), sizes)

    def _repr_html_(self) -> str:
        return view_html(self.view())

    def _repr_latex_(self) -> str | None:
        return view_latex(self.view())

    def instance(self) -> dict[str, Any]:
        """The instance record (see the page on file formats), of the kind the data came from."""
        return encode_dataset(self._data)


def _row_parts(i: int, row: Row) -> tuple[Part, ...]:
    weighted = row.weight != 1
    counted = any(n != 1 for n in row.multiplicities)
    counts = [str(n) for n in row.multiplicities]
    beside = f",\\ y_{{{i + 1}}}={row.chosen}" + (f",\\ a_{{{i + 1}}}={row.weight}" if weighted else "")
    beside += f",\\ n_{{{i + 1}}}=({','.join(counts)})" if counted else ""
    said = f"     chosen {row.chosen}" + (f", weight {row.weight}" if weighted else "")
    said += f", multiplicities {' '.join(counts)}" if counted else ""
    return Matrix(f"row {i}", row.features, f"X_{{{i + 1}}}", f"X{i}", beside), Sentence(said)


def word(x: Fraction) -> str:
    """An exact number as Python and JSON read it: a bare integer or a quoted fraction.

    >>> word(Fraction(3)), word(Fraction(1, 2))
    ('3', '"1/2"')
    """
    return str(x) if x.denominator == 1 else f'"{x}"'


def _show(rows: Sequence[Sequence[Fraction]]) -> str:
    return "[" + ", ".join("[" + ", ".join(map(word, row)) + "]" for row in rows) + "]"
