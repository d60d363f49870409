"""The slope of the logarithm of the 0-1 error along SGD is proportional to the step size (Q4 on multi-concept prompts)."""

# outcome: holds
# Golden configuration, mean of five seeds: -.0076 per step of 1/2 and -.0153 per step of 1. Between groups of five
# seeds the slope scatters by 15 %.

from ntpproofs import All, Case, Conjecture, Less, Measured
from ntpproofs.papers.multi_concept.fitting import compare
from ntpproofs.papers.multi_concept.training import ConstantSteps, Training, train

conjecture = Conjecture(
    label="error-slope-is-proportional-to-the-step",
    title="Doubling the step doubles the exponential rate of the 0-1 error",
    instances=((0, 1, 2),),
    expected="holds",
)


def slope(step: float, seeds: tuple[int, ...]) -> float:
    run = train(Training(steps=ConstantSteps(step), horizon=round(350 / step), every=round(12 / step), tests=1000), seeds)
    return compare(run.times.astype(float), run.error.mean(axis=1), floor=2e-3).exponential.slope


@conjecture.claim(r"\text{slope}(2\eta)\approx2\,\text{slope}(\eta)")
def doubling(case: Case) -> All:
    ratio = slope(1.0, case.problem) / slope(0.5, case.problem)
    return All(Less(Measured(1.4), Measured(ratio)), Less(Measured(ratio), Measured(2.8)))
