"""Erratum: sign and factor in the telescoped inequality (2402.18551, proof of Theorem 2)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, exact_arb, interval, upper
from ....language.relations import All, AtMost, Equal, Implies
from ....language.statements import Case, Erratum, cite
from ....symbolic import Formula
from ..assumptions import ntp_separable, some_partial_support
from ..problem import LinearNTP
from ._bounds import perpendicular_norm
from ._golden import fractions, golden
from ._losses import Vector, enclosed, gap, norm, split, zero
from .margin_comparison import threshold

STEPS, ALPHA = 160, Fraction(1)
# Support vectors that enclose a wide angle: a start that serves the first context only has to come back a long way.
wide_angle = LinearNTP([[1, 0], [-3, 1]], [[1, 0], [1, 0]])
# One long embedding with two certain tokens of unequal weight: they stay tied, and the steps are short.
long_contradiction = LinearNTP([[10], [10]], [[1, 0, 0], [0, 1, 0]], fractions("19/20", "1/20"))

erratum = Erratum(
    label="linear-ntp.erratum-telescoping",
    title="The telescoped inequality with its sign and its factor",
    source=cite("thrampoulidis2024", "proof of Theorem 2"),
    text=r"Summing the steps from a start beyond the threshold of Lemma 5 gives, with $\varepsilon=\alpha/(1+\alpha)$,"
    r" $\langle W_k-W_0,\overline{W^{\mathrm{mm}}}\rangle\ge(1-\varepsilon)(\|W_{k,\perp}\|-\|W_{0,\perp}\|)-2\eta\,\mathrm{CE}(W_0)$."
    r" The display has the bracket with"
    r" the other sign and $\eta$ for $2\eta$. With the printed sign it is false for iterates that come back; with the right sign the"
    r" limit follows as claimed.",
    uses=("linear-ntp.gradient-descent-bias", "linear-ntp.margin-comparison"),
    assumptions=(ntp_separable, some_partial_support),  # with full supports only, W^mm = 0 has no unit vector
    instances=(wide_angle, *golden),
)


def far_starts(case: Case) -> list[Vector]:
    """Orthogonal to F and well beyond the threshold for alpha = 1: along the first context's own constraint, and along W^mm."""
    problem, u = case.problem, case.derived.max_margin.direction
    j = next(i for i, s in enumerate(problem.supports) if len(s) < problem.vocabulary_size)
    own = {min(problem.supports[j]): 1, next(v for v in range(problem.vocabulary_size) if v not in problem.supports[j]): -1}
    feature = tuple(own.get(v, 0) * x for v in range(problem.vocabulary_size) for x in problem.embeddings[j])
    starts = []
    for direction, times in ((split(problem, feature)[1], 4), (u, 1)):
        with ctx.workprec(PRECISION):
            scale = times * Fraction(int(upper(threshold(case, zero(problem), ALPHA) * norm(u) / norm(direction))) + 1)
        starts.append(tuple(scale * x for x in direction))
    return starts


def telescoped(case: Case, sign: int = 1, factor: int = 2, share: Fraction = Fraction(1, 2)) -> All:
    """The inequality, times |W^mm|, after 160 steps of 1/(4 beta) during which |P_perp W| stays beyond the threshold."""
    u, parts = case.derived.max_margin.direction, []
    for start in far_starts(case):
        run = enclosed(case.problem, Fraction(1, 4), start, STEPS)
        gained = gap(run.component(STEPS, u), run.component(0, u))
        with ctx.workprec(PRECISION):
            loss = arb(exact_arb(run.losses[0].center), exact_arb(run.losses[0].radius))
            lengths = [perpendicular_norm(case, run, k) for k in range(0, STEPS + 1, 32)]
            needed = threshold(case, split(case.problem, start)[0], ALPHA) * norm(u)
            left = interval((sign * exact_arb(share) * (lengths[-1] - norm(start)) - factor * exact_arb(run.step_size) * loss) * norm(u))
            beyond = all(bool(x >= needed) for x in lengths)
        parts.append(Implies(beyond, AtMost(left, gained)))
    return All(*parts)


@erratum.step(
    "one step",
    by="rational normal form",
    scope="all reals",
    latex=r"\langle x,\Delta\rangle=\tfrac12(\|x+"
    r"\Delta\|^2-\|x\|^2)-\tfrac12\|\Delta\|^2",
)
def one_step() -> Equal:
    """The bracket enters with a plus: it is the later norm less the earlier one."""
    x, step = sp.symbols("x Delta")
    return Equal(Formula(x * step), Formula(((x + step) ** 2 - x**2) / 2 - step**2 / 2))


@erratum.claim(r"\text{printed sign: }\dots\ge(1-\varepsilon)(\|W_{0,\perp}\|-\|W_{k,\perp}\|)-\eta\,\mathrm{CE}(W_0)", expected="refuted")
def printed_sign(case: Case) -> All:
    """Descent in balls: on the wide angle the norm falls by more than the component along W^mm gains."""
    return telescoped(case, sign=-1, factor=1)


@erratum.claim(r"\text{printed factor: }\|W_{k+1}-W_k\|^2\le\eta(\mathrm{CE}(W_k)-\mathrm{CE}(W_{k+1}))", expected="refuted")
def printed_factor(case: Case) -> AtMost:
    """Convexity gives the reverse, strictly unless the gradient vanishes: a step gains at most eta |g|^2."""
    return squared_steps(case, 1)


def squared_steps(case: Case, factor: Fraction | int) -> AtMost:
    """|W_{k+1} - W_k|^2 against factor * eta * decrease, for the first steps from zero at 1/beta."""
    run, lefts, rights = enclosed(case.problem), [], []
    for k in range(6):
        drop = gap(run.losses[k], run.losses[k + 1])
        lefts.append(run.squared_distance(k + 1, run.iterates[k]))
        with ctx.workprec(PRECISION):
            rights.append(interval(exact_arb(factor * run.step_size) * arb(exact_arb(drop.center), exact_arb(drop.radius))))
    return AtMost(tuple(lefts), tuple(rights))


@erratum.claim(
    r"\text{repaired: }\dots\ge(1-\varepsilon)(\|W_{k,\perp}\|-\|W_{0,\perp}\|)-2\eta\,\mathrm{CE}(W_0),"
    r"\ \|W_{k+1}-W_k\|^2\le2\eta(\dots)"
)
def repaired(case: Case) -> All:
    """Both, enclosed."""
    return All(telescoped(case), squared_steps(case, 2))


@erratum.mutant(of=repaired, latex=r"(1+\varepsilon)\text{ in the place of }(1-\varepsilon)")
def larger_share(case: Case) -> All:
    """Along W^mm the component gains what the norm gains, not half as much again."""
    return telescoped(case, share=Fraction(3, 2))


@erratum.mutant(of=repaired, latex=r"\text{half of }\eta\text{ in the bound of the squared step}")
def half_the_factor(case: Case) -> AtMost:
    """Smaller still than the printed factor."""
    return squared_steps(case, Fraction(1, 2))


@erratum.mutant(
    of=repaired, without=ntp_separable, instances=[long_contradiction], latex=r"\text{without separability, with }u\text{ of the foundations}"
)
def without_separability(case: Case) -> All:
    """From a start on the ray of u the norm also grows by the log-odds of the tied tokens, which are orthogonal to u."""
    return repaired(case)
