"""Rich renderables for the terminal. They are returned, never printed; words carry the meaning, colour only helps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..checking.reports import ClaimReport, MutantReport, StatementReport, StepReport, Witness
from ..language.statements import Statement
from .status import Status
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


# Columns of free length: these share what the others leave of the terminal's width.
_LONG = {
    "statement",
    "status",
    "title",
    "source",
    "claim",
    "instances",
    "step",
    "procedure",
    "false variant",
    "smallest counterexample",
    "clause",
    "by",
    "LaTeX",
    "decided by",
}


def _table(*columns: str, numbers: Iterable[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        least = 26 if column == "statement" else None
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold", no_wrap=column not in _LONG, min_width=least)
    return table


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
    table = _table("statement", "status", "proof", "evidence", "killed", numbers=("killed",))
    for label, report in reports.items():
        killed = f"{sum(mutant.killed for mutant in report.mutants)}/{len(report.mutants)}"
        table.add_row(
            Text(label),
            _status(report, statuses.get(label)),
            *map(_badge, badges(report, statuses[label])),
            Text(killed, style="bold red" if report.survivors else ""),
        )
    found = [entry for report in reports.values() for entry in findings(report)]
    return [table, Text(), _attention(found)] if found else [table]


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
    table = _table("statement", "kind", "title", "source", "status", "proof", "evidence")
    for row in rows:
        graded = [_word(row[key]) if row.get(key) else Text("-", style="dim") for key in ("status", "proof", "evidence")]
        table.add_row(Text(row["label"]), Text(row["kind"], style="dim"), Text(row["title"]), Text(row["source"]), *graded)
    return table


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
    yield Text.assemble((f"{report.kind} ", "dim"), (report.title, "bold"))
    yield Text(report.label)
    if report.source:
        yield Text(f"source: {report.source}")
    if statement is not None and statement.source is not None and statement.source.deviation:
        yield Text(f"deviation: {statement.source.deviation}")
    if report.expected == "refuted":
        yield Text("announced as refuted")
    if report.uses:
        yield Text(f"rests on: {', '.join(report.uses)}")
    yield Text.assemble("status: ", _status(report, status))
    if status is not None:
        proof, evidence = badges(report, status)
        yield Text.assemble("proof: ", _badge(proof), "   evidence: ", _badge(evidence))
        yield from _ancestry(status)
    if statement is not None and statement.text:
        yield Text()
        yield Padding(Text(statement.text), (0, 0, 0, 2))


def _ancestry(status: Status) -> Iterable[Text]:
    if status.weakened_by:
        yield Text(f"weakened by: {', '.join(status.weakened_by)}")
    if status.unchecked:
        yield Text(f"unchecked: {', '.join(status.unchecked)}")


def _clauses(report: StatementReport, status: Status | None) -> Table | None:
    if not report.clauses:
        return None
    table = _table("", "clause", "grade", "by")
    grades = status.proof.supports if status is not None else [clause.support for clause in report.clauses]
    for number, (clause, grade) in enumerate(zip(report.clauses, grades, strict=True), 1):
        own = f" (itself {clause.support.word})" if grade is not clause.support else ""
        table.add_row(str(number), Text(clause.text), Text.assemble((grade.word, "green" if grade.establishes else ""), (own, "dim")),
                      Text("\n".join(clause.named)))  # fmt: skip
    return table


def _assumptions(report: StatementReport) -> Table | None:
    if not report.assumptions:
        return None
    table = _table("", "predicate", "LaTeX", "decided by")
    for number, (name, latex, method) in enumerate(report.assumptions, 1):
        table.add_row(f"H{number}", Text(name), Text(latex), Text(method))
    return table


def _claims(report: StatementReport) -> Table | None:
    if not report.claims:
        return None
    table = _table("claim", "outcome", "evidence", "instances")
    for claim in report.claims:
        outcome = _word(claim.verdict.outcome.value, is_fine(report, claim))
        table.add_row(_named(report, claim), outcome, grade_word(claim.verdict), Text(counted(claim)))
    return table


def _named(report: StatementReport, entry: ClaimReport | StepReport) -> Text:
    text = Text(entry.name, style="bold")
    if entry.latex:
        text.append(f"\n{entry.latex}", style="not bold")
    if not is_fine(report, entry):
        text.append(f"\n{shorten(readable(entry.verdict.detail))}", style="not bold red")
    if isinstance(entry, ClaimReport) and entry.witness is not None:
        text.append(f"\n{_witness(entry.witness)}", style="not bold")
    return text


def _steps(report: StatementReport) -> Table | None:
    if not report.steps:
        return None
    table = _table("", "step", "procedure", "scope", "outcome", "evidence", numbers=("",))
    for number, step in enumerate(report.steps, 1):
        table.add_row(str(number), _named(report, step), Text(step.by), Text(step.verdict.scope),
                      _word(step.verdict.outcome.value, is_fine(report, step)), step_grade(step.verdict))  # fmt: skip
    return table


def _mutants(report: StatementReport, statement: Statement | None) -> Table | None:
    if not report.mutants:
        return None
    dropped = {entry.name: entry.without.name for entry in statement.mutants if entry.without} if statement is not None else {}
    table = _table("false variant", "outcome", "evidence", "smallest counterexample")
    for mutant in report.mutants:
        name = Text(mutant.name, style="bold")
        name.append(f"\nof {mutant.of}" + (f", without {dropped[mutant.name]}" if mutant.name in dropped else ""), style="not bold dim")
        if mutant.latex:
            name.append(f"\n{mutant.latex}", style="not bold")
        table.add_row(name, _word("killed" if mutant.killed else "survived"), mutant.evidence.word if mutant.evidence is not None else "",
                      Text(_shown(mutant)))  # fmt: skip
    return table


def _shown(mutant: MutantReport) -> str:
    return _witness(mutant.witness) if mutant.witness is not None else shorten(readable(mutant.detail))


def _witness(witness: Witness) -> str:
    minimal = " (locally minimal)" if witness.locally_minimal else ""
    return f"{shorten(witness.text)}\n{shorten(readable(witness.detail))}{minimal}"
