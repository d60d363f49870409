"""The index calculus: each rule, both as a normal form and against plain SymPy sums at sizes 2 to 4; derivatives; no captures."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import permutations
from typing import Any

import mpmath
import pytest
import sympy as sp
from flint import ctx
from sympy.core.function import AppliedUndef

from ntpproofs.exact.balls import lower, upper
from ntpproofs.symbolic import Delta, E, L, Sigma, derivative, evaluate, index, normal_form, total
from ntpproofs.symbolic.expressions import Produced
from ntpproofs.symbolic.formula import pseudo_random
from ntpproofs.symbolic.index_calculus import ranges, substitute

w, f, g, x, y = (sp.Function(name) for name in "wfgxy")
i, j, k, m, u, v, a, b = (index(name) for name in "ijkmuvab")
s, t = sp.symbols("s t")
SIZE = sp.Function("size")
R, D = sp.Symbol("R"), sp.Symbol("D")


def plain(expression: Any, sizes: dict[str, int]) -> sp.Expr:
    """The expression as an ordinary SymPy expression at concrete sizes: sums written out, f(1, 2) a positive symbol f_1_2."""
    expression = sp.sympify(expression)
    if isinstance(expression, Produced):
        return plain(expression.value, sizes)
    if isinstance(expression, Sigma):
        (bound, over), *rest = expression.bindings
        inner = Sigma(expression.body, *rest) if rest else expression.body
        return sp.Add(*(plain(_at(inner, bound, n), sizes) for n in range(sizes[str(over)])))
    if isinstance(expression, AppliedUndef):
        name = expression.func.__name__
        if name == "size":
            return sp.Integer(sizes[str(expression.args[0])])
        if name == "Delta":
            return sp.Integer(int(expression.args[0] == expression.args[1]))
        if name in "EL":
            argument = plain(expression.args[0], sizes)
            return sp.exp(argument) if name == "E" else sp.log(argument)
        return sp.Symbol("_".join([name, *map(str, expression.args)]), positive=True)
    if expression.is_Symbol:
        return sp.Symbol(expression.name, positive=True)
    return expression.func(*(plain(argument, sizes) for argument in expression.args)) if expression.args else expression


def _at(expression: sp.Expr, bound: sp.Symbol, n: int) -> sp.Expr:
    # The value of an index put in, leaving inner sums that bind the same name alone: written here without `substitute`.
    if isinstance(expression, Sigma):
        if bound in [name for name, _ in expression.bindings]:
            return expression
        return Sigma(_at(expression.body, bound, n), *expression.bindings)
    if expression == bound:
        return sp.Integer(n)
    return expression.func(*(_at(argument, bound, n) for argument in expression.args)) if expression.args else expression


def equal_plainly(left: sp.Expr, right: sp.Expr) -> bool:
    """Equality of ordinary expressions as rational functions of their symbols, exponentials and logarithms."""
    gap = sp.expand(sp.expand_log(left - right, force=True), power_exp=True)
    exponentials = {atom: sp.Symbol(f"u_{n}") for n, atom in enumerate(sorted(gap.atoms(sp.exp), key=str))}
    return sp.cancel(sp.together(gap.subs(exponentials))) == 0


RULES = [
    ("linearity", total(s * f(k) + 3 * g(k), (k, R)), s * total(f(k), (k, R)) + 3 * total(g(k), (k, R))),
    ("a factor without the index leaves", total(s * f(m) * g(k), (k, R)), s * f(m) * total(g(k), (k, R))),
    ("a constant is counted", total(s, (k, R)), s * SIZE(R)),
    ("a constant is counted twice", total(1, (k, R), (m, D)), SIZE(R) * SIZE(D)),
    ("delta substitutes", total(Delta(k, m) * f(k), (k, R)), f(m)),
    ("delta the other way round", total(Delta(m, k) * f(k, m), (k, R)), f(m, m)),
    ("delta inside two sums", total(Delta(k, u) * f(k) * g(u), (k, R), (u, R)), total(f(k) * g(k), (k, R))),
    ("two deltas", total(Delta(k, m) * Delta(k, v) * f(k), (k, R)), Delta(m, v) * f(m)),
    ("delta is symmetric", Delta(k, m) * f(k), Delta(m, k) * f(k)),
    ("delta of equal indices", Delta(k, k) * f(k), f(k)),
    ("renaming", total(f(k), (k, R)), total(f(u), (u, R))),
    ("renaming in two sums", total(f(k, m) * g(m), (k, R), (m, R)), total(g(u) * f(v, u), (u, R), (v, R))),
    ("order of sums", total(total(f(k, m), (k, R)), (m, D)), total(total(f(k, m), (m, D)), (k, R))),
    ("product of sums", total(f(k), (k, R)) * total(g(k), (k, R)), total(f(k) * g(m), (k, R), (m, R))),
    ("square of a sum", total(f(k), (k, R)) ** 2, total(f(k) * f(m), (k, R), (m, R))),
    ("cube of a sum", total(f(k), (k, R)) ** 3, total(f(k) * f(m) * f(u), (k, R), (m, R), (u, R))),
    ("sum inside a sum", total(f(m) * total(g(k), (k, R)) ** 2, (m, D)), total(f(m), (m, D)) * total(g(k) * g(u), (k, R), (u, R))),
    ("exponential of a sum", E(s + t), E(s) * E(t)),
    ("exponential of a multiple", E(3 * s), E(s) ** 3),
    ("exponential of minus", E(-s) * E(s), sp.Integer(1)),
    ("exponential of a difference", E(s - 2 * t), E(s) / E(t) ** 2),
    ("exponential of a logarithm", E(L(s)), s),
    ("exponential of multiples of logarithms", E(2 * L(s) - L(t)), s**2 / t),
    ("exponential of zero", E(s - s), sp.Integer(1)),
    ("logarithm of a product", L(s * t), L(s) + L(t)),
    ("logarithm of a quotient", L(s / t), L(s) - L(t)),
    ("logarithm of a power", L(s**3), 3 * L(s)),
    ("logarithm of an exponential", L(E(s)), s),
    ("logarithm of products of exponentials", L(s * E(t) ** 2 / E(s)), L(s) + 2 * t - s),
    ("logarithm of one", L(s / s), sp.Integer(0)),
    ("logarithm of a sum", L(s * t + s), L(s) + L(1 + t)),
    ("logarithm in a sum", total(f(k) * L(g(k) * s), (k, R)), total(f(k) * L(g(k)), (k, R)) + L(s) * total(f(k), (k, R))),
    ("logarithm of a number", L(sp.Rational(8, 3) * s), 3 * L(sp.Integer(2)) - L(sp.Integer(3)) + L(s)),
    ("exponential of a number", E(s - 4) * E(sp.Integer(4)), E(s)),
    ("exponential of a logarithm of a sum", E(2 * L(s + t) + s), (s + t) ** 2 * E(s)),
    ("rational functions", s / (1 + s) + 1 / (1 + s), sp.Integer(1)),
    ("rational functions of two", 1 / (s + t) - s / (s + t) ** 2, t / (s + t) ** 2),
    ("quotients in sums", total(f(k) / (f(k) + g(k)) + g(k) / (f(k) + g(k)), (k, R)), SIZE(R)),
    ("probabilities sum to one", total(E(f(k)) / total(E(f(u)), (u, R)), (k, R)), sp.Integer(1)),
    ("log-softmax", L(E(f(m)) / total(E(f(u)), (u, R))), f(m) - L(total(E(f(u)), (u, R)))),
    ("scores", E(total(w(k) * x(k), (k, R)) + total(w(k) * y(k), (k, R))), E(total(w(k) * (x(k) + y(k)), (k, R)))),
    ("bilinear", total(total(f(k) * g(k, m), (k, R)) * x(m), (m, D)), total(f(k) * total(g(k, m) * x(m), (m, D)), (k, R))),
    ("variance", total(f(k) * (x(k) - s) ** 2, (k, R)),
     total(f(k) * x(k) ** 2, (k, R)) - 2 * s * total(f(k) * x(k), (k, R)) + s**2 * total(f(k), (k, R))),
    ("an index bound twice", total(f(k) * total(g(k), (k, R)), (k, R)), total(f(k), (k, R)) * total(g(m), (m, R))),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_rules(left: sp.Expr, right: sp.Expr) -> None:
    assert normal_form(left - right) == 0
    assert normal_form(left) == normal_form(right)


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize(("left", "right"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_rules_hold_for_plain_sums(left: sp.Expr, right: sp.Expr, size: int) -> None:
    # Ranges of different sizes; free indices take the values 0 and 1 in both orders, and the same value.
    sizes = {"R": size, "D": size % 3 + 2}
    for values in ((0, 1), (1, 0), (1, 1)):
        here = [_at(_at(expression, m, values[0]), v, values[1]) for expression in (left, right)]
        assert equal_plainly(*(plain(expression, sizes) for expression in here))


@pytest.mark.parametrize("left", [row[1] for row in RULES], ids=[row[0] for row in RULES])
def test_normal_forms_keep_the_value_and_are_normal(left: sp.Expr) -> None:
    form = normal_form(left)
    assert normal_form(form) == form
    sizes = {"R": 3, "D": 2}
    here = [_at(_at(expression, m, 0), v, 1) for expression in (left, form)]
    assert equal_plainly(*(plain(expression, sizes) for expression in here))


WRONG = [
    (total(f(k), (k, R)) ** 2, total(f(k) ** 2, (k, R))),
    (total(f(k) * g(k), (k, R)), total(f(k), (k, R)) * total(g(k), (k, R))),
    (total(s, (k, R)), s),
    (E(s + t), E(s) + E(t)),
    (E(s * t), E(s) * E(t)),
    (L(s + t), L(s) + L(t)),
    (total(Delta(k, m) * f(k), (k, R)), total(f(k), (k, R))),
    (total(f(k, m), (k, R)), total(f(m, k), (k, R))),
    (total(f(k), (k, R)), total(f(k), (k, D))),
    (total(f(k, m), (k, R), (m, R)), total(f(k, k), (k, R))),
    (E(f(m)) / total(E(f(u)), (u, R)), E(-f(m)) / total(E(-f(u)), (u, R))),
    (f(k), f(m)),
]


@pytest.mark.parametrize(("left", "right"), WRONG, ids=range(len(WRONG)))
def test_different_expressions_have_different_normal_forms(left: sp.Expr, right: sp.Expr) -> None:
    assert normal_form(left - right) != 0 and normal_form(left) != normal_form(right)


def random_expression(rng: random.Random, bound: list[sp.Symbol], depth: int) -> sp.Expr:
    """A polynomial in nested sums over R and D, with every index drawn from those in scope."""
    what = rng.random()
    if depth == 0 or what < 0.25:
        chosen = [rng.choice(bound) for _ in range(2)]
        return rng.choice([f(chosen[0], chosen[1]), g(chosen[0]), x(chosen[1]), s])
    if what < 0.6:
        fresh = rng.choice([i, j, k, u])  # names are reused on purpose: inner sums shadow outer ones
        return total(random_expression(rng, [*[n for n in bound if n != fresh], fresh], depth - 1), (fresh, rng.choice([R, D])))
    parts = [random_expression(rng, bound, depth - 1) for _ in range(2)]
    return parts[0] * parts[1] if what < 0.8 else parts[0] + rng.choice([-2, 1, 3]) * parts[1]


@pytest.mark.parametrize("seed", range(12))
def test_random_expressions_keep_their_value(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(6):
        expression = random_expression(rng, [m], 3)
        form = normal_form(expression)
        sizes = {"R": 2, "D": 3}
        assert sp.expand(plain(_at(expression, m, 1), sizes) - plain(_at(form, m, 1), sizes)) == 0
        assert normal_form(expression - form) == 0


@pytest.mark.parametrize("seed", range(6))
def test_names_and_orders_of_indices_do_not_matter(seed: int) -> None:
    rng = random.Random(seed)
    factors = [f(i, j), f(j, k), g(i, k, k), x(k) * y(j), f(k, i)]
    for _ in range(4):
        body = sp.Mul(*rng.sample(factors, 3))
        used = [n for n in (i, j, k) if n in body.free_symbols]
        forms = set()
        for names in permutations((a, b, u), len(used)):
            renamed = substitute(body, dict(zip(used, names)))
            order = list(names)
            rng.shuffle(order)
            forms.add(normal_form(total(renamed, *((n, R) for n in order))))
        assert len(forms) == 1


def test_substitution_avoids_captures() -> None:
    inner = total(f(k, m), (k, R))
    assert normal_form(substitute(inner, {m: k})) == normal_form(total(f(u, k), (u, R)))
    assert normal_form(substitute(inner, {m: k})) != normal_form(total(f(k, k), (k, R)))
    assert substitute(inner, {k: sp.Integer(1)}) == inner  # bound indices are not free
    assert normal_form(substitute(total(f(k) * s, (k, R)), {s: g(k)})) == normal_form(g(k) * total(f(m), (m, R)))
    nested = total(total(f(k, m, u), (k, R)), (m, R))
    assert normal_form(substitute(nested, {u: k + 0})) == normal_form(total(f(i, j, k), (i, R), (j, R)))
    assert normal_form(substitute(nested, {u: m})) == normal_form(total(f(i, j, m), (i, R), (j, R)))
    assert total(f(k, m), (k, R)).free_symbols == {m}


def test_a_sum_over_one_range_is_not_another() -> None:
    assert ranges(total(f(k) * SIZE(D), (k, R))) == {"R", "D"}
    assert normal_form(total(f(k), (k, R)) - total(f(k), (k, D))) != 0


score = total(w(k) * x(m, k), (k, D))
DERIVATIVES = [
    # (expression, its derivative by w(a))
    ("linear", total(w(k) * x(k), (k, D)), x(a)),
    ("square", total(w(k), (k, D)) ** 2, 2 * total(w(k), (k, D))),
    ("norm", total(w(k) ** 2, (k, D)), 2 * w(a)),
    ("quadratic form", total(w(k) * f(k, m) * w(m), (k, D), (m, D)), total((f(a, k) + f(k, a)) * w(k), (k, D))),
    ("constant", s + f(m), sp.Integer(0)),
    ("score", score, x(m, a)),
    ("exponential of a score", E(-score), -x(m, a) * E(-score)),
    ("logarithm", L(total(w(k) * f(k), (k, D))), f(a) / total(w(k) * f(k), (k, D))),
    ("quotient", 1 / (1 + w(m)), -Delta(a, m) / (1 + w(m)) ** 2),
    ("log-sum-exp", L(total(E(total(w(k) * x(m, k), (k, D))), (m, R))),
     total(x(m, a) * E(total(w(k) * x(m, k), (k, D))), (m, R)) / total(E(total(w(k) * x(m, k), (k, D))), (m, R))),
    ("softmax", E(w(m)) / total(E(w(u)), (u, D)), E(w(m)) / total(E(w(u)), (u, D)) * (Delta(a, m) - E(w(a)) / total(E(w(u)), (u, D)))),
    ("the variable's index is bound inside", total(w(a) * x(a), (a, D)), x(a)),
    ("product of sums", total(w(k) * f(k), (k, D)) * total(w(k) * g(k), (k, D)),
     f(a) * total(w(k) * g(k), (k, D)) + g(a) * total(w(k) * f(k), (k, D))),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), [row[1:] for row in DERIVATIVES], ids=[row[0] for row in DERIVATIVES])
def test_derivatives(expression: sp.Expr, expected: sp.Expr) -> None:
    assert normal_form(derivative(expression, w(a)) - expected) == 0


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("expression", [row[1] for row in DERIVATIVES], ids=[row[0] for row in DERIVATIVES])
def test_derivatives_agree_with_sympy_on_plain_sums(expression: sp.Expr, size: int) -> None:
    sizes = {"R": 3, "D": size}
    for place in range(size):
        found = plain(_at(_at(derivative(expression, w(a)), a, place), m, 0), sizes)
        expected = sp.diff(plain(_at(expression, m, 0), sizes), sp.Symbol(f"w_{place}", positive=True))
        assert equal_plainly(found, expected)


BY_SYMBOL = [s**3 + t, 1 / (1 + s), E(s * t) * s, L(1 + s**2), sp.sqrt(1 + s), t * E(-s) / (1 + E(-s)), total(f(k) * E(s * g(k)), (k, R)), f(m) * t]


@pytest.mark.parametrize("expression", BY_SYMBOL, ids=range(len(BY_SYMBOL)))
def test_derivatives_by_a_plain_symbol_agree_with_sympy(expression: sp.Expr) -> None:
    here = _at(expression, m, 0)
    for order in (1, 2):
        found, x_ = here, sp.Symbol("s", positive=True)
        for _ in range(order):
            found = derivative(found, s)
        assert equal_plainly(plain(normal_form(found), {"R": 3}), sp.diff(plain(here, {"R": 3}), x_, order))


@pytest.mark.parametrize("expression", [row[1] for row in DERIVATIVES], ids=[row[0] for row in DERIVATIVES])
def test_derivatives_agree_with_finite_differences(expression: sp.Expr) -> None:
    sizes = {"R": 2, "D": 3}
    fixed, step = _at(expression, m, 1), Fraction(1, 10**30)

    def value(shift: Fraction, place: int, what: sp.Expr) -> mpmath.mpf:
        def at(name: str, indices: tuple[int, ...]) -> Fraction:
            return pseudo_random(name, indices) / 4 + (shift if (name, indices) == ("w", (place,)) else 0)

        with ctx.workprec(600):
            ball = evaluate(what, sizes, at)
            return _mp((lower(ball) + upper(ball)) / 2)

    with mpmath.workdps(150):
        for place in range(3):
            slope = (value(step, place, fixed) - value(-step, place, fixed)) / (2 * _mp(step))
            found = value(Fraction(0), place, _at(_at(derivative(expression, w(a)), a, place), m, 1))
            assert abs(slope - found) <= mpmath.mpf(10) ** -40 * (1 + abs(found))


def _mp(value: Fraction) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator


@pytest.mark.parametrize("expression", [sp.Function("h")(w(m)), w(m) ** s, s ** w(m), sp.Function("h")(w(b)) * x(m)])
def test_derivatives_without_a_rule_are_refused(expression: sp.Expr) -> None:
    # Never zero in silence: the variable occurs, at whatever index.
    with pytest.raises(NotImplementedError, match="no rule"):
        derivative(expression, w(a))


def test_other_variables_are_constant() -> None:
    assert derivative(sp.Function("h")(x(m)) ** s * E(f(m)), w(a)) == 0


@pytest.mark.parametrize(("left", "right"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_evaluation_in_balls_agrees_with_plain_sums(left: sp.Expr, right: sp.Expr) -> None:
    sizes = {"R": 3, "D": 2}
    here = _at(_at(_at(left, m, 0), v, 1), k, 1)
    symbols = plain(here, sizes)
    values = {symbol: sp.Rational(*_ratio(symbol.name)) for symbol in symbols.free_symbols}
    with ctx.workprec(120):
        ball = evaluate(here, sizes, pseudo_random)
    truth = sp.N(symbols.subs(values), 40)
    assert abs(truth - sp.Float(str(ball.mid().str(40, radius=False)), 40)) <= sp.Float("1e-25") * (1 + abs(truth))


def _ratio(name: str) -> tuple[int, int]:
    head, *indices = name.split("_")
    value = pseudo_random(head, tuple(map(int, indices)))
    return value.numerator, value.denominator


def test_evaluation_without_a_rule_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="no rule"):
        evaluate(sp.sin(s), {}, pseudo_random)
