"""The enclosure of the unique minimiser of a tied loss contains the minimiser found in high precision by another route."""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, arb_mat, ctx

from ntpproofs.errors import TooLarge
from ntpproofs.exact import minimiser
from ntpproofs.exact.balls import exact_arb, lower, upper
from ntpproofs.exact.minimiser import TiedChoice, minimise
from ntpproofs.geometry import decompose
from ntpproofs.problems import ConditionalLogit

F = Fraction
DIGITS = 200
Design = list[list[Fraction]]


def mp(x: Fraction) -> mpmath.mpf:
    return mpmath.mpf(x.numerator) / x.denominator


def value_gradient_hessian(design: Design, choices: list[TiedChoice], b: mpmath.matrix) -> tuple[mpmath.mpf, mpmath.matrix, mpmath.matrix]:
    """The tied loss from its definition, f = sum a [log sum n e^{-<x, b>} + sum s <x, b> - sum s log n]."""
    size = len(design[0])
    value, gradient, hessian = mpmath.mpf(0), mpmath.zeros(size, 1), mpmath.zeros(size, size)
    for choice in choices:
        xs = [mpmath.matrix([mp(x) for x in design[r]]) if r is not None else mpmath.zeros(size, 1) for r in choice.rows]
        masses = [mp(n) * mpmath.exp(-(x.T * b)[0]) for n, x in zip(choice.multiplicities, xs)]
        total = sum(masses)
        a = mp(choice.weight)
        value += a * mpmath.log(total)
        mean, square = mpmath.zeros(size, 1), mpmath.zeros(size, size)
        for x, mass, share, n in zip(xs, masses, choice.shares, choice.multiplicities):
            value += a * mp(share) * ((x.T * b)[0] - mpmath.log(mp(n)))
            gradient += a * (mp(share) - mass / total) * x
            mean += mass / total * x
            square += mass / total * x * x.T
        hessian += a * (square - mean * mean.T)
    return value, gradient, hessian


def reference(design: Design, choices: list[TiedChoice], start: mpmath.matrix | None = None) -> tuple[mpmath.matrix, mpmath.mpf]:
    """Newton in 200 digits, damped unless a `start` is given, until the gradient vanishes to 150 of them."""
    b = mpmath.zeros(len(design[0]), 1) if start is None else start
    for _ in range(500):
        value, gradient, hessian = value_gradient_hessian(design, choices, b)
        if mpmath.norm(gradient) < mpmath.mpf(10) ** -150:
            return b, value
        step = -mpmath.lu_solve(hessian, gradient)
        length = mpmath.mpf(1)
        slope = (gradient.T * step)[0]
        while start is None and value_gradient_hessian(design, choices, b + length * step)[0] > value + length * slope / 4 + mpmath.mpf(10) ** -190:
            length /= 2
        b += length * step
    raise AssertionError("the reference did not converge")


