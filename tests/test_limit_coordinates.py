"""The fate of every coordinate and the separated observations: golden instances, a linear programme as second route, both routes of one-hot data."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from ntpproofs.geometry import decompose
from ntpproofs.language.answers import Request
from ntpproofs.limits.answer import answer_of
from ntpproofs.logit.fates import Fate, Fates
from ntpproofs.problems import AttentionNTP, ConditionalLogit, LinearNTP
from ntpproofs.rendering.views import view_text


def fates(problem: Any, **asked: Any) -> list[tuple[str, str]]:
    record = answer_of(problem, Request(**asked)).record()
    return [(entry["name"], entry["fate"]) for entry in record["coordinates"]]


def test_every_fate_occurs() -> None:
    # w0 is separated, w1 tied by an observation and its opposite, w2 and w3 enter by their sum only, w4 by nothing, w5 - w6 > 0 alone.
    rows = [[1, 0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0], [0, -1, 0, 0, 0, 0, 0], [0, 0, -1, -1, 0, 0, 0], [0, 0, 0, 0, 0, 1, -1], [0] * 5 + [0, 1]]
    rows.append([0] * 5 + [-1, 2])
    problem = ConditionalLogit([(1, 0, [row, [0] * 7]) for row in rows])
    found = dict(fates(problem))
    assert found["w[0]"] == "+infinity" and found["w[1]"] == "finite"
    assert found["w[2]"] == found["w[3]"] == found["w[4]"] == "not identified"
    assert found["w[5]"] == "+infinity" and found["w[6]"] == "+infinity"
    signs = ConditionalLogit([(1, 0, [[1, 1], [0, 0]]), (1, 0, [[1, -1], [0, 0]])])
    assert fates(signs, coordinates=("dose", "age")) == [("dose", "+infinity"), ("age", "unbounded, sign undetermined")]


def test_complete_separation_shows_no_zero_as_an_estimate() -> None:
    answer = answer_of(ConditionalLogit([(1, 0, [[1, 1], [0, 0]]), (1, 0, [[1, -1], [0, 0]])]))
    first, second = answer.record()["coordinates"]
    assert first["value"] is None and second["value"] is None and second["log_t"] == "0"
    assert second["settles"] == "data"  # both rows are strong support, so the residual of the sharp law fixes w1
    said = " ".join(str(cell) for part in answer.view().parts for cell in getattr(part, "rows", ()))
    assert "tends to a constant that the data determine" in said and list(view_text(answer.view()))


def test_weak_pairs_show_the_coefficient_of_log_log_t() -> None:
    rows = [(1, 0, [[1, 0, 0], [0, 0, 0]]), (1, 0, [[1, 1, 0], [0, 0, 0]]), (1, 0, [[1, 1, 1], [0, 0, 0]])]
    entries = answer_of(ConditionalLogit(rows)).record()["coordinates"]
    assert [(entry["log_t"], entry["log_log_t"]) for entry in entries] == [("1", "0"), ("0", "1"), ("0", "0")]
    assert [entry["fate"] for entry in entries] == ["+infinity", *["unbounded, sign undetermined"] * 2]


def brute(problem: ConditionalLogit, function: list[int]) -> Fate:
    """The same by floating-point linear programmes over the recession cone within a box; safe for small integers."""
    found = decompose(problem)
    rows = problem.differences()
    tied = np.array([rows[p] for p in found.separation.tied], dtype=float).reshape(-1, problem.dimension)
    separable = np.array([rows[p] for p in found.separation.separable], dtype=float).reshape(-1, problem.dimension)
    every = np.vstack([tied, separable, np.zeros((1, problem.dimension))])
    if np.linalg.matrix_rank(np.vstack([every, [function]])) > np.linalg.matrix_rank(every):
        return Fate.NOT_IDENTIFIED
    limits = dict(A_ub=-separable if len(separable) else None, b_ub=np.zeros(len(separable)) if len(separable) else None, bounds=(-1, 1))
    equal = dict(A_eq=tied if len(tied) else None, b_eq=np.zeros(len(tied)) if len(tied) else None)
    most, least = (s * linprog([-s * x for x in function], **limits, **equal, method="highs").fun * -1 for s in (1, -1))
    up, down = most > 1e-7, least < -1e-7
    return Fate.UNDETERMINED if up and down else Fate.UP if up else Fate.DOWN if down else Fate.FINITE


@pytest.mark.parametrize("seed", range(40))
def test_fates_agree_with_linear_programmes(seed: int) -> None:
    source = Random(seed)
    dimension, size = source.randint(1, 4), source.randint(1, 5)
    draw = lambda: [source.randint(-2, 2) for _ in range(dimension)]
    problem = ConditionalLogit([(1, 0, [draw() for _ in range(source.randint(2, 3))]) for _ in range(size)])
    exact = Fates(decompose(problem))
    functions = [[int(i == k) for i in range(dimension)] for k in range(dimension)] + [draw() for _ in range(3)]
    for function, course in zip(functions, exact.courses([[Fraction(x) for x in c] for c in functions])):
        if any(function):
            assert course.fate is brute(problem, function), (problem, function)


@pytest.mark.parametrize("seed", range(6))
def test_one_hot_closed_form_and_exact_route_agree(seed: int) -> None:
    source = Random(seed)
    size = 2 + seed % 3
    counts = [[source.choice([0, 0, 1, 2]) for _ in range(size)] for _ in range(3)]
    counts = [row if any(row) else [1] + row[1:] for row in counts]
    rows = [[Fraction(x, sum(row)) for x in row] for row in counts]
    closed = answer_of(LinearNTP("one-hot", rows)).record()
    dense = answer_of(LinearNTP([[int(i == j) for j in range(3)] for i in range(3)], rows)).record()
    for one, other in zip(closed["coordinates"], dense["coordinates"], strict=True):
        assert {**one, "value": None, "radius": None} == {**other, "value": None, "radius": None}
        assert (one["value"] is None) == (other["value"] is None)
        assert one["value"] is None or abs(one["value"] - other["value"]) <= one["radius"] + other["radius"] + 1e-12
    assert closed["separated"] == dense["separated"]


def test_equal_observations_stand_together_with_their_names() -> None:
    row = (1, 0, [[1, 0], [0, 0]])
    tie = [(1, 0, [[0, 1], [0, 0]]), (1, 1, [[0, 1], [0, 0]])]
    record = answer_of(ConditionalLogit([row, *tie, row]), Request(names={3: "line 9"})).record()
    assert record["separated"] == [{"observations": [0, 3], "names": ["line 9"], "chosen": [0], "tied": [], "separable": [1], "separable_count": 1}]


def test_sequences_show_tokens_and_logits_by_context() -> None:
    record = answer_of(AttentionNTP.one_hot_tokens(4, [[3, 1]], [3])).record()
    assert record["separated"][0] | {"observations": None} == {
        "observations": None, "chosen": [3], "tied": [], "separable": [1], "separable_count": 1,
    }  # fmt: skip
    assert [(e["context"], e["token"], e["fate"], e["log_t"]) for e in record["coordinates"]] == [
        (0, 1, "-infinity", "-1/2"),
        (0, 3, "+infinity", "1/2"),
    ]


def test_the_largest_stand_first_and_all_shows_every_one() -> None:
    rows = [(1, 0, [[Fraction(1, k + 1) if i == k else 0 for i in range(30)], [0] * 30]) for k in range(30)]
    problem = ConditionalLogit(rows)
    few = next(part for part in answer_of(problem).view().parts if getattr(part, "title", "").startswith("the fate"))
    assert [row[0] for row in few.rows[:2]] == ["w[29]", "w[28]"] and len(few.rows) == 12
    every = next(part for part in answer_of(problem, Request(everything=True)).view().parts if getattr(part, "title", "").startswith("the fate"))
    assert len(every.rows) == 30 and len(answer_of(problem).record()["coordinates"]) == 30


def test_what_is_separable_is_counted_and_not_kept() -> None:
    # 50 000 contexts of as many tokens were 20 GB of lists.
    found = answer_of(LinearNTP("one-hot", [{v: 1} for v in range(1_500)], vocabulary_size=1_500))
    groups = found.separated.groups
    assert len(groups) == 1_500 and all(len(group.separable) == 1_499 for group in groups)
    assert list(groups[3].separable)[:4] == [0, 1, 2, 4] and 3 not in groups[3].separable and 4 in groups[3].separable
    record = found.separated.record(Request())
    assert record[0]["separable"] is None and record[0]["separable_count"] == 1_499
