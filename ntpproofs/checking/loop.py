"""The checking loop: instances -> assumptions -> case -> claims and steps; mutants; budgets; minimised witnesses.

A `Laboratory` holds one run's seed, budget and caches: instances drawn from one strategy are shared by all statements that
use it, and so are their decompositions and trajectories. Reports are plain frozen data; nothing is printed here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from ..errors import InvalidStatement, NtpproofsError
from ..language.relations import require_relation
from ..language.statements import Assumption, Case, Claim, Draft, Mutant, Statement, Step, as_statement
from ..language.verdicts import Evidence, Outcome, Verdict, meet_evidence, meet_outcomes
from .clauses import ClaimResult, ClauseReport, StepResult, clause_report
from .shrinking import reduce_problem


@dataclass(frozen=True)
class Profile:
    """How much is drawn: instances per claim, instances searched per mutant, candidates tried when minimising a witness."""

    name: str
    instances: int
    mutant_instances: int
    reduction_budget: int


PROFILES = {
    "quick": Profile("quick", 24, 80, 60),
    "standard": Profile("standard", 120, 300, 200),
    "thorough": Profile("thorough", 1_000, 2_000, 600),
}


@dataclass(frozen=True)
class Witness:
    """A counterexample: the instance record, the same for people, the failing relation, and whether it is minimal."""

    instance: Any
    text: str
    detail: str
    locally_minimal: bool


@dataclass(frozen=True)
class ClaimReport:
    """What was found about one claim; `instances` counts satisfied, not_exercised, rejected, duplicate, degenerate, undecided.

    Satisfied instances are those on which the claim said something; one on which it says nothing is not exercised.
    """

    name: str
    latex: str
    expected: str
    verdict: Verdict
    instances: dict[str, int]
    rejected: dict[str, int]
    witness: Witness | None = None

    @property
    def as_expected(self) -> bool:
        """Whether the outcome is the expected one."""
        return self.verdict.outcome.value == self.expected

    @property
    def outcome(self) -> Outcome:
        """What this claim contributes to its statement: an announced refutation that came out holds, one that did not refutes."""
        if self.expected != "refuted":
            return self.verdict.outcome
        return {Outcome.REFUTED: Outcome.HOLDS, Outcome.HOLDS: Outcome.REFUTED}.get(self.verdict.outcome, self.verdict.outcome)


@dataclass(frozen=True)
class StepReport:
    """What was found about one step of the proof."""

    name: str
    by: str
    latex: str
    verdict: Verdict


@dataclass(frozen=True)
class MutantReport:
    """Whether a mutant was refuted on admissible evidence, and the witness that did it."""

    name: str
    of: str
    latex: str
    killed: bool
    evidence: Evidence | None
    detail: str
    searched: int
    witness: Witness | None


@dataclass(frozen=True)
class StatementReport:
    """Everything found about one statement."""

    label: str
    kind: str
    title: str
    source: str
    expected: str | None
    uses: tuple[str, ...]
    assumptions: tuple[tuple[str, str, str], ...]
    claims: tuple[ClaimReport, ...]
    steps: tuple[StepReport, ...]
    mutants: tuple[MutantReport, ...]
    clauses: tuple[ClauseReport, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The outcome of the statement itself. A claim announced as refuted counts as holding where it is refuted."""
        claims = [report.verdict.outcome if self.expected == "refuted" else report.outcome for report in self.claims]
        return meet_outcomes([*claims, *(report.verdict.outcome for report in self.steps)])

    @property
    def evidence(self) -> Evidence | None:
        """The meet over the claims."""
        return meet_evidence(report.verdict.evidence for report in self.claims)

    @property
    def survivors(self) -> tuple[MutantReport, ...]:
        """Mutants that were not refuted."""
        return tuple(report for report in self.mutants if not report.killed)

    @property
    def as_expected(self) -> bool:
        """Whether outcome and mutants are what the statement announces (a conjecture without expectation always is)."""
        met = self.expected is None or self.outcome.value == self.expected
        return met and not self.survivors and (self.expected is None or all(self._fits(report) for report in self.claims))

    def _fits(self, report: ClaimReport) -> bool:
        return self.expected == "refuted" or report.as_expected


