"""The kind: reading and refusing, moves, answers, the command line."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ntpproofs.checking.kinds import kind_named, kind_of, read_instance
from ntpproofs.commands.cli import app
from ntpproofs.errors import InvalidInput
from ntpproofs.language.answers import Request, SimulationOptions
from ntpproofs.papers.multi_concept.moves import enumerate_problems, measure, neighbours, simplifications
from ntpproofs.papers.multi_concept.problem import MultiConcept

F = Fraction
RECORD: dict[str, Any] = {
    "kind": "multi-concept", "concepts": 4, "norms": {"b": "1", "c": "1", "d": "1"}, "neurons": 64, "regularisation": "1/1000",
    "initial_scale": "1/2", "length": 4,
}  # fmt: skip
BOUNDS = {"max_concepts": 2, "max_neurons": 4, "max_length": 2, "regularised": None, "flips": True}


def test_instances_come_back() -> None:
    problem = read_instance(RECORD)
    assert isinstance(problem, MultiConcept) and problem.alive == 32
    full = MultiConcept(3, "2", "1/2", 3, 10, "1/7", "1/3", 4, 6, "1/5", "1/9", "2/9", "1/11", "-1/13")  # type: ignore[arg-type]
    for found in (problem, full):
        assert read_instance(json.loads(json.dumps(found.instance()))) == found and hash(found) == hash(read_instance(found.instance()))
    kind = kind_of(problem)
    assert kind is not None and kind.name == "multi-concept"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"concepts": 0}, "concepts"), ({"concepts": 1.5}, "concepts"), ({"concepts": True}, "concepts"), ({"concepts": 10**9}, "concepts"),
    ({"neurons": 3}, "neurons"), ({"neurons": "8"}, "neurons"), ({"alive": 33}, "alive"), ({"alive": -1}, "alive"), ({"length": 3}, "length"),
    ({"length": 0}, "length"), ({"regularisation": "-1"}, "regularisation"), ({"regularisation": 0.001}, "regularisation"),
    ({"initial_scale": 0}, "initial_scale"), ({"initial_scale": "1/0"}, "initial_scale"), ({"initial_scale": None}, "initial_scale"),
    ({"norms": {"b": 0, "c": 1, "d": 1}}, "norms.b"), ({"norms": {"b": 1, "c": -1, "d": 1}}, "norms.c"), ({"norms": {"b": 1, "c": 1}}, "norms"),
    ({"norms": {"b": 1, "c": 1, "d": "x"}}, "norms.d"), ({"norms": {"b": 1, "c": 1, "d": 1, "e": 1}}, "norms"), ({"norms": [1, 1, 1]}, "norms"),
    ({"norms": {"a": 0, "b": 1, "c": 1, "d": 1}}, "norms.a"), ({"flips": "1/2"}, "flips"), ({"flips": "-1/4"}, "flips"),
    ({"word_noise": -1}, "word_noise"),
    ({"label_noise": "a"}, "label_noise"), ({"initial_gate": "-1/2"}, "initial_gate"), ({"initial_lift": 0.5}, "initial_lift"),
    ({"extra": 1}, "instance"),
    ({"norms": {"b": 10**12, "c": 1, "d": 1}}, "norms.b"), ({"regularisation": "1/10000000000"}, "regularisation"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "subject"), BAD, ids=[f"{subject}-{i}" for i, (_, subject) in enumerate(BAD)])
def test_every_field_is_refused_in_words(change: dict[str, Any], subject: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_instance({**RECORD, **change})
    assert caught.value.subject == subject and caught.value.reason and caught.value.remedy


@pytest.mark.parametrize("name", ["concepts", "norms", "neurons", "regularisation", "initial_scale"])
def test_missing_fields_are_named(name: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        read_instance({key: value for key, value in RECORD.items() if key != name})


def test_moves_obey_their_laws() -> None:
    problem = MultiConcept(3, 2, F(1, 2), 3, 10, F(1, 7), F(1, 3), 4, 6, F(1, 5))
    kind = kind_named("multi-concept")
    simpler = list(simplifications(problem))
    assert simpler and all(measure(x) < measure(problem) for x in simpler)
    assert all(isinstance(x, MultiConcept) and x != problem for x in neighbours(problem))
    listed = list(islice(enumerate_problems(BOUNDS), 400))
    assert len(set(listed)) == len(listed) and all(kind.domain(x, BOUNDS) for x in listed)
    assert [measure(x)[0] for x in listed] == sorted(measure(x)[0] for x in listed)


def answered(problem: MultiConcept) -> dict[str, Any]:
    kind = kind_named("multi-concept")
    assert kind.answer is not None
    record: dict[str, Any] = json.loads(json.dumps(kind.answer(problem, Request()).record()))
    return record


def test_the_answer_of_the_golden_problem() -> None:
    record = answered(MultiConcept(4, neurons=64, regularisation=F(1, 1000), label_noise=F(1, 5)))
    found = record["predictions"]
    assert found["regime"] == "sliding" and [x["stable"] for x in record["rest_states"]] == [False, True]
    assert found["beta"]["value"] == pytest.approx(2.3681, abs=1e-4) and found["loss"]["value"] == pytest.approx(0.418, abs=1e-3)
    assert found["label_noise_error"]["value"] == pytest.approx(2.3e-4, abs=1e-5)
    assert record["critical_regularisation"] == pytest.approx(0.00489, rel=0.01)


@pytest.mark.parametrize(
    ("problem", "regime"),
    [
        (MultiConcept(2, regularisation=0), "unregularised"), (MultiConcept(2, alive=0), "collapsed"),
        (MultiConcept(4, neurons=64, regularisation=F(1, 100)), "collapsed"),
        (MultiConcept(2, c=F(1, 100), regularisation=F(15, 1000), initial_scale=1), "one-sided"),
        (MultiConcept(3, 10**6, F(1, 10**6), 1000, 1000, F(1, 10**6)), "one-sided"),
    ],
)  # fmt: skip
def test_regimes(problem: MultiConcept, regime: str) -> None:
    found = answered(problem)["predictions"]
    assert found["regime"] == regime
    if regime == "collapsed":
        assert found["beta"]["exact"] == "0" and found["iid_error"]["exact"] == "1/2"
    if regime == "unregularised":
        assert found["beta"] is None and found["late_loss"]["exact"] == "64"


def test_simulations_agree() -> None:
    kind = kind_named("multi-concept")
    assert kind.answer is not None
    for problem in (MultiConcept(2, regularisation=F(1, 200)), MultiConcept(2, regularisation=F(1, 20)), MultiConcept(2, regularisation=0)):
        run = kind.answer(problem, Request()).simulate(SimulationOptions()).record()
        assert run.get("agrees", True) and run.get("margin_error", 0) < 5e-3 and run.get("late_loss_error", 0) < 0.1
    with pytest.raises(InvalidInput, match="optimizer"):
        kind.answer(MultiConcept(2), Request()).simulate(SimulationOptions(optimizer="adam"))


def test_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(RECORD), encoding="utf-8")
    done = CliRunner().invoke(app, ["limit", str(path), "--json"])
    assert done.exit_code == 0 and json.loads(done.stdout)["predictions"]["regime"] == "sliding"
    path.write_text(json.dumps({**RECORD, "length": 3}), encoding="utf-8")
    refused = CliRunner().invoke(app, ["limit", str(path)])
    cause = getattr(refused.exception, "cause", None)
    assert isinstance(cause, InvalidInput) and "length" in cause.subject
