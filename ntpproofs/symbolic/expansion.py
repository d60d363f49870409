"""Algebra: identities that hold once both sides, as they are written, are expanded or cancelled.

Sums over ranges, exponentials, logarithms, deltas, roots and whatever a procedure produced count as opaque quantities here
(up to the names of bound indices). What is left is the arithmetic of rational functions. An identity that it settles is true
and easily so: as a step of a proof it rearranges, and establishes nothing on its own.
"""

from __future__ import annotations

import sympy as sp
from sympy.core.function import AppliedUndef

from .expressions import RULED, Produced, Sigma, substitute

__all__ = ["rules_of", "settled_by_expansion"]

NAMES = {"E": "exponentials", "L": "logarithms", "Delta": "deltas", "size": "sums"}


def settled_by_expansion(gap: sp.Expr) -> bool:
    """Whether an expression is zero as a rational function of its opaque parts.

    >>> x, y = sp.symbols("x y")
    >>> settled_by_expansion((x + y) ** 2 - x**2 - 2 * x * y - y**2)
    True
    >>> E = sp.Function("E")
    >>> settled_by_expansion(E(x + y) - E(x) * E(y))
    False
    """
    inside = _opaque(gap, {})
    return bool(sp.expand(inside) == 0 or sp.cancel(sp.together(inside)) == 0)


def _opaque(expression: sp.Expr, known: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    ruled = isinstance(expression, AppliedUndef) and expression.func.__name__ in RULED
    root = expression.is_Pow and not expression.exp.is_Integer
    if ruled or root or isinstance(expression, (Sigma, Produced)):
        return known.setdefault(_renamed(expression, 0), sp.Dummy())
    if expression.is_Add or expression.is_Mul or expression.is_Pow:
        return expression.func(*(_opaque(argument, known) for argument in expression.args))
    return expression


def _renamed(expression: sp.Expr, depth: int) -> sp.Expr:
    # Bound indices by the depth at which they are bound, so that their names do not matter.
    if not expression.args:
        return expression
    if isinstance(expression, Sigma):
        new = {k: sp.Symbol(f"bound {depth + i}", integer=True) for i, (k, _) in enumerate(expression.bindings)}
        body = _renamed(substitute(expression.body, new), depth + len(new))
        return Sigma(body, *((new[k], r) for k, r in expression.bindings))
    return expression.func(*(_renamed(argument, depth) for argument in expression.args))


def rules_of(expression: sp.Expr) -> tuple[str, ...]:
    """The kinds of rules an expression can need: sums, exponentials, logarithms, deltas, and the procedures that produced parts of it.

    >>> rules_of(sp.Function("E")(sp.Symbol("x")) + Produced(sp.Symbol("y"), "derivative"))
    ('derivative', 'exponentials')
    """
    found = set()
    walk = sp.preorder_traversal(expression)
    for node in walk:
        if isinstance(node, Sigma):
            found.add("sums")
        elif isinstance(node, Produced):
            found |= {str(node.args[1]), *rules_of(node.value)}
            walk.skip()
        elif isinstance(node, AppliedUndef) and node.func.__name__ in NAMES:
            found.add(NAMES[node.func.__name__])
    return tuple(sorted(found))
