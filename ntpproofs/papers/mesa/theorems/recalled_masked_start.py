"""The masked theorem is recalled for the constant start; it holds for every exchangeable law."""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import Equal, NotExercised
from ....language.statements import Case, Erratum, cite
from ....language.statements import clause as says
from ..predictions import expected
from ..slice import constants, product_formula
from ._instances import anisotropic, masked, problem, skewed

shifted = problem(skewed, 5, masked=True)

erratum = Erratum(
    label="mesa.recalled-masked-start",
    title="Masked training: the constant start is one of many",
    source=cite("zheng2024", "Theorem 4.3 (recalled wording; a flag, not a quotation)"),
    setup=r"Masked gradients, $a_0+b_0\ne0$.",
    clauses=(
        says(r"That masked training leads to one step of gradient descent for the constant start only is not so;", witness=("constant_start_only",)),
        says(
            r"it does for every exchangeable law, with $s$ from its own $k_1,k_2,k_3$ ($9/44$ for $\{2:\tfrac13,-1:\tfrac23\}$ at $d=2$, $T=5$).",
            by=("mesa.masked-training",),
            claims=("product_of_any_exchangeable_law",),
        ),
    ),
    instances=masked,
    examples=[shifted, problem(anisotropic, 4, masked=True)],
)


@erratum.claim(r"u\ne\mathbf1_d\Rightarrow\text{the slice is left}", expected="refuted")
def constant_start_only(case: Case) -> Equal | NotExercised:
    """Refuted by every other exchangeable law."""
    if case.problem.law.record() == {"name": "ones"} or not case.problem.start.escapes:
        return NotExercised("the start is constant, or on the line into the saddle")
    return Equal(expected(case.problem).ab is None, True)


@erratum.claim(r"\tilde a\tilde b=k_1/(k_2+k_3H_{T-2}/(T-2))")
def product_of_any_exchangeable_law(case: Case, everywhere: bool = False, scale: Fraction = Fraction(1)) -> Equal | NotExercised:
    """The prediction of `limit` on exchangeable laws."""
    p, found = case.problem, constants(case.problem.law)
    if not (p.law.exchangeable or everywhere) or not p.start.escapes:
        return NotExercised("the law is not exchangeable, or the start is on the line into the saddle")
    return Equal(expected(p).ab, scale * product_formula(found.fourth[0], found.sixth[0], found.rows[0], p.length))


@erratum.mutant(of=product_of_any_exchangeable_law, latex=r"\text{without exchangeability}")
def any_law(case: Case) -> Equal | NotExercised:
    """Coordinates of different size separate."""
    return product_of_any_exchangeable_law(case, everywhere=True)


@erratum.mutant(of=product_of_any_exchangeable_law, latex=r"\text{with the product of the constant start}")
def product_of_the_constant_start(case: Case) -> Equal | NotExercised:
    """The moments of the law enter."""
    p = case.problem
    if not p.start.escapes:
        return NotExercised("the start is on the line into the saddle")
    return Equal(expected(p).ab, product_formula(Fraction(1), Fraction(1), Fraction(p.dimension - 1), p.length))
