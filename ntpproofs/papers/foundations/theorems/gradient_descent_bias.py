"""Where gradient descent goes on any conditional logit: the central theorem with its proof skeleton (foundations, G1 to G5)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....dynamics import GradientFlow
from ....dynamics.enclosed import BITS
from ....exact.balls import exact_arb, interval
from ....language.relations import All, AtMost, Bounded, Converges, Equal
from ....language.statements import Case, Theorem, derived
from ....logit.assumptions import something_separable
from ....logit.enclosures import loss_ball
from ....symbolic import Formula, L, NonNegative
from ._instances import golden, incompatible, logits
from ._margins import separable_excess
from .direction import late, unit
from .risk_bound import STEPS, enclosed

theorem = Theorem(
    label="foundations.gradient-descent-bias",
    title="Finite part and max-margin direction of gradient descent",
    source=derived("G1 to G5 with S1 to S8; logistic regression: Ji and Telgarsky 2019"),
    text=r"Let $0<\eta\le1/\beta$, $u\ne0$ and $w_0$ arbitrary. Then $P_Tw_k\to w^*$, $\|w_k\|\to\infty$, $w_k/\|w_k\|\to u/\|u\|$,"
    r" and $P_Nw_k=P_Nw_0$."
    r" (For $u=0$ see the overlap limit.)",
    uses=(
        "foundations.risk-bound", "foundations.finite-part-limit", "foundations.direction", "foundations.overlap-limit",
        "foundations.invariant-part", "foundations.split-identity",
    ),
    assumptions=(something_separable,),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4),
)  # fmt: skip

EPSILON = Fraction(1)


@theorem.step("S3 tied gap", by="balls, gradient descent enclosed", scope="", latex=r"\bar L(P_Tw_k)-L^*\le L(w_k)-L^*")
def tied_gap_step(case: Case) -> AtMost:
    """The split identity bounds the tied gap by the risk, whose bound tends to 0; strict convexity does the rest."""
    run, sets = enclosed(case), case.derived.separation.tied_sets
    lefts, rights = [], []
    for k in (1, STEPS // 2, STEPS):
        w = tuple(run.component(k, unit_vector(case, i)).center for i in range(case.problem.dimension))
        lefts.append(loss_ball(case.problem, w, sets))
        rights.append(loss_ball(case.problem, w))
    return AtMost(tuple(lefts), tuple(rights))


def unit_vector(case: Case, i: int) -> tuple[Fraction, ...]:
    """The i-th coordinate vector."""
    return tuple(Fraction(int(i == k)) for k in range(case.problem.dimension))


@theorem.step("S4 small risk forces large margins", by="rational normal form", scope="all reals",
              latex=r"a\log(1+\kappa e^{-m})=\varepsilon\Rightarrow m=\log\kappa-\log(e^{\varepsilon/a}-1)")  # fmt: skip
def margin_step() -> Equal:
    """So every separable margin tends to infinity with the risk."""
    from ....symbolic import E

    a, kappa, epsilon = sp.symbols("a kappa epsilon")
    margin = L(kappa) - L(E(epsilon / a) - 1)
    return Equal(Formula(1 + kappa * E(-margin)), Formula(E(epsilon / a)))


@theorem.step("S5 margin comparison", by="balls, at the radius the proof gives", scope="",
              latex=r"r\ge\tfrac{\|u\|}\varepsilon\log\tfrac{2C}{a_{\min}\kappa}\Rightarrow L(P_Tw+(1+\varepsilon)r\,u/\|u\|)\le L(w)")  # fmt: skip
def comparison_step(case: Case) -> AtMost:
    """For P_M w along rational directions of M, at the radius from which the comparison is claimed."""
    return compare(case, EPSILON)


def compare(case: Case, epsilon: Fraction) -> AtMost:
    """The two excesses at the critical radius; with epsilon = 0 the radius of epsilon = 1 is used."""
    u = case.derived.max_margin.direction
    lefts, rights = [], []
    with ctx.workprec(BITS):
        excess = separable_excess(case, (Fraction(0),) * case.problem.dimension)
        length = exact_arb(case.derived.max_margin.squared_norm).sqrt()
        smallest = min((x for x in excess.log_kappa), key=lambda x: float(x.mid()))
        weight = exact_arb(min(excess.weights))
        radius = length * (2 * excess.outside() / weight).log().max(arb(0)) + length * abs(smallest) + 1
        for direction in directions(case):
            size = exact_arb(sum((x * x for x in direction), Fraction(0))).sqrt()
            along_u = [(1 + exact_arb(epsilon)) * radius * exact_arb(m) / length for m in excess.margins(u)]
            along_w = [radius * exact_arb(m) / size for m in excess.margins(direction)]
            lefts.append(interval(excess.at(along_u)))
            rights.append(interval(excess.at(along_w)))
    return AtMost(tuple(lefts), tuple(rights))


def directions(case: Case) -> list[tuple[Fraction, ...]]:
    """u itself, tilted versions of it, and the basis of M with both signs."""
    u, basis = case.derived.max_margin.direction, case.derived.diverging.basis
    tilted = [tuple(8 * x + s * y for x, y in zip(u, b)) for b in basis for s in (1, -1)]
    signed = [tuple(s * y for y in b) for b in basis for s in (1, -1)]
    return [w for w in [u, *tilted[:6], *signed[:6]] if any(w)]


@theorem.step("S6 convexity", by="rational normal form", scope="all reals",
              latex=r"L(w')\ge L(w)+g(w'-w),\ L(w')\le L(w)\Rightarrow-g\,(w'-w)\ge0")  # fmt: skip
def convexity_step() -> Equal:
    """With w' - w = (1 + eps) r u/|u| - P_M w this is <-grad L, u/|u|> >= <-grad L, P_M w> / ((1 + eps) r)."""
    g, r, e, direction, part = sp.symbols("g r epsilon s p")
    return Equal(Formula(-g * ((1 + e) * r * direction - part) / ((1 + e) * r)), Formula(-g * direction + g * part / ((1 + e) * r)))


