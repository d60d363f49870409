"""How often two products of tokens carry the same character, counted for all lengths and all dimensions at once.

The feature (m, k, l) of the prediction at position t is u_m conj(u_k) u_l times (1/(t-1)) sum_{i=1}^{t-1} of the character with exponents

    i e_m - (i-1) e_k + (t-1) e_l.

Second moments of features are moments of u times the number of pairs (i, i') with equal characters; correlations with the target
x_{t+1,j} the number of i with character t e_j. Both depend on the indices only through which of them are equal, so finitely many
patterns cover every dimension. For each pattern the equations are linear in (i, i') with t as a parameter:

* no condition on (i, i'): all (t-1)^2 pairs, or none;
* one condition i = r, i' = r, i - i' = r or i + i' = r: t-1, t-1-|r|, or min(r-1, 2t-1-r) pairs; two conditions: at most one pair,

where r is linear in t with small integer coefficients. An exact case analysis on r gives the count as a polynomial in n = t-1, valid
from some t on; below it the count is taken directly. So sums over t need only T-2, H_{T-2}, G = sum 1/(t-1)^2 and finitely many terms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from flint import fmpq

from ...exact.rational import fraction

Indices = tuple[int, ...]
# A number linear in t, as (coefficient of t, constant).
Linear = tuple[int, int]

# Every r(t) below has coefficient of t at most 2 and constant at most 3 in size, so r(t), r(t) - 1 and r(t) - (t - 1) keep their
# signs from here on.
SETTLED = 8
NONE = (0, 0, 0)


@dataclass(frozen=True)
class Count:
    """c0 + c1 n + c2 n^2 with n = t - 1 for t >= `start`, and the listed values for t = 2, ..., start - 1."""

    coefficients: tuple[int, int, int]
    early: tuple[int, ...] = ()

    def at(self, t: int) -> int:
        """The count at position t >= 2."""
        if t - 2 < len(self.early):
            return self.early[t - 2]
        n = t - 1
        return self.coefficients[0] + self.coefficients[1] * n + self.coefficients[2] * n * n

    def averaged(self, length: int, power: int = 2) -> Fraction:
        """sum_{t=2}^{length-1} count(t) / (t-1)^power, by harmonic sums and the early corrections."""
        c0, c1, c2 = self.coefficients
        main = sum((c * harmonic(length - 2, power - k) for k, c in enumerate(self.coefficients) if c), Fraction(0))
        corrections = (
            Fraction(value - c0 - c1 * (t - 1) - c2 * (t - 1) ** 2, (t - 1) ** power) for t, value in enumerate(self.early, start=2) if t < length
        )
        return main + sum(corrections, Fraction(0))


@lru_cache(maxsize=1024)
def harmonic(n: int, power: int = 1) -> Fraction:
    """sum_{k=1}^n k^-power: H_n for power 1, G for power 2, n for power 0.

    >>> harmonic(3), harmonic(3, 2), harmonic(3, 0)
    (Fraction(11, 6), Fraction(49, 36), Fraction(3, 1))
    """
    return Fraction(n) if power == 0 else fraction(_split_sum(1, n + 1, power))


def _split_sum(low: int, high: int, power: int) -> fmpq:
    # Halving keeps the denominators short: 10^4 terms in milliseconds.
    if high - low < 8:
        return sum((fmpq(1, k**power) for k in range(low, high)), fmpq(0))
    middle = (low + high) // 2
    return _split_sum(low, middle, power) + _split_sum(middle, high, power)


def canonical(indices: Sequence[int]) -> Indices:
    """The pattern of equalities: indices renamed 0, 1, ... in the order of their first appearance.

    >>> canonical((4, 2, 4))
    (0, 1, 0)
    """
    names: dict[int, int] = {}
    return tuple(names.setdefault(index, len(names)) for index in indices)


def exponents(feature: Indices, i: int, t: int, size: int) -> Indices:
    """The exponent vector i e_m - (i-1) e_k + (t-1) e_l."""
    m, k, line = feature
    return tuple(i * (c == m) - (i - 1) * (c == k) + (t - 1) * (c == line) for c in range(size))


def counted(left: Indices, right: Indices | None, t: int) -> int:
    """The number of coincidences at one t, directly. With `right` None the target t e_0 is meant, and 0 names its coordinate."""
    size = 7
    lefts = Counter(exponents(left, i, t, size) for i in range(1, t))
    if right is None:
        return lefts[tuple(t * (c == 0) for c in range(size))]
    rights = Counter(exponents(right, i, t, size) for i in range(1, t))
    return sum(times * rights[key] for key, times in lefts.items())


@lru_cache(maxsize=4096)
def pair_count(pattern: Indices) -> Count:
    """Pairs (i, i') for the features (p0, p1, p2) and (p3, p4, p5) of a canonical pattern.

    >>> pair_count((0, 1, 1, 0, 1, 1)).coefficients  # E|S_jr|^2 has t - 1 terms
    (0, 1, 0)
    >>> pair_count((0, 0, 0, 0, 0, 0)).coefficients
    (0, 0, 1)
    """
    left, right = pattern[:3], pattern[3:]
    rows = _equations(left, right, max(pattern) + 1)
    return Count(_settled(rows), tuple(counted(left, right, t) for t in range(2, SETTLED)))


@lru_cache(maxsize=512)
def target_count(pattern: Indices) -> Count:
    """Indices i for the target coordinate p0 and the feature (p1, p2, p3) of a canonical pattern.

    >>> target_count((0, 0, 0, 0)).coefficients
    (0, 1, 0)
    """
    rows = []
    for c in range(max(pattern) + 1):
        _, m, k, line = (int(c == p) for p in pattern)
        # i (m - k) + k + (t-1) line = t [c = target]
        rows.append(((m - k, 0), (int(c == 0) - line, line - k)))
    return Count(_settled(rows, pairs=False), tuple(counted(pattern[1:], None, t) for t in range(2, SETTLED)))


def _equations(left: Indices, right: Indices, size: int) -> list[tuple[tuple[int, int], Linear]]:
    # For each coordinate: (coefficients of i and i'), right-hand side linear in t.
    rows = []
    for c in range(size):
        m, k, line = (int(c == p) for p in left)
        m2, k2, line2 = (int(c == p) for p in right)
        rows.append(((m - k, k2 - m2), (line2 - line, k2 - k - line2 + line)))
    return rows


def _settled(rows: Sequence[tuple[tuple[int, int], Linear]], pairs: bool = True) -> tuple[int, int, int]:
    """The count for t >= SETTLED as coefficients of 1, n, n^2; none of the conditions changes its truth from there on."""
    kinds = {(1, 0): "first", (0, 1): "second", (1, -1): "difference", (1, 1): "sum"}
    found: dict[str, Linear] = {}
    for (a, b), r in rows:
        if (a, b) == (0, 0):
            if r != (0, 0):
                return NONE
            continue
        sign = a or b
        kind, value = kinds[sign * a, sign * b], (sign * r[0], sign * r[1])
        if found.setdefault(kind, value) != value:
            return NONE
    return _solutions(found, 2 if pairs else 1)


def _solutions(found: dict[str, Linear], unknowns: int) -> tuple[int, int, int]:
    alone = set(found) <= {"difference"} or set(found) <= {"sum"}
    if alone and found:
        return _on_difference(found["difference"]) if "difference" in found else _on_sum(found["sum"])
    first, second = found.get("first"), found.get("second")
    # One of i, i' is known: a condition on the difference or the sum gives the other one. (Both conditions without either cannot occur.)
    for kind, sign in (("difference", 1), ("sum", -1)):
        if kind not in found:
            continue
        r = found[kind]
        if first is None and second is not None:
            first = _plus(r, second, sign)
        elif first is not None:
            expected = _plus(first, r, -1) if sign == 1 else _plus(r, first, -1)
            if second not in (None, expected):
                return NONE
            second = expected
    known = [r for r in (first, second) if r is not None]
    if not all(_within(r) for r in known):
        return NONE
    return ((1, 0, 0), (0, 1, 0), (0, 0, 1))[unknowns - len(known)]


def _plus(x: Linear, y: Linear, sign: int) -> Linear:
    return x[0] + sign * y[0], x[1] + sign * y[1]


def _within(r: Linear) -> bool:
    # 1 <= r(t) <= t - 1 for all large t.
    return r > (0, 0) and r < (1, 0)


def _on_difference(r: Linear) -> tuple[int, int, int]:
    # Pairs with i - i' = r: t - 1 - |r|, where that is positive.
    slope, constant = r if r >= (0, 0) else (-r[0], -r[1])
    if slope == 0:
        return -constant, 1, 0
    return (-1 - constant, 0, 0) if slope == 1 and constant < -1 else NONE


def _on_sum(r: Linear) -> tuple[int, int, int]:
    # Pairs with i + i' = r: min(r - 1, 2 t - 1 - r), where that is positive.
    slope, constant = r
    if slope == 1:
        return -abs(constant), 1, 0
    if slope == 0:
        return max(constant - 1, 0), 0, 0
    return (max(-1 - constant, 0), 0, 0) if slope == 2 else NONE
