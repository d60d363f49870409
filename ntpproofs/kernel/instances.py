"""Instances as the kernel sees them: blocks of labelled choices whose scores are bilinear.

Block b has alternatives with left factors, one right factor and a set of labels. For a matrix w the score of alternative
v is <left_v, w right_b> plus a constant; certificates speak about differences of scores inside blocks and nothing else.

    linear-ntp         block = context j,  left_v = e_v (basis vector of R^V),  right = h_j,  labels = support of p_j
    attention-ntp      block = sequence i, left_v = embedding of token v,       right = e_k of the last token
    conditional-logit  block = row i,      left_v = feature vector x_iv,        right = (1)
    system             block = row a of "inequalities" (a w >= b: label a w against 0 w + b - 1) or of "equalities"
                       (a w = e: the labels a w and 0 w + e), right = (1)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .reading import Vector, brief, common_denominator, field, index, listed, only, rational, require

Rows = tuple[tuple[Fraction, ...], ...]
ONE = Fraction(1)
# What a short file can ask for is bounded before it is computed: the vocabulary (beyond any tokenizer), the entries that defaults
# stand for, the products of one pass over the left factors of all blocks.
LARGEST_VOCABULARY = 10_000_000
LARGEST_EXPANSION = 1_000_000
LARGEST_PASS = 20_000_000


@dataclass(frozen=True)
class Block:
    """One choice: `labels` maps chosen alternatives to their share of `weight` (shares sum to one), `alternatives` are
    indices into the left bank, `right` into the right bank, `offset` is the constant of the second alternative."""

    weight: Fraction
    labels: Mapping[int, Fraction]
    alternatives: range | tuple[int, ...]
    multiplicities: tuple[Fraction, ...] | None
    right: int
    offset: Fraction = Fraction(0)


@dataclass(frozen=True)
class Dataset:
    """Blocks with their factor banks. `left` or `right` None is the identity (tokens, one-hot contexts)."""

    kind: str
    shape: tuple[int, int]
    left: Rows | None
    right: Rows | None
    blocks: tuple[Block, ...]

    def right_factor(self, block: Block) -> Mapping[int, Fraction]:
        """The non-zero coordinates of the right factor of a block."""
        return {block.right: ONE} if self.right is None else {k: x for k, x in enumerate(self.right[block.right]) if x}

    def scores(self, columns: Mapping[int, Vector], block: Block) -> Vector:
        """The scores of the alternatives of one block for the matrix with the given columns (those left out are zero)."""
        image = Vector.combine(self.shape[0], [(x, columns[k]) for k, x in self.right_factor(block).items() if k in columns])
        if self.left is None:
            return image
        values = [sum((x * image[i] for i, x in enumerate(self.left[v]) if x), Fraction(0)) for v in block.alternatives]
        values[-1] += block.offset * image.denominator
        return Vector.dense((x.numerator, x.denominator * image.denominator) for x in values)

    def adjoint(self, coefficients: Mapping[int, Vector]) -> dict[int, Vector]:
        """The columns of sum_b sum_v c_bv left_v right_b^T, the sum over the blocks given; columns left out are zero."""
        terms: dict[int, list[tuple[Fraction, Vector]]] = {}
        for b, vector in coefficients.items():
            block = self.blocks[b]
            if self.left is not None:
                used = ((c, v) for c, v in zip(vector, block.alternatives) if c)
                vector = Vector.combine(self.shape[0], ((c, Vector.decode(self.left[v], "left", self.shape[0])) for c, v in used))
            for k, x in self.right_factor(block).items():
                terms.setdefault(k, []).append((x, vector))
        return {k: Vector.combine(self.shape[0], column) for k, column in terms.items()}


def bounded(products: int, subject: str) -> None:
    """Refuse what would take minutes, from the sizes alone."""
    require(products <= LARGEST_PASS, subject, f"needs {products:,} products in one pass", f"the limit is {LARGEST_PASS:,}")


def matrix(value: Any, subject: str, width: int | None = None) -> Rows:
    """A non-empty list of rows of equal positive length, as fractions."""
    rows = listed(value, subject)
    require(bool(rows), subject, "is empty", "give at least one row")
    width = len(listed(rows[0], f"{subject}[0]")) if width is None else width
    require(width > 0, subject, "has rows without entries", "give at least one coordinate")
    implied = width * sum(isinstance(row, Mapping) for row in rows)
    require(implied <= LARGEST_EXPANSION, subject, f"has sparse rows that stand for {implied:,} entries", f"the limit is {LARGEST_EXPANSION:,}")
    return tuple(_row(row, f"{subject}[{i}]", width) for i, row in enumerate(rows))


def _row(value: Any, subject: str, width: int) -> tuple[Fraction, ...]:
    # What is written as a tuple of fractions already needs no more than the bound on its size.
    if type(value) is tuple and len(value) == width and all(type(x) is Fraction for x in value):
        common_denominator({x.denominator for x in value}, width)
        return value
    return tuple(Vector.decode(value, subject, width))


def positive(value: Any, subject: str) -> Fraction:
    """A positive rational."""
    number = rational(value, subject)
    require(number > 0, subject, f"is {brief(number)}, not positive", "give a positive rational")
    return number


def _distribution(vector: Vector, subject: str) -> dict[int, Fraction]:
    size = vector.length
    named = range(size) if vector.default else sorted(vector.offsets)
    entries = {v: Fraction(vector[v], vector.denominator) for v in named if vector[v]}
    require(bool(entries), subject, "is zero everywhere: an empty support", "give the distribution of the next token")
    least, total = min(entries.values()), Fraction(vector.total(), vector.denominator)
    require(least > 0, subject, f"has the negative entry {brief(least)}", "probabilities are at least 0")
    require(total == 1, subject, f"sums to {brief(total)}, not to 1", "divide each entry by the sum")
    return entries


def _linear_ntp(record: Mapping[str, Any]) -> Dataset:
    given = listed(field(record, "probabilities", "instance"), "probabilities")
    require(bool(given), "probabilities", "has no row, so there is no context", "give at least one context")
    embeddings = field(record, "embeddings", "instance")
    bank = None if embeddings == "one-hot" else matrix(listed(embeddings, "embeddings", len(given)), "embeddings")
    size = record["vocabulary_size"] if "vocabulary_size" in record else len(listed(given[0], "probabilities[0]"))
    proper = isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= LARGEST_VOCABULARY
    require(proper, "vocabulary_size", f"is {brief(size)}, not in 1..{LARGEST_VOCABULARY}", "count the tokens")
    uniform = [Fraction(1, len(given))] * len(given)
    weights = [positive(x, f"weights[{j}]") for j, x in enumerate(listed(record.get("weights", uniform), "weights", len(given)))]
    together = Vector.dense(weight.as_integer_ratio() for weight in weights)
    total = Fraction(together.total(), together.denominator)
    require(total == 1, "weights", f"sum to {brief(total)}, not to 1", "divide each by the sum")
    rows = [Vector.decode(row, f"probabilities[{j}]", size) for j, row in enumerate(given)]
    implied = size * sum(row.default != 0 for row in rows)
    require(implied <= LARGEST_EXPANSION, "probabilities", f"have defaults that stand for {implied:,} tokens", f"the limit is {LARGEST_EXPANSION:,}")
    labels = [_distribution(row, f"probabilities[{j}]") for j, row in enumerate(rows)]
    blocks = tuple(Block(weight, labels[j], range(size), None, j) for j, weight in enumerate(weights))
    return Dataset("linear-ntp", (size, len(bank[0]) if bank else len(given)), None, bank, blocks)


def _attention_ntp(record: Mapping[str, Any]) -> Dataset:
    bank = matrix(field(record, "embeddings", "instance"), "embeddings")
    sequences = listed(field(record, "sequences", "instance"), "sequences")
    labels = listed(field(record, "labels", "instance"), "labels", len(sequences))
    require(bool(sequences), "sequences", "is empty", "give at least one sequence")
    blocks = []
    for i, sequence in enumerate(sequences):
        tokens = [index(t, f"sequences[{i}]", len(bank)) for t in listed(sequence, f"sequences[{i}]")]
        require(bool(tokens), f"sequences[{i}]", "is empty", "a sequence needs at least its last token, the query")
        label = index(labels[i], f"labels[{i}]", len(bank))
        require(label in tokens, f"labels[{i}]", f"token {label} is not in sequence {brief(tokens)}", "choose one of its tokens")
        times = Counter(tokens)
        distinct = tuple(sorted(times))
        counts = tuple(Fraction(times[t]) for t in distinct)
        blocks.append(Block(Fraction(1, len(sequences)), {distinct.index(label): ONE}, distinct, counts, tokens[-1]))
    return Dataset("attention-ntp", (len(bank[0]), len(bank[0])), bank, bank, tuple(blocks))


def _conditional_logit(record: Mapping[str, Any]) -> Dataset:
    bank: list[tuple[Fraction, ...]] = []
    blocks = []
    for i, row in enumerate(listed(field(record, "rows", "instance"), "rows")):
        subject = f"rows[{i}]"
        features = matrix(field(row, "features", subject), f"{subject}.features", len(bank[0]) if bank else None)
        only(row, ("weight", "chosen", "features", "multiplicities"), subject)
        counts = listed(row.get("multiplicities", [1] * len(features)), f"{subject}.multiplicities", len(features))
        numbers = tuple(positive(n, f"{subject}.multiplicities[{v}]") for v, n in enumerate(counts))
        chosen = index(field(row, "chosen", subject), f"{subject}.chosen", len(features))
        places = tuple(range(len(bank), len(bank) + len(features)))
        blocks.append(Block(positive(row.get("weight", 1), f"{subject}.weight"), {chosen: ONE}, places, numbers, 0))
        bank += features
    require(bool(blocks), "rows", "is empty", "give at least one row")
    return Dataset("conditional-logit", (len(bank[0]), 1), tuple(bank), ((ONE,),), tuple(blocks))


def _system(record: Mapping[str, Any]) -> Dataset:
    bank: list[tuple[Fraction, ...]] = []
    blocks = []
    for rows, values, labels in (("inequalities", "bounds", {0: ONE}), ("equalities", "values", {0: ONE, 1: ONE})):
        if rows in record or values in record:
            left = matrix(field(record, rows, "system"), rows, len(bank[0]) if bank else None)
            bank = bank or [(Fraction(0),) * len(left[0])]
            for row, value in zip(left, Vector.decode(field(record, values, "system"), values, len(left))):
                blocks.append(Block(ONE, labels, (len(bank), 0), None, 0, value - (len(labels) == 1)))
                bank.append(row)
    require(bool(blocks), "system", "has no row", "give inequalities or equalities")
    return Dataset("system", (len(bank[0]), 1), tuple(bank), ((ONE,),), tuple(blocks))


KINDS: dict[str, tuple[Callable[[Mapping[str, Any]], Dataset], tuple[str, ...]]] = {
    "linear-ntp": (_linear_ntp, ("kind", "embeddings", "probabilities", "weights", "vocabulary_size")),
    "attention-ntp": (_attention_ntp, ("kind", "embeddings", "sequences", "labels")),
    "conditional-logit": (_conditional_logit, ("kind", "rows")),
    "system": (_system, ("kind", "inequalities", "bounds", "equalities", "values")),
}


def decode_dataset(record: Any) -> Dataset:
    """The dataset written in an instance record (scalars may be integers, "p/q" strings or `Fraction`s).

    Raises `InvalidInput` naming the field, the reason and the remedy.
    """
    kind = field(record, "kind", "instance")
    require(isinstance(kind, str) and kind in KINDS, "kind", f"{brief(kind)} is not a kind of dataset", f"kinds: {', '.join(KINDS)}")
    decode, fields = KINDS[kind]
    only(record, fields, "instance")
    data = decode(record)
    bounded(0 if data.left is None else data.shape[0] * sum(len(block.alternatives) for block in data.blocks), kind)
    return data
