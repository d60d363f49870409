"""One offline HTML file of a search: every conjecture, folded, with its counterexamples or how it survived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..language.verdicts import Outcome, meet_outcomes
from ..search.findings import ClaimFinding, ConjectureFinding, Counterexample
from .bars_svg import stacked_svg
from .check_text import PHASES, searched, survival
from .counterexamples import latex_of, pytest_of, replay_of
from .html_parts import anchor, environment
from .instances import instance_latex
from .mathml import to_mathml
from .runs import Run
from .wording import readable, shorten

Certificates = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class _Example:
    # A counterexample as the template shows it.
    formulas: tuple[Markup, ...]
    text: str
    detail: str
    how: str
    commands: tuple[str, ...]
    pytest: str
    latex: str


@dataclass(frozen=True)
class _Section:
    # A conjecture; `tried` are the same with suggested assumptions added.
    finding: ConjectureFinding
    id: str
    outcome: Outcome
    fine: bool
    searched: str
    claims: tuple[tuple[ClaimFinding, _Example | None, tuple[str, ...]], ...]


def render_check_html(findings: Sequence[ConjectureFinding], run: Run, certificates: Certificates | None = None) -> str:
    """The HTML document of `check --report`.

    Law: equal arguments give equal bytes, and nothing in the file is loaded from elsewhere.
    """
    entries = [entry for finding in findings for entry in _with_tried(finding)]
    sections = [_section(entry, number, certificates or {}) for number, entry in enumerate(entries)]
    rows = {entry.label: {PHASES.get(phase, phase): count for phase, count in entry.phases.items()} for entry in entries}
    return (
        environment()
        .get_template("check.html.j2")
        .render(
            sections=sections,
            run=run,
            kinds=sorted({entry.kind for entry in entries}),
            outcomes={outcome: sum(section.outcome is outcome for section in sections) for outcome in Outcome},
            bars=stacked_svg(rows, list(PHASES.values()), "Distinct instances examined, by where they came from") if rows else "",
        )
    )


def _with_tried(finding: ConjectureFinding) -> Iterator[ConjectureFinding]:
    yield finding
    for entry in finding.tried:
        yield from _with_tried(entry)


def _section(finding: ConjectureFinding, number: int, certificates: Certificates) -> _Section:
    outcome = meet_outcomes(claim.verdict.outcome for claim in finding.claims)
    wanted = {"refuted": Outcome.REFUTED, "holds": Outcome.HOLDS}.get(finding.expected or "", outcome)
    fine = outcome is wanted and not finding.failures and all(part.good for part in finding.proof)
    claims = [
        (claim, _example(claim.counterexample, certificates.get((finding.label, claim.name))), tuple(survival(claim))) for claim in finding.claims
    ]
    return _Section(finding, f"{anchor(finding.label)}-{number}", outcome, fine, searched(finding), tuple(claims))


def _example(example: Counterexample | None, certificate: str | None) -> _Example | None:
    if example is None:
        return None
    sides = "both sides in floats" if example.observed else "both sides exact" if example.evidence.word == "certified" else "both sides enclosed"
    minimal = ", locally minimal" if example.locally_minimal else ""
    replay, test = replay_of(example), pytest_of(example)
    return _Example(
        formulas=tuple(Markup(to_mathml(latex)) for latex in instance_latex(example.instance)),
        text=shorten(example.text, 2_000),
        detail=shorten(readable(example.detail), 600),
        how=f"{example.evidence.word}{minimal}; {sides}",
        commands=tuple(filter(None, (replay, f"ntpproofs recheck {certificate}" if certificate else ""))),
        pytest=test or "",
        latex=latex_of(example),
    )
