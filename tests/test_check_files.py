"""`check` on whole files: what is found, graded, reduced and suggested, and that nothing depends on workers or interruptions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ntpproofs import Outcome
from ntpproofs.checking.instances import guarded
from ntpproofs.errors import InvalidInput
from ntpproofs.kernel import verify
from ntpproofs.search import ConjectureFinding, LocalProcesses, Options, check_file, exit_status, replay
from ntpproofs.search.files import check_instance

SAMPLE = """\
from ntpproofs import Case, Conjecture, Equal
from ntpproofs.assumptions import distinct_embeddings
from ntpproofs.geometry import cyclic_rows, separation
from ntpproofs.strategies import attention_ntps

conjecture = Conjecture(
    label="tied-iff-cyclic", title="A difference is tied iff its edge lies on a cycle of the priority graph",
    instances=attention_ntps(max_tokens=4, max_dimension=2), assumptions=(distinct_embeddings,),
)

@conjecture.claim(r"d_{iv} \\text{ tied} \\iff (y_i, v) \\text{ on a cycle}")
def tied_rows_are_cyclic(case: Case) -> Equal:
    return Equal(separation(case.problem.conditional_logit()).tied, cyclic_rows(case.problem))
"""

HEAD = """\
import os
from hypothesis import strategies as st
from ntpproofs import All, AtMost, Case, Conjecture, Equal, Implies, Less, Measured
from ntpproofs.strategies import conditional_logits, linear_ntps

