"""The constant start u = (1, ..., 1), not masked: the slice is left, and full matrices do better than any multiple of the identity.

At B = bI, A = aI the formulas of the slice give, with all moments one, off-diagonal gradients a^2 b H and b{ab(2H + (d-2)G) - H}. By
permutation symmetry the flow keeps one diagonal and one off-diagonal value in each block.
"""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import All, Equal, Less
from ....language.statements import Case, Proposition, cite
from ....language.statements import clause as says
from ..assumptions import all_ones, escapes_saddle, several_coordinates
from ..coincidences import harmonic
from ..model import Matrix, scalar_matrix
from ..named_laws import OnesLaw
from ..relations import Reaches
from ..simulation import simulate
from ..slice import slice_flow
from ..tensors import reduced_gradient, reduced_loss, tensors
from ._instances import gaussian, problem
from ._points import SLICE

# (d, T): A11, A12, B11, B12 of the limit from (1/10, 1/10), to six digits (own engine of the notes).
LIMITS = {
    (2, 3): (0.562129, 0.462129, 0.650878, -0.325439),
    (2, 5): (0.905817, -0.088908, 0.857320, -0.305634),
    (2, 10): (0.924759, -0.109629, 0.909882, -0.198273),
    (2, 60): (0.969096, -0.058161, 0.968716, -0.064190),
    (3, 10): (0.851401, -0.099835, 0.846000, -0.120629),
}
DIGITS = 2e-6

theorem = Proposition(
    label="mesa.constant-start",
    title="The constant start leaves the slice",
    source=cite("zheng2024", "Proposition 4.2 (recalled; the exact gradients are derived here)"),
    setup=r"$u=\mathbf1_d$, $d\ge2$, gradients not masked, $H=H_{T-2}$, $G=\sum_t(t-1)^{-2}$.",
    clauses=(
        says(
            r"On the slice $\partial_{B_{jk}}L=a^2bH$ and $\partial_{A_{jk}}L=b\{ab(2H+(d-2)G)-H\}$ for $j\ne k$,"
            r" which do not both vanish unless $ab=0$.",
            by=("mesa.slice-gradients",),
            claims=("off_diagonal_gradients",),
        ),
        says(
            r"Training reaches a smaller loss than with masked gradients.",
            claims=("smaller_than_masked",),
        ),
        says(
            r"The limits from $(\tfrac1{10},\tfrac1{10})$ are those of the table, and the flow leaves the slice.",
            claims=("limits_of_the_table", "leaves_the_slice"),
        ),
    ),
    uses=("mesa.one-gradient-step", "mesa.masked-training"),
    assumptions=(all_ones, several_coordinates, escapes_saddle),
    instances=[problem(OnesLaw(d), length) for d, length in [*LIMITS, (3, 4), (4, 6), (2, 20)]],
    simulate=simulate,
)


@theorem.claim(r"\partial_{B_{jk}}L=a^2bH,\ \partial_{A_{jk}}L=b\{ab(2H+(d-2)G)-H\}")
def off_diagonal_gradients(case: Case, third: int = 2) -> All:
    """At three points, from the tensors."""
    p, d, parts = case.problem, case.problem.dimension, []
    h, g = harmonic(p.length - 2), harmonic(p.length - 2, 2)
    for a, b in SLICE:
        to_b, to_a = reduced_gradient(tensors(p.law, p.length), scalar_matrix(d, b), scalar_matrix(d, a))
        right = b * (a * b * (2 * h + (d - third) * g) - h)
        every = [(j, k) for j in range(d) for k in range(d) if j != k]
        parts += [
            Equal(tuple(to_b[j][k] for j, k in every), (a * a * b * h,) * len(every)),
            Equal(tuple(to_a[j][k] for j, k in every), (right,) * len(every)),
        ]
    return All(*parts)


def rounded(block: object) -> Matrix:
    """A block of a run as rationals."""
    return tuple(tuple(Fraction(float(x)).limit_denominator(10**6) for x in row) for row in block)  # type: ignore[attr-defined]


def masked_loss(case: Case) -> Fraction:
    """The least loss on the slice."""
    p, d = case.problem, case.problem.dimension
    s = slice_flow(p.law, p.length).product
    return reduced_loss(tensors(p.law, p.length), scalar_matrix(d, s), scalar_matrix(d, Fraction(1)))


@theorem.claim(r"L<L_{\mathrm{masked}}")
def smaller_than_masked(case: Case, reverse: bool = False) -> Less:
    """Exactly, at the rounded end of the run."""
    p, run = case.problem, case.trajectory
    found = reduced_loss(tensors(p.law, p.length), rounded(run.left), rounded(run.right))
    return Less(masked_loss(case), found) if reverse else Less(found, masked_loss(case))


@theorem.claim(r"\text{limits of }A_{11},A_{12},B_{11},B_{12}")
def limits_of_the_table(case: Case, vanilla: bool = False) -> Reaches:
    """Against the table where it has the sizes, and against permutation symmetry everywhere."""
    p, run = case.problem, case.trajectory
    found = [run.right[0, 0], run.right[0, 1], run.left[0, 0], run.left[0, 1]]
    table = LIMITS.get((p.dimension, p.length))
    if table is None:
        found, table = [run.right[1, 1], run.right[1, 0], run.left[1, 1], run.left[1, 0]], tuple(found)
    return Reaches(found, [table[0], 0.0, table[2], 0.0] if vanilla else list(table), DIGITS, "A11, A12, B11, B12")


@theorem.claim(r"\text{the slice is left}")
def leaves_the_slice(case: Case) -> Reaches:
    """At the record farthest from it."""
    return Reaches([case.trajectory.farthest], [0], 1e-3, "distance from the slice", away=True)


@theorem.mutant(of=off_diagonal_gradients, latex=r"(d-1)G\text{ for }(d-2)G")
def other_coordinates_miscounted(case: Case) -> All:
    """The third coordinate differs from both."""
    return off_diagonal_gradients(case, third=1)


@theorem.mutant(of=smaller_than_masked, latex=r"\text{masking is harmless}")
def masking_is_harmless(case: Case) -> Less:
    """d = 2, T = 3: .5 against .3333, relative to predicting 0."""
    return smaller_than_masked(case, reverse=True)


@theorem.mutant(of=limits_of_the_table, latex=r"\text{vanilla gradient descent}")
def vanilla_at_finite_length(case: Case) -> Reaches:
    """The off-diagonal entries vanish only as T grows."""
    return limits_of_the_table(case, vanilla=True)


other_starts = [problem(gaussian(2), 5), problem(gaussian(3), 4)]
theorem.mutant(of=off_diagonal_gradients, without=all_ones, instances=other_starts, latex=r"\text{for other starts}")
theorem.mutant(of=leaves_the_slice, without=several_coordinates, instances=[problem(OnesLaw(1), 5)], latex=r"d=1")
on_the_line = [problem(OnesLaw(2), 5, (Fraction(0), Fraction(0)))]
theorem.mutant(of=smaller_than_masked, without=escapes_saddle, instances=on_the_line, latex=r"\text{from }a_0=b_0=0")
