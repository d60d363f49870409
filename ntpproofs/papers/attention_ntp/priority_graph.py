"""Token-priority graphs of an attention dataset (2403.08081): one directed graph per last token, y -> v for every label y.

Strongly connected components are what training ties, edges between them what it separates. For linearly independent
embeddings the tied alternatives of a sequence are exactly the tokens of its label's component (`cyclic_rows`). For dependent
ones the recession cone decides and may tie more: `extra_ties` is the difference, and it is never negative, because the
differences along a cycle sum to zero whatever the embeddings are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import InvalidInput
from ...logit.problem import RowAlternative
from ...logit.recession import separation
from .problem import AttentionNTP, of_attention
from .token_order import Component, PriorityEdge, PriorityOrder

if TYPE_CHECKING:
    import networkx as nx


def priority_graphs(attention: AttentionNTP) -> dict[int, nx.DiGraph]:
    """The token-priority graph of every last token that occurs: edges y_i -> v for v in A_i, without self-loops.

    Every graph has all K tokens as nodes; the attribute `appears` marks those seen with this query. The edge attribute
    `sequences` lists the sequences it comes from. Law: the graphs do not depend on embeddings, repetitions or counts.

    >>> graphs = priority_graphs(AttentionNTP([[1, 0], [0, 1]], [[1, 0], [0, 1]], [0, 1]))
    >>> {query: list(graph.edges) for query, graph in graphs.items()}
    {0: [(0, 1)], 1: [(1, 0)]}
    """
    return selection_graphs(attention, [(label,) for label in of_attention(attention).labels])


def selection_graphs(attention: AttentionNTP, selected: Sequence[Collection[int]]) -> dict[int, nx.DiGraph]:
    """The pseudo graphs of a selection: an edge from every selected token of a sequence to every token of the sequence.

    With the labels selected these are the token-priority graphs. Raises `InvalidInput` if a sequence has no selected token
    or one that is not in it.

    >>> attention = AttentionNTP([[1, 0], [0, 1]], [[1, 0]], [1])
    >>> list(selection_graphs(attention, [(0,)])[0].edges)
    [(0, 1)]
    """
    import networkx as nx  # at first use: it takes a third of a second, and orders need no graph library

    if len(selected) != len(attention.sequences):
        raise InvalidInput("selected", f"has {len(selected)} entries for {len(attention.sequences)} sequences", "select tokens of every sequence")
    graphs = {}
    for query in sorted(set(attention.queries)):
        graph = nx.DiGraph(query=query)
        graph.add_nodes_from(range(attention.vocabulary_size), appears=False)
        graphs[query] = graph
    for i, (query, tokens, chosen) in enumerate(zip(attention.queries, attention.choice_sets, selected)):
        if not chosen or not set(chosen) <= set(tokens):
            raise InvalidInput(f"selected[{i}]", f"is {sorted(chosen)}", f"select at least one of the tokens {list(tokens)}")
        for v in tokens:
            graphs[query].nodes[v]["appears"] = True
            for y in sorted(set(chosen) - {v}):
                if not graphs[query].has_edge(y, v):
                    graphs[query].add_edge(y, v, sequences=())
                graphs[query].edges[y, v]["sequences"] += (i,)
    return graphs


def appearing_tokens(graph: nx.DiGraph) -> tuple[int, ...]:
    """The tokens seen with the query of a graph, by increasing id."""
    return tuple(v for v, appears in sorted(graph.nodes(data="appears")) if appears)


def priority_order(graph: nx.DiGraph) -> PriorityOrder:
    """The order of a token-priority graph.

    >>> graph = priority_graphs(AttentionNTP.one_hot_tokens(3, [[1, 0], [1, 0], [2, 0]], [0, 1, 0]))[0]
    >>> [sorted(component) for component in priority_order(graph).components]
    [[0, 1], [2]]
    """
    return PriorityOrder(int(graph.graph["query"]), appearing_tokens(graph), tuple(sorted(graph.edges)))


def priority_orders(attention: AttentionNTP) -> dict[int, PriorityOrder]:
    """The order of every token-priority graph, by last token; computed once per problem."""
    logit = of_attention(attention).conditional_logit()
    orders: dict[int, PriorityOrder] = logit.remember("priority orders", lambda: _orders(attention))
    return orders


def _orders(attention: AttentionNTP) -> dict[int, PriorityOrder]:
    tokens: dict[int, set[int]] = {query: set() for query in sorted(set(attention.queries))}
    edges: dict[int, set[tuple[int, int]]] = {query: set() for query in tokens}
    for query, seen, label in zip(attention.queries, attention.choice_sets, attention.labels):
        tokens[query].update(seen)
        edges[query].update((label, v) for v in seen if v != label)
    return {query: PriorityOrder(query, tuple(sorted(tokens[query])), tuple(sorted(edges[query]))) for query in tokens}


def dataset_class(attention: AttentionNTP) -> str:
    """`acyclic` (every component is a single token), `all-cyclic` (some is not, and no cross edge) or `mixed`.

    For independent embeddings this is complete, overlap and quasi-complete separation; a dataset without any edge is acyclic.

    >>> dataset_class(AttentionNTP.one_hot_tokens(3, [[1, 0], [1, 0], [2, 0]], [0, 1, 0]))
    'mixed'
    """
    orders = priority_orders(attention).values()
    if not any(order.ties for order in orders):
        return "acyclic"
    return "mixed" if any(order.cross_edges for order in orders) else "all-cyclic"


def ford_condition(attention: AttentionNTP) -> bool:
    """Whether every token-priority graph is strongly connected on its appearing tokens.

    Law (hub property): this holds iff no graph has a cross edge.

    >>> ford_condition(AttentionNTP.one_hot_tokens(2, [[1, 0], [1, 0]], [0, 1]))
    True
    """
    return all(order.strongly_connected for order in priority_orders(attention).values())


def is_hub(graph: nx.DiGraph, token: int) -> bool:
    """Whether every token with an outgoing edge has one to `token`: true of the query, which is in every sequence of its graph.

    >>> is_hub(priority_graphs(AttentionNTP.one_hot_tokens(3, [[1, 2, 0]], [1]))[0], 0)
    True
    """
    return all(v == token or graph.has_edge(v, token) for v in graph if graph.out_degree(v))


def label_components(attention: AttentionNTP) -> tuple[Component, ...]:
    """C_i: the component of every sequence's label in the graph of its query."""
    orders = priority_orders(attention)
    return tuple(orders[query].component_of[label] for query, label in zip(attention.queries, attention.labels))


