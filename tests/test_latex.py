"""LaTeX documents compile whatever users write, are ASCII, and depend on their arguments only."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ntpproofs.checking.clauses import ClauseReport, Support
from ntpproofs.checking.lines import proof_lines
from ntpproofs.checking.loop import clause_reports
from ntpproofs.checking.registry import collect
from ntpproofs.checking.reports import ClaimReport, MutantReport, StatementReport, StepReport, Witness
from ntpproofs.errors import InvalidInput, NtpproofsError
from ntpproofs.language.references import REFERENCES
from ntpproofs.language.statements import Statement, Step
from ntpproofs.language.verdicts import Evidence, Outcome, Verdict
from ntpproofs.rendering.documents import Tex, breakable, compile_pdf, escape, formula, guide_directory, guide_files, prose, stored_run, write_latex
from ntpproofs.rendering.documents.bibliography import bibtex
from ntpproofs.rendering.documents.escaping import is_sound
from ntpproofs.rendering.documents.names import identifier
from ntpproofs.rendering.json_report import verify_json
from ntpproofs.rendering.runs import Run, read_reports
from ntpproofs.rendering.status import statuses
from ntpproofs.symbolic.line import Line

NASTY = "50% of {a_1} & \"b\" \\input{x} \\end{theorem} $x ~^#|` -- ''q'' é λ ß Ő ≤ \U0001f642 ]] \x07 <% if %> << x >> \\"
COUNTS = {"satisfied": 3, "not_exercised": 2, "rejected": 4, "duplicate": 5, "degenerate": 6, "undecided": 7}
SMALL = {"kind": "linear-ntp", "embeddings": [["1", "0"], ["-1/2", "1"]], "probabilities": [["1/2", "1/2"], ["1", "0"]]}
LARGE = Witness({"kind": "linear-ntp", "embeddings": [["1"] * 40] * 40, "probabilities": [["1"]]}, NASTY * 40, NASTY, False)


def a_report(label: str, verdict: Verdict, **parts: Any) -> StatementReport:
    claim = ClaimReport("first", r"x \le 1 \text{ always}", "holds", verdict, COUNTS, {"positive": 4}, None)
    line = Line(r"\left(x+1\right)^{2}", "=", "x^{2}+2x+1", "algebra")
    step = StepReport("expanding", "expand", "x=x", Verdict(Outcome.HOLDS, Evidence.PROVED, "all sizes"), lines=(line,))
    small = Witness(SMALL, "LinearNTP(...)", "1 <= 0", True)
    killed = MutantReport("wrong", "first", r"x > 1", True, Evidence.CERTIFIED, "1 <= 0", 2, small)
    values: dict[str, Any] = {
        "label": label, "kind": "theorem", "title": "A title", "source": "derived here, S1", "expected": "holds", "uses": (),
        "assumptions": (("positive", "x > 0", "comparing"),), "claims": (claim,), "steps": (step,), "mutants": (killed,),
        "clauses": (ClauseReport("$x$ is $x$.", ("step expanding",), (), Support.PROVED),),
    }  # fmt: skip
    return StatementReport(**(values | parts))


HELD = Verdict(Outcome.HOLDS, Evidence.ENCLOSED, "3 instances")
RUN = Run(version="1.0", profile="quick", seed=7, date="2026-01-02")
PLAIN = {"a.base": a_report("a.base", HELD), "a.top": a_report("a.top", HELD, uses=("a.base", "b.elsewhere"))}


def nasty_reports() -> dict[str, StatementReport]:
    broken = (r"\frac{1}{", "50% of x", r"\left( x", "a & b", "$x$", r"\begin{pmatrix}1", "x\n\ny", "λ", "\\", "}{")
    claims = tuple(
        ClaimReport(f"{NASTY}{k}", latex, "holds", Verdict(Outcome.REFUTED, Evidence.CERTIFIED, NASTY, NASTY), COUNTS, {NASTY: 4}, LARGE)
        for k, latex in enumerate(broken)
    )
    steps = tuple(StepReport(NASTY, NASTY, latex, Verdict(Outcome.INCONCLUSIVE, None, NASTY, NASTY)) for latex in broken)
    mutants = (
        MutantReport("m" * 80, NASTY, r"\frac{", False, None, NASTY, 9, None),
        *(MutantReport(f"{NASTY}{k}", claims[0].name, "x", True, Evidence.TESTED, NASTY, 9, LARGE) for k in range(12)),
    )
    parts: dict[str, Any] = {"claims": claims, "steps": steps, "mutants": mutants, "assumptions": ((NASTY, "x^{", NASTY),),
                             "clauses": tuple(ClauseReport(text, (NASTY, text), (), Support.OPEN) for text in (NASTY, *broken))}  # fmt: skip
    labels = (NASTY, "a/b", "a b", "a_b", "../up", "-", "")
    return {label: a_report(label, HELD, title=NASTY, source=NASTY, uses=(NASTY + "!",), kind=NASTY, **parts) for label in labels}


def as_if_checked(statement: Statement) -> StatementReport:
    """A report in which everything holds: what is typeset is the statement itself."""
    claims = tuple(ClaimReport(c.name, c.latex, c.expected, HELD, COUNTS, {}, None) for c in statement.claims)
    steps = tuple(as_if_proved(step) for step in statement.steps)
    mutants = tuple(MutantReport(m.name, m.of, m.latex, True, Evidence.CERTIFIED, "1 <= 0", 1, None) for m in statement.mutants)
    source = statement.source.text if statement.source else ""
    assumptions = tuple((entry.name, entry.latex, entry.method) for entry in statement.assumptions)
    return StatementReport(
        statement.label, statement.kind, statement.title, source, statement.expected, statement.uses, assumptions, claims, steps, mutants,
        clause_reports(statement, claims, steps),
    )  # fmt: skip


def as_if_proved(step: Step) -> StepReport:
    lines = () if step.on_instances else proof_lines(step.function())
    return StepReport(step.name, step.by, step.latex, Verdict(Outcome.HOLDS, Evidence.PROVED, step.scope), lines=lines)


def overfull(log: Path) -> list[float]:
    """By how many points each overfull line sticks out."""
    return [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log.read_text(encoding="utf-8", errors="replace"))]


# Compiling


def test_pdflatex_is_installed() -> None:
    assert shutil.which("pdflatex"), "pdflatex is missing; .ci/run installs it: apt-get install texlive-latex-recommended texlive-latex-extra"


def test_every_statement_of_the_library_compiles(tmp_path: Path) -> None:
    statements = collect()
    write_latex({label: as_if_checked(statement) for label, statement in statements.items()}, statements, tmp_path, RUN)
    assert compile_pdf(tmp_path).stat().st_size > 10_000
    log = (tmp_path / "main.log").read_text(encoding="utf-8", errors="replace")
    assert "undefined" not in log and "multiply defined" not in log
    assert max(overfull(tmp_path / "main.log"), default=0.0) < 10


def test_whatever_users_write_compiles(tmp_path: Path) -> None:
    reports = nasty_reports()
    written = write_latex(reports, {}, tmp_path)
    assert all(path.read_bytes().isascii() for path in written)
    assert all(tmp_path in path.resolve().parents for path in written)
    assert len({path for path in written if path.parent.name == "statements"}) == len(reports)
    compile_pdf(tmp_path)


def test_a_statement_file_stands_alone_in_a_paper(tmp_path: Path) -> None:
    write_latex(PLAIN, {}, tmp_path)
    inputs = "".join(rf"\input{{{folder}/a.top.tex}}" for folder in ("statements", "proofs", "evidence"))
    body = rf"\begin{{document}}\section{{A}}\begin{{corollary}}x\end{{corollary}}{inputs}\end{{document}}"
    heads = {
        "article": r"\documentclass{article}\usepackage{ntpproofs}\newtheorem{theorem}{Satz}[section]\newtheorem{corollary}[theorem]{Corollary}",
        "ams": r"\documentclass{amsart}\newtheorem{theorem}[equation]{Thm}\newtheorem{corollary}{Cor}\usepackage{ntpproofs}\usepackage{hyperref}",
    }
    for name, head in heads.items():
        (tmp_path / f"{name}.tex").write_text(f"{head}\n{body}\n")
        compile_pdf(tmp_path, f"{name}.tex")


def test_an_error_names_the_line_and_missing_pdflatex_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.tex").write_text(r"\documentclass{article}\begin{document}\nosuchcommand\end{document}")
    with pytest.raises(NtpproofsError, match="Undefined control sequence"):
        compile_pdf(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NtpproofsError, match="install TeX Live"):
        compile_pdf(tmp_path)


# What is written


def test_files_manifest_and_stability(tmp_path: Path) -> None:
    first = write_latex(PLAIN, {}, tmp_path / "a", RUN)
    second = write_latex(dict(PLAIN), {}, tmp_path / "b", RUN)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    names = {path.relative_to(tmp_path / "a").as_posix() for path in first}
    assert {"Makefile", "README.md", "body.tex", "latexmkrc", "main.tex", "manifest.json", "ntpproofs.sty", "references.bib"} <= names
    assert {f"{folder}/{name}.tex" for folder in ("statements", "proofs", "evidence") for name in PLAIN} | {"graphs/a.tex"} <= names
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert (manifest["seed"], manifest["profile"], manifest["version"], manifest["date"]) == (7, "quick", "1.0", "2026-01-02")
    assert [entry["id"] for entry in manifest["statements"]] == ["a.base", "a.top"]
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((tmp_path / "a" / name).read_bytes()).hexdigest() == digest
    assert set(manifest["sha256"]) == names - {"manifest.json"}


def test_a_stored_run_renders_the_same_article(tmp_path: Path) -> None:
    stored = read_reports(json.loads(json.dumps(verify_json(PLAIN, statuses(PLAIN)))))
    first, second = write_latex(PLAIN, {}, tmp_path / "a", RUN), write_latex(stored, {}, tmp_path / "b", RUN)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_compressed_run_is_read_and_a_broken_one_refused(tmp_path: Path) -> None:
    record = json.dumps(verify_json(PLAIN, statuses(PLAIN))).encode()
    packed = tmp_path / "run.json.gz"
    packed.write_bytes(gzip.compress(record))
    (tmp_path / "run.json").write_bytes(record)
    assert stored_run(packed) == stored_run(tmp_path / "run.json")
    packed.write_bytes(gzip.compress(record)[:-20])
    with pytest.raises(InvalidInput, match="cannot be read"):
        stored_run(packed)


def test_only_a_whole_proof_ends_with_a_square(tmp_path: Path) -> None:
    half = a_report("a.half", HELD, clauses=(ClauseReport("$x$ is $x$.", ("step expanding",), (), Support.OPEN),))
    write_latex(PLAIN | {"a.half": half}, {}, tmp_path)
    assert r"\begin{ntpproof}{Proof}" in (tmp_path / "proofs" / "a.top.tex").read_text()
    assert r"\begin{ntpproof}[]{Checked steps}" in (tmp_path / "proofs" / "a.half.tex").read_text()


def test_a_changed_verdict_changes_the_lines_that_depend_on_it_and_no_other(tmp_path: Path) -> None:
    unrelated = {"c.alone": a_report("c.alone", HELD)}
    changed = a_report("a.base", Verdict(Outcome.HOLDS, Evidence.TESTED, "3 instances"))
    write_latex(PLAIN | unrelated, {}, tmp_path / "a", RUN)
    write_latex(PLAIN | unrelated | {"a.base": changed}, {}, tmp_path / "b", RUN)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path / "b") for path in (tmp_path / "b").rglob("*") if path.is_file())
    moved = {}
    for name in files:
        lines = [(tmp_path / side / name).read_text().splitlines() for side in "ab"]
        assert len(lines[0]) == len(lines[1])
        differing = [left for left, right in zip(*lines, strict=True) if left != right]
        if differing:
            moved[name.as_posix()] = differing
    # The statement, what rests on it, their rows and nodes, and the digests.
    assert set(moved) == {"statements/a.base.tex", "statements/a.top.tex", "evidence/a.base.tex", "body.tex", "graphs/a.tex",
                          "graphs/a.base.tex", "graphs/a.top.tex", "manifest.json"}  # fmt: skip
    assert all("badges" in line for line in moved["statements/a.top.tex"] if "Weakened" not in line and "Evidence" not in line)
    assert all("a.base" in line or "a.top" in line for line in moved["body.tex"])


def test_pdf_is_a_function_of_its_sources(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_latex(PLAIN, {}, tmp_path / name)
        compile_pdf(tmp_path / name)
    assert (tmp_path / "a" / "main.pdf").read_bytes() == (tmp_path / "b" / "main.pdf").read_bytes()


def test_makefile_compiles(tmp_path: Path) -> None:
    write_latex(PLAIN, {}, tmp_path)
    text = (tmp_path / "Makefile").read_text()
    assert "\n\t$(PDFLATEX) main.tex" in text
    if shutil.which("make"):
        subprocess.run(["make", "-s"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
        assert (tmp_path / "main.pdf").exists()


def test_a_statement_says_everything(tmp_path: Path) -> None:
    write_latex(PLAIN, {}, tmp_path)
    text = "".join((tmp_path / folder / "a.top.tex").read_text() for folder in ("statements", "proofs", "evidence"))
    wanted = (
        r"\label{thm:a.top}", r"\uses{thm:a.base, thm:b.elsewhere}", r"Assume \ntpassumption{asm:positive}{$x > 0$}.",
        r"C1 & \ntpcell $x \le 1$ always", r"\ntpbadge{proof}{\ntpgood{}}{1/1 proved}", r"$x$ is $x$. \ntpgrade{proved}{(1)}",
        r"\ntpbadge{evidence}{\ntpgood{}}{enclosed}", r"\left(x+1\right)^{2}&\ntprel{=}{a}{\textstyle x^{2}+2x+1}\tag*{\ntptag{1}}",
        r"holds, enclosed & 3 & 2 & 4 & 5 & 6 & 7",
        r"\begin{pmatrix}1&0\\[2pt]-\tfrac{1}{2}&1\end{pmatrix}", "left side $1$ $>$ right side $0$. Nothing can be left out.",
        "Unchecked here:", "Rejected because an assumption fails", "3 instances enclosed, 1 of 1 false variants refuted",
    )  # fmt: skip
    missing = [words for words in wanted if words not in text]
    assert not missing
    assert r"\ntpalarm" not in text


def test_what_needs_attention_is_boxed(tmp_path: Path) -> None:
    refuted = a_report("a.bad", Verdict(Outcome.REFUTED, Evidence.CERTIFIED, "1 of 3 instances", "2/3 <= 1/2"))
    write_latex({"a.bad": refuted}, {}, tmp_path)
    for name in ("body.tex", "statements/a.bad.tex"):
        assert r"\ntpalarm{" in (tmp_path / name).read_text()
    assert r"\ntpbadge{evidence}{\ntpbad{}}{refuted}" in (tmp_path / "statements" / "a.bad.tex").read_text()


def test_the_guide_is_typeset_with_the_statements(tmp_path: Path) -> None:
    guide = guide_files(guide_directory())
    assert "guide/start.tex" in guide and all(text.isascii() for text in guide.values())
    write_latex(PLAIN, {}, tmp_path, RUN, guide)
    assert r"\input{guide/start.tex}" in (tmp_path / "body.tex").read_text()
    compile_pdf(tmp_path)


def test_it_compiles_in_two_columns_and_with_latexmk(tmp_path: Path) -> None:
    write_latex(PLAIN, {}, tmp_path, RUN)
    head = r"\documentclass[10pt,twocolumn]{article}\usepackage{ntpproofs}\usepackage{tikz}\usepackage{hyperref}"
    (tmp_path / "columns.tex").write_text(rf"{head}\begin{{document}}\input{{body.tex}}\end{{document}}")
    compile_pdf(tmp_path, "columns.tex")
    assert max(overfull(tmp_path / "columns.log"), default=0.0) < 10


def test_a_directory_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_latex(PLAIN, {}, tmp_path / "file")


# Escaping


@pytest.mark.parametrize("text", [NASTY, "\\", "%", "{", "}", "$", "&", "#", "_", "^", "~", "a--b---c", "\u00e9\u0151\u2264\u03bb\U0001f642", ""])
def test_escaped_text_is_ascii_and_balanced(text: str) -> None:
    for escaped in (escape(text), breakable(text)):
        assert escaped.isascii() and is_sound(escaped)
        bare = re.sub(r"\\[A-Za-z]+|\\[^A-Za-z]", "", escaped)
        assert not set(bare) & set("\\$&%#_^~")


def test_what_is_latex_already_is_left_alone() -> None:
    assert escape(Tex(r"\emph{x}")) == r"\emph{x}"
    assert escape("a--b") == "a-{}-b"


@pytest.mark.parametrize(
    ("latex", "typeset"),
    [
        ("x", "$x$"),
        ("", ""),
        (r"u \ne 0 \text{ always}", r"$u \ne 0$ always"),
        (r"\text{tied} \iff \text{no } x", r"tied${}\iff{}$no $x$"),
        (r"x_\text{in}", r"$x_\text{in}$"),
        (r"\text{in}_x", r"$\text{in}_x$"),
        (r"\bar\text{x}", r"$\bar\text{x}$"),
        (r"\left(\text{x}\right)", r"$\left(\text{x}\right)$"),
        (r"\text{$\mathrm{NTP}_H$-compatible}", r"$\mathrm{NTP}_H$-compatible"),
        (r"\frac{1}{", r"\texttt{\textbackslash{}frac\{1\}\{}"),
    ],
)
def test_words_leave_formulas_so_that_lines_can_break(latex: str, typeset: str) -> None:
    assert formula(latex) == typeset


def test_prose_keeps_sound_latex_and_escapes_the_rest() -> None:
    assert prose("If $x$ then $$y = 1.$$ So.") == r"If $x$ then \[y = 1.\] So."
    assert prose("50% of $x") == r"50\% of \$x"
    assert prose("Gödel $x$") == r"G\"{o}del $x$"


def test_identifiers_are_plain_and_different() -> None:
    labels = ["a.b", "a-b", "a b", "a_b", "a/b", "../a", "", "-", "A b", "é"]
    found = [identifier(label) for label in labels]
    assert found[:2] == ["a.b", "a-b"] and len(set(found)) == len(labels)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", name) and ".." not in name for name in found)


def test_bibliography_has_every_reference() -> None:
    text = bibtex(REFERENCES)
    assert text.isascii() and text.count("@misc{") == len(REFERENCES)
    assert text.count("{") == text.count("}")
