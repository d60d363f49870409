"""Ways in: exact numbers as people write them, names, texts, tables; what is refused is refused with its true reason."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ntpproofs.checking.kinds import read_instance
from ntpproofs.commands import cli
from ntpproofs.errors import InvalidInput
from ntpproofs.papers.linear_ntp.tokens import table_like, words
from ntpproofs.problems import AttentionNTP, ConditionalLogit, LinearNTP

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["ntpproofs", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        captured = capsys.readouterr()
        return int(stop.value.code or 0), captured.out, captured.err

    return call


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


BILLION = (
    "0.0451459845212405797311351603501",
    "-0.071060256855940387495832475572",
    "0.0451459834226282908962167633517",
    "-0.0710602570110658632278001990737",
    "0.0451459620070671507332025988906",
    "0.242266074338437525699033708885",
    "-0.135437929950936014421660618685",
    "-0.100145560471431274975401034239",
)
NUMBERS = [
    ("1.5", Fraction(3, 2)),
    ("3e-2", Fraction(3, 100)),
    ("-.25", Fraction(-1, 4)),
    ("+2", Fraction(2)),
    (Decimal("0.1"), Fraction(1, 10)),
    (np.int16(-4), Fraction(-4)),
    (7, Fraction(7)),
    ("2/6", Fraction(1, 3)),
]


@pytest.mark.parametrize("given, exact", NUMBERS, ids=str)
def test_exact_numbers_are_read_as_they_are_written(given: Any, exact: Fraction) -> None:
    assert LinearNTP([[given]], [[1, 0]]).embeddings == ((exact,),)
    assert ConditionalLogit([(1, 0, [[given], [0]])]).rows[0].features[0] == (exact,)
    assert AttentionNTP([[given]], [[0]], [0]).embeddings == ((exact,),)
    if isinstance(given, (str, int)):
        assert read_instance({"kind": "linear-ntp", "embeddings": [[given]], "probabilities": [[1, 0]]}).embeddings == ((exact,),)


def test_arrays_are_taken_where_they_are_exact() -> None:
    bank = np.array([[1, 2], [3, 4]])
    assert LinearNTP(bank, [[1, 0], ["1/2", "1/2"]]) == LinearNTP(bank.tolist(), [[1, 0], ["1/2", "1/2"]])
    assert AttentionNTP(np.eye(2, dtype=int), np.array([[0, 1]]), np.array([1])) == AttentionNTP([[1, 0], [0, 1]], [[0, 1]], [1])
    with pytest.raises(InvalidInput, match="round_to"):
        LinearNTP(bank / 3, [[1, 0], [1, 0]])
    assert LinearNTP(bank / 3, [[1, 0], [1, 0]], round_to="1/8").embeddings[0] == (Fraction(3, 8), Fraction(5, 8))
    assert ConditionalLogit([(1, 0, np.array([[0.1], [0.0]]))], round_to="0.1").rows[0].features[0] == (Fraction(1, 10),)


def test_floats_in_json_are_refused_with_the_remedy_to_quote_them(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", '{"kind": "linear-ntp", "embeddings": [[0.5]], "probabilities": [[1, 0]]}')
    status, _, err = run("limit", path)
    assert status == 2 and "floats are refused" in err and '"0.5"' in err
    assert run("limit", write(tmp_path / "b.json", path.read_text().replace("0.5", '"0.5"')))[0] == 0


def test_counts_stand_for_probabilities_and_weights(run: Run, tmp_path: Path) -> None:
    counted = LinearNTP.from_counts([[1], [2]], [[3, 1, 0], {2: 4}], vocabulary_size=3)
    assert counted == LinearNTP([[1], [2]], [["3/4", "1/4", 0], [0, 0, 1]], ["1/2", "1/2"])
    record = {"kind": "linear-ntp", "embeddings": [["1"], ["2"]], "counts": [[3, 1, 0], [0, 0, 4]]}
    assert read_instance(record) == counted
    _, out, _ = run("limit", write(tmp_path / "a.json", json.dumps(record)))
    assert "of 8 predictions" in " ".join(out.split())
    for wrong in ([[0, 0, 0], [1, 0, 0]], [[-1, 2, 0], [1, 0, 0]], [["x", 2, 0], [1, 0, 0]], 5):
        with pytest.raises(InvalidInput, match="counts"):
            read_instance(record | {"counts": wrong})
    with pytest.raises(InvalidInput, match="beside counts"):
        read_instance(record | {"weights": ["1/2", "1/2"]})


def test_names_go_through_to_the_answer(run: Run, tmp_path: Path) -> None:
    record = {
        "kind": "attention-ntp",
        "tokens": ["cat", "the"],
        "embeddings": [[1, 0], [0, 1]],
        "sequences": [["the", "cat"], [0, 1]],
        "labels": ["the", 0],
    }
    path = write(tmp_path / "a.json", json.dumps(record))
    status, out, _ = run("limit", path, "--attend", "the,cat", "--json")
    found = json.loads(out)
    assert status == 0 and found["attend"]["sequence"] == [1, 0] and found["names"]["tokens"] == ["cat", "the"]
    assert {entry["name"] for entry in found["coordinates"]} >= {"'the' in 'the cat'"}
    assert "the: 1" in run("limit", path, "--attend", "the, cat")[1]
    assert run("limit", path, "--attend", "the,dog")[2].count("'dog' is no token of the file") == 1
    named = {"kind": "conditional-logit", "coordinates": ["dose"], "observations": ["Ann"], "rows": [{"chosen": 0, "features": [[1], [0]]}]}
    record = json.loads(run("limit", write(tmp_path / "b.json", json.dumps(named)), "--json")[1])
    assert record["coordinates"][0]["name"] == "dose" and record["separated"][0]["names"] == ["Ann"]
    for field in ("coordinates", "observations"):
        with pytest.raises(InvalidInput, match=field):
            read_instance(named | {field: ["a", "b"]})


def test_words_keep_their_marks() -> None:
    assert words("नमस्ते दुनिया") == ["नमस्ते", "दुनिया"]
    assert words(unicodedata.normalize("NFD", "café olé!")) == [unicodedata.normalize("NFD", word) for word in ("café", "olé")] + ["!"]
    assert words("می‌خواهم 👩‍🚀 ❤️") == ["می‌خواهم", "👩‍🚀", "❤️"]
    assert words("it's 3.5_a") == ["it", "'", "s", "3", ".", "5_a"]


@pytest.mark.parametrize("rule, size", [("words", 6), ("whitespace", 4), ("lines", 2), ("characters", 11)])
def test_texts_are_split_as_asked_and_say_so(run: Run, tmp_path: Path, rule: str, size: int) -> None:
    path = write(tmp_path / "A.TXT", "\ufeffa b,\n\ufeffc d.\n\n")
    status, out, _ = run("limit", path, "--context", 1, "--tokens", rule, "--json")
    notes = json.loads(out)["notes"]
    assert status == 0 and notes[0].startswith(f"{size} tokens: ") and "byte order marks dropped" in notes[0]
    assert "\ufeff" not in out


def test_ids_of_another_tokenizer(run: Run, tmp_path: Path) -> None:
    text = write(tmp_path / "a.txt", "anything")
    ids = write(tmp_path / "ids.json", json.dumps({"ids": [0, 1, 0, 1, 2], "tokens": ["a", "b", "c"]}))
    found = json.loads(run("limit", text, "--context", 1, "--tokens", ids, "--json")[1])
    assert found["names"]["tokens"] == ["a", "b", "c"]
    for wrong in ("{}", "[0.5]", '{"ids": [5], "tokens": ["a"]}', "[[1]]", "nonsense"):
        assert run("limit", text, "--context", 1, "--tokens", write(tmp_path / "wrong.json", wrong))[0] == 2


def test_names_that_a_terminal_would_not_show_are_written_out(run: Run, tmp_path: Path) -> None:
    """An escape sequence, a line end, a blank and a comma: in texts, in attention files and in the columns of a table."""
    text = write(tmp_path / "t.txt", "a\x1b[31mb\na b\n, b\n")
    tokens = {"embeddings": [[1, 0], [0, 1]], "sequences": [[0, 1], [1, 0]], "labels": [0, 0], "tokens": ["\x1b[2J", "\n"]}
    attention = write(tmp_path / "a.json", json.dumps({"kind": "attention-ntp", **tokens}))
    table = write(tmp_path / "t.csv", 'y,"x\x1b[31m\nz"\n0,1\n1,2\n')
    for call in ([text, "--tokens", "characters", "--context", "1"], [attention], [table, "--choice", "y"]):
        status, out, _ = run("limit", *call)
        assert status == 0 and "\x1b" not in out and r"\x1b" in out
        assert "\n" in out and r"\n" in out
    _, out, _ = run("limit", write(tmp_path / "s.txt", "a, b, a, b"), "--tokens", "characters", "--context", "1")
    table = out[out.index("separated contexts") :]
    assert "a, ' ', b" in table and "a, ',', b" in table


@pytest.mark.parametrize(("text", "said"), [("从前有座山", "--tokens characters"), ("word", "give a longer text")])
def test_a_script_without_spaces_has_its_remedy(run: Run, tmp_path: Path, text: str, said: str) -> None:
    status, _, err = run("limit", write(tmp_path / "t.txt", text), "--context", "1")
    assert status == 2 and said in err and "shorter" not in err and "1 token," in err
    assert ("characters" in err) == ("characters" in said)


def test_a_text_without_spaces_says_how_it_was_split(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "t.txt", "从前有座山。山里有座庙。庙里有个和尚。")
    assert "--tokens characters" in run("limit", path)[1]
    assert "script" not in run("limit", path, "--tokens", "characters")[1]


def test_a_table_with_the_ending_of_a_text_is_not_silently_prose(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "x,y\n1,a\n2,b\n3,a\n")
    status, _, err = run("limit", path)
    assert status == 2 and "looks like a table (2 columns separated by commas" in err and ".csv" in err
    assert run("limit", path, "--tokens", "words")[0] == 0
    assert "looks like an instance" in run("limit", write(tmp_path / "b.txt", '{"kind": "linear-ntp"}'))[2]
    assert table_like("a, b\nc, d\ne, f") is None and table_like("1\t2\n3\t4\n5\t6") is not None


CSV = "y,dose,colour,w\nno,1.5,red,1\nyes,2.5,blue,2\nyes,3e0,red,1\nno,1/2,blue,3\n"


def test_a_table_of_choices_is_the_problem_written_by_hand(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", CSV)
    found = json.loads(run("limit", path, "--choice", "y", "--weight", "w", "--intercept", "--json")[1])
    zero = ["0", "0", "0"]
    rows = [
        {"weight": w, "chosen": c, "features": [zero, ["1", x, r]]}
        for w, c, x, r in ((1, 0, "3/2", 1), (2, 1, "5/2", 0), (1, 1, 3, 1), (3, 0, "1/2", 0))
    ]
    plain = json.loads(run("limit", write(tmp_path / "a.json", json.dumps({"kind": "conditional-logit", "rows": rows})), "--json")[1])
    assert all(found[key] == plain[key] for key in ("max_margin", "finite_part", "infimum", "separation", "dimensions", "assumptions"))
    assert [entry["name"] for entry in found["coordinates"]] == ["(intercept)", "dose", "colour=red"]
    assert "'yes' against 'no', the reference class" in found["notes"][0] and "its reference is 'blue'" in found["notes"][1]
    assert ConditionalLogit.from_table({"y": ["no", "yes"], "dose": [1, 2]}, "y").coordinate_names == ("dose",)


def test_three_classes_have_a_coefficient_for_every_class_but_the_reference(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "kind\tx\nb\t1\na\t2\nc\t3\n")
    found = json.loads(run("limit", path, "--choice", "kind", "--json")[1])
    assert [entry["name"] for entry in found["coordinates"]] == ["b: x", "c: x"] and found["names"]["tokens"] == ["a", "b", "c"]


def test_matched_sets(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "pair,case,x\n1,1,2\n1,0,1\n2,yes,0\n2,no,1\n".replace("yes", "1").replace("no", "0"))
    found = json.loads(run("limit", path, "--choice", "case", "--stratum", "pair", "--json")[1])
    assert found["separation"]["class"] == "overlap" and found["coordinates"][0]["fate"] == "finite"
    assert run("limit", path, "--choice", "case", "--stratum", "pair", "--intercept")[0] == 2
    two = write(tmp_path / "b.csv", "pair,case,x\n1,1,2\n1,1,1\n")
    assert "has 2 chosen rows" in run("limit", two, "--choice", "case", "--stratum", "pair")[2]


def test_a_table_of_counts(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "before,after,n\nthe cat,sat,3\nthe cat,ran,1\na dog,sat,2\nthe cat,sat,0\n")
    found = json.loads(run("limit", path, "--context", "before", "--next", "after", "--count", "n", "--json")[1])
    same = json.loads(
        run("limit", write(tmp_path / "a.json", json.dumps({"kind": "linear-ntp", "embeddings": "one-hot", "counts": [[3, 1], [2, 0]]})), "--json")[1]
    )
    assert found["max_margin"] == same["max_margin"] and found["infimum"] == same["infimum"]
    assert found["names"] == {"tokens": ["sat", "ran"], "observations": {"0": "the cat", "1": "a dog"}}


WRONG = [
    ("y,x\nno,1\nyes,\n", ["--choice", "y"], "is missing"),
    ("y,x\nno,1\nyes,a\n", ["--choice", "y"], "mixes numbers and words"),
    ("y,y\nno,1\n", ["--choice", "y"], "two columns named"),
    ("y,x\nno,1,2\n", ["--choice", "y"], "has 3 cells under 2 columns"),
    ("y,x\nno,1\nno,2\n", ["--choice", "y"], "one class only"),
    ("y,x\nno,1\nyes,2\n", ["--choice", "z"], "names no column"),
    ("y,x\nno,1\nyes,2\n", ["--choice", "y", "--weight", "y"], "one column twice"),
    ("y,x\nno,1\nyes,2\n", [], "several ways"),
    ("y,x\nno,1\nyes,2\n", ["--next", "y"], "--context: is missing"),
    ("y,x\nno,1\nyes,2\n", ["--choice", "y", "--next", "x"], "two kinds"),
    ("y\n", ["--choice", "y"], "no row below its header"),
    ('y,x\n"no,1\n', ["--choice", "y"], "opens a quote"),
    ("y\nno\nyes\n", ["--choice", "y"], "covariates: are none"),
    ("y,x\nno,1\nyes,2\n", ["--choice", "y", "--tokens", "words"], "--tokens"),
]


@pytest.mark.parametrize("text, options, said", WRONG, ids=[said for _, _, said in WRONG])
def test_tables_are_refused_in_words(run: Run, tmp_path: Path, text: str, options: list[str], said: str) -> None:
    status, _, err = run("limit", write(tmp_path / "a.csv", text), *options)
    assert status == 2 and said in err and "Remedy" in err


def test_options_that_do_nothing_are_refused(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps({"kind": "linear-ntp", "embeddings": [["1"]], "probabilities": [["1", "0"]]}))
    for option in (["--context", "2"], ["--embedding", "one-hot"], ["--choice", "x"], ["--tokens", "words"]):
        assert run("limit", path, *option)[0] == 2, option


JUNK: list[Any] = [
    None,
    5,
    "x",
    0.5,
    [],
    {},
    [[]],
    [None],
    [[None]],
    [[0.5]],
    object(),
    np.array([1j]),
    np.array("x"),
    float("nan"),
    {"a": 1},
    b"x",
    [[1], [1, 2]],
]


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:20])
def test_public_constructors_raise_their_own_error_only(junk: Any) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: LinearNTP(junk, [[1, 0]]),
        lambda: LinearNTP([[1]], junk),
        lambda: LinearNTP([[1]], [[1, 0]], junk),
        lambda: LinearNTP([[1]], [[1, 0]], vocabulary_size=junk),
        lambda: LinearNTP([[1]], [[1, 0]], round_to=junk),
        lambda: LinearNTP.from_counts([[1]], junk),
        lambda: LinearNTP.from_counts(junk, [[1, 2]]),
        lambda: AttentionNTP(junk, [[0]], [0]),
        lambda: AttentionNTP([[1]], junk, [0]),
        lambda: AttentionNTP([[1]], [[0]], junk),
        lambda: AttentionNTP.one_hot_tokens(junk, [[0]], [0]),
        lambda: ConditionalLogit(junk),
        lambda: ConditionalLogit([junk]),
        lambda: ConditionalLogit([(junk, 0, [[1], [0]])]),
        lambda: ConditionalLogit([(1, junk, [[1], [0]])]),
        lambda: ConditionalLogit([(1, 0, junk)]),
        lambda: ConditionalLogit([(1, 0, [[1], [0]], junk)]),
        lambda: ConditionalLogit.from_table(junk, "y"),
        lambda: ConditionalLogit.from_table({"y": junk, "x": [1, 2]}, "y"),
        lambda: ConditionalLogit.from_table({"y": [0, 1], "x": [1, 2]}, junk),
        lambda: read_instance(junk),
        lambda: read_instance({"kind": junk}),
    ]
    for i, call in enumerate(calls):
        try:
            call()
        except InvalidInput:
            continue
        except Exception as error:  # the law is that there is no other
            raise AssertionError(f"call {i} raised {type(error).__name__}: {error}") from error


def test_an_embedding_of_a_billion_is_answered(run: Run, tmp_path: Path) -> None:
    """The finite part lies within its radius of what Newton's method finds in 80 digits (mpmath), written here to 30."""
    half = [["3/4", "1/4", 0, 0], [0, 0, 1, 0], ["1/4"] * 4, ["1/4"] * 4]
    record = {"kind": "linear-ntp", "embeddings": [[10**9, 0], [0, 1], [1, 1], [-1, 3]], "probabilities": half}
    status, out, _ = run("limit", write(tmp_path / "far.json", json.dumps(record)), "--json")
    found = json.loads(out)
    assert status == 0 and found["separation"] == {"class": "overlap"}
    flat = [x for row in found["finite_part"]["matrix"] for x in row]
    distance = sum((Fraction(x) - Fraction(y)) ** 2 for x, y in zip(flat, BILLION, strict=True))
    assert distance < Fraction(found["finite_part"]["radius"]) ** 2
