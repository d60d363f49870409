"""Two arms: the decision is a parity of fair bits, and what that does and does not say about hardness.

Proof. S_2 is addition of bits, so R = T + b_1 + ... + b_m. A character of a strict subset of the m + 1 bits has mean zero against the
parity, because one bit is left over; characters of the subset span all its functions. Parseval's identity over all parities gives
the mean squared correlation 2^-m E g^2: a bound for the family. Path-star has one fixed target, and the bound says nothing about one
member: the parity itself correlates with itself fully.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import combinations, product
from typing import Any

from hypothesis import strategies as st

from ....language.relations import AtMost, Equal, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ..problem import PathStar
from ._samples import samples_of, word_of

Values = tuple[Fraction, ...]
SHAPES = {1: PathStar(2, 3, 5), 2: PathStar(2, 4, 7)}


def bits(m: int) -> list[tuple[int, ...]]:
    """{0, 1}^m, lexicographically."""
    return list(product((0, 1), repeat=m))


def character(subset: tuple[int, ...], point: tuple[int, ...]) -> int:
    """(-1)^(sum of the chosen bits)."""
    return (-1) ** sum(point[i] for i in subset)


def correlation(values: Values, subset: tuple[int, ...]) -> Fraction:
    """E chi_S g over fair bits."""
    m = len(values).bit_length() - 1
    return sum((v * character(subset, point) for v, point in zip(values, bits(m))), Fraction(0)) / len(values)


@cache
def functions() -> st.SearchStrategy[Values]:
    """Rational functions on m = 1..4 fair bits; the parity itself is one of them."""

    @st.composite
    def drawn(draw: Callable[..., Any]) -> Values:
        m = draw(st.integers(1, 4))
        if draw(st.integers(0, 3)) == 0:
            return tuple(Fraction(character(tuple(range(m)), point)) for point in bits(m))
        return tuple(Fraction(draw(st.integers(-3, 3))) for _ in bits(m))

    return drawn()


theorem = Theorem(
    "path-star.parity",
    "Two arms: a full parity, unseen by every strict subset of bits",
    derived("characters of the cube"),
    setup=r"Two arms of length $l=m+2$; $b_j$ is the bit of $\sigma_j\in S_2$. Functions $g$ of $m$ fair bits; $\chi_S=(-1)^{\sum_Sb_i}$.",
    clauses=(
        clause(
            r"$R=T\oplus b_1\oplus\dots\oplus b_m$ with $m+1$ independent fair bits.",
            by=("path-star.all-or-nothing",),
            claims=("decision_is_a_parity",),
        ),
        clause(
            r"Every function of a strict subset of the bits has correlation zero with the parity.",
            argued="docstring",
            claims=("strict_subsets_see_nothing",),
        ),
        clause(
            r"$\frac1{2^m}\sum_S(\mathbb E\chi_Sg)^2=2^{-m}\mathbb E g^2$ (a bound for the family of all parities).",
            argued="docstring",
            claims=("family_mean",),
        ),
        clause(r"The family's bound does not hold for the fixed parity.", witness=("the_fixed_target_is_no_family",)),
    ),
    instances=functions(),
    examples=(tuple(map(Fraction, (1, -1))), tuple(map(Fraction, (1, -1, -1, 1))), tuple(map(Fraction, (0, 1, 2, 3)))),
)


@theorem.claim(r"R=T\oplus b_1\oplus\dots\oplus b_m")
def decision_is_a_parity(case: Case, drop: int = 0) -> Equal | NotExercised:
    """By enumeration of the graphs with that many layers of edges; `drop` leaves bits out."""
    m = len(case.problem).bit_length() - 1
    if m not in SHAPES:
        return NotExercised("the distribution has more than 10 080 rows")
    words = [word_of(x) for x in samples_of(SHAPES[m])]
    found = [(sum(sigma[0] for sigma in sigmas[drop:]) + goal) % 2 for sigmas, goal, _ in words]
    return Equal(tuple(found), tuple(first for _, _, first in words))


@theorem.claim(r"E[\chi_{[m]}\,g(b_S)]=0,\ S\subsetneq[m]")
def strict_subsets_see_nothing(case: Case, whole: bool = False) -> Equal:
    """g averaged over the bits outside S, for every strict subset S; `whole` averages over nothing."""
    values: Values = case.problem
    m = len(values).bit_length() - 1
    points, everything = bits(m), tuple(range(m))
    sizes = [m] if whole else range(m)
    found = []
    for subset in (s for size in sizes for s in combinations(everything, size)):
        sums: dict[tuple[int, ...], Fraction] = {}
        for value, point in zip(values, points):
            seen = tuple(point[i] for i in subset)
            sums[seen] = sums.get(seen, Fraction(0)) + value / 2 ** (m - len(subset))
        seen_only = tuple(sums[tuple(point[i] for i in subset)] for point in points)
        found.append(correlation(seen_only, everything))
    return Equal(tuple(found), (Fraction(0),) * len(found))


@theorem.claim(r"2^{-m}\sum_S(\mathbb E\chi_Sg)^2=2^{-m}\mathbb E g^2")
def family_mean(case: Case, factor: int = 1) -> Equal:
    """Over all 2^m parities."""
    values: Values = case.problem
    m = len(values).bit_length() - 1
    subsets = [s for size in range(m + 1) for s in combinations(range(m), size)]
    left = sum((correlation(values, s) ** 2 for s in subsets), Fraction(0)) / 2**m
    return Equal(left, factor * sum((v * v for v in values), Fraction(0)) / len(values) / 2**m)


@theorem.step("the fixed target is no family", by="exact witness", scope="one bit", latex=r"(\mathbb E\chi\chi)^2=1>\tfrac12\mathbb E\chi^2")
def the_fixed_target_is_no_family() -> Equal:
    """One bit: the squared correlation of the parity with itself is 1, twice the family's mean."""
    values = (Fraction(1), Fraction(-1))
    return Equal((correlation(values, (0,)) ** 2, sum(v * v for v in values) / 2 / 2), (Fraction(1), Fraction(1, 2)))


@theorem.mutant(of=family_mean, latex=r"(\mathbb E\chi_{[m]}g)^2\le2^{-m}\mathbb E g^2")
def the_family_bound_for_the_fixed_target(case: Case) -> AtMost:
    """M26: "path-star is SQ-hard because parity is" needs this for the one target there is."""
    values: Values = case.problem
    m = len(values).bit_length() - 1
    return AtMost(correlation(values, tuple(range(m))) ** 2, sum((v * v for v in values), Fraction(0)) / len(values) / 2**m)


@theorem.mutant(of=strict_subsets_see_nothing, latex=r"E[\chi_{[m]}\,g]=0\text{ for all }g")
def all_bits_see_nothing(case: Case) -> Equal:
    """With all bits the parity is seen."""
    return strict_subsets_see_nothing(case, whole=True)


@theorem.mutant(of=decision_is_a_parity, latex=r"R=T\oplus b_2\oplus\dots\oplus b_m")
def one_bit_less(case: Case) -> Equal | NotExercised:
    """Every bit counts."""
    return decision_is_a_parity(case, drop=1)


@theorem.mutant(of=family_mean, latex=r"2^{-m}\sum_S(\mathbb E\chi_Sg)^2=\mathbb Eg^2")
def mean_is_the_sum(case: Case) -> Equal:
    """Parseval is about the sum."""
    return family_mean(case, factor=2 ** (len(case.problem).bit_length() - 1))
