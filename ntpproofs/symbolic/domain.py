"""The domain of an expression: what it may contain, and where it is defined. What lies outside is refused in words.

An expression is read over the reals. Its domain is what its own form asks for, and nothing more is assumed:

    the argument of a logarithm and the base of a root are certainly positive; for that, symbols in them are taken as positive
    unless declared `signed`, and ranges they sum over as not empty;
    no denominator vanishes;
    an index that Delta compares with an index of a range lies in that range;
    every range has at least the size declared, 0 by default.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import sympy as sp
from sympy.core.function import AppliedUndef

from ..errors import InvalidStatement
from .expressions import Produced, Sigma
from .signs import Conditions, Declared, certain_sign

__all__ = ["Domain", "domain_of", "expression_of"]

FOREIGN = {
    "Sum": "use total(body, (index, range)), whose ranges may have any size",
    "Product": "use E(total(L(body), (index, range))) for a product of positive factors",
    "exp": "use E, whose products over indices stay visible",
    "log": "use L",
    "Float": "use a rational number: fractions.Fraction or sympy.Rational",
    "Derivative": "use derivative(expression, variable)",
}


@dataclass(frozen=True)
class Domain:
    """Where an expression is defined and its rules apply.

    `declared` holds what is known about signs and least sizes: names outside `declared.positive` take either sign. For each
    set in `inhabited` one of its ranges is not empty; `nonzero` do not vanish; `members` maps a free index to its range.
    """

    declared: Declared
    inhabited: Conditions = frozenset()
    nonzero: tuple[sp.Expr, ...] = ()
    members: Mapping[sp.Symbol, sp.Symbol] = field(default_factory=dict, hash=False)

    @property
    def positive(self) -> frozenset[str]:
        """Names that are positive because a logarithm or a root needs it."""
        return self.declared.positive or frozenset()

    def least(self, over: str) -> int:
        """The least size of a range."""
        return self.declared.sizes.get(over, 0)

    def contains(self, over: sp.Symbol, place: sp.Expr, bound: Mapping[sp.Symbol, sp.Symbol]) -> bool:
        """Whether an index, bound or free, or a position certainly lies in a range."""
        if place.is_Integer:
            return 0 <= int(place) < self.least(str(over))
        return bound.get(place, self.members.get(place)) == over

    def inside(self, bindings: Mapping[sp.Symbol, sp.Symbol]) -> Domain:
        """The domain within a sum over these indices."""
        return replace(self, members={**self.members, **bindings})

    @property
    def conditions(self) -> str:
        """What the domain asks for, in words; empty if the expression is defined for all reals and all sizes."""
        parts = [f"{', '.join(sorted(self.positive))} > 0"] if self.positive else []
        parts += [f"{' or '.join(sorted(names))} not empty" for names in sorted(self.inhabited, key=sorted)]
        parts += [f"{k} in {r}" for k, r in sorted(self.members.items(), key=str)]
        parts += [f"{part} not 0" for part in map(str, self.nonzero)]
        return "; ".join(parts)


def expression_of(value: Any) -> sp.Expr:
    """A SymPy expression, a rational number or an integer as an expression; `InvalidStatement` for anything else."""
    if isinstance(value, sp.Expr):
        return value
    if isinstance(value, bool) or not hasattr(value, "numerator") or isinstance(value, float):
        _refuse(repr(value), f"is a {type(value).__name__}, not an expression", "give a SymPy expression or a rational number")
    return sp.Rational(int(value.numerator), int(value.denominator))


def domain_of(expressions: Iterable[sp.Expr], signed: Collection[str] = frozenset(), sizes: Mapping[str, int] | None = None) -> Domain:
    """The domain on which all the expressions are defined.

    Raises `InvalidStatement` where an expression contains what the calculus does not know, or leaves every domain it does:
    a logarithm of a quantity that is not certainly positive, an index that would run over two ranges.

    >>> x, k = sp.Symbol("x"), sp.Symbol("k", integer=True)
    >>> domain_of([1 / (x - 1) + sp.Function("L")(Sigma(sp.Function("w")(k), (k, sp.Symbol("D"))))]).conditions
    'w > 0; D not empty; x - 1 not 0'
    """
    reader = _Reader(Declared(signed=frozenset(signed), sizes=dict(sizes or {})))
    for expression in expressions:
        reader.read(expression, {})
    known = replace(reader.declared, positive=frozenset(reader.positive))
    signs = {part: certain_sign(part, known) for part in reader.denominators}
    inhabited = reader.inhabited.union(*(sign.ranges for sign in signs.values() if sign.never_zero))
    return Domain(known, frozenset(inhabited), tuple(part for part, sign in signs.items() if not sign.never_zero), reader.members)


class _Reader:
    """One walk over expressions that collects what they need."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        self.positive: set[str] = set()
        self.inhabited: set[frozenset[str]] = set()
        self.denominators: list[sp.Expr] = []
        self.members: dict[sp.Symbol, sp.Symbol] = {}

    def read(self, expression: sp.Expr, bound: dict[sp.Symbol, sp.Symbol]) -> None:
        if isinstance(expression, Produced):
            self.read(expression.value, bound)
        elif isinstance(expression, Sigma):
            self._sum(expression, bound)
        elif isinstance(expression, AppliedUndef):
            self._function(expression, bound)
        elif expression.is_Symbol:
            self._symbol(expression)
        elif expression.is_Pow:
            self.read(expression.base, bound)
            self._power(expression)
        elif expression.is_Add or expression.is_Mul:
            for argument in expression.args:
                self.read(argument, bound)
        elif not isinstance(expression, sp.Rational):
            name = type(expression).__name__
            _refuse(str(expression), f"is a SymPy {name}, about which the calculus has no rule", FOREIGN.get(name, "write it with total, E and L"))

    def _symbol(self, symbol: sp.Symbol) -> None:
        if symbol.is_integer:
            _refuse(str(symbol), "is an index and stands alone as a number", "use a plain symbol for a number")
        known = {symbol.is_real, symbol.is_commutative, symbol.is_positive, symbol.is_finite}
        if False in known or symbol.is_nonnegative is not symbol.is_positive:
            _refuse(str(symbol), "has assumptions the calculus does not read", "use a plain symbol, or positive=True or real=True")
        if symbol.is_positive:
            self.positive.add(symbol.name)
        elif symbol.is_real and symbol.name not in self.declared.signed:
            self.declared = replace(self.declared, signed=self.declared.signed | {symbol.name})

    def _sum(self, expression: Sigma, bound: dict[sp.Symbol, sp.Symbol]) -> None:
        for k, r in expression.bindings:
            _require_place(k, expression)
            if not k.is_Symbol or not r.is_Symbol:
                _refuse(str(expression), f"sums over {k} in {r}", "give an index and the name of a range")
        if len({k for k, _ in expression.bindings}) < len(expression.bindings):
            _refuse(str(expression), "binds an index twice", "give each range its own index")
        self.read(expression.body, {**bound, **dict(expression.bindings)})

    def _function(self, expression: AppliedUndef, bound: dict[sp.Symbol, sp.Symbol]) -> None:
        name, arguments = expression.func.__name__, expression.args
        if len(arguments) != {"E": 1, "L": 1, "size": 1, "Delta": 2}.get(name, len(arguments)):
            _refuse(str(expression), f"has {len(arguments)} arguments", f"give {name} the number of arguments it takes")
        if name in ("E", "L"):
            self.read(arguments[0], bound)
            if name == "L":
                self._positive(arguments[0], f"the logarithm {expression}")
        elif name == "Delta":
            self._delta(expression, bound)
        elif name != "size":
            for place in arguments:
                _require_place(place, expression)
        elif not arguments[0].is_Symbol:
            _refuse(str(expression), "is not the size of a named range", "give the symbol of a range")

    def _delta(self, expression: AppliedUndef, bound: dict[sp.Symbol, sp.Symbol]) -> None:
        for place in expression.args:
            _require_place(place, expression)
        homes = [bound.get(place) for place in expression.args]
        if None not in homes and homes[0] != homes[1]:
            _refuse(str(expression), f"compares an index of {homes[0]} with one of {homes[1]}", "let both run over one range")
        for place, home in zip(expression.args, reversed(homes)):
            if home is not None and place.is_Symbol and place not in bound and self.members.setdefault(place, home) != home:
                _refuse(str(place), f"is compared with indices of {self.members[place]} and of {home}", "use two indices")

    def _power(self, expression: sp.Expr) -> None:
        base, power = expression.args
        if not power.is_Rational:
            _refuse(str(expression), "has an exponent that is not a rational number", "write it as E(exponent * L(base))")
        if not power.is_Integer:
            self._positive(base, f"the root {expression}")
        elif power < 0:
            self.denominators.append(base)

    def _positive(self, argument: sp.Expr, what: str) -> None:
        sign = certain_sign(argument, self.declared)
        if not sign.positive:
            reason = f"takes {argument}, which is not certainly positive"
            _refuse(what, reason, "write it in symbols that are positive (x = z + d with d > 0, say), or declare fewer of them signed")
        self.positive |= sign.names
        self.inhabited |= sign.ranges


def _require_place(place: sp.Expr, within: sp.Expr) -> None:
    position = place.is_Integer and place >= 0
    named = place.is_Symbol and place.is_integer and place.name.partition("@")[2].isdigit() == ("@" in place.name)
    if not position and not named:
        _refuse(str(within), f"has {place} where an index belongs", "use index(name), or a position (0, 1, and so on)")


def _refuse(subject: str, reason: str, remedy: str) -> NoReturn:
    raise InvalidStatement(subject, reason, remedy)
