"""Instance records: what each kind means, and the message for every field that is wrong."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from ntpproofs.errors import InvalidInput
from ntpproofs.kernel import Vector, decode_dataset

F = Fraction
NTP = {"kind": "linear-ntp", "embeddings": [["1", "0"], ["1", "1"]], "probabilities": [["1/2", "1/4", "1/4"], [1, 0, 0]]}
SPARSE = {"kind": "linear-ntp", "embeddings": "one-hot", "vocabulary_size": 5, "probabilities": [{"entries": {"0": "1/3", "4": "2/3"}}]}
ATTENTION = {
    "kind": "attention-ntp",
    "embeddings": [["1", "0"], ["0", "1"], ["2", "-1"]],
    "sequences": [[1, 0], [0, 2, 2, 0]],
    "labels": [1, 2],
}
LOGIT = {
    "kind": "conditional-logit",
    "rows": [
        {"weight": "2/3", "chosen": 1, "features": [["1", "0"], ["0", "-1/2"]], "multiplicities": [1, "3/2"]},
        {"chosen": 0, "features": [["0", "3"]]},
    ],
}
SYSTEM = {"kind": "system", "inequalities": [["1", "2"], ["0", "1"]], "bounds": ["3", "-1"], "equalities": [["1", "-1"]], "values": ["1/2"]}

NESTED: list[Any] = []
for _ in range(900):
    NESTED = [NESTED]


def test_linear_ntp() -> None:
    data = decode_dataset(NTP | {"weights": ["1/3", "2/3"]})
    assert (data.kind, data.shape, data.left) == ("linear-ntp", (3, 2), None)
    assert data.right == ((F(1), F(0)), (F(1), F(1)))
    assert [block.weight for block in data.blocks] == [F(1, 3), F(2, 3)]
    assert [dict(block.labels) for block in data.blocks] == [{0: F(1, 2), 1: F(1, 4), 2: F(1, 4)}, {0: F(1)}]
    assert all(list(block.alternatives) == [0, 1, 2] and block.multiplicities is None for block in data.blocks)
    assert [block.weight for block in decode_dataset(NTP).blocks] == [F(1, 2), F(1, 2)]


def test_one_hot_linear_ntp_is_the_identity_kept_implicit() -> None:
    data = decode_dataset(SPARSE)
    assert (data.shape, data.right, dict(data.blocks[0].labels)) == ((5, 1), None, {0: F(1, 3), 4: F(2, 3)})
    default = {"default": "1/5", "entries": {}}
    assert dict(decode_dataset(SPARSE | {"probabilities": [default]}).blocks[0].labels) == dict.fromkeys(range(5), F(1, 5))


def test_attention_ntp() -> None:
    data = decode_dataset(ATTENTION)
    first, second = data.blocks
    assert data.shape == (2, 2) and data.left == data.right
    assert (first.alternatives, dict(first.labels), first.right, first.multiplicities) == ((0, 1), {1: F(1)}, 0, (F(1), F(1)))
    assert (second.alternatives, dict(second.labels), second.right, second.multiplicities) == ((0, 2), {1: F(1)}, 0, (F(2), F(2)))
    assert first.weight == second.weight == F(1, 2)


def test_conditional_logit() -> None:
    data = decode_dataset(LOGIT)
    first, second = data.blocks
    assert data.shape == (2, 1) and data.left == ((F(1), F(0)), (F(0), F(-1, 2)), (F(0), F(3)))
    assert (first.weight, dict(first.labels), first.alternatives, first.multiplicities) == (F(2, 3), {1: F(1)}, (0, 1), (F(1), F(3, 2)))
    assert (second.weight, dict(second.labels), second.alternatives, second.multiplicities) == (F(1), {0: F(1)}, (2,), (F(1),))


def test_systems_turn_rows_into_choices() -> None:
    # Row a w >= b: the margin of a w over 0 w + b - 1 is at least 1. Row a w = e: a w and 0 w + e tie.
    data = decode_dataset(SYSTEM)
    scores = [list(data.scores({0: Vector.decode(["5", "2"], "w", 2)}, block)) for block in data.blocks]
    assert scores == [[F(9), F(2)], [F(2), F(-2)], [F(3), F(1, 2)]]
    assert [set(block.labels) for block in data.blocks] == [{0}, {0}, {0, 1}]


def features_of(record: dict[str, Any]) -> list[list[list[Fraction]]]:
    """The features x_bv of a record as flat row-major lists, from the definition of its kind."""

    def outer(x: list[Any], y: list[Any]) -> list[Fraction]:
        return [F(a) * F(b) for a in x for b in y]

    def unit(i: int, n: int) -> list[int]:
        return [int(i == k) for k in range(n)]

    if record["kind"] == "linear-ntp":
        size = record.get("vocabulary_size") or len(record["probabilities"][0])
        count = len(record["probabilities"])
        h = [unit(j, count) for j in range(count)] if record["embeddings"] == "one-hot" else record["embeddings"]
        return [[outer(unit(v, size), row) for v in range(size)] for row in h]
    if record["kind"] == "attention-ntp":
        e = record["embeddings"]
        return [[outer(e[v], e[sequence[-1]]) for v in sorted(set(sequence))] for sequence in record["sequences"]]
    if record["kind"] == "conditional-logit":
        return [[[F(x) for x in feature] for feature in row["features"]] for row in record["rows"]]
    rows = [*record["inequalities"], *record["equalities"]]
    return [[[F(x) for x in row], [F(0)] * len(row)] for row in rows]


@pytest.mark.parametrize("record", [NTP, SPARSE, ATTENTION, LOGIT, SYSTEM], ids=lambda record: record["kind"])
def test_scores_and_adjoint_agree_with_the_features(record: dict[str, Any]) -> None:
    data, features, rng = decode_dataset(record), features_of(record), random.Random(1)
    height, width = data.shape
    for _ in range(20):
        w = [F(rng.randint(-5, 5), rng.randint(1, 4)) for _ in range(height * width)]
        columns = {k: Vector.decode([str(w[i * width + k]) for i in range(height)], "w", height) for k in range(width)}
        for block, xs in zip(data.blocks, features, strict=True):
            expected = [sum((a * b for a, b in zip(w, x)), F(0)) for x in xs]
            if record["kind"] == "system":
                expected[1] += block.offset
            assert list(data.scores(columns, block)) == expected
        c = [[F(rng.randint(-3, 3), rng.randint(1, 3)) for _ in xs] for xs in features]
        total = [sum((a * x[k] for row, xs in zip(c, features) for a, x in zip(row, xs)), F(0)) for k in range(height * width)]
        found = data.adjoint({b: Vector.decode([str(x) for x in row], "c", len(row)) for b, row in enumerate(c)})
        zero = Vector.decode({"entries": {}}, "zero", height)
        assert [list(found.get(k, zero))[i] for i in range(height) for k in range(width)] == total


def changed(record: Any, path: str, value: Any) -> Any:
    """The record with one field replaced, or removed where the value is `...`."""
    key, _, rest = path.partition(".")
    if isinstance(record, list):
        return [changed(x, rest, value) if rest and i == int(key) else value if i == int(key) else x for i, x in enumerate(record)]
    if not rest:
        return {k: v for k, v in record.items() if k != key} if value is ... else record | {key: value}
    return record | {key: changed(record[key], rest, value)}


REFUSALS = [
    (NTP, "kind", "linear", "kind", "is not a kind"),
    (NTP, "kind", ["linear-ntp"], "kind", "is not a kind"),
    (NTP, "kind", ..., "instance", "no field 'kind'"),
    (NTP, "extra", 1, "instance", "unknown fields: ['extra']"),
    (NTP, "embeddings", ..., "instance", "no field 'embeddings'"),
    (NTP, "embeddings", [], "embeddings", "has 0 entries where 2"),
    (NTP, "embeddings", [[], []], "embeddings", "rows without entries"),
    (NTP, "embeddings", [["1", "0"], ["1"]], "embeddings[1]", "has 1 entries where 2"),
    (NTP, "embeddings", [["1", "0"]], "embeddings", "has 1 entries where 2"),
    (NTP, "embeddings", "onehot", "embeddings", "is str, not a list"),
    (NTP, "embeddings.0.1", 0.5, "embeddings[0][1]", "0.5 is not an exact number (floats are refused)"),
    (NTP, "embeddings.1.0", "1/0", "embeddings[1][0]", "denominator zero"),
    (NTP, "probabilities", ..., "instance", "no field 'probabilities'"),
    (NTP, "probabilities", [], "probabilities", "no row, so there is no context"),
    (NTP, "probabilities", {}, "probabilities", "is dict, not a list"),
    (NTP, "probabilities.0", ["1/2", "1/4", "1/8"], "probabilities[0]", "sums to 7/8, not to 1"),
    (NTP, "probabilities.0", ["3/2", "-1/4", "-1/4"], "probabilities[0]", "negative entry -1/4"),
    (NTP, "probabilities.1", ["0", "0", "0"], "probabilities[1]", "empty support"),
    (NTP, "probabilities.1", ["1", "0"], "probabilities[1]", "has 2 entries where 3"),
    (NTP, "probabilities.1", ["0.5", "0.5", "0"], "probabilities[1][0]", "not an exact number"),
    (NTP, "weights", ["1/2"], "weights", "has 1 entries where 2"),
    (NTP, "weights", ["1/2", "1/3"], "weights", "sum to 5/6, not to 1"),
    (NTP, "weights", ["1", "0"], "weights[1]", "is 0, not positive"),
    (NTP, "weights", ["3/2", "-1/2"], "weights[1]", "is -1/2, not positive"),
    (NTP, "weights", None, "weights", "is NoneType, not a list"),
    (SPARSE, "vocabulary_size", 0, "vocabulary_size", "is 0, not in 1..10000000"),
    (SPARSE, "vocabulary_size", "5", "vocabulary_size", "is '5'"),
    (SPARSE, "vocabulary_size", True, "vocabulary_size", "is True"),
    (SPARSE, "vocabulary_size", 10**5_000, "vocabulary_size", "a value too long to print"),
    (SPARSE, "vocabulary_size", 4, "probabilities[0].entries", "'4' is not an index in 0..3"),
    (SPARSE, "vocabulary_size", ..., "probabilities[0]", "is dict, not a list"),
    (SPARSE, "probabilities.0", {"entries": {"0": "9" * 5_000 + "/3"}}, "probabilities[0]", "a value too long to print"),
    (ATTENTION, "embeddings", [["1", "0"], ["0"], ["1", "1"]], "embeddings[1]", "has 1 entries where 2"),
    (ATTENTION, "sequences", [], "labels", "has 2 entries where 0"),
    (ATTENTION, "sequences.0", [], "sequences[0]", "is empty"),
    (ATTENTION, "sequences.1", [0, 3], "sequences[1]", "3 is not an index in 0..2"),
    (ATTENTION, "sequences.0", "10", "sequences[0]", "is str, not a list"),
    (ATTENTION, "labels", [1], "labels", "has 1 entries where 2"),
    (ATTENTION, "labels", [2, 2], "labels[0]", "token 2 is not in sequence [1, 0]"),
    (ATTENTION, "labels", [1, -1], "labels[1]", "-1 is not an index"),
    (LOGIT, "rows", [], "rows", "is empty"),
    (LOGIT, "rows", None, "rows", "is NoneType"),
    (LOGIT, "rows.0", [], "rows[0]", "is list, not an object"),
    (LOGIT, "rows.0.chosen", ..., "rows[0]", "no field 'chosen'"),
    (LOGIT, "rows.0.chosen", 2, "rows[0].chosen", "2 is not an index in 0..1"),
    (LOGIT, "rows.0.features", ..., "rows[0]", "no field 'features'"),
    (LOGIT, "rows.0.features", [], "rows[0].features", "is empty"),
    (LOGIT, "rows.0.features", [[], []], "rows[0].features", "rows without entries"),
    (LOGIT, "rows.1.features", [["1"]], "rows[1].features[0]", "has 1 entries where 2"),
    (LOGIT, "rows.0.multiplicities", [1], "rows[0].multiplicities", "has 1 entries where 2"),
    (LOGIT, "rows.0.multiplicities", [1, 0], "rows[0].multiplicities[1]", "is 0, not positive"),
    (LOGIT, "rows.0.weight", "-1", "rows[0].weight", "is -1, not positive"),
    (LOGIT, "rows.0.weight", "-" + "3" * 5_000, "rows[0].weight", "a value too long to print"),
    (LOGIT, "rows.1.weigth", "1", "rows[1]", "unknown fields: ['weigth']"),
    (SYSTEM, "bounds", ..., "system", "no field 'bounds'"),
    (SYSTEM, "bounds", ["1"], "bounds", "has 1 entries where 2"),
    (SYSTEM, "equalities.0", ["1"], "equalities[0]", "has 1 entries where 2"),
    (SYSTEM, "values.0", None, "values[0]", "None is not an exact number"),
    (SYSTEM, "values.0", NESTED, "values[0]", "is not an exact number"),
    (LOGIT, "rows.0.chosen", NESTED, "rows[0].chosen", "is not an index"),
    (NTP, "kind", NESTED, "kind", "is not a kind"),
]


def words(value: Any) -> str:
    if isinstance(value, list) and "[[[[" in repr(value)[:20]:
        return "nested"
    return "removed" if value is ... else "a long number" if type(value) is int and value > 10**20 else repr(value)[:20]


@pytest.mark.parametrize(("record", "path", "value", "subject", "reason"), REFUSALS, ids=[f"{p}-{words(v)}" for _, p, v, _, _ in REFUSALS])
def test_each_field_is_refused_with_object_reason_and_remedy(record: Any, path: str, value: Any, subject: str, reason: str) -> None:
    decode_dataset(record)
    with pytest.raises(InvalidInput) as caught:
        decode_dataset(changed(record, path, value))
    error = caught.value
    assert error.subject == subject and reason in error.reason and error.remedy
    assert str(error).startswith(f"{subject}: ") and ". Remedy: " in str(error) and len(str(error)) < 300


@pytest.mark.parametrize(
    "record", [None, [], "linear-ntp", 3, {"kind": "system"}, {"kind": "attention-ntp", "embeddings": [[1]], "sequences": [], "labels": []}]
)
def test_records_that_are_none_are_refused(record: Any) -> None:
    with pytest.raises(InvalidInput):
        decode_dataset(record)
