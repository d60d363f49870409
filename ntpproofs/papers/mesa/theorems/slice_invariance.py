"""Exactly when training from a diagonal start stays in the diagonal slice.

If the gradient at every point of the slice is tangent to it, uniqueness of solutions keeps the flow there. It is tangent iff its off-diagonal entries
vanish and its diagonal entries agree; by the exact formulas these are polynomials in a and b whose coefficients are the moments below. Conversely a
coefficient that is not zero makes the polynomial nonzero at some (a, b), and the flow from there leaves the slice at once.
"""

from __future__ import annotations

from collections.abc import Callable

from ....language.relations import Equal, NotExercised
from ....language.statements import Case, Theorem, cite
from ....language.statements import clause as says
from ..laws import unit_powers
from ..model import scalar_matrix
from ..patterns import AtAllSizes, exchanged, pairs_sum, targets_sum
from ..patterns import symmetric as even
from ..predictions import in_slice
from ..problem import LinearAttentionAR
from ..relations import Reaches
from ..simulation import TOLERANCE, moves, simulate
from ..slice import constants, criterion
from ..tensors import reduced_gradient, tensors
from ._instances import anything, golden
from ._points import SLICE
from .slice_gradients import left, right

theorem = Theorem(
    label="mesa.slice-invariance",
    title="The exact criterion for the invariance of the diagonal slice",
    source=cite("zheng2024", "Assumption 4.1 (recalled; the exact criterion is derived here)"),
    setup=r"Real $u$; (i) $\mathbb Eu_j^3u_k^3=0$, (ii) $\mathbb Eu_ju_k^3=0$,"
    r" (iii) $H\,\mathbb Eu_ju_k^5+G\sum_{r\ne j,k}\mathbb Eu_ju_k^3u_r^2=0$ for all $j\ne k$; (iv) $T'k_1$, $T'k_2+Hk_3$ and $T'k_2+Hk_3'$"
    r" (row and column sums) are the same for all $j$.",
    clauses=(
        says(
            r"If (i)-(iv) hold, the flow from every $(a_0I,b_0I)$ stays in $\{(aI,bI)\}$.",
            by=("mesa.slice-gradients",),
            argued="docstring: uniqueness of solutions",
            claims=("criterion_decides", "flow_agrees"),
        ),
        says(
            r"If one of them fails, the flow from some $(a_0I,b_0I)$ leaves it.",
            by=("mesa.slice-gradients",),
            argued="docstring: a nonzero polynomial is nonzero somewhere",
            claims=("criterion_decides", "flow_agrees"),
        ),
        says(
            r"Invariance of the law under signs of the coordinates (also of complex $u$) makes the off-diagonal gradients vanish,",
            steps=("signs_kill_the_off_diagonal",),
            by=("mesa.character-calculus",),
        ),
        says(
            r"and under permutations it makes the diagonal ones agree: S and X suffice.",
            steps=("permutations_equalise_the_diagonal",),
            by=("mesa.character-calculus",),
            claims=("symmetry_suffices",),
        ),
    ),
    instances=anything,
    examples=golden,
)


@theorem.step("signs", by="patterns of equal indices", scope="all d, T", latex=r"\text{no even moment off the diagonal}")
def signs_kill_the_off_diagonal() -> list[AtAllSizes]:
    """No moment in the off-diagonal formulas is even in every coordinate, for real and for complex u."""
    sums = [
        pairs_sum(2, 2, lambda p, q: ((0, p, p), (1, q, q)), real=False),
        targets_sum(2, 1, lambda q: (0, (1, q, q)), real=False),
        pairs_sum(2, 2, lambda j, r: ((j, r, r), (j, 0, 1)), real=False),
        targets_sum(2, 1, lambda j: (j, (j, 0, 1)), real=False),
        *left(1, 2),
        *right(1, 2),
    ]
    return [AtAllSizes(even(terms), {}) for terms in sums]


@theorem.step("permutations", by="patterns of equal indices", scope="all d, T", latex=r"k_3=k_3'")
def permutations_equalise_the_diagonal() -> list[AtAllSizes]:
    """Row and column sums have the same exponents; the formulas do not name the coordinate."""
    return [AtAllSizes(exchanged(x), exchanged(y)) for x, y in zip(left(0, 1), right(0, 1))]


