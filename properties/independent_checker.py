"""A certificate checker written from the page "Exact certificates" alone: dense matrices of fractions, nothing shared with the kernel, no speed."""

from __future__ import annotations

import hashlib
import json
import re
from fractions import Fraction
from itertools import combinations
from math import factorial, gcd
from typing import Any

Row = list[Fraction]
# alternatives (their feature matrices, flat), labels, constants
Choice = tuple[list[Row], list[int], Row]


class Refused(Exception):
    """The document is not a certificate, or a check fails."""


def need(condition: Any) -> None:
    if not condition:
        raise Refused


def number(x: Any) -> Fraction:
    if isinstance(x, str):
        need(re.fullmatch(r"-?[0-9]+(/[0-9]*[1-9][0-9]*)?", x))
    need(isinstance(x, (int, str)) and not isinstance(x, bool))
    return Fraction(x)


def index(x: Any, bound: int) -> int:
    if isinstance(x, str):
        need(re.fullmatch("0|[1-9][0-9]{0,17}", x))
        x = int(x)
    need(isinstance(x, int) and not isinstance(x, bool) and 0 <= x < bound)
    return x


def items(x: Any, length: int | None = None) -> list[Any]:
    need(isinstance(x, list) and length in (None, len(x)))
    return x


def record(x: Any, needed: set[str], optional: set[str] = set()) -> dict[str, Any]:  # noqa: B006
    need(isinstance(x, dict) and needed <= set(x) <= needed | optional)
    return x


def vector(x: Any, n: int) -> Row:
    if isinstance(x, dict):
        record(x, {"entries"}, {"default"})
        need(isinstance(x["entries"], dict))
        entries = {index(k, n): number(value) for k, value in x["entries"].items()}
        return [entries.get(i, number(x.get("default", 0))) for i in range(n)]
    return [number(value) for value in items(x, n)]


def rows(x: Any, width: int | None = None) -> list[Row]:
    need(items(x))
    width = len(items(x[0])) if width is None else width
    need(width > 0)
    return [vector(row, width) for row in x]


def outer(left: Row, right: Row) -> Row:
    return [a * b for a in left for b in right]


def basis(i: int, n: int) -> Row:
    return [Fraction(i == k) for k in range(n)]


def dot(x: Row, y: Row) -> Fraction:
    return sum((a * b for a, b in zip(x, y, strict=True)), Fraction(0))


def positive(x: Any) -> Fraction:
    need(number(x) > 0)
    return number(x)


def read_instance(x: Any) -> tuple[str, tuple[int, int], list[Choice], Any]:
    """(kind, shape of w, blocks, the probabilities of a linear-ntp instance or the rows of a system)."""
    need(isinstance(x, dict))
    kind = x.get("kind")
    if kind == "linear-ntp":
        record(x, {"kind", "embeddings", "probabilities"}, {"weights", "vocabulary_size"})
        m = len(items(x["probabilities"]))
        need(m)
        size = x["vocabulary_size"] if "vocabulary_size" in x else len(items(x["probabilities"][0]))
        need(isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= 10_000_000)
        if "weights" in x:
            need(sum(map(positive, items(x["weights"], m))) == 1)
        banks = [basis(j, m) for j in range(m)] if x["embeddings"] == "one-hot" else rows(items(x["embeddings"], m))
        table = [vector(row, size) for row in x["probabilities"]]
        need(all(min(row) >= 0 and sum(row) == 1 for row in table))
        blocks = [
            ([outer(basis(v, size), h) for v in range(size)], [v for v in range(size) if p[v]], [Fraction(0)] * size) for h, p in zip(banks, table)
        ]
        return kind, (size, len(banks[0])), blocks, table
    if kind == "attention-ntp":
        record(x, {"kind", "embeddings", "sequences", "labels"})
        bank = rows(x["embeddings"])
        need(items(x["sequences"]))
        blocks = []
        for sequence, label in zip(x["sequences"], items(x["labels"], len(x["sequences"]))):
            tokens = [index(t, len(bank)) for t in items(sequence)]
            distinct = sorted(set(tokens))
            need(index(label, len(bank)) in distinct)
            features = [outer(bank[t], bank[tokens[-1]]) for t in distinct]
            blocks.append((features, [distinct.index(index(label, len(bank)))], [Fraction(0)] * len(distinct)))
        return kind, (len(bank[0]), len(bank[0])), blocks, None
    if kind == "conditional-logit":
        record(x, {"kind", "rows"})
        blocks, width = [], None
        for row in items(x["rows"]):
            record(row, {"chosen", "features"}, {"weight", "multiplicities"})
            features = rows(row["features"], width)
            width = len(features[0])
            positive(row.get("weight", 1))
            list(map(positive, items(row.get("multiplicities", [1] * len(features)), len(features))))
            blocks.append((features, [index(row["chosen"], len(features))], [Fraction(0)] * len(features)))
        need(blocks and width)
        return kind, (int(width or 0), 1), blocks, None
    need(kind == "system")
    record(x, {"kind"}, {"inequalities", "bounds", "equalities", "values"})
    blocks, matrix, width = [], [], None
    for left, right, labels in (("inequalities", "bounds", [0]), ("equalities", "values", [0, 1])):
        need((left in x) == (right in x))
        if left in x:
            given = rows(x[left], width)
            width = len(given[0])
            for row, side in zip(given, vector(x[right], len(given))):
                blocks.append(([row, [Fraction(0)] * width], labels, [Fraction(0), side - (len(labels) == 1)]))
                matrix.append(row)
    need(blocks)
    return kind, (int(width or 0), 1), blocks, matrix


