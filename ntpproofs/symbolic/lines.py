r"""The displayed lines of a proof step, printed from the very expressions that its relation was decided on."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from .domain import domain_of
from .expansion import rules_of, settled_by_expansion
from .formula import Formula
from .line import Line
from .non_negative import NonNegative
from .printing import latex_of, name_latex

__all__ = ["Printable", "identity_line", "sign_line"]


@runtime_checkable
class Printable(Protocol):
    """A relation that says itself which lines it decides."""

    def lines(self) -> tuple[Line, ...]:
        """The lines, in the order in which they are decided."""
        ...


def identity_line(left: Any, right: Any) -> Line:
    r"""The line of an identity between two formulas.

    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> identity_line(Formula((x + 1) ** 2), Formula(x**2 + 2 * x + 1))
    Line(left='\\left(1+x\\right)^{2}', sign='=', right='1+2x+x^{2}', rule='algebra', where='')
    >>> identity_line(Formula(x - 1, given={x: sp.Symbol("y") + 1}), Formula(sp.Symbol("y"))).where
    'x=1+y'
    """
    left, right = (side if isinstance(side, Formula) else Formula(side) for side in (left, right))
    gap = left.expression - right.expression
    rule = "algebra" if settled_by_expansion(gap) else ", ".join(rules_of(gap))
    positive = domain_of((left.expression, right.expression), {*left.signed, *right.signed}).positive
    given = [f"{latex_of(name)}={latex_of(part)}" for name, part in (left.given | right.given).items()]
    signs = [f"{','.join(map(name_latex, sorted(positive)))}>0"] if positive else []
    return Line(left.latex, "=", right.latex, rule, r",\ ".join(given + signs))


def sign_line(relation: NonNegative) -> Line:
    """The line of an inequality in one variable."""
    x = latex_of(relation.variable)
    where = rf"{x}\ge0" if relation.upto is None else rf"0\le {x}\le {latex_of(relation.upto)}"
    return Line(latex_of(relation.expression), r"\ge", "0", "sign of a derivative", where)
