"""Invariants of attention NTP datasets (2403.08081) for `discover`, and the bounds on them that need no conjecture."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ...exact.rational import dot, rank
from ...language.invariants import Discovery, invariant, known
from ...logit.decomposition import decompose
from ...logit.invariants import LOGIT_INVARIANTS, LOGIT_KNOWN, dimension, embedding_rank, scaled
from .priority_graph import extra_ties as tied_beyond_cycles
from .priority_graph import priority_orders
from .problem import AttentionNTP


@invariant("K", given=True, powers=3)
def tokens(problem: AttentionNTP) -> int:
    """The number of tokens."""
    return problem.vocabulary_size


@invariant("n", given=True)
def sequences(problem: AttentionNTP) -> int:
    """The number of sequences."""
    return len(problem.sequences)


token_rank = replace(embedding_rank, latex=r"\operatorname{rk}E")


@invariant("n_k", given=True)
def queries(problem: AttentionNTP) -> int:
    """The number of different last tokens."""
    return len(set(problem.queries))


@invariant("n_a", given=True)
def appearances(problem: AttentionNTP) -> int:
    """The number of (query, token) pairs such that the token appears with the query."""
    return sum(len(order.tokens) for order in priority_orders(problem).values())


@invariant("n_C", given=True)
def components(problem: AttentionNTP) -> int:
    """The number of components of all token-priority graphs."""
    return sum(len(order.components) for order in priority_orders(problem).values())


@invariant(r"|C|_{\max}", given=True)
def largest_component(problem: AttentionNTP) -> int:
    """The number of tokens of the largest component."""
    return max(len(component) for order in priority_orders(problem).values() for component in order.components)


@invariant("h", given=True, powers=3)
def height(problem: AttentionNTP) -> int:
    """The number of generations of the deepest token-priority graph."""
    return max(len(order.generations) for order in priority_orders(problem).values())


@invariant(r"\textstyle\sum h_k", given=True)
def total_height(problem: AttentionNTP) -> int:
    """The number of generations of all token-priority graphs together."""
    return sum(len(order.generations) for order in priority_orders(problem).values())


@invariant(r"w_{\max}", given=True)
def width(problem: AttentionNTP) -> int:
    """The largest number of components in one generation of a token-priority graph."""
    return max(len(layer) for order in priority_orders(problem).values() for layer in order.generations)


@invariant("n_{\\to}", given=True)
def priorities(problem: AttentionNTP) -> int:
    """The number of ordered pairs of components with an edge between them."""
    return sum(len(order.component_edges) for order in priority_orders(problem).values())


@invariant("n_{\\Rightarrow}", given=True)
def implied_priorities(problem: AttentionNTP) -> int:
    """The number of (query, token, token) such that the first token is above the second."""
    return sum(len(order.path_pairs) for order in priority_orders(problem).values())


@invariant(r"\textstyle\sum (h_k^3-h_k)/12", given=True)
def chain_norm(problem: AttentionNTP) -> Fraction:
    """The squared norm of u for chains with as many tokens as the graphs have generations, one-hot tokens given."""
    heights = (len(order.generations) for order in priority_orders(problem).values())
    return sum((Fraction(h**3 - h, 12) for h in heights), Fraction(0))


@invariant(r"\|S_{\mathrm{gen}}\|^2", given=True)
def generation_norm(problem: AttentionNTP) -> Fraction:
    """The squared norm of the scores that are minus the number of the generation, centred per query: feasible for one-hot tokens."""
    total = Fraction(0)
    for order in priority_orders(problem).values():
        places = [g for g, layer in enumerate(order.generations) for component in layer for _ in component]
        total += sum(g * g for g in places) - Fraction(sum(places) ** 2, len(places))
    return total


@invariant(r"e_{\max}^2", given=True, scale=2)
def largest_square(problem: AttentionNTP) -> Fraction:
    """The largest squared length of an embedding."""
    return max(dot(e, e) for e in problem.embeddings)


@invariant(r"n_{\mathrm{extra}}")
def extra_ties(problem: AttentionNTP) -> int:
    """The number of (sequence, token) pairs that dependent embeddings tie beyond the cycles."""
    return len(tied_beyond_cycles(problem))


@invariant(r"\operatorname{rk}W^{\mathrm{svm}}")
def weight_rank(problem: AttentionNTP) -> int:
    """The rank of the Graph-SVM matrix."""
    return rank(problem.lift(decompose(problem).max_margin.direction))


@invariant(r"e_{\max}^4\|u\|^2", unbounded=True)
def scaled_norm(problem: AttentionNTP) -> Fraction:
    """The squared norm of u times the square of the largest squared length of an embedding, which no scaling of the embeddings changes."""
    u = decompose(problem).max_margin.direction
    return dot(u, u) * max(dot(e, e) for e in problem.embeddings) ** 2


INVARIANTS = (
    tokens, sequences, dimension, token_rank, queries, appearances, components, largest_component, height, total_height, width, priorities,
    implied_priorities, chain_norm, generation_norm, largest_square, *scaled(LOGIT_INVARIANTS, 4), extra_ties, weight_rank, scaled_norm,
)  # fmt: skip

# Where nothing is tied, or queries are orthogonal. Else projecting off what is tied for one query tilts u for another, and a query without
# priorities may add to the rank.
RANK = "a query without priorities adds nothing to the rank"
RANKS = ("components", "total_height", "2*priorities", "4*chain_norm", "2*implied_priorities")
KNOWN = (
    *LOGIT_KNOWN,
    known("tied_dimension + diverging_dimension + invariant_dimension = dimension^2", source="foundations.separation"),
    known("tied_dimension = appearances - components", "independent_embeddings", source="attention-ntp.graph-facts"),
    known("diverging_dimension = components - queries", "independent_embeddings", source="attention-ntp.graph-facts"),
    known("12*squared_norm <= tokens^3 - tokens", "one_query", "orthonormal_embeddings", source="a linear extension of the order is feasible"),
    known("scaled_norm = squared_norm", "orthonormal_embeddings"),
    known("squared_norm <= generation_norm", "orthonormal_embeddings", source="the generations are feasible"),
    known("squared_norm >= chain_norm", "orthonormal_embeddings", source="a longest chain alone needs as much"),
    known("chain_norm >= 0"),
    known("generation_norm >= chain_norm"),
    known("generation_norm = 0", "strongly_connected"),
    known("largest_square = 1", "orthonormal_embeddings"),
    known("embedding_rank <= tokens"),
    known("embedding_rank <= dimension"),
    known("embedding_rank = tokens", "independent_embeddings"),
    known("queries = 1", "one_query"),
    known("queries >= 1"),
    known("queries <= tokens"),
    known("queries <= sequences"),
    known("queries <= components"),
    known("components <= appearances"),
    known("components = appearances", "acyclic"),
    known("largest_component = 1", "acyclic"),
    known("largest_component >= 1"),
    known("largest_component >= 2", "cyclic"),
    known("components + largest_component <= appearances + 1"),
    known("appearances <= queries*tokens"),
    known("largest_component <= tokens"),
    known("total_height >= height"),
    known("total_height >= height + queries - 1"),
    known("total_height <= components"),
    known("height >= 1"),
    known("height >= 2", "some_cross_edge"),
    known("height + largest_component <= tokens + 1", "one_query"),
    known("height + width <= tokens + 1", "one_query"),
    known("height + width <= components + 1", "one_query"),
    known("width >= 1"),
    known("priorities >= components - queries", source="attention-ntp.graph-facts"),
    known("priorities >= total_height - queries"),
    known("priorities >= 0"),
    known("implied_priorities >= priorities"),
    known("implied_priorities >= 0"),
    known("queries = components", "strongly_connected"),
    known("priorities = 0", "strongly_connected"),
    known("implied_priorities = 0", "strongly_connected"),
    known("height = 1", "strongly_connected"),
    known("width = 1", "strongly_connected"),
    known("largest_square >= 0"),
    known("extra_ties >= 0"),
    known("infimum = 0", "acyclic", "independent_embeddings", source="attention-ntp.infimum"),
    known("weight_rank >= 1", "some_cross_edge", "independent_embeddings"),
    known("separable_pairs >= priorities - extra_ties"),
    known("weight_rank <= tokens - 1", source="attention-ntp.graph-svm"),
    known("extra_ties = 0", "graph_svm_feasible"),
    known("weight_rank >= 0"),
    known("weight_rank <= queries", source="attention-ntp.graph-svm"),
    known("weight_rank <= embedding_rank", source="attention-ntp.graph-svm"),
    known("weight_rank <= strong_rank", "completely_separable"),
    known("weight_rank >= 1", "something_separable"),
    known("scaled_norm >= 0"),
    *(known(f"2*weight_rank <= {size}", where, source=RANK) for size in RANKS for where in ("completely_separable", "orthogonal_embeddings")),
)

DISCOVERY = Discovery(
    INVARIANTS,
    KNOWN,
    (
        {"max_tokens": 4, "max_dimension": 4, "max_sequences": 4, "max_length": 4},
        {"max_tokens": 6, "max_dimension": 6, "max_sequences": 6, "max_length": 4, "embeddings": "one-hot"},
        {"max_tokens": 6, "max_dimension": 6, "max_sequences": 6, "max_length": 4, "embeddings": "one-hot", "single_query": True},
        {"max_tokens": 4, "max_dimension": 4, "max_sequences": 5, "max_length": 4, "independent": True},
        {"max_tokens": 8, "max_dimension": 8, "max_sequences": 10, "max_length": 5, "embeddings": "one-hot"},
    ),
    units=frozenset({"orthonormal_embeddings"}),
    premises=(("one_query", "orthonormal_embeddings"), ("orthonormal_embeddings",), ("acyclic", "orthonormal_embeddings")),
)
