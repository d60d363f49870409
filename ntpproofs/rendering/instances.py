"""Instance records in reports: LaTeX formulas for documents and MathML, lines for the terminal."""

from __future__ import annotations

from typing import Any

from ..checking.kinds import instance_view
from ..language.views import Facts, Matrix, Part, Table, shown

# Matrices up to this many rows and columns are written out in the terminal.
WRITTEN = 12


def instance_latex(record: Any) -> tuple[str, ...]:
    r"""An instance record as LaTeX formulas, one per object; empty for unknown kinds and for large instances.

    >>> instance_latex({"kind": "linear-ntp", "embeddings": [["1"]], "probabilities": [["1/2", "1/2"]]})
    ('H=\\begin{pmatrix}1\\end{pmatrix}', 'P=\\begin{pmatrix}1/2&1/2\\end{pmatrix}')
    """
    view = instance_view(record)
    return () if view is None else view.formulas


def instance_lines(record: Any, text: str) -> list[str]:
    """An instance as lines: matrices row by row with exact entries; its text where the kind is unknown or a matrix is large.

    >>> instance_lines({"kind": "linear-ntp", "embeddings": [["1"]], "probabilities": [["1/2", "1/2"]]}, "")
    ['H (contexts) = [1]', 'P (next token) = [1/2 1/2]']
    """
    view = instance_view(record)
    if view is None or any(isinstance(part, Matrix) and _is_large(part) for part in view.parts):
        return [text]
    return [line for part in view.parts for line in _lines(part)]


def _is_large(matrix: Matrix) -> bool:
    return len(matrix.rows) > WRITTEN or any(len(row) > WRITTEN for row in matrix.rows)


def _lines(part: Part) -> list[str]:
    if isinstance(part, Matrix):
        words = [[*map(shown, row)] for row in part.rows]
        wide = max((len(x) for row in words for x in row), default=1)
        head = f"{part.word or part.title} = "
        return [(head if i == 0 else " " * len(head)) + "[" + " ".join(x.rjust(wide) for x in row) + "]" for i, row in enumerate(words)]
    if isinstance(part, Facts):
        return [f"{name}: {value}" for name, value in part.entries]
    if isinstance(part, Table):
        return list(part.lines) or ["  ".join(row) for row in part.rows]
    return part.text.split("\n")
