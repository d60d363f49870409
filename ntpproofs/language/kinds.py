"""A kind of problem: everything that search, `limit`, reports and documents may ask about it, in one frozen object.

A paper's `kind.py` creates one `Kind`; outside the paper nothing asks what kind a problem is. Whoever needs one of the answers below
takes the kind from the registry (`checking.kinds`) and calls the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any, Generic, Protocol, TypeVar

from ..exact.numbers import exactly
from .answers import Answer, Request
from .invariants import Discovery
from .statements import Assumption
from .views import View
from .wanted import Wanted


class Problem(Protocol):
    """An instance: equal data make equal problems with equal hashes, `repr` shows it in Python's notation."""

    def __eq__(self, other: object, /) -> bool: ...

    def __hash__(self) -> int: ...

    def instance(self) -> dict[str, Any]:
        """The instance file as plain data, with `kind`; exact numbers are integers or "p/q"."""


P = TypeVar("P", bound=Problem)


@dataclass(frozen=True, eq=False)
class Loaded(Generic[P]):
    """A problem read from a file, remarks on how it was read, and the names that `Request` describes."""

    problem: P
    notes: tuple[str, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    coordinates: tuple[str, ...] = ()
    observations: Fraction | None = None


@dataclass(frozen=True)
class Option:
    """An option of `limit` that a kind understands: `--name VALUE`, what it does, and whether it is about reading the file.

    A reading option may be about files of some `endings` only, and be `needed` there: where several kinds read one ending, what is given
    says which of them is meant.
    """

    name: str
    help: str
    metavar: str = "TEXT"
    reading: bool = False
    endings: tuple[str, ...] = ()
    needed: bool = False

    def applies(self, ending: str) -> bool:
        """Whether the option is about files of an ending ("" for instance files)."""
        return not self.reading or (bool(ending) and (not self.endings or ending in self.endings))


@dataclass(frozen=True, eq=False)
class Kind(Generic[P]):
    """What there is to know about a kind of problem. Laws, tested for every kind:

    * `read(problem.instance()) == problem`, and `read` raises `InvalidInput` (object, reason, remedy) for anything else;
    * what `strategy` draws and `enumerate` lists satisfies `domain` for the same bounds; `enumerate` goes by size, without repetition;
    * simplifications and neighbours are problems of this kind; a simplification is strictly smaller by `measure`;
    * `answer(problem, request)` is an `Answer` whose `record()` is plain JSON with `kind` and `assumptions`.

    `name` is the word in instance files, `area` the prefix of labels, `title` a heading with the paper. `strategy` is the function that
    makes the Hypothesis strategy from keyword bounds (marked `@described(name)`); `domain` and `enumerate` get the same bounds as a
    mapping with every default filled in. `describe` gives matrices, sentences and counts for people. `answer` is None for a kind that
    reduces to a conditional logit and has nothing to add. `refuse` raises, from counting alone and before any work, what `answer` or its
    simulation would refuse of a request and of what is wanted besides. `derived` names the assumptions that are decided from the solution and
    not read off the data. `files` maps endings such as ".txt" to readers of other formats, which get the path and the options. `load` is
    `read` with names, for a kind whose instance files may have some.

    What search can use beyond that: `outline` is the combinatorial type as far as it is read off the data (supports, graphs, ranks), a
    value that prints the same for the same type; `vary(problem, random)` gives a random problem
    next to one, sometimes with a part more (without it, neighbours and simplifications have to do); `generators` says for names of assumptions
    how to meet them: bounds of the strategy under which all problems do, or a map from a problem to one that does.
    `discovery` has the invariants that `discover` conjectures about; None stands for the counts and predictions every kind has.
    """

    name: str
    area: str
    title: str
    problem: type[P]
    read: Callable[[Mapping[str, Any]], P]
    strategy: Callable[..., Any]
    domain: Callable[[P, Mapping[str, Any]], bool]
    enumerate: Callable[[Mapping[str, Any]], Iterator[P]]
    simplify: Callable[[P], Iterable[P]]
    neighbours: Callable[[P], Iterable[P]]
    measure: Callable[[P], tuple[int, ...]]
    describe: Callable[[P], View]
    assumptions: tuple[Assumption, ...] = ()
    answer: Callable[[P, Request], Answer] | None = None
    derived: frozenset[str] = frozenset()
    options: tuple[Option, ...] = ()
    files: Mapping[str, Callable[[Path, Mapping[str, str]], Loaded[P]]] = field(default_factory=dict)
    outline: Callable[[P], Any] | None = None
    vary: Callable[[P, Random], Iterable[P]] | None = None
    generators: Mapping[str, Mapping[str, Any] | Callable[[P], P]] = field(default_factory=dict)
    discovery: Discovery | None = None
    load: Callable[[Mapping[str, Any]], Loaded[P]] | None = None
    refuse: Callable[[P, Request, Wanted], None] | None = None

    def loaded(self, record: Mapping[str, Any]) -> Loaded[P]:
        """The problem of an instance record with the names it has there."""
        return Loaded(self.read(exactly(record))) if self.load is None else self.load(record)

    def write(self, problem: P) -> dict[str, Any]:
        """The instance file of a problem."""
        return problem.instance()
