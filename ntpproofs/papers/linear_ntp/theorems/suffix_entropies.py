"""More context lowers the entropy of the same target (the true form of 2402.18551, Remark 2).

H(Z|A) - H(Z|A,B) is an average of divergences, which Gibbs' inequality makes non-negative: with x = p_ab p_az /
(p_abz p_a), -log x >= 1 - x, and the average of x under p_abz is at most 1. For a stationary law H(z_{t+1} | z_1,
..., z_t) = H(z_T | z_{T-t}, ..., z_{T-1}), so the first clause applies.
"""

from __future__ import annotations

from itertools import pairwise

import sympy as sp

from ....exact.logarithms import LogVector
from ....language.relations import All, AtMost, Equal, Less
from ....language.statements import Case, Proposition, clause, derived
from ....symbolic import Formula, L, NonNegative, index, total
from ._sequences import Sequences, at_most, conditional_entropy, context_counts, golden_sets, length, sequence_sets, suffix_counts, words

proposition = Proposition(
    label="linear-ntp.suffix-entropies",
    title="Longer suffixes lower the entropy of the last token",
    source=derived("conditioning lowers entropy; Remark 2 of 2402.18551 compares different targets instead"),
    clauses=(
        clause(
            r"$\mathcal H(z_T\mid z_{T-i},\dots,z_{T-1})$ is non-increasing in $i$ for every set of sequences.",
            steps=("divergence_step", "gibbs_step"),
            claims=("longer_suffix_lowers_entropy",),
        ),
        clause(
            r"For prefixes, where the target moves with the length, $\mathcal H(z_{i+1}\mid z_1,\dots,z_i)$ may"
            r" increase: $\{111,112\}$.",
            witness=("prefixes_may_fail",),
        ),
        clause(
            r"Stationarity suffices for prefixes,",
            steps=("divergence_step", "gibbs_step"),
            claims=("stationary_prefixes",),
            argued="docstring",
        ),
        clause(
            r"and is not needed: $\{112,122\}$.",
            witness=("stationarity_is_not_needed",),
        ),
    ),
    instances=sequence_sets,
    examples=(*golden_sets, words("211", "212", "112"), words("1211", "2112", "1122", "2221")),
)


@proposition.step("the decrease is an average divergence", by="index calculus, normal form", scope="all sizes",
                  latex=r"\mathcal H(Z|A)-\mathcal H(Z|A,B)=\sum_{a,b,z}p_{abz}\log\frac{p_{abz}\,p_a}{p_{ab}\,p_{az}}")  # fmt: skip
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


@proposition.claim(r"\mathcal H(z_T\mid z_{T-i-1},\dots)\le \mathcal H(z_T\mid z_{T-i},\dots),\ i=0,\dots,T-2")
def longer_suffix_lowers_entropy(case: Case, strict: bool = False) -> All:
    """Equality is decided exactly, strict decrease in balls."""
    sequences: Sequences = case.problem
    values = [conditional_entropy(suffix_counts(sequences, t)) for t in range(length(sequences))]
    return All(*(at_most(later, earlier, strict) for earlier, later in pairwise(values)))


def prefix_entropies(sequences: Sequences) -> list[LogVector]:
    """H(z_{t+1} | z_1, ..., z_t) for t = 0, ..., T - 1."""
    return [conditional_entropy(context_counts(sequences, t)) for t in range(length(sequences))]


@proposition.claim(r"\text{all rotations of a set (a stationary law): }\mathcal H(z_{i+1}\mid z_1,\dots,z_i)\text{ is non-increasing in }i")
def stationary_prefixes(case: Case, strict: bool = False) -> All:
    """Windows of a rotation are windows of the cyclic word, whatever their place."""
    sequences: Sequences = case.problem
    rotations = tuple(s[k:] + s[:k] for s in sequences for k in range(len(s)))
    return All(*(at_most(later, earlier, strict) for earlier, later in pairwise(prefix_entropies(rotations))))


@proposition.step("a longer prefix with more entropy", by="exact logarithms", scope="one instance", latex=r"\{111,112\}:\ \mathcal H_1<\mathcal H_2")
def prefixes_may_fail() -> AtMost | Less:
    """H_1 = 0 and H_2 = log 2."""
    values = prefix_entropies(words("111", "112"))
    return at_most(values[1], values[2], strict=True)


@proposition.step(
    "ordered without stationarity", by="exact logarithms", scope="one instance", latex=r"\{112,122\}:\ \mathcal H_1\ge \mathcal H_2,\ z_1\not\sim z_3"
)
def stationarity_is_not_needed() -> All:
    """H_1 = log 2 and H_2 = 0; the first token is always 1, the last always 2."""
    sequences = words("112", "122")
    values = prefix_entropies(sequences)
    first, last = ({s[k] for s in sequences} for k in (0, -1))
    return All(at_most(values[2], values[1]), Equal(first == last, False))


@proposition.mutant(of=stationary_prefixes, latex=r"\text{strictly, for rotations}")
def strict_for_rotations(case: Case) -> All:
    """A constant word has no entropy to lose."""
    return stationary_prefixes(case, strict=True)


@proposition.mutant(of=longer_suffix_lowers_entropy, latex=r"\text{strictly decreasing}")
def strictly_decreasing(case: Case) -> All:
    """A token that adds nothing leaves the entropy as it is."""
    return longer_suffix_lowers_entropy(case, strict=True)


@proposition.mutant(of=longer_suffix_lowers_entropy, latex=r"\mathcal H_i=\mathcal H(z_{i+1}\mid z_1,\dots,z_i)\text{ is non-increasing in }i")
def longer_prefix_lowers_entropy(case: Case) -> All:
    """{111, 112}: H_1 = 0, H_2 = log 2."""
    return All(*(at_most(later, earlier) for earlier, later in pairwise(prefix_entropies(case.problem))))


@proposition.mutant(of=longer_suffix_lowers_entropy, latex=r"\text{non-decreasing}")
def longer_suffix_raises_entropy(case: Case) -> All:
    """The direction matters."""
    sequences: Sequences = case.problem
    values = [conditional_entropy(suffix_counts(sequences, t)) for t in range(length(sequences))]
    return All(*(at_most(earlier, later) for earlier, later in pairwise(values)))
