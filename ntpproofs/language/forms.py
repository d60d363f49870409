"""Linear forms over monomials in named invariants, and the bounds between them: `12*squared_norm <= tokens^3 - tokens`.

A form is what a conjecture of `discover` says; it is read from text, written as text and as LaTeX, and evaluated on exact or
enclosed values. Nothing here knows what the names stand for.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Literal

from flint import arb, ctx

from ..errors import InvalidInput
from ..exact.balls import PRECISION, Interval, exact_arb, interval

# A number, or None where an invariant is not defined.
Value = int | Fraction | Interval
Monomial = tuple[tuple[str, int], ...]
Sign = Literal["<=", "="]
ONE: Monomial = ()
LARGEST_POWER = 9


@dataclass(frozen=True)
class Form:
    """A sum of coefficients times monomials, in a fixed order; coefficients are not zero.

    >>> form = Form.of({ONE: 1, (("m", 2),): Fraction(1, 2)})
    >>> form.text, form.evaluate({"m": 3})
    ('1/2*m^2 + 1', Fraction(11, 2))
    """

    terms: tuple[tuple[Monomial, Fraction], ...]

    @classmethod
    def of(cls, coefficients: Mapping[Monomial, Fraction | int]) -> Form:
        """The form with these coefficients; zero ones are left out."""
        kept = [(monomial, Fraction(x)) for monomial, x in coefficients.items() if x]
        return cls(tuple(sorted(kept, key=lambda term: (-degree(term[0]), term[0]))))

    @property
    def coefficients(self) -> dict[Monomial, Fraction]:
        """The coefficients by monomial."""
        return dict(self.terms)

    @property
    def names(self) -> frozenset[str]:
        """The invariants that occur."""
        return frozenset(name for monomial, _ in self.terms for name, _ in monomial)

    def plus(self, other: Form, factor: Fraction | int = 1) -> Form:
        """self + factor * other."""
        summed = self.coefficients
        for monomial, x in other.terms:
            summed[monomial] = summed.get(monomial, Fraction(0)) + factor * x
        return Form.of(summed)

    def times(self, factor: Fraction | int) -> Form:
        """factor * self."""
        return Form.of({monomial: x * factor for monomial, x in self.terms})

    def evaluate(self, values: Mapping[str, Value]) -> Fraction | Interval:
        """The value, exact unless an enclosed value enters.

        >>> Form.of({(("m", 1),): 2}).evaluate({"m": Interval(Fraction(1), Fraction(1, 4))}).lower <= Fraction(3, 2)
        True
        """
        if not any(isinstance(values[name], Interval) for name in self.names):
            return sum((x * _exact_monomial(monomial, values) for monomial, x in self.terms), Fraction(0))
        with ctx.workprec(PRECISION):
            parts = (exact_arb(x) * _ball_monomial(monomial, values) for monomial, x in self.terms)
            return interval(sum(parts, arb(0)))

    @property
    def text(self) -> str:
        """As `parse_form` reads it."""
        return _joined(self.terms, lambda m: "*".join(name if p == 1 else f"{name}^{p}" for name, p in m), str, "*")

    def latex(self, symbols: Mapping[str, str]) -> str:
        r"""In LaTeX, with the symbols of the invariants; a common denominator is put in front.

        >>> Form.of({(("K", 3),): Fraction(1, 12), (("K", 1),): Fraction(-1, 12)}).latex({"K": "K"})
        '\\tfrac{1}{12}\\left(K^{3} - K\\right)'
        """
        common = lcm(*(x.denominator for _, x in self.terms))
        if common > 1 and len(self.terms) > 1:
            return rf"\tfrac{{1}}{{{common}}}\left({self.times(common).latex(symbols)}\right)"
        return _joined(self.terms, lambda m: r" \, ".join(_power(symbols.get(name, name), p) for name, p in m), _fraction, r" \, ")


def degree(monomial: Monomial) -> int:
    """The sum of the powers."""
    return sum(power for _, power in monomial)


def variable(name: str, power: int = 1) -> Monomial:
    """The monomial name^power."""
    return ((name, power),)


def _power(symbol: str, power: int) -> str:
    if power == 1:
        return symbol
    return f"{symbol}^{{{power}}}" if symbol.replace("\\", "").isalnum() else rf"\left({symbol}\right)^{{{power}}}"


def _fraction(x: Fraction) -> str:
    return str(x) if x.denominator == 1 else rf"\tfrac{{{x.numerator}}}{{{x.denominator}}}"


def _joined(terms: Iterable[tuple[Monomial, Fraction]], monomial: Callable[[Monomial], str], number: Callable[[Fraction], str], times: str) -> str:
    text = ""
    for powers, x in terms:
        size, name = abs(x), monomial(powers)
        word = name if name and size == 1 else number(size) + (times + name if name else "")
        sign = (" - " if x < 0 else " + ") if text else ("-" if x < 0 else "")
        text += sign + word
    return text or "0"


def _exact_monomial(monomial: Monomial, values: Mapping[str, Value]) -> Fraction:
    product = Fraction(1)
    for name, power in monomial:
        value = values[name]
        assert not isinstance(value, Interval)
        product *= Fraction(value) ** power
    return product


def _ball_monomial(monomial: Monomial, values: Mapping[str, Value]) -> arb:
    product = arb(1)
    for name, power in monomial:
        value = values[name]
        ball = exact_arb(value.center) + arb(0, exact_arb(value.radius).upper()) if isinstance(value, Interval) else exact_arb(value)
        product *= ball**power
    return product


@dataclass(frozen=True)
class Bound:
    """left <= right, or left = right, on every instance on which the predicates named in `assuming` hold.

    >>> bound = read_bound("a >= b/2", "p")
    >>> bound.text, bound.assuming, bound.sign
    ('1/2*b <= a', ('p',), '<=')
    """

    left: Form
    sign: Sign
    right: Form
    assuming: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The invariants that occur."""
        return self.left.names | self.right.names

    @property
    def gap(self) -> Form:
        """right - left: not negative (or zero) is what it says."""
        return self.right.plus(self.left, -1)

    @property
    def text(self) -> str:
        """The relation as `read_bound` reads it, without the assumptions."""
        return f"{self.left.text} {self.sign} {self.right.text}"

    @property
    def cleared(self) -> Bound:
        """The same with integer coefficients.

        >>> read_bound("a <= b/2 + 1/3").cleared.text
        '6*a <= 3*b + 2'
        """
        common = lcm(*(x.denominator for form in (self.left, self.right) for _, x in form.terms))
        return Bound(self.left.times(common), self.sign, self.right.times(common), self.assuming)

    @property
    def key(self) -> tuple[Sign, tuple[str, ...], tuple[tuple[Monomial, Fraction], ...]]:
        """Equal for bounds that say the same about the same instances: the gap up to a positive factor (for equalities any)."""
        terms = self.gap.terms
        factor = abs(terms[0][1]) if self.sign == "<=" else terms[0][1]
        return self.sign, tuple(sorted(self.assuming)), self.gap.times(1 / factor).terms

    def latex(self, symbols: Mapping[str, str]) -> str:
        """The relation in LaTeX."""
        sign = "=" if self.sign == "=" else r"\le"
        return f"{self.left.latex(symbols)} {sign} {self.right.latex(symbols)}"


