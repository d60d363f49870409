r"""0-1 error under label-vector noise in closed form.

Proof. With every gate on, f = <W, o> with W = sum_i r_i w_i, and mirroring leaves W proportional to sum_k d_k when
all concepts are learned equally. Noise-free words give weights A_l of the closed form, so o = c_k + e_q rho d_k +
sum_l A_l zeta_l, and <W, o> has mean e_q rho |W| |d| / sqrt K and variance sigma^2 |W|^2 sum A_l^2 = sigma^2 |W|^2 (1
+ rho^2)/L. The scale of the MLP cancels, the number of concepts does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import scipy
import sympy as sp
from flint import arb, ctx
from hypothesis import strategies as st

from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import AtMost, Equal, Less, Measured
from ....language.statements import Case, Theorem, clause, derived
from ....symbolic import Formula
from ..error_levels import label_noise_error, normal_tail

F = Fraction
HALF, ONE = F(1, 2), F(1)
DRAWS = 20_000
# Chance that a true statement fails one binomial test: two-sided, per instance.
ERROR_PROBABILITY = 1e-9


@dataclass(frozen=True)
class NoisyLabels:
    """K concepts learned equally, |d_k|^2 = d, L balanced demonstrations at score beta, noise sigma_y, MLP scale `lift`."""

    concepts: int
    d: Fraction
    length: int
    beta: Fraction
    noise: Fraction
    lift: Fraction = ONE

    def instance(self) -> dict[str, Any]:
        """The record printed with a witness."""
        return {"kind": "noisy-labels", **{name: str(getattr(self, name)) for name in ("concepts", "d", "length", "beta", "noise", "lift")}}


theorem = Theorem(
    label="multi-concept.label-noise",
    title="The 0-1 error under label noise",
    source=derived("Gaussian tails of the noisy score", "needs noise well below the gate margin"),
    setup=r"Noise-free words, $\zeta\sim N(0,\sigma_y^2\mathrm{Id})$, all gates on, $K$ concepts learned equally, balanced prompts of length $L$.",
    clauses=(
        clause(
            r"The error is $\Phi\bigl(-\rho\|d\|\sqrt L/(\sigma_y\sqrt{(1+\rho^2)K})\bigr)$,",
            argued="docstring",
            steps=("ratio_step",),
            claims=("error_is_the_tail_of_the_ratio", "samples_agree"),
        ),
        clause(
            r"decreasing in $\rho$ to the floor $\Phi(-\|d\|\sqrt{L/2}/(\sigma_y\sqrt K))$.",
            argued="monotony of $\\rho/\\sqrt{1+\\rho^2}$",
            claims=("floor_is_below",),
        ),
    ),
    uses=("multi-concept.attention",),
    instances=st.builds(
        NoisyLabels, st.integers(1, 4), st.sampled_from([F(1), F(2), F(1, 2)]), st.sampled_from([2, 4, 8]),
        st.sampled_from([F(1, 2), F(1), F(2)]), st.sampled_from([F(1, 5), F(1, 2), F(1)]), st.sampled_from([F(1), F(3)]),
    ),
    examples=(NoisyLabels(4, F(1), 2, F(248, 100), F(1, 5)), NoisyLabels(2, F(1), 4, F(1), F(1))),
)  # fmt: skip


@theorem.step(
    "signal to noise", by="index calculus, normal form", scope="all sizes", latex=r"\mathrm{mean}^2/\mathrm{var}=\rho^2DL/(\sigma_y^2(1+\rho^2)K)"
)
def ratio_step() -> Equal:
    """W = s sum_k d_k / D: mean rho s, |W|^2 = K s^2 / D, variance sigma^2 |W|^2 (1 + rho^2) / L."""
    rho, s, d, k, length, sigma = sp.symbols("r s D K L_ sigma", positive=True)
    mean, variance = sp.symbols("M V")
    given = {mean: rho * s, variance: sigma**2 * (k * s**2 / d) * (1 + rho**2) / length}
    return Equal(Formula(mean**2 / variance, given=given), Formula(rho**2 * d * length / (sigma**2 * (1 + rho**2) * k)))


def _attention(x: NoisyLabels) -> list[arb]:
    exponentials = [exact_arb(sign * x.beta).exp() for sign in [1] * (x.length // 2) + [-1] * (x.length // 2)]
    return [e / sum(exponentials, arb(0)) for e in exponentials]


@theorem.claim(r"\mathrm{err}=\Phi(-\mathrm{mean}/\mathrm{sd})")
def error_is_the_tail_of_the_ratio(case: Case, concepts: bool = True, power: Fraction = HALF) -> Equal:
    """Mean and variance of <W, o> from the softmax weights and the vector W itself, against the closed form."""
    x: NoisyLabels = case.problem
    with ctx.workprec(PRECISION):
        weights = _attention(x)
        half = x.length // 2
        rho = sum(weights[:half], arb(0)) - sum(weights[half:], arb(0))
        size = exact_arb(x.concepts * x.lift**2 / x.d)  # |W|^2 of lift * sum_k d_k / D
        spread = exact_arb(x.noise) * (size * sum((a * a for a in weights), arb(0))).sqrt()
        direct = interval(normal_tail(rho * exact_arb(x.lift) / spread))
        closed = label_noise_error(interval(rho), x.d, x.length, x.noise, x.concepts if concepts else 1, power)
        return Equal(direct, closed)


def sampled_errors(x: NoisyLabels, seed: int, draws: int = DRAWS) -> int:
    """How many of `draws` prompts are wrong: real prompts, real softmax, all gates on."""
    generator = np.random.default_rng(seed)
    scores = float(x.beta) * np.array([1.0] * (x.length // 2) + [-1.0] * (x.length // 2))
    weights = np.exp(scores) / np.exp(scores).sum()
    direction = np.full(x.concepts, 1.0)  # in the basis of unit d_k
    noise = float(x.noise) * generator.standard_normal((draws, x.length, x.concepts))
    pooled = np.einsum("l,nlk->nk", weights, noise)
    pooled[:, 0] += float(x.d) ** 0.5 * (weights @ np.sign(scores))
    return int(((pooled @ direction) < 0).sum())


@theorem.claim(r"\text{a binomial test on 20\,000 prompts passes (error probability }10^{-9})")
def samples_agree(case: Case, seed: int = 0) -> AtMost:
    """The two-sided binomial p-value of the sampled count under the closed form is at least 1e-9: a true formula fails that rarely."""
    x: NoisyLabels = case.problem
    with ctx.workprec(PRECISION):
        rho = interval(exact_arb(x.beta).tanh())
    error = float(label_noise_error(rho, x.d, x.length, x.noise, x.concepts))
    count = sampled_errors(x, seed)
    tail = 2 * min(scipy.stats.binom.cdf(count, DRAWS, error), scipy.stats.binom.sf(count - 1, DRAWS, error))
    return AtMost(ERROR_PROBABILITY, Measured(float(tail)))


@theorem.claim(r"\text{err}>\text{floor}")
def floor_is_below(case: Case, sharp: Fraction = ONE) -> Less:
    """At every finite score; `sharp` replaces the limit rho = 1 by a smaller value, which is no floor."""
    x: NoisyLabels = case.problem
    with ctx.workprec(PRECISION):
        rho = interval(exact_arb(x.beta).tanh())
    return Less(label_noise_error(sharp, x.d, x.length, x.noise, x.concepts), label_noise_error(rho, x.d, x.length, x.noise, x.concepts))


@theorem.mutant(of=error_is_the_tail_of_the_ratio, latex=r"\text{independent of }K")
def concepts_do_not_matter(case: Case) -> Equal:
    """The MLP is shared, so noise enters along all d_k."""
    return error_is_the_tail_of_the_ratio(case, concepts=False)


@theorem.mutant(of=error_is_the_tail_of_the_ratio, latex=r"L\text{ instead of }\sqrt L")
def length_without_the_root(case: Case) -> Equal:
    """L independent noises average to 1/sqrt L."""
    return error_is_the_tail_of_the_ratio(case, power=F(1))


@theorem.mutant(of=floor_is_below, latex=r"\text{floor at }\rho=\tfrac12")
def floor_at_half(case: Case) -> Less:
    """Sharper attention goes below it."""
    return floor_is_below(case, sharp=F(1, 2))
