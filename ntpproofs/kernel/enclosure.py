"""The enclosure of the infimum of the loss and of the log-odds that its finite part keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, factorial, floor
from typing import Any

from .conditions import Columns, need, read_columns
from .instances import ONE, Block, Dataset, bounded
from .programmes import partition
from .reading import Vector, brief, common_denominator, field, listed, rational

TERMS = 24
# exp(256) is beyond any ratio of probabilities worth a certificate.
LARGEST_ARGUMENT = 256
# What one bound of the exponential function costs, in products of small integers.
COST = 500
# Bits behind the point of the upper bounds, which have to be summed.
FINE = 448


def exp_below(x: Fraction) -> Fraction:
    """A lower bound of exp x, the same in both kernels: halve, 24 terms of the series, square; all rounded down to p bits.

    A partial sum with an even number of terms is below the exponential function everywhere. Zero beyond `LARGEST_ARGUMENT`.

    >>> float(exp_below(Fraction(1)))
    2.718281828459045
    """
    size = floor(abs(x)) + 1
    if size > LARGEST_ARGUMENT:
        return Fraction(0)
    p, halvings = 192 + 2 * size, size.bit_length() + 3
    y = floor(x / 2**halvings * 2**p)
    # sum of y^j / (2^(p j) j!) over j < 24, times 2^(23 p) 23!
    total, power, left = 0, 1, factorial(TERMS - 1)
    for j in range(TERMS):
        total += power * left << p * (TERMS - 1 - j)
        power *= y
        left //= j + 1
    bound = max(total // (factorial(TERMS - 1) << p * (TERMS - 2)), 0)
    for _ in range(halvings):
        bound = bound * bound >> p
    return Fraction(bound, 2**p)


def _exp_above(x: Fraction) -> Fraction:
    below = exp_below(-x)
    need(below > 0, f"{brief(x)} is no difference of log-probabilities")
    return Fraction(ceil(2**FINE / below), 2**FINE)


@dataclass(frozen=True)
class Tied:
    """One tied alternative: weight of its block, share p, dual share q, relative count n, y close to log(q / n), bounds of exp y and exp -y."""

    block: int
    weight: Fraction
    p: Fraction
    q: Fraction
    n: Fraction
    y: Fraction
    up: Fraction
    down: Fraction

    def near(self, gap: Fraction, radius: Fraction) -> bool:
        """Whether a gap between the bounds keeps log(share / n) within radius / 2 of y."""
        wide, half = 1 + radius / 2, radius / 4
        pinned = 128 * gap <= self.weight * self.q * radius**2
        return pinned and self.n * self.up <= wide * (1 - half) * self.q and (1 + half) * self.q * self.down <= wide * self.n


def tied_alternatives(
    data: Dataset, tied: list[frozenset[int]], circulation: list[Vector], center: Columns, shifts: list[Fraction]
) -> Iterator[Tied]:
    """The tied alternatives of all blocks, with what the circulation and the centre say of them."""
    for i, (block, inside, c, z) in enumerate(zip(data.blocks, tied, circulation, shifts)):
        scores, counts = data.scores(center, block), _relative(block)
        for v in sorted(inside):
            p = block.labels.get(v, Fraction(0))
            q = p - Fraction(c[v], c.denominator) / block.weight
            need(q > 0, f"block {i}: the share of a tied alternative is not positive")
            y = Fraction(scores[v], scores.denominator) - z
            yield Tied(i, block.weight, p, q, counts[v] if counts else ONE, y, _exp_above(y), _exp_above(-y))


def bounds(found: list[Tied], data: Dataset) -> tuple[Fraction, Fraction]:
    """A lower bound of the loss everywhere and an upper bound of the tied loss at the centre."""
    weights = sum((block.weight for block in data.blocks), Fraction(0))
    entropy = sum((x.weight * x.q * (x.y + x.q / x.n * x.down) for x in found), -weights)
    return -entropy, sum((x.weight * (x.n * x.up - x.p * x.y) for x in found), -weights)


def enclosure(record: Any, data: Dataset) -> str:
    """Bounds of the infimum and of the finite part's differences of scores on the tied sets.

    With shares q = p - c / a of every block the circulation c says sum a (q - p) x = 0, so by Gibbs' inequality the loss is nowhere
    below -sum a sum q log(q / n). The loss on the tied sets at the centre is above the infimum, which a separator reaches in the limit. Between
    these two bounds lies sum a KL(q, softmax of the finite part), which pins every share: 8 KL <= q e^2 gives |share / q - 1| <= e.
    """
    tied, circulation, _ = partition(record, data)
    center = read_columns(record, "center", data)
    given = listed(field(record, "normalizers", "certificate"), "normalizers", len(data.blocks))
    shifts = [rational(z, f"normalizers[{i}]") for i, z in enumerate(given)]
    lower, upper, radius = (rational(field(record, name, "certificate"), name) for name in ("lower", "upper", "radius"))
    bounded(COST * 2 * sum(map(len, tied)), "enclosure")
    need(0 <= radius <= 2, "the radius is not in 0..2")
    found = list(tied_alternatives(data, tied, circulation, center, shifts))
    common_denominator((x.weight.denominator * x.q.denominator**2 * x.n.numerator * x.y.denominator for x in found), len(found))
    least, largest = bounds(found, data)
    need(largest <= upper, "the loss at the centre is above the upper bound")
    need(lower <= least, "the entropy of the shares is below the lower bound")
    for x in found:
        need(x.near(upper - lower, radius), f"block {x.block}: the centre is not within the radius")
    return "the infimum of the loss and the score differences of the finite part on the tied sets lie within the bounds given"


def _relative(block: Block) -> tuple[Fraction, ...] | None:
    # Multiplicities over that of the label; only blocks with one label have any.
    if block.multiplicities is None:
        return None
    label = block.multiplicities[next(iter(block.labels))]
    return tuple(n / label for n in block.multiplicities)
