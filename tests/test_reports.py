"""Reports render verdicts and nothing else: the keys of `verify --json`, the meets over ancestors, HTML that stands alone."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from ntpproofs.checking.clauses import ClauseReport, Support
from ntpproofs.checking.registry import collect
from ntpproofs.checking.reports import ClaimReport, MutantReport, StatementReport, StepReport, Witness
from ntpproofs.errors import InvalidInput
from ntpproofs.language.verdicts import Evidence, Outcome, Verdict
from ntpproofs.rendering import (
    badges,
    findings,
    list_table,
    render_html,
    show_statement,
    statuses,
    verify_json,
    verify_table,
)
from ntpproofs.rendering.graph_svg import depths, overview_svg
from ntpproofs.rendering.html_parts import anchor
from ntpproofs.rendering.instances import instance_latex
from ntpproofs.rendering.mathml import UnknownCommand, to_html, to_mathml
from ntpproofs.rendering.runs import Run, read_reports, read_run
from ntpproofs.rendering.wording import readable, stands

HOLDS, REFUTED, INCONCLUSIVE, VACUOUS = Outcome.HOLDS, Outcome.REFUTED, Outcome.INCONCLUSIVE, Outcome.VACUOUS
PROVED, CERTIFIED, ENCLOSED, TESTED = Evidence.PROVED, Evidence.CERTIFIED, Evidence.ENCLOSED, Evidence.TESTED
COUNTS = {"satisfied": 3, "not_exercised": 2, "rejected": 4, "duplicate": 5, "degenerate": 6, "undecided": 7}
RECORD = {"kind": "linear-ntp", "embeddings": [["1", "0"], ["1", "1"]], "probabilities": [["1/2", "1/2"], ["1", "0"]], "weights": ["1/2", "1/2"]}
RUN = Run("ntpproofs verify a", "1.0", 0, "quick", "2026-11-28", 2.0)
WITNESS = Witness(RECORD, "LinearNTP(...)", "1 <= 0", True)
NASTY = '50% of {a_1} & "b" <script>alert(1)</script> <img src=x onerror=y> \\input{x} $x ~^#|` -- é λ \U0001f642 [bold] \x07'


def claim(outcome: Outcome = HOLDS, grade: Evidence | None = CERTIFIED, **changes: Any) -> ClaimReport:
    found = ClaimReport("first", r"x \le 1", "holds", Verdict(outcome, grade, "3 instances", "2 <= 1"), COUNTS, {"positive": 4}, None)
    return replace(found, **changes)


def step(outcome: Outcome = HOLDS, grade: Evidence | None = PROVED) -> StepReport:
    return StepReport("expanding", "expand", "x = x", Verdict(outcome, grade, "all sizes", "left and right differ"))


def mutant(killed: bool = True) -> MutantReport:
    return MutantReport("wrong", "first", r"x > 1", killed, CERTIFIED if killed else None, "1 <= 0", 2, WITNESS if killed else None)


def clause(support: Support = Support.PROVED, *by: str) -> ClauseReport:
    return ClauseReport("$x$ is $x$.", ("step expanding", *by), by, support)


def report(label: str, *claims: ClaimReport, steps: Any = None, mutants: Any = (), **changes: Any) -> StatementReport:
    found = StatementReport(
        label, "theorem", f"Title of {label}", "derived here, S1", "holds", (), (("positive", "x > 0", "comparing"),),
        claims or (claim(),), (step(),) if steps is None else tuple(steps), tuple(mutants), (clause(),),
    )  # fmt: skip
    return replace(found, **changes)


def library(*reports: StatementReport) -> dict[str, StatementReport]:
    return {entry.label: entry for entry in reports}


PRINTED = claim(REFUTED, name="printed", expected="refuted", witness=WITNESS)
ERRATUM = report("a.erratum", PRINTED, claim(name="repaired"), kind="erratum")
MIXED = library(
    report("a.base", mutants=[mutant()]),
    ERRATUM,
    report("a.bad", claim(REFUTED, ENCLOSED, witness=WITNESS), steps=[step(INCONCLUSIVE, None)], mutants=[mutant(False), mutant()], uses=("a.base",)),
    report("a.child", uses=("a.bad", "a.erratum")),
    report("user conjecture", claim(INCONCLUSIVE, None), kind="conjecture", expected=None),
)


# verify --json


def test_json_has_exactly_the_documented_keys_in_words() -> None:
    record = verify_json(MIXED, statuses(MIXED), 1.23456)
    assert json.loads(json.dumps(record)) == record
    assert set(record) == {"statements", "summary", "run"}
    for entry in record["statements"]:
        assert {"label", "kind", "status", "source", "claims", "steps", "mutants"} <= set(entry)
        for found in entry["claims"]:
            assert {"name", "outcome", "evidence", "scope", "instances"} <= set(found)
            assert found["instances"] == 3 and found["counts"] == COUNTS
        for found in entry["steps"]:
            assert {"name", "outcome", "by", "scope"} <= set(found)
        for found in entry["mutants"]:
            assert {"name", "outcome", "evidence", "witness"} <= set(found)
            assert found["outcome"] in {"killed", "survived"}
            assert (found["witness"] is None) == (found["outcome"] == "survived")
    documented = {"statements", "claims", "steps", "mutants", "killed", "refuted", "inconclusive", "vacuous", "seconds"}
    assert documented <= set(record["summary"])


def test_json_summary_counts_entries() -> None:
    summary = verify_json(MIXED, statuses(MIXED), 1.23456)["summary"]
    expected = {"statements": 5, "claims": 6, "steps": 5, "mutants": 3, "killed": 2, "refuted": 2, "inconclusive": 2, "vacuous": 0}
    assert {key: summary[key] for key in expected} == expected
    assert summary["refuted_as_expected"] == 1 and summary["seconds"] == 1.235
    assert summary["unexpected"] == 3  # a claim, a step and a survivor of a.bad; the conjecture announces nothing


def test_json_words_are_lower_case_and_statements_keep_their_order() -> None:
    record = verify_json(MIXED, statuses(MIXED))
    assert [entry["label"] for entry in record["statements"]] == list(MIXED)
    first = record["statements"][0]
    assert (first["status"], first["claims"][0]["outcome"], first["claims"][0]["evidence"]) == ("holds", "holds", "certified")
    assert first["mutants"][0]["witness"]["instance"] == RECORD
    assert record["summary"]["seconds"] is None


def test_json_writes_rationals_of_a_witness_as_strings() -> None:
    odd = replace(mutant(), witness=Witness({"weights": (Fraction(1, 3), 2)}, "text", "", False))
    found = library(report("a.odd", mutants=[odd]))
    witness = verify_json(found, statuses(found))["statements"][0]["mutants"][0]["witness"]
    assert witness["instance"] == {"weights": ["1/3", 2]}


# Status: the meet over ancestors


def test_status_is_the_meet_with_all_ancestors() -> None:
    base = report("a.base", claim(grade=TESTED), steps=[step(grade=CERTIFIED)])
    found = statuses(library(base, report("a.middle", uses=("a.base",)), report("a.top", uses=("a.middle",))))
    assert (found["a.top"].own, found["a.top"].outcome) == (HOLDS, HOLDS)
    assert found["a.top"].evidence is TESTED and found["a.top"].weakened_by == ("a.base",)
    assert found["a.base"].weakened_by == ()


def test_a_clause_is_as_strong_as_the_statements_it_names() -> None:
    base = report("a.base", clauses=(clause(Support.ARGUED), clause()))
    middle = report("a.middle", clauses=(clause(Support.PROVED, "a.base"), clause()), uses=("a.base",))
    top = report("a.top", clauses=(clause(Support.PROVED, "a.middle"), clause(Support.PROVED, "a.missing")), uses=("a.middle", "a.missing"))
    found = statuses(library(base, middle, top))
    assert [status.proof.badge for status in found.values()] == ["1/2 argued", "1/2 argued", "0/2 unchecked"]
    assert found["a.top"].proof.supports == (Support.ARGUED, Support.UNCHECKED) and found["a.top"].proof.own_grade is Support.PROVED
    assert found["a.middle"].weakened_by == ("a.base",)
    proof, _ = badges(middle, found["a.middle"])
    assert (proof.word, proof.own, proof.outcome) == ("1/2 argued", "2/2 proved", None)


@pytest.mark.parametrize("outcome", [REFUTED, INCONCLUSIVE, VACUOUS])
def test_a_weak_ancestor_spoils_the_outcome_but_not_the_own_one(outcome: Outcome) -> None:
    base = report("a.base", claim(outcome, CERTIFIED if outcome is REFUTED else None))
    status = statuses(library(base, report("a.top", uses=("a.base",))))["a.top"]
    assert (status.own, status.outcome, status.evidence, status.weakened_by) == (HOLDS, outcome, None, ("a.base",))


def test_an_ancestor_without_report_is_unchecked() -> None:
    status = statuses(library(report("a.top", uses=("b.elsewhere",))))["a.top"]
    assert (status.outcome, status.unchecked, status.weakened_by) == (HOLDS, ("b.elsewhere",), ())


def test_an_erratum_as_announced_holds() -> None:
    found = statuses(library(ERRATUM, report("a.top", uses=("a.erratum",))))
    assert found["a.erratum"].own is HOLDS and found["a.top"].outcome is HOLDS


def test_an_erratum_whose_printed_form_is_not_refuted_does_not_hold() -> None:
    wrong = report("a.erratum", replace(PRINTED, verdict=Verdict(HOLDS, CERTIFIED)), kind="erratum")
    assert statuses(library(wrong))["a.erratum"].own is REFUTED
    assert [found.name for found in findings(wrong)] == ["printed"]


def words(entry: StatementReport) -> tuple[str, str]:
    proof, evidence = badges(entry, statuses(library(entry))[entry.label])
    return proof.word, evidence.word


def test_badges_never_show_a_grade_for_what_does_not_hold() -> None:
    assert words(MIXED["a.bad"]) == ("1/1 proved", "refuted")
    assert words(ERRATUM) == ("1/1 proved", "certified")
    assert words(report("a", clauses=())) == ("no clauses", "certified")
    assert words(replace(report("a"), claims=()))[1] == "not run"


def test_a_conjecture_with_an_announced_refutation_is_not_refuted() -> None:
    entry = report("c", PRINTED, claim(), kind="conjecture", expected=None)
    assert entry.outcome is HOLDS and entry.as_expected and statuses(library(entry))["c"].outcome is HOLDS


@pytest.mark.parametrize("entry", MIXED.values(), ids=list(MIXED))
def test_something_is_wanted_exactly_when_the_statement_is_not_as_expected(entry: StatementReport) -> None:
    assert any(found.wanted for found in findings(entry)) != entry.as_expected


def test_a_refuted_ancestor_is_never_shown_as_good() -> None:
    child = statuses(MIXED)["a.child"]
    assert not findings(MIXED["a.child"]) and not stands(MIXED["a.child"], child)
    assert stands(MIXED["a.base"], statuses(MIXED)["a.base"])
    row = render_html(MIXED, statuses(MIXED)).split('<details id="s-a.child"')[1].split("</summary>")[0]
    assert '<span class="mark bad">' in row and '<span class="mark good">' not in row


def test_a_conjecture_announced_as_refuted_that_holds_is_a_finding() -> None:
    entry = report("c", kind="conjecture", expected="refuted")
    assert [(found.part, found.found, found.wanted) for found in findings(entry)] == [("statement", "holds", "refuted")]
    assert not findings(replace(entry, claims=(claim(REFUTED),)))


# Stored runs


def test_a_stored_run_reads_back_as_the_same_reports() -> None:
    found = library(*MIXED.values(), replace(report("a.broken"), broken=(("positive", "raised"),)), report("a.defect", claim(defect="no relation")))
    made = {"command": RUN.command, "version": RUN.version, "seed": RUN.seed, "profile": RUN.profile, "date": RUN.date}
    record = json.loads(json.dumps(verify_json(found, statuses(found), RUN.seconds, True, made)))
    again = read_reports(record)
    assert verify_json(again, statuses(again), RUN.seconds, True, made) == record and read_run(record) == RUN


@pytest.mark.parametrize("record", [{}, {"statements": [{}]}, {"statements": [1]}, {"statements": None}])
def test_what_is_no_stored_run_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="no report of verify"):
        read_reports(record)


# HTML


class _Page(HTMLParser):
    # Collects tags, what attributes load, identifiers and text.
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"src", "srcset", "data", "action", "poster"} or (name == "href" and tag != "a"):
                self.loads.append(value or "")
            if name == "href" and tag == "a":
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            assert not name.startswith("on"), f"inline handler {name}"

    def handle_data(self, data: str) -> None:
        self.words += data


def test_html_stands_alone_and_names_everything() -> None:
    text = render_html(MIXED, statuses(MIXED), RUN)
    page = _Page(text)
    assert not page.loads and "http" not in text and "@import" not in text and "url(" not in text
    for label, entry in MIXED.items():
        assert label in page.words and entry.title in page.words
        for part in (*entry.claims, *entry.steps, *entry.mutants):
            assert part.name in page.words
    assert len(set(page.ids)) == len(page.ids)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_html_puts_survivors_and_surprises_first() -> None:
    text = render_html(MIXED, statuses(MIXED))
    assert text.index("need attention") < text.index("<h2>Statements</h2>")
    assert text.index('<details id="s-a.bad"') < text.index('<details id="s-a.base"')
    assert "survived" in text[: text.index("<h2>Statements</h2>")]
    calm = library(MIXED["a.base"])
    assert "as announced" in render_html(calm, statuses(calm))
    assert "interrupted" in render_html(calm, statuses(calm), Run(complete=False))


def test_html_escapes_what_users_write() -> None:
    nasty = report(NASTY, claim(name=NASTY, latex=NASTY), title=NASTY, source=NASTY, uses=(NASTY + "2",), assumptions=((NASTY, NASTY, NASTY),),
                   mutants=[replace(mutant(False), detail=NASTY, name=NASTY)])  # fmt: skip
    page = _Page(render_html(library(nasty), statuses(library(nasty))))
    assert page.tags.count("script") == 1 and "img" not in page.tags


def test_html_says_what_was_run() -> None:
    words = _Page(render_html(MIXED, statuses(MIXED), RUN)).words
    for said in ("ntpproofs verify a", "1.0", "quick", "2026-11-28", "2.0 s"):
        assert said in words


def test_every_table_has_a_caption_and_heads() -> None:
    for table in re.findall(r"<table class.*?</table>", render_html(MIXED, statuses(MIXED)), re.DOTALL):
        assert "<caption>" in table and '<th scope="col">' in table


def test_the_graph_has_every_statement_and_every_edge() -> None:
    svg = overview_svg(MIXED, statuses(MIXED), lambda label: f"#{anchor(label)}")
    root = ElementTree.fromstring(svg)
    assert {node.get("data-node") for node in root.iter("a")} == set(MIXED)
    drawn = {(edge.get("data-from"), edge.get("data-to")) for edge in root.iter("path")}
    assert drawn == {(used, label) for label, entry in MIXED.items() for used in entry.uses}
    depth = depths(MIXED)
    assert all(depth[used] < depth[label] for used, label in drawn)


def test_html_is_byte_stable() -> None:
    assert render_html(MIXED, statuses(MIXED), RUN) == render_html(dict(MIXED), statuses(MIXED), RUN)


# Mathematics


def test_every_formula_of_the_library_becomes_mathml() -> None:
    unknown = []
    for label, statement in collect().items():
        entries = (*statement.claims, *statement.steps, *statement.mutants, *statement.assumptions)
        shown = [entry.latex for entry in entries]
        shown += [a or b for a, b in re.findall(r"\$\$(.*?)\$\$|\$(.*?)\$", statement.text, re.DOTALL)]
        for latex in filter(None, shown):
            try:
                ElementTree.fromstring(f"<p>{to_mathml(latex)}{to_html(latex)}</p>")
            except UnknownCommand as error:
                unknown.append(f"{label}: {latex}: {error}")
    assert not unknown, "add the commands to ntpproofs/rendering/_symbols.py or write the formula otherwise:\n" + "\n".join(unknown)


@pytest.mark.parametrize(
    "latex", ["{", "}", "a_b_c", r"\unknown x", r"\left( x", r"\begin{pmatrix}1", "x & y", "\\", r"\end{pmatrix}", r"\frac12\right)"]
)
def test_what_is_not_understood_is_refused(latex: str) -> None:
    with pytest.raises(UnknownCommand):
        to_mathml(latex)


def test_arguments_without_braces_are_one_digit() -> None:
    assert to_mathml(r"\tfrac123") == '<math><mfrac displaystyle="false"><mn>1</mn><mn>2</mn></mfrac><mn>3</mn></math>'
    assert to_mathml("x_12") == "<math><msub><mi>x</mi><mn>1</mn></msub><mn>2</mn></math>"


def test_words_inside_formulas_are_escaped() -> None:
    assert "&lt;b&gt;" in to_mathml(r"\text{<b>}") and "<b>" not in to_html(r"\text{<b>}")


def test_instances_are_exact_matrices() -> None:
    assert instance_latex(RECORD) == (r"H=\begin{pmatrix}1&0\\1&1\end{pmatrix}", r"P=\begin{pmatrix}1/2&1/2\\1&0\end{pmatrix}")
    row = {"weight": "2", "chosen": 1, "features": [["1"], ["0"]], "multiplicities": ["1", "3"]}
    assert instance_latex({"kind": "conditional-logit", "rows": [row]}) == (
        r"X_{1}=\begin{pmatrix}1\\0\end{pmatrix},\ y_{1}=1,\ a_{1}=2,\ n_{1}=(1,3)",
    )
    assert instance_latex(RECORD | {"embeddings": [["\\input{x}"]]}) == () == instance_latex(None) == instance_latex({"kind": "other"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1/3 = 2/3", "1/3 = 2/3"),
        (f"{10**20}/{3 * 10**20} <= 1", "~0.3333333333 <= 1"),
        (f"-{10**400}/7", "~-1.428571429e399"),
        ("w_12345678901234567", "w_12345678901234567"),
        ("9" * 9_000, "9" * 9_000),
        ("{0: Fraction(-2, 3)} = {0: Fraction(5, 1)}", "{0: -2/3} = {0: 5}"),
    ],
    ids=["short", "fraction", "beyond floats", "name", "beyond conversion", "repr"],
)
def test_long_numbers_are_shortened_and_marked(text: str, shown: str) -> None:
    assert readable(text) == shown


# Terminal


def _printed(parts: Any, width: int = 110) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, no_color=True)
    for part in parts:
        console.print(part)
    return out.getvalue()


def test_terminal_tables_carry_words_not_only_colours() -> None:
    text = _printed(verify_table(MIXED, statuses(MIXED)))
    assert all(label in text for label in MIXED)
    for word in ("refuted", "survived", "inconclusive", "proved", "1/2"):
        assert word in text
    assert text.isascii()


def test_terminal_shows_one_statement_in_full() -> None:
    entry = report("a.full", claim(REFUTED, witness=WITNESS), mutants=[mutant()], uses=("a.base",))
    text = _printed(show_statement(entry, None, statuses(library(entry))["a.full"]))
    for word in ("H1", "positive", "comparing", "first", "expanding", "all sizes", "wrong", "LinearNTP(...)", "4 rejected", "unchecked: a.base"):
        assert word in text


def test_terminal_does_not_read_markup_in_what_users_write() -> None:
    text = _printed(show_statement(report("a", title="[red]not red[/red]")))
    assert "[red]not red[/red]" in text


def test_registry_table() -> None:
    rows = [{"label": "a.b", "kind": "lemma", "title": "T", "source": "S", "status": "unchecked", "proof": None, "evidence": "tested"}]
    text = _printed([list_table(rows)])
    assert "unchecked" in text and "tested" in text and "a.b" in text
