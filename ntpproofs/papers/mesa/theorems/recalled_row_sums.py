"""The recalled k3 is a row sum; the gradient in A has the column sum, and the two differ from three coordinates on."""

from __future__ import annotations

from ....language.relations import Equal, NotExercised
from ....language.statements import Case, Erratum, cite
from ....language.statements import clause as says
from ..slice import constants
from ._instances import gaussian, problem, rademacher, signed, symmetric_golden, unequal_columns
from .recalled_lone_moments import columns_agree, implied
from .slice_invariance import rows_agree

# Two coordinates, for the last clause.
plane = [problem(law, length) for law in (gaussian(2), rademacher(2), gaussian(2, 4)) for length in (4, 5)]

erratum = Erratum(
    label="mesa.recalled-row-sums",
    title="Row sums independent of the coordinate do not suffice",
    source=cite("zheng2024", "Assumption 4.1, the constant k3 (recalled; a flag, not a quotation)"),
    setup=r"Laws invariant under signs; $k_3=\sum_{r\ne j}\mathbb Eu_j^2u_r^4$ (row), $k_3'=\sum_{r\ne j}\mathbb Eu_r^2u_j^4$ (column).",
    clauses=(
        says(r"$k_1,k_2,k_3$ independent of $j$ do not make the slice invariant.", witness=("row_sums_suffice",)),
        says(r"With $k_3=k_3'$ for every $j$ they do.", by=("mesa.slice-invariance",), claims=("both_sums_suffice",)),
        says(r"In two dimensions row sums that agree are column sums that agree.", claims=("two_dimensions_hide_it",)),
    ),
    instances=signed,
    examples=[problem(unequal_columns, 4), problem(unequal_columns, 6), *symmetric_golden, *plane],
)


@erratum.claim(r"k_1,k_2,k_3\text{ independent of }j\Rightarrow\text{invariant slice}", expected="refuted")
def row_sums_suffice(case: Case) -> Equal | NotExercised:
    """Refuted by five atoms with all signs, weights over 229."""
    return implied(case, case.problem.law.sign_symmetric and rows_agree(case.problem))


@erratum.claim(r"k_3=k_3'\text{ as well}\Rightarrow\text{invariant slice}")
def both_sums_suffice(case: Case, sixth: bool = True) -> Equal | NotExercised:
    """Rows and columns."""
    found = constants(case.problem.law)
    rest = rows_agree(case.problem) if sixth else len(set(found.fourth)) == 1
    return implied(case, case.problem.law.sign_symmetric and rest and (columns_agree(case.problem) or not sixth))


@erratum.claim(r"d=2:\ k_3\text{ independent of }j\Rightarrow k_3=k_3'")
def two_dimensions_hide_it(case: Case, largest: int = 2) -> Equal | NotExercised:
    """The row sum of one coordinate is the column sum of the other."""
    p, found = case.problem, constants(case.problem.law)
    if p.dimension > largest or len(set(found.rows)) > 1:
        return NotExercised("more coordinates, or row sums that differ")
    return Equal(found.rows, found.columns)


@erratum.mutant(of=both_sums_suffice, latex=r"k_1\text{ independent of }j\text{ suffices}")
def fourth_moments_suffice(case: Case) -> Equal | NotExercised:
    """Nothing on the sixth moments."""
    return both_sums_suffice(case, sixth=False)


@erratum.mutant(of=two_dimensions_hide_it, latex=r"\text{the same in three dimensions}")
def three_dimensions_too(case: Case) -> Equal | NotExercised:
    """The witness has three coordinates."""
    return two_dimensions_hide_it(case, largest=3)
