"""An option that does not apply is refused before any work and before anything is shown, with and without a time limit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ntpproofs.commands import cli
from ntpproofs.limits import answer as answers
from ntpproofs.limits import rows_route
from ntpproofs.papers.attention_ntp import kind as attention
from ntpproofs.papers.linear_ntp import kind as linear

EXAMPLES = Path(__file__).parent.parent / "examples"
CASES = {
    "attention": EXAMPLES / "attention.json",
    "contexts": EXAMPLES / "full.json",
    "mesa": EXAMPLES / "linear-attention.json",
    "concepts": EXAMPLES / "multi-concept.json",
    "star": EXAMPLES / "path-star.json",
}
Run = Callable[..., tuple[int, str, str]]
# Kind, options, and what the message has to say.
REFUSED = (
    ("contexts", "--simulate --log-time -1", "--log-time: is -1"),
    ("contexts", "--simulate --step-size 1", "--step-size: does not apply to gradient-flow"),
    ("contexts", "--simulate --optimizer adam --batch-size 2", "--batch-size: does not apply to adam"),
    ("contexts", "--simulate --optimizer adam --steps 2000000", "--steps: is 2,000,000"),
    ("contexts", "--save run.npz", "--save: keeps runs of the enclosed route"),
    ("contexts", "--save run.npz --exact", "--save: keeps runs of the enclosed route"),
    ("attention", "--attend 9,1", "--attend"),
    ("attention", "--attend one", "is not a list of token ids"),
    ("attention", "--save run.npz", "--save: keeps runs"),
    ("mesa", "--certificate c.json", "--certificate: has nothing to hold"),
    ("mesa", "--simulate --optimizer adam", "--optimizer: adam does not apply"),
    ("mesa", "--simulate --log-time -1", "--log-time: is -1"),
    ("mesa", "--save run.npz", "--save: keeps runs of the enclosed route, which linear-attention-ar does not have"),
    ("concepts", "--simulate --steps 5", "--steps: does not apply"),
    ("concepts", "--simulate --optimizer adam", "--optimizer: adam does not apply"),
    ("concepts", "--simulate --log-time 0", "--log-time: is 0"),
    ("star", "--simulate --optimizer adam", "--optimizer: 'adam' is not followed for path-star"),
    ("star", "--simulate --step-size 1", "--step-size: does not apply"),
    ("star", "--save run.npz", "--save: keeps runs"),
)
# The same on the enclosed route.
ENCLOSED = (
    ("attention", "--attend 0,1", "--attend: follows answers of the exact route"),
    ("attention", "--certificate c.json", "--certificate: holds rational numbers"),
    ("attention", "--simulate", "--simulate: follows answers of the exact route"),
    ("contexts", "--certificate c.json", "--certificate: holds rational numbers"),
    ("contexts", "--simulate", "--simulate: follows answers of the exact route"),
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def call(name: str, *words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["ntpproofs", "limit", str(CASES[name]), *words])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        captured = capsys.readouterr()
        return int(stop.value.code or 0), captured.out, captured.err

    return call


@pytest.mark.parametrize("limited", [(), ("--time-limit", "60")], ids=["", "limited"])
@pytest.mark.parametrize("route", ["by size", "enclosed"])
def test_nothing_is_computed_and_nothing_is_shown(run: Run, monkeypatch: pytest.MonkeyPatch, route: str, limited: tuple[str, ...]) -> None:
    def never(question: answers.Question) -> None:
        raise AssertionError("the answer was begun")

    monkeypatch.setattr(answers.Question, "answer", never)
    if route == "enclosed":
        for module in (rows_route, attention, linear, answers):
            monkeypatch.setattr(module, "too_long", lambda problem: "the test says so")
    for name, options, message in REFUSED if route == "by size" else ENCLOSED:
        if limited and options == "--save run.npz" and name in ("contexts", "attention"):
            continue  # the enclosed route may have to take over from the exact one, and the file is for it
        status, out, err = run(name, *options.split(), *limited)
        assert (status, out) == (2, "") and message in err and err.count("\n") == 1, (name, options, err)
        status, out, err = run(name, *options.split(), *limited, "--json")
        assert status == 2 and json.loads(out)["error"]["subject"] in message + err


def test_what_applies_is_not_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, options in (
        ("contexts", "--simulate --optimizer adam --steps 5"),
        ("contexts", "--time-limit 30 --save run.npz"),
        ("attention", "--attend 0,1 --certificate c.json"),
        ("star", "--certificate d.json"),
    ):
        status, out, err = run(name, *options.split(), "--quiet")
        assert (status, out, err) == (0, "", ""), (name, options)
    for module in (rows_route, attention, linear):
        monkeypatch.setattr(module, "too_long", lambda problem: "the test says so")
    assert run("attention", "--save", "run2.npz", "--quiet")[0] == 0
    assert run("attention", "--exact", "--attend", "0,1", "--quiet")[0] == 0


def test_what_no_double_holds_is_said_with_the_answer(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A cube beyond doubles is seen by the simulator; squares beyond them are not in its way.
    path = tmp_path / "far.json"
    monkeypatch.setitem(CASES, "far", path)
    for entries, sequences, expected in (
        ([[10**55, 0], [0, 1]], [[1, 0], [0, 1, 0]], 2),
        ([[10**40, 0], [0, f"1/{10**40}"]], [[1, 0], [0, 1]], 0),
    ):
        labels = [1, 0] if expected else [0, 1]
        path.write_text(json.dumps({"kind": "attention-ntp", "embeddings": entries, "sequences": sequences, "labels": labels}), encoding="utf-8")
        for limited in ((), ("--time-limit", "60")):
            status, out, err = run("far", "--simulate", "--log-time", "50", *limited)
            assert status == expected and "separation class" in out
            assert err.startswith("error: the features: have differences of length") if expected else not err
