"""Contexts of all lengths pooled into one dataset (2402.18551, Appendix C).

The loss averaged over the n sequences and summed over positions is sum_{t,j} (n_tj / n) sum_z p_tjz loss_tjz, n_tj
the number of sequences with the context: the order of summation is all that changes. Each length has sum_j n_tj =
n, so the frequencies sum to T - 1. The same identity with -log p_tjz for the loss gives the entropies.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from ....exact.balls import Interval
from ....language.relations import All, AtMost, Equal
from ....language.statements import Case, Proposition, cite, clause
from ....logit.decomposition import decompose
from ....symbolic import Formula, index, total
from ._losses import point, risk
from ._sequences import (
    Sequences,
    conditional_entropy,
    context_counts,
    dataset,
    golden_sets,
    length,
    pooled_contexts,
    sequence_sets,
    vocabulary_size,
)  # fmt: skip

proposition = Proposition(
    label="linear-ntp.autoregressive-pooling",
    title="Autoregressive training is linear NTP on pooled contexts",
    source=cite("thrampoulidis2024", "Appendix C", "weights divided by T - 1 so that they sum to one; the empty context is left out"),
    setup=r"For sequences of length $T$ let the index set hold every distinct context of every length"
    r" $i\in\{1,\dots,T-1\}$, with the frequency $\pi_{i,j}$ of the context among the sequences and"
    r" its next-token law $p_{i,j}$.",
    clauses=(
        clause(
            r"The loss averaged over sequences and summed over positions is $T-1$ times the cross-entropy of"
            r" this dataset with weights $\pi_{i,j}/(T-1)$,",
            steps=("pooling_step",),
            claims=("pairs_are_weighted", "risks_add"),
        ),
        clause(
            r"which sum to one.",
            steps=("weights_step",),
            claims=("weights_sum",),
        ),
        clause(
            r"$(T-1)\mathcal H=\sum_iH(z_{i+1}\mid z_1,\dots,z_i)$.",
            steps=("pooling_step",),
            claims=("entropies_add",),
        ),
        clause(
            r"So what holds for linear NTP holds for it: $\inf\mathrm{CE}\ge \mathcal H$, with equality for one-hot"
            r" contexts.",
            by=("linear-ntp.entropy-identity", "linear-ntp.overparameterised", "linear-ntp.entropy-iff"),
            claims=("theory_applies",),
        ),
    ),
    uses=("linear-ntp.entropy-identity",),
    instances=sequence_sets,
    examples=golden_sets,
)


@proposition.step("pooling the sum", by="index calculus, normal form", scope="all sizes",
                  latex=r"\tfrac1n\sum_i\sum_jn_{ij}\sum_zp_{ijz}\ell_{ijz}=(T-1)\sum_{i,j}\tfrac{\pi_{ij}}{T-1}\sum_zp_{ijz}\ell_{ijz}")  # fmt: skip
def pooling_step() -> Equal:
    """pi = n_tj / n; the order of summation and the common factor are all that changes."""
    count, p, loss = (sp.Function(name) for name in ("n", "p", "ell"))
    t, j, z, n, size = index("t"), index("j"), index("z"), sp.Symbol("N"), sp.Symbol("tau")
    left = total(count(t, j) * total(p(t, j, z) * loss(t, j, z), (z, "V")), (t, "T"), (j, "J")) / n
    right = size * total(count(t, j) / n / size * p(t, j, z) * loss(t, j, z), (t, "T"), (j, "J"), (z, "V"))
    return Equal(Formula(left), Formula(right))


@proposition.step("weights sum to one", by="index calculus, normal form", scope="all sizes",
                  latex=r"\sum_j\frac{n_{ij}}{\sum_in_{ti}}=1")  # fmt: skip
def weights_step() -> Equal:
    """Every sequence has one context of each length, so the counts of a length sum to n."""
    count, t, j, i = sp.Function("n"), index("t"), index("j"), index("i")
    share = count(t, j) / total(count(t, i), (i, "J"))
    return Equal(Formula(total(share, (j, "J"))), Formula(sp.Integer(1)))


def frequencies(sequences: Sequences) -> dict[tuple[tuple[int, ...], int], Fraction]:
    """{(context, token): how often the pair occurs per sequence}, over all positions."""
    found: dict[tuple[tuple[int, ...], int], Fraction] = {}
    for s in sequences:
        for t in range(1, len(s)):
            found[s[:t], s[t]] = found.get((s[:t], s[t]), Fraction(0)) + Fraction(1, len(sequences))
    return found


@proposition.claim(r"\text{frequency of }(\text{context},z)=(T-1)\,\pi_{i,j}\,p_{i,j,z}")
def pairs_are_weighted(case: Case, last_only: bool = False, factor: int = 1) -> Equal:
    """Every coefficient of the loss, exact."""
    sequences: Sequences = case.problem
    contexts = [pair for pair in pooled_contexts(sequences) if not last_only or len(pair[0]) == length(sequences) - 1]
    problem = dataset(contexts, vocabulary_size(sequences), one_hot=True)
    scale = (length(sequences) - 1) * factor
    triples = zip(contexts, problem.weights, problem.probabilities)
    return Equal({(c, z): scale * a * p[z] for (c, row), a, p in triples for z in row}, frequencies(sequences))


@proposition.claim(r"\textstyle\sum_{i,j}\pi_{i,j}=T-1")
def weights_sum(case: Case, target: int | None = None) -> Equal:
    """Per length they sum to one, exact."""
    sequences: Sequences = case.problem
    sums = [sum(row.total() for row in context_counts(sequences, t).values()) for t in range(1, length(sequences))]
    return Equal(Fraction(sum(sums), len(sequences)), length(sequences) - 1 if target is None else target)


@proposition.claim(r"(T-1)\,\mathrm{CE}(W)=\textstyle\sum_i\mathrm{CE}_i(W)\text{ for one decoder and one embedding map}")
def risks_add(case: Case) -> Equal:
    """Embeddings are token counts and length; each length is a dataset of its own; a decoder that is nowhere special."""
    sequences: Sequences = case.problem
    vocabulary, last = vocabulary_size(sequences), length(sequences)
    pooled = dataset(pooled_contexts(sequences), vocabulary)
    w = point(pooled)
    parts = [risk(dataset(sorted(context_counts(sequences, t).items()), vocabulary), w) for t in range(1, last)]
    whole = risk(pooled, w)
    total_risk = Interval(sum((x.center for x in parts), Fraction(0)), sum((x.radius for x in parts), Fraction(0)))
    return Equal(Interval((last - 1) * whole.center, (last - 1) * whole.radius), total_risk)


@proposition.claim(r"(T-1)\,\mathcal H=\textstyle\sum_iH(z_{i+1}\mid z_1,\dots,z_i)")
def entropies_add(case: Case, position_only: bool = False) -> Equal:
    """The entropy of the pooled data, enclosed, against exact combinations of logarithms."""
    sequences: Sequences = case.problem
    last = length(sequences)
    value = dataset(pooled_contexts(sequences), vocabulary_size(sequences)).entropy
    exact = [conditional_entropy(context_counts(sequences, t)).enclose() for t in ([last - 1] if position_only else range(1, last))]
    summed = Interval(sum((x.center[0] for x in exact), Fraction(0)), sum((x.radius for x in exact), Fraction(0)))
    return Equal(Interval((last - 1) * value.center, (last - 1) * value.radius), summed)


@proposition.claim(r"\text{the theory applies: }\inf\mathrm{CE}\ge \mathcal H\text{ for pooled contexts, }=\mathcal H\text{ for one-hot contexts}")
def theory_applies(case: Case) -> All:
    """Decided on the pooled data: with one-hot contexts they are compatible and separable."""
    sequences: Sequences = case.problem
    contexts, vocabulary = pooled_contexts(sequences), vocabulary_size(sequences)
    counted, one_hot = dataset(contexts, vocabulary), dataset(contexts, vocabulary, one_hot=True)
    room = Interval(decompose(counted).infimum.center + Fraction(1, 2**60), decompose(counted).infimum.radius)
    return All(AtMost(counted.entropy, room), Equal(decompose(one_hot).infimum, one_hot.entropy))


@proposition.mutant(of=pairs_are_weighted, latex=r"\text{contexts of length }T-1\text{ alone}")
def last_position_only(case: Case) -> Equal:
    """Earlier positions are trained on, too."""
    return pairs_are_weighted(case, last_only=True)


@proposition.mutant(of=weights_sum, latex=r"\textstyle\sum_{i,j}\pi_{i,j}=1")
def weights_sum_to_one(case: Case) -> Equal:
    """They sum to one per length."""
    return weights_sum(case, target=1)


@proposition.mutant(of=pairs_are_weighted, latex=r"\text{without the factor }T-1\text{ (halved)}")
def wrong_factor(case: Case) -> Equal:
    """Rescaling the weights rescales the loss."""
    return pairs_are_weighted(case, factor=2)


@proposition.mutant(of=entropies_add, latex=r"(T-1)\,\mathcal H=\mathcal H(z_T\mid z_1,\dots,z_{T-1})")
def last_entropy_only(case: Case) -> Equal:
    """Every position contributes."""
    return entropies_add(case, position_only=True)
