"""Public constructors and functions called with what they cannot take: one `InvalidInput` in words, never the error of a library."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from ntpproofs import assumptions, clause, exp
from ntpproofs.errors import NtpproofsError
from ntpproofs.geometry import (
    attend,
    cyclic_rows,
    dataset_class,
    decompose,
    finite_part_of,
    graph_svm,
    max_margin,
    norm_margin,
    priority_graphs,
    priority_orders,
    separation,
)
from ntpproofs.logit.assemble import assemble
from ntpproofs.papers.mesa.laws import AtomLaw
from ntpproofs.problems import (
    AttentionNTP,
    ConditionalLogit,
    LinearAttentionAR,
    LinearNTP,
    MultiConcept,
    PathStar,
    Row,
    largest_step,
    loss_ball,
    smoothness,
)
from ntpproofs.strategies import attention_ntps, linear_ntps, path_stars

WEIRD: tuple[Any, ...] = (
    None, -1, 0.5, float("nan"), "x", b"x", [], {}, [[]], [None], [[1, 2], [3]], [["1/0"]], object(), np.array([[0.5]]), np.array([1 + 2j]),
    np.array(["a"]), np.zeros((0, 3)), np.zeros((2, 2, 2), dtype=int), 10**400, {"a": 1}, set(), Decimal("NaN"), [[Decimal("inf")]], [[1e400]],
    np.array(1.0), np.array(0), float("inf"), (), [None, None], iter([1]), int,
)  # fmt: skip
ONE = ConditionalLogit([(1, 0, [["1"], ["0"]])])
NTP = LinearNTP([[1, 0], [0, 1]], [[1, 0], [0, 1]])
THREE = ConditionalLogit([(1, 0, [[1], [0], [2]]), (1, 0, [[1], [0]])])
STAR = PathStar(2, 4, lookback=1)
ATTENTION = AttentionNTP([[1, 0], [0, 1]], [[0, 1]], [0])
TABLE = {"y": [0, 1], "x": [1, 2]}
CALLS: dict[str, Callable[[Any], Any]] = {
    "rows": ConditionalLogit,
    "a row": lambda x: ConditionalLogit([x]),
    "features": lambda x: ConditionalLogit([(1, 0, x)]),
    "multiplicities": lambda x: ConditionalLogit([Row(1, 0, ((1,), (0,)), x)]),  # type: ignore[arg-type]
    "embeddings": lambda x: LinearNTP(x, [[1, 0]]),
    "probabilities": lambda x: LinearNTP([[1, 0]], x),
    "counts": lambda x: LinearNTP.from_counts([[1, 0]], x),
    "sequences": lambda x: AttentionNTP([[1, 0], [0, 1]], x, [0]),
    "labels": lambda x: AttentionNTP([[1, 0], [0, 1]], [[0, 1]], x),
    "a table": lambda x: ConditionalLogit.from_table(x, "y"),
    "a choice": lambda x: ConditionalLogit.from_table(TABLE, x),
    "a cell": lambda x: ConditionalLogit.from_table({"y": [0, 1], "x": [1, x]}, "y", round_to="1/8" if isinstance(x, float) and x != x else None),
    "separation": separation,
    "max_margin": max_margin,
    "decompose": decompose,
    "smoothness": smoothness,
    "largest_step": largest_step,
    "loss_ball of": lambda x: loss_ball(x, (0,)),  # type: ignore[arg-type]
    "loss_ball at": lambda x: loss_ball(NTP.conditional_logit(), x),
    "loss": NTP.loss,
    "gradient": NTP.conditional_logit().gradient,
    "hessian": NTP.conditional_logit().hessian,
    "lift": NTP.lift,
    "lower": ATTENTION.lower,
    "project": decompose(NTP).tied.project,
    "arms": lambda x: PathStar(x, 3),
    "labels of a path-star": lambda x: PathStar(2, 3, labels=x),
    "candidates": lambda x: PathStar(2, 3, candidates=x),
    "training": lambda x: PathStar(2, 3, training=x),
    "lookback": lambda x: PathStar(2, 3, lookback=x),
    "concepts": MultiConcept,
    "neurons": lambda x: MultiConcept(2, neurons=x),
    "a law": lambda x: LinearAttentionAR(2, 4, x),
    "new names": NTP.relabelled,
    "new names of attention": ATTENTION.relabelled,
    "a token": lambda x: ATTENTION.difference(0, x, 1),
    "an alternative": lambda x: NTP.conditional_logit().feature(0, x),
    "scores": ATTENTION.scores,
    "weights of a learner": STAR.lift,
    "a learner's weights": STAR.lower,
    "lift of itself": NTP.conditional_logit().lift,
    "coefficients": THREE.assemble,
    "exact coefficients": lambda x: assemble(NTP.conditional_logit(), x),
    "coefficients of": lambda x: assemble(x, [{}]),
    "a coefficient": lambda x: assemble(ONE, [{0: x}]),
    "an alternative of a coefficient": lambda x: assemble(ONE, [{0: 1, **({x: 1} if isinstance(x, Hashable) else {0: x})}]),
    "a separation": finite_part_of,
    "graphs": priority_graphs,
    "orders": priority_orders,
    "rows on cycles": cyclic_rows,
    "class": dataset_class,
    "graph SVM": graph_svm,
    "attended": lambda x: attend(ATTENTION, x),
    "attention": lambda x: attend(x, (0,)),
    "norm": lambda x: norm_margin(ONE, x),
    "dataset": ConditionalLogit.from_dataset,
    "dataset of contexts": LinearNTP.from_dataset,
    "dataset of sequences": AttentionNTP.from_dataset,
    "atoms": AtomLaw,
    "weights of atoms": lambda x: AtomLaw([[1]], [0] if x is None else x),
    "bound": lambda x: linear_ntps(max_contexts=-1 if type(x) is int else x),
    "least bound": lambda x: linear_ntps(min_vocabulary=x),
    "truth": lambda x: attention_ntps(repeats=x),
    "trainings": lambda x: path_stars(trainings=x),
    "rows of a distribution": lambda x: path_stars(max_rows=-1 if x is None or type(x) is int else x),
    "exponent": exp,
    "text of a clause": lambda x: clause("" if isinstance(x, str) else x, argued="a"),
}
# An assumption says what it is about.
CALLS |= {f"assumption {name}": getattr(assumptions, name) for name in assumptions.__all__}


# What is right after all: no multiplicities are ones, and a column by its name.
FINE = (("multiplicities", []), ("multiplicities", ()), ("a choice", "x"), ("lookback", -1))


@pytest.mark.parametrize("name", CALLS)
def test_what_cannot_be_taken_is_refused_in_words(name: str) -> None:
    for value in WEIRD:
        fine = any(name == other and type(value) is type(x) and value == x for other, x in FINE)
        whole = name == "a coefficient" or (name == "exponent" and type(value) is int and value < 0)
        if fine or (whole and type(value) is int) or (name == "a cell" and isinstance(value, (int, str, np.ndarray))):
            continue
        try:
            CALLS[name](value)
        except NtpproofsError as error:
            assert error.subject and error.reason and error.remedy
        else:
            pytest.fail(f"{name} takes {value!r}")


@pytest.mark.parametrize("wrong", [1, "x", None, [1], np.zeros((2, 2))])
def test_options_of_tables_are_names_and_truths(wrong: Any) -> None:
    for more in ({"covariates": wrong}, {"intercept": wrong}, {"weight": wrong}):
        if wrong is None and "intercept" not in more:
            continue
        with pytest.raises(NtpproofsError):
            ConditionalLogit.from_table(TABLE, "y", **more)


def test_arrays_come_back_in_the_shape_they_came_in() -> None:
    logit = NTP.conditional_logit()
    flat, matrix = np.arange(4.0), np.arange(4.0).reshape(2, 2)
    assert logit.gradient(flat).shape == (4,) and logit.gradient(matrix).shape == (2, 2)
    assert np.array_equal(logit.gradient(matrix).ravel(), logit.gradient(flat)) and logit.loss(matrix) == logit.loss(flat)
    diverging = decompose(NTP).diverging
    assert diverging.project(matrix).shape == (2, 2) and np.array_equal(diverging.project(matrix).ravel(), diverging.project(flat))
    assert len(diverging.project([1, "1/2", 0, 0])) == 4


def test_an_assumption_refuses_a_problem_of_another_kind() -> None:
    for decide, problem in ((assumptions.acyclic, NTP), (assumptions.ntp_separable, ATTENTION), (assumptions.balanced, STAR)):
        with pytest.raises(NtpproofsError, match="is about"):
            decide(problem)
    assert assumptions.orthogonal_embeddings(NTP).outcome == assumptions.orthogonal_embeddings(ATTENTION).outcome
