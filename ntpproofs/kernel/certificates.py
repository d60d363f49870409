"""The verifiers: each certificate type is a theorem of the alternative, checked in exact arithmetic.

A certificate file is {"format", "instance", "certificates", "digest"}; the page "Exact certificates" of the documentation
restates every check below so that an independent verifier can be written from that page alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from math import gcd
from pathlib import Path
from typing import Any

from ..errors import VerificationFailed
from .instances import ONE, Dataset, bounded, decode_dataset, matrix
from .reading import CERTIFICATE_LIMIT, Vector, brief, field, index, listed, only, rational, read, require

FORMAT = "ntpproofs-certificate/2"
Columns = dict[int, Vector]
FIELDS = ("format", "instance", "certificates", "digest")


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the document without its digest, written as JSON with sorted keys and no spaces."""
    text = _text({key: value for key, value in document.items() if key != "digest"})
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _text(value: Any, depth: int = 16) -> str:
    # json.dumps refuses integers of more than 4300 digits; Decimal prints any.
    require(depth > 0, "certificate", "is nested too deeply", "no format needs more than seven levels")
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        pass
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_text(value[key], depth - 1)}" for key in sorted(value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_text(entry, depth - 1) for entry in value) + "]"
    return str(Decimal(value)) if type(value) is int else json.dumps(value)


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
    for i, (block, given) in enumerate(zip(data.blocks, listed(field(record, "tied", "certificate"), "tied", len(data.blocks)))):
        named = [index(v, f"tied[{i}]", len(block.alternatives)) for v in listed(given, f"tied[{i}]")]
        _need(named == sorted(set(named)), f"tied[{i}] is not a strictly increasing list")
        _need(set(block.labels) <= set(named), f"tied[{i}] misses a label")
        sets.append(frozenset(named))
    return sets


def _vectors(given: Any, name: str, lengths: list[int]) -> Columns:
    pairs = enumerate(zip(listed(given, name, len(lengths)), lengths))
    return {i: Vector.decode(vector, f"{name}[{i}]", length) for i, (vector, length) in pairs}


def _columns(record: Any, name: str, data: Dataset) -> Columns:
    columns = _vectors(field(record, name, "certificate"), name, [data.shape[0]] * data.shape[1])
    bounded(sum(len(columns[k].offsets) for block in data.blocks for k in data.right_factor(block)), name)
    return columns


def _coefficients(given: Any, name: str, data: Dataset, *, on_labels: bool = False, vanishing: bool = False) -> list[Vector]:
    # One vector per block over its alternatives, with sum zero: sum_b sum_v c_bv x_bv is then a combination of feature
    # differences, whatever alternative they are anchored at. It may be asked to use labels only, or to vanish.
    vectors = _vectors(given, name, [len(block.alternatives) for block in data.blocks])
    bounded(sum(len(vectors[b].offsets) * len(data.right_factor(block)) for b, block in enumerate(data.blocks)), name)
    _need(all(vector.total() == 0 for vector in vectors.values()), f"{name}: the coefficients of a block do not sum to zero")
    for block, vector in zip(data.blocks, vectors.values() if on_labels else ()):
        _need(not any(c for (c,) in _outside(frozenset(block.labels), vector)), f"{name}: a coefficient is not on a label")
    for column in data.adjoint(vectors).values() if vanishing else ():
        _need(column.vanishes(), f"{name}: the combination of differences does not vanish")
    return list(vectors.values())


def _common(values: Iterable[Any], message: str) -> Any:
    distinct = set(values)
    _need(len(distinct) == 1, message)
    return distinct.pop()


def _margins(columns: Columns, tied: list[frozenset[int]], given: list[Vector], data: Dataset) -> Iterator[tuple[str, Fraction, int]]:
    # The name of the block, the margin and the numerator of the coefficient, for every alternative off the tied sets.
    for i, (block, inside, c) in enumerate(zip(data.blocks, tied, given)):
        scores = data.scores(columns, block)
        level = _common((scores[v] for v in inside), f"block {i}: tied alternatives have different scores")
        yield from ((f"block {i}", Fraction(level - score, scores.denominator), sign) for score, sign in _outside(inside, scores, c))


