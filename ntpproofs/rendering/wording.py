"""What every rendering says in words: badges, things that are not as they must be, and numbers short enough to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ..checking.clauses import Proof
from ..checking.reports import ClaimReport, MutantReport, StatementReport, StepReport
from ..language.verdicts import Outcome, Verdict, meet_outcomes
from .status import Status

COUNTS = ("satisfied", "not_exercised", "rejected", "duplicate", "degenerate", "undecided")


@dataclass(frozen=True)
class Badge:
    """One of the two axes of a statement, which are never merged: `axis` is "proof" or "evidence".

    `word` is what holds with all ancestors, `own` the same for the statement alone ("" where they agree); `outcome` is HOLDS
    where everything is established, REFUTED or open where the statement itself is, None where nothing was checked.
    """

    axis: str
    word: str
    outcome: Outcome | None
    own: str = ""
    scope: str = ""


def badges(report: StatementReport, status: Status) -> tuple[Badge, Badge]:
    """Both axes of a statement."""
    return proof_badge(status.proof), evidence_badge(report, status)


def proof_badge(proof: Proof) -> Badge:
    """Clauses established, of all, and the weakest support.

    >>> from ntpproofs.checking.clauses import Support
    >>> proof_badge(Proof((Support.PROVED, Support.ARGUED), (Support.PROVED, Support.PROVED)))
    Badge(axis='proof', word='1/2 argued', outcome=None, own='2/2 proved', scope='2 clauses')
    """
    if not proof.supports:
        return Badge("proof", "no clauses", None)
    own = Proof(proof.own, proof.own)
    complete = proof.established == len(proof.supports)
    return Badge("proof", proof.badge, Outcome.HOLDS if complete else None, own.badge if own.badge != proof.badge else "",
                 _plural(len(proof.supports), "clause"))  # fmt: skip


def evidence_badge(report: StatementReport, status: Status) -> Badge:
    """The axis of the claims on instances; the scope is the smallest number of instances a claim was exercised on."""
    if not report.claims:
        return Badge("evidence", "not run", None)
    outcome = meet_outcomes(claim.outcome for claim in report.claims)
    own = report.evidence.word if outcome is Outcome.HOLDS and report.evidence is not None else outcome.value
    tried = _plural(min(claim.instances.get("satisfied", 0) for claim in report.claims), "instance")
    if outcome is not Outcome.HOLDS:
        return Badge("evidence", own, outcome, "", tried)
    word = "incomplete" if status.evidence is None else status.evidence.word
    return Badge("evidence", word, outcome, own if own != word else "", tried)


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


@dataclass(frozen=True)
class Finding:
    """A claim, step or mutant that is not as it must be (or, for a conjecture, that did not hold)."""

    label: str
    part: str
    name: str
    found: str
    wanted: str
    detail: str


def findings(report: StatementReport) -> tuple[Finding, ...]:
    """Everything a reader must see first, in the order defects, survivors, claims, steps.

    Law: some finding has something `wanted` exactly when the statement is not as expected. What an open conjecture does not
    satisfy is a finding with nothing wanted.
    """
    defects = [Finding(report.label, part, name, "defect", "a verdict", why) for part, name, why in report.defects]
    known = {(entry.part, entry.name) for entry in defects}
    unmet = [entry for entry in (_unmet(report) if report.expected != "refuted" else ()) if (entry.part, entry.name) not in known]
    found = [*defects, *(entry for entry in _survivors(report) if (entry.part, entry.name) not in known), *unmet]
    if not report.as_expected and not any(entry.wanted for entry in found):
        found.append(Finding(report.label, "statement", report.label, report.outcome.value, report.expected or "", ""))
    return tuple(found)


def _survivors(report: StatementReport) -> Iterator[Finding]:
    for mutant in report.survivors:
        yield Finding(report.label, "mutant", mutant.name, "survived", "killed", mutant.detail)


def _unmet(report: StatementReport) -> Iterator[Finding]:
    for claim in report.claims:
        if not claim.as_expected:
            wanted = claim.expected if report.expected else ""
            yield Finding(report.label, "claim", claim.name, claim.verdict.outcome.value, wanted, claim.verdict.detail)
    for step in report.steps:
        if not step.verdict.holds:
            wanted = "holds" if report.expected else ""
            yield Finding(report.label, "step", step.name, step.verdict.outcome.value, wanted, step.verdict.detail)


def stands(report: StatementReport, status: Status) -> bool:
    """Whether a statement is as it must be and no ancestor makes it worse."""
    return not findings(report) and status.outcome is status.own


def is_fine(report: StatementReport, entry: ClaimReport | StepReport | MutantReport) -> bool:
    """Whether one claim, step or mutant is as it must be."""
    if isinstance(entry, MutantReport):
        return entry.killed
    part = "claim" if isinstance(entry, ClaimReport) else "step"
    return not any(found.part == part and found.name == entry.name for found in findings(report))


def counted(claim: ClaimReport) -> str:
    """The instances of a claim by what became of them; zero counts are left out, except that of the instances it was tried on."""
    shown = [f"{claim.instances.get(count, 0)} {count.replace('_', ' ')}" for count in COUNTS if claim.instances.get(count) or count == COUNTS[0]]
    return ", ".join(shown)


def step_grade(verdict: Verdict) -> str:
    """The grade of a step; "algebra" where expanding both sides settles it, which establishes nothing."""
    return "algebra" if verdict.algebra and verdict.holds else grade_word(verdict)


def grade_word(verdict: Verdict) -> str:
    """The grade in words; empty where there is none."""
    return "" if verdict.evidence is None else verdict.evidence.word


# Exact numbers with more digits than a reader can compare. JSON keeps them in full.
_LONG = re.compile(r"(?<![\w./])-?\d+(?:/\d+)?(?![\w./])")
_FRACTION = re.compile(r"Fraction\((-?\d{1,4000}), ([1-9]\d{0,3999})\)")
_DIGITS = 14
# Python converts no longer decimal strings to integers.
_CONVERTIBLE = 4_000


def readable(text: str) -> str:
    """Long integers and fractions of a detail line as decimals of ten digits, marked with ~; short ones are left exact, and
    Python's Fraction(1, 2) is written 1/2.

    >>> readable("5895288448088661/9007199254740992 <= 2/3")
    '~0.6545084972 <= 2/3'
    """

    def shorten(match: re.Match[str]) -> str:
        word = match.group()
        if sum(character.isdigit() for character in word) <= _DIGITS or len(word) > _CONVERTIBLE or word.endswith("/0"):
            return word
        return f"~{_decimal(Fraction(word))}"

    return _LONG.sub(shorten, _FRACTION.sub(lambda match: str(Fraction(int(match[1]), int(match[2]))), text))


def _decimal(x: Fraction) -> str:
    # Ten significant digits, also where the value is outside the range of floats.
    try:
        value = float(x)
    except OverflowError:
        value = 0.0
    if value or not x:
        return f"{value:.10g}"
    shift = len(str(abs(x.numerator))) - len(str(x.denominator))
    mantissa, _, exponent = f"{float(x / Fraction(10) ** shift):.9e}".partition("e")
    return f"{float(mantissa):.10g}e{shift + int(exponent)}"


def shorten(text: str, length: int = 360) -> str:
    """The text; after `length` characters it ends in an ellipsis.

    >>> shorten("abcdef", 3)
    'abc ...'
    """
    return text if len(text) <= length else text[:length].rstrip() + " ..."
