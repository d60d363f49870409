"""Index calculus at generic size: sums over index ranges, exponentials and logarithms, with a normal form.

SymPy's own sums come back piecewise in their ranges and its matrix derivatives can be wrong (METHODS C3), so expressions over
ranges of unspecified size get a small calculus of their own. It knows exactly these rules, each an identity for every
size of every range, the empty range included:

    linearity of sums; a factor without the index leaves the sum; renaming of bound indices;
    sum_k [k = l] f(k) = f(l) for an index l of the range of k; [k = k] = 1, [0 = 1] = 0;
    E(x + y) = E(x) E(y), E(c x) = E(x)^c for integer c, E(L x) = x, L(E x) = x;
    L(x y) = L x + L y and L(x^c) = c L x where x and y are certainly not negative (and so positive, since L is taken);
    the arithmetic of rational functions, where no denominator vanishes.

Two expressions with the same normal form are therefore equal wherever both are defined. Different normal forms prove nothing.
"""

from __future__ import annotations

from itertools import permutations, product
from math import factorial, prod

import sympy as sp
from sympy.core.function import AppliedUndef

from ..errors import TooLarge
from .domain import Domain, domain_of
from .evaluation import evaluate
from .expressions import Delta, E, L, Produced, Sigma, fresh, index, plain, ranges, substitute, total
from .signs import certain_sign

__all__ = ["Delta", "E", "L", "Sigma", "derivative", "evaluate", "index", "normal_form", "ranges", "substitute", "total"]

ORDERS = 5_040  # orders of bound indices compared for a canonical one: seven indices over one range take seconds


def derivative(expression: sp.Expr, variable: sp.Expr) -> sp.Expr:
    """d expression / d variable, where the variable is an indexed symbol or a plain one; other symbols are constant.

    w(b) differentiates by w(a) to Delta(a, b). The result is marked as produced: nothing in it need show that rules were applied.

    >>> w, x, a, b = sp.Function("w"), sp.Function("x"), index("a"), index("b")
    >>> normal_form(derivative(total(w(b) * x(b), (b, "D")), w(a)))
    x(a)
    >>> t = sp.Symbol("t")
    >>> normal_form(derivative(L(1 + t**2), t))
    2*t/(t**2 + 1)
    """
    whole = sp.sympify(expression)
    return Produced(_derivative(plain(whole), variable), "derivative", whole, variable)


def _derivative(expression: sp.Expr, variable: sp.Expr) -> sp.Expr:
    if expression == variable and variable.is_Symbol:
        return sp.Integer(1)
    if isinstance(expression, Sigma):
        new = {k: fresh(k) for k, _ in expression.bindings}
        body = substitute(expression.body, new)
        return Sigma(_derivative(body, variable), *((new[k], r) for k, r in expression.bindings))
    if expression.is_Add:
        return sp.Add(*(_derivative(term, variable) for term in expression.args))
    if expression.is_Mul:
        terms = []
        for i, factor in enumerate(expression.args):
            rest = [other for k, other in enumerate(expression.args) if k != i]
            terms.append(sp.Mul(_derivative(factor, variable), *rest))
        return sp.Add(*terms)
    if expression.is_Pow and not expression.exp.free_symbols:
        base, power = expression.args
        return power * base ** (power - 1) * _derivative(base, variable)
    if isinstance(expression, AppliedUndef):
        argument = expression.args[0]
        if expression.func == E:
            return expression * _derivative(argument, variable)
        if expression.func == L:
            return _derivative(argument, variable) / argument
        if expression.func == variable.func:
            return sp.Mul(*(Delta(p, q) for p, q in zip(expression.args, variable.args, strict=True)))
    if _mentions(expression, variable):
        raise NotImplementedError(f"no rule to differentiate {expression}")
    return sp.Integer(0)


def _mentions(expression: sp.Expr, variable: sp.Expr) -> bool:
    if variable.is_Symbol:
        return variable in expression.free_symbols
    return any(atom.func == variable.func for atom in expression.atoms(AppliedUndef))


