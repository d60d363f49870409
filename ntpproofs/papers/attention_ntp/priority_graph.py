"""Token-priority graphs of an attention dataset (2403.08081): one directed graph per last token, y -> v for every label y.

Strongly connected components are what training ties, edges between them what it separates. For linearly independent
embeddings the tied alternatives of a sequence are exactly the tokens of its label's component (`cyclic_rows`). For dependent
ones the recession cone decides and may tie more: `extra_ties` is the difference, and it is never negative, because the
differences along a cycle sum to zero whatever the embeddings are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import InvalidInput
from ...logit.problem import RowAlternative
from ...logit.recession import separation
from .problem import AttentionNTP

if TYPE_CHECKING:
    import networkx as nx

Component = frozenset[int]


class PriorityEdge(NamedTuple):
    """`upper` has priority over `lower` (or must equal it, for a tie) for the query `query`: the row (e_upper - e_lower) e_query^T."""

    query: int
    upper: int
    lower: int


def priority_graphs(attention: AttentionNTP) -> dict[int, nx.DiGraph]:
    """The token-priority graph of every last token that occurs: edges y_i -> v for v in A_i, without self-loops.

    Every graph has all K tokens as nodes; the attribute `appears` marks those seen with this query. The edge attribute
    `sequences` lists the sequences it comes from. Law: the graphs do not depend on embeddings, repetitions or counts.

    >>> graphs = priority_graphs(AttentionNTP([[1, 0], [0, 1]], [[1, 0], [0, 1]], [0, 1]))
    >>> {query: list(graph.edges) for query, graph in graphs.items()}
    {0: [(0, 1)], 1: [(1, 0)]}
    """
    return selection_graphs(attention, [(label,) for label in attention.labels])


def selection_graphs(attention: AttentionNTP, selected: Sequence[Collection[int]]) -> dict[int, nx.DiGraph]:
    """The pseudo graphs of a selection: an edge from every selected token of a sequence to every token of the sequence.

    With the labels selected these are the token-priority graphs. Raises `InvalidInput` if a sequence has no selected token
    or one that is not in it.

    >>> attention = AttentionNTP([[1, 0], [0, 1]], [[1, 0]], [1])
    >>> list(selection_graphs(attention, [(0,)])[0].edges)
    [(0, 1)]
    """
    import networkx as nx  # at first use: it takes a tenth of a second, and most data need no graph

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


@dataclass(frozen=True, eq=False)
class PriorityOrder:
    """The order a token-priority graph puts on its appearing tokens: components, and which component is above which."""

    graph: nx.DiGraph

    @property
    def query(self) -> int:
        """The last token the graph belongs to."""
        return int(self.graph.graph["query"])

    @cached_property
    def tokens(self) -> tuple[int, ...]:
        """The tokens seen with the query."""
        return appearing_tokens(self.graph)

    @cached_property
    def condensation(self) -> nx.DiGraph:
        """The acyclic graph of components: node c of the condensation is `components[c]`."""
        import networkx as nx

        names = {frozenset(c): n for n, c in enumerate(self.components)}
        plain = nx.condensation(self.graph.subgraph(self.tokens))
        return nx.relabel_nodes(plain, {n: names[frozenset(members)] for n, members in plain.nodes(data="members")})

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """The strongly connected components of appearing tokens, in priority order (ties by the smallest token)."""
        import networkx as nx

        plain = nx.condensation(self.graph.subgraph(self.tokens))
        members = dict(plain.nodes(data="members"))
        order = nx.lexicographical_topological_sort(plain, key=lambda n: min(members[n]))
        return tuple(frozenset(members[n]) for n in order)

    @cached_property
    def generations(self) -> tuple[tuple[Component, ...], ...]:
        """The components by topological generation: everything above a component lies in earlier generations."""
        import networkx as nx

        layers = nx.topological_generations(self.condensation)
        return tuple(tuple(self.components[n] for n in sorted(layer)) for layer in layers)

    @cached_property
    def component_of(self) -> dict[int, Component]:
        """The component of every appearing token."""
        return {v: component for component in self.components for v in component}

    def tied(self, first: int, second: int) -> bool:
        """u and v lie in one component."""
        return second in self.component_of[first]

    @cached_property
    def _above(self) -> nx.DiGraph:
        import networkx as nx

        return nx.transitive_closure_dag(self.condensation)

    def above(self, first: int, second: int) -> bool:
        """u => v: the second token can be reached from the first, and not conversely."""
        place = {v: n for n, component in enumerate(self.components) for v in component}
        return bool(self._above.has_edge(place[first], place[second]))

    @cached_property
    def ties(self) -> tuple[PriorityEdge, ...]:
        """A spanning tree of ties per component: independent equalities for independent embeddings."""
        return tuple(PriorityEdge(self.query, min(c), v) for c in self.components for v in sorted(c - {min(c)}))

    @cached_property
    def cross_edges(self) -> tuple[PriorityEdge, ...]:
        """The edges y -> v between different components, by token pair."""
        return tuple(PriorityEdge(self.query, u, v) for u, v in sorted(self.graph.edges) if not self.tied(u, v))

    @cached_property
    def component_edges(self) -> tuple[PriorityEdge, ...]:
        """One cross edge per ordered pair of components: the others follow from it and the ties."""
        kept: dict[tuple[Component, Component], PriorityEdge] = {}
        for edge in self.cross_edges:
            kept.setdefault((self.component_of[edge.upper], self.component_of[edge.lower]), edge)
        return tuple(kept.values())

    @cached_property
    def path_pairs(self) -> tuple[PriorityEdge, ...]:
        """Every pair u => v, by token pair: the path form of the Graph-SVM."""
        pairs = ((u, v) for a, b in self._above.edges for u in self.components[a] for v in self.components[b])
        return tuple(PriorityEdge(self.query, u, v) for u, v in sorted(pairs))

    @property
    def strongly_connected(self) -> bool:
        """Ford's condition: the choice model of this query has a finite maximum-likelihood estimate, unique up to a constant."""
        return len(self.components) == 1


