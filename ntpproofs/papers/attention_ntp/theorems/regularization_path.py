"""The regularisation path of one attention layer has the limits of gradient descent.

Comparing the minimiser in the ball with W^fin + sqrt(R^2 - |W^fin|^2) W^svm/|W^svm| gives L - L* <= C exp(-R gamma* + o(R)),
gamma* = 1/|W^svm|. Both gaps of the split identity obey this: the reduced loss is strongly convex near W^fin, so the finite part
is exponentially near; and every cross margin is at least R gamma* - C', so the direction tends to the only unit matrix with the
margin gamma*. A minimiser lies in the span of the differences (e_y - e_v) e_k^T: its projection has the same loss and a smaller
norm, and, W^svm being a direction of strict descent, no minimiser lies inside the ball. On that span L is strictly convex, since
zero curvature makes all gaps of a sequence 0. Without a cross edge L = Lbar does not change orthogonal to S_fin, and the ridge
solution has L(W) + mu/2 |W|^2 <= L* + mu/2 |W^fin|^2: its loss tends to L* as mu does to 0, and the coercive and strictly convex
Lbar leaves no other limit of Pi_S W than W^fin.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from flint import arb, ctx

from ....dynamics import RegularizationPath
from ....exact.balls import PRECISION, exact_arb, interval
from ....exact.rational import dot
from ....language.relations import All, AtMost, Converges, Equal, Implies, Less, Monotone, NotExercised, Relation, ValuePath
from ....language.statements import Case, Theorem, cite, clause
from ....language.verdicts import Outcome
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ....logit.embedding_assumptions import independent_embeddings
from ....logit.enclosures import softmax_balls
from ....symbolic import Formula, derivative, total
from ..graph_programmes import edge_form
from ._exact import masses, zero
from ._instances import between, cyclic_golden, golden, independent
from ._limits import fin, floats, margins_only, start, svm, unit, when
from ._reduced_choice_sets import combinations_of, curvature
from ._symbols import A, direction, probability, sequence_loss, utility, v, y

theorem = Theorem(
    label="attention-ntp.regularization-path",
    title="The regularisation path: W^fin on the cycles, the Graph-SVM direction, no uniqueness without priorities",
    source=cite(
        "li2024",
        "regularisation path for the logarithmic loss (recalled from secondary sources, not checked against print)",
        "with the qualifiers proved here",
    ),
    setup=r"Independent embeddings, logarithmic loss, $\overline W_R\in\arg\min\{\mathcal L:\|W\|\le R\}$. The claims follow the ridge solutions"
    r" $\arg\min\mathcal L+\tfrac\mu2\|W\|^2$, which are the ball solutions of their norms.",
    clauses=(
        clause(
            r"If $W^{\mathrm{svm}}\ne0$: $\langle-\nabla\mathcal L(W),W^{\mathrm{svm}}\rangle>0$ at every $W$, so that $\|\overline"
            r" W_R\|=R$.",
            steps=("along_step",),
            by=("attention-ntp.graph-svm",),
            claims=("gradient_points_along",),
        ),
        clause(
            r"Then $\overline W_R$ is unique.",
            argued="docstring, on the span of the differences",
            by=("attention-ntp.convexity",),
            claims=("strictly_convex_on_differences",),
        ),
        clause(
            r"$\overline W_R/R\to\widehat W$, and increments point along $W^{\mathrm{svm}}$ faster than the path.",
            argued="docstring",
            by=("foundations.regularization-path", "attention-ntp.graph-svm"),
            claims=("direction_converges", "norm_grows", "margin_to_direction", "increments_align"),
        ),
        clause(
            r"$\Pi_S\overline W_R\to W^{\mathrm{fin}}$ exponentially in $R$: at least like $e^{-R/(2\|W^{\mathrm{svm}}\|)}$.",
            argued="docstring",
            by=("foundations.regularization-path", "attention-ntp.finite-part"),
            claims=("cyclic_part_converges", "cyclic_part_is_exponential"),
        ),
        clause(
            r"If $W^{\mathrm{svm}}=0$: the minimisers are $W^{\mathrm{fin}}$ plus any matrix orthogonal to $S_{\mathrm{fin}}$ that"
            r" fits into the ball, for"
            r" $R\ge\|W^{\mathrm{fin}}\|$;",
            by=("attention-ntp.split-identity", "attention-ntp.finite-part"),
            claims=("minimisers_form_a_ball",),
        ),
        clause(
            r"the ridge solutions still have $\Pi_S\overline W\to W^{\mathrm{fin}}$.",
            argued="last sentence of the docstring",
            claims=("cyclic_part_converges",),
        ),
    ),
    uses=("foundations.regularization-path", "attention-ntp.global-convergence"),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=(*golden, *cyclic_golden, between),
    simulate=RegularizationPath(),
)


@theorem.step("the derivative along a direction", by="index calculus, normal form", scope="all sizes",
              latex=r"-\sum_vd_v\,\partial_{s_v}(-\log p_y)=\sum_vp_v(d_y-d_v)")  # fmt: skip
def along_step() -> Equal:
    """For the scores d of W^svm every term is at least 0, and that of a cross edge at least p_v > 0."""
    left = -total(direction(v) * derivative(sequence_loss(y), utility(v)), (v, A))
    return Equal(Formula(left), Formula(total(probability(v) * (direction(y) - direction(v)), (v, A))))


@theorem.claim(r"\langle U,W^{\mathrm{svm}}\rangle\ge\min_{\text{cross edges}}\langle U,d\rangle\,\|W^{\mathrm{svm}}\|^2\ (U\perp S_{\mathrm{fin}})")
def margin_to_direction(case: Case) -> Implies:
    """Large margins on all cross edges mean a large component along W^svm: at a rational matrix that is nowhere special."""
    form, w = edge_form(case.problem), start(case.problem)
    across = tuple(x - y for x, y in zip(w, case.derived.tied.project(w)))
    smallest = min((dot(across, form.row(edge)) for edge in form.margins), default=0)
    squared = dot(svm(case), svm(case))
    return Implies(bool(form.margins), AtMost(smallest * squared, dot(across, svm(case))))


@theorem.claim(r"\Pi_S\overline W\to W^{\mathrm{fin}}")
def cyclic_part_converges(case: Case, scale: float = 1.0) -> Converges:
    """At least like mu^(2/5)."""
    return Converges(case.trajectory.finite_part, scale * fin(case).finite_part.array, rate=0.8)


@theorem.claim(r"W^{\mathrm{svm}}\ne0:\ \|\Pi_S\overline W-W^{\mathrm{fin}}\|=O(e^{-\|\overline W\|/(2\|W^{\mathrm{svm}}\|)})")
def cyclic_part_is_exponential(case: Case, times: float = 1.0) -> Relation:
    """Against the norm of the ridge solution; the whole exponent is the law, half of it is asked."""
    path, length = case.trajectory.finite_part, float(np.linalg.norm(floats(svm(case))))

    def decay() -> Converges:
        radii = np.asarray(case.trajectory.details["norms"])[-len(path.log_times) :]
        return Converges(ValuePath(radii, path.values, path.errors, "cyclic part against the norm"), fin(case).finite_part, rate=times / length)

    return when(any(svm(case)), decay)


@theorem.claim(r"\nabla^2\mathcal L[D,D]>0\text{ on the span of the differences }(e_{y_i}-e_v)e_{k_i}^\top")
def strictly_convex_on_differences(case: Case) -> Less | NotExercised:
    """At W = 0, for the differences and an alternating sum of them, exactly."""
    problem = case.problem
    rows = zip(problem.queries, problem.labels, problem.choice_sets)
    pool = combinations_of([problem.difference(y, v, k) for k, y, tokens in rows for v in tokens if v != y], problem.dimension**2)
    values = tuple(curvature(problem, masses(problem, zero(problem)), d) for d in pool)
    return Less((Fraction(0),) * len(values), values) if values else NotExercised("no sequence has two tokens")


@theorem.claim(r"W^{\mathrm{svm}}\ne0\Rightarrow\overline W/\|\overline W\|\to\widehat W")
def direction_converges(case: Case, rate: float | None = None) -> Relation:
    """The distance shrinks like 1/R."""
    return when(any(svm(case)), lambda: Converges(case.trajectory.direction, unit(svm(case)), rate))


@theorem.claim(r"W^{\mathrm{svm}}\ne0\Rightarrow\|\overline W\|\text{ grows without bound}")
def norm_grows(case: Case) -> Relation:
    """Along decreasing ridges."""
    return when(any(svm(case)), lambda: Monotone(case.trajectory.norm, increasing=True, strict=True))


@theorem.claim(r"\text{increments align with }W^{\mathrm{svm}}\text{ faster than the path: }O(1/R^2)\text{ without weak edges}")
def increments_align(case: Case) -> Relation:
    """The angle of an increment times R tends to zero, as that of the path does not; asked where mu^q has died at mu = 1e-6."""
    strict = any(svm(case)) and strictly_complementary(case.problem).outcome is Outcome.HOLDS
    return when(strict and asymptotics(case.derived).exponent > 0.4, lambda: Converges(increment_angles(case), (0.0,)))


def increment_angles(case: Case) -> ValuePath:
    """The distance of the directions of increment and W^svm, times R."""
    path, run = case.trajectory.slope, case.trajectory
    sizes = np.linalg.norm(path.values, axis=1, keepdims=True)
    gaps = np.linalg.norm(path.values / sizes - unit(svm(case)), axis=1) * run.details["norms"]
    # Ridge solutions are good to 1e-9; an increment over one decade divides by |W^svm| log 10.
    errors = 1e-8 * run.details["norms"] * np.maximum(1.0, 1 / sizes[:, 0])
    return ValuePath(path.log_times[1:], gaps[1:], errors[1:], "R times the angle of increments")


@theorem.claim(
    r"W^{\mathrm{svm}}\ne0\Rightarrow\langle-\nabla\mathcal L(W),W^{\mathrm{svm}}\rangle>0\text{ for every }W"
    r"\ (\Rightarrow\|\overline W_R\|=R)"
)
def gradient_points_along(case: Case, always: bool = False) -> Implies:
    """The inner product is the mean attention on lower tokens times their margins; enclosed at a matrix that is nowhere special."""
    problem, best, logit = case.problem, svm(case), case.problem.conditional_logit()
    with ctx.workprec(PRECISION):
        summed = arb(0)
        for i, shares in enumerate(softmax_balls(logit, start(problem))):
            for n, token in enumerate(problem.choice_sets[i]):
                margin = dot(best, problem.difference(problem.labels[i], token, problem.queries[i]))
                summed += exact_arb(margin / len(problem.labels)) * shares[n]
        value = interval(summed)
    return Implies(always or any(best), Less(0, value))


@theorem.claim(
    r"W^{\mathrm{svm}}=0\Rightarrow\text{the minimisers in a large ball are }W^{\mathrm{fin}}\text{ plus a ball in }S_{\mathrm{fin}}^\perp"
)
def minimisers_form_a_ball(case: Case) -> Implies:
    """Exact: every direction orthogonal to S_fin leaves the loss alone, and there is one."""
    parts, size = case.derived, case.problem.dimension**2
    free = parts.invariant.dimension
    return Implies(not any(svm(case)), All(Equal(parts.tied.dimension + free, size), Less(0, free)))


@theorem.mutant(of=minimisers_form_a_ball, latex=r"W^{\mathrm{svm}}=0\Rightarrow\overline W_R=W^{\mathrm{fin}}\text{ is unique}")
def unique_without_priorities(case: Case) -> Implies:
    """A symmetric two-cycle on orthonormal embeddings: a ball of dimension 3 of minimisers."""
    return Implies(not any(svm(case)), Equal(case.derived.invariant.dimension, 0))


@theorem.mutant(of=direction_converges, latex=r"\|\overline W_R/R-\widehat W\|=O(e^{-cR})")
def exponential_rate(case: Case) -> Relation:
    """It is of order 1/R: the finite part and the residual do not die."""
    return direction_converges(case, rate=0.5)


@theorem.mutant(of=cyclic_part_converges, latex=r"\Pi_S\overline W\to(1+10^{-3})W^{\mathrm{fin}}")
def slightly_larger_limit(case: Case) -> Converges:
    """A limit off by one part in a thousand stalls."""
    return cyclic_part_converges(case, 1.001)


@theorem.mutant(of=direction_converges, latex=r"\text{the direction of the programme without ties}")
def without_ties(case: Case) -> Relation:
    """Increments of the path show it at once."""
    target = margins_only(case)
    return when(any(target), lambda: Converges(case.trajectory.slope, floats(target), rate=0.3))


@theorem.mutant(of=gradient_points_along, latex=r"\text{the minimiser always lies on the sphere}")
def always_on_the_sphere(case: Case) -> Implies:
    """Without priorities a large ball contains minimisers."""
    return gradient_points_along(case, always=True)


@theorem.mutant(of=cyclic_part_converges, without=independent_embeddings, latex=r"\text{with dependent embeddings, too}")
def cycles_decide_always(case: Case) -> Converges:
    """Then the recession cone decides, not the cycles."""
    return cyclic_part_converges(case)
