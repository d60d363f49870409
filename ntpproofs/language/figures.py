"""Pictures as data: charts of curves and diagrams of graphs, drawn by `rendering.plots` and by nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Scale = Literal["linear", "log"]


@dataclass(frozen=True, eq=False)
class Curve:
    """One line; colours and line styles are given out in order where `style` is empty.

    `like` is the index of the curve of the same chart whose colour it takes: a law drawn beside what was measured.
    """

    x: np.ndarray | Sequence[float]
    y: np.ndarray | Sequence[float]
    label: str = ""
    style: str = ""
    width: float | None = None
    like: int | None = None


@dataclass(frozen=True, eq=False)
class Band:
    """What lies between two curves, such as the spread over instances; `like` as for a curve."""

    x: np.ndarray | Sequence[float]
    low: np.ndarray | Sequence[float]
    high: np.ndarray | Sequence[float]
    label: str = ""
    like: int | None = None


@dataclass(frozen=True, eq=False)
class Chart:
    """Curves over one pair of axes, labels in mathtext with their units; `levels` are dotted horizontal lines, `notes` stand below."""

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"
    levels: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, eq=False)
class Diagram:
    """A directed graph: where its nodes lie, its edges by class, nodes that belong together, and the nodes with a thick border.

    The classes of edges are drawn in order, the first dashed, the second solid, and named in a legend where they have edges; an edge in
    both directions is two arrows.
    """

    title: str
    places: Mapping[int, tuple[float, float]]
    edges: Mapping[str, tuple[tuple[int, int], ...]]
    groups: tuple[frozenset[int], ...] = ()
    marked: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class Figure:
    """Panels side by side under a title."""

    panels: tuple[Chart | Diagram, ...]
    title: str = ""
