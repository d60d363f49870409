"""The spread of beta over SGD runs is proportional to the square root of step over batch (Q6 on multi-concept prompts)."""

# outcome: holds
# Thirty seeds of a small configuration: sixteen times the batch, four times less spread, to within a factor of 1.6.

import numpy as np

from ntpproofs import All, Case, Conjecture, Less, Measured
from ntpproofs.papers.multi_concept.prompts import PromptLaw
from ntpproofs.papers.multi_concept.training import ConstantSteps, Training, train

conjecture = Conjecture(
    label="attention-fluctuates-like-the-root-of-step-over-batch",
    title="std(beta) over SGD runs is c sqrt(eta / batch)",
    instances=(0, 100),
    expected="holds",
)


def spread(batch: int, first: int) -> float:
    """The standard deviation over thirty seeds, one concept, noisy words and labels, from one MLP start per seed."""
    law = PromptLaw(4, word_noise=0.3, label_noise=0.3)
    training = Training(
        concepts=1, word_dimension=4, label_dimension=4, neurons=16, law=law, batch=batch, output_scale=0.0001, steps=ConstantSteps(0.1),
        horizon=300, every=300, tests=1, regularisation=1e-3,
    )  # fmt: skip
    return float(np.std(train(training, range(first, first + 30)).beta[-1, :, 0]))


@conjecture.claim(r"\mathrm{std}(\beta)\propto B^{-1/2}")
def spread_scales(case: Case) -> All:
    ratio = spread(4, case.problem) / spread(64, case.problem)
    return All(Less(Measured(2.5), Measured(ratio)), Less(Measured(ratio), Measured(6.4)))