def priority_order(graph: nx.DiGraph) -> PriorityOrder:
    """The order of a token-priority graph.

    >>> graph = priority_graphs(AttentionNTP.one_hot_tokens(3, [[1, 0], [1, 0], [2, 0]], [0, 1, 0]))[0]
    >>> [sorted(component) for component in priority_order(graph).components]
    [[0, 1], [2]]
    """
    return PriorityOrder(graph)


def priority_orders(attention: AttentionNTP) -> dict[int, PriorityOrder]:
    """The order of every token-priority graph, by last token; computed once per problem."""
    logit = attention.conditional_logit()
    orders: dict[int, PriorityOrder] = logit.remember(
        "priority orders", lambda: {query: PriorityOrder(graph) for query, graph in priority_graphs(attention).items()}
    )
    return orders


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
    rows = enumerate(zip(attention.choice_sets, attention.labels, label_components(attention)))
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


def describe(graph: nx.DiGraph) -> dict[str, Any]:
    """A graph and its order as JSON: tokens, edges, components in priority order, priorities between components."""
    order = PriorityOrder(graph)
    return {
        "query": order.query,
        "tokens": list(order.tokens),
        "edges": [list(edge) for edge in sorted(graph.edges)],
        "components": [sorted(component) for component in order.components],
        "generations": [[sorted(component) for component in layer] for layer in order.generations],
        "priorities": [list(edge) for edge in sorted(order.condensation.edges)],
        "cross_edges": [[edge.upper, edge.lower] for edge in order.cross_edges],
        "strongly_connected": order.strongly_connected,
    }


__all__ = [
    "PriorityEdge", "PriorityOrder", "appearing_tokens", "cyclic_rows", "dataset_class", "describe", "edge_of", "extra_ties", "ford_condition",
    "is_hub", "label_components", "priority_graphs", "priority_order", "priority_orders", "selection_graphs",
]  # fmt: skip
