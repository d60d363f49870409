"""The verifiers: each certificate type is a theorem of the alternative, checked in exact arithmetic.

A certificate file is {"format", "instance", "certificates", "digest"}; the page "Exact certificates" of the documentation
restates every check below so that an independent verifier can be written from that page alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import gcd, prod
from pathlib import Path
from typing import Any

from ..errors import InvalidInput, VerificationFailed
from .instances import ONE, Dataset, decode_dataset, matrix
from .reading import CERTIFICATE_LIMIT, Vector, field, index, listed, rational, read

FORMAT = "ntpproofs-certificate/1"
FIELDS = {"format", "instance", "certificates", "digest"}


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the document without its digest, written as JSON with sorted keys and no spaces."""
    body = {key: value for key, value in document.items() if key != "digest"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _need(condition: bool, message: str) -> None:
    if not condition:
        raise VerificationFailed(message)


def _outside(inside: frozenset[int], *vectors: Vector) -> Iterator[tuple[int, ...]]:
    # The numerators of the vectors at every index not inside: one by one where some vector has an entry of its own, and the
    # defaults once if there remains an index that no vector singles out.
    named = set().union(*(vector.offsets.keys() for vector in vectors)) - inside
    yield from (tuple(vector[v] for vector in vectors) for v in named)
    if vectors[0].length > len(named) + len(inside):
        yield tuple(vector.default for vector in vectors)


def _tied(record: Any, data: Dataset) -> list[frozenset[int]]:
    sets = []
    for i, (block, given) in enumerate(zip(data.blocks, listed(field(record, "tied", "tied"), "tied", len(data.blocks)))):
        named = [index(v, f"tied[{i}]", len(block.alternatives)) for v in listed(given, f"tied[{i}]")]
        _need(named == sorted(set(named)), f"tied[{i}] is not a strictly increasing list")
        _need(set(block.labels) <= set(named), f"tied[{i}] misses a label")
        sets.append(frozenset(named))
    return sets


def _columns(record: Any, name: str, data: Dataset) -> list[Vector]:
    given = listed(field(record, name, "certificate"), name, data.shape[1])
    return [Vector.decode(column, f"{name}[{k}]", data.shape[0]) for k, column in enumerate(given)]


def _coefficients(record: Any, name: str, data: Dataset) -> list[Vector]:
    # One vector per block over its alternatives, with sum zero: sum_b sum_v c_bv x_bv is then a combination of feature
    # differences, whatever alternative they are anchored at.
    given = listed(field(record, name, "certificate"), name, len(data.blocks))
    pairs = enumerate(zip(data.blocks, given))
    vectors = [Vector.decode(vector, f"{name}[{i}]", len(block.alternatives)) for i, (block, vector) in pairs]
    _need(all(vector.total() == 0 for vector in vectors), f"{name}: the coefficients of a block do not sum to zero")
    return vectors


def _vanishes(columns: list[Vector]) -> bool:
    return all(column.vanishes() for column in columns)


def _level(scores: Vector, tied: frozenset[int], i: int) -> int:
    values = {scores[v] for v in tied}
    _need(len(values) == 1, f"block {i}: tied alternatives have different scores")
    return values.pop()


def _on_labels(vectors: list[Vector], data: Dataset) -> bool:
    pairs = zip(data.blocks, vectors)
    return all(c == 0 for block, vector in pairs for (c,) in _outside(frozenset(block.labels), vector))


def _separation(record: Any, data: Dataset) -> str:
    # Goldman-Tucker: a vector with zero margin on every tied and positive margin on every separable pair, together with a
    # positive combination of the tied differences that vanishes, proves the partition. Differences between two labels of
    # a block occur in both directions, so their multipliers can be raised together and their coefficients are free.
    tied, separator = _tied(record, data), _columns(record, "separator", data)
    circulation, separable = _coefficients(record, "circulation", data), False
    for i, (block, inside) in enumerate(zip(data.blocks, tied)):
        scores = data.scores(separator, block)
        level = _level(scores, inside, i)
        for score, c in _outside(inside, scores, circulation[i]):
            separable = True
            _need(score < level, f"block {i}: an alternative called separable has no positive margin")
            _need(c == 0, f"block {i}: the circulation is not zero on a separable alternative")
        tight = all(circulation[i][v] < 0 for v in inside - block.labels.keys())
        _need(tight, f"block {i}: the circulation is not negative on a tied alternative")
    _need(_vanishes(data.adjoint(circulation)), "the circulation does not vanish")
    complete = all(len(inside) == 1 for inside in tied)
    name = "overlap" if not separable else "complete" if complete else "quasi-complete"
    _need(field(record, "class", "separation") == name, f"the class is {name}")
    return f"the separation class is {name}, and the tied alternatives are exactly those listed"


def _optimal_qp(record: Any, data: Dataset) -> str:
    # KKT: w = sum c x with c <= 0 off the tied sets and c < 0 only where the margin is exactly 1, so w is the unique
    # vector of least norm among those with level tied scores and margins of at least 1.
    tied, solution = _tied(record, data), _columns(record, "solution", data)
    multipliers = _coefficients(record, "multipliers", data)
    for i, (block, inside) in enumerate(zip(data.blocks, tied)):
        scores = data.scores(solution, block)
        level = _level(scores, inside, i)
        for score, c in _outside(inside, scores, multipliers[i]):
            _need(level - score >= scores.denominator, f"block {i}: an alternative has margin below 1")
            _need(c <= 0, f"block {i}: a multiplier has the wrong sign")
            _need(c == 0 or level - score == scores.denominator, f"block {i}: a multiplier is positive off the support")
    pairs = zip(solution, data.adjoint(multipliers))
    _need(_vanishes([Vector.combine(data.shape[0], [(ONE, w), (-ONE, c)]) for w, c in pairs]), "the solution is not sum c x")
    squares = (Fraction(sum(column[i] ** 2 for i in range(column.length)), column.denominator**2) for column in solution)
    squared = rational(field(record, "squared_norm", "optimal-qp"), "squared_norm")
    _need(squared == sum(squares, Fraction(0)), "the squared norm is wrong")
    return "the solution has the least norm among vectors with level scores on tied sets and margins of at least 1"


def _infeasible_system(record: Any, data: Dataset) -> str:
    # Farkas: for a feasible w, sum_v c_v score_v >= sum over alternatives off the labels of (-c_v) * margin 1, while the
    # left side is the constant sum_v c_v offset_v once sum c x = 0.
    coefficients = _coefficients(record, "coefficients", data)
    _need(_vanishes(data.adjoint(coefficients)), "the combination of differences does not vanish")
    gain = Fraction(0)
    for i, (block, vector) in enumerate(zip(data.blocks, coefficients)):
        values = [c for (c,) in _outside(frozenset(block.labels), vector)]
        _need(all(c <= 0 for c in values), f"block {i}: a multiplier has the wrong sign")
        gain -= (sum(values) + vector[vector.length - 1] * block.offset) / Fraction(vector.denominator)
    _need(gain > 0, "the combination of bounds is not positive")
    return "no vector levels the labels of every block and ranks the other alternatives at least 1 below them"


def _linear_system(record: Any, data: Dataset) -> str:
    if data.kind == "linear-ntp":
        return _log_odds(record, data)
    if "relation" in record:
        relation = _coefficients(record, "relation", data)
        _need(_on_labels(relation, data) and _vanishes(data.adjoint(relation)), "the relation does not vanish")
        pairs = zip(data.blocks, relation)
        gap = sum(Fraction(vector[1], vector.denominator) * block.offset for block, vector in pairs)
        _need(gap != 0, "the relation is satisfied by the right side")
        return "the linear system has no solution"
    solution = _columns(record, "solution", data)
    for i, block in enumerate(data.blocks):
        _level(data.scores(solution, block), frozenset(block.labels), i)
    return "the linear system is solved by the vector given"


def _log_odds(record: Any, data: Dataset) -> str:
    # log p = sum_k e_k log g_k over pairwise coprime integers g_k > 1. Their logarithms are linearly independent over the
    # rationals, so the log-odds system is solvable iff it is solvable over the rationals for every k, and then its
    # solution of least norm is sum_k log(g_k) W_k with W_k in the span of the tied generators.
    base = [rational(g, "base").numerator for g in listed(field(record, "base", "linear-system"), "base")]
    coprime = all(g > 1 and gcd(g, prod(base[:k])) == 1 for k, g in enumerate(base))
    _need(coprime, "the base is not made of pairwise coprime integers above 1")
    exponents: list[dict[int, dict[int, int]]] = []
    for j, row in enumerate(listed(field(record, "exponents", "linear-system"), "exponents", len(data.blocks))):
        labels = data.blocks[j].labels
        _need(isinstance(row, Mapping) and set(row) == {str(v) for v in labels}, f"exponents[{j}] are not on the support")
        exponents.append({})
        for v, share in labels.items():
            powers = {index(k, "exponents", len(base)): rational(e, "exponents").numerator for k, e in row[str(v)].items()}
            _need(all(abs(e) < 10_000 for e in powers.values()), "an exponent is out of range")
            _need(prod((Fraction(base[k]) ** e for k, e in powers.items()), start=ONE) == share, "exponents give another probability")
            exponents[-1][v] = powers
    if "relation" in record:
        relation = _coefficients(record, "relation", data)
        _need(_on_labels(relation, data) and _vanishes(data.adjoint(relation)), "the relation does not vanish")
        pairs = [(Fraction(c[v], c.denominator), e) for c, row in zip(relation, exponents) for v, e in row.items()]
        sums = [sum(c * e.get(k, 0) for c, e in pairs) for k in range(len(base))]
        _need(any(sums), "the relation is satisfied by the log-probabilities")
        return "the log-odds system has no solution: the dataset is not NTP-compatible"
    for k, part in enumerate(listed(field(record, "coefficients", "linear-system"), "coefficients", len(base))):
        coefficients = _coefficients({"coefficients": part}, "coefficients", data)
        _need(_on_labels(coefficients, data), "a coefficient lies off the supports")
        columns = data.adjoint(coefficients)
        for j, block in enumerate(data.blocks):
            scores = data.scores(columns, block)
            levels = {scores[v] - exponents[j][v].get(k, 0) * scores.denominator for v in block.labels}
            _need(len(levels) == 1, f"context {j}: the log-odds are not met")
    return "the log-odds system is solvable, and the coefficients give its solution of least norm"


def _rank(record: Any, data: Dataset) -> str:
    # With left (r x m) and right (n x r): left A right = I gives rank >= r, and A = (A right)(left A) gives rank <= r.
    rows = [[x - y for x, y in zip(data.left[v], data.left[0])] for v, _ in (b.alternatives for b in data.blocks)]  # type: ignore[index]
    r = index(field(record, "rank", "rank"), "rank", min(len(rows), len(rows[0])) + 1)
    left = matrix(record["left"], "left", len(rows)) if r else ()
    right = matrix(record["right"], "right", r) if r else ((),) * len(rows[0])
    _need(len(left) == r and len(right) == len(rows[0]), "a factor has the wrong shape")
    below, after = _product(left, rows), _product(rows, right)
    _need(_product(below, right) == [[Fraction(i == k) for k in range(r)] for i in range(r)], "left A right is not the identity")
    _need(_product(after, below) == rows if r else not any(map(any, rows)), "A right left A is not A")
    return f"the matrix has rank {r}"


def _product(a: Any, b: Any) -> list[list[Fraction]]:
    return [[sum((x * y for x, y in zip(row, column)), Fraction(0)) for column in zip(*b)] for row in a]


VERIFIERS: dict[str, Callable[[Any, Dataset], str]] = {
    "separation": _separation, "optimal-qp": _optimal_qp, "infeasible-system": _infeasible_system,
    "linear-system": _linear_system, "rank": _rank,
}  # fmt: skip
DATASETS = {"linear-ntp", "attention-ntp", "conditional-logit"}
APPLIES = {"separation": DATASETS, "linear-system": {"linear-ntp", "system"}, "rank": {"system"}}


def verify(document: Any) -> list[str]:
    """Check every certificate of a document and return, in words, what has been proved.

    Raises `InvalidInput` if the document is not a certificate, `VerificationFailed` if a check fails.
    """
    if field(document, "format", "certificate") != FORMAT:
        raise InvalidInput("format", f"is not {FORMAT!r}", "write the certificate again with this version")
    _need(document.get("digest") == digest(document), "the digest does not match: the file was changed")
    if set(document) != FIELDS:
        raise InvalidInput("certificate", "has missing or unknown fields", f"the fields are {', '.join(sorted(FIELDS))}")
    data = decode_dataset(document["instance"])
    proved, partitions = [], []
    for record in listed(document["certificates"], "certificates"):
        kind = field(record, "type", "certificate")
        if not isinstance(kind, str) or kind not in VERIFIERS or data.kind not in APPLIES.get(kind, {data.kind}):
            raise InvalidInput("type", f"{kind!r} does not apply to {data.kind}", f"types: {', '.join(VERIFIERS)}")
        proved.append(f"{kind}: {VERIFIERS[kind](record, data)}")
        partitions += [record["tied"]] if "tied" in record else []
    _need(bool(proved), "there is nothing to verify")
    _need(all(tied == partitions[0] for tied in partitions), "the certificates use different tied sets")
    return proved


def verify_file(path: str | Path) -> list[str]:
    """`verify` on a certificate file; reading errors are `InvalidInput`."""
    return verify(read(path, CERTIFICATE_LIMIT))
