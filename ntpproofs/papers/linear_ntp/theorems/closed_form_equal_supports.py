"""Closed form of W^mm and W* where all contexts have the same support (derived).

The average y_S - y_off of W h over the support and off it is <u, h_j> with u the mean row on S less the mean row
off S: at least 1 in every context if W satisfies (6b). Conversely (1_S - (s/V) 1) u^T has the margins <u, h_j>. The
least-norm u has multipliers, u = sum mu_j h_j with mu_j >= 0 on <u, h_j> = 1; then W = sum_j mu_j (1_S - (s/V) 1)
h_j^T meets the optimality conditions of linear-ntp.svm-duality with lambda_jv = mu_j s / V. Log-odds: W solves (4)
iff the centred rows of W H on S are U; W* = C with rows in the span of the embeddings, C = U H^+.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.rational import dot
from ....language.relations import All, Equal, Implies, NotExercised, Relation
from ....language.statements import Case, Theorem, clause, derived
from ....logit.finite_part import log_odds
from ....symbolic import Formula, index, total
from ..assumptions import equal_supports
from ..closed_forms import certify, closed_form_equal_supports
from ..problem import LinearNTP
from ._decoders import least_norm_vector, outer
from ._golden import anything, fractions, golden


def common_support(problem: LinearNTP) -> LinearNTP:
    """The dataset with the support of the first context everywhere; the odds change from context to context if it has three tokens."""
    tokens = sorted(problem.supports[0])
    rows = []
    for j in range(len(problem.supports)):
        counts = [1 + (i * (j if len(tokens) > 2 else 1)) % 3 for i in range(len(tokens))]
        rows.append({z: Fraction(n, sum(counts)) for z, n in zip(tokens, counts)})
    return LinearNTP(problem.embeddings, rows, problem.weights, vocabulary_size=problem.vocabulary_size)


# Odds proportional to the embeddings: 2 and 4 on the ray 1, 2.
ex_linear_odds = LinearNTP([[1], [2]], [fractions("2/3", "1/3", "0"), fractions("4/5", "1/5", "0")])

theorem = Theorem(
    label="linear-ntp.closed-form-equal-supports",
    title="Equal supports: one vector decides",
    source=derived("the optimality conditions of the NTP-SVM for equal supports"),
    setup=r"Let $S_j=S$, $|S|=\kappa<V$, and $U$ the matrix of centred log-probabilities.",
    clauses=(
        clause(
            r"The data are separable iff some $u$ has $u^\top h_j>0$ for all $j$,",
            steps=("averaging_step", "margin_step"),
            claims=("separable_iff_in_a_half_space",),
        ),
        clause(
            r"and then $W^{\mathrm{mm}}=(\mathbf1_S-\tfrac\kappa V\mathbf1)u^\top$ with $u=\arg\min\|u\|$ subject"
            r" to $u^\top h_j\ge1$, and $\|W^{\mathrm{mm}}\|^2=\tfrac{\kappa(V-\kappa)}V\|u\|^2$.",
            by=("linear-ntp.svm-duality",),
            claims=("margin_decoder",),
            argued="docstring",
        ),
        clause(
            r"They are compatible iff the centred log-probabilities are linear in the embeddings, $U=CH$"
            r" (always for independent ones), and then $W^\star=UH^+$.",
            by=("linear-ntp.log-odds-solution",),
            claims=("finite_part",),
            argued="docstring",
        ),
    ),
    uses=("linear-ntp.svm-duality", "linear-ntp.log-odds-solution"),
    assumptions=(equal_supports,),
    instances=anything.map(common_support),
    examples=[*(p for p in golden if equal_supports(p).holds), ex_linear_odds],
)


@theorem.step(
    "margins of a product", by="rational normal form", scope="all reals", latex=r"\bigl(1-\tfrac\kappa V\bigr)x-\bigl(-\tfrac\kappa V\bigr)x=x"
)
def margin_step() -> Equal:
    """The margin of (1_S - (s/V) 1) u^T in context j is u . h_j, and in-support differences vanish."""
    s, height, x = sp.symbols("s V x")
    return Equal(Formula((1 - s / height) * x + s / height * x), Formula(x))


@theorem.step("averaging over the support and off it", by="index calculus, normal form", scope="all sizes",
              latex=r"\tfrac1\kappa\sum_{z\in S}\tfrac1o\sum_{v\notin S}(y_z-y_v)=\tfrac1\kappa\sum_Sy_z-\tfrac1o\sum_{v\notin S}y_v")  # fmt: skip
def averaging_step() -> Equal:
    """Any separating decoder, averaged over the symmetries of S and of its complement, is such a product."""
    y, z, v = sp.Function("y"), index("z"), index("v")
    s, o = total(sp.Integer(1), (z, "S")), total(sp.Integer(1), (v, "O"))
    left = total(y(z) - y(v), (z, "S"), (v, "O")) / (s * o)
    return Equal(Formula(left), Formula(total(y(z), (z, "S")) / s - total(y(v), (v, "O")) / o))


def is_partial(problem: LinearNTP) -> bool:
    """s < V for the first support."""
    return len(problem.supports[0]) < problem.vocabulary_size


@theorem.claim(r"\text{separable}\iff\exists u:\ u^\top h_j>0\ \forall j\quad(\kappa<V)")
def separable_iff_in_a_half_space(case: Case) -> Implies:
    """The decision on V d coordinates against the one on d."""
    separable = case.derived.separation.tied_sets == case.problem.supports
    return Implies(is_partial(case.problem), Equal(separable, least_norm_vector(case.problem.embeddings) is not None))


@theorem.claim(r"W^{\mathrm{mm}}=(\mathbf1_S-\tfrac\kappa V\mathbf1)u^\top,\quad\|W^{\mathrm{mm}}\|^2=\tfrac{\kappa(V-\kappa)}V\|u\|^2")
def margin_decoder(case: Case, centred: bool = True, factor: bool = True) -> Relation:
    """Against the exact programme, and through the kernel."""
    problem, u, best = case.problem, least_norm_vector(case.problem.embeddings), case.derived.max_margin
    if u is None or not is_partial(problem):
        return NotExercised("not separable, or full supports")
    s, height = len(problem.supports[0]), problem.vocabulary_size
    left = tuple(Fraction(v in problem.supports[0]) - (Fraction(s, height) if centred else 0) for v in range(height))
    squared = (Fraction(s * (height - s), height) if factor else 1) * dot(u, u)
    form = closed_form_equal_supports(problem)
    parts = [Equal(outer(left, u), best.direction), Equal(squared, best.squared_norm)]
    if form is not None:
        parts += [Equal(form.decoder, best.direction), Equal(form.squared_norm, best.squared_norm), Equal(len(certify(form)) >= 2, True)]
    return All(*parts)


@theorem.claim(r"\text{compatible}\iff U=CH\text{ for some } C\text{, then } W^\star=UH^+")
def finite_part(case: Case, always: bool = False) -> Relation:
    """The closed form finds W* exactly where the log-odds system is solvable, and the same one."""
    form, system = closed_form_equal_supports(case.problem), log_odds(case.problem)
    if form is None:
        return NotExercised("the closed form needs separable data")
    if always:
        return Equal(system.compatible, True)
    return All(Equal(form.logs is not None, system.compatible), Equal(form.finite_part, system.closed_form))


@theorem.mutant(of=margin_decoder, latex=r"W^{\mathrm{mm}}=\mathbf1_Su^\top")
def without_centring(case: Case) -> Relation:
    """Least norm spreads the margin over both sides."""
    return margin_decoder(case, centred=False)


@theorem.mutant(of=margin_decoder, latex=r"\|W^{\mathrm{mm}}\|=\|u\|")
def norm_of_the_vector(case: Case) -> Relation:
    """The support sizes enter."""
    return margin_decoder(case, factor=False)


@theorem.mutant(of=finite_part, latex=r"\text{equal supports are compatible}")
def always_compatible(case: Case) -> Relation:
    """The odds must be linear in the embeddings."""
    return finite_part(case, always=True)


@theorem.mutant(of=separable_iff_in_a_half_space, latex=r"\text{equal supports are separable}")
def always_separable(case: Case) -> Equal:
    """Opposite embeddings with one partial support are not."""
    return Equal(case.derived.separation.tied_sets, case.problem.supports)


theorem.mutant(of=margin_decoder, without=equal_supports, instances=anything, latex=r"\text{the formula of the first support for all}")
