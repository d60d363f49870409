"""Views for the terminal: Rich renderables, nothing printed here. A narrow window folds words, it never cuts one off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table as Grid
from rich.text import Text

from ..language.views import Facts, Matrix, Part, Table, View, shown

if TYPE_CHECKING:
    from rich.console import RenderableType

LARGEST_SHOWN, LONGEST_ENTRY = 12, 24


def view_text(view: View) -> Iterator[RenderableType]:
    """The parts of a view in reading order; its title stands over the facts that have none of their own.

    >>> [str(part) for part in view_text(View("pair", (Matrix("a wide one", [[1] * 13]),)))]
    ['a wide one: 1 x 13 entries, see --json']
    """
    for part in view.parts:
        yield from _rendered(view.title, part)


def _rendered(title: str, part: Part) -> Iterator[RenderableType]:
    if isinstance(part, Facts):
        yield from _facts(part.title or title, part)
    elif isinstance(part, Matrix):
        yield from _matrix(part)
    elif isinstance(part, Table):
        yield from _table(part)
    else:
        yield Text(part.text, style="dim" if part.faint else "")


def _heading(title: str) -> Text:
    return Text(f"\n{title}", style="bold")


def _facts(title: str, part: Facts) -> Iterator[RenderableType]:
    grid = Grid(box=None, show_header=False, pad_edge=True)
    grid.add_column(style="bold", overflow="fold")
    grid.add_column(overflow="fold")
    for name, value in part.entries:
        grid.add_row(name, value)
    yield _heading(title)
    yield grid


def _matrix(part: Matrix) -> Iterator[RenderableType]:
    rows = part.rows
    if len(rows) > LARGEST_SHOWN or len(rows[0]) > LARGEST_SHOWN or any(len(str(x)) > LONGEST_ENTRY for row in rows for x in row):
        yield Text(f"{part.title}: {len(rows)} x {len(rows[0])} entries, see --json", style="dim")
        return
    grid = Grid(box=None, show_header=False, pad_edge=True)
    for _ in rows[0]:
        grid.add_column(justify="right", overflow="fold")
    for row in rows:
        grid.add_row(*map(shown, row))
    yield _heading(part.title)
    yield grid


def _table(part: Table) -> Iterator[RenderableType]:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=True)
    for column in part.columns:
        grid.add_column(column, overflow="fold")
    for row in part.rows:
        grid.add_row(*row)
    yield _heading(part.title)
    yield grid
