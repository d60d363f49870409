"""Instances and paths shared by the statements about optimizers other than gradient descent.

Fixed instances, because a discrete run of thousands of steps on each costs more than a draw; random ones are met in
`properties`.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ....language.compared_values import ValuePath
from ....language.statements import Case
from ....logit.norm_margins import Norm, NormMargin, achieved_margin, norm_margin
from ....logit.problem import ConditionalLogit
from ._contexts import contexts
from ._instances import three_quarters

# One token per context: completely separated. The max margins in l1, l2, l-infinity and the spectral norm differ.
one_token = contexts([[2, 1]], [[1, 0, 0]])
single_tokens = contexts([[2, 1], [1, -1]], [[1, 0, 0], [0, 1, 0]])
skew_rows = ConditionalLogit([(1, 0, [[2, 1], [0, 0]]), (1, 0, [[1, -1], [0, 0]]), (1, 0, [[3, 1], [1, -1]])])
complete = (one_token, single_tokens, skew_rows)
# Margins 1 and 2: the second pair moves the iterates off the span of the support, by an amount that depends on the path.
off_support = ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[2, 1], [0, 0]])])
# Tied pairs, that is, a finite part: two tokens in one support, or a pair of rows that contradict each other.
two_supports = contexts([[1, 0], [1, 1]], [[Fraction(2, 3), Fraction(1, 3), 0], [0, 0, 1]])
steep_valley = ConditionalLogit([(1, 0, [[1, -3], [0, 0]]), (2, 1, [[1, -3], [0, 0]]), (1, 0, [[0, 1], [0, 0]])])
# All three tokens of the second context are tied: mirror descent with p = 3/2 crosses that valley for thousands of steps.
crossed_valley = contexts([[-2, -1], [-1, -2]], [[0, 0, 1], ["1/2", "1/3", "1/6"]])
quasi_complete = (three_quarters, two_supports, steep_valley)


def margin_path(case: Case, norm: Norm) -> ValuePath:
    """The smallest separable margin per unit norm, in log k; its target is the max margin 1 / tau."""
    run = case.trajectory
    values = np.array([achieved_margin(case.problem, norm, w) for w in run.iterates.values])
    # Rounding of the iterates, relative to their size, and of one division.
    errors = run.errors["iterate"] / np.maximum(np.abs(run.iterates.values).max(axis=1), 1e-300) + 1e-12
    return ValuePath(np.log(run.details["steps"].astype(float)), values, errors * np.maximum(values, 1.0), f"margin per unit {norm} norm")


def in_steps(case: Case, path: ValuePath) -> ValuePath:
    """A path of the trajectory, in log k instead of log t."""
    return ValuePath(np.log(case.trajectory.details["steps"].astype(float)), path.values, path.errors, path.name)


def tau(case: Case, norm: Norm) -> NormMargin:
    """The exact or enclosed least norm of the instance."""
    return norm_margin(case.problem, norm)
