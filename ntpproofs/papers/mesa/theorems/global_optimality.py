"""Under S and X no weights, complex ones included, have a smaller loss than the limit of training from a diagonal start.

u may be complex; u_j^2, u_j^4, u_j^6 are moduli then.

1. Other blocks never help (block reduction).
2. Off-diagonal entries never help. With W_mkl = B_jm A_kl and n = t-1, sign symmetry and the counts of coincidences give for every j and t

   E|yhat_j|^2 = sum_m k2 |W_mmm|^2 + sum_{m != l} E u_m^4 u_l^2 { |W_mml + W_lmm/n|^2 + (1/n - 1/n^2)|W_lmm|^2 + |W_mlm|^2/n }
                 + sum over distinct m,k,l of E u_m^2 u_k^2 u_l^2 { |W_mkl|^2/n + Re W_mkl conj(W_lkm)/n^2 },

   and only W_jjj is correlated with the target. The last line is non-negative since n >= 1. Keep, for r != j, the terms with W_jrr = y, W_rrj = x,
   W_rrr = v and W_jrj = w; note |x||y| = |v||w|. With q = E u_j^2 u_r^4, q' = E u_j^4 u_r^2:
   q|x + y/n|^2 + q(1/n - 1/n^2)|y|^2 + k2_r|v|^2 + q'|w|^2/n - q|y|^2/n >= q|x|^2 + k2_r|v|^2 - (2q/n)|v||w| + q'|w|^2/n >= 0
   because q^2 <= k2_r q' (Cauchy and Schwarz on (u_j^2 u_r)(u_r^3)) and n >= 1. So L(B, A) >= L(diag B, diag A); X was not used.
3. On diagonals put p_j = |B_jj A_jj|. By |B_jj A_rr|^2 + |B_rr A_jj|^2 >= 2 p_j p_r the loss is at least
   (1/2) sum_j (T'k2 p_j^2 - 2T'k1 p_j + T'm2) + (H q/2) sum_{r != j} p_j p_r, a convex quadratic: its form (T'k2 - Hq) I + Hq 11^T is positive
   semidefinite as q <= k2 (from (x-y)^2 (x+2y) >= 0 with x = u_j^2, y = u_r^2) and H <= T'. At p_j = s its gradient vanishes.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Theorem, derived
from ....language.statements import clause as says
from ..assumptions import exchangeable, sign_symmetric
from ..coincidences import harmonic
from ..moments import positive_semidefinite
from ..named_laws import IndependentLaw
from ..patterns import AtAllSizes, FormalSum, moment_key, pairs_sum, polynomial, targets_sum, without_zeros
from ..patterns import symmetric as even
from ..relations import AlongFlow, SumOfSquares
from ..simulation import simulate
from ..slice import constants, product_formula
from ..tensors import reduced_loss, tensors
from ._instances import anisotropic, anything, problem, rademacher, skewed, symmetric, symmetric_golden
from ._points import diagonal_of, live

theorem = Theorem(
    label="mesa.global-optimality",
    title="The limit of training is a global minimum over all weights",
    source=derived("lower bounds by sums of squares over patterns of equal indices"),
    setup=r"Real or complex $u$ with S and X, $q=\mathbb E|u_j|^2|u_r|^4$ for $r\ne j$, $L^*=\tfrac d2T'(m_2-k_1s)$.",
    clauses=(
        says(
            r"$L(B,A)\ge L(\mathrm{diag}\,B,\mathrm{diag}\,A)$ for all complex $B$, $A$ (S alone suffices).",
            steps=("sum_of_squares", "target_sees_one_product", "three_coordinates", "cross_terms_are_absorbed", "cauchy_schwarz"),
            by=("mesa.character-calculus",),
            claims=("diagonal_dominance",),
        ),
        says(
            r"$(T'k_2-Hq)I+Hq\,\mathbf 1\mathbf 1^\top\succeq0$.",
            steps=("moments_are_ordered", "weights_of_the_form"),
            claims=("form_is_semidefinite",),
        ),
        says(
            r"$\min L=L^*$ over all complex $(P,Q)$.",
            by=("mesa.block-reduction", "mesa.restricted-loss"),
            steps=("sum_of_squares", "mixed_products", "stationary_at_s"),
            argued="docstring, 3",
            claims=("nothing_is_below",),
        ),
    ),
    assumptions=(sign_symmetric, exchangeable),
    instances=symmetric,
    examples=symmetric_golden,
)


def features_form() -> FormalSum:
    """n^2 E|yhat_j|^2 with one real weight W_mkl per feature, as a formal sum whose fixed coordinates are none: keys are (features, moment)."""
    result: FormalSum = {}
    for f, g, terms in _pairs():
        for key, count in terms.items():
            result[(f, g), key] = count  # type: ignore[index]
    return result


PATTERN = ((0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (0, 1, 2))


def _pairs() -> list[tuple[tuple[int, int, int], tuple[int, int, int], FormalSum]]:
    # Every pair of features up to renaming: f has one of five patterns, g any indices among f's and three further ones.
    found = []
    for f in PATTERN:
        fresh = max(f) + 1
        for g in _extended(fresh):
            terms = even(pairs_sum(max((*f, *g)) + 1, 0, lambda f=f, g=g: (f, g), real=False))
            if terms:
                found.append((f, g, terms))
    return found


def _extended(fresh: int) -> list[tuple[int, int, int]]:
    every: list[tuple[int, int, int]] = []
    for m in range(fresh + 1):
        for k in range(max(fresh, m + 1) + 1):
            for last in range(max(fresh, m + 1, k + 1) + 1):
                every.append((m, k, last))
    return every


def claimed_form() -> FormalSum:
    """The coefficients in the docstring, for each pair of features: squares and the two kinds of cross terms."""

    def entry(f: tuple[int, int, int], g: tuple[int, int, int], c: tuple[int, int, int]) -> None:
        size = max((*f, *g)) + 1
        key = moment_key((f[0], f[2], g[1]), (f[1], g[0], g[2]), size)
        result[(f, g), key] = polynomial(*c)  # type: ignore[index]

    result: FormalSum = {}
    entry((0, 0, 0), (0, 0, 0), (0, 0, 1))
    entry((0, 0, 1), (0, 0, 1), (0, 0, 1))  # |W_mml|^2
    entry((0, 0, 1), (1, 0, 0), (0, 1, 0))  # W_mml W_lmm
    entry((0, 1, 1), (0, 1, 1), (0, 1, 0))  # |W_lmm|^2
    entry((0, 1, 1), (1, 1, 0), (0, 1, 0))  # the same cross term, named from the other feature
    entry((0, 1, 0), (0, 1, 0), (0, 1, 0))  # |W_mlm|^2
    entry((0, 1, 2), (0, 1, 2), (0, 1, 0))
    entry((0, 1, 2), (2, 1, 0), (1, 0, 0))
    return without_zeros(result)


@theorem.step("the second moment under signs", by="patterns of equal indices", scope="all d, T")
def sum_of_squares() -> AtAllSizes:
    """All pairs of features whose moment is even: five squares and two kinds of cross terms."""
    return AtAllSizes(features_form(), claimed_form(), "pairs of features")


@theorem.step("the target sees W_jjj only", by="patterns of equal indices", scope="all d, T")
def target_sees_one_product() -> AtAllSizes:
    """Among all features the target j is correlated, under signs, with (j, j, j) alone."""
    found: FormalSum = {}
    for m in range(4):
        for k in range(4):
            for last in range(4):
                for key, count in even(targets_sum(4, 0, lambda m=m, k=k, last=last: (0, (m, k, last)), real=False)).items():
                    found[(m, k, last), key] = count  # type: ignore[index]
    expected: FormalSum = {((0, 0, 0), moment_key((0, 0), (0, 0), 4)): polynomial(0, 1, 0)}  # type: ignore[dict-item]
    return AtAllSizes(found, expected, "targets and features")


v, w, x, y = sp.symbols("v w x y", real=True)
q, k2, n, m = sp.symbols("q k_2 n m", positive=True)


@theorem.step("three different coordinates", by="sum of squares", scope="all n >= 1", latex=r"\tfrac1n(x^2+y^2)+\tfrac2{n^2}xy\ge0")
def three_coordinates() -> SumOfSquares:
    """n = 1 + m with m >= 0."""
    whole = (1 + m) * (x**2 + y**2) + 2 * x * y
    return SumOfSquares(whole, [(1, x + y), (m, x), (m, y)])


@theorem.step("the dangerous cross term is absorbed", by="sum of squares", scope="all n >= 1",
              latex=r"k_2v^2-\tfrac{2q}nvw+\tfrac{q^2}{nk_2}w^2\ge0")  # fmt: skip
def cross_terms_are_absorbed() -> SumOfSquares:
    """With q' >= q^2/k2 and n = 1 + m: a square and a remainder."""
    whole = k2 * v**2 - 2 * q / (1 + m) * v * w + q**2 / ((1 + m) * k2) * w**2
    return SumOfSquares(whole * (1 + m) ** 2 * k2, [(1, (1 + m) * k2 * v - q * w), (m * q**2, w)])


