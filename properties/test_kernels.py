"""Differential campaign: the Python kernel, the checker written from the page, and the kernel proved in Coq where it is built give one verdict
on certificates of all kinds and on semantic mutants of them. `--property-profile nightly` runs ten thousand of each."""

from __future__ import annotations

import copy
import json
import os
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from independent_checker import accepts

from ntpproofs.commands.second import BUILT, statuses
from ntpproofs.errors import InvalidInput, VerificationFailed
from ntpproofs.geometry import decompose, max_margin, separation
from ntpproofs.kernel import FORMAT, decode_dataset, digest, verify
from ntpproofs.logit.finite_part import log_odds
from ntpproofs.logit.records import further_records
from ntpproofs.problems import ConditionalLogit

SIZES = {"dev": 200, "ci": 200, "nightly": 10_000}
Document = dict[str, Any]


def signed(instance: Any, records: list[Any]) -> Document:
    body = {"format": FORMAT, "instance": instance, "certificates": records}
    return body | {"digest": digest(body)}


def integers(rng: Random, n: int, size: int = 3) -> list[int]:
    return [rng.randint(-size, size) for _ in range(n)]


def written(x: Any) -> str:
    return str(Fraction(x))


def distribution(rng: Random, size: int) -> list[str]:
    masses = [rng.choice([0, 0, 1, 1, 2, 3]) for _ in range(size)]
    masses[rng.randrange(size)] += 1
    return [written(Fraction(mass, sum(masses))) for mass in masses]


def linear_ntp(rng: Random) -> Document:
    size, contexts, width = rng.randint(2, 4), rng.randint(1, 3), rng.randint(1, 3)
    rows: list[Any] = [distribution(rng, size) for _ in range(contexts)]
    instance: Document = {"kind": "linear-ntp", "probabilities": rows}
    instance["embeddings"] = "one-hot" if rng.random() < 0.3 else [integers(rng, width, 2) for _ in range(contexts)]
    if rng.random() < 0.3:
        instance["vocabulary_size"] = size
        rows[:] = [{"entries": {str(v): p for v, p in enumerate(row) if p != "0"}} for row in rows]
    if rng.random() < 0.3:
        parts = [rng.randint(1, 3) for _ in range(contexts)]
        instance["weights"] = [written(Fraction(part, sum(parts))) for part in parts]
    return instance


def attention_ntp(rng: Random) -> Document:
    tokens, width = rng.randint(2, 4), rng.randint(1, 3)
    sequences = [[rng.randrange(tokens) for _ in range(rng.randint(1, 4))] for _ in range(rng.randint(1, 3))]
    embeddings = [integers(rng, width, 2) for _ in range(tokens)]
    return {"kind": "attention-ntp", "embeddings": embeddings, "sequences": sequences, "labels": [rng.choice(s) for s in sequences]}


def conditional_logit(rng: Random) -> Document:
    width, rows = rng.randint(1, 3), []
    for _ in range(rng.randint(1, 4)):
        n = rng.randint(1, 3)
        row: Document = {"chosen": rng.randrange(n), "features": [integers(rng, width, 2) for _ in range(n)]}
        if rng.random() < 0.3:
            row |= {"weight": written(Fraction(rng.randint(1, 5), 2)), "multiplicities": [rng.randint(1, 3) for _ in range(n)]}
        rows.append(row)
    return {"kind": "conditional-logit", "rows": rows}


def degenerate(rng: Random) -> Document:
    """Margins of exactly 1 that carry nothing: u = e_1, then e_2 / a, then e_3 / c."""
    differences = [[1, 0, 0], [1, rng.randint(1, 2), 0], [1, rng.randint(-1, 1), rng.randint(1, 2)]][: rng.randint(2, 3)]
    rows = [{"chosen": 0, "features": [difference, [0, 0, 0]]} for difference in differences]
    return {"kind": "conditional-logit", "rows": rng.sample(rows, len(rows))}


def about_a_dataset(rng: Random) -> Document:
    instance = rng.choice([linear_ntp, attention_ntp, conditional_logit, degenerate])(rng)
    problem = ConditionalLogit.from_dataset(decode_dataset(instance))
    parts = separation(problem)
    records: list[Any] = [parts.certificate, max_margin(problem).certificate]
    if instance["kind"] == "linear-ntp":
        records.append(log_odds(problem).certificate)
    records += further_records(decompose(problem))
    extra = [(b, v) for b, block in enumerate(problem.data.blocks) for v in records[0]["tied"][b] if v not in block.labels]
    if extra and rng.random() < 0.7:  # a circulation through an alternative that is no label is a Farkas certificate
        records.append({"type": "infeasible-system", "coefficients": records[0]["circulation"]})
    return signed(instance, rng.sample(records, rng.randint(1, len(records))))


def combined(rows: list[list[int]], factors: list[int], width: int) -> list[int]:
    return [sum(f * row[i] for f, row in zip(factors, rows)) for i in range(width)]


def opposite(values: list[int]) -> list[list[int]]:
    return [[value, -value] for value in values]