def check_record(x: Any, kind: str, shape: tuple[int, int], blocks: list[Choice], extra: Any) -> list[list[int]] | None:
    """The tied sets of an accepted record, if it has any."""
    need(isinstance(x, dict))
    height, width = shape
    labels = [block[1] for block in blocks]
    datasets = kind != "system"

    def variable(name: str) -> Row:
        columns = [vector(column, height) for column in items(x[name], width)]
        return [columns[k][i] for i in range(height) for k in range(width)]

    def coefficients(name: str) -> list[Row]:
        found = [vector(c, len(block[0])) for c, block in zip(items(x[name], len(blocks)), blocks)]
        need(all(sum(c) == 0 for c in found))
        return found

    def matrix_of(c: list[Row]) -> Row:
        total = [Fraction(0)] * (height * width)
        for family, (features, _, _) in zip(c, blocks):
            for value, feature in zip(family, features):
                total = [t + value * f for t, f in zip(total, feature)]
        return total

    def scores(w: Row, block: Choice) -> Row:
        return [dot(feature, w) + constant for feature, constant in zip(block[0], block[2])]

    def tied() -> list[list[int]]:
        found = [[index(v, len(block[0])) for v in items(t)] for t, block in zip(items(x["tied"], len(blocks)), blocks)]
        need(all(t == sorted(set(t)) and set(block[1]) <= set(t) for t, block in zip(found, blocks)))
        return found

    def margins(w: Row, sets: list[list[int]], c: list[Row]) -> list[tuple[Fraction, Fraction]]:
        found = []
        for block, t, family in zip(blocks, sets, c):
            score = scores(w, block)
            need(len({score[v] for v in t}) == 1)
            found += [(score[t[0]] - score[v], family[v]) for v in range(len(score)) if v not in t]
        return found

    name = x.get("type")
    if name == "separation" and datasets:
        record(x, {"type", "tied", "separator", "circulation", "class"})
        sets, c = tied(), coefficients("circulation")
        off = margins(variable("separator"), sets, c)
        need(all(margin > 0 and value == 0 for margin, value in off))
        need(all(family[v] < 0 for family, t, y in zip(c, sets, labels) for v in t if v not in y))
        need(not any(matrix_of(c)))
        need(x["class"] == ("overlap" if not off else "complete" if all(len(t) == 1 for t in sets) else "quasi-complete"))
        return sets
    if name == "optimal-qp":
        record(x, {"type", "tied", "solution", "multipliers", "squared_norm"})
        sets, w, c = tied(), variable("solution"), coefficients("multipliers")
        need(datasets or sets == labels)
        need(all(margin >= 1 and value <= 0 and (value == 0 or margin == 1) for margin, value in margins(w, sets, c)))
        need(matrix_of(c) == w and number(x["squared_norm"]) == dot(w, w))
        return sets
    if name == "strict-complementarity" and datasets:
        check_record(x | {"type": "optimal-qp"}, kind, shape, blocks, extra)
        need(all(value < 0 for margin, value in margins(variable("solution"), tied(), coefficients("multipliers")) if margin == 1))
        return tied()
    if name == "enclosure" and datasets:
        record(x, {"type", "tied", "separator", "circulation", "center", "normalizers", "lower", "upper", "radius"})
        sets, c = tied(), coefficients("circulation")
        off = margins(variable("separator"), sets, c)
        need(all(margin > 0 and value == 0 for margin, value in off) and not any(matrix_of(c)))
        need(all(family[v] < 0 for family, t, y in zip(c, sets, labels) for v in t if v not in y))
        check_enclosure(x, sets, extra, c, [scores(variable("center"), block) for block in blocks])
        return sets
    if name in ("next-directions", "unique-multipliers") and datasets:
        first = [(t, [v for v in range(len(block[0])) if v not in t]) for t, block in zip(tied(), blocks)]
        check_levels(x, name, first, blocks, height, width)
        return tied()
    if name == "norm-margin" and datasets:
        record(x, {"type", "norm", "tied", "solution", "multipliers", "value"})
        sets, w, c = tied(), variable("solution"), coefficients("multipliers")
        off = margins(w, sets, c)
        need(x["norm"] in ("l1", "l-infinity") and all(margin >= 1 and value <= 0 for margin, value in off))
        l1, linf = (lambda y: sum(map(abs, y))), (lambda y: max(map(abs, y)))
        primal, dual = (l1, linf) if x["norm"] == "l1" else (linf, l1)
        need(primal(w) == number(x["value"]) == -sum(value for _, value in off) and dual(matrix_of(c)) <= 1)
        return sets
    if name == "infeasible-system":
        record(x, {"type", "coefficients"})
        c = coefficients("coefficients")
        off = [family[v] for family, block in zip(c, blocks) for v in range(len(family)) if v not in block[1]]
        need(not any(matrix_of(c)) and all(value <= 0 for value in off))
        need(-sum(off) - sum(family[-1] * block[2][-1] for family, block in zip(c, blocks)) > 0)
        return None
    if name == "linear-system" and kind == "system":
        if "relation" in x:
            record(x, {"type", "relation"})
            c = coefficients("relation")
            need(all(value == 0 for family, y in zip(c, labels) for v, value in enumerate(family) if v not in y))
            need(not any(matrix_of(c)) and sum(dot(family, block[2]) for family, block in zip(c, blocks)) != 0)
        else:
            record(x, {"type", "solution"})
            w = variable("solution")
            need(all(len({scores(w, block)[v] for v in block[1]}) == 1 for block in blocks))
        return None
    if name == "linear-system" and kind == "linear-ntp":
        check_log_odds(
            x, labels, [len(block[0]) for block in blocks], extra, coefficients, matrix_of, lambda w: [scores(w, block) for block in blocks]
        )
        return None
    need(name == "rank" and kind == "system")
    check_rank(x, extra)
    return None


