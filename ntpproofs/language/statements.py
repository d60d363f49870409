"""Statements are data: a theorem, its assumptions, instances, dynamics, proof steps, claims and mutants in one object.

A statement file creates one `Draft` (`Theorem(...)`, `Lemma(...)`, ...) and registers functions on it with decorators, in
the order in which a mathematician would read them. `draft.statement()` is the frozen `Statement` that everything else
reads. Nothing is checked here; `checking` runs what is declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from inspect import signature
from typing import Any, Literal

from ..errors import InvalidStatement
from .references import Source, cite, derived
from .verdicts import Outcome, Verdict
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

Expected = Literal["holds", "refuted"]


@dataclass(frozen=True)
class Case:
    """One instance under examination.

    `problem` is the instance; `derived` what the theory derives from it, `trajectory` what a simulation shows. Both are
    computed on first access, so a claim pays only for what it looks at. A bare `Case(problem)` derives nothing; the cases
    that a claim receives derive what its statement says (without `derive=` the decomposition of the problem's conditional
    logit).
    """

    problem: Any
    derive: Callable[[Any], Any] | None = field(default=None, repr=False, compare=False)
    simulate: Callable[[Any], Any] | None = field(default=None, repr=False, compare=False)

    def _repr_html_(self) -> str:
        shown = getattr(self.problem, "_repr_html_", None)
        return table_html("case", {"problem": type(self.problem).__name__}) + (shown() if shown is not None else "")

    @cached_property
    def derived(self) -> Any:
        """The derived objects; None without `derive=`."""
        return self.derive(self.problem) if self.derive is not None else None

    @cached_property
    def trajectory(self) -> Any:
        """The simulated trajectory; None without `simulate=`."""
        return self.simulate(self.problem) if self.simulate is not None else None


def _formula_html(caption: str, latex: str, rows: dict[str, str]) -> str:
    # Notebooks typeset what stands between dollars.
    given = {"formula": f"${latex}$" if latex else ""} | rows
    return table_html(caption, {name: value for name, value in given.items() if value})


@dataclass(frozen=True)
class Assumption:
    """A decidable predicate on problems.

    `decide(problem)` returns a bool, an `Outcome` (HOLDS, FAILS, UNDECIDED) or a `Verdict` of one of these. `name` is used
    in reports and files, `latex` in documents, `method` says in words how it is decided.
    """

    name: str
    decide: Callable[[Any], Any] = field(repr=False)
    latex: str = ""
    method: str = ""

    def _repr_html_(self) -> str:
        return _formula_html(f"assumption {self.name}", self.latex, {"decided by": self.method})

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
    function: Callable[..., Any] = field(repr=False)
    expected: Expected = "holds"

    def _repr_html_(self) -> str:
        return _formula_html(f"claim {self.name}", self.latex, {"expected": self.expected})


@dataclass(frozen=True)
class Step:
    """A step of the proof. `by` names the procedure, `scope` the sizes it covers; with a `case` parameter it runs on instances."""

    name: str
    function: Callable[..., Any] = field(repr=False)
    by: str
    scope: str
    latex: str = ""

    def _repr_html_(self) -> str:
        return _formula_html(f"step {self.name}", self.latex, {"procedure": self.by, "scope": self.scope})

    @property
    def on_instances(self) -> bool:
        """Whether the step is checked instance by instance."""
        return bool(signature(self.function).parameters)

    @property
    def names(self) -> tuple[str, str]:
        """What a clause may call it: its title or its function's name."""
        return self.name, self.function.__name__


@dataclass(frozen=True)
class Mutant:
    """A false variant that must be refuted: of a claim, possibly on instances where exactly one assumption fails."""

    name: str
    of: str
    function: Callable[..., Any] = field(repr=False)
    without: Assumption | None = None
    instances: Any = field(default=None, repr=False)
    latex: str = ""

    def _repr_html_(self) -> str:
        return _formula_html(f"mutant {self.name}", self.latex, {"of": self.of, "without": self.without.name if self.without else ""})


