"""Pictures of token-priority graphs, layered by topological generation of their condensations."""

from __future__ import annotations

from typing import Any

import networkx as nx
from matplotlib.patches import Ellipse

from ..papers.attention_ntp.priority_graph import PriorityOrder

COLOURS = {"tie": "tab:blue", "cross": "tab:red"}


def layout(graph: nx.DiGraph) -> dict[int, tuple[float, float]]:
    """Positions of the appearing tokens: one row per generation, highest priority on top; the tokens of a component side by side.

    >>> from ntpproofs.geometry import priority_graphs
    >>> from ntpproofs.problems import AttentionNTP
    >>> layout(priority_graphs(AttentionNTP.one_hot_tokens(2, [[1, 0]], [1]))[0])
    {1: (0.0, 0.0), 0: (0.0, -1.0)}
    """
    places = {}
    for depth, layer in enumerate(PriorityOrder(graph).generations):
        width = sum(len(component) for component in layer) + 0.6 * (len(layer) - 1)
        x = (1 - width) / 2
        for component in layer:
            for v in sorted(component):
                # A slight arch keeps the edges inside a component of three or more apart.
                places[v] = (round(x, 6), -float(depth) + (0.4 if len(component) > 2 and sorted(component).index(v) % 2 else 0.0))
                x += 1
            x += 0.6
    return places


def draw_graph(axis: Any, graph: nx.DiGraph) -> None:
    """Draw one graph on a matplotlib axis: ties blue inside shaded components, cross edges red, the query with a thick border."""
    order, places = PriorityOrder(graph), layout(graph)
    for component in order.components:
        if len(component) > 1:
            xs, ys = zip(*(places[v] for v in component))
            centre = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
            axis.add_patch(Ellipse(centre, max(xs) - min(xs) + 0.9, max(ys) - min(ys) + 0.75, color="tab:blue", alpha=0.12))
    tokens, inside = list(order.tokens), graph.subgraph(order.tokens)
    widths = [2.5 if v == order.query else 1.0 for v in tokens]
    nx.draw_networkx_nodes(inside, places, tokens, ax=axis, node_color="white", edgecolors="black", linewidths=widths, node_size=420)
    nx.draw_networkx_labels(inside, places, ax=axis, font_size=10)
    for kind, colour in COLOURS.items():
        edges = [(u, v) for u, v in sorted(inside.edges) if order.tied(u, v) == (kind == "tie")]
        nx.draw_networkx_edges(inside, places, edges, ax=axis, edge_color=colour, connectionstyle="arc3,rad=0.18", node_size=420, arrowsize=12)
    xs, ys = zip(*places.values())
    axis.set(xlim=(min(xs) - 0.9, max(xs) + 0.9), ylim=(min(ys) - 0.7, max(ys) + 0.7), title=f"query {order.query}")
    axis.set_axis_off()