def check_levels(x: Any, name: str, programme: list[tuple[list[int], list[int]]], blocks: list[Choice], height: int, width: int) -> None:
    def matrix(given: Any) -> Row:
        columns = [vector(column, height) for column in items(given, width)]
        return [columns[k][i] for i in range(height) for k in range(width)]

    def margins(w: Row, among: list[tuple[list[int], list[int]]]) -> dict[tuple[int, int], Fraction]:
        found = {}
        for b, ((features, _, _), (level, below)) in enumerate(zip(blocks, among)):
            need(len({dot(features[v], w) for v in level}) == 1)
            found |= {(b, v): dot(features[level[0]], w) - dot(features[v], w) for v in below}
        return found

    levels = items(x["levels"]) if name == "next-directions" else [x]
    record(
        x,
        {"type", "tied", "levels"} if name == "next-directions" else {"type", "tied", "solution", "multipliers", "squared_norm", "next", "witnesses"},
    )
    first, strong, weak = programme, set(), set()
    for given in levels:
        if name == "next-directions":
            record(given, {"solution", "multipliers", "squared_norm"})
        w = matrix(given["solution"])
        c = [vector(family, len(block[0])) for family, block in zip(items(given["multipliers"], len(blocks)), blocks)]
        seen = margins(w, programme)
        need(all(sum(family) == 0 for family in c) and all(m >= 1 and c[b][v] <= 0 and (m == 1 or c[b][v] == 0) for (b, v), m in seen.items()))
        need(all(family[v] == 0 for family, (level, below) in zip(c, programme) for v in range(len(family)) if v not in level and v not in below))
        total = [Fraction(0)] * (height * width)
        for family, (features, _, _) in zip(c, blocks):
            for value, feature in zip(family, features):
                total = [t + value * f for t, f in zip(total, feature)]
        need(total == w and number(given["squared_norm"]) == dot(w, w))
        strong, weak = {pair for pair in seen if c[pair[0]][pair[1]] < 0}, {pair for pair, m in seen.items() if m == 1 and c[pair[0]][pair[1]] == 0}
        programme = [
            (level + [v for v in below if (b, v) in strong], [v for v in below if (b, v) in weak]) for b, (level, below) in enumerate(programme)
        ]
    if name == "next-directions":
        need(not any(below for _, below in programme))
        return
    shown = margins(matrix(x["next"]), first)
    need(all(shown[pair] == 0 for pair in strong) and all(shown[pair] > 0 for pair in weak))
    named = set()
    for witness in items(x["witnesses"]):
        record(witness, {"block", "alternative", "matrix"})
        b = index(witness["block"], len(blocks))
        pair = b, index(witness["alternative"], len(blocks[b][0]))
        shown = margins(matrix(witness["matrix"]), first)
        need(all(shown[other] == (other == pair) for other in strong))
        named.add(pair)
    need(strong <= named)


