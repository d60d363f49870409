"""Identities between second moments of features for every dimension and every length, decided by patterns of equal indices.

A sum over coordinates p, q, ... of products of two features is split by which indices coincide, with each other and with the fixed
indices j, k, ... (which are distinct). On each pattern the expectation is a moment of u times a count (`coincidences`), a polynomial
in n = t - 1 with possible exceptions at small t. A *formal sum* collects these: its keys are moments, written as the exponents of the
fixed coordinates followed by those of further distinct ones, summed over; its values are counts. Two equal formal sums are equal for
every law with these moments, in every dimension and at every position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ...language.verdicts import Evidence, Outcome, Verdict
from .coincidences import SETTLED, Count, canonical, pair_count, target_count

# Exponents (of u, of its conjugate) of the fixed coordinates, then of the others in a canonical order.
Moment = tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]
FormalSum = dict[Moment, Count]
Feature = tuple[int, int, int]


def plus(x: Count, y: Count, factor: int = 1) -> Count:
    """x + factor * y."""
    early = tuple(x.at(t) + factor * y.at(t) for t in range(2, SETTLED))
    a, b = x.coefficients, y.coefficients
    return Count((a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]), early)


def polynomial(c0: int, c1: int, c2: int) -> Count:
    """The count c0 + c1 n + c2 n^2 without exceptions."""
    plain = Count((c0, c1, c2))
    return Count((c0, c1, c2), tuple(plain.at(t) for t in range(2, SETTLED)))


def assignments(fixed: int, bound: int) -> Iterator[tuple[int, ...]]:
    """All ways in which `bound` indices coincide with 0..fixed-1 or with each other; new coordinates are numbered on.

    >>> list(assignments(1, 1)), len(list(assignments(2, 2)))
    ([(0,), (1,)], 10)
    """

    def extend(chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(chosen) == bound:
            yield chosen
            return
        for value in range(max((fixed - 1, *chosen)) + 2):
            yield from extend((*chosen, value))

    yield from extend(())


def moment_key(plain: tuple[int, ...], conjugate: tuple[int, ...], fixed: int) -> Moment:
    """The moment of a product of coordinates, the further coordinates sorted by exponents."""
    size = max((fixed - 1, *plain, *conjugate)) + 1
    pairs = [(plain.count(c), conjugate.count(c)) for c in range(size)]
    return tuple(pairs[:fixed]), tuple(sorted((pair for pair in pairs[fixed:] if pair != (0, 0)), reverse=True))


def pairs_sum(fixed: int, bound: int, features: Callable[..., tuple[Feature, Feature]], real: bool = True) -> FormalSum:
    """sum over `bound` coordinates of (t-1)^2 E Phi_f conj(Phi_g), with (f, g) = features(*bound); the fixed ones are 0..fixed-1.

    For real u plain and conjugate exponents are added up.

    >>> {word(key): count.coefficients for key, count in pairs_sum(1, 1, lambda r: ((r, 0, 0), (r, 0, 0))).items()}
    {'E u_1^6': (0, 0, 1), 'E u_1^4 u_2^2': (0, 1, 0)}
    """
    return _collected(fixed, bound, lambda *chosen: _pair_term(*features(*chosen)), real)


def _pair_term(f: Feature, g: Feature) -> tuple[Count, tuple[int, ...], tuple[int, ...]]:
    return pair_count(canonical((*f, *g))), (f[0], f[2], g[1]), (f[1], g[0], g[2])


def targets_sum(fixed: int, bound: int, feature: Callable[..., tuple[int, Feature]], real: bool = True) -> FormalSum:
    """sum over `bound` coordinates of (t-1) E x_{t+1,i} conj(Phi_f), with (i, f) = feature(*bound)."""

    def term(*chosen: int) -> tuple[Count, tuple[int, ...], tuple[int, ...]]:
        i, f = feature(*chosen)
        return target_count(canonical((i, *f))), (i, f[1]), (f[0], f[2])

    return _collected(fixed, bound, term, real)


def _collected(fixed: int, bound: int, term: Callable[..., tuple[Count, tuple[int, ...], tuple[int, ...]]], real: bool) -> FormalSum:
    result: FormalSum = {}
    for chosen in assignments(fixed, bound):
        count, plain, conjugate = term(*chosen)
        key = moment_key((*plain, *conjugate), (), fixed) if real else moment_key(plain, conjugate, fixed)
        result[key] = plus(result.get(key, polynomial(0, 0, 0)), count)
    return without_zeros(result)


def without_zeros(terms: Mapping[Moment, Count]) -> FormalSum:
    """The terms that do not vanish at every t."""
    return {key: count for key, count in terms.items() if any(count.coefficients) or any(count.early)}


def formal(fixed: int, **terms: tuple[int, int, int]) -> FormalSum:
    """A formal sum by hand: names list the exponents, as `u33` (fixed ones first) or `u13_2` (further ones after the underscore).

    >>> list(formal(2, u13_2=(1, 0, 0)))
    [(((1, 0), (3, 0)), ((2, 0),))]
    """
    result: FormalSum = {}
    for name, coefficients in terms.items():
        head, _, tail = name.removeprefix("u").partition("_")
        exponents = tuple((int(x), 0) for x in head.ljust(fixed, "0"))
        result[exponents, tuple((int(x), 0) for x in tail)] = polynomial(*coefficients)
    return result


def symmetric(terms: FormalSum) -> FormalSum:
    """What remains under a sign-symmetric law: moments whose total exponent in every coordinate is even."""
    return {key: count for key, count in terms.items() if not any((p + q) % 2 for group in key for p, q in group)}


def exchanged(terms: FormalSum) -> FormalSum:
    """The terms under an exchangeable law: a moment depends on its exponents, not on which coordinates carry them."""
    result: FormalSum = {}
    for (fixed, others), count in terms.items():
        key = (), tuple(sorted((pair for pair in (*fixed, *others) if pair != (0, 0)), reverse=True))
        result[key] = plus(result.get(key, polynomial(0, 0, 0)), count)
    return without_zeros(result)


@dataclass(frozen=True)
class AtAllSizes:
    """Two formal sums are equal: an identity for all laws, dimensions and lengths.

    >>> AtAllSizes(formal(1, u4=(0, 1, 0)), targets_sum(1, 1, lambda q: (0, (0, q, q)))).decide().evidence.word
    'proved'
    """

    left: Mapping[Moment, Count]
    right: Mapping[Moment, Count]
    what: str = "formal sums over patterns of equal indices"

    def decide(self) -> Verdict:
        """PROVED if all coefficients agree at every t >= 2; otherwise REFUTED (certified) with the first moment that differs."""
        for key in sorted({*self.left, *self.right}):
            gap = plus(self.left.get(key, polynomial(0, 0, 0)), self.right.get(key, polynomial(0, 0, 0)), -1)
            if any(gap.coefficients) or any(gap.early):
                return Verdict(Outcome.REFUTED, Evidence.CERTIFIED, detail=f"the coefficients of {word(key)} differ by {gap.coefficients}")
        terms = len({*self.left, *self.right})
        return Verdict(Outcome.HOLDS, Evidence.PROVED, "all dimensions and lengths", f"{self.what}: {terms} equal coefficients")


def word(key: Moment) -> str:
    """A moment for people.

    >>> word((((1, 0), (3, 0)), ((2, 0),)))
    'E u_1 u_2^3 u_3^2'
    """
    names = []
    for i, (p, q) in enumerate([*key[0], *key[1]], 1):
        names += [f"u_{i}" + (f"^{p}" if p > 1 else "")] * (p > 0) + [f"conj(u_{i})" + (f"^{q}" if q > 1 else "")] * (q > 0)
    return "E " + " ".join(names)
