"""Index calculus at generic size: sums over index ranges, exponentials and logarithms, with a normal form.

SymPy's own sums come back piecewise in their ranges and its matrix derivatives can be wrong (METHODS C3), so expressions over
ranges of unspecified size get a small calculus of their own. It knows exactly these rules, each an identity for every
size of every range:

    linearity of sums; a factor without the index leaves the sum; sum_k [k = l] f(k) = f(l); renaming of bound indices;
    E(x + y) = E(x) E(y), E(c x) = E(x)^c for integer c, E(L x) = x; L(x y) = L x + L y, L(x^c) = c L x, L(E x) = x
    for positive arguments; the arithmetic of rational functions.

Two expressions with the same normal form are therefore equal at all sizes. Different normal forms prove nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import permutations, product
from math import prod
from typing import Any

import sympy as sp
from flint import arb
from sympy.core.function import AppliedUndef

from ..exact.balls import exact_arb

E = sp.Function("E")  # the exponential; sympy's own merges products, which would hide the structure over indices
L = sp.Function("L")  # the natural logarithm of a positive argument
Delta = sp.Function("Delta")  # Kronecker's delta

__all__ = ["Delta", "E", "L", "Sigma", "derivative", "evaluate", "index", "normal_form", "ranges", "substitute", "total"]


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

    def _latex(self, printer: Any) -> str:
        sums = "".join(rf"\sum_{{{printer.doprint(k)}\in {printer.doprint(r)}}}" for k, r in self.bindings)
        return rf"{sums} {printer.doprint(self.body)}"

    def _sympystr(self, printer: Any) -> str:
        return f"Sum[{', '.join(f'{k} in {r}' for k, r in self.bindings)}]({printer.doprint(self.body)})"


def index(name: str) -> sp.Symbol:
    """An index symbol."""
    return sp.Symbol(name, integer=True)


def total(body: Any, *bindings: tuple[Any, Any]) -> Sigma:
    """sum of `body` over the (index, range) pairs; a range is a symbol or its name."""
    return Sigma(body, *((k, sp.Symbol(r) if isinstance(r, str) else r) for k, r in bindings))


def _fresh(k: sp.Symbol) -> sp.Symbol:
    return sp.Dummy(k.name.split("@")[0], integer=True)


def substitute(expression: sp.Expr, mapping: dict[Any, Any]) -> sp.Expr:
    """Replace free symbols, leaving bound indices alone (they are renamed first where a capture threatens)."""
    if isinstance(expression, Sigma):
        bound = {k for k, _ in expression.bindings}
        inner = {k: x for k, x in mapping.items() if k not in bound}
        captured = bound & set().union(*(sp.sympify(x).free_symbols for x in inner.values()), set())
        rename = {k: _fresh(k) for k in captured}
        body = substitute(expression.body, rename) if rename else expression.body
        return Sigma(substitute(body, inner), *((rename.get(k, k), r) for k, r in expression.bindings))
    if expression in mapping:
        return sp.sympify(mapping[expression])
    if not expression.args:
        return expression
    return expression.func(*(substitute(argument, mapping) for argument in expression.args))


def derivative(expression: sp.Expr, variable: AppliedUndef) -> sp.Expr:
    """d expression / d variable, where variable is w(a): w(b) differentiates to Delta(a, b), other symbols are constant.

    >>> w, x, a, b = sp.Function("w"), sp.Function("x"), index("a"), index("b")
    >>> normal_form(derivative(total(w(b) * x(b), (b, "D")), w(a)))
    x(a)
    """
    if isinstance(expression, Sigma):
        fresh = {k: _fresh(k) for k, _ in expression.bindings}
        body = substitute(expression.body, fresh)
        return Sigma(derivative(body, variable), *((fresh[k], r) for k, r in expression.bindings))
    if expression.is_Add:
        return sp.Add(*(derivative(term, variable) for term in expression.args))
    if expression.is_Mul:
        terms = []
        for i, factor in enumerate(expression.args):
            rest = [other for k, other in enumerate(expression.args) if k != i]
            terms.append(sp.Mul(derivative(factor, variable), *rest))
        return sp.Add(*terms)
    if expression.is_Pow and not expression.exp.free_symbols:
        base, power = expression.args
        return power * base ** (power - 1) * derivative(base, variable)
    if isinstance(expression, AppliedUndef):
        argument = expression.args[0]
        if expression.func == E:
            return expression * derivative(argument, variable)
        if expression.func == L:
            return derivative(argument, variable) / argument
        if expression.func == variable.func:
            return sp.Mul(*(Delta(p, q) for p, q in zip(expression.args, variable.args, strict=True)))
    if any(atom.func == variable.func for atom in expression.atoms(AppliedUndef)):
        raise NotImplementedError(f"no rule to differentiate {expression}")
    return sp.Integer(0)


def normal_form(expression: Any) -> sp.Expr:
    """The normal form; equal normal forms are equal for every size of every range."""
    expression = sp.sympify(expression)
    if isinstance(expression, Sigma):
        return _normal_sum(expression)
    if isinstance(expression, AppliedUndef):
        if expression.func == E:
            return _normal_exponential(normal_form(expression.args[0]))
        if expression.func == L:
            return _normal_logarithm(normal_form(expression.args[0]))
        if expression.func == Delta:
            p, q = sorted(expression.args, key=sp.default_sort_key)
            return sp.Integer(1) if p == q else Delta(p, q)
        return expression
    if not expression.args:
        return expression
    return _arithmetic(expression.func(*(normal_form(argument) for argument in expression.args)))


def _arithmetic(expression: sp.Expr) -> sp.Expr:
    # Rational functions of the atoms in expanded form: one denominator, numerator expanded, so equal functions agree.
    if not any(p.is_Pow and p.exp.is_negative and p.base.is_Add for p in sp.preorder_traversal(expression)):
        return sp.expand(expression, deep=False, power_exp=False, log=False)
    numerator, denominator = sp.fraction(sp.cancel(sp.together(expression, deep=False)))
    factors = sp.factor(denominator, deep=False)
    return sp.Add(*(term / factors for term in sp.Add.make_args(sp.expand(numerator, deep=False))))


def _normal_exponential(argument: sp.Expr) -> sp.Expr:
    result = sp.Integer(1)
    for term in sp.Add.make_args(argument):
        coefficient, rest = term.as_coeff_Mul()
        if rest == 1:
            result *= E(term) if term != 0 else 1
        elif coefficient.is_Integer:
            inner = rest.args[0] if isinstance(rest, AppliedUndef) and rest.func == L else E(rest)
            result *= inner**coefficient
        else:
            result *= E(term)
    return _arithmetic(result)


def _normal_logarithm(argument: sp.Expr) -> sp.Expr:
    numerator, denominator = sp.fraction(sp.together(argument, deep=False))
    result = sp.Integer(0)
    for sign, part in ((1, numerator), (-1, denominator)):
        content, factors = sp.factor_list(part)
        pieces = [(content, 1), *factors]
        for base, power in pieces:
            if base == 1:
                continue
            for atom, exponent in _monomial(base):
                result += sign * power * exponent * (atom.args[0] if isinstance(atom, AppliedUndef) and atom.func == E else L(atom))
    return _arithmetic(result)


def _monomial(base: sp.Expr) -> list[tuple[sp.Expr, sp.Expr]]:
    if base.is_Mul:
        return [pair for factor in base.args for pair in _monomial(factor)]
    return [base.as_base_exp()] if base.is_Pow else [(base, sp.Integer(1))]


def _level(expression: sp.Expr) -> int:
    # Canonical indices are named range, number @ level, one level above everything bound inside: no capture is possible.
    return max((int(k.name.rsplit("@", 1)[1]) for k in expression.atoms(sp.Symbol) if "@" in k.name), default=0)


def _normal_sum(expression: Sigma) -> sp.Expr:
    fresh = {k: _fresh(k) for k, _ in expression.bindings}
    body = normal_form(substitute(expression.body, fresh))
    bindings = {fresh[k]: r for k, r in expression.bindings}
    return sp.Add(*(_sum_of_term(term, bindings) for term in sp.Add.make_args(body)))


def _factors(term: sp.Expr, bindings: dict[sp.Symbol, sp.Symbol]) -> list[sp.Expr]:
    # The factors of a term, with sums that depend on a bound index opened up (prenex form); powers of such sums repeat.
    result: list[sp.Expr] = []
    for factor in sp.Mul.make_args(term):
        base, power = factor.as_base_exp()
        if isinstance(base, Sigma) and power.is_Integer and power > 0 and base.free_symbols & set(bindings):
            for _ in range(int(power)):
                fresh = {k: _fresh(k) for k, _ in base.bindings}
                bindings.update({fresh[k]: r for k, r in base.bindings})
                result += _factors(substitute(base.body, fresh), bindings)
        else:
            result.append(factor)
    return result


def _sum_of_term(term: sp.Expr, given: dict[sp.Symbol, sp.Symbol]) -> sp.Expr:
    bindings = dict(given)
    factors = _factors(term, bindings)
    # Kronecker deltas on a bound index: substitute and drop the sum.
    while True:
        delta = next((f for f in factors if isinstance(f, AppliedUndef) and f.func == Delta and set(f.args) & set(bindings)), None)
        if delta is None:
            break
        p, q = delta.args if delta.args[0] in bindings else delta.args[::-1]
        factors.remove(delta)
        factors = [normal_form(substitute(f, {p: q})) for f in factors]
        del bindings[p]
        factors = [g for f in factors for g in sp.Mul.make_args(f)]
    # Factors that share a bound index belong to one sum; the components are independent sums that multiply.
    result = sp.Integer(1)
    pending = list(factors)
    open_ = dict(bindings)
    while open_:
        component, grown = [next(iter(open_))], True
        chosen: list[sp.Expr] = []
        while grown:
            touching = [f for f in pending if f.free_symbols & set(component)]
            pending = [f for f in pending if f not in touching]
            chosen += touching
            more = {k for f in touching for k in f.free_symbols & set(open_)} - set(component)
            component += sorted(more, key=sp.default_sort_key)
            grown = bool(touching) and bool(more)
        result *= _canonical(chosen, {k: open_.pop(k) for k in component})
    return _arithmetic(sp.Mul(result, *pending))


def _canonical(factors: list[sp.Expr], bindings: dict[sp.Symbol, sp.Symbol]) -> sp.Expr:
    if not factors:
        return sp.Mul(*(sp.Function("size")(r) for r in bindings.values()))
    body = sp.Mul(*factors)
    level = _level(body) + 1
    ranges = sorted(set(bindings.values()), key=str)
    groups = [[k for k in bindings if bindings[k] == r] for r in ranges]
    best = None
    for orders in product(*(permutations(group) for group in groups)):
        names = {k: sp.Symbol(f"{r}{i}@{level}", integer=True) for r, order in zip(ranges, orders) for i, k in enumerate(order)}
        candidate = _arithmetic(substitute(body, names)), tuple((names[k], bindings[k]) for order in orders for k in order)
        if best is None or sp.srepr(candidate[0]) < sp.srepr(best[0]):
            best = candidate
    assert best is not None
    return Sigma(best[0], *best[1])


def evaluate(expression: sp.Expr, sizes: Mapping[str, int], values: Callable[[str, tuple[int, ...]], Fraction]) -> arb:
    """A ball around the number an expression stands for at concrete sizes: the second, independent check of a formula.

    `sizes` maps range names to sizes; `values(name, indices)` gives the rational value of an indexed symbol (a plain symbol
    has no indices). The precision is that of the current Arb context.
    """
    if isinstance(expression, Sigma):
        (k, r), *rest = expression.bindings
        inner = Sigma(expression.body, *rest) if rest else expression.body
        terms = (evaluate(substitute(inner, {k: sp.Integer(i)}), sizes, values) for i in range(sizes[str(r)]))
        return sum(terms, arb(0))
    if isinstance(expression, AppliedUndef):
        name = expression.func.__name__
        if name == "size":
            return arb(sizes[str(expression.args[0])])
        if name == "Delta":
            return arb(int(expression.args[0] == expression.args[1]))
        if name in ("E", "L"):
            argument = evaluate(expression.args[0], sizes, values)
            return argument.exp() if name == "E" else argument.log()
        return exact_arb(values(name, tuple(int(i) for i in expression.args)))
    if expression.is_Rational:
        return exact_arb(Fraction(int(expression.p), int(expression.q)))
    if expression.is_Symbol:
        return exact_arb(values(expression.name, ()))
    parts = [evaluate(argument, sizes, values) for argument in expression.args]
    if expression.is_Add:
        return sum(parts, arb(0))
    if expression.is_Mul:
        return prod(parts, start=arb(1))
    if expression.is_Pow:
        return parts[0] ** parts[1]
    raise NotImplementedError(f"no rule to evaluate {expression}")


def ranges(expression: sp.Expr) -> set[str]:
    """The names of the ranges an expression sums over."""
    names = {str(r) for node in sp.preorder_traversal(expression) if isinstance(node, Sigma) for _, r in node.bindings}
    return names | {str(f.args[0]) for f in expression.atoms(AppliedUndef) if f.func.__name__ == "size"}
