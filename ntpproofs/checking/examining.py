"""One instance under a statement: assumptions decided, claims and steps evaluated, float violations looked at twice.

`verify` and `check` both examine through here. Before each evaluation the examiner says what it is about to do (`mark`);
whoever supervises can then tell what never returned, and have it avoided the next time.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import InvalidStatement, NtpproofsError
from ..language.frozen_statements import Instance
from ..language.relations import require_relation
from ..language.statements import Assumption, Case, Claim, Mutant, Statement, Step
from ..language.verdicts import Evidence, Outcome, Verdict
from .findings import RAISED, Finding, Trouble, left_open, pass_on
from .instances import anew, guarded, key_of, shown
from .kinds import is_of_this_package
from .processes import Mark, evaluating
from .second_look import higher_precision, lengthened

Tell = Callable[[Mark], None]


def derive_default(problem: Instance) -> Any:
    """The decomposition of the problem's conditional logit; None where there is no such reduction."""
    from ..logit.decomposition import decompose

    return decompose(problem) if callable(getattr(problem, "conditional_logit", None)) else None


@dataclass(frozen=True)
class Decision:
    """What an assumption says of an instance, and why it could not be decided."""

    outcome: Outcome
    why: str = ""
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Examined:
    """One instance: `key` (equal for equal instances), the first assumption that fails and how many hold before it, those left
    undecided with the reason, and the findings of claims and of steps on instances (none unless every assumption holds). `observed` is
    what the examiner's observer says of it."""

    key: str
    failed: str | None = None
    satisfied: int = 0
    observed: Any = None
    undecided: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    degenerate: bool = False
    claims: dict[str, Finding] = field(default_factory=dict)
    steps: dict[str, Finding] = field(default_factory=dict)

    @property
    def admitted(self) -> bool:
        """Whether every assumption holds."""
        return self.failed is None and not self.undecided

    def plain(self) -> dict[str, Any]:
        """As plain data (without steps: no campaign runs them instance by instance)."""
        return {
            "key": self.key,
            "failed": self.failed,
            "satisfied": self.satisfied,
            "observed": self.observed,
            "undecided": dict(self.undecided),
            "degenerate": self.degenerate,
            "claims": {name: found.plain() for name, found in self.claims.items()},
        }


