"""Coordinates of different size, each symmetric: training stays diagonal, each coordinate with its own product, coupled through one conserved sum.

Under S the off-diagonal gradients vanish at diagonal points, so that the flow keeps B and A diagonal. For any loss that depends on B and A
through products of their entries, sum |B|^2 - |A|^2 is conserved: both blocks change it by the same sum of entry times gradient. Entry by entry
this is false: the coordinate j gains sum_r |B_jj A_rr|^2 E u_j^2 u_r^4 in one block and sum_r |B_rr A_jj|^2 E u_r^2 u_j^4 in the other.
"""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import All, AtMost, Equal, Less, NotExercised
from ....language.statements import Case, Proposition, derived
from ....language.statements import clause as says
from ..assumptions import sign_symmetric
from ..coincidences import harmonic
from ..gaussian import Gaussian, real_part
from ..model import Matrix
from ..named_laws import IndependentLaw
from ..patterns import AtAllSizes, pairs_sum, targets_sum
from ..patterns import symmetric as even
from ..relations import Reaches
from ..simulation import simulate
from ..slice import constants
from ..tensors import reduced_gradient, reduced_loss, tensors
from ._instances import anisotropic, anything, problem, signed, unequal_columns
from ._points import block, live

# u -> sqrt(c) u divides every product by c, and the limits of the products do not depend on the size of a balanced start.
SCALES = (Fraction(1), Fraction(3, 2), Fraction(2), Fraction(5, 2), Fraction(3), Fraction(4), Fraction(6))
scaled_gaussians = {IndependentLaw("gaussian", (c, 4 * c)): c for c in SCALES}
STARTS = (Fraction(1, 10), Fraction(3, 10), Fraction(-1, 5))
two_gaussians = [problem(anisotropic, t, (x, x)) for t in (4, 12) for x in STARTS]
two_gaussians += [problem(law, t) for law in scaled_gaussians if law != anisotropic for t in (4, 12)]

theorem = Proposition(
    label="mesa.different-sizes",
    title="Symmetric coordinates of different size",
    source=derived("the character calculus"),
    setup=r"$u$ invariant under signs of its coordinates (S); $B$ and $A$ start diagonal.",
    clauses=(
        says(
            r"The off-diagonal gradients vanish at every diagonal $(B,A)$.",
            steps=("diagonal_points",),
            by=("mesa.character-calculus",),
            claims=("stays_diagonal",),
        ),
        says(
            r"$\|B\|_F^2-\|A\|_F^2$ is conserved, for any law and any start;",
            argued="docstring: L depends on products B_jm A_kl",
            claims=("norms_are_balanced",),
        ),
        says(r"$B_{jj}^2-A_{jj}^2$ is not, in general.", witness=("one_coordinate_is_not_conserved",)),
        says(
            r"The loss of diagonal $(B,A)$ is at most that of any $(B,A)$ with this diagonal.",
            by=("mesa.global-optimality",),
            argued="S alone is used in the first clause there",
            claims=("diagonal_is_best",),
        ),
        says(
            r"For $u_1\sim N(0,1)$, $u_2\sim N(0,4)$ the products tend to $.143223,\ .047315$ at $T=4$ and $.177176,\ .048703$ at $T=12$,"
            r" towards $1/(5\sigma_j^2)$; for $N(0,c)$, $N(0,4c)$ they are divided by $c$.",
            claims=("limits_of_two_gaussians",),
        ),
    ),
    uses=("mesa.block-reduction",),
    assumptions=(sign_symmetric,),
    instances=signed,
    examples=[*two_gaussians, problem(unequal_columns, 4)],
    simulate=simulate,
)


def diagonal(problem_: object, seed: int) -> tuple[Matrix, Matrix]:
    """Diagonal B and A with different entries."""
    d = problem_.dimension  # type: ignore[attr-defined]
    rows = [block(1, d, seed)[0], block(1, d, seed + 4)[0]]
    left, right = (tuple(tuple(row[i] if i == j else Fraction(0) for j in range(d)) for i in range(d)) for row in rows)
    return left, right


@theorem.step("gradients at diagonal points", by="patterns of equal indices", scope="all d, T")
def diagonal_points() -> list[AtAllSizes]:
    """Entry (j, k) pairs the features (j,p,p) and (k,q,q) for B, (i,r,r) and (i,j,k) for A: no moment is even, whatever the entries' values."""
    found = []
    for p in range(4):
        for q in range(4):
            found.append(AtAllSizes(even(pairs_sum(4, 0, lambda p=p, q=q: ((0, p, p), (1, q, q)))), {}))
            found.append(AtAllSizes(even(pairs_sum(4, 0, lambda p=p, q=q: ((p, q, q), (p, 0, 1)))), {}))
        found.append(AtAllSizes(even(targets_sum(4, 0, lambda p=p: (0, (1, p, p)))), {}))
        found.append(AtAllSizes(even(targets_sum(4, 0, lambda p=p: (p, (p, 0, 1)))), {}))
    return found


