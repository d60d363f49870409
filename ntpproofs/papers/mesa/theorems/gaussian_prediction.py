"""A Gaussian start is not recovered: the mean of prediction over truth, its variance, and the relative error, exactly at every length.

For fixed u the ratio (yhat_t)_j/(x_{t+1})_j is ab [u_j^2 + sum_{r != j} u_r^2 S_rj/(t-1)] with S_rj a sum of t-1 distinct nontrivial
characters. Its mean over W is ab u_j^2, its variance (ab)^2 sum_r u_r^4/(t-1), at every t. With ab = s and u ~ N(0, sigma^2 I) the mean over u
is s sigma^2, which tends to 1/5 only as the training length grows; the relative squared error tends to 1 - k1^2/(k2 m2) = 2/5, not to (4/5)^2,
because the ratio stays random.
"""

from __future__ import annotations

from fractions import Fraction

from ....language.relations import All, Equal, Less, NotExercised, Relation
from ....language.statements import Case, Proposition, cite
from ....language.statements import clause as says
from ..assumptions import isotropic_gaussian
from ..characters import Characters, inner
from ..coincidences import harmonic
from ..model import applied
from ..patterns import AtAllSizes, formal, pairs_sum, targets_sum
from ..predictions import expected
from ..slice import constants
from ..strategies import autoregressive_laws
from ._instances import anything, gaussian, problem
from ._points import sequences

gaussians = autoregressive_laws(max_dimension=3, max_length=6, laws="symmetric", min_dimension=2).filter(lambda p: isotropic_gaussian(p).holds)

theorem = Proposition(
    label="mesa.gaussian-prediction",
    title="A Gaussian start is not recovered",
    source=cite("zheng2024", "Proposition 4.1 (recalled as a statement on the mean ratio; the exact values are derived here)"),
    setup=r"$u\sim N(0,\sigma^2I_d)$, prediction with $ab=s$; the ratio is $(\hat y_t)_j/(x_{t+1})_j$.",
    clauses=(
        says(
            r"For almost every $u$ the ratio has mean $s\,u_j^2$ and variance $s^2\sum_{r\ne j}u_r^4/(t-1)$ over $W$, for every $t$;",
            steps=("mean_of_the_ratio", "square_of_the_ratio"),
            by=("mesa.character-calculus",),
            claims=("ratio_over_the_phases",),
        ),
        says(r"its mean over $u$ is $s\sigma^2=3/(15+3(d-1)H_{T-2}/(T-2))<\tfrac15$ for $d\ge2$,", argued="docstring", claims=("mean_ratio",)),
        says(
            r"and the relative squared error on the training positions is $1-k_1s/m_2=1-3s\sigma^2\ge\tfrac25$, which is the limit for $T\to\infty$.",
            argued="docstring",
            claims=("relative_error",),
        ),
    ),
    uses=("mesa.gradient-flow-limit",),
    assumptions=(isotropic_gaussian,),
    instances=gaussians,
    examples=[problem(gaussian(2), 4), problem(gaussian(3), 6), problem(gaussian(5), 100), problem(gaussian(2, Fraction(1, 4)), 5)],
)


@theorem.step("mean of the ratio", by="patterns of equal indices", scope="all d, T", latex=r"\mathbb E_W\hat y_j\bar x_{t+1,j}=u_j^4")
def mean_of_the_ratio() -> AtAllSizes:
    """Before averaging over u: the coefficient is the monomial u_j^4, and x_{t+1,j} has modulus |u_j|."""
    return AtAllSizes(targets_sum(1, 1, lambda q: (0, (0, q, q))), formal(1, u4=(0, 1, 0)))


@theorem.step("second moment of the ratio", by="patterns of equal indices", scope="all d, T")
def square_of_the_ratio() -> AtAllSizes:
    """The square has u_j^6 (n^2) and u_j^2 u_r^4 (n); divided by u_j^2 n^2 the second is the variance."""
    return AtAllSizes(pairs_sum(1, 2, lambda p, q: ((0, p, p), (0, q, q))), formal(1, u6=(0, 0, 1), u2_4=(0, 1, 0)))