class Examiner:
    """Evaluates one statement on instances.

    `path` is the file whose lines errors are located in (default: that of the function). `avoid` maps marks to the reason why
    they must not be evaluated (again), `skip` names claims that are left out, `cases` makes the case of a problem (shared caches),
    `observe` says more of a problem that satisfies the assumptions.
    """

    def __init__(
        self,
        statement: Statement,
        path: str = "",
        mark: Tell = lambda mark: None,
        avoid: Mapping[Mark, str] | None = None,
        skip: Collection[str] = (),
        cases: Callable[[Any], Case] | None = None,
        observe: Callable[[Any], Any] | None = None,
    ) -> None:
        self.observe = observe
        self.statement, self.path, self.mark, self.avoid = statement, path, mark, dict(avoid or {})
        self.claims = [claim for claim in statement.claims if claim.name not in skip]
        self.steps = [step for step in statement.steps if step.on_instances]
        self._cases = cases or (lambda problem: Case(problem, statement.derive or derive_default, statement.simulate))
        self._failures: dict[tuple[str, str], list[str]] = {}

    def examine(self, problem: Instance, place: str, steps: bool = False) -> Examined:
        """What one instance shows; `place` names it in marks. With `steps`, steps on instances are evaluated too."""
        key, undecided, broken = key_of(problem), dict[str, str](), dict[str, str]()
        for number, entry in enumerate(self.statement.assumptions):
            decision = self.decide(entry, problem, place)
            if decision.outcome is Outcome.FAILS:
                return Examined(key, failed=entry.name, satisfied=number)
            if decision.outcome is Outcome.UNDECIDED:
                undecided[entry.name] = decision.why
            if decision.trouble is not None and decision.trouble.defect:
                broken[entry.name] = decision.why
        if undecided:
            return Examined(key, undecided=undecided, broken=broken)
        case, claims = self.case(problem), dict[str, Finding]()
        degenerate = self._degenerate(case, place)  # before a claim can change the instance
        for claim in self.claims:
            claims[claim.name] = self.evaluate(claim, case, place)
        derived = {step.name: self.evaluate(step, case, place) for step in self.steps} if steps else {}
        observed = self._observed(problem, place)
        return Examined(key, observed=observed, degenerate=degenerate, claims=claims, steps=derived)

    def admits(self, problem: Instance, place: str, without: Assumption | None = None) -> bool:
        """Whether every assumption holds, and exactly `without` fails."""
        wanted = ((entry, Outcome.FAILS if entry is without else Outcome.HOLDS) for entry in self.statement.assumptions)
        return all(self.decide(entry, problem, place).outcome is outcome for entry, outcome in wanted)

    def case(self, problem: Instance) -> Case:
        """The case of the statement on a problem."""
        return self._cases(problem)

    def decide(self, entry: Assumption, problem: Instance, place: str) -> Decision:
        """An assumption on an instance. An exception leaves it undecided; one that nobody foresaw is a defect."""
        mark = evaluating(place, f"assumption {entry.name}")
        if mark in self.avoid:
            return Decision(Outcome.UNDECIDED, self.avoid[mark], Trouble.LIMIT)
        self.mark(mark)
        own, changed = guarded(problem)
        try:
            found = entry(own).outcome
        except InvalidStatement as error:
            return Decision(Outcome.UNDECIDED, error.reason, Trouble.INVALID)
        except NtpproofsError as error:
            return Decision(Outcome.UNDECIDED, str(error), Trouble.REFUSED)
        except MemoryError:
            return Decision(Outcome.UNDECIDED, "it needs more memory than allowed", Trouble.MEMORY)
        except RAISED as error:  # a user's assumption may raise anything
            pass_on(error)
            return Decision(Outcome.UNDECIDED, f"it {_raised(error)}{_at(error, self._file(entry.decide))}", Trouble.RAISED)
        if changed():
            return Decision(Outcome.UNDECIDED, "it changes the instance it is given", Trouble.CHANGED)
        return Decision(found)

    def _observed(self, problem: Instance, place: str) -> Any:
        mark = evaluating(place, "its type")
        if self.observe is None or mark in self.avoid:
            return None
        self.mark(mark)
        return self.observe(problem)

    def _degenerate(self, case: Case, place: str) -> bool:
        from ..logit.decomposition import Decomposition

        mark = evaluating(place, "degenerate")
        if mark in self.avoid or self.statement.derive is not None:
            return False
        self.mark(mark)
        try:
            return isinstance(case.derived, Decomposition) and not case.derived.max_margin.strictly_complementary
        except (NtpproofsError, MemoryError):  # what is refused, as too large for one, is not known to be degenerate
            return False
        except Exception:
            if is_of_this_package(case.problem):
                raise
            return False  # a class of somebody else, whose own error the claims report

    def evaluate(self, entry: Claim | Step | Mutant, case: Case | None, place: str, confirm: bool = True) -> Finding:
        """The finding of a claim, step or mutant on a case (None for a step that takes none).

        A violation in floats is confirmed by a longer run or dropped, unless `confirm` leaves that for later.
        """
        kind = type(entry).__name__.lower()
        mark = evaluating(place, f"{kind} {entry.name}")
        # What hangs, or runs out of memory, twice in one batch is not tried again in it: every instance would cost the whole limit.
        failures = self._failures.setdefault((kind, entry.name), [])
        if mark in self.avoid:
            failures.append(self.avoid[mark])
            return left_open(Trouble.LIMIT, self._where(entry, f"{self.avoid[mark]}{_on(case)}"))
        if len(failures) >= 2:
            return left_open(Trouble.LIMIT, self._where(entry, f"not evaluated after it twice {failures[-1]}"))
        self.mark(mark)
        found = self._finding(entry, case)
        if found.trouble is Trouble.MEMORY:
            failures.append("needed more memory than allowed")
        doubtful = confirm and found.outcome is Outcome.REFUTED and found.verdict.evidence is Evidence.TESTED
        return self._again(entry, case, found, evaluating(place, f"{kind} {entry.name} again")) if doubtful and case is not None else found

    def _finding(self, entry: Claim | Step | Mutant, case: Case | None) -> Finding:
        own, changed = self._own(case)
        try:
            relation = require_relation(entry.function(*([] if own is None else [own])), f"{type(entry).__name__.lower()} {entry.name}")
            verdict = relation.decide()
            if not isinstance(verdict, Verdict):
                raise InvalidStatement(f"{type(relation).__name__}.decide()", f"returned {type(verdict).__name__}", "return a Verdict")
        except InvalidStatement as error:
            return left_open(Trouble.INVALID, self._where(entry, f"{error.reason} ({error.remedy})"))
        except NtpproofsError as error:
            return left_open(Trouble.REFUSED, f"{error}{_on(case, '(on {})')}")
        except MemoryError:
            return left_open(Trouble.MEMORY, self._where(entry, f"needs more memory than allowed{_on(case)}"))
        except RAISED as error:  # a claim may raise anything
            pass_on(error)
            return left_open(Trouble.RAISED, self._where(entry, f"{_raised(error)}{_on(case)}", line_of(error, self._file(entry.function))))
        if changed():
            return left_open(Trouble.CHANGED, self._where(entry, "changes the instance it is given"))
        return Finding(verdict)

    def _own(self, case: Case | None) -> tuple[Case | None, Callable[[], bool]]:
        # Each evaluation of a changeable instance gets a copy of its own, so that no claim makes the next one false.
        if case is None:
            return None, lambda: False
        own, changed = guarded(case.problem)
        return (case if own is case.problem else replace(case, problem=own)), changed

    def _file(self, function: Any) -> str:
        code = getattr(function, "__code__", None)
        return self.path or str(getattr(code, "co_filename", ""))

    def _where(self, entry: Claim | Step | Mutant, what: str, line: int | None = None) -> str:
        code = getattr(entry.function, "__code__", None)
        line = line if line is not None else getattr(code, "co_firstlineno", None)
        place, subject = self._file(entry.function), f"{type(entry).__name__.lower()} {entry.name}"
        return f"{place}:{line}: {subject}: {what}" if line else f"{place}: {subject}: {what}"

    def _again(self, entry: Claim | Step | Mutant, case: Case, found: Finding, mark: Mark) -> Finding:
        # Higher precision of flint and mpmath, and a longer run: a violation that vanishes was an artefact.
        detail = found.verdict.detail
        if mark in self.avoid:
            return left_open(Trouble.UNCONFIRMED, f"{detail}: violated in floats, and the longer re-examination did not finish")
        self.mark(mark)
        simulate, how = lengthened(self.statement.simulate)
        with higher_precision():
            longer = Case(anew(case.problem), self.statement.derive or derive_default, simulate)
            second = self._finding(entry, longer)
        if second.outcome is not Outcome.REFUTED:
            return left_open(Trouble.UNCONFIRMED, f"{detail}: violated in floats, not at {how}: {second.verdict.detail}")
        return Finding(replace(second.verdict, detail=f"{second.verdict.detail} (seen again at {how})"))


def _raised(error: BaseException) -> str:
    return f"raised {type(error).__name__}: {error}" if str(error) else f"raised {type(error).__name__}"


def _at(error: BaseException, path: str) -> str:
    line = line_of(error, path)
    return f" at {path}:{line}" if line else ""


def _on(case: Case | None, form: str = "on {}") -> str:
    if case is None:
        return ""
    try:
        text = shown(case.problem)
    except Exception:  # an instance that a claim has spoilt may not even be shown: that is named elsewhere
        return ""
    return " " + form.format(text)


def line_of(error: BaseException, path: str) -> int | None:
    """The line of a file in which an exception was raised, or which called what raised it."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if same_file(frame.filename, path)]
    return lines[-1] if lines else None


def same_file(name: str, path: str) -> bool:
    """Whether the file name of a traceback is the file at a path."""
    return name == path or Path(name) == Path(path).resolve()
