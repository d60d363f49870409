"""What a kind of problem answers when it is asked what training converges to.

An `Answer` speaks five ways: JSON, a view for people, certificates for the kernel, a comparison with a simulation, pictures. A kind
that reduces to a conditional logit gets one from `limits`; every other kind returns `Predictions`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol, cast

from flint import arb

from ..errors import InvalidInput
from ..exact.balls import Interval, interval
from ..exact.rational import written
from .answer_records import PredictionRecord, QuantityRecord
from .figures import Figure
from .frozen_statements import Instance
from .statements import Assumption
from .verdicts import Outcome
from .views import Facts, Matrix, Part, Sentence, Table, View

MARKS = {Outcome.HOLDS: "✓ holds", Outcome.FAILS: "✗ fails", Outcome.UNDECIDED: "? undecided"}
# Longer exact numbers are given by their value and radius alone.
LONGEST = 4_000


@dataclass(frozen=True)
class Effort:
    """How far to go: `exact` insists on the exact route, `seconds` is the time after which what is known is the answer, `save` a file
    (.npz) that a run is kept in and taken up from, `say` hears of the progress."""

    exact: bool = False
    seconds: float | None = None
    save: Path | None = None
    say: Callable[[str], None] | None = None


@dataclass(frozen=True)
class Request:
    """What was asked besides the problem: the kind's own options by name (`attend`), remarks made while the file was read, and names
    in the user's words where the file had some: of rows (contexts, sequences) by number, of tokens (alternatives, classes) and of
    coordinates. `everything` asks for every coordinate, `observations` is how many predictions the weights of the loss stand for,
    `effort` how far to go."""

    options: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    coordinates: tuple[str, ...] = ()
    everything: bool = False
    observations: Fraction | None = None
    effort: Effort = field(default_factory=Effort)


@dataclass(frozen=True)
class SimulationOptions:
    """How to simulate: up to `log_time` (t = e^s), with an optimizer by its name on the command line.

    Discrete optimizers also take a number of `steps`, a `step_size` and a `batch_size`; None is their own choice.
    """

    log_time: float = 1e4
    optimizer: str = "gradient-flow"
    steps: int | None = None
    step_size: float | None = None
    batch_size: int | None = None

    def refuse_steps(self, what: str) -> None:
        """Raise `InvalidInput` if something about steps is asked for, which `what` does not have."""
        for name in ("steps", "step_size", "batch_size"):
            if getattr(self, name) is not None:
                raise InvalidInput(f"--{name.replace('_', '-')}", f"does not apply to {what}", "drop the option")


def decided(assumptions: Iterable[Assumption], problem: Instance) -> dict[str, Outcome]:
    """The decision of each assumption on one problem, by name, in their order."""
    return {entry.name: entry(problem).outcome for entry in assumptions}


class Simulation(Protocol):
    """A run compared with the answer: the `simulation` object of the JSON, a view, and charts."""

    def record(self) -> dict[str, Any]:
        """The object as written in JSON; it has `seconds`."""

    def view(self) -> View:
        """The same for people, and what the laws say about this run."""

    def figures(self) -> tuple[Figure, ...]:
        """Charts of the run."""


class Answer(Protocol):
    """What training converges to, for one problem."""

    def record(self) -> dict[str, Any]:
        """The JSON of `limit --json`, without `simulation`."""

    def view(self) -> View:
        """What people see."""

    def certificates(self) -> list[dict[str, Any]]:
        """Records the kernel checks; an empty list where there is nothing the kernel could check.

        Raises `TooLarge` where there could be some, but not at this size.
        """

    def simulate(self, options: SimulationOptions) -> Simulation:
        """Run the dynamics and compare. Raises `InvalidInput` for options that do not apply and `TooLarge` beyond its reach."""

    def figures(self) -> tuple[Figure, ...]:
        """Pictures that need no simulation."""


@dataclass(frozen=True)
class Quantity:
    """A number: `exact` where it is rational, always with a double and a radius that encloses it.

    >>> Quantity.rational(Fraction(1, 2)).record()
    {'exact': '1/2', 'value': 0.5, 'radius': 0.0}
    """

    exact: Fraction | None
    value: float
    radius: float

    @classmethod
    def rational(cls, x: Fraction | int) -> Quantity:
        """An exact number, with its nearest double and the rounding error of that."""
        x = Fraction(x)
        value = float(x)
        return cls(x, value, _upward(abs(Fraction(value) - x)))

    @classmethod
    def enclosed(cls, x: Interval | arb) -> Quantity:
        """An enclosed number.

        >>> Quantity.enclosed(arb(2).sqrt()).exact is None
        True
        """
        found = x if isinstance(x, Interval) else interval(x)
        value = float(found.center)
        return cls(None, value, _upward(found.radius + abs(Fraction(value) - found.center)))

    def record(self) -> QuantityRecord:
        """As written in JSON."""
        long = self.exact is not None and max(abs(self.exact.numerator), self.exact.denominator).bit_length() * math.log10(2) > LONGEST
        return {"exact": None if self.exact is None or long else written(self.exact), "value": self.value, "radius": self.radius}

    def __str__(self) -> str:
        exact = "" if self.exact is None else written(self.exact)
        if exact and len(exact) <= 24:
            return exact if self.exact is not None and self.exact.denominator == 1 else f"{exact} = {self.value:.9g}"
        return f"{self.value:.9g}" + (f", known to {self.radius:.2g}" if self.radius else "")


# What a prediction may be: a number, a vector of exact numbers or of numbers, a word, yes or no, or nothing where it does not apply.
Predicted = Quantity | tuple[Fraction, ...] | tuple[Quantity, ...] | str | bool | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """A `Simulation` by its values: the JSON object, how people call each (name in `values`: words), remarks and charts."""

    values: Mapping[str, Any]
    words: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    pictures: tuple[Figure, ...] = ()

    def record(self) -> dict[str, Any]:
        """The `simulation` object."""
        return dict(self.values)

    def view(self) -> View:
        """Every number of the record, in its order."""
        rows = tuple((self.words.get(name, name.replace("_", " ")), _word(value)) for name, value in self.values.items())
        parts: list[Part] = [Table("simulation against the predictions", ("quantity", "value"), rows)]
        return View("simulation", (*parts, *(Sentence(note, faint=True) for note in self.notes)))

    def figures(self) -> tuple[Figure, ...]:
        """The charts."""
        return self.pictures


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_word, value))
    return "none" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, eq=False)
class Predictions:
    """The `Answer` of a kind that does not reduce: closed-form numbers by name, assumptions decided, remarks.

    `values` in the order in which they are shown; None where a prediction does not apply. `words` says each name for people. `run`
    compares with the dynamics: it gets the options and returns a `Comparison` without `seconds`, which are added here. `extra` is for
    keys of the JSON of this kind alone, `parts` for what people see besides the numbers.

    >>> found = Predictions("coin", {"bias": Quantity.rational(Fraction(1, 2)), "regime": "fair"}, {"symmetric": Outcome.HOLDS})
    >>> found.record()["predictions"]["regime"], found.record()["assumptions"]
    ('fair', {'symmetric': 'holds'})
    """

    kind: str
    values: Mapping[str, Predicted]
    assumptions: Mapping[str, Outcome]
    notes: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    run: Callable[[SimulationOptions], Comparison] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    records: Callable[[], list[dict[str, Any]]] = list
    pictures: tuple[Figure, ...] = ()

    def record(self) -> dict[str, Any]:
        """`kind`, `assumptions`, `predictions`, the kind's own keys, and `notes` where there are some."""
        found: dict[str, Any] = {"kind": self.kind, "assumptions": {name: outcome.value for name, outcome in self.assumptions.items()}}
        found["predictions"] = {name: plain(value) for name, value in self.values.items()}
        return found | dict(self.extra) | ({"notes": list(self.notes)} if self.notes else {})

    def view(self) -> View:
        """The numbers, vectors as matrices below them, further parts, assumptions, remarks."""
        facts = tuple((self._word(name), _said(value)) for name, value in self.values.items() if not isinstance(value, tuple))
        tuples = {name: value for name, value in self.values.items() if isinstance(value, tuple) and value}
        vectors = tuple(Matrix(self._word(name), (tuple(map(_entry, value)),)) for name, value in tuples.items())
        decided = tuple((name, MARKS[outcome]) for name, outcome in self.assumptions.items())
        table = (Table("assumptions, decided exactly", ("assumption", "decision"), decided),) if decided else ()
        remarks = tuple(Sentence(note, faint=True) for note in self.notes)
        return View(f"{self.kind}: what training converges to", (Facts(facts), *vectors, *self.parts, *table, *remarks))

    def certificates(self) -> list[dict[str, Any]]:
        """The kernel's records; none by default."""
        return self.records()

    def simulate(self, options: SimulationOptions) -> Comparison:
        """The run of this kind, timed. Raises `InvalidInput` where there is none."""
        if self.run is None:
            raise InvalidInput("--simulate", f"has no simulation to run for {self.kind}", "drop the option")
        options.refuse_steps(f"the simulation of {self.kind}")
        started = perf_counter()
        found = self.run(options)
        seconds = round(perf_counter() - started, 3)
        return Comparison({**found.values, "seconds": seconds}, found.words, found.notes, found.pictures)

    def figures(self) -> tuple[Figure, ...]:
        """Pictures of the predictions; none by default."""
        return self.pictures

    def _word(self, name: str) -> str:
        return self.words.get(name, name.replace("_", " "))


def plain(value: Predicted) -> PredictionRecord:
    """A prediction as JSON: an object {exact, value, radius}, "p/q" strings for exact vectors, a word, true, false or null.

    >>> plain((Fraction(1, 2), Fraction(2))), plain(None), plain(True)
    (['1/2', '2'], None, True)
    """
    if isinstance(value, Quantity):
        return value.record()
    if isinstance(value, tuple):
        return cast(PredictionRecord, [x.record() if isinstance(x, Quantity) else written(x) for x in value])
    return value


def _said(value: Quantity | str | bool | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "does not apply" if value is None else str(value)


def _entry(x: Fraction | Quantity) -> Fraction | float:
    return x if isinstance(x, Fraction) else x.value if x.exact is None else x.exact


def _upward(x: Fraction) -> float:
    return math.nextafter(float(x), math.inf) if x else 0.0
