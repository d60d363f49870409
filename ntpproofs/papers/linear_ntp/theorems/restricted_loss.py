"""The cross-entropy restricted to the supports: minimised on F by W* alone (2402.18551, Lemma 4).

(1), (2): CE_F - H is sum_j pi_j KL(p_j || q_j) with q_j the softmax restricted to S_j (entropy plus divergence,
support by support). It is not negative, and zero iff q_j = p_j, that is iff W solves (4); on F only W* does. (7):
along W^d the in-support differences stay, and the split identity leaves an excess whose ratios carry e^{-R}.

(3), (5): CE_F(P_F W_k) - H <= CE(W_k) - H -> 0. CE_F is convex on F with a unique minimiser, so its sublevel sets
are bounded and shrink to W*. The same for W_B, whose risk is at most that of W* + R W^mm. (4), (6): the loss tends
to an infimum that no decoder attains, so the norms are unbounded along every subsequence, and P_F stays bounded.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Enclosure, Interval, exact_arb, interval
from ....language.relations import All, AtMost, Converges, Equal, Less, Monotone, NotExercised, ValuePath
from ....language.statements import Case, Lemma, cite, clause
from ....logit.enclosures import exact_scores
from ....symbolic import Formula, index, total
from ..assumptions import ntp_compatible, ntp_separable, some_partial_support
from ._asymptotic_instances import DESCENT_THEN_FLOW
from ._golden import golden, well_posed
from ._losses import (
    Vector,
    excess,
    gap,
    gradient,
    in_support_part,
    in_support_space,
    log_odds_solution,
    plus,
    point,
    restricted_risk,
    risk,
    split,
    zero,
)
from ._ridge import ridge_path
from .entropy_limit import logarithm_step, path_step

lemma = Lemma(
    label="linear-ntp.restricted-loss",
    title="The restricted cross-entropy and the two parts of the iterates",
    source=cite("thrampoulidis2024", "Lemma 4", "the limit along a direction needs (6b) as well as (6a)"),
    setup=r"Let the data be compatible and separable with some $|S_j|<V$, $\mathrm{CE}_{\mathcal F}$ the"
    r" cross-entropy of the softmax restricted to the supports, $W_k$ the iterates of descent with"
    r" $0<\eta\le1/L$, and $W_B=\arg\min_{\|W\|\le B}\mathrm{CE}$.",
    clauses=(
        clause(
            r"(1) $\mathrm{CE}_{\mathcal F}(W^*)=\inf\mathrm{CE}_{\mathcal F}=\mathcal H$, and"
            r" $\mathrm{CE}>\mathrm{CE}_{\mathcal F}$.",
            by=("linear-ntp.entropy-identity", "linear-ntp.split-identity", "linear-ntp.log-odds-solution"),
            claims=("minimum_is_the_entropy",),
        ),
        clause(
            r"(2) $W^*$ is its only minimiser on $\mathcal F$, and $\nabla^2\mathrm{CE}_{\mathcal F}[D,D]>0$ for"
            r" $0\ne D\in\mathcal F$.",
            steps=("curvature_step",),
            by=("linear-ntp.entropy-identity", "linear-ntp.log-odds-solution"),
            claims=("minimiser_is_unique",),
        ),
        clause(
            r"(3), (5) $\mathcal P_{\mathcal F}W_k\to W^*$ and $\mathcal P_{\mathcal F}W_B\to W^*$.",
            by=("foundations.finite-part-limit",),
            claims=("in_support_parts_converge",),
            argued="docstring",
        ),
        clause(
            r"(4), (6) $\|\mathcal P_\perp W_k\|\to\infty$ and $\|\mathcal P_\perp W_B\|\to\infty$.",
            claims=("other_parts_diverge",),
            argued="docstring",
        ),
        clause(
            r"(7) $0\le\mathrm{CE}(W+RW^{\mathrm d})-\mathrm{CE}_{\mathcal F}(W)\le"
            r" e^{-R}\sum_j\pi_j\rho_j(W)$ for every $W$ and every $W^{\mathrm d}$ that satisfies (6).",
            steps=("path_step", "logarithm_step"),
            by=("linear-ntp.split-identity",),
            claims=("limit_along_a_feasible_direction",),
        ),
    ),
    uses=(
        "foundations.finite-part",
        "foundations.finite-part-limit",
        "linear-ntp.split-identity",
        "linear-ntp.log-odds-solution",
        "linear-ntp.loss-and-norm",
    ),
    assumptions=(ntp_compatible, ntp_separable, some_partial_support),
    instances=well_posed,
    examples=golden,
    simulate=DESCENT_THEN_FLOW,
)


@lemma.step("vanishing curvature", by="index calculus, normal form", scope="all sizes",
            latex=r"\operatorname{Var}_q(y)=\tfrac12\sum_{z,z'}q_zq_{z'}(y_z-y_{z'})^2\ (\textstyle\sum q=1)")  # fmt: skip
def curvature_step() -> Equal:
    """D^2 CE_F[D,D] = sum pi Var_{q_j}(D h_j) vanishes iff D h_j is constant on every support, that is D is orthogonal to F."""
    q, y, z, u = sp.Function("q"), sp.Function("y"), index("z"), index("u")
    mass = total(q(z), (z, "S"))
    left = mass * total(q(z) * y(z) ** 2, (z, "S")) - total(q(z) * y(z), (z, "S")) ** 2
    right = total(q(z) * q(u) * (y(z) - y(u)) ** 2, (z, "S"), (u, "S")) / 2
    return Equal(Formula(left), Formula(right))


lemma.step("the excess along the path", by="index calculus, normal form", scope="all sizes",
           latex=r"\rho_j(W+RW^{\mathrm d})=\sum_{v\notin S}e^{\ell_v-Rm_v}\big/\sum_{z\in S}e^{\ell_z}")(path_step)  # fmt: skip
lemma.step("log(1 + x) <= x", by="sign of a derivative", scope="all reals", latex=r"0\le\log(1+x)\le x")(logarithm_step)


def on_support(case: Case, direction: Vector) -> list[list[Fraction]]:
    """The entries of D h_j on the support of j, exact."""
    scores = exact_scores(case.problem.conditional_logit(), direction)
    return [[scores[j][z] for z in sorted(support)] for j, support in enumerate(case.problem.supports)]


def recession_slope(case: Case, direction: Vector) -> Fraction:
    """sum_j pi_j (max over the support of D h_j - p_j^T D h_j): the growth of CE_F along D."""
    problem, total_slope = case.problem, Fraction(0)
    for a, p, support, y in zip(problem.weights, problem.probabilities, problem.supports, on_support(case, direction)):
        total_slope += a * (max(y) - sum((p[z] * x for z, x in zip(sorted(support), y)), Fraction(0)))
    return total_slope


@lemma.step("coercive on F", by="exact arithmetic", scope="", latex=r"\sum_j\pi_j\bigl(\max_{S_j}Dh_j-p_j^\top Dh_j\bigr)>0\ (0\ne D\in\mathcal F)")
def coercivity_step(case: Case) -> All | NotExercised:
    """Along both signs of a basis of F and a combination of it."""
    basis = list(in_support_space(case.problem).basis)
    mixed = [split(case.problem, point(case.problem))[0]] if basis else []
    ways = [tuple(s * x for x in d) for d in basis + mixed for s in (1, -1) if any(d)]
    return All(*(Less(0, recession_slope(case, way)) for way in ways)) if ways else NotExercised("F is zero")


@lemma.claim(r"\mathrm{CE}_{\mathcal F}(W^*)=\mathcal H\le\mathrm{CE}_{\mathcal F}(W)\le\mathrm{CE}(W)")
def minimum_is_the_entropy(case: Case, everything: bool = False) -> All:
    """At W* the gradient vanishes, so its radius (1e-15) enters squared; elsewhere at three decoders."""
    problem, part = case.problem, case.derived.finite_part
    value = (risk if everything else restricted_risk)(problem, part.center)
    points = [point(problem, shift) for shift in range(3)]
    parts = [Less(Fraction(0), excess(problem, w)) for w in points]
    moving = points if in_support_space(problem).dimension else []  # with F = {0} the restricted loss is constant
    above = [Less(problem.entropy, restricted_risk(problem, w)) for w in moving]
    return All(Equal(Interval(value.center, value.radius + Fraction(1, 2**70)), problem.entropy), *parts, *above)


@lemma.claim(
    r"P_{\mathcal F}\nabla\mathrm{CE}_{\mathcal F}(W^*)=0\text{ and }\nabla^2\mathrm{CE}_{\mathcal F}[D,D]>0\text{ on }\mathcal F\setminus 0"
)
def minimiser_is_unique(case: Case, complement: bool = False, everything: bool = False) -> All:
    """Stationary at W*, and at W = 0 the curvature (variances of uniform laws on the supports) is positive, exactly."""
    space, part = in_support_space(case.problem), case.derived.finite_part
    parts: list[Equal | Less] = []
    slope = gradient(case.problem, part.center, supports_only=not everything)
    radius = slope.radius + part.radius * max(sum(x * x for x in h) for h in case.problem.embeddings)
    parts.append(Equal(Enclosure(space.project(slope.center), radius), zero(case.problem)))
    across = split(case.problem, point(case.problem))[1]
    for direction in [across] if complement else space.basis:
        spreads = [(sum(x * x for x in y) / len(y)) - (sum(y) / len(y)) ** 2 for y in on_support(case, direction)]
        parts.append(Less(Fraction(0), sum((a * x for a, x in zip(case.problem.weights, spreads)), Fraction(0))))
    return All(*parts)


@lemma.claim(r"0\le\mathrm{CE}(W+RW^{\mathrm d})-\mathrm{CE}_{\mathcal F}(W)\le e^{-R}\sum_j\pi_j\rho_j(W)\ (R=1,4,16)")
def limit_along_a_feasible_direction(case: Case, times: int = 1) -> AtMost:
    """Along W^mm: the restricted loss stays and the separable excess dies."""
    problem, w = case.problem, point(case.problem)
    direction = tuple(times * x for x in case.derived.max_margin.direction)
    ratio, reaches = excess(problem, w, linear=True), (1, 4, 16)
    with ctx.workprec(PRECISION):
        rights = [interval(exact_arb(ratio.upper) * arb(-r).exp()) for r in reaches]
    return AtMost(tuple(gap(risk(problem, plus(w, direction, r)), restricted_risk(problem, w)) for r in reaches), tuple(rights))


@lemma.claim(r"\mathcal P_{\mathcal F}W_k\to W^*,\quad\mathcal P_{\mathcal F}W_B\to W^*\quad\text{(at least like }t^{-1/2}\text{)}")
def in_support_parts_converge(case: Case, scale: float = 1.0) -> All:
    """Items 3 and 5: along descent continued by the flow, and along the ridge path, both without reference to W*; at least like t^-1/2."""
    part = case.derived.finite_part.center
    wanted = log_odds_solution(case.problem) if scale == 1.0 else tuple(Fraction(scale) * x for x in part)
    path = in_support_part(case.problem, ridge_path(case.problem).iterates)
    return All(Converges(in_support_part(case.problem, case.trajectory.finite_part), wanted, rate=1), Converges(path, wanted, rate=1))


@lemma.claim(r"\|\mathcal P_\perp W_k\|\to\infty,\quad\|\mathcal P_\perp W_B\|\to\infty")
def other_parts_diverge(case: Case) -> All:
    """Items 4 and 6: the norms increase along all late records."""
    runs = [(case.trajectory, 10.0), (ridge_path(case.problem), 3.0)]
    paths = []
    for run, start in runs:
        late = run.log_times >= start
        norms = np.linalg.norm(run.diverging, axis=1)
        paths.append(ValuePath(run.log_times[late], norms[late], np.full(int(late.sum()), 1e-8), "diverging part"))
    return All(*(Monotone(path, increasing=True, strict=True) for path in paths))


@lemma.mutant(of=minimiser_is_unique, latex=r"W^*\text{ minimises CE on }\mathcal F")
def minimiser_of_the_whole_loss(case: Case) -> All:
    """Ex-1(3/4): the mass off the supports pulls the minimiser of CE on F to t = .834, away from t = .549."""
    return minimiser_is_unique(case, everything=True)


@lemma.mutant(of=minimiser_is_unique, latex=r"W^*\text{ is the only minimiser of }\mathrm{CE}_{\mathcal F}\text{ on }\mathbb R^{V\times d}")
def unique_everywhere(case: Case) -> All:
    """Adding anything orthogonal to F changes nothing."""
    return minimiser_is_unique(case, complement=True)


@lemma.mutant(of=limit_along_a_feasible_direction, latex=r"\text{(6a) alone suffices: }W^{\mathrm d}=0")
def zero_direction(case: Case) -> AtMost:
    """Zero satisfies (6a) and the excess stays."""
    return limit_along_a_feasible_direction(case, times=0)


@lemma.mutant(of=minimum_is_the_entropy, latex=r"\mathrm{CE}(W^*)=\mathcal H")
def attained_by_the_whole_loss(case: Case) -> All:
    """At finite W the tokens off the supports keep some mass."""
    return minimum_is_the_entropy(case, everything=True)


@lemma.mutant(of=in_support_parts_converge, latex=r"\mathcal P_{\mathcal F}W_k\to\tfrac{11}{10}W^*")
def tenth_too_far(case: Case) -> All:
    """A target off by a tenth stalls."""
    return in_support_parts_converge(case, scale=1.1)


@lemma.mutant(of=minimum_is_the_entropy, without=ntp_compatible, latex=r"\min\mathrm{CE}_{\mathcal F}=\mathcal H\text{ without compatibility}")
def entropy_without_compatibility(case: Case) -> All:
    """The minimum of CE_F exceeds H by a positive sum of divergences."""
    return minimum_is_the_entropy(case)


@lemma.mutant(of=in_support_parts_converge, without=ntp_separable, latex=r"\mathcal P_{\mathcal F}W_k\to W^*\text{ without separability}")
def limit_without_separability(case: Case) -> All:
    """Ex-NonSep: W* = 0, the iterates tend to log 2 (2/3, -1/3, -1/3)."""
    return in_support_parts_converge(case)


@lemma.mutant(of=minimum_is_the_entropy, without=some_partial_support, latex=r"\mathrm{CE}>\mathrm{CE}_{\mathcal F}\text{ for full supports, too}")
def excess_with_full_supports(case: Case) -> All:
    """Then the two losses are the same."""
    return minimum_is_the_entropy(case)
