"""What a short file can cost is bounded before it is computed, unused fields are refused, and a certificate can be held against an instance."""

from __future__ import annotations

import json
from itertools import count
from math import gcd, isqrt
from pathlib import Path
from typing import Any

import pytest

from ntpproofs.errors import InvalidInput, VerificationFailed
from ntpproofs.kernel import FORMAT, digest, verify, verify_file
from ntpproofs.kernel.reading import parse

NOTHING = {"entries": {}}
PAIR = {"kind": "conditional-logit", "rows": [{"chosen": 0, "features": [["2"], ["0"]]}]}
LEAST = {"type": "optimal-qp", "tied": [[0]], "solution": [["1/2"]], "multipliers": [["1/4", "-1/4"]], "squared_norm": "1/4"}


def signed(instance: Any, *records: Any) -> dict[str, Any]:
    body = {"format": FORMAT, "instance": instance, "certificates": list(records)}
    return body | {"digest": digest(body)}


def farkas(blocks: int) -> dict[str, Any]:
    return {"type": "infeasible-system", "coefficients": [NOTHING] * blocks}


def one_hot(rows: int, size: int) -> dict[str, Any]:
    row = {"default": f"1/{size}", "entries": {}}
    return {"kind": "linear-ntp", "embeddings": "one-hot", "vocabulary_size": size, "probabilities": [row] * rows}


def coprime_numbers(amount: int) -> list[int]:
    """Pairwise coprime numbers of about 300 digits, taken greedily from 10^300 on."""
    found: list[int] = []
    for k in count(1):
        candidate = 10**300 + k
        if all(gcd(candidate, other) == 1 for other in found):
            found.append(candidate)
            if len(found) == amount:
                return found
    raise AssertionError


@pytest.mark.parametrize(("rows", "size"), [(1, 10_000_000), (5, 10_000_000), (11, 100_000)])
def test_defaults_stand_for_at_most_a_million_tokens(rows: int, size: int) -> None:
    with pytest.raises(InvalidInput, match=f"probabilities: have defaults that stand for {rows * size:,} tokens"):
        verify(signed(one_hot(rows, size), farkas(rows)))


def test_sparse_rows_stand_for_at_most_a_million_entries() -> None:
    embeddings = [["1"] * 2_000, *[NOTHING] * 501]
    instance = {"kind": "linear-ntp", "embeddings": embeddings, "probabilities": [["1", "0"]] * 502}
    with pytest.raises(InvalidInput, match="embeddings: has sparse rows that stand for 1,002,000 entries"):
        verify(signed(instance, farkas(502)))


def test_common_denominators_are_bounded() -> None:
    numbers = coprime_numbers(60)
    solution = [f"1/{numbers[i % 60]}" for i in range(2_000)]
    instance = {"kind": "system", "inequalities": [["1"] * 2_000], "bounds": ["1"]}
    record = {"type": "optimal-qp", "tied": [[0]], "solution": [solution], "multipliers": [["1", "-1"]], "squared_norm": "1"}
    with pytest.raises(InvalidInput, match="vector: has 2,000 entries over a common denominator"):
        verify(signed(instance, record))


def test_products_are_counted_before_they_are_made() -> None:
    sequences = 2_100
    instance = {"kind": "attention-ntp", "embeddings": [["1"] * 100] * 100, "sequences": [list(range(100))] * sequences, "labels": [0] * sequences}
    with pytest.raises(InvalidInput, match="attention-ntp: needs 21,000,000 products in one pass"):
        verify(signed(instance, farkas(sequences)))


def test_a_base_of_thousands_of_primes_is_read_at_once() -> None:
    primes = [p for p in range(2, 40_000) if all(p % q for q in range(2, isqrt(p) + 1))]
    record = {"type": "linear-system", "base": primes, "exponents": [{}], "coefficients": [{}]}
    instance = {"kind": "linear-ntp", "embeddings": "one-hot", "probabilities": [["1", "0"]]}
    assert len(primes) > 4_000
    assert verify(signed(instance, record))[0].startswith("linear-system: the log-odds system is solvable")
    with pytest.raises(VerificationFailed, match="pairwise coprime"):
        verify(signed(instance, record | {"base": [*primes, 2 * 3]}))


def test_a_sequence_of_many_tokens_is_counted_once() -> None:
    tokens = 20_000
    instance = {"kind": "attention-ntp", "embeddings": [["1"]] * tokens, "sequences": [list(range(tokens))], "labels": [0]}
    with pytest.raises(VerificationFailed, match="not positive"):
        verify(signed(instance, farkas(1)))


EQUATION = {"kind": "system", "equalities": [["2"]], "values": ["3"]}
ZERO = {"kind": "system", "inequalities": [["0", "0"]], "bounds": ["0"]}
SURE = {"kind": "linear-ntp", "embeddings": "one-hot", "probabilities": [["1", "0"]]}
SOLVED = {"type": "linear-system", "solution": [["3/2"]]}
RANK_ZERO = {"type": "rank", "rank": 0}
ODDS = {"type": "linear-system", "base": [], "exponents": [{}], "coefficients": [{}]}


