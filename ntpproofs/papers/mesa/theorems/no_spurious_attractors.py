"""From almost every start of full complex weights the flow reaches the global minimum, under S and X."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ....language.statements import Case, Conjecture, derived
from ....language.statements import clause as says
from ..laws import AtomLaw, symmetrised
from ..named_laws import SparseLaw
from ..relations import Reaches
from ..slice import constants, product_formula
from ..starts import random_run
from ._instances import gaussian, problem, rademacher

SEEDS = (1, 2, 3)

conjecture = Conjecture(
    label="mesa.no-spurious-attractors",
    title="Random starts of full weights reach the global minimum",
    source=derived("an open question"),
    setup=r"Law with S and X; $B$, $A$ complex with independent normal entries of size $0.3$.",
    clauses=(
        says(r"The loss tends to $L^*$.", claims=("global_minimum_is_reached",)),
        says(r"The limit is some member of the orbit of minimisers, not always $(bI,aI)$.", claims=("another_member_is_reached",)),
    ),
    uses=("mesa.global-optimality", "mesa.minimiser-orbit"),
    instances=[
        problem(gaussian(2), 4),
        problem(gaussian(3), 4),
        problem(rademacher(3), 5),
        problem(symmetrised(AtomLaw([[3, 0], [0, 0], [3, 3]])), 4),
        problem(SparseLaw(2, Fraction(1)), 4),
    ],
)


@conjecture.claim(r"L\to L^*")
def global_minimum_is_reached(case: Case, share: Fraction = Fraction(1)) -> list[Reaches]:
    """Three random starts."""
    p, found = case.problem, constants(case.problem.law)
    s = product_formula(found.fourth[0], found.sixth[0], found.rows[0], p.length)
    best = p.dimension * (p.length - 2) * (found.second[0] - share * found.fourth[0] * s) / 2
    scale = max(1.0, p.length * float(sum(found.second)))
    return [Reaches([random_run(p, seed).losses[-1]], [best], 1e-7 * scale, "loss") for seed in SEEDS]


@conjecture.claim(r"(B,A)\not\to(bI,aI)")
def another_member_is_reached(case: Case, other: bool = True) -> Reaches:
    """The phases of the diagonal of B differ at the end."""
    left = random_run(case.problem, SEEDS[0]).left
    return Reaches([abs(np.diag(left) - left[0, 0]).max()], [0], 1e-3, "spread of the diagonal of B", away=other)


@conjecture.mutant(of=global_minimum_is_reached, latex=r"\text{the loss of predicting 0 is reached}")
def nothing_is_learned(case: Case) -> list[Reaches]:
    """The saddle at zero attracts nothing."""
    return global_minimum_is_reached(case, share=Fraction(0))


@conjecture.mutant(of=another_member_is_reached, latex=r"(B,A)\to(bI,aI)\text{ from random starts}")
def always_vanilla(case: Case) -> Reaches:
    """Only diagonal starts select equal phases."""
    return another_member_is_reached(case, other=False)
