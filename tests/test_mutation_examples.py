"""Small changes that once passed unnoticed: guards of shrinking, an index of a relation, constant intervals, the choice of the best run."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ntpproofs.dynamics.flow import late
from ntpproofs.dynamics.flow.late import Late, LateRun
from ntpproofs.exact.balls import Enclosure, Interval
from ntpproofs.language.relations import Equal, Invariant, Relation, ValuePath, is_relation
from ntpproofs.language.verdicts import Outcome
from ntpproofs.papers.attention_ntp.attention_limits import attend, training_limits
from ntpproofs.papers.attention_ntp.moves import simplifications
from ntpproofs.problems import AttentionNTP


def test_the_smallest_problem_has_no_simpler_shape() -> None:
    # One token, one coordinate, one sequence of one token: nothing can be left out, only the entry can shrink.
    smaller = list(simplifications(AttentionNTP([[2]], [[0]], [0])))
    assert smaller and all((s.vocabulary_size, s.dimension, s.sequences) == (1, 1, ((0,),)) for s in smaller)


def test_two_of_everything_lose_one_of_each() -> None:
    smaller = list(simplifications(AttentionNTP([[1, 0], [0, 1]], [[0, 0], [1, 1]], [0, 1])))
    shapes = {(s.vocabulary_size, s.dimension, tuple(map(len, s.sequences))) for s in smaller}
    assert {(1, 2, (2,)), (2, 2, (2,)), (2, 1, (2, 2)), (2, 2, (1, 2)), (2, 2, (2, 1))} <= shapes


def path(values: Sequence[float], errors: Sequence[float]) -> ValuePath:
    return ValuePath(np.arange(1.0, 1.0 + len(values)), np.array(values)[:, None], np.array(errors), "x")


@pytest.mark.parametrize(
    ("values", "errors", "outcome"),
    [
        ([0.0, 0.4, 0.0], [0.5, 0.0, 0.0], Outcome.HOLDS),  # the bar of the first record counts for all
        ([0.0, 0.4, 0.0], [0.0, 0.0, 0.5], Outcome.REFUTED),  # that of another one only for itself
        ([0.0, 0.4, 0.0], [0.0, 0.5, 0.0], Outcome.HOLDS),
        ([0.0, 0.0, 0.4], [0.0, 0.5, 0.0], Outcome.REFUTED),
        ([0.4, 0.0, 0.0], [0.0, 0.3, 0.5], Outcome.REFUTED),  # drift is measured from the first record, not from the last or the second
        ([0.4, 0.0, 0.0], [0.2, 0.3, 0.3], Outcome.HOLDS),
        ([0.4, 0.0, 0.0], [0.1, 0.35, 0.35], Outcome.HOLDS),
    ],
)
def test_an_invariant_path_is_held_against_its_first_record(values: list[float], errors: list[float], outcome: Outcome) -> None:
    assert Invariant(path(values, errors)).decide().outcome is outcome


def test_an_invariant_sequence_is_held_against_its_first_value() -> None:
    assert [Invariant(values).decide().outcome for values in ((1, 1, 1), (1, 2, 2), (1, 1, 2))] == [Outcome.HOLDS, Outcome.REFUTED, Outcome.REFUTED]


def test_both_radii_and_both_centres_count() -> None:
    def ball(center: Any, radius: Any) -> Enclosure:
        return Enclosure(tuple(map(Fraction, center)), Fraction(radius))

    near, far = ball((0, 0), "1/10"), ball(("3/10", 0), "1/4")
    assert [Equal(a, b).decide().outcome for a, b in ((near, far), (far, near))] == [Outcome.INCONCLUSIVE] * 2
    assert [Equal(a, b).decide().outcome for a, b in ((near, ball(("4/10", 0), "1/4")), (ball(("4/10", 0), "1/4"), near))] == [Outcome.REFUTED] * 2
    # The scale of the comparison is the largest entry of either side.
    large, wide = ball((10**9,), "1/1000000000000"), ball((10**9,), 0)
    assert [Equal(a, b).decide().outcome for a, b in ((large, wide), (wide, large))] == [Outcome.HOLDS] * 2


def test_attention_off_the_top_is_exactly_nothing_and_a_single_top_token_takes_everything() -> None:
    chain = AttentionNTP.one_hot_tokens(3, [[1, 0], [2, 1, 0]], [1, 2])
    nothing, everything = Interval(Fraction(0), Fraction(0)), Interval(Fraction(1), Fraction(0))
    assert attend(chain, (0, 2, 0)).masses == {0: nothing, 2: everything}
    assert training_limits(chain)[1].masses == {0: nothing, 1: nothing, 2: everything}


def bare_system() -> Late:
    frame = SimpleNamespace(rows=np.eye(1), is_separable=np.array([True]), split=0, basis=None, metric=np.ones(1))
    field: Any = SimpleNamespace(frame=frame)
    return Late(field)


@pytest.mark.parametrize(
    ("lengths", "last", "expected"),
    [
        ((2, 3, 1), (2, "stiff"), (3, 1e-9, "third")),  # the longest of the failed runs, with the message of the last
        ((3, 2, 2), (3, "stiff"), (3, 1e-12, "third")),  # at equal length the more accurate one
        ((2, 3, 1), (4, "stiff"), (4, late.SECOND_TOLERANCE, "stiff")),
        ((2, 3, 1), (2, ""), (2, late.SECOND_TOLERANCE, "")),  # a run without failure wins at any length
    ],
)
def test_the_longest_run_is_kept(monkeypatch: pytest.MonkeyPatch, lengths: tuple[int, ...], last: tuple[int, str], expected: tuple[Any, ...]) -> None:
    failures = dict(zip((1e-12, 1e-9, 1e-6), zip(lengths, ("first", "second", "third"))))

    class Failing:
        def __init__(self, rate: Any, jacobian: Any, start: float, r: np.ndarray, allowed: float, limit: int) -> None:
            self.length, self.message = failures[allowed]

        def through(self, times: np.ndarray) -> tuple[np.ndarray, str]:
            return np.full((self.length, 1), float(self.length)), self.message

    monkeypatch.setattr(late, "Lsoda", Failing)
    monkeypatch.setattr(late, "integrate", lambda *_: LateRun(np.zeros((last[0], 1)), 0.0, last[1]))
    run = bare_system().integrate(np.zeros(1), np.arange(5.0))
    assert (len(run.states), run.tolerance, run.failure) == expected


def test_a_run_that_succeeds_is_kept_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = bare_system().integrate(np.zeros(1), np.array([0.0, 1.0, 2.0]))
    assert len(run.states) == 3 and run.tolerance == late.TOLERANCE and run.failure == ""


def test_how_far_apart_exact_values_are() -> None:
    # Sets by what only one of them has, tuples of equal length entry by entry.
    assert [Equal(frozenset(a), frozenset(b)).decide().slack for a, b in (({1}, {1, 2, 3}), ({1, 2, 3}, {1}), ({1, 2}, {3}))] == [-2.0, -2.0, -3.0]
    assert Equal((1, 2), (1, 5)).decide().slack == Equal((1, 5), (1, 2)).decide().slack != Equal((1,), (1, 2)).decide().slack


def test_an_invariant_says_both_bars_together() -> None:
    assert Invariant(path([0.0, 0.75, 0.0], [0.5, 0.25, 0.25])).decide().detail == "x moves by 0.75, error bar 0.75"


def test_relations_are_told_from_other_things_as_isinstance_tells_them() -> None:
    assert (
        [isinstance(x, Relation) for x in (Equal(1, 1), 1, "decide")] == [is_relation(x) for x in (Equal(1, 1), 1, "decide")] == [True, False, False]
    )
