r"""Irreducible and trivial levels.

Proof. Noise-free, with v > 0, the prediction is right iff rho* > 0, i.e. n_- < n_+ e^{2 beta}; under fair independent
signs n_+ is binomial. For $\beta\to\infty$ only n_+ = 0 remains, with probability 2^-L: labels are read from the
context alone. At beta = 0 and balanced prompts rho = 0, so f does not depend on e_q and half of the queries are
wrong. Ties count one half throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from flint import arb, ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, Interval, exact_arb
from ....language.relations import All, AtMost, Equal, Less, NotExercised
from ....language.statements import Case, Proposition, clause, derived
from ..error_levels import composition_error, irreducible_error

F = Fraction
HALF = F(1, 2)


@dataclass(frozen=True)
class FairPrompt:
    """L fair independent demonstrations at score beta >= 0."""

    length: int
    beta: Fraction

    def instance(self) -> dict[str, Any]:
        """The record printed with a witness."""
        return {"kind": "fair-prompt", "length": self.length, "beta": str(self.beta)}


proposition = Proposition(
    label="multi-concept.levels",
    title="Errors no training removes",
    source=derived("counting majorities of the prompt, ties counted one half"),
    setup=r"Noise-free single-concept prompts, $\bar v>0$, $\beta\ge0$; $n_+$ binomial$(L,\tfrac12)$.",
    clauses=(
        clause(
            r"The error is $\sum_n\binom Ln2^{-L}[L-n>ne^{2\beta}]$, ties one half,",
            argued="docstring",
            claims=("error_by_enumeration",),
        ),
        clause(r"never below $2^{-L}$ and equal to it iff $e^{2\beta}>L-1$.", argued="only $n=0$ is left", claims=("error_is_at_least_irreducible",)),
        clause(r"At $\beta=0$ it is exactly $\tfrac12$.", argued="symmetry", claims=("uniform_attention_errs_half_the_time",)),
    ),
    uses=("multi-concept.attention",),
    instances=st.builds(FairPrompt, st.integers(1, 8), st.integers(0, 12).map(lambda k: F(k, 4))),
    examples=(FairPrompt(4, F(0)), FairPrompt(2, F(5)), FairPrompt(5, F(1, 4))),
)


@proposition.claim(r"\mathrm{err}=\sum_n\binom Ln2^{-L}[\dots]")
def error_by_enumeration(case: Case, ties: Fraction = HALF, factor: int = 2) -> Equal | NotExercised:
    """Every sign pattern, with its softmax output in balls, against the closed form; ties can be told exactly at beta = 0 only."""
    x: FairPrompt = case.problem
    if ties != F(1, 2) and x.beta:
        return NotExercised("no ties")
    total = F(0)
    with ctx.workprec(PRECISION):
        up, down = exact_arb(x.beta).exp(), exact_arb(-x.beta).exp()
        for signs in product((1, -1), repeat=x.length):
            swing = sum((up if s > 0 else -down for s in signs), arb(0)) if x.beta else arb(sum(signs))
            total += F(1) if swing < 0 else ties if swing.is_zero() else F(0)
    found: Interval = composition_error(x.length, F(factor, 2) * x.beta)
    return Equal(total / 2**x.length, found.center)


@proposition.claim(r"\mathrm{err}\ge2^{-L}")
def error_is_at_least_irreducible(case: Case, vanishing: bool = False) -> All | Less:
    """Exact; with equality exactly for e^{2 beta} > L - 1. `vanishing` claims less than 2^-L - a tenth of it (false)."""
    x: FairPrompt = case.problem
    found, least = composition_error(x.length, x.beta).center, irreducible_error(x.length)
    if vanishing:
        return Less(found, least * F(9, 10))
    with ctx.workprec(PRECISION):
        sharp = bool(exact_arb(2 * x.beta).exp() > x.length - 1)
    return All(AtMost(least, found), Equal(found == least, sharp))


@proposition.claim(r"\beta=0:\ \mathrm{err}=\tfrac12")
def uniform_attention_errs_half_the_time(case: Case) -> Equal:
    """For the length of this instance."""
    return Equal(composition_error(case.problem.length, F(0)).center, F(1, 2))


@proposition.mutant(of=error_by_enumeration, latex=r"\text{ties count as errors}")
def ties_are_errors(case: Case) -> Equal | NotExercised:
    """At beta = 0 and L = 4 that would be 11/16."""
    return error_by_enumeration(case, ties=F(1))


@proposition.mutant(of=error_by_enumeration, latex=r"[L-n>ne^{\beta}]")
def half_of_the_score(case: Case) -> Equal | NotExercised:
    """The score difference is 2 beta."""
    return error_by_enumeration(case, factor=1)


@proposition.mutant(of=error_is_at_least_irreducible, latex=r"\text{the error vanishes for fair independent signs}")
def error_vanishes(case: Case) -> All | Less:
    """With no matching demonstration there is nothing to read the label from."""
    return error_is_at_least_irreducible(case, vanishing=True)


@proposition.mutant(of=uniform_attention_errs_half_the_time, latex=r"\beta=0:\ \mathrm{err}=2^{-L}")
def uniform_attention_is_irreducible(case: Case) -> Equal:
    """Without attention the labels average out."""
    return Equal(composition_error(case.problem.length, F(0)).center, irreducible_error(case.problem.length))
