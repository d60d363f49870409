"""The problem class: reading, refusals for every field, predictions on instances listed and not listed, moves that shrink."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from ntpproofs.errors import InvalidInput, TooLarge
from ntpproofs.geometry import decompose, max_margin
from ntpproofs.limits.answer import answer_of, load
from ntpproofs.limits.partial import known
from ntpproofs.papers.path_star.moves import belongs, measure, neighbours, simplifications, small_problems
from ntpproofs.papers.path_star.predictions import predictions
from ntpproofs.papers.path_star.problem import PathStar, problem_of

SMALL = {"max_arms": 3, "max_length": 4, "max_extra": 1}


def test_defaults_and_round_trip() -> None:
    problem = problem_of({"kind": "path-star", "arms": 2, "length": 5, "labels": 50, "training": "standard", "lookback": 1})
    assert (problem.nodes, problem.candidates, problem.labels) == (9, 9, 50)
    assert PathStar(2, 5).labels == 9 and PathStar(2, 5).lookback == -1
    for found in islice(small_problems(SMALL), 0, None, 7):
        assert problem_of(json.loads(json.dumps(found.instance()))) == found
        assert hash(found) == hash(problem_of(found.instance()))
        assert "path-star" in found._repr_html_() and found._repr_latex_().startswith("$$")


RECORD = {"kind": "path-star", "arms": 2, "length": 5, "labels": 50, "candidates": 9, "training": "standard", "lookback": 1}


@pytest.mark.parametrize(
    "change, subject",
    [
        ({"kind": "path"}, "kind"),
        ({"arms": 0}, "arms"),
        ({"arms": 2.0}, "arms"),
        ({"arms": True}, "arms"),
        ({"arms": None}, "arms"),
        ({"arms": 10**30}, "arms"),
        ({"length": 1}, "length"),
        ({"length": "5"}, "length"),
        ({"length": -3}, "length"),
        ({"labels": 8}, "labels"),
        ({"labels": 0}, "labels"),
        ({"labels": [50]}, "labels"),
        ({"candidates": 7}, "candidates"),
        ({"candidates": 0}, "candidates"),
        ({"candidates": 9.5}, "candidates"),
        ({"candidates": 8, "training": "reversed"}, "candidates"),
        ({"training": "forward"}, "training"),
        ({"training": 3}, "training"),
        ({"training": ["standard"]}, "training"),
        ({"lookback": 4}, "lookback"),
        ({"lookback": -2}, "lookback"),
        ({"lookback": "1"}, "lookback"),
        ({"lookback": False}, "lookback"),
        ({"look_back": 1}, "instance"),
    ],
)
def test_every_field_is_refused_with_a_remedy(change: dict[str, Any], subject: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        problem_of(RECORD | change)
    assert caught.value.subject == subject
    assert caught.value.reason and caught.value.remedy


@pytest.mark.parametrize("missing", ["kind", "arms", "length"])
def test_missing_fields(missing: str) -> None:
    with pytest.raises(InvalidInput, match=missing):
        problem_of({name: value for name, value in RECORD.items() if name != missing})
    with pytest.raises(InvalidInput):
        problem_of([RECORD])


@pytest.mark.parametrize("problem", list(islice(small_problems(SMALL), 0, None, 5)), ids=str)
def test_predictions_agree_with_the_core(problem: PathStar) -> None:
    found, parts = predictions(problem), decompose(problem)
    assert found.max_margin == max_margin(problem).direction
    assert found.excess_constant.exact == max_margin(problem).squared_norm
    assert found.strictly_complementary == max_margin(problem).strictly_complementary
    assert found.loss_floor.value == pytest.approx(float(parts.infimum.center) * (problem.length - 1), abs=1e-10)
    assert found.accuracy.exact is not None and 0 < found.accuracy.exact <= 1
    assert found.values["accuracy"] == found.accuracy


def test_predictions_of_the_notes() -> None:
    found = predictions(PathStar(2, 5, 50, lookback=1))
    assert found.loss_floor.value == pytest.approx(math.log(2))
    assert found.accuracy.exact == Fraction(1, 2)
    assert found.finite_lookback_weight is not None and found.finite_lookback_weight.value == pytest.approx(0.77022, abs=6e-6)
    assert found.relaxation_exponent is not None and found.relaxation_exponent.value == pytest.approx(0.2762, abs=6e-5)
    assert found.max_margin == (1, 0, 0)
    one_arm = predictions(PathStar(1, 2, lookback=0))
    assert one_arm.max_margin == (Fraction(1, 2), Fraction(1, 2))
    assert one_arm.loss_floor.exact == 0 and one_arm.accuracy.exact == 1
    teacherless = predictions(PathStar(2, 5, training="teacherless", lookback=2))
    assert teacherless.loss_floor.value == pytest.approx(math.log(6)) and teacherless.accuracy.exact == Fraction(1, 6)
    backwards = predictions(PathStar(2, 5, training="reversed", lookback=0))
    assert backwards.forward_drift is not None and backwards.forward_drift.exact == Fraction(3, 29)


@pytest.mark.parametrize("training", ["standard", "reversed", "teacherless"])
def test_any_size_is_answered(training: str, tmp_path: Path) -> None:
    problem = PathStar(7, 3_000, training=training, lookback=900)
    assert predictions(problem).loss_floor.radius < 1e-6
    assert json.dumps(answer_of(problem).record())
    huge = PathStar(10**4, 10**5, training=training, lookback=10**4)
    assert predictions(huge).loss_floor.value >= 0
    # From a file too: reading it never writes the learner out, nor does what is known on the way.
    path = tmp_path / "huge.json"
    path.write_text(json.dumps(huge.instance()), encoding="utf-8")
    asked = load(path)
    assert asked.problem == huge and asked.answer().record()["predictions"] and known(asked) == {}
    with pytest.raises(TooLarge, match="closed forms"):
        PathStar(7, 300_000, training="standard", lookback=900).conditional_logit()


def test_simplifications_shrink_and_neighbours_differ() -> None:
    for problem in islice(small_problems(SMALL), 0, None, 11):
        assert all(measure(simpler) < measure(problem) for simpler in simplifications(problem))
        assert all(other != problem for other in neighbours(problem))
    assert list(simplifications(PathStar(1, 2))) == []


def test_small_problems_come_once_in_order_of_size() -> None:
    found = list(small_problems(SMALL))
    assert len(set(found)) == len(found) and all(belongs(problem, SMALL) for problem in found)
    assert [x.nodes for x in found] == sorted(x.nodes for x in found)
    assert {x.training for x in found} == {"standard", "reversed", "teacherless"}
    assert {(x.arms, x.length) for x in found} == {(d, nodes) for d in (1, 2, 3) for nodes in (2, 3, 4)}
