"""The whole article: pages one would submit. Run by the tox environment `documents`, on the folder that NTPPROOFS_ARTICLE names.

Without a folder it is written from the run that NTPPROOFS_RUN names, by default from the stored run of the site.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from test_latex import RUN, as_if_checked, overfull

from ntpproofs.checking.registry import collect
from ntpproofs.language.references import REFERENCES
from ntpproofs.rendering.documents import compile_pdf, guide_directory, guide_files, stored_run, write_latex

# Programs, private names and raw LaTeX have no place on a page.
BANNED = {
    "a class of the code": r"LogVector|frozenset|Fraction\(|PriorityEdge|AttentionNTP\(|LinearNTP\(",
    "a value of Python": r"\bNone\b|\bTrue =|= True\b|\bFalse =|= False\b",
    "raw LaTeX": r"\$|\\mathrm|\\text\b|\\frac",
    "a notebook": r"our notes|\bfact F\d|\bG1 with S1",
    "a label": r"\b(?:foundations|linear-ntp|attention-ntp|mesa|path-star|multi-concept)\.[a-z]{3,}",
    "a broken reference": r"\?\?",
}
STORED = Path(__file__).resolve().parent.parent / "docs" / "run" / "verify.json.gz"
PAPERS = {"2402.18551", "2403.08081", "2405.16845", "2403.06963", "2411.02199"}
HALF_A_PAGE = 12.1  # centimetres of the 24.2 that a page of the article has


@pytest.fixture(scope="module")
def article(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the compiled article."""
    folder = tmp_path_factory.mktemp("article")
    if made := os.environ.get("NTPPROOFS_ARTICLE"):
        return shutil.copytree(made, folder, dirs_exist_ok=True)
    reports, run = stored_run(Path(os.environ.get("NTPPROOFS_RUN") or STORED))
    write_latex(reports, collect(), folder, run)
    compile_pdf(folder)
    return folder


@pytest.fixture(scope="module")
def text(article: Path) -> str:
    """The words of the article."""
    return text_of(article / "main.pdf")


def text_of(pdf: Path) -> str:
    """The words of a PDF."""
    program = shutil.which("pdftotext")
    assert program, "pdftotext is missing; .ci/run installs it: apt-get install poppler-utils"
    return subprocess.run([program, "-layout", str(pdf), "-"], check=True, capture_output=True, timeout=120).stdout.decode()


def test_nothing_banned_is_printed(text: str) -> None:
    lines = text.splitlines()
    found = {what: [line for line in lines if re.search(pattern, line)][:3] for what, pattern in BANNED.items()}
    assert {what: lines for what, lines in found.items() if lines} == {}


def test_references_are_defined_and_no_line_sticks_out(article: Path) -> None:
    log = (article / "main.log").read_text(encoding="utf-8", errors="replace")
    assert "There were undefined references" not in log and "multiply defined" not in log
    assert max(overfull(article / "main.log"), default=0.0) < 10


def test_one_statement_is_half_a_page(article: Path) -> None:
    names = [path.stem for path in sorted((article / "statements").glob("*.tex"))]
    measure = (
        r"\newcommand{\measure}[1]{\setbox0\vbox{\hsize=13.4cm \input{statements/#1.tex}\IfFileExists{proofs/#1.tex}{\input{proofs/#1.tex}}{}}"
        r"\typeout{HEIGHT #1 \the\dimexpr\ht0+\dp0\relax}}"
    )
    head = r"\documentclass[10pt]{article}\setlength{\textwidth}{13.4cm}\usepackage{ntpproofs}\renewcommand{\ntpbadges}[3]{}"
    body = "\n".join(rf"\measure{{{name}}}" for name in names)
    (article / "heights.tex").write_text(f"{head}{measure}\n\\begin{{document}}\n{body}\nx\\end{{document}}\n")
    compile_pdf(article, "heights.tex")
    log = (article / "heights.log").read_text(encoding="utf-8", errors="replace").replace("\n", " ")
    heights = {name: float(points) / 28.45 for name, points in re.findall(r"HEIGHT (\S+) ([\d.]+)pt", log)}
    assert len(heights) >= 0.9 * len(names)
    assert {name: height for name, height in heights.items() if height > HALF_A_PAGE} == {}


def test_an_errata_sheet_is_one_page(article: Path) -> None:
    sheets = sorted(article.glob("sheet-*.tex"))
    assert sheets
    for sheet in sheets:
        compile_pdf(article, sheet.name)
        assert "(1 page" in sheet.with_suffix(".log").read_text(encoding="utf-8", errors="replace")


def test_it_compiles_in_two_columns(article: Path) -> None:
    head = r"\documentclass[10pt,twocolumn]{article}\usepackage{ntpproofs}\usepackage{tikz}\usepackage{hyperref}"
    (article / "columns.tex").write_text(rf"{head}\begin{{document}}\input{{body.tex}}\end{{document}}")
    compile_pdf(article, "columns.tex")


def test_no_page_ends_with_a_heading(text: str) -> None:
    pages = text.split("\f")
    last = [[line.strip() for line in page.splitlines() if line.strip()][-2:] for page in pages]
    assert not [lines for lines in last if len(lines) == 2 and re.fullmatch(r"(?:\d+|[A-D])(?:\.\d+)?\s+[A-Z][a-z ]+", lines[0])]


def test_guide_and_statements_together(article: Path, tmp_path: Path) -> None:
    statements = collect()
    chosen = {label: as_if_checked(statement) for label, statement in statements.items() if statement.area == "path-star"}
    write_latex(chosen, statements, tmp_path, RUN, guide_files(guide_directory()))
    compile_pdf(tmp_path)
    assert "How to read a verdict" in text_of(tmp_path / "main.pdf")


def test_every_reference_of_the_project_is_in_the_bibliography(article: Path) -> None:
    body = (article / "body.tex").read_text(encoding="utf-8")
    assert set(re.findall(r"\\bibitem\{(\w+)\}", body)) == set(REFERENCES)
    cited = {key for path in article.rglob("*.tex") for key in re.findall(r"\\ntpcited\{(\w+)\}", path.read_text(encoding="utf-8"))}
    assert {key for key, entry in REFERENCES.items() if entry.arxiv in PAPERS} <= cited
