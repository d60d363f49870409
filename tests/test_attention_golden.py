"""The golden attention datasets of the brief, exactly: graphs, Graph-SVM, finite part, infimum, multipliers, `limit --json`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import log

import numpy as np
import pytest

from ntpproofs import AttentionNTP
from ntpproofs.geometry import cyclic_rows, dataset_class, decompose, max_margin, priority_orders
from ntpproofs.kernel import verify
from ntpproofs.limits.answer import answer_of, document
from ntpproofs.logit.asymptotics import asymptotics
from ntpproofs.papers.attention_ntp.attention_limits import attend, training_limits
from ntpproofs.papers.attention_ntp.descent import LayerDescent
from ntpproofs.papers.attention_ntp.graph_programmes import graph_svm
from ntpproofs.papers.attention_ntp.layer import SQUARED, AttentionLayer

F = Fraction


@dataclass(frozen=True)
class Golden:
    """A dataset with orthonormal embeddings and what is known of it: column `query` of the scores under u, gaps under w*, L*."""

    tokens: int
    data: tuple[tuple[tuple[int, ...], int], ...]
    kind: str
    svm: tuple[Fraction, ...]
    gaps: dict[tuple[int, int], float]
    infimum: float
    query: int = 0

    @property
    def problem(self) -> AttentionNTP:
        return AttentionNTP.one_hot_tokens(self.tokens, [s for s, _ in self.data], [y for _, y in self.data])


CHAIN = Golden(3, (((1, 0), 1), ((2, 1, 0), 2)), "acyclic", (F(-1), F(0), F(1)), {}, 0.0)
PAIR_ABOVE = Golden(3, (((1, 0), 0), ((1, 0), 1), ((2, 0), 0)), "mixed", (F(1, 3), F(1, 3), F(-2, 3)), {(0, 1): 0.0}, 2 / 3 * log(2))
MIXED = Golden(
    4,
    (*(((1, 0), 0),) * 3, ((1, 0), 1), ((2, 0), 0), ((2, 3, 1, 0), 1)),
    "mixed",
    (F(1, 2), F(1, 2), F(-1, 2), F(-1, 2)),
    {(0, 1): log(3 / 2)},
    (3 * log(5 / 3) + 2 * log(5 / 2)) / 6,
)
REPEATED = Golden(2, (((1, 0, 0), 0), ((1, 0, 0), 1)), "all-cyclic", (F(0), F(0)), {(0, 1): -log(2)}, log(2))
WEAK = Golden(4, (((0, 1, 2), 0), ((1, 2), 1), ((3, 2), 3)), "acyclic", (F(1), F(0), F(-1), F(0)), {}, 0.0, query=2)
PAIR = Golden(2, (((1, 0), 0), ((1, 0), 1)), "all-cyclic", (F(0), F(0)), {(0, 1): 0.0}, log(2))
THREE = Golden(
    3,
    (*(((1, 2, 0), 0),) * 3, *(((1, 2, 0), 1),) * 2, ((1, 2, 0), 2)),
    "all-cyclic",
    (F(0),) * 3,
    {(0, 1): log(3 / 2), (1, 2): log(2)},
    (log(2) * 3 + log(3) * 2 + log(6)) / 6,
)
GOLDEN = {"chain": CHAIN, "pair above": PAIR_ABOVE, "mixed": MIXED, "repeated": REPEATED, "weak": WEAK, "pair": PAIR, "three": THREE}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_limits(name: str) -> None:
    golden = GOLDEN[name]
    problem, parts = golden.problem, decompose(golden.problem)
    assert dataset_class(problem) == golden.kind
    scores = problem.scores(parts.max_margin.direction)
    assert tuple(row[golden.query] for row in scores) == golden.svm
    assert all(not x for row in scores for k, x in enumerate(row) if k != golden.query)
    assert graph_svm(problem).direction == parts.max_margin.direction
    finite = problem.scores(parts.finite_part.array)
    for (u, v), gap in golden.gaps.items():
        assert finite[u, golden.query] - finite[v, golden.query] == pytest.approx(gap, abs=1e-12)
    if not golden.gaps:
        assert not finite.any()
    assert float(parts.infimum.lower) <= golden.infimum + 1e-15 and golden.infimum - 1e-15 <= float(parts.infimum.upper)
    assert parts.attained == (golden.kind == "all-cyclic")


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_records(name: str) -> None:
    golden = GOLDEN[name]
    found = answer_of(golden.problem)
    record = found.record()
    size = golden.tokens
    expected = [[str(golden.svm[v]) if k == golden.query else "0" for k in range(size)] for v in range(size)]
    assert record["max_margin"]["matrix"] == expected  # with E = I the matrix is the table of scores
    assert record["max_margin"]["squared_norm"] == str(sum(x * x for x in golden.svm))
    assert record["max_margin"]["strictly_complementary"] is (name != "weak")
    assert record["dataset_class"] == golden.kind and record["graph_svm"]["feasible"]
    for (u, v), gap in golden.gaps.items():
        matrix = record["finite_part"]["matrix"]
        assert matrix[u][golden.query] - matrix[v][golden.query] == pytest.approx(gap, abs=1e-12)
    proved = [claim.split(":")[0] for claim in verify(document(golden.problem, found.certificates()))]
    further = ["next-directions" if name == "weak" else "strict-complementarity"] if any(golden.svm) else ["enclosure"]
    assert proved[:3] == ["separation", "optimal-qp", *further] and proved[-1] == "enclosure"
    for entry, row in zip(record["attention"], golden.problem.choice_sets):
        assert sum(token["mass"]["value"] for token in entry["tokens"]) == pytest.approx(1) and [t["token"] for t in entry["tokens"]] == list(row)


def test_multipliers_of_a_pair_above_a_token() -> None:
    values = {tuple(edge): x for edge, x in graph_svm(PAIR_ABOVE.problem).multipliers.items()}
    assert values == {(0, 0, 2): F(2, 3), (0, 0, 1): F(-1, 3)}


def test_norm_of_the_mixed_finite_part() -> None:
    assert np.linalg.norm(decompose(MIXED.problem).finite_part.array) == pytest.approx(log(3 / 2) / 2**0.5, abs=1e-14)
    assert float(decompose(MIXED.problem).infimum.lower) == pytest.approx(0.56084, abs=1e-5)
    assert [sorted(c) for c in priority_orders(MIXED.problem)[0].components] == [[0, 1], [2], [3]]
    assert cyclic_rows(MIXED.problem) == {(0, 1), (1, 1), (2, 1), (3, 0), (5, 0)}


def test_residual_of_the_chain() -> None:
    residual = CHAIN.problem.scores(np.asarray(asymptotics(decompose(CHAIN.problem)).residual.value))
    assert residual[:, 0] == pytest.approx([log(2), 0, -log(2)], abs=1e-9)


def test_finite_part_coefficient_of_the_mixed_dataset() -> None:
    coefficient = asymptotics(decompose(MIXED.problem)).finite_part_coefficient
    assert np.linalg.norm(coefficient.value) == pytest.approx(0.7955, abs=5e-5)


def test_weak_pair_drifts_along_the_second_level() -> None:
    drift = WEAK.problem.scores(max_margin(WEAK.problem).second_level_direction)
    assert [row[2] for row in drift] == [F(-1, 4), F(-1, 4), F(-1, 4), F(3, 4)]
    (token,) = {WEAK.problem.choice_sets[i][n] for i, n in max_margin(WEAK.problem).weak_support}
    assert token == 2 and attend(WEAK.problem, (3, 1, 2)).basis == "log log t drift"


def test_one_graph_per_query() -> None:
    problem = AttentionNTP.one_hot_tokens(2, [[1, 0], [0, 1]], [0, 1])
    assert dataset_class(problem) == "acyclic"
    assert problem.lift(max_margin(problem).direction) == ((F(1, 2), F(-1, 2)), (F(-1, 2), F(1, 2)))


def test_steps_beyond_the_bound_cycle() -> None:
    # The gap moves by -eta tanh(gap / 2): stable for eta < 4, a 2-cycle at eta = 6.
    layer, start = AttentionLayer(PAIR.problem), np.array([[1.0, 0.0], [0.0, 0.0]])
    for eta, limit_gap in ((3.5, 0.0), (6.0, 2.5757)):
        last = LayerDescent(steps=400, step_size=eta)(layer, start).weights[-1]
        assert abs(last[0, 0] - last[1, 0]) == pytest.approx(limit_gap, abs=1e-4)


def test_squared_loss_goes_to_the_boundary() -> None:
    layer = AttentionLayer(THREE.problem, criterion=SQUARED)
    last = LayerDescent(steps=3_000, step_size=8.0, spacing=2.0)(layer).weights[-1]
    positions = layer.attention(last)[0]
    masses = {token: p for token, p in zip((1, 2, 0), positions)}
    assert masses[0] == pytest.approx(0.6, abs=1e-2) and masses[1] == pytest.approx(0.4, abs=1e-2) and masses[2] < 1e-2
    logarithmic = training_limits(THREE.problem)[0].masses
    assert [float(logarithmic[v]) for v in (0, 1, 2)] == pytest.approx([1 / 2, 1 / 3, 1 / 6])


@pytest.mark.parametrize(("top", "below"), [(1, 1), (1, 3), (2, 2), (3, 1)])
def test_component_over_incomparable_tokens(top: int, below: int) -> None:
    # A component of c tokens directly above p incomparable ones: p/(c+p) above, -c/(c+p) below, squared norm cp/(c+p).
    size, members = top + below, list(range(top))
    cycle = [([v, *members[1:], 0], v) for v in members]
    problem = AttentionNTP.one_hot_tokens(size, [*(s for s, _ in cycle), *([v, 0] for v in range(top, size))], [*(y for _, y in cycle), *[0] * below])
    scores = [row[0] for row in problem.scores(max_margin(problem).direction)]
    assert scores == [F(below, size)] * top + [F(-top, size)] * below
    assert max_margin(problem).squared_norm == F(top * below, size)


@pytest.mark.parametrize("length", [2, 3, 5])
def test_chain_of_single_tokens(length: int) -> None:
    problem = AttentionNTP.one_hot_tokens(length, [list(range(k, -1, -1)) for k in range(1, length)], list(range(1, length)))
    scores = [row[0] for row in problem.scores(max_margin(problem).direction)]
    assert scores == [v - F(length - 1, 2) for v in range(length)] and max_margin(problem).squared_norm == F(length * (length**2 - 1), 12)
