"""The reduced potential Phi: what is left of the excess loss once the edge weight is large (C8), read off the type counts.

    L - inf L = e^{-alpha} Phi(beta) (1 + o(1)),   Phi(beta) = sum over active margin constraints of q e^{<gap, beta>}

q is the number of competitors of a type over the size of the true type class, times the weight of the step. On the diagonal
beta = (log b, ..., log b) it is a Laurent polynomial in b with rational coefficients, and so are its derivatives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx

from ...exact.balls import PRECISION, exact_arb
from .learners import TypeCounts

Laurent = Mapping[int, Fraction]


@dataclass(frozen=True)
class Term:
    """One active constraint: its coefficient q and its gap (competitor minus true token) in the lookback features."""

    coefficient: Fraction
    gap: tuple[int, ...]


def active_terms(types: Sequence[TypeCounts]) -> tuple[Term, ...]:
    """The terms of Phi for the direction alpha = 1, beta = 0: competitors without the edge at steps whose true token has it.

    >>> from .learners import step_types
    >>> [str(term.coefficient) for term in active_terms(step_types(2, 3, -1, 5))]
    ['3/4', '2']
    """
    found = []
    for true, others in types:
        tied = 1 + others.get(true, 0)
        for features, count in others.items():
            if true[0] - features[0] == 1:
                gap = tuple(a - b for a, b in zip(features[1:], true[1:]))
                found.append(Term(Fraction(count, tied * len(types)), gap))
    return tuple(found)


def on_the_diagonal(terms: Sequence[Term], derivatives: Sequence[int | None] = ()) -> Laurent:
    """Phi (or a partial derivative) at beta = (log b, ..., log b) as {power of b: coefficient}.

    Each entry of `derivatives` is the index of a weight, or None for the direction (1, ..., 1).
    """
    found: dict[int, Fraction] = {}
    for term in terms:
        value = term.coefficient
        for k in derivatives:
            value *= sum(term.gap) if k is None else term.gap[k]
        power = sum(term.gap)
        found[power] = found.get(power, Fraction(0)) + value
    return {power: value for power, value in found.items() if value}


def at(polynomial: Laurent, beta: arb, precision: int = PRECISION) -> arb:
    """The value of such a polynomial at b = e^beta.

    >>> at({1: Fraction(2)}, arb(0))
    2.00000000000000
    """
    with ctx.workprec(precision):
        return sum((exact_arb(c) * (beta * power).exp() for power, c in polynomial.items()), arb(0))


def vanishes_at_root(polynomial: Laurent, square: Fraction) -> bool:
    """Whether a polynomial in b with powers -1, 0, 1 vanishes at b = sqrt(square), decided exactly where its constant term is zero.

    >>> vanishes_at_root({-1: Fraction(-4), 1: Fraction(1)}, Fraction(4))
    True
    """
    return not polynomial.get(0, 0) and polynomial.get(1, Fraction(0)) * square + polynomial.get(-1, Fraction(0)) == 0
