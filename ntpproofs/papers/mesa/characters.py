"""Character calculus: averages over W = diag(l_1, ..., l_d), l_j uniform on the unit circle, by Fourier orthogonality.

A monomial prod_j l_j^{n_j} has mean 1 if all n_j = 0 and else 0, so E_W |sum_n c_n l^n|^2 = sum_n |c_n|^2. Here the coefficients c_n are
polynomials in the first token u and its conjugate, whose means are moments of a law. Everything is exact.

Replacing each l_j by the N-th roots of unity reduces exponents modulo N: the same sums, computed with `modulus=N`, are those of an
enumeration of all N^d diagonal matrices, and tell for which N that enumeration is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from .laws import Powers

# Exponents of l, of u and of conj(u).
Monomial = tuple[Powers, Powers, Powers]


class Moments(Protocol):
    """Anything with mixed moments: a law."""

    def moment(self, powers: Powers, conjugates: Powers = ()) -> Fraction:
        """E prod_j u_j^{powers_j} conj(u_j)^{conjugates_j}."""
        ...


def add(x: Powers, y: Powers) -> Powers:
    """The sum of two exponent vectors."""
    return tuple(a + b for a, b in zip(x, y))


def subtract(x: Powers, y: Powers) -> Powers:
    """The difference of two exponent vectors."""
    return tuple(a - b for a, b in zip(x, y))


@dataclass(frozen=True)
class Characters:
    """A polynomial in l, 1/l, u and conj(u): a map from monomials to numbers with exact `+`, `*` and `conjugate()`.

    >>> l = Characters.token(2, 0, 3)
    >>> (l * l.conjugate()).mean()
    {((1, 0), (1, 0)): Fraction(1, 1)}
    """

    terms: Mapping[Monomial, Any]

    @staticmethod
    def token(dimension: int, coordinate: int, exponent: int) -> Characters:
        """l_j^exponent u_j: coordinate j of a token."""
        unit = tuple(int(k == coordinate) for k in range(dimension))
        zero = (0,) * dimension
        return Characters({(tuple(exponent * x for x in unit), unit, zero): Fraction(1)})

    @staticmethod
    def zero() -> Characters:
        """The zero polynomial."""
        return Characters({})

    def __add__(self, other: Characters) -> Characters:
        terms = dict(self.terms)
        for key, value in other.terms.items():
            terms[key] = terms.get(key, 0) + value
        return Characters({key: value for key, value in terms.items() if value != 0})

    def __mul__(self, other: Characters) -> Characters:
        terms: dict[Monomial, Any] = {}
        for (n, p, q), x in self.terms.items():
            for (m, r, s), y in other.terms.items():
                key = add(n, m), add(p, r), add(q, s)
                terms[key] = terms.get(key, 0) + x * y
        return Characters({key: value for key, value in terms.items() if value != 0})

    def scaled(self, factor: Any) -> Characters:
        """The product with a number."""
        return Characters({key: factor * value for key, value in self.terms.items() if factor * value != 0})

    def conjugate(self) -> Characters:
        """l -> 1/l, u <-> conj(u), coefficients conjugated."""
        return Characters({(tuple(-a for a in n), q, p): value.conjugate() for (n, p, q), value in self.terms.items()})

    def by_character(self, modulus: int | None = None) -> dict[Powers, dict[tuple[Powers, Powers], Any]]:
        """The terms grouped by the exponents of l, modulo `modulus` if that is given."""
        groups: dict[Powers, dict[tuple[Powers, Powers], Any]] = {}
        for (n, p, q), value in self.terms.items():
            key = n if modulus is None else tuple(a % modulus for a in n)
            group = groups.setdefault(key, {})
            group[p, q] = group.get((p, q), 0) + value
        return groups

    def mean(self, modulus: int | None = None) -> dict[tuple[Powers, Powers], Any]:
        """E_W: the polynomial in u and conj(u) in front of the trivial character."""
        groups = self.by_character(modulus)
        return next((group for key, group in groups.items() if not any(key)), {})


def total(parts: Iterable[Characters]) -> Characters:
    """The sum."""
    terms: dict[Monomial, Any] = {}
    for part in parts:
        for key, value in part.terms.items():
            terms[key] = terms.get(key, 0) + value
    return Characters({key: value for key, value in terms.items() if value != 0})


def inner(left: Characters, right: Characters, modulus: int | None = None) -> dict[tuple[Powers, Powers], Any]:
    """E_W left * conj(right) as a polynomial in u and conj(u): by orthogonality only equal characters meet."""
    result: dict[tuple[Powers, Powers], Any] = {}
    others = right.by_character(modulus)
    for key, group in left.by_character(modulus).items():
        for (r, s), y in others.get(key, {}).items():
            for (p, q), x in group.items():
                power = add(p, s), add(q, r)
                result[power] = result.get(power, 0) + x * y.conjugate()
    return {key: value for key, value in result.items() if value != 0}


def expectation(polynomial: Mapping[tuple[Powers, Powers], Any], law: Moments) -> Any:
    """The mean of a polynomial in u and conj(u) under a law."""
    return sum((value * law.moment(p, q) for (p, q), value in polynomial.items()), Fraction(0))


def spread(values: Iterable[Characters]) -> int:
    """The largest difference between two exponents of one l_j: N-th roots of unity are exact for second moments when N exceeds it.

    >>> spread([Characters.token(2, 0, 3), Characters.token(2, 1, 5)])
    5
    """
    keys = [n for value in values for n, _, _ in value.terms]
    return max((max(column) - min(column) for column in zip(*keys)), default=0)
