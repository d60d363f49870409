"""What a relation displays: the lines of the formulas it compares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..language.relations import All, Equal
from ..symbolic.formula import Formula
from ..symbolic.line import Line
from ..symbolic.lines import Printable, identity_line, sign_line
from ..symbolic.non_negative import NonNegative


def proof_lines(relation: Any) -> tuple[Line, ...]:
    r"""The lines of a relation between formulas; none for what is decided by arithmetic on numbers, which has nothing to display,
    and none where both sides are written alike.

    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> [line.latex for line in proof_lines(All(Equal(Formula((x + 1) * x), x**2 + x), Equal(Formula(x + x), 2 * x), NonNegative(x, x), Equal(1, 1)))]
    ['x\\left(1+x\\right)=x+x^{2}', 'x\\ge 0']
    """
    return tuple(line for line in _lines(relation) if line.left != line.right)


def _lines(relation: Any) -> Iterator[Line]:
    if isinstance(relation, All):
        for part in relation.relations:
            yield from _lines(part)
    elif isinstance(relation, Equal):
        if isinstance(relation.left, Formula) or isinstance(relation.right, Formula):
            yield identity_line(relation.left, relation.right)
    elif isinstance(relation, NonNegative):
        yield sign_line(relation)
    elif isinstance(relation, Printable):
        yield from relation.lines()
