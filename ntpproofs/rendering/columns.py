"""Tables that fit the terminal: columns of free length share what the others leave, and the least important ones are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

# Blanks after a column where everything fits, and where it does not.
WIDE_GAP, GAP = 2, 1


@dataclass(frozen=True)
class Column:
    """A heading. Where the table is too wide, columns with the largest `drop` go first, those with 0 never; `least` is the width
    down to which a cell may be wrapped, 0 for one that may not."""

    name: str
    drop: int = 0
    least: int = 0
    right: bool = False


class Columns:
    """A table that chooses its columns when it is printed, and says which ones it left out.

    Law: in a window at least as wide as the columns that are never dropped, no line is longer than the window.
    """

    def __init__(self, columns: Iterable[Column], rows: Iterable[Sequence[str | Text]]) -> None:
        self.columns = tuple(columns)
        self.rows = [[Text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        kept, widths = self.fitting(options.max_width)
        gap = WIDE_GAP if sum(widths) + WIDE_GAP * len(widths) <= options.max_width else GAP
        table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
        for index, width in zip(kept, widths):
            column = self.columns[index]
            table.add_column(column.name, justify="right" if column.right else "left", overflow="fold", width=width)
        for row in self.rows:
            table.add_row(*(row[index] for index in kept))
        yield table
        if left_out := [column.name for index, column in enumerate(self.columns) if index not in kept]:
            yield Text(f"not shown at this width: {', '.join(left_out)}", style="dim", overflow="fold")

    def fitting(self, room: int) -> tuple[list[int], list[int]]:
        """The indices of the columns shown in a window of `room` columns, and their widths."""
        natural = [self._natural(index) for index in range(len(self.columns))]
        least = [min(width, column.least or width) for width, column in zip(natural, self.columns)]
        kept = list(range(len(self.columns)))
        while _total(least, kept) > room and any(self.columns[index].drop for index in kept):
            kept.remove(max(kept, key=lambda index: self.columns[index].drop))
        return kept, _shared(natural, least, kept, room)

    def _natural(self, index: int) -> int:
        lines = [line for row in self.rows for line in row[index].plain.split("\n")]
        return max(map(cell_len, [self.columns[index].name, *lines]))


def _total(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[index] + GAP for index in kept)


def _shared(natural: Sequence[int], least: Sequence[int], kept: Sequence[int], room: int) -> list[int]:
    # Everybody gets the least; what is left is shared in proportion to what each still wants.
    spare = max(0, room - _total(least, kept))
    wants = sum(natural[index] - least[index] for index in kept)
    return [least[index] + (natural[index] - least[index]) * min(spare, wants) // max(wants, 1) for index in kept]