@theorem.step("Cauchy and Schwarz", by="sum of squares", scope="all laws", latex=r"\mathbb E(u_j^2u_r-\lambda u_r^3)^2\ge0\text{ at }\lambda=q/k_2")
def cauchy_schwarz() -> SumOfSquares:
    """The square has mean q' - 2 lambda q + lambda^2 k2 = q' - q^2/k2."""
    first, second, scale = sp.symbols("X Y lambda", real=True)
    return SumOfSquares(first**2 - 2 * scale * first * second + scale**2 * second**2, [(1, first - scale * second)])


@theorem.step("q <= k2", by="sum of squares with positive weights", scope="all laws", latex=r"u_j^6+2u_r^6-3u_j^2u_r^4=(u_j^2-u_r^2)^2(u_j^2+2u_r^2)")
def moments_are_ordered() -> SumOfSquares:
    """Take means: k2 + 2 k2 - 3 q >= 0."""
    first, second = sp.symbols("x y", positive=True)
    return SumOfSquares(first**3 + 2 * second**3 - 3 * first * second**2, [(first + 2 * second, first - second)])


@theorem.step("weights of the form", by="sum of squares with positive weights", scope="all d, T",
              latex=r"x^\top Mx=(T'k_2-Hq)\sum_jx_j^2+Hq\bigl(\sum_jx_j\bigr)^2")  # fmt: skip
