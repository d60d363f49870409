"""The closed form of two scalars in doubles against its enclosure, for starts of every size that an instance may have."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from ntpproofs.papers.mesa.slice import SliceFlow
from ntpproofs.papers.mesa.two_variables import Start, solution, solution_ball

SIZES = [Fraction(10) ** k for k in (-50, -20, -3, 0, 3, 20, 50)]
TIMES = (Fraction(0), Fraction(1, 7), Fraction(3), Fraction(400))


@pytest.mark.parametrize("flow", [SliceFlow(Fraction(1), Fraction(4)), SliceFlow(Fraction(3), Fraction(1, 5))])
def test_doubles_follow_the_enclosure(flow: SliceFlow) -> None:
    # Warnings are errors here: a start of 10^-160 whose square is no double divided by zero once.
    for a, b, sign in product(SIZES, SIZES, (1, -1)):
        if a + sign * b == 0:
            continue
        start = Start(a, sign * b)
        found = solution(flow, start, np.array([float(t) for t in TIMES]))
        for k, time in enumerate(TIMES):
            exact = [float(x.center) for x in solution_ball(flow, start, time, 2_000)]
            assert max(abs(found[i][k] - exact[i]) for i in (0, 1)) <= 1e-11 * max(map(abs, exact)), (a, b, sign, time)


@pytest.mark.parametrize("start", [Start(Fraction(1, 10**200), Fraction(1, 10**200)), Start(Fraction(1, 10**400), Fraction(2, 10**400))])
def test_no_start_is_too_small(start: Start) -> None:
    a, b = solution(SliceFlow(Fraction(1), Fraction(4)), start, np.array([0.0, 1e4]))
    assert a[1] == b[1] == 0.5 and 0 <= a[0] < 1e-150
