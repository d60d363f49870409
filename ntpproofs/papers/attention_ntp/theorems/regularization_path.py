"""The regularisation path of one attention layer has the limits of gradient descent (B-Thm2)."""

from __future__ import annotations

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....dynamics import RegularizationPath
from ....exact.balls import PRECISION, exact_arb, interval
from ....exact.rational import dot
from ....language.relations import All, AtMost, Converges, Equal, Implies, Less, Monotone, Path
from ....language.statements import Case, Theorem, cite
from ....language.verdicts import Outcome
from ....logit.assumptions import strictly_complementary
from ....logit.asymptotics import asymptotics
from ....logit.enclosures import softmax_balls
from ....symbolic import Formula
from ...linear_ntp.assumptions import independent_embeddings
from ..graph_programmes import edge_form
from ._instances import between, golden, independent
from ._limits import fin, floats, margins_only, start, svm, unit, when

theorem = Theorem(
    label="attention-ntp.regularization-path",
    title="The regularisation path: W^fin on the cycles, the Graph-SVM direction, no uniqueness without priorities",
    source=cite("li2024", "regularisation path for the logarithmic loss (recalled, not checked against print)", "with the qualifiers proved here"),
    text=r"Independent embeddings, logarithmic loss, $\overline W_R\in\arg\min\{\mathcal L:\|W\|\le R\}$. If $W^{\mathrm{svm}}\ne0$: $\|\overline"
    r" W_R\|"
    r"=R$, $\overline W_R$ is unique, $\overline W_R/R\to\widehat W$ with error $O(1/R)$ and $\Pi_S\overline W_R\to W^{\mathrm{fin}}$"
    r" exponentially in"
    r" $R$. If $W^{\mathrm{svm}}=0$: $\Pi_S\overline W_R=W^{\mathrm{fin}}$ for $R\ge\|W^{\mathrm{fin}}\|$, and any matrix orthogonal to $S_{"
    r"\mathrm{fin}}$"
    r" that fits into the ball can be added. The ridge solutions $\arg\min\mathcal L+\tfrac\mu2\|W\|^2$ run along the same curve.",
    uses=("foundations.regularization-path", "attention-ntp.global-convergence"),
    assumptions=(independent_embeddings,),
    instances=independent,
    examples=(*golden, between),
    simulate=RegularizationPath(),
)


@theorem.step(
    "comparison point", by="rational normal form", scope="all reals", latex=r"\|W^{\mathrm{fin}}+r\widehat W\|^2=\|W^{\mathrm{fin}}\|^2+r^2"
)
def comparison_step() -> Equal:
    """Entrywise, less the cross term: W^fin lies in S_fin and the direction is orthogonal to it."""
    w, u, r = sp.symbols("w u r")
    return Equal(Formula((w + r * u) ** 2 - 2 * r * w * u), Formula(w**2 + r**2 * u**2))


@theorem.step("margins of the path", by="exact arithmetic", scope="",
              latex=r"\langle U,W^{\mathrm{svm}}\rangle\ge\min_{\text{cross edges}}\langle U,d\rangle\,\|W^{\mathrm{svm}}\|^2\ (U\perp S_{"
              r"\mathrm{fin}})")  # fmt: skip
def margin_to_direction(case: Case) -> Implies:
    """Large margins on all cross edges mean a large component along W^svm: at a rational matrix that is nowhere special."""
    form, w = edge_form(case.problem), start(case.problem)
    across = tuple(x - y for x, y in zip(w, case.derived.tied.project(w)))
    smallest = min((dot(across, form.row(edge)) for edge in form.margins), default=0)
    squared = dot(svm(case), svm(case))
    return Implies(bool(form.margins), AtMost(smallest * squared, dot(across, svm(case))))


@theorem.claim(r"\Pi_S\overline W\to W^{\mathrm{fin}}")
def cyclic_part_converges(case: Case, scale: float = 1.0) -> Converges:
    """At a rate close to mu."""
    return Converges(case.trajectory.finite_part, scale * fin(case).finite_part.array, rate=0.8)


@theorem.claim(r"W^{\mathrm{svm}}\ne0\Rightarrow\overline W/\|\overline W\|\to\widehat W")
def direction_converges(case: Case, rate: float | None = None) -> Implies:
    """The distance shrinks like 1/R."""
    return when(any(svm(case)), lambda: Converges(case.trajectory.direction, unit(svm(case)), rate))


@theorem.claim(r"W^{\mathrm{svm}}\ne0\Rightarrow\|\overline W\|\text{ grows without bound}")
def norm_grows(case: Case) -> Implies:
    """Along decreasing ridges."""
    return when(any(svm(case)), lambda: Monotone(case.trajectory.norm, increasing=True, strict=True))


@theorem.claim(r"\text{increments align with }W^{\mathrm{svm}}\text{ faster than the path: }O(1/R^2)\text{ without weak edges}")
def increments_align(case: Case) -> Implies:
    """The angle of an increment times R tends to zero, as that of the path does not; asked where mu^q has died at mu = 1e-6."""
    strict = any(svm(case)) and strictly_complementary(case.problem).outcome is Outcome.HOLDS
    return when(strict and asymptotics(case.derived).exponent > 0.4, lambda: Converges(increment_angles(case), (0.0,)))


def increment_angles(case: Case) -> Path:
    """The distance of the directions of increment and W^svm, times R."""
    path, run = case.trajectory.slope, case.trajectory
    sizes = np.linalg.norm(path.values, axis=1, keepdims=True)
    gaps = np.linalg.norm(path.values / sizes - unit(svm(case)), axis=1) * run.details["norms"]
    # Ridge solutions are good to 1e-9; an increment over one decade divides by |W^svm| log 10.
    return Path(path.log_times[1:], gaps[1:], (1e-8 * run.details["norms"] * np.maximum(1.0, 1 / sizes[:, 0]))[1:], "R times the angle of increments")


@theorem.claim(
    r"W^{\mathrm{svm}}\ne0\Rightarrow\langle-\nabla\mathcal L(W),W^{\mathrm{svm}}\rangle>0\text{ for every }W\ (\Rightarrow\|\overline W_R\|=R)"
)
def gradient_points_along(case: Case, always: bool = False) -> Implies:
    """The inner product is the mean attention on lower tokens times their margins; enclosed at a matrix that is nowhere special."""
    problem, best, logit = case.problem, svm(case), case.problem.conditional_logit()
    with ctx.workprec(PRECISION):
        total = arb(0)
        for i, masses in enumerate(softmax_balls(logit, start(problem))):
            for n, v in enumerate(problem.choice_sets[i]):
                margin = dot(best, problem.difference(problem.labels[i], v, problem.queries[i]))
                total += exact_arb(margin / len(problem.labels)) * masses[n]
        value = interval(total)
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
def exponential_rate(case: Case) -> Implies:
    """It is of order 1/R: the finite part and the residual do not die."""
    return direction_converges(case, rate=0.5)


@theorem.mutant(of=cyclic_part_converges, latex=r"\Pi_S\overline W\to(1+10^{-3})W^{\mathrm{fin}}")
def slightly_larger_limit(case: Case) -> Converges:
    """A limit off by one part in a thousand stalls."""
    return cyclic_part_converges(case, 1.001)


@theorem.mutant(of=direction_converges, latex=r"\text{the direction of the programme without ties}")
def without_ties(case: Case) -> Implies:
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
