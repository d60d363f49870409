"""The gradient of the loss at every point of the diagonal slice, off-diagonal entries included, for any real law.

Each entry is a sum over coordinates of products of two features (or of a target and a feature). Splitting it by which coordinates coincide leaves,
of all patterns, exactly the moments below with the counts 1, n or n^2, n = t - 1; divided by n^2 (the linear terms by n) and summed over t
they become G = sum 1/(t-1)^2, H = H_{T-2} and T' = T - 2. The target's linear term off the diagonal has one coincidence, not n: x_1 alone.
"""

from __future__ import annotations

from collections.abc import Callable

from ....language.relations import All, Equal
from ....language.statements import Case, Lemma, derived
from ....language.statements import clause as says
from ..coincidences import harmonic
from ..model import gradient
from ..patterns import AtAllSizes, FormalSum, formal, pairs_sum, targets_sum
from ..problem import LinearAttentionAR
from ..slice import SliceGradient, counted_slice_gradient, real_slice_gradient
from ._instances import golden, modest
from ._points import SLICE, on_slice, sequences

theorem = Lemma(
    label="mesa.slice-gradients",
    title="Exact gradients at every point of the diagonal slice",
    source=derived("the character calculus"),
    setup=r"Let $u$ be real with finite sixth moments, $B=bI$, $A=aI$, $G=\sum_{t=2}^{T-1}(t-1)^{-2}$, $H=H_{T-2}$, $T'=T-2$.",
    clauses=(
        says(r"$\partial_{B_{jk}}L=a^2bH\,\mathbb Eu_j^3u_k^3$ for $j\ne k$;", steps=("left_off_diagonal",), by=("mesa.character-calculus",)),
        says(
            r"$\partial_{A_{jk}}L=b\{ab(H(\mathbb Eu_ju_k^5+\mathbb Eu_j^3u_k^3)+G\sum_{r\ne j,k}\mathbb Eu_ju_k^3u_r^2)-H\,\mathbb Eu_ju_k^3\}$;",
            steps=("right_off_diagonal",),
            by=("mesa.character-calculus",),
        ),
        says(
            r"$\partial_{B_{jj}}L=a\{ab(T'\mathbb Eu_j^6+Hk_{3,j})-T'\mathbb Eu_j^4\}$ with the row sum $k_{3,j}=\sum_{r\ne j}\mathbb Eu_j^2u_r^4$;",
            steps=("left_diagonal",),
            by=("mesa.character-calculus",),
        ),
        says(
            r"$\partial_{A_{jj}}L=b\{ab(T'\mathbb Eu_j^6+Hk_{3,j}')-T'\mathbb Eu_j^4\}$ with the column sum"
            r" $k_{3,j}'=\sum_{r\ne j}\mathbb Eu_r^2u_j^4$.",
            steps=("right_diagonal",),
            by=("mesa.character-calculus",),
            claims=("gradients_are_as_claimed", "two_routes_agree"),
        ),
    ),
    uses=("mesa.block-reduction",),
    instances=modest,
    examples=golden,
)

PATTERNS = "patterns of equal indices"


def left(k: int, fixed: int) -> tuple[FormalSum, FormalSum]:
    """grad_B[0, k]: sum over p, q of features (0,p,p) and (k,q,q), and of the target 0 with (k,q,q)."""
    return pairs_sum(fixed, 2, lambda p, q: ((0, p, p), (k, q, q))), targets_sum(fixed, 1, lambda q: (0, (k, q, q)))


def right(k: int, fixed: int) -> tuple[FormalSum, FormalSum]:
    """grad_A[0, k]: sum over j, r of features (j,r,r) and (j,0,k), and of the targets j with (j,0,k)."""
    return pairs_sum(fixed, 2, lambda j, r: ((j, r, r), (j, 0, k))), targets_sum(fixed, 1, lambda j: (j, (j, 0, k)))


@theorem.step("off-diagonal entries of B", by=PATTERNS, scope="all d, T", latex=r"n\,\mathbb Eu_j^3u_k^3")
def left_off_diagonal() -> All:
    """One moment survives, and no linear term."""
    cubic, linear = left(1, 2)
    return All(AtAllSizes(cubic, formal(2, u33=(0, 1, 0))), AtAllSizes(linear, {}))


@theorem.step("off-diagonal entries of A", by=PATTERNS, scope="all d, T",
              latex=r"n(\mathbb Eu_ju_k^5+\mathbb Eu_j^3u_k^3)+\sum_r\mathbb Eu_ju_k^3u_r^2,\quad\mathbb Eu_ju_k^3")  # fmt: skip
def right_off_diagonal() -> All:
    """Three moments, and one coincidence in the linear term."""
    cubic, linear = right(1, 2)
    return All(AtAllSizes(cubic, formal(2, u15=(0, 1, 0), u33=(0, 1, 0), u13_2=(1, 0, 0))), AtAllSizes(linear, formal(2, u13=(1, 0, 0))))


