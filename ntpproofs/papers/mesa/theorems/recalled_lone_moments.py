"""The recalled wording of Assumption 4.1 asks for moments with one coordinate at the first power; the cubic-cubic moment is missing from it."""

from __future__ import annotations

from ....language.relations import Equal, NotExercised
from ....language.statements import Case, Erratum, cite
from ....language.statements import clause as says
from ..laws import unit_powers
from ..problem import LinearAttentionAR
from ..slice import constants, criterion
from ._instances import anything, coupled, golden, problem, skewed
from .slice_invariance import lone_first_powers_vanish

erratum = Erratum(
    label="mesa.recalled-lone-moments",
    title="Moments with a lone first power do not keep training in the slice",
    source=cite("zheng2024", "Assumption 4.1 (recalled wording; a flag, not a quotation)"),
    setup=r"Recalled: $\mathbb E[u_{i_1}u_{i_2}^{r_2}\cdots]=0$ for distinct indices, the first with exponent one,"
    r" and $k_1,k_2,k_3$ independent of $j$.",
    clauses=(
        says(
            r"The recalled condition does not make the slice invariant: $\mathbb Eu_j^3u_k^3$ may be nonzero.",
            witness=("recalled_condition_suffices",),
        ),
        says(
            r"With $\mathbb Eu_j^3u_k^3=0$ and equal column sums added it does.",
            by=("mesa.slice-invariance",),
            claims=("repaired_condition_suffices",),
        ),
    ),
    instances=anything,
    examples=[*golden, problem(skewed, 4), problem(coupled, 5)],
)


def implied(case: Case, holds: bool) -> Equal | NotExercised:
    """The exact criterion, where a condition holds."""
    p = case.problem
    return Equal(criterion(p.law, p.length).invariant, True) if holds else NotExercised("the condition does not hold")


def cubic_moments_vanish(problem_: LinearAttentionAR) -> bool:
    """E u_j^3 u_k^3 = 0 for j != k."""
    d = problem_.dimension
    return not any(problem_.law.moment(unit_powers(d, (j, j, j, k, k, k))) for j in range(d) for k in range(d) if j != k)


def columns_agree(problem_: LinearAttentionAR) -> bool:
    """Row and column sums are all the same."""
    found = constants(problem_.law)
    return len({*found.rows, *found.columns}) == 1


@erratum.claim(r"\text{recalled Assumption 4.1}\Rightarrow\text{invariant slice}", expected="refuted")
def recalled_condition_suffices(case: Case) -> Equal | NotExercised:
    """Refuted by i.i.d. coordinates {2: 1/3, -1: 2/3}, and by a law with symmetric marginals."""
    return implied(case, lone_first_powers_vanish(case.problem))


@erratum.claim(r"\text{repaired}\Rightarrow\text{invariant slice}")
def repaired_condition_suffices(case: Case, cubic: bool = True, columns: bool = True) -> Equal | NotExercised:
    """With both additions."""
    p = case.problem
    added = (not cubic or cubic_moments_vanish(p)) and (not columns or columns_agree(p))
    return implied(case, lone_first_powers_vanish(p) and added)


@erratum.mutant(of=repaired_condition_suffices, latex=r"\text{without the cubic moment}")
def columns_alone(case: Case) -> Equal | NotExercised:
    """Back to the recalled form, with column sums."""
    return repaired_condition_suffices(case, cubic=False)


@erratum.mutant(of=repaired_condition_suffices, latex=r"\text{without the column sums}")
def cubic_alone(case: Case) -> Equal | NotExercised:
    """Row sums may agree where column sums do not."""
    return repaired_condition_suffices(case, columns=False)