def weights_of_the_form() -> SumOfSquares:
    """With k2 = q + g, g >= 0 (the moments are ordered) and T' = H + h, h >= 0 (each of the T' terms of H is at most 1): T'k2 - Hq = T'g + hq."""
    harmonic_sum, rest, gap, norm, total = sp.symbols("H h g s_2 s_1", positive=True)
    terms = harmonic_sum + rest
    whole = (terms * (q + gap) - harmonic_sum * q) * norm**2 + harmonic_sum * q * total**2
    return SumOfSquares(whole, [(terms * gap + rest * q, norm), (harmonic_sum * q, total)])


@theorem.step("mixed products on the diagonal", by="sum of squares", scope="all reals", latex=r"x^2w^2+y^2v^2\ge2xyvw")
def mixed_products() -> SumOfSquares:
    """|B_jj A_rr|^2 + |B_rr A_jj|^2 >= 2 |B_jj A_jj| |B_rr A_rr|."""
    return SumOfSquares((x * w) ** 2 + (y * v) ** 2 - 2 * x * y * v * w, [(1, x * w - y * v)])


@theorem.step("stationary at p_j = s", by="chain rule", scope="all d, T")
def stationary_at_s() -> AlongFlow:
    """With all other p_r = s (their sum is (d-1)s), the slope in p_j vanishes at s = k1 T'/(T'k2 + H(d-1)q)."""
    p, d, terms, h, k1 = sp.symbols("p d T h k_1", positive=True)
    s = terms * k1 / (terms * k2 + h * (d - 1) * q)
    partial = terms * k2 * p**2 / 2 - terms * k1 * p + h * q * p * (d - 1) * s
    return AlongFlow(partial, {p: 1}, (p - s) * terms * k2)


