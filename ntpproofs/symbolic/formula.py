"""Identities a step can return: proved by a normal form on a stated domain, and checked a second way in balls.

Two sides with equal normal forms of the index calculus agree at all sizes, wherever both are defined. First, however, they are
evaluated at many points of their domain (`sampling`), which knows no rule: a difference refutes, whatever the rules say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from ..errors import InvalidStatement
from ..language.verdicts import Evidence, Outcome, Verdict, meet
from .domain import Domain, domain_of, expression_of
from .expansion import rules_of, settled_by_expansion
from .expressions import E, L, ranges
from .index_calculus import normal_form
from .non_negative import NonNegative
from .printing import latex_of
from .sampling import cross_check, pseudo_random

__all__ = ["E", "Exhaustive", "Formula", "L", "NonNegative", "latex_of", "pseudo_random"]


@dataclass(frozen=True)
class Formula:
    """An expression of the index calculus as an operand of `Equal`.

    Symbols are real. Where a logarithm or a root needs a symbol to be positive it is taken as positive, and the verdict says
    so; a symbol named in `signed` never is. Ranges may be empty unless `sizes` gives them a least size. The verdict of an
    identity that expanding both sides as written settles is marked as algebra; what `derivative` returns counts as computed.

    SymPy rearranges what it builds, so that both sides of a short identity may become one expression. Parts that are to stand by
    their names are `given`: {symbol or indexed symbol: what it stands for}. Decided is what they stand for, printed are the names.

    Raises `InvalidStatement` for what the calculus has no rule for (SymPy's own sums, floating-point numbers) and for
    expressions outside every domain it knows (the logarithm of a quantity that may be negative): see `domain_of`.

    >>> from ntpproofs.language.relations import Equal
    >>> x, y = sp.symbols("x y")
    >>> verdict = Equal(Formula((x + y) ** 2), Formula(x**2 + 2 * x * y + y**2)).decide()
    >>> verdict.evidence.word, verdict.algebra
    ('proved', True)
    >>> Equal(Formula(E(2 * L(x) + y)), Formula(x**2 * E(y))).decide().detail
    'equal normal forms of the index calculus, by its rules for exponentials, logarithms, where x > 0'
    """

    expression: Any
    signed: Collection[str] = field(default=frozenset())
    sizes: Mapping[str, int] = field(default_factory=dict, hash=False)
    given: Mapping[Any, Any] = field(default_factory=dict, hash=False)
    written: sp.Expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.signed, str):
            raise InvalidStatement(f"signed={self.signed!r}", "is one string", "give a set of names")
        object.__setattr__(self, "written", expression_of(self.expression))
        object.__setattr__(self, "expression", self.written.xreplace({name: expression_of(part) for name, part in self.given.items()}))
        object.__setattr__(self, "signed", frozenset(self.signed))
        for name in self.given:
            if self.expression.has(name):
                raise InvalidStatement(f"given {name}", "stands for something in which it occurs itself", "take another letter")
        for name, size in self.sizes.items():
            if not isinstance(size, int) or isinstance(size, bool) or size < 0:
                raise InvalidStatement(f"sizes[{name!r}]", f"is {size!r}, not a size", "give an integer of at least 0")
        domain_of((self.expression,), self.signed, self.sizes)

    def __str__(self) -> str:
        return str(self.expression)

    @property
    def latex(self) -> str:
        r"""The expression as LaTeX, given parts by their names.

        >>> m, n = sp.symbols("m n")
        >>> formula = Formula(m / n, given={m: 2 * n})
        >>> formula.latex, formula.expression
        ('\\frac{m}{n}', 2)
        """
        return latex_of(self.written)

    def decide_equality(self, other: Any) -> Verdict:
        """The verdict on self = other, on the domain both sides are defined on.

        REFUTED (enclosed) if an evaluation at concrete sizes separates the sides, PROVED if none does and the normal forms
        agree; INCONCLUSIVE if they differ, or if no point of the domain was found at which both sides are defined.
        """
        right = other if isinstance(other, Formula) else Formula(other)
        _one_meaning(self, right)
        domain = domain_of((self.expression, right.expression), {*self.signed, *right.signed}, self._least_sizes(right))
        gap = self.expression - right.expression
        found = cross_check(gap, domain, ranges(self.expression) | ranges(right.expression))
        if found.apart:
            at = f"{found.apart}{' with ' if found.values else ''}{found.values}"
            return Verdict(Outcome.REFUTED, Evidence.ENCLOSED, found.apart, f"{self} differs from {right} at {at}")
        if not found.points:
            return Verdict(Outcome.INCONCLUSIVE, detail=f"{self} = {right} is defined at none of the points tried")
        if normal_form(gap, domain) != 0:
            return Verdict(Outcome.INCONCLUSIVE, detail=f"normal forms differ and no evaluation separates {self} from {right}")
        return _proved(gap, domain)

    def _least_sizes(self, other: Formula) -> dict[str, int]:
        return {name: max(self.sizes.get(name, 0), other.sizes.get(name, 0)) for name in {*self.sizes, *other.sizes}}


def _one_meaning(left: Formula, right: Formula) -> None:
    # A name that is given stands for one thing, in both sides: what is printed is what is decided.
    for here, there in ((left, right), (right, left)):
        for name, part in here.given.items():
            if there.expression.has(name) or there.given.get(name, part) != part:
                raise InvalidStatement(f"given {name}", "means something else on the other side", "take another letter, or give it to both sides")


def _proved(gap: sp.Expr, domain: Domain) -> Verdict:
    declared = ", ".join(f"{name} of size at least {size}" for name, size in sorted(domain.declared.sizes.items()) if size)
    scope = f"all sizes, {declared}" if declared else "all sizes"
    where = f", where {domain.conditions}" if domain.conditions else ""
    if settled_by_expansion(gap):
        return Verdict(Outcome.HOLDS, Evidence.PROVED, scope, f"equal once expanded as written{where}", algebra=True)
    rules = ", ".join(rules_of(gap))
    return Verdict(Outcome.HOLDS, Evidence.PROVED, scope, f"equal normal forms of the index calculus, by its rules for {rules}{where}")


@dataclass(frozen=True)
class Exhaustive:
    """A relation decided at every point of a finite set, exactly: the meet, with the number of points as scope."""

    relations: tuple[Any, ...]

    def decide(self) -> Verdict:
        """CERTIFIED (or whatever the parts reach), scope the number of points."""
        if not self.relations:
            raise InvalidStatement("Exhaustive", "has no points", "give at least one relation")
        found = meet(relation.decide() for relation in self.relations)
        return replace(found, scope=f"{len(self.relations)} points")
