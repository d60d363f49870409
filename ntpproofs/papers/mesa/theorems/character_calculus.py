"""Averages over the random diagonal unitary W: orthogonality of characters, and counts that hold at every size.

A product of tokens is u-monomial times a character l^n. Two characters have inner product [n = n'], so the loss is a quadratic form in the
products B_jm A_kl whose coefficients are moments of u times numbers of coincidences of exponents (`coincidences`).
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....language.relations import Equal
from ....language.statements import Case, Lemma, derived
from ....language.statements import clause as says
from ..coincidences import SETTLED, canonical, counted, pair_count, target_count
from ..model import Sequences, embedded, loss
from ..patterns import assignments
from ..relations import AlongFlow, Settled
from ..tensors import reduced_loss, tensors
from ._instances import golden, short
from ._points import live

theorem = Lemma(
    label="mesa.character-calculus",
    title="Averages over the random diagonal unitary are counts of coincidences",
    source=derived("Fourier orthogonality"),
    setup=r"Let $W=\mathrm{diag}(\lambda_1,\dots,\lambda_d)$ with independent $\lambda_j$ uniform on the unit circle, independent of $u=x_1$.",
    clauses=(
        says(
            r"$\mathbb E\prod_j\lambda_j^{n_j}=[n=0]$, so $\mathbb E|\sum_nc_n\lambda^n|^2=\sum_n|c_n|^2$.",
            steps=("antiderivative", "periodicity"),
        ),
        says(
            r"For all $d$ and $T$ the reduced loss is a quadratic form in the products $B_{jm}A_{kl}$ whose coefficients are moments of $u$ times"
            r" $c_0G+c_1H_{T-2}+c_2(T-2)$ plus finitely many terms at small $t$, the $c_i$ given by the pattern of equal indices.",
            steps=("every_pattern_of_features", "every_pattern_of_targets"),
            claims=("literal_loss_is_the_quadratic_form",),
        ),
    ),
    instances=short,
    examples=[p for p in golden if p.dimension * p.length <= 12],
)


@theorem.step("an antiderivative of a character", by="chain rule", scope="all n != 0", latex=r"\frac{d}{d\theta}\frac{e^{in\theta}}{in}=e^{in\theta}")
def antiderivative() -> AlongFlow:
    """Differentiate in the angle."""
    n, x = sp.Symbol("n", integer=True, nonzero=True), sp.Symbol("theta", real=True)
    return AlongFlow(sp.exp(sp.I * n * x) / (sp.I * n), {x: 1}, sp.exp(sp.I * n * x))


@theorem.step("it has period 2 pi", by="integer multiples of 2 pi", scope="all integers n", latex=r"e^{2\pi in}=1")
def periodicity() -> Settled:
    """So the integral over the circle vanishes for n != 0, and is 1 for n = 0."""
    n = sp.Symbol("n", integer=True)
    return Settled(sp.exp(2 * sp.pi * sp.I * n), sp.Integer(1), "exponentials of integer multiples of 2 pi i")


@theorem.step("coincidences of two features", by="linear equations in (i, i'), case by case", scope="all d, T",
              latex=r"\#\{(i,i')\}=c_0+c_1n+c_2n^2,\ n=t-1")  # fmt: skip
def every_pattern_of_features() -> Settled:
    """All 203 patterns of six indices; the settled polynomials are compared with direct counts beyond the small t that are listed."""
    patterns = sorted(set(map(canonical, assignments(0, 6))))
    later = range(SETTLED, SETTLED + 6)
    found = {(p, t): pair_count(p).at(t) for p in patterns for t in later}
    direct = {(p, t): counted(p[:3], p[3:], t) for p in patterns for t in later}
    return Settled(found, direct, f"case analysis of {len(patterns)} patterns, compared with direct counts")


@theorem.step("coincidences of a target and a feature", by="linear equations in i, case by case", scope="all d, T")
def every_pattern_of_targets() -> Settled:
    """All 15 patterns of four indices."""
    patterns = sorted(set(map(canonical, assignments(0, 4))))
    later = range(SETTLED, SETTLED + 6)
    found = {(p, t): target_count(p).at(t) for p in patterns for t in later}
    direct = {(p, t): counted(p[1:], None, t) for p in patterns for t in later}
    return Settled(found, direct, f"case analysis of {len(patterns)} patterns, compared with direct counts")


@theorem.claim(r"\text{loss from the definition}=\text{quadratic form}")
def literal_loss_is_the_quadratic_form(case: Case, shift: int = 0, lag: int = 1) -> Equal:
    """Tokens multiplied out as characters against counts, at full complex B and A."""
    p = case.problem
    left, right = live(p, complex_=True)
    counts = reduced_loss(tensors(p.law, p.length + shift), left, right)
    tokens = Sequences(p.dimension, p.length, lambda t: Fraction(t - lag))
    return Equal(loss(tokens, p.law, *embedded(left, right)), counts)


@theorem.mutant(of=literal_loss_is_the_quadratic_form, latex=r"\text{the sum runs to }t=T")
def one_position_more(case: Case) -> Equal:
    """Targets are x_3, ..., x_T only."""
    return literal_loss_is_the_quadratic_form(case, shift=1)


@theorem.mutant(of=literal_loss_is_the_quadratic_form, latex=r"\rho_t=t")
def another_normalisation(case: Case) -> Equal:
    """The statistics are divided by t - 1."""
    return literal_loss_is_the_quadratic_form(case, lag=0)
