"""The floor of a type class: what cannot be told apart must share its probability.

Proof. Candidates of the true type have equal logits, so the true one has at most 1/n of the mass, n the number of candidates of its
type. If weights push the true type above all others the rest of the mass vanishes and the floor is approached.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp
from hypothesis import strategies as st

from ....language.relations import AtMost
from ....language.statements import Case, Lemma, clause, derived
from ....symbolic import NonNegative


@dataclass(frozen=True)
class Context:
    """One prediction by types: how many candidates have each type, and e^logit of each type; type 0 is the true one."""

    counts: tuple[int, ...]
    odds: tuple[Fraction, ...]

    @property
    def probability(self) -> Fraction:
        """q of the true candidate."""
        return self.odds[0] / sum((n * y for n, y in zip(self.counts, self.odds)), Fraction(0))


@cache
def contexts() -> st.SearchStrategy[Context]:
    """One to four types with up to five candidates each."""

    @st.composite
    def drawn(draw: Callable[..., Any]) -> Context:
        size = draw(st.integers(1, 4))
        counts = tuple(draw(st.integers(1, 5)) for _ in range(size))
        odds = tuple(draw(st.fractions(Fraction(1, 9), 9, max_denominator=9)) for _ in range(size))
        return Context(counts, odds)

    return drawn()


lemma = Lemma(
    "path-star.type-class-floor",
    "A predictor that sees types only pays the logarithm of the type class",
    derived("equal logits share their mass"),
    setup=r"The logit of a candidate $v$ depends on its type $\tau(v)$ only; $n$ candidates have the type of the true one $v^*$.",
    clauses=(
        clause(r"$q(v^*)\le1/n$, that is $-\log q(v^*)\ge\log n$, pointwise.", steps=("share",), claims=("share_is_at_most_one_over_n",)),
        clause(
            r"Adding $\gamma$ to the logit of the true type lowers the excess probability: $\frac1n-q\le\frac{e^{-\gamma}r}{n^2y}$, with $y$ the odds"
            r" of the type and $r$ the mass of the others.",
            steps=("approach",),
            claims=("floor_is_approached",),
        ),
    ),
    instances=contexts(),
    examples=(Context((1, 1), (Fraction(1), Fraction(1))), Context((2, 3), (Fraction(1), Fraction(2)))),
)


@lemma.step("share", by="sign of coefficients", scope="all sizes", latex=r"\tfrac1n-\tfrac y{ny+r}\ge0")
def share() -> NonNegative:
    """r is the mass of the other types, y the odds of the true one."""
    n, y, r = sp.symbols("n y r")
    return NonNegative(1 / n - y / (n * y + r), r)


@lemma.step("approach", by="sign of coefficients", scope="all sizes", latex=r"\tfrac1n-\tfrac{gy}{ngy+r}\le\tfrac r{n^2gy}")
def approach() -> NonNegative:
    """g = e^gamma."""
    n, y, r, g = sp.symbols("n y r g")
    return NonNegative(r / (n**2 * g * y) - (1 / n - g * y / (n * g * y + r)), r)


@lemma.claim(r"q(v^*)\le1/n")
def share_is_at_most_one_over_n(case: Case, spare: int = 0) -> AtMost:
    """Exact rationals."""
    return AtMost(case.problem.probability, Fraction(1, case.problem.counts[0] + spare))


@lemma.claim(r"\tfrac1n-q\le\tfrac{e^{-\gamma}r}{n^2y}")
def floor_is_approached(case: Case, power: int = 2) -> AtMost:
    """gamma = log 100."""
    context, gamma = case.problem, 100
    raised = Context(context.counts, (context.odds[0] * gamma, *context.odds[1:]))
    n, y = context.counts[0], context.odds[0]
    rest = sum((m * z for m, z in zip(context.counts[1:], context.odds[1:])), Fraction(0))
    return AtMost(Fraction(1, n) - raised.probability, rest / (n**power * y * gamma ** (power - 1)))


@lemma.mutant(of=share_is_at_most_one_over_n, latex=r"q(v^*)\le1/(n+1)")
def one_candidate_more(case: Case) -> AtMost:
    """The class is exactly as large as it is."""
    return share_is_at_most_one_over_n(case, spare=1)


@lemma.mutant(of=share_is_at_most_one_over_n, latex=r"q(v^*)\le1/C")
def share_of_all_candidates(case: Case) -> AtMost:
    """Types do help."""
    return AtMost(case.problem.probability, Fraction(1, sum(case.problem.counts)))


@lemma.mutant(of=floor_is_approached, latex=r"\tfrac1n-q\le\tfrac{e^{-2\gamma}r}{n^3y}")
def approached_twice_as_fast(case: Case) -> AtMost:
    """The excess falls like e^-gamma."""
    return floor_is_approached(case, power=3)
