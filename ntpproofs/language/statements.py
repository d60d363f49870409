"""Statements are data: a theorem, its assumptions, instances, dynamics, proof steps, claims and mutants in one object.

A statement file creates one object and registers functions on it with decorators, in the order in which a mathematician
would read them. Nothing is checked here; `checking` runs what is declared, and every report reads the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from inspect import signature
from typing import Any, Literal

from ..errors import InvalidStatement
from .references import Source, cite, derived
from .verdicts import Outcome, Verdict

__all__ = [
    "Assumption",
    "Case",
    "Claim",
    "Conjecture",
    "Definition",
    "Erratum",
    "Lemma",
    "Mutant",
    "Proposition",
    "Source",
    "Statement",
    "Step",
    "Theorem",
    "assumption",
    "cite",
    "derived",
]

Expected = Literal["holds", "refuted"]


@dataclass(frozen=True)
class Case:
    """One instance under examination.

    `problem` is the instance; `derived` what the theory derives from it (default: its decomposition), `trajectory` what a
    simulation shows. Both are computed on first access, so a claim pays only for what it looks at.
    """

    problem: Any
    derive: Callable[[Any], Any] | None = field(default=None, repr=False, compare=False)
    simulate: Callable[[Any], Any] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def derived(self) -> Any:
        """The derived objects; None where nothing is declared and the problem has no conditional-logit reduction."""
        return self.derive(self.problem) if self.derive is not None else None

    @cached_property
    def trajectory(self) -> Any:
        """The simulated trajectory; None without `simulate=`."""
        return self.simulate(self.problem) if self.simulate is not None else None


@dataclass(frozen=True)
class Assumption:
    """A decidable predicate on problems.

    `decide(problem)` returns a bool, an `Outcome` (HOLDS, FAILS, UNDECIDED) or a `Verdict` of one of these. `name` is used
    in reports and files, `latex` in documents, `method` says in words how it is decided.
    """

    name: str
    decide: Callable[[Any], Any]
    latex: str = ""
    method: str = ""

    def __call__(self, problem: Any) -> Verdict:
        """The verdict on one problem: HOLDS, FAILS or UNDECIDED."""
        found = self.decide(problem)
        if isinstance(found, bool):
            found = Outcome.HOLDS if found else Outcome.FAILS
        if isinstance(found, Outcome):
            found = Verdict(found)
        if not isinstance(found, Verdict) or found.outcome not in (Outcome.HOLDS, Outcome.FAILS, Outcome.UNDECIDED):
            reason = f"returned {found!r}, which is no decision"
            raise InvalidStatement(f"assumption {self.name}", reason, "return True, False, an Outcome or a Verdict")
        return found


def assumption(latex: str = "", *, method: str = "", name: str = "") -> Callable[[Callable[[Any], Any]], Assumption]:
    """Decorator: the function becomes an `Assumption` with its own name.

    >>> @assumption(r"m \\ge 1")
    ... def has_contexts(problem):
    ...     return True
    >>> has_contexts(None).outcome.value
    'holds'
    """

    def wrap(decide: Callable[[Any], Any]) -> Assumption:
        summary = (decide.__doc__ or "").strip().splitlines()
        return Assumption(name or decide.__name__, decide, latex, method or (summary[0] if summary else ""))

    return wrap


@dataclass(frozen=True)
class Claim:
    """A conclusion: `function(case)` returns a relation; `latex` is what it says."""

    name: str
    latex: str
    function: Callable[..., Any]
    expected: Expected = "holds"


@dataclass(frozen=True)
class Step:
    """A step of the proof. `by` names the procedure, `scope` the sizes it covers; with a `case` parameter it runs on instances."""

    name: str
    function: Callable[..., Any]
    by: str
    scope: str
    latex: str = ""

    @property
    def on_instances(self) -> bool:
        """Whether the step is checked instance by instance."""
        return bool(signature(self.function).parameters)


@dataclass(frozen=True)
class Mutant:
    """A false variant that must be refuted: of a claim, possibly on instances where exactly one assumption fails."""

    name: str
    of: str
    function: Callable[..., Any]
    without: Assumption | None = None
    instances: Any = None
    latex: str = ""


class Statement:
    """A statement with everything that is checked about it.

    `label` is "area.name"; `source` says where it comes from; `uses` lists labels it rests on. `instances` is a Hypothesis
    strategy or an iterable of problems, `examples` are fixed instances that always run first. `derive(problem)` gives
    `case.derived` (default: the decomposition of a conditional logit), `simulate(problem)` gives `case.trajectory`.
    `expected` is what `verify` compares with ("refuted" for a conjecture known to be false; None: no expectation).
    """

    kind = "statement"

    def __init__(
        self,
        label: str,
        title: str,
        source: Source | None = None,
        *,
        text: str = "",
        uses: Iterable[str] = (),
        assumptions: Iterable[Assumption] = (),
        instances: Any = None,
        examples: Iterable[Any] = (),
        derive: Callable[[Any], Any] | None = None,
        simulate: Callable[[Any], Any] | None = None,
        expected: Expected | None = "holds",
    ) -> None:
        self.label, self.title, self.source, self.text = label, title, source, text
        self.uses, self.assumptions = tuple(uses), tuple(assumptions)
        self.instances, self.examples = instances, tuple(examples)
        self.derive, self.simulate, self.expected = derive, simulate, expected
        self.claims: list[Claim] = []
        self.steps: list[Step] = []
        self.mutants: list[Mutant] = []
        for i, entry in enumerate(self.assumptions):
            if not isinstance(entry, Assumption):
                raise InvalidStatement(f"{label}: assumptions[{i}]", f"{entry!r} is no Assumption", "decorate it with @assumption()")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.label!r})"

    @property
    def area(self) -> str:
        """The label's prefix before the first dot."""
        return self.label.split(".")[0]

    def claim(self, latex: str = "", *, expected: Expected = "holds") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a conclusion; the function takes a `Case` and returns a relation."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self._fresh(function.__name__, [entry.name for entry in self.claims])
            self.claims.append(Claim(function.__name__, latex, function, expected))
            return function

        return register

    def step(self, name: str, *, by: str, scope: str, latex: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a step of the proof; the function takes nothing, or a `Case`, and returns a relation."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self._fresh(name, [entry.name for entry in self.steps])
            self.steps.append(Step(name, function, by, scope, latex))
            return function

        return register

    def mutant(
        self,
        of: Callable[..., Any],
        *,
        without: Assumption | None = None,
        instances: Any = None,
        latex: str = "",
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a false variant of a claim.

        With `without`, the claim (or the decorated function) runs on instances where exactly that assumption fails; the
        call alone registers it, decorating is optional. `instances` replaces the statement's own.
        """
        target = next((entry for entry in self.claims if entry.function is of), None)
        if target is None:
            raise InvalidStatement(f"{self.label}: mutant", f"{of!r} is not a claim of this statement", "register the claim first")
        if without is not None and without not in self.assumptions:
            raise InvalidStatement(f"{self.label}: mutant", f"{without.name} is not assumed here", "name one of its assumptions")
        names = [entry.name for entry in self.mutants]
        plain = f"{target.name} without {without.name}" if without is not None else None
        if plain is not None:
            self._fresh(plain, names)
            self.mutants.append(Mutant(plain, target.name, of, without, instances, latex))

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            if plain is not None:
                position = next(i for i, entry in enumerate(self.mutants) if entry.name == plain)
                self._fresh(function.__name__, names)
                self.mutants[position] = replace(self.mutants[position], name=function.__name__, function=function)
            else:
                self._fresh(function.__name__, names)
                self.mutants.append(Mutant(function.__name__, target.name, function, without, instances, latex))
            return function

        return register

    def _fresh(self, name: str, taken: list[str]) -> None:
        if name in taken:
            raise InvalidStatement(f"{self.label}: {name}", "is registered twice", "give each claim, step and mutant its own name")


class Theorem(Statement):
    """A main result."""

    kind = "theorem"


class Lemma(Statement):
    """An auxiliary result."""

    kind = "lemma"


class Proposition(Statement):
    """A result in between."""

    kind = "proposition"


class Definition(Statement):
    """A definition; its claims say that it is well posed."""

    kind = "definition"


class Conjecture(Statement):
    """A statement nobody has proved. `expected` defaults to None: `verify` reports what it finds."""

    kind = "conjecture"

    def __init__(self, label: str, title: str = "", source: Source | None = None, **options: Any) -> None:
        options.setdefault("expected", None)
        super().__init__(label, title or label, source, **options)


class Erratum(Statement):
    """A printed statement that is false, with its repair: the printed claim carries `expected="refuted"`."""

    kind = "erratum"
