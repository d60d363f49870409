"""The checking loop: instances -> assumptions -> case -> claims and steps; mutants; minimised witnesses.

What one instance shows is the examiner's business (`examining`), what many amount to the summation's (`findings`); `check` for
conjecture files goes through the same two. Reports are plain frozen data; nothing is printed here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..errors import InvalidStatement
from ..language.frozen_statements import Instance
from ..language.statements import Assumption, Claim, Draft, Mutant, Statement, Step, as_statement
from ..language.verdicts import Outcome, Verdict
from .clauses import ClaimResult, ClauseReport, StepResult, clause_report
from .examining import Examined, Examiner, Tell
from .findings import Finding, Findings
from .instances import identity
from .laboratory import Laboratory
from .lines import proof_lines
from .processes import Mark
from .reports import ClaimReport, MutantReport, StatementReport, StepReport, Witness
from .shrinking import shrink


@dataclass(frozen=True)
class _Seen:
    # The distinct instances of one statement with what they showed.
    examined: tuple[tuple[Any, Examined], ...]
    duplicates: int

    @property
    def admitted(self) -> list[tuple[Any, Examined]]:
        return [(problem, found) for problem, found in self.examined if found.admitted]

    @property
    def rejected(self) -> Counter[str]:
        return Counter(found.failed for _, found in self.examined if found.failed is not None)

    @property
    def undecided(self) -> dict[str, str]:
        """Why assumptions could not be decided, by their names."""
        return {name: why for _, found in self.examined for name, why in found.undecided.items()}

    @property
    def broken(self) -> dict[str, str]:
        return {name: why for _, found in self.examined for name, why in found.broken.items()}


def _unique(problems: Iterable[Any]) -> Iterator[tuple[Any, bool]]:
    seen: set[Any] = set()
    for problem in problems:
        key = identity(problem)
        yield problem, key not in seen
        seen.add(key)


def _instances(laboratory: Laboratory, statement: Statement, source: Any, count: int) -> list[Any]:
    # Fixed examples first, then draws. A statement without any instance is about no problem: it is checked once, on None.
    problems = [*statement.examples, *laboratory.pool(source, count)]
    return problems if problems or source is not None else [None]


def _look(examiner: Examiner, problems: Iterable[Any]) -> _Seen:
    examined, duplicates = list[tuple[Any, Examined]](), 0
    for number, (problem, fresh) in enumerate(_unique(problems)):
        if fresh:
            examined.append((problem, examiner.examine(problem, str(number), steps=True)))
        else:
            duplicates += 1
    return _Seen(tuple(examined), duplicates)


def admissible(verdict: Verdict) -> bool:
    """Whether a refutation is a disproof: exact or enclosed, or about the limit or rate of a trajectory.

    >>> from ntpproofs import Evidence
    >>> admissible(Verdict(Outcome.REFUTED, Evidence.TESTED))
    False
    """
    return verdict.evidence is not None and (verdict.evidence.disproves or verdict.on_path)


def _claim_report(bench: _Bench, claim: Claim, seen: _Seen) -> ClaimReport:
    findings, worst, degenerate = Findings(), None, 0
    for problem, examined in seen.admitted:
        found = examined.claims[claim.name]
        findings.absorb(found)
        degenerate += examined.degenerate and found.outcome is not Outcome.VACUOUS
        if findings.strongest is found:
            worst = problem, found
    counts = {
        "satisfied": findings.decided + findings.open,
        "not_exercised": findings.not_exercised,
        "rejected": seen.rejected.total(),
        "duplicate": seen.duplicates,
        "degenerate": degenerate,
        "undecided": sum(bool(found.undecided) for _, found in seen.examined) + findings.open,
    }
    witness = None if worst is None else bench.witness(claim, None, *worst)
    return ClaimReport(
        claim.name, claim.latex, claim.expected, findings.verdict(seen.undecided), counts, dict(seen.rejected), witness, findings.defect
    )


def _step_report(bench: _Bench, step: Step, seen: _Seen) -> StepReport:
    findings = Findings()
    if not step.on_instances:
        compared: list[Any] = []

        def kept() -> Any:
            compared.append(step.function())
            return compared[-1]

        findings.absorb(bench.examiner.evaluate(replace(step, function=kept), None, "once"))
        verdict = findings.strongest.verdict if findings.strongest else findings.example.verdict if findings.example else findings.verdict()
        lines = proof_lines(compared[-1]) if verdict.holds else ()
        return StepReport(step.name, step.by, step.latex, replace(verdict, scope=step.scope), findings.defect, lines)
    for _, examined in seen.admitted:
        findings.absorb(examined.steps[step.name])
    verdict = findings.verdict(seen.undecided)
    scope = f"{step.scope}, {verdict.scope}" if step.scope else verdict.scope
    return StepReport(step.name, step.by, step.latex, replace(verdict, scope=scope), findings.defect)


@dataclass(frozen=True)
class _Bench:
    # Everything a check of one statement needs at hand.
    laboratory: Laboratory
    statement: Statement
    examiner: Examiner

    def witness(self, entry: Claim | Mutant, without: Assumption | None, problem: Instance, found: Finding) -> Witness:
        """The shrunk counterexample; its detail is that of the instance shown, which is evaluated again."""
        minimal = False
        if admissible(found.verdict) and not found.verdict.on_path:
            shrunk = shrink(problem, self._keeps(entry, without), self.laboratory.profile.shrinking_budget)
            minimal = shrunk.locally_minimal
            if shrunk.problem is not problem:
                problem = shrunk.problem
                found = self._evaluate(entry, problem, "witness")
        instance = problem.instance() if callable(getattr(problem, "instance", None)) else None
        return Witness(instance, repr(problem), found.verdict.detail, minimal)

    def _keeps(self, entry: Claim | Mutant, without: Assumption | None) -> Callable[[Any], bool]:
        # The property a witness must keep: right side of every assumption, refuted on admissible evidence.
        def keeps(problem: Instance) -> bool:
            if not self.examiner.admits(problem, "candidate", without):
                return False
            found = self._evaluate(entry, problem, "candidate")
            return found.outcome is Outcome.REFUTED and admissible(found.verdict)

        return keeps

    def _evaluate(self, entry: Claim | Mutant, problem: Instance, place: str) -> Finding:
        return self.examiner.evaluate(entry, self.examiner.case(problem), place, confirm=False)

    def mutant(self, mutant: Mutant) -> MutantReport:
        """Search for an instance that refutes a mutant on admissible evidence."""
        source = self.statement.instances if mutant.instances is None else mutant.instances
        problems = _instances(self.laboratory, self.statement, source, self.laboratory.profile.mutant_instances)
        findings = Findings()

        def report(killed: Finding | None, detail: str, witness: Witness | None) -> MutantReport:
            evidence, searched = None if killed is None else killed.verdict.evidence, findings.outcomes.total()
            return MutantReport(mutant.name, mutant.of, mutant.latex, killed is not None, evidence, detail, searched, witness, findings.defect)

        for number, (problem, fresh) in enumerate(_unique(problems)):
            if not fresh or not self.examiner.admits(problem, str(number), mutant.without):
                continue
            found = self._evaluate(mutant, problem, str(number))
            findings.absorb(found)
            if found.outcome is Outcome.REFUTED and admissible(found.verdict):
                return report(found, found.verdict.detail, self.witness(mutant, mutant.without, problem, found))
        said = ", ".join(sorted(f"{n} {outcome.value}" for outcome, n in findings.outcomes.items())) or "none admitted"
        return report(None, f"not refuted on {findings.outcomes.total()} instances ({said})", None)


def check_mutant(laboratory: Laboratory, statement: Statement, mutant: Mutant) -> MutantReport:
    """Search for an instance that refutes one mutant of a statement on admissible evidence."""
    return _bench(laboratory, statement).mutant(mutant)


def _bench(laboratory: Laboratory, statement: Statement, mark: Tell = lambda mark: None, avoid: Mapping[Mark, str] | None = None) -> _Bench:
    examiner = Examiner(statement, mark=mark, avoid=avoid, cases=lambda problem: laboratory.case(statement, problem))
    return _Bench(laboratory, statement, examiner)


def check(
    statement: Statement | Draft,
    laboratory: Laboratory | None = None,
    mark: Tell = lambda mark: None,
    avoid: Mapping[Mark, str] | None = None,
) -> StatementReport:
    """Check one statement (or a draft as it stands): its steps, its claims, its mutants, what establishes its clauses.

    `mark` is told before each evaluation what comes; `avoid` gives for marks the reason why they are not evaluated. Raises
    `InvalidStatement` for a statement with neither claims nor steps.
    """
    laboratory, statement = laboratory or Laboratory(), as_statement(statement)
    if not statement.claims and not statement.steps:
        raise InvalidStatement(statement.label, "has neither claims nor steps", "register at least one")
    bench = _bench(laboratory, statement, mark, avoid)
    seen = _look(bench.examiner, _instances(laboratory, statement, statement.instances, laboratory.profile.instances))
    claims = tuple(_claim_report(bench, claim, seen) for claim in statement.claims)
    steps = tuple(_step_report(bench, step, seen) for step in statement.steps)
    return StatementReport(
        label=statement.label,
        kind=statement.kind,
        title=statement.title,
        source=statement.source.text if statement.source else "",
        expected=statement.expected,
        uses=statement.uses,
        assumptions=tuple((entry.name, entry.latex, entry.method) for entry in statement.assumptions),
        claims=claims,
        steps=steps,
        mutants=tuple(bench.mutant(mutant) for mutant in statement.mutants),
        clauses=clause_reports(statement, claims, steps),
        broken=tuple(sorted(seen.broken.items())),
    )


def clause_reports(statement: Statement, claims: Iterable[ClaimReport], steps: Iterable[StepReport]) -> tuple[ClauseReport, ...]:
    """What establishes each clause, from the verdicts on its steps and claims."""
    tested = [ClaimResult(report.name, report.verdict, report.expected == "refuted") for report in claims]
    derived = [StepResult(step.names, report.verdict, not step.on_instances) for step, report in zip(statement.steps, steps, strict=True)]
    return tuple(clause_report(entry, derived, tested) for entry in statement.clauses)