@dataclass(eq=False)
class Laboratory:
    """One run: seed, budget, and what has been drawn and simulated so far."""

    profile: Profile = PROFILES["quick"]
    seed: int = 0
    _pools: dict[int, tuple[Any, list[Any]]] = field(default_factory=dict, repr=False)
    _trajectories: dict[tuple[int, Any], tuple[Any, Any]] = field(default_factory=dict, repr=False)
    _same: dict[Any, Any] = field(default_factory=dict, repr=False)

    def pool(self, instances: Any, count: int) -> list[Any]:
        """The first `count` draws of a strategy or iterable; within one run a source is drawn once, equal problems are one
        object, and so whatever is derived from them is derived once."""
        if instances is None:
            return []
        key = id(instances)
        if key not in self._pools:
            drawn = draw(instances, self.profile.mutant_instances, self.seed)
            self._pools[key] = instances, [self._same.setdefault(_key(problem), problem) for problem in drawn]
        return self._pools[key][1][:count]

    def case(self, statement: Statement, problem: Any) -> Case:
        """The case of a statement on one problem, with shared derived objects and trajectories."""
        simulate = statement.simulate
        return Case(problem, statement.derive or derive_default, None if simulate is None else self._simulator(simulate))

    def _simulator(self, simulate: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def run(problem: Any) -> Any:
            key = id(problem), simulate
            if key not in self._trajectories:
                self._trajectories[key] = problem, simulate(problem)
            return self._trajectories[key][1]

        return run


def derive_default(problem: Any) -> Any:
    """The decomposition of the problem's conditional logit; None where there is no such reduction."""
    from ..logit.decomposition import decompose

    return decompose(problem) if callable(getattr(problem, "conditional_logit", None)) else None


def draw(instances: Any, count: int, seed: int) -> list[Any]:
    """Up to `count` instances of a Hypothesis strategy, drawn deterministically from a seed, or of any iterable."""
    if instances is None:
        return []
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis.errors import Unsatisfiable
    from hypothesis.strategies import SearchStrategy

    if not isinstance(instances, SearchStrategy):
        return list(islice(iter(instances), count))
    drawn: list[Any] = []

    @seeded(seed)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(instances)
    def collect(problem: Any) -> None:
        drawn.append(problem)

    try:
        collect()
    except Unsatisfiable:
        return drawn
    return drawn[:count]


@dataclass(frozen=True)
class _Sorted:
    # Instances of one statement by what the assumptions say of them.
    satisfied: tuple[Any, ...]
    rejected: dict[str, int]
    undecided: int
    duplicates: int


def _key(problem: Any) -> Any:
    try:
        hash(problem)
    except TypeError:
        return repr(problem)
    return problem


def _unique(problems: Iterable[Any]) -> Iterator[tuple[Any, bool]]:
    seen: set[Any] = set()
    for problem in problems:
        key = _key(problem)
        yield problem, key not in seen
        seen.add(key)


def _instances(laboratory: Laboratory, statement: Statement, source: Any, count: int) -> list[Any]:
    # Fixed examples first, then draws. A statement without any instance is about no problem: it is checked once, on None.
    problems = [*statement.examples, *laboratory.pool(source, count)]
    return problems if problems or source is not None else [None]


def _sort(statement: Statement, problems: Iterable[Any]) -> _Sorted:
    satisfied, rejected, undecided, duplicates = [], Counter[str](), 0, 0
    for problem, fresh in _unique(problems):
        if not fresh:
            duplicates += 1
            continue
        outcomes = [(entry.name, _decided(entry, problem)) for entry in statement.assumptions]
        failed = next((name for name, outcome in outcomes if outcome is Outcome.FAILS), None)
        if failed is not None:
            rejected[failed] += 1
        elif any(outcome is Outcome.UNDECIDED for _, outcome in outcomes):
            undecided += 1
        else:
            satisfied.append(problem)
    return _Sorted(tuple(satisfied), dict(rejected), undecided, duplicates)


def _decided(entry: Assumption, problem: Any) -> Outcome:
    # An assumption that cannot be decided on a problem (too large, not defined there) leaves it undecided.
    try:
        return entry(problem).outcome
    except InvalidStatement:
        raise
    except Exception:
        return Outcome.UNDECIDED


def evaluate(function: Callable[..., Any], subject: str, *arguments: Any) -> Verdict:
    """The verdict of a claim, step or mutant on its arguments; an exception is INCONCLUSIVE and says where it came from.

    Raises `InvalidStatement` if the function returns something other than a relation.
    """
    try:
        result = function(*arguments)
    except Exception as error:  # a claim may raise anything
        return _inconclusive(error, subject)
    relation = require_relation(result, subject)
    try:
        return relation.decide()
    except Exception as error:
        return _inconclusive(error, subject)


def _inconclusive(error: Exception, subject: str) -> Verdict:
    detail = str(error) if isinstance(error, NtpproofsError) else f"{subject} raised {type(error).__name__}: {error}"
    return Verdict(Outcome.INCONCLUSIVE, detail=detail)


def _is_degenerate(case: Case) -> bool:
    from ..logit.decomposition import Decomposition

    try:
        return isinstance(case.derived, Decomposition) and not case.derived.max_margin.strictly_complementary
    except Exception:  # what cannot be derived is not known to be degenerate
        return False


def check_claim(laboratory: Laboratory, statement: Statement, claim: Claim, sorted_: _Sorted) -> ClaimReport:
    """One claim on every satisfied instance."""
    verdicts: list[Verdict] = []
    worst: tuple[Any, Verdict] | None = None
    degenerate = 0
    for problem in sorted_.satisfied:
        case = laboratory.case(statement, problem)
        verdict = evaluate(claim.function, f"{statement.label}: {claim.name}", case)
        verdicts.append(verdict)
        degenerate += verdict.outcome is not Outcome.VACUOUS and _is_degenerate(case)
        if verdict.outcome is Outcome.REFUTED and (worst is None or (verdict.evidence or 0) > (worst[1].evidence or 0)):
            worst = problem, verdict
    decided = sum(v.outcome in (Outcome.HOLDS, Outcome.REFUTED) for v in verdicts)
    open_ = sum(v.outcome is Outcome.INCONCLUSIVE for v in verdicts)
    counts = {
        "satisfied": decided + open_,
        "not_exercised": len(verdicts) - decided - open_,
        "rejected": sum(sorted_.rejected.values()),
        "duplicate": sorted_.duplicates,
        "degenerate": degenerate,
        "undecided": sorted_.undecided + open_,
    }
    verdict = _over_instances(verdicts)
    witness = None
    if worst is not None:
        witness = _witness(laboratory, statement, claim.function, None, *worst)
    return ClaimReport(claim.name, claim.latex, claim.expected, verdict, counts, sorted_.rejected, witness)


def _over_instances(verdicts: list[Verdict]) -> Verdict:
    # A claim holds on the instances on which it was decided; undecided ones are counted beside them, never among them.
    refuted = [v for v in verdicts if v.outcome is Outcome.REFUTED]
    holding = [v for v in verdicts if v.outcome is Outcome.HOLDS]
    open_ = [v for v in verdicts if v.outcome is Outcome.INCONCLUSIVE]
    if refuted:
        strongest = max(refuted, key=lambda v: v.evidence or Evidence.CITED)
        scope = f"{len(refuted)} of {len(refuted) + len(holding)} instances"
        return Verdict(Outcome.REFUTED, strongest.evidence, scope, strongest.detail, on_path=strongest.on_path)
    if holding:
        scope = f"{len(holding)} instances" + (f", {len(open_)} undecided" if open_ else "")
        grade, on_path = meet_evidence(v.evidence for v in holding), any(v.on_path for v in holding)
        return Verdict(Outcome.HOLDS, grade, scope, holding[0].detail, on_path=on_path, algebra=all(v.algebra for v in holding))
    if open_:
        return Verdict(Outcome.INCONCLUSIVE, None, f"{len(open_)} instances", open_[0].detail)
    return Verdict(Outcome.VACUOUS, None, "0 instances", "no instance satisfies the assumptions")


def _keeps(laboratory: Laboratory, statement: Statement, function: Callable[..., Any], without: Assumption | None) -> Callable[[Any], bool]:
    # The property a witness must keep while it is reduced: right side of every assumption, refuted on admissible evidence.
    def keeps(problem: Any) -> bool:
        if not _admitted(statement, problem, without):
            return False
        verdict = evaluate(function, statement.label, laboratory.case(statement, problem))
        return verdict.outcome is Outcome.REFUTED and admissible(verdict)

    return keeps


def _admitted(statement: Statement, problem: Any, without: Assumption | None) -> bool:
    for entry in statement.assumptions:
        wanted = Outcome.FAILS if entry is without else Outcome.HOLDS
        if _decided(entry, problem) is not wanted:
            return False
    return True


def admissible(verdict: Verdict) -> bool:
    """Whether a refutation is a disproof: exact or enclosed, or about the limit or rate of a trajectory.

    >>> admissible(Verdict(Outcome.REFUTED, Evidence.TESTED))
    False
    """
    return verdict.evidence is not None and (verdict.evidence.disproves or verdict.on_path)


def _witness(
    laboratory: Laboratory, statement: Statement, function: Callable[..., Any], without: Assumption | None, problem: Any, verdict: Verdict
) -> Witness:
    # The detail is that of the instance shown: the reduced one is evaluated again.
    minimal = False
    if admissible(verdict) and not verdict.on_path:
        reduction = reduce_problem(problem, _keeps(laboratory, statement, function, without), laboratory.profile.reduction_budget)
        minimal = reduction.locally_minimal
        if reduction.problem is not problem:
            problem = reduction.problem
            verdict = evaluate(function, statement.label, laboratory.case(statement, problem))
    instance = problem.instance() if callable(getattr(problem, "instance", None)) else None
    return Witness(instance, repr(problem), verdict.detail, minimal)


def check_step(laboratory: Laboratory, statement: Statement, step: Step, sorted_: _Sorted) -> StepReport:
    """One step: once, or on every satisfied instance if it takes a case."""
    subject = f"{statement.label}: step {step.name!r}"
    if not step.on_instances:
        verdict = evaluate(step.function, subject)
        scope = step.scope
    else:
        cases = [laboratory.case(statement, problem) for problem in sorted_.satisfied]
        verdict = _over_instances([evaluate(step.function, subject, case) for case in cases])
        scope = f"{step.scope}, {verdict.scope}" if step.scope else verdict.scope
    return StepReport(step.name, step.by, step.latex, replace(verdict, scope=scope))


def check_mutant(laboratory: Laboratory, statement: Statement, mutant: Mutant) -> MutantReport:
    """Search for an instance that refutes a mutant on admissible evidence."""
    source = statement.instances if mutant.instances is None else mutant.instances
    searched, seen_outcomes = 0, Counter[str]()
    for problem, fresh in _unique(_instances(laboratory, statement, source, laboratory.profile.mutant_instances)):
        if not fresh or not _admitted(statement, problem, mutant.without):
            continue
        searched += 1
        verdict = evaluate(mutant.function, f"{statement.label}: mutant {mutant.name}", laboratory.case(statement, problem))
        seen_outcomes[verdict.outcome.value] += 1
        if verdict.outcome is Outcome.REFUTED and admissible(verdict):
            witness = _witness(laboratory, statement, mutant.function, mutant.without, problem, verdict)
            return MutantReport(mutant.name, mutant.of, mutant.latex, True, verdict.evidence, verdict.detail, searched, witness)
    detail = f"not refuted on {searched} instances ({', '.join(f'{n} {k}' for k, n in sorted(seen_outcomes.items())) or 'none admitted'})"
    return MutantReport(mutant.name, mutant.of, mutant.latex, False, None, detail, searched, None)


def check(statement: Statement | Draft, laboratory: Laboratory | None = None) -> StatementReport:
    """Check one statement (or a draft as it stands): its steps, its claims, its mutants, what establishes its clauses.

    Raises `InvalidStatement` if a claim does not return a relation.
    """
    laboratory, statement = laboratory or Laboratory(), as_statement(statement)
    if not statement.claims and not statement.steps:
        raise InvalidStatement(statement.label, "has neither claims nor steps", "register at least one")
    sorted_ = _sort(statement, _instances(laboratory, statement, statement.instances, laboratory.profile.instances))
    claims = tuple(check_claim(laboratory, statement, claim, sorted_) for claim in statement.claims)
    steps = tuple(check_step(laboratory, statement, step, sorted_) for step in statement.steps)
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
        mutants=tuple(check_mutant(laboratory, statement, mutant) for mutant in statement.mutants),
        clauses=clause_reports(statement, claims, steps),
    )


def clause_reports(statement: Statement, claims: Iterable[ClaimReport], steps: Iterable[StepReport]) -> tuple[ClauseReport, ...]:
    """What establishes each clause, from the verdicts on its steps and claims."""
    tested = [ClaimResult(report.name, report.verdict, report.expected == "refuted") for report in claims]
    derived = [StepResult(step.names, report.verdict, not step.on_instances) for step, report in zip(statement.steps, steps, strict=True)]
    return tuple(clause_report(entry, derived, tested) for entry in statement.clauses)
