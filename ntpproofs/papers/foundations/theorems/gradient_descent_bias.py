r"""Where gradient descent goes on any conditional logit: the central theorem.

S3 is the limit of the tied part; it keeps P_T w_k bounded. S4. A separable pair whose mass is kappa e^{-m} has a
log(1 + kappa e^{-m}) <= L(w) - L* = epsilon, so m >= log kappa - log(e^{epsilon/a} - 1): as the risk tends to 0 every
separable margin, and with it r_k = |P_M w_k|, tends to infinity (kappa = n_v e^{-<P_T w, d>} / Z_in is bounded below
while P_T w is bounded).

S5. Let |P_T w| <= b, kappa the least and C = sum_i a_i rho_i the largest value (at margin 0) over this ball. The
smallest margin of P_M w is at most x = r/|u|, so the excess of w is at least a_min log(1 + kappa e^{-x}) >= a_min
kappa e^{-x} / 2 where kappa e^{-x} <= 1. The margins of (1 + eps) r u/|u| are at least (1 + eps) x, and its excess is
at most C e^{-(1+eps)x}, no more than the former once eps x >= log(2C / (a_min kappa)). The tied losses agree, so
L(P_T w + (1 + eps) r u/|u|) <= L(w) for r beyond that r_0.

S6. By convexity <grad L(w), (1 + eps) r u/|u| - P_M w> <= 0. S7. With Delta = w_{k+1} - w_k = -eta grad L(w_k) and r
>= 1/2, polarisation gives <Delta, u/|u|> >= <Delta, P_M w_k> / ((1 + eps) r_k) = (r_{k+1}^2 - r_k^2 - |P_M Delta|^2)
/ (2 (1 + eps) r_k) >= (r_{k+1} - r_k) / (1 + eps) - |Delta|^2. From the first k_0 with all later r_k >= max(r_0, 1/2)
these add up to <w_k - w_{k_0}, u/|u|> >= (r_k - r_{k_0}) / (1 + eps) - sum |Delta|^2, and the sum is at most 2 eta
(L(w_0) - L*).

Limit. |w_k| <= |P_T w_k| + r_k + |P_N w_0| with $r_k\to\infty$ and the others bounded: dividing by |w_k|, liminf
<w_k/|w_k|, u/|u|> >= 1 / (1 + eps) for every eps > 0, so w_k/|w_k| -> u/|u|.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....dynamics import GradientFlow
from ....dynamics.enclosed import BITS, EnclosedDescent
from ....exact.balls import exact_arb, interval, round_up, upper
from ....language.relations import All, AtMost, Bounded, Converges, Equal
from ....language.statements import Case, Theorem, clause, derived
from ....logit.assumptions import something_separable
from ....symbolic import E, Formula, L, NonNegative
from ._instances import golden, incompatible, logits
from ._margins import separable_excess
from ._symbols import inner
from .direction import late, unit

theorem = Theorem(
    label="foundations.gradient-descent-bias",
    title="Finite part and max-margin direction of gradient descent",
    source=derived("the five limits together; for logistic regression they are those of Ji and Telgarsky 2019"),
    setup=r"Let $0<\eta\le1/\beta$, $u\ne0$ and $w_0$ arbitrary, $r=\|P_Mw\|$, $\varepsilon>0$. (For $u=0$ see the"
    r" overlap limit.)",
    clauses=(
        clause(
            r"If $L(w)-L^*\le\delta$, every separable margin of $w$ is at least $\log\kappa-\log(e^{\delta/a_i}-1)$,"
            r" $\kappa=n_{iv}e^{-\langle P_Tw,d_{iv}\rangle}/Z_i^{\mathrm{in}}$.",
            steps=("margin_step",),
            by=("foundations.split-identity",),
        ),
        clause(
            r"For $\|P_Tw\|\le b$ there is $r_0$ with $L(P_Tw+(1+\varepsilon)\,r\,u/\|u\|)\le L(w)$ whenever $r\ge r_0$.",
            steps=("lower_step", "upper_step", "threshold_step"),
            by=("foundations.split-identity", "foundations.max-margin"),
            claims=("comparison_holds",),
        ),
        clause(
            r"Where $r_k\ge\max(r_0,\tfrac12)$: $\langle"
            r" w_{k+1}-w_k,u/\|u\|\rangle\ge(r_{k+1}-r_k)/(1+\varepsilon)-\|w_{k+1}-w_k\|^2$.",
            steps=("convexity_step", "polarisation_step", "radius_step", "lower_step", "upper_step", "threshold_step"),
            by=("foundations.split-identity", "foundations.max-margin", "foundations.convexity-and-smoothness"),
            claims=("one_step_gains",),
        ),
        clause(
            r"From a $k_0$ on after which this lasts: $\langle"
            r" w_k-w_{k_0},u/\|u\|\rangle\ge(r_k-r_{k_0})/(1+\varepsilon)-2\eta(L(w_0)-L^*)$.",
            steps=("convexity_step", "polarisation_step", "radius_step", "lower_step", "upper_step", "threshold_step"),
            by=("foundations.risk-bound", "foundations.max-margin"),
        ),
        clause(r"$P_Nw_k=P_Nw_0$.", by=("foundations.invariant-part",)),
        clause(r"$P_Tw_k\to w^*$.", by=("foundations.finite-part-limit",), argued="S3 of the docstring", claims=("both_limits",)),
        clause(
            r"$\|w_k\|\to\infty$ and $w_k/\|w_k\|\to u/\|u\|$.",
            by=("foundations.finite-part-limit", "foundations.risk-bound"),
            argued="S4 to S7 and the last paragraph of the docstring",
            claims=("both_limits",),
        ),
    ),
    uses=(
        "foundations.risk-bound", "foundations.finite-part-limit", "foundations.overlap-limit",
        "foundations.invariant-part", "foundations.split-identity",
    ),
    assumptions=(something_separable,),
    instances=logits(),
    examples=golden,
    simulate=GradientFlow(log_time=1e4, after_descent=64),
)  # fmt: skip

EPSILON = Fraction(1)


@theorem.step("S4 small risk forces large margins", by="rational normal form", scope="all reals",
              latex=r"a\log(1+\kappa e^{-m})=\varepsilon\Rightarrow m=\log\kappa-\log(e^{\varepsilon/a}-1)")  # fmt: skip
def margin_step() -> Equal:
    """So every separable margin tends to infinity with the risk."""
    a, kappa, epsilon = sp.symbols("a kappa epsilon")
    margin = L(kappa) - L(E(epsilon / a) - 1)
    return Equal(Formula(1 + kappa * E(-margin)), Formula(E(epsilon / a)))


@theorem.step("S5 the threshold", by="index calculus, normal form", scope="all reals",
              latex=r"Ce^{-x-\log(2C/(a\kappa))}=\tfrac12a\kappa e^{-x}")  # fmt: skip
def threshold_step() -> Equal:
    """The excess along u at eps x = log(2C / (a kappa)); further out it is smaller still."""
    x, a, kappa, outside = sp.symbols("x a kappa C")
    return Equal(Formula(outside * E(-x - L(2 * outside / (a * kappa)))), Formula(a * kappa / 2 * E(-x)))


def critical_radius(case: Case) -> arb:
    """max(|u| log(2C / (a_min kappa)), |u| |log kappa|) + 1, from which the comparison is claimed for eps = 1 and tied part 0."""
    excess = separable_excess(case, (Fraction(0),) * case.problem.dimension)
    norm_of_u = exact_arb(case.derived.max_margin.squared_norm).sqrt()
    smallest = min((x for x in excess.log_kappa), key=lambda x: float(x.mid()))
    weight = exact_arb(min(excess.weights))
    return norm_of_u * ((2 * excess.outside() / weight).log().max(arb(0)) + abs(smallest)) + 1


def compare(case: Case, epsilon: Fraction) -> AtMost:
    """The two excesses at the critical radius."""
    u = case.derived.max_margin.direction
    lefts, rights = [], []
    with ctx.workprec(BITS):
        excess = separable_excess(case, (Fraction(0),) * case.problem.dimension)
        norm_of_u = exact_arb(case.derived.max_margin.squared_norm).sqrt()
        radius = critical_radius(case)
        for direction in directions(case):
            size = exact_arb(sum((x * x for x in direction), Fraction(0))).sqrt()
            along_u = [(1 + exact_arb(epsilon)) * radius * exact_arb(m) / norm_of_u for m in excess.margins(u)]
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


@theorem.step("S6 convexity", by="index calculus, normal form", scope="all sizes",
              latex=r"\tfrac{\langle\Delta,(1+\varepsilon)r\bar u-x\rangle}{(1+\varepsilon)r}"
                    r"=\langle\Delta,\bar u\rangle-\tfrac{\langle\Delta,x\rangle}{(1+\varepsilon)r}")  # fmt: skip
def convexity_step() -> Equal:
    """The left side is not negative for Delta = -eta grad L: convexity, and L is no larger at the point compared with."""
    step, u, x, (r, e) = sp.Function("Delta_"), sp.Function("u"), sp.Function("x"), sp.symbols("r epsilon", positive=True)
    left = inner(step, lambda c: (1 + e) * r * u(c) - x(c)) / ((1 + e) * r)
    return Equal(Formula(left), Formula(inner(step, u) - inner(step, x) / ((1 + e) * r)))


@theorem.step("S7 polarisation", by="index calculus, normal form", scope="all sizes",
              latex=r"\langle\Delta,x\rangle=\tfrac12(\|x+\Delta\|^2-\|x\|^2-\|\Delta\|^2)")  # fmt: skip
def polarisation_step() -> Equal:
    """For the diverging part x and its step."""
    x, step = sp.Function("x"), sp.Function("Delta_")

    def moved(c: sp.Expr) -> sp.Expr:
        return x(c) + step(c)

    return Equal(Formula(inner(x, step)), Formula((inner(moved, moved) - inner(x, x) - inner(step, step)) / 2))


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


@theorem.step("S5 logarithm from above", by="sign of a derivative", scope="all reals", latex=r"\log(1+x)\le x")
def upper_step() -> NonNegative:
    """Bounds the excess along u."""
    x = sp.Symbol("x")
    return NonNegative(x - L(1 + x), x)


@theorem.claim(r"w/\|w\|\to u/\|u\|,\ P_Tw\to w^*\text{ along the flow that continues 64 steps of descent}")
def both_limits(case: Case) -> All:
    """The direction in log time, the finite part where it was integrated without reference; the hand-off law joins flow and descent."""
    direction = Converges(late(case.trajectory.direction), unit(case.derived.max_margin.direction))
    return All(direction, Converges(case.trajectory.finite_part, case.derived.finite_part, rate=1))


@theorem.claim(r"r=r_0:\ L((1+\varepsilon)\,r\,u/\|u\|)\le L(w)\text{ for }w\in M,\ \|w\|=r")
def comparison_holds(case: Case, epsilon: Fraction = EPSILON) -> AtMost:
    """S5 in balls, along u, tilted versions of it and a basis of M, at the radius that the proof gives for eps = 1."""
    return compare(case, epsilon)


@theorem.claim(r"\langle\Delta,u/\|u\|\rangle\ge(\|P_M(w+\Delta)\|-r)/(1+\varepsilon)-\|\Delta\|^2\text{ at }r\ge r_0")
def one_step_gains(case: Case, epsilon: Fraction = EPSILON) -> AtMost:
    """S6 and S7: one step of descent in balls, from points of M beyond the radius."""
    u, lefts, rights = case.derived.max_margin.direction, [], []
    with ctx.workprec(BITS):
        radius = round_up(upper(critical_radius(case))) + 1
        for direction in directions(case)[:5]:
            start = tuple(2 * x * radius / round_up(upper(length(map(exact_arb, direction)))) for x in direction)
            run = EnclosedDescent(1, initial=start)(case.problem)
            step = [run.iterates[1][i, 0] - exact_arb(x) for i, x in enumerate(start)]
            along = sum((x * exact_arb(y) for x, y in zip(step, u)), arb(0)) / length(map(exact_arb, u))
            centers, known = tuple(interval(x).center for x in step), sum((exact_arb(interval(x).radius) for x in step), arb(0))
            # Projections do not lengthen, so the projected step is known as well as the step.
            moved = [exact_arb(x + y) for x, y in zip(case.derived.diverging.project(centers), start)]
            gained = length(moved) + arb(0, known.upper()) - length(map(exact_arb, start))
            lefts.append(interval(gained / exact_arb(1 + epsilon) - sum((x * x for x in step), arb(0))))
            rights.append(interval(along))
    return AtMost(tuple(lefts), tuple(rights))


def length(vector: Iterable[arb]) -> arb:
    """The Euclidean norm of a vector of balls, as a ball."""
    return sum((x * x for x in vector), arb(0)).sqrt()


@theorem.mutant(of=comparison_holds, latex=r"\varepsilon=-\tfrac12:\ \text{a shorter max-margin vector beats every } w")
def shorter_vector_wins(case: Case) -> AtMost:
    """At equal radius u is best only up to constants; at half the radius it loses against itself."""
    return comparison_holds(case, Fraction(-1, 2))


@theorem.mutant(of=one_step_gains, latex=r"\langle\Delta,u/\|u\|\rangle\ge2\,(\|P_M(w+\Delta)\|-r)")
def gains_twice_the_radius(case: Case) -> AtMost:
    """From a multiple of u the radius grows by exactly <Delta, u/|u|>, not by half of it."""
    return one_step_gains(case, Fraction(-1, 2))


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
