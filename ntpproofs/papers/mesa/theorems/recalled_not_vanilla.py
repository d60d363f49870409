"""'Generally not vanilla gradient descent' for the constant start is quantitative: the deviation vanishes as the length grows."""

from __future__ import annotations

from itertools import pairwise

from ....language.relations import All, Less, Measured
from ....language.statements import Case, Erratum, cite
from ....language.statements import clause as says
from ..coincidences import harmonic
from ..named_laws import OnesLaw
from ..relations import Reaches
from ..simulation import simulate
from ._instances import problem

LENGTHS = (10, 20, 40, 80, 160)

erratum = Erratum(
    label="mesa.recalled-not-vanilla",
    title="For the constant start the deviation from vanilla gradient descent vanishes with the length",
    source=cite("zheng2024", "Proposition 4.2 (recalled wording; a flag, not a quotation)"),
    setup=r"$u=\mathbf1_d$, not masked, $\varepsilon_T=\max(|A_{12}/A_{11}|,|B_{12}/B_{11}|)$ at the end of training.",
    clauses=(
        says(r"At each length the trained model is two-sided preconditioned gradient descent;", by=("mesa.one-gradient-step",)),
        says(r"that $\varepsilon_T$ stays above $1/10$ is not so:", claims=("deviation_stays",)),
        says(r"$\varepsilon_T$ falls with every doubling of $T$, and stays below $2H_{T-2}/(T-2)$.", claims=("deviation_falls",)),
    ),
    uses=("mesa.constant-start",),
    instances=[problem(OnesLaw(2), 160), problem(OnesLaw(3), 160)],
)


def deviation(dimension: int, length: int) -> float:
    """epsilon_T."""
    run = simulate(problem(OnesLaw(dimension), length))
    return float(max(abs(run.right[0, 1] / run.right[0, 0]), abs(run.left[0, 1] / run.left[0, 0])))


@erratum.claim(r"\varepsilon_{160}\ge\tfrac1{10}", expected="refuted")
def deviation_stays(case: Case) -> Reaches:
    """The distance from vanilla at T = 160, against a tenth."""
    return Reaches([deviation(case.problem.dimension, case.problem.length)], [0], 0.1, "deviation at T = 160", away=True)


@erratum.claim(r"\varepsilon_{2T}<\varepsilon_T<2H_{T-2}/(T-2)")
def deviation_falls(case: Case, scale: float = 2.0, rising: bool = False) -> All:
    """At T = 10, 20, ..., 160."""
    found = [deviation(case.problem.dimension, length) for length in LENGTHS]
    parts: list[object] = [Less(Measured(x if rising else y, 1e-8), Measured(y if rising else x, 1e-8)) for x, y in pairwise(found)]
    for length, value in zip(LENGTHS, found):
        parts.append(Reaches([value], [0], scale * float(harmonic(length - 2)) / (length - 2), "deviation"))
    return All(*parts)  # type: ignore[arg-type]


@erratum.mutant(of=deviation_falls, latex=r"\varepsilon_T<\tfrac1{10}H_{T-2}/(T-2)")
def a_tenth_of_the_law(case: Case) -> All:
    """The constant is one."""
    return deviation_falls(case, scale=0.1)


@erratum.mutant(of=deviation_falls, latex=r"\varepsilon_T<\tfrac14H_{T-2}/(T-2)")
def a_quarter_of_the_law(case: Case) -> All:
    """Still too small."""
    return deviation_falls(case, scale=0.25)