SMALL = conditional_logits(max_rows=2, max_alternatives=3, max_dimension=2)
"""


def write(folder: Path, body: str, name: str = "conjecture.py") -> Path:
    path = folder / name
    path.write_text(body if body.startswith("from") else HEAD + body, encoding="utf-8")
    return path


def claimed(body: str, instances: str = "SMALL", options: str = "") -> str:
    lines = "\n".join("    " + line for line in body.splitlines())
    return f'c = Conjecture("user.c", instances={instances}{options})\n@c.claim("x")\ndef claim(case):\n{lines}\n'


def found(path: Path, **options: Any) -> ConjectureFinding:
    (finding,) = check_file(path, Options(**{"examples": 120, **options}))
    return finding


def test_the_sample_conjecture_is_refuted_with_the_right_suggestion(tmp_path: Path) -> None:
    path = write(tmp_path, SAMPLE)
    finding = found(path, examples=1_000, try_assumptions=True)
    (claim,) = finding.claims
    example = claim.counterexample
    assert exit_status([finding]) == 1 and example is not None
    assert claim.verdict.outcome.value == "refuted" and claim.verdict.evidence is not None and claim.verdict.evidence.word == "certified"
    assert len(example.instance["embeddings"]) <= 3 and example.locally_minimal and example.failed
    assert finding.suggestions[0].names == ("independent_embeddings",)
    assert [entry.label for entry in finding.tried] == ["tied-iff-cyclic + independent_embeddings"] and exit_status(finding.tried) == 0
    assert len(verify(example.certificate)) >= 2
    again = replay(path, example.label, example.claim, example.instance)
    assert (again.outcome, again.detail) == (claim.verdict.outcome, example.detail)
    assert [entry["outcome"] for entry in check_instance(path, example.instance)] == ["refuted"]


@pytest.mark.parametrize(
    ("body", "status", "outcome"),
    [
        ("return Equal(case.derived.max_margin.support, case.derived.max_margin.strong_support)", 1, "refuted"),
        ("return AtMost(0, case.derived.max_margin.squared_norm)", 0, "holds"),
        ("return Implies(False, Equal(0, 1))", 4, "vacuous"),
        ("return Less(Measured(1.0, 0.1), Measured(0.0, 0.1))", 3, "refuted"),
        ("return [Equal(1, 1), AtMost(0, 1)]", 0, "holds"),
        ("return All(Equal(1, 1), Equal(1, 2))", 1, "refuted"),
        ("return 1 / 0", 4, "inconclusive"),
        ("return True", 4, "inconclusive"),
    ],
    ids=["strictness", "true", "vacuous", "floats", "list", "all", "raises", "bool"],
)
def test_outcomes_and_statuses(tmp_path: Path, body: str, status: int, outcome: str) -> None:
    finding = found(write(tmp_path, claimed(body)))
    assert (finding.claims[0].verdict.outcome.value, exit_status([finding])) == (outcome, status)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_finite_strategy_ends_the_search_when_everything_was_tried(tmp_path: Path, workers: int) -> None:
    pairs = 'st.tuples(st.integers(-40, 40), st.sampled_from("ab")).filter(lambda pair: pair[0] % 4 == 2)'
    path = write(tmp_path, claimed("return AtMost(case.problem[0] ** 2, 1600)", pairs))
    finding = found(path, examples=None, budget=300.0, workers=workers)
    (claim,) = finding.claims
    # -38, -34, ..., 38 with two letters: 40 instances, more than 40 levels without one are no reason to end early.
    assert claim.verdict.scope == "40 instances" and claim.bound is None and not finding.ended_by_clock
    assert finding.notes == ("ended because every instance of the strategy was tried: 40",)
    rare = found(write(tmp_path, claimed("return Less(case.problem, 900)", "st.integers(0, 900).filter(lambda n: n % 90 == 0)"), "rare.py"))
    assert rare.claims[0].counterexample is not None and rare.claims[0].counterexample.text == "900"
    # An instance listed twice is one, and there is no next one that could be of a new type.
    twice = found(write(tmp_path, claimed("return AtMost(case.problem, 9)", "st.integers(0, 5) | st.integers(3, 9)"), "twice.py"), examples=None)
    assert twice.notes == ("ended because every instance of the strategy was tried: 10",) and twice.types.unseen is None
    none = found(write(tmp_path, claimed("return AtMost(case.problem, 9)", "st.just(3).filter(lambda n: n > 5)"), "none.py"), examples=None)
    assert none.notes == ("the strategy has no instance",) and none.claims[0].verdict.outcome.value == "vacuous"
    # Without bounds, or where something cannot be listed, nothing says that this was all.
    for instances in ("st.integers(0)", "st.integers(0, 3).flatmap(st.just)"):
        notes = found(write(tmp_path, claimed("return AtMost(0, case.problem)", instances), "other.py"), examples=50).notes
        assert not any("every instance" in note for note in notes)


def test_float_violations_are_observed_and_artefacts_are_dropped(tmp_path: Path) -> None:
    finding = found(write(tmp_path, claimed("return Less(Measured(1.0), Measured(0.0))")))
    example = finding.claims[0].counterexample
    assert example is not None and example.observed and example.evidence.word == "observed" and "seen again" in example.detail
    precise = "import flint\nreturn Less(Measured(0.0), Measured(1.0 if flint.ctx.prec > 60 else -1.0))"
    finding = found(write(tmp_path, claimed(precise)))
    assert finding.claims[0].verdict.outcome.value == "inconclusive" and "not at twice the precision" in finding.claims[0].verdict.detail


def test_own_kinds_own_relations_and_opaque_strategies(tmp_path: Path) -> None:
    body = """\
from dataclasses import dataclass
from ntpproofs import Conjecture, Evidence, Outcome, Verdict, assumption
from hypothesis import strategies as st

@dataclass
class Even:
    number: int
    def decide(self):
        return Verdict(Outcome.HOLDS if self.number % 2 == 0 else Outcome.REFUTED, Evidence.CERTIFIED, detail=f"{self.number} even")

@assumption("n > 4")
def large(n):
    return n > 4

c = Conjecture("user.even", instances=st.integers(0, 99), assumptions=(large,))

@c.claim()
def even(case):
    return Even(case.problem)
