"""Symbolic operands: equalities proved or refuted a second way, inequalities by the sign of a derivative, LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
import sympy as sp

from ntpproofs.errors import InvalidStatement, TooLarge
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


size = sp.Function("size")
OUTSIDE = [
    # (what is built, words of the refusal)
    (lambda: Formula(sp.Sum(x**2, (x, 1, 3))), "SymPy Sum"),
    (lambda: Formula(sp.exp(x)), "SymPy exp"),
    (lambda: Formula(sp.log(x)), "use L"),
    (lambda: Formula(sp.Abs(x)), "no rule"),
    (lambda: Formula(sp.Float("0.5") * x), "use a rational number"),
    (lambda: Formula(0.5), "is a float"),
    (lambda: Formula("x + 1"), "is a str"),
    (lambda: Formula((1, 2)), "is a tuple"),
    (lambda: Formula(sp.oo), "Infinity"),
    (lambda: Formula(sp.I * x), "ImaginaryUnit"),
    (lambda: Formula(x**s), "exponent"),
    (lambda: Formula(sp.Symbol("n", negative=True)), "assumptions"),
    (lambda: Formula(k * w(k)), "stands alone"),
    (lambda: Formula(w(x)), "where an index belongs"),
    (lambda: Formula(w(k - 1)), "where an index belongs"),
    (lambda: Formula(L(x - s)), "not certainly positive"),
    (lambda: Formula(L((x - s) ** 2)), "not certainly positive"),
    (lambda: Formula(L(x), signed={"x"}), "not certainly positive"),
    (lambda: Formula(L(total(w(k), (k, "D"))), signed={"w"}), "not certainly positive"),
    (lambda: Formula(sp.sqrt(x - s)), "not certainly positive"),
    (lambda: Formula(L(sp.Symbol("y", real=True))), "not certainly positive"),
    (lambda: Formula(total(Delta(k, u), (k, "A"), (u, "B"))), "an index of A with one of B"),
    (lambda: Formula(total(Delta(k, u), (k, "A")) * total(Delta(k, u), (k, "B"))), "indices of A and of B"),
    (lambda: Formula(total(w(k), (k, "A"), (k, "B"))), "binds an index twice"),
    (lambda: Formula(total(w(k), (k, "A")), sizes={"A": -1}), "not a size"),
    (lambda: Formula(Delta(k, u, a)), "3 arguments"),
    (lambda: Formula(w(index("k@x"))), "where an index belongs"),
    (lambda: Formula(x, signed="xs"), "is one string"),
]


@pytest.mark.parametrize(("build", "words"), OUTSIDE, ids=range(len(OUTSIDE)))
def test_what_lies_outside_the_domain_is_refused_in_words(build: Callable[[], Formula], words: str) -> None:
    with pytest.raises(InvalidStatement, match=words):
        build()


def test_sums_over_too_many_indices_are_refused_rather_than_awaited() -> None:
    names = [index(f"k{n}") for n in range(9)]
    chain = sp.Mul(*(w(p_, q_) for p_, q_ in pairwise(names)))
    with pytest.raises(TooLarge, match="9 indices"):
        normal_form(total(chain, *((name, "D") for name in names)))


def test_a_sign_that_one_side_declares_counts_for_both() -> None:
    with pytest.raises(InvalidStatement, match="not certainly positive"):
        Equal(Formula(L(x**2)), Formula(s, signed={"x"})).decide()


FALSE_SOMEWHERE = [
    # (left, right, least sizes, where it fails): true at most sizes or for most signs.
    (total(Delta(k, 1), (k, "V")), 1, {}, "V of size 1"),
    (total(Delta(k, 1), (k, "V")), 1, {"V": 1}, "V of size 1"),
    (total(Delta(k, 0), (k, "V")), 1, {}, "V of size 0"),
    (total(Delta(k, j), (k, "V")), size(sp.Symbol("V")), {}, "V of size 2"),
    (total(Delta(k, j), (k, "V")), total(1, (k, "V")), {}, "V of size 2"),
    (size(sp.Symbol("V")) ** 2, 5 * size(sp.Symbol("V")) - 6, {"V": 2}, "V of size 4"),  # true at sizes 2 and 3
]


@pytest.mark.parametrize(("left", "right", "sizes", "where"), FALSE_SOMEWHERE, ids=range(len(FALSE_SOMEWHERE)))
def test_small_sizes_are_tried(left: Any, right: Any, sizes: dict[str, int], where: str) -> None:
    verdict = Equal(Formula(left, sizes=sizes), Formula(right)).decide()
    assert (verdict.outcome, verdict.evidence) == (REFUTED, ENCLOSED)
    assert where in verdict.scope


DOMAINS = [
    # (left, right, least sizes, scope, what the detail says about the domain)
    (total(Delta(k, 1), (k, "V")), 1, {"V": 2}, "all sizes, V of size at least 2", ""),
    (total(Delta(k, j) * w(k), (k, "V")), w(j), {}, "all sizes", "where j in V"),
    (L(x**2), 2 * L(x), {}, "all sizes", "where x > 0"),
    (L((x + s) ** 2 * E(t)), 2 * L(x + s) + t, {}, "all sizes", "where s, x > 0"),
    (total(softmax.subs(a, k), (k, "D")), 1, {}, "all sizes", "where D not empty"),
    (L(total(E(w(u)), (u, "S")) + total(E(w(u)), (u, "O"))) * 0 + L(E(s)) , s, {}, "all sizes", ""),
    (E(L(total(E(w(u)), (u, "S")) + total(E(w(u)), (u, "O")))), total(E(w(u)), (u, "O")) + total(E(w(k)), (k, "S")), {},
     "all sizes", "where O or S not empty"),
    ((x**2 - s**2) / (x - s), x + s, {}, "all sizes", "where -s + x not 0"),
    (total(1, (k, "V")) / size(sp.Symbol("V")), 1, {}, "all sizes", "where V not empty"),
    (L(E(s / t) - 1) + L(x), L(x * (E(s / t) - 1)), {}, "all sizes", "where s, t, x > 0"),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "sizes", "scope", "where"), DOMAINS, ids=range(len(DOMAINS)))
def test_the_verdict_states_the_domain(left: Any, right: Any, sizes: dict[str, int], scope: str, where: str) -> None:
    verdict = Equal(Formula(left, sizes=sizes), Formula(right)).decide()
    assert (verdict.outcome, verdict.evidence, verdict.scope) == (HOLDS, PROVED, scope)
    assert where in verdict.detail if where else "where" not in verdict.detail


def test_what_is_defined_nowhere_is_inconclusive() -> None:
    nowhere = 1 / (total(w(k), (k, "V")) - total(w(u), (u, "V")))
    verdict = Equal(Formula(nowhere), Formula(nowhere + 0)).decide()
    assert verdict.outcome is INCONCLUSIVE or verdict.algebra
    assert Equal(Formula(nowhere), Formula(1)).decide().outcome is INCONCLUSIVE


ALGEBRA = [
    (1 / (1 + s / (1 - s)), 1 - s, True),
    (x * t, ((x + t) ** 2 - x**2 - t**2) / 2, True),
    (total(p(k), (k, "D")), total(p(u), (u, "D")), True),  # only the name of an index differs
    (1 - total(p(k), (k, "S")) / (total(p(k), (k, "S")) + s), s / (total(p(u), (u, "S")) + s), True),
    (w(a) * w(b), w(b) * w(a), True),
    (derivative(x**2, x), 2 * x, False),
    (derivative(x**2, x) + s - s, derivative(x**2, x), True),  # the derivative cancels: nothing was needed about it
    (s * total(p(k), (k, "D")), total(s * p(k), (k, "D")), False),
    (E(s + t), E(s) * E(t), False),
    (L(x**2), 2 * L(x), False),
    (total(Delta(k, j), (k, "D")), 1, False),
    (derivative(loss, w(a)), softmax * total(p(k), (k, "D")) - p(a), False),
    (x - x + total(0 * p(k), (k, "D")), 0, False),
]


@pytest.mark.parametrize(("left", "right", "algebra"), ALGEBRA, ids=range(len(ALGEBRA)))
def test_identities_settled_by_expansion_are_algebra(left: Any, right: Any, algebra: bool) -> None:
    verdict = Equal(Formula(left), Formula(right)).decide()
    assert (verdict.outcome, verdict.algebra) == (HOLDS, algebra)


def test_a_refuted_identity_is_not_algebra() -> None:
    assert not Equal(Formula(x), Formula(x + 1)).decide().algebra


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


SINGULAR = [
    (1 / x - sp.Rational(1, 10), None, "denominator x"),
    (sp.sqrt(x) - x / 10, None, "root of x"),
    (x - 1 / (1000 * x), None, "denominator x"),
    (L(x) + 100, None, "logarithm of x"),
    (1 / (1 - x) - 1, 1, "denominator 1 - x"),  # infinite at the right end
    (1 / (1 - 2 * x), 1, r"denominator 1 - 2\*x"),  # infinite inside
    (L(2 - x), None, "takes 2 - x"),
    (-L(1 - x), 1, "not certainly positive|logarithm of 1 - x"),
    (x ** sp.Rational(3, 2), None, "root of x"),  # no second derivative at 0
    (1 / (s - t + x), None, "denominator s - t"),
    (total(w(k), (k, "D")) * x, None, "plain symbols only"),
    (w(a) * x, None, "plain symbols only"),
    (sp.Float("0.5") * x, None, "SymPy Float"),
    (sp.exp(x) - 1, None, "SymPy exp"),
    (x + sp.Symbol("y", real=True), None, "parameters are positive"),
    (x, -1, "not a positive rational"),
    (x, s, "not a positive rational"),
    (x, 0.5, "is a float"),
]


@pytest.mark.parametrize(("expression", "upto", "words"), SINGULAR, ids=range(len(SINGULAR)))
def test_inequalities_outside_the_domain_are_refused(expression: Any, upto: Any, words: str) -> None:
    with pytest.raises(InvalidStatement, match=words):
        NonNegative(expression, x, upto)


@pytest.mark.parametrize(
    ("expression", "upto"), [(1 / (1 - x) - 1, sp.Rational(1, 2)), (sp.sqrt(1 + x) - 1, None), (1 + x / 2 - sp.sqrt(1 + x), None), (-L(1 - x / 2), 1)]
)
def test_regular_denominators_roots_and_logarithms_are_read(expression: Any, upto: Any) -> None:
    assert NonNegative(expression, x, upto).decide().evidence is PROVED


@pytest.mark.parametrize("expression", [1000 + 1000 * x - x**2, s - t + x, x - sp.Rational(1, 10**4), x**2 * s - x * t])
def test_negative_values_far_out_near_zero_and_between_parameters_are_found(expression: Any) -> None:
    verdict = NonNegative(expression, x).decide()
    assert (verdict.outcome, verdict.evidence) == (REFUTED, ENCLOSED)


def test_finite_sets_are_exhausted() -> None:
    verdict = Exhaustive(tuple(AtMost(n * n, 10 * n) for n in range(11))).decide()
    assert (verdict.outcome, verdict.evidence, verdict.scope) == (HOLDS, Evidence.CERTIFIED, "11 points")
    assert Exhaustive((Equal(1, 1), Equal(1, 2))).decide().outcome is REFUTED
    with pytest.raises(InvalidStatement, match="no points"):
        Exhaustive(()).decide()


@pytest.mark.parametrize(
    ("expression", "latex"),
    [
        (total(p(k) * h(k), (k, "D")), r"\sum_{k\in D}h_{k}p_{k}"),
        (E(w(a)), "e^{w_{a}}"),
        (L(1 + x), r"\log\left(1+x\right)"),
        (Delta(a, b), "[a=b]"),
        (ell(a) ** 2, r"\ell_{a}^{2}"),
        (total(w(k) * h(k), (k, "D")) ** 2, r"\left(\sum_{k\in D}h_{k}w_{k}\right)^{2}"),
        (total(w(k) - h(k), (k, "D")), r"\sum_{k\in D}\left(w_{k}-h_{k}\right)"),
        (total(w(k) * total(h(k), (k, "D")), (k, "D")), r"\sum_{k\in D}w_{k}\sum_{k'\in D}h_{k'}"),
        (sp.Function("w_0")(a), "{w_{0}}_{a}"),
        (s / t, r"\frac{s}{t}"),
    ],
)
def test_latex(expression: Any, latex: str) -> None:
    assert latex_of(expression) == latex == Formula(expression).latex


def test_formulas_print_as_sums() -> None:
    assert str(Formula(total(p(k), (k, "D"), (j, "R")))) == "Sum[k in D, j in R](p(k))"


def test_given_parts_have_one_meaning() -> None:
    x, y = sp.symbols("x y")
    assert Equal(Formula(x**2 - 1, given={x: y + 1}), Formula(y**2 + 2 * y)).decide().outcome is Outcome.HOLDS
    for given in ({x: x + 1}, {x: y, y: x}):
        with pytest.raises(InvalidStatement, match="occurs itself"):
            Formula(x + y, given=given)
    with pytest.raises(InvalidStatement, match="on the other side"):
        Equal(Formula(x, given={x: y}), Formula(x)).decide()
