r"""`write_latex`: one file per statement, a document that reads them all, and what both need.

    main.tex  statements/<id>.tex  ntpproofs.sty  references.bib  manifest.json  Makefile

Everything comes from reports; texts, deviations and dropped assumptions, which reports do not carry, from the statements.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from ... import __version__
from ...checking.reports import ClaimReport, MutantReport, StatementReport, StepReport, Witness
from ...language.files import write_atomically
from ...language.statements import Statement
from ...language.verdicts import Evidence
from ..instances import instance_latex
from ..status import Status, statuses
from ..wording import COUNTS, Badge, Finding, badges, findings, is_fine, readable, shorten, stands, step_grade
from .bibliography import bibitems, bibtex
from .escaping import Tex, code, detail, escape, formula, prose

# Kind to environment and printed name; anything else is printed as a proposition.
KINDS = ("theorem", "lemma", "proposition", "definition", "conjecture", "erratum")
# Longest witness quoted in full; the JSON report has all of it.
WITNESS = 420
# Findings quoted in one box, which does not break across pages.
FINDINGS = 12
# Characters per line of the widest column of the mutant table, and lines of a table that surely fit on what is left of a page.
WIDTH, LINES = 46, 30


@dataclass(frozen=True)
class _Row:
    # A row of a table and how many lines it takes at most.
    cells: tuple[Tex, ...]
    lines: int


@dataclass(frozen=True)
class _Page:
    # What the template of one statement needs.
    report: StatementReport
    status: Status
    id: Tex
    environment: str
    setup: Tex
    citation: str
    deviation: str
    badges: tuple[Badge, Badge]
    found: tuple[Finding, ...]
    claims: tuple[tuple[_Row, ...], ...]
    mutants: tuple[tuple[_Row, ...], ...]
    counterexamples: tuple[Tex, ...]
    rejected: Mapping[str, int]


def write_latex(
    reports: Mapping[str, StatementReport],
    statements: Mapping[str, Statement],
    directory: Path,
    *,
    seed: int | None = None,
    profile: str | None = None,
) -> list[Path]:
    """Write the document of `reports` into a directory and return the files written, in alphabetical order.

    Law: equal arguments give equal bytes. Raises `InvalidInput` if the directory cannot be written.
    """
    graded = statuses(reports)
    kinds = {label: entry.kind for label, entry in statements.items()} | {label: entry.kind for label, entry in reports.items()}
    environment = _environment(kinds)
    pages = [_page(report, graded[label], statements.get(label)) for label, report in reports.items()]
    keys = sorted({page.citation for page in pages if page.citation})
    statement = environment.get_template("statement.tex.j2")
    files = {f"statements/{page.id}.tex": statement.render(page=page) for page in pages}
    files |= {
        "main.tex": environment.get_template("main.tex.j2").render(
            pages=pages,
            table=_chunks([_status_row(page) for page in pages]),
            urgent=[found for page in pages for found in page.found],
            references=bibitems(keys),
            version=__version__,
            seed=seed,
            profile=profile,
        ),
        "ntpproofs.sty": _source("ntpproofs.sty", environment),
        "Makefile": _source("Makefile", environment),
        "references.bib": bibtex(keys),
    }
    files["manifest.json"] = _manifest(pages, files, seed, profile)
    return _write(directory, files)


def identifier(label: str) -> Tex:
    r"""A label as file name and as `\label`: itself if it is plain, else with a digest that keeps it unique.

    >>> identifier("linear-ntp.bias"), identifier("a_b")
    ('linear-ntp.bias', 'a-b-648fa9')
    """
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", label).strip("-.")[:60]
    return Tex(plain if plain and plain == label else f"{plain or 'x'}-{_digest(label)[:6]}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _environment(kinds: Mapping[str, str]) -> Environment:
    # Every value is escaped unless it is Tex; delimiters that LaTeX does not use.
    environment = Environment(
        loader=PackageLoader("ntpproofs.rendering.documents"),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        finalize=lambda value: escape(value) if isinstance(value, str) else value,
    )

    def reference(label: str) -> Tex:
        name = _environment_of(kinds[label]).capitalize() if label in kinds else ""
        return Tex(rf"\ntpref{{thm:{identifier(label)}}}{{{name}}}{{{code(label)}}}")

    environment.filters |= {"formula": formula, "code": code, "detail": _detail, "prose": prose, "ref": reference, "id": identifier, "tex": Tex}
    environment.globals |= {"badge": _badge, "is_fine": is_fine, "mark": _mark, "result": _result, "most": FINDINGS}
    return environment


def _source(name: str, environment: Environment) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _page(report: StatementReport, status: Status, statement: Statement | None) -> _Page:
    source = statement.source if statement is not None else None
    dropped = {entry.name: entry.without.name for entry in statement.mutants if entry.without} if statement is not None else {}
    numbers = {claim.name: f"C{i}" for i, claim in enumerate(report.claims, 1)}
    assumed = {name: f"H{i}" for i, (name, _, _) in enumerate(report.assumptions, 1)}
    witnesses = [(numbers[claim.name], claim.witness) for claim in report.claims if claim.witness is not None]
    return _Page(
        report=report,
        status=status,
        id=identifier(report.label),
        environment=_environment_of(report.kind),
        setup=prose(statement.setup) if statement is not None and statement.setup else Tex(r"\leavevmode"),
        citation=source.key if source is not None and source.key != "derived" else "",
        deviation=source.deviation if source is not None else "",
        badges=badges(report, status),
        found=findings(report),
        claims=_chunks([_claim_row(report, claim, numbers) for claim in report.claims]),
        mutants=_chunks([_mutant_row(mutant, numbers, assumed, dropped) for mutant in sorted(report.mutants, key=lambda m: m.killed)]),
        counterexamples=tuple(Tex(f"{name}: {_witness(witness)[0]}") for name, witness in witnesses),
        rejected=report.claims[0].rejected if report.claims else {},
    )


def _environment_of(kind: str) -> str:
    return kind if kind in KINDS else "proposition"


def _claim_row(report: StatementReport, claim: ClaimReport, numbers: Mapping[str, str]) -> _Row:
    name = _ragged(f"{numbers[claim.name]} {code(claim.name)}")
    outcome = Tex(f"{_mark(is_fine(report, claim))} {claim.verdict.outcome.value}")
    counts = [Tex(str(claim.instances.get(count, 0))) for count in COUNTS]
    return _Row((name, outcome, _grade(claim.verdict.evidence), *counts), 1 + len(claim.name) // 24)


def _mutant_row(mutant: MutantReport, numbers: Mapping[str, str], assumed: Mapping[str, str], dropped: Mapping[str, str]) -> _Row:
    without = dropped.get(mutant.name)
    origin = f"of {numbers.get(mutant.of, mutant.of)}" + (f", without {assumed.get(without, without)}" if without else "")
    said = f"{formula(mutant.latex)} " if mutant.latex else ""
    name = _ragged(f"{said}{code(mutant.name)} ({escape(origin)})")
    fate = Tex(f"{_mark(mutant.killed)} {'killed' if mutant.killed else 'survived'}")
    shown, lines = (_detail(mutant.detail), 1 + len(mutant.detail) // WIDTH) if mutant.witness is None else _witness(mutant.witness)
    return _Row((name, fate, _grade(mutant.evidence), _ragged(shown)), max(lines, 2 + (len(mutant.latex) + len(mutant.name)) // 26))


def _witness(witness: Witness) -> tuple[Tex, int]:
    # The instance as matrices where it is small, the failing relation, and how many lines that takes.
    formulas = instance_latex(witness.instance)
    heights = [2 + latex.count(r"\\") for latex in formulas]
    instance = r";\enspace ".join(f"${latex}$" for latex in formulas) if formulas else code(shorten(witness.text, WITNESS))
    lines = sum(heights) if formulas else 1 + min(len(witness.text), WITNESS) // WIDTH
    minimal = " (locally minimal)" if witness.locally_minimal else ""
    return Tex(rf"{instance}\newline {_detail(witness.detail)}{minimal}"), lines + 1 + len(_readable(witness.detail)) // WIDTH


def _status_row(page: _Page) -> _Row:
    report = page.report
    name = _ragged(rf"\ntpref{{thm:{page.id}}}{{{page.environment.capitalize()}}}{{}} {code(report.label)}")
    status = Tex(f"{_mark(stands(report, page.status))} {page.status.outcome.value}")
    grades = [Tex(f"{_symbol(badge)} {escape(badge.word)}") for badge in page.badges]
    return _Row((name, _ragged(escape(report.title)), status, *grades), 1 + max((len(report.label) + 14) // 28, len(report.title) // 34))


def _ragged(latex: str) -> Tex:
    return Tex(rf"\raggedright {latex}")


def _chunks(rows: Iterable[_Row]) -> tuple[tuple[_Row, ...], ...]:
    # A tabular does not break across pages, so a long one becomes several.
    chunks: list[list[_Row]] = []
    used = LINES
    for row in rows:
        if used + row.lines > LINES:
            chunks.append([])
            used = 0
        chunks[-1].append(row)
        used += row.lines
    return tuple(map(tuple, chunks))


def _readable(text: str) -> str:
    return shorten(readable(text))


def _detail(text: str) -> Tex:
    return detail(_readable(text))


def _mark(fine: bool) -> Tex:
    return Tex(r"\ntpgood{}" if fine else r"\ntpbad{}")


def _symbol(badge: Badge) -> Tex:
    if badge.outcome is None:
        return Tex(r"\ntpnone{}")
    return Tex({"holds": r"\ntpgood{}", "refuted": r"\ntpbad{}", "vacuous": r"\ntpvoid{}"}.get(badge.outcome.value, r"\ntpopen{}"))


def _badge(badge: Badge) -> Tex:
    beside = f"itself {badge.own}" if badge.own else badge.scope
    return Tex(rf"\ntpbadge{{{badge.axis}}}{{{_symbol(badge)}}}{{{escape(badge.word)}}}{{{escape(beside)}}}")


def _grade(evidence: Evidence | None) -> Tex:
    return Tex("--" if evidence is None else evidence.word)


def _result(report: StatementReport, step: StepReport) -> Tex:
    grade = "" if step.verdict.evidence is None else f", {step_grade(step.verdict)}"
    return Tex(f"{_mark(is_fine(report, step))} {step.verdict.outcome.value}{grade}")


def _manifest(pages: Iterable[_Page], files: Mapping[str, str], seed: int | None, profile: str | None) -> str:
    entries = [
        {
            "id": page.id,
            "label": page.report.label,
            "kind": page.report.kind,
            "file": f"statements/{page.id}.tex",
            "status": page.status.outcome.value,
            "as_expected": page.report.as_expected,
            "proof": page.badges[0].word,
            "evidence": page.badges[1].word,
        }
        for page in pages
    ]
    hashes = {name: _digest(content) for name, content in sorted(files.items())}
    record = {"format": 1, "version": __version__, "seed": seed, "profile": profile, "statements": entries, "sha256": hashes}
    return json.dumps(record, indent=2) + "\n"


def _write(directory: Path, files: Mapping[str, str]) -> list[Path]:
    return list(_written(directory, files))


def _written(directory: Path, files: Mapping[str, str]) -> Iterator[Path]:
    for name in sorted(files):
        path = directory / name
        write_atomically(path, files[name])
        yield path
