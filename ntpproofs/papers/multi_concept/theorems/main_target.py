r"""The shape of the paper's main theorem as an empirical target; nothing here is claimed to be proved, or to be the paper's wording.

With diagonal initialisation, small noise and regularisation, online SGD reaches the irreducible 0-1 error up to
epsilon after a time T_1 + C log(1/epsilon), the correct attention weight is near 1, and only b-coefficients of
attention grow. Evidence: seeded runs of the golden configuration. Under polysemy the error is not monotone: it rises
again after its minimum.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ....language.relations import All, AtMost, Less, Measured, Monotone, NotExercised, ValuePath
from ....language.statements import Case, Conjecture, clause, derived
from ..fitting import Comparison, compare
from ..prompts import PromptLaw
from ..training import ConstantSteps, Run, Training, train

SEEDS = (0, 1, 2)
POLYSEMOUS = Training(
    concepts=8, word_dimension=32, label_dimension=32, law=PromptLaw(8, word_noise=0.05, label_noise=0.05, polysemy=1 / 32), regularisation=3e-4,
    steps=ConstantSteps(2.0), horizon=1200, every=400, tests=10_000,
)  # fmt: skip

conjecture = Conjecture(
    label="multi-concept.main-target",
    title="Shape of the main theorem: exponential 0-1 convergence of all layers (empirical target)",
    source=derived("recalled from the paper: exponential convergence of the 0-1 loss", "an empirical target, not the paper's statement"),
    setup=r"Golden configuration: $K=4$, $m=64$, $L=4$, $\sigma_x=.15$, $\sigma_y=.2$, $\lambda=10^{-3}$, $\eta=\tfrac12$ or 1, three seeds.",
    clauses=(
        clause(r"The mean 0-1 error falls exponentially rather than like a power.", claims=("error_falls_exponentially",)),
        clause(r"The correct attention weight comes near 1, and only $b$-coefficients grow.", claims=("attention_finds_the_sign",)),
    ),
    examples=(0.5, 1.0),
)


@lru_cache(maxsize=8)
def golden(step: float) -> Run:
    """The golden configuration at a step size."""
    return train(Training(steps=ConstantSteps(step), horizon=round(350 / step), every=round(10 / step), tests=2000), SEEDS)


def fits(step: float) -> Comparison:
    """Exponential and power law on the seed-averaged error."""
    run = golden(step)
    return compare(run.times.astype(float), run.error.mean(axis=1))


@conjecture.claim(r"R^2_{\exp}>R^2_{\mathrm{pow}},\ R^2_{\exp}>.98")
def error_falls_exponentially(case: Case) -> All:
    """Coefficients of determination on the window from .3 down to 3e-4."""
    found = fits(case.problem)
    return All(
        Less(Measured(found.power.r_squared), Measured(found.exponential.r_squared)), Less(Measured(0.97), Measured(found.exponential.r_squared))
    )


@conjecture.claim(r"A_+\to1;\ \beta_k\text{ grow},\ \alpha_k\text{ decay}")
def attention_finds_the_sign(case: Case) -> All:
    """At the end of the runs: A_+ above .85, beta up at least threefold from 1/4, alpha below 1/4."""
    run = golden(case.problem)
    return All(
        Less(Measured(0.85), Measured(float(run.matching[-1].mean()))),
        Less(Measured(0.75), Measured(float(run.beta[-1].mean()))),
        AtMost(Measured(float(run.alpha[-1].mean())), Measured(0.25)),
    )


@conjecture.mutant(of=error_falls_exponentially, latex=r"\text{the error is monotone under polysemy}")
def error_is_monotone_under_polysemy(case: Case) -> Monotone | NotExercised:
    """K = 8, polysemy 1/32: the error at t = 1200 exceeds that at t = 400 (bars: three binomial standard errors)."""
    if case.problem != 0.5:
        return NotExercised("one polysemous run is enough")
    run = train(POLYSEMOUS, SEEDS[:2])
    error = run.error.mean(axis=1)[1:]
    bars = 3 * np.sqrt(np.maximum(error, 1e-4) / (2 * POLYSEMOUS.tests))
    return Monotone(ValuePath(np.log(run.times[1:].astype(float)), error, bars, "0-1 error"))


@conjecture.mutant(of=attention_finds_the_sign, latex=r"\text{the }a\text{-coefficients grow: attention detects the concept}")
def concept_directions_grow(case: Case) -> Monotone:
    """Mean alpha along the run, bars of three standard errors over seeds and concepts: it decays from the start."""
    run = golden(case.problem)
    alpha = run.alpha.reshape(len(run.times), -1)
    bars = 3 * alpha.std(axis=1) / alpha.shape[1] ** 0.5
    late = run.times > 0
    return Monotone(ValuePath(np.log(run.times[late].astype(float)), alpha.mean(axis=1)[late], bars[late], "mean alpha"), increasing=True)
