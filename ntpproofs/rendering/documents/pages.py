r"""What the article prints about one statement: the theorem with its badges, the line of evidence below it, its proof."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...checking.clauses import ClauseReport
from ...checking.reports import StatementReport, StepReport
from ...language.references import REFERENCES, Source
from ...language.statements import Statement
from ..status import Status
from ..wording import Badge, Finding, badges, findings, step_grade
from .bibliography import cited
from .escaping import Tex, escape, formula, prose
from .mathematics import typeset
from .names import environment_of, identifier, referenced, short_name, words
from .widths import broken, cut, width

# Room of a displayed line, in characters, and how much wider one may be that is scaled down.
ROOM, WIDER = 54.0, 1.7
# Room of a row of a line that has several.
ROWS = 66.0
# Half a page in centimetres, less what a title and the line of evidence take; the height of a line of text, and its characters.
HALF, LINE, WIDE = 6.9, 0.43, 78
# Rules by their marks over the relation sign.
RULES = {"sums": r"$\Sigma$", "exponentials": "e", "logarithms": "log", "deltas": r"$\delta$", "derivative": r"$\partial$", "algebra": "a",
         "sign of a derivative": r"$\partial$"}  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """What all pages of a document share: references by label, numbers of nothing (LaTeX counts), and who is cited."""

    references: Mapping[str, Tex]
    statements: Mapping[str, Statement]


@dataclass(frozen=True)
class ClauseLine:
    """A clause as printed: text, grade, and what establishes it."""

    text: Tex
    grade: Tex
    named: Tex


@dataclass(frozen=True)
class DisplayedLine:
    """A line of a proof, printed from a formula that was checked: in one row, or `stacked` with the right side below the left one.

    `below` stands in a row of its own: what a line needs, where it is long.
    """

    number: Tex
    left: Tex
    sign: Tex
    rule: Tex
    right: Tex
    where: Tex
    wide: bool = False
    below: Tex = field(default_factory=lambda: Tex(""))
    stacked: bool = False


@dataclass(frozen=True)
class ProofPart:
    """Displayed lines (a single one scaled down where it is wide), or one typed line that was decided by arithmetic."""

    lines: tuple[DisplayedLine, ...] = ()
    wide: bool = False
    number: Tex = field(default_factory=lambda: Tex(""))
    name: Tex = field(default_factory=lambda: Tex(""))
    formula: Tex = field(default_factory=lambda: Tex(""))
    result: Tex = field(default_factory=lambda: Tex(""))


@dataclass(frozen=True)
class ProofPage:
    """The proof of a statement: `head` says whether it is one."""

    id: Tex
    head: Tex
    names: Tex
    parts: tuple[ProofPart, ...]
    note: Tex


@dataclass(frozen=True)
class Page:
    """Everything the template of one statement needs."""

    report: StatementReport
    status: Status
    id: Tex
    environment: str
    title: Tex
    short: Tex
    reference: Tex
    setup: Tex
    assumptions: tuple[Tex, ...]
    clauses: tuple[ClauseLine, ...]
    proof_badge: Tex
    evidence_badge: Tex
    badges: tuple[Badge, Badge]
    facts: tuple[Tex, ...]
    found: tuple[Finding, ...]
    proof: ProofPage | None
    citation: str
    argued: bool


def page_of(report: StatementReport, status: Status, setting: Setting) -> Page:
    """The page of a statement."""
    statement = setting.statements.get(report.label)
    source = statement.source if statement is not None else None
    proof, evidence = badges(report, status)
    return Page(
        report=report,
        status=status,
        id=identifier(report.label),
        environment=environment_of(report.kind),
        title=typeset(report.title),
        short=short_name(report.label),
        reference=setting.references.get(report.label, escape(report.label)),
        setup=prose(statement.setup) if statement is not None and statement.setup else Tex(""),
        assumptions=tuple(_assumption(name, latex) for name, latex, _ in report.assumptions),
        clauses=_clauses(report, status, statement, setting),
        proof_badge=_badge(proof),
        evidence_badge=_badge(evidence),
        badges=(proof, evidence),
        facts=tuple(filter(None, (_source(report, source), _deviation(source), evidence_line(report), _weakened(status, setting)))),
        found=findings(report),
        proof=_proof(report, status, setting),
        citation=source.key if source is not None and source.key != "derived" else "",
        argued=any(name.startswith("argued") for clause in report.clauses for name in clause.named),
    )


def assumption_id(name: str) -> str:
    r"""The `\label` of an assumption."""
    return f"asm:{identifier(name)}"


def _assumption(name: str, latex: str) -> Tex:
    return Tex(rf"\ntpassumption{{{assumption_id(name)}}}{{{formula(latex) if latex else words(name)}}}")


def mark_of(badge: Badge) -> Tex:
    """The symbol of a badge."""
    if badge.outcome is None:
        return Tex(r"\ntpnone{}")
    return Tex({"holds": r"\ntpgood{}", "refuted": r"\ntpbad{}", "vacuous": r"\ntpvoid{}"}.get(badge.outcome.value, r"\ntpopen{}"))


def _badge(badge: Badge) -> Tex:
    return Tex(rf"\ntpbadge{{{badge.axis}}}{{{mark_of(badge)}}}{{{escape(badge.word)}}}")


def _clauses(report: StatementReport, status: Status, statement: Statement | None, setting: Setting) -> tuple[ClauseLine, ...]:
    numbers = step_numbers(report, statement)
    return tuple(
        ClauseLine(prose(clause.text), Tex(grade.word), _named(clause, report, numbers, setting))
        for clause, grade in zip(report.clauses, status.proof.supports, strict=True)
    )


def step_numbers(report: StatementReport, statement: Statement | None) -> dict[str, str]:
    """The number of a step under each of its names."""
    found = {step.name: str(i) for i, step in enumerate(report.steps, 1)}
    for step in statement.steps if statement is not None else ():
        found |= {name: found[step.name] for name in step.names if step.name in found}
    return found


def _named(clause: ClauseReport, report: StatementReport, numbers: Mapping[str, str], setting: Setting) -> Tex:
    # What establishes a clause, by numbers: steps, statements, an exact instance, a remark, a source.
    steps = [numbers[name[5:]] for name in clause.named if name.startswith("step ") and name[5:] in numbers]
    parts = [", ".join(f"({number})" for number in sorted(steps, key=int))] if steps else []
    parts += [setting.references.get(label, escape(label)) for label in clause.by]
    for name in clause.named:
        if name.startswith("witness "):
            number = numbers.get(name[8:])
            parts.append(f"({number})" if number else "an exact instance")
        elif name.startswith("argued: "):
            parts.append(_argument(name[8:], report.label, setting))
        elif name.startswith("cited: "):
            parts.append(typeset(name[7:]))
    return Tex(", ".join(dict.fromkeys(filter(None, parts))))


def _argument(text: str, label: str, setting: Setting) -> str:
    remark = rf"\ntpsee{{rem:{identifier(label)}}}{{Remark}}{{argument in prose}}"
    said = re.sub(
        r"^(?:the )?(?:last (?:sentence|paragraph) of the )?docstring(?:, last sentence)?[:,]?\s*|,? ?(?:of|in) the docstring|,? docstring\b",
        "",
        text,
    )
    said = said.strip(" ,")
    return remark + (f", {referenced(typeset(said), setting.references)}" if said and said != label else "")


def _source(report: StatementReport, source: Source | None) -> Tex:
    if source is None:
        return Tex(rf"\textsf{{Source}} {typeset(report.source)}.") if report.source else Tex("")
    if source.key == "derived":
        return Tex(rf"\textsf{{Own derivation:}} {typeset(source.item)}.")
    reference = REFERENCES[source.key]
    item = re.sub(rf",? {re.escape(reference.venue)} {reference.year}(?=, p\.)", "", source.item)
    return Tex(rf"\textsf{{Source}} {cited(source.key, typeset(item))}.")


def _deviation(source: Source | None) -> Tex:
    return Tex(rf"\textsf{{Deviation:}} {typeset(source.deviation)}.") if source is not None and source.deviation else Tex("")


def evidence_line(report: StatementReport) -> Tex:
    """What was found on instances, in one line."""
    see = rf" (\ntpsee{{ev:{identifier(report.label)}}}{{Appendix}}{{see the evidence}})"
    killed, mutants = sum(mutant.killed for mutant in report.mutants), len(report.mutants)
    refuted = f"{killed} of {mutants} false variants refuted" if mutants else ""
    if not report.claims:
        return Tex(rf"\textsf{{Evidence:}} {refuted or 'none on instances'}{see}.")
    tried = min(claim.instances.get("satisfied", 0) for claim in report.claims)
    grade = report.evidence.word if report.evidence is not None else report.outcome.value
    said = f"{tried} instance{'s' if tried != 1 else ''} {grade}"
    return Tex(rf"\textsf{{Evidence:}} {said}{', ' if refuted else ''}{refuted}{see}.")


def _weakened(status: Status, setting: Setting) -> Tex:
    parts = []
    if status.weakened_by:
        parts.append(r"\textsf{Weakened by} " + ", ".join(setting.references.get(label, escape(label)) for label in status.weakened_by) + ".")
    if status.unchecked:
        parts.append(r"\textsf{Unchecked here:} " + ", ".join(setting.references.get(label, escape(label)) for label in status.unchecked) + ".")
    return Tex(" ".join(parts))


# The proof


def _proof(report: StatementReport, status: Status, setting: Setting) -> ProofPage | None:
    if not report.steps:
        return None
    complete = all(support.establishes for support in status.proof.own)
    shown = shown_steps(report, setting.statements.get(report.label))
    parts: list[ProofPart] = []
    for number, step in enumerate(report.steps[:shown], 1):
        lines = displayed(step, number)
        if any(_hidden(line) for line in lines):
            parts.append(_elsewhere(step, number, report.label))
            continue
        for line in lines:
            if line.wide or not parts or not parts[-1].lines or parts[-1].wide:
                parts.append(ProofPart((line,), line.wide))
            else:
                parts[-1] = ProofPart((*parts[-1].lines, line))
        if not step.lines:
            parts.append(_typed(step, number))
    named = [f"({i})~{typeset(step.name)}" for i, step in enumerate(report.steps, 1) if step.lines or i > shown]
    names = Tex(rf"{{\footnotesize {'; '.join(named)}.}}") if named else Tex("")
    see = rf"\ntpsee{{ev:{identifier(report.label)}}}{{Appendix}}{{the evidence file}}"
    said = ["lines with dots"] if any(line_is_cut(step) for step in report.steps[:shown]) else []
    said += [f"steps ({shown + 1}) to ({len(report.steps)})"] if shown < len(report.steps) - 1 else []
    said += [f"step ({len(report.steps)})"] if shown == len(report.steps) - 1 else []
    note = Tex(rf"{{\footnotesize In full in {see}: {', '.join(said)}.}}") if said else Tex("")
    return ProofPage(identifier(report.label), Tex("Proof" if complete else "Checked steps"), names, tuple(parts), note)


def shown_steps(report: StatementReport, statement: Statement | None) -> int:
    """How many steps of the proof stand below the statement: as many as leave the two within half a page, by an estimate."""
    used = 1.4 + (LINE * (width(statement.setup) // WIDE) if statement is not None else 0.0)
    used += sum(LINE * -(-(width(clause.text) + 16) // WIDE) + 0.5 * clause.text.count("$$") for clause in report.clauses)
    for count, step in enumerate(report.steps):
        used += sum(_height(line) for line in displayed(step, count + 1)) if step.lines else LINE * -(-(width(step.latex) + 60) // WIDE)
        if used > HALF:
            return count
    return len(report.steps)


def _height(line: DisplayedLine) -> float:
    return (
        (1.0 if r"\frac" in line.left + line.right else 0.62 if line.wide else 0.52)
        + (0.7 if line.below else 0.0)
        + (0.9 * (1 + line.left.count(r"\\&") + line.right.count(r"\\&")) if line.stacked else 0.0)
    )


def displayed(step: StepReport, number: int) -> list[DisplayedLine]:
    """The lines of a step, cut where they are too wide; several have letters behind the number."""
    letters = [""] if len(step.lines) == 1 else [chr(ord("a") + i % 26) for i in range(len(step.lines))]
    found = []
    for letter, line in zip(letters, step.lines, strict=True):
        sides = width(line.left) + width(line.right) + 4
        # Rows for both sides where they do not fit one, as far as four are enough; what a line needs then stands below it, and where it takes half of
        # the room.
        narrow = ROOM - width(line.where) - (3 if line.where else 0)
        rows = broken(line.left, ROWS), broken(line.right, ROWS - 4)
        stacked = sides > narrow * WIDER and sum(map(len, rows)) <= 4 and max(map(width, (*rows[0], *rows[1]))) <= ROOM * WIDER
        apart = bool(line.where) and (stacked or width(line.where) > ROOM / 2)
        room = ROOM if apart else narrow
        left, right = (r"\\&\quad ".join(side) for side in rows) if stacked else _both(line.left, line.right, room * WIDER)
        style = "" if r"\frac" in left + right else r"\textstyle "
        where = Tex(rf"\quad({line.where})") if line.where and not apart else Tex("")
        rule = Tex(",".join(RULES.get(part, str(escape(part))) for part in line.rule.split(", ")))
        found.append(
            DisplayedLine(
                number=Tex(f"{number}{letter}"),
                left=Tex(style + left),
                sign=Tex(line.sign),
                rule=rule,
                right=Tex(f"{style}{right}" if stacked else f"{{{style}{right}}}"),
                where=where,
                wide=stacked or apart or sides > room,
                below=Tex(rf"({line.where})") if apart else Tex(""),
                stacked=stacked,
            )
        )
    return found


def _both(left: str, right: str, room: float) -> tuple[str, str]:
    # Both sides within the room: the shorter one in full where that leaves enough for the beginning of the other.
    if width(left) + width(right) + 4 <= room:
        return left, right
    if width(left) <= width(right):
        left = cut(left, room * 0.6)
        return left, cut(right, room - width(left) - 4)
    right = cut(right, room * 0.6)
    return cut(left, room - width(right) - 4), right


def line_is_cut(step: StepReport) -> bool:
    """Whether a line of the step stands shortened in the proof."""
    return any(r"\cdots" in line.left + line.right for line in displayed(step, 1))


def _hidden(line: DisplayedLine) -> bool:
    return line.left.endswith(r"\cdots") and line.right.endswith(r"\cdots}")


def _elsewhere(step: StepReport, number: int, label: str) -> ProofPart:
    # Both sides are wider than a line: the name here, the formula in the appendix.
    see = rf"\ntpsee{{ev:{identifier(label)}}}{{Appendix}}{{the evidence file}}"
    rules = ", ".join(dict.fromkeys(line.rule for line in step.lines))
    return ProofPart(number=Tex(str(number)), name=typeset(step.name), result=Tex(f"printed in full in {see}; rules: {escape(rules)}"))


def _typed(step: StepReport, number: int) -> ProofPart:
    grade = step_grade(step.verdict)
    outcome = "" if step.verdict.holds else f"{step.verdict.outcome.value}, "
    scope = f", {step.verdict.scope}" if step.verdict.scope else ""
    result = Tex(rf"typed; {outcome}{escape(step.by)}: {grade or 'no grade'}{escape(scope)}")
    return ProofPart(number=Tex(str(number)), name=typeset(step.name), formula=formula(step.latex), result=result)
