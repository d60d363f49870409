"""The loss of a conditional logit is convex and smooth, with an explicit constant (foundations, section 1).

With y_v = <z, x_iv>, m and M the least and largest of them, the variance is half the mean squared gap of two draws,
so it is not negative. It is (M - ybar)(ybar - m) minus a mean of non-negative products, so at most (M - m)^2 / 4, and
M - m = <z, x_iu - x_iv> for two alternatives is at most |z| |x_iu - x_iv| by Cauchy and Schwarz. For the second
constant (y_u - y_v)^2 <= 2 (y_u - c)^2 + 2 (y_v - c)^2 <= 2 sum_v (y_v - c)^2 for u != v, with c = <z, c_i>; the sum
is a quadratic form in z, at most its largest eigenvalue times |z|^2 once the rows are added up.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Lemma, clause, derived
from ....logit.step_size import smoothness
from ....symbolic import Formula, derivative, index, total
from ._instances import golden, logits
from ._symbols import a, b, gradient, i, inner, k, loss, margin, probability, v, variance, w, weight, z

lemma = Lemma(
    label="foundations.convexity-and-smoothness",
    title="The loss is convex and beta-smooth",
    source=derived("the variance form of the Hessian"),
    setup=r"Let $L$ be the loss of a conditional logit and $p_i$ its in-row softmax at $w$.",
    clauses=(
        clause(r"$\nabla L(w) = -\sum_i a_i \sum_v p_{iv}\, d_{iv}$.", steps=("gradient_step",)),
        clause(r"$\nabla^2L(w)[z,z] = \sum_i a_i \operatorname{Var}_{v\sim p_i}\langle z, d_{iv}\rangle$.", steps=("hessian_step",)),
        clause(r"$\nabla^2L(w)[z,z]\ge0$: $L$ is convex.", steps=("pairwise_step",), claims=("curvature_is_bounded",)),
        clause(
            r"$\nabla^2L(w)[z,z]\le\tfrac14\sum_i a_i\max_{u,v}\|x_{iu}-x_{iv}\|^2\,\|z\|^2$.",
            steps=("popoviciu_step", "square_step", "cauchy_step"),
            claims=("curvature_is_bounded",),
        ),
        clause(
            r"$\nabla^2L(w)[z,z]\le\tfrac12\lambda_{\max}\bigl(\sum_i a_i\sum_v"
            r" (x_{iv}-c_i)(x_{iv}-c_i)^\top\bigr)\|z\|^2$ for any centres $c_i$."
            r" $\beta$ is the smaller of the two constants.",
            steps=("popoviciu_step", "square_step", "range_step", "form_step"),
            claims=("curvature_is_bounded",),
        ),
    ),
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
    latex=r"\nabla^2L[z,z] = \sum_i a_i\operatorname{Var}_{p_i}\langle z,d_{iv}\rangle",
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


@lemma.step("Cauchy and Schwarz", by="index calculus, normal form", scope="all sizes",
            latex=r"\|z\|^2\|x\|^2-\langle z,x\rangle^2=\tfrac12\sum_{k,l}(z_kx_l-z_lx_k)^2")  # fmt: skip
def cauchy_step() -> Equal:
    """Lagrange's identity: the right side is a sum of squares."""
    x, p, q = sp.Function("x"), index("p"), index("q")
    squares = total((z(p) * x(q) - z(q) * x(p)) ** 2, (p, "D"), (q, "D"))
    return Equal(Formula(inner(z, z) * inner(x, x) - inner(z, x) ** 2), Formula(squares / 2))


@lemma.step("a sum of squares as a quadratic form", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum_v\langle z,x_v-c\rangle^2=z^\top\sum_v(x_v-c)(x_v-c)^\top z")  # fmt: skip
def form_step() -> Equal:
    """Summed with the weights, the matrix of the second constant appears."""
    x, c, p, q = sp.Function("x"), sp.Function("centre"), index("p"), index("q")
    left = total(weight(i) * total(z(p) * (x(i, v, p) - c(i, p)), (p, "D")) ** 2, (i, "I"), (v, "C"))
    entry = total(weight(i) * (x(i, v, p) - c(i, p)) * (x(i, v, q) - c(i, q)), (i, "I"), (v, "C"))
    return Equal(Formula(left), Formula(total(z(p) * z(q) * entry, (p, "D"), (q, "D"))))


def curvature_at_zero(case: Case, direction: tuple[Fraction, ...]) -> Fraction:
    """D^2 L(0)[z, z], exact: at w = 0 the probabilities are the multiplicities, normalised."""
    problem, value = case.problem, Fraction(0)
    for number, block in enumerate(problem.data.blocks):
        size = len(block.alternatives)
        counts = block.multiplicities or (Fraction(1),) * size
        p = [n / sum(counts) for n in counts]
        y = [dot(problem.feature(number, alternative), direction) for alternative in range(size)]
        mean = sum((q * x for q, x in zip(p, y)), Fraction(0))
        value += block.weight * (sum((q * x * x for q, x in zip(p, y)), Fraction(0)) - mean**2)
    return value


@lemma.claim(r"0 \le \nabla^2L(0)[z,z] \le \beta\|z\|^2 \text{ for every feature difference } z")
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
    unit = tuple(Fraction(int(c == 0)) for c in range(case.problem.dimension))
    return AtMost(Fraction(1, 1000) * dot(unit, unit), curvature_at_zero(case, unit))
