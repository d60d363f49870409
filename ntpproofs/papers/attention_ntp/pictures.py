"""Pictures of token-priority graphs, layered by topological generation of their condensations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...language.figures import Diagram, Figure
from .priority_graph import priority_graphs, priority_order
from .problem import AttentionNTP

if TYPE_CHECKING:
    import networkx as nx

MOST_GRAPHS = 4


def layout(graph: nx.DiGraph) -> dict[int, tuple[float, float]]:
    """Positions of the appearing tokens: one row per generation, highest priority on top; the tokens of a component side by side.

    >>> layout(priority_graphs(AttentionNTP.one_hot_tokens(2, [[1, 0]], [1]))[0])
    {1: (0.0, 0.0), 0: (0.0, -1.0)}
    """
    places = {}
    for depth, layer in enumerate(priority_order(graph).generations):
        width = sum(len(component) for component in layer) + 0.6 * (len(layer) - 1)
        x = (1 - width) / 2
        for component in layer:
            for v in sorted(component):
                # A slight arch keeps the edges inside a component of three or more apart.
                places[v] = (round(x, 6), -float(depth) + (0.4 if len(component) > 2 and sorted(component).index(v) % 2 else 0.0))
                x += 1
            x += 0.6
    return places


def diagram(graph: nx.DiGraph) -> Diagram:
    """One graph: ties inside components first, then the priorities between them; components of several tokens belong together; the
    query is marked."""
    order, places = priority_order(graph), layout(graph)
    edges = sorted(graph.subgraph(order.tokens).edges)
    return Diagram(
        title=f"query {order.query}",
        places={v: places[v] for v in order.tokens},
        edges={
            "tie": tuple((u, v) for u, v in edges if order.tied(u, v)),
            "priority": tuple((u, v) for u, v in edges if not order.tied(u, v)),
        },
        groups=tuple(frozenset(component) for component in order.components if len(component) > 1),
        marked=frozenset({order.query}),
    )


def graph_figures(problem: AttentionNTP) -> tuple[Figure, ...]:
    """At most four graphs fit side by side: the ones with the most edges, in order of their query."""
    every = priority_graphs(problem)
    kept = sorted(every, key=lambda query: (-every[query].number_of_edges(), query))[:MOST_GRAPHS]
    omitted = f" ({len(kept)} of {len(every)}, the ones with most edges)" if len(kept) < len(every) else ""
    panels = tuple(diagram(every[query]) for query in sorted(kept))
    return (Figure(panels, "token-priority graphs: ties dashed, priorities solid" + omitted),)
