"""Inequalities in one variable, proved by the sign of a derivative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp
from flint import arb, ctx
from sympy.core.function import AppliedUndef

from ..errors import InvalidStatement
from ..language.verdicts import Evidence, Outcome, Verdict
from .domain import Domain, domain_of, expression_of
from .evaluation import Point, Values, compiled
from .expressions import Sigma, plain, substitute
from .index_calculus import derivative, normal_form
from .sampling import BITS, pseudo_random
from .signs import Declared, Sign, certain_sign

__all__ = ["NonNegative"]

DRAWS = 8  # values of the parameters, of several magnitudes
FAR = 20  # unbounded variables are tried up to 2^FAR, and down to 2^-FAR


@dataclass(frozen=True)
class NonNegative:
    """f(x) >= 0 for all x >= 0 (or for 0 <= x <= `upto`) and all positive values of the other symbols.

    Domain: f is built from x, other plain symbols (the positive parameters) and rational numbers by sums, products, rational
    powers, E and L, and is smooth on the whole closed interval: every denominator, every argument of L and every base of a
    root is certainly positive there, at 0 and at `upto` too. Otherwise `InvalidStatement` names the part that is not.

    The procedure: f or one of its first derivatives has a certain sign >= 0 (a quotient of polynomials with non-negative
    coefficients in x, positive parameters and exponentials, after x = upto s / (1 + s) if `upto` is given), and the lower
    derivatives are certainly >= 0 at 0. Then f >= 0 by integrating up. A negative value at a rational point (enclosed)
    refutes; where neither happens the verdict is inconclusive.

    >>> x = sp.Symbol("x")
    >>> NonNegative(x - sp.Function("L")(1 + x), x).decide().evidence.word
    'proved'
    >>> NonNegative(1 / x - sp.Rational(1, 10), x)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ntpproofs.errors.InvalidStatement: 1/x: has a denominator x that may be 0, for x >= 0. Remedy: ...
    """

    expression: Any
    variable: sp.Symbol
    upto: Any = None
    depth: int = 4

    def __post_init__(self) -> None:
        if not isinstance(self.variable, sp.Symbol) or self.variable.is_integer:
            raise InvalidStatement(str(self.variable), "is not a plain symbol", "give the variable as sympy.Symbol")
        object.__setattr__(self, "expression", expression_of(self.expression))
        if self.upto is not None:
            object.__setattr__(self, "upto", expression_of(self.upto))
            if not self.upto.is_Rational or self.upto <= 0:
                raise InvalidStatement(f"upto = {self.upto}", "is not a positive rational number", "give the right end of the interval")
        _require_smooth(self)

    def decide(self) -> Verdict:
        """PROVED, REFUTED (enclosed, at a point), or INCONCLUSIVE if the derivative test does not apply."""
        f, x = self.expression, self.variable
        negative = self._negative_point()
        if negative is not None:
            at, parameters = negative
            detail = f"{f} is negative at {', '.join([f'{x} = {at}', *parameters])}"
            return Verdict(Outcome.REFUTED, Evidence.ENCLOSED, f"{x} = {at}", detail)
        domain = Domain(_declared(x))
        g = f
        for order in range(self.depth):
            g = normal_form(g, domain)
            if _on_interval(g, self).never_negative:
                lower = ", and so are f and its lower derivatives at 0" if order else ""
                detail = f"the derivative of order {order} is certainly >= 0{lower}"
                return Verdict(Outcome.HOLDS, Evidence.PROVED, "all sizes", detail + self._where())
            if not certain_sign(normal_form(substitute(g, {x: sp.Integer(0)}), domain), _declared(x)).never_negative:
                break
            g = derivative(g, x)
        return Verdict(Outcome.INCONCLUSIVE, detail=f"the derivative test does not decide {f} >= 0")

    def _where(self) -> str:
        names = sorted(str(symbol) for symbol in self.expression.free_symbols - {self.variable})
        return f", where {', '.join(names)} > 0" if names else ""

    def _negative_point(self) -> tuple[Fraction, list[str]] | None:
        program, x = compiled(self.expression), self.variable
        parameters = sorted((symbol for symbol in self.expression.free_symbols - {x}), key=str)
        with ctx.workprec(BITS):
            for at, draw in product(_grid(self.upto), range(DRAWS if parameters else 1)):
                values = {symbol.name: pseudo_random(symbol.name, (), draw=draw) for symbol in parameters} | {x.name: at}
                ball: arb = program(Point({}, _reading(values)), {})
                if ball < 0:
                    return at, [f"{symbol} = {values[symbol.name]}" for symbol in parameters]
        return None


def _reading(values: Mapping[str, Fraction]) -> Values:
    return lambda name, indices: values[name]


def _grid(upto: Any) -> Iterator[Fraction]:
    if upto is not None:
        end = Fraction(int(upto.p), int(upto.q))
        yield from (end * Fraction(k, 40) for k in range(1, 40))
        yield from (end / 2**k for k in range(6, FAR))
        yield from (end - end / 2**k for k in range(6, FAR))
        yield from (Fraction(0), end)
        return
    yield from (Fraction(k, 8) for k in range(1, 40))
    yield from (Fraction(2) ** k for k in range(3, FAR))
    yield from (Fraction(1, 2**k) for k in range(4, FAR))
    yield Fraction(0)


def _declared(variable: sp.Symbol) -> Declared:
    return Declared(nonnegative=frozenset({variable.name}))


def _stretched(g: sp.Expr, given: NonNegative) -> tuple[sp.Expr, sp.Symbol]:
    # x = upto s / (1 + s) maps s >= 0 onto [0, upto).
    s = sp.Symbol("s of the interval")
    return substitute(g, {given.variable: given.upto * s / (1 + s)}), s


def _on_interval(g: sp.Expr, given: NonNegative) -> Sign:
    # The certain sign on [0, upto), as it stands or after stretching the interval.
    found = certain_sign(g, _declared(given.variable))
    if found.value or given.upto is None:
        return found
    inside, s = _stretched(g, given)
    return certain_sign(normal_form(inside, Domain(_declared(s))), _declared(s))


def _require_smooth(given: NonNegative) -> None:
    # `domain_of` reads what the expression contains; here every part that could be singular is kept off zero, ends included.
    f = plain(given.expression)
    for node in sp.preorder_traversal(f):
        if isinstance(node, Sigma) or (isinstance(node, AppliedUndef) and node.func.__name__ not in ("E", "L")):
            reason = "has indices or sums, and the derivative test reads plain symbols only"
            raise InvalidStatement(str(node), reason, "state the inequality for one term, in plain symbols")
        if node.is_Symbol and node.is_real and not node.is_positive and node != given.variable:
            raise InvalidStatement(str(node), "is declared real, and parameters are positive", "use a plain symbol")
    domain_of((f if given.upto is None else _stretched(f, given)[0],))
    for node in sp.preorder_traversal(f):
        if node.is_Pow and not node.exp.is_Integer:
            _require(node, node.base, f"has a root of {node.base}, which may be 0 or negative", given, positive=True)
        elif node.is_Pow and node.exp < 0:
            _require(node, node.base, f"has a denominator {node.base} that may be 0", given, positive=False)
        elif isinstance(node, AppliedUndef) and node.func.__name__ == "L":
            _require(node, node.args[0], f"takes the logarithm of {node.args[0]}, which may be 0 or negative", given, positive=True)


def _require(node: sp.Expr, part: sp.Expr, reason: str, given: NonNegative, positive: bool) -> None:
    x, inside = given.variable, _on_interval(part, given)
    end = inside if given.upto is None else certain_sign(substitute(part, {x: given.upto}), _declared(x))
    if not inside.never_zero or end.value != inside.value or (positive and not inside.positive):
        over = f"{x} >= 0" if given.upto is None else f"0 <= {x} <= {given.upto}"
        raise InvalidStatement(str(node), f"{reason}, for {over}", "move the singular point out of the interval by a substitution")
