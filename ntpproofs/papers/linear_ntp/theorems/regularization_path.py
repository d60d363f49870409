"""The regularisation path of linear NTP: finite part W*, direction W^mm (2402.18551, Theorem 1)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....dynamics import RegularizationPath
from ....exact.balls import PRECISION, Enclosure, Interval, exact_arb, interval
from ....exact.rational import dot
from ....language.relations import All, AtMost, Converges, Equal, Implies, Path, Rate
from ....language.statements import Case, Theorem, cite
from ....symbolic import Formula, L, NonNegative
from ..assumptions import ntp_compatible, ntp_separable, some_partial_support
from ._bounds import lag, late_reach, reach, widened
from ._golden import ex_every_token, golden, well_posed
from ._losses import (
    as_floats,
    excess,
    finite_norm,
    gap,
    genie_constant,
    in_support_part,
    log_odds_solution,
    margins,
    norm,
    plus,
    point,
    risk,
    split,
    unconstrained_direction,
)
from ._ridge import RIDGES, ridge_solution

theorem = Theorem(
    label="linear-ntp.regularization-path",
    title="The regularisation path selects W* and the NTP-SVM direction",
    source=cite("thrampoulidis2024", "Theorem 1", "proved by finite inequalities; ridge solutions are ball solutions of their own norm"),
    text=r"Let the data be compatible and separable and $W_B=\arg\min_{\|W\|\le"
         r" B}\mathrm{CE}(W)$. Then $W_B/\|W_B\|\to W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|$"
    r" and $\mathcal P_{\mathcal F}W_B\to W^*$ as $B\to\infty$. With $R=\sqrt{B^2-\|W^*\|^2}/\|W^{\mathrm{mm}}\|$ and $C=Ve^{M\|W^*\|}$,"
    r" $\mathrm{CE}(W_B)-H\le Ce^{-R}$; the angle closes at rate $O(1/B)$ and the finite part at $\Theta(Re^{-R})$. (Separability alone gives the"
    r" same with $\arg\min_{\mathcal F}\mathrm{CE}_{\mathcal F}$ and the infimum in place of $W^*$ and $H$.)",
    uses=("foundations.regularization-path", "linear-ntp.path-uniqueness", "linear-ntp.split-identity", "linear-ntp.margin-to-direction",
          "linear-ntp.restricted-loss"),
    assumptions=(ntp_compatible, ntp_separable, some_partial_support),
    instances=well_posed,
    examples=golden,
    simulate=RegularizationPath(),
)  # fmt: skip


@theorem.step("log(1+x) <= x", by="sign of a derivative", scope="all reals", latex=r"\log(1+x)\le x")
def logarithm_from_above() -> NonNegative:
    """Step 1: the separable excess of the genie W* + R W^mm is at most its ratios, each shrunk by e^-R."""
    x = sp.Symbol("x")
    return NonNegative(x - L(1 + x), x)


@theorem.step("the genie", by="balls", scope="", latex=r"\mathrm{CE}(W^*+RW^{\mathrm{mm}})-H=G(W^*+RW^{\mathrm{mm}})\le Ce^{-R}")
def genie(case: Case) -> AtMost:
    """Step 1 at R = 0, 1, 8, 64."""
    reaches = (0, 1, 8, 64)
    lefts = [excess(case.problem, plus(case.derived.finite_part.center, case.derived.max_margin.direction, r)) for r in reaches]
    with ctx.workprec(PRECISION):
        rights = [interval(genie_constant(case.problem, finite_norm(case)) * arb(-r).exp()) for r in reaches]
    return AtMost(tuple(lefts), tuple(rights))


@theorem.step("log(1+x) >= x/2 up to 1", by="sign of a derivative", scope="0 <= x <= 1", latex=r"\log(1+x)\ge x/2")
def logarithm_from_below() -> NonNegative:
    """Step 3: a small excess has small ratios. (An excess below pi_min/2 forces x below e^{1/2}-1 < 1.)"""
    x = sp.Symbol("x")
    return NonNegative(L(1 + x) - x / 2, x, upto=1)


@theorem.step("margins of the path", by="ridge solutions enclosed", scope="",
              latex=r"\text{margin}_{jv}(\mathcal P_\perp W_B)\ge R-C'\text{ once }Ce^{-R}\le\pi_{\min}/2")  # fmt: skip
def margins_grow(case: Case) -> All:
    """Step 3: every margin of the part orthogonal to F."""
    parts = []
    for solution in (ridge_solution(case.problem, ridge) for ridge in RIDGES):
        inside, across = split(case.problem, solution.center)
        with ctx.workprec(PRECISION):
            r = late_reach(case, solution)
            least = interval(arb(0) if r is None else r - lag(case, inside))
        lowest = Interval(min(margins(case.problem, across).values()), Fraction(0))
        parts.append(Implies(r is not None, AtMost(least, widened(case, lowest, solution.radius))))
    return All(*parts)


@theorem.step("margin to direction", by="exact arithmetic", scope="",
              latex=r"\langle U,W^{\mathrm{mm}}\rangle\ge\min_{j,v}\text{margin}_{jv}(U)\,\|W^{\mathrm{mm}}\|^2\ (U\perp\mathcal F)")  # fmt: skip
def margin_to_direction(case: Case) -> AtMost:
    """Step 4, for ridge solutions and for decoders that are nowhere special."""
    points = [ridge_solution(case.problem, ridge).center for ridge in RIDGES] + [point(case.problem, k) for k in range(3)]
    best, across = case.derived.max_margin, [split(case.problem, w)[1] for w in points]
    lefts = tuple(min(margins(case.problem, u).values()) * best.squared_norm for u in across)
    return AtMost(lefts, tuple(dot(u, best.direction) for u in across))


@theorem.step("conclusion", by="rational normal form", scope="all reals",
              latex=r"R\|W^{\mathrm{mm}}\|/B\text{ squared is }1-\|W^*\|^2/B^2")  # fmt: skip
def conclusion() -> Equal:
    """Step 5: cos >= (R - C')|W^mm|/B = sqrt(1 - |W*|^2/B^2) - O(1/B)."""
    b, w, u = sp.symbols("B w u")
    return Equal(Formula((b**2 - w**2) / u**2 * u**2 / b**2), Formula(1 - w**2 / b**2))


@theorem.claim(r"\mathrm{CE}(W_B)-H\le Ce^{-R}")
def risk_meets_the_genie(case: Case, rate: int = 1) -> All:
    """Ridge solutions at 1/10, 1/1000, 1e-6, enclosed; below |W*| there is no genie to compare with."""
    parts = []
    for solution in (ridge_solution(case.problem, ridge) for ridge in RIDGES):
        left = widened(case, gap(risk(case.problem, solution.center), case.problem.entropy), solution.radius)
        with ctx.workprec(PRECISION):
            r = reach(case, solution)
            right = interval(genie_constant(case.problem, finite_norm(case)) * (arb(0) if r is None else -rate * r).exp())
        parts.append(Implies(r is not None, AtMost(left, right)))
    return All(*parts)


@theorem.claim(r"\langle W_B,W^{\mathrm{mm}}\rangle\ge(R-C')\|W^{\mathrm{mm}}\|^2\text{ once }Ce^{-R}\le\pi_{\min}/2")
def path_is_aligned(case: Case, lagging: bool = True) -> All:
    """Steps 3 to 5 as one inequality."""
    parts, best = [], case.derived.max_margin
    for solution in (ridge_solution(case.problem, ridge) for ridge in RIDGES):
        with ctx.workprec(PRECISION):
            r = late_reach(case, solution)
            behind = lag(case, split(case.problem, solution.center)[0]) if lagging else arb(0)
            left = interval((r - behind if r is not None else arb(0)) * exact_arb(best.squared_norm))
            right = interval(arb(exact_arb(dot(solution.center, best.direction)), exact_arb(solution.radius) * norm(best.direction)))
        parts.append(Implies(r is not None, AtMost(left, right)))
    return All(*parts)


@theorem.claim(r"W_B/\|W_B\|\to W^{\mathrm{mm}}/\|W^{\mathrm{mm}}\|")
def direction_converges(case: Case, target: tuple[Fraction, ...] | None = None) -> Converges:
    """Along the ridge path down to 1e-12: the error falls like 1/B."""
    u = np.array(as_floats(case.derived.max_margin.direction if target is None else target))
    return Converges(case.trajectory.direction, u / (np.linalg.norm(u) or 1.0))


@theorem.claim(r"\mathcal P_{\mathcal F}W_B\to W^*")
def finite_part_converges(case: Case) -> Converges:
    """At the rate of the ridge parameter, up to its logarithm."""
    return Converges(in_support_part(case.problem, case.trajectory.iterates), log_odds_solution(case.problem), rate=1)


@theorem.claim(r"\|\mathcal P_{\mathcal F}W_B-W^*\|=\Theta(\mu R)\text{ or faster, }\mu\text{ the ridge parameter of }W_B")
def finite_part_rate(case: Case, exponent: float = 1.0) -> Implies:
    """|P_F W - W*| / (1 + |P_perp W|) decays like mu; 0.1 leaves room for the lower-order terms of R in log mu."""
    run, target = case.trajectory, np.array(as_floats(case.derived.finite_part.center))
    scale = 1.0 + np.linalg.norm(run.diverging, axis=1)
    error = np.linalg.norm(run.tied - target, axis=1) / scale
    path = Path(run.log_times, error, np.full(len(error), 1e-11), "finite part over |P_perp W|")
    moving = case.derived.tied.dimension > 0 and bool((error[3:9] > 1e-9).all())
    return Implies(moving, Rate(path, exponent, 0.1))


@theorem.mutant(of=finite_part_converges, latex=r"\mathcal P_{\mathcal F}W_B=W^*\text{ at finite }B")
def finite_part_is_exact(case: Case) -> Equal:
    """The separable mass displaces it as long as B is finite."""
    solution = ridge_solution(case.problem, RIDGES[1])
    return Equal(Enclosure(split(case.problem, solution.center)[0], solution.radius), case.derived.finite_part)


@theorem.mutant(of=risk_meets_the_genie, latex=r"\mathrm{CE}(W_B)-H\le Ce^{-2R}")
def twice_the_rate(case: Case) -> All:
    """The margin of the path is R, not 2R."""
    return risk_meets_the_genie(case, rate=2)


@theorem.mutant(of=path_is_aligned, latex=r"\langle W_B,W^{\mathrm{mm}}\rangle\ge R\|W^{\mathrm{mm}}\|^2")
def path_is_not_behind(case: Case) -> All:
    """At finite B the finite part is longer than W*, or the rest is not parallel to W^mm."""
    return path_is_aligned(case, lagging=False)


@theorem.mutant(of=direction_converges, latex=r"\text{direction of the programme without (6a)}")
def without_equalities(case: Case) -> Converges:
    """Ex-Full: the two directions enclose 45 degrees."""
    return direction_converges(case, unconstrained_direction(case))


@theorem.mutant(of=finite_part_rate, latex=r"\|\mathcal P_{\mathcal F}W_B-W^*\|\approx\mu^2")
def quadratic_rate(case: Case) -> Implies:
    """It is first order in the ridge parameter."""
    return finite_part_rate(case, 2.0)


@theorem.mutant(of=risk_meets_the_genie, without=ntp_compatible, latex=r"\mathrm{CE}(W_B)\to H\text{ without compatibility}")
def entropy_without_compatibility(case: Case) -> All:
    """The infimum then lies strictly above the entropy."""
    return risk_meets_the_genie(case)


@theorem.mutant(of=finite_part_converges, without=ntp_separable, latex=r"\mathcal P_{\mathcal F}W_B\to W^*\text{ without separability}")
def finite_part_without_separability(case: Case) -> Converges:
    """Ex-NonSep: tied tokens off the support enter the likelihood, W* = 0 is not the limit."""
    return finite_part_converges(case)


@theorem.mutant(
    of=direction_converges,
    without=some_partial_support,
    instances=[ex_every_token],
    latex=r"\text{direction }W^{\mathrm{mm}}\text{ with full supports, too}",
)
def direction_with_full_supports(case: Case) -> Converges:
    """Then W^mm = 0 has no direction (read as zero), while the path ends at W* with its own."""
    return direction_converges(case)
