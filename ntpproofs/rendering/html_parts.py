"""What the report and the pages of the site share: the template environment, its filters, and one statement as a section."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..checking.reports import MutantReport, StatementReport, Witness
from ..language.statements import Statement
from ..language.verdicts import Outcome
from .instances import instance_latex
from .mathml import UnknownCommand, plain_words, split_prose, to_html, to_mathml
from .snippets import source_bibtex, statement_latex
from .status import Status
from .wording import Badge, badges, counted, findings, is_fine, readable, shorten, stands, step_grade

SYMBOLS = {"holds": "✓", "killed": "✓", "refuted": "✗", "fails": "✗", "survived": "✗", "inconclusive": "?", "undecided": "?", "vacuous": "∅"}


@dataclass(frozen=True)
class Section:
    """What the templates need of one statement; `without` are the mutants that drop an assumption, `altered` the others."""

    report: StatementReport
    status: Status
    id: str
    area: str
    setup: Markup
    deviation: str
    fine: bool
    stands: bool
    badges: tuple[Badge, Badge]
    dropped: Mapping[str, str]
    without: tuple[MutantReport, ...]
    altered: tuple[MutantReport, ...]
    command: str
    latex: str
    bibtex: str


def section(report: StatementReport, status: Status, statement: Statement | None = None, options: str = "") -> Section:
    """The section of a report; `statement` adds setting, deviation and dropped assumptions, `options` those of the run."""
    dropped = {entry.name: entry.without.name for entry in statement.mutants if entry.without} if statement is not None else {}
    mutants = sorted(report.mutants, key=lambda mutant: mutant.killed)
    return Section(
        report=report,
        status=status,
        id=anchor(report.label),
        area=report.label.partition(".")[0] if "." in report.label else "",
        setup=prose(statement.setup) if statement is not None else Markup(),
        deviation=statement.source.deviation if statement is not None and statement.source is not None else "",
        fine=not findings(report),
        stands=stands(report, status),
        badges=badges(report, status),
        dropped=dropped,
        without=tuple(mutant for mutant in mutants if mutant.name in dropped),
        altered=tuple(mutant for mutant in mutants if mutant.name not in dropped),
        command=f"ntpproofs show {report.label}{options}" if statement is not None else "",
        latex=statement_latex(report, statement),
        bibtex=source_bibtex(statement),
    )


def environment() -> Environment:
    """The templates of this package with their filters; undefined names are errors, everything is escaped."""
    found = Environment(loader=PackageLoader("ntpproofs.rendering"), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    found.filters |= {"math": formula, "anchor": anchor, "readable": _readable, "grade": step_grade, "word": _word, "prose": prose, "short": shorten}
    found.globals |= {"symbols": SYMBOLS, "is_fine": is_fine, "witness": _witness, "counted": counted}
    return found


def statement_html(entry: Section, link: Callable[[str], str]) -> str:
    """The body of one statement; `link(label)` is the address of another, or "" where there is none.

    Law: the same markup as in the report.
    """
    template = environment().from_string('{% from "parts.html.j2" import statement_body with context %}{{ statement_body(s, link) }}')
    return template.render(s=entry, link=link)


def anchor(label: str) -> str:
    """A fragment identifier; different labels have different ones.

    >>> anchor("linear-ntp.bias"), anchor("a b"), anchor("a_b")
    ('s-linear-ntp.bias', 's-a_20_b', 's-a_5f_b')
    """
    return "s-" + re.sub(r"[^A-Za-z0-9.-]", lambda match: f"_{ord(match.group()):x}_", label)


def formula(latex: str, display: bool = False) -> Markup:
    """A formula as MathML; what the converter does not know is shown as source."""
    if not latex:
        return Markup()
    try:
        return Markup(to_mathml(latex, display=True) if display else to_html(latex))
    except UnknownCommand:
        return Markup('<code class="latex">{}</code>').format(latex)


def prose(text: str) -> Markup:
    r"""LaTeX prose with formulas between dollars.

    >>> str(prose("for $x<1$"))
    'for <math><mi>x</mi><mo lspace="0.28em" rspace="0.28em">&lt;</mo></math><math><mn>1</mn></math>'
    """
    pieces = split_prose(text)
    return Markup().join(
        Markup("{}").format(plain_words(piece)) if kind == "words" else formula(piece, display=kind == "display") for kind, piece in pieces
    )


def _readable(text: str) -> str:
    return shorten(readable(text), 600)


def _word(outcome: Outcome) -> str:
    return outcome.value


def _witness(witness: Witness | None) -> dict[str, Any] | None:
    if witness is None:
        return None
    formulas = [Markup(to_mathml(latex)) for latex in instance_latex(witness.instance)]
    return {"formulas": formulas, "text": shorten(witness.text, 2_000), "detail": _readable(witness.detail), "minimal": witness.locally_minimal}
