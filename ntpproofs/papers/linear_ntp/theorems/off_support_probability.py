"""Scaling up a separating decoder makes off-support probabilities exponentially small (Thrampoulidis 2024, equation (7))."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import sympy as sp

from ....language.relations import All, AtMost, Equal, Relation
from ....language.statements import Case, Lemma, cite, clause
from ....logit.problem import Vector
from ....symbolic import E, Formula, NonNegative, index, total
from ..assumptions import ntp_separable
from ._decoders import gaps, logits, margins, masses, softmax
from ._golden import golden, separable

lemma = Lemma(
    label="linear-ntp.off-support-probability",
    title="Off-support probabilities are at most e^-gamma / s_j",
    source=cite("thrampoulidis2024", "equation (7)", "sharper by the factor 1/s_j"),
    setup=r"Let $W^{\mathrm d}$ satisfy (6) and $\gamma>0$.",
    clauses=(
        clause(
            r"$\mathrm{softmax}_v(\gamma W^{\mathrm d}h_j)\le e^{-\gamma}/s_j\le e^{-\gamma}$ for every"
            r" $v\notin S_j$.",
            steps=("softmax_step", "drop_step"),
            claims=("probability_is_small",),
        ),
        clause(
            r"On the support the softmax is uniform.",
            steps=("uniform_step",),
            claims=("uniform_on_the_support",),
        ),
    ),
    uses=("linear-ntp.ntp-svm",),
    assumptions=(ntp_separable,),
    instances=separable,
    examples=golden,
)

gamma, level, margin, u, v = sp.Symbol("gamma"), sp.Symbol("c"), sp.Function("m"), index("u"), index("v")


@lemma.step("softmax of a separating decoder", by="index calculus, normal form", scope="all sizes",
            latex=r"\mathrm{softmax}_v=e^{-\gamma m_v}\big/\bigl(s+\textstyle\sum_{u\notin S}e^{-\gamma m_u}\bigr)")  # fmt: skip
def softmax_step() -> Equal:
    """The logits are gamma c on the support and gamma (c - m) off it."""
    inside = total(E(gamma * level), (u, "S"))
    whole = inside + total(E(gamma * (level - margin(u))), (u, "O"))
    right = E(-gamma * margin(v)) / (total(sp.Integer(1), (u, "S")) + total(E(-gamma * margin(u)), (u, "O")))
    return Equal(Formula(E(gamma * (level - margin(v))) / whole), Formula(right))


@lemma.step("dropping the off-support terms", by="sign of the coefficients", scope="all reals",
            latex=r"\frac{x}{s}-\frac{x}{(1+q)(s+r)}\ge0\quad(x,s,r>0,\ q\ge0)")  # fmt: skip
def drop_step() -> NonNegative:
    """x = e^-gamma, e^{-gamma (m - 1)} = 1 / (1 + q), r the off-support sum."""
    x, s, r, q = sp.symbols("x s r q")
    return NonNegative(x / s - x / ((1 + q) * (s + r)), q)


@lemma.step(
    "uniform on the support", by="index calculus, normal form", scope="all sizes", latex=r"e^{\gamma c}\big/\textstyle\sum_{u\in S}e^{\gamma c}=1/s"
)
def uniform_step() -> Equal:
    """By (6a) the logits of the support agree."""
    whole = total(E(gamma * level), (u, "S"))
    return Equal(Formula(E(gamma * level) / whole), Formula(1 / total(sp.Integer(1), (u, "S"))))


def scales(case: Case, decoder: Vector) -> tuple[int, ...]:
    """Integers n for which n W h_j has integer entries: at gamma = n log 2 the softmax is rational."""
    bottom = lcm(*(x.denominator for row in logits(case.problem, decoder) for x in row))
    return bottom, 3 * bottom


@lemma.claim(r"\mathrm{softmax}_v(\gamma W^{\mathrm d}h_j)\le e^{-\gamma}/s_j,\ \gamma=n\log2")
def probability_is_small(case: Case, factor: Fraction = Fraction(1), sharper: int = 1, rate: int = 1, over: str = "support") -> All:
    """Exact for W^mm (every margin at least 1); `factor` scales the decoder first, `sharper` divides the bound, `rate` multiplies gamma in it."""
    problem = case.problem
    decoder = tuple(factor * x for x in case.derived.max_margin.direction)
    parts: list[Relation] = [Equal(gaps(problem, decoder), (Fraction(0),) * len(gaps(problem, decoder)))]
    for n in scales(case, decoder):
        weights = masses(problem, tuple(n * x for x in decoder))
        for j, v_ in margins(problem, decoder):
            count = len(problem.supports[j]) if over == "support" else problem.vocabulary_size
            parts.append(AtMost(softmax(weights[j])[v_], Fraction(1, 2 ** (n * rate)) / (count * sharper)))
    return All(*parts)


@lemma.claim(r"\mathrm{softmax}_z(\gamma W^{\mathrm d}h_j)\text{ is the same for all } z\in S_j")
def uniform_on_the_support(case: Case, decoder_of_data: bool = False) -> Equal:
    """Exact, at gamma = n log 2."""
    decoder = case.derived.max_margin.direction
    n = scales(case, decoder)[0]
    rows = zip(masses(case.problem, tuple(n * x for x in decoder)), case.problem.supports, case.problem.probabilities)
    pairs = []
    for row, support, p in rows:
        s = softmax(row)
        total_ = sum((s[z] for z in support), Fraction(0))
        pairs += [(s[z] / total_, p[z] if decoder_of_data else Fraction(1, len(support))) for z in sorted(support)]
    return Equal(tuple(x for x, _ in pairs), tuple(y for _, y in pairs))


@lemma.mutant(of=probability_is_small, latex=r"\le e^{-2\gamma}/s_j")
def twice_the_rate(case: Case) -> All:
    """Tokens on the margin decay at rate one."""
    return probability_is_small(case, rate=2)


@lemma.mutant(of=probability_is_small, latex=r"\le e^{-\gamma}/V")
def over_the_vocabulary(case: Case) -> All:
    """Only in-support terms keep their size, and there are s_j of them."""
    return probability_is_small(case, over="vocabulary")


@lemma.mutant(of=probability_is_small, latex=r"\text{margins of } 1/2\text{ suffice}")
def half_the_margin(case: Case) -> All:
    """The bound is for margins of at least one."""
    return probability_is_small(case, factor=Fraction(1, 2))


@lemma.mutant(of=uniform_on_the_support, latex=r"\text{on the support the softmax is } p_j")
def data_on_the_support(case: Case) -> Equal:
    """W^d knows the supports only; the odds are the business of W*."""
    return uniform_on_the_support(case, decoder_of_data=True)


lemma.mutant(of=probability_is_small, without=ntp_separable, latex=r"\text{also for data that are not separable}")
