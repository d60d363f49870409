r"""LaTeX of expressions of the index calculus, so that a proof line can be printed from what was checked.

Nothing is rearranged: sums stay where they are, terms are ordered by SymPy's canonical order with a positive one first, a bound index
that shadows another gets a prime. A derivative stands as what was differentiated, not as the result of the rules. `e` and `\log` stand
for E and L, `[k=l]` for Kronecker's delta, |R| for the size of a range.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from .expressions import Produced, Sigma

__all__ = ["latex_of", "name_latex"]

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell varphi varepsilon".split()
)
# How tightly a printed expression binds: a sum, a big sum, a product, a power, an atom.
SUM, BIG, PRODUCT, POWER, ATOM = range(5)
# Longer exponents are printed with \exp, so that they can be read.
EXPONENT = 24

Printed = tuple[str, int]


def latex_of(expression: Any) -> str:
    r"""An expression as LaTeX.

    >>> from ntpproofs.symbolic.expressions import E, index, total
    >>> w, c = sp.Function("w"), index("c")
    >>> latex_of(total(w(c), (c, "D")) ** 2)
    '\\left(\\sum_{c\\in D}w_{c}\\right)^{2}'
    >>> latex_of(E(-w(c)) / 2)
    '\\tfrac{1}{2}e^{-w_{c}}'
    """
    whole = sp.sympify(expression)
    return _printed(whole, {k: name_latex(k.name) for k in whole.free_symbols if k.is_integer})[0]


def name_latex(name: str) -> str:
    r"""The name of a symbol as LaTeX.

    >>> name_latex("lambda"), name_latex("x1"), name_latex("label"), name_latex("Delta_")
    ('\\lambda', 'x_{1}', '\\mathrm{label}', '\\Delta')
    """
    word = name.split("@")[0].strip("_")
    primes = "'" * (len(word) - len(word.rstrip("'")))
    word = word.rstrip("'")
    head, _, tail = word.partition("_")
    if not tail and (found := re.fullmatch(r"([A-Za-z]+?)(\d+)", word)):
        head, tail = found.groups()
    base = f"\\{head}" if head in GREEK else head if len(head) == 1 else rf"\mathrm{{{head}}}"
    below = f"_{{{name_latex(tail) if not tail.isdigit() else tail}}}" if tail else ""
    return f"{base}{below}{primes}"


def _printed(e: Any, scope: Mapping[Any, str]) -> Printed:
    if isinstance(e, Produced):
        return _differentiated(*e.of, scope) if len(e.of) == 2 else _printed(e.value, scope)
    if isinstance(e, Sigma):
        return _sum(e, scope)
    if e.is_Rational:
        return _rational(e)
    if isinstance(e, sp.Symbol):
        return scope.get(e, name_latex(e.name)), ATOM
    if isinstance(e, AppliedUndef):
        return _applied(e, scope)
    if isinstance(e, sp.exp):
        return _exponential(e.args[0], _printed(e.args[0], scope)[0])
    if e.is_Add:
        return _add(e, scope)
    if e.is_Mul:
        return _product(e, scope)
    if e.is_Pow:
        return _power(e, scope)
    return sp.latex(e), PRODUCT


def _bracketed(printed: Printed, least: int) -> str:
    text, binding = printed
    return text if binding >= least else rf"\left({text}\right)"


def _rational(x: Any) -> Printed:
    if x.is_Integer:
        return str(x), ATOM if x >= 0 else SUM
    return rf"{'-' if x < 0 else ''}\tfrac{{{abs(x.p)}}}{{{x.q}}}", PRODUCT if x > 0 else SUM


def _differentiated(e: sp.Expr, variable: sp.Expr, scope: Mapping[Any, str]) -> Printed:
    sign = "d" if variable.is_Symbol else r"\partial "
    body = _printed(e, scope)
    nested = isinstance(e, Produced) and e.of
    return rf"\frac{{{sign.strip()}}}{{{sign}{_printed(variable, scope)[0]}}}{body[0] if nested else _bracketed(body, POWER)}", BIG


def _sum(e: Sigma, scope: Mapping[Any, str]) -> Printed:
    inner, signs = dict(scope), ""
    for k, over in e.bindings:
        name = name_latex(k.name)
        while name in inner.values():
            name += "'"
        inner[k] = name
        signs += rf"\sum_{{{name}\in {name_latex(str(over))}}}"
    return signs + _bracketed(_printed(e.body, inner), BIG), BIG


def _applied(e: Any, scope: Mapping[Any, str]) -> Printed:
    name, parts = e.func.__name__, [_printed(argument, scope) for argument in e.args]
    if name == "E":
        return _exponential(e.args[0], parts[0][0])
    if name == "L":
        text, binding = parts[0]
        return (rf"\log {text}", PRODUCT) if binding == ATOM else (rf"\log\left({text}\right)", POWER)
    if name == "Delta":
        return f"[{parts[0][0]}={parts[1][0]}]", ATOM
    if name == "size":
        return f"|{parts[0][0]}|", ATOM
    head, places = name_latex(name), [text for text, _ in parts]
    together = ("" if all(re.fullmatch(r"[A-Za-z0-9]'*", place) for place in places) else ",").join(places)
    return (f"{head}_{{{together}}}" if "_" not in head else f"{{{head}}}_{{{together}}}"), ATOM


def _exponential(exponent: Any, text: str) -> Printed:
    if exponent == 1:
        return "e", ATOM
    if len(re.sub(r"\\[a-z]+|[{}]", "", text)) > EXPONENT or exponent.has(Sigma):
        return rf"\exp\left({text}\right)", POWER
    return f"e^{{{text}}}", POWER


def _add(e: Any, scope: Mapping[Any, str]) -> Printed:
    terms = sorted(e.args, key=sp.default_sort_key)
    first = next((term for term in terms if not _is_negative(term)), terms[0])
    ordered = [first, *(term for term in terms if term is not first)]
    texts = [_printed(ordered[0], scope)[0]]
    for term in ordered[1:]:
        texts.append(f"-{_bracketed(_printed(-term, scope), BIG)}" if _is_negative(term) else f"+{_printed(term, scope)[0]}")
    return "".join(texts), SUM


def _is_negative(term: Any) -> bool:
    return bool(term.is_Rational and term < 0) or bool(term.is_Mul and term.args[0].is_Rational and term.args[0] < 0)


def _product(e: Any, scope: Mapping[Any, str]) -> Printed:
    coefficient, factors = sp.Integer(1), []
    for factor in e.args:
        if factor.is_Rational:
            coefficient *= factor
        else:
            factors.append(factor)
    sign = "-" if coefficient < 0 else ""
    above = [factor for factor in factors if not _is_reciprocal(factor)]
    below = [sp.Pow(factor.base, -factor.exp) for factor in factors if _is_reciprocal(factor)]
    p, q = abs(coefficient.p), coefficient.q
    if below:
        numerator, denominator = _row(p, above, scope), _row(q, below, scope)
        return rf"{sign}\frac{{{numerator[0]}}}{{{denominator[0]}}}", SUM if sign else PRODUCT
    text, binding = _row(1 if q != 1 else p, above, scope)
    lead = rf"\tfrac{{{p}}}{{{q}}}" if q != 1 else ""
    return f"{sign}{lead}{_spaced(lead, text)}", SUM if sign else min(binding, PRODUCT)


def _is_reciprocal(factor: Any) -> bool:
    return bool(factor.is_Pow and factor.exp.is_Rational and factor.exp < 0)


def _row(number: int, factors: list[Any], scope: Mapping[Any, str]) -> Printed:
    # Sums come last; each but the last is bracketed, and so is every sum of terms.
    ordered = sorted(factors, key=lambda factor: (_rank(factor), sp.default_sort_key(factor)))
    if not ordered:
        return str(number), ATOM
    if number == 1 and len(ordered) == 1:
        return _printed(ordered[0], scope)
    texts = [str(number)] if number != 1 else []
    for i, factor in enumerate(ordered):
        last = i == len(ordered) - 1
        texts.append(_bracketed(_printed(factor, scope), BIG if last and isinstance(factor, (Sigma, Produced)) else PRODUCT))
    joined = texts[0]
    for text in texts[1:]:
        joined += _spaced(joined, text)
    return joined, BIG if isinstance(ordered[-1], (Sigma, Produced)) else PRODUCT


def _rank(factor: Any) -> int:
    if isinstance(factor, (Sigma, Produced)):
        return 5
    base = factor.base if factor.is_Pow else factor
    if isinstance(base, Sigma) or base.is_Add:
        return 3
    if isinstance(base, AppliedUndef):
        return {"E": 2, "L": 4, "Delta": 2}.get(base.func.__name__, 1)
    return 0


def _spaced(before: str, text: str) -> str:
    # A command ends at a letter, and two numbers side by side would be one.
    if re.search(r"\\[A-Za-z]+$", before) and text[:1].isalpha():
        return f" {text}"
    return rf"\cdot {text}" if before[-1:].isdigit() and text[:1].isdigit() else text


def _power(e: Any, scope: Mapping[Any, str]) -> Printed:
    base, exponent = e.base, e.exp
    if exponent.is_Rational and exponent < 0:
        return rf"\frac{{1}}{{{_printed(sp.Pow(base, -exponent), scope)[0]}}}", PRODUCT
    if exponent == sp.Rational(1, 2):
        return rf"\sqrt{{{_printed(base, scope)[0]}}}", ATOM
    power = f"{exponent.p}/{exponent.q}" if exponent.is_Rational and not exponent.is_Integer else _printed(exponent, scope)[0]
    raised = _bracketed(_printed(base, scope), ATOM)
    # A prime is a superscript already; TeX takes only one.
    return (f"{{{raised}}}^{{{power}}}" if "'" in raised else f"{raised}^{{{power}}}"), POWER
