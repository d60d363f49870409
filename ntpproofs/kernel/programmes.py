"""Separation and least norms: the partition of the alternatives and the programmes on it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .conditions import margins, need, read_coefficients, read_columns, stationary, tied_sets
from .instances import Dataset
from .reading import Vector, brief, field, rational, require


def partition(record: Any, data: Dataset) -> tuple[list[frozenset[int]], list[Vector], str]:
    """The tied sets, the circulation and the class that a separator and a circulation prove."""
    # Goldman-Tucker: a vector with zero margin on every tied and positive margin on every separable pair, together with a
    # positive combination of the tied differences that vanishes, proves the partition. Differences between two labels of
    # a block occur in both directions, so their multipliers can be raised together and their coefficients are free.
    tied, separator = tied_sets(record, data), read_columns(record, "separator", data)
    circulation = read_coefficients(field(record, "circulation", "certificate"), "circulation", data, vanishing=True)
    separable = False
    for where, margin, c in margins(separator, tied, circulation, data):
        separable = True
        need(margin > 0, f"{where}: an alternative called separable has no positive margin")
        need(c == 0, f"{where}: the circulation is not zero on a separable alternative")
    for i, (block, inside, vector) in enumerate(zip(data.blocks, tied, circulation)):
        need(all(vector[v] < 0 for v in inside - block.labels.keys()), f"block {i}: the circulation is not negative on a tied pair")
    name = "overlap" if not separable else "complete" if all(len(inside) == 1 for inside in tied) else "quasi-complete"
    return tied, circulation, name


def separation(record: Any, data: Dataset) -> str:
    """The tied alternatives of every block and the class."""
    _, _, name = partition(record, data)
    need(field(record, "class", "certificate") == name, f"the class is {name}")
    return f"the separation class is {name}, and the tied alternatives are exactly those listed"


def optimal_qp(record: Any, data: Dataset, strict: bool = False) -> str:
    """The least norm with level scores on the tied sets and margins of at least 1 elsewhere."""
    # KKT: w = sum c x with c <= 0 off the tied sets and c < 0 only where the margin is exactly 1, so w is the unique
    # vector of least norm among those with level tied scores and margins of at least 1.
    tied, solution = tied_sets(record, data), read_columns(record, "solution", data)
    labels_only = all(inside == block.labels.keys() for block, inside in zip(data.blocks, tied))
    need(labels_only or data.kind != "system", "a system ties its equalities only")
    multipliers = read_coefficients(field(record, "multipliers", "certificate"), "multipliers", data)
    for where, margin, c in margins(solution, tied, multipliers, data):
        need(margin >= 1, f"{where}: an alternative has margin below 1")
        need(c <= 0, f"{where}: a multiplier has the wrong sign")
        need(c == 0 or margin == 1, f"{where}: a multiplier is positive off the support")
        need(c < 0 or margin > 1 or not strict, f"{where}: a multiplier vanishes on the support")
    stationary(solution, multipliers, record, data)
    return "the solution has the least norm among vectors with level scores on tied sets and margins of at least 1"


def strict_complementarity(record: Any, data: Dataset) -> str:
    """The same with a positive multiplier on every pair of margin 1."""
    return f"{optimal_qp(record, data, strict=True)}, and a multiplier is positive on every pair of margin 1"


def norm_margin(record: Any, data: Dataset) -> str:
    """The least l1 or l-infinity norm under the same conditions."""
    # Weak duality: sum of -c off the tied sets <= <w, sum c x> <= N(w) N*(sum c x) for every w with level tied scores and
    # margins of at least 1 and every c <= 0 off the tied sets, so equality proves both optimal.
    tied, solution = tied_sets(record, data), read_columns(record, "solution", data)
    multipliers = read_coefficients(field(record, "multipliers", "certificate"), "multipliers", data)
    for where, margin, c in margins(solution, tied, multipliers, data):
        need(margin >= 1, f"{where}: an alternative has margin below 1")
        need(c <= 0, f"{where}: a multiplier has the wrong sign")
    off = Fraction(0)
    for inside, vector in zip(tied, multipliers):  # each sums to zero: what is off the tied set is minus what is on it
        off += Fraction(sum(vector[v] for v in inside), vector.denominator)
    norm, value = field(record, "norm", "certificate"), rational(field(record, "value", "certificate"), "value")
    require(norm in ("l1", "l-infinity"), "norm", f"is {brief(norm)}", "write l1 or l-infinity")
    sizes, dual = ([column.sizes() for column in columns.values()] for columns in (solution, data.adjoint(dict(enumerate(multipliers)))))
    total, largest = sum((total for total, _ in sizes), Fraction(0)), max(largest for _, largest in sizes)
    dual_total, dual_largest = sum((total for total, _ in dual), Fraction(0)), max((largest for _, largest in dual), default=Fraction(0))
    need((dual_largest if norm == "l1" else dual_total) <= 1, "the dual norm of sum c x is above 1")
    need(off == value, "the multipliers do not sum to the value")
    need((total if norm == "l1" else largest) == value, "the norm of the solution is not the value")
    return f"the solution has the least {norm} norm among vectors with level scores on tied sets and margins of at least 1"
