"""Figures drawn to files. Byte-stable: fixed SVG ids, no dates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidInput
from ..language.figures import Chart, Diagram, Figure
from ..language.files import write_with

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDINGS = (".png", ".svg", ".pdf")
WIDTH, HEIGHT = 11, 4.2  # of a row of panels, in inches
# Okabe and Ito's colours, each with a line style of its own: nothing is told by colour alone.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLES: tuple[Any, ...] = ("-", "--", "-.", (0, (4, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (6, 2)), (0, (3, 1, 1, 1)))
PARAMETERS: dict[Any, Any] = {"svg.hashsalt": "ntpproofs", "pdf.fonttype": 42, "ps.fonttype": 42, "font.size": 10, "axes.titlesize": 10}


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

    matplotlib.rcParams.update(PARAMETERS)
    page = plt.figure(figsize=(WIDTH, HEIGHT * len(figures)), layout="constrained")
    several = sum(len(figure.panels) for figure in figures) > 1
    letters = iter(ascii_lowercase)
    for row, figure in zip(page.subfigures(len(figures), 1, squeeze=False)[:, 0], figures):
        axes = row.subplots(1, len(figure.panels), squeeze=False)[0]
        for axis, panel in zip(axes, figure.panels):
            draw(axis, panel, f"({next(letters)}) " if several else "")
        if figure.title:
            row.suptitle(figure.title)
    metadata: dict[str, Any] = {"Date": None} if path.suffix == ".svg" else {"CreationDate": None} if path.suffix == ".pdf" else {}
    try:
        write_with(path, lambda beside: page.savefig(beside, metadata=metadata, dpi=150, format=path.suffix[1:]))
    finally:
        plt.close(page)


def draw(axis: Axes, panel: Chart | Diagram, name: str = "") -> None:
    """Draw one panel on a matplotlib axis, its title after its `name`."""
    if isinstance(panel, Chart):
        _chart(axis, panel, name)
    else:
        _diagram(axis, panel, name)


def _chart(axis: Axes, chart: Chart, name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    lines: list[Any] = []
    fresh = 0
    for curve in chart.curves:
        given: dict[str, Any] = {} if curve.width is None else {"linewidth": curve.width}
        if curve.like is not None:
            given["color"] = lines[curve.like].get_color()
        else:
            given |= {"color": COLOURS[fresh % len(COLOURS)]} | ({} if curve.style else {"linestyle": STYLES[fresh % len(STYLES)]})
            fresh += 1
        lines += axis.plot(np.asarray(curve.x), np.asarray(curve.y), *filter(None, [curve.style]), label=curve.label or None, **given)
    for band in chart.bands:
        colour = COLOURS[0] if band.like is None else lines[band.like].get_color()
        axis.fill_between(
            np.asarray(band.x), np.asarray(band.low), np.asarray(band.high), color=colour, alpha=0.2, linewidth=0, label=band.label or None
        )
    for level in chart.levels:
        axis.axhline(level, color="k", linestyle=":", linewidth=1)
    below = "".join(f"\n{note}" for note in chart.notes)
    axis.set(xscale=chart.x_scale, yscale=chart.y_scale, xlabel=chart.x_label + below, ylabel=chart.y_label, title=name + chart.title)
    if chart.x_scale == "linear" and all(float(x).is_integer() for curve in chart.curves for x in curve.x):
        axis.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    if any(curve.label for curve in chart.curves) or any(band.label for band in chart.bands):
        axis.legend(fontsize="small")


def _diagram(axis: Axes, diagram: Diagram, name: str) -> None:
    # Components are shaded; the first class of edges dashed, the others solid; marked nodes have a thick border.
    import networkx as nx
    from matplotlib.lines import Line2D
    from matplotlib.patches import Ellipse

    places = dict(diagram.places)
    for group in diagram.groups:
        xs, ys = zip(*(places[v] for v in group))
        centre = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
        axis.add_patch(Ellipse(centre, max(xs) - min(xs) + 0.9, max(ys) - min(ys) + 0.75, color="0.5", alpha=0.12))
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(places)
    graph.add_edges_from(edge for edges in diagram.edges.values() for edge in edges)
    widths = [2.5 if v in diagram.marked else 1.0 for v in places]
    nx.draw_networkx_nodes(graph, places, list(places), ax=axis, node_color="white", edgecolors="black", linewidths=widths, node_size=420)
    nx.draw_networkx_labels(graph, places, ax=axis, font_size=10)
    # Bent to one side, so that an edge and its reverse are two arrows.
    bent: dict[str, Any] = {"connectionstyle": "arc3,rad=0.18", "node_size": 420, "arrowsize": 13, "arrowstyle": "-|>"}
    entries = []
    looks: tuple[Any, ...] = ("dashed", *["solid"] * len(COLOURS))
    for edges, word, colour, style in zip(diagram.edges.values(), diagram.edges, COLOURS, looks):
        if edges:
            nx.draw_networkx_edges(graph, places, edges, ax=axis, edge_color=colour, style=style, width=1.0 if style == "dashed" else 1.8, **bent)
            entries.append(Line2D([], [], color=colour, linestyle=style, label=word))
    xs, ys = zip(*places.values())
    axis.set(xlim=(min(xs) - 0.9, max(xs) + 0.9), ylim=(min(ys) - 0.9, max(ys) + 0.7), title=name + diagram.title)
    axis.set_axis_off()
    if entries:
        axis.legend(handles=entries, loc="lower center", ncols=len(entries), fontsize="small", frameon=False)
