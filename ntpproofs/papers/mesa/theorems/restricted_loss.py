"""The loss on the diagonal slice B = bI, A = aI is a quadratic in ab, and its minimiser is the limit of Theorem 4.1.

On the slice (yhat_t)_j = ab sum_p u_j |u_p|^2 times characters; by the counts of coincidences (t-1)^2 E|(yhat_t)_j|^2/(ab)^2 is
(t-1)^2 E u_j^6 + (t-1) sum_{r != j} E u_j^2 u_r^4 and (t-1) E (yhat_t)_j conj(x_{t+1,j})/(ab) is (t-1) E u_j^4. Sum over t = 2..T-1.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from ....language.relations import All, Equal, NotExercised
from ....language.statements import Case, Theorem, cite
from ....language.statements import clause as says
from ..coincidences import harmonic
from ..model import loss
from ..patterns import AtAllSizes, formal, pairs_sum, targets_sum
from ..problem import LinearAttentionAR
from ..relations import AlongFlow
from ..slice import constants, criterion, product_formula, slice_flow
from ._instances import golden, modest, symmetric
from ._points import SLICE, on_slice, sequences

theorem = Theorem(
    label="mesa.restricted-loss",
    title="The loss on the diagonal slice and its minimiser",
    source=cite("zheng2024", "Theorem 4.1 (the value of the limit; recalled, derived here)"),
    setup=r"Let $T'=T-2$, $H=H_{T-2}$, $m_2,k_1,k_2$ the second, fourth and sixth moments of $|u_j|$, $k_3=\sum_{r\ne j}\mathbb E|u_j|^2|u_r|^4$,"
    r" $\alpha=T'k_1$, $\beta=T'k_2+Hk_3$.",
    clauses=(
        says(
            r"$\mathbb E|(\hat y_t)_j|^2=(ab)^2(k_2+k_3/(t-1))$ and $\mathbb E(\hat y_t)_j\overline{(x_{t+1})_j}=ab\,k_1$ at every position.",
            steps=("second_moment", "correlation"),
            by=("mesa.character-calculus",),
        ),
        says(
            r"$L(aI,bI)=\tfrac12\sum_j\{(ab)^2\beta_j-2ab\,\alpha_j+T'm_{2,j}\}$, where coordinates may differ.",
            steps=("second_moment", "correlation"),
            by=("mesa.character-calculus",),
            claims=("loss_on_the_slice",),
        ),
        says(
            r"If $\alpha$ and $\beta$ do not depend on $j$, the minimiser is $ab=s=k_1/(k_2+k_3H_{T-2}/(T-2))$, and the minimum"
            r" $L^*=\tfrac12\sum_jT'(m_{2,j}-k_1s)$.",
            steps=("second_moment", "correlation", "derivative_in_the_product"),
            by=("mesa.character-calculus",),
            claims=("best_product", "least_loss"),
        ),
    ),
    uses=("mesa.block-reduction",),
    instances=modest,
    examples=golden,
)


@theorem.step("second moment of a prediction", by="patterns of equal indices", scope="all d, T",
              latex=r"(t-1)^2\mathbb E|(S_tx_t)_j|^2=(t-1)^2\mathbb Eu_j^6+(t-1)\sum_{r\ne j}\mathbb Eu_j^2u_r^4")  # fmt: skip
def second_moment() -> AtAllSizes:
    """Sum over both columns p, q of the product of features (j, p, p) and (j, q, q)."""
    return AtAllSizes(pairs_sum(1, 2, lambda p, q: ((0, p, p), (0, q, q))), formal(1, u6=(0, 0, 1), u2_4=(0, 1, 0)))


@theorem.step("correlation with the target", by="patterns of equal indices", scope="all d, T",
              latex=r"(t-1)\mathbb E(S_tx_t)_j\bar x_{t+1,j}=(t-1)\mathbb Eu_j^4")  # fmt: skip
def correlation() -> AtAllSizes:
    """Only the column q = j has the character of the target."""
    return AtAllSizes(targets_sum(1, 1, lambda q: (0, (0, q, q))), formal(1, u4=(0, 1, 0)))


@theorem.step("derivative in p = ab", by="chain rule", scope="all alpha, beta", latex=r"\tfrac{d}{dp}\tfrac12(\beta p^2-2\alpha p)=\beta p-\alpha")
def derivative_in_the_product() -> AlongFlow:
    """A convex quadratic (beta > 0) with its zero slope at alpha/beta."""
    p, alpha, beta = sp.symbols("p alpha beta", positive=True)
    return AlongFlow((beta * p**2 - 2 * alpha * p) / 2, {p: 1}, beta * (p - alpha / beta))


def slice_loss(problem: LinearAttentionAR, a: Fraction, b: Fraction, columns: bool = False) -> Fraction:
    """The claimed formula; `columns` takes column sums for row sums."""
    found, terms, h = constants(problem.law), problem.length - 2, harmonic(problem.length - 2)
    sums = found.columns if columns else found.rows
    parts = zip(found.second, found.fourth, found.sixth, sums, strict=True)
    p = a * b
    return sum((p * p * (terms * k2 + h * k3) - 2 * p * terms * k1 + terms * m2 for m2, k1, k2, k3 in parts), Fraction(0)) / 2


@theorem.claim(r"L(aI,bI)=\tfrac12\sum_j\{(ab)^2\beta_j-2ab\alpha_j+T'm_{2,j}\}")
def loss_on_the_slice(case: Case, formula: Callable[..., Fraction] = slice_loss) -> All:
    """From the definition, with tokens multiplied out as characters."""
    p = case.problem
    points = SLICE[:2]
    return All(*(Equal(loss(sequences(p), p.law, *on_slice(p, a, b)), formula(p, a, b)) for a, b in points))


def recommended(problem: LinearAttentionAR) -> Fraction:
    """s of the statement."""
    found = constants(problem.law)
    return product_formula(found.fourth[0], found.sixth[0], found.rows[0], problem.length)


@theorem.claim(r"\partial_pL=0\text{ at }p=k_1/(k_2+k_3H_{T-2}/(T-2))")
def best_product(case: Case, formula: Callable[[LinearAttentionAR], Fraction] = recommended) -> Equal | NotExercised:
    """The slope of the exact loss, from the tensors, where all coordinates obey one equation."""
    p = case.problem
    if not criterion(p.law, p.length).uniform:
        return NotExercised("alpha or beta depends on the coordinate")
    flow = slice_flow(p.law, p.length)
    return Equal(flow.beta * formula(p), flow.alpha)


@theorem.claim(r"L^*=\tfrac12\sum_jT'(m_{2,j}-k_1s)")
def least_loss(case: Case, factor: int = 1) -> Equal | NotExercised:
    """The formula of the loss at ab = s."""
    p = case.problem
    if not criterion(p.law, p.length).uniform:
        return NotExercised("alpha or beta depends on the coordinate")
    found, s, terms = constants(p.law), slice_flow(p.law, p.length).product, p.length - 2
    claimed = sum((terms * (m2 - factor * k1 * s) for m2, k1 in zip(found.second, found.fourth)), Fraction(0)) / 2
    return Equal(loss(sequences(p), p.law, *on_slice(p, s, Fraction(1))), claimed)


def with_sum(term: Callable[[int], Fraction], shift: int = 2) -> Callable[[LinearAttentionAR], Fraction]:
    """s with another average of 1/(t-1) in the place of H/T'."""

    def formula(problem: LinearAttentionAR) -> Fraction:
        found = constants(problem.law)
        terms = [term(t) for t in range(2, problem.length + 2 - shift)]
        return found.fourth[0] / (found.sixth[0] + found.rows[0] * sum(terms, Fraction(0)) / len(terms))

    return formula


