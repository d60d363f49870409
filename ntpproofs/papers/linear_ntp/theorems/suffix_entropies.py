"""More context lowers the entropy of the same target (the true form of 2402.18551, Remark 2)."""

from __future__ import annotations

from itertools import pairwise

import sympy as sp

from ....language.relations import All, Equal
from ....language.statements import Case, Proposition, derived
from ....symbolic import Formula, L, NonNegative, index, total
from ._sequences import Sequences, at_most, conditional_entropy, context_counts, golden_sets, length, sequence_sets, suffix_counts, words

proposition = Proposition(
    label="linear-ntp.suffix-entropies",
    title="Longer suffixes lower the entropy of the last token",
    source=derived("conditioning lowers entropy; Remark 2 of 2402.18551 compares different targets instead"),
    text=r"$H(z_T\mid z_{T-t},\dots,z_{T-1})$ is non-increasing in $t$ for every"
    r" set of sequences. For prefixes, where the target moves with the length,"
    r" the same holds for stationary processes only.",
    instances=sequence_sets,
    examples=(*golden_sets, words("211", "212", "112"), words("1211", "2112", "1122", "2221")),
)


@proposition.step("the decrease is an average divergence", by="index calculus, normal form", scope="all sizes",
                  latex=r"H(Z|A)-H(Z|A,B)=\sum_{a,b,z}p_{abz}\log\frac{p_{abz}\,p_a}{p_{ab}\,p_{az}}")  # fmt: skip
def divergence_step() -> Equal:
    """With marginals written as sums; each (a, b) contributes p_ab KL(p(.|a,b) || p(.|a))."""
    p = sp.Function("p")
    a, b, z, c, y = (index(name) for name in "abzcy")
    p_a = total(p(a, c, y), (c, "B"), (y, "Z"))
    p_ab = total(p(a, b, y), (y, "Z"))
    p_az = total(p(a, c, z), (c, "B"))
    short = -total(p(a, b, z) * (L(p_az) - L(p_a)), (a, "A"), (b, "B"), (z, "Z"))
    long = -total(p(a, b, z) * (L(p(a, b, z)) - L(p_ab)), (a, "A"), (b, "B"), (z, "Z"))
    right = total(p(a, b, z) * (L(p(a, b, z)) + L(p_a) - L(p_ab) - L(p_az)), (a, "A"), (b, "B"), (z, "Z"))
    return Equal(Formula(short - long), Formula(right))


@proposition.step("Gibbs", by="sign of a derivative", scope="all reals", latex=r"\log x\le x-1")
def gibbs_step() -> All:
    """Applied to x = p_ab p_az / (p_abz p_a), whose average under p_abz is at most 1: for x = 1 + y and for 1/x = 1 + y, y >= 0."""
    y = sp.Symbol("y")
    return All(NonNegative(y - L(1 + y), y), NonNegative(L(1 + y) - y / (1 + y), y))


@proposition.claim(r"H(z_T\mid z_{T-t-1},\dots)\le H(z_T\mid z_{T-t},\dots),\ t=0,\dots,T-2")
def longer_suffix_lowers_entropy(case: Case, strict: bool = False) -> All:
    """Equality is decided exactly, strict decrease in balls."""
    sequences: Sequences = case.problem
    values = [conditional_entropy(suffix_counts(sequences, t)) for t in range(length(sequences))]
    return All(*(at_most(later, earlier, strict) for earlier, later in pairwise(values)))


@proposition.mutant(of=longer_suffix_lowers_entropy, latex=r"\text{strictly decreasing}")
def strictly_decreasing(case: Case) -> All:
    """A token that adds nothing leaves the entropy as it is."""
    return longer_suffix_lowers_entropy(case, strict=True)


@proposition.mutant(of=longer_suffix_lowers_entropy, latex=r"H_t=H(z_{t+1}\mid z_1,\dots,z_t)\text{ is non-increasing in }t")
def longer_prefix_lowers_entropy(case: Case) -> All:
    """{111, 112}: H_1 = 0, H_2 = log 2."""
    sequences: Sequences = case.problem
    values = [conditional_entropy(context_counts(sequences, t)) for t in range(length(sequences))]
    return All(*(at_most(later, earlier) for earlier, later in pairwise(values)))


@proposition.mutant(of=longer_suffix_lowers_entropy, latex=r"\text{non-decreasing}")
def longer_suffix_raises_entropy(case: Case) -> All:
    """The direction matters."""
    sequences: Sequences = case.problem
    values = [conditional_entropy(suffix_counts(sequences, t)) for t in range(length(sequences))]
    return All(*(at_most(earlier, later) for earlier, later in pairwise(values)))