def _separation(record: Any, data: Dataset) -> str:
    # Goldman-Tucker: a vector with zero margin on every tied and positive margin on every separable pair, together with a
    # positive combination of the tied differences that vanishes, proves the partition. Differences between two labels of
    # a block occur in both directions, so their multipliers can be raised together and their coefficients are free.
    tied, separator = _tied(record, data), _columns(record, "separator", data)
    circulation = _coefficients(field(record, "circulation", "certificate"), "circulation", data, vanishing=True)
    separable = False
    for where, margin, c in _margins(separator, tied, circulation, data):
        separable = True
        _need(margin > 0, f"{where}: an alternative called separable has no positive margin")
        _need(c == 0, f"{where}: the circulation is not zero on a separable alternative")
    for i, (block, inside, vector) in enumerate(zip(data.blocks, tied, circulation)):
        _need(all(vector[v] < 0 for v in inside - block.labels.keys()), f"block {i}: the circulation is not negative on a tied pair")
    name = "overlap" if not separable else "complete" if all(len(inside) == 1 for inside in tied) else "quasi-complete"
    _need(field(record, "class", "certificate") == name, f"the class is {name}")
    return f"the separation class is {name}, and the tied alternatives are exactly those listed"


def _optimal_qp(record: Any, data: Dataset, strict: bool = False) -> str:
    # KKT: w = sum c x with c <= 0 off the tied sets and c < 0 only where the margin is exactly 1, so w is the unique
    # vector of least norm among those with level tied scores and margins of at least 1.
    tied, solution = _tied(record, data), _columns(record, "solution", data)
    labels_only = all(inside == block.labels.keys() for block, inside in zip(data.blocks, tied))
    _need(labels_only or data.kind != "system", "a system ties its equalities only")
    multipliers = _coefficients(field(record, "multipliers", "certificate"), "multipliers", data)
    for where, margin, c in _margins(solution, tied, multipliers, data):
        _need(margin >= 1, f"{where}: an alternative has margin below 1")
        _need(c <= 0, f"{where}: a multiplier has the wrong sign")
        _need(c == 0 or margin == 1, f"{where}: a multiplier is positive off the support")
        _need(c < 0 or margin > 1 or not strict, f"{where}: a multiplier vanishes on the support")
    combined = data.adjoint(dict(enumerate(multipliers)))
    for k, w in solution.items():
        minus = [(-ONE, combined[k])] if k in combined else []
        _need(Vector.combine(data.shape[0], [(ONE, w), *minus]).vanishes(), "the solution is not sum c x")
    squared = sum((w.squared_norm() for w in solution.values()), Fraction(0))
    _need(rational(field(record, "squared_norm", "certificate"), "squared_norm") == squared, "the squared norm is wrong")
    return "the solution has the least norm among vectors with level scores on tied sets and margins of at least 1"


def _strict_complementarity(record: Any, data: Dataset) -> str:
    return f"{_optimal_qp(record, data, strict=True)}, and a multiplier is positive on every pair of margin 1"


def _norm_margin(record: Any, data: Dataset) -> str:
    # Weak duality: sum of -c off the tied sets <= <w, sum c x> <= N(w) N*(sum c x) for every w with level tied scores and
    # margins of at least 1 and every c <= 0 off the tied sets, so equality proves both optimal.
    tied, solution = _tied(record, data), _columns(record, "solution", data)
    multipliers = _coefficients(field(record, "multipliers", "certificate"), "multipliers", data)
    for where, margin, c in _margins(solution, tied, multipliers, data):
        _need(margin >= 1, f"{where}: an alternative has margin below 1")
        _need(c <= 0, f"{where}: a multiplier has the wrong sign")
    off = Fraction(0)
    for inside, vector in zip(tied, multipliers):  # each sums to zero: what is off the tied set is minus what is on it
        off += Fraction(sum(vector[v] for v in inside), vector.denominator)
    norm, value = field(record, "norm", "certificate"), rational(field(record, "value", "certificate"), "value")
    require(norm in ("l1", "l-infinity"), "norm", f"is {brief(norm)}", "write l1 or l-infinity")
    sizes, dual = ([column.sizes() for column in columns.values()] for columns in (solution, data.adjoint(dict(enumerate(multipliers)))))
    total, largest = sum((total for total, _ in sizes), Fraction(0)), max(largest for _, largest in sizes)
    dual_total, dual_largest = sum((total for total, _ in dual), Fraction(0)), max((largest for _, largest in dual), default=Fraction(0))
    _need((dual_largest if norm == "l1" else dual_total) <= 1, "the dual norm of sum c x is above 1")
    _need(off == value, "the multipliers do not sum to the value")
    _need((total if norm == "l1" else largest) == value, "the norm of the solution is not the value")
    return f"the solution has the least {norm} norm among vectors with level scores on tied sets and margins of at least 1"


