"""Path-star graphs: closed forms for any size, population losses without data, enumeration, the toy's escape time."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from ntpproofs import PathStar, max_margin
from ntpproofs.papers.path_star.distribution import draw_sample, every_sample
from ntpproofs.papers.path_star.information import conditional_entropy
from ntpproofs.papers.path_star.learners import logit_of, step_types
from ntpproofs.papers.path_star.predictions import predictions
from ntpproofs.papers.path_star.toy import Toy


@pytest.mark.parametrize("size", [(2, 5, 50), (20, 50, 2_000), (7, 3_000, 30_000)], ids=str)
@pytest.mark.parametrize("training", ["standard", "reversed", "teacherless"])
def test_closed_forms(benchmark: Any, size: tuple[int, int, int], training: str) -> None:
    benchmark(lambda: predictions(PathStar(*size, training=training, lookback=1)))


@pytest.mark.parametrize("size", [(2, 5, 1, 9), (5, 20, 10, 96)], ids=str)
def test_population_loss(benchmark: Any, size: tuple[int, int, int, int]) -> None:
    problem = logit_of(step_types(*size))
    benchmark(lambda: problem.loss([0.1] * problem.dimension))


def test_exact_direction(benchmark: Any) -> None:
    benchmark(lambda: max_margin(logit_of(step_types(3, 8, 6, 22))).direction)


def test_draw(benchmark: Any) -> None:
    random = Random(0)
    benchmark(lambda: draw_sample(2, 5, 50, random))


def test_enumeration(benchmark: Any) -> None:
    benchmark(lambda: conditional_entropy((frozenset(x.edges), x.path[1]) for x in every_sample(2, 4, 7)))


def test_escape_time(benchmark: Any) -> None:
    benchmark(lambda: Toy(2, 8, start=Fraction(1, 100)).escape_integral(Fraction(1)))
