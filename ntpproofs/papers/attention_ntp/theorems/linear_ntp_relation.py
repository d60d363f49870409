"""A dataset seen both ways: full choice sets make attention NTP a linear NTP problem.

With m = 1 and the whole vocabulary in every choice set the loss of a sequence is the cross-entropy of its label under the
logits (E W) e_k; collected by query and label the mean over the sequences is the linear NTP loss. For orthonormal embeddings W
-> E W keeps inner products, so the two conditional logits have the same differences up to an isometry, and with them the same
partition, direction, finite part and infimum. The differences e_y - e_z and e_z - e_y of two labels of a context add up to 0,
so labels are tied to each other; a decoder that lowers all other tokens in this context alone, which orthonormal contexts
allow, separates these.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp
from hypothesis import strategies as st

from ....exact.balls import Enclosure, Interval
from ....exact.rational import fraction as to_fraction
from ....exact.rational import to_flint
from ....language.relations import All, Equal
from ....language.statements import Case, Proposition, assumption, clause, derived
from ....logit.decomposition import decompose
from ....logit.enclosures import loss_ball
from ....logit.problem import ConditionalLogit, Vector
from ....symbolic import Formula, L, index, total
from ...foundations.theorems._contexts import contexts
from ..assumptions import no_repeated_tokens, orthonormal_embeddings
from ..graph_programmes import graph_svm
from ..priority_graph import label_components
from ..problem import AttentionNTP
from ._exact import enclosure, point, zero
from ._instances import chain, one_hot, pair, pair_above, skew_per_query, three, uneven
from ._symbols import COORDINATES, A, a, b, e, probability, sequence_loss, utility, v, w, x, y


@assumption(r"A_i=[K]", method="counting tokens")
def full_choice_sets(problem: AttentionNTP) -> bool:
    """Every sequence contains the whole vocabulary."""
    return all(len(tokens) == problem.vocabulary_size for tokens in problem.choice_sets)


@st.composite
def full_datasets(draw: Callable[[Any], Any]) -> AttentionNTP:
    """One-hot datasets whose sequences are permutations of the vocabulary."""
    size = draw(st.integers(2, 3))
    samples = []
    for _ in range(draw(st.integers(1, 5))):
        query = draw(st.integers(0, size - 1))
        samples.append(([*(u for u in range(size) if u != query), query], draw(st.integers(0, size - 1))))
    return one_hot(size, *samples)


permutations_only = full_datasets()
two_queries = one_hot(3, ([1, 2, 0], 0), ([1, 2, 0], 1), ([0, 2, 1], 2), ([0, 2, 1], 2))

proposition = Proposition(
    label="attention-ntp.linear-ntp-relation",
    title="Sequences that contain the whole vocabulary: linear NTP",
    source=derived("the two reductions; linear NTP is that of arXiv 2402.18551"),
    setup=r"Let every sequence contain every token once, and take the queries as contexts, $h_k=e_k$, with the label frequencies as next-token"
    r" distributions.",
    clauses=(
        clause(
            r"$L(W)$ is the linear NTP loss $\mathrm{CE}(EW)$.",
            steps=("logit_step", "collection_step"),
            claims=("losses_agree",),
        ),
        clause(
            r"For orthonormal embeddings supports are the tied sets and the components,",
            argued="docstring",
            claims=("tied_sets_agree", "linear_data_are_separable"),
        ),
        clause(
            r"$EW^{\mathrm{svm}}$ is the NTP-SVM solution, $EW^{\mathrm{fin}}$ the finite part, and the infima agree.",
            argued="docstring",
            steps=("isometry_step",),
            claims=("decompositions_agree",),
        ),
    ),
    uses=("attention-ntp.graph-svm", "attention-ntp.finite-part"),
    assumptions=(orthonormal_embeddings, no_repeated_tokens, full_choice_sets),
    instances=permutations_only,
    examples=(pair, uneven, three, two_queries),
)


@proposition.step("logits of the decoder EW", by="index calculus, normal form", scope="all sizes",
                  latex=r"((EW)e_k)_v=e_v^\top We_k,\quad\log\sum_ve^{\ell_v}-\ell_y=-\log p_y")  # fmt: skip
def logit_step() -> All:
    """One row of the decoder per token; with m = 1 and all tokens in the choice set the losses are the same expression."""
    decoder = total(total(e(v, a) * w(a, b), (a, COORDINATES)) * x(b), (b, COORDINATES))
    score = total(e(v, a) * w(a, b) * x(b), (a, COORDINATES), (b, COORDINATES))
    return All(Equal(Formula(decoder), Formula(score)), Equal(Formula(-L(probability(y, A))), Formula(sequence_loss(y, A, utility))))


@proposition.step("sequences collected by query and label", by="index calculus, normal form", scope="all sizes",
                  latex=r"\sum_i\sum_{k,z}[k_i=k][y_i=z]\,l_{kz}=\sum_{k,z}\#\{i:k_i=k,y_i=z\}\,l_{kz}")  # fmt: skip
def collection_step() -> Equal:
    """Divided by n: the share of the query times the frequency of the label."""
    query, label, value = sp.Function("a"), sp.Function("c"), sp.Function("l")
    i, k, z = index("i"), index("k"), index("z")
    left = total(total(query(i, k) * label(i, z) * value(k, z), (k, "K"), (z, "K")), (i, "I"))
    return Equal(Formula(left), Formula(total(total(query(i, k) * label(i, z), (i, "I")) * value(k, z), (k, "K"), (z, "K"))))


@proposition.step("an isometry", by="index calculus, normal form", scope="all sizes",
                  latex=r"\|EW\|^2=\sum_{a,b,c}W_{ac}(E^\top E)_{ab}W_{bc}")  # fmt: skip
def isometry_step() -> Equal:
    """E^T E is the projection onto the span of the embeddings, in which the columns of W^svm and W^fin lie."""
    c = index("c")
    left = total(total(e(v, a) * w(a, c), (a, COORDINATES)) ** 2, (v, "K"), (c, COORDINATES))
    gram = total(e(v, a) * e(v, b), (v, "K"))
    return Equal(Formula(left), Formula(total(w(a, c) * gram * w(b, c), (a, COORDINATES), (b, COORDINATES), (c, COORDINATES))))


def as_linear(problem: AttentionNTP) -> ConditionalLogit:
    """One context per query that occurs: its embedding, its share of the sequences, the frequencies of its labels."""
    queries = sorted(set(problem.queries))
    n, rows, weights = len(problem.labels), [], []
    for k in queries:
        labels = [y for query, y in zip(problem.queries, problem.labels) if query == k]
        rows.append([Fraction(labels.count(v), len(labels)) for v in range(problem.vocabulary_size)])
        weights.append(Fraction(len(labels), n))
    return contexts([problem.embeddings[k] for k in queries], rows, weights)


def decoder(problem: AttentionNTP, flat: Vector) -> Vector:
    """E W as a flat decoder (K x d)."""
    table = to_flint(problem.embeddings) * to_flint(problem.lift(flat))
    return tuple(to_fraction(entry) for row in table.tolist() for entry in row)


@proposition.claim(r"L(W)=\mathrm{CE}(EW)")
def losses_agree(case: Case) -> All:
    """At zero and at a rational W, in balls."""
    problem = case.problem
    other = as_linear(problem)
    pairs = ((loss_ball(problem.conditional_logit(), z), loss_ball(other, decoder(problem, z))) for z in (zero(problem), point(problem)))
    return All(*(Equal(left, right) for left, right in pairs))


@proposition.claim(r"\text{tied set of the context } k=\text{component of the labels of } k")
def tied_sets_agree(case: Case) -> Equal:
    """The certified partition of the linear problem against graphs of the attention problem."""
    inside = dict(zip(case.problem.queries, label_components(case.problem)))
    found = decompose(as_linear(case.problem)).separation.tied_sets
    return Equal(tuple(map(frozenset, found)), tuple(inside[k] for k in sorted(inside)))


@proposition.claim(r"EW^{\mathrm{svm}}=W^{\mathrm{mm}},\quad EW^{\mathrm{fin}}=W^\star,\quad\inf L=\inf\mathrm{CE}")
def decompositions_agree(case: Case) -> All:
    """Exactly for the direction, enclosed for the finite part and the infimum."""
    problem, linear = case.problem, decompose(as_linear(case.problem))
    lowest: Interval = case.derived.infimum
    part = case.derived.finite_part
    # |E V| <= |E|_F |V|, and |E|_F <= 1 + |E|_F^2.
    stretch = 1 + sum((problem.gram[v][v] for v in range(problem.vocabulary_size)), Fraction(0))
    return All(
        Equal(decoder(problem, graph_svm(problem).direction or zero(problem)), linear.max_margin.direction),
        Equal(Enclosure(decoder(problem, part.center), stretch * part.radius), enclosure(linear.finite_part)),
        Equal(lowest, linear.infimum),
    )


@proposition.claim(r"\text{linear data are always separable here, and compatible}")
def linear_data_are_separable(case: Case) -> Equal:
    """Orthonormal contexts: every support is its own tied set, so components are supports and acyclic means one label per query."""
    linear = as_linear(case.problem)
    return Equal(tuple(frozenset(block.labels) for block in linear.data.blocks), decompose(linear).separation.tied_sets)


@proposition.mutant(of=tied_sets_agree, latex=r"\text{components are single tokens}")
def components_are_single(case: Case) -> Equal:
    """Several labels of one query on one choice set form a cycle."""
    found = decompose(as_linear(case.problem)).separation.tied_sets
    return Equal(tuple(map(len, found)), (1,) * len(found))


proposition.mutant(of=losses_agree, without=full_choice_sets, instances=(chain, pair_above), latex=r"\text{shorter sequences are linear NTP too}")
proposition.mutant(of=decompositions_agree, without=orthonormal_embeddings, instances=(skew_per_query,),
                   latex=r"\text{decompositions agree for all embeddings}")  # fmt: skip
proposition.mutant(of=losses_agree, without=no_repeated_tokens, instances=(one_hot(2, ([1, 0, 0], 0), ([1, 0, 0], 1), ([1, 0, 0], 0)),),
                   latex=r"\text{repeated tokens do not matter}")  # fmt: skip
