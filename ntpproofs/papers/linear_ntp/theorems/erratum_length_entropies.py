"""Erratum: the entropy of the next token may rise with the position (2402.18551, Remark 2, NeurIPS 2024, p. 20).

Printed: H_t >= H_{t+1} for H_t = H(z_{t+1} | z_1, ..., z_t), with reference to Shannon. The targets differ; for
stationary processes it is true, and stationarity is sufficient, not necessary (linear-ntp.suffix-entropies). A side
remark that nothing uses.
"""

from __future__ import annotations

from itertools import pairwise

from ....language.relations import All, Equal, NotExercised
from ....language.statements import Case, Erratum, cite, clause
from ._sequences import Sequences, at_most, conditional_entropy, context_counts, golden_sets, length, sequence_sets, suffix_counts, words

erratum = Erratum(
    label="linear-ntp.erratum-length-entropies",
    title="Entropies of different positions are not ordered",
    source=cite("thrampoulidis2024", "Remark 2, NeurIPS 2024, p. 20"),
    clauses=(
        clause(
            r"Printed: $\mathcal H_i\ge \mathcal H_{i+1}$ for $\mathcal H_i=\mathcal H(z_{i+1}\mid z_1,\dots,z_i)$. This is false: $\{111,112\}$"
            r" has $\mathcal H_1=0$ and $\mathcal H_2=\log2$.",
            witness=("printed",),
        ),
        clause(
            r"For one target, $\mathcal H_{T-1}\le\dots\le \mathcal H(z_T\mid z_{T-1})\le \mathcal H(z_T)$.",
            by=("linear-ntp.suffix-entropies",),
            claims=("repaired",),
        ),
    ),
    uses=("linear-ntp.suffix-entropies", "linear-ntp.autoregressive-pooling"),
    instances=sequence_sets,
    examples=(*golden_sets, words("1112", "1121", "1211", "2111")),
)


@erratum.claim(r"\text{printed: }\mathcal H_i\ge \mathcal H_{i+1}", expected="refuted")
def printed(case: Case) -> All | NotExercised:
    """Exact combinations of logarithms."""
    sequences: Sequences = case.problem
    values = [conditional_entropy(context_counts(sequences, t)) for t in range(1, length(sequences))]
    pairs = list(pairwise(values))
    return All(*(at_most(later, earlier) for earlier, later in pairs)) if pairs else NotExercised("contexts of one length")


@erratum.claim(r"\text{repaired: }\mathcal H_{T-1}\le\dots\le \mathcal H(z_T\mid z_{T-1})\le \mathcal H(z_T)")
def repaired(case: Case, reverse: bool = False) -> All:
    """One target, longer and longer suffixes; the longest is the whole context."""
    sequences: Sequences = case.problem
    values = [conditional_entropy(suffix_counts(sequences, t)) for t in range(length(sequences))]
    whole = conditional_entropy(context_counts(sequences, length(sequences) - 1))
    pairs = pairwise(values)
    return All(Equal(values[-1], whole), *(at_most(x, y) if reverse else at_most(y, x) for x, y in pairs))


@erratum.mutant(of=repaired, latex=r"\mathcal H_{T-1}\ge\dots\ge \mathcal H(z_T)")
def reversed_order(case: Case) -> All:
    """Conditioning never raises entropy."""
    return repaired(case, reverse=True)


@erratum.mutant(of=repaired, latex=r"\mathcal H_{T-1}\le \mathcal H_1")
def last_below_first(case: Case) -> All:
    """The same comparison of different targets in disguise."""
    sequences: Sequences = case.problem
    return All(at_most(conditional_entropy(context_counts(sequences, length(sequences) - 1)), conditional_entropy(context_counts(sequences, 1))))
