"""The multiplicative toy: derivatives at the saddle, the conserved quantities, and the table of escape times."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ntpproofs.errors import InvalidInput
from ntpproofs.papers.path_star.toy import Toy, loss_and_gradients, time_to_first_hop


def test_gradients_against_finite_differences() -> None:
    toy, rng = Toy(3, 6), np.random.default_rng(0)
    for teacherless in (False, True):
        theta, alpha, h = rng.uniform(0.2, 0.9, toy.hops), 0.6, 1e-6
        _, by_edge, by_theta, _ = loss_and_gradients(toy, theta, alpha, teacherless=teacherless)

        def loss(shift: np.ndarray, teacherless: bool = teacherless, theta: np.ndarray = theta, alpha: float = alpha) -> float:
            return loss_and_gradients(toy, theta + shift[1:], alpha + shift[0], teacherless=teacherless)[0]

        for i, exact in enumerate([by_edge, *by_theta]):
            shift = h * (np.arange(toy.hops + 1) == i)
            assert (loss(shift) - loss(-shift)) / (2 * h) == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("size, expected", [((2, 7, "3/100"), 3.7e4), ((2, 8, "3/100"), 1.08e6), ((2, 8, "1/100"), 8.75e7)])
def test_escape_after_the_cheat(size: tuple[int, int, str], expected: float) -> None:
    toy = Toy(size[0], size[1], start=Fraction(size[2]))
    strength = Fraction(float(toy.target_strength(Fraction(9, 10)).mid()))
    assert float(toy.escape_integral(strength)) == pytest.approx(expected, rel=5e-3)
    assert float(toy.leading_order()) == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("ratio, expected", [(1, 6.39), (10, 366), (100, 9.35e3)])
def test_times_together(ratio: float, expected: float) -> None:
    assert time_to_first_hop(Toy(2, 7), speed_ratio=ratio) == pytest.approx(expected, rel=2e-3)


def test_times_without_teacher_do_not_depend_on_the_start() -> None:
    times = [time_to_first_hop(Toy(2, 8, start=start), teacherless=True) for start in (Fraction(3, 100), Fraction(1, 100))]
    assert times == pytest.approx([5.15, 5.40], rel=2e-3)


def test_two_hops_escape_in_logarithmic_time() -> None:
    short, long = (Toy(2, 4, start=Fraction(1, k)) for k in (10**3, 10**6))
    strength = Fraction(1, 2)
    gained = float(long.escape_integral(strength)) - float(short.escape_integral(strength))
    assert gained == pytest.approx(float(long.leading_order()) - float(short.leading_order()), rel=1e-5)


@pytest.mark.parametrize("arguments", [(1, 5), (2, 2), (2, 5, 0), (2, 5, 4, 0)])
def test_refusals(arguments: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput):
        Toy(*arguments)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="saddle"):
        Toy(2, 3).leading_order()
