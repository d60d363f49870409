"""Statements are data: a theorem, its assumptions, instances, dynamics, proof steps, claims and mutants in one object.

A statement file creates one `Draft` (`Theorem(...)`, `Lemma(...)`, ...) and registers functions on it with decorators, in
the order in which a mathematician would read them. `draft.statement()` is the frozen `Statement` that everything else
reads. Nothing is checked here; `checking` runs what is declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidStatement
from .frozen_statements import Assumption, Case, Claim, Clause, Expected, Mutant, Statement, Step, assumption, clause
from .references import Source, cite, derived
from .views import table_html

__all__ = [
    "Assumption",
    "Case",
    "Claim",
    "Clause",
    "Conjecture",
    "Definition",
    "Draft",
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
    "clause",
    "derived",
]


@dataclass
class _Entry:
    # A mutant while its file is read: a decorated function may still come.
    claim: Claim
    function: Callable[..., Any] | None
    without: Assumption | None
    instances: Any
    latex: str

    @property
    def name(self) -> str:
        if self.function is not None:
            return self.function.__name__
        return f"{self.claim.name} without {self.without.name}" if self.without is not None else ""

    def mutant(self) -> Mutant:
        return Mutant(self.name, self.claim.name, self.function or self.claim.function, self.without, self.instances, self.latex)


class Draft:
    """A statement while its file is read: collects claims, steps and mutants; `statement()` freezes them.

    Arguments are the fields of `Statement`. Raises `InvalidStatement` for an assumption that is none.
    """

    def __init__(
        self,
        kind: str,
        label: str,
        title: str = "",
        source: Source | None = None,
        *,
        setup: str = "",
        clauses: Iterable[Clause] = (),
        uses: Iterable[str] = (),
        assumptions: Iterable[Assumption] = (),
        instances: Any = None,
        examples: Iterable[Any] = (),
        derive: Callable[[Any], Any] | None = None,
        simulate: Callable[[Any], Any] | None = None,
        expected: Expected | None = "holds",
    ) -> None:
        self.kind, self.label, self.title, self.source = kind, label, title or label, source
        self._setup, self._clauses, self._uses = setup, tuple(clauses), tuple(uses)
        self.assumptions = tuple(assumptions)
        self._instances, self._examples = instances, tuple(examples)
        self._derive, self._simulate, self._expected = derive, simulate, expected
        self._claims: list[Claim] = []
        self._steps: list[Step] = []
        self._mutants: list[_Entry] = []
        for i, entry in enumerate(self.assumptions):
            if not isinstance(entry, Assumption):
                raise InvalidStatement(f"{label}: assumptions[{i}]", f"{entry!r} is no Assumption", "decorate it with @assumption()")
        for i, found in enumerate(self._clauses):
            if not isinstance(found, Clause):
                raise InvalidStatement(f"{label}: clauses[{i}]", f"{found!r} is no Clause", 'write clause("...", claims=(...,))')

    def __repr__(self) -> str:
        return f"{self.kind.capitalize()}({self.label!r})"

    def _repr_html_(self) -> str:
        return table_html(f"{self.kind} {self.label}", {"title": self.title, "claims so far": len(self._claims), "steps so far": len(self._steps)})

    def claim(self, latex: str = "", *, expected: Expected = "holds") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a conclusion; the function takes a `Case` and returns a relation."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self._fresh(function.__name__, [entry.name for entry in self._claims])
            self._claims.append(Claim(function.__name__, latex, function, expected))
            return function

        return register

    def step(self, name: str, *, by: str, scope: str, latex: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a step of the proof; the function takes nothing, or a `Case`, and returns a relation."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self._fresh(name, [entry.name for entry in self._steps])
            self._steps.append(Step(name, function, by, scope, latex))
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
        target = next((entry for entry in self._claims if entry.function is of), None)
        if target is None:
            raise InvalidStatement(f"{self.label}: mutant", f"{of!r} is not a claim of this statement", "register the claim first")
        if without is not None and without not in self.assumptions:
            raise InvalidStatement(f"{self.label}: mutant", f"{without.name} is not assumed here", "name one of its assumptions")
        taken = [mutant.name for mutant in self._mutants if mutant.name]
        entry = _Entry(target, None, without, instances, latex)
        if entry.name:
            self._fresh(entry.name, taken)
        self._mutants.append(entry)

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self._fresh(function.__name__, taken)
            entry.function = function
            return function

        return register

    def _fresh(self, name: str, taken: list[str]) -> None:
        if name in taken:
            raise InvalidStatement(f"{self.label}: {name}", "is registered twice", "give each claim, step and mutant its own name")

    def statement(self) -> Statement:
        """Everything collected so far, frozen.

        Without clauses each claim is one, tested on instances. Raises `InvalidStatement` for a clause that names an unknown
        step or claim, for a claim that no clause names, and for a mutant of nothing (a decorator never applied).
        """
        unused = next((entry for entry in self._mutants if not entry.name), None)
        if unused is not None:
            raise InvalidStatement(f"{self.label}: mutant of {unused.claim.name}", "has no function", "decorate the false variant with it")
        clauses = self._clauses or tuple(Clause(_sentence(claim), claims=(claim.name,)) for claim in self._claims)
        if self._clauses:
            self._complete()
        found = [label for entry in clauses for label in entry.by]
        uses = tuple(dict.fromkeys([*self._uses, *found]))
        return Statement(
            self.kind, self.label, self.title, self.source, self._setup, clauses, uses, self.assumptions, self._instances, self._examples,
            self._derive, self._simulate, self._expected, tuple(self._claims), tuple(self._steps), tuple(entry.mutant() for entry in self._mutants),
        )  # fmt: skip

    def _complete(self) -> None:
        claims = {claim.name for claim in self._claims}
        steps = {name for step in self._steps for name in step.names}
        for entry in self._clauses:
            for kind, names, known in (("step", entry.steps, steps), ("claim", entry.claims, claims), ("witness", entry.witness, claims | steps)):
                missing = next((name for name in names if name not in known), None)
                if missing is not None:
                    remedy = f"known: {', '.join(sorted(known)) or 'none'}"
                    raise InvalidStatement(f"{self.label}: clause {entry.text!r}", f"names the unknown {kind} {missing!r}", remedy)
        named = {name for entry in self._clauses for name in (*entry.claims, *entry.witness)}
        silent = next((claim.name for claim in self._claims if claim.name not in named), None)
        if silent is not None:
            raise InvalidStatement(f"{self.label}: claim {silent}", "belongs to no clause", "name it in claims= of the clause it tests")


def _sentence(claim: Claim) -> str:
    return f"${claim.latex}$." if claim.latex else f"{claim.name.replace('_', ' ')}."


def as_statement(entry: Draft | Statement) -> Statement:
    """A draft frozen; a statement as it is."""
    return entry.statement() if isinstance(entry, Draft) else entry


def Theorem(label: str, title: str = "", source: Source | None = None, **fields: Any) -> Draft:
    """A main result: a `Draft` of kind "theorem"; `fields` are those of `Draft`."""
    return Draft("theorem", label, title, source, **fields)


def Lemma(label: str, title: str = "", source: Source | None = None, **fields: Any) -> Draft:
    """An auxiliary result."""
    return Draft("lemma", label, title, source, **fields)


def Proposition(label: str, title: str = "", source: Source | None = None, **fields: Any) -> Draft:
    """A result in between."""
    return Draft("proposition", label, title, source, **fields)


def Definition(label: str, title: str = "", source: Source | None = None, **fields: Any) -> Draft:
    """A definition; its claims say that it is well posed."""
    return Draft("definition", label, title, source, **fields)


def Erratum(label: str, title: str = "", source: Source | None = None, **fields: Any) -> Draft:
    """A printed statement that is false, with its repair: the printed claim carries `expected="refuted"`."""
    return Draft("erratum", label, title, source, **fields)


def Conjecture(label: str, title: str = "", source: Source | None = None, **fields: Any) -> Draft:
    """A statement nobody has proved. `expected` defaults to None: `verify` reports what it finds."""
    return Draft("conjecture", label, title, source, **({"expected": None} | fields))