def normal_form(expression: sp.Expr, domain: Domain | None = None) -> sp.Expr:
    """The normal form; equal normal forms are equal for every size of every range, wherever both expressions are defined.

    Without a `domain` it is the one the expression itself needs (see `domain_of`, which also says what is refused).
    Raises `TooLarge` for sums over so many indices of one range that their orders cannot be compared.

    >>> x, z = sp.symbols("x z")
    >>> normal_form(L((x + z) ** 2))
    2*L(x + z)
    """
    expression = sp.sympify(expression)
    return _normal(plain(expression), domain_of((expression,)) if domain is None else domain)


def _normal(expression: sp.Expr, domain: Domain) -> sp.Expr:
    if isinstance(expression, Sigma):
        return _normal_sum(expression, domain)
    if isinstance(expression, AppliedUndef):
        if expression.func == E:
            return _normal_exponential(_normal(expression.args[0], domain))
        if expression.func == L:
            return _normal_logarithm(_normal(expression.args[0], domain), domain)
        if expression.func == Delta:
            return _normal_delta(expression)
        return expression
    if not expression.args:
        return expression
    return _arithmetic(expression.func(*(_normal(argument, domain) for argument in expression.args)))


def _normal_delta(expression: sp.Expr) -> sp.Expr:
    p, q = sorted(expression.args, key=sp.default_sort_key)
    if p == q:
        return sp.Integer(1)
    return sp.Integer(0) if p.is_Integer and q.is_Integer else Delta(p, q)


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
            result *= E(sp.Rational(1, coefficient.q)) ** coefficient.p
        elif coefficient.is_Integer:
            inner = rest.args[0] if isinstance(rest, AppliedUndef) and rest.func == L else E(rest)
            result *= _arithmetic(inner**coefficient)
        else:
            result *= E(term)
    return _arithmetic(result)


def _normal_logarithm(argument: sp.Expr, domain: Domain) -> sp.Expr:
    # The argument is positive, so a factor that is never negative is positive as well and its logarithm splits off. The
    # other factors stay together under one logarithm: their product is positive, one of them alone need not be.
    numerator, denominator = sp.fraction(sp.together(argument, deep=False))
    result, rest = sp.Integer(0), sp.Integer(1)
    for sign, part in ((1, numerator), (-1, denominator)):
        content, factors = sp.factor_list(part)
        for base, power in [*_primes(content), *factors]:
            for atom, exponent in _monomial(base):
                if atom == 1:
                    continue
                if isinstance(atom, AppliedUndef) and atom.func == E:
                    result += sign * power * exponent * atom.args[0]
                elif certain_sign(atom, domain.declared).never_negative:
                    result += sign * power * exponent * L(atom)
                else:
                    rest *= atom ** (sign * power * exponent)
    rest = _arithmetic(rest)
    return _arithmetic(result + (L(rest) if rest != 1 else 0))


def _primes(content: sp.Expr) -> list[tuple[sp.Expr, int]]:
    return [(sp.Integer(p), n) for p, n in sp.factorrat(content).items()] if content.is_Rational else [(content, 1)]


def _monomial(base: sp.Expr) -> list[tuple[sp.Expr, sp.Expr]]:
    if base.is_Mul:
        return [pair for factor in base.args for pair in _monomial(factor)]
    return [base.as_base_exp()] if base.is_Pow else [(base, sp.Integer(1))]


def _level(expression: sp.Expr) -> int:
    # Canonical indices are named range, number @ level, one level above everything bound inside: no capture is possible.
    return max((int(k.name.rsplit("@", 1)[1]) for k in expression.atoms(sp.Symbol) if "@" in k.name), default=0)


def _normal_sum(expression: Sigma, domain: Domain) -> sp.Expr:
    new = {k: fresh(k) for k, _ in expression.bindings}
    bindings = {new[k]: r for k, r in expression.bindings}
    domain = domain.inside(bindings)
    body = _normal(substitute(expression.body, new), domain)
    return sp.Add(*(_sum_of_term(term, bindings, domain) for term in sp.Add.make_args(body)))


