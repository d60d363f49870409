"""Evaluation at concrete sizes in balls: the second route of every formula, which knows no rule of the calculus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import Any

import sympy as sp
from flint import arb
from sympy.core.function import AppliedUndef

from ..exact.balls import exact_arb
from .expressions import Produced, Sigma

__all__ = ["Program", "compiled", "evaluate"]

Values = Callable[[str, tuple[int, ...]], Fraction]
Scope = dict[sp.Symbol, int]  # index -> position


@dataclass
class Point:
    """Where an expression is evaluated: sizes of ranges, values of symbols, and what was computed there already."""

    sizes: Mapping[str, int]
    values: Values
    known: dict[Any, arb] = field(default_factory=dict)
    count: int = 0  # nodes evaluated, a measure of the work

    def value(self, name: str, indices: tuple[int, ...]) -> arb:
        """The ball of an indexed symbol, made once."""
        key = (name, indices)
        if key not in self.known:
            self.known[key] = exact_arb(self.values(name, indices))
        return self.known[key]


Program = Callable[[Point, Scope], arb]


def evaluate(expression: sp.Expr, sizes: Mapping[str, int], values: Values) -> arb:
    """A ball around the number an expression stands for at concrete sizes: the second, independent check of a formula.

    `sizes` maps range names to sizes; `values(name, indices)` gives the rational value of an indexed symbol (a plain symbol
    has no indices). The precision is that of the current Arb context. Where the expression is undefined the ball is not finite.
    """
    return compiled(expression)(Point(sizes, values), {})


def compiled(expression: sp.Expr) -> Program:
    """The expression as a function of a point and the positions of its free indices; the tree is walked once."""
    if isinstance(expression, Produced):
        return compiled(expression.value)
    if isinstance(expression, Sigma):
        return _remembered(expression, _sum(expression))
    if isinstance(expression, AppliedUndef):
        return _function(expression)
    if expression.is_Rational:
        number = Fraction(int(expression.p), int(expression.q))
        return lambda point, scope: exact_arb(number)
    if expression.is_Symbol:
        return lambda point, scope: arb(scope[expression]) if expression in scope else point.value(expression.name, ())
    parts = [compiled(argument) for argument in expression.args]
    if expression.is_Add:
        return lambda point, scope: sum((part(point, scope) for part in parts), arb(0))
    if expression.is_Mul:
        return lambda point, scope: prod((part(point, scope) for part in parts), start=arb(1))
    if expression.is_Pow:
        base, power = parts
        return _remembered(expression, lambda point, scope: base(point, scope) ** power(point, scope))
    raise NotImplementedError(f"no rule to evaluate {expression}")


def _remembered(expression: sp.Expr, program: Program) -> Program:
    # Computed once for each position of the free indices: sums inside sums are not taken again and again.
    free = sorted((k for k in expression.free_symbols if k.is_integer), key=sp.default_sort_key)
    identity = object()

    def run(point: Point, scope: Scope) -> arb:
        key = (identity, *(scope.get(k) for k in free))
        if key not in point.known:
            point.count += 1
            point.known[key] = program(point, scope)
        return point.known[key]

    return run


def _sum(expression: Sigma) -> Program:
    (k, r), *rest = expression.bindings
    inner = compiled(Sigma(expression.body, *rest) if rest else expression.body)

    def run(point: Point, scope: Scope) -> arb:
        size = point.sizes[str(r)]
        point.count += size
        return sum((inner(point, {**scope, k: position}) for position in range(size)), arb(0))

    return run


def _function(expression: AppliedUndef) -> Program:
    name = expression.func.__name__
    if name == "size":
        over = str(expression.args[0])
        return lambda point, scope: arb(point.sizes[over])
    if name in ("E", "L"):
        argument = compiled(expression.args[0])
        if name == "E":
            return _remembered(expression, lambda point, scope: argument(point, scope).exp())
        return _remembered(expression, lambda point, scope: argument(point, scope).log())
    places = expression.args

    def positions(scope: Scope) -> tuple[int, ...]:
        return tuple(scope[k] if k in scope else int(k) for k in places)

    if name == "Delta":

        def delta(point: Point, scope: Scope) -> arb:
            p, q = positions(scope)
            return arb(int(p == q))

        return delta
    return lambda point, scope: point.value(name, positions(scope))