def cyclic_rows(attention: AttentionNTP) -> frozenset[RowAlternative]:
    """{(i, v) : the token of alternative v is not the label of i and lies on a cycle with it}: tied by the graph alone.

    >>> sorted(cyclic_rows(AttentionNTP.one_hot_tokens(3, [[1, 0], [1, 0], [2, 0]], [0, 1, 0])))
    [(0, 1), (1, 0)]
    """
    rows = enumerate(zip(of_attention(attention).choice_sets, attention.labels, label_components(attention)))
    return frozenset((i, n) for i, (tokens, label, inside) in rows for n, v in enumerate(tokens) if v != label and v in inside)


def extra_ties(attention: AttentionNTP) -> frozenset[RowAlternative]:
    """What dependent embeddings tie beyond the cycles: tied on the recession cone although no cycle says so.

    Law: empty for linearly independent embeddings, and empty iff the Graph-SVM is feasible.

    >>> extra_ties(AttentionNTP([[1], [1]], [[1, 0]], [1]))
    frozenset({(0, 0)})
    """
    return separation(attention).tied - cyclic_rows(attention)


def edge_of(attention: AttentionNTP, pair: RowAlternative) -> PriorityEdge:
    """The edge y -> v behind a (row, alternative)."""
    i, n = pair
    return PriorityEdge(attention.queries[i], attention.labels[i], attention.choice_sets[i][n])


def describe(order: PriorityOrder) -> dict[str, Any]:
    """An order and its graph as JSON: tokens, edges, components in priority order, priorities between components."""
    return {
        "query": order.query,
        "tokens": list(order.tokens),
        "edges": [list(edge) for edge in order.edges],
        "components": [sorted(component) for component in order.components],
        "generations": [[sorted(component) for component in layer] for layer in order.generations],
        "priorities": [list(edge) for edge in order.priorities],
        "cross_edges": [[edge.upper, edge.lower] for edge in order.cross_edges],
        "strongly_connected": order.strongly_connected,
    }


__all__ = [
    "PriorityEdge", "PriorityOrder", "appearing_tokens", "cyclic_rows", "dataset_class", "describe", "edge_of", "extra_ties", "ford_condition",
    "is_hub", "label_components", "priority_graphs", "priority_order", "priority_orders", "selection_graphs",
]  # fmt: skip
