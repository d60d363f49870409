"""Adam without epsilon selects the Euclidean max-margin direction."""

# outcome: refuted observed
# at most: 1 row
# One row is enough to refute it. The notes on linear NTP (M24) have the same: one difference, (2, 1).
# Found: one row with difference (2, 1), where Adam ends at (1, 1) / sqrt 2. Short averages: the limit is the same, but it shows after 800 steps.

import numpy as np

from ntpproofs import Case, Conjecture, Converges, ValuePath
from ntpproofs.assumptions import completely_separable
from ntpproofs.dynamics import Adam
from ntpproofs.strategies import conditional_logits

conjecture = Conjecture(
    label="adam-finds-the-l2-direction",
    title="Adam without epsilon selects the Euclidean max-margin direction",
    instances=conditional_logits(max_rows=1, max_alternatives=2, max_dimension=2),
    assumptions=(completely_separable,),
    simulate=Adam(steps=800, averages=(0.5, 0.9), epsilon=0.0),
    expected="refuted",
)


@conjecture.claim(r"\min \langle w_k, d \rangle / \|w_k\|_2 \to 1/\|u\|_2")
def euclidean_margin_becomes_largest(case: Case) -> Converges:
    run, best = case.trajectory, case.derived.max_margin
    differences = np.array([[float(x) for x in d] for d in case.problem.differences().values()])
    iterates = run.iterates
    values = (iterates.values @ differences.T).min(axis=1) / np.linalg.norm(iterates.values, axis=1)
    path = ValuePath(iterates.log_times, values[:, None], iterates.errors, "normalised margin")
    return Converges(path, (float(best.squared_norm) ** -0.5,), rate=0.5)