@theorem.step("one coordinate is not conserved", by="exact evaluation", scope="N(0,1) x N(0,4), T = 4")
def one_coordinate_is_not_conserved() -> Less:
    """d/dtau (A_11^2 - B_11^2) from B = A = I is not zero."""
    to_b, to_a = reduced_gradient(tensors(anisotropic, 4), *(tuple(tuple(Fraction(i == j) for j in range(2)) for i in range(2)),) * 2)
    return Less(0, abs(to_b[0][0] - to_a[0][0]))


@theorem.claim(r"\nabla L\text{ is diagonal at diagonal points}")
def stays_diagonal(case: Case) -> Equal:
    """Exactly, at two points."""
    p, d = case.problem, case.problem.dimension
    values = []
    for seed in (1, 6):
        for matrix in reduced_gradient(tensors(p.law, p.length), *diagonal(p, seed)):
            values += [matrix[j][k] for j in range(d) for k in range(d) if j != k]
    return Equal(tuple(values), (Fraction(0),) * len(values))


@theorem.claim(r"\langle B,\nabla_BL\rangle=\langle A,\nabla_AL\rangle")
def norms_are_balanced(case: Case, entrywise: bool = False) -> Equal | NotExercised:
    """At a full complex point; entry by entry at a diagonal one."""
    p, d = case.problem, case.problem.dimension
    left, right = diagonal(p, 1) if entrywise else live(p, complex_=True)
    to_b, to_a = reduced_gradient(tensors(p.law, p.length), left, right)

    def inner(x: Matrix, y: Matrix, j: int, k: int) -> Fraction:
        product: Gaussian | Fraction = x[j][k].conjugate() * y[j][k]
        return real_part(product)

    if entrywise:
        return Equal(tuple(inner(left, to_b, j, j) for j in range(d)), tuple(inner(right, to_a, j, j) for j in range(d)))
    every = [(j, k) for j in range(d) for k in range(d)]
    return Equal(sum((inner(left, to_b, *e) for e in every), Fraction(0)), sum((inner(right, to_a, *e) for e in every), Fraction(0)))


@theorem.claim(r"L(B,A)\ge L(\mathrm{diag}B,\mathrm{diag}A)")
def diagonal_is_best(case: Case, reverse: bool = False) -> All:
    """At two full complex points."""
    p, parts = case.problem, []
    for seed in (2, 7):
        left, right = live(p, seed, complex_=True)
        cut = [tuple(tuple(x if i == j else Fraction(0) for j, x in enumerate(row)) for i, row in enumerate(m)) for m in (left, right)]
        coefficients = tensors(p.law, p.length)
        values = reduced_loss(coefficients, *cut), reduced_loss(coefficients, left, right)
        parts.append(AtMost(*(values[::-1] if reverse else values)))
    return All(*parts)


@theorem.claim(r"c\,(B_{jj}A_{jj})_j\to(.143223,.047315)\text{ at }T=4,\ (.177176,.048703)\text{ at }T=12")
def limits_of_two_gaussians(case: Case, asymptotic: bool = False, separate: bool = False) -> Reaches | NotExercised:
    """The products B_jj A_jj at the end of the run, in units of the first variance."""
    p = case.problem
    table = {4: (0.143223, 0.047315), 12: (0.177176, 0.048703)}
    c = scaled_gaussians.get(p.law)
    if c is None or p.length not in table or p.start.delta or not p.start.escapes:
        return NotExercised("another law, length or start")
    target = (0.2, 0.05) if asymptotic else table[p.length]
    if separate:  # each coordinate with its own row sum
        found, terms, h = constants(p.law), p.length - 2, harmonic(p.length - 2)
        target = tuple(float(c * k1 * terms / (k2 * terms + h * k3)) for k1, k2, k3 in zip(found.fourth, found.sixth, found.rows))  # type: ignore[assignment]
    run = case.trajectory
    return Reaches([float(c) * run.left[j, j] * run.right[j, j] for j in range(2)], list(target), 1e-6, "products")


@theorem.mutant(of=norms_are_balanced, latex=r"B_{jj}^2-A_{jj}^2\text{ is conserved for each }j")
def each_coordinate_is_conserved(case: Case) -> Equal | NotExercised:
    """Only the sum is."""
    return norms_are_balanced(case, entrywise=True)


@theorem.mutant(of=diagonal_is_best, latex=r"L(B,A)\le L(\mathrm{diag}B,\mathrm{diag}A)")
def off_diagonals_help(case: Case) -> All:
    """Turned round."""
    return diagonal_is_best(case, reverse=True)


@theorem.mutant(of=limits_of_two_gaussians, latex=r"1/(5\sigma_j^2)\text{ at finite }T")
def asymptotic_values(case: Case) -> Reaches | NotExercised:
    """28 % off at T = 4."""
    return limits_of_two_gaussians(case, asymptotic=True)


@theorem.mutant(of=limits_of_two_gaussians, latex=r"\text{each coordinate by the formula with its own row sum}")
def separate_formulas(case: Case) -> Reaches | NotExercised:
    """The coordinates are coupled."""
    return limits_of_two_gaussians(case, separate=True)


theorem.mutant(of=stays_diagonal, without=sign_symmetric, instances=anything, latex=r"\text{without S}")
