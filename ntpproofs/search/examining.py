"""One instance under all claims of a statement: assumptions decided, claims evaluated, float violations looked at twice.

Everything returned is plain data (words, numbers, lists), so that it can cross processes and be written to a journal. Before
each evaluation the examiner says what it is about to do; whoever supervises can then tell what never returned.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..checking.loop import derive_default
from ..errors import InvalidStatement, NtpproofsError
from ..language.relations import require_relation
from ..language.statements import Assumption, Case, Claim, Statement
from ..language.verdicts import Evidence, Outcome, Verdict

Mark = Callable[[str], None]
# Factors by which a simulator is run again before a violation in floats is believed.
LONGER = {"log_time": 10.0, "steps": 4, "records": 2}


class Examiner:
    """Evaluates the claims of one statement. `avoid` maps marks to the reason why they must not be evaluated (again), `skip`
    names claims that are left out."""

    def __init__(
        self,
        statement: Statement,
        path: str,
        mark: Mark = lambda text: None,
        avoid: Mapping[str, str] | None = None,
        skip: Collection[str] = (),
    ) -> None:
        self.statement, self.path, self.mark, self.avoid = statement, path, mark, dict(avoid or {})
        self.claims = [claim for claim in statement.claims if claim.name not in skip]
        self._given_up: dict[str, int] = {}

    def examine(self, problem: Any, place: str) -> dict[str, Any]:
        """The record of one instance; `place` names it in marks.

        Keys: `key` (equal for equal instances), `failed` (first assumption that fails, or None), `undecided`, `degenerate`,
        `claims` ({name: verdict as plain data}; empty unless every assumption holds).
        """
        record: dict[str, Any] = {"key": key_of(problem), "failed": None, "undecided": False, "degenerate": False, "claims": {}}
        for entry in self.statement.assumptions:
            outcome = self._decide(entry, problem, place)
            if outcome is Outcome.FAILS:
                return record | {"failed": entry.name, "undecided": False}
            record["undecided"] |= outcome is Outcome.UNDECIDED
        if record["undecided"]:
            return record
        case = self.case(problem)
        for claim in self.claims:
            record["claims"][claim.name] = self.evaluate(claim, case, place)
        record["degenerate"] = self._degenerate(case, place)
        return record

    def admits(self, problem: Any, place: str) -> bool:
        """Whether every assumption holds."""
        return all(self._decide(entry, problem, place) is Outcome.HOLDS for entry in self.statement.assumptions)

    def case(self, problem: Any, simulate: Any = None) -> Case:
        """The case of the statement on a problem."""
        return Case(problem, self.statement.derive or derive_default, simulate or self.statement.simulate)

    def _decide(self, entry: Assumption, problem: Any, place: str) -> Outcome:
        mark = f"{place}:assumption {entry.name}"
        if mark in self.avoid:
            return Outcome.UNDECIDED
        self.mark(mark)
        try:
            return entry(problem).outcome
        except Exception:  # what cannot be decided is undecided
            return Outcome.UNDECIDED

    def _degenerate(self, case: Case, place: str) -> bool:
        from ..logit.decomposition import Decomposition

        mark = f"{place}:degenerate"
        if mark in self.avoid or self.statement.derive is not None:
            return False
        self.mark(mark)
        try:
            return isinstance(case.derived, Decomposition) and not case.derived.max_margin.strictly_complementary
        except Exception:  # what cannot be derived is not known to be degenerate
            return False

    def evaluate(self, claim: Claim, case: Case, place: str, confirm: bool = True) -> dict[str, Any]:
        """The verdict of a claim as plain data; a violation in floats is confirmed or dropped, unless that is left for later."""
        mark = f"{place}:claim {claim.name}"
        if mark in self.avoid:
            # A claim that hangs twice in one batch is not tried again in it: every instance would cost the whole limit.
            self._given_up[claim.name] = self._given_up.get(claim.name, 0) + 1
            return _open(self._where(claim, f"{self.avoid[mark]} on {case.problem!r}"), "limit")
        if self._given_up.get(claim.name, 0) >= 2:
            return _open(self._where(claim, "not evaluated after it did not return twice"), "limit")
        self.mark(mark)
        found = self._verdict(claim, case)
        doubtful = confirm and found["outcome"] == "refuted" and found["evidence"] == "tested"
        return self._again(claim, case, found, f"{mark} again") if doubtful else found

    def _verdict(self, claim: Claim, case: Case) -> dict[str, Any]:
        try:
            relation = require_relation(claim.function(case), f"claim {claim.name}")
            verdict = relation.decide()
            if not isinstance(verdict, Verdict):
                raise InvalidStatement(f"{type(relation).__name__}.decide()", f"returned {type(verdict).__name__}", "return a Verdict")
            return plain_verdict(verdict)
        except InvalidStatement as error:
            return _open(self._where(claim, f"{error.reason} ({error.remedy})"), "invalid")
        except NtpproofsError as error:
            return _open(f"{error} (on {case.problem!r})", "raised")
        except (Exception, SystemExit) as error:  # a claim may raise anything
            what = f"raised {type(error).__name__}: {error}" if str(error) else f"raised {type(error).__name__}"
            return _open(self._where(claim, f"{what} on {case.problem!r}", line_of(error, self.path)), "raised")

    def _where(self, claim: Claim, what: str, line: int | None = None) -> str:
        code = getattr(claim.function, "__code__", None)
        line = line if line is not None else getattr(code, "co_firstlineno", None)
        return f"{self.path}:{line}: claim {claim.name}: {what}" if line else f"{self.path}: claim {claim.name}: {what}"

    def _again(self, claim: Claim, case: Case, found: dict[str, Any], mark: str) -> dict[str, Any]:
        # Higher precision of flint and mpmath, and a longer run: a violation that vanishes was an artefact.
        if mark in self.avoid:
            return _open(f"{found['detail']}: violated in floats, and the longer re-examination did not finish", "unconfirmed")
        self.mark(mark)
        simulate, how = lengthened(self.statement.simulate)
        with higher_precision():
            second = self._verdict(claim, self.case(fresh(case.problem), simulate))
        if second["outcome"] != "refuted":
            return _open(f"{found['detail']}: violated in floats, not at {how}: {second['detail']}", "unconfirmed")
        return second | {"detail": f"{second['detail']} (seen again at {how})"}


def _open(detail: str, problem: str) -> dict[str, Any]:
    return {"outcome": "inconclusive", "evidence": None, "slack": None, "detail": detail, "on_path": False, "problem": problem}


def plain_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict as plain data; `problem` says why a claim was left open ("raised", "invalid", "limit", "unconfirmed"), else None."""
    slack = None if verdict.slack is None or verdict.slack != verdict.slack else float(verdict.slack)
    return {
        "outcome": verdict.outcome.value,
        "evidence": None if verdict.evidence is None else verdict.evidence.word,
        "slack": slack,
        "detail": verdict.detail if verdict.outcome is not Outcome.HOLDS or slack == 0 else verdict.detail[:200],
        "on_path": verdict.on_path,
        "problem": None,
    }


