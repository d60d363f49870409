"""Gradient descent on linear NTP converges to W* on F and to the NTP-SVM direction off it (2402.18551, Theorem 2).

Write r_k = |P_perp W_k|, Delta = W_{k+1} - W_k, and a bar for division by the norm. Let 0 < eps < 1 and alpha = eps
/ (1 - eps), so 1 / (1 + alpha) = 1 - eps.

Finite part. CE_F(P_F W_k) - H <= CE(W_k) - H, which tends to 0 by the bound on the risk; CE_F is convex with the
one minimiser W* on F, so its sublevel sets shrink to W*. In particular P_F W_k is bounded; the risk tends to an
infimum that is not attained, so |W_k| and r_k tend to infinity, and from some k_0 on r_k exceeds 1/2 and the
threshold of the margin comparison for alpha.

One step, k >= k_0. CE(P_F W_k + (1 + alpha) r_k bar W^mm) <= CE(W_k) and convexity give <grad CE(W_k), P_perp W_k -
(1 + alpha) r_k bar W^mm> >= 0, that is <Delta, bar W^mm> >= (1 - eps) <Delta, P_perp W_k> / r_k. By polarisation
the right side is (1 - eps) (r_{k+1}^2 - r_k^2 - |P_perp Delta|^2) / (2 r_k), at least (1 - eps) (r_{k+1} - r_k) -
|Delta|^2, and |Delta|^2 = eta^2 |grad|^2 <= 2 eta (CE(W_k) - CE(W_{k+1})) by the descent lemma for eta <= 1/L.

Sum from k_0: <W_k - W_{k_0}, bar W^mm> >= (1 - eps) (r_k - r_{k_0}) - 2 eta CE(W_{k_0}). Since r_k >= |W_k| - |P_F
W_k|, division by |W_k| gives liminf cos >= 1 - eps, for every eps.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import All, AtMost, Converges, Equal, Less, ValuePath
from ....language.statements import Case, Theorem, cite, clause
from ....logit.decomposition import decompose
from ....symbolic import Formula, index, total
from ..assumptions import ntp_compatible, ntp_separable, some_partial_support
from ._asymptotic_instances import DESCENT_THEN_FLOW
from ._bounds import perpendicular_norm, risk_bound
from ._golden import golden, well_posed
from ._losses import STEPS, Vector, as_floats, enclosed, gap, in_support_part, log_odds_solution, norm, plus, point, pull, unconstrained_direction
from .margin_comparison import far_decoders

theorem = Theorem(
    label="linear-ntp.gradient-descent-bias",
    title="Gradient descent selects the NTP-SVM direction",
    source=cite("thrampoulidis2024", "Theorem 2", "the telescoped inequality with its signs and factor corrected"),
    setup=r"Let the data be compatible and separable with some $|S_j|<V$, $0<\eta\le1/L$ (the paper asks for"
    r" $1/(2L)$), $W_0$ arbitrary, $r_k=\|\mathcal P_\perp W_k\|$, $\overline X=X/\|X\|$,"
    r" $0<\varepsilon<1$ and $\alpha=\varepsilon/(1-\varepsilon)$.",
    clauses=(
        clause(
            r"Where $r_k\ge\tfrac12$ is beyond the threshold of the margin comparison for $\alpha$: $\langle"
            r" W_{k+1}-W_k,\overline{W^{\mathrm{mm}}}\rangle\ge(1-\varepsilon)(r_{k+1}-r_k)-2\eta\bigl(\mathrm{CE}(W_k)-\mathrm{CE}(W_{k+1})\bigr)$.",
            steps=("choice_of_alpha", "polarisation", "difference_of_squares", "descent_lemma"),
            by=("linear-ntp.margin-comparison", "foundations.convexity-and-smoothness"),
            claims=("one_step_gains",),
        ),
        clause(
            r"Summed while this lasts: $\langle"
            r" W_k-W_{k_0},\overline{W^{\mathrm{mm}}}\rangle\ge(1-\varepsilon)(r_k-r_{k_0})-2\eta\,\mathrm{CE}(W_{k_0})$.",
            steps=("choice_of_alpha", "polarisation", "difference_of_squares", "descent_lemma", "telescoping_sum"),
            by=("linear-ntp.margin-comparison", "foundations.convexity-and-smoothness"),
            claims=("telescoped",),
        ),
        clause(
            r"$\mathrm{CE}_{\mathcal F}(\mathcal P_{\mathcal F}W_k)-\mathcal H\le\mathrm{CE}(W_k)-\mathcal H\le\|W_0-W^*-\log"
            r" k\,W^{\mathrm{mm}}\|^2/(2\eta k)+C/k$, and $\inf\mathrm{CE}=\mathcal H$.",
            by=("foundations.risk-bound", "linear-ntp.entropy-limit", "linear-ntp.split-identity"),
            claims=("risk_obeys_the_bound", "infimum_is_the_entropy"),
        ),
        clause(
            r"$\mathcal P_{\mathcal F}W_k\to W^*$.",
            by=("linear-ntp.restricted-loss", "foundations.finite-part-limit"),
            claims=("finite_part_converges",),
            argued="docstring",
        ),
        clause(
            r"$W_k/\|W_k\|\to W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|$ (tested by itself and by the slope of $\mathcal P_\perp W$ in $\log t$, norm"
            r" included, along the flow that continues the first 64 steps).",
            by=("linear-ntp.margin-comparison", "foundations.convexity-and-smoothness", "foundations.risk-bound", "linear-ntp.entropy-limit"),
            claims=("direction_converges", "diverging_part"),
            argued="docstring",
        ),
    ),
    uses=("foundations.gradient-descent-bias", "linear-ntp.margin-comparison", "linear-ntp.loss-and-norm", "linear-ntp.restricted-loss"),
    assumptions=(ntp_compatible, ntp_separable, some_partial_support),
    instances=well_posed,
    examples=golden,
    derive=lambda problem: decompose(problem.conditional_logit()),
    simulate=DESCENT_THEN_FLOW,
)
ALPHA = Fraction(1)


@theorem.step("comparison along the gradient", by="balls", scope="",
              latex=r"\langle\nabla\mathrm{CE}(W),\mathcal P_\perp W-(1+\alpha)\|\mathcal"
                    r" P_\perp W\|\overline{W^{\mathrm{mm}}}\rangle\ge0")  # fmt: skip
def comparison_along_the_gradient(case: Case) -> AtMost:
    """Step 1, by convexity from the margin comparison; at decoders beyond its threshold."""
    u, lefts, rights = case.derived.max_margin.direction, [], []
    for inside, across in far_decoders(case, ALPHA):
        w = plus(inside, across)
        along = pull(case.problem, w, u)
        with ctx.workprec(PRECISION):
            rights.append(interval(arb(exact_arb(along.center), exact_arb(along.radius)) * exact_arb(1 + ALPHA) * norm(across) / norm(u)))
        lefts.append(pull(case.problem, w, across))
    return AtMost(tuple(lefts), tuple(rights))


@theorem.step(
    "choice of alpha",
    by="rational normal form",
    scope="all reals",
    latex=r"\tfrac1{1+\alpha}=1-\varepsilon,"
    r"\ \alpha=\tfrac\varepsilon{1-\varepsilon}",
)
def choice_of_alpha() -> Equal:
    """Step 2: <Delta, bar W^mm> >= (1 - eps) <Delta, P_perp W / |P_perp W|>."""
    eps = sp.Symbol("epsilon")
    return Equal(Formula(1 / (1 + eps / (1 - eps))), Formula(1 - eps))


@theorem.step("polarisation", by="index calculus, normal form", scope="all sizes",
              latex=r"\langle x,\Delta\rangle=\tfrac12(\|x+\Delta\|^2-\|x\|^2-\|\Delta\|^2)")  # fmt: skip
def polarisation() -> Equal:
    """Step 3, for x = P_perp W_k and the part of Delta off F."""
    x, step, c = sp.Function("x"), sp.Function("s"), index("c")
    squares = [total(y**2, (c, "D")) for y in (x(c) + step(c), x(c), step(c))]
    return Equal(Formula(total(x(c) * step(c), (c, "D"))), Formula((squares[0] - squares[1] - squares[2]) / 2))


@theorem.step("difference of squares", by="rational normal form", scope="all reals", latex=r"x^2-y^2-2y(x-y)=(x-y)^2")
def difference_of_squares() -> Equal:
    """Step 4, first half: so (x^2 - y^2)/(2y) >= x - y for y > 0."""
    x, y = sp.symbols("x y")
    return Equal(Formula(x**2 - y**2 - 2 * y * (x - y)), Formula((x - y) ** 2))


@theorem.step("descent lemma", by="index calculus, normal form", scope="all sizes",
              latex=r"-\langle g,\eta g\rangle+\tfrac L2\|\eta g\|^2=-\tfrac\eta2\|g\|^2-\tfrac\eta2(1-L\eta)\|g\|^2")  # fmt: skip
def descent_lemma() -> Equal:
    """Step 4: CE(W - eta g) - CE(W) is at most the left side, so |eta g|^2 <= 2 eta (CE(W) - CE(W - eta g)) for eta <= 1/L."""
    g, eta, smooth, c = sp.Function("g"), sp.Symbol("eta"), sp.Symbol("L_"), index("c")
    squared = total(g(c) ** 2, (c, "D"))
    left = -total(g(c) * eta * g(c), (c, "D")) + smooth / 2 * total((eta * g(c)) ** 2, (c, "D"))
    return Equal(Formula(left), Formula(-eta / 2 * squared - eta / 2 * (1 - smooth * eta) * squared))


@theorem.step("telescoping", by="index calculus, normal form", scope="all sizes",
              latex=r"\sum_k\bigl[a\,r_{k+1}-a\,r_k-b(\ell_k-\ell_{k+1})\bigr]=a\sum_k(r_{k+1}-r_k)-b\sum_k(\ell_k-\ell_{k+1})")  # fmt: skip
def telescoping_sum() -> Equal:
    """The sums of differences are r_k - r_{k_0} and CE(W_{k_0}) - CE(W_k) <= CE(W_{k_0})."""
    rise, drop, k = sp.Function("r"), sp.Function("l"), index("k")
    a, b = sp.symbols("a b")
    return Equal(Formula(total(a * rise(k) - b * drop(k), (k, "K"))), Formula(a * total(rise(k), (k, "K")) - b * total(drop(k), (k, "K"))))


@theorem.claim(r"\langle W_{k+1}-W_k,\overline{W^{\mathrm{mm}}}\rangle\ge(1-\varepsilon)(r_{k+1}-r_k)-2\eta(\mathrm{CE}(W_k)-\mathrm{CE}(W_{k+1}))")
def one_step_gains(case: Case, share: Fraction = Fraction(1, 2)) -> AtMost:
    """The first steps from a start beyond the threshold for eps = 1/2, enclosed, times |W^mm|."""
    inside, across = far_decoders(case, ALPHA)[1]
    run, u = enclosed(case.problem, 1, plus(inside, across)), case.derived.max_margin.direction
    lefts, rights = [], []
    for k in range(3):
        rights.append(gap(run.component(k + 1, u), run.component(k, u)))
        drop = gap(run.losses[k], run.losses[k + 1])
        with ctx.workprec(PRECISION):
            loss = arb(exact_arb(drop.center), exact_arb(drop.radius))
            rise = perpendicular_norm(case, run, k + 1) - perpendicular_norm(case, run, k)
            lefts.append(interval((rise * exact_arb(share) - 2 * exact_arb(run.step_size) * loss) * norm(u)))
    return AtMost(tuple(lefts), tuple(rights))


@theorem.claim(
    r"\langle W_k-W_0,\overline{W^{\mathrm{mm}}}\rangle\ge(1-\varepsilon)(\|\mathcal P_\perp W_k\|"
    r"-\|\mathcal P_\perp W_0\|)-2\eta\,\mathrm{CE}(W_0)"
)
def telescoped(case: Case) -> AtMost:
    """Step 5 from a start beyond the threshold, at k = 24, with eps = 1/2."""
    inside, across = far_decoders(case, ALPHA)[1]
    run, u = enclosed(case.problem, 1, plus(inside, across)), case.derived.max_margin.direction
    moved = gap(run.component(STEPS, u), run.component(0, u))
    with ctx.workprec(PRECISION):
        loss = arb(exact_arb(run.losses[0].center), exact_arb(run.losses[0].radius))
        right = (perpendicular_norm(case, run, STEPS) - norm(across)) / 2 - 2 * exact_arb(run.step_size) * loss
        return AtMost(interval(right * norm(u)), moved)


@theorem.claim(r"\tfrac{d}{d\log t}\mathcal P_\perp W\to W^{\mathrm{mm}}")
def diverging_part(case: Case, scale: Any = 1, direction: Vector | None = None) -> Converges:
    """Norm and direction at once; the simulator does not know W^mm."""
    u = case.derived.max_margin.direction if direction is None else direction
    return Converges(case.trajectory.slope, [float(scale) * x for x in as_floats(u)])


@theorem.claim(r"W_k/\|W_k\|\to W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|")
def direction_converges(case: Case, direction: Vector | None = None) -> Converges:
    """At rate 1/log t, read off over the last doubling of log t."""
    u = np.array(as_floats(case.derived.max_margin.direction if direction is None else direction))
    path = case.trajectory.direction
    late = path.log_times >= 100
    return Converges(ValuePath(path.log_times[late], path.values[late], path.errors[late], path.name), u / (np.linalg.norm(u) or 1.0))


@theorem.claim(r"\mathcal P_{\mathcal F}W_k\to W^*\text{, at least like }t^{-1/2}")
def finite_part_converges(case: Case) -> Converges:
    """W* from the log-odds equations; the iterates integrated without reference to it."""
    return Converges(in_support_part(case.problem, case.trajectory.finite_part), log_odds_solution(case.problem), rate=1)


@theorem.claim(
    r"\mathrm{CE}_{\mathcal F}(\mathcal P_{\mathcal F}W_k)-\mathcal H\le\mathrm{CE}(W_k)-\mathcal H"
    r"\le\|W_0-W^*-\log k\,W^{\mathrm{mm}}\|^2/(2\eta k)+C/k"
)
def risk_obeys_the_bound(case: Case, factor: Fraction = Fraction(1)) -> AtMost:
    """With the step 1/L (times `factor`), k <= 24, enclosed: this is what the step-size condition buys."""
    start = point(case.problem)
    run = enclosed(case.problem, factor, start)
    lefts = tuple(gap(x, case.problem.entropy) for x in run.losses[1:])
    return AtMost(lefts, tuple(risk_bound(case, k, run.step_size, start) for k in range(1, STEPS + 1)))


@theorem.claim(r"\inf\mathrm{CE}=\mathcal H")
def infimum_is_the_entropy(case: Case) -> All:
    """The certified infimum against the entropy of the data."""
    return All(Equal(case.derived.infimum, case.problem.entropy), Less(Fraction(0), case.derived.max_margin.squared_norm))


@theorem.mutant(of=diverging_part, latex=r"\mathcal P_\perp W_t=\tfrac12W^{\mathrm{mm}}\log t+o(\log t)")
def half_margin(case: Case) -> Converges:
    """Same direction, half the norm."""
    return diverging_part(case, scale=Fraction(1, 2))


@theorem.mutant(of=direction_converges, latex=r"\text{direction of the SVM without (6a)}")
def unconstrained_svm(case: Case) -> Converges:
    """Ex-Full: 45 degrees away."""
    return direction_converges(case, unconstrained_direction(case))


@theorem.mutant(of=finite_part_converges, latex=r"\mathcal P_\perp W_k\to W^*\text{ (projections swapped)}")
def swapped_projections(case: Case) -> Converges:
    """The part off F diverges."""
    return Converges(case.trajectory.diverging_part, log_odds_solution(case.problem))


@theorem.mutant(of=finite_part_converges, latex=r"W_k-W^{\mathrm{mm}}\log t\to W^*")
def residual_is_forgotten(case: Case) -> Converges:
    """A constant orthogonal to F is left over."""
    path, u = case.trajectory.iterates, np.array(as_floats(case.derived.max_margin.direction))
    shifted = path.values - path.log_times[:, None] * u
    return Converges(ValuePath(path.log_times, shifted, path.errors, "iterate less log t W^mm"), log_odds_solution(case.problem))


@theorem.mutant(of=finite_part_converges, latex=r"W^*=UH^+\ (U\text{ the centred log-probabilities})")
def pseudo_inverse(case: Case) -> Converges:
    """It solves the log-odds equations but leaves F when supports differ and the Gram matrix is not diagonal."""
    rows = []
    for p, support in zip(case.problem.probabilities, case.problem.supports):
        mean = np.mean([np.log(float(p[z])) for z in support])
        rows.append([np.log(float(x)) - mean if x else 0.0 for x in p])
    h = np.array([as_floats(x) for x in case.problem.embeddings])
    wanted = np.linalg.lstsq(h, np.array(rows), rcond=None)[0].T
    return Converges(case.trajectory.finite_part, wanted.ravel(), rate=1)


@theorem.mutant(of=risk_obeys_the_bound, latex=r"\text{every }\eta>0")
def any_step_size(case: Case) -> AtMost:
    """Ex-1(1/2) with eta = 5 ends in the cycle W_F = (a, -a, 0), tanh(a)/a = 4/5, at CE - H = 0.351; 5 is 5/2 of 1/L."""
    return risk_obeys_the_bound(case, Fraction(5, 2))


@theorem.mutant(of=one_step_gains, latex=r"(1+\varepsilon)\text{ in the place of }(1-\varepsilon)")
def larger_share(case: Case) -> AtMost:
    """Near W^mm the component gains what the norm gains, not half as much again."""
    return one_step_gains(case, Fraction(3, 2))


@theorem.mutant(of=infimum_is_the_entropy, without=ntp_compatible, latex=r"\inf\mathrm{CE}=\mathcal H\text{ without compatibility}")
def entropy_without_compatibility(case: Case) -> All:
    """Only the finite part and the infimum change."""
    return infimum_is_the_entropy(case)


@theorem.mutant(
    of=finite_part_converges,
    without=ntp_compatible,
    latex=r"\mathcal P_{\mathcal F}W_k\to\text{the"
    r" least-squares }W^*\text{ without compatibility}",
)
def least_squares_without_compatibility(case: Case) -> Converges:
    """The limit minimises CE_F, not the squared error of the log-odds."""
    return finite_part_converges(case)


@theorem.mutant(of=finite_part_converges, without=ntp_separable, latex=r"\mathcal P_{\mathcal F}W_k\to W^*\text{ without separability}")
def limit_without_separability(case: Case) -> Converges:
    """Ex-NonSep: W* = 0, the limit is log 2 (2/3, -1/3, -1/3)."""
    return finite_part_converges(case)


@theorem.mutant(of=infimum_is_the_entropy, without=some_partial_support, latex=r"W^{\mathrm{mm}}\ne0\text{ for full supports, too}")
def direction_with_full_supports(case: Case) -> All:
    """Then W^mm = 0 and the iterates converge."""
    return infimum_is_the_entropy(case)