def exp_below(x: Fraction) -> Fraction:
    s = int(abs(x)) + 1
    if s > 256:
        return Fraction(0)
    unit = Fraction(1, 2 ** (192 + 2 * s))
    k = len(f"{s:b}") + 3
    y = x / 2**k // unit * unit
    value = max(sum((y**j / factorial(j) for j in range(24)), Fraction(0)) // unit * unit, Fraction(0))
    for _ in range(k):
        value = value**2 // unit * unit
    return value


def check_enclosure(x: Any, sets: list[list[int]], given: list[Any], c: list[Row], scores: list[Row]) -> None:
    shifts = [number(z) for z in items(x["normalizers"], len(given))]
    lower, upper, r = number(x["lower"]), number(x["upper"]), number(x["radius"])
    above, below, pins = Fraction(0), Fraction(0), []
    for (a, p, n), inside, family, score, z in zip(given, sets, c, scores, shifts):
        q = {v: p[v] - family[v] / a for v in inside}
        bounds = {v: (exp_below(z - score[v]), exp_below(score[v] - z)) for v in inside}
        need(all(q[v] > 0 and min(bounds[v]) > 0 for v in inside))
        rounded = {v: tuple(Fraction(-(-1 / e // Fraction(1, 2**448)), 2**448) for e in bounds[v]) for v in inside}
        above += a * (sum(n[v] * rounded[v][0] - p[v] * (score[v] - z) for v in inside) - 1)
        below += a * (sum(q[v] * (score[v] - z + q[v] / n[v] * rounded[v][1]) for v in inside) - 1)
        pins += [(a, q[v], n[v], *rounded[v]) for v in inside]
    need(0 <= r <= 2 and above <= upper and lower <= -below)
    for a, q_v, n_v, up, down in pins:
        need(
            128 * (upper - lower) <= a * q_v * r**2 and n_v * up <= (1 + r / 2) * (1 - r / 4) * q_v and (1 + r / 4) * q_v * down <= (1 + r / 2) * n_v
        )


def loss_data(x: Any) -> list[tuple[Fraction, Row, Row]]:
    """Per block: weight, shares, counts over that of the label."""
    if x["kind"] == "linear-ntp":
        m = len(x["probabilities"])
        size = x["vocabulary_size"] if "vocabulary_size" in x else len(x["probabilities"][0])
        weights = [number(a) for a in x.get("weights", [f"1/{m}"] * m)]
        return [(a, vector(p, size), [Fraction(1)] * size) for a, p in zip(weights, x["probabilities"])]
    if x["kind"] == "attention-ntp":
        found = []
        for given, label in zip(x["sequences"], x["labels"]):
            tokens = [int(t) for t in given]
            distinct = sorted(set(tokens))
            counts = [Fraction(tokens.count(t), tokens.count(int(label))) for t in distinct]
            found.append((Fraction(1, len(x["labels"])), [Fraction(t == int(label)) for t in distinct], counts))
        return found
    found = []
    for row in x["rows"]:
        size, y = len(row["features"]), int(row["chosen"])
        counts = [number(n) for n in row.get("multiplicities", [1] * size)]
        found.append((number(row.get("weight", 1)), basis(y, size), [n / counts[y] for n in counts]))
    return found


def check_log_odds(x: Any, labels: list[list[int]], sizes: list[int], table: list[Row], coefficients: Any, matrix_of: Any, scores: Any) -> None:
    record(x, {"type", "base", "exponents", "relation" if "relation" in x else "coefficients"})
    base = [number(g) for g in items(x["base"])]
    need(all(g.denominator == 1 and g > 1 for g in base) and all(gcd(int(g), int(h)) == 1 for g, h in combinations(base, 2)))

    def over_base(name: str) -> list[list[Row]]:
        found = [[[Fraction(0)] * len(base) for _ in range(size)] for size in sizes]
        for j, given in enumerate(items(x[name], len(sizes))):
            need(isinstance(given, dict) and set(given) <= {str(v) for v in labels[j]})
            for token, entries in given.items():
                found[j][int(token)] = vector({"entries": entries}, len(base))
                need(any(found[j][int(token)]))
        return found

    exponents = over_base("exponents")
    for j, y in enumerate(labels):
        for v in y:
            product = Fraction(1)
            for g, e in zip(base, exponents[j][v]):
                need(e.denominator == 1 and abs(e) < 10_000)
                product *= g ** int(e)
            need(product == table[j][v])
    if "relation" in x:
        c = coefficients("relation")
        need(all(value == 0 for family, y in zip(c, labels) for v, value in enumerate(family) if v not in y))
        need(not any(matrix_of(c)))
        need(any(sum(family[v] * exponents[j][v][k] for j, family in enumerate(c) for v in range(sizes[j])) for k in range(len(base))))
        return
    families = over_base("coefficients")
    for k in range(len(base)):
        c = [[value[k] for value in family] for family in families]
        need(all(sum(family) == 0 for family in c))
        for j, score in enumerate(scores(matrix_of(c))):
            need(len({score[v] - exponents[j][v][k] for v in labels[j]}) == 1)


def check_rank(x: Any, matrix: list[Row]) -> None:
    m, n = len(matrix), len(matrix[0])
    r = index(x.get("rank"), min(m, n) + 1)
    record(x, {"type", "rank"} | ({"left", "right"} if r else set()))
    if r == 0:
        need(not any(map(any, matrix)))
        return
    left, right = rows(x["left"], m), rows(x["right"], r)
    need(len(left) == r and len(right) == n)

    def product(a: list[Row], b: list[Row]) -> list[Row]:
        return [[dot(row, list(column)) for column in zip(*b)] for row in a]

    need(product(product(left, matrix), right) == [basis(i, r) for i in range(r)])
    need(product(product(matrix, right), product(left, matrix)) == matrix)


def accepts(document: Any) -> bool:
    """Whether the page calls the document a proof."""
    try:
        record(document, {"format", "instance", "certificates", "digest"})
        need(document["format"] == "ntpproofs-certificate/3")
        body = {key: value for key, value in document.items() if key != "digest"}
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        need(document["digest"] == "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest())
        kind, shape, blocks, extra = read_instance(document["instance"])
        need(items(document["certificates"]))
        sets = []
        for x in document["certificates"]:
            given = loss_data(document["instance"]) if isinstance(x, dict) and x.get("type") == "enclosure" and kind != "system" else extra
            found = check_record(x, kind, shape, blocks, given)
            sets += [] if found is None else [found]
        need(all(t == sets[0] for t in sets))
    except (Refused, KeyError):
        return False
    return True
