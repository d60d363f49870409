r"""Errata of one paper on one page: the printed line, the smallest exact counterexample, the repaired line, what survives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...checking.reports import StatementReport
from ...language.references import REFERENCES
from ...language.statements import Statement
from .escaping import Tex, escape, prose
from .evidence import witness
from .mathematics import typeset
from .names import identifier, words


@dataclass(frozen=True)
class Erratum:
    """One printed line: where it stands, what it says, what refutes it, what is true instead."""

    where: Tex
    printed: Tex
    counterexample: Tex
    repaired: Tex

    @property
    def row(self) -> tuple[Tex, ...]:
        """The cells of the sheet."""
        return tuple(Tex(rf"\ntpcell {cell}") for cell in (self.where, self.printed, self.counterexample, self.repaired))


def errata_of(reports: Iterable[StatementReport], statements: Mapping[str, Statement]) -> tuple[Erratum, ...]:
    """The errata among some reports, in their order."""
    return tuple(_erratum(report, statements[report.label]) for report in reports if report.kind == "erratum" and report.label in statements)


def _erratum(report: StatementReport, statement: Statement) -> Erratum:
    refuted = [claim for claim in report.claims if claim.expected == "refuted"]
    names = {f"witness {claim.name}" for claim in refuted}
    printed = [clause.text for clause in report.clauses if names & set(clause.named)] or [report.clauses[0].text]
    others = [clause.text for clause in report.clauses if clause.text not in printed]
    shown = [witness(claim.witness) for claim in refuted if claim.witness is not None]
    where = typeset(re.sub(r",? [A-Z][A-Za-z]+ \d{4}(?=, p\.)", "", statement.source.item)) if statement.source is not None else Tex("")
    reference = Tex(rf" (\ntpref{{thm:{identifier(report.label)}}}{{Erratum}}{{{words(report.title)}}})")
    return Erratum(
        Tex(f"{where}{reference}"),
        Tex(" ".join(prose(re.sub(r"^Printed(?:,[^:]*)?: ?", "", text)) for text in printed)),
        Tex(" ".join(shown)),
        Tex(" ".join(prose(text) for text in others)),
    )


def heading(key: str) -> Tex:
    """What the sheet is about: the paper as its authors cite it."""
    reference = REFERENCES[key]
    arxiv = f", arXiv:{reference.arxiv}" if reference.arxiv else ""
    return Tex(rf"{escape(reference.authors)}: \emph{{{escape(reference.title)}}}. {escape(reference.venue)} {reference.year}{arxiv}.")