def disproof(found: Mapping[str, Any]) -> bool:
    """Whether a plain verdict is a refutation on exact or enclosed evidence."""
    return found["outcome"] == "refuted" and found["evidence"] is not None and Evidence[found["evidence"].upper()].disproves


def key_of(problem: Any) -> str:
    """A short digest, equal for equal instances."""
    instance = getattr(problem, "instance", None)
    text = repr(instance()) if callable(instance) else repr(problem)
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def line_of(error: BaseException, path: str) -> int | None:
    """The line of a file in which an exception was raised, or which called what raised it."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if same_file(frame.filename, path)]
    return lines[-1] if lines else None


def same_file(name: str, path: str) -> bool:
    """Whether the file name of a traceback is the file at a path."""
    return name == path or Path(name) == Path(path).resolve()


def fresh(problem: Any) -> Any:
    """An equal problem without anything derived from it, so that it is derived anew."""
    from .transport import decode, encode

    encoded = encode(problem)
    return problem if encoded is None else decode(encoded)


def lengthened(simulate: Any) -> tuple[Any, str]:
    """A simulator made to run longer, and what was done in words; a simulator without known settings is run as it is."""
    if simulate is None or not is_dataclass(simulate) or isinstance(simulate, type):
        return simulate, "twice the precision"
    changes = {}
    for entry in fields(simulate):
        value = getattr(simulate, entry.name)
        if entry.name in LONGER and isinstance(value, (int, float)) and not isinstance(value, bool):
            changes[entry.name] = type(value)(value * LONGER[entry.name])
    try:
        longer = replace(simulate, **changes)
    except Exception:  # a simulator that refuses is used as it is
        return simulate, "twice the precision"
    return longer, ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in changes.items()) or "twice the precision"


@contextmanager
def higher_precision() -> Iterator[None]:
    """Balls and mpmath numbers get twice the usual bits inside."""
    import flint
    import mpmath  # type: ignore[import-untyped]

    bits = flint.ctx.prec
    flint.ctx.prec = 2 * bits
    try:
        with mpmath.workprec(2 * mpmath.mp.prec):
            yield
    finally:
        flint.ctx.prec = bits
