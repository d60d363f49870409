"""Other laws of the phases, by Fejer-type sums of their Fourier coefficients.

For independent phases with Fourier coefficients phi_n = E l^n (real), l_r conj(l_j) has coefficients phi_n^2, and with
S_rj = sum_{k<t} (l_r conj(l_j))^k

    E S_rj = sum_k phi_k^2,    E|S_rj|^2 = sum_{k,k'} phi_{k-k'}^2,    E S_rj conj(S_qj) = sum_{k,k'} phi_k phi_k' phi_{k-k'} ,  q != r,

so that the best product on the diagonal slice is a ratio of such sums. For N-th roots of unity phi_n = [N | n]: exact evaluation modulo N decides.
"""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import Equal
from ....language.statements import Case, Conjecture, derived
from ....language.statements import clause as says
from ..characters import expectation, inner
from ..laws import Law, unit_powers
from ..model import applied
from ..problem import LinearAttentionAR
from ._instances import gaussian, problem, rademacher, signed, skewed
from ._points import sequences

ROOTS = (1, 2, 3, 5)

conjecture = Conjecture(
    label="mesa.general-phases",
    title="The best product on the slice for other laws of the phases",
    source=derived("an open question"),
    setup=r"Independent phases with coefficients $\varphi_n=\mathbb E\lambda_j^n$; best $ab$ on the diagonal slice.",
    clauses=(
        says(
            r"It is $\sum_t\mathbb E[\bar x\hat y]/\sum_t\mathbb E|\hat y|^2$ with Fejér-type sums of their Fourier coefficients.",
            claims=("best_product_for_roots",),
        ),
    ),
    uses=("mesa.restricted-loss",),
    instances=signed,
    examples=[problem(rademacher(2), 4), problem(gaussian(2), 5), problem(skewed, 4), problem(gaussian(3), 4)],
)


def fejer(law: Law, j: int, t: int, roots: int, uncorrelated: bool = False) -> tuple[Fraction, Fraction]:
    """E (yhat_j conj x_{t+1,j}) and E|yhat_j|^2 at ab = 1 for phases on N-th roots of unity."""
    d, n = law.dimension, t - 1

    def phi(k: int) -> int:
        return int(k % roots == 0)

    single = sum(phi(k) ** 2 for k in range(1, t))
    square = sum(phi(k - m) ** 2 for k in range(1, t) for m in range(1, t))
    mixed = 0 if uncorrelated else sum(phi(k) * phi(m) * phi(k - m) for k in range(1, t) for m in range(1, t))
    others = [r for r in range(d) if r != j]

    def mean(*coordinates: int) -> Fraction:
        return law.moment(unit_powers(d, coordinates))

    def total(values: list[Fraction]) -> Fraction:
        return sum(values, Fraction(0))

    linear = mean(j, j, j, j) + Fraction(single, n) * total([mean(j, j, r, r) for r in others])
    quadratic = mean(*(j,) * 6) + Fraction(2 * single, n) * total([mean(j, j, j, j, r, r) for r in others])
    quadratic += Fraction(square, n * n) * total([mean(j, j, r, r, r, r) for r in others])
    quadratic += Fraction(mixed, n * n) * total([mean(j, j, r, r, q, q) for r in others for q in others if q != r])
    return linear, quadratic


def literal(p: LinearAttentionAR, roots: int) -> Fraction:
    """The best product from the definition, exponents modulo N."""
    s, d = sequences(p), p.dimension
    top = bottom = Fraction(0)
    for t in s.times:
        prediction = applied([row[d:] for row in s.statistic(t)[:d]], s.token(t))
        for y, x in zip(prediction, s.token(t + 1)):
            top += expectation(inner(y, x, roots), p.law)
            bottom += expectation(inner(y, y, roots), p.law)
    return top / bottom


@conjecture.claim(r"ab=\sum_t\mathbb E[\bar x\hat y]/\sum_t\mathbb E|\hat y|^2\text{ with weighted sums of coefficients}")
def best_product_for_roots(case: Case, circle: bool = False, uncorrelated: bool = False) -> Equal:
    """Exactly, for N = 1, 2, 3, 5."""
    p = case.problem
    found, claimed = [], []
    for roots in ROOTS:
        pairs = [fejer(p.law, j, t, 10**9 if circle else roots, uncorrelated) for j in range(p.dimension) for t in range(2, p.length)]
        found.append(literal(p, roots))
        claimed.append(sum((x for x, _ in pairs), Fraction(0)) / sum((y for _, y in pairs), Fraction(0)))
    return Equal(tuple(found), tuple(claimed))


@conjecture.mutant(of=best_product_for_roots, latex=r"\text{as on the circle}")
def the_same_as_on_the_circle(case: Case) -> Equal:
    """Signs for phases, Rademacher, d = 2, T = 4: 5/9 against 4/7."""
    return best_product_for_roots(case, circle=True)


@conjecture.mutant(of=best_product_for_roots, latex=r"\mathbb ES_{rj}\bar S_{qj}=0\text{ for }q\ne r")
def uncorrelated_sums(case: Case) -> Equal:
    """True on the circle; the sums share the phase l_j, and three coordinates without phases (N = 1) show it."""
    return best_product_for_roots(case, uncorrelated=True)
