"""Findings about conjectures for the terminal: Rich renderables, returned and never printed."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from ..language.verdicts import Outcome
from ..search.findings import ClaimFinding, ConjectureFinding, Counterexample, TypesFinding
from ..search.suggesting import Suggestion
from .counterexamples import latex_of, pytest_of, replay_of
from .instances import instance_lines
from .unicode_math import unicode_math
from .verbatim import Verbatim
from .wording import readable, shorten

if TYPE_CHECKING:
    from rich.console import RenderableType

PHASES = {
    "examples": "given",
    "enumeration": "enumerated",
    "random": "drawn",
    "generated": "drawn to satisfy the assumptions",
    "habits": "drawn with habits",
    "listed": "listed",
    "corpus": "that refuted before",
    "programme": "solved for",
    "steered": "steered",
    "walk": "next to near misses",
}


def check_view(finding: ConjectureFinding, certificates: Mapping[tuple[str, str], str] | None = None) -> Iterator[RenderableType]:
    """One statement: what was searched, each claim with its counterexample or its survival, suggested assumptions."""
    yield Text.assemble((finding.label, "bold"), "" if finding.title == finding.label else f"  {finding.title}")
    if finding.assumptions:
        yield _indented(Text(f"assuming {', '.join(finding.assumptions)}", style="dim"))
    yield _indented(Text(searched(finding), style="dim"))
    if finding.types.seen > 1:
        yield _indented(Text(_types(finding.types), style="dim"))
    for note in (*finding.notes, *finding.failures):
        yield _indented(Text(note, style="yellow"))
    for claim in finding.claims:
        yield from _claim(finding, claim, certificates or {})
    for part in finding.proof:
        style = "green" if part.good else "bold red"
        yield _indented(Text.assemble(f"{part.part} {part.name}: ", (part.found, style), "" if part.good else f"  {shorten(readable(part.detail))}"))
    yield from _suggested(finding.suggestions)
    for entry in finding.tried:
        yield Text("")
        yield Text("with the suggestion added:", style="dim")
        yield from check_view(entry, certificates)


def _number(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _indented(part: RenderableType, by: int = 2) -> Padding:
    return Padding(part, (0, 0, 0, by), expand=False)


def searched(finding: ConjectureFinding) -> str:
    """What was examined, in one line."""
    counts = [f"{count:,} {PHASES.get(phase, phase)}" for phase, count in finding.phases.items()]
    extra = [f"{count:,} {word}" for count, word in ((finding.duplicates, "repeated"), (finding.undecided, "undecided")) if count]
    rejected = [f"{count:,} rejected by {name}" for name, count in finding.rejected.items()]
    clock = ["ended by the clock"] if finding.ended_by_clock else []
    total = _number(sum(finding.phases.values()), "distinct instance")
    return ", ".join([total, *counts, *rejected, *extra, *clock])


def _types(types: TypesFinding) -> str:
    # How many combinatorial types, and whether their number still grows: by the last doubling, and by the estimate for the next instance.
    before = [(instances, seen) for instances, seen in types.growth if 2 * instances <= types.looked]
    grown = f", {before[-1][1]:,} after the first {before[-1][0]:,} instances" if before else ""
    if types.unseen is None:
        return f"{types.seen:,} combinatorial types{grown}"
    share = 100 * types.unseen
    percent = "100" if share >= 99.5 else f"{share:.2g}"
    return f"{types.seen:,} combinatorial types{grown}; about {percent} % of further instances would be of a new one"


def _claim(finding: ConjectureFinding, claim: ClaimFinding, certificates: Mapping[tuple[str, str], str]) -> Iterator[RenderableType]:
    verdict, example = claim.verdict, claim.counterexample
    if verdict.outcome is Outcome.REFUTED and example is not None:
        word, style = ("OBSERVED", "bold yellow") if example.observed else ("REFUTED", "bold red")
        what = "a violation in floats, seen again at higher precision; no disproof" if example.observed else f"{example.evidence.word}"
        yield _indented(Text.assemble((word, style), f"  {claim.name}  ({what}; {verdict.scope})"))
        if claim.latex:
            yield _indented(Text(unicode_math(claim.latex), style="dim"), 4)
        yield from _example(example, certificates.get((finding.label, claim.name)))
        return
    if verdict.outcome is Outcome.HOLDS:
        grade = "" if verdict.evidence is None else f", {verdict.evidence.word}"
        scope = "1 instance" if verdict.scope == "1 instances" else verdict.scope
        yield _indented(Text.assemble(("not refuted", "green"), f"  {claim.name}  on {scope}{grade}"))
        yield from (_indented(Text(line, style="dim"), 4) for line in survival(claim))
        return
    yield _indented(Text.assemble((verdict.outcome.value, "bold yellow"), f"  {claim.name}  {verdict.scope}: {shorten(readable(verdict.detail))}"))


def survival(claim: ClaimFinding) -> Iterator[str]:
    """How a claim that was not refuted came out of the search, line by line."""
    if claim.bound is not None:
        share = f"{100 * claim.bound:.2g} %"
        yield f"none of {claim.draws:,} independent draws refutes it: under this strategy it fails with frequency below {share} (95 % confidence)"
    if claim.equalities:
        yield f"equality on {_number(claim.equalities, 'instance')}, the smallest: {shorten(claim.equality, 160)}"
    for entry in claim.near_misses[:2]:
        yield f"near miss, slack {entry.slack:.4g}: {shorten(readable(entry.detail), 120)} on {shorten(entry.text, 160)}"
    for kind, detail in claim.errors.items():
        yield f"left open ({kind}): {shorten(detail, 200)}"


def _example(example: Counterexample, certificate: str | None) -> Iterator[RenderableType]:
    minimal = "locally minimal counterexample" if example.locally_minimal else "counterexample"
    tried = f" ({_number(example.starts, 'start')}, {_number(example.tried, 'simplification')} tried)" if example.tried else ""
    yield _indented(Text(f"{minimal}{tried}"), 4)
    yield from (_indented(Text(line), 6) for line in instance_lines(example.instance, example.text))
    sides = "both sides in floats" if example.observed else "both sides exact" if example.evidence.word == "certified" else "both sides enclosed"
    yield _indented(Text.assemble("fails: ", (shorten(readable(example.detail)), "bold"), (f"   {sides}", "dim")), 4)
    if example.failed:
        lost = ", ".join(f"{name} ({count})" for name, count in example.failed.items())
        yield _indented(Text(f"every simplification loses it: {lost}", style="dim"), 4)
    if not example.within_strategy and example.found != example.text:
        yield _indented(Text(f"shrunk within the assumptions, from {shorten(example.found, 200)}", style="dim"), 4)
    if certificate:
        yield _indented(Text(f"certificate: {certificate}"), 4)


def take_away(findings: Iterable[ConjectureFinding], certificates: Mapping[tuple[str, str], str] | None = None) -> Iterator[RenderableType]:
    """Every counterexample as lines to paste: the commands that replay and recheck it, a test, a LaTeX example.

    Law: printed without cropping, every command is one line whatever the width of the terminal.
    """
    for finding in findings:
        for example in finding.counterexamples:
            certificate = (certificates or {}).get((finding.label, example.claim))
            replay, test = replay_of(example), pytest_of(example)
            commands = [replay] if replay else []
            commands += [f"ntpproofs recheck {shlex.quote(certificate)}"] if certificate else []
            yield Text(f"\n# {finding.label}, {example.claim}: replay, test, LaTeX", style="bold")
            yield from map(Verbatim, commands)
            if test:
                yield Verbatim("\n" + test, "python")
            yield Verbatim("\n" + latex_of(example), "latex")
        yield from take_away(finding.tried, certificates)


def _suggested(suggestions: Sequence[Suggestion]) -> Iterator[RenderableType]:
    if not suggestions:
        return
    best = suggestions[0]
    share = f"excludes every counterexample found, {best.kept} of {best.survivors} surviving instances satisfy it"
    yield _indented(Text.assemble("try adding: ", (" and ".join(best.names), "bold"), f"  ({share})"))
    for entry in suggestions[1:4]:
        how = "; decided from the solution, so it may restate the claim" if entry.derived else ""
        yield _indented(Text(f"or {' and '.join(entry.names)}  ({entry.kept} of {entry.survivors}{how})", style="dim"))
