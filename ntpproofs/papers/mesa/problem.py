"""The problem: one layer of linear attention trained on x_{t+1} = W x_t, from a diagonal start, for one law of the first token.

Instance files have the kind "linear-attention-ar"; every number is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...errors import InvalidInput, TooLarge
from ...exact.rational import written
from ...kernel.reading import brief, field, listed, only, rational, require
from ...language.views import Facts, Matrix, Part, Sentence, View, view_html, view_latex
from .laws import AtomLaw, Law
from .named_laws import MARGINALS, IndependentLaw, MomentLaw, OnesLaw, SparseLaw
from .slice import constants
from .two_variables import Start

KIND = "linear-attention-ar"
LARGEST_DIMENSION, LARGEST_LENGTH = 32, 10_000
# Sixth moments and their sums must fit into doubles, which simulate and display: 10^40 to the sixth power does.
LARGEST_EXPONENT = 130  # of two
NAMES = (*MARGINALS, "sparse", "ones", "moments")


@dataclass(frozen=True)
class LinearAttentionAR:
    """Dimension d, length T (predicted positions 2..T-1), law of x_1, start A = a_0 I, B = b_0 I, masked gradients or not.

    `initial` is (a_0, b_0). With `masked` the off-diagonal gradients of the two live blocks are set to zero in training.
    Raises `InvalidInput` outside T >= 3, for a law of another dimension and for a first token that is 0 almost surely.

    >>> LinearAttentionAR(2, 5, OnesLaw(2)).instance()["law"]
    {'name': 'ones'}
    """

    dimension: int
    length: int
    law: Law
    initial: tuple[Fraction, Fraction] = (Fraction(1, 10), Fraction(1, 10))
    masked: bool = False

    def __post_init__(self) -> None:
        for name, value, least, largest in (
            ("dimension", self.dimension, 1, LARGEST_DIMENSION),
            ("length", self.length, 3, LARGEST_LENGTH),
        ):
            require(isinstance(value, int) and not isinstance(value, bool), name, f"is {brief(value)}", "give an integer")
            require(value >= least, name, f"is {value}", f"give at least {least}")
            if value > largest:
                raise TooLarge(name, f"is {value:,}", f"give at most {largest:,}")
        if not isinstance(getattr(self.law, "dimension", None), int) or not callable(getattr(self.law, "moment", None)):
            raise InvalidInput("law", f"is {brief(self.law)} ({type(self.law).__name__}), no law", "give an AtomLaw([[1, 0], [-1, 0], ...])")
        if self.law.dimension != self.dimension:
            reason = f"lives in dimension {self.law.dimension}, the problem in {self.dimension}"
            raise InvalidInput("law", reason, "give atoms with `dimension` coordinates")
        start = tuple(rational(x, f"initial[{i}]") for i, x in enumerate(listed(self.initial, "initial", 2)))
        object.__setattr__(self, "initial", start)
        require(isinstance(self.masked, bool), "masked", f"is {brief(self.masked)}", "give true or false")
        for name, number in (("initial", x) for x in start):
            _representable(name, number)
        if not any(constants(self.law).fourth):
            raise InvalidInput("law", "is concentrated at 0, so every prediction is 0", "give a first token that is not 0")

    @property
    def start(self) -> Start:
        """a_0 and b_0."""
        return Start(*self.initial)

    def instance(self) -> dict[str, Any]:
        """The instance record; reading it gives an equal problem."""
        record: dict[str, Any] = {"kind": KIND, "dimension": self.dimension, "length": self.length, "law": self.law.record()}
        record["initial"] = [written(x) for x in self.initial]
        return record | ({"masked": True} if self.masked else {})

    def view(self) -> View:
        """The problem for people: sizes, the law, its atoms where it has some, the start."""
        record = self.law.record()
        named = ", ".join(f"{key} {brief(value)}" for key, value in record.items() if key not in ("name", "atoms", "weights"))
        law = f"{len(record['atoms'])} atoms" if "atoms" in record else " ".join(x for x in (record["name"], named) if x)
        a, b = self.initial
        start = f"a = {written(a)}, b = {written(b)}" + (", off-diagonal gradients masked" if self.masked else "")
        facts = Facts((("dimension", str(self.dimension)), ("length", str(self.length)), ("first token", law), ("start", start)))
        parts: list[Part] = [facts, Sentence(f"d = {self.dimension}, T = {self.length}", rf"d={self.dimension},\ T={self.length}")]
        if isinstance(self.law, AtomLaw):
            parts += [Matrix("atoms of the first token", self.law.atoms, "U"), Matrix("their weights", (self.law.weights,), "p")]
        else:
            parts.append(Sentence(f"law of the first token: {law}", rf"u\sim\text{{{law}}}"))
        parts.append(Sentence(f"start: {start}", rf"a_0={written(a)},\ b_0={written(b)}"))
        counts = (("coordinate", self.dimension), ("position", self.length - 2))
        return View(KIND, tuple(parts), counts)

    def _repr_html_(self) -> str:
        return view_html(self.view())

    def _repr_latex_(self) -> str | None:
        return view_latex(self.view())

    def __repr__(self) -> str:
        start = ", ".join(repr(written(x)) for x in self.initial)
        return f"LinearAttentionAR({self.dimension}, {self.length}, {self.law!r}, ({start}){', masked=True' * self.masked})"


def _representable(name: str, x: Fraction) -> None:
    size = abs(x.numerator).bit_length() - x.denominator.bit_length()
    if x and abs(size) > LARGEST_EXPONENT:
        reason = f"has a number near 2^{size}; its sixth powers would not fit into the doubles that simulate and display"
        raise TooLarge(name, reason, "choose other units")


def read(record: Any) -> LinearAttentionAR:
    """The problem of an instance record. Raises `InvalidInput` naming the field, the reason and the remedy.

    >>> read({"kind": "linear-attention-ar", "dimension": 1, "length": 3, "law": {"name": "gaussian", "variance": "4"}}).law
    IndependentLaw(name='gaussian', parameters=(Fraction(4, 1),))
    """
    kind = field(record, "kind", "the instance")
    require(kind == KIND, "kind", f"is {brief(kind)}", f'write "{KIND}"')
    only(record, ("kind", "dimension", "length", "law", "initial", "masked"), "the instance")
    dimension, length = _size(record, "dimension", LARGEST_DIMENSION), _size(record, "length", LARGEST_LENGTH)
    law = _law(field(record, "law", "the instance"), dimension)
    initial = tuple(listed(record.get("initial", ("1/10", "1/10")), "initial", 2))
    return LinearAttentionAR(dimension, length, law, initial, record.get("masked", False))


def _size(record: Mapping[str, Any], name: str, largest: int) -> int:
    value = field(record, name, "the instance")
    require(isinstance(value, int) and not isinstance(value, bool), name, f"is {brief(value)}", "give an integer")
    if value > largest:  # refused before anything of that size is built
        raise TooLarge(name, f"is {brief(value)}", f"give at most {largest:,}")
    require(value >= 1, name, f"is {brief(value)}", "give a positive integer")
    return value


def _law(record: Any, dimension: int) -> Law:
    require(isinstance(record, Mapping), "law", f"is {type(record).__name__}, not an object", 'write {"atoms": ...} or {"name": ...}')
    require(("atoms" in record) != ("name" in record), "law", "must have atoms or a name, and not both", f"names: {', '.join(NAMES)}")
    if "atoms" in record:
        return _atoms(record, dimension)
    name = record["name"]
    require(name in NAMES if isinstance(name, str) else False, "law.name", f"is {brief(name)}", f"names: {', '.join(NAMES)}")
    if name == "ones":
        only(record, ("name",), "law")
        return OnesLaw(dimension)
    if name == "moments":
        only(record, ("name", "moments"), "law")
        return MomentLaw(dimension, listed(field(record, "moments", "law"), "law.moments", 6))
    parameter = "scale" if name == "sparse" else MARGINALS[name].parameter
    only(record, ("name", parameter), "law")
    given = field(record, parameter, "law")
    several = isinstance(given, list) and name != "sparse"
    values = listed(given, f"law.{parameter}", dimension) if several else [given] * (1 if name == "sparse" else dimension)
    numbers = tuple(rational(x, f"law.{parameter}" + (f"[{i}]" if several else "")) for i, x in enumerate(values))
    for x in numbers:
        require(x > 0, f"law.{parameter}", f"is {brief(x)}", "give a positive number")
        _representable(f"law.{parameter}", x)
    return SparseLaw(dimension, numbers[0]) if name == "sparse" else IndependentLaw(name, numbers)


def _atoms(record: Mapping[str, Any], dimension: int) -> AtomLaw:
    only(record, ("atoms", "weights"), "law")
    atoms = listed(record["atoms"], "law.atoms")
    require(len(atoms) > 0, "law.atoms", "is empty", "give at least one atom")
    for i, atom in enumerate(atoms):
        listed(atom, f"law.atoms[{i}]", dimension)
    weights = record.get("weights")
    law = AtomLaw(atoms, None if weights is None else listed(weights, "law.weights", len(atoms)))
    for i, atom in enumerate(law.atoms):
        for x in atom:
            _representable(f"law.atoms[{i}]", x)
    return law
