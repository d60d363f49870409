"""The Goldman-Tucker partition against linear programming, with both witnesses checked exactly."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

from ntpproofs.exact import cone
from ntpproofs.exact.cone import Partition, Rows, partition
from ntpproofs.exact.interior import partition_proposal
from ntpproofs.exact.rational import integer_array

F = Fraction
Matrix = list[list[int]]


def split(matrix: Matrix, equal: list[int], unequal: list[int]) -> Partition:
    array = integer_array(matrix, len(matrix[0]))
    return partition(Rows(np.asarray(array @ array.T), np.array(matrix, dtype=float)), equal, unequal)


def check_witnesses(matrix: Matrix, equal: list[int], unequal: list[int], found: Partition) -> None:
    assert found.tied <= set(unequal)
    assert all(found.circulation[r] > 0 for r in found.tied)
    assert set(found.circulation) <= {*found.tied, *equal}
    width = len(matrix[0])
    assert [sum((y * matrix[r][k] for r, y in found.circulation.items()), F(0)) for k in range(width)] == [0] * width
    margins = found.optimum.margins
    assert all(margins[r] == 0 for r in [*equal, *found.tied])
    assert all(margins[r] >= 1 for r in unequal if r not in found.tied)


def by_linear_programming(matrix: Matrix, equal: list[int], unequal: list[int]) -> set[int]:
    # max sum s with <w, d_r> >= s_r and 0 <= s <= 1 has s in {0, 1} at the optimum: zero exactly on the tied rows.
    width, count = len(matrix[0]), len(unequal)
    a = np.array(matrix, dtype=float)
    upper = np.hstack([-a[unequal], np.eye(count)])
    levels = np.hstack([a[equal], np.zeros((len(equal), count))]) if equal else None
    objective = np.concatenate([np.zeros(width), -np.ones(count)])
    bounds = [(None, None)] * width + [(0, 1)] * count
    found = linprog(objective, A_ub=upper, b_ub=np.zeros(count), A_eq=levels, b_eq=np.zeros(len(equal)) if equal else None, bounds=bounds)
    s = found.x[width:]
    assert found.status == 0 and np.all(np.minimum(np.abs(s), np.abs(1 - s)) < 1e-6)
    return {r for r, x in zip(unequal, s) if x < 0.5}


def random_system(rng: random.Random) -> tuple[Matrix, list[int], list[int]]:
    width, count = rng.randint(1, 4), rng.randint(1, 7)
    matrix = [[rng.randint(-2, 2) for _ in range(width)] for _ in range(count)]
    for r in range(1, count):
        what = rng.random()
        if what < 0.2:  # an opposite, a multiple, a dependent row: what ties are made of
            matrix[r] = [-rng.randint(1, 2) * x for x in matrix[rng.randrange(r)]]
        elif what < 0.3:
            matrix[r] = [x + y for x, y in zip(matrix[rng.randrange(r)], matrix[rng.randrange(r)])]
    equal = [r for r in range(count) if rng.random() < 0.15]
    return matrix, equal, [r for r in range(count) if r not in equal]


@pytest.mark.parametrize("seed", range(6))
def test_random_systems_agree_with_linear_programming(seed: int) -> None:
    rng = random.Random(seed)
    kinds = set()
    for _ in range(50):
        matrix, equal, unequal = random_system(rng)
        found = split(matrix, equal, unequal)
        check_witnesses(matrix, equal, unequal, found)
        if unequal:
            assert found.tied == by_linear_programming(matrix, equal, unequal)
            kinds.add((bool(found.tied), len(found.tied) < len(unequal)))
    assert kinds == {(True, False), (True, True), (False, True)}  # overlap, quasi-complete and complete all occur


@pytest.mark.parametrize(
    ("matrix", "equal", "tied"),
    [
        ([[1, 0], [-1, 0], [0, 1]], [], {0, 1}),
        ([[1, 1], [-1, 0], [0, -1]], [], {0, 1, 2}),  # a cycle of three
        ([[1, 0], [0, 1], [-1, -1], [1, -1]], [], {0, 1, 2, 3}),
        ([[0, 0], [1, 0]], [], {0}),  # the zero row is tied
        ([[1, 0], [0, 1]], [0], set()),
        ([[1, 0], [1, 0], [0, 1]], [0], {1}),  # in the span of an equality
        ([[1, 2], [2, 4], [0, 1]], [2, 0], {1}),
        ([[2, 0], [0, 3], [1, -1]], [], set()),
        # One Farkas round finds {0, 1}; only then is row 2 tied, together with row 3 (levels in succession).
        ([[1, 0, 0], [-1, 0, 0], [1, 1, 0], [-2, -1, 0], [0, 0, 1]], [], {0, 1, 2, 3}),
        ([[1, 1], [-1, 1]], [], set()),
    ],
)
def test_partitions_by_hand(matrix: Matrix, equal: list[int], tied: set[int]) -> None:
    unequal = [r for r in range(len(matrix)) if r not in equal]
    found = split(matrix, equal, unequal)
    check_witnesses(matrix, equal, unequal, found)
    assert found.tied == tied


def test_without_inequalities() -> None:
    found = split([[1, 2]], [0], [])
    assert (found.tied, found.circulation, found.optimum.multipliers) == (frozenset(), {}, {})


def test_scaling_rows_changes_nothing() -> None:
    rng = random.Random(11)
    for _ in range(30):
        matrix, equal, unequal = random_system(rng)
        factors = [rng.choice([1, 3, 2**41]) for _ in matrix]
        scaled = [[factor * x for x in row] for factor, row in zip(factors, matrix)]
        assert split(scaled, equal, unequal).tied == split(matrix, equal, unequal).tied


def test_absorbing_rows_of_the_span_is_only_a_shortcut(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(12)
    systems = [random_system(rng) for _ in range(60)]
    expected = [split(*system).tied for system in systems]
    monkeypatch.setattr(cone, "_absorb", lambda rows, equalities, tied, circulation, remaining: circulation)
    for system, tied in zip(systems, expected):
        found = split(*system)
        check_witnesses(*system, found)
        assert found.tied == tied


def planted(rng: random.Random, width: int, separable: int, cycles: int) -> Matrix:
    # Opposite pairs and triangles along the first half of the coordinates, everything else positive along the last one.
    half = width // 2
    rows: Matrix = []
    for _ in range(cycles):
        x = [rng.randint(-9, 9) for _ in range(half)] + [0] * (width - half)
        y = [rng.randint(-9, 9) for _ in range(half)] + [0] * (width - half)
        rows += [x, [-a for a in x]] if rng.random() < 0.5 else [x, y, [-a - 2 * b for a, b in zip(x, y)], y]
    rows += [[rng.randint(-9, 9) for _ in range(width - 1)] + [rng.randint(1, 9)] for _ in range(separable)]
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_one_programme_proposes_what_certificates_collect(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    matrix = planted(rng, 10, 12, 8)
    equal = [0, 4]
    unequal = [r for r in range(len(matrix)) if r not in equal]
    collected = split(matrix, equal, unequal)
    monkeypatch.setattr(cone, "SMALL", 0)
    monkeypatch.setattr(cone, "_absorb", None)  # everything comes from the programme, nothing from later rounds
    found = split(matrix, equal, unequal)
    check_witnesses(matrix, equal, unequal, found)
    assert found.tied == collected.tied and 0 < len(found.tied) < len(unequal)


@pytest.mark.parametrize("wrong", ["all tied", "none tied", "half the multipliers"])
def test_a_wrong_proposal_costs_time_only(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(5)
    matrix = planted(rng, 8, 9, 6)
    unequal = list(range(len(matrix)))
    expected = split(matrix, [], unequal).tied

    def proposal(rows: Rows, equalities: object, inequalities: list[int], lengths: np.ndarray) -> object:
        tied = [] if wrong == "none tied" else inequalities if wrong == "all tied" else sorted(expected)[::2]
        return tied, np.ones(len(inequalities)), np.zeros(0)

    monkeypatch.setattr(cone, "SMALL", 0)
    monkeypatch.setattr(cone, "_programme", proposal)
    found = split(matrix, [], unequal)
    check_witnesses(matrix, [], unequal, found)
    assert found.tied == expected


@pytest.mark.parametrize("seed", range(4))
def test_merging_equal_rows_changes_nothing(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(30):
        matrix, equal, unequal = random_system(rng)
        copies = [rng.randint(1, 3) for _ in matrix]
        classes = [r for r, n in enumerate(copies) for _ in range(n)]
        longer = [matrix[r] for r in classes]
        again = [k for k, r in enumerate(classes) if r in equal]
        others = [k for k, r in enumerate(classes) if r not in equal]
        array = integer_array(longer, len(longer[0]))
        rows = Rows(np.asarray(array @ array.T), np.array(longer, dtype=float), classes=np.array(classes))
        found = partition(rows, again, others)
        check_witnesses(longer, again, others, found)
        alone = split(matrix, equal, unequal)
        assert found.tied == {k for k in others if classes[k] in alone.tied}
        assert [found.optimum.margins[k] for k in others] == [alone.optimum.margins[classes[k]] for k in others]


@pytest.mark.parametrize("seed", range(12))
def test_many_rows_go_through_the_interior_point(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cone, "SMALL", 0)
    rng = random.Random(seed)
    width = rng.randint(1, 3)
    cut = rng.random() < 0.5  # rows within a half space, some of them on its border: quasi-complete
    matrix = [[rng.randint(-3, 3) for _ in range(width)] for _ in range(60)]
    matrix = [[abs(row[0]) if cut else row[0], *row[1:]] for row in matrix]
    matrix = [row for row in matrix if any(row)]
    found = split(matrix, [], list(range(len(matrix))))
    check_witnesses(matrix, [], list(range(len(matrix))), found)
    assert found.tied == by_linear_programming(matrix, [], list(range(len(matrix))))


def test_the_proposal_of_many_rows_needs_no_correction() -> None:
    rng = np.random.default_rng(0)
    rows = rng.integers(-9, 10, size=(500, 4)).astype(float)
    rows = rows[np.abs(rows).any(axis=1)]
    margins, multipliers = partition_proposal(rows / np.linalg.norm(rows, axis=1)[:, None]) or (None, None)
    assert margins is not None and multipliers is not None and (margins < 0.5).all() and (multipliers > 0.5).all()
    residual = multipliers @ (rows / np.linalg.norm(rows, axis=1)[:, None])
    assert np.abs(residual).max() < 1e-6
