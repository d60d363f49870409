"""Rich renderables for the terminal. They are returned, never printed; words carry the meaning, colour only helps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from ..checking.reports import ClaimReport, MutantReport, StatementReport, StepReport, Witness
from ..language.statements import Statement
from .columns import Column, Columns
from .status import Status
from .unicode_math import unicode_math, unicode_prose
from .wording import (
    Badge,
    Finding,
    badges,
    counted,
    findings,
    grade_word,
    is_fine,
    readable,
    shorten,
    stands,
    step_grade,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

_COLOURS = {"holds": "green", "killed": "green", "proved": "green", "certified": "green", "enclosed": "green", "tested": "green"}
_DIM = {"stated only", "not run", "unchecked", "open"}


def _word(word: str, good: bool | None = None) -> Text:
    if word in _DIM:
        return Text(word, style="dim")
    colour = _COLOURS.get(word, "red") if good is None else "green" if good else "bold red"
    return Text(word, style=colour)


def _badge(badge: Badge) -> Text:
    grade = badge.word.rpartition(" ")[2]
    text = Text(badge.word, style=_word(grade).style if badge.axis == "evidence" else "green" if badge.outcome is not None else "")
    if badge.own:
        text.append(f" (itself {badge.own})", style="dim")
    return text


def _status(report: StatementReport, status: Status | None) -> Text:
    if status is None:
        return _word(report.outcome.value, not findings(report))
    text = _word(status.outcome.value, stands(report, status))
    if status.own is not status.outcome:
        text.append(f" (itself {status.own.value})", style="dim")
    if status.unchecked:
        text.append(f" ({len(status.unchecked)} unchecked)", style="dim")
    return text


def verify_table(reports: Mapping[str, StatementReport], statuses: Mapping[str, Status]) -> list[RenderableType]:
    """One row per statement, then everything that is not as it must be."""
    columns = (Column("statement"), Column("status", least=12), Column("proof", drop=1, least=16), Column("evidence", drop=2),
               Column("killed", drop=3, right=True))  # fmt: skip
    table = Columns(columns, [_verify_row(report, statuses[label]) for label, report in reports.items()])
    found = [entry for report in reports.values() for entry in findings(report)]
    return [table, Text(), _attention(found)] if found else [table]


def _verify_row(report: StatementReport, status: Status) -> list[str | Text]:
    killed = f"{sum(mutant.killed for mutant in report.mutants)}/{len(report.mutants)}"
    badge = map(_badge, badges(report, status))
    return [report.label, _status(report, status), *badge, Text(killed, style="bold red" if report.survivors else "")]


def _attention(found: list[Finding]) -> RenderableType:
    lines = [Text(f"{len(found)} finding{'' if len(found) == 1 else 's'}", style="bold red")]
    for entry in found:
        wanted = f", expected {entry.wanted}" if entry.wanted else ""
        line = Text.assemble((entry.label, "bold"), f"  {entry.part} {entry.name}: ", (entry.found, "bold red"), wanted)
        lines.append(line)
        if entry.detail:
            lines.append(Text("    " + shorten(readable(entry.detail)), style="dim"))
    return Group(*lines)


def list_table(rows: Iterable[Mapping[str, Any]]) -> RenderableType:
    """The registry. Each row has label, kind, title, source, and status, proof, evidence in words (None or absent: unknown)."""
    columns = (Column("statement"), Column("kind", drop=6), Column("title", drop=4, least=24), Column("source", drop=5, least=20),
               Column("status", drop=1), Column("proof", drop=2), Column("evidence", drop=3))  # fmt: skip
    return Columns(columns, map(_list_row, rows))


def _list_row(row: Mapping[str, Any]) -> list[str | Text]:
    graded = [_word(row[key]) if row.get(key) else Text("-", style="dim") for key in ("status", "proof", "evidence")]
    return [row["label"], Text(row["kind"], style="dim"), unicode_prose(row["title"]), row["source"], *graded]


def show_statement(report: StatementReport, statement: Statement | None = None, status: Status | None = None) -> list[RenderableType]:
    """One statement in full; `statement` adds its text and deviation, `status` the meet with its ancestors."""
    parts: list[RenderableType] = [*_heading(report, statement, status)]
    sections = (
        ("Clauses", _clauses(report, status)),
        ("Assumptions", _assumptions(report)),
        ("Claims", _claims(report)),
        ("Proof steps", _steps(report)),
        ("Mutants", _mutants(report, statement)),
    )
    for title, body in sections:
        if body is not None:
            parts += [Text(), Text(title, style="bold"), Padding(body, (0, 0, 0, 2))]
    found = findings(report)
    return [*parts, Text(), _attention(list(found))] if found else parts


def _heading(report: StatementReport, statement: Statement | None, status: Status | None) -> Iterable[RenderableType]:
    yield Text.assemble((f"{report.kind} ", "dim"), (unicode_prose(report.title), "bold"))
    yield Text(report.label)
    if report.source:
        yield Text(f"source: {report.source}")
    if statement is not None and statement.source is not None and statement.source.deviation:
        yield Text(f"deviation: {unicode_prose(statement.source.deviation)}")
    if report.expected == "refuted":
        yield Text("announced as refuted")
    if report.uses:
        yield Text(f"rests on: {', '.join(report.uses)}")
    yield Text.assemble("status: ", _status(report, status))
    if status is not None:
        proof, evidence = badges(report, status)
        yield Text.assemble("proof: ", _badge(proof), "   evidence: ", _badge(evidence))
        yield from _ancestry(status)
    if statement is not None and statement.setup:
        yield Text()
        yield Padding(Text(unicode_prose(statement.setup)), (0, 0, 0, 2))


def _ancestry(status: Status) -> Iterable[Text]:
    if status.weakened_by:
        yield Text(f"weakened by: {', '.join(status.weakened_by)}")
    if status.unchecked:
        yield Text(f"unchecked: {', '.join(status.unchecked)}")


def _clauses(report: StatementReport, status: Status | None) -> Columns | None:
    if not report.clauses:
        return None
    grades = status.proof.supports if status is not None else [clause.support for clause in report.clauses]
    rows: list[list[str | Text]] = []
    for number, (clause, grade) in enumerate(zip(report.clauses, grades, strict=True), 1):
        own = f" (itself {clause.support.word})" if grade is not clause.support else ""
        graded = Text.assemble((grade.word, "green" if grade.establishes else ""), (own, "dim"))
        rows.append([str(number), unicode_prose(clause.text), graded, "\n".join(clause.named)])
    return Columns((Column(""), Column("clause", least=26), Column("grade", least=9), Column("by", drop=1, least=34)), rows)


def _assumptions(report: StatementReport) -> Columns | None:
    if not report.assumptions:
        return None
    rows = [[f"H{number}", name, unicode_math(latex), method] for number, (name, latex, method) in enumerate(report.assumptions, 1)]
    return Columns((Column(""), Column("predicate"), Column("formula", least=12), Column("decided by", drop=1, least=16)), rows)


def _claims(report: StatementReport) -> Columns | None:
    if not report.claims:
        return None
    rows: list[list[str | Text]] = [
        [_named(report, claim), _word(claim.verdict.outcome.value, is_fine(report, claim)), grade_word(claim.verdict), counted(claim)]
        for claim in report.claims
    ]
    return Columns((Column("claim", least=24), Column("outcome"), Column("evidence", drop=1), Column("instances", drop=2, least=14)), rows)


def _named(report: StatementReport, entry: ClaimReport | StepReport) -> Text:
    text = Text(entry.name, style="bold")
    if entry.latex:
        text.append(f"\n{unicode_math(entry.latex)}", style="not bold")
    if not is_fine(report, entry):
        text.append(f"\n{shorten(readable(entry.verdict.detail))}", style="not bold red")
    if isinstance(entry, ClaimReport) and entry.witness is not None:
        text.append(f"\n{_witness(entry.witness)}", style="not bold")
    return text


def _steps(report: StatementReport) -> Columns | None:
    if not report.steps:
        return None
    columns = (Column("", right=True), Column("step", least=24), Column("procedure", drop=3, least=12), Column("scope", drop=2, least=10),
               Column("outcome"), Column("evidence", drop=1))  # fmt: skip
    rows: list[list[str | Text]] = [
        [str(number), _named(report, step), step.by, step.verdict.scope, _word(step.verdict.outcome.value, is_fine(report, step)),
         step_grade(step.verdict)]
        for number, step in enumerate(report.steps, 1)
    ]  # fmt: skip
    return Columns(columns, rows)


def _mutants(report: StatementReport, statement: Statement | None) -> Columns | None:
    if not report.mutants:
        return None
    dropped = {entry.name: entry.without.name for entry in statement.mutants if entry.without} if statement is not None else {}
    rows: list[list[str | Text]] = []
    for mutant in report.mutants:
        name = Text(mutant.name, style="bold")
        name.append(f"\nof {mutant.of}" + (f", without {dropped[mutant.name]}" if mutant.name in dropped else ""), style="not bold dim")
        if mutant.latex:
            name.append(f"\n{unicode_math(mutant.latex)}", style="not bold")
        grade = mutant.evidence.word if mutant.evidence is not None else ""
        rows.append([name, _word("killed" if mutant.killed else "survived"), grade, _shown(mutant)])
    columns = (Column("false variant", least=24), Column("outcome"), Column("evidence", drop=1), Column("smallest counterexample", drop=2, least=24))
    return Columns(columns, rows)


def _shown(mutant: MutantReport) -> str:
    return _witness(mutant.witness) if mutant.witness is not None else shorten(readable(mutant.detail))


def _witness(witness: Witness) -> str:
    minimal = " (locally minimal)" if witness.locally_minimal else ""
    return f"{shorten(witness.text)}\n{shorten(readable(witness.detail))}{minimal}"
