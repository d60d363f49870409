r"""One multi-concept problem: squared norms, width, regularisation and start, exact; read from and written to instance files.

It stands for the model of the brief with K equally frequent concepts of equal norms, trained on single-concept,
balanced prompts from W_Q = W_K = s_0 I: each concept then follows the reduced recursion of `recursion.py`, with
`alive` plus neurons of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

from ...errors import InvalidInput
from ...exact.rational import written
from ...kernel.reading import brief, field, only, rational
from ...language.views import Facts, Part, Sentence, View, view_html, view_latex
from .stationary import Landscape

KIND = "multi-concept"
NAMES = (
    "kind", "concepts", "norms", "neurons", "alive", "regularisation", "initial_scale", "length", "flips", "word_noise", "label_noise",
    "initial_gate", "initial_lift",
)  # fmt: skip
# Numbers outside are refused: the answer would be a statement about rounding.
LARGEST, LEAST = Fraction(10**9), Fraction(1, 10**9)
LARGEST_COUNT = 10**6


@dataclass(frozen=True)
class MultiConcept:
    """A problem; every argument is an integer, a `Fraction` or a "p/q" string.

    `concepts` K; squared norms `b`, `c`, `d` (B, C, D); `neurons` m, even; `regularisation` lambda >= 0; `initial_scale` s_0 > 0; `alive`, the plus
    neurons alive per concept (default m / 2); `length` L of a prompt, even; `flips` p < 1/2; standard deviations `word_noise`, `label_noise`;
    the start `initial_gate` u and `initial_lift` v of alive neurons. Raises `InvalidInput` naming field, reason and remedy.

    >>> problem = MultiConcept(4, neurons=64, regularisation="1/1000", initial_scale="1/2", length=4)
    >>> problem.alive, problem.landscape.share
    (32, Fraction(1, 1))
    """

    concepts: int
    b: Fraction = Fraction(1)
    c: Fraction = Fraction(1)
    d: Fraction = Fraction(1)
    neurons: int = 16
    regularisation: Fraction = Fraction(1, 500)
    initial_scale: Fraction = Fraction(1, 2)
    alive: int | None = None
    length: int = 4
    flips: Fraction = Fraction(0)
    word_noise: Fraction = Fraction(0)
    label_noise: Fraction = Fraction(0)
    initial_gate: Fraction = Fraction(1, 20)
    initial_lift: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        def put(name: str, value: Any) -> None:
            object.__setattr__(self, name, value)

        put("concepts", _count(self.concepts, "concepts", 1))
        put("neurons", _count(self.neurons, "neurons", 2))
        if self.neurons % 2:
            raise InvalidInput("neurons", f"is {self.neurons}, an odd number", "give an even number: half of the neurons have each sign")
        put("alive", self.neurons // 2 if self.alive is None else _count(self.alive, "alive", 0))
        if self.alive > self.neurons // 2:  # type: ignore[operator]
            raise InvalidInput("alive", f"is {self.alive} of {self.neurons // 2} plus neurons", f"give at most {self.neurons // 2}")
        put("length", _count(self.length, "length", 1))
        if self.length % 2:
            raise InvalidInput("length", f"is {self.length}, and balanced prompts need an even length", "give an even number of demonstrations")
        for name in ("b", "c", "d"):
            put(name, _positive(getattr(self, name), f"norms.{name}"))
        put("initial_scale", _positive(self.initial_scale, "initial_scale"))
        for name in ("regularisation", "word_noise", "label_noise"):
            put(name, _at_least_zero(getattr(self, name), name))
        put("flips", rational(self.flips, "flips"))
        if not 0 <= self.flips < Fraction(1, 2):
            raise InvalidInput("flips", f"is {brief(self.flips)}", "give a probability of at least 0 and below 1/2")
        put("initial_gate", _at_least_zero(self.initial_gate, "initial_gate"))
        put("initial_lift", _within(rational(self.initial_lift, "initial_lift"), "initial_lift", signed=True))

    @property
    def landscape(self) -> Landscape:
        """What rest states depend on."""
        assert self.alive is not None
        return Landscape(self.b, self.c, self.d, Fraction(self.concepts), self.neurons, self.alive, self.flips)

    @property
    def initial_beta(self) -> Fraction:
        """beta(0) = s_0^2 B."""
        return self.initial_scale**2 * self.b

    def instance(self) -> dict[str, Any]:
        """The instance record; fields that have their default value are left out, except for those every file has.

        >>> MultiConcept(2).instance()["norms"]
        {'b': '1', 'c': '1', 'd': '1'}
        """
        record: dict[str, Any] = {"kind": KIND, "concepts": self.concepts}
        record["norms"] = {name: written(getattr(self, name)) for name in ("b", "c", "d")}
        record |= {"neurons": self.neurons, "alive": self.alive, "regularisation": written(self.regularisation)}
        record |= {"initial_scale": written(self.initial_scale), "length": self.length}
        defaults = {entry.name: entry.default for entry in fields(self)}
        for name in ("flips", "word_noise", "label_noise", "initial_gate", "initial_lift"):
            value = getattr(self, name)
            if value != defaults[name]:
                record[name] = written(value)
        return record

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> MultiConcept:
        """The problem of an instance record (see ARCHITECTURE, section 6). Raises `InvalidInput` for every field that is wrong.

        >>> MultiConcept.read({"kind": "multi-concept", "concepts": 2, "norms": {"b": "1", "c": "1", "d": "1"}, "neurons": 16,
        ...                    "regularisation": "1/500", "initial_scale": "1/2"}).length
        4
        """
        for name in ("concepts", "norms", "neurons", "regularisation", "initial_scale"):
            field(record, name, "instance")
        only(record, NAMES, "instance")
        if record.get("kind", KIND) != KIND:
            raise InvalidInput("kind", f"is {brief(record['kind'])}", f'write "{KIND}"')
        norms = record["norms"]
        for name in ("b", "c", "d"):
            field(norms, name, "norms")
        only(norms, ("a", "b", "c", "d"), "norms")
        if "a" in norms:  # a shifts all scores of a prompt alike: it is checked and has no effect
            _positive(norms["a"], "norms.a")
        given = {name: record[name] for name in NAMES[3:] if name in record}
        return cls(record["concepts"], b=norms["b"], c=norms["c"], d=norms["d"], **given)

    def view(self) -> View:
        """The instance for people and documents.

        >>> MultiConcept(2).view().counts
        (('concept', 2), ('neuron', 16))
        """
        rows = [("squared norms B, C, D", ", ".join(written(x) for x in (self.b, self.c, self.d)))]
        rows.append(("start p, u, v", ", ".join(written(x) for x in (self.initial_scale, self.initial_gate, self.initial_lift))))
        extra = {"label flips": self.flips, "word noise": self.word_noise, "label noise": self.label_noise}
        rows += [(name, written(value)) for name, value in extra.items() if value]
        numbers = {"K": self.concepts, "m": self.neurons, "M_a": self.alive, r"\lambda": self.regularisation, "L": self.length}
        formulas = [f"{name}={written(Fraction(x))}" for name, x in numbers.items() if x is not None]
        words = [text.replace("\\lambda", "lambda") for text in formulas]
        parts: tuple[Part, ...] = (*(Sentence(text, latex) for text, latex in zip(words, formulas)), Facts(tuple(rows)))
        return View(KIND, parts, (("concept", self.concepts), ("neuron", self.neurons)))

    def _repr_html_(self) -> str:
        return view_html(self.view())

    def _repr_latex_(self) -> str | None:
        return view_latex(self.view())


def _count(value: Any, name: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput(name, f"is {brief(value)}", f"give an integer from {least} to {LARGEST_COUNT}")
    if not least <= value <= LARGEST_COUNT:
        raise InvalidInput(name, f"is {brief(value)}", f"give an integer from {least} to {LARGEST_COUNT}")
    return value


def _within(value: Fraction, name: str, signed: bool = False) -> Fraction:
    if value and not LEAST <= abs(value) <= LARGEST:
        raise InvalidInput(
            name, f"{brief(value)} is out of range", "give a number of size between 1/1000000000 and 1000000000" + (" or 0" if signed else "")
        )
    return value


def _positive(value: Any, name: str) -> Fraction:
    number = rational(value, name)
    if number <= 0:
        raise InvalidInput(name, f"is {brief(number)}", "give a positive rational")
    return _within(number, name)


def _at_least_zero(value: Any, name: str) -> Fraction:
    number = rational(value, name)
    if number < 0:
        raise InvalidInput(name, f"is {brief(number)}", "give 0 or a positive rational")
    return _within(number, name)
