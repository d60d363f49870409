"""Instance records as mathematics: exact matrices in LaTeX, for documents and (through MathML) for HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    writer = {"linear-ntp": _linear, "conditional-logit": _logit}.get(str(record.get("kind")))
    try:
        return () if writer is None else tuple(writer(record))
    except (KeyError, TypeError, ValueError):
        return ()


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