@theorem.claim(r"\mathbb E_W=su_j^2,\ \mathrm{Var}_W=s^2\sum_{r\ne j}u_r^4/(t-1)")
def ratio_over_the_phases(case: Case, fixed: bool = False) -> All:
    """At the last position (at most the ninth), from the definition, as polynomials in u."""
    p, d = case.problem, case.problem.dimension
    s = sequences(p)
    t = min(p.length - 1, 9)
    prediction = applied([row[d:] for row in s.statistic(t)[:d]], s.token(t))[0]
    target: Characters = s.token(t + 1)[0]

    def power(first: int, other: int, r: int) -> tuple[int, ...]:
        return tuple(first * (j == 0) + other * (j == r) for j in range(d))

    mean = {(power(2, 0, 0),) * 2: Fraction(1)}
    square = {(power(3, 0, 0),) * 2: Fraction(1)}
    if not fixed:
        square |= {(power(1, 2, r),) * 2: Fraction(1, t - 1) for r in range(1, d)}
    return All(Equal(inner(prediction, target), mean), Equal(inner(prediction, prediction), square))


@theorem.claim(r"\mathbb E[\hat y/x]=s\sigma^2")
def mean_ratio(case: Case, value: Fraction | None = None) -> Relation:
    """The prediction of `limit` against the formula; below 1/5 in two dimensions or more."""
    p = case.problem
    d, terms = p.dimension, p.length - 2
    claimed = Fraction(3) / (15 + 3 * (d - 1) * harmonic(terms) / terms) if value is None else value
    if not isinstance(expected(problem(p.law, p.length)).loss, Fraction):
        return NotExercised("the limit of training is no rational number")
    found = s_of(case) * constants(p.law).second[0]
    return All(Equal(found, claimed), Less(found, Fraction(1, 5)) if d > 1 else Equal(found, Fraction(1, 5)))


def s_of(case: Case) -> Fraction:
    """The product of the trained model, from the loss at the limit (the start plays no role)."""
    p = case.problem
    baseline = (p.length - 2) * p.dimension * constants(p.law).second[0] / 2
    away = problem(p.law, p.length)
    loss = expected(away).loss
    assert isinstance(loss, Fraction)
    return (baseline - loss) * 2 / (p.dimension * (p.length - 2) * constants(p.law).fourth[0])


@theorem.claim(r"1-3s\sigma^2\to\tfrac25")
def relative_error(case: Case, asymptotic: Fraction = Fraction(2, 5)) -> All:
    """At this length exactly, and the limit for long training."""
    p = problem(case.problem.law, case.problem.length)
    found, m2 = expected(p), constants(p.law).second[0]
    assert isinstance(found.relative_mse, Fraction)
    return All(Equal(found.relative_mse, 1 - 3 * m2 * s_of(case)), Equal(found.asymptotic_relative_mse, asymptotic))


@theorem.mutant(of=ratio_over_the_phases, latex=r"\text{the ratio is }\tfrac15\text{ pointwise: no variance}")
def ratio_without_variance(case: Case) -> All:
    """Other coordinates enter with random phases."""
    return ratio_over_the_phases(case, fixed=True)


@theorem.mutant(of=mean_ratio, latex=r"\text{mean ratio }\tfrac15\text{ at every length}")
def one_fifth_at_once(case: Case) -> Relation:
    """Only as T grows."""
    return mean_ratio(case, Fraction(1, 5))


@theorem.mutant(of=relative_error, latex=r"\text{relative error }(4/5)^2=\tfrac{16}{25}")
def square_of_four_fifths(case: Case) -> All:
    """The error of x/5, which the prediction does not converge to."""
    return relative_error(case, Fraction(16, 25))


theorem.mutant(
    of=mean_ratio,
    without=isotropic_gaussian,
    instances=anything,
    latex=r"\text{mean ratio }\tfrac15\text{ for other laws, complex Gaussian included}",
)
