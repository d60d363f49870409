"""Positive a_0 and b_0 are not needed: what matters is that a_0 + b_0 is not zero."""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import Equal, NotExercised
from ....language.statements import Case, Erratum, cite
from ....language.statements import clause as says
from ..slice import slice_flow
from ..two_variables import limit
from ._instances import gaussian, problem, rademacher, symmetric, symmetric_golden

STARTS = ((Fraction(-1, 10), Fraction(2, 5)), (Fraction(1, 2), Fraction(-5001, 10000)), (Fraction(0), Fraction(1)), (Fraction(-1), Fraction(-2)))

erratum = Erratum(
    label="mesa.recalled-positive-start",
    title="Training converges to the same product from starts of either sign",
    source=cite("zheng2024", "Assumption 3.1 and Theorem 4.1, positivity of the start (recalled; a flag, not a quotation)"),
    setup=r"Laws with S and X.",
    clauses=(
        says(r"That only positive $a_0,b_0$ lead to $ab\to s$ is not so,", witness=("only_positive_starts",)),
        says(r"nor that every start but 0 does.", witness=("every_start_but_zero",)),
        says(r"$ab\to s$ iff $a_0+b_0\ne0$.", by=("mesa.two-variable-flow",), claims=("iff_the_sum_is_not_zero",)),
    ),
    uses=("mesa.gradient-flow-limit",),
    instances=symmetric,
    examples=[*symmetric_golden, *(problem(rademacher(2), 5, start) for start in STARTS), problem(gaussian(2), 4, (Fraction(1), Fraction(-1)))],
)


def product(case: Case) -> tuple[Fraction, Fraction]:
    """The limit of ab, and s."""
    flow = slice_flow(case.problem.law, case.problem.length)
    return limit(flow, case.problem.start).product, flow.product


@erratum.claim(r"a_0\le0\text{ or }b_0\le0\Rightarrow ab\not\to s", expected="refuted")
def only_positive_starts(case: Case) -> Equal | NotExercised:
    """Refuted by (-1/10, 2/5)."""
    if min(case.problem.initial) > 0:
        return NotExercised("both are positive")
    found, s = product(case)
    return Equal(found == s, False)


@erratum.claim(r"(a_0,b_0)\ne0\Rightarrow ab\to s", expected="refuted")
def every_start_but_zero(case: Case) -> Equal | NotExercised:
    """Refuted by (1, -1), which flows into the saddle."""
    if not any(case.problem.initial):
        return NotExercised("the start is zero")
    found, s = product(case)
    return Equal(found, s)


@erratum.claim(r"ab\to s\iff a_0+b_0\ne0")
def iff_the_sum_is_not_zero(case: Case, sign: int = 1) -> Equal:
    """By the limit of the two-variable flow; the statement on its own flow has the proof."""
    found, s = product(case)
    a, b = case.problem.initial
    return Equal(found == s, a + sign * b != 0)


@erratum.mutant(of=iff_the_sum_is_not_zero, latex=r"ab\to s\iff a_0\ne b_0")
def difference_for_sum(case: Case) -> Equal:
    """The sign of the product matters."""
    return iff_the_sum_is_not_zero(case, sign=-1)


@erratum.mutant(of=iff_the_sum_is_not_zero, latex=r"ab\to s\iff a_0b_0>0")
def product_for_sum(case: Case) -> Equal:
    """Opposite signs are fine."""
    found, s = product(case)
    return Equal(found == s, case.problem.initial[0] * case.problem.initial[1] > 0)
