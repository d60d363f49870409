"""log x <= x - 1: the one inequality behind Gibbs, the mean inequality and Jensen in this folder.

Proof. Above 1 write x = 1 + y, below 1 write x = 1/(1 + y), y >= 0; both differences have a derivative of one sign and vanish at y = 0.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import AtMost, Equal
from ....language.statements import Case, Lemma, clause, derived
from ....symbolic import L, NonNegative

lemma = Lemma(
    "path-star.logarithm",
    "The logarithm lies below its tangent at 1",
    derived("two derivatives"),
    clauses=(clause(r"$\log x\le x-1$ for every $x>0$.", steps=("above_one", "below_one"), claims=("below_the_tangent", "touches_at_one")),),
    instances=st.fractions(Fraction(1, 20), 20, max_denominator=20),
    examples=(Fraction(1), Fraction(1, 2), Fraction(2)),
)


@lemma.step("log x <= x - 1 above 1", by="sign of a derivative", scope="all sizes", latex=r"\log(1+y)\le y,\ y\ge0")
def above_one() -> NonNegative:
    """x = 1 + y."""
    y = sp.Symbol("y")
    return NonNegative(y - L(1 + y), y)


@lemma.step("log x <= x - 1 below 1", by="sign of a derivative", scope="all sizes", latex=r"\log\tfrac1{1+y}\le\tfrac1{1+y}-1,\ y\ge0")
def below_one() -> NonNegative:
    """x = 1/(1 + y)."""
    y = sp.Symbol("y")
    return NonNegative(L(1 + y) - y / (1 + y), y)


@lemma.claim(r"\log x\le x-1")
def below_the_tangent(case: Case, shift: int = 1, slope: Fraction = Fraction(1)) -> AtMost | Equal:
    """Enclosed; at x = 1 exact."""
    x: Fraction = case.problem
    if x == 1:
        return AtMost(0, slope * (x - shift))
    with ctx.workprec(PRECISION):
        return AtMost(interval(exact_arb(x).log()), slope * (x - shift))


@lemma.claim(r"\log x=x-1\iff x=1")
def touches_at_one(case: Case) -> Equal:
    """The gap contains zero only at 1."""
    with ctx.workprec(PRECISION):
        gap = exact_arb(case.problem - 1) - exact_arb(case.problem).log()
        return Equal(bool(gap.contains(0)), case.problem == 1)


@lemma.mutant(of=below_the_tangent, latex=r"\log x\le x-2")
def below_a_lower_line(case: Case) -> AtMost | Equal:
    """The tangent is met."""
    return below_the_tangent(case, shift=2)


@lemma.mutant(of=below_the_tangent, latex=r"\log x\le\tfrac12(x-1)")
def below_a_flatter_line(case: Case) -> AtMost | Equal:
    """The slope at 1 is 1."""
    return below_the_tangent(case, slope=Fraction(1, 2))
