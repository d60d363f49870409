"""The golden instances of attention NTP, with hand-computed answers in the tests, and the strategies shared by this area.

Tokens count from 0 and the last id of a sequence is its query. Embeddings are orthonormal unless a comment says otherwise.
"""

from __future__ import annotations

from hypothesis import strategies as st

from ..problem import AttentionNTP
from ..strategies import attention_ntps


def one_hot(tokens: int, *samples: tuple[list[int], int]) -> AttentionNTP:
    """The dataset of (sequence, label) pairs on orthonormal embeddings.

    >>> one_hot(2, ([1, 0], 1)).labels
    (1,)
    """
    return AttentionNTP.one_hot_tokens(tokens, [sequence for sequence, _ in samples], [label for _, label in samples])


# GI-1: 2 over 1 over 0.
chain = one_hot(3, ([1, 0], 1), ([2, 1, 0], 2))
# GI-2: a two-cycle above a token.
pair_above = one_hot(3, ([1, 0], 0), ([1, 0], 1), ([2, 0], 0))
# GI-3: counts 3 against 2 inside the cycle, two tokens below it.
mixed = one_hot(4, ([1, 0], 0), ([1, 0], 0), ([1, 0], 0), ([1, 0], 1), ([2, 0], 0), ([2, 3, 1, 0], 1))
# GI-4: the query is repeated.
repeated = one_hot(2, ([1, 0, 0], 0), ([1, 0, 0], 1))
# GI-5: the edge 3 -> 2 has margin 1 and multiplier zero.
weak = one_hot(4, ([0, 1, 2], 0), ([1, 2], 1), ([3, 2], 3))
# GI-7: a symmetric two-cycle.
pair = one_hot(2, ([1, 0], 0), ([1, 0], 1))
# GI-10: label counts 3, 2, 1 on one choice set.
three = one_hot(3, *(([1, 2, 0], 0),) * 3, *(([1, 2, 0], 1),) * 2, ([1, 2, 0], 2))
# GI-11: opposite priorities for the two queries.
per_query = one_hot(2, ([1, 0], 0), ([0, 1], 1))

# Label counts 2 and 1 on one pair.
uneven = one_hot(2, ([1, 0], 0), ([1, 0], 0), ([1, 0], 1))
# Token 2 is never seen with the query 0.
unseen = one_hot(3, ([1, 0], 0))
# One sequence of a single token: nothing to learn.
constant = one_hot(1, ([0], 0))
# Two two-cycles over each other, the query in the lower one; the lower labels' sequences lose nothing.
two_pairs = one_hot(4, ([1, 0], 0), ([1, 0], 1), ([3, 2, 0], 2), ([3, 2, 0], 3))
# The reduced choice sets of the first two sequences are {1, 2}: the query 0 is cut away.
query_below = one_hot(3, ([1, 2, 0], 1), ([1, 2, 0], 2))

# The same sequences as the chain and the mixed dataset on independent embeddings that are not orthogonal.
skew_chain = chain.with_embeddings([[1, 0, 0], [1, 1, 0], [0, 1, 1]])
skew_pair_above = pair_above.with_embeddings([[1, 0, 0], [1, 1, 0], [0, 1, 1]])
skew_mixed = mixed.with_embeddings([[1, 0, 0, 0], [1, 2, 0, 0], [0, 1, 1, 0], [1, 0, 0, -1]])
skew_per_query = per_query.with_embeddings([[1, 0], [1, 1]])

# Dependent embeddings: 2 lies halfway between 0 and 1 and is above both; then token 1 repeats token 0.
between = AttentionNTP([[0, 1], [2, 1], [1, 1]], [[0, 1, 2], [1, 2]], [2, 2])
same_embedding = AttentionNTP([[1, 0], [1, 0]], [[1, 0]], [1])
# The first two sequences tie token 2 to the tokens it lies between; the third can still be separated.
partly_tied = AttentionNTP(between.embeddings, [*between.sequences, (1, 0)], [*between.labels, 1])
# More tokens than dimensions, feasible all the same: 1 over 0 over 2 on a line.
on_a_line = AttentionNTP([[1], [2], [-1]], [[1, 0], [0, 2, 0]], [1, 0])