"""
    finding = found(write(tmp_path, body))
    example = finding.claims[0].counterexample
    assert example is not None and (example.text, example.instance) == ("5", {"python": "5"})
    assert finding.rejected == {"large": finding.rejected["large"]} and finding.suggestions == ()
    assert [entry["outcome"] for entry in check_instance(write(tmp_path, body), example.instance)] == ["refuted"]


def test_objects_without_notation_are_counted_shown_and_lowered(tmp_path: Path) -> None:
    # No notation, no equality, and refuted so seldom that Hypothesis finds no second one to shrink.
    body = claimed(
        "own = case.problem\nreturn Equal(own.a % 40 == 17 and own.b % 37 == 25 and len(own.rest) > 1, False)",
        "st.builds(Own, st.integers(0, 10**4).flatmap(st.just), st.integers(0, 10**4), st.lists(st.integers(0, 9), max_size=6))",
    ).replace("c = ", "class Own:\n    def __init__(self, a, b, rest):\n        self.a, self.b, self.rest = a, b, rest\n\n\nc = ", 1)
    finding = found(write(tmp_path, body), examples=3_000)
    example = finding.claims[0].counterexample
    assert example is not None and example.text == "<Own a=17 b=25 rest=[0, 0]>"
    assert example.instance == {"choices": [17, 25, True, 0, True, 0, False]} and example.within_strategy
    assert [entry["outcome"] for entry in check_instance(write(tmp_path, body), example.instance)] == ["refuted"]
    # A copy of what has no equality is the same as long as its fields are: looking at it is no change.
    outer = type("Outer", (), {"__init__": lambda self: vars(self).update(inner=type("Inner", (), {})(), words={"one", "two", "three"})})()
    own, changed = guarded(outer)
    assert not changed()
    own.inner.seen = True
    assert changed()
    few = found(write(tmp_path, body.replace("10**4", "1").replace("max_size=6", "max_size=0"), "few.py"), examples=40)
    assert sum(few.phases.values()) == 4 and few.duplicates > 40


def test_enumeration_and_shrinking_stay_inside_the_strategy(tmp_path: Path) -> None:
    body = claimed(
        "return Equal(0, 1)", "linear_ntps(max_vocabulary=3, max_contexts=2, min_vocabulary=3, separable=True).filter(lambda p: p.dimension > 1)"
    )
    example = found(write(tmp_path, body)).claims[0].counterexample
    assert example is not None and example.within_strategy and example.locally_minimal
    assert len(example.instance["probabilities"][0]) == 3 and len(example.instance["embeddings"][0]) == 2


def test_survivors_carry_scope_margin_equalities_and_a_bound_from_independent_draws(tmp_path: Path) -> None:
    claim = found(write(tmp_path, claimed("return AtMost(0, case.derived.max_margin.squared_norm)"))).claims[0]
    assert claim.bound is not None and abs((1 - claim.bound) ** claim.draws - 0.05) < 1e-12 and claim.draws_refuted == 0
    assert claim.margin == 0 and claim.equalities > 0 and claim.equality and all(entry.slack > 0 for entry in claim.near_misses)
    listed = found(write(tmp_path, claimed("return AtMost(case.problem, 99)", "range(50)"))).claims[0]
    assert listed.bound is None and listed.draws == 0 and listed.instances["satisfied"] == 50 and listed.margin == 50


BROKEN = """\
hang = Conjecture("user.hang", instances=SMALL)
@hang.claim()
def hanging(case):
    while case.problem.rows: pass
    return Equal(1, 1)
@hang.claim()
def margin(case): return AtMost(0, case.derived.max_margin.squared_norm)
die = Conjecture("user.die", instances=SMALL)
@die.claim()
def dying(case):
    if len(case.problem.rows) == 2: os._exit(1)
    return Equal(1, 1)
