"""Interval arithmetic and the elementary functions: every value is inside, exact ones are exact, what may not be is refused."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntpproofs import AtMost, Equal, Interval, Less, exp, log, sqrt
from ntpproofs.errors import InvalidInput

numbers = st.fractions(-9, 9, max_denominator=12)
intervals = st.tuples(numbers, numbers).map(lambda pair: Interval.between(min(pair), max(pair)))


def ends(x: Interval) -> tuple[Fraction, Fraction, Fraction]:
    return x.lower, x.center, x.upper


def inside(x: Fraction, interval: Interval) -> bool:
    return interval.lower <= x <= interval.upper


@given(intervals, intervals, st.integers(0, 4))
def test_every_value_is_inside(x: Interval, y: Interval, n: int) -> None:
    for a, b in product(ends(x), ends(y)):
        assert inside(a + b, x + y) and inside(a - b, x - y) and inside(a * b, x * y) and inside(a**n, x**n) and inside(abs(a), abs(x))
        assert inside(a + 2, 2 + x) and inside(2 - a, 2 - x) and inside(3 * a, 3 * x) and inside(-a, -x)
        if not y.lower <= 0 <= y.upper:
            assert inside(a / b, x / y) and inside(1 / b, 1 / y) and inside(1 / b**2, y**-2)


@given(numbers)
def test_functions_enclose_what_floats_say(x: Fraction) -> None:
    assert math.isclose(float(exp(x)), math.exp(x), rel_tol=1e-12) and inside(x, log(exp(x)))
    if x > 0:
        assert math.isclose(float(log(x)), math.log(x), rel_tol=1e-12, abs_tol=1e-12) and inside(x, sqrt(x) * sqrt(x))
        assert inside(x**2, sqrt(x**2) ** 2) and sqrt(x**2).center == x


def test_relations_decide_irrational_claims_without_a_radius() -> None:
    assert Equal(sqrt(2) * sqrt(2), 2).decide().holds and Equal(log(6), log(2) + log(3)).decide().holds
    assert Less(exp(-1), Fraction(3, 8)).decide().holds and AtMost(log(2), Fraction(69, 100)).decide().outcome.value == "refuted"
    wide = Interval.between(Fraction(1), Fraction(3))
    assert log(wide).lower < 0 + log(2).center < log(wide).upper and AtMost(log(wide), 1).decide().outcome.value == "inconclusive"


def test_what_has_no_value_or_is_a_float_is_refused() -> None:
    for call in (lambda: log(0), lambda: sqrt(-1), lambda: log(Interval(Fraction(0), Fraction(1))), lambda: exp(0.5), lambda: sqrt(True)):
        with pytest.raises(InvalidInput):
            call()  # type: ignore[no-untyped-call]
    with pytest.raises(ZeroDivisionError):
        1 / Interval(Fraction(0), Fraction(1))
    with pytest.raises(TypeError):
        Interval(Fraction(0), Fraction(1)) + 0.5  # type: ignore[operator]
