"""Which starts are recovered from long contexts: exactly those with one modulus where a coordinate is not zero.

E(u^3 - lambda u)^2 = k2 - 2 lambda k1 + lambda^2 m2 is non-negative; at lambda = k1/m2 it is k2 - k1^2/m2, so R = k1^2/(k2 m2) <= 1 with equality iff
u^3 = (k1/m2) u almost surely, that is |u| in {0, c}; then k2 = c^2 k1 and c^2 = k2/k1. As T grows H_{T-2}/(T-2) -> 0, so that s -> k1/k2 and the
relative error 1 - k1 s/m2 -> 1 - R. At finite T it is 1 - R/(1 + k3 H/(k2 T')), which vanishes iff R = 1 and k3 = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Theorem, cite
from ....language.statements import clause as says
from ..assumptions import exchangeable, sign_symmetric
from ..coincidences import harmonic
from ..laws import AtomLaw, Law, independent_law
from ..named_laws import IndependentLaw, SparseLaw
from ..predictions import Expected, expected, recovery_ratio
from ..problem import LinearAttentionAR
from ..relations import SumOfSquares
from ..slice import constants
from ._instances import anisotropic, anything, four_points, gaussian, problem, rademacher, symmetric, two_magnitudes

theorem = Theorem(
    label="mesa.recovery",
    title="Recovery from long contexts, and at finite length",
    source=cite("zheng2024", "Theorem 4.2 and Assumption 4.2 (recalled; the equivalence is derived here)"),
    setup=r"Real or complex $u$ with S and X (moments of moduli), trained and tested at length $T$; $R=k_1^2/(k_2m_2)$.",
    clauses=(
        says(r"$0<R\le1$.", steps=("cauchy_schwarz",), claims=("ratio_is_at_most_one",)),
        says(
            r"$R=1$, the asymptotic relative error $1-R$ being zero, holds iff $|u_j|\in\{0,c\}$ almost surely, $c^2=k_2/k_1$,",
            steps=("cauchy_schwarz",),
            argued="docstring: equality in a sum of squares",
            claims=("recovered_iff_one_modulus",),
        ),
        says(
            r"and the error at length $T$ is $1-R/(1+k_3H_{T-2}/(k_2(T-2)))$: zero iff $R=1$ and at most one coordinate of $u$ is not zero.",
            argued="docstring",
            claims=("error_at_finite_length",),
        ),
    ),
    uses=("mesa.gradient-flow-limit",),
    assumptions=(sign_symmetric, exchangeable),
    instances=symmetric,
    examples=[
        problem(rademacher(2), 5),
        problem(SparseLaw(3, Fraction(2)), 5),
        problem(two_magnitudes, 5),
        problem(four_points, 5),
        problem(gaussian(2), 50),
        problem(independent_law([(0, "1/2"), (1, "1/4"), (-1, "1/4")], 2), 6),
    ],
)


@theorem.step("equality in Cauchy and Schwarz", by="sum of squares", scope="all laws", latex=r"\mathbb E(u^3-\lambda u)^2\ge0")
def cauchy_schwarz() -> SumOfSquares:
    """u^6 - 2 lambda u^4 + lambda^2 u^2 is a square."""
    u, scale = sp.symbols("u lambda", real=True)
    return SumOfSquares(u**6 - 2 * scale * u**4 + scale**2 * u**2, [(1, u**3 - scale * u)])


@theorem.claim(r"0<R\le1")
def ratio_is_at_most_one(case: Case, bound: Fraction = Fraction(1)) -> AtMost:
    """Exactly."""
    return AtMost(recovery_ratio(constants(case.problem.law)), bound)


def moduli(law: Law) -> frozenset[Fraction] | None:
    """The nonzero absolute values a coordinate takes; None for a continuum."""
    if isinstance(law, AtomLaw):
        return frozenset(abs(x) for atom in law.atoms for x in atom if x)
    record = law.record()
    if record["name"] in ("rademacher", "sparse"):
        return frozenset((Fraction(record["scale"]),))
    return None


def one_modulus(law: Law) -> bool:
    """|u_j| in {0, c}, and then c^2 = k2/k1."""
    values = moduli(law)
    found = constants(law)
    return values is not None and len(values) == 1 and next(iter(values)) ** 2 == found.sixth[0] / found.fourth[0]


@theorem.claim(r"1-R=0\iff|u_j|\in\{0,c\}")
def recovered_iff_one_modulus(case: Case, rule: Callable[[Law], bool] = one_modulus) -> Equal:
    """The prediction of `limit` against the support of the law."""
    return Equal(trained(case).asymptotic_relative_mse == 0, rule(case.problem.law))


def trained(case: Case) -> Expected:
    """The predictions from a start that escapes the saddle."""
    return expected(problem(case.problem.law, case.problem.length))


@theorem.claim(r"1-R/(1+k_3H/(k_2T'))=0\iff R=1,\ k_3=0")
def error_at_finite_length(case: Case, rule: Callable[[LinearAttentionAR], bool] | None = None) -> All:
    """The value, and when it vanishes."""
    p, found = case.problem, constants(case.problem.law)
    ratio = recovery_ratio(found)

    value = 1 - ratio / (1 + found.rows[0] * harmonic(p.length - 2) / (found.sixth[0] * (p.length - 2)))
    vanishes = ratio == 1 and not found.rows[0] if rule is None else rule(p)
    return All(Equal(trained(case).relative_mse, value), Equal(trained(case).relative_mse == 0, vanishes))


@theorem.mutant(of=ratio_is_at_most_one, latex=r"R\le\tfrac35")
def gaussian_is_best(case: Case) -> AtMost:
    """Constant modulus has R = 1."""
    return ratio_is_at_most_one(case, Fraction(3, 5))


@theorem.mutant(of=recovered_iff_one_modulus, latex=r"\text{recovery iff }u_j^2\text{ is constant}")
def constant_square(case: Case) -> Equal:
    """Sparse starts take 0 too."""

    def rule(law: Law) -> bool:
        found = constants(law)
        return found.fourth[0] == found.second[0] ** 2

    return recovered_iff_one_modulus(case, rule)


@theorem.mutant(of=recovered_iff_one_modulus, latex=r"\text{recovery iff }k_3=0")
def no_cross_moment(case: Case) -> Equal:
    """One coordinate at a time with two magnitudes: R = 289/325."""
    return recovered_iff_one_modulus(case, lambda law: not constants(law).rows[0])


@theorem.mutant(of=error_at_finite_length, latex=r"R=1\text{ is recovered at finite }T")
def recovered_at_once(case: Case) -> All:
    """Rademacher at T = 5, d = 2: 11/29."""
    return error_at_finite_length(case, lambda p: recovery_ratio(constants(p.law)) == 1)


theorem.mutant(of=error_at_finite_length, without=sign_symmetric, instances=anything, latex=r"\text{without S}")
unequal = (problem(anisotropic, 4), problem(IndependentLaw("rademacher", (Fraction(1), Fraction(2))), 3))
theorem.mutant(of=error_at_finite_length, without=exchangeable, instances=unequal, latex=r"\text{without X}")
