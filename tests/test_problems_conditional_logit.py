"""The conditional logit: loss and derivatives from the definition, the two representations, equality, bad input."""

from __future__ import annotations

import copy
import json
import pickle
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import ctx

from ntpproofs.errors import InvalidInput
from ntpproofs.kernel import decode_dataset
from ntpproofs.logit.enclosures import exact_scores, loss_ball, outside_ratio, ratio_balls, softmax_balls
from ntpproofs.problems import ConditionalLogit, LinearNTP, Row

F = Fraction

ATTENTION = decode_dataset(
    {
        "kind": "attention-ntp",
        "embeddings": [["1", "0"], ["1/2", "1"], ["-1", "2"]],
        "sequences": [[1, 0], [0, 2, 2, 1], [2, 2]],
        "labels": [1, 2, 2],
    }
)
PROBLEMS = {
    "one pair": ConditionalLogit([(1, 0, [["1"], ["0"]], [1, 1])]),
    "ragged rows": ConditionalLogit(
        [
            ("2/3", 1, [["1", "0"], ["0", "-1/2"], ["2", "2"]], [1, "3/2", 4]),
            (3, 0, [["0", "3"]]),
            {"chosen": 1, "features": [["1", "1"], ["1", "1"]], "multiplicities": [1, 7]},
        ]
    ),
    "linear ntp": LinearNTP(
        [[1, 2], [0, -1], ["1/3", 0]], [["1/2", "1/4", "1/4"], [0, 1, 0], ["1/3", 0, "2/3"]], ["1/2", "1/3", "1/6"]
    ).conditional_logit(),
    "one-hot": LinearNTP("one-hot", [{0: "1/2", 2: "1/2"}, {1: 1}], vocabulary_size=4).conditional_logit(),
    "attention": ConditionalLogit.from_dataset(ATTENTION),
}


@pytest.fixture(params=PROBLEMS, scope="module")
def problem(request: pytest.FixtureRequest) -> ConditionalLogit:
    return PROBLEMS[request.param]


def points(problem: ConditionalLogit, count: int = 4) -> list[np.ndarray]:
    rng = np.random.default_rng(problem.dimension)
    return [rng.normal(size=problem.dimension) * scale for scale in (0.0, 0.3, 1.0, 4.0)[:count]]


def loss_by_definition(problem: ConditionalLogit, w: Any) -> mpmath.mpf:
    """L(w) = sum a [log sum n e^{-<w, d>} - log n_y], row by row, in 50 digits."""
    with mpmath.workdps(50):
        total = mpmath.mpf(0)
        for i, row in enumerate(problem.rows):
            size = len(row.features)
            differences = {v: d for (r, v), d in problem.differences().items() if r == i} | {row.chosen: (F(0),) * problem.dimension}
            mass = mpmath.mpf(0)
            for v in range(size):
                margin = sum((mpmath.mpf(float(x)) * mpmath.mpf(d.numerator) / d.denominator for x, d in zip(w, differences[v])), mpmath.mpf(0))
                mass += mpmath.mpf(row.multiplicities[v].numerator) / row.multiplicities[v].denominator * mpmath.exp(-margin)
            n = mpmath.mpf(row.multiplicities[row.chosen].numerator) / row.multiplicities[row.chosen].denominator
            total += mpmath.mpf(row.weight.numerator) / row.weight.denominator * (mpmath.log(mass) - mpmath.log(n))
        return total


def test_loss_is_the_definition(problem: ConditionalLogit) -> None:
    for w in points(problem):
        assert problem.loss(w) == pytest.approx(float(loss_by_definition(problem, w)), rel=1e-12, abs=1e-14)
        assert problem.loss(w.reshape(problem.shape)) == problem.loss(w)


def test_gradient_by_finite_differences(problem: ConditionalLogit) -> None:
    for w in points(problem):
        numeric = np.array([(problem.loss(w + h) - problem.loss(w - h)) / 2e-5 for h in 1e-5 * np.eye(problem.dimension)])
        # Central differences at 1e-5: truncation below 1e-8 for these feature sizes, rounding 1e-16 / 1e-5.
        assert problem.gradient(w) == pytest.approx(numeric, abs=2e-8)


def test_hessian_by_finite_differences(problem: ConditionalLogit) -> None:
    for w in points(problem):
        numeric = np.array([(problem.gradient(w + h) - problem.gradient(w - h)) / 2e-5 for h in 1e-5 * np.eye(problem.dimension)])
        found = problem.hessian(w)
        assert found == pytest.approx(numeric, abs=5e-8)
        assert found == pytest.approx(found.T, abs=1e-15) and np.linalg.eigvalsh(found).min() >= -1e-13


