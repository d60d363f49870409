"""What a statement is once its file is read: frozen assumptions, claims, steps, mutants and clauses, and the statement that holds them.

Nothing is collected here (`statements` has the drafts) and nothing is checked (`checking`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from inspect import signature
from typing import Any, Literal, TypeAlias

from ..errors import InvalidInput, InvalidStatement
from .fitting import fits, taken
from .references import Source
from .verdicts import Outcome, Verdict
from .views import table_html

Expected = Literal["holds", "refuted"]
# What a statement is about: a problem of some kind, or a value of a user's own class. Only the statement's functions know which.
Instance: TypeAlias = Any


@dataclass(frozen=True)
class Case:
    """One instance under examination.

    `problem` is the instance; `derived` what the theory derives from it, `trajectory` what a simulation shows. Both are
    computed on first access, so a claim pays only for what it looks at. A bare `Case(problem)` derives nothing; the cases
    that a claim receives derive what its statement says (without `derive=` the decomposition of the problem's conditional
    logit).
    """

    problem: Instance
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

    def __call__(self, problem: Instance) -> Verdict:
        """The verdict on one problem: HOLDS, FAILS or UNDECIDED. Raises `InvalidInput` for what the assumption is not about."""
        about = taken(self.decide)
        if about is not None and not fits(problem, about):
            raise InvalidInput(f"assumption {self.name}", f"is about {about.__name__}, and this is {type(problem).__name__}", "give such a problem")
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
    if not isinstance(text, str):
        raise InvalidStatement("clause", f"has {type(text).__name__} for its text", "say what is asserted, in a string")
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
