"""How a search spends its time: turns, decided instances, the clock, types and elites, plain values, instances in writing, the corpus."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from ntpproofs import AtMost, AttentionNTP, ConditionalLogit, Conjecture, Converges, Equal, Implies, Rate, ValuePath, max_margin
from ntpproofs.assumptions import orthogonal_embeddings
from ntpproofs.checking.drawing import independent, independent_draw
from ntpproofs.checking.kinds import kinds
from ntpproofs.checking.marks import Board, Doing, evaluating
from ntpproofs.checking.processes import Job, Result
from ntpproofs.checking.registry import load_file
from ntpproofs.checking.sampling import Refused, Sampler, Unreadable
from ntpproofs.errors import InvalidInput
from ntpproofs.language.statements import as_statement
from ntpproofs.language.strategy_arguments import domains_of
from ntpproofs.language.verdicts import Outcome
from ntpproofs.search import Options, check_file, exit_status, programmes, replay
from ntpproofs.search.corpus import remember, tried_first
from ntpproofs.search.elites import Elites, score_of
from ntpproofs.search.files import check_instance
from ntpproofs.search.generating import generated
from ntpproofs.search.jobs import Bench
from ntpproofs.search.joint import canonical, joint
from ntpproofs.search.journal import Journal
from ntpproofs.search.moves import belongs, measure
from ntpproofs.search.novelty import type_of
from ntpproofs.search.schedule import Parts, Schedule
from ntpproofs.search.values import is_finite, values
from ntpproofs.search.written import read_written, written
from ntpproofs.strategies import linear_ntps

HEAD = """\
import time
from dataclasses import dataclass
from hypothesis import strategies as st
from ntpproofs import AtMost, Conjecture, Equal, Implies, NotExercised, assumption
from ntpproofs.assumptions import independent_embeddings
from ntpproofs.strategies import conditional_logits, linear_ntps
SMALL = conditional_logits(max_rows=2, max_alternatives=3, max_dimension=2)
"""


def write(folder: Path, body: str) -> Path:
    path = folder / "conjecture.py"
    path.write_text(HEAD + body, encoding="utf-8")
    return path


class Instant:
    """An executor that performs a job when it is asked for results, latest first."""

    room = 3

    def __init__(self, perform: Callable[[Job], Result]) -> None:
        self.perform, self.jobs, self.discarded = perform, list[Job](), 0

    def submit(self, job: Job) -> None:
        self.jobs.append(job)
        self.room -= 1

    def finished(self, timeout: float | None = None) -> list[tuple[Job, Result]]:
        if not self.jobs:
            return []
        self.room += 1
        job = self.jobs.pop()
        return [(job, self.perform(job))]

    def discard(self) -> None:
        self.discarded += 1
        self.jobs, self.room = [], 3

    def close(self) -> None:
        self.discard()


def test_results_come_in_the_order_of_the_jobs_and_jobs_may_depend_on_them() -> None:
    executor, absorbed = Instant(lambda job: {"n": job.arguments["n"]}), list[int]()

    def source() -> Job | None:
        n = executor_asked[0]
        if (n >= 4 and len(absorbed) < n - 2) or n >= 8:
            return None
        executor_asked[0] += 1
        return Job(str(n), "f.py", "x", {"n": n})

    executor_asked = [0]
    for _, result in Schedule(executor, Journal(None, {})).results(source):
        absorbed.append(result["n"])
    assert absorbed == list(range(8))


def test_the_clock_loses_nothing_that_was_finished() -> None:
    executor, parts = Instant(lambda job: {"records": ["whole"]}), Parts()
    jobs = [Job(str(n), "f.py", "x") for n in range(3)]
    schedule = Schedule(executor, Journal(None, {}), time.monotonic() - 1, parts)
    parts.keep(jobs[1], (1, [{"n": 1}]))
    parts.keep(jobs[1], (0, [{"n": 0}]))
    left = iter(jobs)
    found = [(job.name, result) for job, result in schedule.results(lambda: next(left, None))]
    assert found == [("1", {"records": [{"n": 0}, {"n": 1}]})] and schedule.cut and executor.discarded == 1


def test_only_decided_instances_count(tmp_path: Path) -> None:
    body = """\
