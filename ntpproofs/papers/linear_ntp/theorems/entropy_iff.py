"""The infimum of the cross-entropy is the entropy iff the data are compatible and separable (Thrampoulidis 2024, running text)."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import All, Equal, Implies, Less, Relation
from ....language.statements import Case, Proposition, cite
from ....logit.enclosures import loss_ball, softmax_balls
from ....logit.finite_part import log_odds
from ....logit.problem import Vector
from ....logit.step_size import smoothness
from ....symbolic import L, NonNegative
from ..problem import LinearNTP
from ._decoders import logits
from ._golden import anything, golden
from ._losses import gap, point, risk

proposition = Proposition(
    label="linear-ntp.entropy-iff",
    title="inf CE = H iff compatible and separable",
    source=cite("thrampoulidis2024", "running text on the two conditions", "stated there without proof; the proof is ours"),
    text=r"$\inf_W\mathrm{CE}(W)=\mathcal H$ iff the data are NTP-compatible and NTP-separable. Necessity:"
    r" $\mathrm{CE}(W)-\mathcal H\ge\sum_j\pi_j\bigl[\sum_{z\in S_j}(\sqrt{s_{j,z}}-\sqrt{p_{j,z}})^2+\sum_{v\notin S_j}s_{j,v}\bigr]$, so"
    r" $\mathrm{CE}\to\mathcal H$ forces the in-support differences to the log-odds, a closed condition, and the off-support margins of"
    r" $\mathcal P_\perp W$ to infinity. (If all supports are full, separability is void and the equivalence still holds.)",
    uses=("linear-ntp.entropy-limit", "linear-ntp.entropy-identity", "foundations.infimum"),
    instances=anything,
    examples=golden,
)


@proposition.step("divergence bounds the Hellinger distance", by="sign of a derivative", scope="all reals",
                  latex=r"x-1-\log x\ge(\sqrt x-1)^2")  # fmt: skip
def hellinger_step() -> All:
    """For x = (1 + t)^2 and for x = (1 + t)^-2; with x = s_z / p_z, summed with weights p_z."""
    t = sp.Symbol("t")
    above = (1 + t) ** 2 - 1 - 2 * L(1 + t) - t**2
    below = 1 / (1 + t) ** 2 - 1 + 2 * L(1 + t) - (1 / (1 + t) - 1) ** 2
    return All(NonNegative(above, t), NonNegative(below, t))


def infimum(case: Case) -> Interval:
    """inf CE as the tied loss at w*, evaluated without using that it may be the entropy (beta r^2 / 2 for the radius of w*)."""
    part, sets = case.derived.finite_part, case.derived.separation.tied_sets
    logit = case.problem.conditional_logit()
    value = loss_ball(logit, part.center, sets)
    return Interval(value.center, value.radius + smoothness(logit) * part.radius**2 / 2)


def conditions(case: Case) -> tuple[bool, bool]:
    """(compatible, separable), decided exactly."""
    return log_odds(case.problem).compatible, case.derived.separation.tied_sets == case.problem.supports


@proposition.claim(r"\inf\mathrm{CE}=\mathcal H\iff\text{compatible and separable};\quad\inf\mathrm{CE}>\mathcal H\text{ otherwise}")
def infimum_is_the_entropy_iff(case: Case, compatible_needed: bool = True, separable_needed: bool = True) -> All:
    """Both directions, in balls. The mutants leave out one condition of the premise of sufficiency."""
    compatible, separable = conditions(case)
    sufficient = (compatible or not compatible_needed) and (separable or not separable_needed)
    own: Interval = case.problem.entropy
    return All(Implies(sufficient, Equal(infimum(case), own)), Implies(not sufficient, Less(own, infimum(case))))


def softmax_is_right(problem: LinearNTP, w: Vector) -> bool:
    """Whether softmax(W h_j) = p_j for all j at a rational decoder: e^x is irrational for rational x != 0, so both must be uniform."""
    uniform = Fraction(1, problem.vocabulary_size)
    return all(len(set(row)) == 1 and set(p) == {uniform} for row, p in zip(logits(problem, w), problem.probabilities))


@proposition.claim(r"\mathrm{CE}(W)-\mathcal H\ge\sum_j\pi_j\bigl[\sum_{z\in S_j}(\sqrt{s_z}-\sqrt{p_z})^2+\sum_{v\notin S_j}s_v\bigr]")
def gap_bounds_the_distance(case: Case, factor: Fraction = Fraction(1)) -> All:
    """At rational decoders, strictly unless the softmax is right: closeness of the loss is closeness of the probabilities."""
    problem, parts = case.problem, list[Relation]()
    for salt in (0, 1, 2):
        w = point(problem, salt)
        with ctx.workprec(PRECISION):
            value = arb(0)
            for block, s in zip(problem.data.blocks, softmax_balls(problem.conditional_logit(), w)):
                gaps = [s[z].sqrt() - exact_arb(q).sqrt() for z, q in block.labels.items()]
                outside = sum((x for v, x in s.items() if v not in block.labels), arb(0))
                value += exact_arb(factor * block.weight) * (sum((x * x for x in gaps), arb(0)) + outside)
            parts.append(Implies(not softmax_is_right(problem, w), Less(interval(value), gap(risk(problem, w), problem.entropy))))
    return All(*parts)


@proposition.mutant(of=infimum_is_the_entropy_iff, latex=r"\text{separable suffices}")
def separable_suffices(case: Case) -> All:
    """Incompatible odds cannot all be met."""
    return infimum_is_the_entropy_iff(case, compatible_needed=False)


@proposition.mutant(of=infimum_is_the_entropy_iff, latex=r"\text{compatible suffices}")
def compatible_suffices(case: Case) -> All:
    """Tied off-support tokens keep their mass."""
    return infimum_is_the_entropy_iff(case, separable_needed=False)


@proposition.mutant(of=infimum_is_the_entropy_iff, latex=r"\inf\mathrm{CE}=\mathcal H\text{ always}")
def always(case: Case) -> All:
    """Neither condition is automatic."""
    return infimum_is_the_entropy_iff(case, False, False)


@proposition.mutant(of=gap_bounds_the_distance, latex=r"\mathrm{CE}-\mathcal H\ge4\sum_j\pi_j[\dots]")
def four_times_the_distance(case: Case) -> All:
    """The constant is one on the mass off the support."""
    return gap_bounds_the_distance(case, Fraction(4))
