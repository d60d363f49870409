"""Linear systems: infeasible ones, solved ones, log-odds over a coprime base, ranks."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import gcd
from typing import Any

from .conditions import common, need, outside, read_coefficients, read_columns
from .instances import ONE, Dataset, bounded, matrix
from .reading import Vector, field, index, listed, only, rational


def infeasible_system(record: Any, data: Dataset) -> str:
    """No vector meets the margins of the labels (for a system: it has no solution)."""
    # Farkas: for a feasible w, sum_v c_v score_v >= sum over alternatives off the labels of (-c_v) * margin 1, while the
    # left side is the constant sum_v c_v offset_v once sum c x = 0. Off the labels c sums to minus its sum on them.
    coefficients = read_coefficients(field(record, "coefficients", "certificate"), "coefficients", data, vanishing=True)
    gain = Fraction(0)
    for i, (block, vector) in enumerate(zip(data.blocks, coefficients)):
        need(all(c <= 0 for (c,) in outside(frozenset(block.labels), vector)), f"block {i}: a multiplier has the wrong sign")
        gain += (sum(vector[v] for v in block.labels) - vector[vector.length - 1] * block.offset) / Fraction(vector.denominator)
    need(gain > 0, "the combination of bounds is not positive")
    return "no vector levels the labels of every block and ranks the other alternatives at least 1 below them"


def linear_system(record: Any, data: Dataset) -> str:
    """A linear system is solved, or has no solution."""
    if data.kind == "linear-ntp":
        return _log_odds(record, data)
    only(record, ("type", "relation" if "relation" in record else "solution"), "linear-system of a system")
    if "relation" in record:
        pairs = zip(data.blocks, read_coefficients(record["relation"], "relation", data, on_labels=True, vanishing=True))
        gap = sum(Fraction(vector[1], vector.denominator) * block.offset for block, vector in pairs)
        need(gap != 0, "the relation is satisfied by the right side")
        return "the equalities have no solution"
    solution = read_columns(record, "solution", data)
    for i, block in enumerate(data.blocks):
        common(map(data.scores(solution, block).__getitem__, block.labels), f"block {i}: the equality is not met")
    return "the equalities are solved by the vector given"


Family = dict[int, dict[int, dict[int, Fraction]]]


def _over_base(record: Any, name: str, base: list[Fraction], data: Dataset) -> Family:
    # {k: {context: {token of its support: value}}}, non-zero values only, from one vector over the base per support token.
    family: Family = {k: {} for k in range(len(base))}
    for j, (row, block) in enumerate(zip(listed(field(record, name, "certificate"), name, len(data.blocks)), data.blocks)):
        subject = f"{name}[{j}]"
        need(isinstance(row, Mapping) and set(row) <= {str(v) for v in block.labels}, f"{subject} is not on the support")
        for token, given in row.items():
            vector = Vector.decode({"entries": given}, f"{subject}.{token}", len(base))
            need(bool(vector.offsets), f"{subject}.{token} is zero and must be left out")
            for k, x in vector.offsets.items():
                family[k].setdefault(j, {})[int(token)] = Fraction(x, vector.denominator)
    return family


def _factorised(base: list[Fraction], exponents: Family, data: Dataset) -> None:
    # p = prod_k g_k^e_k for every probability. Over a coprime base g^|e| divides the numerator or the denominator of p,
    # which bounds |e| before anything is raised to it.
    products = [dict.fromkeys(block.labels, ONE) for block in data.blocks]
    for k, contexts in exponents.items():
        for j, powers in contexts.items():
            for v, e in powers.items():
                size = max(data.blocks[j].labels[v].as_integer_ratio()).bit_length()
                small = e.denominator == 1 and abs(e) * (base[k].numerator.bit_length() - 1) <= size
                need(small, f"exponents[{j}].{v} gives another probability")
                products[j][v] *= base[k] ** int(e)
    for j, block in enumerate(data.blocks):
        need(products[j] == block.labels, f"exponents[{j}] gives another probability")


def _log_odds(record: Any, data: Dataset) -> str:
    # log p = sum_k e_k log g_k over pairwise coprime integers g_k > 1. Their logarithms are linearly independent over the
    # rationals, so the log-odds system is solvable iff it is solvable over the rationals for every k, and then its
    # solution of least norm is sum_k log(g_k) W_k with W_k in the span of the tied generators.
    only(record, ("type", "base", "exponents", "relation" if "relation" in record else "coefficients"), "linear-system of a dataset")
    base = [rational(g, f"base[{k}]") for k, g in enumerate(listed(field(record, "base", "certificate"), "base"))]
    product = 1
    for g in base:
        need(g > 1 == g.denominator == gcd(g.numerator, product), "the base is not made of pairwise coprime integers above 1")
        product *= g.numerator
    exponents = _over_base(record, "exponents", base, data)
    _factorised(base, exponents, data)
    if "relation" in record:
        relation = read_coefficients(record["relation"], "relation", data, on_labels=True, vanishing=True)
        sums = [sum(e * relation[j][v] / relation[j].denominator for j, row in part.items() for v, e in row.items()) for part in exponents.values()]
        need(any(sums), "the relation is satisfied by the log-probabilities")
        return "the log-odds system has no solution: the dataset is not NTP-compatible"
    reached: dict[int, list[int]] = {}
    for j, block in enumerate(data.blocks):
        for coordinate in data.right_factor(block):
            reached.setdefault(coordinate, []).append(j)
    coefficients = _over_base(record, "coefficients", base, data)
    for k, part in coefficients.items():
        need(not any(sum(row.values()) for row in part.values()), "coefficients: those of a context do not sum to zero")
        columns = data.adjoint({j: Vector.decode({"entries": row}, "coefficients", data.shape[0]) for j, row in part.items()})
        # Everywhere else the scores are zero, and so are the exponents.
        for j in exponents[k].keys() | {j for coordinate in columns for j in reached[coordinate]}:
            scores, powers = data.scores(columns, data.blocks[j]), exponents[k].get(j, {})
            levels = (scores[v] - powers.get(v, 0) * scores.denominator for v in data.blocks[j].labels)
            common(levels, f"context {j}: the log-odds are not met")
    return "the log-odds system is solvable, and the coefficients give its solution of least norm"


def rank(record: Any, data: Dataset) -> str:
    """The rank of the matrix of a system."""
    # With left (r x m) and right (n x r): left A right = I gives rank >= r, and A = (A right)(left A) gives rank <= r.
    rows = [list(data.left[block.alternatives[0]]) for block in data.blocks]  # type: ignore[index]
    r = index(field(record, "rank", "certificate"), "rank", min(len(rows), len(rows[0])) + 1)
    bounded(r * len(rows) * len(rows[0]), "rank")
    only(record, ("type", "rank", *(("left", "right") if r else ())), f"rank {r}")
    left = matrix(field(record, "left", "certificate"), "left", len(rows)) if r else ()
    right = matrix(field(record, "right", "certificate"), "right", r) if r else ((),) * len(rows[0])
    need(len(left) == r and len(right) == len(rows[0]), "a factor has the wrong shape")
    below, after = _product(left, rows), _product(rows, right)
    need(_product(below, right) == [[Fraction(i == k) for k in range(r)] for i in range(r)], "left A right is not the identity")
    need(_product(after, below) == rows if r else not any(map(any, rows)), "A right left A is not A")
    return f"the matrix has rank {r}"


def _product(a: Any, b: Any) -> list[list[Fraction]]:
    return [[sum((x * y for x, y in zip(row, column)), Fraction(0)) for column in zip(*b)] for row in a]