@theorem.step("S7 polarisation", by="rational normal form", scope="all reals", latex=r"x\Delta=\tfrac12((x+\Delta)^2-x^2-\Delta^2)")
def polarisation_step() -> Equal:
    """Coordinatewise, for the step Delta of the diverging part."""
    x, d = sp.symbols("x Delta")
    return Equal(Formula(x * d), Formula(((x + d) ** 2 - x**2 - d**2) / 2))


@theorem.step("S7 radii", by="rational normal form", scope="all reals",
              latex=r"\tfrac{r'^2-r^2}{2r}-(r'-r)=\tfrac{(r'-r)^2}{2r}\ge0")  # fmt: skip
def radius_step() -> Equal:
    """Summing up gives <w_k, u/|u|> >= r_k / (1 + eps) - const."""
    r, s = sp.symbols("r r1")
    return Equal(Formula((s**2 - r**2) / (2 * r) - (s - r)), Formula((s - r) ** 2 / (2 * r)))


@theorem.step("S5 logarithm from below", by="sign of a derivative", scope="all reals", latex=r"\log(1+x)\ge x/2\quad(0\le x\le1)")
def lower_step() -> NonNegative:
    """Turns the smallest margin of w into a lower bound of its excess."""
    x = sp.Symbol("x")
    return NonNegative(L(1 + x) - x / 2, x, upto=1)


@theorem.claim(r"w_k/\|w_k\|\to u/\|u\|,\ P_Tw_k\to w^*")
def both_limits(case: Case) -> All:
    """The direction in log time, the finite part where it was integrated without reference."""
    direction = Converges(late(case.trajectory.direction), unit(case.derived.max_margin.direction))
    return All(direction, Converges(case.trajectory.finite_part, case.derived.finite_part, rate=1))


@theorem.claim(r"\text{a positive comparison parameter is needed}")
def comparison_holds(case: Case, epsilon: Fraction = EPSILON) -> AtMost:
    """S5 once more, as a claim about the instance."""
    return compare(case, epsilon)


@theorem.mutant(of=comparison_holds, latex=r"\varepsilon=-\tfrac12:\ \text{a shorter max-margin vector beats every } w")
def shorter_vector_wins(case: Case) -> AtMost:
    """At equal radius u is best only up to constants; at half the radius it loses against itself."""
    return comparison_holds(case, Fraction(-1, 2))


@theorem.mutant(of=both_limits, latex=r"\text{finite part and direction swapped}")
def limits_swapped(case: Case) -> All:
    """P_T w tends to w*, not to the projection of u (which is zero)."""
    zero = np.zeros(case.problem.dimension)
    return All(Converges(case.trajectory.finite_part, zero, rate=1), Bounded(case.trajectory.diverging_part))


@theorem.mutant(of=both_limits, latex=r"\|w_k\|\text{ stays bounded}")
def iterates_stay_bounded(case: Case) -> Bounded:
    """They grow like |u| log k."""
    return Bounded(late(case.trajectory.iterates))


@theorem.mutant(of=both_limits, without=something_separable, instances=[incompatible], latex=r"\text{a direction of divergence on every dataset}")
def direction_without_separation(case: Case) -> All:
    """Where nothing is separable the iterates converge."""
    return both_limits(case)
