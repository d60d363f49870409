r"""Dependency graphs in TikZ with computed coordinates: of a paper, of everything, and to depth 2 around one statement.

Shape is the kind, border the proof axis, fill the evidence axis. An edge is *found* where a clause names the statement it rests on and
*declared* where only the statement as a whole does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from ...checking.clauses import Support
from .escaping import Tex
from .pages import Page

# Nodes in one row and the distances between them, in centimetres.
ACROSS, STEP, DOWN = 12, 1.08, 1.0
DEPTH, LARGEST = 2, 30
_BORDERS = {
    Support.PROVED: "ntpproved", Support.CERTIFIED: "ntpproved", Support.ARGUED: "ntpargued", Support.CITED: "ntpargued",
    Support.INSTANCES: "ntpinstances", Support.UNCHECKED: "ntpopenborder", Support.OPEN: "ntpopenborder",
}  # fmt: skip
_FILLS = {"certified": "ntpcertified", "enclosed": "ntpenclosed", "tested": "ntptested"}


@dataclass(frozen=True)
class Graph:
    """Pages as nodes and arrows from what is used to what uses it, with the tag of each."""

    pages: Mapping[str, Page]
    edges: tuple[tuple[str, str, str], ...]

    def mean(self, places: Mapping[str, tuple[float, float]], label: str) -> float:
        """The mean of where those of its neighbours stand that have a place; the middle if none has."""
        return _mean(places, (used if user == label else user for used, user, _ in self.edges if label in (used, user)))


def graph_of(pages: Iterable[Page]) -> Graph:
    """The graph of some pages."""
    known = {page.report.label: page for page in pages}
    edges = []
    for label, page in known.items():
        named = {used for clause in page.report.clauses for used in clause.by}
        edges += [(used, label, "found" if used in named else "declared") for used in page.report.uses if used in known]
    return Graph(known, tuple(edges))


def around(graph: Graph, label: str, depth: int = DEPTH) -> Graph | None:
    """The part of a graph within `depth` steps of a statement, up and down; None where that is it alone, or too much to draw."""
    directed = nx.DiGraph([(used, user) for used, user, _ in graph.edges])
    if label not in directed:
        return None
    near = set(nx.single_source_shortest_path_length(directed, label, depth)) | set(
        nx.single_source_shortest_path_length(directed.reverse(copy=False), label, depth)
    )
    if len(near) > LARGEST:
        near = {label, *directed.predecessors(label), *directed.successors(label)}
    if len(near) > LARGEST or len(near) == 1:
        return None
    pages = {name: page for name, page in graph.pages.items() if name in near}
    return Graph(pages, tuple(edge for edge in graph.edges if edge[0] in near and edge[1] in near))


def tikz(graph: Graph, center: str = "") -> Tex:
    """The picture: rows by longest path from what rests on nothing, order within a row by the mean of what is above."""
    return node_lines(graph, places_of(graph), center)


def node_lines(graph: Graph, places: Mapping[str, tuple[float, float]], center: str = "") -> Tex:
    """The picture with given places."""
    names = {label: f"n{i}" for i, label in enumerate(places)}
    lines = [r"\begin{tikzpicture}[x=1cm,y=1cm]"]
    for label, (x, y) in places.items():
        page = graph.pages[label]
        styles = [f"ntp{page.environment}", _border(page), _fill(page), *(["ntpcenter"] if label == center else [])]
        styles = [style for style in styles if style]
        lines.append(rf"\node[ntpnode,{','.join(styles)}] ({names[label]}) at ({x:.2f},{y:.2f}) {{\ntpnumber{{thm:{page.id}}}{{{page.short}}}}};")
    for used, user, tag in graph.edges:
        lines.append(rf"\draw[ntp{tag}] ({names[used]}) to ({names[user]});")
    return Tex("\n".join([*lines, r"\end{tikzpicture}"]))


def _border(page: Page) -> str:
    return _BORDERS[page.status.proof.grade]


def _fill(page: Page) -> str:
    return _FILLS.get(page.badges[1].word, "")


def places_of(graph: Graph) -> dict[str, tuple[float, float]]:
    """Where each statement stands, in centimetres; what is joined to nothing comes last."""
    directed: nx.DiGraph[str] = nx.DiGraph()
    directed.add_nodes_from(graph.pages)
    directed.add_edges_from((used, user) for used, user, _ in graph.edges)
    places: dict[str, tuple[float, float]] = {}
    y = 0.0
    alone = [label for label in graph.pages if directed.degree(label) == 0]
    for layer in [*nx.topological_generations(directed.subgraph(label for label in graph.pages if label not in alone)), alone]:
        ordered = sorted(layer, key=lambda label: (_mean(places, directed.predecessors(label)), list(graph.pages).index(label)))
        places |= placed(ordered, y)
        y -= DOWN * len(_rows(ordered))
    return places


def placed(ordered: Sequence[str], y: float) -> dict[str, tuple[float, float]]:
    """Statements in rows, from a height on downwards, each row in the middle of the line."""
    places: dict[str, tuple[float, float]] = {}
    for row in _rows(ordered):
        shift = (ACROSS - len(row)) * STEP / 2
        places |= {label: (shift + i * STEP + (0.25 if len(row) % 2 else 0.0), y) for i, label in enumerate(row)}
        y -= DOWN
    return places


def _mean(places: Mapping[str, tuple[float, float]], names: Iterable[str]) -> float:
    found = [places[name][0] for name in names if name in places]
    return sum(found) / len(found) if found else ACROSS * STEP / 2


def _rows(layer: Sequence[str]) -> list[Sequence[str]]:
    count = -(-len(layer) // ACROSS)
    size = -(-len(layer) // count) if count else 1
    return [layer[i : i + size] for i in range(0, len(layer), size)]
