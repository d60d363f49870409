r"""Typed proof lines read back: arithmetic on plain letters as an expression, so that it can be compared with the formula that was checked.

The grammar is what authors type for scalars: letters (Greek ones too), integers, \frac, \tfrac, brackets, powers, juxtaposition, and = between two
sides. Anything else (sums, inner products, words) is not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import sympy as sp

from ...symbolic.expressions import E

_GREEK = "alpha beta gamma delta eta varepsilon epsilon lambda kappa rho sigma tau theta mu nu".split()
_TOKEN = re.compile(r"\s*(\\[A-Za-z]+|\\.|\d+|[A-Za-z]|[-+=(){}\[\]^/])")
_IGNORED = {r"\left", r"\right", r"\bigl", r"\bigr", r"\Bigl", r"\Bigr", r"\big", r"\,", r"\!", r"\;", r"\quad"}


class Unreadable(ValueError):
    """The line is outside the grammar."""


def typed_sides(latex: str) -> tuple[sp.Expr, sp.Expr] | None:
    r"""Both sides of a typed identity; None where the grammar does not reach.

    >>> typed_sides(r"(a+b)^2=a^2+2ab+b^2")
    ((a + b)**2, a**2 + 2*a*b + b**2)
    >>> typed_sides(r"\tfrac a2-x_1=0") is None
    True
    """
    try:
        reader = _Reader(_tokens(latex))
        left = reader.sum()
        reader.expect("=")
        right = reader.sum()
    except Unreadable:
        return None
    return (left, right) if reader.done else None


def _tokens(latex: str) -> list[str]:
    found, at = [], 0
    while at < len(latex):
        token = _TOKEN.match(latex, at)
        if token is None:
            if latex[at:].isspace():
                break
            raise Unreadable(latex[at])
        if token[1] not in _IGNORED:
            found.append(token[1])
        at = token.end()
    return found


@dataclass
class _Reader:
    # Recursive descent; SymPy builds the expressions.
    tokens: list[str]
    at: int = 0

    @property
    def done(self) -> bool:
        return self.at == len(self.tokens)

    @property
    def next(self) -> str:
        return "" if self.done else self.tokens[self.at]

    def take(self) -> str:
        if self.done:
            raise Unreadable("the end")
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, token: str) -> None:
        if self.take() != token:
            raise Unreadable(token)

    def sum(self) -> sp.Expr:
        sign = -1 if self.next == "-" else 1
        if self.next in ("-", "+"):
            self.take()
        total = sign * self.product()
        while self.next in ("+", "-"):
            total += self.product() if self.take() == "+" else -self.product()
        return total

    def product(self) -> sp.Expr:
        result = self.power()
        while self.next and self.next not in ("+", "-", "=", ")", "}", "]"):
            result = result / self.power() if self.next == "/" and self.take() else result * self.power()
        return result

    def power(self) -> sp.Expr:
        base = self.atom()
        while self.next == "^":
            self.take()
            exponent = self.argument()
            base = E(exponent) if base == sp.Symbol("e") else base**exponent
        return base

    def argument(self) -> sp.Expr:
        if self.next == "{":
            self.take()
            inside = self.sum()
            self.expect("}")
            return inside
        token = self.next
        if token.isdigit() and len(token) > 1:  # \tfrac12: one digit each
            self.tokens[self.at : self.at + 1] = list(token)
        return self.atom()

    def atom(self) -> sp.Expr:
        token = self.take()
        if token.isdigit():
            return sp.Integer(token)
        if token in ("(", "[", "{"):
            inside = self.sum()
            self.expect({"(": ")", "[": "]", "{": "}"}[token])
            return inside
        if token in (r"\frac", r"\tfrac", r"\dfrac"):
            above = self.argument()
            return above / self.argument()
        if token.isalpha() and len(token) == 1:
            return sp.Symbol(token)
        if token.startswith("\\") and token[1:] in _GREEK:
            return sp.Symbol("epsilon" if token == r"\varepsilon" else token[1:])
        raise Unreadable(token)
