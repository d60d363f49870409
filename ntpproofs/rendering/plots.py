"""Figures drawn to files. Byte-stable: fixed SVG ids, no dates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidInput
from ..language.figures import Chart, Diagram, Figure
from ..language.files import write_with

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDINGS = (".png", ".svg", ".pdf")
WIDTH, HEIGHT = 11, 4.2  # of a row of panels, in inches
COLOURS = ("tab:blue", "tab:red")


def check_ending(path: Path) -> None:
    """Raise `InvalidInput` for an ending other than .png, .svg, .pdf."""
    if path.suffix not in ENDINGS:
        raise InvalidInput(str(path), f"has the ending {path.suffix!r}", f"give a file ending in {', '.join(ENDINGS)}")


def plot(figures: Sequence[Figure], path: Path) -> None:
    """Draw figures below one another, the panels of each side by side.

    Raises `InvalidInput` for an ending other than .png, .svg, .pdf, for no figures at all, and for a path that cannot be written.
    """
    check_ending(path)
    if not figures:
        raise InvalidInput("--plot", "has nothing to draw for this kind of problem", "drop the option")
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    matplotlib.rcParams["svg.hashsalt"] = "ntpproofs"
    matplotlib.rcParams["pdf.fonttype"] = 42
    page = plt.figure(figsize=(WIDTH, HEIGHT * len(figures)), layout="constrained")
    for row, figure in zip(page.subfigures(len(figures), 1, squeeze=False)[:, 0], figures):
        axes = row.subplots(1, len(figure.panels), squeeze=False)[0]
        for axis, panel in zip(axes, figure.panels):
            draw(axis, panel)
        if figure.title:
            row.suptitle(figure.title)
    metadata: dict[str, Any] = {"Date": None} if path.suffix == ".svg" else {"CreationDate": None} if path.suffix == ".pdf" else {}
    try:
        write_with(path, lambda beside: page.savefig(beside, metadata=metadata, dpi=150, format=path.suffix[1:]))
    finally:
        plt.close(page)


def draw(axis: Axes, panel: Chart | Diagram) -> None:
    """Draw one panel on a matplotlib axis."""
    if isinstance(panel, Chart):
        _chart(axis, panel)
    else:
        _diagram(axis, panel)


def _chart(axis: Axes, chart: Chart) -> None:
    lines: list[Any] = []
    for curve in chart.curves:
        given: dict[str, Any] = {} if curve.width is None else {"linewidth": curve.width}
        if curve.like is not None:
            given["color"] = lines[curve.like].get_color()
        lines += axis.plot(np.asarray(curve.x), np.asarray(curve.y), curve.style, label=curve.label or None, **given)
    for level in chart.levels:
        axis.axhline(level, color="k", linestyle=":", linewidth=1)
    axis.set(xscale=chart.x_scale, yscale=chart.y_scale, xlabel=chart.x_label, ylabel=chart.y_label, title=chart.title)
    if any(curve.label for curve in chart.curves):
        axis.legend(fontsize="small")


def _diagram(axis: Axes, diagram: Diagram) -> None:
    # Ties blue inside shaded groups, other edges red, marked nodes with a thick border.
    import networkx as nx
    from matplotlib.patches import Ellipse

    places = dict(diagram.places)
    for group in diagram.groups:
        xs, ys = zip(*(places[v] for v in group))
        centre = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
        axis.add_patch(Ellipse(centre, max(xs) - min(xs) + 0.9, max(ys) - min(ys) + 0.75, color=COLOURS[0], alpha=0.12))
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(places)
    graph.add_edges_from(edge for edges in diagram.edges.values() for edge in edges)
    widths = [2.5 if v in diagram.marked else 1.0 for v in places]
    nx.draw_networkx_nodes(graph, places, list(places), ax=axis, node_color="white", edgecolors="black", linewidths=widths, node_size=420)
    nx.draw_networkx_labels(graph, places, ax=axis, font_size=10)
    for edges, colour in zip(diagram.edges.values(), COLOURS):
        nx.draw_networkx_edges(graph, places, edges, ax=axis, edge_color=colour, connectionstyle="arc3,rad=0.18", node_size=420, arrowsize=12)
    xs, ys = zip(*places.values())
    axis.set(xlim=(min(xs) - 0.9, max(xs) + 0.9), ylim=(min(ys) - 0.7, max(ys) + 0.7), title=diagram.title)
    axis.set_axis_off()