@theorem.step("diagonal entries of B", by=PATTERNS, scope="all d, T", latex=r"n^2\mathbb Eu_j^6+n\sum_r\mathbb Eu_j^2u_r^4")
def left_diagonal() -> All:
    """The row sum."""
    cubic, linear = left(0, 1)
    return All(AtAllSizes(cubic, formal(1, u6=(0, 0, 1), u2_4=(0, 1, 0))), AtAllSizes(linear, formal(1, u4=(0, 1, 0))))


@theorem.step("diagonal entries of A", by=PATTERNS, scope="all d, T", latex=r"n^2\mathbb Eu_j^6+n\sum_r\mathbb Eu_r^2u_j^4")
def right_diagonal() -> All:
    """The column sum."""
    cubic, linear = right(0, 1)
    return All(AtAllSizes(cubic, formal(1, u6=(0, 0, 1), u4_2=(0, 1, 0))), AtAllSizes(linear, formal(1, u4=(0, 1, 0))))


def formulas(problem: LinearAttentionAR) -> SliceGradient:
    """The statement's formulas; for complex laws the counts they come from."""
    law, length = problem.law, problem.length
    return real_slice_gradient(law, length) if law.real else counted_slice_gradient(law, length)


@theorem.claim(r"\nabla L(bI,aI)\text{ by the definition}=\text{the formulas}")
def gradients_are_as_claimed(case: Case, claimed: Callable[[LinearAttentionAR], SliceGradient] = formulas) -> All:
    """At two points, the definition multiplied out as characters."""
    p, d = case.problem, case.problem.dimension
    parts = []
    for a, b in SLICE[:2]:
        to_p, to_q = gradient(sequences(p), p.law, *on_slice(p, a, b))
        literal = tuple(row[:d] for row in to_p), tuple(row[:d] for row in to_q[d:])
        parts.append(Equal(literal, claimed(p).at(a, b)))
    return All(*parts)


@theorem.claim(r"\text{formulas}=\text{counts of coincidences}")
def two_routes_agree(case: Case, length: int = 0) -> Equal:
    """The formulas against sums of counted coincidences, entry by entry."""
    p = case.problem
    return Equal(_flat(formulas(p)), _flat(counted_slice_gradient(p.law, p.length + length)))


def _flat(found: SliceGradient) -> tuple[object, ...]:
    return found.left_cubic, found.left_linear, found.right_cubic, found.right_linear


def changed(problem: LinearAttentionAR, entry: Callable[[SliceGradient, int, int], object], off: bool, name: str = "right_cubic") -> SliceGradient:
    """The formulas with the diagonal or the off-diagonal entries of one matrix replaced."""
    found = formulas(problem)
    d = range(problem.dimension)
    old = getattr(found, name)
    new = tuple(tuple(entry(found, j, k) if (j != k) is off else old[j][k] for k in d) for j in d)
    return SliceGradient(**{**vars(found), name: new})


@theorem.mutant(of=gradients_are_as_claimed, latex=r"k_3\text{ (row sum) in }\partial_{A_{jj}}")
def row_sum_for_both(case: Case) -> All:
    """F2: the gradient in A has column sums; three dimensions are needed to see it."""
    return gradients_are_as_claimed(case, lambda p: changed(p, lambda found, j, k: found.left_cubic[j][k], off=False))


@theorem.mutant(of=gradients_are_as_claimed, latex=r"\partial_{B_{jk}}=0\text{ for }j\ne k")
def no_cubic_moment(case: Case) -> All:
    """F1: E u_j^3 u_k^3 need not vanish with the moments that have a lone first power."""
    return gradients_are_as_claimed(case, lambda p: changed(p, lambda found, j, k: 0, off=True, name="left_cubic"))


@theorem.mutant(of=gradients_are_as_claimed, latex=r"\text{without }G\sum_r\mathbb Eu_ju_k^3u_r^2")
def no_third_coordinate(case: Case) -> All:
    """The third coordinate contributes where u_j u_k^3 u_r^2 has a mean."""

    def without(p: LinearAttentionAR) -> SliceGradient:
        h, law = harmonic(p.length - 2), p.law

        def entry(_: SliceGradient, j: int, k: int) -> object:
            powers = [[0] * p.dimension for _ in range(2)]
            powers[0][j], powers[0][k], powers[1][j], powers[1][k] = 1, 5, 3, 3
            return h * (law.moment(tuple(powers[0])) + law.moment(tuple(powers[1])))

        return changed(p, entry, off=True)

    return gradients_are_as_claimed(case, without)


@theorem.mutant(of=gradients_are_as_claimed, latex=r"\text{a factor }d\text{ on the diagonal}")
def shared_scalars(case: Case) -> All:
    """Each diagonal entry has its own gradient: no factor d."""
    return gradients_are_as_claimed(
        case, lambda p: changed(p, lambda found, j, k: p.dimension * found.left_cubic[j][k], off=False, name="left_cubic")
    )


@theorem.mutant(of=two_routes_agree, latex=r"\text{at length }T+1")
def another_length(case: Case) -> Equal:
    """Every entry depends on T."""
    return two_routes_agree(case, length=1)
