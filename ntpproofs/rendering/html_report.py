"""One offline HTML file: summary, what needs attention, status table, and one section per statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..checking.reports import StatementReport, Witness
from ..language.statements import Statement
from ..language.verdicts import Outcome
from .instances import instance_latex
from .json_report import verify_json
from .mathml import UnknownCommand, plain_words, to_html, to_mathml
from .status import Status
from .wording import COUNTS, Badge, badges, findings, is_fine, readable, shorten, stands, step_grade

SYMBOLS = {"holds": "✓", "killed": "✓", "refuted": "✗", "fails": "✗", "survived": "✗", "inconclusive": "?", "undecided": "?", "vacuous": "∅"}


@dataclass(frozen=True)
class _Section:
    # What the template needs of one statement.
    report: StatementReport
    status: Status
    id: str
    setup: Markup
    deviation: str
    fine: bool
    stands: bool
    badges: tuple[Badge, Badge]
    dropped: Mapping[str, str]


def render_html(
    reports: Mapping[str, StatementReport],
    statuses: Mapping[str, Status],
    seconds: float | None = None,
    statements: Mapping[str, Statement] | None = None,
    complete: bool = True,
) -> str:
    """The HTML document; `statements` adds each statement's text and deviation from its source, `complete` is false for an
    interrupted run.

    Law: equal arguments give equal bytes, and nothing in the file is loaded from elsewhere.
    """
    sections = [_section(report, statuses[label], (statements or {}).get(label)) for label, report in reports.items()]
    ordered = sorted(sections, key=lambda section: (section.fine, section.status.outcome is Outcome.HOLDS))
    summary = verify_json(reports, statuses, seconds, complete)["summary"]
    urgent = [found for section in ordered for found in findings(section.report)]
    template = _environment().get_template("report.html.j2")
    return template.render(sections=ordered, labels=set(reports), summary=summary, urgent=urgent, kinds=sorted({s.report.kind for s in sections}))


def _section(report: StatementReport, status: Status, statement: Statement | None) -> _Section:
    deviation = statement.source.deviation if statement is not None and statement.source is not None else ""
    dropped = {entry.name: entry.without.name for entry in statement.mutants if entry.without} if statement is not None else {}
    setup = prose(statement.setup) if statement is not None else Markup()
    return _Section(
        report, status, anchor(report.label), setup, deviation, not findings(report), stands(report, status), badges(report, status), dropped
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ntpproofs.rendering"), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters |= {"math": formula, "anchor": anchor, "readable": _readable, "grade": step_grade, "word": _word, "prose": prose}
    environment.globals |= {
        "symbols": SYMBOLS,
        "counts": COUNTS,
        "is_fine": is_fine,
        "witness": _witness,
    }
    return environment


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
    return Markup().join(_pieces(text))


def _pieces(text: str) -> Iterator[Markup]:
    for piece in re.split(r"(\$\$.*?\$\$|(?<!\\)\$.*?(?<!\\)\$)", text, flags=re.DOTALL):
        if piece.startswith("$$") and len(piece) >= 4:
            yield formula(piece[2:-2], display=True)
        elif piece.startswith("$") and len(piece) >= 2:
            yield formula(piece[1:-1])
        else:
            yield Markup("{}").format(plain_words(piece))


def _readable(text: str) -> str:
    return shorten(readable(text), 600)


def _word(outcome: Outcome) -> str:
    return outcome.value


def _witness(witness: Witness | None) -> dict[str, Any] | None:
    if witness is None:
        return None
    formulas = [Markup(to_mathml(latex)) for latex in instance_latex(witness.instance)]
    return {"formulas": formulas, "text": shorten(witness.text, 2_000), "detail": _readable(witness.detail), "minimal": witness.locally_minimal}
