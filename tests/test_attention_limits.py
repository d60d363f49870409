"""Limits of attention against the dynamics, what is said where they are not determined, and the command line."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from ntpproofs import AttentionNTP, Outcome
from ntpproofs.checking.examining import derive_default
from ntpproofs.commands import cli
from ntpproofs.dynamics import GradientFlow
from ntpproofs.errors import InvalidInput
from ntpproofs.geometry import dataset_class, decompose, separation
from ntpproofs.language.relations import Converges, ValuePath
from ntpproofs.language.statements import Assumption, Case
from ntpproofs.papers.attention_ntp.attention_limits import attend, training_limits
from ntpproofs.papers.attention_ntp.kind import ASSUMPTIONS
from ntpproofs.papers.attention_ntp.layer import AttentionLayer
from ntpproofs.papers.attention_ntp.priority_graph import extra_ties, label_components
from ntpproofs.papers.attention_ntp.theorems import global_convergence
from ntpproofs.strategies import attention_ntps

ROOT = Path(__file__).parent.parent
MIXED = ROOT / "examples" / "attention.json"
DEPENDENT = ROOT / "examples" / "attention-dependent.json"
Run = Callable[..., tuple[int, str, str]]


def masses(found: Any) -> dict[int, float | None]:
    return {v: None if mass is None else float(mass) for v, mass in found.masses.items()}


def drawn(seed: int) -> AttentionNTP:
    rng = random.Random(seed)
    size = rng.randint(2, 4)
    embeddings = [[rng.randint(-1, 2) if k > v else int(k == v) for k in range(size)] for v in range(size)]
    hub = rng.randrange(size)
    sequences = [[*(rng.randrange(size) for _ in range(rng.randint(1, 3))), hub] for _ in range(rng.randint(2, 5))]
    return AttentionNTP(embeddings, sequences, [rng.choice(sequence) for sequence in sequences])


def incomparable(seed: int) -> AttentionNTP:
    """Tokens above the query 0 and seldom compared with each other, on embeddings that couple them."""
    rng = random.Random(seed)
    embeddings = [[rng.choice([0, 0, 1]) if k > v else int(k == v) for k in range(4)] for v in range(4)]
    sequences = [[rng.randint(1, 3), 0] for _ in range(rng.randint(2, 6))] + [[1, 2, 0]] * rng.randint(0, 1)
    return AttentionNTP(embeddings, sequences, [sequence[0] for sequence in sequences])


@pytest.mark.parametrize("seed", range(20))
def test_training_limits_retrieve_and_compose(seed: int) -> None:
    problem = drawn(seed)
    finite = problem.scores(decompose(problem).finite_part.array)
    for found, counts, inside, query in zip(training_limits(problem), problem.multiplicities, label_components(problem), problem.queries):
        kept = {v: counts[v] * np.exp(finite[v, query]) for v in counts if v in inside}
        expected = {v: kept.get(v, 0.0) / sum(kept.values()) for v in counts}
        assert found.determined and found.grade == "enclosed"
        assert masses(found) == pytest.approx(expected, abs=1e-12)
        assert all(not found.masses[v].radius for v in counts if v not in inside)
        assert attend(problem, found.sequence).masses == found.masses  # the general law says the same


def test_determined_limits_agree_with_the_flow() -> None:
    # W at t = e^1000 as its finite part plus its diverging part; the softmax layer itself evaluates the attention. Scores differ
    # by 1000 per unit of margin there, and what settles does so like t^-q: only the slow modes need an allowance.
    bases: Counter[str] = Counter()
    for seed in range(40):
        problem = drawn(seed) if seed % 2 else incomparable(seed)
        trajectory = GradientFlow(log_time=1e3)(problem.conditional_logit())
        w = problem.lift(np.asarray((trajectory.tied + trajectory.diverging + trajectory.invariant)[-1]))
        rng = random.Random(seed)
        for _ in range(4):
            sequence = [*(rng.randrange(problem.vocabulary_size) for _ in range(rng.randint(1, 3))), problem.queries[0]]
            found = attend(problem, sequence)
            bases[found.basis] += 1
            if found.basis not in ("finite part", "label counts", "initial matrix"):
                assert any(mass is None for mass in found.masses.values()) and found.grade == "undetermined"
                continue
            probe = AttentionNTP(problem.embeddings, [sequence], sequence[-1:])
            (positions,) = AttentionLayer(probe).attention(w)
            seen = {v: sum(p for token, p in zip(sequence, positions) if token == v) for v in sequence}
            assert seen == pytest.approx(masses(found), abs=2e-3), (problem, sequence, found)
    assert bases["label counts"] >= 5 and bases["finite part"] >= 40


def test_label_counts_decide_between_incomparable_tokens() -> None:
    for first, second in ((1, 1), (2, 1), (3, 2)):
        problem = AttentionNTP.one_hot_tokens(3, [[1, 0]] * first + [[2, 0]] * second, [1] * first + [2] * second)
        found = attend(problem, (1, 2, 0))
        assert found.basis == "label counts" and found.determined and found.grade == "measured" and found.top == (1, 2)
        assert masses(found) == pytest.approx({0: 0, 1: first / (first + second), 2: second / (first + second)}, abs=1e-9)


def test_multiplicities_of_the_attended_sequence_count() -> None:
    problem = AttentionNTP.one_hot_tokens(3, [[1, 0], [2, 0]], [1, 2])
    assert masses(attend(problem, (1, 1, 2, 0))) == pytest.approx({0: 0, 1: 2 / 3, 2: 1 / 3}, abs=1e-9)


def test_unseen_tokens_take_part() -> None:
    # Token 2 was never seen with query 0: its score is 0, above that of token 1.
    problem = AttentionNTP.one_hot_tokens(3, [[1, 0]], [0])
    found = attend(problem, (1, 2, 2, 1, 0)[:4] + (0,))
    assert found.top == (0,) and found.scores[2] > found.scores[1]


def test_queries_never_seen_depend_on_the_start() -> None:
    problem = AttentionNTP.one_hot_tokens(3, [[1, 0]], [0])
    found = attend(problem, (0, 2, 1))
    assert found.basis == "initial matrix" and not found.determined and "never moved" in found.reason
    assert masses(found) == pytest.approx({0: 1 / 3, 1: 1 / 3, 2: 1 / 3})


def test_equal_embeddings_share_by_multiplicity() -> None:
    problem = AttentionNTP([[1, 0], [0, 1], [0, 1]], [[1, 0], [0, 1]], [1, 0])
    assert masses(attend(problem, (1, 2, 2, 0))) == pytest.approx({0: 0, 1: 1 / 3, 2: 2 / 3})


@pytest.mark.parametrize("sequence", [(), (3,), (-1,), (True,), (0.0,)])
def test_bad_sequences_are_refused(sequence: Any) -> None:
    with pytest.raises(InvalidInput):
        attend(AttentionNTP.one_hot_tokens(2, [[1, 0]], [1]), sequence)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ntpproofs", *map(str, arguments)])
        try:
            cli.main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


INSTANCE = {"kind": "attention-ntp", "embeddings": [["1", "0"], ["0", "1"]], "sequences": [[1, 0], [0, 1, 0]], "labels": [1, 0]}
BAD = {
    "label not in its sequence": ({"sequences": [[0], [1]]}, "labels[0]", "not in sequence"),
    "token out of range": ({"sequences": [[1, 2], [0]]}, "sequences[0]", "0..1"),
    "negative token": ({"sequences": [[-1, 1], [0]]}, "sequences[0]", "-1"),
    "empty sequence": ({"sequences": [[1], []]}, "sequences[1]", "is empty"),
    "no sequences": ({"sequences": [], "labels": []}, "sequences", "is empty"),
    "label out of range": ({"labels": [1, 7]}, "labels[1]", "0..1"),
    "labels missing": ({"labels": [1]}, "labels", "1 entries"),
    "float embedding": ({"embeddings": [[0.5, 1], [1, 1]]}, "JSON", "floats are refused"),
    "ragged embeddings": ({"embeddings": [["1"], ["1", "2"]]}, "embeddings[1]", "2 entries"),
    "no embeddings": ({"embeddings": []}, "embeddings", "empty"),
    "word": ({"embeddings": "one-hot"}, "embeddings", "is the word"),
    "unknown field": ({"weights": ["1/2", "1/2"]}, "instance", "weights"),
    "nested sequences": ({"sequences": [[[1]], [0]]}, "sequences[0]", "not an index"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_instances_get_one_message_and_status_2(name: str, run: Run, tmp_path: Path) -> None:
    fields, subject, reason = BAD[name]
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({**INSTANCE, **fields}), encoding="utf-8")
    status, out, err = run("limit", path)
    assert status == 2 and out == "" and err.startswith("error: ") and err.count("\n") == 1
    assert subject in err and reason in err and "Remedy:" in err and str(path) in err


@pytest.mark.parametrize("text", ["", "1,,2", "a", "1 2", "0,9", "-1", "1.0", "0,", "99999999999"])
def test_bad_attend_gets_one_message_and_status_2(text: str, run: Run) -> None:
    status, out, err = run("limit", MIXED, f"--attend={text}")
    assert status == 2 and out == "" and err.startswith("error: --attend: ") and "Remedy:" in err and err.count("\n") == 1


def test_attend_needs_attention(run: Run) -> None:
    status, out, err = run("limit", ROOT / "examples" / "full.json", "--attend", "0")
    assert status == 2 and out == "" and "linear-ntp" in err and "Remedy:" in err


def test_limit_in_words(run: Run) -> None:
    status, out, _ = run("limit", MIXED, "--attend", "3, 2, 0")
    assert status == 0
    for words in ("{0 = 1}  >  {2}, {3}", "Graph-SVM: feasible", "hard retrieval", "soft over 0, 1", "0.600000000", "determined: one token"):
        assert words in out
    status, out, _ = run("limit", MIXED, "--attend", "2,1")
    assert status == 0 and "NOT determined by the data" in out and "never moved" in out


def test_limit_of_dependent_embeddings_shows_farkas(run: Run) -> None:
    status, out, _ = run("limit", DEPENDENT)
    assert status == 0 and "Graph-SVM: infeasible" in out and "1 (2 over 0 | 2) + 1 (2 over 1 | 2) = 0" in out and "2 = 0 for query 2" in out
    status, out, _ = run("limit", DEPENDENT, "--json")
    record = json.loads(out)
    assert record["assumptions"]["graph_svm_feasible"] == record["assumptions"]["independent_embeddings"] == "fails"
    assert not record["graph_svm"]["feasible"] and record["graph_svm"]["multipliers"] is None and len(record["graph_svm"]["farkas"]) == 2


def test_limit_json_keys(run: Run) -> None:
    status, out, _ = run("limit", MIXED, "--attend", "3,2,0", "--simulate", "--log-time", "1000", "--json")
    record = json.loads(out)
    assert status == 0 and set(record) == {
        "kind", "route", "separation", "dimensions", "assumptions", "finite_part", "max_margin", "infimum", "dataset_class", "graphs", "graph_svm",
        "attention", "attend", "simulation", "coordinates", "separated",
    }  # fmt: skip
    assert list(record["assumptions"]) == [entry.name for entry in ASSUMPTIONS]
    assert record["simulation"]["slope_error"] < 1e-8 and record["simulation"]["finite_part_error"] < 1e-6
    assert record["max_margin"]["matrix"][0][0] == "1/2" and record["dimensions"] == {"tied": 1, "diverging": 2, "invariant": 13}
    (graph,) = record["graphs"]
    assert graph["components"] == [[0, 1], [2], [3]] and graph["cross_edges"] == [[0, 2], [1, 2], [1, 3]] and not graph["strongly_connected"]
    assert graph["scores"]["max_margin"] == {"0": "1/2", "1": "1/2", "2": "-1/2", "3": "-1/2"}
    assert [t["mass"]["value"] for t in record["attend"]["tokens"]] == [1.0, 0.0, 0.0] and record["attend"]["determined"]


@pytest.mark.parametrize("path", [MIXED, DEPENDENT], ids=lambda path: path.stem)
def test_certificates_pass_the_kernel(path: Path, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "certificate.json"
    assert run("limit", path, "--certificate", target)[0] == 0
    status, out, _ = run("recheck", target)
    tampered = json.loads(target.read_text())
    assert status == 0 and out.count("proved") == len(tampered["certificates"]) >= 6
    tampered["instance"]["labels"][0] = tampered["instance"]["sequences"][0][0]
    target.write_text(json.dumps(tampered))
    assert run("recheck", target)[0] == 1


@pytest.mark.parametrize("ending", [".png", ".svg"])
def test_plots_with_graphs(ending: str, run: Run, tmp_path: Path) -> None:
    target = tmp_path / f"plot{ending}"
    assert run("limit", MIXED, "--plot", target, "--log-time", "100")[0] == 0 and target.stat().st_size > 10_000


def test_single_tokens_need_no_traceback(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    for record in (
        {"kind": "attention-ntp", "embeddings": [["0"]], "sequences": [[0]], "labels": [0]},
        {"kind": "attention-ntp", "embeddings": [["1"], ["1"]], "sequences": [[0, 0]], "labels": [0]},
    ):
        path.write_text(json.dumps(record), encoding="utf-8")
        status, out, err = run("limit", path, "--attend", "0", "--plot", tmp_path / "one.png", "--log-time", "50")
        assert status == 0 and err == "" and "acyclic" in out


STRATEGIES: list[dict[str, Any]] = [
    {}, {"embeddings": "one-hot"}, {"kind": "acyclic"}, {"kind": "mixed"}, {"kind": "all-cyclic"}, {"independent": True}, {"independent": False},
    {"repeats": False}, {"single_query": True}, {"max_tokens": 5, "max_dimension": 2}, {"max_tokens": 1}, {"max_length": 1}, {"max_sequences": 1},
]  # fmt: skip


@pytest.mark.parametrize("arguments", STRATEGIES, ids=str)
def test_strategies_keep_their_word(arguments: dict[str, Any]) -> None:
    classes: Counter[str] = Counter()

    @settings(max_examples=60 if arguments else 200, database=None, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(attention_ntps(**arguments))
    def check(problem: AttentionNTP) -> None:
        classes[dataset_class(problem)] += 1
        classes["dependent"] += problem.embedding_rank < problem.vocabulary_size
        classes["repeated"] += any(len(s) > len(set(s)) for s in problem.sequences)
        classes["beyond"] += bool(extra_ties(problem))
        classes[separation(problem).kind] += 1
        assert problem.vocabulary_size <= arguments.get("max_tokens", 4) and problem.dimension <= arguments.get("max_dimension", 4)
        assert len(problem.sequences) <= arguments.get("max_sequences", 4) and max(map(len, problem.sequences)) <= arguments.get("max_length", 4)
        assert "kind" not in arguments or dataset_class(problem) == arguments["kind"]
        assert "independent" not in arguments or (problem.embedding_rank == problem.vocabulary_size) == arguments["independent"]
        assert arguments.get("embeddings") != "one-hot" or problem.one_hot
        assert arguments.get("repeats", True) or all(len(s) == len(set(s)) for s in problem.sequences)
        assert not arguments.get("single_query") or len(set(problem.queries)) == 1

    check()
    if not arguments:
        assert min(classes[name] for name in ("acyclic", "mixed", "all-cyclic", "dependent", "repeated", "beyond")) >= 2, classes


def test_strategies_are_cached_and_refuse_impossible_bounds() -> None:
    assert attention_ntps(max_tokens=3) is attention_ntps(max_tokens=3)
    impossible: list[dict[str, Any]] = [
        {"max_tokens": 0}, {"embeddings": "gaussian"}, {"kind": "cyclic"}, {"kind": "mixed", "max_tokens": 2},
        {"kind": "all-cyclic", "max_length": 1}, {"embeddings": "one-hot", "independent": False}, {"kind": "mixed", "max_sequences": 2},
        {"kind": "all-cyclic", "independent": True, "max_dimension": 1},
    ]  # fmt: skip
    for arguments in impossible:
        with pytest.raises(InvalidInput):
            attention_ntps(**arguments)


@pytest.mark.parametrize("entry", ASSUMPTIONS, ids=lambda entry: entry.name)
def test_assumptions_decide_every_dataset(entry: Assumption) -> None:
    for problem in (AttentionNTP([[1], [1], [2]], [[0, 1], [2, 2, 1]], [0, 2]), AttentionNTP.one_hot_tokens(2, [[1, 0], [0]], [1, 0])):
        assert entry(problem).outcome.value in ("holds", "fails")


def test_path_dependent_limits_depend_on_the_path() -> None:
    # Tokens 1 and 2 share the highest score; their difference has a part that no supporting margin fixes.
    embeddings = [[1, -1, -1, 1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    problem = AttentionNTP(embeddings, [[1, 0], [0, 3, 0], [0, 0], [0, 0]], [1, 3, 0, 0])
    found = attend(problem, (3, 2, 1, 0))
    assert found.basis == "path" and not found.determined and len(found.top) > 1
    gap = problem.difference(found.top[1], found.top[0], 0)
    start = decompose(problem).diverging.project(np.array([float(x) for x in gap]))
    ends = [GradientFlow(log_time=1e3, initial=tuple(c * start))(problem.conditional_logit()).along(gap).values[-1] for c in (0.0, 3.0)]
    assert abs(ends[0] - ends[1]) > 0.1


def test_a_far_start_does_not_refute_the_linear_rate_of_descent() -> None:
    # From this start the first six steps are long ones of nearly the same length: the rate is that of the end.
    embeddings = [[-1, -2, -1, 0], [0, -1, 1, 2], [0, 0, -1, 1]]
    problem = AttentionNTP(embeddings=embeddings, sequences=[[2, 0], [0, 2, 0], [1, 1, 0]], labels=[2, 0, 1])
    relation = global_convergence.descent_is_linear(Case(problem, derive_default))
    assert isinstance(relation, Converges) and relation.decide().outcome is Outcome.HOLDS
    path = relation.path
    still = ValuePath(path.log_times, path.values * 0 + path.values[0], path.errors, "not moving")
    assert Converges(still, relation.target, relation.rate).decide().outcome is Outcome.REFUTED
