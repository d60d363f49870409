"""Reading untrusted JSON: exact numbers only, bounded size and depth, and a message with object, reason and remedy each time."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ntpproofs.errors import InvalidInput
from ntpproofs.kernel import Vector, parse, rational, read
from ntpproofs.kernel.reading import field, index, listed, only, ratio

HUGE = "9" * 5_000


def label(value: Any) -> str:
    """A short test id (pytest would print the whole value)."""
    return f"{value.bit_length()} bits" if type(value) is int else repr(value)[:24] if isinstance(value, (str, float)) else type(value).__name__


def refusal(function: Any, *arguments: Any) -> InvalidInput:
    """The `InvalidInput` a call raises; its three parts are all there."""
    with pytest.raises(InvalidInput) as caught:
        function(*arguments)
    error = caught.value
    assert error.subject and error.reason and error.remedy
    assert str(error) == f"{error.subject}: {error.reason}. Remedy: {error.remedy}."
    assert len(str(error)) < 400
    return error


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", Fraction(0)), ("-0", Fraction(0)), ("7", Fraction(7)), ("-3/6", Fraction(-1, 2)), ("06/4", Fraction(3, 2)), (5, Fraction(5)),
        (Fraction(2, 3), Fraction(2, 3)), ("0/9", Fraction(0)), (HUGE, Fraction(10**5_000 - 1)), (f"-{HUGE}/3", Fraction(1 - 10**5_000, 3)),
        ("1" + "0" * 199_999, Fraction(10**199_999)), ("-1" + "0" * 4_321, Fraction(-(10**4_321))), ("1/" + "0" * 4_500 + "4", Fraction(1, 4)),
    ],
    ids=label,
)  # fmt: skip
def test_rationals_are_read_exactly(written: Any, value: Fraction) -> None:
    assert rational(written, "x") == value
    top, bottom = ratio(written, "x")
    assert bottom > 0 and Fraction(top, bottom) == value


@pytest.mark.parametrize(
    "written",
    [
        0.5, 1.0, float("nan"), float("inf"), "0.5", "1e3", "nan", "Infinity", "", " ", " 1", "1 ", "1\n", "+1", "--1", "1/-2", "-1/-2", "1/0",
        "-5/0", "1/", "/2", "1//2", "1/2/3", "٣", "1_000", "0x10", None, True, False, [], {}, ["1"], "1" * 200_001, b"1",
    ],
    ids=label,
)  # fmt: skip
def test_everything_else_is_refused(written: Any) -> None:
    error = refusal(rational, written, "weights[3]")
    assert error.subject == "weights[3]"
    assert ("denominator" in error.reason) == (isinstance(written, str) and written.endswith("/0"))


def test_floats_are_refused_with_the_reason() -> None:
    assert "floats are refused" in refusal(rational, 0.5, "x").reason
    error = refusal(parse, "[0.5]", "data.json")
    assert error.subject == "data.json: JSON" and "0.5" in error.reason and '"p/q"' in error.remedy


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[1.0]", "not an exact number"), ("[1e5]", "not an exact number"), ("[1E400]", "not an exact number"), ("[-0.0]", "not an exact number"),
        ("[NaN]", "not an exact number"), ("[Infinity]", "not an exact number"), ("[-Infinity]", "not an exact number"),
        ('{"a": 1, "a": 1}', "occurs twice"), ('{"a": {"b": 1, "c": 2, "b": 3}}', "occurs twice"),
        ("", "is empty"), ("  \n ", "is empty"), ("{", "is not JSON"), ("[1,]", "is not JSON"), ("{'a': 1}", "is not JSON"), ("[01]", "is not JSON"),
        ("[1] [2]", "is not JSON"), ("nul", "is not JSON"), ('"\t"', "is not JSON"), ("\ufeff[1]", "is not JSON"), ("[+1]", "is not JSON"),
        ("[" * 100_000, "nested too deeply"), ("[" * 100_000 + "]" * 100_000, "nested too deeply"), ('{"a":' * 100_000, "nested too deeply"),
        ("[" + "1" * 200_001 + "]", "not an exact number"),
    ],
    ids=label,
)  # fmt: skip
def test_malformed_json_is_refused(text: str, reason: str) -> None:
    error = refusal(parse, text, "data.json")
    assert error.subject.startswith("data.json") and reason in error.reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, -2, 0]", [1, -2, 0]), ('{"a": ["1/2", null, true]}', {"a": ["1/2", None, True]}), ("[" * 15 + "7" + "]" * 15, None),
        (f"[{HUGE}, -{HUGE}]", [10**5_000 - 1, 1 - 10**5_000]), ('"é\\u00e9"', "éé"), (' "x" ', "x"), ("12", 12),
    ],
    ids=label,
)  # fmt: skip
def test_well_formed_json_is_read(text: str, value: Any) -> None:
    assert parse(text, "data.json") == (value if value is not None else json.loads(text))


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text('{"a": [1, "2/3"]}', encoding="utf-8")
    assert read(path) == read(str(path)) == {"a": [1, "2/3"]}
    size = path.stat().st_size
    assert read(path, limit=size) == {"a": [1, "2/3"]}
    error = refusal(read, path, size - 1)
    assert error.subject == str(path) and f"{size} bytes" in error.reason and f"limit is {size - 1}" in error.reason
    path.write_bytes('{"a": "é"}'.encode("latin-1"))
    assert "not UTF-8" in refusal(read, path).reason and "byte 7" in refusal(read, path).reason
    path.write_bytes(b"")
    assert refusal(read, path).reason == "is empty"
    path.write_bytes(b"\xff\xfe[\x001\x00]\x00")  # UTF-16
    assert "not UTF-8" in refusal(read, path).reason
    assert refusal(read, tmp_path).reason == "is a directory"
    assert "cannot be read" in refusal(read, tmp_path / "missing.json").reason
    path.write_text("[0.5]", encoding="utf-8")
    assert refusal(read, path).subject == f"{path}: JSON"


@pytest.mark.parametrize("value", [-1, 3, 10**30, "3", "-1", "01", "00", "", "1.0", "x", 1.0, True, None, [0], "9" * 30, 10**5_000], ids=label)
def test_indices_outside_are_refused(value: Any) -> None:
    error = refusal(index, value, "tied[0]", 3)
    assert error.subject == "tied[0]" and "0..2" in error.reason


def test_indices_inside_are_read() -> None:
    assert [index(value, "tied", 3) for value in (0, 2, "0", "2")] == [0, 2, 0, 2]


def test_lists_and_fields() -> None:
    assert listed([1, 2], "rows", 2) == [1, 2] and listed((1,), "rows") == (1,)
    for value in ("ab", {"0": 1}, None, 3, b"ab"):
        assert "not a list" in refusal(listed, value, "rows").reason
    assert "has 1 entries where 2 are needed" in refusal(listed, [1], "rows", 2).reason
    assert field({"a": 1}, "a", "instance") == 1
    assert "no field 'b'" in refusal(field, {"a": 1}, "b", "instance").reason
    for value in ([], "x", None):
        assert "not an object" in refusal(field, value, "a", "instance").reason
    only({"a": 1}, ("a", "b"), "instance")
    error = refusal(only, {"a": 1, "c": 2}, ("a", "b"), "instance")
    assert "'c'" in error.reason and "a, b" in error.remedy


def entries(vector: Vector) -> list[Fraction]:
    return list(vector)


def test_vectors_have_two_forms() -> None:
    dense = Vector.decode(["1/2", 0, "-1/3"], "v", 3)
    assert entries(dense) == [Fraction(1, 2), Fraction(0), Fraction(-1, 3)]
    assert entries(Vector.decode({"entries": {"0": "1/2", "2": "-1/3"}}, "v", 3)) == entries(dense)
    shifted = Vector.decode({"default": "1/2", "entries": {"1": 0, "2": "-1/3"}}, "v", 3)
    assert entries(shifted) == entries(dense)
    assert Fraction(dense.total(), dense.denominator) == Fraction(shifted.total(), shifted.denominator) == Fraction(1, 6)
    assert dense.squared_norm() == shifted.squared_norm() == Fraction(13, 36)
    assert entries(Vector.decode([], "v", 0)) == [] and Vector.decode([], "v", 0).vanishes()


@pytest.mark.parametrize(
    "written", [{"default": "0", "entries": {}}, {"default": 1, "entries": {"0": 0, "1": 0, "2": 0}}, [0, "0/5", "-0"], {"entries": {"1": 0}}]
)
def test_zero_vectors_vanish_however_written(written: Any) -> None:
    assert Vector.decode(written, "v", 3).vanishes()
    assert Vector.decode(written, "v", 3).squared_norm() == 0


@pytest.mark.parametrize(
    "written", [{"default": 1, "entries": {"0": 0, "1": 0}}, {"entries": {"1": "1/9"}}, [0, 0, -1], {"default": "1/7", "entries": {}}]
)
def test_other_vectors_do_not_vanish(written: Any) -> None:
    assert not Vector.decode(written, "v", 3).vanishes()


def test_combinations_are_exact() -> None:
    x, y = Vector.decode(["1/2", 1, 0], "x", 3), Vector.decode({"default": "1/3", "entries": {"1": "-3/2"}}, "y", 3)
    combined = Vector.combine(3, [(Fraction(2), x), (Fraction(0), y), (Fraction(-1, 2), y)])
    assert entries(combined) == [Fraction(5, 6), Fraction(11, 4), Fraction(-1, 6)]
    assert entries(Vector.combine(2, [])) == [0, 0]
    assert Vector.combine(3, [(Fraction(3), y), (Fraction(-3), y)]).vanishes()


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ([1, 2], "v"), ([1, 2, 3, 4], "v"), ("123", "v"), (None, "v"), ({}, "v"), ({"entries": []}, "v"), ({"entries": None}, "v"),
        ({"default": 1}, "v"), ({"entries": {}, "other": 1}, "v"), ({"entries": {"3": 1}}, "v.entries"), ({"entries": {"-1": 1}}, "v.entries"),
        ({"entries": {"01": 1}}, "v.entries"), ({"entries": {"x": 1}}, "v.entries"), ({"entries": {"1": 0.5}}, "v.entries[1]"),
        ({"default": "x", "entries": {}}, "v.default"), ([1, None, 3], "v[1]"), ([1, 2, "1/0"], "v[2]"), ([1, [2], 3], "v[1]"),
    ],
    ids=label,
)  # fmt: skip
def test_malformed_vectors_name_the_place(written: Any, subject: str) -> None:
    assert refusal(Vector.decode, written, "v", 3).subject == subject