def _infeasible_system(record: Any, data: Dataset) -> str:
    # Farkas: for a feasible w, sum_v c_v score_v >= sum over alternatives off the labels of (-c_v) * margin 1, while the
    # left side is the constant sum_v c_v offset_v once sum c x = 0. Off the labels c sums to minus its sum on them.
    coefficients = _coefficients(field(record, "coefficients", "certificate"), "coefficients", data, vanishing=True)
    gain = Fraction(0)
    for i, (block, vector) in enumerate(zip(data.blocks, coefficients)):
        _need(all(c <= 0 for (c,) in _outside(frozenset(block.labels), vector)), f"block {i}: a multiplier has the wrong sign")
        gain += (sum(vector[v] for v in block.labels) - vector[vector.length - 1] * block.offset) / Fraction(vector.denominator)
    _need(gain > 0, "the combination of bounds is not positive")
    return "no vector levels the labels of every block and ranks the other alternatives at least 1 below them"


def _linear_system(record: Any, data: Dataset) -> str:
    if data.kind == "linear-ntp":
        return _log_odds(record, data)
    only(record, ("type", "relation" if "relation" in record else "solution"), "linear-system of a system")
    if "relation" in record:
        pairs = zip(data.blocks, _coefficients(record["relation"], "relation", data, on_labels=True, vanishing=True))
        gap = sum(Fraction(vector[1], vector.denominator) * block.offset for block, vector in pairs)
        _need(gap != 0, "the relation is satisfied by the right side")
        return "the equalities have no solution"
    solution = _columns(record, "solution", data)
    for i, block in enumerate(data.blocks):
        _common(map(data.scores(solution, block).__getitem__, block.labels), f"block {i}: the equality is not met")
    return "the equalities are solved by the vector given"


Family = dict[int, dict[int, dict[int, Fraction]]]


def _over_base(record: Any, name: str, base: list[Fraction], data: Dataset) -> Family:
    # {k: {context: {token of its support: value}}}, non-zero values only, from one vector over the base per support token.
    family: Family = {k: {} for k in range(len(base))}
    for j, (row, block) in enumerate(zip(listed(field(record, name, "certificate"), name, len(data.blocks)), data.blocks)):
        subject = f"{name}[{j}]"
        _need(isinstance(row, Mapping) and set(row) <= {str(v) for v in block.labels}, f"{subject} is not on the support")
        for token, given in row.items():
            vector = Vector.decode({"entries": given}, f"{subject}.{token}", len(base))
            _need(bool(vector.offsets), f"{subject}.{token} is zero and must be left out")
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
                _need(small, f"exponents[{j}].{v} gives another probability")
                products[j][v] *= base[k] ** int(e)
    for j, block in enumerate(data.blocks):
        _need(products[j] == block.labels, f"exponents[{j}] gives another probability")


def _log_odds(record: Any, data: Dataset) -> str:
    # log p = sum_k e_k log g_k over pairwise coprime integers g_k > 1. Their logarithms are linearly independent over the
    # rationals, so the log-odds system is solvable iff it is solvable over the rationals for every k, and then its
    # solution of least norm is sum_k log(g_k) W_k with W_k in the span of the tied generators.
    only(record, ("type", "base", "exponents", "relation" if "relation" in record else "coefficients"), "linear-system of a dataset")
    base = [rational(g, f"base[{k}]") for k, g in enumerate(listed(field(record, "base", "certificate"), "base"))]
    product = 1
    for g in base:
        _need(g > 1 == g.denominator == gcd(g.numerator, product), "the base is not made of pairwise coprime integers above 1")
        product *= g.numerator
    exponents = _over_base(record, "exponents", base, data)
    _factorised(base, exponents, data)
    if "relation" in record:
        relation = _coefficients(record["relation"], "relation", data, on_labels=True, vanishing=True)
        sums = [sum(e * relation[j][v] / relation[j].denominator for j, row in part.items() for v, e in row.items()) for part in exponents.values()]
        _need(any(sums), "the relation is satisfied by the log-probabilities")
        return "the log-odds system has no solution: the dataset is not NTP-compatible"
    reached: dict[int, list[int]] = {}
    for j, block in enumerate(data.blocks):
        for coordinate in data.right_factor(block):
            reached.setdefault(coordinate, []).append(j)
    coefficients = _over_base(record, "coefficients", base, data)
    for k, part in coefficients.items():
        _need(not any(sum(row.values()) for row in part.values()), "coefficients: those of a context do not sum to zero")
        columns = data.adjoint({j: Vector.decode({"entries": row}, "coefficients", data.shape[0]) for j, row in part.items()})
        # Everywhere else the scores are zero, and so are the exponents.
        for j in exponents[k].keys() | {j for coordinate in columns for j in reached[coordinate]}:
            scores, powers = data.scores(columns, data.blocks[j]), exponents[k].get(j, {})
            levels = (scores[v] - powers.get(v, 0) * scores.denominator for v in data.blocks[j].labels)
            _common(levels, f"context {j}: the log-odds are not met")
    return "the log-odds system is solvable, and the coefficients give its solution of least norm"