def tangent(problem: LinearAttentionAR) -> bool:
    """Whether the exact gradient, from the tensors, is tangent to the slice at three points with different products ab."""
    d, coefficients = problem.dimension, tensors(problem.law, problem.length)
    for a, b in SLICE:
        for matrix in reduced_gradient(coefficients, scalar_matrix(d, b), scalar_matrix(d, a)):
            diagonal = {matrix[j][j] for j in range(d)}
            if len(diagonal) > 1 or any(matrix[j][k] for j in range(d) for k in range(d) if j != k):
                return False
    return True


@theorem.claim(r"\nabla L\text{ is tangent to the slice}\iff\text{(i)-(iv)}")
def criterion_decides(case: Case, rule: Callable[[LinearAttentionAR], bool] | None = None) -> Equal:
    """Two coefficients of a polynomial in ab vanish iff it vanishes for two values of ab."""
    p = case.problem
    decided = criterion(p.law, p.length).invariant if rule is None else rule(p)
    return Equal(tangent(p), decided)


@theorem.claim(r"\text{the flow stays in the slice}\iff\text{(i)-(iv)}")
def flow_agrees(case: Case, invert: bool = False) -> Reaches | NotExercised:
    """The flow of full matrices from the problem's start: its largest distance from the slice."""
    p = case.problem
    if not moves(p):
        return NotExercised("the start is stationary")
    return Reaches([simulate(p).farthest], [0], 1e3 * TOLERANCE, "distance from the slice", away=in_slice(p) is invert)


@theorem.claim(r"\text{S and X}\Rightarrow\text{(i)-(iv)}")
def symmetry_suffices(case: Case, condition: Callable[[LinearAttentionAR], bool] | None = None) -> Equal | NotExercised:
    """On laws with both symmetries."""
    p = case.problem
    holds = p.law.sign_symmetric and p.law.exchangeable if condition is None else condition(p)
    return Equal(criterion(p.law, p.length).invariant, True) if holds else NotExercised("the law lacks one of the symmetries")


def lone_first_powers_vanish(problem: LinearAttentionAR) -> bool:
    """Every moment with one coordinate at the first power vanishes, and k1, k2, k3 do not depend on j: the recalled Assumption 4.1."""
    d, law = problem.dimension, problem.law
    for j in range(d):
        for k in range(d):
            for r in range(d):
                lone = [unit_powers(d, (j,) + (k,) * m + (r,) * n) for m in range(6) for n in range(6 - m)]
                if j not in (k, r) and any(law.moment(powers) for powers in lone):
                    return False
    return law.real and rows_agree(problem)


def rows_agree(problem: LinearAttentionAR) -> bool:
    """k1, k2 and the row sums k3 do not depend on j."""
    found = constants(problem.law)
    return all(len(set(group)) == 1 for group in (found.fourth, found.sixth, found.rows))


@theorem.mutant(of=symmetry_suffices, latex=r"\text{i.i.d. with mean zero suffices}")
def centred_coordinates_suffice(case: Case) -> Equal | NotExercised:
    """Vanishing of all moments with a lone first power leaves E u_j^3 u_k^3."""
    return symmetry_suffices(case, lone_first_powers_vanish)


@theorem.mutant(of=symmetry_suffices, latex=r"\text{S and row sums independent of }j\text{ suffice}")
def row_sums_suffice(case: Case) -> Equal | NotExercised:
    """The gradient in A has column sums."""
    return symmetry_suffices(case, lambda p: p.law.sign_symmetric and rows_agree(p))


@theorem.mutant(of=symmetry_suffices, latex=r"\text{S suffices}")
def signs_suffice(case: Case) -> Equal | NotExercised:
    """Coordinates of different size have different equations."""
    return symmetry_suffices(case, lambda p: p.law.sign_symmetric)


@theorem.mutant(of=symmetry_suffices, latex=r"\text{X suffices}")
def permutations_suffice(case: Case) -> Equal | NotExercised:
    """The constant vector is exchangeable."""
    return symmetry_suffices(case, lambda p: p.law.exchangeable)


@theorem.mutant(of=criterion_decides, latex=r"\text{(iv) with row sums only}")
def without_column_sums(case: Case) -> Equal:
    """A criterion that looks at the gradient in B alone."""
    return criterion_decides(case, lambda p: criterion(p.law, p.length).diagonal and rows_agree(p))


@theorem.mutant(of=flow_agrees, latex=r"\text{the flow leaves the slice iff (i)-(iv) hold}")
def the_other_way_round(case: Case) -> Reaches | NotExercised:
    """Turned round."""
    return flow_agrees(case, invert=True)
