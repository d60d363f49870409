"""Example 4.1: one random signed coordinate is recovered exactly, at every length.

At most one coordinate of u is not zero, so that k3 = 0 and s = k1/k2 = 1/c^2; then x_t lives on this coordinate, and the prediction is
c^2/c^2 times the truth.
"""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import All, Equal
from ....language.statements import Case, Proposition, cite
from ....language.statements import clause as says
from ..assumptions import one_coordinate_at_a_time, sign_symmetric
from ..laws import AtomLaw, sign_symmetrised
from ..model import loss
from ..named_laws import SparseLaw
from ..predictions import expected
from ..slice import constants
from ._instances import anything, problem
from ._points import on_slice, sequences

STARTS = [problem(SparseLaw(d, Fraction(c)), length) for d, c, length in ((1, 2, 4), (2, 2, 5), (3, Fraction(1, 2), 4), (2, 1, 7), (4, 1, 3))]
mixed = AtomLaw([[0, 0], [3, 0], [-3, 0], [0, 3], [0, -3]])

theorem = Proposition(
    label="mesa.sparse-start",
    title="A sparse start is recovered exactly at every length",
    source=cite("zheng2024", "Example 4.1"),
    setup=r"$u$ uniform on $\{\pm c\,e_j\}$ (also mixed with $u=0$).",
    clauses=(
        says(r"$k_3=0$ and $s=1/c^2$, for every $T$.", argued="docstring", claims=("product_is_the_inverse_square",)),
        says(r"The loss at $ab=1/c^2$ is zero: each prediction is exact.", argued="docstring", claims=("loss_vanishes",)),
    ),
    uses=("mesa.gradient-flow-limit", "mesa.recovery"),
    assumptions=(sign_symmetric, one_coordinate_at_a_time),
    instances=[*STARTS, problem(mixed, 5), problem(sign_symmetrised(AtomLaw([[2, 0, 0], [0, 2, 0], [0, 0, 2]])), 4)],
)


def square(case: Case) -> Fraction:
    """c^2 = m4/m2 of the first coordinate."""
    found = constants(case.problem.law)
    return found.fourth[0] / found.second[0]


@theorem.claim(r"s=1/c^2")
def product_is_the_inverse_square(case: Case, power: int = 1) -> Equal:
    """By the prediction of `limit`."""
    return Equal(expected(case.problem).ab, 1 / square(case) ** power)


@theorem.claim(r"L=0")
def loss_vanishes(case: Case, scale: Fraction = Fraction(1)) -> All:
    """From the definition, multiplied out as characters."""
    p = case.problem
    return All(Equal(loss(sequences(p), p.law, *on_slice(p, scale / square(case), Fraction(1))), 0), Equal(expected(p).relative_mse, 0))


@theorem.mutant(of=product_is_the_inverse_square, latex=r"s=1/c^4")
def inverse_fourth_power(case: Case) -> Equal:
    """Prediction is cubic in the tokens, the truth linear."""
    return product_is_the_inverse_square(case, power=2)


@theorem.mutant(of=loss_vanishes, latex=r"L=0\text{ at }ab=\tfrac1{5c^2}")
def gaussian_product(case: Case) -> All:
    """The asymptotic Gaussian value does not recover a sparse start."""
    return loss_vanishes(case, Fraction(1, 5))


theorem.mutant(of=loss_vanishes, without=one_coordinate_at_a_time, instances=anything, latex=r"\text{several coordinates at once}")
# Two magnitudes without signs: R < 1, and A and B leave the slice.
unsigned = [problem(AtomLaw([[1, 0], [2, 0], [0, 1], [0, 2]]), 5)]
theorem.mutant(of=loss_vanishes, without=sign_symmetric, instances=unsigned, latex=r"\text{two magnitudes, no signs}")
