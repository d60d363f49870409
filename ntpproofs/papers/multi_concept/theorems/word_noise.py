r"""Word noise: an exact pair bound, and a floor that sharper attention cannot remove.

Proof. Given x_q, the score difference of a matching and an opposite demonstration is 2 e_q <b_k, g> + N(0, 2 sigma^2
|g|^2), g = Gamma x_q, so it is negative with probability Phi(-sqrt 2 e_q <b_k, g> / (sigma |g|)). Pair every opposite
demonstration with a matching one of its own: if every pair is in the right order then A_+ > 1/2. The union bound over
the n_- pairs is the statement; for L = 2 the event is the pair's. Scaling Gamma changes neither side.
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

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....exact.rational import Vector, dot
from ....language.relations import AtMost, Equal, Measured, NotExercised
from ....language.statements import Case, Theorem, clause, derived
from ....symbolic import Formula
from ..error_levels import normal_tail, pair_bound

F = Fraction
ONE = F(1)
DRAWS = 20_000
ERROR_PROBABILITY = 1e-9


@dataclass(frozen=True)
class NoisyWords:
    """b = (`b`, 0, 0), g = Gamma x_q up to its sign, noise sigma_x, and the composition; `sharpness` scales Gamma."""

    b: Fraction
    g: Vector
    noise: Fraction
    matching: int
    opposite: int
    sharpness: Fraction = ONE

    def instance(self) -> dict[str, Any]:
        """The record printed with a witness."""
        names = ("b", "noise", "matching", "opposite", "sharpness")
        return {"kind": "noisy-words", "g": [str(x) for x in self.g], **{name: str(getattr(self, name)) for name in names}}

    def alignment(self) -> Interval:
        """<b, g> / |g| for the scaled Gamma."""
        scaled = tuple(self.sharpness * x for x in self.g)
        with ctx.workprec(PRECISION):
            return interval(exact_arb(self.b * scaled[0]) / exact_arb(dot(scaled, scaled)).sqrt())


ENTRY = st.integers(-2, 2).map(F)
# n_+ and n_-; one pair as often as all others together.
MORE = [(n + extra, n) for n in (1, 2, 3) for extra in (0, 1, 2) if n + extra > 1]
COUNTS = [(1, 1)] * len(MORE) + MORE
theorem = Theorem(
    label="multi-concept.word-noise",
    title="Word noise: pairs in the wrong order",
    source=derived("an injective pairing of prompts and a union bound"),
    setup=r"$x_l=a_k+e_lb_k+\xi_l$, $\xi\sim N(0,\sigma_x^2\mathrm{Id})$, $g=\Gamma x_q$, $n_+\ge n_-\ge1$.",
    clauses=(
        clause(
            r"$P(s_l\le s_j\mid x_q)=\Phi(-\sqrt2e_q\langle b_k,g\rangle/(\sigma_x\|g\|))$ for matching $l$, opposite $j$;",
            argued="docstring",
            steps=("pair_step",),
            claims=("two_demonstrations_have_the_pair_error",),
        ),
        clause(
            r"$P(A_+\le\tfrac12\mid x_q)\le n_-$ times that.",
            argued="injective pairing and union bound, docstring",
            claims=("samples_stay_below_the_bound",),
        ),
        clause(r"Scaling $\Gamma$ changes nothing: the floor is $\|b\|/\sigma_x$.", argued="docstring", claims=("sharpness_changes_nothing",)),
    ),
    uses=("multi-concept.attention",),
    instances=st.builds(
        lambda b, x, y, z, s, counts, scale: NoisyWords(b, (x, y, z), s, counts[0], counts[1], scale),
        st.sampled_from([F(1), F(1, 2)]), st.integers(1, 3).map(F), ENTRY, ENTRY, st.sampled_from([F(1, 2), F(1)]),
        st.sampled_from(COUNTS), st.sampled_from([F(1), F(3)]),
    ),
    examples=(NoisyWords(F(1), (F(1), F(0), F(0)), F(1), 1, 1), NoisyWords(F(1), (F(1), F(1), F(0)), F(1, 2), 3, 2)),
)  # fmt: skip


@theorem.step("variance of a difference", by="index calculus, normal form", scope="all sizes", latex=r"(2s)^2/(2\sigma_x^2)=2s^2/\sigma_x^2")
def pair_step() -> Equal:
    """Mean 2 s, variance sigma^2 + sigma^2: the squared argument is that of sqrt 2 s / sigma."""
    s, sigma = sp.symbols("s sigma", positive=True)
    mean, variance = sp.symbols("M V")
    return Equal(Formula(mean**2 / variance, given={mean: 2 * s, variance: sigma**2 + sigma**2}), Formula(2 * s**2 / sigma**2))


def wrong_majorities(x: NoisyWords, seed: int, draws: int = DRAWS) -> int:
    """How often A_+ <= 1/2 in `draws` prompts with this query."""
    generator = np.random.default_rng(seed)
    g = float(x.sharpness) * np.array([float(y) for y in x.g])
    signs = np.array([1.0] * x.matching + [-1.0] * x.opposite)
    noise = float(x.noise) * generator.standard_normal((draws, len(signs), 3))
    scores = signs * float(x.b) * g[0] + noise @ g
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    plus = weights[:, : x.matching].sum(axis=1) / weights.sum(axis=1)
    return int((plus <= 0.5).sum())


@theorem.claim(r"L=2:\ P(A_+\le\tfrac12)=\Phi(\dots)\text{ (binomial test, error probability }10^{-9})")
def two_demonstrations_have_the_pair_error(case: Case, seed: int = 0) -> AtMost | NotExercised:
    """The binomial p-value is at least 1e-9."""
    x: NoisyWords = case.problem
    if x.matching + x.opposite != 2:
        return NotExercised("more than one pair")
    error, count = float(pair_bound(1, 1, x.alignment(), x.noise)), wrong_majorities(x, seed)
    tail = 2 * min(scipy.stats.binom.cdf(count, DRAWS, error), scipy.stats.binom.sf(count - 1, DRAWS, error))
    return AtMost(ERROR_PROBABILITY, Measured(float(tail)))


@theorem.claim(r"P(A_+\le\tfrac12)\le n_-\Phi(\dots)\text{ (one-sided binomial test, error probability }10^{-9})")
def samples_stay_below_the_bound(case: Case, seed: int = 0) -> AtMost:
    """The chance of so many wrong majorities under the bound is at least 1e-9."""
    x: NoisyWords = case.problem
    bound, count = float(pair_bound(x.matching, x.opposite, x.alignment(), x.noise)), wrong_majorities(x, seed)
    return AtMost(ERROR_PROBABILITY, Measured(float(scipy.stats.binom.sf(count - 1, DRAWS, min(bound, 1.0)))))


@theorem.claim(r"\text{the bound is the union over pairs, whatever the scale of }\Gamma")
def sharpness_changes_nothing(case: Case, sharper_helps: bool = False, pairs: bool = True, root: bool = True) -> Equal | AtMost:
    """n_- Phi from mean and variance of a score difference, at this sharpness and at ten times it."""
    x: NoisyWords = case.problem
    sharp = NoisyWords(x.b, x.g, x.noise, x.matching, x.opposite, 10 * x.sharpness)
    first, second = (pair_bound(y.matching, y.opposite, y.alignment(), y.noise) for y in (x, sharp))
    if sharper_helps:
        return AtMost(Interval(2 * second.center, 2 * second.radius), first)
    with ctx.workprec(PRECISION):
        size = exact_arb(dot(x.g, x.g)).sqrt()
        spread = exact_arb(x.noise) * size * arb(2 if root else 1).sqrt()
        one = normal_tail(exact_arb(2 * x.b * x.g[0]) / spread)
        return Equal((first, second), (interval(one * (x.opposite if pairs else 1)),) * 2)


@theorem.mutant(of=sharpness_changes_nothing, latex=r"\text{ten times sharper attention halves the error, at least}")
def sharper_attention_helps(case: Case) -> Equal | AtMost:
    """The ranking of scores does not depend on their scale."""
    return sharpness_changes_nothing(case, sharper_helps=True)


@theorem.mutant(of=sharpness_changes_nothing, latex=r"\text{one noise instead of two}")
def one_noise_per_pair(case: Case) -> Equal | AtMost:
    """Both demonstrations are noisy."""
    return sharpness_changes_nothing(case, root=False)


@theorem.mutant(of=sharpness_changes_nothing, latex=r"\text{one pair whatever }n_-")
def one_pair_suffices(case: Case) -> Equal | AtMost:
    """Every opposite demonstration can win."""
    return sharpness_changes_nothing(case, pairs=False)
