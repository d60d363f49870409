r"""Rotating words and labels rotates the gradients: descent commutes with orthogonal changes of frame, for the same samples.

Proof. Scores, pooled labels in the frame V, hidden units and outputs do not change under x -> U x, y -> V y, W -> U W
U^T, W_O -> W_O V^T; so the gradient of the loss at the transformed weights is the transformed gradient, and W_Q(0) =
W_K(0) = s_0 I is a fixed point of the map. Induction over the steps gives the trajectories.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import ctx

from ....exact.balls import PRECISION
from ....language.relations import All, Equal
from ....language.statements import Case, Lemma, clause, derived
from ....symbolic import Delta, Formula, index, total
from ..balls import Matrix, Rows, flat, hand_gradient, multiply, random_layer, rational_rotation, transformed
from ._instances import layers

lemma = Lemma(
    label="multi-concept.equivariance",
    title="Training commutes with rotations of words and labels",
    source=derived("invariance of loss and law under rotations"),
    setup=r"$U$, $V$ orthogonal; $x\to Ux$, $y\to Vy$, $W_{Q,K}\to UW_{Q,K}U^\top$, $W_O\to W_OV^\top$.",
    clauses=(
        clause(r"Scores do not change.", steps=("score_step",), claims=("gradients_rotate",)),
        clause(
            r"The gradients become $U\nabla_{Q,K}U^\top$ and $\nabla_OV^\top$, so from $W_Q=W_K=s_0\mathrm{Id}$ descent on the same samples"
            r" gives the rotated trajectory.",
            argued="docstring",
            claims=("gradients_rotate",),
        ),
    ),
    uses=("multi-concept.gradients",),
    instances=layers(),
    examples=(random_layer(1), random_layer(2, ridge=Fraction(1, 10))),
)


@lemma.step("inner products", by="index calculus, normal form", scope="all sizes", latex=r"(Ux)^\top(Uy)=x^\top y")
def score_step() -> Equal:
    """With U^T U = I entered as Kronecker's delta: sum_ij delta_ij x_i y_j."""
    x, y = sp.Function("x"), sp.Function("y")
    i, j = index("i"), index("j")
    left = total(Delta(i, j) * x(i) * y(j), (i, "D"), (j, "D"))
    return Equal(Formula(left), Formula(total(x(i) * y(i), (i, "D"))))


def _rotations(case: Case) -> tuple[Matrix, Matrix]:
    layer = case.problem
    return rational_rotation(5, len(layer.query)), rational_rotation(8, len(layer.output[0]))


def _rotated(x: Rows, left: Matrix | None, right: Matrix) -> Rows:
    turned = multiply(x, tuple(zip(*right)))
    return turned if left is None else multiply(left, turned)


@lemma.claim(r"\nabla(UWU^\top)=U\,\nabla(W)\,U^\top,\ \nabla_O\to\nabla_OV^\top")
def gradients_rotate(case: Case, head: bool = True, inverse: bool = False) -> All:
    """Exact rational rotations, gradients in balls."""
    u, v = _rotations(case)
    with ctx.workprec(PRECISION):
        before, after = hand_gradient(case.problem), hand_gradient(transformed(case.problem, u, v, head))
        if inverse:
            u = tuple(zip(*u))
        return All(
            Equal(flat(after.query), flat(_rotated(before.query, u, u))),
            Equal(flat(after.key), flat(_rotated(before.key, u, u))),
            Equal(flat(after.output), flat(_rotated(before.output, None, v))),
        )


@lemma.mutant(of=gradients_rotate, latex=r"W_O\text{ need not be rotated}")
def labels_without_their_head(case: Case) -> All:
    """Rotating labels under a fixed output layer is another problem."""
    return gradients_rotate(case, head=False)


@lemma.mutant(of=gradients_rotate, latex=r"\nabla\to U^\top\nabla U")
def rotated_backwards(case: Case) -> All:
    """The gradient turns with the words, not against them."""
    return gradients_rotate(case, inverse=True)