def about_a_system(rng: Random) -> Document:
    width, many, few = rng.randint(1, 4), rng.randint(1, 4), rng.randint(1, 2)
    unequal, equal = [integers(rng, width) for _ in range(many)], [integers(rng, width) for _ in range(few)]
    kind = rng.choice(["programme", "contradiction", "solution", "relation", "rank"])
    if kind == "programme":  # built backwards from its multipliers
        lam, mu = [rng.choice([0, 1, 2]) for _ in range(many)], integers(rng, few, 2)
        w = combined([*unequal, *equal], [*lam, *mu], width)
        values = [sum(map(int.__mul__, row, w)) for row in [*unequal, *equal]]
        bounds = [value - (0 if factor else rng.choice([0, 1])) for value, factor in zip(values, lam)]
        instance = {"kind": "system", "inequalities": unequal, "bounds": bounds, "equalities": equal, "values": values[many:]}
        record: Document = {"type": "optimal-qp", "tied": [*[[0]] * many, *[[0, 1]] * few], "solution": [w]}
        return signed(instance, [record | {"multipliers": opposite([*lam, *mu]), "squared_norm": sum(x * x for x in w)}])
    if kind == "contradiction":
        factors = [rng.randint(0, 2) for _ in range(many)]
        last = [-x for x in combined(unequal, factors, width)]
        bounds = integers(rng, many)
        instance = {"kind": "system", "inequalities": [*unequal, last], "bounds": [*bounds, 1 - sum(map(int.__mul__, factors, bounds))]}
        return signed(instance, [{"type": "infeasible-system", "coefficients": opposite([*factors, 1])}])
    if kind == "solution":
        w = integers(rng, width)
        instance = {"kind": "system", "equalities": equal, "values": [sum(map(int.__mul__, row, w)) for row in equal]}
        return signed(instance, [{"type": "linear-system", "solution": [w]}])
    if kind == "relation":
        factors, values = integers(rng, few, 2), integers(rng, few)
        total = sum(map(int.__mul__, factors, values)) + rng.choice([-1, 1, 2])
        instance = {"kind": "system", "equalities": [*equal, combined(equal, factors, width)], "values": [*values, total]}
        return signed(instance, [{"type": "linear-system", "relation": opposite([*factors, -1])}])
    # A = [1; P] [1 Q] with left = [1 0] and right = [1; 0], rows and columns shuffled
    m, n = rng.randint(1, 4), rng.randint(1, 4)
    r = rng.randint(0, min(m, n))
    tall = [*[[int(i == k) for k in range(r)] for i in range(r)], *[integers(rng, r, 2) for _ in range(m - r)]]
    wide = [[int(i == k) for k in range(r)] + integers(rng, n - r, 2) for i in range(r)]
    matrix = [[sum(tall[i][k] * wide[k][j] for k in range(r)) for j in range(n)] for i in range(m)]
    above, across = rng.sample(range(m), m), rng.sample(range(n), n)
    instance = {"kind": "system", "inequalities": [[matrix[i][j] for j in across] for i in above], "bounds": [0] * m}
    factors = {"left": [[int(i == a) for i in above] for a in range(r)], "right": [[int(j == b) for b in range(r)] for j in across]} if r else {}
    return signed(instance, [{"type": "rank", "rank": r} | factors])


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in pairs:
        yield from leaves(entry, (*path, key))


def found(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def mutant(document: Document, rng: Random) -> Document:
    """One change of the instance or of a record, under a new digest: a number, a word, an entry left out, doubled or exchanged."""
    changed = copy.deepcopy({key: value for key, value in document.items() if key != "digest"})
    half, scalars = rng.choice(["instance", "certificates", "certificates"]), rng.random() < 0.8
    paths = [path for path in leaves(changed[half], (half,)) if len(path) > 1]
    path = rng.choice([path for path in paths if not (scalars and isinstance(found(changed, path), (dict, list)))])
    parent = found(changed, path[:-1])
    value, key = parent[path[-1]], path[-1]
    if isinstance(value, (dict, list)):
        if rng.random() < 0.3 or not value:
            del parent[key]
        elif isinstance(value, list):
            i, j = rng.randrange(len(value)), rng.randrange(len(value))
            rng.choice([lambda: value.append(copy.deepcopy(value[i])), lambda: value.pop(i), lambda: value.insert(i, value.pop(j))])()
        else:
            value.pop(rng.choice(list(value)))
    elif isinstance(value, str) and not value.lstrip("-")[:1].isdigit():
        parent[key] = rng.choice(
            ["overlap", "complete", "quasi-complete", "rank", "separation", "strict-complementarity", "enclosure", "l1", "l-infinity", "one-hot", ""]
        )
    else:
        x = Fraction(value)
        other = rng.choice([x + 1, x - 1, -x, x / 2, 2 * x, x + Fraction(1, 3), Fraction(0), Fraction(int(x))])
        parent[key] = None if rng.random() < 0.02 else int(other) if isinstance(value, int) and other.denominator == 1 else written(other)
    return changed | {"digest": digest(changed)}


def status(document: Document) -> int:
    try:
        verify(document)
    except VerificationFailed:
        return 1
    except InvalidInput:
        return 2
    return 0


def test_all_kernels_give_one_verdict(pytestconfig: pytest.Config) -> None:
    amount = SIZES[pytestconfig.getoption("--property-profile", default="dev")]
    rng = Random(17)
    valid = [about_a_dataset(rng) if i % 3 else about_a_system(rng) for i in range(amount)]
    changed = [mutant(document, rng) for document in valid]
    kernel = [status(document) for document in (*valid, *changed)]
    assert kernel[:amount] == [0] * amount
    assert [accepts(document) for document in (*valid, *changed)] == [found == 0 for found in kernel]
    types = Counter(record["type"] for document in valid for record in document["certificates"])
    assert len(types) == 10 and min(types.values()) >= amount // 100
    accepted = kernel[amount:].count(0)
    assert amount // 20 < accepted < amount // 2 and kernel[amount:].count(1) > amount // 4 and kernel[amount:].count(2) > amount // 10
    if os.environ.get("NTPCHECK") or BUILT.is_file():  # a third verdict where the program is built
        proved = statuses("".join(json.dumps(document) + "\n" for document in (*valid, *changed)))
        assert [found == 0 for found in proved] == [found == 0 for found in kernel]
        # A document with two faults may be called a failing check by one and no certificate by the other.
        assert sum(one != other for one, other in zip(proved, kernel)) <= amount / 1_000
