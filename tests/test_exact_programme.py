"""Least-norm programmes: against enumeration of active sets, and on everything that makes float solvers fail."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, linprog, minimize

from ntpproofs.exact import programme
from ntpproofs.exact.programme import Infeasible, Optimal, Rows, combine, least_norm
from ntpproofs.exact.rational import integer_array

F = Fraction
Matrix = list[list[int]]


def rows_of(matrix: Matrix) -> Rows:
    array = integer_array(matrix, len(matrix[0]))
    return Rows(np.asarray(array @ array.T), np.array(matrix, dtype=float))


def vector(matrix: Matrix, multipliers: dict[int, Fraction]) -> list[Fraction]:
    return [sum((y * matrix[r][k] for r, y in multipliers.items()), F(0)) for k in range(len(matrix[0]))]


def inner(row: list[int], w: list[Fraction]) -> Fraction:
    return sum((a * x for a, x in zip(row, w)), F(0))


def check_answer(matrix: Matrix, equal: list[int], unequal: list[int], answer: Optimal | Infeasible) -> list[Fraction] | None:
    """The optimality (or Farkas) conditions, exactly; the optimum, or None if infeasible."""
    assert all(answer.multipliers[r] >= 0 for r in unequal if r in answer.multipliers)
    assert set(answer.multipliers) <= {*equal, *unequal}
    w = vector(matrix, answer.multipliers)
    if isinstance(answer, Infeasible):
        assert not any(w) and any(answer.multipliers.get(r, 0) > 0 for r in unequal)
        return None
    assert answer.margins == tuple(inner(row, w) for row in matrix)
    assert all(answer.margins[r] == 0 for r in equal) and all(answer.margins[r] >= 1 for r in unequal)
    assert all(answer.margins[r] == 1 for r in unequal if answer.multipliers.get(r, 0) > 0)
    return w


def solve(matrix: Matrix, equal: list[int], unequal: list[int]) -> list[Fraction] | None:
    return check_answer(matrix, equal, unequal, least_norm(rows_of(matrix), equal, unequal))


def random_system(rng: random.Random) -> tuple[Matrix, list[int], list[int]]:
    width, count = rng.randint(1, 3), rng.randint(1, 5)
    matrix = [[rng.randint(-2, 2) for _ in range(width)] for _ in range(count)]
    if rng.random() < 0.5:  # planted: feasible for the sign of one vector
        plant = [rng.randint(-2, 2) for _ in range(width)]
        matrix = [[-x for x in row] if sum(a * b for a, b in zip(row, plant)) < 0 else row for row in matrix]
    if rng.random() < 0.4:
        matrix[-1] = [rng.choice([1, 2]) * x for x in matrix[0]]
    equal = [r for r in range(count) if rng.random() < 0.2]
    return matrix, equal, [r for r in range(count) if r not in equal]


@pytest.mark.parametrize("seed", range(8))
def test_random_systems_agree_with_enumeration(seed: int, least_norm_by_enumeration: Callable[..., Any]) -> None:
    rng = random.Random(seed)
    feasible = 0
    for _ in range(40):
        matrix, equal, unequal = random_system(rng)
        expected = least_norm_by_enumeration([(matrix[r], F(1)) for r in unequal], [(matrix[r], F(0)) for r in equal])
        assert solve(matrix, equal, unequal) == expected
        feasible += expected is not None
    assert 5 < feasible < 38  # both answers are exercised


def test_larger_systems_agree_with_scipy() -> None:
    rng = random.Random(7)
    for _ in range(15):
        width = rng.randint(4, 6)
        plant = [rng.randint(-3, 3) for _ in range(width)]
        matrix = [[rng.randint(-3, 3) for _ in range(width)] for _ in range(2 * width)]
        matrix = [[-x for x in row] if sum(a * b for a, b in zip(row, plant)) < 0 else row for row in matrix]
        a = np.array(matrix, dtype=float)
        w = solve(matrix, [], list(range(len(matrix))))
        if w is None:
            assert linprog(np.zeros(width), A_ub=-a, b_ub=-np.ones(len(a)), bounds=(None, None)).status == 2
            continue
        start = linprog(np.zeros(width), A_ub=-a, b_ub=-np.ones(len(a)), bounds=(None, None)).x
        margins = LinearConstraint(a, lb=np.ones(len(a)))
        found = minimize(lambda x: x @ x / 2, start, jac=lambda x: x, constraints=margins, method="SLSQP")
        exact = np.array([float(x) for x in w])
        # SLSQP stops at 1e-6 relative; the exact optimum can only be shorter, and unique at this distance.
        assert exact @ exact <= found.x @ found.x * (1 + 1e-6)
        assert np.linalg.norm(exact - found.x) <= 1e-3 * (1 + np.linalg.norm(exact))


def test_rows_without_entries() -> None:
    # A zero row can never reach margin 1; as an equality it says nothing.
    assert solve([[0, 0], [1, 0]], [], [0, 1]) is None
    assert least_norm(rows_of([[0, 0], [1, 0]]), [], [0, 1]).multipliers == {0: F(1)}
    assert solve([[0, 0], [2, 0]], [0], [1]) == [F(1, 2), F(0)]


def test_no_inequalities() -> None:
    for equal in ([], [0], [0, 1, 2]):
        answer = least_norm(rows_of([[1, 2], [2, 4], [0, 1]]), equal, [])
        assert isinstance(answer, Optimal) and answer.multipliers == {} and answer.margins == (F(0),) * 3


def test_equalities_that_span_everything_leave_nothing() -> None:
    assert solve([[1, 0], [0, 1], [1, 1]], [0, 1], [2]) is None
    assert solve([[1, 0], [0, 1], [1, 1]], [0], [1, 2]) == [F(0), F(1)]


def test_opposite_rows_are_infeasible_with_their_sum_as_proof() -> None:
    answer = least_norm(rows_of([[2, -1], [-4, 2]]), [], [0, 1])
    assert isinstance(answer, Infeasible)
    assert answer.multipliers[0] == 2 * answer.multipliers[1] > 0


@pytest.mark.parametrize("copies", [2, 5])
def test_duplicate_rows(copies: int) -> None:
    matrix = [[1, 0], [0, 1]] * copies
    assert solve(matrix, [], list(range(2 * copies))) == [F(1), F(1)]


def test_duplicate_rows_that_differ_by_one_billionth() -> None:
    # (1, 0) and (1 - 1e-9, 1e-9) over the common denominator 10^9: below any float tolerance, decided exactly.
    scale = 10**9
    matrix = [[scale, 0], [scale - 1, 1], [scale, 1]]
    # The second row alone carries the optimum, row / |row|^2; the others then exceed 1 by about 1e-9.
    squared = (scale - 1) ** 2 + 1
    assert solve(matrix, [], [0, 1, 2]) == [F(scale - 1, squared), F(1, squared)]
    # Turned the other way the first two rows are both active: w_1 = 1 / scale, w_2 = 1 / scale.
    assert solve([[scale, 0], [scale - 1, 1], [-scale, scale]], [2], [0, 1]) == [F(1, scale), F(1, scale)]
    opposite = [[scale, 0], [-scale, 1], [0, -1]]
    assert solve(opposite, [], [0, 1, 2]) is None
    assert solve(opposite[:2], [], [0, 1]) is not None


@pytest.mark.parametrize("power", [40, 80])
def test_huge_entries(power: int, least_norm_by_enumeration: Callable[..., Any]) -> None:
    rng = random.Random(power)
    for _ in range(10):
        matrix = [[rng.randint(-(2**power), 2**power) for _ in range(3)] for _ in range(4)]
        matrix.append([x + rng.randint(-1, 1) for x in matrix[0]])
        expected = least_norm_by_enumeration([(row, F(1)) for row in matrix], [])
        assert solve(matrix, [], list(range(5))) == expected
    mixed = [[2**power, 1], [1, 2**power], [1, 1]]
    assert solve(mixed, [], [0, 1, 2]) == least_norm_by_enumeration([(row, F(1)) for row in mixed], [])


def test_many_constraints_through_one_vertex(least_norm_by_enumeration: Callable[..., Any]) -> None:
    # Every row has margin exactly 1 at (1, 1, 1): a fully degenerate vertex.
    rows = [[a, b, 1 - a - b] for a in range(-1, 2) for b in range(-1, 2)]
    w = solve(rows, [], list(range(len(rows))))
    assert w == least_norm_by_enumeration([(row, F(1)) for row in rows], [])
    assert w is not None and all(inner(row, w) >= 1 for row in rows)


@pytest.mark.parametrize("guess", ["nothing", "everything", "reversed", "wrong"])
def test_the_answer_does_not_depend_on_the_proposal(guess: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(3)
    systems = [random_system(rng) for _ in range(60)]
    expected = [solve(*system) for system in systems]

    def propose(floats: np.ndarray, equalities: list[int], inequalities: list[int]) -> list[int]:
        return {"nothing": [], "everything": inequalities, "reversed": inequalities[::-1], "wrong": inequalities[-1:]}[guess]

    monkeypatch.setattr(programme, "_propose", propose)
    assert [solve(*system) for system in systems] == expected


def test_unlucky_primes_cost_a_retry_only(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(4)
    systems = [random_system(rng) for _ in range(80)]
    expected = [solve(*system) for system in systems]
    monkeypatch.setattr(programme, "PRIMES", (2, 3, *programme.PRIMES))
    assert [solve(*system) for system in systems] == expected
    # Modulo 2 the equality (1, 1) looks dependent (its Gram entry is 2), so the first prime drops it.
    assert solve([[1, 1], [1, 0]], [0], [1]) == [F(1), F(-1)]
    monkeypatch.setattr(programme, "PRIMES", (2,))
    with pytest.raises(ArithmeticError, match="primes"):
        solve([[1, 1], [1, 0]], [0], [1])


def test_combinations_are_exact() -> None:
    rows = rows_of([[1, 2], [3, -1], [0, 5]])
    assert combine(rows, {0: F(1, 2), 2: F(-1, 3)}) == (F(5, 2) - F(10, 3), F(1, 2) + F(5, 3), F(5) - F(25, 3))
    assert combine(rows, {}) == (F(0),) * 3 and len(rows) == 3


@pytest.mark.parametrize("seed", range(6))
def test_few_of_many_rows_decide(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # The programme of some rows, to which those that it violates are added, has the optimum of all of them.
    rng = np.random.default_rng(seed)
    rows = rng.integers(-9, 10, size=(300, 3))
    rows = rows[(rows @ np.array([2, 1, -1])) > 0]
    system = Rows(rows @ rows.T, rows.astype(float))
    whole = least_norm(system, [], list(range(len(rows))))
    monkeypatch.setattr(programme, "LARGE", 10)
    again = least_norm(system, [], list(range(len(rows))))
    assert isinstance(whole, Optimal) and isinstance(again, Optimal) and whole.margins == again.margins
    both = np.vstack([rows, -rows[:1]])
    assert isinstance(least_norm(Rows(both @ both.T, both.astype(float)), [], list(range(len(both)))), Infeasible)
