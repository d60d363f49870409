"""Erratum: longer contexts are more numerous, not fewer (2402.18551, appendix C, NeurIPS 2024, p. 20).

Every context of length t + 1 has a prefix of length t, and every context of length t is the prefix of one, the
sequences having equal length T > t: cutting the last token maps the longer contexts onto the shorter ones. A side
remark that nothing uses.
"""

from __future__ import annotations

from itertools import pairwise

from ....language.relations import All, AtMost, Equal, Monotone, NotExercised
from ....language.statements import Case, Erratum, cite, clause
from ._sequences import Sequences, context_counts, golden_sets, length, sequence_sets

erratum = Erratum(
    label="linear-ntp.erratum-context-counts",
    title="The number of distinct contexts does not decrease with their length",
    source=cite("thrampoulidis2024", "appendix C, NeurIPS 2024, p. 20"),
    clauses=(
        clause(
            r"Printed: $m_1\ge m_2\ge\dots\ge m_{T-1}$ for the numbers $m_i$ of distinct contexts of length"
            r" $i$. This is false: $\{111,121,211\}$ has $m=(2,3)$.",
            witness=("printed",),
        ),
        clause(
            r"$m_1\le m_2\le\dots\le m_{T-1}\le n$ for $n$ sequences of equal length.",
            claims=("repaired",),
            argued="docstring",
        ),
    ),
    instances=sequence_sets,
    examples=golden_sets,
)


def counts(sequences: Sequences) -> tuple[int, ...]:
    """(m_1, ..., m_{T-1})."""
    return tuple(len(context_counts(sequences, t)) for t in range(1, length(sequences)))


@erratum.step("prefixes", by="exact sets", scope="", latex=r"\{\text{contexts of length }i\}=\{\text{prefixes of those of length }i+1\}")
def prefixes(case: Case) -> All | NotExercised:
    """Cutting the last token maps the longer contexts onto the shorter ones."""
    sequences: Sequences = case.problem
    levels = [frozenset(context_counts(sequences, t)) for t in range(1, length(sequences))]
    pairs = list(pairwise(levels))
    return All(*(Equal(frozenset(c[:-1] for c in longer), shorter) for shorter, longer in pairs)) if pairs else NotExercised("contexts of one length")


@erratum.claim(r"\text{printed: }m_1\ge m_2\ge\dots\ge m_{T-1}", expected="refuted")
def printed(case: Case) -> Monotone:
    """Counted."""
    return Monotone((counts(case.problem)[0], *counts(case.problem)))


@erratum.claim(r"\text{repaired: }m_1\le m_2\le\dots\le m_{T-1}\le n")
def repaired(case: Case, strict: bool = False) -> All:
    """Counted; at most one context per sequence."""
    found = counts(case.problem)
    rising = [Monotone((found[0], *found), increasing=True)] if not strict else [Monotone(found, increasing=True, strict=True)] if found[1:] else []
    return All(*rising, AtMost(found[-1], len(case.problem)))


@erratum.mutant(of=repaired, latex=r"m_1<m_2<\dots<m_{T-1}")
def strictly_more(case: Case) -> All:
    """One sequence has one context of each length."""
    return repaired(case, strict=True)


@erratum.mutant(of=repaired, latex=r"m_{T-1}=n")
def one_context_per_sequence(case: Case) -> Equal:
    """{111, 112} share their longest context."""
    return Equal(counts(case.problem)[-1], len(case.problem))
