"""The command line as a user meets it: exit statuses, JSON keys, and one clear message for every bad input."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ntpproofs import __version__
from ntpproofs.commands import cli

ROOT = Path(__file__).parent.parent
FULL = ROOT / "examples" / "full.json"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ntpproofs", *map(str, arguments)])
        try:
            cli.main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def write(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


INSTANCE = {"kind": "linear-ntp", "embeddings": [["1", "0"], ["1", "1"]], "probabilities": [["1/2", "1/4", "1/4"], ["1", "0", "0"]]}


def changed(**fields: Any) -> dict[str, Any]:
    return {**INSTANCE, **fields}


BAD_INSTANCES = {
    "does not sum to one": (changed(probabilities=[["1/2", "1/4", "0"], ["1", "0", "0"]]), "probabilities[0]", "sums to 3/4"),
    "negative": (changed(probabilities=[["3/2", "-1/2", "0"], ["1", "0", "0"]]), "probabilities[0]", "-1/2"),
    "wrong length": (changed(probabilities=[["1/2", "1/2"], ["1", "0", "0"]]), "probabilities[1]", "3 entries"),
    "empty support": (changed(probabilities=[["0", "0", "0"], ["1", "0", "0"]]), "probabilities[0]", "empty support"),
    "no contexts": (changed(embeddings=[], probabilities=[]), "probabilities", "no context"),
    "float": (changed(weights=[0.5, 0.5]), "JSON", "floats are refused"),
    "ragged embeddings": (changed(embeddings=[["1"], ["1", "1"]]), "embeddings[1]", "2 entries"),
    "empty embeddings": (changed(embeddings=[[], []]), "embeddings", "without entries"),
    "too few embeddings": (changed(embeddings=[["1", "0"]]), "embeddings", "2 are needed"),
    "weights do not sum to one": (changed(weights=["1/2", "1/4"]), "weights", "3/4"),
    "zero weight": (changed(weights=["0", "1"]), "weights[0]", "not positive"),
    "denominator zero": (changed(weights=["1/0", "1"]), "weights[0]", "denominator zero"),
    "word": (changed(weights=["half", "1/2"]), "weights[0]", "not an exact number"),
    "unknown kind": ({"kind": "quadratic"}, "kind", "quadratic"),
    "missing field": ({"kind": "linear-ntp", "embeddings": [["1"]]}, "instance", "probabilities"),
    "no rows": ({"kind": "conditional-logit", "rows": []}, "rows", "empty"),
    "chosen out of range": ({"kind": "conditional-logit", "rows": [{"chosen": 2, "features": [["1"], ["0"]]}]}, "chosen", "0..1"),
    "negative multiplicity": (
        {"kind": "conditional-logit", "rows": [{"chosen": 0, "features": [["1"]], "multiplicities": [-1]}]},
        "multiplicities",
        "-1",
    ),
    "not an object": ([1, 2], "", "not an object"),
    "misspelt word": (changed(embeddings="onehot"), "embeddings", "'onehot'"),
    "sparse without a size": (changed(probabilities=[{"entries": {"0": "1"}}] * 2), "probabilities[0]", "vocabulary_size is missing"),
    "attention one-hot": ({"kind": "attention-ntp", "embeddings": "one-hot", "sequences": [[0]], "labels": [0]}, "embeddings", "'one-hot'"),
}


@pytest.mark.parametrize("name", BAD_INSTANCES)
def test_bad_instances_get_one_message_and_status_2(name: str, run: Run, tmp_path: Path) -> None:
    content, subject, reason = BAD_INSTANCES[name]
    path = write(tmp_path / "bad.json", content)
    status, out, err = run("limit", path)
    assert status == 2 and out == ""
    assert err.startswith("error: ") and "Remedy:" in err and err.count("\n") == 1
    assert str(path) in err and subject in err and reason in err


def test_unreadable_files_get_one_message_and_status_2(run: Run, tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as stream:
        stream.truncate(65 * 2**20)
    latin = tmp_path / "latin.txt"
    latin.write_bytes("déjà vu encore".encode("latin-1"))
    cases = {
        write(tmp_path / "empty.json", ""): "is empty",
        write(tmp_path / "text.json", "not json"): "not JSON",
        write(tmp_path / "twice.json", '{"kind": "linear-ntp", "kind": "linear-ntp"}'): "twice",
        write(tmp_path / "nan.json", '{"kind": NaN}'): "float",
        write(tmp_path / "deep.json", "[" * 100_000): "nested",
        huge: "limit",
        latin: "UTF-8",
        tmp_path: "directory",
        tmp_path / "absent.json": "cannot be read",
        write(tmp_path / "short.txt", "one two"): "too few",
        write(tmp_path / "table.csv", "1,2"): "several ways",
        write(tmp_path / "table.xlsx", "1,2"): "ending",
    }
    for path, reason in cases.items():
        status, out, err = run("limit", path)
        assert status == 2 and out == "" and reason in err and str(path) in err and "Remedy:" in err, (path, err)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--context", "0"), "--context"),
        (("--embedding", "gaussian:0"), "dimension 0"),
        (("--embedding", "word2vec"), "unknown"),
        (("--embedding", "absent.npy"), "cannot be read"),
        (("--simulate", "--optimizer", "adamw"), "--optimizer"),
        (("--simulate", "--log-time", "-3"), "--log-time"),
        (("--simulate", "--log-time", "nan"), "--log-time"),
        (("--plot", "figure.gif"), "ending"),
    ],
)
def test_bad_options_get_one_message_and_status_2(arguments: tuple[str, ...], reason: str, run: Run, tmp_path: Path) -> None:
    status, _, err = run("limit", write(tmp_path / "a.txt", "a b a c a b a"), *arguments)
    assert status == 2 and reason in err and "Remedy:" in err


def test_bad_arrays_get_one_message_and_status_2(run: Run, tmp_path: Path) -> None:
    text = write(tmp_path / "a.txt", "a b a c a b a")  # contexts of one token: a, b, c
    good = np.arange(6, dtype=float).reshape(3, 2)
    broken = good.copy()
    broken[1, 1] = np.nan
    arrays = {
        "nan.npy": (broken, "finite"),
        "rows.npy": (good[:2], "contexts"),
        "cube.npy": (good[None], "shape"),
        "words.npy": (np.array(["x"]), "numbers"),
        "complex.npy": (good + 1j, "not real numbers"),
        "dates.npy": (np.array(["2020-01-01"], dtype="datetime64[D]"), "not real numbers"),
    }
    for name, (array, reason) in arrays.items():
        np.save(tmp_path / name, array)
        status, _, err = run("limit", text, "--context", "1", "--embedding", tmp_path / name)
        assert status == 2 and reason in err, err
    header = b"\x93NUMPY\x01\x00\x3e\x00{'descr': '<f8', 'fortran_order': False, 'shape': (60000000000,"
    for name, content in (("fake.npy", b"no array"), ("cut.npy", header), ("empty.npy", b"")):
        (tmp_path / name).write_bytes(content)
        status, _, err = run("limit", text, "--context", "1", "--embedding", tmp_path / name)
        assert status == 2 and "Remedy:" in err, (name, err)
    np.save(tmp_path / "good.npy", good)
    status, out, _ = run("limit", text, "--context", "1", "--embedding", tmp_path / "good.npy", "--json")
    assert status == 0 and json.loads(out)["kind"] == "linear-ntp"


def test_limit_json_has_the_contracted_keys(run: Run) -> None:
    status, out, _ = run("limit", FULL, "--json", "--simulate", "--log-time", "200")
    found = json.loads(out)
    assert status == 0
    answered = {"kind", "route", "separation", "dimensions", "assumptions", "finite_part", "max_margin", "infimum", "coordinates", "separated"}
    assert set(found) == answered | {"simulation"}
    assert found["separation"] == {"class": "quasi-complete"}
    assert found["dimensions"] == {"tied": 2, "diverging": 2, "invariant": 2}
    assert found["max_margin"] == {"matrix": [["0", "2/3"], ["0", "-1/3"], ["0", "-1/3"]], "squared_norm": "2/3", "strictly_complementary": True}
    assert set(found["finite_part"]) == {"matrix", "radius"} and found["finite_part"]["radius"] < 1e-15
    assert found["infimum"]["attained"] is False and found["infimum"]["lower"] <= found["infimum"]["upper"]
    assert set(found["simulation"]) == {"log_time", "slope_error", "direction_error", "finite_part_error", "stopped", "notes", "seconds"}
    assert set(found["assumptions"].values()) <= {"holds", "fails", "undecided"}
    assert found["assumptions"]["ntp_separable"] == found["assumptions"]["ntp_compatible"] == "holds"


@pytest.mark.parametrize("optimizer", ["gradient-descent", "normalized-gradient-descent", "nesterov", "stochastic-gradient-descent"])
def test_euclidean_optimizers_are_compared_with_the_limit_of_gradient_descent(optimizer: str, run: Run) -> None:
    status, out, _ = run("limit", FULL, "--json", "--simulate", "--log-time", "6", "--optimizer", optimizer)
    found = json.loads(out)["simulation"]
    assert status == 0 and (found["optimizer"], found["steps"], found["norm"]) == (optimizer, 403, "frobenius")
    assert found["slope_error"] < 1 and found["direction_error"] < 1
    assert 0.9 * found["max_margin"] < found["margin"] <= found["max_margin"] * (1 + 1e-9)


@pytest.mark.parametrize(
    ("optimizer", "norm", "largest"),
    [("sign-descent", "l-infinity", 2.0), ("coordinate-descent", "l1", 1.0), ("adam", "l-infinity", 2.0), ("mirror-descent", 1.5, 1.0772173)],
)
def test_other_optimizers_are_compared_with_their_own_norm(optimizer: str, norm: object, largest: float, run: Run, tmp_path: Path) -> None:
    figure = tmp_path / "figure.svg"
    arguments = ("--simulate", "--log-time", "6", "--optimizer", optimizer)
    status, out, _ = run("limit", FULL, "--json", *arguments, "--plot", figure)
    found = json.loads(out)["simulation"]
    assert status == 0 and found["norm"] == norm and abs(found["max_margin"] - largest) < 1e-6
    assert found["slope_error"] is None and found["direction_error"] is None and found["margin"] <= largest * (1 + 1e-9)
    assert figure.read_text(encoding="utf-8").startswith("<?xml")
    status, out, _ = run("limit", FULL, *arguments)
    assert status == 0 and f"margin per unit {norm} norm" in out and "slope error" not in out


@pytest.mark.parametrize("arguments", [("--optimizer", "sign-descent", "--log-time", "1"), ("--log-time", "0.3"), ("--log-time", "1e6")])
def test_runs_of_any_length_are_drawn(arguments: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    figure = tmp_path / "figure.png"
    status, _, _ = run("limit", FULL, "--simulate", *arguments, "--plot", figure)
    assert status == 0 and figure.stat().st_size > 10_000


def test_the_table_says_what_the_laws_expect(run: Run, tmp_path: Path) -> None:
    rows = [{"chosen": 0, "features": [["1", "0"], ["0", "0"]]}, {"chosen": 0, "features": [["1", "1"], ["0", "0"]]}]
    weak = write(tmp_path / "weak.json", {"kind": "conditional-logit", "rows": rows})
    status, out, _ = run("limit", weak, "--simulate", "--log-time", "1e6")
    out = " ".join(out.split())
    assert status == 0 and "log log t coefficient" in out and "|D| = 1" in out and "because of weak pairs" in out
    status, out, _ = run("limit", FULL, "--simulate", "--log-time", "1e6")
    out = " ".join(out.split())
    assert status == 0 and "like t^-0.3333" in out and "proved without u" in out and "tends to |u|^2 = 0.666666667" in out


def test_an_unknown_optimizer_is_refused_without_a_simulation_too(run: Run) -> None:
    status, _, err = run("limit", FULL, "--optimizer", "foo")
    assert status == 2 and "--optimizer" in err


def test_an_optimizer_without_a_limit_direction_has_no_margin(run: Run, tmp_path: Path) -> None:
    overlap = write(tmp_path / "overlap.json", {"kind": "linear-ntp", "embeddings": [["1"]], "probabilities": [["1/2", "1/2"]]})
    figure = tmp_path / "overlap.png"
    status, out, _ = run("limit", overlap, "--json", "--simulate", "--log-time", "4", "--optimizer", "sign-descent", "--plot", figure)
    found = json.loads(out)["simulation"]
    assert status == 0 and found["margin"] is None and found["max_margin"] is None and figure.exists()


def test_an_unknown_optimizer_is_told_the_choices(run: Run) -> None:
    status, _, err = run("limit", FULL, "--simulate", "--optimizer", "lion")
    assert status == 2 and "'lion' is unknown" in err and all(name in err for name in ("gradient-flow", "sign-descent", "adam", "nesterov"))


def test_limit_of_a_conditional_logit_is_flat(run: Run) -> None:
    found = json.loads(run("limit", ROOT / "examples" / "pair.json", "--json")[1])
    assert found["separation"]["class"] == "complete"
    assert found["max_margin"]["matrix"] == ["1"] and found["finite_part"]["matrix"] == [0.0]
    assert found["dimensions"] == {"tied": 0, "diverging": 1, "invariant": 0}


def test_certificates_pass_recheck_and_tampered_ones_fail(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    assert run("limit", FULL, "--certificate", path)[0] == 0
    status, out, _ = run("recheck", path)
    document = json.loads(path.read_text())
    assert status == 0 and out.count("proved") == len(document["certificates"]) >= 8
    document["certificates"][1]["squared_norm"] = "1"
    status, _, err = run("recheck", write(tmp_path / "tampered.json", document))
    assert status == 1 and "rejected" in err
    assert run("recheck", FULL)[0] == 2
    status, out, _ = run("recheck", path, "--json")
    assert status == 0 and json.loads(out)["valid"] is True


def test_corpus_goes_through_the_closed_form(run: Run, tmp_path: Path) -> None:
    path, lines = tmp_path / "certificate.json", (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    text = write(tmp_path / "readme.md", "\n".join(lines[:30]))
    status, out, _ = run("limit", text, "--context", "2", "--json", "--certificate", path)
    found = json.loads(out)
    assert status == 0 and found["assumptions"]["ntp_separable"] == "holds" and found["infimum"]["attained"] is False
    assert run("recheck", path)[0] == 0
    status, out, _ = run("limit", text, "--context", "2")
    assert status == 0 and "contexts" in out and "margin" in out and "entropy" in out


def test_small_corpus_agrees_with_the_exact_route(run: Run, tmp_path: Path) -> None:
    text = write(tmp_path / "a.txt", "a b a c a b c a a b")
    one_hot = json.loads(run("limit", text, "--context", "1", "--json")[1])
    np.save(tmp_path / "eye.npy", np.eye(3))
    exact = json.loads(run("limit", text, "--context", "1", "--embedding", tmp_path / "eye.npy", "--json")[1])
    assert one_hot["max_margin"] == exact["max_margin"]
    assert one_hot["dimensions"] == exact["dimensions"] and one_hot["separation"] == exact["separation"]
    assert np.allclose(one_hot["finite_part"]["matrix"], exact["finite_part"]["matrix"], atol=1e-14)
    assert one_hot["assumptions"] == exact["assumptions"]


def test_too_large_problems_say_how_large_and_what_to_do(run: Run, tmp_path: Path) -> None:
    words = " ".join(f"w{i * i % 211}" for i in range(400))
    text = write(tmp_path / "large.txt", words)
    status, out, _ = run("limit", text, "--context", "1", "--embedding", "gaussian:4", "--time-limit", "2")
    # What ends the exact route is the time; the enclosed one answers in its place and says so.
    assert status == 0 and "enclosed: every number is a centre with a verified radius" in " ".join(out.split()) and "undecided" in out
    status, _, err = run("limit", write(tmp_path / "larger.txt", " ".join(f"w{i * i % 1009}" for i in range(1_200))), "--context", "1", "--simulate")
    assert status == 2 and "parameters" in err


def test_wide_texts_are_simulated_and_compared_with_the_closed_form(run: Run, tmp_path: Path) -> None:
    text = write(tmp_path / "wide.txt", " ".join(f"w{i * i % 157}" for i in range(310)))
    status, out, _ = run("limit", text, "--context", "1", "--simulate", "--log-time", "1e4", "--json")
    simulation = json.loads(out)["simulation"]
    assert status == 0 and simulation["notes"] and simulation["slope_error"] < 1e-4 and simulation["finite_part_error"] < 1e-4


def test_plot_is_written_and_byte_stable(run: Run, tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        assert run("limit", FULL, "--plot", tmp_path / name, "--log-time", "100")[0] == 0
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_verify_writes_json_and_reports(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("verify", "foundations.split-identity", "--workers", "1", "--json", "--report", tmp_path / "report")
    found = json.loads(out)
    assert status == 0
    (entry,) = found["statements"]
    assert {"label", "kind", "status", "source", "claims", "steps", "mutants"} <= set(entry)
    assert entry["status"] == "holds" and all(mutant["outcome"] == "killed" for mutant in entry["mutants"])
    assert found["summary"]["statements"] == 1
    assert json.loads((tmp_path / "report" / "report.json").read_text())["statements"] == found["statements"]
    assert "foundations.split-identity" in (tmp_path / "report" / "report.html").read_text()
    listed = json.loads(run("list", "foundations", "--json")[1])["statements"]
    known = {row["label"]: row["status"] for row in listed}
    assert known["foundations.split-identity"] == "holds" and known["foundations.direction"] == "unchecked"


def test_verify_is_the_same_for_any_number_of_workers(run: Run) -> None:
    names = ("foundations.split-identity", "foundations.max-margin", "foundations.convexity-and-smoothness")
    one = json.loads(run("verify", *names, "--workers", "1", "--json")[1])["statements"]
    two = json.loads(run("verify", *names, "--workers", "2", "--json")[1])["statements"]
    assert one == two


def test_unknown_names_are_refused_with_a_hint(run: Run) -> None:
    status, _, err = run("verify", "fundations")
    assert status == 2 and "foundations" in err
    assert run("show", "foundations.nothing")[0] == 2
    assert run("show", "foundations")[0] == 2
    assert run("verify", "--profile", "fast")[0] == 2


def test_show_prints_a_statement_in_full(run: Run) -> None:
    status, out, _ = run("show", "foundations.split-identity")
    assert status == 0 and "splitting the logarithm" in out and "ratio_without_logarithm" in out
    status, out, _ = run("show", "foundations.split-identity", "--json")
    assert status == 0 and json.loads(out)["label"] == "foundations.split-identity"


def test_help_of_every_command(run: Run) -> None:
    status, out, _ = run("--help")
    assert status == 0
    for command in ("verify", "list", "show", "limit", "recheck", "latex"):
        assert command in out
        status, text, _ = run(command, "--help")
        assert status == 0 and "--" in text


def test_version(run: Run) -> None:
    assert run("--version")[:2] == (0, f"ntpproofs {__version__}\n")


def test_an_error_nobody_foresaw_has_a_status_of_its_own(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("the scheduler is gone")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    told = capsys.readouterr().err
    assert caught.value.code == 5 and told.count("\n") == 1
    assert "RuntimeError: the scheduler is gone" in told and "report it" in told and "Traceback" not in told
