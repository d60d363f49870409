"""Every law has an exact next-token predictor, and the excess of the teacher-forced loss is a divergence.

Proof. (a) P(r) is the product of the conditionals P(r_i | r_<i), by cancellation; a predictor that equals them where P(r_<i) > 0
samples from P. (b) By induction over the length: one step splits the divergence of joint masses f(a, b) into that of the first
block and the mean one of the second; the first block is r_<T, the second r_T. The loss minus the entropy is the divergence by
linearity. (c) Each term of the sum is at least 0 because log x <= x - 1, with equality only at x = 1, so the loss exceeds
the entropy by 0 only if the sampled law is P.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod

import sympy as sp
from flint import ctx

from ....exact.balls import PRECISION, Interval, exact_arb, interval
from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Theorem, clause, derived
from ....symbolic import Formula, L, index, total
from ..compounding import LawAndModel, Table, chain_rule, divergence, total_variation
from ..information import add, enclosed, entropy_of
from ..tables import laws_and_models

theorem = Theorem(
    "path-star.chain-rule",
    "The excess of the teacher-forced loss is the divergence of the sampled law",
    derived("chain rule, Gibbs, Pinsker, Bretagnolle and Huber"),
    setup=r"Let $P$ be a law on $V^T$ and $q$ a next-token model that is positive where $P$ is; $q_{AR}$ is the law of its samples.",
    clauses=(
        clause(
            r"The conditionals of $P$ are a next-token model whose samples have law $P$.",
            argued="docstring, (a)",
            claims=("conditionals_reproduce_the_law",),
        ),
        clause(
            r"$L_{TF}(q)-H(P)=\mathrm{KL}(P\|q_{AR})=\sum_i\mathbb E\,\mathrm{KL}(P(\cdot|r_{<i})\|q(\cdot|r_{<i}))$.",
            steps=("one_step",),
            argued="docstring, (b): induction over the length",
            claims=("excess_is_a_divergence",),
        ),
        clause(r"The excess is at least $0$.", by=("path-star.logarithm",), claims=("excess_is_zero_only_at_the_law",)),
        clause(r"It is $0$ only if sampling from $q$ reproduces $P$.", argued="docstring, (c)", claims=("excess_is_zero_only_at_the_law",)),
        clause(
            r"$2\,\mathrm{TV}^2\le\mathrm{KL}$ and $\mathrm{TV}^2\le1-e^{-\mathrm{KL}}$.",
            cited="Pinsker; Bretagnolle and Huber",
            claims=("distance_is_bounded",),
        ),
    ),
    instances=laws_and_models(),
    examples=(LawAndModel(Table(2, 1, ((Fraction(1), Fraction(0)),)), Table(2, 1, ((Fraction(1, 2), Fraction(1, 2)),))),),
)


@theorem.step("one step of the chain rule", by="normal form of sums", scope="all sizes",
              latex=r"\sum f\log\tfrac f{qs}=\sum F\log\tfrac Fq+\sum f\log\tfrac f{Fs},\ F_a=\textstyle\sum_bf_{ab}")  # fmt: skip
def one_step() -> Equal:
    """f are joint masses of two blocks, q and s the model's conditionals."""
    a, b = index("a"), index("b")
    f, q, s = (sp.Function(name) for name in "fqs")
    mass = total(f(a, b), (b, "B"))
    joint = total(f(a, b) * (L(f(a, b)) - L(q(a)) - L(s(a, b))), (a, "A"), (b, "B"))
    first = total(mass * (L(mass) - L(q(a))), (a, "A"))
    second = total(f(a, b) * (L(f(a, b)) - L(mass) - L(s(a, b))), (a, "A"), (b, "B"))
    return Equal(Formula(joint), Formula(first + second))


@theorem.claim(r"P(r)=\prod_iP(r_i|r_{<i})")
def conditionals_reproduce_the_law(case: Case) -> Equal:
    """From the masses of prefixes back to the law, by enumeration."""
    law = case.problem.law
    return Equal(chain_rule(law.law, law.vocabulary, law.length).law, law.law)


@theorem.claim(r"L_{TF}(q)=H(P)+\mathrm{KL}(P\|q_{AR}),\ \mathrm{KL}=\sum_i\mathbb E\,\mathrm{KL}_i")
def excess_is_a_divergence(case: Case, backwards: bool = False) -> All:
    """Three different sums over V^T, compared as exact combinations of logarithms."""
    pair = case.problem
    p, q = pair.law.law, pair.model.law
    gap = divergence(q, p) if backwards else divergence(p, q)
    return All(Equal(pair.teacher_forced_loss, add(entropy_of(p), gap)), Equal(pair.step_divergences, gap))


@theorem.claim(r"\mathrm{KL}\ge0,\quad\mathrm{KL}=0\iff q_{AR}=P")
def excess_is_zero_only_at_the_law(case: Case) -> All:
    """Zero is decided exactly."""
    p, q = case.problem.law.law, case.problem.model.law
    gap = divergence(p, q)
    return All(AtMost(0, enclosed(gap)), Equal(gap.is_zero(), p == q))


def remaining_overlap(gap: Interval) -> Interval:
    """1 - e^{-KL}."""
    with ctx.workprec(PRECISION):
        low, high = (1 - (-exact_arb(x)).exp() for x in (gap.lower, gap.upper))
        return interval(low.union(high))


@theorem.claim(r"2\,\mathrm{TV}^2\le\mathrm{KL},\quad\mathrm{TV}^2\le1-e^{-\mathrm{KL}}")
def distance_is_bounded(case: Case, power: int = 2) -> All:
    """The exact distance against the enclosed divergence."""
    p, q = case.problem.law.law, case.problem.model.law
    gap, distance = enclosed(divergence(p, q)), total_variation(p, q)
    return All(AtMost(2 * distance**power, gap), AtMost(distance**power, remaining_overlap(gap)))


@theorem.mutant(of=conditionals_reproduce_the_law, latex=r"P(r)=\prod_iP(r_i)")
def product_of_marginals(case: Case) -> Equal:
    """Independent tokens."""
    law = case.problem.law
    sequences = list(product(range(law.vocabulary), repeat=law.length))
    marginals = [[sum((p for r, p in zip(sequences, law.law) if r[i] == v), Fraction(0)) for v in range(law.vocabulary)] for i in range(law.length)]
    return Equal(tuple(prod((marginals[i][v] for i, v in enumerate(r)), start=Fraction(1)) for r in sequences), law.law)


@theorem.mutant(of=excess_is_a_divergence, latex=r"L_{TF}(q)-H(P)=\mathrm{KL}(q_{AR}\|P)")
def divergence_the_other_way(case: Case) -> All:
    """The model weighs its own samples."""
    return excess_is_a_divergence(case, backwards=True)


@theorem.mutant(of=distance_is_bounded, latex=r"2\,\mathrm{TV}\le\mathrm{KL}")
def distance_without_the_square(case: Case) -> All:
    """Small distances have a far smaller divergence."""
    return distance_is_bounded(case, power=1)
