"""Exact entropies on finite uniform spaces: rational combinations of logarithms, compared without any tolerance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction

from ...errors import InvalidInput
from ...exact.balls import Interval, interval
from ...exact.logarithms import LogVector, coprime_base, exponents

ZERO_NATS = LogVector((), (), 1)


def logarithms(terms: Mapping[Fraction, Fraction] | Mapping[int, Fraction] | Mapping[int, int]) -> LogVector:
    """The number sum c log x over {x: c}, x > 0 and c rational, exactly. Raises `InvalidInput` for x <= 0.

    >>> logarithms({4: 1}) == logarithms({2: 2})
    True
    """
    numbers = {Fraction(x): Fraction(c) for x, c in terms.items() if c}
    wrong = next((x for x in numbers if x <= 0), None)
    if wrong is not None:
        raise InvalidInput("logarithm", f"of {wrong}, which is not positive", "give positive numbers")
    base = coprime_base(n for x in numbers for n in (x.numerator, x.denominator))
    parts = [Fraction(0)] * len(base)
    for x, c in numbers.items():
        for k, e in exponents(x, base).items():
            parts[k] += c * e
    return LogVector(base, tuple((part,) for part in parts), 1)


def add(*numbers: LogVector) -> LogVector:
    """The sum of numbers written in logarithms.

    >>> add(logarithms({2: 1}), logarithms({3: 1})) == logarithms({6: 1})
    True
    """
    total: dict[int, Fraction] = {}
    for number in numbers:
        for g, part in zip(number.base, number.parts):
            total[g] = total.get(g, Fraction(0)) + part[0]
    return logarithms(total)


def scaled(number: LogVector, factor: Fraction | int) -> LogVector:
    """A rational multiple of such a number.

    >>> scaled(logarithms({2: 1}), 2) == logarithms({4: 1})
    True
    """
    return LogVector(number.base, tuple((part[0] * factor,) for part in number.parts), 1)


def enclosed(number: LogVector) -> Interval:
    """Such a number as an interval of about 40 digits, for inequalities.

    >>> enclosed(ZERO_NATS).radius
    Fraction(0, 1)
    """
    return interval(number.balls()[0])


def conditional_entropy(pairs: Iterable[tuple[Hashable, Hashable]]) -> LogVector:
    """H(Y | X) in nats for equally likely pairs (x, y).

    H = sum_x n_x/n log n_x - sum_xy n_xy/n log n_xy with the counts n.

    >>> conditional_entropy([(0, "a"), (0, "b"), (1, "a")]) == logarithms({2: Fraction(2, 3)})
    True
    """
    joint = Counter(pairs)
    marginal = Counter[Hashable]()
    for (x, _), count in joint.items():
        marginal[x] += count
    size = sum(marginal.values())
    terms: dict[int, Fraction] = {}
    for sign, counts in ((1, marginal), (-1, joint)):
        for count in counts.values():
            terms[count] = terms.get(count, Fraction(0)) + Fraction(sign * count, size)
    return logarithms(terms)


def entropy_of(weights: Iterable[Fraction]) -> LogVector:
    """- sum p log p over the positive entries of a probability vector.

    >>> entropy_of([Fraction(1, 2), Fraction(1, 2)]) == logarithms({2: 1})
    True
    """
    terms: dict[Fraction, Fraction] = {}
    for p in weights:
        if p:
            terms[p] = terms.get(p, Fraction(0)) - p
    return logarithms(terms)


def cross_entropy(weights: Iterable[Fraction], model: Iterable[Fraction]) -> LogVector:
    """- sum p log q; q must be positive where p is.

    >>> cross_entropy([Fraction(1)], [Fraction(1, 2)]) == logarithms({2: 1})
    True
    """
    terms: dict[Fraction, Fraction] = {}
    for p, q in zip(weights, model, strict=True):
        if p:
            terms[q] = terms.get(q, Fraction(0)) - p
    return logarithms(terms)