def _rank(record: Any, data: Dataset) -> str:
    # With left (r x m) and right (n x r): left A right = I gives rank >= r, and A = (A right)(left A) gives rank <= r.
    rows = [list(data.left[block.alternatives[0]]) for block in data.blocks]  # type: ignore[index]
    r = index(field(record, "rank", "certificate"), "rank", min(len(rows), len(rows[0])) + 1)
    bounded(r * len(rows) * len(rows[0]), "rank")
    only(record, ("type", "rank", *(("left", "right") if r else ())), f"rank {r}")
    left = matrix(field(record, "left", "certificate"), "left", len(rows)) if r else ()
    right = matrix(field(record, "right", "certificate"), "right", r) if r else ((),) * len(rows[0])
    _need(len(left) == r and len(right) == len(rows[0]), "a factor has the wrong shape")
    below, after = _product(left, rows), _product(rows, right)
    _need(_product(below, right) == [[Fraction(i == k) for k in range(r)] for i in range(r)], "left A right is not the identity")
    _need(_product(after, below) == rows if r else not any(map(any, rows)), "A right left A is not A")
    return f"the matrix has rank {r}"


def _product(a: Any, b: Any) -> list[list[Fraction]]:
    return [[sum((x * y for x, y in zip(row, column)), Fraction(0)) for column in zip(*b)] for row in a]


DATASETS = ("linear-ntp", "attention-ntp", "conditional-logit")
# Certificate types: the check, the kinds of instance it applies to, the fields beside "type".
TYPES: dict[str, tuple[Callable[[Any, Dataset], str], tuple[str, ...], tuple[str, ...]]] = {
    "separation": (_separation, DATASETS, ("class", "tied", "separator", "circulation")),
    "optimal-qp": (_optimal_qp, (*DATASETS, "system"), ("tied", "solution", "multipliers", "squared_norm")),
    "strict-complementarity": (_strict_complementarity, DATASETS, ("tied", "solution", "multipliers", "squared_norm")),
    "norm-margin": (_norm_margin, DATASETS, ("norm", "tied", "solution", "multipliers", "value")),
    "infeasible-system": (_infeasible_system, (*DATASETS, "system"), ("coefficients",)),
    "linear-system": (_linear_system, ("linear-ntp", "system"), ("base", "exponents", "coefficients", "relation", "solution")),
    "rank": (_rank, ("system",), ("rank", "left", "right")),
}


def verify(document: Any) -> list[str]:
    """Check every certificate of a document and return, in words, what has been proved.

    Raises `InvalidInput` if the document is not a certificate, `VerificationFailed` if a check fails.
    """
    require(field(document, "format", "certificate") == FORMAT, "format", f"is not {FORMAT!r}", "write it again with this version")
    given = {name: field(document, name, "certificate") for name in FIELDS}
    only(document, FIELDS, "certificate")
    _need(given["digest"] == digest(document), "the digest does not match: the file was changed")
    data = decode_dataset(given["instance"])
    proved, partitions = [], []
    for record in listed(given["certificates"], "certificates"):
        kind = field(record, "type", "certificate")
        known = isinstance(kind, str) and kind in TYPES and data.kind in TYPES[kind][1]
        require(known, "type", f"{brief(kind)} does not apply to {data.kind}", f"types: {', '.join(TYPES)}")
        check, _, fields = TYPES[kind]
        only(record, ("type", *fields), kind)
        proved.append(f"{kind}: {check(record, data)}")
        partitions += [[[int(v) for v in named] for named in record["tied"]]] if "tied" in record else []
    _need(bool(proved), "there is nothing to verify")
    _need(all(tied == partitions[0] for tied in partitions), "the certificates use different tied sets")
    if journal := os.environ.get("NTPPROOFS_JOURNAL"):  # what was accepted, one document a line, for another kernel to read
        with Path(journal, f"{os.getpid()}.jsonl").open("a", encoding="ascii") as lines:
            lines.write(_text(document) + "\n")
    return proved


def verify_file(path: str | Path, instance: str | Path | None = None) -> list[str]:
    """`verify` on a certificate file, which must be about the instance in the other file if one is given; reading errors are `InvalidInput`."""
    document = read(path, CERTIFICATE_LIMIT)
    proved = verify(document)
    if instance is not None:
        same = decode_dataset(read(instance)) == decode_dataset(document["instance"])
        _need(same, f"the certificate is about another instance than {instance}")
    return proved