def test_expanded_rows_are_the_same_problem(problem: ConditionalLogit) -> None:
    expanded = ConditionalLogit(problem.rows)
    assert expanded.dimension == problem.dimension and expanded.rows == problem.rows
    assert expanded.differences() == problem.differences()
    for w in points(problem):
        assert expanded.loss(w) == pytest.approx(problem.loss(w), rel=1e-13, abs=1e-15)
        assert expanded.gradient(w) == pytest.approx(problem.gradient(w), abs=1e-14)
        assert expanded.hessian(w) == pytest.approx(problem.hessian(w), abs=1e-13)


def test_rows_forms_and_defaults() -> None:
    rows = [Row(F(2), 1, ((F(1),), (F(0),)), (F(1), F(3)))]
    same = [
        ConditionalLogit(rows),
        ConditionalLogit([(2, 1, [[1], [0]], [1, 3])]),
        ConditionalLogit([{"weight": "2", "chosen": 1, "features": [["1"], ["0"]], "multiplicities": ["1", "6/2"]}]),
        ConditionalLogit(iter(rows)),
    ]
    assert len(set(same)) == 1
    default = ConditionalLogit([{"chosen": 0, "features": [[1], [0]]}])
    assert default == ConditionalLogit([Row(F(1), 0, ((F(1),), (F(0),)))]) == ConditionalLogit([(1, 0, [[1], [0]], [1, 1])])


def test_gradient_keeps_its_digits_when_the_label_is_nearly_certain() -> None:
    # p - 1 would cancel: at margin 50 the gradient is -e^-50 to full relative precision.
    problem = PROBLEMS["one pair"]
    for margin in (30.0, 50.0, 300.0):
        assert problem.gradient([margin])[0] == pytest.approx(-1 / (1 + np.exp(margin)), rel=1e-12, abs=0)
    assert problem.gradient([-800.0])[0] == -1.0 and np.isfinite(problem.loss([-800.0]))


def test_alternatives_with_equal_features_pull_nowhere() -> None:
    problem = ConditionalLogit([(1, 0, [["2"], ["2"]], [1, 3])])
    assert problem.loss([5.0]) == pytest.approx(np.log(4)) and problem.gradient([5.0])[0] == 0 and problem.hessian([5.0])[0, 0] == 0


def test_instance_records_come_back(problem: ConditionalLogit) -> None:
    record = json.loads(json.dumps(problem.instance()))
    again = ConditionalLogit.from_dataset(decode_dataset(record))
    assert again.rows == problem.rows
    assert record["kind"] == problem.data.kind


def test_equality_hashing_and_pickling(problem: ConditionalLogit) -> None:
    problem.remember("fact", lambda: 1)
    twin = pickle.loads(pickle.dumps(problem))
    assert twin == problem and hash(twin) == hash(problem) and twin is not problem
    assert twin.memo == {} and problem.memo["fact"] == 1  # derived facts do not travel
    assert copy.deepcopy(problem) == problem
    assert all((problem == other) == (problem is other) for other in PROBLEMS.values())
    assert problem != "problem"


@pytest.mark.parametrize(
    "other",
    [
        [(2, 0, [["1"], ["0"]], [1, 1])], [(1, 1, [["1"], ["0"]], [1, 1])], [(1, 0, [["2"], ["0"]], [1, 1])], [(1, 0, [["1"], ["0"]], [1, 2])],
        [(1, 0, [["1"], ["0"], ["0"]])], [(1, 0, [["1"], ["0"]])] * 2, [(1, 0, [["1", "0"], ["0", "0"]])],
    ],
)  # fmt: skip
def test_problems_that_differ_are_unequal(other: Any) -> None:
    assert ConditionalLogit(other) != PROBLEMS["one pair"]


def test_remembered_facts_are_computed_once() -> None:
    problem, calls = ConditionalLogit([(1, 0, [[1], [0]])]), []
    assert [problem.remember("x", lambda: calls.append(1) or 7) for _ in range(3)] == [7, 7, 7] and calls == [1]


@pytest.mark.parametrize("name", ["one pair", "ragged rows", "attention"])
def test_repr_is_the_problem(name: str) -> None:
    # `ConditionalLogit([Row(...)])`, as a counterexample is printed, can be pasted into Python.
    problem = PROBLEMS[name]
    assert eval(repr(problem), {"ConditionalLogit": ConditionalLogit, "Row": Row}).rows == problem.rows
    long = ConditionalLogit([(1, 0, [[1], [0]])] * 13)
    assert repr(long).endswith(", ...])") and repr(long).count("Row(") == 12


