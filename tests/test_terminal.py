"""The terminal: what fits is shown, the least important columns go first, and what is to be copied is never broken."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from ntpproofs.checking.registry import collect
from ntpproofs.language.views import Facts, Matrix, Table, View
from ntpproofs.rendering.columns import Column, Columns
from ntpproofs.rendering.unicode_math import unicode_math, unicode_prose
from ntpproofs.rendering.views import view_text

ROOT = Path(__file__).resolve().parent.parent
CONJECTURE = "examples/conjectures/tied_iff_cyclic.py"


def printed(part: Any, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, no_color=True).print(part)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def run(*words: str, columns: int = 80) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": str(columns), "NO_COLOR": "1"}
    return subprocess.run([sys.executable, "-m", "ntpproofs", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


TABLE = Columns(
    (Column("label"), Column("words", drop=1, least=6), Column("grade", drop=3), Column("number", drop=2, right=True)),
    [["a-label-of-20-letters", "some words that wrap", "certified", "1/2"], ["short", "few", "tested", "12/12"]],
)


ALL = "label words grade number"


@pytest.mark.parametrize(("width", "heads"), [(80, ALL), (50, ALL), (45, "label words number"), (32, "label words"), (24, "label"), (9, "label")])
def test_the_least_important_columns_go_first(width: int, heads: str) -> None:
    lines = printed(TABLE, width)
    assert lines[0].split() == heads.split()
    assert all(cell_len(line) <= width for line in lines)
    missing = {"label", "words", "grade", "number"} - set(heads.split())
    said = " ".join(lines)
    assert ("not shown" in said) == bool(missing)


VIEW = View(
    "what descent converges to",
    (
        Facts((("embedding dimension", "12"), ("separation class", "quasi-complete"), ("finite part", "norm 0.565952303"))),
        Matrix("finite part", [["0.462098", "0.000000", "-0.231049"]]),
        Table("coordinates", ("name", "along every maximiser"), (("token", "unbounded, undetermined"), ("query", "finite", "0.46209812"))),
    ),
)


@pytest.mark.parametrize("width", [20, 30, 40, 49, 50, 80])
def test_views_keep_words_and_numbers_whole_at_any_width(width: int) -> None:
    lines = [line for part in view_text(VIEW) for line in printed(part, width)]
    assert max(map(cell_len, lines)) <= width
    said = " ".join(lines).replace(",", " ").replace(":", " ").split()
    for word in "embedding dimension 12 quasi-complete 0.565952303 0.462098 -0.231049 unbounded undetermined 0.46209812".split():
        assert word in said
    assert ("embedding dimension" in lines) == (width < 50)


def test_a_wide_window_wraps_nothing() -> None:
    assert len(printed(TABLE, 80)) == 3 and printed(TABLE, 80)[1].split() == [
        "a-label-of-20-letters",
        "some",
        "words",
        "that",
        "wrap",
        "certified",
        "1/2",
    ]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_commands_keep_to_the_window(width: int) -> None:
    for words in (("show", "foundations.farkas"), ("list", "foundations")):
        done = run(*words, columns=width)
        assert done.returncode == 0
        assert max(map(cell_len, done.stdout.splitlines())) <= width
    assert "foundations.convexity-and-smoothness" in done.stdout


@pytest.fixture(scope="module")
def checked() -> str:
    done = run("check", CONJECTURE, "--workers", "1", "--examples", "150")
    assert done.returncode == 1
    return done.stdout


def test_a_pasted_replay_line_works(checked: str) -> None:
    lines = [line for line in checked.splitlines() if line.startswith("ntpproofs check")]
    assert len(lines) == 1
    again = subprocess.run(
        ["bash", "-c", lines[0].replace("ntpproofs", f"{sys.executable} -m ntpproofs", 1)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert again.returncode == 1 and "refuted certified" in again.stdout


def test_the_pasted_test_runs_and_everything_to_copy_is_last(checked: str) -> None:
    report, _, rest = checked.partition("\n# tied-iff-cyclic, tied_rows_are_cyclic: replay, test, LaTeX\n")
    assert "statement in" in report and "ntpproofs check" not in report and "def test_" not in report
    code = re.search(r"^def test_.*?(?=\n\\begin)", rest, re.MULTILINE | re.DOTALL)
    assert code is not None
    found: dict[str, Any] = {}
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        exec(code[0], found)
        next(value for name, value in found.items() if name.startswith("test_"))()
    finally:
        os.chdir(before)
    assert rest.rstrip().endswith(r"\end{example}")


def test_formulas_are_unicode(checked: str) -> None:
    assert "tied ⟺ (yᵢ, v) on a cycle" in checked


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"P_Tw_k\to w^*", "P_T wₖ → w*"),
        (r"\frac{\|h\|_1^2}{\|h\|_0\|h\|_2^2}", "‖h‖₁²/(‖h‖₀‖h‖₂²)"),
        (r"\tfrac12(a+b)", "1/2 (a + b)"),
        (r"-\log(1+x)\le-x", "−log(1 + x) ≤ −x"),
        (r"k^{-1/4}", "k^(−1/4)"),
        (r"\bar L(w)", "L̄(w)"),
        (r"\begin{pmatrix}1&0\\2&3\end{pmatrix}", "(1 0; 2 3)"),
        (r"\mathbb R^V", "ℝ^V"),
        (r"\unknown", r"\unknown"),
    ],
)
def test_mathematics_in_one_line(latex: str, text: str) -> None:
    assert unicode_math(latex) == text


def test_no_formula_of_the_library_stays_latex() -> None:
    for statement in collect().values():
        entries = (*statement.claims, *statement.steps, *statement.mutants, *statement.assumptions)
        shown = [unicode_math(entry.latex) for entry in entries] + [unicode_prose(statement.text), unicode_prose(statement.title)]
        assert not [text for text in shown if "\\" in text.replace("∖", "") or "$" in text or ("<" in text and "</" in text)]
