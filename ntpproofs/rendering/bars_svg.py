"""Counts as stacked bars, in SVG: how much is established in each area, and where a search looked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape

from markupsafe import Markup

from ..checking.clauses import Support
from ..checking.reports import StatementReport
from .graph_svg import area_of, figure
from .status import Status

# Okabe and Ito's colours, told apart by people who see no red or green; every part carries its number too.
COLOURS = ("#0072b2", "#56b4e9", "#009e73", "#e69f00", "#f0e442", "#cc79a7", "#d55e00")
WIDTH, ROW = 640, 26


def support_bars(reports: Mapping[str, StatementReport], statuses: Mapping[str, Status]) -> Markup:
    """The clauses of each area by what they rest on, ancestors included.

    Law: the numbers of an area add up to its clauses.
    """
    words = [support.word for support in sorted(Support, reverse=True)]
    counts: dict[str, Counter[str]] = {}
    for label in reports:
        counts.setdefault(area_of(label), Counter()).update(support.word for support in statuses[label].proof.supports)
    return stacked_svg(counts, words, "Clauses by what they rest on, ancestors included")


def stacked_svg(rows: Mapping[str, Mapping[str, int]], words: list[str], caption: str) -> Markup:
    """One bar per row, one part per word that occurs, at most seven of them; the numbers stand in the caption too.

    >>> "<title>a: 2 drawn</title>" in stacked_svg({"a": {"drawn": 2}}, ["drawn"], "Instances")
    True
    """
    used = [word for word in words if any(row.get(word) for row in rows.values())]
    left = 20 + 6.5 * max(map(len, rows), default=0)
    largest = max((sum(row.values()) for row in rows.values()), default=0) or 1
    body = []
    for place, (name, row) in enumerate(rows.items()):
        y, x = 34 + ROW * place, left
        body.append(f'<text x="6" y="{y + 13}">{escape(name)}</text>')
        for word, colour in zip(used, COLOURS, strict=False):
            wide = WIDTH * row.get(word, 0) / largest
            body.append(_part(x, y, wide, colour, f"{name}: {row[word]} {word}", row[word]) if row.get(word) else "")
            x += wide
    x = left
    for word, colour in zip(used, COLOURS, strict=False):
        body.append(f'<rect x="{x:g}" y="8" width="12" height="12" style="fill:{colour}"/><text x="{x + 17:g}" y="18">{escape(word)}</text>')
        x += 40 + 6.5 * len(word)
    said = "; ".join(f"{name}: " + ", ".join(f"{row[word]} {word}" for word in used if row.get(word)) for name, row in rows.items())
    return figure("".join(body), max(left + WIDTH, x) + 10, 40 + ROW * len(rows), caption, "wide", said + ".")


def _part(x: float, y: float, wide: float, colour: str, words: str, number: int) -> str:
    shape = f'x="{x:.1f}" y="{y}" width="{wide:.1f}" height="18" style="fill:{colour};stroke:#000;stroke-width:.5"'
    bar = f"<rect {shape}><title>{escape(words)}</title></rect>"
    ink = "#fff" if colour == COLOURS[0] else "#000"
    return bar + (f'<text x="{x + wide / 2:.1f}" y="{y + 13}" text-anchor="middle" style="fill:{ink}">{number}</text>' if wide > 16 else "")
