"""Expressions of the index calculus: sums over ranges of unspecified size, and the few things one may do to them.

An expression is built from rational numbers, plain symbols, indexed symbols w(a, b), sums `total`, the exponential E, the
logarithm L and Kronecker's Delta, by addition, multiplication and rational powers. An index is a position 0, 1, ..., below
the size of its range.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.symbol import Str

E = sp.Function("E")  # the exponential; sympy's own merges products, which would hide the structure over indices
L = sp.Function("L")  # the natural logarithm of a positive argument
Delta = sp.Function("Delta")  # Kronecker's delta

RULED = ("E", "L", "Delta", "size")  # function symbols with a meaning of their own

__all__ = ["Delta", "E", "L", "Produced", "Sigma", "index", "ranges", "substitute", "total"]


class Sigma(sp.Expr):
    """A sum over one or more bound indices: args (body, (index, range), ...). Bound indices are local."""

    is_commutative = True

    def __new__(cls, body: Any, *bindings: Any) -> Any:
        """The sum over the bindings, unevaluated."""
        return sp.Expr.__new__(cls, sp.sympify(body), *(sp.Tuple(*binding) for binding in bindings))

    @property
    def body(self) -> sp.Expr:
        """The summand."""
        return self.args[0]

    @property
    def bindings(self) -> tuple[tuple[sp.Symbol, sp.Symbol], ...]:
        """(index, range) pairs."""
        return tuple((binding[0], binding[1]) for binding in self.args[1:])

    @property
    def free_symbols(self) -> set[sp.Basic]:
        """Symbols of the body that are not bound here."""
        return self.body.free_symbols - {k for k, _ in self.bindings}

    def _sympystr(self, printer: Any) -> str:
        return f"Sum[{', '.join(f'{k} in {r}' for k, r in self.bindings)}]({printer.doprint(self.body)})"


class Produced(sp.Expr):
    """An expression that a procedure computed, with the name of the procedure: equal to its value.

    `of` is what it was computed from, for a derivative the expression and the variable: that is printed, the value without it. The
    calculus looks through it. Only the question whether an identity follows by expanding the two sides as they are written does not:
    what a procedure had to compute is not written down by the author.
    """

    is_commutative = True

    def __new__(cls, value: Any, procedure: str | Str, *of: Any) -> Any:
        """The value with the name of what computed it; constants stay bare."""
        value = plain(sp.sympify(value))
        return value if value.is_Rational else sp.Expr.__new__(cls, value, Str(str(procedure)), *map(sp.sympify, of))

    @property
    def value(self) -> sp.Expr:
        """The expression itself."""
        return self.args[0]

    @property
    def of(self) -> tuple[sp.Expr, ...]:
        """What the procedure was given."""
        return self.args[2:]

    def _sympystr(self, printer: Any) -> str:
        return f"({printer.doprint(self.value)})"


def plain(expression: sp.Expr) -> sp.Expr:
    """The expression without the marks of the procedures that produced its parts."""
    if isinstance(expression, Produced):
        return plain(expression.value)
    if not expression.has(Produced):
        return expression
    return expression.func(*(plain(argument) for argument in expression.args))


def index(name: str) -> sp.Symbol:
    """An index symbol."""
    return sp.Symbol(name, integer=True)


def total(body: Any, *bindings: tuple[Any, Any]) -> Sigma:
    """sum of `body` over the (index, range) pairs; a range is a symbol or its name."""
    return Sigma(body, *((k, sp.Symbol(r) if isinstance(r, str) else r) for k, r in bindings))


def fresh(k: sp.Symbol) -> sp.Symbol:
    """An index no expression contains yet."""
    return sp.Dummy(k.name.split("@")[0], integer=True)


def substitute(expression: sp.Expr, mapping: dict[Any, Any]) -> sp.Expr:
    """Replace free symbols, leaving bound indices alone (they are renamed first where a capture threatens)."""
    if isinstance(expression, Sigma):
        bound = {k for k, _ in expression.bindings}
        inner = {k: x for k, x in mapping.items() if k not in bound}
        captured = bound & set().union(*(sp.sympify(x).free_symbols for x in inner.values()), set())
        rename = {k: fresh(k) for k in captured}
        body = substitute(expression.body, rename) if rename else expression.body
        return Sigma(substitute(body, inner), *((rename.get(k, k), r) for k, r in expression.bindings))
    if expression in mapping:
        return sp.sympify(mapping[expression])
    if not expression.args:
        return expression
    return expression.func(*(substitute(argument, mapping) for argument in expression.args))


def is_symbol(expression: sp.Basic) -> bool:
    """Whether an expression is an indexed symbol such as w(a), a function symbol without a meaning of its own."""
    return isinstance(expression, AppliedUndef) and expression.func.__name__ not in RULED


def ranges(expression: sp.Expr) -> set[str]:
    """The names of the ranges an expression sums over."""
    names = {str(r) for node in sp.preorder_traversal(expression) if isinstance(node, Sigma) for _, r in node.bindings}
    return names | {str(f.args[0]) for f in expression.atoms(AppliedUndef) if f.func.__name__ == "size"}