c = Conjecture("user.seldom", instances=st.integers(0, 10**6))
@c.claim()
def seldom(case):
    return AtMost(0, case.problem) if case.problem % 5 == 0 else NotExercised("not a multiple of five")
@c.claim()
def always(case): return AtMost(0, case.problem)
"""
    (finding,) = check_file(write(tmp_path, body), Options(examples=60))
    seldom, always = finding.claims
    assert seldom.instances["satisfied"] == 60 and seldom.instances["not_exercised"] > 100 and always.instances["satisfied"] > 160
    assert {"enumeration", "random"} <= set(finding.phases) and sum(finding.phases.values()) == always.instances["satisfied"]


def test_a_search_without_a_clock_gives_up_in_words(tmp_path: Path) -> None:
    body = """\
c = Conjecture("user.never", instances=st.integers(0, 10**6))
@c.claim()
def never(case): return NotExercised("never")
few = Conjecture("user.few", instances=st.integers(0, 3))
@few.claim()
def small(case): return AtMost(case.problem, 3)
unread = Conjecture("user.unread", instances=st.integers(0, 3).flatmap(st.just))
@unread.claim()
def alike(case): return AtMost(case.problem, 3)
"""
    never, few, unread = check_file(write(tmp_path, body), Options(examples=150))
    assert never.claims[0].verdict.outcome.value == "vacuous" and "0 of 150 decided" in never.notes[-1]
    assert few.claims[0].verdict.scope == "4 instances" and any("tried: 4" in note for note in few.notes)
    assert unread.claims[0].verdict.scope == "4 instances" and any("all seen before" in note for note in unread.notes)


def test_huge_numbers_of_examples_end_with_the_clock(tmp_path: Path) -> None:
    path = write(tmp_path, 'c = Conjecture("user.true", instances=SMALL)\n@c.claim()\ndef true(case): return AtMost(0, len(case.problem.rows))\n')
    started = time.monotonic()
    (finding,) = check_file(path, Options(examples=10**9, budget=2.0))
    assert finding.claims[0].verdict.holds and finding.ended_by_clock and time.monotonic() - started < 30


def test_what_ends_before_anything_is_decided_is_no_vacuity(tmp_path: Path) -> None:
    path = write(tmp_path, 'c = Conjecture("user.slow", instances=SMALL)\n@c.claim()\ndef slow(case):\n    time.sleep(60)\n    return Equal(1, 1)\n')
    started = time.monotonic()
    (finding,) = check_file(path, Options(budget=1.0, limit=50.0))
    assert finding.claims[0].verdict.outcome.value == "inconclusive" and "ended before anything was decided" in finding.claims[0].verdict.detail
    assert exit_status([finding]) == 4 and time.monotonic() - started < 30


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    body = f"""\
c = Conjecture("user.hang", instances=[1])
@c.claim()
def hang(case):
    import os
    open({str(mark)!r}, "w").write(str(os.getpid()))
    while True: pass
