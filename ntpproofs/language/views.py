"""What people see, before anybody knows where: titles, names with values, matrices, tables and sentences.

A `View` is data. The terminal shows it through `rendering.views`; notebooks, pages and documents through the functions here, which
problems may call for themselves because this module imports the standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape

Entry = Fraction | int | float | str

# Wider or higher matrices are left to the JSON.
LARGEST = 8


@dataclass(frozen=True)
class Facts:
    """Names and their values, one line each; no title where the view's own is enough."""

    entries: tuple[tuple[str, str], ...]
    title: str = ""


@dataclass(frozen=True)
class Matrix:
    """A matrix: `title` in words ("embeddings"), `symbol` in LaTeX ("H"), `word` where there is one line of plain text ("H (contexts)").

    Exact entries are `Fraction`s, integers or their decimal words; floats are shown rounded. `beside` is LaTeX that belongs to the
    same object (`y_1=0`). `row_names` and `column_names` are words ("context") that pages number.
    """

    title: str
    rows: Sequence[Sequence[Entry]]
    symbol: str = ""
    word: str = ""
    beside: str = ""
    row_names: str = ""
    column_names: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of words under columns. `lines` say the same row by row in plain text, `formulas` in LaTeX, where that reads better."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """Words for people, and the same in LaTeX where it is a formula. A `faint` one is a remark."""

    text: str
    latex: str = ""
    faint: bool = False


Part = Facts | Matrix | Table | Sentence


@dataclass(frozen=True)
class View:
    """A title and parts in reading order. `counts` says how many of what an instance has, names in the singular.

    >>> View("pair", (Matrix("embeddings", ((Fraction(1, 2),),), "H"),)).formulas
    ('H=\\\\begin{pmatrix}1/2\\\\end{pmatrix}',)
    """

    title: str
    parts: tuple[Part, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()

    @property
    def formulas(self) -> tuple[str, ...]:
        """LaTeX formulas, one per object; none at all where some matrix is too large to read."""
        if sum(isinstance(part, Matrix) for part in self.parts) > LARGEST:
            return ()
        try:
            return tuple(formula for part in self.parts for formula in _formulas(part))
        except _Large:
            return ()


class _Large(Exception):
    pass


def view_latex(view: View) -> str | None:
    r"""A view as one displayed formula for notebooks; None where it has none.

    >>> view_latex(View("pair", (Matrix("embeddings", ((1,),), "H"), Matrix("probabilities", ((1,),), "P"))))
    '$$H=\\begin{pmatrix}1\\end{pmatrix},\\quad P=\\begin{pmatrix}1\\end{pmatrix}$$'
    """
    return "$$" + r",\quad ".join(view.formulas) + "$$" if view.formulas else None


def view_html(view: View) -> str:
    """A view as HTML: tables with captions, sentences as paragraphs; the title alone where a matrix is too large.

    >>> view_html(View("pair", (Matrix("embeddings", ((1,),)),)))
    '<table><caption>pair: embeddings</caption><tr><td>1</td></tr></table>'
    """
    try:
        found = "".join(_html(view.title, part) for part in view.parts)
    except _Large:
        found = ""
    return found or f"<p>{escape(view.title)}</p>"


def table_html(caption: str, rows: Mapping[str, object]) -> str:
    """Names and values as an HTML table.

    >>> table_html("verdict", {"outcome": "holds"})
    '<table><caption>verdict</caption><tr><td>outcome</td><td>holds</td></tr></table>'
    """
    return _table(caption, [[name, str(value)] for name, value in rows.items()])


def matrix_latex(rows: Sequence[Sequence[Entry]]) -> str:
    r"""A matrix as written in LaTeX.

    >>> matrix_latex([[1, Fraction(1, 2)]])
    '\\begin{pmatrix}1&1/2\\end{pmatrix}'
    """
    return r"\begin{pmatrix}" + r"\\".join("&".join(map(shown, row)) for row in rows) + r"\end{pmatrix}"


def shown(entry: Entry) -> str:
    """An entry as printed: exact ones in full, floats with six decimals.

    >>> shown(Fraction(1, 2)), shown(0.5), shown(-0.0)
    ('1/2', '0.500000', '0.000000')
    """
    return f"{round(entry, 6) + 0.0:.6f}" if isinstance(entry, float) else str(entry)


def _formulas(part: Part) -> Iterator[str]:
    if isinstance(part, Matrix) and part.symbol:
        if not part.rows or not part.rows[0] or len(part.rows) > LARGEST or len(part.rows[0]) > LARGEST:
            raise _Large
        yield f"{part.symbol}={matrix_latex(part.rows)}{part.beside}"
    elif isinstance(part, Table) and part.formulas:
        if len(part.formulas) > LARGEST:
            raise _Large
        yield from part.formulas
    elif isinstance(part, Sentence) and part.latex:
        yield part.latex


def _html(title: str, part: Part) -> str:
    if isinstance(part, Sentence):
        return f"<p>{escape(part.text)}</p>"
    if isinstance(part, Facts):
        return _table(f"{title}: {part.title}" if part.title else title, part.entries)
    if isinstance(part, Matrix):
        if len(part.rows) > LARGEST or any(len(row) > LARGEST for row in part.rows):
            raise _Large
        return _table(f"{title}: {part.title}" if part.title else title, _named(part))
    return _table(f"{title}: {part.title}", [part.columns, *part.rows[:LARGEST]])


def _named(part: Matrix) -> list[list[str]]:
    # The entries, with numbered names of rows and columns where the matrix has them.
    rows = [([f"{part.row_names} {i}"] if part.row_names else []) + [*map(shown, row)] for i, row in enumerate(part.rows)]
    if not part.column_names:
        return rows
    corner = [""] if part.row_names else []
    return [corner + [f"{part.column_names} {k}" for k in range(len(part.rows[0]))], *rows]


def _table(caption: str, rows: Sequence[Sequence[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{escape(x)}</td>" for x in row) + "</tr>" for row in rows if row)
    return f"<table><caption>{escape(caption)}</caption>{body}</table>" if body else ""
