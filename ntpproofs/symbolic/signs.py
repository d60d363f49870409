"""Signs that are certain: what follows from the form of an expression alone, for all values in a domain.

Positive symbols, exponentials and sizes of non-empty ranges are positive; sums, products and powers follow. Where the terms
of a sum differ in sign the numerator and the denominator are expanded and read again, with exp(x) = 1 + y for positive x.
What this does not settle is unknown: never guessed from a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp
from sympy.core.function import AppliedUndef

from .expressions import Produced, Sigma

__all__ = ["Declared", "Sign", "certain_sign"]

Conditions = frozenset[frozenset[str]]


@dataclass(frozen=True)
class Declared:
    """Signs of names and least sizes of ranges.

    Names in `signed` take either sign, names in `nonnegative` may be zero. Of the others those in `positive` are positive;
    None means all of them. A range is as small as `sizes` says, 0 by default.
    """

    signed: frozenset[str] = frozenset()
    nonnegative: frozenset[str] = frozenset()
    positive: frozenset[str] | None = None
    sizes: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Sign:
    """What is certain about a sign: 2 positive, 1 not negative, 0 unknown, -1 not positive, -2 negative.

    It used that the `names` are positive, and for each set in `ranges` that one of its ranges is not empty.
    """

    value: int
    names: frozenset[str] = frozenset()
    ranges: Conditions = frozenset()

    @property
    def positive(self) -> bool:
        """Certainly > 0."""
        return self.value == 2

    @property
    def never_negative(self) -> bool:
        """Certainly >= 0."""
        return self.value >= 1

    @property
    def never_zero(self) -> bool:
        """Certainly not 0."""
        return abs(self.value) == 2


UNKNOWN = Sign(0)


def certain_sign(expression: sp.Expr, declared: Declared) -> Sign:
    """The certain sign of an expression.

    >>> x, z = sp.symbols("x z")
    >>> certain_sign(x + z**2, Declared()).positive, certain_sign(x - z, Declared()).never_negative
    (True, False)
    >>> certain_sign(x + z**2, Declared(signed=frozenset("x"))).value
    0
    """
    if isinstance(expression, Produced):
        return certain_sign(expression.value, declared)
    if expression.is_Rational:
        return Sign(2 if expression.p > 0 else -2 if expression.p < 0 else 1)
    if isinstance(expression, Sigma):
        return _of_sum_over_range(expression, declared)
    if isinstance(expression, AppliedUndef):
        return _of_function(expression, declared)
    if expression.is_Symbol:
        return _of_name(expression.name, declared)
    if expression.is_Mul:
        return _of_product([certain_sign(factor, declared) for factor in expression.args])
    if expression.is_Pow and expression.exp.is_Rational:
        return _of_power(expression, declared)
    if expression.is_Add:
        found = _of_terms([certain_sign(term, declared) for term in expression.args])
        return found if found.value else _of_expanded(expression, declared)
    return UNKNOWN


def _of_name(name: str, declared: Declared) -> Sign:
    if name in declared.nonnegative:
        return Sign(1)
    if name in declared.signed or (declared.positive is not None and name not in declared.positive):
        return UNKNOWN
    return Sign(2, frozenset({name}))


def _of_function(expression: AppliedUndef, declared: Declared) -> Sign:
    name = expression.func.__name__
    if name == "E":
        return Sign(2)
    if name == "Delta":
        return Sign(1)
    if name == "size":
        return Sign(2, ranges=_inhabited(str(expression.args[0]), declared))
    return UNKNOWN if name == "L" else _of_name(name, declared)


def _inhabited(over: str, declared: Declared) -> Conditions:
    return frozenset() if declared.sizes.get(over, 0) > 0 else frozenset({frozenset({over})})


def _of_sum_over_range(expression: Sigma, declared: Declared) -> Sign:
    body = certain_sign(expression.body, declared)
    if not body.never_zero:
        return body
    needed = frozenset().union(*(_inhabited(str(r), declared) for _, r in expression.bindings))
    return Sign(body.value, body.names, body.ranges | needed)


def _of_product(signs: list[Sign]) -> Sign:
    value = 2
    for sign in signs:
        # The product of the certainties: unknown absorbs, "may be zero" is passed on.
        value = 0 if not sign.value * value else (1 if sign.value * value > 0 else -1) * min(abs(sign.value), abs(value))
    return Sign(value, _names(signs), _ranges(signs)) if value else UNKNOWN


def _of_power(expression: sp.Expr, declared: Declared) -> Sign:
    base, power = certain_sign(expression.base, declared), expression.exp
    even = power.is_Integer and power.p % 2 == 0
    if base.positive or (base.never_negative and power > 0):
        return base
    if base.never_zero and power.is_Integer:
        return Sign(2 if even else -2, base.names, base.ranges)
    if even and power > 0:
        return Sign(1)
    return Sign(-1, base.names, base.ranges) if base.value == -1 and power.is_Integer and power > 0 else UNKNOWN


def _of_terms(signs: list[Sign]) -> Sign:
    for direction in (1, -1):
        if all(direction * sign.value >= 1 for sign in signs):
            return _strict(signs, direction) or Sign(direction, _names(signs), _ranges(signs))
    return UNKNOWN


def _strict(signs: list[Sign], direction: int) -> Sign | None:
    # One term that is not zero is enough: one that needs no range if there is one, else any of those that need one.
    strict = [sign for sign in signs if sign.never_zero]
    if not strict:
        return None
    needed: Conditions = frozenset()
    if all(sign.ranges for sign in strict):
        single = all(len(sign.ranges) == 1 for sign in strict)
        needed = frozenset({frozenset().union(*(next(iter(sign.ranges)) for sign in strict))}) if single else strict[0].ranges
    weak = [sign for sign in signs if not sign.never_zero]
    return Sign(2 * direction, _names(signs), needed | _ranges(weak))


def _of_expanded(expression: sp.Expr, declared: Declared) -> Sign:
    # exp(x) = 1 + y with y > 0 for x > 0; then one fraction, both parts expanded, read term by term.
    used: dict[sp.Expr, tuple[sp.Expr, Sign]] = {}
    inside = _exponentials_from_one(expression, declared, used)
    parts = sp.fraction(sp.together(inside, deep=False))
    signs = [_of_terms([_of_monomial(term, declared) for term in sp.Add.make_args(sp.expand(part))]) for part in parts]
    found = _of_product(signs)
    if not found.value or not signs[1].never_zero:
        return UNKNOWN
    conditions = [sign for _, sign in used.values()]
    return Sign(found.value, found.names | _names(conditions), found.ranges | _ranges(conditions))


def _exponentials_from_one(expression: sp.Expr, declared: Declared, used: dict[sp.Expr, tuple[sp.Expr, Sign]]) -> sp.Expr:
    if isinstance(expression, AppliedUndef) and expression.func.__name__ == "E":
        if expression not in used:
            sign = certain_sign(expression.args[0], declared)
            if not sign.never_negative:
                return expression
            used[expression] = (sp.Dummy("y", positive=True) if sign.positive else sp.Dummy("y", nonnegative=True), sign)
        return 1 + used[expression][0]
    if expression.is_Add or expression.is_Mul or (expression.is_Pow and expression.exp.is_Integer):
        return expression.func(*(_exponentials_from_one(argument, declared, used) for argument in expression.args))
    return expression


def _of_monomial(term: sp.Expr, declared: Declared) -> Sign:
    # A term of an expanded polynomial. A sum left inside it is not expanded again.
    factors = [UNKNOWN if factor.is_Add else _of_factor(factor, declared) for factor in sp.Mul.make_args(term)]
    return _of_product(factors)


def _of_factor(factor: sp.Expr, declared: Declared) -> Sign:
    base, power = factor.as_base_exp()
    if isinstance(base, sp.Dummy) and not base.is_integer:
        return Sign(2 if base.is_positive else 1) if power.is_Integer and power > 0 else UNKNOWN
    if base.is_Add:
        return Sign(1) if power.is_Integer and power > 0 and power.p % 2 == 0 else UNKNOWN
    return certain_sign(factor, declared)


def _names(signs: list[Sign]) -> frozenset[str]:
    return frozenset().union(*(sign.names for sign in signs))


def _ranges(signs: list[Sign]) -> Conditions:
    return frozenset().union(*(sign.ranges for sign in signs))