"""
    command = [sys.executable, "-m", "ntpproofs", "check", str(write(tmp_path, body)), "--time-limit", "100"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (mark.exists() and mark.read_text()):
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    worker = int(mark.read_text())
    while time.monotonic() < deadline and Path(f"/proc/{worker}").exists():
        time.sleep(0.05)
    assert not Path(f"/proc/{worker}").exists()


def test_slack_says_how_far_a_premise_and_a_set_equality_are_from_holding() -> None:
    assert Implies(AtMost(5, 2), Equal(0, 0)).decide().slack == -3 and Implies(False, Equal(0, 0)).decide().slack is None
    assert Equal(frozenset({1, 2}), frozenset({2, 3, 4})).decide().slack == -3 and Equal({1}, {1}).decide().slack is None
    assert Equal(Fraction(1, 2), 2).decide().slack == -1.5 and Equal((1, 2, 3), (1, 0, 0)).decide().slack == -2


def record(outcome: str | None, slack: float | None = None, kind: str | None = "t", satisfied: int = 0) -> dict[str, Any]:
    claims = {} if outcome is None else {"c": {"outcome": outcome, "slack": slack}}
    failed = "a" if outcome is None else None
    return {"failed": failed, "satisfied": satisfied, "claims": claims, "type": kind if claims else None, "instance": {"n": slack}, "size": [1]}


def test_scores_put_near_misses_first_and_equalities_behind_them() -> None:
    ordered = [record("refuted", -1.0), record("holds", 0.1), record("holds", 2.0), record("holds", 0.0), record("vacuous", -1.0)]
    ordered += [record("vacuous", -5.0), record("vacuous"), record(None, satisfied=2), record(None, satisfied=0)]
    scores = [score_of(entry, "c") for entry in ordered]
    assert scores == sorted(scores) and len(set(scores)) == len(scores)
    # A seldom equality is where the claim touches its bound.
    assert score_of(record("holds", 0.0), "c", touching=True) < score_of(record("holds", 0.1), "c", touching=True)


def test_elites_are_the_best_of_their_types_and_rare_types_come_first() -> None:
    elites = Elites()
    for kind, slack in (("x", 2.0), ("x", 1.0), ("x", 3.0), ("y", 5.0)):
        elites.absorb("c", record("holds", slack, kind))
    assert [elite.entry["instance"]["n"] for elite in elites.near("c")] == [1.0, 5.0]
    elites.absorb("c", record("holds", 0.0, "z"))
    assert [elite.kind for elite in elites.near("c", True)] == ["z", "x", "y"] and [elite.kind for elite in elites.near("c")][-1] == "z"
    del elites.best["c"]["z"]
    assert [elite.kind for elite in elites.rare("c", {"x": 3, "y": 1})] == ["y", "x"]
    next(elites.rare("c", {"x": 3, "y": 1})).expanded = 1
    assert [elite.kind for elite in elites.rare("c", {"x": 3, "y": 1})] == ["x", "y"]


@pytest.mark.parametrize("name", ["conditional-logit", "linear-ntp", "attention-ntp", "linear-attention-ar", "path-star", "multi-concept"])
def test_random_moves_make_problems_of_the_kind_and_change_types(name: str) -> None:
    kind, random = kinds()[name], Random(0)
    (domain,) = domains_of(kind.strategy()) or ()
    _, problem = independent_draw(kind.strategy(), 1)
    assert kind.vary is not None and kind.outline is not None
    moved = [other for _ in range(60) for other in kind.vary(problem, random)]
    assert len(moved) > 40 and all(type(other) is kind.problem for other in moved)
    inside = [other for other in moved if belongs(other, domain)]
    assert len({type_of(other) for other in inside}) > 3


@pytest.mark.parametrize("name", sorted(kinds()))
def test_generators_meet_their_assumptions(name: str) -> None:
    kind = kinds()[name]
    for entry in (entry for entry in kind.assumptions if entry.name in kind.generators):
        source = generated(as_statement(Conjecture("user.c", instances=kind.strategy(), assumptions=(entry,))))
        if source is None:  # the strategy's own bounds leave nothing to gain
            continue
        drawn = [independent(source, seed, record=False) for seed in range(25)]
        met = [entry(found.problem).outcome is Outcome.HOLDS for found in drawn if found is not None]
        assert sum(met) > len(met) / 3, entry.name


def test_generators_go_through_unions_of_strategies() -> None:
    wide = linear_ntps(max_contexts=2) | linear_ntps(max_vocabulary=6, max_dimension=2)
    source = generated(as_statement(Conjecture("user.c", instances=wide, assumptions=(orthogonal_embeddings,))))
    assert source is not None
    drawn = [found.problem for found in (independent(source, seed, record=False) for seed in range(60)) if found is not None]
    domains = domains_of(wide) or ()
    assert drawn and all(orthogonal_embeddings(problem).holds for problem in drawn)
    assert all(any(belongs(problem, domain) for domain in domains) for problem in drawn)
    # Not along axes only, and of both parts.
    assert any(sum(map(bool, row)) > 1 and len(problem.embeddings) > 1 for problem in drawn for row in problem.embeddings)
    assert max(problem.vocabulary_size for problem in drawn) > 4 and max(len(problem.embeddings[0]) for problem in drawn) > 2


def test_samples_are_what_the_strategy_draws() -> None:
    for kind in kinds().values():
        (domain,) = domains_of(kind.strategy()) or ()
        for habits in (False, True):
            found = [draw.problem for draw in (independent(kind.strategy(), seed, habits) for seed in range(40)) if draw is not None]
            assert all(belongs(problem, domain) for problem in found) and len(set(map(repr, found))) > 25
    parts = (st.sets(st.integers(0, 3), min_size=2), st.permutations("abc"), st.just(7) | st.booleans(), st.integers(0, 9).filter(lambda n: n > 4))
    for seed in range(30):
        chosen, order, either, large = Sampler(Random(seed), seed % 2 == 0)(st.tuples(*parts))
        assert len(chosen) >= 2 and sorted(order) == ["a", "b", "c"] and either in (7, True, False) and large > 4
    with pytest.raises(Refused):
        Sampler(Random(0))(st.integers(0, 3).filter(lambda n: n > 5))
    with pytest.raises(Unreadable):
        Sampler(Random(0))(st.floats())


def test_the_board_says_what_a_worker_is_at() -> None:
    board = Board()
    assert board.read() is None
    for place in ("first", "zweite Stelle: \u00e4", "x" * 100_000):
        board.write(evaluating(place, "claim c"))
        number, since, used, mark = board.read() or pytest.fail("nothing noted")
        assert mark.place == place[: len(mark.place)] and mark.doing is Doing.EVALUATING and since > 0 and used >= 0
    assert number == 6


def test_the_board_is_read_whole_or_not_at_all() -> None:
    board, seen = Board(), 0
    writer = os.fork()
    if writer == 0:
        for number in count(1):
            board.write(evaluating(f"{number} " + "x" * (number % 50), "claim c"))
    # On a busy machine the writer may not run for a while: as long as it takes to read enough.
    begun = time.monotonic()
    try:
        while time.monotonic() < begun + 1.8 or (seen <= 100 and time.monotonic() < begun + 60):
            found = board.read()
            if found is not None:
                seen += 1
                word, padding = found[3].place.split(" ")
                assert int(word) * 2 == found[0] and len(padding) == int(word) % 50 and found[3].subject == "claim c"
    finally:
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
    assert seen > 100


def test_assumptions_generate(tmp_path: Path) -> None:
    body = """\
