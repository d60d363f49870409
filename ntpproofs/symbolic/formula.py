"""Symbolic values and inequalities a step can return: decided by a named procedure, checked a second way in balls.

`Formula` equality: equal normal forms of the index calculus prove the identity at all sizes; the two sides are also evaluated
at sizes 2 and 3 on pseudo-random rationals, which must agree, and which refute a false identity with an enclosure. Ranges get
different sizes, and free indices both different and equal values, so that no confusion of ranges or indices passes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp
from flint import ctx

from ..errors import InvalidStatement
from ..language.verdicts import Evidence, Outcome, Verdict
from .index_calculus import E, L, derivative, evaluate, index, normal_form, ranges, substitute

SIZES = ((2, 3), (3, 2))
BITS = 200


@dataclass(frozen=True)
class Formula:
    """An expression of the index calculus as an operand of `Equal`.

    Free symbols are positive reals; indexed symbols too, unless named in `signed`.

    >>> from ntpproofs.language.relations import Equal
    >>> x, y = sp.symbols("x y")
    >>> Equal(Formula((x + y) ** 2), Formula(x**2 + 2 * x * y + y**2)).decide().evidence.word
    'proved'
    """

    expression: Any
    signed: frozenset[str] = field(default=frozenset())

    def __str__(self) -> str:
        return str(self.expression)

    @property
    def latex(self) -> str:
        """The expression as LaTeX."""
        return latex_of(self.expression)

    def decide_equality(self, other: Any) -> Verdict:
        """PROVED if the normal forms agree; REFUTED (enclosed) if an evaluation at concrete sizes separates the sides."""
        left, right = sp.sympify(self.expression), sp.sympify(other.expression if isinstance(other, Formula) else other)
        gap = left - right
        same = normal_form(gap) == 0
        apart = self._separated(gap, ranges(left) | ranges(right))
        if same and apart is not None:
            raise ArithmeticError(f"the index calculus contradicts an evaluation at {apart}: {self} = {right}")
        if same:
            return Verdict(Outcome.HOLDS, Evidence.PROVED, "all sizes", "equal normal forms of the index calculus")
        if apart is not None:
            return Verdict(Outcome.REFUTED, Evidence.ENCLOSED, apart, f"{self} differs from {right} at {apart}")
        return Verdict(Outcome.INCONCLUSIVE, detail=f"normal forms differ and no evaluation separates {self} from {right}")

    def _separated(self, gap: sp.Expr, names: set[str]) -> str | None:
        free = sorted((k for k in gap.free_symbols if k.is_integer), key=sp.default_sort_key)
        for pattern, distinct in product(SIZES if names else SIZES[:1], (2, 1) if len(free) > 1 else (1,)):
            sizes = {name: pattern[i % 2] for i, name in enumerate(sorted(names))}
            concrete = substitute(gap, {k: sp.Integer(i % distinct) for i, k in enumerate(free)})
            with ctx.workprec(BITS):
                ball = evaluate(concrete, sizes, self._value)
            if not ball.contains(0):
                return ", ".join([*(f"{name} of size {size}" for name, size in sizes.items()), "pseudo-random rationals"])
        return None

    def _value(self, name: str, indices: tuple[int, ...]) -> Fraction:
        return pseudo_random(name, indices, signed=name in self.signed)


def pseudo_random(name: str, indices: tuple[int, ...], signed: bool = False) -> Fraction:
    """A small positive rational (any sign if `signed`) that depends on a name and indices only: the same in every run.

    >>> pseudo_random("w", (0,)) == pseudo_random("w", (0,))
    True
    """
    seed = hashlib.sha256(f"{name}{indices}".encode()).digest()
    value = Fraction(1 + seed[0] % 13, 1 + seed[1] % 7)
    return -value if signed and seed[2] % 2 else value


def latex_of(expression: Any) -> str:
    """LaTeX of an expression: E and L are printed as the exponential and the logarithm, functions as indexed symbols."""
    from sympy.printing.latex import LatexPrinter

    class Printer(LatexPrinter):
        def _print_AppliedUndef(self, node: Any, exp: Any = None) -> str:
            text = self._symbol(node)
            return rf"\left({text}\right)^{{{exp}}}" if exp is not None else text

        def _symbol(self, node: Any) -> str:
            name = node.func.__name__
            arguments = [self._print(argument) for argument in node.args]
            if name in ("E", "L"):
                return rf"\{'exp' if name == 'E' else 'log'}\Bigl({arguments[0]}\Bigr)"
            if name == "Delta":
                return rf"[{arguments[0]}={arguments[1]}]"
            head = sp.latex(sp.Symbol(name))
            return f"{head}_{{{','.join(arguments)}}}" if "_" not in head else f"{{{head}}}_{{{','.join(arguments)}}}"

    return str(Printer().doprint(expression))


@dataclass(frozen=True)
class NonNegative:
    """f(x) >= 0 for x >= 0 (or for 0 <= x <= `upto`), proved by the sign of a derivative.

    The procedure: after x = upto * s / (1 + s) if `upto` is given, f at 0 is a sum with non-negative coefficients and either
    f itself or one of its first derivatives in x is a quotient of polynomials with non-negative coefficients in the variable
    and in the positive `parameters`, the lower derivatives being non-negative at 0. Then f >= 0 by integrating up.
    A negative value at a rational point (enclosed) refutes.

    >>> x = sp.Symbol("x")
    >>> NonNegative(x - sp.Function("L")(1 + x), x).decide().evidence.word
    'proved'
    """

    expression: Any
    variable: sp.Symbol
    upto: Any = None
    depth: int = 4

    def decide(self) -> Verdict:
        """PROVED, REFUTED (enclosed, at a point), or INCONCLUSIVE if the derivative test does not apply."""
        f, x = sp.sympify(self.expression), self.variable
        at_zero: list[sp.Expr] = []
        for k in range(1, 40):
            point = Fraction(k, 8) if self.upto is None else Fraction(k, 40) * Fraction(self.upto)
            at_point = sp.Rational(point.numerator, point.denominator)
            with ctx.workprec(BITS):
                ball = evaluate(substitute(f, {x: at_point}), {}, pseudo_random)
            if ball < 0:
                return Verdict(Outcome.REFUTED, Evidence.ENCLOSED, f"{x} = {point}", f"{f} is negative at {x} = {point}")
        g = f
        for order in range(self.depth):
            if self._has_sign(g) and all(self._has_sign(value) for value in at_zero):
                detail = f"derivative of order {order} has non-negative coefficients, lower ones are non-negative at 0"
                return Verdict(Outcome.HOLDS, Evidence.PROVED, "all sizes", detail)
            at_zero.append(normal_form(substitute(g, {x: sp.Integer(0)})))
            g = normal_form(_derivative(g, x))
        return Verdict(Outcome.INCONCLUSIVE, detail=f"the derivative test does not decide {f} >= 0")

    def _has_sign(self, g: sp.Expr) -> bool:
        s = sp.Symbol("s_")
        if self.upto is not None:
            g = substitute(g, {self.variable: sp.sympify(self.upto) * s / (1 + s)})
        g = normal_form(g)
        if any(f.func == L for f in g.atoms(sp.core.function.AppliedUndef)):
            return False
        numerator, denominator = sp.fraction(sp.cancel(sp.together(g)))
        signs = [_coefficient_sign(part) for part in (numerator, denominator)]
        return numerator == 0 or (0 not in signs and signs[0] * signs[1] > 0)


def _derivative(g: sp.Expr, x: sp.Symbol) -> sp.Expr:
    # One-variable differentiation through the index calculus: x is read as a one-entry vector.
    w, a = sp.Function("x_"), index("a_")
    del a
    inner = substitute(g, {x: w(sp.Integer(0))})
    return substitute(derivative(inner, w(sp.Integer(0))), {w(sp.Integer(0)): x}).replace(sp.Function("Delta"), lambda p, q: sp.Integer(int(p == q)))


def _coefficient_sign(part: sp.Expr) -> int:
    # +1 / -1 when all coefficients of the expanded expression have that sign, else 0. E(...) of anything is positive.
    terms = sp.Add.make_args(sp.expand(part))
    signs = {1 if term.as_coeff_Mul()[0] > 0 else -1 for term in terms if term != 0}
    return signs.pop() if len(signs) == 1 else (1 if not signs else 0)


@dataclass(frozen=True)
class Exhaustive:
    """A relation decided at every point of a finite set, exactly: the meet, with the number of points as scope."""

    relations: tuple[Any, ...]

    def decide(self) -> Verdict:
        """CERTIFIED (or whatever the parts reach), scope the number of points."""
        from ..language.verdicts import meet

        if not self.relations:
            raise InvalidStatement("Exhaustive", "has no points", "give at least one relation")
        found = meet(relation.decide() for relation in self.relations)
        return Verdict(found.outcome, found.evidence, f"{len(self.relations)} points", found.detail, found.slack)


__all__ = ["E", "Exhaustive", "Formula", "L", "NonNegative", "latex_of", "pseudo_random"]
