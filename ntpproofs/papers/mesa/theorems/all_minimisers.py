"""For k3 > 0 and T >= 4 the orbit is all there is; its tangent space is the kernel of the Hessian."""

from __future__ import annotations

from fractions import Fraction

from ....exact.rational import rank
from ....language.relations import Equal, NotExercised
from ....language.statements import Case, Conjecture, derived
from ....language.statements import clause as says
from ..model import Matrix
from ..named_laws import SparseLaw
from ..problem import LinearAttentionAR
from ..slice import constants, slice_flow
from ..tensors import reduced_gradient, tensors
from ._instances import four_points, gaussian, problem, rademacher

conjecture = Conjecture(
    label="mesa.all-minimisers",
    title="The orbit contains all minimisers when k3 > 0 and T >= 4",
    source=derived("an open question"),
    setup=r"Law with S and X, $k_3>0$, $T\ge4$; the Hessian over real $(B,A)$ at $B=I$, $A=sI$.",
    clauses=(
        says(r"Over real $(B,A)$ the Hessian has one null direction, the scaling $(B,A)\mapsto(cB,A/c)$.", claims=("one_null_direction",)),
        says(r"At $T=3$ Rademacher starts have more.", witness=("more_at_three",)),
    ),
    uses=("mesa.minimiser-orbit",),
    instances=[
        *(problem(gaussian(2), t) for t in (4, 5, 7)), problem(rademacher(2), 4), problem(rademacher(2), 6), problem(gaussian(3), 4),
        problem(four_points, 4), problem(SparseLaw(2, Fraction(1)), 5),
    ],
)  # fmt: skip


def hessian_rank(p: LinearAttentionAR) -> int:
    """The exact rank of the Hessian over real (B, A) at (I, sI); gradients are cubic, so two symmetric differences give it exactly."""
    d, coefficients = p.dimension, tensors(p.law, p.length)
    s = slice_flow(p.law, p.length).product
    size = 2 * d * d
    base = [Fraction(int(i == j)) for i in range(d) for j in range(d)] + [s * int(i == j) for i in range(d) for j in range(d)]

    def gradient(values: list[Fraction]) -> list[Fraction]:
        blocks: list[Matrix] = [tuple(tuple(values[o + i * d : o + (i + 1) * d]) for i in range(d)) for o in (0, d * d)]
        return [x for matrix in reduced_gradient(coefficients, *blocks) for row in matrix for x in row]

    rows = []
    for k in range(size):
        moved = {step: gradient([x + step * (i == k) for i, x in enumerate(base)]) for step in (-2, -1, 1, 2)}
        rows.append([(8 * (p1 - m1) - (p2 - m2)) / 12 for m2, m1, p1, p2 in zip(moved[-2], moved[-1], moved[1], moved[2])])
    return rank(rows)


@conjecture.claim(r"\dim\ker\nabla^2L=1")
def one_null_direction(case: Case, kernel: int = 1) -> Equal | NotExercised:
    """Exactly."""
    p = case.problem
    if not constants(p.law).rows[0]:
        return NotExercised("k3 is zero")
    return Equal(2 * p.dimension**2 - hessian_rank(p), kernel)


@conjecture.step("more null directions at T = 3", by="exact rank", scope="Rademacher, d = 2")
def more_at_three() -> Equal:
    """Five of them."""
    return Equal(8 - hessian_rank(problem(rademacher(2), 3)) > 1, True)


@conjecture.mutant(of=one_null_direction, latex=r"\dim\ker\nabla^2L=0")
def isolated(case: Case) -> Equal | NotExercised:
    """The scaling is always there."""
    return one_null_direction(case, kernel=0)


@conjecture.mutant(of=one_null_direction, latex=r"\dim\ker\nabla^2L=d")
def one_scaling_per_coordinate(case: Case) -> Equal | NotExercised:
    """Cross moments tie the scalings of the coordinates to one another."""
    return one_null_direction(case, kernel=case.problem.dimension)
