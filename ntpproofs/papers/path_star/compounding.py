"""Tabular next-token models with rational probabilities: chain rule, loss as divergence, and how errors compound (C1, C2).

A table lists, for every prefix in length-then-lexicographic order, the distribution of the next token. Everything here is a finite
sum over V^T; probabilities are exact, losses exact combinations of logarithms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod

from ...errors import InvalidInput
from ...exact.logarithms import LogVector
from .information import add, cross_entropy, entropy_of, logarithms, scaled

Sequence_ = tuple[int, ...]
Distribution = tuple[Fraction, ...]


def prefixes(vocabulary: int, length: int) -> Iterator[Sequence_]:
    """All sequences shorter than `length`, by length, then lexicographically.

    >>> list(prefixes(2, 2))
    [(), (0,), (1,)]
    """
    for size in range(length):
        yield from product(range(vocabulary), repeat=size)


@dataclass(frozen=True)
class Table:
    """A next-token model on V^T: `rows[i]` is the distribution after the i-th prefix of `prefixes`.

    Raises `InvalidInput` for rows that are no distributions.
    """

    vocabulary: int
    length: int
    rows: tuple[Distribution, ...]

    def __post_init__(self) -> None:
        expected = sum(self.vocabulary**i for i in range(self.length))
        if len(self.rows) != expected:
            raise InvalidInput("rows", f"are {len(self.rows)} where {expected} prefixes exist", "give one distribution per prefix")
        wrong = next((i for i, row in enumerate(self.rows) if len(row) != self.vocabulary or min(row) < 0 or sum(row) != 1), None)
        if wrong is not None:
            raise InvalidInput(f"rows[{wrong}]", "is no distribution over the vocabulary", "non-negative rationals that sum to 1")

    @cached_property
    def _next(self) -> dict[Sequence_, Distribution]:
        return dict(zip(prefixes(self.vocabulary, self.length), self.rows))

    def after(self, prefix: Sequence_) -> Distribution:
        """q(. | prefix)."""
        return self._next[prefix]

    def probability(self, sequence: Sequence_) -> Fraction:
        """The probability that sampling token by token gives the sequence."""
        return prod((self.after(sequence[:i])[v] for i, v in enumerate(sequence)), start=Fraction(1))

    def sequences(self) -> Iterator[Sequence_]:
        """V^T."""
        return product(range(self.vocabulary), repeat=self.length)

    @property
    def law(self) -> Distribution:
        """The law of the sampled sequence, in the order of `sequences`."""
        return tuple(self.probability(r) for r in self.sequences())

    def ties(self, prefix: Sequence_) -> bool:
        """Whether the most likely next token is not unique."""
        row = self.after(prefix)
        return row.count(max(row)) > 1

    def greedy(self) -> Sequence_:
        """The sequence of most likely tokens fed back (first of several)."""
        sequence: Sequence_ = ()
        while len(sequence) < self.length:
            row = self.after(sequence)
            sequence = (*sequence, row.index(max(row)))
        return sequence

    def forced(self, target: Sequence_) -> tuple[bool, ...]:
        """Which steps are right when the true prefix is given: q's first argmax equals the target's token."""
        rows = [self.after(target[:i]) for i in range(self.length)]
        return tuple(row.index(max(row)) == v for row, v in zip(rows, target))


def chain_rule(law: Sequence[Fraction], vocabulary: int, length: int) -> Table:
    """The next-token model of a law on V^T: conditionals where the prefix has probability, uniform elsewhere (C1a).

    >>> chain_rule([Fraction(1, 2), Fraction(0), Fraction(1, 2), Fraction(0)], 2, 2).rows[1]
    (Fraction(1, 1), Fraction(0, 1))
    """
    weights = dict(zip(product(range(vocabulary), repeat=length), law, strict=True))
    mass: dict[Sequence_, Fraction] = {}
    for sequence, weight in weights.items():
        for i in range(length + 1):
            mass[sequence[:i]] = mass.get(sequence[:i], Fraction(0)) + weight
    rows = []
    for prefix in prefixes(vocabulary, length):
        here = mass[prefix]
        uniform = (Fraction(1, vocabulary),) * vocabulary
        rows.append(tuple(mass[(*prefix, v)] / here for v in range(vocabulary)) if here else uniform)
    return Table(vocabulary, length, tuple(rows))


def divergence(p: Sequence[Fraction], q: Sequence[Fraction]) -> LogVector:
    """KL(p || q) in nats, exactly; q must be positive where p is.

    >>> divergence([Fraction(1), Fraction(0)], [Fraction(1, 2), Fraction(1, 2)]) == logarithms({2: 1})
    True
    """
    return add(cross_entropy(p, q), scaled(entropy_of(p), -1))


def total_variation(p: Sequence[Fraction], q: Sequence[Fraction]) -> Fraction:
    """Half the sum of |p - q|.

    >>> total_variation([Fraction(1), Fraction(0)], [Fraction(1, 2), Fraction(1, 2)])
    Fraction(1, 2)
    """
    return sum((abs(x - y) for x, y in zip(p, q, strict=True)), Fraction(0)) / 2


@dataclass(frozen=True)
class LawAndModel:
    """A law on V^T, written as a table, and a model with positive probabilities: the objects of C1."""

    law: Table
    model: Table

    @property
    def teacher_forced_loss(self) -> LogVector:
        """E sum_i -log q(r_i | r_<i), as a sum over prefixes and tokens."""
        terms: dict[Fraction, Fraction] = {}
        for r in self.law.sequences():
            weight = self.law.probability(r)
            for i, v in enumerate(r):
                q = self.model.after(r[:i])[v]
                if weight:
                    terms[q] = terms.get(q, Fraction(0)) - weight
        return logarithms(terms)

    @property
    def step_divergences(self) -> LogVector:
        """sum_i E KL( P(. | r_<i) || q(. | r_<i) )."""
        parts = []
        for prefix in prefixes(self.law.vocabulary, self.law.length):
            mass = prod((self.law.after(prefix[:i])[v] for i, v in enumerate(prefix)), start=Fraction(1))
            if mass:
                parts.append(scaled(divergence(self.law.after(prefix), self.model.after(prefix)), mass))
        return add(*parts)


@dataclass(frozen=True)
class Task:
    """Prefixes p with weights, one target each, and the model's table for each: the objects of C2."""

    weights: tuple[Fraction, ...]
    targets: tuple[Sequence_, ...]
    tables: tuple[Table, ...]

    @property
    def length(self) -> int:
        """T."""
        return len(self.targets[0])

    @cached_property
    def forced_errors(self) -> tuple[Fraction, ...]:
        """e_i = P(the argmax at step i is wrong when the true prefix is given)."""
        rights = [table.forced(target) for table, target in zip(self.tables, self.targets)]
        return tuple(sum((w for w, right in zip(self.weights, rights) if not right[i]), Fraction(0)) for i in range(self.length))

    @cached_property
    def forced_accuracy(self) -> Fraction:
        """The weight of the prefixes whose every forced argmax is right."""
        return self._weight(all(table.forced(target)) for table, target in zip(self.tables, self.targets))

    @cached_property
    def greedy_accuracy(self) -> Fraction:
        """The weight of the prefixes whose fed-back greedy output is the target."""
        return self._weight(table.greedy() == target for table, target in zip(self.tables, self.targets))

    def _weight(self, flags: Iterator[bool]) -> Fraction:
        return sum((w for w, flag in zip(self.weights, flags) if flag), Fraction(0))

    @property
    def has_ties(self) -> bool:
        """Whether a forced argmax is not unique somewhere on the true path."""
        return any(table.ties(target[:i]) for table, target in zip(self.tables, self.targets) for i in range(self.length))

    @cached_property
    def sampling_accuracies(self) -> tuple[Fraction, ...]:
        """P(sample = r | p) for every prefix."""
        return tuple(table.probability(target) for table, target in zip(self.tables, self.targets))

    @cached_property
    def loss(self) -> LogVector:
        """E L_seq, the mean loss per sequence."""
        return cross_entropy(self.weights, self.sampling_accuracies)