def with_row(row: Callable[[LinearAttentionAR], Fraction]) -> Callable[[LinearAttentionAR], Fraction]:
    """s with another k3."""

    def formula(problem: LinearAttentionAR) -> Fraction:
        found = constants(problem.law)
        return product_formula(found.fourth[0], found.sixth[0], row(problem), problem.length)

    return formula


def without_average(problem: LinearAttentionAR) -> Fraction:
    """H in the place of H/T'."""
    found = constants(problem.law)
    return found.fourth[0] / (found.sixth[0] + found.rows[0] * harmonic(problem.length - 2))


def average_of_optima(problem: LinearAttentionAR) -> Fraction:
    """The mean over t of the best product at position t."""
    found = constants(problem.law)
    best = [found.fourth[0] / (found.sixth[0] + found.rows[0] / (t - 1)) for t in range(2, problem.length)]
    return sum(best, Fraction(0)) / len(best)


def other_normalisation(problem: LinearAttentionAR) -> Fraction:
    """The minimiser for rho_t = t."""
    found, times = constants(problem.law), range(2, problem.length)
    top = found.fourth[0] * sum((Fraction(t - 1, t) for t in times), Fraction(0))
    bottom = sum((Fraction((t - 1) ** 2, t * t) * found.sixth[0] + Fraction(t - 1, t * t) * found.rows[0] for t in times), Fraction(0))
    return top / bottom


