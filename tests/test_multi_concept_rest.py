"""Rest states, thresholds and basins: the brief's numbers as re-checked (section 0a), and independent routes."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest

from ntpproofs.papers.multi_concept.flow import LinearFlow, late_constant
from ntpproofs.papers.multi_concept.problem import MultiConcept
from ntpproofs.papers.multi_concept.recursion import Reduced, law_of, margins, step
from ntpproofs.papers.multi_concept.settling import critical_regularisation, follow, settle
from ntpproofs.papers.multi_concept.stationary import Landscape, level, levels, necessary_bound, rest_states, threshold

F = Fraction
UNIT = Landscape(F(1), F(1), F(1), F(4), 64, 32)
SMALL = Landscape(F(1), F(1), F(1), F(2), 16, 8)
SMALL_C = Landscape(F(1), F(1, 100), F(1), F(2), 16, 8)


def betas(land: Landscape, lam: str) -> list[tuple[float, bool]]:
    return [(round(float(s.beta), 4), s.stable) for s in rest_states(land, F(lam)).states]


@pytest.mark.parametrize(
    ("land", "lam", "beta", "margin"),
    [
        (Landscape(F(1), F(1), F(1), F(2), 16, 6), "0.002", 2.4751, 1.2682),
        (Landscape(F(1), F(3, 2), F(7, 10), F(2), 16, 5), "0.002", 2.6216, 1.1255),
        (UNIT, "0.001", 2.3681, 0.6557),
    ],
)
def test_golden_rest_states(land: Landscape, lam: str, beta: float, margin: float) -> None:
    (state,) = rest_states(land, F(lam)).stable
    assert (round(float(state.beta), 4), round(float(state.margin), 4)) == (beta, margin)
    assert state.beta.radius < F(1, 10**20)


def test_four_rest_states() -> None:
    land = Landscape(F("1.073"), F("0.165"), F("1.372"), F(1), 24, 2)
    assert betas(land, "0.0140535") == [(0.0888, False), (0.3515, True), (0.3815, False), (0.9757, True)]


def test_the_sliding_bound_is_not_general() -> None:
    assert float(necessary_bound(SMALL_C, one_sided=False)) == pytest.approx(0.01124, abs=1e-5)
    assert float(necessary_bound(SMALL_C)) == pytest.approx(0.01939, abs=1e-5)
    assert float(threshold(SMALL_C)[0]) == pytest.approx(0.01875, abs=1e-5)
    learned = [float(rest_states(SMALL_C, F(x)).stable[-1].beta) for x in ("0.012", "0.015", "0.018")]
    assert learned == pytest.approx([1.411, 1.145, 0.825], abs=6e-4)


@pytest.mark.parametrize(("neurons", "value"), [(16, 0.2413), (32, 0.2438), (64, 0.2455), (128, 0.2468)])
def test_saddle_nodes(neurons: int, value: float) -> None:
    land = Landscape(F(1), F(1), F(1), F(4), neurons, neurons // 2)
    assert 4 * sqrt(neurons) * float(threshold(land)[0]) == pytest.approx(value, abs=6e-5)
    assert float(necessary_bound(land)) == pytest.approx(1 / (16 * sqrt(neurons)), rel=1e-12)


def test_the_threshold_is_the_maximum_of_the_curve() -> None:
    for land in (UNIT, SMALL_C, Landscape(F(2), F(1, 2), F(3), F(1), 8, 3, F(1, 10))):
        found, place = threshold(land)
        grid = levels(land, np.linspace(0.01, 8, 20_000))
        assert grid.max() <= float(found.upper) * (1 + 1e-12) and grid.max() == pytest.approx(float(found), rel=1e-6)
        assert level(land, float(place)) == pytest.approx(float(found), rel=1e-9)


@pytest.mark.parametrize(
    ("land", "start", "critical"),
    [
        (UNIT, (0.5, 0.05, 0.0), 0.00489), (Landscape(F(1), F(1), F(1), F(4), 64, 16), (0.5, 0.05, 0.0), 0.00346), (SMALL, (0.5, 0.05, 0.0), 0.0195),
        (SMALL, (1.0, 0.05, 0.0), 0.0297), (SMALL, (0.2, 0.05, 0.0), 0.0080), (SMALL, (0.5, 0.05, -0.05), 0.0143), (SMALL, (0.5, 0.05, 0.3), 0.0307),
    ],
)  # fmt: skip
def test_critical_regularisation(land: Landscape, start: tuple[float, float, float], critical: float) -> None:
    # The brief's values were found with steps of finite size.
    assert critical_regularisation(land, *start, digits=4) == pytest.approx(critical, rel=0.025)


def test_the_unstable_root_is_no_separatrix() -> None:
    assert betas(UNIT, "0.001")[0] == (0.0041, False)
    assert not settle(UNIT, F(1, 1000), 0.1).learned and settle(UNIT, F(1, 1000), 0.11).learned
    # Dead for ever without a gate.
    assert not settle(UNIT, F(1, 1000), 0.5, gate=0.0).learned


@pytest.mark.parametrize("flips", [F(1, 5), F(9, 20)])
def test_label_flips(flips: Fraction) -> None:
    states = rest_states(Landscape(F(1), F(1), F(1), F(4), 64, 32, flips), F(1, 1000)).stable
    assert bool(states) is (flips == F(1, 5))


UNLISTED = [
    MultiConcept(3, F(2), F(1, 2), F(3, 2), 12, F(1, 300), F(2, 5)), MultiConcept(1, F(1, 2), F(2), F(1), 8, F(1, 150), F(3, 4), alive=2),
    MultiConcept(2, F(3, 2), F(1, 10), F(2), 20, F(1, 250), F(1), flips=F(1, 10)), MultiConcept(5, F(1), F(1), F(1), 30, F(1, 200), F(1, 2)),
    MultiConcept(2, F(1), F(1, 4), F(1), 6, F(1, 80), F(1, 5)),
]  # fmt: skip


@pytest.mark.parametrize("problem", UNLISTED, ids=lambda p: f"K{p.concepts}-m{p.neurons}")
def test_unlisted_settings_end_where_the_recursion_does(problem: MultiConcept) -> None:
    from ntpproofs.papers.multi_concept.forecast import forecast

    found = forecast(problem)
    lam, alive = float(problem.regularisation), problem.alive or 0
    law = law_of({n: float(getattr(problem, n)) for n in "bcd"}, problem.concepts, problem.neurons, lam)
    law = type(law)(law.b, law.c, law.d, law.neurons, lam, float(problem.flips), law.frequencies, law.odds)
    scale = np.full(problem.concepts, float(problem.initial_scale))
    state = Reduced(scale, scale.copy(), np.full((alive, problem.concepts), 0.05), np.zeros((alive, problem.concepts)))
    for size, time in ((1.0, 25 / lam), (0.1, 2 / lam)):
        for _ in range(int(time / size)):
            state = step(state, law, size)
    beta, margin = float((state.query * state.key * law.b)[0]), float(margins(state, law)[0])
    assert found.beta is not None and found.margin is not None
    assert beta == pytest.approx(float(found.beta), abs=4e-3) and margin == pytest.approx(float(found.margin), abs=4e-3)
    assert (margin > 1e-3) is found.learned


def test_escape_times() -> None:
    flow = LinearFlow(F(1), F(1), 2, 16, 8)
    for scale, linear, exact in ((F(1, 10), 219.1, 220.0), (F(1, 20), 470.6, 471.5)):
        low, high = flow.escape_bounds(scale**2, F(1, 4))
        time = flow.escape_time(scale**2, F(1, 4))
        assert float(low) == pytest.approx(linear, abs=0.05) and time == pytest.approx(exact, abs=0.05) and float(low) <= time <= float(high)


@pytest.mark.parametrize(("factor", "learned"), [(0.9, True), (0.98, True), (1.02, False), (1.1, False)])
def test_the_basin(factor: float, learned: bool) -> None:
    flow = LinearFlow(F(1), F(1), 2, 16, 8)
    start = factor * float(flow.basin_threshold(F(1)))
    _, lift, beta = flow.follow(start, 1.0, 20_000)
    assert bool(lift[-1] > 0 and beta[-1] > 1) is learned
    if not learned:
        assert lift[-1] == pytest.approx(-sqrt(float(flow.first_integral(F(start), F(1)))), rel=1e-3)


@pytest.mark.parametrize(
    ("c", "d", "gate", "regime", "value"),
    [(F(1), F(1), 1e3, "linear", 32), (F(1), F(1), 0.05, "sliding", 64), (F(1, 2), F(1), 0.05, "one-sided", F(256, 3))],
)
def test_late_constants(c: Fraction, d: Fraction, gate: float, regime: str, value: Fraction) -> None:
    land = Landscape(F(1), c, d, F(2), 16, 8)
    assert late_constant(16, 2, 8, c, d, regime) == value
    time, (p, u, v) = follow(land, 0.5, gate, 0.0, 1e7)[-1]
    rho = np.tanh(p * p)
    loss = np.log1p(np.exp(-0.5 * min(u + rho * v, 2 * rho * v)))
    assert time * loss == pytest.approx(float(value), rel=1e-3)