c = Conjecture("user.c", instances=linear_ntps(max_contexts=3, max_dimension=3), assumptions=(independent_embeddings,))
@c.claim()
def true(case): return AtMost(0, len(case.problem.supports))
"""
    (statement,) = load_file(str(write(tmp_path, body)))
    source = generated(statement)
    drawn = [problem for n in range(30) for found, problem in [independent_draw(source, n)] if found]
    assert len(drawn) > 25 and all(problem.embedding_rank == len(problem.supports) for problem in drawn)
    (finding,) = check_file(write(tmp_path, body), Options(examples=100))
    assert finding.phases["generated"] and finding.claims[0].draws < sum(finding.phases.values())


def test_plain_values_are_listed_by_level_and_completely() -> None:
    assert sorted(values(st.tuples(st.integers(-1, 1), st.booleans())) or ()) == sorted((x, y) for x in (-1, 0, 1) for y in (False, True))
    listed = list(values(st.lists(st.sampled_from("ab"), min_size=1, max_size=3)) or ())
    assert len(listed) == len({tuple(word) for word in listed}) == 2 + 4 + 8
    assert list(islice(values(st.integers()) or (), 5)) == [0, 1, -1, 2, -2] and list(values(st.integers(3, 5)) or ()) == [3, 4, 5]
    assert list(values(st.integers(0, 5).filter(lambda n: n % 2).map(str) | st.just("x")) or ()) == ["x", "1", "3", "5"]
    assert list(values(st.integers(0, 9).filter(lambda n: False)) or ()) == [] and values(st.floats()) is None
    assert values(st.tuples(st.floats(), st.integers())) is None and values(st.lists(st.text())) is None
    # Maps and filters of one value and of given ones are part of them, in their order.
    assert list(values(st.just(3).map(lambda n: n + 1)) or ()) == [4] and list(values(st.just(3).filter(lambda n: n > 5)) or ()) == []
    halved = st.sampled_from([1, 2, 4]).filter(lambda n: n % 2 == 0).map(lambda n: n // 2)
    assert list(values(halved) or ()) == [1, 2] and is_finite(halved)
    assert list(islice(values(st.sampled_from(range(10**15))) or (), 3)) == [0, 1, 2]


OWN = """\
@dataclass(frozen=True)
class Pair:
    left: int
    right: tuple
class Opaque:
    def __init__(self, n): self.n = n
    def __repr__(self): return f"<{self.n}>"
