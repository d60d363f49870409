"""Instance records for people: exact matrices in LaTeX (documents, notebooks, MathML) and as plain HTML tables. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

# Wider or higher matrices are left to the JSON report.
LARGEST = 8


def instance_latex(record: Any) -> tuple[str, ...]:
    r"""An instance record as LaTeX formulas, one per object; empty for unknown kinds and for large instances.

    >>> instance_latex({"kind": "linear-ntp", "embeddings": [["1"]], "probabilities": [["1/2", "1/2"]]})
    ('H=\\begin{pmatrix}1\\end{pmatrix}', 'P=\\begin{pmatrix}1/2&1/2\\end{pmatrix}')
    """
    if not isinstance(record, Mapping):
        return ()
    writer = {"linear-ntp": _linear, "conditional-logit": _logit, "attention-ntp": _attention}.get(str(record.get("kind")))
    try:
        return () if writer is None else tuple(writer(record))
    except (KeyError, TypeError, ValueError):
        return ()


def display_latex(record: Any) -> str | None:
    r"""An instance record as one displayed formula for notebooks; None where there is none.

    >>> display_latex({"kind": "linear-ntp", "embeddings": [["1"]], "probabilities": [["1"]]})
    '$$H=\\begin{pmatrix}1\\end{pmatrix},\\quad P=\\begin{pmatrix}1\\end{pmatrix}$$'
    """
    formulas = instance_latex(record)
    return "$$" + r",\quad ".join(formulas) + "$$" if formulas else None


def table_html(caption: str, rows: Mapping[str, Any]) -> str:
    """Names and values as an HTML table.

    >>> table_html("verdict", {"outcome": "holds"})
    '<table><caption>verdict</caption><tr><td>outcome</td><td>holds</td></tr></table>'
    """
    return _table(escape(caption), [[name, str(value)] for name, value in rows.items()])


def _linear(record: Mapping[str, Any]) -> list[str]:
    # Rows are contexts. Equal weights are the default and are not written.
    formulas = [f"H={_matrix(record['embeddings'])}", f"P={_matrix(record['probabilities'])}"]
    weights = record.get("weights") or ()
    return formulas + ([f"\\pi=({_entries(weights)})"] if len(set(map(str, weights))) > 1 else [])


def _logit(record: Mapping[str, Any]) -> list[str]:
    # Row i: its features as rows of X_i, the chosen alternative y_i, and weight and multiplicities where they are not one.
    rows: Sequence[Mapping[str, Any]] = record["rows"]
    if len(rows) > LARGEST:
        raise ValueError
    formulas = []
    for i, row in enumerate(rows, 1):
        parts = [f"X_{{{i}}}={_matrix(row['features'])}", f"y_{{{i}}}={int(row['chosen'])}"]
        if str(row.get("weight", 1)) != "1":
            parts.append(f"a_{{{i}}}={row['weight']}")
        counts = [str(n) for n in row.get("multiplicities") or ()]
        if any(n != "1" for n in counts):
            parts.append(f"n_{{{i}}}=({_entries(counts)})")
        formulas.append(r",\ ".join(parts))
    return formulas


def _attention(record: Mapping[str, Any]) -> list[str]:
    # Tokens are rows of E; a sequence is written with its label behind the arrow.
    if len(record["sequences"]) > LARGEST:
        raise ValueError
    pairs = zip(record["sequences"], record["labels"])
    return [f"E={_matrix(record['embeddings'])}", *(f"({_entries(sequence)})\\mapsto {int(label)}" for sequence, label in pairs)]


def instance_html(record: Any) -> str:
    """An instance record as HTML tables of exact entries; the kind alone for what is unknown or large.

    >>> instance_html({"kind": "linear-ntp", "embeddings": [["1"]], "probabilities": [["1/2", "1/2"]]})[:28]
    '<table><caption>linear-ntp: '
    """
    if not isinstance(record, Mapping):
        return f"<code>{escape(repr(record)[:200])}</code>"
    kind = escape(str(record.get("kind")))
    try:
        tables = _tables(record)
    except (KeyError, TypeError, ValueError):
        tables = []
    return "".join(_table(f"{kind}: {name}", rows) for name, rows in tables) or f"<p>{kind}</p>"


def _tables(record: Mapping[str, Any]) -> list[tuple[str, list[list[str]]]]:
    if record["kind"] == "conditional-logit":
        if len(record["rows"]) > LARGEST:
            return []
        heads = [f"row {i}, chosen {int(row['chosen'])}, weight {_entry(row.get('weight', 1))}" for i, row in enumerate(record["rows"])]
        return [(head, _cells(row["features"])) for head, row in zip(heads, record["rows"])]
    if record["kind"] == "attention-ntp":
        sequences = [[*map(str, sequence), "→", str(label)] for sequence, label in zip(record["sequences"], record["labels"])]
        return [("token embeddings", _cells(record["embeddings"])), ("sequences and labels", sequences[:LARGEST])]
    matrices = {"embeddings": record["embeddings"], "probabilities": record["probabilities"], "weights": [record.get("weights") or []]}
    return [(name, _cells(rows)) for name, rows in matrices.items()]


def _cells(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    if len(rows) > LARGEST or any(len(row) > LARGEST for row in rows):
        raise ValueError
    return [[_entry(x) for x in row] for row in rows]


def _table(caption: str, rows: list[list[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{escape(x)}</td>" for x in row) + "</tr>" for row in rows if row)
    return f"<table><caption>{caption}</caption>{body}</table>" if body else ""


def _matrix(rows: Sequence[Sequence[Any]]) -> str:
    if not rows or not rows[0] or len(rows) > LARGEST or len(rows[0]) > LARGEST:
        raise ValueError
    return r"\begin{pmatrix}" + r"\\".join("&".join(_entry(x) for x in row) for row in rows) + r"\end{pmatrix}"


def _entries(values: Sequence[Any]) -> str:
    return ",".join(map(_entry, values))


def _entry(value: Any) -> str:
    # Only rationals are mathematics here; anything else means that the record is not what it says.
    word = str(value)
    if not word or not set(word) <= set("-0123456789/"):
        raise ValueError
    return word
