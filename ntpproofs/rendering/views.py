"""Views for the terminal: Rich renderables, nothing printed here. A narrow window gets rows below each other; nothing is cut off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from ..language.views import Facts, Matrix, Part, Table, View, shown

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

LARGEST_SHOWN, LONGEST_ENTRY = 12, 24
# Below this width names stand over their values.
NARROW = 50


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


class Fitting:
    """A table where the words of all its columns have room beside each other, else its rows as lines, one below the other.

    Law: a word that is shorter than the window is not broken.
    """

    def __init__(self, table: Grid, cells: Iterable[Sequence[str]], lines: Sequence[RenderableType], least: int = 0) -> None:
        self.table, self.lines = table, lines
        columns = zip(*cells, strict=True)
        longest = [max((cell_len(word) for cell in column for word in cell.split()), default=0) for column in columns]
        for column, width in zip(table.columns, longest, strict=True):
            column.min_width = width
        # A blank on either side of every column.
        self.least = max(least, sum(longest) + 2 * len(longest) + 1)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width >= self.least:
            yield self.table
        else:
            yield from self.lines


def _indented(text: str) -> Padding:
    return Padding(Text(text, overflow="fold"), (0, 0, 0, 2))


def _facts(title: str, part: Facts) -> Iterator[RenderableType]:
    grid = Grid(box=None, show_header=False, pad_edge=True)
    grid.add_column(style="bold", overflow="fold")
    grid.add_column(overflow="fold")
    for name, value in part.entries:
        grid.add_row(name, value)
    lines = [line for name, value in part.entries for line in (Text(name, style="bold"), _indented(value))]
    yield _heading(title)
    yield Fitting(grid, part.entries, lines, NARROW)


def _matrix(part: Matrix) -> Iterator[RenderableType]:
    rows = part.rows
    if len(rows) > LARGEST_SHOWN or len(rows[0]) > LARGEST_SHOWN or any(len(str(x)) > LONGEST_ENTRY for row in rows for x in row):
        yield Text(f"{part.title}: {len(rows)} x {len(rows[0])} entries, see --json", style="dim")
        return
    grid = Grid(box=None, show_header=False, pad_edge=True)
    for _ in rows[0]:
        grid.add_column(justify="right", overflow="fold")
    words = [[*map(shown, row)] for row in rows]
    for row in words:
        grid.add_row(*row)
    yield _heading(part.title)
    yield Fitting(grid, words, [_indented(", ".join(row)) for row in words])


def _table(part: Table) -> Iterator[RenderableType]:
    # Rows of sequences differ in length and go on under no heading.
    count = max(map(len, (part.columns, *part.rows)))
    columns, *rows = ([*row, *[""] * (count - len(row))] for row in (part.columns, *part.rows))
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=True)
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    yield _heading(part.title)
    yield Fitting(grid, (columns, *rows), [line for row in rows for line in _row_lines(columns, row)])


def _row_lines(columns: Sequence[str], row: Sequence[str]) -> Iterator[RenderableType]:
    yield Text(row[0], style="bold")
    for column, cell in zip(columns[1:], row[1:], strict=True):
        if cell:
            yield _indented(f"{column}: {cell}" if column else cell)