def read_bound(text: str, *assuming: str) -> Bound:
    """The bound of a text such as "12*squared_norm <= tokens^3 - tokens". Raises `InvalidInput` for anything else."""
    for sign in ("<=", ">=", "="):
        left, found, right = text.partition(sign)
        if found:
            sides = parse_form(left), parse_form(right)
            first, second = reversed(sides) if sign == ">=" else sides
            return Bound(first, "=" if sign == "=" else "<=", second, tuple(assuming))
    raise InvalidInput(f"bound {text!r}", "has no <=, >= or =", "write left <= right")


def parse_form(text: str) -> Form:
    """The form of a text: names, integers, + - * / ^, where only numbers divide. Raises `InvalidInput` for anything else.

    >>> parse_form("(K^3 - K)/12").coefficients[(("K", 1),)]
    Fraction(-1, 12)
    """
    try:
        return Form.of(_read(ast.parse(text.strip().replace("^", "**"), mode="eval").body))
    except (SyntaxError, ValueError) as error:
        why = error.msg if isinstance(error, SyntaxError) else str(error)
        raise InvalidInput(f"formula {text.strip()!r}", f"cannot be read ({why})", "use names, integers and + - * / ^") from None


Coefficients = dict[Monomial, Fraction]


def _read(node: ast.expr) -> Coefficients:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return {ONE: Fraction(node.value)}
    if isinstance(node, ast.Name):
        return {variable(node.id): Fraction(1)}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return {monomial: -x for monomial, x in _read(node.operand).items()}
    if not isinstance(node, ast.BinOp):
        raise ValueError(f"{ast.unparse(node)} is no number, name, sum or product")
    left, right = _read(node.left), _read(node.right)
    if isinstance(node.op, (ast.Add, ast.Sub)):
        return Form.of(left).plus(Form.of(right), 1 if isinstance(node.op, ast.Add) else -1).coefficients
    if isinstance(node.op, ast.Mult):
        return _product(left, right)
    number = right.get(ONE, Fraction(0)) if set(right) <= {ONE} else None
    if isinstance(node.op, ast.Div) and number:
        return {monomial: x / number for monomial, x in left.items()}
    if isinstance(node.op, ast.Pow) and number is not None and number.denominator == 1 and 0 <= number <= LARGEST_POWER:
        power: Coefficients = {ONE: Fraction(1)}
        for _ in range(int(number)):
            power = _product(power, left)
        return power
    raise ValueError(f"{ast.unparse(node)} is no form")


def _product(left: Coefficients, right: Coefficients) -> Coefficients:
    found: Coefficients = {}
    for a, x in left.items():
        for b, y in right.items():
            powers: dict[str, int] = {}
            for name, power in (*a, *b):
                powers[name] = powers.get(name, 0) + power
            monomial = tuple(sorted(powers.items()))
            found[monomial] = found.get(monomial, Fraction(0)) + x * y
    return found
