r"""The appendix: what was tried on instances, counterexamples as matrices, false variants, and proof lines in full."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...checking.reports import ClaimReport, MutantReport, StatementReport, Witness
from ...language.statements import Statement
from ...language.verdicts import Evidence
from ...symbolic.line import Line
from ..instances import instance_latex
from ..wording import COUNTS, is_fine, readable, shorten
from .escaping import Tex, escape, formula, is_sound
from .mathematics import closing, typeset
from .names import words
from .pages import assumption_id, displayed, line_is_cut, shown_steps
from .values import detail_latex, roomy, value_latex
from .widths import broken, width

# Characters of an instance that is quoted in a row.
PLAIN = 200
# Room of a row of the appendix, in characters.
FULL = 72.0


@dataclass(frozen=True)
class FullLine:
    """A proof line without cuts: rows, where one is not enough."""

    number: Tex
    formula: Tex
    more: tuple[Tex, ...] = ()


@dataclass(frozen=True)
class EvidencePage:
    """The tables of one statement."""

    lines: tuple[FullLine, ...]
    claims: tuple[tuple[Tex, ...], ...]
    rejected: Tex
    counterexamples: tuple[Tex, ...]
    mutants: tuple[tuple[Tex, ...], ...]


def evidence_page(report: StatementReport, statement: Statement | None) -> EvidencePage:
    """The evidence of a statement; mutants that survive come first."""
    dropped = {entry.name: entry.without.name for entry in statement.mutants if entry.without} if statement is not None else {}
    numbers = {claim.name: f"C{i}" for i, claim in enumerate(report.claims, 1)}
    rejected = report.claims[0].rejected if report.claims else {}
    shown = [claim for claim in report.claims if claim.witness is not None]
    return EvidencePage(
        lines=tuple(_full_lines(report, statement)),
        claims=tuple(_claim_row(report, claim, numbers) for claim in report.claims),
        rejected=Tex("; ".join(rf"{_assumption(report, name)}: {count}" for name, count in sorted(rejected.items()))),
        counterexamples=tuple(Tex(f"Counterexample to {numbers[claim.name]}: {witness(claim.witness)}") for claim in shown if claim.witness),
        mutants=tuple(_mutant_row(report, mutant, numbers, dropped) for mutant in sorted(report.mutants, key=lambda mutant: mutant.killed)),
    )


def _full_lines(report: StatementReport, statement: Statement | None) -> list[FullLine]:
    found, shown = [], shown_steps(report, statement)
    for number, step in enumerate(report.steps, 1):
        if number <= shown and not line_is_cut(step):
            continue
        pairs = zip(displayed(step, number), step.lines, strict=True)
        found += [_full_line(short.number, line) for short, line in pairs if number > shown or r"\cdots" in short.left + short.right]
        if not step.lines:
            said = rf"\text{{{typeset(step.name)}}}" + (rf":\ {step.latex}" if is_sound(step.latex) and step.latex.isascii() else "")
            found.append(FullLine(Tex(str(number)), Tex(rf"{said}\ \text{{(typed; {escape(step.by)})}}")))
    return found


def _full_line(number: Tex, line: Line) -> FullLine:
    where = [rf"({line.where})"] if line.where else []
    if width(line.latex) + width("".join(where)) <= FULL:
        return FullLine(number, Tex(r"\quad ".join([line.latex, *where])))
    if width(line.latex) <= FULL:
        rows = [line.latex]
    else:
        first, *others = broken(line.right, FULL - 6)
        rows = [*broken(line.left, FULL - 6), f"{line.sign}{{}} {first}", *others]
    return FullLine(number, Tex(rows[0]), tuple(Tex(row) for row in (*rows[1:], *where)))


def _assumption(report: StatementReport, name: str) -> Tex:
    latex = next((latex for known, latex, _ in report.assumptions if known == name), "")
    return Tex(rf"\ntpassumption{{{assumption_id(name)}}}{{{formula(latex) if latex else words(name)}}}")


def _claim_row(report: StatementReport, claim: ClaimReport, numbers: Mapping[str, str]) -> tuple[Tex, ...]:
    announced = ", announced as refuted" if claim.expected == "refuted" else ""
    said = formula(claim.latex) if claim.latex else words(claim.name)
    name = Tex(rf"{numbers[claim.name]} & \ntpcell {said}{announced}")
    result = Tex(rf"\ntpcell {mark(is_fine(report, claim))} {claim.verdict.outcome.value}{grade(claim.verdict.evidence)}")
    return (name, result, *(Tex(str(claim.instances.get(count, 0))) for count in COUNTS))


def _mutant_row(report: StatementReport, mutant: MutantReport, numbers: Mapping[str, str], dropped: Mapping[str, str]) -> tuple[Tex, ...]:
    without = dropped.get(mutant.name)
    origin = f"of {numbers.get(mutant.of, escape(mutant.of))}" + (f", without {_assumption(report, without)}" if without else "")
    said = formula(mutant.latex) if mutant.latex else words(re.sub(r" without .*", "", mutant.name)) if not without else Tex("the claim")
    fate = Tex(rf"\ntpcell {mark(mutant.killed)} {'refuted' if mutant.killed else 'survived'}{grade(mutant.evidence)}")
    if mutant.witness is None:
        shown = detail(mutant.detail, mutant.killed)
    else:
        shown = witness(mutant.witness)
    return Tex(rf"\ntpcell {said} ({origin})"), fate, Tex(rf"\ntpcell {shown}")


def witness(found: Witness) -> Tex:
    """A counterexample: the instance as matrices where its kind is known and it is small, then the violated relation."""
    instance = matrices(found.instance) or plain(found.text)
    minimal = " Nothing can be left out." if found.locally_minimal else ""
    return Tex(f"{instance}{' ' if instance else ''}{detail(found.detail, True)}.{minimal}")


def matrices(instance: object) -> Tex:
    """An instance as formulas; empty for a kind without a picture."""
    formulas = [fractions_displayed(latex) for latex in instance_latex(instance)]
    return Tex(", ".join(f"${latex}$" for latex in formulas) + (":" if formulas else ""))


def plain(text: str) -> Tex:
    r"""An instance of a kind without a picture, from the text of its fields; empty where that is long or says nothing.

    >>> plain("Toy(arms=2, gain=Fraction(4, 1), start=Fraction(3, 100))")
    'arms $2$, gain $4$, start $\\tfrac{3}{100}$:'
    >>> plain("3/2"), plain("Mix(law='iid', size=2)")
    ('at $\\tfrac{3}{2}$:', 'law iid, size $2$:')
    >>> plain("((0, 0, 1), (1, 0, 0))"), plain("None"), plain("Law(" + "Table(1), " * 40 + ")")
    ('$\\begin{pmatrix}0&0&1\\\\1&0&0\\end{pmatrix}$:', '', '')
    """
    said = re.sub(r"'([\w -]*)'", r"\1", _unwrapped(readable(text))).translate(str.maketrans("[]", "()"))
    fields = re.split(r", (?=[a-z_]+[= ])", said)
    if said == "None" or len(said) > PLAIN or re.search(r"\b[A-Z]\w+\(|<", said):
        return Tex("")
    bare = "at " if re.fullmatch(r"-?[\d./]+", said) else ""
    return Tex(bare + ", ".join(_field(field) for field in fields) + ":")


def _unwrapped(text: str) -> str:
    # Name(field=..., ...) without its name and parentheses.
    while (found := re.search(r"\b[A-Z]\w*\((?=[a-z_]+=)", text)) is not None:
        end = closing(text, found.end()) or len(text)
        text = text[: found.start()] + text[found.end() : end - 1] + text[end:]
    return text


def _field(field: str) -> str:
    worded = field[:1].isalpha() and "(" not in field
    name, mark, value = field.rpartition("=") if "=" in field else field.rpartition(" ") if worded else ("", "", field)
    found = value_latex(value)
    said = f"${found}$" if found else typeset(value)
    return f"{typeset(name.replace('_', ' ').replace('=', ' '))}{' ' if mark else ''}{said}"


def fractions_displayed(latex: str) -> str:
    r"""The rationals in a matrix as fractions, with room between its rows.

    >>> fractions_displayed(r"\begin{pmatrix}-1/2\\3\end{pmatrix}")
    '\\begin{pmatrix}-\\tfrac{1}{2}\\\\[2pt]3\\end{pmatrix}'
    """
    pieces = re.split(r"(\\text\{[^{}]*\})", latex)
    shown = (re.sub(r"(?<![\w.])(\d+)/(\d+)(?![\w{])", r"\\tfrac{\1}{\2}", piece) for piece in pieces[::2])
    quoted = [re.sub(r"'([^']*)'", r"\1", piece) for piece in pieces[1::2]] + [""]
    return roomy("".join(part for pair in zip(shown, quoted, strict=True) for part in pair))


def detail(text: str, violated: bool) -> Tex:
    """A detail line as mathematics."""
    return detail_latex(shorten(readable(text), 700), violated)


def mark(fine: bool) -> Tex:
    """The mark of a result."""
    return Tex(r"\ntpgood{}" if fine else r"\ntpbad{}")


def grade(evidence: Evidence | None) -> str:
    """The grade behind a result."""
    return "" if evidence is None else f", {evidence.word}"
