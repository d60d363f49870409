"""Parts of `check`: domains, enumeration, draws, journal, suggestions, cluster seam, templates, notebook display, renderings."""

from __future__ import annotations

import importlib
import io
import json
import pickle
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from rich.console import Console

from ntpproofs import ConditionalLogit, Evidence, LinearNTP, Outcome, Verdict, decompose
from ntpproofs.checking.drawing import different, draws, independent_draw, seed_of
from ntpproofs.checking.processes import Job
from ntpproofs.commands.new import TEMPLATES, write_template
from ntpproofs.errors import InvalidInput
from ntpproofs.language.strategy_arguments import domains_of
from ntpproofs.problems import AttentionNTP
from ntpproofs.rendering.check_text import check_view, take_away
from ntpproofs.rendering.instances import instance_lines
from ntpproofs.search import Options, check_file, exit_status
from ntpproofs.search.cluster import DaskCluster, companion_loop, connect
from ntpproofs.search.enumeration import enumerated
from ntpproofs.search.journal import Journal
from ntpproofs.search.moves import admitted, belongs, measure, neighbours
from ntpproofs.search.suggesting import suggestions
from ntpproofs.strategies import attention_ntps, conditional_logits, linear_ntps

STRATEGIES = [
    linear_ntps(max_vocabulary=3, max_contexts=2, max_dimension=2),
    linear_ntps(max_vocabulary=3, max_contexts=3, max_dimension=2, independent=True),
    linear_ntps(max_vocabulary=3, max_contexts=2, max_dimension=2, separable=False),
    conditional_logits(max_rows=2, max_alternatives=3, max_dimension=2),
    attention_ntps(max_tokens=3, max_dimension=2, max_sequences=2, max_length=3),
    attention_ntps(max_tokens=3, max_dimension=3, embeddings="one-hot"),
    attention_ntps(max_tokens=3, max_dimension=3, kind="mixed", single_query=True),
    attention_ntps(max_tokens=3, max_dimension=3, independent=True, repeats=False),
]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=range(len(STRATEGIES)))
def test_draws_and_enumerated_instances_belong_to_the_strategy(strategy: Any) -> None:
    (domain,) = domains_of(strategy) or ()
    drawn = [problem for number in range(25) for found, problem in [independent_draw(strategy, number)] if found]
    assert drawn and all(belongs(problem, domain) for problem in drawn)
    listed = list(islice(enumerated(strategy) or (), 40))
    assert listed and len(set(listed)) == len(listed) and all(belongs(problem, domain) for problem in listed)
    near = list(islice((found for problem in drawn[:5] for found in neighbours(problem)), 60))
    assert near and all(type(problem) is type(drawn[0]) for problem in near)


def test_the_smallest_instances_come_first_and_no_orbit_twice() -> None:
    listed = list(islice(enumerated(linear_ntps(max_vocabulary=2, max_contexts=1, max_dimension=1)) or (), 99))
    # One context, two tokens: embedding 0, 1, 2 or 3; laws (0,1), (1/2,1/2), (1/3,2/3) up to the names of the tokens.
    assert len(listed) == 12
    sizes = [measure(problem)[0] for problem in islice(enumerated(STRATEGIES[0]) or (), 60)]
    assert sizes == sorted(sizes)


def test_opaque_strategies_are_recognised() -> None:
    strategy = STRATEGIES[3]
    assert domains_of(strategy.map(lambda p: p)) is None and enumerated(strategy.map(lambda p: p)) is None
    assert len(domains_of(strategy | STRATEGIES[0]) or ()) == 2 and admitted(object(), None)
    kept = domains_of(strategy.filter(lambda problem: problem.dimension == 2))
    assert kept is not None and not admitted(ConditionalLogit([(1, 0, [[0], [1]])]), kept)


def test_draws_with_their_own_seeds_repeat_and_differ() -> None:
    strategy = STRATEGIES[3]
    first = [independent_draw(strategy, seed_of(0, "x", i))[1] for i in range(30)]
    assert first == [independent_draw(strategy, seed_of(0, "x", i))[1] for i in range(30)] and len(set(first)) > 20
    assert independent_draw(strategy.filter(lambda problem: False), 0) == (False, None)