@dataclass(frozen=True)
class Clause:
    """One conclusion of a statement's text, and everything that is said to establish it.

    `steps` and `claims` name functions (or step titles) of the statement, `by` labels of other statements, `witness` claims
    announced as refuted, or steps that run once, whose one exact instance establishes a clause that says something exists or
    fails. `argued` says where the proof in prose stands, `cited` which source proves it. All that is named is needed:
    a clause is as strong as its weakest support. With `claims` alone there is evidence on instances and no proof.
    """

    text: str
    steps: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    witness: tuple[str, ...] = ()
    argued: str = ""
    cited: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """Everything that establishes it, in words, strongest kind first.

        >>> clause("$x=x$", steps=("reflexivity",), argued="docstring").named
        ('step reflexivity', 'argued: docstring')
        """
        found = [f"step {name}" for name in self.steps]
        found += [*self.by, *(f"witness {name}" for name in self.witness)]
        found += [f"argued: {self.argued}"] if self.argued else []
        found += [f"cited: {self.cited}"] if self.cited else []
        return tuple(found) or tuple(f"instances: {name}" for name in self.claims)


def clause(
    text: str,
    *,
    steps: Iterable[str] = (),
    by: Iterable[str] = (),
    claims: Iterable[str] = (),
    witness: Iterable[str] = (),
    argued: str = "",
    cited: str = "",
) -> Clause:
    """A conclusion and what establishes it (see `Clause`).

    Raises `InvalidStatement` for a clause without text or without any support, and for a string where names are listed.

    >>> clause(r"$W^{mm}$ is unique.", by=("foundations.max-margin",), claims=("decoder_is_unique",)).named
    ('foundations.max-margin',)
    """
    names = {"steps": steps, "by": by, "claims": claims, "witness": witness}
    for field_name, value in names.items():
        if isinstance(value, str):
            raise InvalidStatement(f"clause {text!r}", f"{field_name} is the string {value!r}", f"write a tuple: {field_name}=({value!r},)")
    made = Clause(text.strip(), tuple(steps), tuple(by), tuple(claims), tuple(witness), argued, cited)
    if not made.text:
        raise InvalidStatement("clause", "has no text", "say what is asserted")
    if not (made.steps or made.by or made.claims or made.witness or argued or cited):
        raise InvalidStatement(f"clause {text!r}", "names nothing that establishes it", "name steps, labels, claims, argued= or cited=")
    return made


@dataclass(frozen=True, repr=False)
class Statement:
    """A statement with everything that is checked about it: what a `Draft` has collected, frozen.

    `label` is "area.name"; `source` says where it comes from; `uses` lists the labels it rests on, those that its clauses
    name included. `instances` is a Hypothesis strategy or an iterable of problems, `examples` are fixed instances that
    always run first. `derive(problem)` gives `case.derived` (default: the decomposition of a conditional logit),
    `simulate(problem)` gives `case.trajectory`. `expected` is what `verify` compares with ("refuted" for a conjecture known
    to be false; None: no expectation).
    """

    kind: str
    label: str
    title: str
    source: Source | None = None
    setup: str = ""
    clauses: tuple[Clause, ...] = ()
    uses: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    instances: Any = None
    examples: tuple[Any, ...] = ()
    derive: Callable[[Any], Any] | None = None
    simulate: Callable[[Any], Any] | None = None
    expected: Expected | None = "holds"
    claims: tuple[Claim, ...] = ()
    steps: tuple[Step, ...] = ()
    mutants: tuple[Mutant, ...] = ()

    def __repr__(self) -> str:
        return f"{self.kind.capitalize()}({self.label!r})"

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {"title": self.title, "source": self.source.text if self.source else "", "setting": self.setup}
        rows |= {f"clause {number}": entry.text for number, entry in enumerate(self.clauses, 1)}
        rows["checked by"] = f"{len(self.steps)} steps, {len(self.claims)} claims, {len(self.mutants)} mutants"
        return table_html(f"{self.kind} {self.label}", {name: value for name, value in rows.items() if value})

    @property
    def area(self) -> str:
        """The label's prefix before the first dot."""
        return self.label.split(".")[0]

    @property
    def text(self) -> str:
        """The setting and the clauses: what the statement asserts, and nothing else.

        >>> Statement("lemma", "a.b", "", setup="Let $x=1$.", clauses=(clause("Then $x>0$.", claims=("positive",)),)).text
        'Let $x=1$. Then $x>0$.'
        """
        return " ".join([*([self.setup] if self.setup else []), *(entry.text for entry in self.clauses)])


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
