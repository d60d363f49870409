"""Erratum: the entropy of the next token may rise with the position (2402.18551, Remark 2)."""

from __future__ import annotations

from itertools import pairwise

from ....language.relations import All, Equal
from ....language.statements import Case, Erratum, cite
from ._sequences import Sequences, at_most, conditional_entropy, context_counts, golden_sets, length, sequence_sets, suffix_counts, words

erratum = Erratum(
    label="linear-ntp.erratum-length-entropies",
    title="Entropies of different positions are not ordered",
    source=cite("thrampoulidis2024", "Remark 2"),
    text=r"Printed: $H_t\ge H_{t+1}$ for $H_t=H(z_{t+1}\mid z_1,\dots,z_t)$. The targets"
    r" differ, so this needs a stationary process: $\{111,112\}$ has $H_1=0$ and"
    r" $H_2=\log2$. For one target, $H(z_T\mid z_{T-t},\dots,z_{T-1})$ is non-increasing in $t$ (linear-ntp.suffix-entropies); in particular"
    r" $H_{T-1}\le H(z_T)$.",
    uses=("linear-ntp.suffix-entropies", "linear-ntp.autoregressive-pooling"),
    instances=sequence_sets,
    examples=(*golden_sets, words("1112", "1121", "1211", "2111")),
)


@erratum.claim(r"\text{printed: }H_t\ge H_{t+1}", expected="refuted")
def printed(case: Case) -> All:
    """Exact combinations of logarithms."""
    sequences: Sequences = case.problem
    values = [conditional_entropy(context_counts(sequences, t)) for t in range(1, length(sequences))]
    return All(Equal(0, 0), *(at_most(later, earlier) for earlier, later in pairwise(values)))


@erratum.claim(r"\text{repaired: }H_{T-1}\le\dots\le H(z_T\mid z_{T-1})\le H(z_T)")
def repaired(case: Case, reverse: bool = False) -> All:
    """One target, longer and longer suffixes; the longest is the whole context."""
    sequences: Sequences = case.problem
    values = [conditional_entropy(suffix_counts(sequences, t)) for t in range(length(sequences))]
    whole = conditional_entropy(context_counts(sequences, length(sequences) - 1))
    pairs = pairwise(values)
    return All(Equal(values[-1], whole), *(at_most(x, y) if reverse else at_most(y, x) for x, y in pairs))


@erratum.mutant(of=repaired, latex=r"H_{T-1}\ge\dots\ge H(z_T)")
def reversed_order(case: Case) -> All:
    """Conditioning never raises entropy."""
    return repaired(case, reverse=True)


@erratum.mutant(of=repaired, latex=r"H_{T-1}\le H_1")
def last_below_first(case: Case) -> All:
    """The same comparison of different targets in disguise."""
    sequences: Sequences = case.problem
    return All(at_most(conditional_entropy(context_counts(sequences, length(sequences) - 1)), conditional_entropy(context_counts(sequences, 1))))