def _factors(term: sp.Expr, bindings: dict[sp.Symbol, sp.Symbol]) -> list[sp.Expr]:
    # The factors of a term, with sums that depend on a bound index opened up (prenex form); powers of such sums repeat.
    result: list[sp.Expr] = []
    for factor in sp.Mul.make_args(term):
        base, power = factor.as_base_exp()
        if isinstance(base, Sigma) and power.is_Integer and power > 0 and base.free_symbols & set(bindings):
            for _ in range(int(power)):
                new = {k: fresh(k) for k, _ in base.bindings}
                bindings.update({new[k]: r for k, r in base.bindings})
                result += _factors(substitute(base.body, new), bindings)
        elif isinstance(base, AppliedUndef) and base.func == Delta and power.is_Integer and power > 0:
            result.append(base)
        else:
            result.append(factor)
    return result


def _sum_of_term(term: sp.Expr, given: dict[sp.Symbol, sp.Symbol], domain: Domain) -> sp.Expr:
    bindings = dict(given)
    factors = _without_deltas(_factors(term, bindings), bindings, domain)
    # Factors that share a bound index belong to one sum; the components are independent sums that multiply.
    result = sp.Integer(1)
    open_ = dict(bindings)
    while open_:
        component, grown = [next(iter(open_))], True
        chosen: list[sp.Expr] = []
        while grown:
            touching = [f for f in factors if f.free_symbols & set(component)]
            factors = [f for f in factors if f not in touching]
            chosen += touching
            more = {k for f in touching for k in f.free_symbols & set(open_)} - set(component)
            component += sorted(more, key=sp.default_sort_key)
            grown = bool(touching) and bool(more)
        result *= _canonical(chosen, {k: open_.pop(k) for k in component})
    return _arithmetic(sp.Mul(result, *factors))


def _without_deltas(factors: list[sp.Expr], bindings: dict[sp.Symbol, sp.Symbol], domain: Domain) -> list[sp.Expr]:
    # sum_k [k = l] f(k) = f(l) for every delta on a bound index k whose partner l lies in the range of k.
    while True:
        found = next(((f, pair) for f in factors for pair in _collapsible(f, bindings, domain)), None)
        if found is None:
            return factors
        delta, (p, q) = found
        factors.remove(delta)
        factors = [g for f in factors for g in sp.Mul.make_args(_normal(substitute(f, {p: q}), domain))]
        del bindings[p]


def _collapsible(factor: sp.Expr, bindings: dict[sp.Symbol, sp.Symbol], domain: Domain) -> list[tuple[sp.Symbol, sp.Expr]]:
    if not (isinstance(factor, AppliedUndef) and factor.func == Delta):
        return []
    p, q = factor.args
    return [(k, x) for k, x in ((p, q), (q, p)) if k in bindings and domain.contains(bindings[k], x, bindings)]


def _canonical(factors: list[sp.Expr], bindings: dict[sp.Symbol, sp.Symbol]) -> sp.Expr:
    if not factors:
        return sp.Mul(*(sp.Function("size")(r) for r in bindings.values()))
    body = sp.Mul(*factors)
    level = _level(body) + 1
    ranges = sorted(set(bindings.values()), key=str)
    groups = [[k for k in bindings if bindings[k] == r] for r in ranges]
    if prod(factorial(len(group)) for group in groups) > ORDERS:
        reason = f"is a sum over {len(bindings)} indices, whose orders are too many to compare"
        raise TooLarge(str(body), reason, "state the identity for factors of the product, or name the parts by symbols of their own")
    best = None
    for orders in product(*(permutations(group) for group in groups)):
        names = {k: sp.Symbol(f"{r}{i}@{level}", integer=True) for r, order in zip(ranges, orders) for i, k in enumerate(order)}
        candidate = _arithmetic(substitute(body, names)), tuple((names[k], bindings[k]) for order in orders for k in order)
        if best is None or sp.srepr(candidate[0]) < sp.srepr(best[0]):
            best = candidate
    assert best is not None
    return Sigma(best[0], *best[1])
