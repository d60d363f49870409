"""Figures of several runs in one: panels of one title share their axes, each curve under the name of its run; and the same as a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import StringIO

from ..language.figures import Chart, Curve, Figure

Runs = Sequence[tuple[str, Sequence[Figure]]]


def overlaid(runs: Runs) -> tuple[Figure, ...]:
    """One figure for each place in the runs; a single run is left as it is, and laws (dotted) are drawn for the first run only.

    >>> one = Figure((Chart("error", "t", "e", (Curve([1.0], [2.0], "slope"),)),))
    >>> [curve.label for curve in overlaid([("a", [one]), ("b", [one])])[0].panels[0].curves]
    ['a: slope', 'b: slope']
    """
    if len(runs) < 2:
        return tuple(figure for _, figures in runs for figure in figures)
    most = max(len(figures) for _, figures in runs)
    return tuple(_merged([(name, figures[i]) for name, figures in runs if i < len(figures)]) for i in range(most))


def _merged(figures: Sequence[tuple[str, Figure]]) -> Figure:
    charts: dict[str, Chart] = {}
    others = []
    for k, (name, figure) in enumerate(figures):
        for panel in figure.panels:
            if not isinstance(panel, Chart):
                others += [panel] if not k else []
                continue
            known = charts.get(panel.title)
            kept = tuple(_named(curve, name, 0 if known is None else len(known.curves)) for curve in panel.curves if not k or curve.style != ":")
            if known is None:
                charts[panel.title] = replace(panel, curves=kept)
            else:
                scale = "log" if known.y_scale == panel.y_scale == "log" else known.y_scale
                charts[panel.title] = replace(known, curves=(*known.curves, *kept), y_scale=scale)
    return Figure((*charts.values(), *others), figures[0][1].title)


def _named(curve: Curve, name: str, offset: int) -> Curve:
    return replace(curve, label=f"{name}: {curve.label}" if curve.label else "", like=None if curve.like is None or offset else curve.like)


def as_csv(runs: Runs) -> str:
    """Every curve of every chart, point by point: run, chart, curve, x, y.

    >>> one = Figure((Chart("error", "t", "e", (Curve([1.0], [2.0], "slope"),)),))
    >>> as_csv([("a", [one])]).splitlines()
    ['run,chart,curve,x,y', 'a,error,slope,1.0,2.0']
    """
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("run", "chart", "curve", "x", "y"))
    writer.writerows(_points(runs))
    return buffer.getvalue()


def _points(runs: Runs) -> Iterator[tuple[str, str, str, float, float]]:
    for name, figures in runs:
        for chart in (panel for figure in figures for panel in figure.panels if isinstance(panel, Chart)):
            for i, curve in enumerate(chart.curves):
                label = curve.label or f"curve {i}"
                yield from ((name, chart.title, label, float(x), float(y)) for x, y in zip(curve.x, curve.y))