@pytest.mark.parametrize(
    ("instance", "record", "extra"),
    [
        (EQUATION, SOLVED, {"relation": [["1", "-1"]]}),
        (EQUATION, SOLVED, {"base": []}),
        (ZERO, RANK_ZERO, {"left": "garbage"}),
        (ZERO, RANK_ZERO, {"right": []}),
        (SURE, ODDS, {"solution": [["0", "0"]]}),
        (SURE, ODDS, {"relation": [["0", "0"]]}),
    ],
)
def test_fields_that_nothing_reads_are_refused(instance: Any, record: Any, extra: Any) -> None:
    assert verify(signed(instance, record))
    with pytest.raises(InvalidInput, match="has unknown fields"):
        verify(signed(instance, record | extra))


@pytest.mark.parametrize("extra", [{"inequalities": None}, {"inequalities": []}, {"bounds": ["1"]}, {"inequalities": None, "bounds": None}])
def test_a_system_has_both_halves_of_a_pair_or_neither(extra: Any) -> None:
    with pytest.raises(InvalidInput):
        verify(signed(EQUATION | extra, SOLVED))


def test_tied_sets_are_compared_as_numbers() -> None:
    separation = {"type": "separation", "class": "complete", "tied": [["0"]], "separator": [["1"]], "circulation": [["0", "0"]]}
    assert len(verify(signed(PAIR, separation, LEAST))) == 2


def test_a_certificate_is_held_against_an_instance(tmp_path: Path) -> None:
    certificate, same, other = (tmp_path / f"{name}.json" for name in ("certificate", "same", "other"))
    certificate.write_text(json.dumps(signed(PAIR, LEAST)), encoding="utf-8")
    same.write_text(json.dumps({"kind": "conditional-logit", "rows": [{"weight": 1, "chosen": 0, "features": [[2], [0]]}]}), encoding="utf-8")
    other.write_text(json.dumps({"kind": "conditional-logit", "rows": [{"chosen": 0, "features": [[3], [0]]}]}), encoding="utf-8")
    assert verify_file(certificate, same) == verify_file(certificate)
    with pytest.raises(VerificationFailed, match="another instance"):
        verify_file(certificate, other)


def uniform(size: int, **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """One context in which every token is equally likely: all alternatives are tied and nothing moves."""
    return one_hot(1, size), {"tied": [list(range(size))]} | fields


LEVEL = {"solution": [NOTHING], "multipliers": [NOTHING], "squared_norm": "0"}


@pytest.mark.parametrize(
    ("size", "fields", "subject"),
    [
        (100_000, {"type": "next-directions", "levels": [LEVEL] * 201}, "levels"),
        (100_000, {"type": "unique-multipliers", **LEVEL, "next": [NOTHING], "witnesses": [NOTHING] * 200}, "witnesses"),
        (30_000, {"type": "enclosure", "separator": [NOTHING], "circulation": [NOTHING], "center": [NOTHING], "normalizers": ["0"],
                  "lower": "0", "upper": "0", "radius": "0"}, "enclosure"),
    ],
)  # fmt: skip
def test_what_a_record_costs_is_the_product_of_its_sizes(size: int, fields: dict[str, Any], subject: str) -> None:
    instance, record = uniform(size, **fields)
    with pytest.raises(InvalidInput, match=f"{subject}: needs 2.,...,... products|{subject}: needs 3.,...,... products"):
        verify(signed(instance, record))


def test_coefficients_cost_their_entries_times_the_right_factor() -> None:
    instance = one_hot(1, 20_480) | {"embeddings": [["1"] * 1_024]}
    coefficients = {"default": "0", "entries": {str(v): "-1" if v % 2 else "1" for v in range(20_480)}}
    with pytest.raises(InvalidInput, match="coefficients: needs 20,971,520 products"):
        verify(signed(instance, {"type": "infeasible-system", "coefficients": [coefficients]}))


def test_wide_blocks_are_within_the_bounds() -> None:
    instance, record = uniform(40, type="unique-multipliers", **LEVEL, next=[NOTHING], witnesses=[])
    assert verify(signed(instance, record))


def test_an_object_may_have_many_keys_but_none_twice() -> None:
    many = {str(k): "0" for k in range(2_000)}
    assert parse(json.dumps(many), "file") == many
    with pytest.raises(InvalidInput, match="a key occurs twice"):
        parse('{"a": 1, "a": 2}', "file")


@pytest.mark.parametrize("wrap", [lambda value: {"a": value}, lambda value: [value]])
def test_nesting_is_bounded_where_the_library_gives_up(wrap: Any) -> None:
    def nested(depth: int) -> Any:
        value: Any = 10**5_000  # more digits than json.dumps prints
        for _ in range(depth):
            value = wrap(value)
        return value

    assert digest({"a": nested(10)}).startswith("sha256:")
    with pytest.raises(InvalidInput, match="nested too deeply"):
        digest({"a": nested(40)})


def test_a_rank_beyond_both_sides_is_no_rank() -> None:
    instance = {"kind": "system", "inequalities": [["1", "0"]], "bounds": ["0"]}
    with pytest.raises(InvalidInput, match="rank"):
        verify(signed(instance, {"type": "rank", "rank": 2, "left": [["1"], ["1"]], "right": [["1", "0"], ["0", "1"]]}))


def test_the_journal_holds_what_was_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NTPPROOFS_JOURNAL", str(tmp_path))
    document = signed(PAIR, LEAST)
    verify(document)
    verify(document)
    (file,) = tmp_path.iterdir()
    assert [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()] == [document, document]
