"""Logarithms of rationals over coprime bases: equality is decided, never approximated."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations
from math import gcd, prod

import mpmath
import pytest
import sympy as sp

from ntpproofs.errors import InvalidInput
from ntpproofs.exact.balls import lower, upper
from ntpproofs.exact.logarithms import LogVector, coprime_base, exponents, log_vector

F = Fraction
RNG = random.Random(5)


@pytest.mark.parametrize(
    ("numbers", "base"),
    [
        ([], ()), ([1], ()), ([1, 1, 7], (7,)), ([12, 18], (2, 3)), ([6, 36], (6,)), ([6, 10, 15], (2, 3, 5)), ([4, 8], (2,)), ([6, 12], (2, 3)),
        ([49, 7], (7,)), ([2 * 3 * 5 * 7], (210,)), ([30, 42], (5, 6, 7)), ([2**40, 3**20], (2**40, 3**20)), ([100, 10], (10,)),
    ],
)  # fmt: skip
def test_bases_by_hand(numbers: list[int], base: tuple[int, ...]) -> None:
    found = coprime_base(numbers)
    # A base is not unique (6 may stay or be split); what is asked is coprimality and that powers reach every number.
    assert len(found) <= len(base) or found == base
    check_base(numbers, found)


def check_base(numbers: list[int], base: tuple[int, ...]) -> None:
    assert list(base) == sorted(base) and all(g > 1 for g in base)
    assert all(gcd(a, b) == 1 for a, b in combinations(base, 2))
    for n in numbers:
        powers = exponents(F(n), base)
        assert prod(base[k] ** e for k, e in powers.items()) == n and all(e > 0 for e in powers.values())


@pytest.mark.parametrize("seed", range(30))
def test_random_bases(seed: int) -> None:
    rng = random.Random(seed)
    numbers = [prod(rng.choice([2, 3, 5, 7, 11, 1]) ** rng.randint(0, 3) for _ in range(3)) for _ in range(rng.randint(1, 8))]
    check_base(numbers, coprime_base(numbers))
    check_base(numbers, coprime_base(reversed(numbers)))


def test_no_factoring_is_needed() -> None:
    # Products of two large primes: gcds find the shared one, the others stay composite.
    p, q, r = 2**127 - 1, 2**107 - 1, 2**89 - 1
    assert coprime_base([p * q, q * r]) == tuple(sorted((p, q, r)))
    assert coprime_base([p * q]) == (p * q,)


def test_exponents_of_quotients() -> None:
    assert exponents(F(4, 9), (2, 3)) == {0: 2, 1: -2} and exponents(F(1), (2,)) == {}
    assert exponents(F(36, 5), (5, 6)) == {0: -1, 1: 2}


def vector(*entries: str) -> LogVector:
    """The vector of logarithms of rationals."""
    return log_vector(enumerate(F(x) for x in entries), len(entries))


def test_equality_sees_through_bases() -> None:
    assert LogVector((4,), ((F(1),),)) == LogVector((2,), ((F(2),),))
    assert LogVector((6,), ((F(1),),)) == LogVector((2, 3), ((F(1),), (F(1),)))
    assert vector("8", "1/3") == LogVector((2, 3), ((F(3), F(0)), (F(0), F(-1))))
    assert LogVector((2, 3), ((F(1),), (F(0),))) == LogVector((2,), ((F(1),),))
    assert vector("1", "1") == LogVector((), (), 2) and vector("1").is_zero()
    assert LogVector((9, 4), ((F(1, 2),), (F(-1, 2),))) == vector("3/2")


def test_inequality_is_exact_too() -> None:
    assert vector("2") != vector("3") and vector("2") != vector("2", "1")
    assert vector("2") != F(2) and LogVector((2,), ((F(1),),)) != LogVector((2,), ((F(1) + F(1, 10**50),),))
    # 2^1054 and 3^665 have logarithms whose quotient differs from 1 by less than 1e-4: close is not equal.
    assert LogVector((2,), ((F(1054),),)) != LogVector((3,), ((F(665),),))


def test_equal_vectors_have_equal_hashes() -> None:
    assert hash(LogVector((4,), ((F(1),),))) == hash(LogVector((2,), ((F(2),),)))
    assert len({vector("4"), LogVector((2,), ((F(2),),)), vector("5")}) == 2


@pytest.mark.parametrize("seed", range(20))
def test_equality_decisions_agree_with_prime_factorisation(seed: int) -> None:
    rng = random.Random(seed)

    def combination() -> tuple[LogVector, dict[int, Fraction]]:
        base = rng.choice([(2, 15), (6, 35), (4, 9), (10, 21), (12, 5)])
        parts = tuple((F(rng.randint(-2, 2), rng.choice([1, 2])),) for _ in base)
        primes: dict[int, Fraction] = {}
        for g, (c,) in zip(base, parts):
            for p, e in sp.factorint(g).items():
                primes[p] = primes.get(p, F(0)) + c * e
        return LogVector(base, parts), {p: x for p, x in primes.items() if x}

    drawn = [combination() for _ in range(12)]
    for (a, first), (b, second) in combinations(drawn, 2):
        assert (a == b) == (first == second)
        assert a.minus(b).is_zero() == (a == b)
        assert a.minus(b).minus(a) == LogVector((), (), 1).minus(b)


def test_balls_contain_the_value() -> None:
    for _ in range(30):
        entries = [F(RNG.randint(1, 50), RNG.randint(1, 50)) for _ in range(3)]
        exact = log_vector(enumerate(entries), 3)
        enclosed = exact.enclose()
        with mpmath.workdps(100):
            truth = [mpmath.log(mpmath.mpf(x.numerator) / x.denominator) for x in entries]
            for value, ball in zip(truth, exact.balls()):
                assert _mp(lower(ball)) <= value <= _mp(upper(ball))
            gap = mpmath.sqrt(sum((_mp(c) - value) ** 2 for c, value in zip(enclosed.center, truth)))
            assert gap <= _mp(enclosed.radius) < mpmath.mpf(10) ** -14


def _mp(x: Fraction) -> mpmath.mpf:
    return mpmath.mpf(x.numerator) / x.denominator


def test_entries_left_out_are_zero() -> None:
    assert log_vector({1: F(2)}, 3) == vector("1", "2", "1")
    assert log_vector({}, 2).balls() == [0, 0]


@pytest.mark.parametrize("number", [0, -1, -6])
def test_a_number_that_is_not_positive_has_no_base(number: int) -> None:
    with pytest.raises(InvalidInput, match="is not positive"):
        coprime_base([2, number, 3])
