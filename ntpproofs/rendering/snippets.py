r"""A statement to take away: its LaTeX environment and the BibTeX entry of its source."""

from __future__ import annotations

from ..checking.reports import StatementReport
from ..language.references import REFERENCES, Reference
from ..language.statements import Statement


def statement_latex(report: StatementReport, statement: Statement | None = None) -> str:
    r"""The statement as an amsthm environment; clauses are numbered items.

    >>> from ntpproofs.checking.clauses import ClauseReport, Support
    >>> entry = StatementReport("a.b", "lemma", "Short", "", "holds", (), (), (), (), (), (ClauseReport("$x=x$.", (), (), Support.PROVED),))
    >>> print(statement_latex(entry))
    \begin{lemma}[Short]\label{a.b}
    \begin{enumerate}
      \item $x=x$.
    \end{enumerate}
    \end{lemma}
    """
    setup = [statement.setup.strip()] if statement is not None and statement.setup.strip() else []
    items = [f"  \\item {clause.text}" for clause in report.clauses]
    listed = ["\\begin{enumerate}", *items, "\\end{enumerate}"] if items else []
    return "\n".join([f"\\begin{{{report.kind}}}[{report.title}]\\label{{{report.label}}}", *setup, *listed, f"\\end{{{report.kind}}}"])


def source_bibtex(statement: Statement | None) -> str:
    """The BibTeX entry of the paper a statement comes from; "" for our own derivations.

    >>> source_bibtex(None)
    ''
    """
    if statement is None or statement.source is None or statement.source.key not in REFERENCES:
        return ""
    return bibtex_entry(REFERENCES[statement.source.key])


def bibtex_entry(reference: Reference) -> str:
    """One entry.

    >>> print(bibtex_entry(REFERENCES["ji2019"]).splitlines()[1])
      author = {Z. Ji and M. Telgarsky},
    """
    fields = {
        "author": " and ".join(reference.authors.split(", ")),
        "title": f"{{{reference.title}}}",
        "howpublished": reference.venue,
        "year": str(reference.year),
    } | ({"eprint": reference.arxiv, "archivePrefix": "arXiv"} if reference.arxiv else {})
    return "\n".join([f"@misc{{{reference.key},", *(f"  {name} = {{{value}}}," for name, value in fields.items()), "}"])
