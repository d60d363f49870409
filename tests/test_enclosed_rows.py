"""Tables and attention beyond the exact route: enclosures hold against exact answers, and no size is refused."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from test_enclosed_limit import holes

from ntpproofs.errors import InvalidInput, OutOfTime, TooLarge
from ntpproofs.geometry import decompose
from ntpproofs.language.answers import Effort, Request
from ntpproofs.limits import exact_answer, rows_route
from ntpproofs.limits.answer import answer_of
from ntpproofs.limits.schemas import answer_schema
from ntpproofs.logit import enclosed_rows, saved_run
from ntpproofs.logit.enclosed_by_rows import enclosed_by_rows
from ntpproofs.logit.row_data import RowData
from ntpproofs.problems import AttentionNTP, ConditionalLogit

F = Fraction


def table(rng: random.Random) -> ConditionalLogit:
    width, size, rows = rng.randint(1, 4), rng.randint(2, 3), []
    for _ in range(rng.randint(1, 12)):
        features = [[F(rng.randint(-3, 3), rng.choice([1, 2, 3])) for _ in range(width)] for _ in range(size)]
        counts = [rng.randint(1, 3) for _ in range(size)] if rng.random() < 0.3 else [1] * size
        rows += [(F(rng.randint(1, 3), 2), rng.randrange(size), features, counts) for _ in range(rng.choice([1, 1, 2]))]
    return ConditionalLogit(rows)


def attention(rng: random.Random) -> AttentionNTP:
    width, tokens = rng.randint(2, 3), rng.randint(2, 5)
    sequences = [[rng.randrange(tokens) for _ in range(rng.randint(1, 4))] for _ in range(rng.randint(1, 6))]
    return AttentionNTP([[rng.randint(-3, 3) for _ in range(width)] for _ in range(tokens)], sequences, [rng.choice(s) for s in sequences])


@pytest.mark.parametrize("draw", [table, attention])
def test_exact_answers_lie_in_their_enclosures(draw: Callable[[random.Random], Any]) -> None:
    seen = []
    for seed in range(60):
        problem = draw(random.Random(seed))
        found = enclosed_by_rows(problem.conditional_logit())
        assert holes(problem, found) == [], repr(problem)
        seen.append((decompose(problem).separation.kind, found.kind, found.finite is not None))
    assert all(kind == exact and finite for exact, kind, finite in seen)
    assert {"overlap", "complete", "quasi-complete"} <= {exact for exact, _, _ in seen}


def test_mutants_of_the_enclosure_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def caught() -> bool:
        for seed in range(40):
            problem = table(random.Random(seed))
            try:
                if holes(problem, enclosed_by_rows(problem.conditional_logit())):
                    return True
            except ArithmeticError:  # bounds that contradict each other
                return True
        return False

    assert not caught()
    norm = enclosed_rows.norm_above
    # Without the error of w, and with a norm that is too small.
    monkeypatch.setattr(enclosed_rows, "norm_above", lambda x: 0.99 * norm(x))
    assert caught()
    monkeypatch.setattr(enclosed_rows, "norm_above", norm)
    least = enclosed_rows.least_eigenvalue
    monkeypatch.setattr(enclosed_rows, "least_eigenvalue", lambda matrix, error: 1e12 * least(matrix, error))
    monkeypatch.setattr(enclosed_rows, "NEWTON_STEPS", 4)
    assert caught()


def test_tables_and_attention_beyond_the_exact_route_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_route, "too_long", lambda problem: "the test says so")
    noisy = [(1, int(rng.random() < 0.5), [[0, 0], [rng.randint(-3, 3), 1]]) for rng in map(random.Random, range(30))]
    apart = [(1, int(x > 0), [[0, 0], [x, 1]]) for x in (-2, -1, 1, 2)]
    words = AttentionNTP([[1, 0], [0, 1], [1, 1]], [[0, 1], [1, 2, 0]], [0, 1])
    for problem, kind in ((ConditionalLogit(noisy), "overlap"), (ConditionalLogit(apart), "complete"), (words, "complete")):
        answer = answer_of(problem)
        record = answer.record()
        assert record["grade"] == "enclosed" and record["separation"]["class"] == kind and record["undecided"] == []
        Draft202012Validator(answer_schema()).validate(record)
        assert answer.view().parts and record["coordinates"] and record["separated"] is not None
        exact = decompose(problem)
        best = np.array(record["max_margin"]["matrix"] or np.zeros(problem.conditional_logit().dimension)).ravel()
        assert np.allclose(best, [float(x) for x in exact.max_margin.direction], atol=(record["max_margin"]["radius"] or 0) + 1e-15)
    assert answer_of(ConditionalLogit([(1, 0, [[1], [0]], [1, 1])])).record()["grade"] == "enclosed"


def test_differences_that_do_not_fit_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ntpproofs.logit.row_data.LARGEST_MATRIX", 1)
    with pytest.raises(TooLarge, match="2 differences of 1 parameters"):
        RowData.of(ConditionalLogit([(1, 0, [[1], [0]]), (1, 0, [[2], [0]])]))


def noisy(seed: int, count: int = 40) -> ConditionalLogit:
    rng = random.Random(seed)
    return ConditionalLogit([(1, int(rng.random() < 0.5), [[0, 0], [rng.randint(-3, 3), 1]]) for _ in range(count)])


def test_a_run_is_kept_and_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logit, path = noisy(1), tmp_path / "run.npz"
    heard: list[str] = []
    whole = enclosed_by_rows(logit, Effort(save=path, say=heard.append))
    assert whole.kind == "overlap" and any("margins programme" in text for text in heard) and any("finite part, step" in text for text in heard)
    calls: list[int] = []
    original = enclosed_rows.proposed_multipliers
    monkeypatch.setattr(enclosed_rows, "proposed_multipliers", lambda *given: calls.append(1) or original(*given))
    heard.clear()
    again = enclosed_by_rows(noisy(1), Effort(save=path, say=heard.append))
    assert calls == [] and again.kind == "overlap" and holes(logit, again) == []
    assert len([text for text in heard if "finite part" in text]) <= 8  # Newton begins where it ended
    with pytest.raises(InvalidInput, match="other data"):
        enclosed_by_rows(noisy(2), Effort(save=path))
    path.write_bytes(b"PK no archive")
    with pytest.raises(InvalidInput, match="no saved run"):
        enclosed_by_rows(noisy(1), Effort(save=path))
    with pytest.raises(InvalidInput, match="cannot be written"):
        enclosed_by_rows(noisy(1), Effort(save=tmp_path / "absent" / "run.npz"))


@pytest.mark.parametrize("ending", ["time", "interrupted"])
@pytest.mark.parametrize("stage", ["margins programme", "finite part, step 2", "ties, round 1"])
def test_a_stage_may_be_ended_and_the_run_taken_up(stage: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Three rows tie the first coordinate without label, a fourth is separable: the ties are proposed and decided exactly.
    tied = ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[-1, 0], [0, 0]]), (1, 1, [[1, 0], [0, 0]]), (1, 0, [[0, 1], [0, 0]])])
    problem, path = (tied if stage.startswith("ties") else noisy(3)), tmp_path / "run.npz"

    def say(text: str) -> None:
        if text.startswith(stage):
            if ending == "interrupted":
                raise KeyboardInterrupt
            monkeypatch.setattr(saved_run.Stages, "late", lambda run: True)

    found = enclosed_by_rows(problem, Effort(save=path, say=say))
    assert holes(problem, found) == [] and (found.stopped == ending or found.kind != "undecided")
    assert found.infimum.lower < found.infimum.upper
    monkeypatch.undo()
    whole = enclosed_by_rows(problem, Effort(save=path))
    assert whole.undecided == () and holes(problem, whole) == [] and whole.kind == ("quasi-complete" if problem is tied else "overlap")


def test_the_time_is_shared_between_the_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = noisy(4)
    assert answer_of(problem, Request(effort=Effort(seconds=60.0))).record()["route"]["name"] == "exact"

    def slow(problem: Any) -> Any:
        while True:
            sum(range(1000))

    monkeypatch.setattr(exact_answer, "decompose", slow)
    record = answer_of(noisy(5), Request(effort=Effort(seconds=1.0))).record()
    assert (
        record["route"] == {"name": "enclosed", "why": "the exact route was not through after 0.5 s"} and record["separation"]["class"] == "overlap"
    )
    with pytest.raises(OutOfTime, match="ended before the exact answer"):
        answer_of(noisy(5), Request(effort=Effort(seconds=0.5, exact=True)))
