"""Laws of the discrete optimizers on drawn problems: hand-off to the flow, max margins of norms, equivariance. Each can fail."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings

from ntpproofs.dynamics import CoordinateDescent, GradientDescent, GradientFlow, SignGradientDescent, SpectralDescent
from ntpproofs.dynamics.optimizers.ensemble import ensemble
from ntpproofs.geometry import decompose, norm_margin
from ntpproofs.logit.norm_margins import achieved_margin
from ntpproofs.problems import ConditionalLogit, LinearNTP
from ntpproofs.strategies import conditional_logits, linear_ntps

LOGITS = conditional_logits(max_rows=3, max_alternatives=3, max_dimension=2)
STARTS = (8, 16, 32, 64, 128)


def hand_off_distances(problem: ConditionalLogit, offset: bool = True) -> np.ndarray:
    """|w(eta 4K) - w_4K| for the flow that starts from w_K, at t = eta K (or, wrongly, at t = 0)."""
    run = GradientDescent(steps=4 * STARTS[-1], spacing=2.0)(problem)
    iterates, eta = dict(zip(run.details["steps"].tolist(), run.iterates.values)), run.details["step_size"]
    gaps = []
    for start in STARTS:
        elapsed = eta * (3 if offset else 4) * start
        flow = GradientFlow(log_time=float(np.log(elapsed)), initial=tuple(iterates[start].tolist()))(problem)
        gaps.append(np.linalg.norm(flow.iterates.values[-1] - iterates[4 * start]))
    return np.array(gaps)


@given(LOGITS)
@settings(max_examples=12)
def test_the_hand_off_error_halves_when_the_start_doubles(problem: ConditionalLogit) -> None:
    eta = GradientDescent(steps=3)(problem).details["step_size"]
    assume(eta * 3 * STARTS[0] > 1.1)  # the flow needs a log time above 0
    gaps = hand_off_distances(problem)
    # O(1/K): from 8 to 128 the bound falls by 16. The distance may grow while the first steps are still in the transient (it does for
    # three doublings with d = (2, 1), (1, 0)), so it is compared with its largest; the integrator is good to 1e-8 per score, a few
    # scores per parameter.
    assert gaps[-1] <= max(gaps.max() / 2, 1e-6)


def test_the_hand_off_test_can_fail() -> None:
    pair = ConditionalLogit([(1, 0, [[1], [0]])])
    wrong = hand_off_distances(pair, offset=False)
    assert wrong[-1] > wrong.max() / 2 and wrong[-1] > 0.1


@given(LOGITS | linear_ntps(max_vocabulary=3, max_contexts=2, max_dimension=2).map(LinearNTP.conditional_logit))
@settings(max_examples=20)
def test_steepest_descent_approaches_the_margin_of_its_norm_and_never_beats_it(problem: ConditionalLogit) -> None:
    assume(decompose(problem).separation.kind == "complete")
    for kind in (SignGradientDescent, CoordinateDescent, SpectralDescent):
        optimizer = kind(steps=1_000)
        largest = norm_margin(problem, optimizer.norm).margin
        run = optimizer(problem).iterates.values
        missing = [1 - achieved_margin(problem, optimizer.norm, w) / float(largest) for w in (run[len(run) // 2], run[-1])]
        # A margin above the certified maximum would refute the certificate: rounding and the radius of the enclosure only.
        assert min(missing) >= -1e-7
        # Arc length times margin against the log of (alternatives times weight ratio), half the sum of squared steps, and 3 for
        # the stage in which probabilities are not yet exponentials. In units of the step 1/R the margin is 1/(tau R).
        weights = [float(row.weight) for row in problem.rows]
        count = sum(len(row.features) for row in problem.rows)
        steps = 1 / np.sqrt(np.arange(1, 1_001))
        reach = float(largest) * optimizer._default_step(ensemble([problem]))[0] * steps.sum()
        assert missing[-1] <= (np.log(count * sum(weights) / min(weights)) + 0.5 * (steps**2).sum() + 3) / reach


@given(LOGITS)
@settings(max_examples=20)
def test_optimizers_commute_with_relabelling_rows(problem: ConditionalLogit) -> None:
    turned = ConditionalLogit(list(problem.rows)[::-1])
    for optimizer in (GradientDescent(steps=30), SignGradientDescent(steps=5)):
        first, second = (optimizer.iterate([p]).iterates for p in (problem, turned))
        assert np.allclose(first[:5], second[:5], rtol=0, atol=1e-9)
