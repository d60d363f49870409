"""Rational linear algebra against SymPy, and the border between machine integers and exact ones."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations
from math import isqrt
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import fmpq, fmpz

from ntpproofs.errors import InvalidInput
from ntpproofs.exact.rational import (
    clear_denominators,
    dot,
    fraction,
    fractions,
    independent,
    integer_array,
    null_space,
    primitive,
    rank,
    row_space,
    sub,
    to_flint,
)

F = Fraction
RNG = random.Random(20240219)


def random_matrix(rows: int, columns: int, deficient: bool) -> list[list[Fraction]]:
    matrix = [[F(RNG.randint(-3, 3), RNG.choice([1, 1, 2, 3])) for _ in range(columns)] for _ in range(rows)]
    if deficient and rows > 1:
        a, b = RNG.sample(range(rows), 2)
        matrix[a] = [2 * x - matrix[0][k] for k, x in enumerate(matrix[b])]
    return matrix


MATRICES = [random_matrix(RNG.randint(1, 5), RNG.randint(1, 5), i % 2 == 0) for i in range(60)] + [
    [[F(0)]],
    [[F(0)] * 3] * 2,
    [[F(1, 10**9)], [F(1)]],
    [[F(2**40), F(2**40 + 1)], [F(2**40 - 1), F(2**40)]],
]


def symbolic(matrix: Any) -> sp.Matrix:
    return sp.Matrix([[sp.Rational(x.numerator, x.denominator) for x in row] for row in matrix])


@pytest.mark.parametrize("matrix", MATRICES, ids=range(len(MATRICES)))
def test_rank_and_spaces_agree_with_sympy(matrix: list[list[Fraction]]) -> None:
    reference, width = symbolic(matrix), len(matrix[0])
    assert rank(matrix) == reference.rank()
    echelon, _ = reference.rref()
    rows = [tuple(F(int(x.p), int(x.q)) for x in echelon.row(i)) for i in range(rank(matrix))]
    assert list(row_space(matrix)) == rows
    kernel = null_space(matrix, width)
    assert len(kernel) == width - rank(matrix) == len(reference.nullspace())
    assert all(dot(row, vector) == 0 for row in matrix for vector in kernel)
    assert [tuple(F(int(x.p), int(x.q)) for x in vector) for vector in reference.nullspace()] == list(kernel)


def test_equal_spaces_have_equal_bases() -> None:
    for matrix in MATRICES[:40]:
        other = [[3 * x for x in row] for row in reversed(matrix)] + [[x + y for x, y in zip(matrix[0], matrix[-1])]]
        assert row_space(other) == row_space(matrix)


def test_empty_matrices() -> None:
    assert rank([]) == rank([[]]) == 0
    assert row_space([]) == () and null_space([], 2) == ((F(1), F(0)), (F(0), F(1)))
    assert null_space([], 0) == ()


@pytest.mark.parametrize("dtype", [np.int64, object])
def test_independent_is_the_first_maximal_independent_subset(dtype: Any) -> None:
    for matrix in MATRICES[:40]:
        integers, _ = clear_denominators(matrix)
        gram = (np.array(integers, dtype=object) @ np.array(integers, dtype=object).T).astype(dtype)
        order = list(range(len(matrix)))
        RNG.shuffle(order)
        expected: list[int] = []
        for r in order:
            if symbolic([matrix[i] for i in [*expected, r]]).rank() == len(expected) + 1:
                expected.append(r)
        assert independent(gram, order) == expected
    assert independent(np.zeros((0, 0), dtype=np.int64), []) == []


def test_an_unlucky_prime_hides_independence_only() -> None:
    # det = 7, so the rows look dependent modulo 7; "independent" modulo any prime is a proof.
    gram = np.array([[2, 1], [1, 4]])
    assert independent(gram, [0, 1]) == [0, 1] and independent(gram, [0, 1], prime=7) == [0]
    for matrix in MATRICES[:30]:
        integers, _ = clear_denominators(matrix)
        gram = np.array(integers, dtype=object) @ np.array(integers, dtype=object).T
        for prime in (2, 3, 5):
            kept = independent(gram, list(range(len(matrix))), prime)
            assert rank([matrix[i] for i in kept] or [[F(0)]]) == len(kept)


def test_clear_denominators_scales_by_the_least_common_multiple() -> None:
    for matrix in MATRICES:
        integers, scale = clear_denominators(matrix)
        assert all(type(x) is int and F(x, scale) == y for row, exact in zip(integers, matrix) for x, y in zip(row, exact))
        assert scale == sp.ilcm(1, *(x.denominator for row in matrix for x in row))


@pytest.mark.parametrize(
    ("vector", "expected"),
    [([F(2, 3), F(-4, 3)], [1, -2]), ([F(0), F(0)], [0, 0]), ([F(6)], [1]), ([F(-1, 2), F(1, 3), F(0)], [-3, 2, 0]), ([F(5, 7)], [1])],
)
def test_primitive_is_the_shortest_positive_integer_multiple(vector: list[Fraction], expected: list[int]) -> None:
    assert primitive(vector) == tuple(map(F, expected))


def test_integer_arrays_never_overflow() -> None:
    # The largest magnitude whose sums of n products stay in int64, and the next one.
    for products in (1, 3, 1_000):
        edge = isqrt((2**62 - 1) // products)
        inside = integer_array([[edge] * products, [-edge] * products], products)
        assert inside.dtype == np.int64 and (inside @ inside.T)[0].tolist() == [edge * edge * products, -edge * edge * products]
        outside = integer_array([[edge + 1] * products], products)
        assert outside.dtype == object and (outside @ outside.T).tolist() == [[(edge + 1) ** 2 * products]]
    assert integer_array([[2**31, 1]], 4).dtype == object and integer_array([[2**62]]).dtype == object
    big = integer_array([[2**40, 1], [2**40 + 1, 3]], 2)
    assert (big @ big.T).tolist() == [[2**80 + 1, 2**40 * (2**40 + 1) + 3], [2**40 * (2**40 + 1) + 3, (2**40 + 1) ** 2 + 9]]
    assert integer_array([]).size == 0


def test_conversions() -> None:
    assert fraction(fmpq(-4, 6)) == F(-2, 3) and fraction(fmpz(7)) == fraction(7) == F(7)
    assert fractions([1, "1/2", F(2, 3)]) == (F(1), F(1, 2), F(2, 3))
    matrix = [[F(1, 2), F(-3)], [F(0), F(2**70, 3)]]
    assert [[fraction(x) for x in row] for row in to_flint(matrix).tolist()] == matrix
    array = np.arange(12).reshape(3, 4)
    assert sub(array, [2, 0], [1, 3]).tolist() == [[9, 11], [1, 3]]
    assert (sub(array, [], [1]).nrows(), sub(array, [1], []).ncols()) == (0, 0)


def test_floats_are_refused_with_their_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        fractions([1, 0.5], "embedding")
    assert caught.value.subject == "embedding[1]"


def test_inner_products_need_equal_lengths() -> None:
    assert dot([F(1, 2), F(2)], [F(4), F(-1)]) == 0
    with pytest.raises(ValueError, match="zip"):
        dot([F(1)], [F(1), F(2)])


def test_independent_sets_are_maximal_on_all_orders() -> None:
    rows = [[1, 0], [2, 0], [0, 1], [1, 1]]
    gram = np.array(rows) @ np.array(rows).T
    for order in combinations(range(4), 3):
        kept = independent(gram, list(order))
        assert len(kept) == rank([[F(x) for x in rows[i]] for i in order])
