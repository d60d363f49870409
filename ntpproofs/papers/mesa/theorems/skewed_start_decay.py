"""For independent coordinates without symmetry the off-diagonal entries vanish as the length grows."""

from __future__ import annotations

from itertools import pairwise

from ....language.relations import All, Less, Measured
from ....language.statements import Case, Conjecture, derived
from ....language.statements import clause as says
from ..coincidences import harmonic
from ..relations import OfRuns
from ..simulation import simulate
from ._instances import coupled, problem, skewed

LENGTHS = (10, 20, 40, 80, 160, 320)

conjecture = Conjecture(
    label="mesa.skewed-start-decay",
    title="Starts without symmetry: off-diagonal entries decay with the length",
    source=derived("an open question"),
    setup=r"Coordinates $\{2:\tfrac13,-1:\tfrac23\}$, independent; or the law with symmetric marginals and $\mathbb Eu_1^3u_2^3=\tfrac95$.",
    clauses=(
        says(r"$|A_{12}|$ and $|B_{12}|$ fall with every doubling of $T$,", claims=("entries_fall",)),
        says(r"and stay below $H_{T-2}/(T-2)$.", claims=("entries_below_the_law",)),
    ),
    uses=("mesa.slice-invariance",),
    instances=[problem(skewed, LENGTHS[-1]), problem(coupled, LENGTHS[-1])],
)


def entries(case: Case) -> list[tuple[float, float]]:
    """|A12| and |B12| over the lengths."""
    runs = [simulate(problem(case.problem.law, length)) for length in LENGTHS]
    return [(abs(run.right[0, 1]), abs(run.left[0, 1])) for run in runs]


@conjecture.claim(r"|A_{12}|,|B_{12}|\text{ decrease}")
def entries_fall(case: Case, rising: bool = False) -> OfRuns:
    """From T = 10 to 320."""
    pairs = [(x[i], y[i]) for i in (0, 1) for x, y in pairwise(entries(case))]
    return OfRuns(All(*(Less(*(Measured(v, 1e-8) for v in ((x, y) if rising else (y, x)))) for x, y in pairs)))


@conjecture.claim(r"|A_{12}|,|B_{12}|\le H_{T-2}/(T-2)")
def entries_below_the_law(case: Case, scale: float = 1.0) -> OfRuns:
    """The same lengths."""
    bounds = [scale * float(harmonic(length - 2)) / (length - 2) for length in LENGTHS]
    return OfRuns(All(*(Less(Measured(x, 1e-8), bound) for pair, bound in zip(entries(case), bounds) for x in pair)))


@conjecture.mutant(of=entries_fall, latex=r"|A_{12}|,|B_{12}|\text{ increase}")
def entries_rise(case: Case) -> OfRuns:
    """Turned round."""
    return entries_fall(case, rising=True)


@conjecture.mutant(of=entries_below_the_law, latex=r"|A_{12}|,|B_{12}|\le\tfrac1{100}H_{T-2}/(T-2)")
def a_hundredth_of_the_law(case: Case) -> OfRuns:
    """The entries are of the order of the law."""
    return entries_below_the_law(case, scale=0.01)
