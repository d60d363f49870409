"""What rests on what, as SVG to be put into a page: no script is needed, every node is a link.

Shape is the kind, border the proof, fill the evidence; lightness orders the fills, so that print in grey says the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

from markupsafe import Markup

from ..checking.reports import StatementReport
from ..language.verdicts import Outcome
from .status import Status
from .wording import badges, findings

STEP, ROW, MARGIN, SIZE = 60, 17, 118, 5
Link = Callable[[str], str]
Places = Mapping[str, tuple[float, float]]


def depths(reports: Mapping[str, StatementReport]) -> dict[str, int]:
    """The length of the longest chain of statements below each one, among those given.

    Law: larger than the depth of everything it uses.
    """
    found: dict[str, int] = {}

    def depth(label: str) -> int:
        if label not in found:
            found[label] = max((depth(used) + 1 for used in reports[label].uses if used in reports), default=0)
        return found[label]

    return {label: depth(label) for label in reports}


def overview_svg(reports: Mapping[str, StatementReport], statuses: Mapping[str, Status], link: Link) -> Markup:
    """Every statement, one band per area, to the right of everything it rests on.

    Law: one link per statement and one line per pair of statements of which one uses the other.
    """
    places, bands, width, height = _bands(reports, depths(reports))
    body = [f'<rect class="band" x="0" y="{top - ROW / 2:g}" width="{width}" height="{rows * ROW}"/>'
            f'<text x="6" y="{top + 3:g}">{escape(area)}</text>' for area, (top, rows) in bands.items()]  # fmt: skip
    body += _edges(reports, places)
    body += [_node(reports[label], statuses[label], place, link(label)) for label, place in places.items()]
    return figure("".join(body), width, height, f"{len(reports)} statements and what they rest on", "wide")


def area_of(label: str) -> str:
    """The area of a label.

    >>> area_of("linear-ntp.bias"), area_of("mine")
    ('linear-ntp', 'others')
    """
    return label.partition(".")[0] if "." in label else "others"


def _bands(reports: Mapping[str, StatementReport], depth: Mapping[str, int]) -> tuple[Places, dict[str, tuple[float, int]], int, int]:
    places: dict[str, tuple[float, float]] = {}
    bands: dict[str, tuple[float, int]] = {}
    top = ROW
    for area in dict.fromkeys(map(area_of, reports)):
        cells: Counter[int] = Counter()
        for label in (label for label in reports if area_of(label) == area):
            # Odd columns are shifted by half a row, so that a line between neighbours does not pass through a third node.
            places[label] = (MARGIN + STEP * depth[label] + SIZE, top + ROW * (cells[depth[label]] + 0.5 * (depth[label] % 2)))
            cells[depth[label]] += 1
        rows = max(cells.values()) + 1
        bands[area] = (top, rows)
        top += rows * ROW + 6
    return places, bands, MARGIN + STEP * (max(depth.values(), default=0) + 1), top


def _edges(reports: Mapping[str, StatementReport], places: Places) -> list[str]:
    return [_edge(places[used], places[label], used, label) for label in places for used in dict.fromkeys(reports[label].uses) if used in places]


def _edge(start: tuple[float, float], end: tuple[float, float], used: str, label: str) -> str:
    (x, y), (u, v) = start, end
    bend = (u - x) / 2
    path = f"M{x:g} {y:g}C{x + bend:g} {y:g} {u - bend:g} {v:g} {u:g} {v:g}"
    return f'<path class="edge" data-from="{escape(used)}" data-to="{escape(label)}" d="{path}"/>'


def _node(report: StatementReport, status: Status, place: tuple[float, float], address: str, word: str = "") -> str:
    proof, evidence = badges(report, status)
    fill = evidence.word if evidence.word in ("certified", "enclosed", "tested") else "bad" if findings(report) else "none"
    border = "full" if proof.outcome is Outcome.HOLDS else "partial" if status.proof.established else "none"
    title = f"{report.kind} {report.label}: {report.title}; {status.outcome.value}, proof {proof.word}, evidence {evidence.word}"
    x, y = place
    text = f'<text x="{x + SIZE + 5:g}" y="{y + 4:g}">{escape(word)}</text>' if word else ""
    shape = _shape(report.kind, x, y, f"evidence-{fill}")
    inner = f'<g class="node proof-{border}">{shape}<title>{escape(title)}</title></g>{text}'
    where = f' href="{escape(address)}"' if address else ""
    return f'<a data-node="{escape(report.label)}"{where} aria-label="{escape(title)}">{inner}</a>'


def _shape(kind: str, x: float, y: float, fill: str) -> str:
    s = SIZE
    if kind == "theorem":
        return f'<circle class="{fill}" cx="{x:g}" cy="{y:g}" r="{s + 1}"/>'
    if kind in ("erratum", "conjecture"):
        turned = ((0, -s - 2), (s + 2, 0), (0, s + 2), (-s - 2, 0)) if kind == "erratum" else ((0, -s - 1), (s + 2, s), (-s - 2, s))
        return f'<polygon class="{fill}" points="{" ".join(f"{x + a:g},{y + b:g}" for a, b in turned)}"/>'
    return f'<rect class="{fill}" x="{x - s:g}" y="{y - s:g}" width="{2 * s}" height="{2 * s}" rx="{3 if kind == "proposition" else 0}"/>'


LEGEND = (
    "Arrows run from left to right: a statement lies to the right of everything it rests on. Circles are theorems, squares lemmas and "
    "definitions, rounded squares propositions, diamonds errata, triangles conjectures. A thick border: every clause established; dashed: some; "
    "thin: none. Fill, dark to light: evidence certified, enclosed, tested, none; orange: needs attention."
)


def figure(body: str, width: float, height: float, caption: str, kind: str = "", legend: str = LEGEND) -> Markup:
    """An SVG drawing in a frame that scrolls, and its caption outside of it, so that it wraps on a narrow screen."""
    svg = f'<svg class="graph" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="group" aria-label="{escape(caption)}">'
    words = f"<figcaption>{escape(caption)}. {escape(legend)}</figcaption>"
    return Markup(f'<figure class="picture-frame"><div class="picture {kind}" tabindex="0">{svg}{body}</svg></div>{words}</figure>')


def neighbourhood_svg(label: str, reports: Mapping[str, StatementReport], statuses: Mapping[str, Status], link: Link) -> Markup:
    """One statement with what it rests on, two steps down, and what rests on it, one step up; empty where it stands alone.

    Law: from left to right grandparents, parents, the statement, children; a label in every node.
    """
    parents = [used for used in reports[label].uses if used in reports]
    above = {used for parent in parents for used in reports[parent].uses if used in reports} - {*parents, label}
    children = [entry.label for entry in reports.values() if label in entry.uses]
    columns = [column for column in (sorted(above), parents, [label], children) if column]
    if len(columns) == 1:
        return Markup()
    places, width = _columns(columns)
    height = ROW * 1.3 * (max(map(len, columns)) + 1)
    body = [*_edges(reports, places), *(_node(reports[x], statuses[x], place, link(x) if x != label else "", x) for x, place in places.items())]
    return figure("".join(body), width, height, f"{label}, what it rests on (two steps) and what rests on it", "near", "")


def named_svg(reports: Mapping[str, StatementReport], statuses: Mapping[str, Status], link: Link, caption: str) -> Markup:
    """The statements of one part with their names, in columns by the longest chain below them; wider than a page, in a frame that scrolls.

    Law: one link per statement and one line per pair of statements of which one uses the other.
    """
    depth = depths(reports)
    height: dict[str, float] = {}
    columns: list[list[str]] = []
    for level in range(max(depth.values(), default=0) + 1):
        # Near the mean of what they rest on, so that fewer lines cross.
        column = [label for label in reports if depth[label] == level]
        above = {label: [height[used] for used in reports[label].uses if used in height] for label in column}
        columns.append(sorted(column, key=lambda label: sum(above[label]) / len(above[label]) if above[label] else 0.5))
        height |= {label: (row + 0.5) / len(column) for row, label in enumerate(columns[-1])}
    places, width = _columns(columns, _short)
    rows = max(map(len, columns))
    body = [*_edges(reports, places), *(_node(reports[x], statuses[x], place, link(x), _short(x)) for x, place in places.items())]
    return figure("".join(body), width, ROW * 1.3 * (rows + 1), caption, "named")


def _short(label: str) -> str:
    return label.rpartition(".")[2]


def _columns(columns: Iterable[Sequence[str]], word: Callable[[str], str] = str) -> tuple[dict[str, tuple[float, float]], float]:
    places: dict[str, tuple[float, float]] = {}
    x = 10.0
    columns = list(columns)
    high = max(map(len, columns))
    for column in columns:
        for row, name in enumerate(column):
            places[name] = (x, ROW * 1.3 * (row + 1 + (high - len(column)) / 2))
        x += 60 + 6.2 * max(len(word(name)) for name in column)
    return places, x
