"""The statements of the paper: every numbered false variant is registered, and the kind answers, searches and certifies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ntpproofs import PathStar, collect
from ntpproofs.checking.kinds import kind_named, read_instance
from ntpproofs.errors import InvalidInput, TooLarge
from ntpproofs.kernel import verify
from ntpproofs.language.answers import Request, SimulationOptions
from ntpproofs.limits.answer import answer_of, document, load
from ntpproofs.papers.path_star.kind import kind
from ntpproofs.papers.path_star.theorems._mutants import MUTANTS


def test_every_false_variant_of_the_notes_is_registered() -> None:
    statements = collect()
    assert list(MUTANTS) == [f"M{k}" for k in range(1, 27)]
    for number, entries in MUTANTS.items():
        for label, name in entries:
            assert name in [mutant.name for mutant in statements[label].mutants], (number, label, name)


def test_every_statement_has_two_mutants() -> None:
    own = [statement for statement in collect().values() if statement.area == "path-star"]
    assert len(own) == 19
    assert [statement.label for statement in own if len(statement.mutants) < 2] == []


@pytest.mark.parametrize("training", ["standard", "reversed", "teacherless"])
def test_answers_simulate_and_certify(training: str, tmp_path: Path) -> None:
    path = tmp_path / "path-star.json"
    path.write_text(json.dumps({"kind": "path-star", "arms": 2, "length": 5, "labels": 50, "training": training, "lookback": 1}), encoding="utf-8")
    question = load(path)
    found = question.answer()
    record = found.record()
    assert json.loads(json.dumps(record)) == record
    assert record["kind"] == "path-star" and record["assumptions"]["several_arms"] == "holds"
    assert len(verify(document(question.problem, found.certificates()))) == 2
    simulated = found.simulate(SimulationOptions(log_time=2e3)).record()
    assert simulated["slope_error"] < 2e-3 and simulated["excess_constant_error"] < 1e-4
    assert found.figures() and found.view().parts
    if training == "standard":
        assert simulated["lookback_weight_error"] < 1e-5 and simulated["edge_offset_error"] < 1e-5


def test_what_cannot_be_done_is_refused() -> None:
    large = answer_of(PathStar(3, 2_000, lookback=500))
    with pytest.raises(TooLarge, match="weights"):
        large.simulate(SimulationOptions())
    with pytest.raises(TooLarge, match="alternatives"):
        large.certificates()
    with pytest.raises(InvalidInput, match="adam"):
        answer_of(PathStar(2, 5)).simulate(SimulationOptions(optimizer="adam"))
    with pytest.raises(InvalidInput, match="arms"):
        read_instance({"kind": "path-star", "arms": 0, "length": 3})


def test_the_kind_is_registered() -> None:
    assert kind_named("path-star") is kind
    problem = PathStar(2, 4, 9, 8, "teacherless", 1)
    assert read_instance(problem.instance()) == problem
    assert kind.describe(problem).title == "path-star" and kind.answer is not None
    assert kind.answer(problem, Request(notes=("read from a test",))).record()["notes"][0] == "read from a test"
