"""The spread of beta over SGD runs is proportional to the square root of step over batch (Q6 on multi-concept prompts)."""

# outcome: holds
# Thirty runs of a small configuration: four times the batch, half of the spread, to within a factor of 1.7. At batch 4 the spread
# is larger than the law says: there the fluctuations are no longer small.

import numpy as np

from ntpproofs import All, Case, Conjecture, Less, Measured
from ntpproofs.papers.multi_concept.dictionary import standard_dictionary
from ntpproofs.papers.multi_concept.model import gradient, initial_weights, stacked
from ntpproofs.papers.multi_concept.prompts import PromptLaw, sample
from ntpproofs.papers.multi_concept.prompts import stacked as stacked_prompts

RUNS, STEPS = 30, 120

conjecture = Conjecture(
    label="attention-fluctuates-like-the-root-of-step-over-batch",
    title="std(beta) over SGD runs is c sqrt(eta / batch)",
    instances=(0, 100),
    expected="holds",
)


def spread(batch: int, seed: int) -> float:
    """The standard deviation over thirty runs that differ in their prompts only: one concept, noisy words and labels."""
    generator = np.random.default_rng([seed, batch])
    book = standard_dictionary(1)
    weights = stacked([initial_weights(np.random.default_rng(seed), book, 8, 0.5, 0.2, mirrored=True)] * RUNS)
    law = PromptLaw(4, word_noise=0.3, label_noise=0.3)
    for _ in range(STEPS):
        prompts = stacked_prompts([sample(law, book, batch, generator) for _ in range(RUNS)])
        weights = weights.moved(gradient(weights, prompts, regularisation=1e-3), 0.2)
    return float(np.std(weights.score[:, 1, 1]))


@conjecture.claim(r"\mathrm{std}(\beta)\propto B^{-1/2}")
def spread_scales(case: Case) -> All:
    ratio = spread(16, case.problem) / spread(64, case.problem)
    return All(Less(Measured(1.2), Measured(ratio)), Less(Measured(ratio), Measured(3.4)))