def test_journals_drop_what_was_cut_short_and_refuse_another_campaign(tmp_path: Path) -> None:
    job, other = Job("a", "f.py", "draw"), Job("b", "f.py", "draw")
    journal = Journal(tmp_path / "j", {"seed": 0})
    journal.keep(job, {"records": [1]})
    journal.close()
    path = tmp_path / "j" / "journal.jsonl"
    path.write_bytes(path.read_bytes() + path.read_bytes().replace(b"a", b"x") + b"cut")
    again = Journal(tmp_path / "j", {"seed": 0})
    assert again.result(job) == {"records": [1]} and again.result(other) is None and path.read_bytes().count(b"\n") == 1
    again.close()
    (tmp_path / "k").mkdir()
    (tmp_path / "k" / "other").touch()
    for folder, reason in (("j", "another campaign"), ("k", "holds files")):
        with pytest.raises(InvalidInput, match=reason):
            Journal(tmp_path / folder, {"seed": 1})
    (tmp_path / "k" / "campaign.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InvalidInput, match="not the head"):
        Journal(tmp_path / "k", {"seed": 1})


def test_the_weakest_data_conditions_are_suggested_first() -> None:
    classes = ["overlap"] * 2 + ["overlap", "complete", "complete", "overlap"]
    table = {
        "strong": "ffhfff",
        "weak": "ffhhff",
        "other": "fffffh",
        "useless": "hfhhhh",
        "never": "ffffff",
        "ntp_separable": "ffhhhh",
    }
    assert [entry.names for entry in suggestions(table, classes, 2)] == [("weak",), ("other",), ("ntp_separable",)]
    assert suggestions(table, classes, 2)[0].kept == 2 and suggestions(table, classes, 2)[-1].derived
    pair = suggestions({"a": "fhh", "b": "hfh"}, ["complete"] * 3, 2)
    assert [entry.names for entry in pair] == [("a", "b")] and suggestions({"a": "hh"}, ["complete"] * 2, 1) == ()


def test_companions_perform_pickled_jobs() -> None:
    jobs, results = io.BytesIO(), io.BytesIO()
    pickle.dump(Job("a", "missing.py", "describe"), jobs)
    jobs.seek(0)
    companion_loop(5.0, jobs, results)
    results.seek(0)
    assert "does not exist" in pickle.load(results)["failed"]


class FakeFuture:
    """A future that is done; `error` is what went wrong."""

    def __init__(self, value: Any, error: Exception | None = None) -> None:
        self.value, self.error, self.status = value, error, "error" if error else "finished"

    def done(self) -> bool:
        return True

    def exception(self) -> Exception | None:
        return self.error

    def result(self) -> Any:
        return self.value


def test_clusters_are_asked_for_in_words_and_room_follows_their_threads() -> None:
    for address, reason in (("local:x", "names no number"), ("local:0", "names no number"), ("somewhere", "is no address")):
        with pytest.raises(InvalidInput, match=reason):
            connect(address)

    class Client:
        def nthreads(self) -> dict[str, int]:
            return {"a": 1, "b": 2}

        def submit(self, *arguments: Any, **options: Any) -> FakeFuture:
            return FakeFuture({"records": []})

    executor = DaskCluster(Client())
    assert executor.room == 6 and executor.finished(0.0) == []
    executor.submit(Job("a", "f.py", "draw"))
    assert executor.room == 5


@pytest.mark.parametrize("kind", TEMPLATES)
def test_templates_run_and_are_never_overwritten(kind: str, tmp_path: Path) -> None:
    path = write_template(kind, "my-idea", tmp_path)
    (finding,) = check_file(path, Options(examples=60))
    assert exit_status([finding]) == 0 and finding.label == "my-idea" and all(part.good for part in finding.proof)
    assert bool(finding.proof) == (kind == "theorem")
    for name, reason in (("my-idea", "exists already"), ("1x", "cannot be a file name"), ("a/b", "cannot be"), ("class", "word of the Python")):
        with pytest.raises(InvalidInput, match=reason):
            write_template(kind, name, tmp_path)
    with pytest.raises(InvalidInput, match="no kind of file"):
        write_template("lemma", "x", tmp_path)
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_template(kind, "x", tmp_path / "none")


def test_notebook_display() -> None:
    linear = LinearNTP([[1, 0]], [["1/2", "1/2", 0]])
    logit = ConditionalLogit([(2, 0, [[1], [0]], [1, 3])])
    attention = AttentionNTP([[1], [0]], [[0, 1]], [0])
    for problem in (linear, logit, attention):
        assert problem._repr_html_().startswith("<table><caption>") and str(problem._repr_latex_()).startswith("$$")
    parts = decompose(linear)
    assert "quasi-complete" in parts._repr_html_() and r"\begin{pmatrix}1/3&0\\1/3&0\\-2/3&0\end{pmatrix}" in parts._repr_latex_()
    verdict = Verdict(Outcome.REFUTED, Evidence.CERTIFIED, detail="1 <= 0")
    assert "1 &lt;= 0" in verdict._repr_html_() and "refuted" in verdict._repr_latex_()


def test_everything_found_is_in_the_text(tmp_path: Path) -> None:
    gallery = Path(__file__).parent.parent / "examples" / "conjectures"
    (finding,) = check_file(gallery / "distinct_embeddings_are_separable.py", Options(examples=200, try_assumptions=True))
    console = Console(width=160, file=io.StringIO(), record=True)
    for part in (*check_view(finding), *take_away([finding])):
        console.print(part, crop=False)
    text = console.export_text()
    words = (
        "REFUTED",
        "locally minimal",
        "H (contexts)",
        "both sides exact",
        "--instance",
        "def test_",
        r"\begin{example}",
        "try adding: independent_embeddings",
    )
    assert [word for word in (*words, "with the suggestion added", "not refuted", "independent draws") if word not in text] == []
    (example,) = finding.counterexamples
    assert "<table>" in example._repr_html_() and str(example._repr_latex_()).startswith("$$H=")
    assert instance_lines({"kind": "unknown"}, "as text") == ["as text"] and json.dumps(example.instance)


def test_draws_do_not_depend_on_the_modules_that_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Hypothesis by itself draws numbers found in the source of loaded modules: 7 919 would come up again and again.
    strategies = (linear_ntps(), st.lists(st.integers(0, 10**6), min_size=3, max_size=3))

    def found() -> list[Any]:
        return [[one.problem if one else None for _, one in draws(strategy, 0, "x", 0, 60, record=True)] for strategy in strategies]

    before, listed = found(), different(linear_ntps(), 0, 40)
    (tmp_path / "loaded_numbers.py").write_text("KNOWN = [" + ", ".join(str(7919 + i) for i in range(200)) + "]\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    importlib.import_module("loaded_numbers")
    assert found() == before and different(linear_ntps(), 0, 40) == listed and len(set(listed)) == len(listed)
