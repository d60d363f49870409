"""Certain signs and domains: what is certain is true at every point of the domain, and what is not is left open."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from flint import ctx

from ntpproofs.symbolic import Delta, E, L, index, total
from ntpproofs.symbolic.domain import domain_of
from ntpproofs.symbolic.evaluation import evaluate
from ntpproofs.symbolic.expressions import Produced
from ntpproofs.symbolic.sampling import cross_check, pseudo_random
from ntpproofs.symbolic.signs import Declared, certain_sign

x, y, s, t = sp.symbols("x y s t")
w, n = sp.Function("w"), sp.Function("n")
k, j, i = index("k"), index("j"), index("i")
D, S, O = sp.symbols("D S O")  # noqa: E741
SIZE = sp.Function("size")
sum_d = total(w(k), (k, D))

SIGNS = [
    # (expression, sign for positive symbols, with x of either sign, with x >= 0)
    (x, 2, 0, 1),
    (-x, -2, 0, -1),
    (x - y, 0, 0, 0),
    (x * y, 2, 0, 1),
    (-x * y, -2, 0, -1),
    (x**2, 2, 1, 1),
    (x**3, 2, 0, 1),
    (1 / x, 2, 0, 0),
    (x**2 + y, 2, 2, 2),
    (sp.Integer(0), 1, 1, 1),
    (sp.Rational(-1, 3), -2, -2, -2),
    (E(x - y), 2, 2, 2),
    (E(x) - 1, 2, 0, 1),
    (1 - E(-x), 0, 0, 0),  # E(-x) is turned into 1/E(x) by the normal form, not here
    (1 - 1 / E(x), 2, 0, 1),
    (E(x) - 1 - x, 0, 0, 0),
    (L(1 + x), 0, 0, 0),
    ((x - y) ** 2, 1, 1, 1),
    ((x - y) ** 2 + 1, 2, 2, 2),
    (x / (x + y) - 1, -2, 0, -2),
    (x / (x - y), 0, 0, 0),
    (sp.sqrt(x), 2, 0, 1),
    (sp.sqrt(1 + x**2), 2, 2, 2),
    (sum_d, 2, 2, 2),
    (Delta(k, j), 1, 1, 1),
    (SIZE(D), 2, 2, 2),
    (SIZE(D) - 1, 0, 0, 0),
    (total(Delta(k, j) * w(k), (k, D)), 1, 1, 1),
    (total(x - w(k), (k, D)), 0, 0, 0),
    (Produced(x**2 + y, "derivative"), 2, 2, 2),
]


@pytest.mark.parametrize(("expression", "positive", "signed", "nonnegative"), SIGNS, ids=range(len(SIGNS)))
def test_signs(expression: Any, positive: int, signed: int, nonnegative: int) -> None:
    assert certain_sign(expression, Declared()).value == positive
    assert certain_sign(expression, Declared(signed=frozenset("x"))).value == signed
    assert certain_sign(expression, Declared(nonnegative=frozenset("x"))).value == nonnegative
    assert certain_sign(expression, Declared(positive=frozenset("yw"))).value == signed


def test_signs_say_what_they_used() -> None:
    assert certain_sign(x * sum_d, Declared()).names == {"x", "w"}
    assert certain_sign(sum_d, Declared()).ranges == {frozenset({"D"})}
    assert certain_sign(sum_d, Declared(sizes={"D": 1})).ranges == frozenset()
    assert certain_sign(sum_d + 1, Declared()).ranges == frozenset()
    both = total(E(w(k)), (k, S)) + total(E(w(k)), (k, O))
    assert certain_sign(both, Declared()).ranges == {frozenset({"S", "O"})}
    assert certain_sign(total(1, (k, S), (j, O)), Declared()).ranges == {frozenset({"S"}), frozenset({"O"})}


def random_expression(rng: random.Random, depth: int) -> sp.Expr:
    if depth == 0:
        return rng.choice([x, y, s, sp.Rational(rng.randint(-3, 3), rng.randint(1, 3)), sum_d, SIZE(D)])
    one, two = random_expression(rng, depth - 1), random_expression(rng, depth - 1)
    return rng.choice([one + two, one - two, one * two, one**2, one / (1 + two**2), E(one), one * E(two) - 1, one**3, sp.sqrt(1 + one**2)])


@pytest.mark.parametrize("seed", range(6))
def test_certain_signs_are_those_of_every_value(seed: int) -> None:
    rng, certain = random.Random(seed), 0
    for _ in range(60):
        expression = random_expression(rng, 3)
        sign = certain_sign(expression, Declared(signed=frozenset("s"), nonnegative=frozenset("x"), sizes={"D": 1}))
        certain += sign.value != 0
        for draw in range(12):

            def value(name: str, indices: tuple[int, ...], draw: int = draw) -> Fraction:
                if name == "x" and draw % 3 == 0:
                    return Fraction(0)
                return pseudo_random(name, indices, signed=name == "s", draw=draw) / 4

            with ctx.workprec(300):
                ball = evaluate(expression, {"D": 1 + draw % 3}, value)
            if not ball.is_finite():
                continue
            assert not (sign.positive and ball <= 0) and not (sign.value == -2 and ball >= 0), expression
            assert not (sign.value >= 1 and ball < 0) and not (sign.value <= -1 and ball > 0), expression
    assert certain > 15


DOMAINS = [
    ([x + y], ""),
    ([L(x + y)], "x, y > 0"),
    ([L(1 + x**2) + L(y)], "x, y > 0"),
    ([L(1 + (x - y) ** 2)], ""),
    ([1 / x], "x not 0"),
    ([1 / x, L(x)], "x > 0"),
    ([1 / SIZE(D)], "D not empty"),
    ([1 / total(n(k) * E(w(k)), (k, D))], "Sum[k in D](E(w(k))*n(k)) not 0"),
    ([L(total(n(k) * E(w(k)), (k, D)))], "n > 0; D not empty"),
    ([total(Delta(k, j), (k, D))], "j in D"),
    ([sp.sqrt(x)], "x > 0"),
    ([sp.Symbol("q", positive=True)], "q > 0"),
    ([E(x - y), Delta(i, j) * w(i)], ""),
]


@pytest.mark.parametrize(("expressions", "conditions"), DOMAINS, ids=range(len(DOMAINS)))
def test_domains(expressions: list[Any], conditions: str) -> None:
    assert domain_of(expressions).conditions == conditions


def test_the_cross_check_draws_many_points_of_both_signs_and_all_small_sizes() -> None:
    # Each of these vanishes at all but one kind of point.
    size, other = SIZE(D), SIZE(S)
    for wrong in range(5):
        kept = sp.Mul(*(size - right for right in range(5) if right != wrong))
        assert f"D of size {wrong}" in cross_check(kept, domain_of([kept]), {"D"}).apart
    for wrong in ((0, 3), (4, 1), (2, 2)):
        gap = sp.Mul(*(size - a for a in range(5) if a != wrong[0]), *(other - b for b in range(5) if b != wrong[1]))
        assert cross_check(gap, domain_of([gap]), {"D", "S"}).apart.startswith(f"D of size {wrong[0]}, S of size {wrong[1]}")
    for gap in (x - sp.sqrt(x**2), x + sp.sqrt(x**2), x * y - sp.sqrt(x**2 * y**2), w(i) - sp.sqrt(w(i) ** 2)):
        domain = domain_of([x * y + w(i)])
        assert cross_check(gap, domain, set()).apart, gap
    for gap in (Delta(i, j), 1 - Delta(i, j)):
        assert cross_check(gap, domain_of([gap]), set()).apart
    assert cross_check(x - x, domain_of([x]), set()).points > 100


def test_declared_sizes_are_the_smallest_tried() -> None:
    gap = SIZE(D) * (SIZE(D) - 1)
    assert cross_check(gap * (SIZE(D) - 2) * (SIZE(D) - 3) * (SIZE(D) - 4), domain_of([gap], sizes={"D": 2}), {"D"}).apart == ""
    assert cross_check(gap, domain_of([gap], sizes={"D": 2}), {"D"}).apart.startswith("D of size 2")
