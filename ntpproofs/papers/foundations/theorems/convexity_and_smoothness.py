"""The loss of a conditional logit is convex and smooth, with an explicit constant (foundations, section 1)."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Lemma, derived
from ....logit.step_size import smoothness
from ....symbolic import Formula, derivative, total
from ._instances import golden, logits
from ._symbols import a, b, gradient, i, k, loss, margin, probability, v, variance, w, weight, z

lemma = Lemma(
    label="foundations.convexity-and-smoothness",
    title="The loss is convex and beta-smooth",
    source=derived("section 1 of the foundations"),
    text=r"$\nabla L(w) = -\sum_i a_i \sum_v p_{iv}(w)\, d_{iv}$, $D^2L(w)[z,z] = \sum_i a_i \operatorname{Var}_{v\sim p_i}\langle z, d_{iv}\rangle"
    r" \in [0, \beta\|z\|^2]$ with $\beta$ the smaller of $\tfrac14\sum_i a_i\max_{u,v}\|x_{iu}-x_{iv}\|^2$ and"
    r" $\tfrac12\lambda_{\max}\bigl(\sum_i a_i\sum_v (x_{iv}-c_i)(x_{iv}-c_i)^\top\bigr)$.",
    instances=logits(),
    examples=golden,
)


@lemma.step("gradient", by="index calculus, normal form", scope="all sizes", latex=r"\nabla L(w) = -\sum_i a_i\sum_v p_{iv}\,d_{iv}")
def gradient_step() -> Equal:
    """dL/dw_alpha by the chain rule of the index calculus."""
    return Equal(Formula(derivative(loss(), w(a))), Formula(gradient(a)))


@lemma.step(
    "Hessian form",
    by="index calculus, normal form",
    scope="all sizes",
    latex=r"D^2L[z,z] = \sum_i a_i\operatorname{Var}_{p_i}\langle z,d_{iv}\rangle",
)
def hessian_step() -> Equal:
    """The second derivative contracted twice with z."""
    form = total(z(a) * z(b) * derivative(gradient(a), w(b)), (a, "D"), (b, "D"))
    return Equal(Formula(form), Formula(total(weight(i) * variance(i), (i, "I"))))


@lemma.step("variance as a sum of squares", by="index calculus, normal form", scope="all sizes",
            latex=r"\operatorname{Var} = \tfrac12\sum_{u,v}p_up_v(y_u-y_v)^2 \ge 0")  # fmt: skip
def pairwise_step() -> Equal:
    """Convexity: the variance is half the mean squared gap of two independent draws."""
    gap = margin(i, v, z) - margin(i, k, z)
    squares = total(probability(i, v) * probability(i, k) * gap**2, (v, "C"), (k, "C"))
    return Equal(Formula(variance(i)), Formula(squares / 2))


@lemma.step("Popoviciu, in sums", by="index calculus, normal form", scope="all sizes",
            latex=r"(M-\bar y)(\bar y-m)-\operatorname{Var}=\sum_v p_v(M-y_v)(y_v-m)")  # fmt: skip
def popoviciu_step() -> Equal:
    """With m <= y_v <= M the right side is non-negative, so Var <= (M - mean)(mean - m)."""
    high, low = sp.symbols("M m")
    y = margin(i, v, z)
    mean = total(probability(i, v) * y, (v, "C"))
    right = total(probability(i, v) * (high - y) * (y - low), (v, "C"))
    return Equal(Formula((high - mean) * (mean - low) - variance(i)), Formula(right))


@lemma.step("Popoviciu, in numbers", by="rational normal form", scope="all reals", latex=r"\tfrac14(M-m)^2-(M-x)(x-m)=(x-\tfrac{M+m}2)^2")
def square_step() -> Equal:
    """Hence Var <= (M - m)^2 / 4."""
    high, low, x = sp.symbols("M m x")
    return Equal(Formula((high - low) ** 2 / 4 - (high - x) * (x - low)), Formula((x - (high + low) / 2) ** 2))


@lemma.step("range by squares", by="rational normal form", scope="all reals", latex=r"2(s^2+t^2)-(s-t)^2=(s+t)^2")
def range_step() -> Equal:
    """(y_u - y_v)^2 <= 2 ((y_u - c)^2 + (y_v - c)^2): the second constant."""
    s, t = sp.symbols("s t")
    return Equal(Formula(2 * (s**2 + t**2) - (s - t) ** 2), Formula((s + t) ** 2))


def curvature_at_zero(case: Case, direction: tuple[Fraction, ...]) -> Fraction:
    """D^2 L(0)[z, z], exact: at w = 0 the probabilities are the multiplicities, normalised."""
    problem, value = case.problem, Fraction(0)
    for index, block in enumerate(problem.data.blocks):
        size = len(block.alternatives)
        counts = block.multiplicities or (Fraction(1),) * size
        p = [n / sum(counts) for n in counts]
        y = [dot(problem.feature(index, alternative), direction) for alternative in range(size)]
        mean = sum((q * x for q, x in zip(p, y)), Fraction(0))
        value += block.weight * (sum((q * x * x for q, x in zip(p, y)), Fraction(0)) - mean**2)
    return value


@lemma.claim(r"0 \le D^2L(0)[z,z] \le \beta\|z\|^2 \text{ for every feature difference } z")
def curvature_is_bounded(case: Case, scale: Fraction = Fraction(1)) -> All:
    """Exact at w = 0, along every difference of two features of one row and their sums and differences."""
    differences = list(case.problem.differences().values()) or [(Fraction(1),) * case.problem.dimension]
    sums = [tuple(p + s * q for p, q in zip(x, y)) for x, y in product(differences[:4], repeat=2) for s in (1, -1)]
    beta = scale * smoothness(case.problem)
    pairs = [(curvature_at_zero(case, x), dot(x, x)) for x in differences + sums]
    return All(
        AtMost(tuple([Fraction(0)] * len(pairs)), tuple(c for c, _ in pairs)), AtMost(tuple(c for c, _ in pairs), tuple(beta * n for _, n in pairs))
    )


@lemma.mutant(of=curvature_is_bounded, latex=r"\beta/2 \text{ is a smoothness constant}")
def half_the_constant(case: Case) -> All:
    """Two alternatives at probability one half attain beta."""
    return curvature_is_bounded(case, Fraction(1, 2))


@lemma.mutant(of=curvature_is_bounded, latex=r"L \text{ is strictly convex along every difference}")
def curvature_is_positive(case: Case) -> AtMost:
    """False along the difference of two equal features, or for a frozen coordinate."""
    unit = tuple(Fraction(int(index == 0)) for index in range(case.problem.dimension))
    return AtMost(Fraction(1, 1000) * dot(unit, unit), curvature_at_zero(case, unit))
