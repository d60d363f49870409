"""Two tokens: the NTP-SVM is a hard-margin binary SVM, and gradient descent is logistic regression (derived).

Every difference of logits is plus or minus <w, h_j> with w = w_1 - w_2: (4) and (6) are conditions on w. Since
|w_1|^2 + |w_2|^2 = |w|^2 / 2 + |w_1 + w_2|^2 / 2, the least norm for given w is at w_1 = -w_2 = w / 2, of squared
norm |w|^2 / 2. The rows of the gradient are opposite, so w moves by twice the gradient of its first row, where the
softmax is the logistic function of <w, h_j>.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal, Implies, NotExercised, Relation
from ....language.statements import Case, Theorem, clause, derived
from ....logit.finite_part import log_odds
from ....logit.problem import Vector
from ....symbolic import E, Formula, index, total
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
    setup=r"Let $V=2$, $w=w_1-w_2$ and $y_j=\pm1$ the label of a one-token context.",
    clauses=(
        clause(
            r"The data are separable iff some $w$ has $w^\top h_j=0$ on two-token and $y_jw^\top h_j\ge1$ on"
            r" one-token contexts,",
            claims=("separator_is_feasible",),
            argued="docstring",
        ),
        clause(
            r"and then $W^{\mathrm{mm}}=\tfrac12[w;-w]$ with $w$ of least norm,"
            r" $\|W^{\mathrm{mm}}\|^2=\|w\|^2/2$.",
            steps=("norm_step",),
            by=("linear-ntp.ntp-svm",),
            claims=("margin_decoder",),
        ),
        clause(
            r"If compatible, $W^\star=\tfrac12[w^\star;-w^\star]$, $w^\star$ the least-norm solution of"
            r" $w^\top h_j=\log(p_{j,1}/p_{j,2})$ on two-token contexts.",
            steps=("norm_step",),
            by=("linear-ntp.log-odds-solution",),
            claims=("finite_part",),
        ),
        clause(
            r"Gradient descent on $W$ with step $\eta$ moves $w$ by logistic-regression gradient descent with"
            r" step $2\eta$.",
            steps=("logistic_step",),
            by=("linear-ntp.gradient",),
            claims=("descent_is_logistic",),
        ),
    ),
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


@theorem.step("norms", by="index calculus, normal form", scope="all sizes",
              latex=r"\|w_1\|^2+\|w_2\|^2=\tfrac12\|w_1-w_2\|^2+\tfrac12\|w_1+w_2\|^2")  # fmt: skip
def norm_step() -> Equal:
    """So the least norm for given w_1 - w_2 = w is at w / 2 and -w / 2."""
    x, y, c = sp.Function("x"), sp.Function("y"), index("c")
    squares = [total(z**2, (c, "D")) for z in (x(c), y(c), x(c) - y(c), x(c) + y(c))]
    return Equal(Formula(squares[0] + squares[1]), Formula((squares[2] + squares[3]) / 2))


def separator(problem: LinearNTP) -> Vector | None:
    """w = w_1 - w_2 of the closed form."""
    form = closed_form_binary(problem)
    if form is None:
        return None
    first, second = problem.lift(form.decoder)
    return tuple(x - y for x, y in zip(first, second))


@theorem.claim(r"w^\top h_j=0\text{ on two-token, } y_jw^\top h_j\ge1\text{ on one-token contexts}")
def separator_is_feasible(case: Case) -> Relation:
    """And the data are separable exactly if there is one."""
    problem, w = case.problem, separator(case.problem)
    separable = case.derived.separation.tied_sets == problem.supports
    if w is None:
        return Equal(separable, False)
    both = [dot(w, h) for h, s in zip(problem.embeddings, problem.supports) if len(s) == 2]
    single = [dot(w, h) * (1 if 0 in s else -1) for h, s in zip(problem.embeddings, problem.supports) if len(s) == 1]
    level = Equal(tuple(both), (Fraction(0),) * len(both))
    return All(Equal(separable, True), level, *([AtMost((Fraction(1),) * len(single), tuple(single))] if single else []))


@theorem.claim(r"W^{\mathrm{mm}}=\tfrac12[w;-w],\quad\|W^{\mathrm{mm}}\|^2=\tfrac12\|w\|^2")
def margin_decoder(case: Case, share: Fraction = Fraction(1, 2)) -> Relation:
    """Against the exact programme on V d coordinates, and through the kernel."""
    form, best, w = closed_form_binary(case.problem), case.derived.max_margin, separator(case.problem)
    if form is None or w is None:
        return NotExercised("the data are not separable")
    rows = (*(share * x for x in w), *(-share * x for x in w))
    parts = [Equal(rows, best.direction), Equal(share * dot(w, w), best.squared_norm)]
    return All(*parts, Equal(len(certify(form)) >= 2, True), Equal(form.squared_norm, best.squared_norm))


@theorem.claim(r"W^\star=\tfrac12[w^\star;-w^\star]")
def finite_part(case: Case) -> Relation:
    """Found exactly where the data are compatible; the two rows are opposite."""
    form, system = closed_form_binary(case.problem), log_odds(case.problem)
    if form is None:
        return NotExercised("the data are not separable")
    rows = [case.problem.lift(part) for part in (form.finite_part.parts if form.finite_part else ())]
    opposite = [Equal(first, tuple(-x for x in second)) for first, second in rows]
    return All(Equal(form.logs is not None, system.compatible), Equal(form.finite_part, system.closed_form), *opposite)


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
def without_the_half(case: Case) -> Relation:
    """The two rows share the margin."""
    return margin_decoder(case, Fraction(1))


@theorem.mutant(of=descent_is_logistic, latex=r"\text{with the same step }\eta")
def with_the_same_step(case: Case) -> Equal:
    """Both rows move."""
    return descent_is_logistic(case, factor=1)


@theorem.mutant(of=margin_decoder, latex=r"\text{two-token contexts can be left out}")
def without_two_token_contexts(case: Case) -> Relation:
    """They confine w to a subspace."""
    problem = case.problem
    kept = [j for j, s in enumerate(problem.supports) if len(s) == 1]
    if not kept or closed_form_binary(problem) is None:
        return NotExercised("no one-token context, or not separable")
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