@theorem.claim(r"L(B,A)\ge L(\mathrm{diag}B,\mathrm{diag}A)")
def diagonal_dominance(case: Case, strict: bool = False) -> All:
    """Exactly, at two full complex points."""
    p, parts = case.problem, []
    coefficients = tensors(p.law, p.length)
    for seed in (0, 9):
        left, right = live(p, seed, complex_=True)
        whole, diagonal = reduced_loss(coefficients, left, right), reduced_loss(coefficients, diagonal_of(left), diagonal_of(right))
        parts.append(AtMost(whole, diagonal) if strict else AtMost(diagonal, whole))
    return All(*parts)


@theorem.claim(r"(T'k_2-Hq)I+Hq\,\mathbf1\mathbf1^\top\succeq0")
def form_is_semidefinite(case: Case, sign: int = 1) -> Equal:
    """By exact elimination."""
    p, d, found = case.problem, case.problem.dimension, constants(case.problem.law)
    terms, h = p.length - 2, harmonic(p.length - 2)
    cross = found.rows[0] / (d - 1) if d > 1 else Fraction(0)
    form = [[(terms * found.sixth[0] if j == k else Fraction(0)) + (h * cross if j != k else 0) for k in range(d)] for j in range(d)]
    if sign < 0:
        form = [[(Fraction(0) if j == k else 2 * x) - x for k, x in enumerate(row)] for j, row in enumerate(form)]
    return Equal(positive_semidefinite(form), True)


def best(case: Case, share: Fraction = Fraction(1)) -> Fraction:
    """L* by the formula."""
    p, found = case.problem, constants(case.problem.law)
    s = product_formula(found.fourth[0], found.sixth[0], found.rows[0], p.length)
    return p.dimension * (p.length - 2) * (found.second[0] - share * found.fourth[0] * s) / 2


@theorem.claim(r"L(B,A)\ge L^*")
def nothing_is_below(case: Case, share: Fraction = Fraction(1)) -> All:
    """At full complex points, and at the rounded end of a run, where a smaller loss would be if there were one."""
    p, parts = case.problem, []
    coefficients = tensors(p.law, p.length)
    points = [live(p, seed, complex_=True) for seed in (5,)]
    run = simulate(p)
    points.append(tuple(tuple(tuple(Fraction(float(z)).limit_denominator(10**8) for z in row) for row in block) for block in (run.left, run.right)))  # type: ignore[arg-type]
    for left, right in points:
        parts.append(AtMost(best(case, share), reduced_loss(coefficients, left, right)))
    return All(*parts)


@theorem.mutant(of=diagonal_dominance, latex=r"L(B,A)\le L(\mathrm{diag}B,\mathrm{diag}A)")
def off_diagonals_help(case: Case) -> All:
    """Turned round."""
    return diagonal_dominance(case, strict=True)


theorem.mutant(of=nothing_is_below, without=sign_symmetric, instances=[problem(skewed, 5), problem(skewed, 4)], latex=r"\text{without S}")
larger_second = (problem(IndependentLaw("gaussian", (Fraction(4), Fraction(1))), 4), problem(anisotropic, 4))
theorem.mutant(of=nothing_is_below, without=exchangeable, instances=larger_second, latex=r"\text{without X, with the constants of one coordinate}")


@theorem.mutant(of=nothing_is_below, latex=r"L^*=\tfrac d2T'm_2")
def the_loss_of_zero(case: Case) -> All:
    """The loss of predicting 0 is not the minimum."""
    return nothing_is_below(case, share=Fraction(0))


@theorem.mutant(of=form_is_semidefinite, latex=r"\text{the form of the negative correlation}", instances=[problem(rademacher(3), 3)])
def negative_correlation(case: Case) -> Equal:
    """With -H q off the diagonal the form has a negative eigenvalue for three coordinates at T = 3."""
    return form_is_semidefinite(case, sign=-1)


theorem.mutant(of=diagonal_dominance, without=sign_symmetric, instances=anything, latex=r"\text{without S}")
