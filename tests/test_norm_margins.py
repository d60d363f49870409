"""Max margins in other norms: hand-computed values, independent solvers, certificates that prove and tampered ones that do not."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import cvxpy as cp
import numpy as np
import pytest
from scipy.optimize import linprog, minimize
from typer.testing import CliRunner

from ntpproofs.commands.cli import app
from ntpproofs.errors import InvalidInput
from ntpproofs.exact.rational import dot
from ntpproofs.geometry import decompose, max_margin, norm_margin
from ntpproofs.logit.linear_programmes import solve_exactly
from ntpproofs.logit.norm_margins import (
    NORMS,
    achieved_margin,
    certified,
    combination,
    constraints,
    dual_norm,
    norm_bound,
    norm_programme,
    norm_value,
)
from ntpproofs.problems import ConditionalLogit, LinearNTP

PAIR = ConditionalLogit([(1, 0, [[2, 1], [0, 0]])])
ONE_TOKEN = LinearNTP([[2, 1]], [[1, 0, 0]])
FULL = LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]])
VALLEY = ConditionalLogit([(1, 0, [[1, -3], [0, 0]]), (2, 1, [[1, -3], [0, 0]]), (1, 0, [[0, 1], [0, 0]])])
SQUARES = ("l1", "l-infinity", "frobenius", "spectral", "nuclear", 1.5, 3.0)


def random_problem(seed: int) -> LinearNTP:
    rng = np.random.default_rng(seed)
    vocabulary, contexts, dimension = rng.integers(2, 5), rng.integers(1, 4), rng.integers(1, 4)
    rows = []
    for _ in range(contexts):
        support = rng.choice(vocabulary, rng.integers(1, vocabulary), replace=False)
        rows.append({int(z): Fraction(1, len(support)) for z in support})
    return LinearNTP([[int(x) for x in h] for h in rng.integers(-3, 4, (contexts, dimension))], rows, vocabulary_size=int(vocabulary))


RANDOM = [problem for problem in map(random_problem, range(40)) if decompose(problem).separation.separable]
WITH = [seed for seed in range(12) if decompose(random_problem(seed)).separation.separable]


def test_values_computed_by_hand() -> None:
    # One difference (2, 1): tau = 1 / N*(d).
    assert [norm_margin(PAIR, norm).least_norm for norm in ("l1", "l-infinity")] == [Fraction(1, 2), Fraction(1, 3)]
    # (e_0 - e_v) (2, 1): entries +a, -b per token with a + b margins; l-infinity: all entries 1/6.
    assert norm_margin(ONE_TOKEN, "l-infinity").least_norm == Fraction(1, 6)
    # l1: the first row alone reaches both margins, 2 w_00 = 1.
    assert norm_margin(ONE_TOKEN, "l1").least_norm == Fraction(1, 2)
    # Tied d = (1, -3) forces w = c (3, 1), the separable (0, 1) forces c >= 1.
    assert [norm_margin(VALLEY, norm).least_norm for norm in ("l1", "l-infinity")] == [4, 3]
    assert norm_margin(VALLEY, "l-infinity").face["unique"] and not norm_margin(ONE_TOKEN, "l1").norm == "l2"


@pytest.mark.parametrize("norm", ["l1", "l-infinity"])
def test_polyhedral_values_are_exact_and_agree_with_the_dual_programme(norm: str) -> None:
    for problem in RANDOM:
        best = norm_margin(problem, norm)
        assert best.exact and isinstance(best.least_norm, Fraction)
        tied, separable = constraints(problem).floats
        # max 1'y subject to |sum y d + sum z e|_* <= 1, solved on its own by HiGHS.
        free, count, size = len(tied), len(separable), separable.shape[1]
        push = np.hstack([separable.T, tied.T])
        if norm == "l-infinity":  # dual norm l1: entries bounded by auxiliary variables that sum to at most 1
            rows = np.block([[push, -np.eye(size)], [-push, -np.eye(size)], [np.zeros((1, count + free)), np.ones((1, size))]])
            sides, cost = np.append(np.zeros(2 * size), 1.0), np.concatenate([-np.ones(count), np.zeros(free + size)])
            bounds = [(0, None)] * count + [(None, None)] * (free + size)
        else:
            rows, sides = np.vstack([push, -push]), np.ones(2 * size)
            cost, bounds = np.concatenate([-np.ones(count), np.zeros(free)]), [(0, None)] * count + [(None, None)] * free
        found = linprog(cost, A_ub=rows, b_ub=sides, bounds=bounds, method="highs-ipm")
        assert found.status == 0 and abs(-found.fun - float(best.least_norm)) <= 1e-7 * (1 + abs(found.fun))


@pytest.mark.parametrize("norm", ["spectral", "nuclear", "frobenius", 1.5, 3.0])
def test_other_values_are_enclosed_and_agree_with_the_dual_programme(norm: Any) -> None:
    for problem in RANDOM[:8]:
        best = norm_margin(problem, norm)
        assert 0 < best.lower <= best.upper and best.upper - best.lower <= best.upper * Fraction(1, 10**6)
        tied, separable = constraints(problem).floats
        y, z = cp.Variable(len(separable), nonneg=True), cp.Variable(max(len(tied), 1))
        push = separable.T @ y + (tied.T @ z if len(tied) else 0)
        matrix = cp.reshape(push, problem.conditional_logit().shape, order="C")
        dual = {"spectral": cp.normNuc, "nuclear": cp.sigma_max, "frobenius": lambda x: cp.norm(x, "fro")}.get(norm)
        size = dual(matrix) if dual else cp.pnorm(push, float(dual_norm(norm)))
        value = cp.Problem(cp.Maximize(cp.sum(y)), [size <= 1]).solve(solver=cp.CLARABEL)
        assert abs(value - float(best.upper)) <= 1e-5 * (1 + value)


def test_the_readable_programme_has_the_same_value() -> None:
    for problem in RANDOM[:6]:
        for norm in SQUARES:
            w, y, _ = norm_programme(problem, norm).solve()
            best, shape = norm_margin(problem, norm), problem.conditional_logit().shape
            assert abs(norm_value(norm, w, shape) - float(best.upper)) <= 1e-6 * float(best.upper) and y.min() >= -1e-8


def test_frobenius_is_the_max_margin_direction() -> None:
    for problem in RANDOM:
        best = norm_margin(problem, "frobenius")
        assert best.vector == max_margin(problem).direction
        assert best.lower**2 <= max_margin(problem).squared_norm <= best.upper**2


def test_norms_of_one_line_agree() -> None:
    scalar = ConditionalLogit([(1, 0, [[3], [0]])])
    for norm in SQUARES:
        best = norm_margin(scalar, norm)
        assert best.lower <= Fraction(1, 3) <= best.upper


def test_scaling_the_features_divides_the_value() -> None:
    bigger = LinearNTP([[5 * x for x in h] for h in FULL.embeddings], FULL.probabilities)
    for norm in ("l1", "l-infinity"):
        assert 5 * norm_margin(bigger, norm).least_norm == norm_margin(FULL, norm).least_norm


def test_tampered_certificates_prove_less_or_nothing() -> None:
    best = norm_margin(FULL, "l-infinity")
    pairs = best.constraints
    worse = certified(pairs, "l-infinity", max_margin(FULL).direction, best.multipliers)
    assert worse.lower == best.lower and worse.upper > best.upper and not worse.exact
    halved = {pair: y / 2 for pair, y in best.multipliers.items()}
    assert certified(pairs, "l-infinity", best.vector, halved).lower == best.lower  # the bound is invariant under scale
    key = next(pair for pair in pairs.separable)
    assert certified(pairs, "l-infinity", best.vector, best.multipliers | {key: Fraction(1)}).lower <= best.lower
    with pytest.raises(InvalidInput, match="negative"):
        certified(pairs, "l-infinity", best.vector, best.multipliers | {key: Fraction(-1)})
    with pytest.raises(InvalidInput, match="tied"):
        certified(pairs, "l-infinity", (Fraction(1), *best.vector[1:]), best.multipliers)
    with pytest.raises(InvalidInput, match="margin"):
        certified(pairs, "l-infinity", tuple(-x for x in best.vector), best.multipliers)


def test_the_face_holds_every_minimiser() -> None:
    for problem in RANDOM[:12]:
        for norm in ("l1", "l-infinity"):
            best = norm_margin(problem, norm)
            face, (tied, separable) = best.face, constraints(problem).floats
            w = cp.Variable(separable.shape[1])
            size = cp.norm1(w) if norm == "l1" else cp.norm_inf(w)
            rules = [separable @ w >= 1, size <= float(best.least_norm) + 1e-9] + ([tied @ w == 0] if len(tied) else [])
            goal = np.random.default_rng(0).normal(size=separable.shape[1])  # another point of the optimal face
            cp.Problem(cp.Minimize(goal @ w), rules).solve(solver=cp.CLARABEL)
            for j, value in face["coordinates"].items():
                assert abs(w.value[j] - float(value)) < 1e-5
            for pair in face["tight"]:
                assert abs(float(np.dot([float(x) for x in best.constraints.separable[pair]], w.value)) - 1) < 1e-5


def test_no_level_vector_beats_the_margin() -> None:
    rng = np.random.default_rng(1)
    for problem in RANDOM[:10]:
        parts = decompose(problem)
        for norm in SQUARES:
            largest = 1 / float(norm_margin(problem, norm).lower)
            w = rng.normal(size=parts.problem.dimension)
            assert achieved_margin(problem, norm, w - parts.tied.project(w)) <= largest * (1 + 1e-12)


def test_bounds_of_norms_are_upper_bounds() -> None:
    rng = np.random.default_rng(2)
    for norm in SQUARES:
        for _ in range(10):
            x = tuple(Fraction(int(k), 7) for k in rng.integers(-9, 10, 12))
            bound, value = norm_bound(norm, x, (3, 4)), norm_value(norm, np.array([float(k) for k in x]), (3, 4))
            assert value * (1 - 1e-12) <= float(bound) <= value * (1 + 1e-9)


def test_a_smooth_solver_without_programmes_agrees_for_p_norms() -> None:
    pairs = constraints(ONE_TOKEN)
    d = pairs.floats[1]
    found = minimize(lambda w: np.abs(w) @ np.abs(w), np.ones(6), constraints={"type": "ineq", "fun": lambda w: d @ w - 1}, method="SLSQP")
    assert abs(found.fun - float(max_margin(ONE_TOKEN).squared_norm)) < 1e-6


def test_complementary_slackness_is_exact() -> None:
    for problem in RANDOM[:12]:
        for norm in ("l1", "l-infinity"):
            best = norm_margin(problem, norm)
            pushed = combination(best.constraints, best.multipliers)
            shape = problem.conditional_logit().shape
            assert dot(best.vector, pushed) == norm_bound(norm, best.vector, shape) * norm_bound(dual_norm(norm), pushed, shape)


def test_linear_programmes_without_optimum_have_no_answer() -> None:
    one, zero = Fraction(1), Fraction(0)
    assert solve_exactly([one], [[-one]], [zero], []) is None  # unbounded
    assert solve_exactly([one], [[one], [-one]], [one, zero], []) is None  # infeasible


def test_bad_norms_and_hopeless_problems_are_refused() -> None:
    for norm in ("l2", 1.0, float("nan"), float("inf"), True, None, 10**400, -(10**400)):
        with pytest.raises(InvalidInput, match="norm"):
            norm_margin(PAIR, norm)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="no separable pair"):
        norm_margin(ConditionalLogit([(1, 0, [[1], [0]]), (1, 1, [[1], [0]])]), "l1")
    with pytest.raises(InvalidInput, match="face"):
        _ = norm_margin(PAIR, "frobenius").face
    for wrong in (None, 3, [], ConditionalLogit):
        for call in (norm_margin, norm_programme, lambda problem, norm: achieved_margin(problem, norm, np.ones(2))):
            with pytest.raises(InvalidInput, match="conditional_logit"):
                call(wrong, "l1")
    nothing = certified(constraints(PAIR), "l1", norm_margin(PAIR, "l1").vector, {})
    with pytest.raises(InvalidInput, match="no lower bound"):
        _ = nothing.margin
    assert set(NORMS) >= {"l1", "l-infinity", "frobenius", "spectral", "nuclear"}


def test_multipliers_of_dependent_tied_pairs_count() -> None:
    rows = [(1, 1, [[-1, 0], [1, -1], [-1, 0]]), (1, 0, [[-1, 0], [1, -1]]), (1, 0, [[-1, 1], [0, 1]])]
    best = norm_margin(ConditionalLogit(rows), "frobenius")
    assert best.width < Fraction(1, 10**15) and best.lower**2 <= 5 <= best.upper**2


def test_frobenius_margins_are_narrow_on_small_integers() -> None:
    rng, seen = np.random.default_rng(4), 0
    while seen < 150:
        rows = [(1, 0, rng.integers(-1, 2, (int(rng.integers(2, 5)), 2)).tolist()) for _ in range(3)]
        problem = ConditionalLogit(rows)
        if decompose(problem).separation.separable:
            seen += 1
            assert norm_margin(problem, "frobenius").width < Fraction(1, 10**15)


SIZES = (Fraction(10) ** 9, Fraction(10) ** 12, Fraction(10) ** 20, Fraction(10) ** 400)
EXPONENTS = (1.0001, 1.01, 50.0, 1000.0, 1e4)


@pytest.mark.parametrize("norm", [*SQUARES, *EXPONENTS])
@pytest.mark.parametrize("size", [*SIZES, *(1 / size for size in SIZES)])
def test_values_do_not_depend_on_the_unit_of_the_features(norm: Any, size: Fraction) -> None:
    def problems(s: Fraction) -> list[ConditionalLogit]:
        return [
            ConditionalLogit([(1, 0, [[2 * s, s], [0, 0]]), (1, 0, [[s, -s], [0, 0]])]),
            ConditionalLogit([(1, 0, [[s, -3 * s], [0, 0]]), (2, 1, [[s, -3 * s], [0, 0]]), (1, 0, [[0, s], [0, 0]])]),
            LinearNTP([[2 * s, s], [s, -s]], [[1, 0, 0], [0, "1/2", "1/2"]]).conditional_logit(),
        ]

    for problem, unscaled in zip(problems(size), problems(Fraction(1))):
        best, plain = norm_margin(problem, norm), norm_margin(unscaled, norm)
        assert best.width <= (0 if norm in ("l1", "l-infinity") else Fraction(1, 10**7))
        assert best.lower * size <= plain.upper and plain.lower <= best.upper * size  # the same value, up to the enclosures


@pytest.mark.parametrize("norm", [*SQUARES, *EXPONENTS])
@pytest.mark.parametrize("digits", [4, 8, 12, 20, 100])
def test_differences_of_mixed_size(norm: Any, digits: int) -> None:
    k = 10**digits
    problems = [
        ConditionalLogit([(1, 0, [[k, 1], [0, 0]]), (1, 0, [[-1, 1], [0, 0]])]),
        ConditionalLogit([(1, 0, [[k, 0], [0, 0]]), (1, 0, [[0, 1], [0, 0]])]),
        ConditionalLogit([(1, 0, [[k, k, 0], [0, 0, 0]]), (1, 0, [[0, -1, 1], [0, 0, 0]]), (1, 0, [[1, 1, -1], [0, 0, 0]])]),
        LinearNTP([[k, 1], [1, -1]], [[1, 0, 0], [0, "1/2", "1/2"]]),
    ]
    for problem in problems:
        assert norm_margin(problem, norm).width <= (0 if norm in ("l1", "l-infinity") else Fraction(1, 10**7))
    # The first by hand: w_2 >= 1 + w_1 and w_1 >= (1 - w_2) / k give w_2 >= 1, and w = (0, 1) meets both margins.
    if norm == "l-infinity":
        assert norm_margin(problems[0], norm).least_norm == 1


@pytest.mark.parametrize("seed", range(12))
def test_sizes_mixed_at_random_are_always_enclosed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(3):
        size = Fraction(10) ** int(rng.integers(-20, 21))
        spread = [[Fraction(10) ** int(e) for e in row] for row in rng.choice([-20, 0, 0, 20], (3, 3))]
        rows.append((1, 0, [[int(x) * size * e for x, e in zip(row, es)] for row, es in zip(rng.integers(-3, 4, (3, 3)), spread)]))
    problem = ConditionalLogit(rows)
    if not decompose(problem).separation.separable:
        return
    values = {norm: norm_margin(problem, norm) for norm in (*SQUARES, *EXPONENTS)}
    assert values["l1"].exact and values["l-infinity"].exact
    assert all(0 < best.lower <= best.upper and best.width < Fraction(1, 5) for best in values.values())
    ordered = ["l1", *(sorted(norm for norm in values if isinstance(norm, float))), "l-infinity"]
    assert all(values[b].lower <= values[a].upper for a, b in pairwise(ordered))  # |w|_p falls with p


@pytest.mark.parametrize("norm", [1 + 2.0**-52, 1e8, 1e16, 1e300, 10**300])
def test_extreme_exponents_have_the_values_of_their_limits(norm: Any) -> None:
    best, limit = norm_margin(PAIR, norm), norm_margin(PAIR, "l1" if norm < 2 else "l-infinity")
    assert best.width < Fraction(1, 10**9) and float(best.lower) == pytest.approx(float(limit.lower), rel=1e-7)
    tiny = ConditionalLogit([(1, 0, [["2/1000000", "1/1000000"], [0, 0]])])
    assert norm_margin(tiny, norm).width < Fraction(1, 10**9)
    assert norm_value(float(norm), np.array([1e200, 1e-200]), (2, 1)) == pytest.approx(1e200)


def test_conjugate_exponents_are_exact() -> None:
    for p in (1.5, 1.1, 1.0001, 3.7):
        assert 1 / Fraction(p) + 1 / Fraction(dual_norm(p)) == 1


def test_a_programme_that_the_solver_fails_is_enclosed_or_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise cp.error.SolverError("no")

    monkeypatch.setattr(cp.Problem, "solve", fails)
    with pytest.raises(InvalidInput, match="Clarabel"):
        norm_programme(VALLEY, "spectral").solve()
    for norm in ("spectral", "nuclear", 1.5, 3.0):
        fresh = LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]])
        best, true = norm_margin(fresh, norm), max_margin(fresh).squared_norm
        assert 0 < best.lower <= best.upper and best.lower**2 <= true * 4 and best.upper**2 >= true / 4
    with pytest.raises(InvalidInput, match="range of floats"):
        norm_programme(ConditionalLogit([(1, 0, [[10**400], [0]])]), "l1")


def test_exact_pivots_do_not_depend_on_the_proposal(monkeypatch: pytest.MonkeyPatch) -> None:
    import ntpproofs.logit.linear_programmes as programmes

    expected = [norm_margin(random_problem(seed), norm).least_norm for seed in WITH for norm in ("l1", "l-infinity")]
    monkeypatch.setattr(programmes, "_proposed", lambda cost, rows, sides, equalities: list(range(len(rows)))[::-1])
    assert [norm_margin(random_problem(seed), norm).least_norm for seed in WITH for norm in ("l1", "l-infinity")] == expected


@pytest.mark.parametrize(
    ("name", "size"),
    [("spectral-descent", "1000000000")] + [(name, "1/1000000000000") for name in ("sign-descent", "spectral-descent", "coordinate-descent", "adam")],
)
def test_the_command_line_compares_margins_at_any_size(tmp_path: Path, name: str, size: str) -> None:
    file = tmp_path / "problem.json"
    rows = [{"weight": "1", "chosen": 0, "features": [[size, size], ["0", "0"]]}, {"weight": "1", "chosen": 0, "features": [[size, "0"], ["0", "0"]]}]
    file.write_text(json.dumps({"kind": "conditional-logit", "rows": rows}))
    result = CliRunner().invoke(app, ["limit", str(file), "--simulate", "--log-time", "5", "--optimizer", name, "--json"])
    assert result.exit_code == 0 and json.loads(result.stdout)["simulation"]["max_margin"] > 0