nothing = Conjecture("user.nothing", instances=SMALL.filter(lambda p: False))
@nothing.claim()
def never(case): return Equal(1, 1)
raising = Conjecture("user.raising", instances=st.integers().map(lambda n: 1 // 0))
@raising.claim()
def never2(case): return Equal(1, 1)
empty = Conjecture("user.empty", instances=SMALL)
silent = Conjecture("user.silent")
@silent.claim()
def silent_one(case): return Equal(2, 2)
last = Conjecture("user.last", instances=[None])
@last.claim()
def last_one(case): return Equal(2, 2)
"""


def test_claims_that_hang_or_die_and_bad_strategies_do_not_stop_the_others(tmp_path: Path) -> None:
    path = write(tmp_path, BROKEN)
    hang, die, nothing, raising, empty, silent, last = check_file(path, Options(examples=120, limit=1.0, workers=2))
    outcomes = [claim.verdict.outcome.value for claim in hang.claims]
    assert outcomes == ["inconclusive", "holds"]
    assert "did not return within 1 s" in hang.claims[0].errors["limit"] and f"{path}:" in hang.claims[0].errors["limit"]
    assert "ConditionalLogit" in hang.claims[0].errors["limit"] and hang.claims[1].instances["satisfied"] > 60
    assert "ended its process" in die.claims[0].errors["limit"]
    assert nothing.claims[0].verdict.outcome.value == "vacuous" and "yielded nothing" in nothing.notes[0]
    assert raising.claims[0].verdict.outcome.value == "inconclusive" and "ZeroDivisionError" in raising.failures[0]
    assert not empty.ran and "no claims" in empty.failures[0]
    assert not silent.ran and "no instances=" in silent.failures[0] and exit_status([silent]) == 2
    assert last.claims[0].verdict.outcome.value == "holds"
    assert exit_status([raising, empty]) == 2 and exit_status([hang, last]) == 4


def report(path: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "ntpproofs", "check", str(path), "--json", "--examples", "200", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"})
    record = json.loads(done.stdout)
    del record["seconds"]
    return json.dumps(record)


TWO = (
    claimed("return Equal(case.derived.max_margin.support, case.derived.max_margin.strong_support)")
    + """\
d = Conjecture("user.d", instances=SMALL)
@d.claim()
def bounded(case): return AtMost(case.derived.max_margin.squared_norm, 7)
"""
)


def test_the_report_does_not_depend_on_workers_but_on_the_seed(tmp_path: Path) -> None:
    path = write(tmp_path, TWO)
    one = report(path, "--workers", "1")
    assert one == report(path, "--workers", "2") and one != report(path, "--seed", "3", "--workers", "2")


def test_an_interrupted_campaign_resumes_to_the_same_report(tmp_path: Path) -> None:
    slow = claimed("import time\ntime.sleep(0.01)\nreturn AtMost(0, case.derived.max_margin.squared_norm)")
    path, whole, cut = write(tmp_path, slow), tmp_path / "whole", tmp_path / "cut"
    report(path, "--save", str(whole), "--workers", "1")
    command = [sys.executable, "-m", "ntpproofs", "check", str(path), "--examples", "200", "--workers", "2", "--save", str(cut)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    journal = cut / "journal.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (journal.exists() and journal.read_bytes().count(b"\n") >= 3):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and b"interrupted" in errors and not (cut / "report.json").exists()
    with journal.open("ab") as file:
        file.write(b"cut short")
    report(path, "--save", str(cut), "--workers", "2")
    assert (cut / "report.json").read_bytes() == (whole / "report.json").read_bytes()
    with pytest.raises(InvalidInput, match="another campaign"):
        check_file(path, Options(examples=100, save=cut))


def test_certificates_are_saved_and_pass_the_kernel(tmp_path: Path) -> None:
    path, folder = write(tmp_path, TWO), tmp_path / "saved"
    record = json.loads(report(path, "--save", str(folder)))
    for entry in record["conjectures"]:
        example = entry["claims"][0]["counterexample"]
        assert len(verify(json.loads(Path(example["certificate"]).read_text(encoding="utf-8")))) >= 2
        assert set(entry["claims"][0]) >= {"name", "outcome", "evidence", "instances", "counterexample"}
        assert set(entry["claims"][0]["instances"]) == {"satisfied", "not_exercised", "rejected", "duplicate", "degenerate", "undecided"}
        space: dict[str, Any] = {}
        exec(example["pytest"], space)
        next(value for name, value in space.items() if name.startswith("test_"))()
        assert example["latex"].startswith("\\begin{example}")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("syntax.py", b"def f(:\n", "syntax.py:1: has a syntax error"),
        ("imports.py", b"import nosuchmodule\n", "imports.py:1: cannot be imported"),
        ("empty.py", b"", "defines no statement"),
        ("other.py", b"x = 1\n", "defines no statement"),
        ("binary.py", b"\0\1", "is a binary file"),
        ("latin.py", b"# \xe9\n", "is not UTF-8"),
        ("text.txt", b"x", "is not a Python file"),
        ("large.py", b"#" * 2**21, "above"),
        ("ends.py", b"import os\nos._exit(0)\n", "loading the file ended its process"),
        ("leaves.py", b"raise SystemExit\n", "cannot be imported"),
        ("interrupts.py", b"raise KeyboardInterrupt\n", "cannot be imported"),
    ],
)
def test_bad_files_get_one_message_and_status_2(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=reason):
        check_file(path)


def test_directories_and_missing_files(tmp_path: Path) -> None:
    for path, reason in ((tmp_path, "is a directory"), (tmp_path / "none.py", "does not exist")):
        with pytest.raises(InvalidInput, match=reason):
            check_file(path)


def test_executors_hand_back_every_job_once() -> None:
    from ntpproofs.checking.processes import Job
    from ntpproofs.search.jobs import Bench

    executor = LocalProcesses(Bench, 2)
    try:
        assert executor.room == 2
        for i in range(2):
            executor.submit(Job(f"{i}", "missing.py", "describe"))
        done = [*executor.finished()]
        while len(done) < 2:
            done += executor.finished()
        assert sorted(job.name for job, _ in done) == ["0", "1"] and all("failed" in result for _, result in done)
        assert executor.finished(0.1) == [] and executor.room == 2
        executor.discard()
    finally:
        executor.close()


STOPPABLE = """
import sys, time
from ntpproofs.checking.processes import Job, LocalProcesses, evaluating

class Bench:
    def __init__(self, mark, part):
        self.mark = mark

    def perform(self, job):
        self.mark(evaluating("1", "claim"))
        for _ in range(0 if job.avoid else 30):
            time.sleep(0.1)
        return {"avoided": len(job.avoid)}

pool = LocalProcesses(Bench, 1, limit=1.0)
pool.submit(Job("a", "f.py", "work"))
print("under way", flush=True)
((job, result),) = pool.finished()
print(result["avoided"], flush=True)
pool.close()
"""


@pytest.mark.parametrize("stopped", [True, False])
def test_a_run_that_was_stopped_for_a_while_blames_no_evaluation(stopped: bool) -> None:
    # Thirty short waits are within four times the limit; with the stop between, more than that passes on the clock.
    run = subprocess.Popen([sys.executable, "-c", STOPPABLE], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert run.stdout is not None and run.stdout.readline() == "under way\n"
    if stopped:
        time.sleep(0.5)
        os.killpg(run.pid, signal.SIGSTOP)
        time.sleep(6.0)
        os.killpg(run.pid, signal.SIGCONT)
    out, _ = run.communicate(timeout=60)
    assert out == "0\n"


HOSTILE = """\
calls = 0
numbers = st.lists(st.integers(0, 5), min_size=1, max_size=3)
counting = Conjecture("user.counting", instances=SMALL)
@counting.claim()
def few(case):
    global calls
    calls += 1
    return AtMost(calls, 60)
@counting.claim()
def by_chance(case):
    import random
    return AtMost(random.randrange(100), 90)
@counting.claim()
def true(case): return AtMost(0, len(case.problem.rows))
changing = Conjecture("user.changing", instances=numbers)
@changing.claim()
def clears(case):
    case.problem.clear()
    return Equal(case.problem, [0])
@changing.claim()
def not_empty(case): return AtMost(1, len(case.problem))
mapped = Conjecture("user.mapped", instances=st.integers(1, 50).map(lambda n: [n]))
@mapped.claim()
def small(case): return AtMost(case.problem[0], 20)
"""


def test_a_claim_that_does_not_repeat_leaves_no_trace(tmp_path: Path) -> None:
    path = write(tmp_path, HOSTILE.split("@counting.claim()\ndef by_chance")[0] + "@counting.claim()\ndef true(case): return AtMost(0, 1)\n")
    one, two = (check_file(path, Options(examples=200, workers=workers)) for workers in (1, 2))
    assert one == two and "not reproducible" in one[0].claims[0].verdict.detail
    assert one[0].claims[1].verdict.holds and one[0].claims[1].instances["satisfied"] == 200


@pytest.mark.parametrize("workers", [1, 2])
def test_a_disproof_stands(tmp_path: Path, workers: int) -> None:
    path = write(tmp_path, HOSTILE)
    counting, changing, mapped = check_file(path, Options(examples=200, workers=workers))
    few, by_chance, true = counting.claims
    for claim in (few, by_chance):
        assert claim.verdict.outcome.value == "inconclusive" and "not reproducible" in claim.verdict.detail and claim.counterexample is None
        assert claim.instances["satisfied"] == 0
    assert true.verdict.outcome.value == "holds" and sum(counting.phases.values()) > 100 and not counting.suggestions
    clears, not_empty = changing.claims
    assert clears.verdict.outcome.value == "inconclusive" and "changes the instance" in clears.verdict.detail
    assert not_empty.verdict.outcome.value == "holds"
    assert exit_status([counting, changing]) == 4
    # Shrunk through the strategy's own choices, never below its bounds: 21 is the smallest.
    (small,) = mapped.claims
    assert small.counterexample is not None and small.counterexample.text == "[21]" and exit_status([mapped]) == 1


def test_running_out_of_memory_is_named(tmp_path: Path) -> None:
    body = """\
greedy = Conjecture("user.greedy", instances=SMALL)
@greedy.claim()
def takes(case):
    held = bytearray(2**34)
    return Equal(len(held), len(case.problem.rows))
"""
    (greedy,) = check_file(write(tmp_path, body), Options(examples=60))
    assert greedy.claims[0].verdict.outcome.value == "inconclusive" and "more memory than allowed" in greedy.claims[0].verdict.detail


def test_a_claim_that_raises_an_interrupt_of_its_own_is_named(tmp_path: Path) -> None:
    sometimes = claimed("if case.problem.rows[0].chosen:\n    raise KeyboardInterrupt\nreturn Equal(len(case.problem.rows), 0)")
    finding = found(write(tmp_path, sometimes), examples=20)
    assert finding.claims[0].verdict.outcome is Outcome.REFUTED and exit_status([finding]) == 1
    raising = found(write(tmp_path, claimed("raise KeyboardInterrupt")), examples=20)
    assert raising.claims[0].verdict.outcome is Outcome.INCONCLUSIVE and "raised KeyboardInterrupt" in str(raising.claims[0].errors)


def test_an_instance_meets_the_conjectures_of_its_kind_only(tmp_path: Path) -> None:
    body = """\
logits = Conjecture("user.logits", instances=SMALL)
@logits.claim()
def rows(case): return AtMost(1, len(case.problem.rows))
linear = Conjecture("user.linear", instances=linear_ntps())
@linear.claim()
def tokens(case): return AtMost(1, case.problem.vocabulary_size)
"""
    path, examples = write(tmp_path, body), Path(__file__).parent.parent / "examples"
    pair, full, other = (json.loads((examples / f"{name}.json").read_text()) for name in ("pair", "full", "path-star"))
    assert [(entry["label"], entry["outcome"]) for entry in check_instance(path, pair)] == [("user.logits", "holds")]
    assert [(entry["label"], entry["outcome"]) for entry in check_instance(path, full)] == [("user.linear", "holds")]
    with pytest.raises(InvalidInput, match=r"is of the kind path-star; user\.logits is about conditional-logit"):
        check_instance(path, other)
    with pytest.raises(InvalidInput, match=r"user\.linear is about linear-ntp"):
        replay(path, "user.linear", "tokens", pair)
