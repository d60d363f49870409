"""The max-margin direction: enumeration of active sets, and degenerate programmes whose answers are known by hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from ntpproofs.exact.rational import dot
from ntpproofs.geometry import decompose, max_margin, separation
from ntpproofs.problems import ConditionalLogit, LinearNTP

F = Fraction


def cone(*differences: str) -> ConditionalLogit:
    """One two-alternative row per difference d, written "x y ...": the label beats the origin by <w, d>."""
    return ConditionalLogit([(1, 0, [d.split(), ["0"] * len(d.split())]) for d in differences])


def vector(text: str) -> tuple[Fraction, ...]:
    return tuple(map(F, text.split()))


# (differences, direction, support rows, strong rows, multipliers unique after merging equal ones)
DEGENERATE = {
    # A third constraint through the optimum (1, 1) of the first two, inside their cone: multipliers (1 - t/2, 1 - t/2, t), all strong.
    "third constraint through the vertex": (["1 0", "0 1", "1/2 1/2"], "1 1", {0, 1, 2}, {0, 1, 2}, False),
    # Active at the optimum (1, 0) of the first alone, outside its ray: multiplier zero in every solution.
    "active without force": (["1 0", "1 1"], "1 0", {0, 1}, {0}, True),
    "active without force on both sides": (["1 0", "1 1", "1 -1"], "1 0", {0, 1, 2}, {0, 1, 2}, False),
    "two weak rows": (["1 0 0", "1 1 0", "1 0 1"], "1 0 0", {0, 1, 2}, {0}, True),
    # The weak row is opposed by another only in combination: 1/2 (1, 1) + 1/2 (1, -1) = (1, 0).
    "one weak among strong ones": (["1 1 0", "1 -1 0", "1 0 1"], "1 0 0", {0, 1, 2}, {0, 1}, True),
    "duplicate rows": (["1 0", "1 0", "0 1"], "1 1", {0, 1, 2}, {0, 1, 2}, True),
    # Tied rows (0, 1), (0, -1) span T; the separable rows differ by an element of T only, so they merge.
    "equal after projection": (["0 1", "0 -1", "1 0", "1 5", "1 -2"], "1 0", {2, 3, 4}, {2, 3, 4}, True),
    "equal after projection, weak": (["0 1 0", "0 -1 0", "1 0 0", "1 5 0", "1 0 1"], "1 0 0", {2, 3, 4}, {2, 3}, True),
    "generic": (["1 0", "0 1"], "1 1", {0, 1}, {0, 1}, True),
    "slack": (["1 0", "0 1", "2 2"], "1 1", {0, 1}, {0, 1}, True),
    "scaled": (["1/3 0", "0 2"], "3 1/2", {0, 1}, {0, 1}, True),
    "one row": (["3 4"], "3/25 4/25", {0}, {0}, True),
    "a square of four": (["1 1 0", "1 -1 0", "1 0 1", "1 0 -1"], "1 0 0", {0, 1, 2, 3}, {0, 1, 2, 3}, False),
    "nothing separable": (["1 0", "-1 0"], "0 0", set(), set(), True),
}


@pytest.fixture(params=DEGENERATE)
def degenerate(request: pytest.FixtureRequest) -> Any:
    return DEGENERATE[request.param]


def test_supports_by_hand(degenerate: Any) -> None:
    differences, direction, support, strong, unique = degenerate
    found = max_margin(cone(*differences))
    assert found.direction == vector(direction)
    assert found.support == {(i, 1) for i in support}
    assert found.strong_support == {(i, 1) for i in strong}
    assert found.weak_support == {(i, 1) for i in support - strong}
    assert found.strictly_complementary == (support == strong)
    assert found.unique_multipliers == unique


def test_multipliers_satisfy_the_optimality_conditions(degenerate: Any) -> None:
    differences, direction, _, strong, _ = degenerate
    problem = cone(*differences)
    found, parts = max_margin(problem), decompose(problem)
    d = problem.differences()
    assert set(found.multipliers) == parts.separation.separable
    assert all(x >= 0 for x in found.multipliers.values())
    assert {i for (i, _), x in found.multipliers.items() if x} <= strong
    combination = [sum((x * d[pair][k] for pair, x in found.multipliers.items()), F(0)) for k in range(problem.dimension)]
    assert parts.diverging.project(tuple(combination)) == vector(direction)
    assert sum(found.multipliers.values(), F(0)) == found.squared_norm == dot(found.direction, found.direction)


def test_weak_rows_are_zero_in_every_multiplier(degenerate: Any) -> None:
    # By another route: the largest multiplier of a support row, over the multiplier polytope, is zero exactly on weak rows.
    import numpy as np
    from scipy.optimize import linprog

    differences, _, support, strong, _ = degenerate
    problem = cone(*differences)
    parts = decompose(problem)
    order = sorted(support)
    if not order:
        return
    d = problem.differences()
    z = np.array([[float(x) for x in parts.diverging.project(d[i, 1])] for i in order])
    u = np.array([float(x) for x in max_margin(problem).direction])
    for k, i in enumerate(order):
        found = linprog(-np.eye(len(order))[k], A_eq=z.T, b_eq=u)
        assert found.status == 0 and (-found.fun > 1e-9) == (i in strong)


def test_the_second_level_direction() -> None:
    # D = argmin |D| with <D, z> = 0 on strong and >= 1 on weak rows.
    assert max_margin(cone("1 0", "1 1")).second_level_direction == vector("0 1")
    assert max_margin(cone("1 0 0", "1 1 0", "1 0 1")).second_level_direction == vector("0 1 1")
    assert max_margin(cone("1 1 0", "1 -1 0", "1 0 1")).second_level_direction == vector("0 0 1")
    assert max_margin(cone("1 0", "0 1")).second_level_direction == vector("0 0")
    # Scaled data: z = (1/2, 1/3) is weak at u = (2, 0), so D = (0, 3).
    assert max_margin(cone("1/2 0", "1/2 1/3")).second_level_direction == vector("0 3")
    for name, (differences, *_) in DEGENERATE.items():
        found = max_margin(cone(*differences))
        gap = dot(found.second_level_direction, found.direction)
        assert gap == 0, name


def test_levels_of_degeneracy_by_hand() -> None:
    # e1, e1 + e2, e1 + e2 + e3, ...: every level leaves the next row weak.
    staircase = cone("1 0 0 0", "1 1 0 0", "1 1 1 0", "1 1 1 1")
    assert max_margin(staircase).directions == (vector("1 0 0 0"), vector("0 1 0 0"), vector("0 0 1 0"), vector("0 0 0 1"))
    # D = (0, 1, 0) has <D, (1, 2, 1)> = 2, so that row is not active one level up and asks for nothing more; (1, 1, 1/2) does.
    assert max_margin(cone("1 0 0", "1 1 0", "1 1 1/2", "1 2 1")).directions == (vector("1 0 0"), vector("0 1 0"), vector("0 0 2"))
    assert max_margin(cone("1 0", "0 1")).directions == (vector("1 1"),)
    assert max_margin(cone("1 0", "-1 0")).directions == (vector("0 0"),)


def test_every_level_satisfies_its_optimality_conditions() -> None:
    # By another route than the one that found them: HiGHS on the multiplier polytope says which rows are strong.
    import numpy as np
    from instances import small_integer
    from scipy.optimize import linprog

    met = 0
    for seed in range(60_000, 60_320):
        found = max_margin(small_integer(seed))
        for level in found.levels if not found.strictly_complementary else ():
            met += 1
            rows = level.rows.floats
            w = sum((float(x) * rows[r] for r, x in level.optimum.multipliers.items()), np.zeros(rows.shape[1]))
            assert np.allclose([w @ rows[r] for r in level.equalities], 0) and all(level.optimum.margins[r] >= 1 for r in level.inequalities)
            frame = np.vstack([rows[[*level.equalities, *level.active]]]).T
            bounds = [(None, None)] * len(level.equalities) + [(0, None)] * len(level.active)
            for k, r in enumerate(level.active):
                cost = np.zeros(frame.shape[1])
                cost[len(level.equalities) + k] = -1.0
                answer = linprog(cost, A_eq=frame, b_eq=w, bounds=bounds)
                assert (answer.status == 3 or -answer.fun > 1e-9) == (r in level.strong)
    assert met >= 20


def random_logit(rng: random.Random) -> ConditionalLogit:
    width = rng.randint(1, 3)
    plant = [rng.randint(-2, 2) for _ in range(width)]
    rows = []
    for _ in range(rng.randint(1, 4)):
        features = [[F(rng.randint(-2, 2), rng.choice([1, 1, 2])) for _ in range(width)] for _ in range(rng.randint(2, 3))]
        scores = [sum(a * b for a, b in zip(plant, x)) for x in features]
        chosen = scores.index(max(scores)) if rng.random() < 0.8 else rng.randrange(len(features))
        rows.append((1, chosen, features))
    return ConditionalLogit(rows)


@pytest.mark.parametrize("seed", range(4))
def test_random_programmes_agree_with_enumeration(seed: int, least_norm_by_enumeration: Callable[..., Any]) -> None:
    rng = random.Random(seed)
    separable = 0
    for _ in range(25):
        problem = random_logit(rng)
        decided, d = separation(problem), problem.differences()
        expected = least_norm_by_enumeration([(d[p], F(1)) for p in sorted(decided.separable)], [(d[p], F(0)) for p in sorted(decided.tied)])
        assert list(max_margin(problem).direction) == expected
        separable += bool(decided.separable)
    assert separable > 10


def relabelled(problem: ConditionalLogit, order: list[int]) -> ConditionalLogit:
    """The rows in another order, the alternatives of each reversed."""
    rows = []
    for i in order:
        row = problem.rows[i]
        size = len(row.features)
        rows.append((row.weight, size - 1 - row.chosen, row.features[::-1], row.multiplicities[::-1]))
    return ConditionalLogit(rows)


@pytest.mark.parametrize("seed", range(3))
def test_laws(seed: int) -> None:
    rng = random.Random(100 + seed)
    for _ in range(15):
        problem = random_logit(rng)
        rows = [(r.weight, r.chosen, r.features, r.multiplicities) for r in problem.rows]
        base, parts = max_margin(problem), decompose(problem)
        # Duplicating the data, changing weights and multiplicities: the same separation and direction.
        twice = ConditionalLogit(rows + rows)
        assert max_margin(twice).direction == base.direction and separation(twice).kind == separation(problem).kind
        assert decompose(twice).tied.basis == parts.tied.basis and decompose(twice).diverging.basis == parts.diverging.basis
        other = ConditionalLogit([(a * (i + 2), y, x, [n + v + 1 for v, n in enumerate(m)]) for i, (a, y, x, m) in enumerate(rows)])
        assert max_margin(other).direction == base.direction and separation(other).tied == separation(problem).tied
        # Features times c: the separation stays, u and w* are divided by c.
        scaled = ConditionalLogit([(a, y, [[F(3, 2) * e for e in f] for f in x], m) for a, y, x, m in rows])
        assert tuple(F(3, 2) * x for x in max_margin(scaled).direction) == base.direction
        assert separation(scaled).tied == separation(problem).tied and max_margin(scaled).support == base.support
        w, v = decompose(scaled).finite_part, parts.finite_part
        gap = sum(((F(3, 2) * x - y) ** 2 for x, y in zip(w.center, v.center)), F(0))
        assert gap <= (F(3, 2) * w.radius + v.radius) ** 2
        # Rows permuted, alternatives reversed: everything follows.
        order = list(range(len(rows)))
        rng.shuffle(order)
        moved = relabelled(problem, order)
        place = {i: k for k, i in enumerate(order)}
        size = [len(row.features) for row in problem.rows]
        assert separation(moved).tied == {(place[i], size[i] - 1 - a) for i, a in separation(problem).tied}
        assert max_margin(moved).direction == base.direction
        assert max_margin(moved).support == {(place[i], size[i] - 1 - a) for i, a in base.support}
        assert max_margin(moved).strong_support == {(place[i], size[i] - 1 - a) for i, a in base.strong_support}
        # Shifting all features of a row by one vector changes no difference.
        shifted = ConditionalLogit([(a, y, [[e + F(5, 3) for e in f] for f in x], m) for a, y, x, m in rows])
        assert max_margin(shifted).direction == base.direction


def test_words_with_equal_support_pattern_have_equal_rows() -> None:
    # Tokens 0 and 4 follow the same contexts: equal rows of W^mm, different rows of W*.
    problem = LinearNTP([[1, 0], [0, 1], [-1, -1]], [["1/2", "1/4", 0, 0, "1/4"], ["1/3", 0, 0, "1/3", "1/3"], [0, "1/5", "2/5", "2/5", 0]])
    u = problem.lift(max_margin(problem).direction)
    assert u[0] == u[4] and u[0] != u[1]
    rows = [["1/4", "1/2", 0, 0, "1/4"], ["1/5", 0, 0, "2/5", "2/5"], [0, "1/3", "1/3", "1/3", 0]]
    other = LinearNTP(problem.embeddings, rows, ["1/2", "1/4", "1/4"])
    assert max_margin(other).direction == max_margin(problem).direction  # supports only
    finite = problem.lift(decompose(problem).finite_part.center)
    assert sum((x - y) ** 2 for x, y in zip(finite[0], finite[4])) > F(1, 100)


def test_orthogonal_maps_of_the_embeddings_turn_the_direction() -> None:
    problem = LinearNTP([[1, 0], [1, 1]], [["1/2", "1/4", "1/4"], [1, 0, 0]])
    q = [[F(3, 5), F(4, 5)], [F(-4, 5), F(3, 5)]]

    def turn(rows: Any) -> Any:
        return [[sum((a * x for a, x in zip(line, row)), F(0)) for line in q] for row in rows]

    turned = LinearNTP(turn(problem.embeddings), problem.probabilities)
    assert list(map(list, turned.lift(max_margin(turned).direction))) == turn(problem.lift(max_margin(problem).direction))
