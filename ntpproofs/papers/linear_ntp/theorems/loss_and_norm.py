"""Gradient descent brings the risk to the entropy and the norm to infinity, with constants (2402.18551, Lemmas 2 and 3).

The bound on the risk is that of the foundations (telescoping against W* + log k W^mm) with its constant sum_j pi_j
rho_j(W*) <= C. The bound on the norm: CE - H >= G, because the restricted softmax also obeys Gibbs' inequality, and
G >= pi_j log(1 + rho_j) with rho_j >= ((V - s_j)/s_j) e^{-M |W|}, every logit gap being at most M |W|. Together:
the risk tends to H, so the right side of the second, and with it the norm of the iterates, tends to infinity. The
pull: by the pairwise identity only off-support mass pulls along a decoder that satisfies (6), each token with its
margin, at least one.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, exact_arb, interval
from ....language.relations import All, AtMost, Converges, Equal, Less, ValuePath
from ....language.statements import Case, Lemma, cite, clause
from ....symbolic import Formula, L, NonNegative, index, total
from ..assumptions import ntp_compatible, ntp_separable, some_partial_support
from ..problem import LinearNTP
from ._asymptotic_instances import DESCENT_THEN_FLOW
from ._bounds import feasible_directions, partial_contexts, required_norm, risk_bound
from ._calculus import cauchy_schwarz, largest_gap
from ._golden import golden, well_posed
from ._losses import (
    STEPS,
    enclosed,
    excess,
    finite_norm,
    gap,
    genie_constant,
    norm,
    outside_mass,
    plus,
    point,
    pull,
    risk,
    unconstrained_direction,
    zero,
)
from .no_compatibility import clash

# A direction that satisfies (6b) alone ranks the two tokens of the support here, and descent undoes it.
ranked = LinearNTP([[-1]], [[Fraction(1, 2), Fraction(0), Fraction(1, 2)]])

lemma = Lemma(
    label="linear-ntp.loss-and-norm",
    title="The risk tends to the entropy and the norm to infinity",
    source=cite("thrampoulidis2024", "Lemmas 2 and 3", "with finite-time constants; Lemma 3 needs that the infimum is not attained"),
    setup=r"Let the data be compatible and separable with some $s_j<V$, $0<\eta\le1/L$, $W_0$ arbitrary,"
    r" $M=\sqrt2\max_j\|h_j\|$ and $C=Ve^{M\|W^*\|}$.",
    clauses=(
        clause(
            r"For every $k\ge1$ $$\mathrm{CE}(W_k)-\mathcal H\le\frac{\|W_0-W^*-\log k\,W^{\mathrm{mm}}\|^2}{2\eta"
            r" k}+\frac Ck.$$",
            by=("foundations.risk-bound", "linear-ntp.entropy-limit", "linear-ntp.smoothness"),
            claims=("risk_is_bounded",),
        ),
        clause(
            r"For every $W$ and every $j$ with $s_j<V$"
            r" $$\|W\|\ge\frac1M\log\frac{(V-s_j)/s_j}{e^{(\mathrm{CE}(W)-\mathcal H)/\pi_j}-1}.$$",
            steps=("largest_gap", "cauchy_schwarz"),
            by=("linear-ntp.split-identity", "linear-ntp.entropy-identity"),
            claims=("norm_is_bounded_below",),
        ),
        clause(
            r"So $\|W_k\|\to\infty$ (tested by this bound, and by the slope of the norm in $\log t$ along the flow that continues the first 64"
            r" steps).",
            by=("foundations.risk-bound", "linear-ntp.entropy-limit"),
            claims=("norm_grows", "norm_has_log_slope"),
            argued="docstring",
        ),
        clause(
            r"For every $W$, every step $\eta>0$ and every $W^{\mathrm d}$ that satisfies (6), $\langle"
            r" W^+-W,W^{\mathrm d}\rangle\ge\eta\sum_j\pi_j\sum_{v\notin S_j}\mathrm{sm}_v(Wh_j)>0$.",
            steps=("pull_step",),
            by=("linear-ntp.gradient",),
            claims=("feasible_directions_gain",),
        ),
    ),
    uses=("foundations.risk-bound", "foundations.log-time-slope", "linear-ntp.entropy-limit", "linear-ntp.split-identity", "linear-ntp.gradient",
          "linear-ntp.smoothness"),
    assumptions=(ntp_compatible, ntp_separable, some_partial_support),
    instances=well_posed,
    examples=(*golden, ranked),
    simulate=DESCENT_THEN_FLOW,
)  # fmt: skip


@lemma.step("telescoping against any decoder", by="rational normal form", scope="all reals",
            latex=r"\|W-Z\|^2-\|W-\eta g-Z\|^2=2\eta\langle g,W-Z\rangle-\eta^2\|g\|^2")  # fmt: skip
def telescoping() -> Equal:
    """Coordinatewise. With convexity and the descent lemma: CE(W_k) - CE(Z) <= |W_0 - Z|^2 / (2 eta k)."""
    w, z, g, eta = sp.symbols("w z g eta")
    return Equal(Formula((w - z) ** 2 - (w - eta * g - z) ** 2), Formula(2 * eta * g * (w - z) - eta**2 * g**2))


@lemma.step("the comparison decoder", by="sign of a derivative", scope="all reals", latex=r"\log(1+x)\le x")
def comparison() -> NonNegative:
    """Z = W* + log k W^mm leaves in-support odds alone and divides every ratio by at least k: CE(Z) - H <= C/k."""
    x = sp.Symbol("x")
    return NonNegative(x - L(1 + x), x)


@lemma.step("constant of the comparison", by="balls", scope="", latex=r"G(W^*)\le\sum_j\pi_j\rho_j(W^*)\le Ve^{M\|W^*\|}")
def constant(case: Case) -> AtMost:
    """A ratio has at most V - s_j terms off the support, each at most e^{M|W*|} times a term on it."""
    with ctx.workprec(PRECISION):
        right = interval(genie_constant(case.problem, finite_norm(case)))
    return AtMost(excess(case.problem, case.derived.finite_part.center, linear=True), right)


lemma.step("logit gaps are at most M|W|", by="index calculus, normal form", scope="all sizes",
           latex=r"2(a^2+b^2)-(a-b)^2=(a+b)^2,\quad a=\langle w_u,h\rangle,\ b=\langle w_v,h\rangle")(largest_gap)  # fmt: skip
lemma.step("Cauchy and Schwarz", by="index calculus, normal form", scope="all sizes",
           latex=r"\|h\|^2\|x\|^2-\langle h,x\rangle^2=\tfrac12\sum_{c,e}(h_cx_e-h_ex_c)^2")(cauchy_schwarz)  # fmt: skip


@lemma.step("pull of a feasible direction", by="index calculus, normal form", scope="all sizes",
            latex=r"\sum_{z}p_z\sum_u s_u(m_z-m_u)=\sum_{v\notin S}s_v\delta_v\text{ when }m_z=c,\ m_v=c-\delta_v")  # fmt: skip
def pull_step() -> Equal:
    """In one context, with scores c on the support and c - delta_v off it: only mass off the support pulls."""
    p, s, delta, m = (sp.Function(name) for name in ("p", "s", "delta", "m"))
    z, u, v, c = index("z"), index("u"), index("v"), sp.Symbol("c")
    on_support = total(p(z) * s(u) * (m(z) - m(u)), (z, "S"), (u, "S"))
    off_support = total(p(z) * s(v) * (m(z) - m(v)), (z, "S"), (v, "O"))
    mass = total(p(z), (z, "S"))
    given = {m(z): c, m(u): c, m(v): c - delta(v)}
    return Equal(Formula(on_support + off_support, given=given), Formula(mass * total(s(v) * delta(v), (v, "O"))))


@lemma.claim(r"\mathrm{CE}(W_k)-\mathcal H\le\|W_0-W^*-\log k\,W^{\mathrm{mm}}\|^2/(2\eta k)+C/k,\ k\le 24")
def risk_is_bounded(case: Case, scale: Fraction = Fraction(1), factor: int = 1) -> AtMost:
    """Descent in balls from a start that is nowhere special, with the step 1/L (times `factor`)."""
    start = point(case.problem)
    run = enclosed(case.problem, factor, start)
    lefts = tuple(gap(x, case.problem.entropy) for x in run.losses[1:])
    return AtMost(lefts, tuple(risk_bound(case, k, run.step_size, start, scale) for k in range(1, STEPS + 1)))


@lemma.claim(r"\|W\|\ge\tfrac1M\log\frac{(V-s_j)/s_j}{\exp((\mathrm{CE}(W)-\mathcal H)/\pi_j)-1}")
def norm_is_bounded_below(case: Case, root_two: bool = True) -> All:
    """At decoders that are nowhere special, the last ones near W* + t W^mm, where equality is approached."""
    problem, part, u = case.problem, case.derived.finite_part.center, case.derived.max_margin.direction
    parts, off = [], point(problem)
    for w in (off, point(problem, 1), plus(plus(part, u, 3), off, Fraction(1, 10)), plus(plus(part, u, 20), off, Fraction(1, 10))):
        value = gap(risk(problem, w), problem.entropy)
        with ctx.workprec(PRECISION):
            size = interval(norm(w))
        parts += [AtMost(required_norm(case, j, value, root_two), size) for j in partial_contexts(case)]
    return All(*parts)


@lemma.claim(r"\|W_k\|\ge\ell(k)\to\infty,\text{ both bounds combined with the sharper constant }\textstyle\sum_j\pi_j\rho_j(W^*)")
def norm_grows(case: Case) -> All:
    """At k = 1, 6, 24 from W_0 = 0: the risk bound forces the norm to grow."""
    run, start, parts = enclosed(case.problem), zero(case.problem), []
    for k in (1, 6, STEPS):
        squared = run.squared_distance(k, start)
        with ctx.workprec(PRECISION):
            size = interval(arb(exact_arb(squared.center), exact_arb(squared.radius)).sqrt())
        bound = risk_bound(case, k, run.step_size, start, sharp=True)
        parts += [AtMost(required_norm(case, j, bound), size) for j in partial_contexts(case)]
    return All(*parts)


@lemma.claim(r"\langle W^+-W,W^{\mathrm d}\rangle\ge\eta\sum_j\pi_j\sum_{v\notin S_j}\mathrm{sm}_v(Wh_j)>0")
def feasible_directions_gain(case: Case, scale: int = 1) -> All:
    """Per unit of step, at three decoders; the difference is a sum over tokens off the supports and vanishes where all margins are 1."""
    problem = case.problem
    parts: list[Less | AtMost] = []
    for w in (point(problem), tuple(9 * x for x in point(problem, 1)), plus(case.derived.finite_part.center, case.derived.max_margin.direction, 30)):
        parts.append(Less(Fraction(0), outside_mass(problem, w)))
        parts += [AtMost(Fraction(0), pull(problem, w, direction, scale)) for direction in feasible_directions(case)]
    return All(*parts)


@lemma.claim(r"\tfrac{d}{d\log t}\|W\|\to\|W^{\mathrm{mm}}\|")
def norm_has_log_slope(case: Case, power: float = 1.0, scale: float = 1.0) -> Converges:
    """The growth of the norm per unit of log time."""
    run, squared = case.trajectory, float(case.derived.max_margin.squared_norm)
    path = ValuePath(run.slope.log_times, np.linalg.norm(run.slope.values, axis=1), run.slope.errors, "norm of the slope")
    return Converges(path, (scale * squared ** (power / 2),))


@lemma.mutant(of=risk_is_bounded, latex=r"\text{a twentieth of the bound}")
def twentieth_of_the_bound(case: Case) -> AtMost:
    """C is generous, yet not by a factor of twenty on every instance."""
    return risk_is_bounded(case, Fraction(1, 20))


@lemma.mutant(of=norm_is_bounded_below, latex=r"M=\max_j\|h_j\|")
def without_root_two(case: Case) -> All:
    """A logit gap reaches sqrt(2) |h| |W|."""
    return norm_is_bounded_below(case, root_two=False)


@lemma.mutant(of=feasible_directions_gain, latex=r"\text{twice the mass}")
def twice_the_mass(case: Case) -> All:
    """With all margins equal to 1 the gain along W^mm is the mass itself."""
    return feasible_directions_gain(case, scale=2)


@lemma.mutant(of=feasible_directions_gain, latex=r"W^{\mathrm d}\text{ need satisfy (6b) only}")
def without_equalities(case: Case) -> AtMost:
    """A direction that ranks the support may lose: the in-support gradient pulls it back."""
    problem, other = case.problem, unconstrained_direction(case)
    run = enclosed(problem, 1, point(problem))
    gains = [gap(run.component(k + 1, other), run.component(k, other)) for k in range(STEPS)]
    return AtMost(tuple([Fraction(0)] * STEPS), tuple(gains))


@lemma.mutant(of=norm_has_log_slope, latex=r"\|W_k\|\approx\log k/\|W^{\mathrm{mm}}\|")
def inverted_slope(case: Case) -> Converges:
    """The margin in place of the norm."""
    return norm_has_log_slope(case, power=-1.0)


@lemma.mutant(of=norm_has_log_slope, latex=r"\|W_k\|\approx\tfrac12\|W^{\mathrm{mm}}\|\log k")
def halved_slope(case: Case) -> Converges:
    """Half the growth."""
    return norm_has_log_slope(case, scale=0.5)


@lemma.mutant(of=norm_grows, without=ntp_separable, latex=r"\|W_k\|\to\infty\text{ without separability}")
def norm_without_separability(case: Case) -> All:
    """Ex-NonSep: the infimum is attained and the iterates stay within 0.566."""
    return norm_grows(case)


@lemma.mutant(of=risk_is_bounded, without=ntp_compatible, instances=[clash], latex=r"\mathrm{CE}(W_k)\to \mathcal H\text{ without compatibility}")
def entropy_without_compatibility(case: Case) -> AtMost:
    """One embedding with two laws: the risk stays 0.368 above the entropy; the bound falls below that within 24 steps."""
    run, start = enclosed(case.problem), zero(case.problem)
    lefts = tuple(gap(x, case.problem.entropy) for x in run.losses[1:])
    return AtMost(lefts, tuple(risk_bound(case, k, run.step_size, start) for k in range(1, STEPS + 1)))


@lemma.mutant(of=feasible_directions_gain, without=some_partial_support, latex=r"\text{full supports included}")
def gain_with_full_supports(case: Case) -> All:
    """Nothing is off the supports, so nothing pulls and the risk attains the entropy."""
    return feasible_directions_gain(case)