REFUSALS = [
    ([], "rows", "is empty"),
    ([(1, 0, [])], "rows[0].features", "is empty"),
    ([(1, 0, [[]])], "rows[0].features", "without entries"),
    ([(1, 0, [[1], [1, 2]])], "rows[0].features[1]", "2 entries where 1"),
    ([(1, 0, [[1]]), (1, 0, [[1, 2]])], "rows[1].features[0]", "2 entries where 1"),
    ([(1, 2, [[1], [0]])], "rows[0].chosen", "not an index in 0..1"),
    ([(1, -1, [[1], [0]])], "rows[0].chosen", "not an index"),
    ([(0, 0, [[1], [0]])], "rows[0].weight", "is 0, not positive"),
    ([(1, 0, [[1], [0]], [1])], "rows[0].multiplicities", "1 entries where 2"),
    ([(1, 0, [[1], [0]], [1, "-1/2"])], "rows[0].multiplicities[1]", "is -1/2, not positive"),
    ([(1, 0, [[0.5], [0]])], "rows[0].features[0][0]", "floats are refused"),
    ([(1.0, 0, [[1], [0]])], "rows[0].weight", "floats are refused"),
    ([(1, 0)], "rows[0]", "no field 'features'"),
    ([{"chosen": 0, "features": [[1]], "wieght": 2}], "rows[0]", "unknown fields: ['wieght']"),
    ([5], "rows[0]", "is int, not an object"),
    (["ab"], "rows[0]", "is str, not an object"),
]


@pytest.mark.parametrize(("rows", "subject", "reason"), REFUSALS, ids=[subject for _, subject, _ in REFUSALS])
def test_bad_rows_are_refused(rows: Any, subject: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ConditionalLogit(rows)
    assert caught.value.subject == subject and reason in caught.value.reason and caught.value.remedy


def test_row_labels_order_blocks_then_labels() -> None:
    problem = PROBLEMS["linear ntp"]
    assert problem.row_labels == ((0, 0), (0, 1), (0, 2), (1, 1), (2, 0), (2, 2))
    assert [(row.weight, row.chosen) for row in problem.rows] == [
        (F(1, 4), 0), (F(1, 8), 1), (F(1, 8), 2), (F(1, 3), 1), (F(1, 18), 0), (F(1, 9), 2),
    ]  # fmt: skip


def rational_point(problem: ConditionalLogit) -> tuple[Fraction, ...]:
    return tuple(F((5 * k + 2) % 7 - 3, 2) for k in range(problem.dimension))


def test_exact_scores_and_enclosed_losses(problem: ConditionalLogit) -> None:
    w = rational_point(problem)
    scores = exact_scores(problem, w)
    for b, block in enumerate(problem.data.blocks):
        features = [problem.feature(b, v) for v in range(len(block.alternatives))]
        assert list(scores[b]) == [sum((x * y for x, y in zip(w, feature)), F(0)) for feature in features]
    found = loss_ball(problem, w)
    truth = loss_by_definition(problem, w)
    with mpmath.workdps(50):
        lower, upper = (mpmath.mpf(x.numerator) / x.denominator for x in (found.lower, found.upper))
        assert lower <= truth <= upper and found.radius < F(1, 10**40)
    assert float(found) == pytest.approx(problem.loss([float(x) for x in w]), rel=1e-13)


def test_enclosed_probabilities_and_ratios(problem: ConditionalLogit) -> None:
    w = rational_point(problem)
    floats = np.exp(problem.log_probabilities([float(x) for x in w]))
    labels = [frozenset(block.labels) for block in problem.data.blocks]
    with ctx.workprec(160):
        for b, row in enumerate(softmax_balls(problem, w)):
            assert [float(p) for p in row.values()] == pytest.approx(list(floats[b, : len(row)]))
            assert sum(row.values()).contains(1)
        for b, (row, rho) in enumerate(zip(softmax_balls(problem, w, labels), ratio_balls(problem, w, labels))):
            inside = sum(floats[b, v] for v in labels[b])
            assert {v: float(p) for v, p in row.items()} == pytest.approx({v: floats[b, v] / inside for v in labels[b]})
            assert float(rho) == pytest.approx(floats[b].sum() / inside - 1, abs=1e-14)
    weights = [float(block.weight) for block in problem.data.blocks]
    expected = sum(a * (floats[b].sum() / sum(floats[b, v] for v in labels[b]) - 1) for b, a in enumerate(weights))
    assert float(outside_ratio(problem, w, labels)) == pytest.approx(expected, abs=1e-13)
