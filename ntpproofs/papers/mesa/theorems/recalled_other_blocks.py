"""That the other blocks stay zero needs nothing but the uniform global phase of W, not Assumption 4.1."""

from __future__ import annotations

from ....language.relations import Equal, NotExercised
from ....language.statements import Case, Erratum, cite
from ....language.statements import clause as says
from ..model import embedded, gradient
from ._instances import golden, short
from ._points import live, sequences
from .slice_invariance import lone_first_powers_vanish

erratum = Erratum(
    label="mesa.recalled-other-blocks",
    title="The other blocks stay zero without Assumption 4.1",
    source=cite("zheng2024", "proof of Theorem 4.1 (recalled; a flag, not a quotation)"),
    setup=r"$P=(B,0)$, $Q=\begin{pmatrix}0&0\\A&0\end{pmatrix}$ with full $B$ and $A$.",
    clauses=(
        says(r"That other blocks become active without the recalled assumption is not so:", witness=("active_without_the_assumption",)),
        says(r"their gradients vanish for every law.", by=("mesa.block-reduction",), claims=("inactive_for_every_law",)),
    ),
    instances=short,
    examples=[p for p in golden if p.dimension * p.length <= 12],
)


def active(case: Case, modulus: int | None = None) -> bool:
    """Whether some other block has a gradient at full real B and A."""
    d = case.problem.dimension
    to_p, to_q = gradient(sequences(case.problem), case.problem.law, *embedded(*live(case.problem)), modulus)
    rest = [x for row in to_p for x in row[d:]] + [x for i, row in enumerate(to_q) for k, x in enumerate(row) if i < d or k >= d]
    return any(rest)


@erratum.claim(r"\text{Assumption 4.1 fails}\Rightarrow\text{other gradients are not zero}", expected="refuted")
def active_without_the_assumption(case: Case) -> Equal | NotExercised:
    """Refuted wherever the assumption fails."""
    if lone_first_powers_vanish(case.problem):
        return NotExercised("the recalled assumption holds")
    return Equal(active(case), True)


@erratum.claim(r"\text{other gradients vanish}")
def inactive_for_every_law(case: Case, modulus: int | None = None) -> Equal:
    """Exactly."""
    return Equal(active(case, modulus), False)


@erratum.mutant(of=inactive_for_every_law, latex=r"\lambda_j=\pm1")
def signs_for_phases(case: Case) -> Equal:
    """Signs have no global phase."""
    return inactive_for_every_law(case, modulus=2)


@erratum.mutant(of=inactive_for_every_law, latex=r"W=I")
def constant_sequences(case: Case) -> Equal:
    """Without any phase all blocks read the same token."""
    return inactive_for_every_law(case, modulus=1)
