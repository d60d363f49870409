"""What the sharp asymptotic statements of this area share: limiting multipliers per (context, token), late paths, instances."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ....dynamics import GradientFlow
from ....language.relations import ValuePath
from ....language.statements import Case
from ....logit.asymptotics import asymptotics
from ..problem import LinearNTP
from ._golden import fractions

# Gradient descent with the step 1/beta, continued after 64 steps by the flow, which stays within O(1/64) of it (foundations.hand-off).
DESCENT_THEN_FLOW = GradientFlow(log_time=1e4, after_descent=64)

# Compatible and separable, with a weak pair: the second context's margin is 1 while its multiplier is forced to zero.
weak = LinearNTP([[1, 0], [1, 1]], [[1, 0], [1, 0]])
weak_with_support = LinearNTP([[1, 0], [1, 1]], [[0, 0, 1], fractions("0", "1/2", "1/2")])
# One embedding, two supports that share a token: all three tokens stay tied, the fourth is separable from them.
spare_token = LinearNTP([[1], [1]], [fractions("2/3", "1/3", "0", "0"), fractions("1/2", "0", "1/2", "0")])


def lone_context(problem: LinearNTP, spare: int, least: int = 1) -> LinearNTP | None:
    """One context of a dataset (the first with an embedding), its laws in proportion 1 : 2 : 3 : ... on at least `least` tokens,
    and `spare` tokens more than the vocabulary had: the relaxation exponent is then s / V. None if every embedding is zero."""
    found = next(((h, s) for h, s in zip(problem.embeddings, problem.supports) if any(h)), None)
    if found is None:
        return None
    size = max(least, len(found[1]))
    row = {z: Fraction(2 * (z + 1), size * (size + 1)) for z in range(size)}
    return LinearNTP([found[0]], [row], vocabulary_size=max(problem.vocabulary_size, size) + spare)


def limiting_multipliers(case: Case) -> dict[tuple[int, int], float]:
    """{(j, v): lambda_jv} on the strong support: unique ones, or the projection of the weights where they are not unique."""
    anchored = case.derived.separation.anchored
    rows = case.derived.max_margin.strong
    return {(anchored.blocks[r], anchored.alternatives[r]): float(x) for r, x in zip(rows, asymptotics(case.derived).multipliers)}


def scalar(path: ValuePath, values: Any, errors: Any, name: str) -> ValuePath:
    """A scalar path at the records of another one."""
    return ValuePath(path.log_times, np.asarray(values, dtype=float), np.broadcast_to(np.asarray(errors, dtype=float), path.log_times.shape), name)
