"""With masked gradients the result needs exchangeability only.

If the off-diagonal entries of the two live blocks are kept at zero, only the diagonal entries of the gradient act. At B = bI, A = aI they are
a{ab(T'k2 + H k3_j) - T'k1} and b{ab(T'k2 + H k3'_j) - T'k1}; under permutations neither depends on j, and row and column sums agree, so the
masked flow stays in the slice and is the flow of two scalars.
"""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import All, Equal, NotExercised
from ....language.statements import Case, Theorem, cite
from ....language.statements import clause as says
from ..assumptions import escapes_saddle, exchangeable, masked_training
from ..coincidences import harmonic
from ..model import scalar_matrix
from ..named_laws import OnesLaw
from ..relations import Reaches
from ..simulation import simulate
from ..slice import constants, product_formula, slice_gradient
from ..tensors import reduced_gradient, tensors
from ._instances import anisotropic, gaussian, masked, problem, skewed
from ._points import SLICE

BAR = 1e-9
SIZES = ((2, 3), (2, 5), (2, 7), (2, 8), (2, 10), (3, 4), (3, 5), (3, 7), (3, 8), (3, 10), (4, 4), (4, 6))
ones = [problem(OnesLaw(d), length, masked=True) for d, length in SIZES]

theorem = Theorem(
    label="mesa.masked-training",
    title="Masked gradients lead to one step of gradient descent for every exchangeable law",
    source=cite("zheng2024", "Theorem 4.3 (recalled for the constant start; exchangeability suffices, derived here)"),
    setup=r"Exchangeable $u$ with finite sixth moments, $a_0+b_0\ne0$; off-diagonal gradients of $B$ and $A$ are set to zero.",
    clauses=(
        says(
            r"The diagonal entries of the gradient on the slice are the same for all coordinates.",
            by=("mesa.slice-gradients",),
            claims=("diagonal_gradients_agree",),
        ),
        says(
            r"So masked training converges to $(\tilde bI,\tilde aI)$ with $\tilde a\tilde b=k_1/(k_2+k_3H_{T-2}/(T-2))$;",
            by=("mesa.two-variable-flow",),
            argued="docstring",
            claims=("masked_product_converges",),
        ),
        says(r"for $u=\mathbf 1_d$ this is $1/(1+(d-1)H_{T-2}/(T-2))$.", claims=("product_of_the_constant_start",)),
    ),
    assumptions=(exchangeable, escapes_saddle, masked_training),
    instances=masked,
    examples=[*ones, problem(skewed, 5, masked=True)],
    simulate=simulate,
)


@theorem.claim(r"\partial_{B_{jj}}L,\ \partial_{A_{jj}}L\text{ do not depend on }j")
def diagonal_gradients_agree(case: Case, off: bool = False) -> All:
    """At three points, from the tensors; the common values are those of two scalars."""
    p, d, parts = case.problem, case.problem.dimension, []
    found, terms, h = constants(p.law), p.length - 2, harmonic(p.length - 2)
    for a, b in SLICE:
        to_b, to_a = reduced_gradient(tensors(p.law, p.length), scalar_matrix(d, b), scalar_matrix(d, a))
        force = terms * found.fourth[0] - a * b * (terms * found.sixth[0] + h * found.rows[0])
        parts += [
            Equal(tuple(to_b[j][j] for j in range(d)), (-a * force,) * d),
            Equal(tuple(to_a[j][j] for j in range(d)), (-b * force,) * d),
        ]
        if off:
            parts.append(Equal(tuple(to_a[j][k] for j in range(d) for k in range(d) if j != k), (Fraction(0),) * (d * d - d)))
    return All(*parts)


@theorem.claim(r"\tilde a\tilde b=k_1/(k_2+k_3H_{T-2}/(T-2))")
def masked_product_converges(case: Case, scale: Fraction = Fraction(1)) -> Reaches:
    """The masked flow of full matrices."""
    found, p = constants(case.problem.law), case.problem
    s = product_formula(found.fourth[0], found.sixth[0], found.rows[0], p.length)
    return Reaches([case.trajectory.product], [scale * s], BAR * max(1.0, float(s)), "ab")


@theorem.claim(r"u=\mathbf 1_d:\ \tilde a\tilde b=1/(1+(d-1)H_{T-2}/(T-2))")
def product_of_the_constant_start(case: Case, dimension: int = 1) -> Equal | NotExercised:
    """Exactly, where the start is the constant vector."""
    p = case.problem
    if p.law.record() != {"name": "ones"}:
        return NotExercised("the start is not the constant vector")
    found = slice_gradient(p.law, p.length)
    claimed = 1 / (1 + (p.dimension - dimension) * harmonic(p.length - 2) / (p.length - 2))
    return Equal(found.left_linear[0][0] / found.left_cubic[0][0], claimed)


@theorem.mutant(of=diagonal_gradients_agree, latex=r"\text{the off-diagonal gradients vanish too}")
def masking_is_superfluous(case: Case) -> All:
    """They do not for the constant or a skewed start."""
    return diagonal_gradients_agree(case, off=True)


@theorem.mutant(of=product_of_the_constant_start, latex=r"1/(1+d\,H_{T-2}/(T-2))")
def one_coordinate_too_many(case: Case) -> Equal | NotExercised:
    """k3 = d - 1."""
    return product_of_the_constant_start(case, dimension=0)


different_sizes = [problem(anisotropic, 4, masked=True)]
plain = [problem(OnesLaw(2), 5), problem(OnesLaw(3), 5), problem(skewed, 5)]
into_the_saddle = [problem(gaussian(2), 4, (Fraction(1, 2), Fraction(-1, 2)), masked=True)]
theorem.mutant(of=diagonal_gradients_agree, without=exchangeable, instances=different_sizes, latex=r"\text{without X}")
theorem.mutant(of=masked_product_converges, without=masked_training, instances=plain, latex=r"\text{without masking}")
theorem.mutant(of=masked_product_converges, without=escapes_saddle, instances=into_the_saddle, latex=r"\text{from }a_0=-b_0")
