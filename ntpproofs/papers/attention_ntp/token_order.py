"""The order that a token-priority graph puts on its tokens: strongly connected components, and which of them is above which.

A graph is its edges here, and no graph library is loaded: `limit` has its answer before one would be imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import networkx as nx

Component = frozenset[int]
Edge = tuple[int, int]


class PriorityEdge(NamedTuple):
    """`upper` has priority over `lower` (or must equal it, for a tie) for the query `query`: the row (e_upper - e_lower) e_query^T."""

    query: int
    upper: int
    lower: int


@dataclass(frozen=True, eq=False)
class PriorityOrder:
    """The order a token-priority graph puts on its appearing tokens. `tokens` and `edges` are sorted, edges are without self-loops."""

    query: int
    tokens: tuple[int, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def _below(self) -> dict[int, tuple[int, ...]]:
        found: dict[int, list[int]] = {v: [] for v in self.tokens}
        for u, v in self.edges:
            found[u].append(v)
        return {u: tuple(others) for u, others in found.items()}

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """The strongly connected components of appearing tokens, in priority order (ties by the smallest token)."""
        parts = strong_components(self._below)
        number = {v: n for n, part in enumerate(parts) for v in part}
        pairs = {(number[u], number[v]) for u, v in self.edges if number[u] != number[v]}
        waiting = [0] * len(parts)
        for _, lower in pairs:
            waiting[lower] += 1
        ready = [(min(part), n) for n, part in enumerate(parts) if not waiting[n]]
        heapify(ready)
        order: list[Component] = []
        while ready:
            _, n = heappop(ready)
            order.append(parts[n])
            for lower in (b for a, b in pairs if a == n):
                waiting[lower] -= 1
                if not waiting[lower]:
                    heappush(ready, (min(parts[lower]), lower))
        return tuple(order)

    @cached_property
    def _place(self) -> dict[int, int]:
        return {v: n for n, component in enumerate(self.components) for v in component}

    @cached_property
    def priorities(self) -> tuple[Edge, ...]:
        """The edges of the condensation, sorted: (a, b) for an edge from `components[a]` into `components[b]`."""
        place = self._place
        return tuple(sorted({(place[u], place[v]) for u, v in self.edges if place[u] != place[v]}))

    @cached_property
    def condensation(self) -> nx.DiGraph:
        """The acyclic graph of components: node c of the condensation is `components[c]`."""
        import networkx as nx

        graph = nx.DiGraph(self.priorities)
        graph.add_nodes_from((n, {"members": component}) for n, component in enumerate(self.components))
        return graph

    @cached_property
    def generations(self) -> tuple[tuple[Component, ...], ...]:
        """The components by topological generation: everything above a component lies in earlier generations."""
        depth = [0] * len(self.components)
        for a, b in self.priorities:  # sorted, and a < b: depths above are final
            depth[b] = max(depth[b], depth[a] + 1)
        layers: list[list[Component]] = [[] for _ in range(max(depth, default=-1) + 1)]
        for n, component in enumerate(self.components):
            layers[depth[n]].append(component)
        return tuple(map(tuple, layers))

    @cached_property
    def component_of(self) -> dict[int, Component]:
        """The component of every appearing token."""
        return {v: component for component in self.components for v in component}

    def tied(self, first: int, second: int) -> bool:
        """u and v lie in one component."""
        return second in self.component_of[first]

    @cached_property
    def _reached(self) -> tuple[frozenset[int], ...]:
        # What every component is above, from the last one up.
        found: list[frozenset[int]] = [frozenset()] * len(self.components)
        for n in reversed(range(len(self.components))):
            lower = [b for a, b in self.priorities if a == n]
            found[n] = frozenset(lower).union(*(found[b] for b in lower))
        return tuple(found)

    def above(self, first: int, second: int) -> bool:
        """u => v: the second token can be reached from the first, and not conversely."""
        return self._place[second] in self._reached[self._place[first]]

    @cached_property
    def ties(self) -> tuple[PriorityEdge, ...]:
        """A spanning tree of ties per component: independent equalities for independent embeddings."""
        return tuple(PriorityEdge(self.query, min(c), v) for c in self.components for v in sorted(c - {min(c)}))

    @cached_property
    def cross_edges(self) -> tuple[PriorityEdge, ...]:
        """The edges y -> v between different components, by token pair."""
        return tuple(PriorityEdge(self.query, u, v) for u, v in self.edges if not self.tied(u, v))

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
        pairs = ((u, v) for a, lower in enumerate(self._reached) for b in lower for u in self.components[a] for v in self.components[b])
        return tuple(PriorityEdge(self.query, u, v) for u, v in sorted(pairs))

    @property
    def strongly_connected(self) -> bool:
        """Ford's condition: the choice model of this query has a finite maximum-likelihood estimate, unique up to a constant."""
        return len(self.components) == 1


def strong_components(below: Mapping[int, Sequence[int]]) -> list[Component]:
    """The strongly connected components of a graph given by its successors (Tarjan 1972, without recursion).

    >>> sorted(map(sorted, strong_components({0: (1,), 1: (0, 2), 2: ()})))
    [[0, 1], [2]]
    """
    number, low = dict[int, int](), dict[int, int]()
    open_: list[int] = []
    inside, found = set[int](), list[Component]()
    for root in below:
        path = [] if root in number else [(root, iter(below[root]))]
        while path:
            u, rest = path[-1]
            if u not in number:
                number[u] = low[u] = len(number)
                open_.append(u)
                inside.add(u)
            v = next((v for v in rest if v not in number or v in inside), None)
            if v is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[u])
                if low[u] == number[u]:
                    part = open_[open_.index(u) :]
                    del open_[-len(part) :]
                    inside -= set(part)
                    found.append(frozenset(part))
            elif v not in number:
                path.append((v, iter(below[v])))
            else:
                low[u] = min(low[u], number[v])
    return found


__all__ = ["Component", "PriorityEdge", "PriorityOrder", "strong_components"]
