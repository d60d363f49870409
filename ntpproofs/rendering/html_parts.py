"""What the report and the pages of the site share: the template environment, its filters, and one statement as a section."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..checking.reports import MutantReport, StatementReport, Witness
from ..language.statements import Statement
from ..language.verdicts import Outcome
from .documents.evidence import plain
from .documents.values import detail_latex
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
    numbers: Mapping[str, int]


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
        numbers=_numbers(report, statement),
    )


def _numbers(report: StatementReport, statement: Statement | None) -> dict[str, int]:
    # The row of a step under each of its names.
    found = {step.name: i for i, step in enumerate(report.steps, 1)}
    return found | {name: found[step.name] for step in (statement.steps if statement else ()) for name in step.names if step.name in found}


def environment() -> Environment:
    """The templates of this package with their filters; undefined names are errors, everything is escaped."""
    found = Environment(loader=PackageLoader("ntpproofs.rendering"), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    found.filters |= {
        "math": formula,
        "anchor": anchor,
        "readable": _readable,
        "grade": step_grade,
        "word": _word,
        "prose": prose,
        "short": shorten,
        "detail": detail,
    }
    found.globals |= {"symbols": SYMBOLS, "is_fine": is_fine, "witness": _witness, "counted": counted, "supported": supported}
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
    words = "" if formulas else plain(witness.text).rstrip(":")
    return {
        "formulas": formulas,
        "words": prose(words) if words else Markup(),
        "text": shorten(witness.text, 2_000),
        "detail": detail(witness.detail),
        "minimal": witness.locally_minimal,
    }


def detail(text: str, violated: bool = True) -> Markup:
    r"""A detail line as mathematics, with the same numbers as in the article; as text where it holds what MathML does not.

    >>> str(detail("1 <= 0")).replace(' lspace="0.28em" rspace="0.28em"', "")
    'left side <math><mn>1</mn></math> <math><mo>&gt;</mo></math> right side <math><mn>0</mn></math>'
    """
    try:
        return prose(detail_latex(shorten(readable(text), 700), violated))
    except UnknownCommand:
        return Markup("{}").format(_readable(text))


def supported(named: Sequence[str], section: Section, link: Callable[[str], str]) -> Markup:
    """What establishes a clause: steps by their numbers in the table, statements as links, the rest in words."""
    steps = sorted({section.numbers[name[5:]] for name in named if name.startswith("step ") and name[5:] in section.numbers})
    parts = [Markup("step {}" if len(steps) == 1 else "steps {}").format(", ".join(map(str, steps)))] if steps else []
    for name in named:
        if name.startswith("step ") and name[5:] in section.numbers:
            continue
        if " " not in name:
            parts.append(Markup('<a href="{}">{}</a>').format(link(name), name) if link(name) else Markup("{}").format(name))
        elif name.startswith("witness ") and name[8:] in section.numbers:
            parts.append(Markup("the exact instance of step {}").format(section.numbers[name[8:]]))
        elif name.startswith(("witness ", "instances: ")):
            parts.append(Markup("{} <code>{}</code>").format("an exact instance of" if name[0] == "w" else "instances of", name.partition(" ")[2]))
        else:
            parts.append(prose(name))
    return Markup("; ").join(parts)