def check(design: Design, choices: list[TiedChoice], precision: int = 160, near: bool = False) -> minimiser.Minimum:
    # `near`: the reference starts at the centre, because from zero it would never arrive.
    found = minimise(lambda: arb_mat([[exact_arb(x) for x in row] for row in design]), choices, precision)
    with mpmath.workdps(DIGITS), ctx.workprec(2_000):  # so that midpoints are read without rounding
        center = mpmath.matrix([mp(lower(found.center[i, 0].mid())) for i in range(found.center.nrows())])
        point, value = reference(design, choices, center if near else None)
        spread = mpmath.sqrt(sum(mp(upper(found.center[i, 0].rad())) ** 2 for i in range(found.center.nrows())))
        distance = mpmath.norm(point - center)
        radius = mp(upper(found.radius))
        assert distance <= radius + spread
        assert distance < radius or distance == 0  # strictly contained, or hit exactly
        assert radius < mpmath.mpf(2) ** (-precision // 2) * (1 + mpmath.norm(point))
        assert mp(found.value.lower) <= value <= mp(found.value.upper)
        assert found.value.radius < F(1, 2**50)
    return found


def choice(*rows: int | None, shares: list[Fraction], counts: list[int] | None = None, weight: int | Fraction = 1) -> TiedChoice:
    return TiedChoice(F(weight), rows, tuple(shares), tuple(map(F, counts or [1] * len(rows))))


def test_one_dimension_by_hand() -> None:
    # log(1 + e^-b) + b / 4 is least where 1 / (1 + e^b) = 1 / 4: b = log 3.
    found = check([[F(1)]], [choice(None, 0, shares=[F(3, 4), F(1, 4)])])
    with ctx.workprec(200):
        assert abs(found.center[0, 0] - arb(3).log()) < found.radius


def test_multiplicities_of_a_thousand() -> None:
    # foundations, section 5: differences 0, 1, -1 with multiplicities 1, 1000, 1000. Within distance 1/2 the curvature can fall to
    # 0.377 of its value (from b = 2 on): below e^{-1/2}, which the largest |d| = 1 would promise, above e^{-1}, which the largest
    # distance between two alternatives, 2, does promise.
    design = [[F(1)], [F(-1)]]
    choices = [choice(None, 0, 1, shares=[F(1), F(0), F(0)], counts=[1, 1000, 1000])]
    found = check(design, choices)
    assert abs(found.center[0, 0]) <= found.radius
    with mpmath.workdps(30):
        near, far = (value_gradient_hessian(design, choices, mpmath.matrix([b]))[2][0] for b in (2, mpmath.mpf("2.5")))
    assert float(far / near) == pytest.approx(0.377, abs=2e-3) and np.exp(-1.0) < float(far / near) < np.exp(-0.5)


@pytest.mark.parametrize("counts", [[1, 1000, 1000], [1, 10**9, 1], [1000, 1, 1], [1, 1, 10**12]])
@pytest.mark.parametrize("share", [F(1, 2), F(1, 1000), F(999, 1000)])
def test_lopsided_multiplicities_and_shares(counts: list[int], share: Fraction) -> None:
    check([[F(1)], [F(-1)]], [choice(None, 0, 1, shares=[F(0), share, 1 - share], counts=counts)])


@pytest.mark.parametrize("seed", range(10))
def test_random_losses(seed: int) -> None:
    rng = random.Random(seed)
    size = rng.randint(1, 3)
    design = [[F(rng.randint(-3, 3), rng.randint(1, 2)) for _ in range(size)] for _ in range(2 * size)]
    for k in range(size):
        design[k] = [F(int(i == k)) for i in range(size)]
    choices = []
    for _ in range(rng.randint(1, 2)):
        rows = [None, *range(len(design))]
        masses = [F(rng.randint(1, 5)) for _ in rows]
        counts = [rng.choice([1, 1, 2, 50]) for _ in rows]
        choices.append(choice(*rows, shares=[m / sum(masses) for m in masses], counts=counts, weight=F(rng.randint(1, 4), 3)))
    check(design, choices)


@pytest.mark.parametrize("precision", [64, 300])
def test_precision_is_an_argument(precision: int) -> None:
    before = ctx.prec
    found = check([[F(1)], [F(2)]], [choice(None, 0, 1, shares=[F(1, 2), F(1, 3), F(1, 6)])], precision)
    assert ctx.prec == before
    assert upper(found.radius) < F(1, 2 ** (precision - 20))


def test_a_loss_without_curvature_is_refused() -> None:
    # Only the first coordinate is seen: no unique minimiser, and no ball can be verified.
    with pytest.raises(TooLarge, match="4096 bits"):
        minimise(lambda: arb_mat([[arb(1), arb(0)]]), [choice(None, 0, shares=[F(1, 2), F(1, 2)])])


@pytest.mark.parametrize("digits", [19, 20, 30, 60, 400])
@pytest.mark.parametrize("up", [True, False])
def test_weights_of_extreme_ratio(digits: int, up: bool) -> None:
    # One difference, weight 1 for it and a against it: log(a) of the odds is the minimiser, far in the tail of a sigmoid.
    weights = (F(1), F(10) ** digits) if up else (F(1, 10**digits), F(1))
    parts = decompose(ConditionalLogit([(weights[0], 0, [[1], [0]]), (weights[1], 1, [[1], [0]])]))
    with ctx.workprec(400):
        gap = abs(exact_arb(parts.finite_part.center[0]) + digits * arb(10).log())
        assert gap < exact_arb(parts.finite_part.radius) and parts.finite_part.radius < F(1, 10**12)


def test_minimisers_of_skewed_losses_agree_with_the_reference() -> None:
    design = [[F(1), F(0)], [F(1), F(1)], [F(-1), F(2)], [F(0), F(1)]]
    for weights in ([F(1, 10**4), F(10**4), F(1)], [F(1), F(10**20), F(10**10)], [F(10**30), F(1), F(1, 10**20)]):
        counts = [[1, 1, 1], [1, 10**6, 1], [10**6, 1, 1]]
        rows = [(None, 0, 1), (None, 2, 3), (None, 1, 3)]
        shares = [[F(1), F(0), F(0)], [F(0), F(1), F(0)], [F(1, 3), F(1, 3), F(1, 3)]]
        check(design, [choice(*r, shares=s, counts=n, weight=a) for r, s, n, a in zip(rows, shares, counts, weights)], near=True)


def test_the_tail_of_several_parameters() -> None:
    four = ConditionalLogit([
        (F(1, 10**4), 2, [[2, 0, -2, 1], [0, 0, 1, -1], [2, -2, 1, 1]]), (10**4, 0, [[-1, 1, -1, 1], [0, 1, 0, -2], [2, 0, 1, 1]]),
        (1, 0, [[1, -1, -1, -1], [-1, -2, 2, 2], [-1, -1, -2, -1]]), (F(1, 1000), 1, [[0, -1, 0, -1], [-1, -2, -1, -1]]),
    ])  # fmt: skip
    parts = decompose(four)
    gradient = four.gradient(parts.finite_part.array)
    assert parts.finite_part.radius < F(1, 10**13) and np.abs(parts.tied.project(gradient)).max() < 1e-12


@pytest.mark.parametrize("size", [F(10) ** 200, F(1, 10**200), F(10) ** 9])
def test_features_of_any_size(size: Fraction) -> None:
    found = decompose(ConditionalLogit([(1, 0, [[size], [0]]), (2, 1, [[size], [0]])])).finite_part
    assert float(found.center[0] * size) == pytest.approx(-np.log(2), rel=1e-15)


def test_differences_that_are_nearly_parallel() -> None:
    rows = [(weight, chosen, [d, [0, 0]]) for d in ([10**8, 0], [10**8, 1]) for chosen, weight in enumerate((1, 2))]
    found = decompose(ConditionalLogit(rows)).finite_part
    assert found.array == pytest.approx([-np.log(2) / 10**8, 0.0], abs=1e-15)


def test_a_finite_part_beyond_the_doubles_is_refused_in_words() -> None:
    size = F(1, 10**400)
    with pytest.raises(TooLarge, match="1e308"):
        _ = decompose(ConditionalLogit([(1, 0, [[size], [0]]), (2, 1, [[size], [0]])])).finite_part


@pytest.mark.parametrize("digits", [6, 20])
def test_no_random_skewed_problem_fails(digits: int) -> None:
    rng = random.Random(digits)
    for _ in range(200):
        size, rows = rng.randint(1, 4), []
        for _ in range(rng.randint(2, 6)):
            features = [[rng.randint(-2, 2) for _ in range(size)] for _ in range(rng.randint(2, 4))]
            counts = [10 ** rng.randint(0, 6) for _ in features]
            rows.append((F(10) ** rng.randint(-digits, digits), rng.randrange(len(features)), features, counts))
        found = decompose(ConditionalLogit(rows)).finite_part
        assert found.radius <= F(1, 10**13) * (1 + max(abs(x) for x in found.center))


@pytest.mark.parametrize("seed", range(5))
def test_no_accepted_ball_misses_the_minimiser(seed: int) -> None:
    # The ball test itself, at centres off the minimiser: wherever it accepts, the minimiser is inside; far away it refuses.
    rng = random.Random(seed)
    shares = [F(rng.randint(1, 9)) for _ in range(3)]
    choices = [choice(None, 0, 1, shares=[s / sum(shares) for s in shares], counts=[1, rng.choice([1, 1000]), rng.choice([1, 1000])])]
    design = [[F(1)], [F(-1)]]
    balls = arb_mat([[exact_arb(x) for x in row] for row in design])
    with mpmath.workdps(DIGITS):
        point = reference(design, choices)[0][0]
        curvature = float(value_gradient_hessian(design, choices, mpmath.matrix([point]))[2][0])
    outcomes = []
    for k in range(-60, 61):
        center = arb_mat([[arb(float(point) + 0.05 * k)]])
        with ctx.workprec(160):
            found = minimiser._enclose(balls, choices, center, arb_mat([[arb(1 / curvature)]]))
        outcomes.append(found is not None)
        if found is not None:
            assert abs(float(found.center[0, 0].mid()) - float(point)) <= float(upper(found.radius)) + 1e-12
    assert any(outcomes) and not all(outcomes)