@theorem.mutant(of=loss_on_the_slice, latex=r"\text{without the sum over coordinates}")
def coordinates_counted_once(case: Case) -> All:
    """Each coordinate has its own error."""
    return loss_on_the_slice(case, lambda p, a, b: slice_loss(p, a, b) / p.dimension)


FORMULAS: dict[str, tuple[str, Callable[[LinearAttentionAR], Fraction]]] = {
    "sum_to_the_end": (r"\text{sum to }T,\text{ divided by }T-1", with_sum(lambda t: Fraction(1, t - 1), 1)),
    "reciprocal_of_t": (r"1/t\text{ for }1/(t-1)", with_sum(lambda t: Fraction(1, t))),
    "missing_average": (r"\text{without }1/(T-2)", without_average),
    "average_of_per_position_optima": (r"\text{average of the optima per position}", average_of_optima),
    "sum_of_squares": (r"1/(t-1)^2\text{ for }1/(t-1)", with_sum(lambda t: Fraction(1, (t - 1) ** 2))),
    "one_other_coordinate": (r"k_3\text{ without }(d-1)", with_row(lambda p: constants(p.law).rows[0] / max(p.dimension - 1, 1))),
    "all_coordinates": (r"k_3\text{ with }d\text{ for }d-1", with_row(lambda p: constants(p.law).rows[0] * p.dimension / max(p.dimension - 1, 1))),
    "wrong_order": (r"k_3=(d-1)m_2^2", with_row(lambda p: (p.dimension - 1) * constants(p.law).second[0] ** 2)),
    "normalised_by_t": (r"\rho_t=t", other_normalisation),
    "asymptotic_value": (r"s=k_1/k_2", with_row(lambda p: Fraction(0))),
}  # fmt: skip


def register(name: str, latex: str, formula: Callable[[LinearAttentionAR], Fraction]) -> None:
    """One false variant of the formula for s."""

    def mutant(case: Case) -> Equal | NotExercised:
        return best_product(case, formula)

    mutant.__name__, mutant.__doc__ = name, f"The formula of s with {latex}."
    theorem.mutant(of=best_product, latex=latex, instances=symmetric)(mutant)


for key, (text, variant) in FORMULAS.items():
    register(key, text, variant)


@theorem.mutant(of=least_loss, latex=r"L^*=\tfrac d2T'(m_2-2k_1s)")
def twice_the_gain(case: Case) -> Equal | NotExercised:
    """Half of the linear term is paid back by the quadratic one."""
    return least_loss(case, factor=2)