# More data whose embeddings tie what no cycle does: halfway points, one embedding for two tokens, an order against the line.
tied_beyond_cycles = (
    partly_tied,
    between.with_embeddings([[0, 1], [4, 1], [1, 1]]),
    between.with_embeddings([[1, 0, 0], [-1, 0, 2], [0, 0, 1]]),
    AttentionNTP([[1, 1], [1, 1], [0, 1]], [[1, 0], [2, 0]], [1, 0]),
    AttentionNTP([[1], [2], [-1]], [[1, 0], [2, 0]], [0, 0]),
    AttentionNTP([[1, 0], [2, 0], [3, 0]], [[0, 1, 2], [1, 0, 2]], [1, 1]),
    AttentionNTP([[0, 1], [0, 0]], [[0, 1], [1, 0]], [0, 1]),
)

golden = (
    chain, pair_above, mixed, repeated, weak, pair, three, per_query, uneven, unseen, constant, two_pairs, query_below, skew_chain,
    skew_pair_above, skew_mixed, skew_per_query,
)  # fmt: skip
dependent_golden = (between, same_embedding, on_a_line)

# Without cycles, the embeddings skew.
acyclic_golden = (
    weak.with_embeddings([[1, 0, 0, 1], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 2]]),
    query_below.with_embeddings([[1, 0, 0], [1, 1, 0], [0, 1, 1]]),
    unseen.with_embeddings([[2, 0, 0], [1, 1, 0], [0, -1, 1]]),
)

# All data with cycles, for claims about them: every label occurs, counts uneven, the embeddings skew.
cyclic_golden = (
    one_hot(3, ([1, 2, 0], 0), ([1, 2, 0], 1), ([2, 0], 2), ([2, 0], 0)),
    one_hot(2, ([1, 0, 0], 0), ([1, 0], 1), ([1, 0], 1), ([0, 1], 0), ([0, 1], 1)),
    pair.with_embeddings([[1, 0], [1, 1]]),
    uneven.with_embeddings([[2, 1], [1, -1]]),
    three.with_embeddings([[1, 0, 0], [1, 1, 0], [0, 1, 1]]),
    repeated.with_embeddings([[1, 2], [0, 1]]),
)

# The strategies of this area: use these objects, so that instances, decompositions and trajectories are shared.
anything: st.SearchStrategy[AttentionNTP] = attention_ntps(max_tokens=4, max_dimension=4, max_sequences=4, max_length=4)
independent: st.SearchStrategy[AttentionNTP] = attention_ntps(max_tokens=4, max_dimension=4, max_sequences=4, max_length=4, independent=True)
dependent: st.SearchStrategy[AttentionNTP] = attention_ntps(max_tokens=4, max_dimension=3, max_sequences=4, max_length=4, independent=False)
orthonormal: st.SearchStrategy[AttentionNTP] = attention_ntps(max_tokens=4, max_dimension=4, max_sequences=4, max_length=4, embeddings="one-hot")
acyclic_data: st.SearchStrategy[AttentionNTP] = attention_ntps(
    max_tokens=4, max_dimension=4, max_sequences=4, max_length=4, independent=True, kind="acyclic"
)
mixed_data: st.SearchStrategy[AttentionNTP] = attention_ntps(
    max_tokens=4, max_dimension=4, max_sequences=5, max_length=4, independent=True, kind="mixed"
)
all_cyclic_data: st.SearchStrategy[AttentionNTP] = attention_ntps(
    max_tokens=4, max_dimension=4, max_sequences=5, max_length=4, independent=True, kind="all-cyclic"
)
