"""Far out, a slightly longer step along the NTP-SVM direction is at least as good (2402.18551, Lemma 5, corrected).

The restricted parts of the two decoders agree, so their excesses G are compared. Write R' = |P_perp W| / |W^mm| and
m = M |P_F W|. From above: every ratio at P_F W + (1 + alpha) R' W^mm has terms at most e^{m - (1 + alpha) R'} times
one on the support, and log(1 + x) <= x: G <= V e^{m - (1 + alpha) R'}. From below: P_perp W / R' has the norm of
W^mm, so one of its margins is at most 1 (linear-ntp.margin-to-direction and Cauchy-Schwarz): for that context rho_j
>= x_0 = e^{-R' - m} / V <= 1, and G >= pi_min log(1 + x_0) >= pi_min x_0 / 2. The second bound exceeds the first
exactly when alpha R' >= log(2 V^2 / pi_min) + 2 m.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval, lower, upper
from ....exact.rational import dot
from ....language.relations import All, AtMost, Equal, Implies, Less, NotExercised
from ....language.statements import Case, Lemma, cite, clause
from ....logit.asymptotics import asymptotics
from ....logit.decomposition import decompose
from ....symbolic import Formula, L, NonNegative
from ..assumptions import ntp_separable, some_partial_support
from ..problem import LinearNTP
from ._bounds import feasible_directions
from ._calculus import cauchy_schwarz, largest_gap
from ._golden import ex_not_pseudo_inverse, fractions, golden, separable
from ._losses import Vector, excess, gap_constant, hull, margins, norm, plus, point, split, zero

lemma = Lemma(
    label="linear-ntp.margin-comparison",
    title="Margin comparison",
    source=cite("thrampoulidis2024", "Lemma 5", "restated for every decoder, without cases; the printed expansions (15), (16) are an erratum"),
    setup=r"Let the data be separable with some $|S_j|<V$, $\alpha>0$, $\mathcal P_\perp W\ne0$ and"
    r" $M=\sqrt2\max_j\|h_j\|$.",
    clauses=(
        clause(
            r"If $\|\mathcal P_\perp W\|\ge\frac{\|W^{\mathrm{mm}}\|}\alpha\log\frac{2V^2e^{2M\|\mathcal"
            r" P_{\mathcal F}W\|}}{\pi_{\min}}$, then $\mathrm{CE}\bigl(\mathcal P_{\mathcal"
            r" F}W+(1+\alpha)\|\mathcal P_\perp W\|\,\overline{W^{\mathrm{mm}}}\bigr)\le\mathrm{CE}(W)$.",
            steps=("logarithm_from_above", "largest_gap", "cauchy_schwarz", "logarithm_from_below", "exponents"),
            by=("linear-ntp.margin-to-direction", "linear-ntp.split-identity"),
            claims=("longer_step_is_better", "longer_step_is_better_on_the_way"),
        ),
        clause(
            r"For $\alpha=0$ it fails far beyond the threshold for $\alpha=1$: there are data and $\rho$ such that $W=W^*+200\,W^{\mathrm{mm}}+\rho$"
            r" has a smaller loss than the same length along $W^{\mathrm{mm}}$.",
            witness=("length_must_grow",),
        ),
        clause(
            r"Without the threshold it fails for $\alpha=\tfrac1{1000}$.",
            witness=("threshold_is_needed",),
        ),
    ),
    uses=("linear-ntp.split-identity", "linear-ntp.ntp-svm", "linear-ntp.margin-to-direction"),
    assumptions=(ntp_separable, some_partial_support),  # with full supports only, W^mm = 0 has no unit vector
    instances=separable,
    examples=golden,
)

ALPHAS = (Fraction(1), Fraction(1, 10))


def threshold(case: Case, inside: Vector, alpha: Fraction) -> arb:
    """The least |P_perp W| of the lemma, over |W^mm|, at the current precision."""
    problem = case.problem
    return ((2 * problem.vocabulary_size**2 / exact_arb(min(problem.weights))).log() + 2 * gap_constant(problem) * norm(inside)) / exact_arb(alpha)


def compared(case: Case, inside: Vector, across: Vector, alpha: Fraction, direction: Vector | None = None) -> Interval:
    """G at P_F W + (1+alpha)|P_perp W| times the unit vector of W^mm, enclosed.

    The multiple R of W^mm is irrational; G decreases in R because every margin of W^mm is at least 1, so its ends suffice.
    """
    u = case.derived.max_margin.direction if direction is None else direction
    with ctx.workprec(PRECISION):
        r = exact_arb(1 + alpha) * norm(across) / norm(u)
        low, high = lower(r), upper(r)
    best, worst = excess(case.problem, plus(inside, u, high)), excess(case.problem, plus(inside, u, low))
    with ctx.workprec(PRECISION):
        return hull(exact_arb(best.lower), exact_arb(worst.upper))


def far_decoders(case: Case, alpha: Fraction) -> list[tuple[Vector, Vector]]:
    """(P_F W, P_perp W) beyond the threshold: nowhere special, near W^mm, and from the finite part along W^mm."""
    problem, u, pairs = case.problem, case.derived.max_margin.direction, []
    rest = [split(problem, w) for w in (point(problem), plus(u, point(problem, 1), Fraction(1, 50)))]
    for inside, across, start in [(x, y, zero(problem)) for x, y in rest] + [(x, u, y) for x, y in [split(problem, case.derived.finite_part.center)]]:
        with ctx.workprec(PRECISION):
            needed = (threshold(case, inside, alpha) * norm(u) + norm(start)) / norm(across)
            scale = Fraction(int(upper(needed)) + 1)
        pairs.append((inside, plus(start, across, scale)))
    return pairs


@lemma.step(
    "the genie from above",
    by="balls",
    scope="",
    latex=r"G(\mathcal P_{\mathcal F}W+RW^{\mathrm{mm}})\le"
    r" Ve^{M\|\mathcal P_{\mathcal F}W\|}e^{-R}",
)
def from_above(case: Case) -> AtMost:
    """Step 1 at R = 1, 8, 64, with log(1+x) <= x."""
    problem, inside = case.problem, split(case.problem, point(case.problem))[0]
    with ctx.workprec(PRECISION):
        rights = [interval(problem.vocabulary_size * (gap_constant(problem) * norm(inside) - r).exp()) for r in (1, 8, 64)]
    return AtMost(tuple(excess(problem, plus(inside, case.derived.max_margin.direction, r)) for r in (1, 8, 64)), tuple(rights))


@lemma.step(
    "some margin is small",
    by="exact arithmetic",
    scope="",
    latex=r"U\perp\mathcal F,"
    r"\ \|U\|=\|W^{\mathrm{mm}}\|\Rightarrow\min\text{margin}(U)\le1",
)
def some_margin_is_small(case: Case) -> AtMost:
    """Step 2, squared and scaled: where the least margin m of U is positive, m^2 |W^mm|^2 <= |U|^2."""
    u = case.derived.max_margin
    across = [u.direction, *(split(case.problem, plus(point(case.problem, k), u.direction, 9))[1] for k in range(3))]
    least = [max(min(margins(case.problem, x).values()), Fraction(0)) for x in across]
    return AtMost(tuple(m * m * u.squared_norm for m in least), tuple(dot(x, x) for x in across))


@lemma.step("log(1+x) <= x", by="sign of a derivative", scope="all reals", latex=r"\log(1+x)\le x")
def logarithm_from_above() -> NonNegative:
    """Step 1: the excess of the longer step is at most its ratios."""
    x = sp.Symbol("x")
    return NonNegative(x - L(1 + x), x)


lemma.step("logit gaps are at most M|W|", by="index calculus, normal form", scope="all sizes",
           latex=r"2(a^2+b^2)-(a-b)^2=(a+b)^2,\quad a=\langle w_u,h\rangle,\ b=\langle w_v,h\rangle")(largest_gap)  # fmt: skip
lemma.step("Cauchy and Schwarz", by="index calculus, normal form", scope="all sizes",
           latex=r"\|h\|^2\|x\|^2-\langle h,x\rangle^2=\tfrac12\sum_{c,e}(h_cx_e-h_ex_c)^2")(cauchy_schwarz)  # fmt: skip


@lemma.step("log(1+x) >= x/2 up to 1", by="sign of a derivative", scope="0 <= x <= 1", latex=r"\log(1+x)\ge x/2")
def logarithm_from_below() -> NonNegative:
    """Step 3: with that margin, G(W) >= pi_j log(1+x) for some x >= x_0 = e^{-R' - M|P_F W|}/V <= 1."""
    x = sp.Symbol("x")
    return NonNegative(L(1 + x) - x / 2, x, upto=1)


@lemma.step("comparison of exponents", by="rational normal form", scope="all reals",
            latex=r"\text{lower}-\text{upper}=\alpha R'-\log\tfrac{2V^2}{\pi}-2m")  # fmt: skip
def exponents() -> Equal:
    """Step 4 in logarithms, m = M|P_F W|: non-negative exactly from the threshold on."""
    r, m, alpha = sp.symbols("R m alpha")
    v, weight = sp.symbols("V pi")
    below = L(weight) - L(2 * v) - r - m
    above = L(v) + m - (1 + alpha) * r
    return Equal(Formula(below - above), Formula(alpha * r - L(2 * v**2 / weight) - 2 * m))


@lemma.claim(
    r"\mathrm{CE}(\mathcal P_{\mathcal F}W+(1+\alpha)\|\mathcal P_\perp"
    r" W\|\overline{W^{\mathrm{mm}}})\le\mathrm{CE}(W)\ (\alpha=1,\tfrac1{10})"
)
def longer_step_is_better(case: Case, direction: Vector | None = None) -> All:
    """The restricted parts agree, so the separable excesses are compared; both enclosed with relative accuracy."""
    parts = []
    for alpha in ALPHAS:
        for inside, across in far_decoders(case, alpha):
            parts.append(AtMost(compared(case, inside, across, alpha, direction), excess(case.problem, plus(inside, across))))
    return All(*parts)


def adapted_decoder(case: Case, reach: int) -> tuple[Vector, Vector]:
    """(W*, R W^mm + x*) with x* the limit of the residual along descent (linear-ntp.asymptotic-residual), doubles read as rationals."""
    offsets = tuple(map(Fraction, asymptotics(case.derived).residual.value.tolist()))
    inside = split(case.problem, case.derived.finite_part.center)[0]
    return inside, plus(split(case.problem, offsets)[1], case.derived.max_margin.direction, reach)


@lemma.claim(r"\text{the same where descent passes: }W^*+RW^{\mathrm{mm}}+\rho,\ R=20,200\text{, beyond the threshold}")
def longer_step_is_better_on_the_way(case: Case, alpha: Fraction = Fraction(1), always: bool = False) -> All:
    """The sharpest test: the residual is adapted to the margins."""
    parts = []
    for reach in (20, 200):
        inside, across = adapted_decoder(case, reach)
        with ctx.workprec(PRECISION):
            reached = norm(across) / norm(case.derived.max_margin.direction)
            far = always or bool(reached >= threshold(case, inside, alpha))
        parts.append(Implies(far, AtMost(compared(case, inside, across, alpha), excess(case.problem, plus(inside, across)))))
    return All(*parts)


def worse(alpha: Fraction, reach: int) -> Less:
    """At the data where W* is not U H^+: the excess at the adapted decoder is below that of the longer step along W^mm."""
    case = Case(ex_not_pseudo_inverse, decompose)
    inside, across = adapted_decoder(case, reach)
    return Less(excess(case.problem, plus(inside, across)), compared(case, inside, across, alpha))


@lemma.step(
    "alpha = 0 fails",
    by="balls",
    scope="one instance",
    latex=r"G(W)<G(\mathcal P_{\mathcal F}W+\|\mathcal P_\perp W\|\overline{W^{\mathrm{mm}}}),\ R=200",
)
def length_must_grow() -> Less:
    """By Jensen, unless all offsets of the support agree."""
    return worse(Fraction(0), 200)


@lemma.step("the threshold is needed", by="balls", scope="one instance", latex=r"\alpha=\tfrac1{1000},\ R=20")
def threshold_is_needed() -> Less:
    """A thousandth of the length does not pay for the offsets."""
    return worse(Fraction(1, 1000), 20)


@lemma.mutant(of=longer_step_is_better_on_the_way, latex=r"\alpha=0")
def without_lengthening(case: Case) -> All:
    """By Jensen the adapted decoder beats the same length along W^mm unless all support offsets agree; no norm is large enough."""
    return longer_step_is_better_on_the_way(case, Fraction(0), always=True)


@lemma.mutant(of=longer_step_is_better_on_the_way, latex=r"\text{no threshold on }\|\mathcal P_\perp W\|")
def without_threshold(case: Case) -> All:
    """At R = 20 a thousandth of the length does not pay for the offsets."""
    return longer_step_is_better_on_the_way(case, Fraction(1, 1000), always=True)


@lemma.mutant(of=longer_step_is_better, latex=r"\text{along every solution of (6)}")
def along_any_feasible_direction(case: Case) -> All:
    """A direction with less margin per unit of norm loses against decoders near W^mm."""
    return longer_step_is_better(case, feasible_directions(case)[1])


# One embedding, two certain tokens with unequal weights: tied off the supports, and one token separable from both.
contradiction = LinearNTP([[1], [1]], [[1, 0, 0], [0, 1, 0]], fractions("2/3", "1/3"))


@lemma.mutant(
    of=longer_step_is_better,
    without=ntp_separable,
    instances=[contradiction],
    latex=r"\text{without separability, with"
    r" }u\text{ of the foundations}",
)
def without_separability(case: Case) -> All | NotExercised:
    """Tied tokens off the supports keep their odds only at the finite part, which has a component orthogonal to F."""
    return longer_step_is_better(case) if any(case.derived.max_margin.direction) else NotExercised("u is zero")
