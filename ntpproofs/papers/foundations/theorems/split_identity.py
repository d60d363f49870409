"""The split identity: the loss is a tied loss plus log(1 + rho), both gaps non-negative (foundations, F1)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Lemma, derived
from ....logit.enclosures import loss_ball, ratio_balls
from ....symbolic import Formula, L, NonNegative, total
from ._instances import golden, logits
from ._symbols import i, partition_sum, weight

lemma = Lemma(
    label="foundations.split-identity",
    title="The loss splits into a tied loss and a separable excess",
    source=derived("fact F1"),
    text=r"With $Z_i^{\mathrm{in}}$, $Z_i^{\mathrm{out}}$ the sums of $n_{iv}e^{-\langle w,d_{iv}\rangle}$ over tied and separable $v$ and"
    r" $\rho_i = Z_i^{\mathrm{out}}/Z_i^{\mathrm{in}}$: $L(w) = \bar L(P_T w) + \sum_i a_i\log(1+\rho_i(w))$, and"
    r" $Z_i^{\mathrm{in}}$ depends on $P_T w$ only.",
    uses=("foundations.separation",),
    instances=logits(),
    examples=golden,
)


@lemma.step("splitting the logarithm", by="index calculus, normal form", scope="all sizes",
            latex=r"\log(Z^{\mathrm{in}}+Z^{\mathrm{out}})=\log Z^{\mathrm{in}}+\log(1+\rho)")  # fmt: skip
def split_step() -> Equal:
    """Summed over the rows with their weights."""
    inside, outside = partition_sum(i, "In"), partition_sum(i, "Out")
    left = total(weight(i) * L(inside + outside), (i, "I"))
    right = total(weight(i) * L(inside), (i, "I")) + total(weight(i) * L(1 + outside / inside), (i, "I"))
    return Equal(Formula(left), Formula(right))


@lemma.step("both brackets are non-negative", by="sign of a derivative", scope="all reals", latex=r"0 \le \log(1+x) \le x \quad (x\ge 0)")
def sign_step() -> All:
    """log(1 + x) lies between 0 and x."""
    x = sp.Symbol("x")
    return All(NonNegative(L(1 + x), x), NonNegative(x - L(1 + x), x))


def point(case: Case) -> tuple[Fraction, ...]:
    """A rational point that is nowhere special."""
    return tuple(Fraction((7 * k + 3) % 11 - 5, 3) for k in range(case.problem.dimension))


def excess(case: Case, w: tuple[Fraction, ...], linear: bool = False) -> Interval:
    """sum_i a_i log(1 + rho_i(w)), or sum_i a_i rho_i(w)."""
    with ctx.workprec(PRECISION):
        ratios = ratio_balls(case.problem, w, case.derived.separation.tied_sets)
        pairs = zip(case.problem.data.blocks, ratios)
        return interval(sum((exact_arb(block.weight) * (r if linear else r.log1p()) for block, r in pairs), arb(0)))


def plus(x: Interval, y: Interval) -> Interval:
    """The sum of two intervals."""
    return Interval(x.center + y.center, x.radius + y.radius)


@lemma.claim(r"L(w) = \bar L(P_Tw) + \sum_i a_i\log(1+\rho_i(w))")
def loss_splits(case: Case, project: bool = True, linear: bool = False) -> Equal:
    """At a rational point, in balls; the tied loss is evaluated at the exact projection."""
    w = point(case)
    inner = case.derived.tied.project(w) if project else tuple(x - y for x, y in zip(w, case.derived.tied.project(w)))
    tied = loss_ball(case.problem, inner, case.derived.separation.tied_sets)
    return Equal(loss_ball(case.problem, w), plus(tied, excess(case, w, linear)))


@lemma.claim(r"L(w) - L^* \ge \sum_i a_i\log(1+\rho_i(w)) \ge 0")
def both_gaps_are_nonnegative(case: Case) -> All:
    """The tied loss is at least its minimum L*."""
    w = point(case)
    tied = loss_ball(case.problem, w, case.derived.separation.tied_sets)
    # At w* itself (no tied direction) both sides agree up to their radii, so the enclosures are compared from outside.
    return All(AtMost(case.derived.infimum.lower, tied.upper), AtMost(Fraction(0), excess(case, w).upper))


@lemma.mutant(of=loss_splits, latex=r"L = \bar L + \sum_i a_i\rho_i")
def ratio_without_logarithm(case: Case) -> Equal:
    """log(1 + rho) is strictly below rho."""
    return loss_splits(case, linear=True)


@lemma.mutant(of=loss_splits, latex=r"\bar L \text{ depends on } P_\perp w \text{ only}")
def tied_loss_on_the_complement(case: Case) -> Equal:
    """The tied loss is a function of the tied part."""
    return loss_splits(case, project=False)
