"""Symbolic operands: equalities proved or refuted a second way, inequalities by the sign of a derivative, LaTeX."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from ntpproofs.errors import InvalidStatement
from ntpproofs.language.relations import AtMost, Equal, Implies
from ntpproofs.language.verdicts import Evidence, Outcome
from ntpproofs.symbolic import Delta, E, Formula, L, NonNegative, derivative, index, latex_of, normal_form, total
from ntpproofs.symbolic.formula import Exhaustive, pseudo_random

HOLDS, REFUTED, INCONCLUSIVE = Outcome.HOLDS, Outcome.REFUTED, Outcome.INCONCLUSIVE
PROVED, ENCLOSED = Evidence.PROVED, Evidence.ENCLOSED
x, s, t = sp.symbols("x s t")
w, p, h, ell = (sp.Function(name) for name in ("w", "p", "h", "ell"))
i, j, k, u, a, b = (index(name) for name in ("i", "j", "k", "u", "a", "b"))

softmax = E(w(a)) / total(E(w(u)), (u, "D"))
loss = total(p(k) * (L(total(E(w(u)), (u, "D"))) - w(k)), (k, "D"))
mean = total(p(k) * h(k), (k, "D"))

PROVED_EQUALITIES = [
    ((s + t) ** 2, s**2 + 2 * s * t + t**2),
    (derivative(loss, w(a)), softmax * total(p(k), (k, "D")) - p(a)),
    (derivative(softmax, w(b)), softmax * (Delta(a, b) - softmax.subs(a, b))),
    (total(p(k) * h(k) ** 2, (k, "D")) - mean**2 * (2 - total(p(k), (k, "D"))), total(p(k) * (h(k) - mean) ** 2, (k, "D"))),
    (L(E(s) + E(s + t)), s + L(1 + E(t))),
    (s, s),
    (0, total(0 * p(k), (k, "D"))),
]


@pytest.mark.parametrize(("left", "right"), PROVED_EQUALITIES, ids=range(len(PROVED_EQUALITIES)))
def test_identities_are_proved_at_all_sizes(left: Any, right: Any) -> None:
    verdict = Equal(Formula(left), Formula(right)).decide()
    assert (verdict.outcome, verdict.evidence, verdict.scope) == (HOLDS, PROVED, "all sizes")
    assert Equal(Formula(left), right).decide().outcome is HOLDS  # a bare expression on the right is read as one
    assert Equal(right, Formula(left)).decide().outcome is HOLDS  # and on the left


WRONG = [
    ((s + t) ** 2, s**2 + t**2),
    (derivative(loss, w(a)), softmax - p(a)),  # needs probabilities that sum to one
    (derivative(loss, w(a)), p(a) - softmax * total(p(k), (k, "D"))),  # sign
    (derivative(softmax, w(b)), -softmax * softmax.subs(a, b)),  # wrong on the diagonal only
    (derivative(softmax, w(b)), softmax * Delta(a, b)),  # wrong off the diagonal
    (Delta(a, b), 0),
    (total(p(k), (k, "D")), total(p(k), (k, "R"))),  # another range
    (total(1, (k, "D")), total(1, (k, "R"))),
    (total(p(k) * h(k), (k, "D")), total(p(k), (k, "D")) * total(h(k), (k, "D"))),
    (p(a), p(b)),
    (L(s + t), L(s) + L(t)),
    (s, s + sp.Rational(1, 10**30)),  # however small the difference
    (total(p(i) * p(j), (i, "D"), (j, "D")), total(p(i) ** 2, (i, "D"))),
    (w(a), -w(a)),
]


@pytest.mark.parametrize(("left", "right"), WRONG, ids=range(len(WRONG)))
def test_wrong_formulas_are_refuted_at_concrete_sizes(left: Any, right: Any) -> None:
    verdict = Equal(Formula(left), Formula(right)).decide()
    assert (verdict.outcome, verdict.evidence) == (REFUTED, ENCLOSED) and "pseudo-random rationals" in verdict.scope
    assert verdict.detail and verdict.evidence.disproves
    assert Equal(right, Formula(left)).decide().outcome is REFUTED


def test_the_scope_of_a_refutation_names_the_sizes() -> None:
    verdict = Equal(Formula(total(1, (k, "D"))), Formula(total(1, (k, "R")))).decide()
    assert verdict.scope == "D of size 2, R of size 3, pseudo-random rationals"


def test_true_identities_beyond_the_calculus_are_inconclusive() -> None:
    # sqrt(s)^2 and E(s/2)^2 are no rules of the calculus: nothing proves them and no evaluation separates the sides.
    verdict = Equal(Formula(E(s / 2) ** 2), Formula(E(s))).decide()
    assert (verdict.outcome, verdict.evidence) == (INCONCLUSIVE, None)
    assert Implies(Equal(Formula(E(s / 2) ** 2), Formula(E(s))), Equal(0, 1)).decide().outcome is INCONCLUSIVE


def test_a_contradiction_between_the_two_routes_is_an_error() -> None:
    # An index cannot run over two ranges at once: the delta rule and the evaluation at different sizes disagree.
    left = total(Delta(k, u), (k, "A"), (u, "B"))
    with pytest.raises(ArithmeticError, match="contradicts an evaluation"):
        Equal(Formula(left), Formula(normal_form(left))).decide()


def test_signed_symbols_take_both_signs() -> None:
    values = {pseudo_random("z", (n,), signed=True) > 0 for n in range(20)}
    assert values == {True, False}
    assert all(pseudo_random("z", (n,)) > 0 for n in range(50))
    assert pseudo_random("z", (3,)) == pseudo_random("z", (3,)) != pseudo_random("z", (4,))
    verdict = Equal(Formula(w(a) * w(b), frozenset({"w"})), Formula(w(b) * w(a))).decide()
    assert verdict.outcome is HOLDS


NON_NEGATIVE = [
    (x - L(1 + x), None),
    (L(1 + x), None),
    (E(x) - 1 - x, None),
    (E(x) - 1 - x - x**2 / 2, None),
    (L(1 + x) - x / (1 + x), None),
    (L(1 + x) - x / 2, 1),
    (x * (1 - x), 1),
    (s * x + t * x**2, None),
    (1 / (1 + x), None),
    ((1 + x) ** 3 - 1 - 3 * x, None),
    (sp.Integer(0), None),
    (E(x * s) - 1, None),
]


@pytest.mark.parametrize(("expression", "upto"), NON_NEGATIVE, ids=range(len(NON_NEGATIVE)))
def test_inequalities_are_proved_by_the_sign_of_a_derivative(expression: Any, upto: Any) -> None:
    verdict = NonNegative(expression, x, upto).decide()
    assert (verdict.outcome, verdict.evidence, verdict.scope) == (HOLDS, PROVED, "all sizes")
    # The second route: no negative value on a grid.
    for n in range(1, 60):
        point = sp.Rational(n, 12) if upto is None else sp.Rational(n, 60) * upto
        value = sp.sympify(expression).subs({x: point, s: sp.Rational(3, 7), t: 2}).replace(E, sp.exp).replace(L, sp.log)
        assert sp.N(value, 30) >= -sp.Float("1e-25")


NEGATIVE = [
    (L(1 + x) - x, None),
    (1 + x - E(x), None),
    (x - 1, None),
    (x * (1 - x), None),
    (L(1 + x) - x / 2, None),  # true up to 1, false from 2.6 on
    (x - 2 * L(1 + x), None),
    (x / (1 + x) - L(1 + x), None),
    (s * x - 2 * s * x**2, None),
    (-sp.Integer(1), None),
    (L(1 + x) - x * sp.Rational(3, 4), 1),
]


@pytest.mark.parametrize(("expression", "upto"), NEGATIVE, ids=range(len(NEGATIVE)))
def test_false_inequalities_are_refuted_at_a_point(expression: Any, upto: Any) -> None:
    verdict = NonNegative(expression, x, upto).decide()
    assert (verdict.outcome, verdict.evidence) == (REFUTED, ENCLOSED) and verdict.scope.startswith("x = ")
    point = Fraction(verdict.scope.removeprefix("x = "))
    assert 0 < point and (upto is None or point < upto)


@pytest.mark.parametrize("expression", [(x - 1) ** 2 + sp.Rational(1, 1000), x**2 - x + 1, L(2 + x), x**5 - 5 * x**4 + 1_000 * x])
def test_inequalities_beyond_the_procedure_are_inconclusive(expression: Any) -> None:
    verdict = NonNegative(expression, x).decide()
    assert (verdict.outcome, verdict.evidence) == (INCONCLUSIVE, None)


def test_finite_sets_are_exhausted() -> None:
    verdict = Exhaustive(tuple(AtMost(n * n, 10 * n) for n in range(11))).decide()
    assert (verdict.outcome, verdict.evidence, verdict.scope) == (HOLDS, Evidence.CERTIFIED, "11 points")
    assert Exhaustive((Equal(1, 1), Equal(1, 2))).decide().outcome is REFUTED
    with pytest.raises(InvalidStatement, match="no points"):
        Exhaustive(()).decide()


@pytest.mark.parametrize(
    ("expression", "latex"),
    [
        (total(p(k) * h(k), (k, "D")), r"\sum_{k\in D} h_{k} p_{k}"),
        (E(w(a)), r"\exp\Bigl(w_{a}\Bigr)"),
        (L(1 + x), r"\log\Bigl(x + 1\Bigr)"),
        (Delta(a, b), "[a=b]"),
        (ell(a) ** 2, r"\left(\ell_{a}\right)^{2}"),
        (sp.Function("w_0")(a), "{w_{0}}_{a}"),
        (s / t, r"\frac{s}{t}"),
    ],
)
def test_latex(expression: Any, latex: str) -> None:
    assert latex_of(expression) == latex == Formula(expression).latex


def test_formulas_print_as_sums() -> None:
    assert str(Formula(total(p(k), (k, "D"), (j, "R")))) == "Sum[k in D, j in R](p(k))"
