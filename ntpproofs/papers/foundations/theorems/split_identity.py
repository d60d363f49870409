"""The split identity: the loss is a tied loss plus log(1 + rho), both gaps non-negative.

log(Z_in + Z_out) = log Z_in + log(1 + Z_out / Z_in) row by row. A tied d is a combination of tied differences t_b, so
<w - P_T w, d> = sum_b c_b <w - P_T w, t_b> = 0: Z_in sees P_T w only. With inf over T of the tied loss written L*,
the first bracket of L(w) - L* = [tied loss(P_T w) - L*] + sum_i a_i log(1 + rho_i) is not negative by definition, the
second because 0 <= log(1 + x) <= x.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Lemma, clause, derived
from ....logit.enclosures import loss_ball, ratio_balls
from ....symbolic import Formula, L, NonNegative, index, total
from ._instances import golden, logits
from ._symbols import i, inner, partition_sum, weight

lemma = Lemma(
    label="foundations.split-identity",
    title="The loss splits into a tied loss and a separable excess",
    source=derived("splitting each normaliser into tied and separable terms"),
    setup=r"Let $Z_i^{\mathrm{in}}$, $Z_i^{\mathrm{out}}$ be the sums of $n_{iv}e^{-\langle w,d_{iv}\rangle}$ over"
    r" tied and separable $v$,"
    r" $\rho_i = Z_i^{\mathrm{out}}/Z_i^{\mathrm{in}}$, $\bar L = \sum_i a_i(\log Z_i^{\mathrm{in}}-\log"
    r" n_{i,y_i})$ and $L^*=\inf_T\bar L$.",
    clauses=(
        clause(r"$L(w) = \bar L(w) + \sum_i a_i\log(1+\rho_i(w))$.", steps=("split_step",), claims=("loss_splits",)),
        clause(r"$\bar L(w) = \bar L(P_T w)$.", steps=("tied_margin_step",), claims=("loss_splits",)),
        clause(
            r"$L(w)-L^*\ge\sum_i a_i\log(1+\rho_i(w))\ge0$, and the sum is at most $\sum_i a_i\rho_i(w)$.",
            steps=("split_step", "tied_margin_step", "sign_step"),
            claims=("both_gaps_are_nonnegative",),
        ),
    ),
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


@lemma.step("tied margins see the tied part only", by="index calculus, normal form", scope="all sizes",
            latex=r"\langle r,\textstyle\sum_bc_bt_b\rangle=\sum_bc_b\langle r,t_b\rangle=0\text{ for }r=w-P_Tw")  # fmt: skip
def tied_margin_step() -> Equal:
    """r is orthogonal to the tied differences t_b, and a difference in their span is a combination of them."""
    rest, coefficient, basis, t, c = sp.Function("r"), sp.Function("c"), sp.Function("t"), index("t"), index("c")
    left = inner(rest, lambda entry: total(coefficient(t) * basis(t, entry), (t, "B")))
    return Equal(Formula(left), Formula(total(coefficient(t) * total(rest(c) * basis(t, c), (c, "D")), (t, "B"))))


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
    """The tied loss is at least its minimum L*, the excess lies between 0 and its linear bound."""
    w = point(case)
    tied = loss_ball(case.problem, w, case.derived.separation.tied_sets)
    # At w* itself (no tied direction) both sides agree up to their radii, so the enclosures are compared from outside.
    above = AtMost(case.derived.infimum.lower, tied.upper)
    if not case.derived.separation.separable:
        return All(above)
    between = excess(case, w)
    return All(above, AtMost(Fraction(0), between), AtMost(between, excess(case, w, linear=True)))


@lemma.mutant(of=loss_splits, latex=r"L = \bar L + \sum_i a_i\rho_i")
def ratio_without_logarithm(case: Case) -> Equal:
    """log(1 + rho) is strictly below rho."""
    return loss_splits(case, linear=True)


@lemma.mutant(of=loss_splits, latex=r"\bar L \text{ depends on } P_\perp w \text{ only}")
def tied_loss_on_the_complement(case: Case) -> Equal:
    """The tied loss is a function of the tied part."""
    return loss_splits(case, project=False)
