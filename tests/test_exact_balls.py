"""Enclosures: bounds point outward, comparisons are three-valued, eigenvalue bounds hold."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx

from ntpproofs.exact.balls import (
    PRECISION,
    Enclosure,
    Interval,
    as_interval,
    certainly_less,
    column,
    entropy,
    exact_arb,
    from_doubles,
    interval,
    largest_eigenvalue,
    logarithm,
    lower,
    norm,
    round_up,
    upper,
)
from ntpproofs.language.verdicts import Outcome

F = Fraction


def test_intervals() -> None:
    x = Interval(F(1, 2), F(1, 8))
    assert (x.lower, x.upper, float(x)) == (F(3, 8), F(5, 8), 0.5)
    assert as_interval(3) == Interval(F(3), F(0)) and as_interval(x) is x


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [
        (0, 1, Outcome.HOLDS),
        (1, 1, Outcome.FAILS),
        (2, 1, Outcome.FAILS),
        (Interval(F(0), F(1)), F(3, 2), Outcome.HOLDS),
        (Interval(F(0), F(1)), F(1), Outcome.UNDECIDED),  # touching: the left may equal 1
        (Interval(F(0), F(1)), F(1, 2), Outcome.UNDECIDED),
        (Interval(F(0), F(1)), F(-1), Outcome.FAILS),  # touching from above: never less
        (Interval(F(0), F(1)), F(-2), Outcome.FAILS),
        (F(0), Interval(F(1), F(1)), Outcome.UNDECIDED),
        (Interval(F(0), F(1)), Interval(F(3), F(1)), Outcome.HOLDS),
        (Interval(F(0), F(2)), Interval(F(3), F(1)), Outcome.UNDECIDED),
    ],
)
def test_certainly_less_is_three_valued(a: object, b: object, outcome: Outcome) -> None:
    assert certainly_less(a, b) is outcome  # type: ignore[arg-type]


def test_exact_numbers_become_balls_that_contain_them() -> None:
    for x in (F(1, 3), F(-7, 10**30), F(2**200), F(0)):
        ball = exact_arb(x)
        assert lower(ball) <= x <= upper(ball)
        assert upper(ball) - lower(ball) <= abs(x) / 2**45
    with ctx.workprec(200):  # a float stands for the rational it is, not for the decimal it was written as
        assert exact_arb(0.1) == arb(0.1) and not exact_arb(F(1, 10)).overlaps(exact_arb(0.1))


@pytest.mark.parametrize("precision", [53, PRECISION, 400])
def test_conversions_round_outward(precision: int) -> None:
    with ctx.workprec(precision):
        for x in (F(1, 3), F(2), F(10**20 + 1, 10**7), F(1, 10**40)):
            ball = exact_arb(x).log()
            found = interval(ball)
            with mpmath.workdps(200):
                truth = mpmath.log(mpmath.mpf(x.numerator) / x.denominator)
                assert _mp(found.lower) <= truth <= _mp(found.upper)
                assert _mp(lower(ball)) <= truth <= _mp(upper(ball))
                assert found.radius <= max(1, abs(found.center)) / F(2) ** (precision - 8)


def _mp(x: Fraction) -> mpmath.mpf:
    return mpmath.mpf(x.numerator) / x.denominator


def test_infinite_balls_are_refused() -> None:
    with pytest.raises(ArithmeticError, match="precision"):
        interval(arb("inf"))
    with pytest.raises(ArithmeticError, match="precision"):
        interval(arb(0).log())


def test_precision_is_local() -> None:
    before = ctx.prec
    logarithm(F(3), 1_000)
    entropy([F(1, 3), F(2, 3)], 777)
    largest_eigenvalue([[F(1)]])
    assert ctx.prec == before
    with ctx.workprec(60):
        assert logarithm(F(3), 1_000).rel_accuracy_bits() > 900


@pytest.mark.parametrize("p", [[F(1, 2)] * 2, [F(1)], [F(1, 3), F(2, 3), F(0)], [F(1, 7)] * 7])
def test_entropy_contains_the_value(p: list[Fraction]) -> None:
    found = interval(entropy(p))
    with mpmath.workdps(80):
        truth = -sum((_mp(x) * mpmath.log(_mp(x)) for x in p if x), mpmath.mpf(0))
        assert _mp(found.lower) <= truth <= _mp(found.upper) and found.radius < F(1, 10**40)


@pytest.mark.parametrize("x", [F(0), F(1), F(1, 3), F(1, 10**300), F(1, 10**400), F(2**53 + 1), F(10**200, 7)])
def test_round_up_is_a_short_upper_bound(x: Fraction) -> None:
    found = round_up(x)
    assert found >= x and F(float(found)) == found
    assert found <= x * (1 + F(1, 2**50)) + F(1, 10**300)


def test_norms_are_upper_bounds() -> None:
    rng = random.Random(1)
    for _ in range(50):
        xs = [F(rng.randint(-9, 9), rng.randint(1, 9)) for _ in range(4)]
        found = norm(exact_arb(x) for x in xs)
        assert upper(found) == lower(found) and upper(found) ** 2 >= sum(x * x for x in xs)
        assert float(upper(found)) == pytest.approx(math.sqrt(float(sum(x * x for x in xs))))
    assert upper(norm([])) == 0


def test_vectors_as_doubles_keep_their_radius() -> None:
    rng = random.Random(2)
    for _ in range(30):
        exact = [F(rng.randint(-(10**9), 10**9), 7**9) for _ in range(3)]
        found = from_doubles([exact_arb(x) for x in exact], arb(F(1, 1000).numerator) / 1000)
        assert isinstance(found, Enclosure) and all(F(float(x)) == x for x in found.center)
        gap = sum((x - y) ** 2 for x, y in zip(found.center, exact))
        assert gap + 0 <= (found.radius - F(1, 1000)) ** 2 and found.radius < F(1001, 10**6)


def test_columns() -> None:
    found = column([F(1, 2), 0.25, arb(3)])
    assert (found.nrows(), found.ncols()) == (3, 1) and found[1, 0] == arb(0.25)


@pytest.mark.parametrize("seed", range(12))
def test_largest_eigenvalue_is_a_tight_upper_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 6))
    factor = rng.integers(-4, 5, (size, int(rng.integers(1, 5))))
    scale = F(1, int(rng.integers(1, 20)))
    matrix = [[scale * int(x) for x in row] for row in factor @ factor.T]
    bound = largest_eigenvalue(matrix)
    # A bound iff bound * I - A is positive semidefinite: decided exactly by the signs of the characteristic polynomial.
    symbol = sp.Symbol("t")
    shifted = sp.eye(size) * sp.Rational(bound.numerator, bound.denominator) - sp.Matrix(
        [[sp.Rational(x.numerator, x.denominator) for x in row] for row in matrix]
    )
    coefficients = shifted.charpoly(symbol).all_coeffs()
    assert all(sign * c >= 0 for sign, c in zip([(-1) ** i for i in range(size + 1)], coefficients))
    truth = float(np.linalg.eigvalsh(np.array(matrix, dtype=float)).max())
    assert float(bound) == pytest.approx(truth, rel=1e-12, abs=1e-12)


def test_eigenvalue_of_hard_matrices() -> None:
    # Nearly equal, widely spread and zero eigenvalues; one negative (the bound is at least zero).
    close = [[F(1), F(1, 10**12)], [F(1, 10**12), F(1)]]
    assert 1 + F(1, 10**12) <= largest_eigenvalue(close) <= 1 + F(1, 10**11)
    spread = [[F(2**60), F(1)], [F(1), F(1, 2**60)]]
    assert F(2**60) < largest_eigenvalue(spread) <= F(2**60) * (1 + F(1, 10**12))
    assert largest_eigenvalue([[F(0)] * 2] * 2) == 0 and largest_eigenvalue([[F(-3)]]) == 0