a = Conjecture("user.lists", instances=st.lists(st.integers(-5, 5), max_size=4))
@a.claim()
def small(case): return AtMost(sum(case.problem), 12)
b = Conjecture("user.pairs", instances=st.builds(Pair, st.integers(0, 50), st.tuples(st.integers(0, 9))))
@b.claim()
def pair(case): return AtMost(case.problem.left, 40)
c = Conjecture("user.opaque", instances=st.builds(Opaque, st.integers(0, 90)))
@c.claim()
def opaque(case): return AtMost(case.problem.n, 40)
d = Conjecture("user.words", instances=st.text("ab", max_size=5))
@d.claim()
def words(case): return AtMost(case.problem.count("a"), 3)
"""


def test_own_instances_are_written_replayed_and_pasted(tmp_path: Path) -> None:
    path = write(tmp_path, OWN)
    findings = check_file(path, Options(examples=250))
    wanted = {"user.lists": [3, 5, 5], "user.words": "aaaa"}
    for finding in findings:
        (example,) = finding.counterexamples
        assert set(example.instance) == ({"choices"} if finding.label == "user.opaque" else {"python"})
        assert replay(path, finding.label, example.claim, json.loads(json.dumps(example.instance))).outcome.value == "refuted"
        if finding.label in wanted:
            assert example.text == repr(wanted[finding.label])
    done = subprocess.run(
        [sys.executable, "-m", "ntpproofs", "check", str(path), "--instance", "[5, 5, 5]"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "user.lists: small: refuted" in done.stdout


def test_written_instances_are_data(tmp_path: Path) -> None:
    pairs = load_file(str(write(tmp_path, OWN)))[1]
    found = read_written({"python": "(nan, -inf, inf)"}, pairs)
    assert found[0] != found[0] and found[1:] == (-float("inf"), float("inf"))
    with pytest.raises(InvalidInput) as refused:
        read_written({"python": "(unknown, 1)"}, pairs)
    assert "holds 'unknown'" in refused.value.reason and str(refused.value).count("Remedy") == 1
    found = read_written({"python": "Pair(left=-1, right=(2, [{'a': {3}}]))"}, pairs)
    assert (found.left, found.right) == (-1, (2, [{"a": {3}}])) and written(object(), pairs) is None
    for text in ("open('x')", "Pair.__init__", "(lambda: 1)()", "[x for x in (1,)]", "1 +", "Pair(1)", "__import__('os')"):
        with pytest.raises(InvalidInput):
            read_written({"python": text}, pairs)
    with pytest.raises(InvalidInput):
        check_instance(write(tmp_path, OWN), {"python": "eval('1')"})


def test_the_corpus_is_tried_first_and_survives_an_edited_file(tmp_path: Path) -> None:
    body = 'c = Conjecture("user.c", instances=SMALL)\n@c.claim()\ndef claim(case): return AtMost(case.derived.max_margin.squared_norm, {})\n'
    folder = tmp_path / "saved"
    options = Options(examples=60, save=folder)
    folder.mkdir()
    (first,) = check_file(write(tmp_path, body.format(0)), options)
    (example,) = first.counterexamples
    remember(folder, [first])
    assert json.loads((folder / "corpus.jsonl").read_text().splitlines()[0]) == example.instance
    (second,) = check_file(write(tmp_path, body.format(7)), options)
    assert second.phases["corpus"] >= 1 and (folder / "earlier" / "1" / "journal.jsonl").exists()
    assert tried_first(folder) == [{"instance": example.instance}] and tried_first(None) == []
    with pytest.raises(InvalidInput, match="another campaign"):
        check_file(tmp_path / "conjecture.py", Options(examples=61, save=folder))


def test_relative_paths_are_meant_from_where_the_command_was_started(tmp_path: Path) -> None:
    from ntpproofs.search import cluster

    asked: list[Any] = []

    class Client:
        def nthreads(self) -> dict[str, int]:
            return {"a": 1}

        def submit(self, function: Any, job: Job, limit: float, directory: str | None, **options: Any) -> object:
            asked.append(directory)
            return object()

    executor = cluster.DaskCluster(Client())
    executor.submit(Job("a", "f.py", "draw"))
    executor.submit(Job("b", str(tmp_path / "f.py"), "draw"))
    assert asked == [os.getcwd(), None]


def path_of(values: Callable[[Any], Any], end: float, error: float = 1e-12, records: int = 60) -> ValuePath:
    times = np.linspace(0.1, end, records)
    return ValuePath(times, np.asarray(values(times)), np.full(records, error), "w")


def test_convergence_says_whether_the_limit_or_the_rate_fails() -> None:
    wrong_limit = Converges(path_of(lambda s: 1 + np.exp(-s), 40), Fraction(2), 1).decide()
    wrong_rate = Converges(path_of(lambda s: 1 + np.exp(-s / 50), 40), Fraction(1), 1).decide()
    assert wrong_limit.outcome.value == "refuted" and "the limit fails" in wrong_limit.detail
    assert wrong_rate.outcome.value == "refuted" and "the rate fails: the decay is like t^-0.02" in wrong_rate.detail
    short = Converges(path_of(lambda s: 1 + np.exp(-s), 2), Fraction(1), 1).decide()
    assert short.outcome.value == "inconclusive" and "log time 4.01 would do" in short.detail


def test_rates_say_which_log_time_would_do() -> None:
    long = Rate(path_of(lambda s: np.exp(-3 * s), 400, 1e-3), 3, 0.1).decide()
    short = Rate(path_of(lambda s: np.exp(-3 * s), 1, records=4), 3, 0.1).decide()
    settling = Rate(path_of(lambda s: np.exp(-s) + 0.02 * np.exp(-s / 10), 8), 2, 0.01).decide()
    assert "too long" in long.detail and "too short: log time 4" in short.detail and "log time 16 would do" in settling.detail
    assert {verdict.outcome.value for verdict in (long, short, settling)} == {"inconclusive"}


def test_numbers_are_changed_together_and_coordinates_brought_to_order() -> None:
    problem = AttentionNTP([[-3, 0], [-5, 0]], [[1, 0]], [0])
    smaller = list(joint(problem))
    assert smaller and all(measure(small) < measure(problem) for small in smaller)
    assert AttentionNTP([[0, 0], [-2, 0]], [[1, 0]], [0]) in smaller and AttentionNTP([[-3], [-5]], [[1, 0]], [0]) in smaller
    assert canonical(AttentionNTP([[0, -1], [0, 0]], [[1, 0]], [0]))[0] == AttentionNTP([[1, 0], [0, 0]], [[1, 0]], [0])
    assert list(joint([3, 1])) == [] and canonical("word") == []
    logit = ConditionalLogit([(1, 0, [[2], [2]]), (1, 1, [[2], [4]])])
    assert any(small.rows[0].features == ((1,), (1,)) for small in joint(logit))


def test_programmes_keep_the_direction_and_add_a_weak_pair() -> None:
    problem = ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[2, 1], [0, 0]])])
    record = problem.instance()
    model = programmes._model(problem, record, [*programmes._entries(record)])
    assert model is not None and len(model.paths) == 8
    found = [max_margin(other) for seed in range(6) for other in programmes._solved(model, record, Random(seed), None)]
    assert len(found) == 6 and {best.direction for best in found} == {max_margin(problem).direction}
    assert all(len(best.support) == 2 for best in found) and any(best.weak_support for best in found)
    # Of a query's embedding the differences are no linear function beside those of the other tokens.
    attention = AttentionNTP([[1, 0], [0, 1], [1, 1]], [[1, 0], [2, 0]], [1, 2])
    record = attention.instance()
    model = programmes._model(attention, record, [*programmes._entries(record)])
    assert model is not None and len(model.paths) < 6


def test_solved_instances_are_examined_like_any_others(tmp_path: Path) -> None:
    claim = "@c.claim()\ndef claim(case): return AtMost(case.derived.max_margin.squared_norm, 400)\n"
    body = 'c = Conjecture("user.c", instances=conditional_logits())\n' + claim
    problem = ConditionalLogit([(1, 0, [[1, 0], [0, 0]]), (1, 0, [[2, 1], [0, 0]])])
    parent = {"instance": problem.instance(), "score": [1, 1.0], "claim": "claim"}
    common = {"index": 0, "adding": [], "label": "user.c", "seed": 0, "number": 0, "parents": [parent]}
    records = Bench().perform(Job("a", str(write(tmp_path, body)), "solve", common))["records"]
    assert len(records) > 8 and all(entry["claims"]["claim"]["outcome"] == "holds" for entry in records)
