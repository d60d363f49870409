"""Two tokens: the NTP-SVM is a hard-margin binary SVM, and gradient descent is logistic regression (derived)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal, Implies
from ....language.statements import Case, Theorem, derived
from ....logit.finite_part import log_odds
from ....logit.problem import Vector
from ....symbolic import E, Formula
from ..assumptions import binary_vocabulary
from ..closed_forms import certify, closed_form_binary
from ..problem import LinearNTP
from ..strategies import linear_ntps
from ._decoders import dyadic, gradient, masses, softmax
from ._golden import anything, golden

# A two-token context forces w to be orthogonal to (1, 0), which the one-token context (1, 1) alone would not.
ex_equality = LinearNTP([[1, 0], [1, 1]], [["1/2", "1/2"], [1, 0]])

theorem = Theorem(
    label="linear-ntp.closed-form-binary",
    title="Binary vocabulary: logistic regression",
    source=derived("V = 2 in the definitions"),
    text=r"Let $V=2$, $w=w_1-w_2$, $y_j=\pm1$ the label of a one-token context. The data are separable iff some $w$ has $w^\top h_j=0$ on"
    r" two-token and $y_jw^\top h_j\ge1$ on one-token contexts, and then $W^{\mathrm{mm}}=\tfrac12[w;-w]$ with $w$ of least norm,"
    r" $\|W^{\mathrm{mm}}\|^2=\|w\|^2/2$."
    r" If compatible, $W^\star=\tfrac12[w^\star;-w^\star]$, $w^\star$ the least-norm solution of $w^\top h_j=\log(p_{j,1}/p_{j,2})$ on two-token"
    r" contexts. Gradient descent on $W$ with step $\eta$ moves $w$ by logistic-regression gradient descent with step $2\eta$.",
    uses=("linear-ntp.svm-duality", "linear-ntp.log-odds-solution", "linear-ntp.gradient"),
    assumptions=(binary_vocabulary,),
    instances=linear_ntps(max_vocabulary=2, max_contexts=3, max_dimension=3),
    examples=[*(p for p in golden if binary_vocabulary(p).holds), ex_equality],
)


@theorem.step("softmax of two tokens", by="rational normal form in exponentials", scope="all reals",
              latex=r"\frac{e^x}{e^x+e^y}=\frac1{1+e^{-(x-y)}}")  # fmt: skip
def logistic_step() -> Equal:
    """The loss sees w_1 - w_2 only."""
    x, y = sp.symbols("x y")
    return Equal(Formula(E(x) / (E(x) + E(y))), Formula(1 / (1 + E(y - x))))


@theorem.step("norms", by="rational normal form", scope="all reals", latex=r"x^2+y^2=\tfrac12(x-y)^2+\tfrac12(x+y)^2")
def norm_step() -> Equal:
    """So the least norm for given w_1 - w_2 = w is at w / 2 and -w / 2."""
    x, y = sp.symbols("x y")
    return Equal(Formula(x**2 + y**2), Formula((x - y) ** 2 / 2 + (x + y) ** 2 / 2))


def separator(problem: LinearNTP) -> Vector | None:
    """w = w_1 - w_2 of the closed form."""
    form = closed_form_binary(problem)
    if form is None:
        return None
    first, second = problem.lift(form.decoder)
    return tuple(x - y for x, y in zip(first, second))


@theorem.claim(r"w^\top h_j=0\text{ on two-token, } y_jw^\top h_j\ge1\text{ on one-token contexts}")
def separator_is_feasible(case: Case) -> Implies:
    """And the data are separable exactly if there is one."""
    problem, w = case.problem, separator(case.problem)
    separable = case.derived.separation.tied_sets == problem.supports
    if w is None:
        return Implies(True, Equal(separable, False))
    both = [dot(w, h) for h, s in zip(problem.embeddings, problem.supports) if len(s) == 2]
    single = [dot(w, h) * (1 if 0 in s else -1) for h, s in zip(problem.embeddings, problem.supports) if len(s) == 1]
    level = Equal(tuple(both), (Fraction(0),) * len(both))
    return Implies(True, All(Equal(separable, True), level, *([AtMost((Fraction(1),) * len(single), tuple(single))] if single else [])))


@theorem.claim(r"W^{\mathrm{mm}}=\tfrac12[w;-w],\quad\|W^{\mathrm{mm}}\|^2=\tfrac12\|w\|^2")
def margin_decoder(case: Case, share: Fraction = Fraction(1, 2)) -> Implies:
    """Against the exact programme on V d coordinates, and through the kernel."""
    form, best, w = closed_form_binary(case.problem), case.derived.max_margin, separator(case.problem)
    if form is None or w is None:
        return Implies(False, Equal(0, 0))
    rows = (*(share * x for x in w), *(-share * x for x in w))
    parts = [Equal(rows, best.direction), Equal(share * dot(w, w), best.squared_norm)]
    return Implies(True, All(*parts, Equal(len(certify(form)) >= 2, True), Equal(form.squared_norm, best.squared_norm)))


@theorem.claim(r"W^\star=\tfrac12[w^\star;-w^\star]")
def finite_part(case: Case) -> Implies:
    """Found exactly where the data are compatible; the two rows are opposite."""
    form, system = closed_form_binary(case.problem), log_odds(case.problem)
    if form is None:
        return Implies(False, Equal(0, 0))
    rows = [case.problem.lift(part) for part in (form.finite_part.parts if form.finite_part else ())]
    opposite = [Equal(first, tuple(-x for x in second)) for first, second in rows]
    return Implies(True, All(Equal(form.logs is not None, system.compatible), Equal(form.finite_part, system.closed_form), *opposite))


@theorem.claim(r"W-\eta\nabla\mathrm{CE}(W)\text{ has } w\mapsto w-2\eta\sum_j\pi_j\bigl(\sigma(w^\top h_j)-p_{j,1}\bigr)h_j")
def descent_is_logistic(case: Case, factor: int = 2) -> Equal:
    """Exact at a dyadic decoder, eta = 1."""
    problem = case.problem
    weights = masses(problem, dyadic(problem))
    first, second = problem.lift(gradient(problem, weights))
    step = tuple(x - y for x, y in zip(first, second))
    logistic = [Fraction(0)] * problem.dimension
    for weight, row, p, h in zip(problem.weights, weights, problem.probabilities, problem.embeddings):
        logistic = [x + factor * weight * (softmax(row)[0] - p[0]) * y for x, y in zip(logistic, h)]
    return Equal(step, tuple(logistic))


@theorem.mutant(of=margin_decoder, latex=r"W^{\mathrm{mm}}=[w;-w]")
def without_the_half(case: Case) -> Implies:
    """The two rows share the margin."""
    return margin_decoder(case, Fraction(1))


@theorem.mutant(of=descent_is_logistic, latex=r"\text{with the same step }\eta")
def with_the_same_step(case: Case) -> Equal:
    """Both rows move."""
    return descent_is_logistic(case, factor=1)


@theorem.mutant(of=margin_decoder, latex=r"\text{two-token contexts can be left out}")
def without_two_token_contexts(case: Case) -> Implies:
    """They confine w to a subspace."""
    problem = case.problem
    kept = [j for j, s in enumerate(problem.supports) if len(s) == 1]
    if not kept or closed_form_binary(problem) is None:
        return Implies(False, Equal(0, 0))
    part = LinearNTP([problem.embeddings[j] for j in kept], [dict(problem.data.blocks[j].labels) for j in kept], vocabulary_size=2)
    form = closed_form_binary(part)
    return Implies(form is not None, Equal(form.decoder if form else (), case.derived.max_margin.direction))


@theorem.mutant(of=descent_is_logistic, without=binary_vocabulary, instances=anything, latex=r"\text{for every vocabulary, with } w=w_1-w_2")
def descent_is_logistic_for_every_vocabulary(case: Case) -> Equal:
    """A third token takes part of the mass."""
    problem = case.problem
    weights = masses(problem, dyadic(problem))
    rows = problem.lift(gradient(problem, weights))
    step = tuple(x - y for x, y in zip(rows[0], rows[-1]))
    logistic = [Fraction(0)] * problem.dimension
    for weight, row, p, h in zip(problem.weights, weights, problem.probabilities, problem.embeddings):
        logistic = [x + 2 * weight * (softmax(row)[0] - p[0]) * y for x, y in zip(logistic, h)]
    return Equal(step, tuple(logistic))
